"""Whether every record that the ledger knows is where it says, without reading all of the archive.

The head of each record is looked at, a few hundred bytes of it; a file that is otherwise than it was is read through. What
the bytes of a record hold is for `osiris verify` to say.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO

from osiris_crawler.archive import files, fixity
from osiris_crawler.archive.reader import records
from osiris_crawler.audit.model import Archive
from osiris_crawler.care.events import read as read_events
from osiris_crawler.ledger.ledger import Ledger
from osiris_crawler.paths import Collection

Progress = Callable[[int, int], None]
_READ = 2048  # compressed bytes of a record that are looked at
_HEAD = 8192  # … and what becomes of them at the most
_RECORD_ID = re.compile(rb"^WARC-Record-ID:[ \t]*<?([^>\r\n]+)", re.I | re.M)
_SERIAL = re.compile(r"(.+)-\d{14}-(\d{5})-[^-].*\.warc\.gz")


def look(
    ledger: Ledger, collection: Collection, progress: Progress = lambda done, total: None
) -> tuple[Archive, frozenset[int]]:
    """What is to be said of the archive, and the rows of the captures that are not in it any more."""
    told = Archive(files=len(files.warc_files(collection.archive)))
    told.captures = int(ledger.db.value("SELECT count(*) FROM captures") or 0)
    lost: set[int] = set()
    rows = ledger.db.query(
        "SELECT captures.id, name, offset, length, record_id FROM captures JOIN files ON files.id = file ORDER BY name, offset"
    )
    done = 0
    for name, here in groupby(rows, key=lambda row: row["name"]):
        captures = list(here)
        lost |= set(_lost(files.existing(collection.archive, name), captures))
        done += len(captures)
        progress(done, told.captures)
    told.records_lost = len(lost)
    there = {files.final_name(path) for path in files.warc_files(collection.archive)}
    known = set(ledger.known_sizes()) | set(fixity.read(collection.manifest))
    told.files_missing = sorted(known - there)
    told.serials_missing = _holes(collection, there | set(told.files_missing))
    sums = ledger.dataset_sums()
    told.dataset_differs = any(
        path.name in sums and (not path.is_file() or fixity.sha256(path) != sums[path.name])
        for path in (collection.articles, collection.changes)
    )
    return told, frozenset(lost)


def _lost(path: Path, captures: list[Any]) -> Iterator[int]:
    if not path.exists():
        yield from (row["id"] for row in captures)
        return
    with path.open("rb") as stream:
        strangers = [
            row for row in captures if _id(_head(stream, row["offset"])) != row["record_id"].strip("<>").encode()
        ]
    if strangers:
        whole = {record.id.strip("<>") for record in records(path)}
        yield from (row["id"] for row in strangers if row["record_id"].strip("<>") not in whole)


def _id(head: bytes) -> bytes:
    """The id of the record that begins here; others are named in its head, too."""
    found = _RECORD_ID.search(head)
    return found[1] if found else b""


def _head(stream: BinaryIO, offset: int) -> bytes:
    """The beginning of the record at an offset; nothing where none begins."""
    stream.seek(offset)
    data = stream.read(_READ)
    if not data.startswith(b"\x1f\x8b"):
        return data
    try:
        return zlib.decompressobj(31).decompress(data, _HEAD)
    except zlib.error:
        return b""


def _holes(collection: Collection, names: set[str]) -> list[int]:
    """Serial numbers that no file has: the writer gives them in turn. Files that a command has let go of are no holes."""
    found = [match for name in names if (match := _SERIAL.fullmatch(name))]
    serials = {int(match[2]) for match in found if match[1] == collection.name}
    if not serials:
        return []
    holes = set(range(max(serials))) - serials
    if holes:
        for event in read_events(collection):
            for name in event.get("linkingObjects") or []:
                match = _SERIAL.fullmatch(str(name).removesuffix(files.OPEN))
                if match and match[1] == collection.name:
                    holes.discard(int(match[2]))
    return sorted(holes)
