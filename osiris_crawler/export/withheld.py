"""What restrictions.jsonl hides from an export that shows whole captures, as a WACZ does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from osiris_crawler.care.restrictions import Hidden, hidden, read
from osiris_crawler.paths import Collection

_SCOPES = ("dataset", "exports", "replay")  # what is handed on and replayed, with the dataset in it


@dataclass(frozen=True, slots=True)
class Withheld:
    """What is hidden, and the restrictions in force that say so: an id or an address each."""

    hidden: Hidden
    subjects: tuple[str, ...]


def withheld(collection: Collection, now: datetime | None = None, scopes: Sequence[str] = _SCOPES) -> Withheld:
    """Read the restrictions that are in force; UsageError when a line of them can't be read."""
    instant = now or datetime.now(UTC)
    force = [entry for entry in read(collection.restrictions) if any(entry.holds(scope, instant) for scope in scopes)]
    return Withheld(hidden(force, *scopes, now=instant), tuple(entry.id or entry.url or "" for entry in force))
