"""The lines of changes.jsonl, read back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from osiris_crawler.errors import IntegrityError
from osiris_crawler.i18n import _
from osiris_crawler.paths import Collection

EVENTS = ("added", "changed", "withdrawn", "restored", "moved")


def read_changes(collection: Collection) -> Iterator[dict[str, Any]]:
    """Each event, oldest first; none without the file, IntegrityError for a line that is no event."""
    if not collection.changes.exists():
        return
    with collection.changes.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                change = json.loads(line)
                if not all(isinstance(change[name], str) for name in ("run", "at", "event", "cause")):
                    raise TypeError(line)
            except (ValueError, KeyError, TypeError, RecursionError) as problem:
                raise IntegrityError(
                    _("Line %(line)d of changes.jsonl can't be read.") % {"line": number},
                    _("“osiris rebuild” makes it from the WARC files."),
                ) from problem
            yield change
