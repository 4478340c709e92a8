"""The looks that a site's article pages have, as learning told them apart, and which articles' days each was met on."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from osiris_crawler.extract.chrome import Chrome
from osiris_crawler.ledger.db import LedgerDamaged
from osiris_crawler.ledger.learning import frozen
from osiris_crawler.ledger.ledger import Ledger
from osiris_crawler.paths import Collection
from osiris_crawler.site.profile import Site


@dataclass(frozen=True, slots=True)
class Look:
    """One look: how many articles' pages have it, the first and last day that stands on them, one of them."""

    layout: str | None  # None: in none that is known
    pages: int
    first: str | None
    last: str | None
    url: str

    def as_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Known:
    """What a collection has learned of its site."""

    chrome: Chrome | None
    looks: tuple[Look, ...] = ()


def told(pages: Iterable[tuple[str | None, str | None, str]]) -> list[Look]:
    """(layout, day, address) of pages → their looks, that of the newest day first, those in none that is known last."""
    met: dict[str | None, list[tuple[str, str]]] = {}
    for layout, day, url in pages:
        met.setdefault(layout, []).append((day or "", url))
    looks = []
    for layout, found in met.items():
        days = [day for day, _url in found if day]
        looks.append(Look(layout, len(found), min(days, default=None), max(days, default=None), max(found)[1]))
    looks.sort(key=lambda look: (look.last or "", look.layout or ""), reverse=True)
    return sorted(looks, key=lambda look: look.layout is None)


def learned(collection: Collection, site: Site) -> Known | None:
    """What a collection of this site has learned; None when there is none, or nothing can be read of it."""
    try:
        ledger = Ledger(collection.state, create=False, readonly=True)
    except LedgerDamaged:
        return None
    try:
        if ledger.get("site") != site.start_url:
            return None
        return Known(frozen(ledger, collection.archive), tuple(_looks(ledger)))
    except sqlite3.DatabaseError:
        return None
    finally:
        ledger.close()


def _looks(ledger: Ledger) -> list[Look]:
    """The looks of a collection's articles, counted where the pages lie: there may be a great many."""
    rows = ledger.db.query(
        """SELECT layout, count(DISTINCT subject) AS pages, min(readings.date) AS first, max(readings.date) AS last,
                  max(coalesce(readings.date, '') || ' ' || url) AS newest
           FROM readings JOIN captures ON captures.id = readings.capture
           WHERE readings.kind = 'article' GROUP BY layout ORDER BY layout IS NULL, last DESC, layout"""
    )
    return [
        Look(row["layout"], row["pages"], row["first"], row["last"], row["newest"].partition(" ")[2]) for row in rows
    ]
