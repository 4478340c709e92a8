"""What the views need and no exchange holds: to the WARC first, then to the ledger.

Ids given to articles, frozen models of learned chrome, and what a better reader or model changed in articles that were
published before. `rebuild` finds all of them in the WARC files.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from osiris_crawler.archive.exchange import DISOWNED, IDS, MODEL, REREADING
from osiris_crawler.archive.writer import Kept, WarcWriter
from osiris_crawler.extract.chrome import Chrome
from osiris_crawler.ledger.disowning import Taken, disown
from osiris_crawler.ledger.ledger import Ledger

Minted = tuple[str, str, int | None]  # id, key, SPIP's number
_JSON = "application/json"
_IN_A_RECORD = 5000  # articles that one record of a rereading names


class OwnNotes:
    """Writes them in the name of a run. `alone`: nothing else is written to these files, so the ledger knows them whole."""

    def __init__(self, ledger: Ledger, run: str, writer: Callable[[], WarcWriter], *, alone: bool) -> None:
        self._ledger = ledger
        self._run = run
        self._writer = writer
        self._alone = alone

    def ids(self, minted: Sequence[Minted]) -> None:
        """Ids of articles that were never published."""
        entries = [{"id": id, "key": key, "number": number} for id, key, number in minted]
        kept = self._writer().write_metadata_sync(IDS, {"run": self._run, "ids": entries})
        for id, key, number in minted:
            self._ledger.mint(id, key, number, kept.date)
        self._known(kept)

    def model(self, chrome: Chrome, captures: Sequence[tuple[str, str]]) -> None:
        """A model is frozen: with the captures it was learned from, as (record id, address)."""
        data = {
            **chrome.as_json(),
            "run": self._run,
            "captures": [{"record_id": record, "url": url} for record, url in captures],
        }
        text = json.dumps(data, ensure_ascii=False, indent=1)
        kept = self._writer().write_resource_sync(MODEL, text.encode(), _JSON)
        assert kept.resource is not None
        self._ledger.note_model(kept.date, kept.resource.filename, kept.resource.offset, chrome.name)
        self._known(kept)

    def rereading(self, changes: Sequence[tuple[str, Sequence[str]]], before: str, now: str) -> None:
        """Which fields of which articles are read otherwise than they were published, by which readers."""
        for at in range(0, len(changes), _IN_A_RECORD):
            part = changes[at : at + _IN_A_RECORD]
            entries = [{"id": id, "fields": list(fields)} for id, fields in part]
            note = {"run": self._run, "from": before, "to": now, "changes": entries}
            kept = self._writer().write_metadata_sync(REREADING, note)
            for id, fields in part:
                self._ledger.note_rereading(kept.date, self._run, id, list(fields))
            self._known(kept)

    def disowned(self, captures: Sequence[Taken], why: str) -> None:
        """Captures of a login or block page that stood between us and the site: evidence, but no pages of it."""
        for at in range(0, len(captures), _IN_A_RECORD):
            part = captures[at : at + _IN_A_RECORD]
            entries = [{"record_id": one.record_id, "date": one.date} for one in part]
            kept = self._writer().write_metadata_sync(DISOWNED, {"run": self._run, "why": why, "captures": entries})
            disown(self._ledger, part)
            self._known(kept)

    def _known(self, kept: Kept) -> None:
        # In a crawl's file an exchange before this record may be on its way to the ledger still.
        if self._alone:
            self._ledger.file_known(kept.filename, self._run, kept.end)
        self._ledger.commit()
