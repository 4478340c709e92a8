"""Records that the ledger has not heard of are taken in from the WARC files: after a kill, at `import` and at `rebuild`.

The same code reads them as reads a crawl, so the ledger and the dataset come out the same. Pages may be read in several
processes; what they say is taken in by one, in the order of the files.

records of a file → operations in their order → pages read, here or by workers → the ledger
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from osiris_crawler.archive import files
from osiris_crawler.archive.clock import normal_date
from osiris_crawler.archive.exchange import DISOWNED, IDS, MODEL, REREADING
from osiris_crawler.archive.foreign import foreign_response, settled
from osiris_crawler.archive.http import HttpMessage, parse_response
from osiris_crawler.archive.index import LONGEST_ADDRESS
from osiris_crawler.archive.reader import Record, fields_of, read_at, records
from osiris_crawler.archive.records import IDENTICAL, entries_of, note_of
from osiris_crawler.errors import IntegrityError
from osiris_crawler.extract.chrome import Chrome
from osiris_crawler.ledger.disowning import Taken, disown
from osiris_crawler.ledger.imports import SEALED, UNDATED, Origin, Walks, answers, imports
from osiris_crawler.ledger.intake import capture_of
from osiris_crawler.ledger.ledger import Held, Ledger, verdict_on
from osiris_crawler.ledger.page import Capture, Page
from osiris_crawler.ledger.pool import Job, Operation, ReadingPool
from osiris_crawler.ledger.proposals import propose
from osiris_crawler.ledger.scope import Scope
from osiris_crawler.ledger.unasked import failure_in, had_leave, refuse_forbidden, scope_of
from osiris_crawler.site import urls
from osiris_crawler.site.profile import Site

COMMIT_EVERY = 500  # records
_WORTH_WORKERS = 4_000_000  # bytes to read; below that starting a process takes longer than reading
_NUMBER = re.compile(r"[0-9]{1,9}")
_UNKNOWN = "unspecified"  # WARC-Truncated's word for a body that is not there


@dataclass(slots=True)
class Adopted:
    """What was taken in, and what was not."""

    files: int = 0
    records: int = 0
    captures: int = 0
    pages: int = 0
    damaged: int = 0  # stretches of files that hold no readable record
    offsite: int = 0  # records of other hosts
    unresolved: int = 0  # revisits whose original is not there
    faults: int = 0  # pages that our own reader failed on
    decoded: int = 0  # imported answers whose headers name codings that are not on their bodies
    passed_over: Counter[str] = field(default_factory=Counter)  # imported answers that say nothing of a page, by reason


@dataclass(frozen=True, slots=True)
class _Place:
    """A record and where it lies; `foreign` when another crawler wrote it."""

    record: Record
    name: str
    date: str
    origin: Origin
    foreign: bool = False


def adopt(
    ledger: Ledger,
    archive: Path,
    site: Site,
    scope: Scope,
    *,
    chrome: Chrome | None = None,
    workers: int = 1,
    on_page: Callable[[Page], None] = lambda page: None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Adopted:
    """Take in every record beyond what the ledger knows, file by file; `progress` gets bytes done and in all.

    `on_page` is called with the pages of our own walks.
    """
    adopted = Adopted()
    anew = not ledger.known_sizes()
    new = [
        (path, path.stat().st_size, start)
        for path in files.warc_files(archive)
        if (start := ledger.known_until(files.final_name(path))) < path.stat().st_size
    ]
    if not new:
        return adopted
    total = sum(size - start for _path, size, start in new)
    done = 0
    taken = imports(archive)
    pool = ReadingPool(site, scope, workers if total > _WORTH_WORKERS else 1, chrome)
    adoption = Adoption(ledger, archive, site, pool, adopted, on_page, frozenset(taken))
    try:
        for path, size, start in new:
            adopted.files += 1
            instant = taken.get(files.final_name(path))
            if instant is None:
                adoption.take(path, start)
            else:
                adoption.take_import(path, instant)
            done += size - start
            progress(done, total)
        adoption.resolve()
        if anew:  # nobody has come to them yet; in a walk that is on, it asks the site itself
            refuse_forbidden(ledger, archive, adoption.by_leave)
    finally:
        pool.close()
    ledger.commit()
    return adopted


def imported_files(archive: Path) -> frozenset[str]:
    """Names of the files that other crawlers wrote."""
    return frozenset(imports(archive))


class Adoption:
    """Turns a file's records into operations."""

    def __init__(
        self,
        ledger: Ledger,
        archive: Path,
        site: Site,
        pool: ReadingPool,
        adopted: Adopted,
        on_page: Callable[[Page], None],
        imported: frozenset[str],
    ) -> None:
        self._ledger = ledger
        self._archive = archive
        self._site = site
        self._pool = pool
        self._adopted = adopted
        self._on_page = on_page
        self._imported = imported
        self.by_leave: set[int] = set()  # walks that might fetch requisites against robots.txt

    # -- files of our own -------------------------------------------------------------------------------------------

    def take(self, path: Path, start: int) -> None:
        """A file of our own, from a byte on."""
        name = files.final_name(path)
        origin = self._known_origin(name)
        stream = records(path, start)
        for number, record in enumerate(stream, 1):
            self._adopted.records += 1
            if record.type == "warcinfo" or origin is None:
                origin = self._begin(record)
            if record.type in ("response", "revisit"):
                self._response(_Place(record, name, normal_date(record.date) or record.date, origin))
            elif record.type == "metadata" and record.uri == IDS:
                self._then(partial(self._ids, record))
            elif record.type == "metadata" and record.uri == REREADING:
                self._then(partial(self._rereading, record))
            elif record.type == "metadata" and record.uri == DISOWNED:
                self._then(partial(self._disowned, record))
            elif record.type == "metadata" and (why := failure_in(record)) is not None:
                key = urls.parse(record.uri, self._site).key
                self._then(partial(self._ledger.attempt_failed_in, origin.crawl, key, why))
            elif record.type == "resource" and record.uri == MODEL:
                self._then(partial(self._model, record, name))
            if number % COMMIT_EVERY == 0:
                self._then(partial(self._ledger.file_known, name, origin.run, record.offset + record.length))
                self._then(self._ledger.commit)
        self._end(path, origin.run if origin is not None else "", len(stream.damage))

    def _known_origin(self, name: str) -> Origin | None:
        row = self._ledger.db.query(
            "SELECT runs.run, crawl FROM files JOIN runs ON runs.run = files.run WHERE name = ?", (name,)
        ).fetchone()
        return None if row is None else Origin(row["run"], row["crawl"])

    def _begin(self, record: Record) -> Origin:
        fields = fields_of(record.block) if record.type == "warcinfo" else {}
        number = fields.get("crawl", "")
        crawl = int(number) if _NUMBER.fullmatch(number) else 0
        origin = Origin(fields.get("run", record.id), crawl, scope_of(fields))
        if had_leave(fields):
            self.by_leave.add(crawl)
        date = normal_date(record.date) or record.date
        self._ledger.begin_run(origin.run, origin.crawl, fields.get("command", "unknown"), date)
        return origin

    def _ids(self, record: Record) -> None:
        for entry in entries_of(note_of(record.block), "ids", "id", "key"):
            number = entry.get("number")
            number = number if type(number) is int and 0 < number < 10**9 else None  # site/urls.py takes no larger one
            self._ledger.mint(entry["id"], entry["key"], number, normal_date(record.date) or record.date)

    def _rereading(self, record: Record) -> None:
        note = note_of(record.block)
        for entry in entries_of(note, "changes", "id"):
            fields = [name for name in entry.get("fields") or [] if isinstance(name, str)]
            date = normal_date(record.date) or record.date
            self._ledger.note_rereading(date, str(note.get("run", "")), entry["id"], fields)

    def _disowned(self, record: Record) -> None:
        named = entries_of(note_of(record.block), "captures", "record_id", "date")
        disown(self._ledger, [Taken(entry["date"], entry["record_id"]) for entry in named])

    def _model(self, record: Record, name: str) -> None:
        date = normal_date(record.date) or record.date
        self._ledger.note_model(date, name, record.offset, "")

    # -- files of other crawlers ------------------------------------------------------------------------------------

    def take_import(self, path: Path, taken: str) -> None:
        """A file of another crawler, in one transaction: after a kill it is begun anew."""
        name = files.final_name(path)
        walks = Walks(self._ledger, path, taken)
        stream = records(path)
        run = ""
        # What is told by the last home page seen must not depend on what was taken in before this file.
        home = self._ledger.get("home")
        self._ledger.put("home", "")
        for record, is_answer in answers(stream, self._adopted.passed_over):
            self._adopted.records += 1
            if is_answer:
                run = self._foreign(record, name, walks) or run
            elif walks.ours and record.type == "metadata" and record.uri == IDS:
                self._then(partial(propose, self._ledger, record, self._site))
            elif walks.ours and record.type == "metadata" and record.uri == DISOWNED:
                self._then(partial(self._disowned, record))
        self._pool.flush()
        self._ledger.put("home", home or "")
        walks.close()
        self._end(path, run, len(stream.damage))

    def _foreign(self, record: Record, name: str, walks: Walks) -> str | None:
        """An answer: only those of this site are looked at; gives the run that it belongs to."""
        if urls.verdict(urls.parse(record.uri, self._site), self._site) == urls.Refusal.OFFSITE:
            self._adopted.offsite += 1
            return None
        when = walks.of(record)
        if when is None:
            self._adopted.passed_over[UNDATED] += 1
            return None
        date, origin = when
        self._response(_Place(record, name, date, origin, foreign=True))
        return origin.run

    # -- both -------------------------------------------------------------------------------------------------------

    def resolve(self) -> None:
        """Revisits whose original came after them: in the same file, in a later one, in a later import."""
        rows = self._ledger.db.query(
            """SELECT captures.id, captures.run, crawl, date, name, offset FROM captures
               JOIN files ON files.id = file JOIN runs ON runs.run = captures.run
               WHERE truncated = ? AND original IS NULL ORDER BY date, name, offset""",
            (_UNKNOWN,),
        ).fetchall()
        for row in rows:
            record = self._read_record(row["name"], row["offset"])
            if record is None or record.type != "revisit":
                continue
            origin = Origin(row["run"], row["crawl"])
            place = _Place(record, row["name"], row["date"], origin, row["name"] in self._imported)
            if self._whole(place)[1] is None:
                self._adopted.unresolved += 1
                continue
            self._ledger.db.execute("DELETE FROM readings WHERE capture = ?", (row["id"],))
            self._ledger.db.execute("DELETE FROM captures WHERE id = ?", (row["id"],))
            self._adopted.captures -= 1
            self._response(place)
        self._pool.flush()

    def reread(self, row: int, name: str, offset: int, *, again: bool = False) -> None:
        """A page that is in the ledger already, but was never read, or is to be read `again`."""
        found = self._ledger.db.query(
            "SELECT captures.run, date, crawl FROM captures JOIN runs ON runs.run = captures.run WHERE id = ?", (row,)
        ).fetchone()
        record = read_at(files.existing(self._archive, name), offset)
        date = found["date"] if found else normal_date(record.date) or record.date
        origin = Origin(found["run"], found["crawl"]) if found else Origin("", self._ledger.last_crawl())
        place = _Place(record, name, date, origin, name in self._imported)
        head, original = self._whole(place)
        capture = self._capture(place, head, original)
        take = self._read_again if again else self._read
        self._pool.do(Operation(lambda page: take(page, row), Job(capture, head, origin.crawl)))

    def _response(self, place: _Place) -> None:
        record = place.record
        if record.type == "revisit" and self._named(record) is None:
            self._pool.flush()  # its original may be among what is being read
        if self._ledger.capture_id(place.name, record.offset) is not None:
            return
        head, original = self._whole(place)
        capture = self._capture(place, head, original)
        if record.type == "revisit" and original is None and head.status != 304:
            capture.truncated = _UNKNOWN  # its body is not there, so it asserts nothing; `resolve` looks for it again
        if place.foreign and record.type == "response":
            found = foreign_response(record.block)
            self._adopted.decoded += found.decoded
            if found.sealed is not None:
                self._adopted.passed_over[SEALED] += 1
                capture.truncated = capture.truncated or "length"  # nothing of it can be read
        kind = urls.parse(capture.url, self._site).kind
        self._adopted.captures += 1
        crawl = place.origin.crawl  # `take` waits, and must not hold the record meanwhile

        def take(page: Page | None) -> None:
            row = self._ledger.captured(capture, kind, crawl)
            if page is not None:
                self._read(page, row)
            elif job is not None:
                self._adopted.faults += 1

        final = verdict_on(capture.status, capture.truncated) == "final"
        job = Job(capture, head, crawl, place.origin.scope) if final else None
        self._pool.do(Operation(take, job))

    def _read(self, page: Page | None, row: int) -> None:
        if page is None:
            self._adopted.faults += 1
            return
        page.capture = row
        self._ledger.read(page)
        self._adopted.pages += 1
        if page.crawl >= 0:
            self._on_page(page)

    def _read_again(self, page: Page | None, row: int) -> None:
        if page is None or page.reading.article is None:
            self._adopted.faults += 1
            return
        page.capture = row
        self._ledger.read_again(page)

    def _whole(self, place: _Place) -> tuple[HttpMessage, int | None]:
        """The message of a response; that of a revisit gets its body from the original: (message, the original's row)."""
        record = place.record
        head = self._message(record, place.foreign)
        if record.type != "revisit":
            return head, None
        for row, name, offset in self._originals(record, head.status or 200):
            if record.headers.get("WARC-Profile") != IDENTICAL and head.status == 304:
                return head, row
            original = self._read_record(name, offset)
            if original is None or original.type != "response":
                continue
            whole = self._message(original, name in self._imported)
            kept = head if head.status else whole
            return settled(HttpMessage(kept.status, kept.headers, whole.body)).message, row
        return head, None

    def _named(self, record: Record) -> Held | None:
        """The response that a revisit names by address and date."""
        uri = record.headers.get("WARC-Refers-To-Target-URI", record.uri).strip("<>")
        date = normal_date(record.headers.get("WARC-Refers-To-Date", ""))
        if date is None or len(uri) > LONGEST_ADDRESS:
            return None
        return self._ledger.capture_at(uri, urls.parse(uri, self._site).key, date)

    def _originals(self, record: Record, status: int) -> list[tuple[int, str, int]]:
        """Responses that a revisit may mean, as (row, file, offset): by address and date, by record id, by payload."""
        found: list[tuple[int, str, int]] = []
        held = self._named(record)
        if held is not None:
            found.append((held.row, held.file, held.offset))
        named = record.headers.get("WARC-Refers-To")
        if named and not found:
            self._ledger.db.execute("CREATE INDEX IF NOT EXISTS captures_record ON captures (record_id)")
            row = self._ledger.db.query(
                """SELECT captures.id, name, offset FROM captures JOIN files ON files.id = file
                   WHERE record_id = ? AND original IS NULL AND truncated IS NULL ORDER BY date, name, offset LIMIT 1""",
                (named,),
            ).fetchone()
            if row is not None:
                found.append((row[0], row[1], row[2]))
        digest = record.headers.get("WARC-Payload-Digest")
        same = self._ledger.same_payload(digest, status) if digest else None
        if same is not None:
            found.append((same.row, same.file, same.offset))
        return found

    def _read_record(self, name: str, offset: int) -> Record | None:
        try:
            return read_at(files.existing(self._archive, name), offset)
        except IntegrityError:
            return None

    def _message(self, record: Record, foreign: bool) -> HttpMessage:
        return foreign_response(record.block).message if foreign else parse_response(record.block)

    def _capture(self, place: _Place, head: HttpMessage, original: int | None) -> Capture:
        record = place.record
        return capture_of(
            run=place.origin.run,
            date=place.date,
            file=place.name,
            offset=record.offset,
            length=record.length,
            record_id=record.id,
            url=record.uri,
            head=head,
            digest=record.headers.get("WARC-Payload-Digest"),
            truncated=record.headers.get("WARC-Truncated") if record.type == "response" else None,
            site=self._site,
            original=original,
        )

    def _then(self, do: Callable[[], None]) -> None:
        self._pool.do(Operation(lambda page: do()))

    def _end(self, path: Path, run: str, damaged: int) -> None:
        """All of a file is known."""
        self._pool.flush()
        self._ledger.file_known(files.final_name(path), run, path.stat().st_size)
        self._adopted.damaged += damaged
        self._ledger.commit()
