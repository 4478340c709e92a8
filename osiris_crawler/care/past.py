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


# Why no end of a run is known.
GOES_ON = "goes_on"
BROKEN_OFF = "broken_off"  # it was killed
IMPORTED = "imported"  # it ran elsewhere
NOTED = "noted"  # a command that asks no site had something to note
UNKNOWN = "unknown"  # only its WARC files are left
_NOTING = ("import", "rebuild")


@dataclass(frozen=True, slots=True)
class PastRun:
    """One run. `exit` is None where no end of it is known; `fate` then says why: one of the constants above."""

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
    fate: str | None = None


def past_runs(ledger: Ledger, collection: Collection) -> Iterator[PastRun]:
    """Every run, newest first."""
    rows = ledger.db.query(
        """SELECT run, crawl, command, started, ended, exit,
                  json_extract(report, '$.seconds', '$.requests', '$.bytes', '$.newly_failed') AS figures,
                  json_array_length(report, '$.alarms') AS alarms
           FROM runs ORDER BY started DESC, run DESC"""
    )
    newest = True  # of the runs that ask the site: no other can be going on
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
        fate = _fate(collection, row["run"], row["command"], row["crawl"], newest) if code is None else None
        newest = newest and (row["crawl"] < 0 or row["command"] in _NOTING)
        yield PastRun(
            row["run"], row["command"], row["started"], ended, code, seconds, int(requests), int(size), int(failed), alarms,
            row["crawl"], fate,
        )  # fmt: skip


def _fate(collection: Collection, run: str, command: str, crawl: int, newest: bool) -> str:
    if crawl < 0:
        return IMPORTED
    if command in _NOTING:
        return NOTED
    if newest and collection.is_held():
        return GOES_ON
    return BROKEN_OFF if _FOLDER.fullmatch(run) and (collection.runs / run).is_dir() else UNKNOWN


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


def outcome(code: int | None, fate: str | None = None) -> str:
    """What an exit code says, in a few words; without one, why there is none."""
    if code is None:
        fates = {
            BROKEN_OFF: _("was broken off"),
            IMPORTED: _("imported"),
            NOTED: _("done"),
            UNKNOWN: _("end not known"),
        }
        return fates.get(fate or GOES_ON, _("has not ended"))
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
