"""Articles read back from such a file, as the dataset's lines have them."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from osiris_crawler.record import keys

_LISTS = {
    "urls": "SELECT url FROM urls WHERE article = ? ORDER BY place",
    "tags": "SELECT title FROM article_tags JOIN tags USING (tag) WHERE article = ? ORDER BY place",
    "authors": "SELECT name FROM authors WHERE article = ? ORDER BY place",
    "notes": "SELECT text FROM notes WHERE article = ? ORDER BY place",
    "issues": "SELECT issue FROM issues WHERE article = ? ORDER BY place",
}
_OBJECTS = {
    "sources": "SELECT text, name, outlet, url, date FROM sources WHERE article = ? ORDER BY place",
    "images": "SELECT url, title, type FROM media WHERE article = ? AND kind = 'image' ORDER BY place",
    "documents": "SELECT url, title, type FROM media WHERE article = ? AND kind = 'document' ORDER BY place",
}
_SECTION = """WITH RECURSIVE up (section, parent, title, depth) AS (
  SELECT section, parent, title, 0 FROM sections WHERE section = ?
  UNION ALL SELECT sections.section, sections.parent, sections.title, depth + 1
  FROM sections JOIN up ON sections.section = up.parent
) SELECT title FROM up ORDER BY depth DESC"""


def article(db: sqlite3.Connection, number: int) -> dict[str, Any]:
    """The record of an article that is there, keys in the order of the definition."""
    cursor = db.execute("SELECT * FROM articles WHERE number = ?", (number,))
    columns = [column[0] for column in cursor.description]
    row = dict(zip(columns, cursor.fetchone(), strict=True))
    found: dict[str, Any] = {**row}
    found["section"] = [title for (title,) in map(tuple, db.execute(_SECTION, (row["section"],)))]
    for name, query in _LISTS.items():
        found[name] = [value for (value,) in map(tuple, db.execute(query, (number,)))]
    for name, query in _OBJECTS.items():
        cursor = db.execute(query, (number,))
        names = [column[0] for column in cursor.description]
        found[name] = [dict(zip(names, values, strict=True)) for values in cursor]
    capture = {name: row[f"capture_{name}"] for name in ("warc", "offset", "record_id", "date")}
    found["capture"] = capture if capture["warc"] is not None else None
    return {name: found[name] for name in keys()}


def events(db: sqlite3.Connection, number: int, id: str) -> list[dict[str, Any]]:
    """What happened to an article, as changes.jsonl has it."""
    rows = db.execute(
        "SELECT run, at, event, cause, url, fields FROM changes WHERE article = ? ORDER BY change", (number,)
    )
    return [
        {
            "run": run,
            "at": at,
            "event": event,
            "cause": cause,
            "id": id,
            "url": url,
            "fields": [str(name) for name in json.loads(fields)],
        }
        for run, at, event, cause, url, fields in map(tuple, rows)
    ]
