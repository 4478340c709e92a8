"""What a warcinfo record says: who made a file, with which program, of which site, by which rules (WARC 1.1, 6.2).

One function for all that write WARC files, so that every file of a collection is described alike. `run`, `crawl`,
`command`, `site` and `profile` are what the ledger is rebuilt from.
"""

from __future__ import annotations

import hashlib
import json
import platform
import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from osiris_crawler import __version__
from osiris_crawler.settings import Settings
from osiris_crawler.site.profile import Site

CONFORMS_TO = "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"
# Where things lie, what people see and who is told has no bearing on what is fetched; whom to tell is a secret.
_OUTSIDE = (
    "output", "collection", "profile", "dry_run", "quiet", "json", "log_json", "wait", "notify", "notify_on", "ping",
)  # fmt: skip


def hostname() -> str:
    """This machine's name, in files' names and in their first records."""
    return platform.node() or "localhost"


def description(
    *, collection: str, run: str, crawl: int, command: str, site: str, profile: str, more: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The fields of a warcinfo record, one line each; what is empty is left out."""
    fields = {
        "software": f"osiris-crawler/{__version__}",
        "format": "WARC File Format 1.1",
        "conformsTo": CONFORMS_TO,
        "isPartOf": collection,
        "hostname": hostname(),
        **(more or {}),
        "run": run,
        "crawl": str(crawl),
        "command": command,
        "site": site,
        "profile": profile,
    }
    return {name: " ".join(value.split()) for name, value in fields.items() if value.strip()}


def of_a_crawl(settings: Settings, site: Site, agent: str) -> dict[str, str]:
    """What a crawl adds: its operator, its manners, its effective settings and the digests of settings and profile."""
    effective = {name: value for name, value in asdict(settings).items() if name not in _OUTSIDE}
    effective["delay"] = site.delay if settings.delay is None else settings.delay
    text = _canonical(effective)
    return {
        "operator": settings.contact or "",
        "robots": f"obey; requisites by permission: {settings.permission}" if settings.permission else "obey",
        "http-header-user-agent": agent,
        "settings": text,
        "settings-digest": _sha256(text),
        "profile-digest": _sha256(_canonical(asdict(site))),
    }


def _canonical(value: Any) -> str:
    """JSON with sorted keys: the same for the same values."""
    return json.dumps(value, sort_keys=True, default=_plain)


def _plain(value: Any) -> Any:
    return value.pattern if isinstance(value, re.Pattern) else sorted(value) if isinstance(value, frozenset) else str(value)


def _sha256(text: str) -> str:
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()
