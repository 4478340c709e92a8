"""The reading of a page to the WARC, beside the response it was read from."""

from __future__ import annotations

from typing import Any, Self

from scrapy.crawler import Crawler

from osiris_crawler.crawl.run import Run, run_of
from osiris_crawler.ledger.page import Page


class WarcPipeline:
    """Writes the reading as a metadata record; files and redirects say nothing that the response doesn't."""

    def __init__(self, run: Run) -> None:
        self._run = run

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(run_of(crawler))

    async def process_item(self, item: Any) -> Any:
        if isinstance(item, Page) and item.reading.kind != "file":
            await self._run.keep_reading(item)
        return item
