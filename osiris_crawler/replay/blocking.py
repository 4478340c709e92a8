"""What restrictions.jsonl hides, as access rules that pywb obeys (`.aclj`)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from osiris_crawler.archive.surt import surt
from osiris_crawler.care.rebuilding import site_of
from osiris_crawler.care.restrictions import Hidden, hidden, read
from osiris_crawler.dataset.join import Join
from osiris_crawler.errors import OsirisError, UsageError
from osiris_crawler.i18n import _
from osiris_crawler.ledger.db import LedgerDamaged
from osiris_crawler.ledger.ledger import Ledger
from osiris_crawler.paths import Collection

_EXACT = "###"  # pywb: the rule is for this address alone, not for all that begin so


def aclj(keys: Iterable[str]) -> bytes:
    """Rules that block addresses, given as SURT keys, in pywb's order: bytewise, backwards."""
    lines = (f"{key}{_EXACT} - {json.dumps({'access': 'block', 'url': key})}\n".encode() for key in set(keys))
    return b"".join(sorted(lines, reverse=True))


def blocked(collection: Collection, now: datetime | None = None) -> frozenset[str]:
    """SURT keys of all addresses that replay must not show.

    An id, and an address of an article, stand for all addresses of that article. An id that neither the dataset nor the
    ledger knows is an error: its pages would be shown.
    """
    wanted = hidden(read(collection.restrictions), "replay", now=now)
    if not wanted:
        return frozenset()
    keys, known = _addresses(_dataset(collection), wanted)
    if wanted.keys or wanted.ids - known:
        # A dataset that leaves out what is hidden can't name its addresses; the ledger can.
        more, found = _addresses(_ledger(collection), wanted)
        keys, known = keys | more, known | found
    if wanted.ids - known:
        raise UsageError(
            _("%(path)s hides articles that are not in the dataset: %(ids)s.")
            % {"path": collection.restrictions, "ids": ", ".join(sorted(wanted.ids - known)[:5])},
            _("Correct the ids, or run “osiris rebuild”; until then nothing is replayed, as they can't be hidden."),
        )
    return keys | wanted.keys


def _addresses(articles: Iterable[Mapping[str, Any]], wanted: Hidden) -> tuple[frozenset[str], frozenset[str]]:
    """(SURT keys of the articles that are hidden, ids of those)"""
    keys: set[str] = set()
    ids: set[str] = set()
    for article in articles:
        if wanted.hides(article):
            ids.add(article["id"])
            keys.update(surt(url) for url in (article["url"], *article["urls"]))
    return frozenset(keys), frozenset(ids)


def _dataset(collection: Collection) -> Iterator[Mapping[str, Any]]:
    if not collection.articles.exists():
        return
    with collection.articles.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                article = json.loads(line)
                yield {name: article[name] for name in ("id", "url", "urls")}
            except (ValueError, RecursionError, KeyError, TypeError):
                raise OsirisError(
                    _("Line %(line)d of %(path)s can't be read.") % {"line": number, "path": collection.articles},
                    _("“osiris rebuild” makes the dataset anew."),
                ) from None


def _ledger(collection: Collection) -> Iterator[Mapping[str, Any]]:
    if not collection.state.exists():
        return
    try:
        ledger = Ledger(collection.state, readonly=True)
    except LedgerDamaged:
        return
    try:
        join = Join(ledger, site_of(collection))
        join.mint(lambda minted: None)
        for article in join.articles():
            yield {"id": article.id, "url": article.url, "urls": article.urls}
    finally:
        ledger.close()
