"""Writing the dataset's files from the join, each replaced in one step."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from osiris_crawler.archive import fixity
from osiris_crawler.dataset.join import Join
from osiris_crawler.ledger.ledger import Ledger
from osiris_crawler.paths import AtomicFile, Collection, replace_file
from osiris_crawler.record import json_schema
from osiris_crawler.site.profile import Site

Mint = Callable[[list[tuple[str, str, int | None]]], None]


@dataclass(slots=True)
class Published:
    """What the dataset holds after it was written."""

    articles: int = 0
    withdrawn: int = 0
    duplicates: int = 0
    with_issues: int = 0
    changes: int = 0


def publish(ledger: Ledger, site: Site, collection: Collection, mint: Mint) -> Published:
    """Write articles.jsonl, changes.jsonl and schema.json; ids that are new go through `mint` first."""
    join = Join(ledger, site)
    join.mint(mint)
    counts = Published()
    collection.dataset.mkdir(parents=True, exist_ok=True)
    with AtomicFile(collection.articles) as out:
        for article in join.articles():
            counts.articles += 1
            counts.withdrawn += article.withdrawn is not None
            counts.duplicates += article.duplicate_of is not None
            counts.with_issues += bool(article.issues)
            out.write(article.line().encode() + b"\n")
    with AtomicFile(collection.changes) as out:
        for change in join.changes():
            counts.changes += 1
            out.write(json.dumps(change, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
    replace_file(collection.schema, text=json.dumps(json_schema(), ensure_ascii=False, indent=2) + "\n")
    for path in (collection.articles, collection.changes):
        ledger.note_dataset(path.name, fixity.sha256(path))
    ledger.commit()
    return counts
