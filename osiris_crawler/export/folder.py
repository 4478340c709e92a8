"""An export that is a folder: written aside, put in place when all is well, replaced only when it is one of ours."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from glob import escape
from pathlib import Path
from typing import Any

from osiris_crawler.errors import UsageError
from osiris_crawler.export.placing import preparing, writing
from osiris_crawler.i18n import _
from osiris_crawler.paths import is_running

MARK = "export.json"  # says what a folder is, and that it may be replaced


def is_export(path: Path, format: str) -> bool:
    """Whether a folder is what an export of this format wrote."""
    return _format(path) == format


def is_any_export(path: Path) -> bool:
    """Whether a folder is what some export wrote: nothing else belongs into it."""
    return _format(path) is not None


def _format(path: Path) -> object:
    try:
        found = json.loads((path / MARK).read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return found.get("format") if isinstance(found, dict) else None


@contextmanager
def placed_folder(to: Path, format: str, expected: int) -> Iterator[Path]:
    """A folder that takes its name when the block ends well; about `expected` bytes will come.

    UsageError when there is no such place or something else lies there, OsirisError when there is no room or the disk
    fails: then nothing is left.
    """
    aside, before = _beside(to, "part"), _beside(to, "old")
    with preparing(to):
        to.parent.mkdir(parents=True, exist_ok=True)
        _clear(to)
        free = shutil.disk_usage(to.parent).free
        if (to.exists() or to.is_symlink()) and not (is_export(to, format) and not to.is_symlink()):
            raise UsageError(
                _("%(path)s is there already, and no export of this kind.") % {"path": to},
                _("Choose another place with --to PATH."),
            )
        aside.mkdir()
    try:
        with writing(to, free, expected):
            yield aside
            if to.exists():
                to.rename(before)
            aside.rename(to)
    finally:
        if before.exists() and not to.exists():
            before.rename(to)
        shutil.rmtree(aside, ignore_errors=True)
        shutil.rmtree(before, ignore_errors=True)


def mark(folder: Path, format: str, facts: dict[str, Any]) -> None:
    """Say in a folder what it is."""
    text = json.dumps({"format": format, **facts}, ensure_ascii=False, indent=2)
    (folder / MARK).write_text(text + "\n", "utf-8")


def _beside(to: Path, end: str) -> Path:
    return to.with_name(f".{to.name}.{os.getpid()}.{end}")


def _clear(to: Path) -> None:
    """Remove what killed exports left beside it; one that was being replaced gets its name back."""
    for end in ("old", "part"):
        for left in to.parent.glob(f".{escape(to.name)}.*.{end}"):
            number = left.name.removeprefix(f".{to.name}.").removesuffix(f".{end}")
            if not number.isdecimal() or is_running(int(number)):
                continue
            if end == "old" and not to.exists():
                left.rename(to)
            else:
                shutil.rmtree(left, ignore_errors=True)
