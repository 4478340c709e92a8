"""Which answers repeat what the archive holds already: they are kept as revisit records (WARC 1.1, 6.7).

A revisit refers only to a response that is whole, of the same status, and in a file that is closed, synced and in the
index: never to one of the file that is being written, which a crash may cut.
"""

from __future__ import annotations

from collections.abc import Set
from pathlib import Path

from osiris_crawler.archive import digests
from osiris_crawler.archive.exchange import Exchange
from osiris_crawler.archive.http import HttpMessage, parse_response
from osiris_crawler.archive.reader import read_at
from osiris_crawler.archive.records import IDENTICAL, NOT_MODIFIED, Original
from osiris_crawler.errors import IntegrityError
from osiris_crawler.ledger.frontier import Lease
from osiris_crawler.ledger.ledger import SMALLEST_REVISIT, Held, Ledger

FILES = ("file", "requisite")  # kinds of addresses that the web server answers for, not SPIP


class Repeats:
    """`sealed` names the files that may be referred to; the writer adds to it as it closes them."""

    def __init__(self, ledger: Ledger, archive: Path, sealed: Set[str]) -> None:
        self._ledger = ledger
        self._archive = archive
        self._sealed = sealed
        self._asked: dict[int, Held] = {}  # lease → the response whose validators were sent

    def validators(self, lease: Lease) -> dict[str, str]:
        """Conditional headers: SPIP never answers 304 for a page, but the web server does for files."""
        if lease.kind not in FILES:
            return {}
        held = self._ledger.newest_whole(lease.key)
        if held is None or held.digest is None or held.file not in self._sealed or not self._still_there(held):
            return {}
        headers = {}
        if held.etag:
            headers["If-None-Match"] = held.etag
        if held.modified:
            headers["If-Modified-Since"] = held.modified
        if headers:
            self._asked[lease.id] = held
        return headers

    def _still_there(self, held: Held) -> bool:
        """Whether the record can be read and is what it was; a file that rots here must be asked for in full."""
        try:
            record = read_at(self._archive / held.file, held.offset)
        except IntegrityError:
            return False
        same = record.type == "response" and record.id == held.record_id
        return same and digests.matches(held.digest or "", parse_response(record.block).body) is True

    def original(
        self, lease: Lease | None, exchange: Exchange, head: HttpMessage, payload: str | None
    ) -> tuple[Held, Original] | None:
        """The response that an answer repeats; `payload` is the digest of the answer's own body."""
        asked = self._asked.pop(lease.id, None) if lease is not None else None
        held: Held | None = None
        profile = IDENTICAL
        if not exchange.response or exchange.truncated:
            return None
        if head.status == 304:
            held, profile = asked, NOT_MODIFIED  # whose validators were sent
        elif head.status and len(head.body) >= SMALLEST_REVISIT and payload is not None:
            held = self._ledger.same_payload(payload, head.status)
        if held is None or held.file not in self._sealed:
            return None
        place = self._archive / held.file
        return held, Original(held.record_id, held.url, held.date, profile, place, held.offset)
