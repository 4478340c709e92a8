"""What the room knows by heart: for every year, keyword, section and outlet a set of articles, as bits of one number.

The n-th bit stands for the article `number` n. Sets are cut and counted thousands of times a second this way, which lets
every page tell how many articles each choice would leave.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from osiris_crawler.reading_room.query import Query, Term, tame

FACETS = ("year", "month", "tag", "section", "outlet")
_FEW = 2000  # articles up to which facets are counted one by one
MANY = 5000  # articles beyond which words say nothing of rank: titles come first, then the newest
_TITLED = 1000  # … of which so many, the newest
_WEIGHTS = "24.0, 1.0, 3.0"  # a word in a title, in the text, in what is said about it
_REMEMBERED = 64  # questions

_FACET_ROWS = {
    "year": "SELECT substr(date, 1, 4), number FROM articles WHERE date IS NOT NULL",
    "month": "SELECT substr(date, 1, 7), number FROM articles WHERE date IS NOT NULL",
    "tag": "SELECT title, article FROM article_tags JOIN tags USING (tag)",
    # An article of a section is one of all sections above it.
    "section": """WITH RECURSIVE above (section, up) AS (
        SELECT section, section FROM sections
        UNION ALL SELECT above.section, parent FROM above JOIN sections ON sections.section = up WHERE parent IS NOT NULL
    ) SELECT path, number FROM articles JOIN above USING (section) JOIN sections ON sections.section = up""",
    "outlet": "SELECT DISTINCT coalesce(outlet, name), article FROM sources WHERE coalesce(outlet, name) IS NOT NULL",
}


def bits(numbers: Iterable[int], size: int) -> int:
    """A set of numbers below `size`."""
    field = bytearray(size // 8 + 1)
    for number in numbers:
        field[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(field, "little")


def numbers(set: int, *, newest: bool = True) -> Iterator[int]:
    """The numbers in a set, in order or backwards."""
    data = set.to_bytes(set.bit_length() // 8 + 1, "little")
    places = range(len(data) - 1, -1, -1) if newest else range(len(data))
    order = range(7, -1, -1) if newest else range(8)
    for place in places:
        byte = data[place]
        if byte:
            for bit in order:
                if byte >> bit & 1:
                    yield place * 8 + bit


@dataclass(frozen=True, slots=True)
class Found:
    """Articles that a question finds. Where words can tell, the best of them first, or those that have them in the title."""

    set: int
    ranked: tuple[int, ...] = ()
    titled: int = 0

    def best(self, within: int) -> Iterator[int]:
        """Those of a set, the best first."""
        if self.ranked:
            data = within.to_bytes(within.bit_length() // 8 + 1, "little")
            most = within.bit_length()
            yield from (number for number in self.ranked if number < most and data[number >> 3] >> (number & 7) & 1)
            return
        yield from numbers(within & self.titled)
        yield from numbers(within & ~self.titled)


@dataclass(slots=True)
class Shelves:
    """Sets of all values of all facets; `of` has the values of each article."""

    size: int
    sets: dict[str, dict[str, int]] = field(default_factory=dict)
    of: dict[str, list[tuple[str, ...]]] = field(default_factory=dict)
    children: dict[str, list[str]] = field(default_factory=dict)  # of sections' paths; of "" the roots
    titles: dict[str, str] = field(default_factory=dict)  # of sections, by path

    @classmethod
    def read(cls, db: sqlite3.Connection) -> Shelves:
        (top,) = db.execute("SELECT coalesce(max(number), -1) FROM articles").fetchone()
        found = cls(top + 1)
        for facet, query in _FACET_ROWS.items():
            values: dict[str, list[int]] = {}
            of: list[tuple[str, ...]] = [()] * found.size
            for named, number in map(tuple, db.execute(query)):
                value = tame(named)  # as an address names it
                if value not in of[number]:
                    of[number] = (*of[number], value)
                    values.setdefault(value, []).append(number)
            found.sets[facet] = {value: bits(members, found.size) for value, members in values.items()}
            found.of[facet] = of
        for path, title, parent in map(
            tuple,
            db.execute(
                "SELECT s.path, s.title, p.path FROM sections AS s LEFT JOIN sections AS p ON p.section = s.parent ORDER BY s.section"
            ),
        ):
            found.titles[tame(path)] = title
            below = found.children.setdefault(tame(parent or ""), [])
            if tame(path) not in below:
                below.append(tame(path))
        return found

    @property
    def all(self) -> int:
        return (1 << self.size) - 1

    def counts(self, facet: str, within: int) -> Counter[str]:
        """How many articles of a set each value has; those without any are left out."""
        counted: Counter[str] = Counter()
        if within.bit_count() <= _FEW:
            of = self.of[facet]
            for number in numbers(within):
                counted.update(of[number])
        else:
            for value, members in self.sets[facet].items():
                if count := (members & within).bit_count():
                    counted[value] = count
        return counted


class Searcher:
    """Finds the articles of a question. The last questions are remembered: the database doesn't change under it."""

    def __init__(self, shelves: Shelves) -> None:
        self._shelves = shelves
        self._known: Callable[[sqlite3.Connection, Query], Found] = lru_cache(_REMEMBERED)(self._find)

    def find(self, db: sqlite3.Connection, query: Query) -> Found:
        return self._known(db, query)

    def _find(self, db: sqlite3.Connection, query: Query) -> Found:
        found, plain = self._shelves.all, []
        for group in query.groups:
            if any(term.beginning for term in group):
                members = 0
                for term in group:
                    members |= self._members(db, term)
                found &= members
            else:
                plain.append("(" + " OR ".join(term.match for term in group) + ")")
        match = " AND ".join(plain)
        if plain:
            found &= self._matching(db, "articles_stems", match)
        for term in query.without:
            found &= ~self._members(db, term)
        if not plain:
            return Found(found)
        if found.bit_count() > MANY:
            return Found(found, titled=self._matching(db, "articles_stems", f"title : ({match})", _TITLED))
        return Found(found, self._ranked(db, match))

    def _members(self, db: sqlite3.Connection, term: Term) -> int:
        return self._matching(db, "articles_fts" if term.beginning else "articles_stems", term.match)

    def _matching(self, db: sqlite3.Connection, table: str, match: str, newest: int | None = None) -> int:
        query = f"SELECT rowid FROM {table} WHERE {table} MATCH ?"  # noqa: S608 - our own names
        if newest is not None:
            query += f" ORDER BY rowid DESC LIMIT {newest}"
        return bits(_listed(db, query, match), self._shelves.size)

    def _ranked(self, db: sqlite3.Connection, match: str) -> tuple[int, ...]:
        order = f"ORDER BY bm25(articles_stems, {_WEIGHTS}), rowid DESC"
        return tuple(_listed(db, f"SELECT rowid FROM articles_stems WHERE articles_stems MATCH ? {order}", match))  # noqa: S608


def _listed(db: sqlite3.Connection, query: str, match: str) -> list[int]:
    """The numbers that a query gives. Tens of thousands of rows, one by one, would cost more than finding them."""
    (found,) = db.execute(f"SELECT json_group_array(rowid) FROM ({query})", (match,)).fetchone()  # noqa: S608
    numbers: list[int] = json.loads(found)
    return numbers
