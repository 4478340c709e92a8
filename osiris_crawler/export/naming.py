"""Where the file of an article lies in an exported folder; no path is built from what a page says."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_DAY = re.compile(r"(\d{4})-(\d{2})-\d{2}", re.A)
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.I)  # on Windows
_LONGEST_NAME = 80


class Places:
    """Gives every article a file of its own, also where a file system takes two names for one."""

    def __init__(self, suffix: str, *, months: bool) -> None:
        self._suffix, self._months = suffix, months
        self._taken: set[bytes] = set()

    def place(self, article: Mapping[str, Any]) -> Path:
        """YYYY/NAME.suffix, or YYYY/MM/NAME.suffix with months; `undated/` where there is no date."""
        day = _DAY.fullmatch(article.get("date") or "")
        parts = (day.groups() if self._months else (day[1],)) if day else ("undated",)
        name = safe_name(article["id"])
        for one in (name, f"{name[:_LONGEST_NAME]}-{_short(article['id'])}"):
            key = hashlib.blake2b("/".join((*parts, one.casefold())).encode(), digest_size=8).digest()
            if key not in self._taken:
                break
        self._taken.add(key)
        return Path(*parts, one + self._suffix)


def safe_name(id: str) -> str:
    """A file's name for an id: its own where it is made of plain signs, else those and a sum, so that no two are alike."""
    name = _UNSAFE.sub("_", id)[:_LONGEST_NAME]
    if name == id and name[:1] not in ("", ".", "-") and not name.endswith(".") and not _RESERVED.match(name):
        return name
    return f"{name.strip('._-')}-{_short(id)}".lstrip("-")


def _short(id: str) -> str:
    return hashlib.sha256(id.encode("utf-8", "surrogatepass")).hexdigest()[:10]
