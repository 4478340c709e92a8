"""indexes/index.cdxj: where every capture lies, sorted bytewise, as pywb and the tools around it read it.

A line is ``SURT TIMESTAMP JSON`` with url, mime, status, digest, length, offset and filename, the fields and the form of
cdxj-indexer. Files are taken in one by one as they close; the index is never made anew while a crawl runs.
"""

from __future__ import annotations

import heapq
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

from osiris_crawler.archive.http import HttpMessage, parse_response, split_head
from osiris_crawler.archive.reader import Record, records
from osiris_crawler.archive.records import FIELDS, digest
from osiris_crawler.archive.surt import surt
from osiris_crawler.paths import AtomicFile

LONGEST_ADDRESS = 8192  # characters; longer ones are kept, but nobody can ask for them, and each would cost its length again
INDEXED = ("response", "revisit", "resource", "metadata")
_NO_DIGIT = re.compile(r"\D")
_MIME_END = re.compile(r"[;\s]")
_FILENAME = re.compile(rb'"filename": "((?:[^"\\]|\\.)*)"\}\s*$')
_REVISIT, _NOT_MODIFIED = b'"mime": "warc/revisit"', b'"status": "304"'
IN_MEMORY = 16 * 1024 * 1024  # bytes of lines; what goes beyond waits on disk, sorted
_MOST_RUNS = 64  # open at once; more are made into one


def line_of(record: Record, filename: str, head: HttpMessage | None = None) -> bytes | None:
    """The index line of a record; None for what replay has no use for (requests, warcinfo, fields about a record).

    `head` spares reading the HTTP headers again where they have been read.
    """
    if record.type not in INDEXED or not record.uri or len(record.uri) > LONGEST_ADDRESS:
        return None
    content_type = record.headers.get("Content-Type", "")
    if record.type in ("resource", "metadata") and content_type == FIELDS:
        return None
    fields = {"url": record.uri}
    status = ""
    if record.type in ("response", "revisit"):
        head = head or parse_response(split_head(record.block)[0])
        status = f"{head.status:03d}" if head.status else ""
        content_type = "warc/revisit" if record.type == "revisit" else head.header("Content-Type") or ""
    mime = _MIME_END.split(content_type, maxsplit=1)[0].strip()
    if mime:
        fields["mime"] = mime
    if status:
        fields["status"] = status
    fields["digest"] = record.headers.get("WARC-Payload-Digest") or digest(split_head(record.block)[1])
    fields["length"], fields["offset"], fields["filename"] = str(record.length), str(record.offset), filename
    stamp = _NO_DIGIT.sub("", record.date)[:14]
    return f"{surt(record.uri)} {stamp} {json.dumps(fields)}\n".encode()


def lines_of(path: Path, filename: str) -> Iterator[bytes]:
    """The index lines of a file in its order; what can't be read has none, nor has what shares another's gzip member."""
    for record in records(path):
        if record.inner == 0 and (line := line_of(record, filename)) is not None:
            yield line


def filename_of(line: bytes) -> str:
    """The file that a line points to, empty when the line is none of ours."""
    match = _FILENAME.search(line)
    try:
        return str(json.loads(b'"' + match[1] + b'"')) if match else ""
    except ValueError:
        return ""


def read(index: Path) -> Iterator[bytes]:
    """The lines of an index, each with its end; none when there is no file."""
    if index.exists():
        with index.open("rb") as lines:
            for line in lines:
                yield line if line.endswith(b"\n") else line + b"\n"


def shown(index: Path) -> Iterator[bytes]:
    """The lines that a replay tool can show something for.

    A revisit record of a 304 stands in the index for completeness, but pywb 2.10 replays it as an empty 304, in the place of
    the capture that it refers to, which has a line of its own.
    """
    return (line for line in read(index) if not (_REVISIT in line and _NOT_MODIFIED in line))


class Lines:
    """Lines that come in any order and are given back sorted, each once; beyond IN_MEMORY bytes they wait on disk."""

    def __init__(self, folder: Path, lines: Iterable[bytes] = ()) -> None:
        self._folder = folder
        self._held: list[bytes] = []
        self._size = 0
        self._runs: list[BinaryIO] = []
        self.extend(lines)

    def extend(self, lines: Iterable[bytes]) -> None:
        for line in lines:
            self._held.append(line)
            self._size += len(line)
            if self._size >= IN_MEMORY:
                self._spill()

    def __iter__(self) -> Iterator[bytes]:
        self._held.sort()
        for run in self._runs:
            run.seek(0)
        yield from _once(heapq.merge(*self._runs, self._held))

    def _spill(self) -> None:
        """Put what is held on disk, and many runs into one; the files have no name and end with the process."""
        whole = len(self._runs) >= _MOST_RUNS
        self._held.sort()
        run: BinaryIO = TemporaryFile(dir=self._folder)  # noqa: SIM115 (it lives as long as this object)
        run.writelines(self if whole else self._held)
        self._runs = [run] if whole else [*self._runs, run]
        self._held, self._size = [], 0


def _once(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Sorted lines, each once; ValueError when they are not sorted."""
    last = b""
    for line in lines:
        if line < last:
            raise ValueError("not sorted")
        if line != last:
            yield line
        last = line


def merge(index: Path, new: Lines, *, without: Iterable[str] = ()) -> None:
    """Put lines into an index, in one step; lines of the files in `without` are left out.

    An index that is not sorted (somebody else wrote it) is sorted by the way.
    """
    index.parent.mkdir(parents=True, exist_ok=True)
    ends = tuple(b'"filename": %s}\n' % json.dumps(name).encode() for name in without)

    def kept() -> Iterator[bytes]:
        return (line for line in read(index) if not line.endswith(ends))

    try:
        _write(index, heapq.merge(kept(), new))
    except ValueError:
        lines = Lines(index.parent, kept())
        lines.extend(new)
        _write(index, lines)


def _write(index: Path, lines: Iterable[bytes]) -> None:
    with AtomicFile(index) as out:
        for line in _once(lines):
            out.write(line)


def rebuild(index: Path, paths: Iterable[Path], kept: Iterable[bytes] = ()) -> None:
    """Make an index anew from files and from lines that are kept, in bounded memory; the old one stands until it is done."""
    index.parent.mkdir(parents=True, exist_ok=True)
    lines = Lines(index.parent, kept)
    for path in paths:
        lines.extend(lines_of(path, path.name))
    _write(index, lines)
