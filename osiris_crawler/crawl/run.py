"""One run of a crawl over a collection: what Scrapy's parts share.

a page's way:  scheduler leases an address → the wire capture writes the exchange and syncs it → `record` marks it
captured in the ledger → the spider reads it → the pipelines validate, deduplicate, mark it read with its links in one
transaction, and write the reading to the WARC → at the end the dataset is the join of all readings.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from scrapy import Request
from scrapy.http import Response

from osiris_crawler.archive import wire
from osiris_crawler.archive.clock import Clock
from osiris_crawler.archive.exchange import Exchange
from osiris_crawler.archive.http import HttpMessage, parse_response
from osiris_crawler.archive.records import digest
from osiris_crawler.archive.writer import ArchiveWriteError, Kept, WarcWriter
from osiris_crawler.care.restrictions import kept_back
from osiris_crawler.crawl.budget import Budget
from osiris_crawler.crawl.guard import Guard
from osiris_crawler.crawl.line import Line
from osiris_crawler.crawl.notes import exchange_note, failure_note, reading_note
from osiris_crawler.crawl.politeness import Politeness, is_loopback, origin, retry_after
from osiris_crawler.crawl.reading import Reader
from osiris_crawler.crawl.repeats import FILES, Repeats
from osiris_crawler.crawl.robots import Fetch, learn_robots
from osiris_crawler.crawl.start import start_problem
from osiris_crawler.dataset.publish import Published, publish
from osiris_crawler.dataset.sections import Sections
from osiris_crawler.errors import Exit, OsirisError
from osiris_crawler.i18n import _
from osiris_crawler.ledger.db import LedgerWriteError
from osiris_crawler.ledger.frontier import Lease
from osiris_crawler.ledger.intake import capture_of
from osiris_crawler.ledger.learning import frozen, renew
from osiris_crawler.ledger.ledger import Held, Ledger, verdict_on
from osiris_crawler.ledger.own_notes import OwnNotes
from osiris_crawler.ledger.page import Page
from osiris_crawler.ledger.scope import Scope
from osiris_crawler.paths import Collection
from osiris_crawler.settings import Settings
from osiris_crawler.site import urls
from osiris_crawler.site.profile import Site

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from osiris_crawler.crawl.updating import Updater

log = logging.getLogger(__name__)

LEASE = "osiris_lease"  # request.meta: the address that a request is for
CAPTURE = "osiris_capture"  # request.meta: the capture and its row, set when it is safe
FOUND = "osiris_found"  # request.meta: how a page was found and how long it took, for its reading's record
COMMIT_EVERY = 0.25  # seconds; what a kill takes from the ledger is found again in the WARC files
COUNT_EVERY = 2.0  # seconds
# Seconds that what is on its way may take when a run ends: long for a budget, so that large files come, short for a person.
GRACE, GRACE_ON_INTERRUPT = 60.0, 5.0


@dataclass(slots=True)
class Tally:
    """What a run has done so far."""

    requests: int = 0
    bytes: int = 0
    pages: int = 0
    articles: int = 0
    files: int = 0
    aliases: int = 0
    duplicates: int = 0
    failed_attempts: int = 0
    revisits: int = 0
    saved: int = 0  # bytes of bodies that revisit records did not repeat
    statuses: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)


_RUNS: WeakKeyDictionary[Crawler, Run] = WeakKeyDictionary()


def register(crawler: Crawler, run: Run) -> None:
    _RUNS[crawler] = run


def registered(crawler: Crawler) -> Run | None:
    """The run of a crawler, if it has been opened."""
    return _RUNS.get(crawler)


def run_of(crawler: Crawler) -> Run:
    """The run that a Scrapy crawler belongs to; it is opened by the extension before the engine is made."""
    try:
        return _RUNS[crawler]
    except KeyError:
        raise OsirisError(
            _("This crawler has no run: the extension osiris_crawler.crawl.extension is not enabled.")
        ) from None


class Run:
    """The state of a run. All of it happens in the reactor's thread, but for the WARC writer's own."""

    def __init__(
        self,
        *,
        name: str,
        crawl: int,
        command: str,
        settings: Settings,
        site: Site,
        collection: Collection,
        ledger: Ledger,
        writer: WarcWriter,
        clock: Clock,
        politeness: Politeness,
        scope: Scope,
        resumed: bool,
        late: list[Page],
        sealed: set[str],
    ) -> None:
        self.name = name
        self.crawl = crawl
        self.command = command
        self.settings = settings
        self.site = site
        self.collection = collection
        self.ledger = ledger
        self.writer = writer
        self.notes = OwnNotes(ledger, name, lambda: writer, alone=False)
        self.clock = clock
        self.reader = Reader(crawl, site, scope, frozen(ledger, collection.archive))
        self.repeats = Repeats(ledger, collection.archive, sealed)
        self.late = late  # pages that a dead run had captured and not read
        self.published = Published()
        self.politeness = politeness
        self.scope = scope
        self.resumed = resumed
        self.tally = Tally()
        self.started = time.monotonic()
        self.stopping = False
        self.outcome: set[Exit] = set()
        self.reasons: list[str] = []
        self.asking_robots = False
        self.newly_failed = 0
        self.faults = 0  # pages that our own code failed on; they stay captured and are read again next time
        self.exit = Exit.UNEXPECTED  # until the run is closed in good order
        self.wake: Callable[[float], None] = lambda seconds: None
        self.fetch: Fetch | None = None
        self.stop_engine: Callable[[str], None] = lambda reason: None
        self.report: dict[str, Any] = {}  # filled when the run is closed
        self.updater: Updater | None = None  # of an update that is not the first walk
        self.budget = Budget(self)
        self.line = Line(self)
        self.guard = Guard(self)
        self._start_seen = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._last_commit = 0.0
        self._last_count = 0.0
        self.queued = 0  # addresses waiting, for the progress bar

    # -- stopping -------------------------------------------------------------------------------------------------

    def stop(self, code: Exit, reason: str) -> None:
        """End the run in good order: what is on its way is finished, nothing new goes out."""
        self.outcome.add(code)
        if reason not in self.reasons:
            self.reasons.append(reason)
        if not self.stopping:
            self.stopping = True
            log.info("stopping: %s", reason)
            self.stop_engine(reason)
            with suppress(RuntimeError):  # outside the loop nothing is on its way
                asyncio.get_running_loop().call_later(GRACE, wire.cut)

    def interrupted(self) -> None:
        """A person or a timer ends the run: what is on its way has seconds, and is asked for again next time."""
        if not self.stopping:
            self.stopping = True
            self.outcome.add(Exit.INTERRUPTED)
        asyncio.get_running_loop().call_later(GRACE_ON_INTERRUPT, wire.cut)

    def over_budget(self) -> bool:
        """Whether a budget is used up; stops the run if so."""
        if not self.stopping and (found := self.budget.used_up()) is not None:
            self.stop(*found)
        return self.stopping

    # -- robots.txt -----------------------------------------------------------------------------------------------

    def ask_robots(self, url: str) -> None:
        """Fetch the robots.txt of an address's origin, once; the scheduler waits for it."""
        if not self.asking_robots:
            self.asking_robots = True
            task = asyncio.get_running_loop().create_task(self._ask_robots(origin(url)))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _ask_robots(self, name: str) -> None:
        try:
            assert self.fetch is not None
            await learn_robots(name, self.politeness, self.fetch)
        except OsirisError as problem:
            if not self.line.down:  # else it is asked for again once the line is back
                self.stop(problem.exit, str(problem))
        finally:
            self.asking_robots = False
            self.wake(0.0)

    def refused_by_robots(self, lease: Lease) -> None:
        self.guard.failed(lease.key)
        self.ledger.frontier.close(lease.key, "refused", "robots.txt")
        self.commit()

    # -- captures -------------------------------------------------------------------------------------------------

    async def record(self, request: Request, exchange: Exchange) -> None:
        """Keep an exchange: WARC first, synced; then the ledger. Scrapy sees the response after that."""
        lease: Lease | None = request.meta.get(LEASE)
        self.tally.requests += 1
        self.tally.bytes += len(exchange.response)
        via, path = (lease.via, lease.path) if lease else (None, "")
        note: dict[str, Any] | None = exchange_note(self.name, via, path, exchange.elapsed)
        head = parse_response(exchange.response)
        payload = digest(head.body) if exchange.response else None
        held, original = self.repeats.original(lease, exchange, head, payload) or (None, None)
        if held is not None and head.status == 304:
            payload = held.digest  # the payload is the original's (WARC 1.1, 6.7.3); replay finds it by its digest
        if not exchange.response:
            note = failure_note(exchange, self.name, via)
        elif lease is not None and lease.kind not in FILES and verdict_on(head.status, exchange.truncated) == "final":
            # One record less for a page: its reading, which follows, says how it was found.
            request.meta[FOUND], note = note, None
        try:
            kept = await self.writer.write_exchange(exchange, note, payload_digest=payload, original=original)
            if kept.revisit and held is not None:
                self.tally.revisits += 1
                self.tally.saved += held.size
            self._note(request, lease, exchange, head, kept, held if kept.revisit else None)
        except (ArchiveWriteError, LedgerWriteError) as problem:
            self.stop(problem.exit, str(problem))
            raise

    def _note(
        self,
        request: Request,
        lease: Lease | None,
        exchange: Exchange,
        head: HttpMessage,
        kept: Kept,
        original: Held | None,
    ) -> None:
        """Tell the ledger of an exchange that is safe in the archive."""
        if kept.response is None:
            self._no_answer(lease, exchange.url, exchange.error or "no answer")
            return
        capture = capture_of(
            run=self.name,
            date=kept.date,
            file=kept.response.filename,
            offset=kept.response.offset,
            length=kept.response.length,
            record_id=kept.response.record_id,
            url=exchange.url,
            head=head,
            digest=kept.payload_digest,
            truncated=exchange.truncated,
            site=self.site,
            original=original.row if original else None,
        )
        self.tally.statuses[str(head.status)] += 1
        due = 0.0
        if verdict_on(head.status, exchange.truncated) == "retry":
            due = time.time() + self._pause(exchange.url, head.status, head.header("Retry-After"), lease)
        else:
            self.politeness.answered(exchange.url, exchange.elapsed)
        kind = lease.kind if lease else urls.parse(exchange.url, self.site).kind
        row = self.ledger.captured(capture, kind, self.crawl, due=due)
        if lease is None:
            self.ledger.frontier.close(capture.key, "read")
        elif due and exchange.truncated and self.stopping:
            self.ledger.frontier.refund(lease.key, 1)  # we cut it off
        elif due:
            gaps = self._count_gap(lease)
            if exchange.truncated:
                self.line.broken(lease, gaps)
        if not exchange.truncated:
            self.line.answered()
        self.ledger.file_known(capture.file, self.name, kept.end)
        request.meta[CAPTURE] = (row, capture, head)
        self.commit()

    def _count_gap(self, lease: Lease) -> int:
        """An address that has used up its attempts is a gap; exit 3 speaks of gaps that are new. Gives 1 for such a one."""
        found = self.ledger.gap(lease.key)
        self.newly_failed += found
        return found

    def _pause(self, url: str, status: int, header: str | None, lease: Lease | None) -> float:
        """How long an address waits before it is asked again; for overload the whole host waits."""
        attempts = lease.attempts if lease else 0
        wait: float = (0.2 if is_loopback(url) else 5.0) * 3**attempts
        self.tally.failed_attempts += 1
        if status in (429, 503):
            return max(self.politeness.overloaded(url, retry_after(header)), wait if header is None else 0.0)
        return wait

    def _no_answer(self, lease: Lease | None, url: str, why: str) -> None:
        self.tally.failed_attempts += 1
        gaps = 0
        if lease is not None:
            self.guard.failed(lease.key)
            if self.stopping or self.line.down:
                self.ledger.frontier.give_back([lease.id])
                return
            due = time.time() + (0.2 if is_loopback(url) else 5.0) * 3**lease.attempts
            self.ledger.attempt_failed(lease.key, due, why)
            gaps = self._count_gap(lease)
            self.commit()
        self.line.failed(lease, why, gaps)

    def unrecorded(self, lease: Lease, request: Request, why: str) -> None:
        """A request that failed without an exchange: at a run's end its lease goes back, else it is a failed attempt.

        Whatever it was, the site must not be asked for the same again and again.
        """
        if CAPTURE in request.meta:
            return
        if self.stopping:
            self.guard.failed(lease.key)
            self.ledger.frontier.give_back([lease.id])
        elif self.ledger.frontier.is_leased(lease.id):  # else the failure has been noted already
            self._no_answer(lease, lease.url, why)

    # -- reading --------------------------------------------------------------------------------------------------

    def seeds(self) -> list[str]:
        """Where a walk begins: the address given, home page, plan, sitemap and feed; in a narrow one the first two."""
        wanted = [self.settings.url or self.site.start_url, self.site.start_url]
        wanted += self.site.seeds if not (self.scope.narrow or self.settings.section) else self.site.seeds[:1]
        return list(dict.fromkeys(wanted))

    def sections(self) -> Sections:
        """The tree of sections as far as the pages read have named it."""
        return Sections(self.ledger)

    async def read(self, response: Response) -> Page | None:
        """What a final answer says; None for answers that will be asked for again."""
        assert response.request is not None
        meta = response.request.meta
        lease: Lease = meta[LEASE]
        row, capture, head = meta.pop(CAPTURE)
        if verdict_on(capture.status, capture.truncated) == "retry":
            return None
        page = await self.reader.read(capture, row, head)
        page.found = meta.pop(FOUND, {})
        page.path = lease.path
        sure = self.guard.saw(page, capture.status, head)
        if self.guard.caught:
            return None
        self.tally.pages += 1
        self.tally.kinds[lease.kind if capture.status == 200 else str(capture.status)] += 1
        self.tally.articles += page.reading.kind == "article"
        self.tally.files += page.reading.kind == "file"
        if sure and not self._start_seen and lease.via is None and page.reading.kind != "redirect":
            self._check_start(lease, page, head)
        return page

    def _check_start(self, lease: Lease, page: Page, head: HttpMessage) -> None:
        if lease.key != urls.parse(self.seeds()[0], self.site).key:
            return
        self._start_seen = True
        problem = start_problem(page, head, self.site, described=self.settings.profile is not None)
        if problem is not None:
            self.stop(Exit.USAGE, problem)

    async def keep_reading(self, page: Page) -> None:
        """Write what was read to the WARC, as a metadata record that refers to the response."""
        facts = page.reading.article
        text = facts.body if self.settings.text and facts is not None and facts.body else None
        note = reading_note(page, page.found, self.ledger.id_of(page.subject))
        await self.writer.write_metadata(page.url, note, refers_to=page.record_id, text=text)

    async def keep_late(self) -> None:
        """The readings of pages that a dead run had captured."""
        late, self.late = self.late, []
        for page in late:
            if page.reading.kind != "file":
                await self.keep_reading(page)

    # -- the dataset ----------------------------------------------------------------------------------------------

    def publish(self) -> None:
        """Write the dataset as it stands, all of it read by one model; new ids go to the WARC first."""
        self.ledger.commit()
        renew(self.ledger, self.collection.archive, self.site, self.notes)
        self.published = publish(self.ledger, self.site, self.collection, self.notes, kept_back(self.collection).hides)

    def publish_at_end(self) -> None:
        """`publish`, with a failure put into the run's outcome: what was captured is safe all the same."""
        try:
            self.guard.settle()
            self.publish()
        except OsirisError as problem:
            self.stop(problem.exit, str(problem))
        except OSError as problem:
            self.stop(Exit.UNEXPECTED, f"{problem.strerror or problem} ({problem.filename or self.collection.dataset})")
        except Exception:
            log.exception("the dataset could not be written")
            self.faults += 1

    # -- the ledger's commits -------------------------------------------------------------------------------------

    def commit(self, *, now: bool = False) -> None:
        """Group commits: one for all that happens in a quarter of a second."""
        moment = time.monotonic()
        if now or moment - self._last_commit >= COMMIT_EVERY:
            self.ledger.commit()
            self._last_commit = moment
        if moment - self._last_count >= COUNT_EVERY:
            self.queued = self.ledger.frontier.counts(self.crawl).get("pending", 0)
            self._last_count = moment
