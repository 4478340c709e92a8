"""What a collection holds, how fresh it is and what is pending: the facts that status, metrics and report show."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from osiris_crawler.archive import files
from osiris_crawler.care.past import PastRun, alarms_of, past_runs, report_of
from osiris_crawler.dataset.changes import read_changes
from osiris_crawler.errors import Exit, UsageError
from osiris_crawler.i18n import _
from osiris_crawler.ledger.db import LedgerDamaged
from osiris_crawler.ledger.ledger import Ledger
from osiris_crawler.paths import Collection

_RUNS = 5
_VISITS = ("crawl", "update")  # commands whose runs ask the site
_HELD = b'"withdrawn":null'  # within a text its quotes would be escaped


def open_to_read(collection: Collection) -> Ledger:
    """The ledger, to look into; UsageError where it can't be read."""
    try:
        return Ledger(collection.state, create=False, readonly=True)
    except LedgerDamaged as problem:
        raise UsageError(
            _("The ledger of %(path)s can't be read: %(why)s.") % {"path": collection.root, "why": problem},
            _("“osiris rebuild” makes it anew from the WARC files."),
        ) from problem


def gather(collection: Collection) -> dict[str, Any]:
    """The facts of a collection, as `osiris status --json` prints them."""
    ledger = open_to_read(collection)
    try:
        crawl, walk = ledger.last_crawl(), ledger.last_walk()
        runs = list(islice(past_runs(ledger, collection), _RUNS))
        paths = files.warc_files(collection.archive)
        articles, withdrawn = _articles(collection)
        addresses = ledger.frontier.counts(crawl)
        last = next((run for run in runs if run.exit is not None), None)
        report = (report_of(collection, last.run) if last is not None else None) or {}
        return {
            "collection": str(collection.root),
            "site": ledger.get("site"),
            "profile": ledger.get("profile"),
            "articles": articles,
            "withdrawn": withdrawn,
            "captures": ledger.db.value("SELECT count(*) FROM captures"),
            "warc_files": len(paths),
            "warc_bytes": sum(path.stat().st_size for path in paths),
            "newest": ledger.last_date(),
            "addresses": addresses,
            "pending": ledger.frontier.waiting(),
            "unfinished": walk > 0 and ledger.unfinished(walk),
            "gaps": [{"url": url, "problem": problem} for url, problem in ledger.frontier.failures(crawl)],
            "alarms": alarms_of(report),
            "runs": [_told(run) for run in runs],
        }
    finally:
        ledger.close()


def _told(run: PastRun) -> dict[str, Any]:
    code = run.exit
    name = run.fate if code is None else Exit(code).name.lower() if code in Exit._value2member_map_ else str(code)
    return {
        "run": run.run, "command": run.command, "started": run.started, "ended": run.ended, "exit": code,
        "outcome": name, "requests": run.requests, "bytes": run.bytes, "seconds": run.seconds, "failures": run.failures,
    }  # fmt: skip


def _articles(collection: Collection) -> tuple[int, int]:
    """How many articles the dataset has, and how many of them are withdrawn, without taking its lines apart."""
    articles = held = 0
    if collection.articles.exists():
        with collection.articles.open("rb") as lines:
            for line in lines:
                articles += 1
                held += _HELD in line
    return articles, articles - held


def age(newest: str | None) -> float | None:
    """Seconds since an instant."""
    if newest is None:
        return None
    then = datetime.fromisoformat(newest.replace("Z", "+00:00"))
    return max((datetime.now(UTC) - then).total_seconds(), 0.0)


def last_visit(collection: Collection) -> tuple[PastRun | None, Counter[str]]:
    """The newest run that asked the site and has ended, and what it found out of the site: event → how many."""
    ledger = open_to_read(collection)
    try:
        runs = past_runs(ledger, collection)
        last = next((run for run in runs if run.exit is not None and run.command in _VISITS), None)
    finally:
        ledger.close()
    if last is None:
        return None, Counter()
    mine = (change for change in read_changes(collection) if change["run"] == last.run)
    return last, Counter(change["event"] for change in mine if change["cause"] == "site")
