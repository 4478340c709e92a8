"""What our own walks did not get, by what the archive says of them: after a rebuild a finished walk is finished again.

What was asked and answered is in the captures. The rest stands beside them: a run's settings say what it left out, the
robots.txt that it read says what it was refused, and an attempt that brought no byte has a note of its own.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Set
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from osiris_crawler.archive import files
from osiris_crawler.archive.http import parse_response
from osiris_crawler.archive.reader import Record, read_at
from osiris_crawler.archive.records import note_of
from osiris_crawler.errors import IntegrityError
from osiris_crawler.ledger.intake import REDIRECTS, decoded
from osiris_crawler.ledger.ledger import Ledger
from osiris_crawler.ledger.scope import Scope
from osiris_crawler.site.robots import AGENT, Robots
from osiris_crawler.site.urls import Kind

log = logging.getLogger(__name__)

_LARGEST_NOTE = 4096  # bytes of a note of an attempt; readings are longer
_HOPS = 5  # redirects of a robots.txt, as a run follows them
_LOOKED_AT = 20  # of an origin's robots.txt, newest first, until one says something


def scope_of(fields: Mapping[str, str]) -> Scope | None:
    """What a run was asked to cover, by its warcinfo record; None where that does not say."""
    try:
        said: Any = json.loads(fields.get("settings", ""))
        since, until = (said[name] if said[name] is None else str(said[name]) for name in ("since", "until"))
        return Scope(bool(said["section"]), since, until, bool(said["files"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def had_leave(fields: Mapping[str, str]) -> bool:
    """Whether a run might fetch requisites that robots.txt forbids."""
    return "by permission" in fields.get("robots", "")


def failure_in(record: Record) -> str | None:
    """Why an attempt brought no byte, where a metadata record is the note of one."""
    if len(record.block) > _LARGEST_NOTE or b"error" not in record.block:
        return None
    error = note_of(record.block).get("error")
    return error if isinstance(error, str) and "WARC-Refers-To" not in record.headers else None


def refuse_forbidden(ledger: Ledger, archive: Path, by_leave: Set[int]) -> int:
    """Close what waits and robots.txt forbids, as a run does when its turn comes; gives how many there were.

    `by_leave`: walks that had leave to fetch the pages' requisites all the same.
    """
    known: dict[str, Robots | None] = {}
    forbidden = []
    for row in ledger.db.query("SELECT key, url, kind, crawl FROM addresses WHERE status = 'pending'").fetchall():
        if row["kind"] == Kind.REQUISITE and row["crawl"] in by_leave:
            continue
        parts = urlsplit(row["url"])
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in known:
            known[origin] = _robots(ledger, archive, f"{origin}/robots.txt")
        robots = known[origin]
        if robots is not None and not robots.allowed(row["url"], AGENT):
            forbidden.append(row["key"])
    for key in forbidden:
        ledger.frontier.close(key, "refused", "robots.txt")
    return len(forbidden)


_CAPTURES = """SELECT captures.status AS status, captures.target AS target, name, whole.offset AS offset FROM captures
    JOIN runs ON runs.run = captures.run JOIN captures AS whole ON whole.id = coalesce(captures.original, captures.id)
    JOIN files ON files.id = whole.file WHERE crawl >= 0 AND captures.truncated IS NULL AND {} ORDER BY captures.date DESC"""


def _robots(ledger: Ledger, archive: Path, url: str) -> Robots | None:
    """The newest rules of an origin that a run of ours could read; None where there are none."""
    where, value = "captures.url = ?", url
    for _hop in range(_HOPS + 1):
        for row in ledger.db.query(_CAPTURES.format(where), (value,)).fetchmany(_LOOKED_AT):
            if row["status"] in REDIRECTS and row["target"] is not None:
                where, value = "captures.key = ?", row["target"]
                break
            try:
                block = read_at(files.existing(archive, row["name"]), row["offset"]).block
                robots = Robots.from_response(row["status"], decoded(parse_response(block)))
            except (IntegrityError, OSError, ValueError) as problem:
                log.info("%s at byte %d can't be read: %s", row["name"], row["offset"], problem)
                continue
            if not robots.must_wait:
                return robots
        else:
            return None
    return None
