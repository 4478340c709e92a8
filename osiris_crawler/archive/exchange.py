"""One exchange with a server, as its bytes were on the wire."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

IDS = "urn:osiris:ids"  # WARC-Target-URI of the metadata records that hold the ids given to articles

MODEL = "urn:osiris:chrome"  # … of the resource records that hold a frozen model of learned chrome

REREADING = "urn:osiris:rereading"  # … of those that say what a better reader or model changed in published articles

DISOWNED = "urn:osiris:disowned"  # … of those that name captures of something that stood between us and the site

IMPORTS = "urn:osiris:import"  # … of those that name the files which other crawlers wrote


@dataclass(slots=True)
class Exchange:
    """A request and what came of it. `response` is empty when no byte came; then `error` says why."""

    url: str  # as asked for, /spip.php?article3 intact
    started: datetime | None  # None: the writer's clock stamps it
    elapsed: float  # seconds
    request: bytes  # as written to the wire
    response: bytes  # as received, interim (1xx) responses taken off
    ip: str | None
    truncated: str | None = None  # "disconnect", "time" or "length", WARC-Truncated's words
    error: str | None = None
