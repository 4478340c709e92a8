"""The reading of a page to the WARC, beside the response it was read from."""

from __future__ import annotations

from typing import Any, Self

from scrapy.crawler import Crawler

from osiris_crawler.crawl.run import Run, run_of
from osiris_crawler.ledger.page import Page


class WarcPipeline:
    """Writes the reading as a metadata record, with how the page was found. Beside the answers for files that is noted
    already, and they say no more than the response."""

    def __init__(self, run: Run) -> None:
        self._run = run

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(run_of(crawler))

    async def process_item(self, item: Any) -> Any:
        if isinstance(item, Page) and item.found:
            await self._run.keep_reading(item)
        return item
