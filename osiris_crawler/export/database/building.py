"""A dataset → one SQLite file: its tables, and two indexes of its words (schema.sql).

The same articles and changes give the same bytes from the same version of SQLite: nothing of the clock is in it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from osiris_crawler.errors import IntegrityError
from osiris_crawler.export.database import french
from osiris_crawler.i18n import _

FORMAT = "osiris-sqlite-1"
JOINT = " › "  # between the titles of a section's path
_HERE = Path(__file__).parent
_COLUMNS = (
    "id", "url", "date", "title", "overline", "subtitle", "date_text", "kind", "language", "duplicate_of", "version", "first_seen",
    "last_changed", "withdrawn", "link", "content_digest", "reader", "lead", "body", "ps",
)  # fmt: skip
_CAPTURE = ("warc", "offset", "record_id", "date")
_BATCH = 500  # articles


def build(
    path: Path, articles: Iterable[Mapping[str, Any]], changes: Iterable[Mapping[str, Any]], meta: Callable[[], Mapping[str, str]]
) -> int:
    """Write a database into an empty file; gives the number of articles.

    `articles` in the order of the dataset. Changes of articles that are not among them are left out. `meta` is asked when all
    have been read. OSError when the disk fails, IntegrityError when an article is there twice.
    """
    try:
        return _build(path, articles, changes, meta)
    except sqlite3.OperationalError as problem:
        raise OSError(str(problem)) from problem
    except sqlite3.IntegrityError as problem:
        raise IntegrityError(
            _("articles.jsonl contradicts itself: %(why)s.") % {"why": problem},
            _("“osiris rebuild” makes it from the WARC files."),
        ) from problem


def _build(
    path: Path, articles: Iterable[Mapping[str, Any]], changes: Iterable[Mapping[str, Any]], meta: Callable[[], Mapping[str, str]]
) -> int:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        # What is half written is thrown away, so nothing needs to be safe before the end.
        db.executescript("PRAGMA page_size = 4096; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
        db.executescript((_HERE / "schema.sql").read_text("utf-8"))
        db.execute("BEGIN")
        writer = _Writer(db)
        for article in articles:
            writer.add(article)
        writer.flush()
        writer.changes(changes)
        facts = {"format": FORMAT, "articles": str(len(writer.numbers)), **meta()}
        db.executemany("INSERT INTO meta VALUES (?, ?)", [(name, _text(value)) for name, value in facts.items()])
        db.execute("COMMIT")
        for index in ("articles_fts", "articles_stems"):
            db.execute(f"INSERT INTO {index} ({index}) VALUES ('optimize')")  # noqa: S608 - our own names
        db.executescript((_HERE / "indexes.sql").read_text("utf-8"))
        db.executescript("ANALYZE; VACUUM;")
    return len(writer.numbers)


def _text(value: Any) -> Any:
    """Halves of letters, which JSON can hold and a database can't, become a mark."""
    if isinstance(value, str) and not value.isascii():
        return value.encode("utf-8", "replace").decode("utf-8") if _has_halves(value) else value
    return value


def _has_halves(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False


class _Writer:
    """Rows of many tables, written some at a time."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self.numbers: dict[str, int] = {}  # of articles, by id
        self._sections: dict[tuple[str, ...], int] = {}
        self._tags: dict[str, int] = {}
        self._rows: dict[str, list[tuple[Any, ...]]] = {}
        self._waiting = 0

    def _put(self, table: str, *values: Any) -> None:
        self._rows.setdefault(table, []).append(tuple(map(_text, values)))

    def flush(self) -> None:
        for table, rows in self._rows.items():
            marks = ", ".join("?" * len(rows[0]))
            self._db.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608 - our own names
        self._rows.clear()
        self._waiting = 0

    def add(self, article: Mapping[str, Any]) -> None:
        """One article with all that hangs on it."""
        number = len(self.numbers)
        self.numbers[article["id"]] = number
        capture = article["capture"] or {}
        self._put(
            "articles (number, section, " + ", ".join((*_COLUMNS, *(f"capture_{name}" for name in _CAPTURE))) + ")",
            number, self._section(tuple(article["section"])), *(article[name] for name in _COLUMNS),
            *(capture.get(name) for name in _CAPTURE),
        )  # fmt: skip
        for table, name in (("urls", "urls"), ("authors", "authors"), ("notes", "notes"), ("issues", "issues")):
            for place, value in enumerate(article[name]):
                self._put(table, number, place, value)
        for place, tag in enumerate(article["tags"]):
            self._put("article_tags", number, place, self._tag(tag))
        for place, source in enumerate(article["sources"]):
            self._put("sources", number, place, *(source[name] for name in ("text", "name", "outlet", "url", "date")))
        for kind in ("image", "document"):
            for place, media in enumerate(article[f"{kind}s"]):
                self._put("media", number, kind, place, *(media[name] for name in ("url", "title", "type")))
        texts = [article[name] for name in ("title", "overline", "subtitle", "lead", "body", "ps")]
        self._put("articles_fts (rowid, title, overline, subtitle, lead, body, ps)", number, *texts)
        self._put("articles_stems (rowid, title, text, about)", number, *map(_stemmed, parts(article)))
        self._waiting += 1
        if self._waiting == _BATCH:
            self.flush()

    def _section(self, titles: tuple[str, ...]) -> int | None:
        if not titles:
            return None
        if titles not in self._sections:
            parent = self._section(titles[:-1])
            self._sections[titles] = len(self._sections) + 1
            self._put("sections", self._sections[titles], parent, titles[-1], JOINT.join(titles))
        return self._sections[titles]

    def _tag(self, title: str) -> int:
        title = _text(title)
        if title not in self._tags:
            self._tags[title] = len(self._tags) + 1
            self._put("tags", self._tags[title], title)
        return self._tags[title]

    def changes(self, changes: Iterable[Mapping[str, Any]]) -> None:
        for number, change in enumerate(changes, 1):
            about = change["id"]
            if about is None or about in self.numbers:
                article = None if about is None else self.numbers[about]
                fields = json.dumps(change["fields"], ensure_ascii=False)
                self._put(
                    "changes",
                    number,
                    article,
                    *(change[name] for name in ("run", "at", "event", "cause", "url")),
                    fields,
                )
        self.flush()


def parts(article: Mapping[str, Any]) -> tuple[list[str], list[str], list[str]]:
    """The texts of an article as a search weighs them: its titles, its text, what is said about it."""
    about = [*article["authors"], *article["tags"], *article["section"]]
    for source in article["sources"]:
        about += [source["text"], *(source[name] for name in ("name", "outlet") if source[name])]
    titles = [article["title"], article["overline"], article["subtitle"]]
    texts = [article["lead"], article["body"], article["ps"], *article["notes"]]
    return [text for text in titles if text], [text for text in texts if text], about


def _stemmed(texts: list[str]) -> str:
    # A stop that is no word of a text keeps a phrase from running over its end.
    return " 0stop0 ".join(" ".join(french.stems(text)) for text in texts)
