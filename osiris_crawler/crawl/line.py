"""When nothing answers: is it the line, or are it the addresses?

failures in a row → one cheap question, the robots.txt of the home page's host
  → an answer: the line is good, the failures are the addresses' own and stay charged
  → none: the run pauses, what failed goes back uncharged, and the question is put again after 5, 10, 20 … 300 seconds

The question costs a request at each third failure in a row, so an address that always breaks off can't pause a run.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from scrapy import Request

from osiris_crawler.amounts import span
from osiris_crawler.crawl.politeness import is_loopback, origin
from osiris_crawler.errors import Exit
from osiris_crawler.i18n import _
from osiris_crawler.ledger.frontier import Lease
from osiris_crawler.ledger.intake import REDIRECTS

if TYPE_CHECKING:
    from osiris_crawler.crawl.run import Run

log = logging.getLogger(__name__)

IN_A_ROW = 3  # failures with no answer between, before the line is doubted
_FIRST, _LONGEST = 5.0, 300.0  # seconds between two questions while nothing answers
_FIRST_HERE, _LONGEST_HERE = 0.2, 2.0  # … of this machine's own addresses
_SILENCE = 20.0  # seconds that an answer is waited for
_WRAPPED = re.compile(r"Failure [\w.]{1,200}: (.{1,300}?)>")  # what Twisted puts around a reason
_PORTAL = 511  # Network Authentication Required (RFC 6585)


class Line:
    """The line to the site, as a run sees it. `held`: nothing may go out; `down`: because nothing answers."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self.held = False
        self.down = False
        self.paused = 0.0  # seconds
        self.why = ""
        self._since = 0.0
        self._alive = False  # there has been an answer in this run
        self._failures = 0
        self._charged: dict[str, tuple[int, int]] = {}  # key → (attempts, gaps) charged since the last answer
        self._task: asyncio.Task[None] | None = None

    def answered(self) -> None:
        """There was an answer, whatever it says."""
        self._alive = True
        self._failures = 0
        self._charged.clear()

    def broken(self, lease: Lease | None, gaps: int) -> None:
        """An answer broke off: that tells nothing yet, but it is not charged if the line turns out to be down."""
        if lease is not None:
            attempts, before = self._charged.get(lease.key, (0, 0))
            self._charged[lease.key] = (attempts + 1, before + gaps)

    def failed(self, lease: Lease | None, why: str, gaps: int) -> None:
        """No answer, for which the address has been charged."""
        self.broken(lease, gaps)
        self.why = _reason(why)
        self._failures += 1
        # A site that never answered is told by its robots.txt, and soon: a mistyped host must not wait for hours.
        if self._failures >= IN_A_ROW and self._alive and not self.held and not self._run.stopping:
            self.held = True
            self._task = asyncio.get_running_loop().create_task(self._watch())

    def end(self) -> None:
        """The run ends."""
        if self._task is not None:
            self._task.cancel()

    async def _watch(self) -> None:
        """Ask until there is an answer, or until the run ends."""
        here = is_loopback(self._url)
        wait, longest = (_FIRST_HERE, _LONGEST_HERE) if here else (_FIRST, _LONGEST)
        try:
            while not await self._answers():
                if self._run.stopping:
                    return
                self._pause()
                left = self._run.settings.patience - (time.monotonic() - self._since)
                if left <= 0:
                    self._give_up()
                    return
                await asyncio.sleep(min(wait, left, self._run.budget.time_left()))
                if self._run.over_budget():
                    return
                wait = min(wait * 2, longest)
            if self.down:
                log.info("the line is back after %.0f s", time.monotonic() - self._since)
        finally:
            if self.down:
                self.paused += time.monotonic() - self._since
            self.held = self.down = False
            self.answered()
            if not self._run.stopping:
                self._run.wake(0.0)

    @property
    def _url(self) -> str:
        return f"{origin(self._run.site.start_url)}/robots.txt"

    async def _answers(self) -> bool:
        """Whether the home page's host answers. The exchange is kept like every other."""
        run = self._run
        assert run.fetch is not None
        await asyncio.sleep(run.politeness.wait(self._url))
        if run.stopping:
            return False
        run.politeness.started(self._url)
        silence = min(_SILENCE, run.settings.timeout)
        request = Request(
            self._url,
            headers={"User-Agent": run.politeness.agent},
            meta={"download_timeout": silence},
            dont_filter=True,
        )
        try:
            response = await run.fetch(request)
        except Exception as problem:  # every failure of the network ends here
            self.why = _reason(str(problem) or type(problem).__name__)
            return False
        location = response.headers.get("Location") if response.status in REDIRECTS else None
        target = urljoin(self._url, location.decode("latin-1")) if location else self._url
        if response.status == _PORTAL or origin(target).partition("://")[2] not in self._hosts():
            self.why = _("a login page stands before the site")
            return False
        return True

    def _hosts(self) -> set[str]:
        return {origin(self._run.site.start_url).partition("://")[2], *self._run.site.hosts}

    def _pause(self) -> None:
        """Nothing answers: from here on no address is charged, and what was charged is taken back."""
        if self.down:
            return
        run = self._run
        self.down = True
        self._since = time.monotonic()
        for key, (attempts, gaps) in self._charged.items():
            run.newly_failed -= run.ledger.frontier.refund(key, attempts, gap=gaps > 0)
        self._charged.clear()
        run.commit(now=True)
        log.warning("nothing answers (%s): paused", self.why)

    def _give_up(self) -> None:
        self._run.stop(
            Exit.UNREACHABLE,
            _("Nothing has answered for %(time)s: %(why)s.")
            % {"time": span(self._run.settings.patience), "why": self.why}
            + " "
            + _("No address was charged for it; the same command goes on."),
        )


def _reason(text: str) -> str:
    """A reason in plain words, without a full stop."""
    wrapped = _WRAPPED.search(text)
    return (wrapped[1] if wrapped else text).rstrip(".")
