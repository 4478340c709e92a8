"""osiris export bagit: the whole collection as a bag (BagIt 1.0, RFC 8493), as archives and repositories take it in.

closed WARC files, index, dataset, runs, logs → copied and summed, WARC files compared with the fixity manifest → manifests →
read back → its name

A bag is to be a whole, so no run may be at work meanwhile, and no WARC file be left open by a dead one.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import BinaryIO

from osiris_crawler import __version__
from osiris_crawler.archive import files, fixity
from osiris_crawler.care.keeping import locked
from osiris_crawler.errors import IntegrityError, UsageError
from osiris_crawler.export import folder
from osiris_crawler.export.about import source_of
from osiris_crawler.export.job import Job, Written
from osiris_crawler.export.package import blocks_of
from osiris_crawler.export.withheld import withheld
from osiris_crawler.i18n import _
from osiris_crawler.paths import Collection

ALGORITHMS = ("sha256", "sha512")  # the fixity manifest's, and the one that RFC 8493 wants by default
DECLARATION = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
_ROOM = 4096  # bytes of a disk that a file takes at least
_SPECIAL = re.compile(r"[%\r\n]")  # RFC 8493, 2.1.3

Sums = dict[str, tuple[str, ...]]  # path within the bag → its sums


class Bag:
    """Everything of a collection that can't be made anew, and its dataset and index."""

    name = "bagit"
    suffix = "-bag"

    def write(self, job: Job) -> Written:
        """Write, read back, then put in place."""
        restrictions = withheld(job.collection).subjects
        if restrictions and not job.with_restricted:
            raise UsageError(
                _(
                    "A bag holds the collection whole, and restrictions are in force on what is in it (%(count)d: %(what)s)."
                )
                % {"count": len(restrictions), "what": ", ".join(restrictions[:5])},
                _("For a copy that is kept and not shown, say --with-restricted; the bag then says so."),
            )
        job.articles().close()  # there is a dataset
        with _alone(job.collection):
            return _Export(job, len(restrictions)).write()


def _alone(collection: Collection) -> AbstractContextManager[None]:
    """Nobody writes to the collection; where nothing can be written, nobody does."""
    return locked(collection) if os.access(collection.root, os.W_OK) else nullcontext()


class _Export:
    """One bag under way."""

    def __init__(self, job: Job, restrictions: int) -> None:
        self._job, self._restrictions = job, restrictions
        warcs = _closed(job.collection)
        self._closed = {f"archive/{name}": sum for name, sum in warcs.items()}
        self._paths = list(_payload(job.collection, warcs))
        self._sizes = {path: (job.collection.root / path).stat().st_size for path in self._paths}
        self._size = sum(self._sizes.values())
        self._done = 0

    def write(self) -> Written:
        job = self._job
        with folder.placed_folder(job.to, Bag.name, self._size + (len(self._paths) + 8) * _ROOM) as aside:
            payload = {f"data/{path}": self._copy(path, aside / "data" / path) for path in self._paths}
            self._describe(aside, payload)
            size = sum(path.stat().st_size for path in aside.rglob("*") if path.is_file())
            self._check(aside, payload)
            _sync_folders(aside)
        files.sync_folder(job.to.parent)
        told = _("%(files)d files of the collection, %(warcs)d of them WARC files, in a bag (BagIt 1.0).")
        counts = {"files": len(self._paths), "warc_files": len(self._closed)}
        return Written(job.to, size, counts, {}, told % {"files": len(self._paths), "warcs": len(self._closed)})

    def _copy(self, path: str, to: Path) -> tuple[str, ...]:
        """A file's sums when its copy is on the disk; IntegrityError for a WARC file that is no longer the one that was closed."""
        to.parent.mkdir(parents=True, exist_ok=True)
        with to.open("wb") as out:
            sums = self._summed(path, out)
            out.flush()
            os.fsync(out.fileno())
        if sums[0] != self._closed.get(path, sums[0]):
            raise IntegrityError(
                _("archive/%(file)s is not what it was when it was closed.") % {"file": Path(path).name},
                _("“osiris verify” says whether it is damaged or another file."),
            )
        return sums

    def _summed(self, path: str, out: BinaryIO) -> tuple[str, ...]:
        source = _readable(self._job.collection.root / path, path)
        sums = [hashlib.new(name) for name in ALGORITHMS]
        for block in source:
            for sum in sums:
                sum.update(block)
            out.write(block)
            self._moved(len(block))
        return tuple(sum.hexdigest() for sum in sums)

    def _describe(self, aside: Path, payload: Sums) -> None:
        """The tag files: what the bag is, its manifests, and theirs."""
        oxum = f"{sum((aside / path).stat().st_size for path in payload)}.{len(payload)}"
        _write(aside / "bagit.txt", DECLARATION)
        _write(aside / "bag-info.txt", "".join(self._info(oxum)))
        _write_manifests(aside, "manifest", payload)
        job = self._job
        made = job.created.strftime("%Y-%m-%dT%H:%M:%SZ")
        facts = {"collection": job.collection.name, "created": made, "restrictions": self._restrictions}
        folder.mark(aside, Bag.name, facts)
        tags = sorted(path for path in aside.iterdir() if path.is_file())
        _write_manifests(aside, "tagmanifest", {path.name: _sums_of(path) for path in tags})

    def _info(self, oxum: str) -> Iterator[str]:
        """The lines of bag-info.txt, by the names that RFC 8493 reserves."""
        job = self._job
        for name in job.terms.creators:
            yield _line("Source-Organization", name)
        if job.contact:
            yield _line("Contact-Email" if "@" in job.contact else "Contact-Name", job.contact)
        yield _line("Bag-Software-Agent", f"osiris-crawler {__version__}")
        yield _line("Bagging-Date", job.created.strftime("%Y-%m-%d"))
        yield _line("Payload-Oxum", oxum)
        yield _line("External-Identifier", job.collection.name)
        told = " – ".join(part for part in (job.title, job.description) if part)
        site = source_of(job.collection)
        if told or site:
            yield _line("External-Description", told or f"Web archive of {site}")
        if self._restrictions:
            yield _line(
                "Access-Restrictions",
                f"{self._restrictions} in force, listed in data/restrictions.jsonl. What they name is in this bag: not to be shown.",
            )

    def _check(self, aside: Path, payload: Sums) -> None:
        """Read back what was written: the manifests say what is there."""
        for path, sums in payload.items():
            found = hashlib.sha256()
            for block in blocks_of(aside / path):
                found.update(block)
                self._moved(len(block))
            if found.hexdigest() != sums[0]:
                raise IntegrityError(
                    _("%(path)s does not read back as it was written.") % {"path": path},
                    _("It was not put in place. Look after the disk, then export again."),
                )

    def _moved(self, count: int) -> None:
        total = 2 * self._size
        self._done = min(self._done + count, total)
        self._job.progress(self._done, total)


def _closed(collection: Collection) -> dict[str, str]:
    """Name → sum of the WARC files; UsageError when one is open or not in the manifest yet, or there are none."""
    sums = fixity.read(collection.manifest)
    there = {path.name for path in files.warc_files(collection.archive)}
    if loose := sorted(there - sums.keys()):
        raise UsageError(
            _("WARC files are not closed and in the manifest: %(names)s.") % {"names": ", ".join(loose[:5])},
            _("“osiris mend” closes what a dead run left; then export again."),
        )
    if gone := sorted(sums.keys() - there):
        raise IntegrityError(
            _("WARC files that the manifest knows are not there: %(names)s.") % {"names": ", ".join(gone[:5])},
            _("Bring them back; “osiris verify” says more."),
        )
    if not sums:
        raise UsageError(_("There are no WARC files in %(path)s.") % {"path": collection.archive})
    return sums


def _payload(collection: Collection, warcs: Iterable[str]) -> Iterator[str]:
    """What goes in, as paths within the collection: settings, which may hold passwords, the ledger and exports do not."""
    named = (
        *(collection.archive / name for name in sorted(warcs)),
        collection.articles, collection.changes, collection.schema,
        collection.events, collection.index, collection.manifest, collection.restrictions,
    )  # fmt: skip
    for path in named:
        if path.is_file():
            yield path.relative_to(collection.root).as_posix()
    for where, folders, names in os.walk(collection.runs):
        folders.sort()
        for name in sorted(names):
            path = Path(where, name)
            if path.is_file() and not path.is_symlink() and not name.startswith("."):
                yield path.relative_to(collection.root).as_posix()


def _readable(path: Path, name: str) -> Iterator[bytes]:
    try:
        yield from blocks_of(path)
    except OSError as problem:  # of reading: those of writing are raised where the block is taken
        raise IntegrityError(
            _("%(file)s can't be read: %(why)s.") % {"file": name, "why": problem.strerror or problem},
            _("Mend the disk or bring back a copy of the file."),
        ) from problem


def _sums_of(path: Path) -> tuple[str, ...]:
    data = path.read_bytes()
    return tuple(hashlib.new(name, data).hexdigest() for name in ALGORITHMS)


def _write_manifests(aside: Path, kind: str, sums: Sums) -> None:
    """One of each algorithm. Line ends and “%” in a path are written as RFC 8493 wants them."""
    for number, algorithm in enumerate(ALGORITHMS):
        lines = (
            f"{found[number]}  {_SPECIAL.sub(lambda m: f'%{ord(m[0]):02X}', path)}\n" for path, found in sums.items()
        )
        _write(aside / f"{kind}-{algorithm}.txt", "".join(lines))


def _line(name: str, value: str) -> str:
    return f"{name}: {' '.join(value.split())}\n"


def _write(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8", newline="") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())


def _sync_folders(aside: Path) -> None:
    for where, _folders, _names in os.walk(aside):
        files.sync_folder(Path(where))
