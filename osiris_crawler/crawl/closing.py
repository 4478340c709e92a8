"""Closing a run: what it got, what it did not and why, and the exit code that says so."""

from __future__ import annotations

import json
import logging
import time
from typing import Any

from osiris_crawler.crawl.run import Run
from osiris_crawler.errors import Exit, OsirisError, worst
from osiris_crawler.i18n import _
from osiris_crawler.paths import replace_file

log = logging.getLogger(__name__)


def exit_of(run: Run) -> Exit:
    """The exit code of a run that has ended."""
    if Exit.INTERRUPTED in run.outcome:
        return Exit.INTERRUPTED
    if Exit.USAGE in run.outcome:
        return Exit.USAGE
    if Exit.UNEXPECTED in run.outcome:
        return Exit.UNEXPECTED
    if run.faults:
        run.reasons.append(
            _("%(count)d pages could not be taken in for a fault of this program; crawl.log says where.")
            % {"count": run.faults}
        )
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


def finish(run: Run) -> None:
    """Write the run's report and its end to the ledger."""
    code = exit_of(run)
    run.exit = code
    report = run.report = report_of(run, code)
    try:
        run.ledger.end_run(run.name, run.clock.stamp(), code, report)
        run.ledger.close()
        text = json.dumps(report, ensure_ascii=False, indent=2) + "\n"
        replace_file(run.collection.runs / run.name / "report.json", text=text)
    except (OsirisError, OSError) as problem:
        # The disk is full: what was captured is safe, and the reason is said on the terminal.
        log.error("the report could not be written: %s", problem)
        if code is Exit.DONE:
            run.exit = Exit.UNEXPECTED
            run.reasons.append(str(problem))


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
        "statuses": dict(sorted(run.tally.statuses.items())),
        "failed_attempts": run.tally.failed_attempts,
        "read": dict(sorted(run.tally.kinds.items())),
        "addresses": kinds,
        "refused": refused,
        "failures": [{"url": url, "problem": problem} for url, problem in frontier.failures(run.crawl)],
        "newly_failed": run.newly_failed,
        "aliases": run.tally.aliases,
        "dataset": {
            "articles": published.articles,
            "withdrawn": published.withdrawn,
            "duplicates": published.duplicates,
            "with_issues": published.with_issues,
            "changes": published.changes,
        },
    }
