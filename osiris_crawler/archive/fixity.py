"""The fixity manifest: sha-256 of every closed WARC file, in the form that `sha256sum -c` checks.

A file is put there when it has been closed, synced and indexed, so that the manifest also says which files are so.
Its sum tells whether a file is still the one that was closed; the digests of its own records tell whether what
changed is damage (they no longer hold) or another file in its place (they hold).
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from osiris_crawler.archive import index
from osiris_crawler.archive.files import closed_files, warc_files
from osiris_crawler.archive.index import Lines
from osiris_crawler.archive.openfile import Closed
from osiris_crawler.paths import Collection, replace_file

_LINE = re.compile(r"([0-9a-f]{64}) [ *]archive/([^/\n]+)\n?")
_STEP = 1 << 20
_LOCK = threading.Lock()


def sha256(path: Path, end: int | None = None) -> str:
    """The sum of a file's bytes, or of those before `end`, in hexadecimal."""
    sum = hashlib.sha256()
    left = path.stat().st_size if end is None else end
    with path.open("rb") as stream:
        while block := stream.read(min(_STEP, left)):
            sum.update(block)
            left -= len(block)
    return sum.hexdigest()


def read(manifest: Path) -> dict[str, str]:
    """Name → sum of every file in a manifest; lines of another form are passed over."""
    if not manifest.exists():
        return {}
    found = (_LINE.fullmatch(line) for line in manifest.read_text("utf-8", "replace").splitlines())
    return {match[2]: match[1] for match in found if match}


def write(manifest: Path, sums: Mapping[str, str]) -> None:
    """Replace the manifest, sorted by name."""
    replace_file(manifest, text="".join(f"{sums[name]}  archive/{name}\n" for name in sorted(sums)))


def seal(collection: Collection, paths: Iterable[Path]) -> list[str]:
    """Take closed files into the index, then into the manifest; gives their names. Known ones are left as they are.

    They are read for it, as they must be when a dead run has written them or another program.
    """
    with _LOCK:
        sums = read(collection.manifest)
        new = [path for path in paths if path.name not in sums or not collection.index.exists()]
        if not new:
            return []
        lines = Lines(collection.archive)
        for path in new:
            lines.extend(index.lines_of(path, path.name))
            if path.name not in sums:  # a sum once taken stands, whatever has become of the file
                sums[path.name] = sha256(path)
        _seal(collection, [path.name for path in new], lines, sums)
        return [path.name for path in new]


def seal_closed(collection: Collection, closed: Closed) -> str:
    """The same for a file of this process, whose sum and lines were gathered while it was written; gives its name."""
    with _LOCK:
        name = closed.path.name
        sums = read(collection.manifest)
        lines = closed.lines if closed.lines is not None else Lines(collection.archive, index.lines_of(closed.path, name))
        _seal(collection, [name], lines, {**sums, name: closed.sha256})
        return name


def _seal(collection: Collection, names: Sequence[str], lines: Lines, sums: Mapping[str, str]) -> None:
    """Index first: what the manifest names is in the index, whenever the power goes."""
    index.merge(collection.index, lines, without=names)
    write(collection.manifest, sums)


def unsealed(collection: Collection) -> list[Path]:
    """Closed files that index and manifest have not heard of; all of them when there is no index."""
    sums = read(collection.manifest)
    there = collection.index.exists()
    return [path for path in closed_files(collection.archive) if path.name not in sums or not there]


def state(collection: Collection) -> tuple[str, list[str]]:
    """(the sum that stands for what a collection holds, the lines it is taken of): those that sha256sum prints of the WARC
    files and of the dataset, in the order of their paths.

    Sums of closed WARC files are those of the manifest, taken when they were closed; `osiris verify` holds the files to them.
    """
    sums = {f"archive/{name}": sum for name, sum in read(collection.manifest).items()}
    held = {f"archive/{path.name}": path for path in warc_files(collection.archive)}
    held |= {f"dataset/{path.name}": path for path in (collection.articles, collection.changes) if path.is_file()}
    lines = [f"{sums.get(name) or sha256(held[name])}  {name}" for name in sorted(held)]
    return hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest(), lines
