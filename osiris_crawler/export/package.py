"""A ZIP file as WACZ wants it: entries stored as they are, written in steps, each with its sum.

WACZ 1.1.1, “Zip Compression”: what is compressed already must not be compressed again, so that a reader can take one
record out of it with a range request. The other entries may be deflated; stored they can be ranged over as well.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

STEP = 1 << 20  # bytes read and written at a time
_ZIP64_FROM = 1 << 30  # bytes that may come; well before the 2 GiB where the plain form ends


@dataclass(frozen=True, slots=True)
class Member:
    """An entry that was written: its path in the package, its size and its sum."""

    path: str
    bytes: int
    sha256: str


class Package:
    """Writes a ZIP file's entries one after the other; `members` holds what was written."""

    def __init__(self, stream: BinaryIO, created: datetime) -> None:
        self._zip = zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED, allowZip64=True)
        self._date = created.timetuple()[:6]
        self.members: list[Member] = []

    def add(self, path: str, blocks: Iterable[bytes], *, most: int) -> Member:
        """Write an entry out of blocks, of which about `most` bytes may come."""
        entry = zipfile.ZipInfo(path, self._date)
        entry.compress_type = zipfile.ZIP_STORED
        entry.create_system = 3  # Unix, wherever it is written
        entry.external_attr = 0o644 << 16
        sum, size = hashlib.sha256(), 0
        with self._zip.open(entry, "w", force_zip64=most >= _ZIP64_FROM) as out:
            for block in blocks:
                sum.update(block)
                size += len(block)
                out.write(block)
        member = Member(path, size, sum.hexdigest())
        self.members.append(member)
        return member

    def __enter__(self) -> Package:
        return self

    def __exit__(self, kind: object, value: object, trace: object) -> None:
        """Write the directory at the end of the file; when something went wrong the file is given up as it is."""
        if kind is not None:
            self._zip.fp = None  # else it would try to end the file when it is collected
        self._zip.close()


def blocks_of(path: Path) -> Iterator[bytes]:
    """A file's bytes in steps."""
    with path.open("rb") as stream:
        while block := stream.read(STEP):
            yield block
