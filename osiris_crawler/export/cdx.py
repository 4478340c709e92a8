"""The index of a WACZ: indexes/index.cdx.gz, and indexes/index.idx that says where in it to look.

The lines are those of the collection's index.cdxj. They are compressed in blocks of 1,024, each a gzip member of its own;
index.idx holds the first key of each block with its place, so that a reader fetches the one block it needs. This is the
form that py-wacz writes and that wabac.js reads (`cdxj-gzip-1.0`).
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from osiris_crawler.archive.index import filename_of
from osiris_crawler.archive.surt import surt
from osiris_crawler.errors import IntegrityError
from osiris_crawler.i18n import _

INDEX = "indexes/index.cdx.gz"
SECONDARY = "indexes/index.idx"
_BLOCK = 1024  # lines
_HEAD = {"format": "cdxj-gzip-1.0", "filename": "index.cdx.gz"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a capture lies, as the index says: its address and its instant (14 digits) are what replay looks it up by."""

    url: str
    stamp: str
    filename: str
    offset: int


@dataclass(slots=True)
class CdxWriter:
    """Compresses the index's lines of some files, and notes on the way where the captures asked for are.

    `found` has the places of `wanted`, given as (file name, offset); `home` is the newest page captured at the address of
    the home page.
    """

    files: Collection[str]
    wanted: Collection[tuple[str, int]]
    home_url: str | None = None
    found: dict[tuple[str, int], Place] = field(default_factory=dict)
    home: Place | None = None
    lines: int = 0
    _secondary: list[str] = field(default_factory=list)
    _offset: int = 0

    def blocks(self, index: Iterable[bytes]) -> Iterator[bytes]:
        """index.cdx.gz, a block at a time."""
        home = f"{surt(self.home_url)} ".encode() if self.home_url else None
        block: list[bytes] = []
        for line in index:
            if filename_of(line) not in self.files:
                continue
            self._note(line, home)
            self.lines += 1
            block.append(line)
            if len(block) == _BLOCK:
                yield self._compress(block)
                block = []
        if block:
            yield self._compress(block)

    def secondary(self) -> bytes:
        """index.idx, when all blocks have been taken."""
        return "".join([f"!meta 0 {json.dumps(_HEAD)}\n", *self._secondary]).encode()

    def _note(self, line: bytes, home: bytes | None) -> None:
        try:
            stamp, fields = parse(line)
            place = Place(fields["url"], stamp, fields["filename"], int(fields["offset"]))
        except (ValueError, KeyError, TypeError, RecursionError) as problem:
            raise IntegrityError(
                _("A line of the index can't be read: %(line)s.")
                % {"line": line[:80].decode("utf-8", "replace").strip()},
                _("“osiris rebuild” makes index and dataset anew from the WARC files."),
            ) from problem
        key = (place.filename, place.offset)
        if key in self.wanted:
            self.found[key] = place
        if home is not None and line.startswith(home) and fields.get("status") == "200":
            # Lines of a key stand in the order of their time.
            self.home = place if fields.get("mime") == "text/html" else self.home

    def _compress(self, block: list[bytes]) -> bytes:
        frame = zlib.compressobj(wbits=31)
        data = frame.compress(b"".join(block)) + frame.flush()
        place = {"offset": self._offset, "length": len(data), "digest": f"sha256:{hashlib.sha256(data).hexdigest()}"}
        self._secondary.append(f"{block[0].partition(b' {')[0].decode()} {json.dumps(place)}\n")
        self._offset += len(data)
        return data


def parse(line: bytes) -> tuple[str, dict[str, Any]]:
    """(14 digits, fields) of an index line."""
    _key, stamp, fields = line.decode().split(" ", 2)
    parsed: dict[str, Any] = json.loads(fields)
    return stamp, parsed


def instant(stamp: str) -> str:
    """20261125204339 → 2026-11-25T20:43:39Z (RFC 3339); a date that another crawler wrote without its end begins there."""
    whole = stamp + "00000101000000"[len(stamp) :]
    return f"{whole[:4]}-{whole[4:6]}-{whole[6:8]}T{whole[8:10]}:{whole[10:12]}:{whole[12:14]}Z"
