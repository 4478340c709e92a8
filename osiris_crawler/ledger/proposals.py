"""Ids that another collection of ours gave: taken for articles that have none here.

They are kept apart from the ids of this collection, which stand whatever an import brings. When an article gets a
proposed id, that is written to a WARC file of this collection like any other, and is its own from then on.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from osiris_crawler.archive.clock import normal_date
from osiris_crawler.archive.index import LONGEST_ADDRESS
from osiris_crawler.archive.reader import Record
from osiris_crawler.archive.records import entries_of, note_of
from osiris_crawler.ledger.ledger import Ledger
from osiris_crawler.site import urls
from osiris_crawler.site.profile import Site

_PREFIX = "proposed-id "
_LONGEST = 200  # characters of an id


@dataclass(frozen=True, slots=True, order=True)
class Proposal:
    """An id for the article under a key; the oldest counts."""

    date: str
    id: str
    key: str


def propose(ledger: Ledger, record: Record, site: Site) -> None:
    """Note the ids of an imported id record."""
    date = normal_date(record.date) or ""
    for entry in entries_of(note_of(record.block), "ids", "id", "key"):
        id, key = entry["id"], entry["key"]
        if not _usable(id) or len(key) > LONGEST_ADDRESS:
            continue
        # The other collection may know the site by another of its hosts, or by https.
        proposal = Proposal(date, id, urls.parse(key, site).key)
        there = ledger.get(_PREFIX + proposal.key)
        if there is None or proposal < Proposal(*json.loads(there)):
            ledger.put(_PREFIX + proposal.key, json.dumps([proposal.date, proposal.id, proposal.key]))


def _usable(id: str) -> bool:
    return 0 < len(id) <= _LONGEST and id.isprintable() and " " not in id and "/" not in id


def proposals(ledger: Ledger) -> list[Proposal]:
    """All of them, oldest first."""
    rows = ledger.db.query("SELECT value FROM meta WHERE name >= ? AND name < ?", (_PREFIX, _PREFIX + "\U0010ffff"))
    return sorted(Proposal(*json.loads(row["value"])) for row in rows)
