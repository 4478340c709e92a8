"""Scrapy's scheduler over the ledger's frontier: nothing waits in memory but what is on its way."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import TYPE_CHECKING, Any

from scrapy import Request, Spider
from scrapy.core.scheduler import BaseScheduler

from osiris_crawler.crawl.run import LEASE, Run, run_of
from osiris_crawler.ledger.frontier import Lease, Target

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler


class LedgerScheduler(BaseScheduler):
    """Leases addresses from the ledger when the host may be asked, and no sooner."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._run: Run = run_of(crawler)
        self._leased: deque[Lease] = deque()
        self._alarm: asyncio.TimerHandle | None = None
        self._alarm_at = 0.0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def open(self, spider: Spider) -> None:
        self._run.wake = self._wake

    def close(self, reason: str) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._run.ledger.frontier.give_back(lease.id for lease in self._leased)
        self._leased.clear()

    def has_pending_requests(self) -> bool:
        if self._run.stopping:
            return False
        run = self._run
        waiting = bool(self._leased) or run.asking_robots or run.line.held or run.guard.asking
        return waiting or run.ledger.frontier.pending()

    def enqueue_request(self, request: Request) -> bool:
        """A seed of the spider; pages' links reach the frontier with the page's reading, in one transaction."""
        target: Target = request.meta["osiris_target"]
        return bool(self._run.ledger.frontier.add([target], self._run.crawl, None))

    def next_request(self) -> Request | None:
        run = self._run
        while not run.stopping:
            if run.over_budget() or run.line.held or run.budget.holds(self._under_way()):
                return None
            lease = self._take()
            if lease is None:
                return None
            if not run.politeness.known(lease.url):
                self._leased.appendleft(lease)
                run.ask_robots(lease.url)
                return None
            # A page's requisites may be fetched against robots.txt with the site's leave, which the warcinfo records.
            by_leave = run.settings.permission is not None and lease.kind == "requisite"
            if not by_leave and not run.politeness.allowed(lease.url):
                run.refused_by_robots(lease)
                continue
            pause = run.politeness.wait(lease.url)
            if pause > 0:
                self._leased.appendleft(lease)
                self._wake(pause)
                return None
            run.politeness.started(lease.url)
            return self._request(lease)
        return None

    def _under_way(self) -> int:
        """Requests that went out and whose pages have not been read yet; when one has, the engine asks again."""
        engine = self._crawler.engine
        return len(engine._slot.inprogress) if engine is not None and engine._slot is not None else 0

    def _take(self) -> Lease | None:
        guard = self._run.guard
        if guard.asking or not (self._leased or self._run.ledger.frontier.pending() or not guard.at_end()):
            first = guard.witness()
            if first is not None:
                self._leased.appendleft(first)
            return self._leased.popleft() if self._leased and guard.is_witness(self._leased[0].key) else None
        if not self._leased:
            self._leased.extend(self._run.ledger.frontier.lease(self._run.settings.concurrency))
        if self._leased:
            return self._leased.popleft()
        due = self._run.ledger.frontier.next_due()
        if due is not None:
            self._wake(max(due - time.time(), 0.01))
        return None

    def _request(self, lease: Lease) -> Request:
        spider: Any = self._crawler.spider
        headers = {"User-Agent": self._run.politeness.agent, **self._run.repeats.validators(lease)}
        return Request(
            lease.url,
            callback=spider.parse,
            errback=spider.failed,
            headers=headers,
            meta={LEASE: lease, "handle_httpstatus_all": True},
            dont_filter=True,
        )

    def _wake(self, seconds: float = 0.0) -> None:
        """Have the engine ask again after so many seconds; the earliest call wins."""
        loop = asyncio.get_running_loop()
        when = loop.time() + seconds
        if self._alarm is not None and loop.time() < self._alarm_at <= when:
            return
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm_at = when
        self._alarm = loop.call_later(seconds, self._ring)

    def _ring(self) -> None:
        self._alarm = None
        engine = self._crawler.engine
        # The engine's own heartbeat beats every 5 s; a due time is met at once through its next call.
        if engine is not None and engine._slot is not None:
            engine._slot.nextcall.schedule()
