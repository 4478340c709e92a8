"""Where an export is written: aside, with the room for it looked at first, and put in place when all is well."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from osiris_crawler.errors import OsirisError
from osiris_crawler.i18n import _
from osiris_crawler.paths import AtomicFile, remove_leftovers, writable


@contextmanager
def preparing(to: Path) -> Iterator[None]:
    """What can't be done before anything is written shows a wrong place: UsageError."""
    with writable(to, _("Choose another place with --to PATH.")):
        yield


@contextmanager
def writing(to: Path, free: int, expected: int) -> Iterator[None]:
    """OsirisError when about `expected` bytes find no room, or the disk fails."""
    hint = _("Make room or choose another place with --to PATH; nothing was left behind.")
    if free < expected:
        raise OsirisError(
            _("%(path)s needs about %(needed)d MB, and %(free)d MB are free there.")
            % {"path": to, "needed": expected // 1_000_000 + 1, "free": free // 1_000_000},
            hint,
        )
    with writable(to, hint, OsirisError):
        yield


@contextmanager
def placed(to: Path, expected: int) -> Iterator[AtomicFile]:
    """A file that takes its name when the block ends well; about `expected` bytes will come.

    UsageError when there is no such place, OsirisError when there is no room or the disk fails: then nothing is left.
    """
    with preparing(to):
        to.parent.mkdir(parents=True, exist_ok=True)
        remove_leftovers(to)
        free = shutil.disk_usage(to.parent).free
        AtomicFile(to).aside.touch()  # a folder that can't be written is a wrong place, not a full disk
        AtomicFile(to).aside.unlink()
    with writing(to, free, expected), AtomicFile(to) as file:
        yield file
