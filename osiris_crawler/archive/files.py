"""The files of an archive folder, and what is done with those that a dead run left open."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from osiris_crawler.archive.reader import whole_end

OPEN = ".open"
_CLOSED = (".warc.gz", ".warc.gz" + OPEN)


@dataclass(frozen=True, slots=True)
class Recovered:
    """A file that was finished: `cut` bytes of its end were torn and are kept aside."""

    path: Path | None  # None when nothing whole was in it
    cut: int


def warc_files(archive: Path) -> list[Path]:
    """WARC files of an archive, closed and open, by name."""
    return sorted((path for path in archive.iterdir() if path.name.endswith(_CLOSED)), key=final_name)


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


def recover_open(path: Path) -> Recovered:
    """Finish a file of a dead run: cut to its last whole member, the rest kept beside it; doing it twice is harmless."""
    size = path.stat().st_size
    end = whole_end(path)
    if end < size:
        aside = path.with_name(f"{final_name(path)}.torn-{end}")
        with path.open("rb") as source, aside.open("wb") as kept:
            source.seek(end)
            while block := source.read(1 << 20):
                kept.write(block)
            kept.flush()
            os.fsync(kept.fileno())
    if end == 0:
        path.unlink()
        sync_folder(path.parent)
        return Recovered(None, size)
    with path.open("r+b") as target:
        target.truncate(end)
        os.fsync(target.fileno())
    final = path.with_name(final_name(path))
    if final.exists():
        raise FileExistsError(17, "a closed file of this name is there already", str(final))
    path.rename(final)
    sync_folder(path.parent)
    return Recovered(final, size - end)
