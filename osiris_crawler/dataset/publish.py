"""Writing the dataset's files from the join, each replaced in one step."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from osiris_crawler.archive import fixity
from osiris_crawler.dataset.differences import reader_changes
from osiris_crawler.dataset.join import Hides, Join
from osiris_crawler.ledger.ledger import Ledger
from osiris_crawler.ledger.own_notes import OwnNotes
from osiris_crawler.paths import AtomicFile, Collection, replace_file
from osiris_crawler.record import json_schema
from osiris_crawler.site.profile import Site


@dataclass(slots=True)
class Published:
    """What the dataset holds after it was written."""

    articles: int = 0
    withdrawn: int = 0
    duplicates: int = 0
    with_issues: int = 0
    changes: int = 0


def publish(ledger: Ledger, site: Site, collection: Collection, notes: OwnNotes, hides: Hides) -> Published:
    """Write articles.jsonl, changes.jsonl and schema.json without what `hides` keeps back.

    New ids, and what a better reader or model reads otherwise than it was published, go to `notes` first.
    """
    join = Join(ledger, site, hides)
    join.mint(notes.ids)
    counts = Published()
    collection.dataset.mkdir(parents=True, exist_ok=True)
    with AtomicFile(collection.articles) as out:
        for article in join.articles():
            counts.articles += 1
            counts.withdrawn += article.withdrawn is not None
            counts.duplicates += article.duplicate_of is not None
            counts.with_issues += bool(article.issues)
            out.write(article.line().encode() + b"\n")
        out.stream.flush()
        _reread(collection.articles, out.aside, notes)
    with AtomicFile(collection.changes) as out:
        for change in join.changes():
            counts.changes += 1
            out.write(json.dumps(change, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
    replace_file(collection.schema, text=json.dumps(json_schema(), ensure_ascii=False, indent=2) + "\n")
    for path in (collection.articles, collection.changes):
        ledger.note_dataset(path.name, fixity.sha256(path))
    ledger.commit()
    return counts


def _reread(old: Path, new: Path, notes: OwnNotes) -> None:
    """Tell `notes` which articles are read otherwise than they were published, when the reader is another one."""
    before, now = _reader_of(old), _reader_of(new)
    if before is None or now is None or before == now:
        return
    with new.open(encoding="utf-8") as lines:
        changes = list(reader_changes(old, lines))
    if changes:
        notes.rereading(changes, before, now)


def _reader_of(articles: Path) -> str | None:
    """The reader of a dataset's lines; they are all of one."""
    try:
        with articles.open(encoding="utf-8") as lines:
            reader = json.loads(next(lines, "{}")).get("reader")
    except (OSError, ValueError, AttributeError):
        return None
    return reader if isinstance(reader, str) else None
