"""Records out of WARC files, one gzip member at a time, with exact offsets, and damage told instead of passed over.

A member that can't be read is no end of the file: the reader looks for the next one and notes what lies between. Files
without compression are read too; there a record stands for a member.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from osiris_crawler.errors import IntegrityError
from osiris_crawler.i18n import _

_STEP = 256 * 1024


def _best_zlib() -> Any:
    """zlib-ng, of the extra `speed`, takes half of zlib's time."""
    try:
        from zlib_ng import zlib_ng
    except ImportError:
        return zlib
    return zlib_ng


_zlib = _best_zlib()
_ZLIB_ERRORS: tuple[type[Exception], ...] = (zlib.error, _zlib.error)
_MOST_IN_MEMBER = 10_000  # records; a hundred kilobytes can hold a million of them
_IN_VAIN = 64  # times what is to be read: so much is inflated of members that fail, before the rest counts as damage
_ATTEMPT = 64 * 1024  # bytes that an attempt counts for which fails at once
_MAGIC = b"\x1f\x8b\x08"
_HEAD_LIMIT = 64 * 1024  # bytes of a record's header block
_LENGTH = re.compile(rb"\nContent-Length:[ \t]*(\d{1,12})[ \t]*(?:\r|$)", re.I)
_VERSION = re.compile(rb"WARC/\d\.\d{1,2}\r?\n")
TOO_MANY = "more records in a gzip member than are read"
ENDS_EARLY = "the file ends within"  # what is said of a torn end
LARGEST_RECORD = 640 * 1024 * 1024  # bytes of a record once inflated; the downloader's limit and some more
_LEAST_IN_VAIN = LARGEST_RECORD  # bytes: the largest record may be damaged, and what follows it is read all the same


@dataclass(slots=True)  # not frozen: there are millions of them, and that takes three times as long to make
class Record:
    """A WARC record and where it lies: `offset` and `length` are of its gzip member. Nobody changes one."""

    type: str
    id: str
    uri: str
    date: str
    headers: dict[str, str]
    block: bytes
    offset: int
    length: int
    fault: str = ""  # what is wrong with its form, though it could be read
    inner: int = 0  # records before it in the same member; 0 where each has its own, as the standard recommends


@dataclass(frozen=True, slots=True)
class Damage:
    """Bytes that hold no readable record: from `start` up to `end`."""

    start: int
    end: int
    why: str


class Records:
    """Iterates a file's records from an offset, up to the last that begins before `end`.

    What can't be read is in `damage`, in the order of the file.

    After damage the reader goes on at the next member that begins with a WARC record. `torn` is the offset of damage that
    reaches to the end of the file, as a killed writer leaves it, else None.
    """

    def __init__(self, path: Path, offset: int = 0, *, end: int | None = None) -> None:
        self._path = path
        self._end = end
        self._offset = offset
        self.damage: list[Damage] = []
        self.torn: int | None = None
        self.reached = offset  # all before it has been read

    def __iter__(self) -> Iterator[Record]:
        size = self._path.stat().st_size
        until = size if self._end is None else min(self._end, size)
        with self._path.open("rb", buffering=_STEP) as stream:
            at, in_vain = self._offset, 0
            plain = _is_plain(stream)
            while at < until:
                try:
                    if plain:
                        found, length = _plain_record(stream, at, size)
                    else:
                        data, length = _member(stream, at)
                        found = list(_split(data, at, length))
                except Unreadable as problem:
                    in_vain += _ATTEMPT + problem.inflated
                    if in_vain > _LEAST_IN_VAIN + _IN_VAIN * (until - self._offset):
                        # Bytes made so that each of them begins a member that fails at the file's end.
                        self.damage.append(Damage(at, until, "too much in vain was read here"))
                        self.reached = until
                        return
                    following = _next_plain(stream, at + 1) if plain else next_member(stream, at + 1)
                    self.damage.append(Damage(at, size if following is None else following, str(problem)))
                    self.reached = size if following is None else following
                    if following is None:
                        self.torn = at
                        return
                    at = following
                    continue
                yield from found
                at = self.reached = at + length


class Unreadable(Exception):
    """No whole record begins here; the text says why. `inflated` bytes were read in vain."""

    inflated = 0


def records(path: Path, offset: int = 0) -> Records:
    """The records of a file from a member's offset on."""
    return Records(path, offset)


def read_at(path: Path, offset: int) -> Record:
    """The record whose member begins at an offset; IntegrityError when there is none."""
    try:
        with path.open("rb") as stream:
            if _is_plain(stream):
                found, _length = _plain_record(stream, offset, path.stat().st_size)
            else:
                data, length = _member(stream, offset)
                found = [next(_split(data, offset, length))]
            return found[0]
    except (Unreadable, OSError):
        raise IntegrityError(
            _("%(file)s holds no whole record at byte %(offset)d.") % {"file": path.name, "offset": offset},
            _("“osiris verify” says more; “osiris mend” makes index, ledger and dataset agree with what is whole."),
        ) from None


def first(path: Path) -> Record | None:
    """The record at a file's beginning, None when there is none."""
    return next(iter(Records(path)), None) if path.stat().st_size else None


def fields_of(block: bytes) -> dict[str, str]:
    """The fields of an application/warc-fields block; the first of a name stands."""
    fields: dict[str, str] = {}
    for line in block.decode("utf-8", "replace").split("\n"):  # no splitlines: a JSON text may hold U+2028
        name, colon, value = line.partition(":")
        if colon:
            fields.setdefault(name.strip(), value.strip())
    return fields


# -- gzip members ---------------------------------------------------------------------------------------------------


def _member(stream: BinaryIO, at: int) -> tuple[bytes, int]:
    """One gzip member, its check sum held: (its data, its length in the file)."""
    stream.seek(at)
    member = _zlib.decompressobj(31)
    out: list[bytes] = []
    size = length = 0
    step = 4 * 1024  # most members are smaller; what is read beyond one is thrown away
    while not member.eof:
        block = member.unconsumed_tail
        if not block:
            block = stream.read(step)
            length += len(block)
            step = min(4 * step, _STEP)
        if not block:
            raise _in_vain(f"{ENDS_EARLY} a gzip member" if length else "no gzip member", size)
        try:
            part = member.decompress(block, _STEP)  # no more at once: what is inflated before a fault is lost, and not counted
        except _ZLIB_ERRORS as problem:
            raise _in_vain(_gzip_fault(str(problem)), size) from problem
        out.append(part)
        size += len(part)
        if size > LARGEST_RECORD:
            raise _in_vain("larger than a record may be", size)
    return b"".join(out), length - len(member.unused_data)


def _in_vain(why: str, inflated: int) -> Unreadable:
    problem = Unreadable(why)
    problem.inflated = inflated
    return problem


def _gzip_fault(problem: str) -> str:
    if "header check" in problem:
        return "no gzip member"
    if "data check" in problem or "length check" in problem:
        return "the gzip member's check sum does not hold"
    return "the gzip member is damaged"


def next_record(stream: BinaryIO, at: int, until: int) -> int | None:
    """The next offset where a record seems to begin, in a file of either form; it is not looked for far behind `until`."""
    return _next_plain(stream, at, until) if _is_plain(stream) else next_member(stream, at, until)


def next_member(stream: BinaryIO, at: int, until: int | None = None) -> int | None:
    """The next offset where a gzip member holds the beginning of a WARC record."""
    before = b""
    step = 4 * 1024  # as a rule it is near
    while until is None or at < until:
        stream.seek(at)
        block = stream.read(step)
        step = min(4 * step, _STEP)
        if not block:
            return None
        window = before + block
        base = at - len(before)
        found = window.find(_MAGIC)
        while found >= 0:
            if _begins_record(stream, base + found):
                return base + found
            found = window.find(_MAGIC, found + 1)
        before = window[-(len(_MAGIC) - 1) :]
        at += len(block)
    return None


def _begins_record(stream: BinaryIO, at: int) -> bool:
    stream.seek(at)
    try:
        return bool(_zlib.decompressobj(31).decompress(stream.read(4096), 64).startswith(b"WARC/"))
    except _ZLIB_ERRORS:
        return False


# -- records --------------------------------------------------------------------------------------------------------


def _split(data: bytes, offset: int, length: int) -> Iterator[Record]:
    """The records of one member: one, unless a program compressed a whole file at once."""
    at = inner = 0
    while at < len(data):
        head, block_at, size = _head(data, at)
        if block_at + size > len(data):
            raise Unreadable("the record's block is shorter than its Content-Length")
        end = block_at + size
        tail, fault = end + 4, ""
        if data[end:tail] != b"\r\n\r\n":
            following = _VERSION.search(data, end)
            tail = following.start() if following else len(data)
            fault = "the record does not end with two empty lines"
        if inner == _MOST_IN_MEMBER:
            raise Unreadable(TOO_MANY)
        yield _record(head, data[block_at:end], offset, length, fault, inner)
        at = tail
        inner += 1
    if inner == 0:
        raise Unreadable("an empty gzip member")


def _head(data: bytes, at: int) -> tuple[bytes, int, int]:
    """(header lines, where the block begins, its length)"""
    if _VERSION.match(data, at) is None:
        raise Unreadable("no WARC record")
    end = data.find(b"\r\n\r\n", at, at + _HEAD_LIMIT)
    if end < 0:
        raise Unreadable("the record's header has no end")
    head = data[at:end]
    match = _LENGTH.search(head)
    if match is None:
        raise Unreadable("the record has no Content-Length")
    return head, end + 4, int(match[1])


def _record(head: bytes, block: bytes, offset: int, length: int, fault: str, inner: int) -> Record:
    headers = _fields(head.decode("utf-8", "replace"))
    return Record(
        headers.get("WARC-Type", ""),
        headers.get("WARC-Record-ID", ""),
        headers.get("WARC-Target-URI", "").strip("<>"),
        headers.get("WARC-Date", ""),
        headers,
        block,
        offset,
        length,
        fault,
        inner,
    )


_FIELD = re.compile(r"\r\n([^:\r\n \t][^:\r\n]*):[ \t]*([^\r\n \t]*(?:[ \t]+[^\r\n \t]+)*)")


def _fields(head: str) -> dict[str, str]:
    """Header fields by their names in the standard's spelling; the first of a name stands, folded lines are joined."""
    pairs = _FIELD.findall(head)
    if head.count("\n") == len(pairs) and len(fields := dict(pairs)) == len(pairs) and fields.keys() <= _SPELT:
        return fields  # as good writers form it, and quickly read
    headers: dict[str, str] = {}
    name = ""
    for line in head.split("\r\n")[1:]:
        if line[:1] in (" ", "\t") and name:
            headers[name] += " " + line.strip()
            continue
        name, colon, value = line.partition(":")
        name = _NAMES.get(name.strip().lower(), name.strip())
        if colon:
            headers.setdefault(name, value.strip())
        else:
            name = ""
    return headers


# Field names are case-insensitive (WARC 1.1, 4); ours are kept in the standard's spelling.
_NAMES = {
    name.lower(): name
    for name in (
        "WARC-Type WARC-Record-ID WARC-Date Content-Length Content-Type WARC-Concurrent-To WARC-Block-Digest"
        " WARC-Payload-Digest WARC-IP-Address WARC-Refers-To WARC-Refers-To-Target-URI WARC-Refers-To-Date"
        " WARC-Target-URI WARC-Truncated WARC-Warcinfo-ID WARC-Filename WARC-Profile WARC-Identified-Payload-Type"
        " WARC-Segment-Number WARC-Segment-Origin-ID WARC-Segment-Total-Length"
    ).split()
}
_SPELT = frozenset(_NAMES.values())


# -- files without compression --------------------------------------------------------------------------------------


def _is_plain(stream: BinaryIO) -> bool:
    stream.seek(0)
    return stream.read(5) == b"WARC/"


def _plain_record(stream: BinaryIO, at: int, size: int) -> tuple[list[Record], int]:
    stream.seek(at)
    start = stream.read(_HEAD_LIMIT)
    head, block_at, length = _head(start, 0)
    if length > LARGEST_RECORD:
        raise Unreadable("larger than a record may be")
    if at + block_at + length > size:
        raise Unreadable("the record's block is shorter than its Content-Length")
    stream.seek(at + block_at)
    block, tail = stream.read(length), stream.read(4)
    fault = "" if tail == b"\r\n\r\n" else "the record does not end with two empty lines"
    if fault:
        following = _next_plain(stream, at + block_at + length)
        whole = (size if following is None else following) - at
    else:
        whole = block_at + length + 4
    return [_record(head, block, at, whole, fault, 0)], whole


def _next_plain(stream: BinaryIO, at: int, until: int | None = None) -> int | None:
    """The next line that begins a WARC record."""
    before = b""
    step = 4 * 1024
    while until is None or at < until:
        stream.seek(at)
        block = stream.read(step)
        step = min(4 * step, _STEP)
        if not block:
            return None
        window = before + block
        match = re.search(rb"(?:(?<=\n)|\A)WARC/\d\.\d{1,2}\r\n(?=WARC-|Content-)", window)
        if match is not None and (match.start() > 0 or not before):
            return at - len(before) + match.start()
        before = window[-32:]
        at += len(block)
    return None
