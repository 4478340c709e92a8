"""Facts checked against the record, and the article's digest sealed over what stood the check."""

from __future__ import annotations

from typing import Any

from itemadapter import ItemAdapter

from osiris_crawler.ledger.intake import check
from osiris_crawler.ledger.page import Page


class ValidatePipeline:
    """Checks every page; what does not fit is named in the article's `issues`, nothing is dropped."""

    def process_item(self, item: Any) -> Any:
        if not ItemAdapter.is_item(item) or not isinstance(item, Page):
            raise TypeError(f"the spiders yield pages, not {type(item).__name__}")
        check(item)
        return item
