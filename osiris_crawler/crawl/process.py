"""Scrapy's process around a run."""

from __future__ import annotations

import gc
import logging
from importlib.util import find_spec
from typing import Any

from scrapy.crawler import CrawlerProcess
from scrapy.settings import Settings as ScrapySettings

from osiris_crawler.crawl.logfile import LOG, write_json_lines
from osiris_crawler.crawl.run import Run, register


def scrapy_settings(run: Run) -> ScrapySettings:
    """The project's settings with what this run asks for."""
    settings = ScrapySettings()
    settings.setmodule("osiris_crawler.scrapy_settings", priority="project")
    concurrency = run.settings.concurrency
    settings.setdict(
        {
            "CONCURRENT_REQUESTS": concurrency,
            "CONCURRENT_REQUESTS_PER_DOMAIN": concurrency,
            "DOWNLOAD_TIMEOUT": run.settings.timeout,
            "USER_AGENT": run.politeness.agent,
            "LOG_FILE": str(run.collection.runs / run.name / LOG),
            "LOG_FILE_APPEND": True,
        },
        priority="cmdline",
    )
    if find_spec("uvloop") is not None:
        settings.set("ASYNCIO_EVENT_LOOP", "uvloop.Loop", priority="cmdline")
    return settings


class _Process(CrawlerProcess):
    """Scrapy waits for what is on its way; the run sees to it that this takes seconds."""

    run: Run

    def _signal_shutdown(self, signum: int, frame: Any) -> None:
        from twisted.internet import reactor

        reactor.callFromThread(self.run.interrupted)
        super()._signal_shutdown(signum, frame)


def run_spider(run: Run, spider: str = "archive") -> None:
    """Run a spider to its end in this process; signals end it in good order. A process can do this once."""
    # Trees and pages live briefly and hold no cycles worth looking for after every 700 objects.
    gc.set_threshold(20_000, 20, 50)
    logging.raiseExceptions = False  # a log that can't be written (a full disk) must not bury what the run says of it
    process = _Process(scrapy_settings(run))
    process.run = run
    if run.settings.log_json:
        write_json_lines(run.collection.runs / run.name / "crawl.jsonl", run.name)
    crawler = process.create_crawler(spider)
    register(crawler, run)
    process.crawl(crawler, url=run.settings.url)
    process.start()
