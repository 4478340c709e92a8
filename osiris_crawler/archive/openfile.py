"""One WARC file while it is written. Its sum and its index lines are gathered as it grows, so that closing it reads
nothing again: a file of a gigabyte is sealed in the time that the merge of the index takes."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from osiris_crawler.archive.files import OPEN, sync_folder
from osiris_crawler.archive.index import Lines, line_of
from osiris_crawler.archive.records import Ready


@dataclass(frozen=True, slots=True)
class Closed:
    """A file under its final name, with what manifest and index need of it."""

    path: Path
    sha256: str
    lines: Lines | None  # None: they could not be gathered, and are read from the file


class OpenFile:
    """NAME.open in a folder, made anew; nobody else writes to it. What is not synced can be taken back."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self.path = folder / (name + OPEN)
        if (folder / name).exists():
            raise FileExistsError(17, "exists already", name)
        self._out = self.path.open("xb", buffering=0)
        sync_folder(folder)
        self.end = 0
        self._lines: Lines | None = Lines(folder)
        self._sum = hashlib.sha256()
        self._synced = (0, self._sum.copy())
        self._new_lines: list[bytes] = []
        self._new: list[tuple[str, int]] = []

    def append(self, group: Sequence[Ready]) -> list[int]:
        """Write records that belong together; gives their offsets."""
        offsets = []
        for ready in group:
            offsets.append(self.end)
            line = line_of(replace(ready.record, offset=self.end, length=ready.length), self.name)
            if line is not None:
                self._new_lines.append(line)
            for piece in ready.member:
                self._put(piece)
                self._sum.update(piece)
            self.end += ready.length
            self._new.append((ready.type, ready.length))
        return offsets

    def sync(self) -> list[tuple[str, int]]:
        """Make all of it durable; gives type and length of the records that are new."""
        os.fsync(self._out.fileno())
        self._synced = (self.end, self._sum.copy())
        if self._lines is not None:
            try:
                self._lines.extend(self._new_lines)
            except OSError:  # they wait on disk when there are many; the records are safe all the same
                self._lines = None
        new, self._new, self._new_lines = self._new, [], []
        return new

    def roll_back(self) -> None:
        """Cut the file back to what is synced, so that nothing torn stays; OSError when even that can't be."""
        self.end, self._sum = self._synced[0], self._synced[1].copy()
        self._new, self._new_lines = [], []
        self._out.truncate(self.end)
        self._out.seek(self.end)

    def close(self) -> Closed:
        """Give the file its final name. It must be synced."""
        self._out.close()
        final = self.path.with_name(self.name)
        self.path.rename(final)
        sync_folder(final.parent)
        return Closed(final, self._synced[1].hexdigest(), self._lines)

    def _put(self, data: bytes) -> None:
        """All of the bytes; an unbuffered file may take a part of them and raise only at the next write."""
        view = memoryview(data)
        while view:
            view = view[self._out.write(view) :]


def tally(written: Sequence[tuple[str, int]], records: Counter[str], sizes: Counter[str]) -> None:
    """Count records and their bytes by type."""
    for kind, length in written:
        records[kind] += 1
        sizes[kind] += length
