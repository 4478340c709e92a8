"""pages/pages.jsonl of a WACZ: the home page, then every article with its title and text, a line each.

A page's `url` and `ts` are those of the capture that its article was read from, as the index has them: so replay finds it,
whatever address the article calls its canonical one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from osiris_crawler.dataset.reading import article_of
from osiris_crawler.errors import IntegrityError
from osiris_crawler.export.cdx import Place, instant
from osiris_crawler.i18n import _

PAGES = "pages/pages.jsonl"
HOME = "/"  # id of the home page; no article's id holds a slash
_HEADER = {"format": "json-pages-1.0", "id": "pages", "title": "Pages", "hasText": True}
_TEXTS = ("lead", "body", "ps")

Hidden = Callable[[Mapping[str, Any]], bool]


@dataclass(frozen=True, slots=True)
class Home:
    """The home page's newest capture, and its title."""

    place: Place
    title: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """The captures of the articles that are to be pages, and how many are not: hidden, or in a file not yet closed."""

    captures: frozenset[tuple[str, int]]
    hidden: int
    pending: int


def wanted(articles: BinaryIO, files: Mapping[str, str], hidden: Hidden) -> Wanted:
    """Look through articles.jsonl for what the index is to be asked for."""
    captures: set[tuple[str, int]] = set()
    left_out = pending = 0
    for article in _articles(articles):
        if hidden(article):
            left_out += 1
        elif article["capture"]["warc"] not in files:
            pending += 1
        else:
            captures.add(_capture(article))
    return Wanted(frozenset(captures), left_out, pending)


def lines(
    articles: BinaryIO, asked: Wanted, found: Mapping[tuple[str, int], Place], home: Home | None
) -> Iterator[bytes]:
    """The lines of pages.jsonl; IntegrityError when the index does not know an article's capture."""
    yield _line(_HEADER)
    if home is not None:
        yield _line({"id": HOME, "url": home.place.url, "ts": instant(home.place.stamp), "title": home.title})
    for article in _articles(articles):
        key = _capture(article)
        if key not in asked.captures:
            continue
        at = found.get(key)
        if at is None:
            raise IntegrityError(
                _("The index has no line for the article %(id)s (%(file)s, byte %(offset)d).")
                % {"id": article["id"], "file": key[0], "offset": key[1]},
                _("“osiris rebuild” makes index and dataset anew from the WARC files."),
            )
        text = "\n\n".join(article[name] for name in _TEXTS if article.get(name))
        yield _line(
            {"id": article["id"], "url": at.url, "ts": instant(at.stamp), "title": article["title"], "text": text}
        )


def _articles(stream: BinaryIO) -> Iterator[dict[str, Any]]:
    stream.seek(0)
    for number, line in enumerate(stream, 1):
        yield article_of(line, number, _capture)


def _capture(article: Mapping[str, Any]) -> tuple[str, int]:
    return article["capture"]["warc"], article["capture"]["offset"]


def _line(page: Mapping[str, Any]) -> bytes:
    return json.dumps(page, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
