"""One article at several addresses, and one text in several articles: pointed to, never dropped."""

from __future__ import annotations

from typing import Any, Self

from scrapy.crawler import Crawler

from osiris_crawler.crawl.run import Run, run_of
from osiris_crawler.ledger.page import Page


class DeduplicatePipeline:
    """Marks a page that is an alias of one read before, or whose text another article has."""

    def __init__(self, run: Run) -> None:
        self._run = run

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(run_of(crawler))

    def process_item(self, item: Any) -> Any:
        if isinstance(item, Page) and item.reading.kind == "article":
            item.alias_of = self._run.ledger.alias_of(item)
            item.equal_to = self._run.ledger.equal_to(item)
            self._run.tally.aliases += item.alias_of is not None
            self._run.tally.duplicates += item.equal_to is not None
        return item
