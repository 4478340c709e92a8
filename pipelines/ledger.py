"""Facts and links to the ledger, and the address marked read, in one transaction."""

from __future__ import annotations

from typing import Any, Self

from scrapy.crawler import Crawler

from osiris_crawler.crawl.run import Run, run_of
from osiris_crawler.ledger.page import Page


class LedgerPipeline:
    """Hands what a page says to the ledger; at the spider's end the dataset is written from it."""

    def __init__(self, run: Run) -> None:
        self._run = run

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(run_of(crawler))

    def process_item(self, item: Any) -> Any:
        if isinstance(item, Page):
            added = self._run.ledger.read(item)
            self._run.commit()
            if added:
                self._run.wake(0.0)
        return item

    def close_spider(self) -> None:
        self._run.publish_at_end()
