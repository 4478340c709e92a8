"""osiris status: what a collection holds, how fresh it is, what is pending, the last runs."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import click
from rich.table import Table

from osiris_crawler.archive import files
from osiris_crawler.care.keeping import only_collection
from osiris_crawler.commands import options
from osiris_crawler.crawl.terminal import console, human_bytes, human_time
from osiris_crawler.errors import Exit, UsageError
from osiris_crawler.i18n import _
from osiris_crawler.ledger.db import LedgerDamaged
from osiris_crawler.ledger.ledger import Ledger
from osiris_crawler.paths import Collection
from osiris_crawler.settings import Settings, load, seconds

_RUNS = 5


def gather(collection: Collection) -> dict[str, Any]:
    """The facts of a collection, as `--json` prints them."""
    try:
        ledger = Ledger(collection.state, create=False, readonly=True)
    except LedgerDamaged as problem:
        raise UsageError(
            _("The ledger of %(path)s can't be read: %(why)s.") % {"path": collection.root, "why": problem},
            _("“osiris rebuild” makes it anew from the WARC files."),
        ) from problem
    try:
        crawl = ledger.last_crawl()
        runs = ledger.runs(_RUNS)
        paths = files.warc_files(collection.archive)
        articles = 0
        if collection.articles.exists():
            with collection.articles.open("rb") as lines:
                articles = sum(1 for _line in lines)
        return {
            "collection": str(collection.root),
            "site": ledger.get("site"),
            "profile": ledger.get("profile"),
            "articles": articles,
            "captures": ledger.db.value("SELECT count(*) FROM captures"),
            "warc_files": len(paths),
            "warc_bytes": sum(path.stat().st_size for path in paths),
            "newest": ledger.last_date(),
            "addresses": ledger.frontier.counts(crawl),
            "unfinished": ledger.unfinished(crawl),
            "gaps": [{"url": url, "problem": problem} for url, problem in ledger.frontier.failures(crawl)],
            "runs": [{name: run[name] for name in ("run", "command", "started", "ended", "exit")} for run in runs],
        }
    finally:
        ledger.close()


def age(newest: str | None) -> float | None:
    """Seconds since the newest capture."""
    if newest is None:
        return None
    then = datetime.fromisoformat(newest.replace("Z", "+00:00"))
    return max((datetime.now(UTC) - then).total_seconds(), 0.0)


def status(settings: Settings, max_age: str | None) -> int:
    """Show a collection; gives 7 when it is older than `max_age`."""
    collection = Collection(settings.output, settings.collection or only_collection(settings.output))
    if not collection.exists():
        raise UsageError(
            _("There is no collection at %(path)s.") % {"path": collection.root}, _("Check -o OUTPUT and -c NAME.")
        )
    try:
        limit = seconds(max_age) if max_age is not None else None
    except ValueError as problem:
        raise UsageError(_("--max-age can't be %(value)r.") % {"value": max_age}, str(problem)) from problem
    facts = gather(collection)
    old = age(facts["newest"])
    stale = limit is not None and (old is None or old > limit)
    facts["age"] = None if old is None else round(old)
    facts["too_old"] = stale
    if settings.json:
        click.echo(json.dumps(facts, ensure_ascii=False))
    else:
        show(facts, settings)
    return int(Exit.ALARM if stale else Exit.DONE)


def show(facts: dict[str, Any], settings: Settings) -> None:
    """Print the facts in a glance, with the next step."""
    out = console(settings)
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_row(_("Collection"), facts["collection"])
    table.add_row(_("Site"), f"{facts['site']} ({facts['profile']})")
    table.add_row(_("Articles"), str(facts["articles"]))
    table.add_row(
        _("WARC files"),
        f"{facts['warc_files']}, {human_bytes(facts['warc_bytes'])}, {facts['captures']} " + _("captures"),
    )
    table.add_row(
        _("Newest capture"), _("%(time)s ago") % {"time": human_time(facts["age"])} if facts["age"] is not None else "–"
    )
    waiting = sum(facts["addresses"].get(name, 0) for name in ("pending", "leased", "captured"))
    table.add_row(_("Waiting"), str(waiting))
    if facts["gaps"]:
        table.add_row(_("Without a final answer"), str(len(facts["gaps"])))
    out.print(table)
    if facts["runs"]:
        runs = Table(_("Run"), _("Began"), _("Ended"), _("Exit"), box=None, padding=(0, 2, 0, 0))
        for run in facts["runs"]:
            runs.add_row(
                run["run"],
                run["started"][:19],
                (run["ended"] or "–")[:19],
                "–" if run["exit"] is None else str(run["exit"]),
            )
        out.print(runs)
    if facts["too_old"]:
        out.print(_("The newest capture is older than allowed."), style="red")
    if facts["unfinished"]:
        out.print(
            _("The last crawl is not finished: “osiris crawl %(site)s” goes on with it.") % {"site": facts["site"]}
        )


@click.command(
    help=_("Show what a collection holds, how fresh it is, what is pending and the last runs."),
    epilog=options.example("osiris status -c osiris --max-age 2d"),
)
@options.collection
@click.option("--max-age", metavar="TIME", help=_("Exit with 7 when the newest capture is older: 12h, 2d."))
@options.talk
def command(max_age: str | None, **arguments: Any) -> int:
    return status(load(arguments), max_age)
