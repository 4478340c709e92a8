"""Records out of WARC files, one gzip member at a time, with exact offsets and torn ends told."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from osiris_crawler.errors import IntegrityError
from osiris_crawler.i18n import _

_STEP = 256 * 1024
LARGEST_RECORD = 1024 * 1024 * 1024  # bytes of a record once inflated; more is taken for damage


@dataclass(frozen=True, slots=True)
class Record:
    """A WARC record and where it lies: `offset` and `length` are of its gzip member."""

    type: str
    id: str
    uri: str
    date: str
    headers: dict[str, str]
    block: bytes
    offset: int
    length: int


class Torn(Exception):
    """A member that breaks off or is damaged."""


class Records:
    """Iterates a file's records from an offset; ends at a torn member and keeps its offset in `torn`."""

    def __init__(self, path: Path, offset: int = 0) -> None:
        self._path = path
        self._offset = offset
        self.torn: int | None = None

    def __iter__(self) -> Iterator[Record]:
        with self._path.open("rb") as stream:
            stream.seek(self._offset)
            at, pending = self._offset, b""
            while True:
                try:
                    data, length, pending = _inflate(stream, pending)
                    if not length:
                        return
                    record = _parse(data, at, length)
                except Torn:
                    self.torn = at
                    return
                yield record
                at += length


def records(path: Path, offset: int = 0) -> Records:
    """The records of a file from a member's offset on."""
    return Records(path, offset)


def read_at(path: Path, offset: int) -> Record:
    """The record whose member begins at an offset; IntegrityError when there is none."""
    for record in Records(path, offset):
        return record
    raise IntegrityError(
        _("%(file)s holds no whole record at byte %(offset)d.") % {"file": path.name, "offset": offset},
        _("“osiris rebuild” makes ledger and dataset anew from what is whole."),
    )


def whole_end(path: Path) -> int:
    """The offset behind the last whole member."""
    end = 0
    for record in Records(path):
        end = record.offset + record.length
    return end


def _inflate(stream: BinaryIO, pending: bytes) -> tuple[bytes, int, bytes]:
    """One member: (its data, its compressed length, bytes read beyond it); length 0 at the end of the file."""
    member = zlib.decompressobj(31)
    out = bytearray()
    length = 0
    while not member.eof:
        block = pending or stream.read(_STEP)
        pending = b""
        if not block:
            if length:
                raise Torn
            return b"", 0, b""
        try:
            out += member.decompress(block, LARGEST_RECORD + 1 - len(out))
        except zlib.error as problem:
            raise Torn from problem
        if len(out) > LARGEST_RECORD:
            raise Torn
        length += len(block)
    return bytes(out), length - len(member.unused_data), member.unused_data


def _parse(data: bytes, offset: int, length: int) -> Record:
    head, mark, rest = data.partition(b"\r\n\r\n")
    if not mark or not head.startswith(b"WARC/"):
        raise Torn
    headers: dict[str, str] = {}
    for line in head.decode("utf-8", "replace").split("\r\n")[1:]:
        name, colon, value = line.partition(":")
        if colon:
            headers.setdefault(name.strip(), value.strip())
    size = headers.get("Content-Length", "")
    if not size.isdecimal() or len(rest) < int(size):
        raise Torn
    return Record(
        type=headers.get("WARC-Type", ""),
        id=headers.get("WARC-Record-ID", ""),
        uri=headers.get("WARC-Target-URI", "").strip("<>"),
        date=headers.get("WARC-Date", ""),
        headers=headers,
        block=rest[: int(size)],
        offset=offset,
        length=length,
    )
