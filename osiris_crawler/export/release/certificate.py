"""The certificate of the newest audit, where one lies in exports/ and is still true of what the collection holds."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

from osiris_crawler.archive import files, fixity
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
    return bool(said == _state(collection))


def _state(collection: Collection) -> str:
    """As the certificate says how to take it: the sum of what sha256sum prints, sorted by path."""
    sealed = fixity.read(collection.manifest)
    held = {f"archive/{path.name}": path for path in files.warc_files(collection.archive)}
    held |= {f"dataset/{path.name}": path for path in (collection.articles, collection.changes) if path.is_file()}
    sums = {f"archive/{name}": sum for name, sum in sealed.items()}
    lines = (f"{sums.get(name) or fixity.sha256(path)}  {name}\n" for name, path in sorted(held.items()))
    return hashlib.sha256("".join(lines).encode()).hexdigest()
