"""The tree of sections as the pages assert it, now and in each walk before."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise

from osiris_crawler.ledger.ledger import Ledger

_DEEPEST = 30
TRAIL, LISTED = 2, 0  # weights of what a breadcrumb says, and the page of the section above


@dataclass(frozen=True, slots=True)
class Position:
    """Where a section hung in one walk; `since` is the first page of that walk that said so."""

    title: str
    parent: str | None
    since: str
    crawl: int
    url: str


class Sections:
    """Newest position of every section, and the moves between walks.

    The strongest kind of statement counts (a breadcrumb before the plan, the plan before a listing), and of these the
    newest in each walk. So a change of the archive's label moves one section, not the articles below it. With `own`
    only our own walks are looked at, not what imports tell.
    """

    def __init__(self, ledger: Ledger, *, own: bool = False) -> None:
        self._history: dict[str, list[Position]] = {}
        self._listed: dict[str, tuple[int, set[str]]] = {}  # section → (newest walk, the sections whose pages list it)
        ranks = ledger.ranks()
        rows = ledger.db.query(
            "SELECT * FROM nodes ORDER BY section, crawl, last, title, coalesce(parent, '')"
        ).fetchall()
        if own:
            rows = [row for row in rows if row["crawl"] >= 0]
        strongest: dict[str, int] = {}
        for row in rows:
            strongest[row["section"]] = max(row["weight"], strongest.get(row["section"], row["weight"]))
        # A breadcrumb that begins with a section says that it hangs below none.
        self._rooted = {section for section, weight in strongest.items() if weight == TRAIL}
        for row in sorted(rows, key=lambda row: (row["section"], ranks.get(row["crawl"], 0))):
            if row["weight"] == LISTED and row["parent"] is not None:
                crawl, above = self._listed.get(row["section"], (None, set()))
                above = above if crawl == row["crawl"] else set()
                self._listed[row["section"]] = row["crawl"], above | {row["parent"]}
            if row["weight"] != strongest[row["section"]]:
                continue
            position = Position(row["title"], row["parent"], row["first"], row["crawl"], row["url"])
            history = self._history.setdefault(row["section"], [])
            if history and history[-1].crawl == position.crawl:
                history[-1] = position
            else:
                history.append(position)

    def known(self) -> list[tuple[str, str, str]]:
        """(section, its title, its address) of every section, by title."""
        return sorted(
            ((section, history[-1].title, history[-1].url) for section, history in self._history.items()),
            key=lambda known: (known[1], known[0]),
        )

    def path(self, section: str | None) -> list[str]:
        """Titles from the root down to a section, by the newest statements."""
        titles: list[str] = []
        seen: set[str] = set()
        while section is not None and section in self._history and section not in seen and len(titles) < _DEEPEST:
            seen.add(section)
            position = self._history[section][-1]
            titles.append(position.title)
            section = position.parent
        return titles[::-1]

    def within(self, section: str, above: str, menu: Collection[str] = ()) -> bool:
        """Whether a section hangs somewhere below another, or is it, as far as a walk has to know.

        A plan may name a section without a link to it, and what stands below seems to hang nowhere. There the pages of
        sections that list it are believed, unless it stands in the `menu`, which lists sections on every page.
        """
        seen: set[str] = set()
        ahead = [section]
        while ahead:
            current = ahead.pop()
            if current == above:
                return True
            if current not in seen:
                seen.add(current)
                ahead += self._above(current, menu)
        return False

    def _above(self, section: str, menu: Collection[str]) -> Collection[str]:
        history = self._history.get(section)
        if history and history[-1].parent is not None:
            return (history[-1].parent,)
        if section in self._rooted or section in menu:
            return ()
        _crawl, listed = self._listed.get(section, (0, ()))
        return listed

    def moves(self) -> list[tuple[str, Position]]:
        """(section, its new position) of every section that hung elsewhere or was named otherwise in the walk before."""
        return [
            (section, new)
            for section, history in self._history.items()
            for old, new in pairwise(history)
            if (old.title, old.parent) != (new.title, new.parent)
        ]
