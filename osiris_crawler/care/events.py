"""events.jsonl: what happened to the collection as an object to be preserved, in PREMIS event terms.

A line has eventIdentifier, eventType, eventDateTime, eventDetail, eventOutcome, eventOutcomeDetail, linkingAgent and
linkingObjects (PREMIS 3.0, 2). Types are capture, import, fixity check, repair, restriction and, of an audit, validation.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from osiris_crawler import __version__
from osiris_crawler.paths import Collection

AUDIT = "validation"  # what is held against what the site says it has
_MOST_OBJECTS = 1000  # names in a line


def append(
    collection: Collection, kind: str, outcome: str, detail: str, objects: Sequence[str] = (), **more: Any
) -> dict[str, Any]:
    """Add an event, synced; a line that a kill tore off is ended first. `more` goes into eventOutcomeDetail."""
    event: dict[str, Any] = {
        "eventIdentifier": f"urn:uuid:{uuid.uuid4()}",
        "eventType": kind,
        "eventDateTime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventDetail": detail,
        "eventOutcome": outcome,
        "eventOutcomeDetail": more,
        "linkingAgent": f"osiris-crawler/{__version__}",
        "linkingObjects": list(objects[:_MOST_OBJECTS]),
    }
    with collection.events.open("a+b") as out:
        if out.tell():
            out.seek(-1, os.SEEK_END)
            if out.read(1) != b"\n":
                out.write(b"\n")
        out.write(json.dumps(event, ensure_ascii=False).encode() + b"\n")
        out.flush()
        os.fsync(out.fileno())
    return event


def read(collection: Collection) -> Iterator[dict[str, Any]]:
    """The events, oldest first; lines that a kill tore off are passed over."""
    if not collection.events.exists():
        return
    with collection.events.open("rb") as lines:
        for line in lines:
            try:
                event = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(event, dict):
                yield event
