"""Closing a run: what it got, what it did not and why, and the exit code that says so."""

from __future__ import annotations

import json
import logging
import os
import sqlite3
import time
from contextlib import suppress
from typing import Any

from osiris_crawler.care import events
from osiris_crawler.crawl.alarms.watching import watch
from osiris_crawler.crawl.forecast import forecast
from osiris_crawler.crawl.notices import DEMO
from osiris_crawler.crawl.run import Run
from osiris_crawler.errors import Exit, OsirisError, worst
from osiris_crawler.export.report.writing import after_run
from osiris_crawler.i18n import _, ngettext
from osiris_crawler.paths import replace_file
from osiris_crawler.settings import Settings

log = logging.getLogger(__name__)

# PREMIS' words: what a budget or a person has ended is in order, and goes on.
_OUTCOMES = {Exit.DONE: "success", Exit.BUDGET: "success", Exit.INTERRUPTED: "success", Exit.UNFINISHED: "warning"}
_OUTCOMES[Exit.ALARM] = "warning"  # captured as it came; it is to be looked at


def exit_of(run: Run) -> Exit:
    """The exit code of a run that has ended."""
    if Exit.INTERRUPTED in run.outcome:
        return Exit.INTERRUPTED
    if Exit.USAGE in run.outcome:
        return Exit.USAGE
    if Exit.UNEXPECTED in run.outcome:
        return Exit.UNEXPECTED
    if run.faults:
        text = ngettext(
            "%(count)d page could not be taken in for a fault of this program; crawl.log says where.",
            "%(count)d pages could not be taken in for a fault of this program; crawl.log says where.",
            run.faults,
        )
        run.reasons.append(text % {"count": run.faults})
        return Exit.UNEXPECTED
    codes = set(run.outcome)
    if not codes & {Exit.BUDGET, Exit.UNREACHABLE, Exit.INTEGRITY} and unreachable(run):
        codes.add(Exit.UNREACHABLE)
        run.reasons.append(
            _("%(site)s gave no page: %(why)s.")
            % {
                "site": run.site.start_url,
                "why": ", ".join(f"{n} × HTTP {s}" for s, n in run.tally.statuses.items()) or "?",
            }
        )
    if run.newly_failed:
        codes.add(Exit.UNFINISHED)
    return worst(codes)


def unreachable(run: Run) -> bool:
    """Whether the site as a whole refused: requests were made for pages, and none gave one."""
    counts = run.ledger.frontier.counts(run.crawl)
    return run.tally.requests > 0 and run.tally.pages == 0 and counts.get("failed", 0) + counts.get("pending", 0) > 0


def nothing_found(run: Run) -> bool:
    """Whether a walk over some sections or days has met no article, in this run and those before that began it."""
    if not run.scope.narrow or run.scope.sample is not None or run.updater is not None or run.tally.articles:
        return False
    query = """SELECT 1 FROM readings JOIN captures ON captures.id = readings.capture JOIN runs ON runs.run = captures.run
               WHERE readings.kind = 'article' AND runs.crawl = ? LIMIT 1"""
    return run.ledger.db.value(query, (run.crawl,)) is None


def _nothing(settings: Settings) -> str:
    asked = [f'--section "{name}"' for name in settings.section]
    asked += [f"--{name} {day}" for name, day in (("since", settings.since), ("until", settings.until)) if day]
    return _("The site lists no article for %(asked)s. Look whether that is the section and the days you mean.") % {
        "asked": " ".join(asked)
    }


def finish(run: Run) -> None:
    """Write the run's report and its end to the ledger."""
    problem = run.writer.problem
    if problem is not None and str(problem) not in run.reasons:
        # The last file could not be closed or sealed; the next run does it.
        run.outcome.add(problem.exit)
        run.reasons.append(str(problem))
    with suppress(OsirisError, OSError):  # said at the end, or the next run finds it out
        _files_known(run)
    watched = watch(run)
    code = exit_of(run)
    run.exit = code
    if code is Exit.DONE and nothing_found(run):
        run.reasons.append(_nothing(run.settings))
    report = run.report = report_of(run, code) | {"alarms": watched.alarms, "figures": watched.figures}
    try:
        run.ledger.end_run(run.name, run.clock.stamp(), code, report)
        run.ledger.close()
        text = json.dumps(report, ensure_ascii=False, indent=2) + "\n"
        replace_file(run.collection.runs / run.name / "report.json", text=text)
        events.append(
            run.collection, "capture", _OUTCOMES.get(code, "failure"), f"osiris {run.command}, run {run.name}",
            [path.name for path in run.writer.closed], exit=int(code), requests=run.tally.requests,
        )  # fmt: skip
    except (OsirisError, OSError) as problem:
        # The disk is full: what was captured is safe, and the reason is said on the terminal.
        log.error("the report could not be written: %s", problem)
        if code is Exit.DONE:
            run.exit = Exit.UNEXPECTED
            run.reasons.append(str(problem))
    after_run(run.collection, run.name, None if os.environ.get(DEMO) else run.settings.prometheus)


def _files_known(run: Run) -> None:
    """The ledger knows every record of this run's files, unless an exchange got lost on its way there: then they are
    looked through from the beginning when the next run begins."""
    answers = run.writer.written["response"] + run.writer.written["revisit"]
    whole = answers == run.ledger.db.value("SELECT count(*) FROM captures WHERE run = ?", (run.name,))
    for path in run.writer.closed:
        if whole:
            run.ledger.file_known(path.name, run.name, path.stat().st_size)
        else:
            run.ledger.file_unknown(path.name)


def report_of(run: Run, code: Exit) -> dict[str, Any]:
    """What `--json` prints and report.json holds."""
    frontier = run.ledger.frontier
    kinds: dict[str, dict[str, int]] = {}
    for (kind, status), number in sorted(frontier.by_kind(run.crawl).items()):
        kinds.setdefault(kind, {})[status] = number
    refused = {
        row["reason"]: {"links": row["links"], "sample": row["sample"]}
        for row in run.ledger.db.query("SELECT * FROM refusals WHERE crawl = ? ORDER BY links DESC", (run.crawl,))
    }
    published = run.published
    again = None
    if code is not Exit.USAGE:  # that was no walk
        with suppress(sqlite3.Error):  # the disk is full: sorting wants room of its own
            again = forecast(run.ledger, run.crawl)
    return {
        "run": run.name,
        "command": run.command,
        "crawl": run.crawl,
        "resumed": run.resumed,
        "site": run.site.start_url,
        "profile": run.site.name,
        "collection": str(run.collection.root),
        "exit": int(code),
        "reasons": run.reasons,
        "seconds": round(time.monotonic() - run.started, 3),
        "requests": run.tally.requests,
        "bytes": run.tally.bytes,
        "written": {
            kind: {"records": run.writer.written[kind], "bytes": run.writer.written_bytes[kind]}
            for kind in sorted(run.writer.written)
        },
        "written_bytes": run.writer.written_bytes.total(),
        "statuses": dict(sorted(run.tally.statuses.items())),
        "revisits": {"records": run.tally.revisits, "bytes_saved": run.tally.saved},
        "forecast": again.as_json() if again else None,
        "failed_attempts": run.tally.failed_attempts,
        "paused_seconds": round(run.line.paused, 3),
        "read": dict(sorted(run.tally.kinds.items())),
        "addresses": kinds,
        "refused": refused,
        "failures": [{"url": url, "problem": problem} for url, problem in frontier.failures(run.crawl)],
        "newly_failed": run.newly_failed,
        "layouts": run.ledger.layouts(),
        "update": run.updater.as_json() if run.updater is not None else None,
        "aliases": run.tally.aliases,
        "dataset": {
            "articles": published.articles,
            "withdrawn": published.withdrawn,
            "duplicates": published.duplicates,
            "with_issues": published.with_issues,
            "changes": published.changes,
        },
    }
