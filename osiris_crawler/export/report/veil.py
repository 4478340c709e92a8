"""What a report must not name: articles under any restriction in force, by id or by any of their addresses.

A report goes from hand to hand, and the slug in an address is the title once more.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from osiris_crawler.archive.surt import surt
from osiris_crawler.care.restrictions import SCOPES, hidden, read
from osiris_crawler.export.report.markup import Html, link, safe
from osiris_crawler.i18n import _
from osiris_crawler.ledger.db import LedgerDamaged
from osiris_crawler.ledger.ledger import Ledger
from osiris_crawler.paths import Collection

_LINK = re.compile(r'<a href="([^"]*)"')


class Veil:
    """The restrictions of a collection; UsageError when a line of them can't be read. `complete`: every article and event
    has been looked at, so that all addresses of what is hidden are known."""

    def __init__(self, collection: Collection) -> None:
        self._hidden = hidden(read(collection.restrictions), *SCOPES)
        self._keys = set(self._hidden.keys)
        self._ids = set(self._hidden.ids)
        # The dataset has no line of what is hidden from it, which would tell its addresses.
        self._keys.update(_known(collection, self._ids) if self._ids else ())
        self.complete = False

    def __bool__(self) -> bool:
        return bool(self._hidden)

    def covers(self, article: Mapping[str, Any]) -> bool:
        """Whether an article must not be named; from then on neither are its addresses."""
        if not self._hidden.hides(article):
            return False
        self._ids.add(article["id"])
        self._keys.update(surt(url) for url in (article["url"], *article["urls"]))
        return True

    def learn(self, articles: Iterable[Mapping[str, Any]], changes: Iterable[Mapping[str, Any]]) -> None:
        """Look at the whole dataset."""
        for article in articles:
            self.covers(article)
        for change in changes:
            if change.get("id") in self._ids and isinstance(change.get("url"), str):
                self._keys.add(surt(change["url"]))
        self.complete = True

    def event(self, id: str | None, url: str) -> bool:
        """Whether what is told of an event must not be named."""
        return id in self._ids or self._veiled(url)

    def is_named_in(self, page: str) -> bool:
        """Whether a page that was written before links to what must not be named; no page names anything without a link."""
        return any(self._veiled(html.unescape(url)) for url in set(_LINK.findall(page)))

    def address(self, url: str) -> Html:
        """An address as a link, or that it must not be named."""
        return safe(_("an address under restriction")) if self._veiled(url) else link(url)

    def _veiled(self, url: str) -> bool:
        return bool(self._keys) and surt(url) in self._keys


def _known(collection: Collection, ids: Iterable[str]) -> set[str]:
    """The SURT keys of the addresses by which the ledger knows articles; none where it can't be asked."""
    if not collection.state.exists():
        return set()
    try:
        ledger = Ledger(collection.state, create=False, readonly=True)
    except LedgerDamaged:
        return set()
    try:
        rows = ledger.db.query(
            """SELECT DISTINCT url FROM captures LEFT JOIN readings ON capture = captures.id
               JOIN ids ON ids.key IN (captures.key, subject) WHERE ids.id IN (SELECT value FROM json_each(?))""",
            (json.dumps(list(ids)),),
        )
        return {surt(row["url"]) for row in rows}
    finally:
        ledger.close()
