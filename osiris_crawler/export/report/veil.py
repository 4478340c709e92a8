"""What a report must not name: articles under any restriction in force, by id or by any of their addresses.

A report goes from hand to hand, and the slug in an address is the title once more.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from osiris_crawler.archive.surt import surt
from osiris_crawler.care.restrictions import SCOPES, Hidden, hidden, read
from osiris_crawler.export.report.markup import Html, link, safe
from osiris_crawler.i18n import _
from osiris_crawler.paths import Collection


class Veil:
    """The restrictions of a collection; UsageError when a line of them can't be read."""

    def __init__(self, collection: Collection) -> None:
        restrictions = read(collection.restrictions)
        parts = [hidden(restrictions, scope) for scope in SCOPES]
        self._hidden = Hidden(
            frozenset().union(*(part.ids for part in parts)), frozenset().union(*(part.keys for part in parts))
        )
        self._keys = set(self._hidden.keys)

    def __bool__(self) -> bool:
        return bool(self._hidden)

    def covers(self, article: Mapping[str, Any]) -> bool:
        """Whether an article must not be named; from then on neither are its addresses."""
        if not self._hidden.hides(article):
            return False
        self._keys.update(surt(url) for url in (article["url"], *article["urls"]))
        return True

    def event(self, id: str | None, url: str) -> bool:
        """Whether what is told of an event must not be named."""
        return id in self._hidden.ids or self._veiled(url)

    def address(self, url: str) -> Html:
        """An address as a link, or that it must not be named."""
        return safe(_("an address under restriction")) if self._veiled(url) else link(url)

    def _veiled(self, url: str) -> bool:
        return bool(self._keys) and surt(url) in self._keys
