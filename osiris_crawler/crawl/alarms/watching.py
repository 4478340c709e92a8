"""Alarms from run to run: the figures of those before, the alarms that stand, and what of it this run says.

An alarm lasts until a run finds the matter in order; a run that could not tell leaves it as it was. What has stood for two
weeks and several runs is the way the site is now: it is told no more, and the figures since then are what later ones are held
against. Silence and blocked pages never become that. All of it is in the reports of the runs, none in the archive: where they
are gone, after a rebuild into another folder, the next run begins anew.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from osiris_crawler.care.alarm_names import name_of
from osiris_crawler.care.past import report_of
from osiris_crawler.crawl.alarms.judging import judge
from osiris_crawler.crawl.alarms.model import Past, Standing, Verdicts
from osiris_crawler.crawl.run import Run
from osiris_crawler.errors import Exit, OsirisError
from osiris_crawler.i18n import _
from osiris_crawler.ledger.figures import gather, ordinal

log = logging.getLogger(__name__)

_RUNS = 60  # before this one that are looked at
_SETTLES = (14, 5)  # days and runs that an alarm stands
_NEVER = ("silence", "blocked")


@dataclass(frozen=True, slots=True)
class Watched:
    """What a run's report says: the alarms that are told, and the figures for later runs."""

    alarms: list[dict[str, Any]] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)


def watch(run: Run) -> Watched:
    """Judge a run that has ended, and put its alarms into its outcome and reasons."""
    try:
        watched = _watch(run)
    except (sqlite3.Error, OsirisError):  # the disk is full: said at the end
        log.exception("the alarms could not be judged")
        return Watched()
    except Exception:
        log.exception("the alarms could not be judged")
        run.reasons.append(_("The alarms could not be judged; crawl.log says why."))
        return Watched()
    if watched.alarms:
        run.outcome.add(Exit.ALARM)
        names = ", ".join(dict.fromkeys(name_of(alarm["name"]) for alarm in watched.alarms))
        run.reasons.append(
            _("Alarm: %(names)s. The report says what was expected and what was seen.") % {"names": names}
        )
    return watched


def _watch(run: Run) -> Watched:
    past, standing = earlier(run)
    blind = run.outcome & {Exit.UNREACHABLE, Exit.USAGE, Exit.UNEXPECTED} or run.tally.pages == 0
    if blind or run.ledger.frontier.only is not None:  # an audit's look at the signals alone
        # It has seen nothing of the site.
        return Watched(figures={"standing": packed(standing)})
    politeness = run.politeness
    figures = gather(
        run.ledger,
        run.name,
        complete=not run.outcome,
        narrow=bool(run.scope.narrow or run.settings.section or run.scope.sample),
        allowed=lambda url: not politeness.known(url) or politeness.allowed(url),
    )
    verdicts = judge(figures, past, standing, run.site.start_url)
    started = run.ledger.db.value("SELECT started FROM runs WHERE run = ?", (run.name,))
    told, stands = stand(verdicts, standing, run.name, started)
    return Watched(told, {**figures.as_json(), "standing": packed(stands)})


def stand(
    verdicts: Verdicts, standing: Mapping[str, Standing], run: str, at: str
) -> tuple[list[dict[str, Any]], dict[str, Standing]]:
    """What is told, and what stands after this run."""
    told: list[dict[str, Any]] = []
    stands: dict[str, Standing] = {}
    for key in [*verdicts, *(key for key in standing if key not in verdicts)]:
        alarm, before = verdicts.get(key), standing.get(key)
        if alarm is not None and alarm.once:
            told.append({**alarm.as_json(), "since": run})
            continue
        if alarm is None and (key in verdicts or before is None):
            continue
        said = alarm.as_json() if alarm is not None else dict(before.alarm) if before is not None else {}
        since, begun, runs = (before.since, before.at, before.runs) if before is not None else (run, at, 0)
        runs += alarm is not None
        settled = said.get("name") not in _NEVER and ordinal(at) - ordinal(begun) >= _SETTLES[0]
        # A run that could not tell adds nothing; but what nobody could tell of for so long is not told for ever.
        settled = settled and (runs >= _SETTLES[1] or alarm is None)
        settled = settled or (before is not None and before.settled)
        stands[key] = Standing(since, begun, runs, settled, said)
        if not settled:
            told.append({**said, "since": since})
    return told, stands


def earlier(run: Run) -> tuple[list[Past], dict[str, Standing]]:
    """The runs before this one that reported figures, newest first, and the alarms that stand after the last of them."""
    past: list[Past] = []
    rows = run.ledger.db.query(
        """SELECT run, started, report IS NULL AS lost, json_extract(report, '$.figures') AS figures FROM runs
           WHERE crawl > 0 AND run <> ? ORDER BY started DESC, run DESC LIMIT ?""",
        (run.name, _RUNS),
    ).fetchall()
    for row in rows:
        figures = json.loads(row["figures"]) if row["figures"] else None
        if row["lost"]:  # the ledger was made anew since
            figures = (report_of(run.collection, row["run"]) or {}).get("figures")
        if isinstance(figures, dict) and figures:
            past.append(Past(row["started"], figures))
    standing = past[0].figures.get("standing") if past else None
    return [one for one in past if "kinds" in one.figures], unpacked(standing)


def packed(standing: Mapping[str, Standing]) -> dict[str, Any]:
    return {key: asdict(one) for key, one in standing.items()}


def unpacked(standing: Any) -> dict[str, Standing]:
    return {key: Standing(**one) for key, one in standing.items()} if isinstance(standing, dict) else {}
