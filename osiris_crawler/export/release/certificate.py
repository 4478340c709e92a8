"""The certificate of the newest audit, where one lies in exports/ and is still true of what the collection holds."""

from __future__ import annotations

import json
import re
from pathlib import Path

from osiris_crawler.archive import fixity
from osiris_crawler.paths import Collection

_STAMP = re.compile(r"-audit-\d{8}T\d{6}Z")
_MOST = 200_000_000  # bytes of a certificate


def newest(collection: Collection) -> list[Path]:
    """The page and its figures of the newest audit that is there; none without one."""
    stem = collection.name
    found = sorted(
        path for path in collection.exports.glob("*-audit-*.json") if _STAMP.fullmatch(path.stem.removeprefix(stem))
    )
    if not found or not found[-1].with_suffix(".html").is_file():
        return []
    return [found[-1].with_suffix(".html"), found[-1]]


def holds(figures: Path, collection: Collection) -> bool:
    """Whether what an audit looked at is what the collection holds: its sum of sums is that of the files of today."""
    try:
        if figures.stat().st_size > _MOST:
            return False
        said = json.loads(figures.read_bytes())["state"]["hash"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return False
    return bool(said == fixity.state(collection)[0])
