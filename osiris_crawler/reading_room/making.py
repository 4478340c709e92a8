"""The room's database: the dataset without what is restricted, made anew when one of its files says something else.

articles.jsonl, changes.jsonl, restrictions.jsonl → exports/reading-room.sqlite
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from typing import Any

from osiris_crawler.care.restrictions import hidden, read
from osiris_crawler.care.showing import SCOPES, Kept
from osiris_crawler.dataset import wording
from osiris_crawler.dataset.changes import read_changes
from osiris_crawler.dataset.lookup import whole_articles
from osiris_crawler.dataset.reading import no_dataset
from osiris_crawler.export import database
from osiris_crawler.export.database.building import build
from osiris_crawler.i18n import _
from osiris_crawler.paths import AtomicFile, Collection, remove_leftovers, writable

NAME = "reading-room.sqlite"
# Another way to make it makes another database.
_MAKERS = (*sorted(Path(database.__file__).parent.glob("*.*")), Path(wording.__file__), Path(__file__))
Progress = Callable[[int, int], None]


def prepared(collection: Collection, progress: Progress) -> Path:
    """The database, made when there is none of today's dataset; `progress` hears of bytes then."""
    path = collection.exports / NAME
    wanted = _key(collection)
    if key_of(path) == wanted:
        return path
    with writable(path, _("The reading room needs its database there: make room, or mend the folder's permissions.")):
        path.parent.mkdir(parents=True, exist_ok=True)
        remove_leftovers(path)
        with AtomicFile(path) as file:
            meta = {"collection": collection.name, "key": wanted}
            build(file.aside, _shown(collection, progress), read_changes(collection), lambda: meta)
    return path


def key_of(path: Path) -> str | None:
    """What a database was made of; None when there is none that can be read."""
    if not path.exists():
        return None
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
            row = db.execute("SELECT value FROM meta WHERE name = 'key'").fetchone()
    except sqlite3.DatabaseError:
        return None
    return str(row[0]) if row else None


def _key(collection: Collection) -> str:
    """Sums of what a database is made of. Of the restrictions what is in force counts: time ends some without a change."""
    if not collection.articles.exists():
        raise no_dataset(collection)
    kept_back = hidden(read(collection.restrictions), *SCOPES)
    facts = [version("snowballstemmer"), sorted(kept_back.ids), sorted(kept_back.keys)]
    sum = hashlib.sha256(json.dumps(facts).encode())
    for path in _MAKERS:
        sum.update(path.read_bytes() if path.suffix in (".py", ".sql") else b"")
    for path in (collection.articles, collection.changes):
        if path.exists():
            with path.open("rb") as stream:
                sum.update(hashlib.file_digest(stream, "sha256").digest())
    return sum.hexdigest()


def _shown(collection: Collection, progress: Progress) -> Iterator[dict[str, Any]]:
    """The articles that may be shown; what they say of one that may not be is left out."""
    kept = Kept(collection)
    size, done, veiled = collection.articles.stat().st_size, 0, set()
    for article in whole_articles(collection):
        done += len(json.dumps(article, ensure_ascii=False))  # letters; near enough to bytes for a bar
        progress(min(done, size), size)
        if kept.hides(article):
            veiled.add(article["id"])
        else:
            yield {**article, "duplicate_of": None} if article["duplicate_of"] in veiled else article
