"""Scrapy's side of a run: it is opened before the engine is made and closed when the spider has ended."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from twisted.python.failure import Failure

from osiris_crawler.archive import wire
from osiris_crawler.care.keeping import locked
from osiris_crawler.crawl import closing, opening
from osiris_crawler.crawl import run as running
from osiris_crawler.errors import Exit, OsirisError
from osiris_crawler.paths import Collection
from osiris_crawler.settings import load

if TYPE_CHECKING:
    from osiris_crawler.crawl.run import Run

log = logging.getLogger(__name__)

PUBLISH_EVERY = 3600.0  # seconds; a long crawl's dataset is never older


class RunExtension:
    """Ties a run to a crawler. `osiris` opens the run itself; `scrapy crawl archive` has it opened here."""

    def __init__(self, crawler: Crawler, run: Run, lock: Any) -> None:
        self._crawler = crawler
        self._run = run
        self._lock = lock
        self._timer: asyncio.TimerHandle | None = None
        wire.attach(crawler, run)
        crawler.signals.connect(self.opened, signal=signals.spider_opened)
        crawler.signals.connect(self.closed, signal=signals.spider_closed)
        crawler.signals.connect(self.fault, signal=signals.spider_error)
        crawler.signals.connect(self.fault, signal=signals.item_error)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        run = running.registered(crawler)
        lock = None
        if run is None:
            options: dict[str, Any] = getattr(crawler.spider, "options", {})
            settings = load({name: value for name, value in options.items() if value is not None})
            site = opening.site_of(settings)
            collection: Collection = opening.collection_of(settings, site)
            collection.create()
            lock = locked(collection)
            lock.__enter__()
            run = opening.open_run(settings, site, collection, command="crawl", say=log.warning).run
            running.register(crawler, run)
        return cls(crawler, run, lock)

    async def opened(self, spider: Spider) -> None:
        engine = self._crawler.engine
        assert engine is not None
        loop = asyncio.get_running_loop()
        run = self._run

        def stop_engine(reason: str) -> None:
            task = loop.create_task(engine.close_spider_async(reason=reason))
            self._stopping = task

        run.fetch = engine.download_async
        run.stop_engine = stop_engine
        run.guard.take_up()
        await run.keep_late()
        self._timer = loop.call_later(PUBLISH_EVERY, self._publish)

    def fault(self, failure: Failure) -> None:
        """Our own code failed on a page, and Scrapy has logged where; or the disk is full."""
        if isinstance(failure.value, OsirisError):
            self._run.stop(failure.value.exit, str(failure.value))
        else:
            self._run.faults += 1

    def _publish(self) -> None:
        self._run.publish()
        self._timer = asyncio.get_running_loop().call_later(PUBLISH_EVERY, self._publish)

    async def closed(self, spider: Spider, reason: str) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if reason == "shutdown" and not self._run.stopping:
            self._run.outcome.add(Exit.INTERRUPTED)
        self._run.line.end()
        self._run.reader.close()
        await self._run.writer.close()
        closing.finish(self._run)
        if self._lock is not None:
            self._lock.__exit__(None, None, None)
