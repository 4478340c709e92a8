"""What a page says must fit the record; what does not is taken out and named in `issues`, never guessed."""

from __future__ import annotations

import re
from datetime import date

from osiris_crawler.extract.facts import ArticleFacts

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_PARTIAL_DAY = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
EARLIEST = "1980-01-01"  # before it a day on a web page is more likely a slip than a date


def validate(article: ArticleFacts) -> None:
    """Check an article's facts field by field, in place; doing it twice changes nothing."""

    def issue(name: str) -> None:
        if name not in article.issues:
            article.issues.append(name)

    if not article.title.strip():
        issue("title:missing")
    if article.date is not None:
        if not _real_day(article.date):
            article.date = None
            issue("date:unreadable")
        elif article.date < EARLIEST:
            issue("date:early")
    elif "date:unreadable" not in article.issues:
        issue("date:missing")
    if not article.body.strip() and not article.documents and not article.lead:
        issue("body:empty")
    for source in article.sources:
        if source.date is not None and not _PARTIAL_DAY.fullmatch(source.date):
            source.date = None
            issue("source:date")


def _real_day(text: str) -> bool:
    if not _DAY.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
