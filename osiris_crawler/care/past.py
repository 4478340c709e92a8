"""Past runs: how each ended, in figures that many of them can be held by.

The ledger knows them; after a rebuild it knows no more than when they began, and runs/RUN/report.json has the rest.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from osiris_crawler.errors import Exit
from osiris_crawler.i18n import _
from osiris_crawler.ledger.ledger import Ledger
from osiris_crawler.paths import Collection

_FOLDER = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]*")
_LARGEST = 50_000_000  # bytes of a report.json; those of long crawls have about 200,000


@dataclass(frozen=True, slots=True)
class PastRun:
    """One run. `exit` is None while it goes on, and for ever when it was killed."""

    run: str
    command: str
    started: str
    ended: str | None
    exit: int | None
    seconds: float
    requests: int
    bytes: int
    failures: int  # addresses that newly got no final answer
    alarms: int
    crawl: int


def past_runs(ledger: Ledger, collection: Collection) -> Iterator[PastRun]:
    """Every run, newest first."""
    rows = ledger.db.query(
        """SELECT run, crawl, command, started, ended, exit,
                  json_extract(report, '$.seconds', '$.requests', '$.bytes', '$.newly_failed') AS figures,
                  json_array_length(report, '$.alarms') AS alarms
           FROM runs ORDER BY started DESC, run DESC"""
    )
    for row in rows:
        ended, code, alarms = row["ended"], row["exit"], row["alarms"] or 0
        figures = json.loads(row["figures"]) if row["figures"] else None
        if figures is None:
            report = report_of(collection, row["run"]) or {}
            figures = [report.get(name) for name in ("seconds", "requests", "bytes", "newly_failed")]
            if isinstance(report.get("exit"), int):
                code = report["exit"]
                ended = ended or _after(row["started"], _number(figures[0]))
            alarms = len(alarms_of(report))
        seconds, requests, size, failed = (_number(figure) for figure in figures)
        yield PastRun(
            row["run"], row["command"], row["started"], ended, code, seconds, int(requests), int(size), int(failed), alarms,
            row["crawl"],
        )  # fmt: skip


def report_of(collection: Collection, run: str) -> dict[str, Any] | None:
    """What a run's report.json holds; None where there is none that can be read."""
    if not _FOLDER.fullmatch(run):
        return None  # a name that another program gave its run; we have no report of it
    path = collection.runs / run / "report.json"
    try:
        if path.stat().st_size > _LARGEST:
            return None
        report = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return report if isinstance(report, dict) else None


def alarms_of(report: dict[str, Any]) -> list[dict[str, Any]]:
    """The alarms that a run has raised."""
    alarms = report.get("alarms")
    return [alarm for alarm in alarms if isinstance(alarm, dict)] if isinstance(alarms, list) else []


def outcome(code: int | None) -> str:
    """What an exit code says, in a few words."""
    if code is None:
        return _("has not ended")
    words = {
        Exit.DONE: _("done"),
        Exit.UNEXPECTED: _("unexpected error"),
        Exit.USAGE: _("could not begin"),
        Exit.UNFINISHED: _("done, with gaps"),
        Exit.LOCKED: _("another run was on"),
        Exit.UNREACHABLE: _("site unreachable"),
        Exit.INTEGRITY: _("integrity failure"),
        Exit.ALARM: _("alarm"),
        Exit.BUDGET: _("budget used up"),
        Exit.INTERRUPTED: _("interrupted"),
    }
    return words.get(code) or _("exit %(code)d") % {"code": code}  # type: ignore[call-overload]


def _number(value: Any) -> float:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else 0


def _after(started: str, seconds: float) -> str:
    then = datetime.fromisoformat(started.replace("Z", "+00:00")).astimezone(UTC)
    return (then + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
