"""The dataset of a crawl against what was planted, field by field."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

FIELDS = (
    "title", "date", "date_text", "section", "tags", "authors", "lead", "body", "ps", "notes", "sources", "link", "images", "documents",
    "language", "kind", "duplicate_of",
)  # fmt: skip


@dataclass(slots=True)
class Checked:
    """How many articles were planted, how many are equal in every field, and the differences."""

    planted: int = 0
    equal: int = 0
    differences: list[str] = field(default_factory=list)
    by_field: dict[str, int] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        return self.planted > 0 and self.equal == self.planted and not self.differences

    def as_json(self) -> dict[str, Any]:
        return {
            "planted": self.planted,
            "equal": self.equal,
            "differences": self.differences[:50],
            "by_field": self.by_field,
        }


def _relative(url: str | None) -> str | None:
    """An address of the site without its host; others as they are."""
    if url is None:
        return None
    parts = urlsplit(url)
    if not parts.netloc.startswith("127.0.0.1"):
        return url
    return parts.path.lstrip("/") + (f"?{parts.query}" if parts.query else "")


def _comparable(name: str, value: Any, ids: dict[str, str]) -> Any:
    if name in ("images", "documents"):
        return [
            {key: _relative(item[key]) if key == "url" else item[key] for key in ("url", "title", "type")}
            for item in value
        ]
    if name == "sources":
        return [{key: item[key] for key in ("text", "name", "url", "date")} for item in value]
    if name == "duplicate_of":
        return ids.get(value, value) if value is not None else None
    return value


def compare(planted: Iterable[dict[str, Any]], articles: Path) -> Checked:
    """Compare articles.jsonl with World.truth()."""
    found: dict[str, dict[str, Any]] = {}
    with articles.open(encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            found[_relative(record["url"]) or ""] = record
    ids = {record["id"]: path for path, record in found.items()}
    checked = Checked()
    for truth in planted:
        checked.planted += 1
        record = found.pop(truth["url"], {})
        wrong = []
        for name in FIELDS if record else ():
            have = _comparable(name, record[name], ids)
            if have != truth[name]:
                wrong.append(name)
                checked.by_field[name] = checked.by_field.get(name, 0) + 1
                checked.differences.append(
                    f"{truth['url']} {name}: {str(truth[name])[:150]!r} planted, {str(have)[:150]!r} found"
                )
        if not record:
            checked.differences.append(f"{truth['url']} is missing")
        checked.equal += bool(record) and not wrong
    checked.differences += [f"{path} was not planted" for path in found]
    return checked
