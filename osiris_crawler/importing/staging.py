"""Files that are to be taken in are copied aside first, so that what is checked is what is kept.

The folder for that lies beside the collections, on their disk: putting a file in its place is a rename.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock, Timeout

from osiris_crawler.archive import fixity
from osiris_crawler.errors import UsageError
from osiris_crawler.i18n import _
from osiris_crawler.importing.examining import Examined, kind_of, plain
from osiris_crawler.importing.wacz_source import take_out

_PREFIX = ".import-"
_WANTED = (".warc", ".warc.gz", ".wacz")
_STEP = 1 << 20
_DEEPEST = 20  # folders below one that is given


@dataclass(slots=True)
class Staged:
    """A WARC file that lies aside: `original` is its name for people, `container` the WACZ file that it came in."""

    path: Path
    original: str
    stem: str
    compressed: bool
    sha256: str
    size: int
    container: str | None = None
    faults: tuple[str, ...] = ()
    examined: Examined = field(default_factory=Examined)


def sources(given: Iterable[Path]) -> list[Path]:
    """The files that are meant; of a folder its WARC and WACZ files. UsageError for what is not there or can't be read."""
    found: list[Path] = []
    for path in given:
        if path.is_dir():
            inside = sorted(_inside(path))
            if not inside:
                raise UsageError(
                    _("The folder %(path)s holds no .warc, .warc.gz or .wacz file.") % {"path": path},
                    _("Name the files themselves."),
                )
            found += inside
        elif not path.is_file():
            raise UsageError(_("There is no file %(path)s.") % {"path": path}, _("Check its name."))
        else:
            found.append(path)
    for path in found:
        if not os.access(path, os.R_OK):
            raise UsageError(_("%(file)s may not be read.") % {"file": path}, _("Mend its permissions."))
        kind_of(path)
    return found


def _inside(folder: Path) -> Iterator[Path]:
    base = len(folder.parts)
    for root, folders, names in os.walk(folder):
        if len(Path(root).parts) - base >= _DEEPEST:
            folders.clear()
        yield from (Path(root, name) for name in names if name.lower().endswith(_WANTED) and Path(root, name).is_file())


@contextmanager
def staging(output: Path) -> Iterator[Path]:
    """A folder that is gone afterwards; those of killed imports are removed by the way."""
    new = not output.exists()
    try:
        output.mkdir(parents=True, exist_ok=True)
        _clear(output)
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=output))
    except OSError as problem:
        raise UsageError(
            _("The folder %(path)s can't be written: %(why)s.") % {"path": output, "why": problem.strerror or problem},
            _("Choose another place with -o OUTPUT, or mend its permissions."),
        ) from problem
    lock = FileLock(folder / "lock")
    lock.acquire(timeout=0)
    try:
        yield folder
    finally:
        lock.release()
        shutil.rmtree(folder, ignore_errors=True)
        if new and not any(output.iterdir()):
            output.rmdir()


def _clear(output: Path) -> None:
    for left in output.glob(f"{_PREFIX}*"):
        try:
            lock = FileLock(left / "lock")
            lock.acquire(timeout=0)
        except (Timeout, OSError):
            continue
        lock.release()
        shutil.rmtree(left, ignore_errors=True)


def stage(
    paths: list[Path], folder: Path, held: Callable[[str], bool], progress: Callable[[int], None]
) -> tuple[list[Staged], list[str]]:
    """Copy what is not held yet; gives the copies, and the names of what is held. `progress` gets bytes more."""
    staged: list[Staged] = []
    known: list[str] = []
    seen: set[str] = set()

    def have(sha256: str, name: str) -> bool:
        if sha256 in seen or held(sha256):
            known.append(name)
            return True
        seen.add(sha256)
        return False

    for turn, path in enumerate(paths):
        if kind_of(path) == "zip":
            inside = folder / f"wacz-{turn}"
            inside.mkdir()
            for taken in take_out(path, inside):
                sha256 = fixity.sha256(taken.path)
                name = plain(f"{path.name}/{taken.name}")
                if have(sha256, name):
                    taken.path.unlink()
                else:
                    staged.append(_staged(taken.path, name, sha256, path.name, taken.faults))
            progress(path.stat().st_size)
        else:
            name = plain(path.name)
            if have(fixity.sha256(path), name):
                progress(path.stat().st_size)
                continue
            copy = folder / f"file-{turn}"
            staged.append(_staged(copy, name, _copy(path, copy, progress)))
    return staged, known


def _staged(path: Path, name: str, sha256: str, container: str | None = None, faults: tuple[str, ...] = ()) -> Staged:
    compressed = kind_of(path) == "warc.gz"
    last = name.rsplit("/", 1)[-1]
    stem = last.removesuffix(".gz").removesuffix(".warc")
    return Staged(path, name, stem, compressed, sha256, path.stat().st_size, container, faults)


def _copy(source: Path, target: Path, progress: Callable[[int], None]) -> str:
    """Copy a file, synced; gives the sum of what was written."""
    digest = hashlib.sha256()
    with source.open("rb") as stream, target.open("xb") as out:
        while block := stream.read(_STEP):
            out.write(block)
            digest.update(block)
            progress(len(block))
        out.flush()
        os.fsync(out.fileno())
    return digest.hexdigest()


def put_in_place(staged: Path, target: Path) -> None:
    """Give a file its name in the archive in one step, its bytes synced before; the folder is synced by the caller."""
    with staged.open("rb") as stream:
        os.fsync(stream.fileno())
    try:
        staged.replace(target)
    except OSError as problem:
        if problem.errno != errno.EXDEV:
            raise
        # The collection lies on another disk than the folder above it.
        aside = target.with_name(f".{target.name}.part")
        aside.unlink(missing_ok=True)
        _copy(staged, aside, lambda count: None)
        aside.replace(target)
