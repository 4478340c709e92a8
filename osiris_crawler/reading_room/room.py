"""The room's state: its database, what it knows by heart, and what must not be shown, at this moment."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import Any

from osiris_crawler.archive.surt import surt
from osiris_crawler.care.restrictions import hidden, read
from osiris_crawler.care.showing import SCOPES
from osiris_crawler.dataset.clusters import outlets
from osiris_crawler.errors import UsageError
from osiris_crawler.export.database import reading
from osiris_crawler.i18n import _
from osiris_crawler.paths import Collection
from osiris_crawler.reading_room.asking import PER_PAGE, Question
from osiris_crawler.reading_room.beside import Beside
from osiris_crawler.reading_room.marking import Marker, Piece
from osiris_crawler.reading_room.past import Past
from osiris_crawler.reading_room.query import Query, parse
from osiris_crawler.reading_room.shelves import FACETS, Found, Searcher, Shelves, bits, numbers

Mark = tuple[int, int] | None


def _key(db: sqlite3.Connection) -> str | None:
    row = db.execute("SELECT value FROM meta WHERE name = 'key'").fetchone()
    return str(row[0]) if row else None


@dataclass(slots=True)
class Result:
    """What a question finds. `within` is the set of all of it, `items` are those of its page."""

    question: Question
    query: Query
    within: int
    total: int
    items: list[dict[str, Any]] = field(default_factory=list)
    found: Found | None = None  # by words
    ordered: bool = False  # by relevance

    @property
    def pages(self) -> int:
        return max((self.total + PER_PAGE - 1) // PER_PAGE, 1)


class Room:
    """Over a database that does not change. Its methods take a connection to it, and may be called by several threads."""

    def __init__(self, collection: Collection, database: Path, *, replay: bool = False) -> None:
        self.collection = collection
        self.database = database
        self.past = Past(collection)
        self.beside = Beside(collection, wanted=replay)
        with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as db:
            self.shelves = Shelves.read(db)
            self._key = _key(db)
        self._searcher = Searcher(self.shelves)
        self._opened = _mark(collection.articles)
        self._restricted: Mark | bool = False
        self._visible = 0
        self._looking = Lock()

    def check(self, db: sqlite3.Connection) -> None:
        """UsageError when a connection leads to another database than the room began with: another room made it anew."""
        if _key(db) != self._key:
            raise UsageError(
                _("The room's database was made anew since it was opened."), _("End “osiris browse” and begin it again.")
            )

    @property
    def name(self) -> str:
        site = self.past.site
        host = site.start_url.split("/")[2].removeprefix("www.") if site else ""
        return host if host and not host.startswith(("127.", "localhost")) else self.collection.name

    @property
    def shown(self) -> int:
        """How many articles the database has."""
        return self.shelves.size

    @property
    def outdated(self) -> bool:
        """Whether the dataset is another than when the room was opened."""
        return _mark(self.collection.articles) != self._opened

    def visible(self, db: sqlite3.Connection) -> int:
        """The set of articles that may be shown now; UsageError while the restrictions can't be read."""
        with self._looking:
            mark = _mark(self.collection.restrictions)
            if mark != self._restricted:
                self._visible = self.shelves.all & ~self._hidden(db)
                self._restricted = mark
            return self._visible

    def _hidden(self, db: sqlite3.Connection) -> int:
        force = hidden(read(self.collection.restrictions), *SCOPES)
        found = {number for id in force.ids if (number := self._number(db, id)) is not None}
        if force.keys:
            addresses = db.execute("SELECT number, url FROM articles UNION SELECT article, url FROM urls")
            found |= {number for number, url in map(tuple, addresses) if surt(url) in force.keys}
        return bits(found, self.shelves.size)

    def _number(self, db: sqlite3.Connection, id: str) -> int | None:
        row = db.execute("SELECT number FROM articles WHERE id = ?", (id,)).fetchone()
        return int(row[0]) if row else None

    def number(self, db: sqlite3.Connection, id: str) -> int | None:
        """The number of an article that may be shown."""
        found = self._number(db, id)
        return found if found is not None and self.visible(db) >> found & 1 else None

    def article(self, db: sqlite3.Connection, number: int) -> dict[str, Any]:
        """A record, without what it says of an article that must not be shown."""
        found = reading.article(db, number)
        if found["duplicate_of"] is not None and self.number(db, found["duplicate_of"]) is None:
            found["duplicate_of"] = None
        return found

    def events(self, db: sqlite3.Connection, article: Mapping[str, Any], number: int) -> list[dict[str, Any]]:
        return reading.events(db, number, article["id"])

    def family(self, db: sqlite3.Connection, article: Mapping[str, Any]) -> list[int]:
        """The numbers of an article and its reprints, the earliest first, as far as they may be shown."""
        root = article["duplicate_of"] or article["id"]
        rows = db.execute("SELECT number FROM articles WHERE id = ? OR duplicate_of = ? ORDER BY number", (root, root))
        visible = self.visible(db)
        return [number for (number,) in map(tuple, rows) if visible >> number & 1]

    def neighbours(self, db: sqlite3.Connection, number: int) -> tuple[int | None, int | None]:
        """The articles before and after one, by date."""
        visible = self.visible(db)
        before = visible & ((1 << number) - 1)
        after = visible >> (number + 1)
        return (
            before.bit_length() - 1 if before else None,
            number + (after & -after).bit_length() if after else None,
        )

    def search(self, db: sqlite3.Connection, question: Question) -> Result:
        """What a question finds, and its page."""
        result = self._find(db, question)
        chosen = islice(self._ordered(result), (question.page - 1) * PER_PAGE, question.page * PER_PAGE)
        result.items = self.items(db, chosen, Marker(result.query))
        return result

    def everything(self, db: sqlite3.Connection, question: Question) -> Iterator[dict[str, Any]]:
        """All that a question finds, without stretches of text."""
        rows = list(self._ordered(self._find(db, question)))
        for at in range(0, len(rows), 500):
            yield from self.items(db, rows[at : at + 500], None)

    def _find(self, db: sqlite3.Connection, question: Question) -> Result:
        within = self.visible(db)
        found, query = None, Query()
        if question.words.startswith(("http://", "https://")) and " " not in question.words:
            rows = db.execute(
                "SELECT article FROM urls WHERE url = ? UNION SELECT number FROM articles WHERE url = ?",
                (question.words, question.words),
            )
            within &= bits((number for (number,) in map(tuple, rows)), self.shelves.size)
        elif question.words:
            query = parse(question.words)
            found = self._searcher.find(db, query)
            within &= found.set if query else 0
        for facet, value in question.choices:
            within &= self.shelves.sets[facet].get(value, 0)
        ordered = bool(query.groups) and question.sort in ("", "relevance")
        return Result(question, query, within, within.bit_count(), found=found, ordered=ordered)

    def _ordered(self, result: Result) -> Iterator[int]:
        if result.ordered and result.found is not None:
            return result.found.best(result.within)
        return numbers(result.within, newest=result.question.sort != "oldest")

    def items(self, db: sqlite3.Connection, chosen: Iterable[int], marker: Marker | None) -> list[dict[str, Any]]:
        """What a list says of articles; with a marker a stretch of each text, and what is marked in it."""
        wanted = list(chosen)
        texts = ", lead, body, ps" if marker is not None else ""
        marks = ", ".join("?" * len(wanted))
        rows = {
            row[0]: tuple(row)
            for row in db.execute(
                f"SELECT number, id, url, date, title, withdrawn, duplicate_of{texts} FROM articles WHERE number IN ({marks})",  # noqa: S608 - numbers only
                wanted,
            )
        }
        seen = self._seen(db, {row[6] for row in rows.values() if row[6] is not None})
        found = []
        for number in wanted:
            _number, id, url, date, title, withdrawn, root, *text = rows[number]
            sections = self.shelves.of["section"][number]
            found.append(
                {
                    "id": id,
                    "url": url,
                    "date": date,
                    "title": title,
                    "section": max(sections, key=len, default=None),
                    "tags": list(self.shelves.of["tag"][number]),
                    "outlets": list(self.shelves.of["outlet"][number]),
                    "withdrawn": withdrawn,
                    "reprint": root in seen,
                    "marked_title": marker.marked(title) if marker else [(False, title)],
                    "snippet": marker.snippet(*(part or "" for part in text)) if marker else [],
                }
            )
        return found

    def _seen(self, db: sqlite3.Connection, ids: set[str]) -> set[str]:
        """Those ids of articles that may be shown."""
        marks = ", ".join("?" * len(ids))
        visible = self.visible(db)
        numbers = db.execute(f"SELECT id, number FROM articles WHERE id IN ({marks})", list(ids))  # noqa: S608 - marks only
        return {id for id, number in numbers if visible >> number & 1}

    def facets(self, result: Result) -> dict[str, list[tuple[str, int]]]:
        """Of each facet the values that what was found has, the most frequent first; years backwards."""
        found: dict[str, list[tuple[str, int]]] = {}
        for facet in FACETS:
            counted = self.shelves.counts(facet, result.within)
            order = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
            found[facet] = sorted(order, reverse=True) if facet in ("year", "month") else order
        return found

    def branches(self, chosen: str | None, counted: Mapping[str, int]) -> list[tuple[str, str, int]]:
        """The sections below one, or the roots: (path, title, articles)."""
        below = self.shelves.children.get(chosen or "", [])
        return [(path, self.shelves.titles[path], counted[path]) for path in below if counted.get(path)]


def plain(pieces: Iterable[Piece]) -> str:
    return "".join(text for _marked, text in pieces)


def printed_by(article: Mapping[str, Any]) -> list[str]:
    """Who printed an article first."""
    return outlets(article)


def _mark(path: Path) -> Mark:
    """What tells that a file is another than before."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_ino
