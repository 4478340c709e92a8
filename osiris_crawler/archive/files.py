"""The files of an archive folder, and what is done with those that a dead run left open."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from osiris_crawler.archive.reader import records
from osiris_crawler.paths import free_name

OPEN = ".open"
_SUFFIXES = (".warc.gz", ".warc")
_ALL = (*_SUFFIXES, ".warc.gz" + OPEN)


@dataclass(frozen=True, slots=True)
class Recovered:
    """A file that was finished: `cut` bytes of its end were torn and are kept aside."""

    path: Path | None  # None when nothing whole was in it
    cut: int


def warc_files(archive: Path) -> list[Path]:
    """WARC files of an archive, closed and open, by name."""
    return sorted((path for path in archive.iterdir() if path.name.endswith(_ALL) and path.is_file()), key=final_name)


def no_files(archive: Path) -> list[Path]:
    """What is called like a WARC file and is a folder, or a link to nothing."""
    return sorted(path for path in archive.iterdir() if path.name.endswith(_ALL) and not path.is_file())


def closed_files(archive: Path) -> list[Path]:
    """The closed ones alone: nobody writes to them any more."""
    return [path for path in warc_files(archive) if path.name.endswith(_SUFFIXES)]


def final_name(path: Path) -> str:
    """The name that a file has or will have when it is closed."""
    return path.name.removesuffix(OPEN)


def present(archive: Path, name: str) -> bool:
    return (archive / name).exists() or (archive / (name + OPEN)).exists()


def existing(archive: Path, name: str) -> Path:
    """A file by its final name, be it closed or open."""
    path = archive / name
    return path if path.exists() else archive / (name + OPEN)


def sync_folder(folder: Path) -> None:
    """Make names in a folder durable (POSIX: a rename is safe only when its folder is synced)."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def whole_end(path: Path) -> int:
    """The offset behind the last whole member; a response whose request was never written is not whole either."""
    end, alone, awaited = 0, 0, ""
    for record in records(path):
        if record.type in ("response", "revisit"):
            alone, awaited = record.offset, record.headers.get("WARC-Concurrent-To", "")
        elif record.id == awaited:
            awaited = ""
        end = record.offset + record.length
    return alone if awaited and end - alone > 0 and _last_is(path, alone) else end


def _last_is(path: Path, offset: int) -> bool:
    """Whether the record at an offset is the file's last whole one."""
    return sum(1 for _record in records(path, offset)) == 1


def keep_tail(path: Path, start: int) -> Path:
    """Keep what a file holds from an offset on in a file beside it; gives its path."""
    aside = free_name(path.with_name(f"{final_name(path)}.torn-{start}"))
    with path.open("rb") as source, aside.open("wb") as kept:
        source.seek(start)
        while block := source.read(1 << 20):
            kept.write(block)
        kept.flush()
        os.fsync(kept.fileno())
    sync_folder(path.parent)  # before anything is cut off, or a power cut could keep the cut and lose this
    return aside


def cut(path: Path, end: int) -> None:
    """Let a file end at an offset; what lay behind it is kept by `keep_tail` first."""
    with path.open("r+b") as target:
        target.truncate(end)
        os.fsync(target.fileno())


def recover_open(path: Path) -> Recovered:
    """Finish a file of a dead run: cut to its last whole group, the rest kept beside it; doing it twice is harmless."""
    size = path.stat().st_size
    end = whole_end(path)
    if end < size:
        keep_tail(path, end)
    if end == 0:
        path.unlink()
        sync_folder(path.parent)
        return Recovered(None, size)
    cut(path, end)
    final = path.with_name(final_name(path))
    if final.exists():
        raise FileExistsError(17, "a closed file of this name is there already", str(final))
    path.rename(final)
    sync_folder(path.parent)
    return Recovered(final, size - end)
