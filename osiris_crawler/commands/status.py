"""osiris status: what a collection holds, how fresh it is, what is pending, the last runs, and what to do next."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from osiris_crawler.amounts import size, span
from osiris_crawler.care import metrics
from osiris_crawler.care.alarm_names import name_of
from osiris_crawler.care.holdings import age, gather
from osiris_crawler.care.keeping import only_collection
from osiris_crawler.care.past import GOES_ON, outcome
from osiris_crawler.commands import options
from osiris_crawler.commands.printing import instant, plain
from osiris_crawler.crawl.terminal import console, show_table
from osiris_crawler.errors import Exit, UsageError
from osiris_crawler.i18n import _
from osiris_crawler.paths import Collection
from osiris_crawler.settings import Settings, load, seconds

_GAPS = 3  # named
_LONGEST = 300  # letters of a sentence or an address


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
    facts["next"] = next_step(facts, settings.output, collection.name)
    if settings.prometheus is not None:
        metrics.write(collection, settings.prometheus)
    if settings.json:
        click.echo(json.dumps(facts, ensure_ascii=False))
    else:
        show(facts, console(settings))
    return int(Exit.ALARM if stale else Exit.DONE)


def next_step(facts: dict[str, Any], output: Path, name: str) -> dict[str, str]:
    """What to do next, and the command that does it."""
    where = f" -c {name}" if output == Path("output") else f" -o {shlex.quote(str(output))} -c {name}"
    last = next((run for run in facts["runs"] if run["exit"] is not None), None)
    newest = facts["runs"][0] if facts["runs"] else None
    code = None if last is None else last["exit"]
    site = shlex.quote(facts["site"]) if facts["site"] else "URL"
    visit = "update" if newest is not None and newest["command"] in ("update", "audit") else "crawl"
    if any(run["outcome"] == GOES_ON for run in facts["runs"]):
        return _step(_("A run is at work: look again later."), f"osiris status{where}")
    if code == Exit.INTEGRITY:
        return _step(_("The last run found the archive damaged: look what holds."), f"osiris verify{where}")
    if code == Exit.ALARM or facts["alarms"]:
        return _step(_("The last run raised an alarm: look at what it saw."), f"osiris report last{where} --open")
    if code == Exit.UNREACHABLE:
        return _step(_("The site gave nothing last time: see whether it answers."), f"osiris probe {site}{where}")
    if newest is None or not facts["captures"]:
        return _step(_("Nothing is held yet: begin."), f"osiris crawl {site}{where}")
    if facts["unfinished"]:
        return _step(_("The last walk is not finished: go on with it."), f"osiris {visit} {site}{where}")
    if facts["pending"]:
        why = _("The last update was stopped before its end: the next one goes on.")
        return _step(why, f"osiris update {site}{where}")
    if not facts["articles"] and code is None:
        return _step(_("There is no dataset yet: make it."), f"osiris rebuild{where}")
    if facts["too_old"]:
        return _step(_("The newest capture is older than allowed: fetch what is new."), f"osiris update {site}{where}")
    if facts["gaps"]:
        return _step(_("Ask again for what got no final answer, and for what is new."), f"osiris update {site}{where}")
    return _step(_("All is in order; fetch what is new from time to time."), f"osiris update {site}{where}")


def _step(why: str, command: str) -> dict[str, str]:
    return {"why": why, "command": command}


def show(facts: dict[str, Any], out: Console) -> None:
    """Print the facts in a glance, with the next step."""
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_row(_("Collection"), plain(facts["collection"]))
    table.add_row(_("Site"), plain(f"{facts['site'] or '–'} ({facts['profile'] or '–'})", _LONGEST))
    gone = ", " + _("%(count)d withdrawn") % {"count": facts["withdrawn"]} if facts["withdrawn"] else ""
    table.add_row(_("Articles"), f"{facts['articles']}{gone}")
    table.add_row(
        _("WARC files"),
        f"{facts['warc_files']}, {size(facts['warc_bytes'])}, {facts['captures']} " + _("captures"),
    )
    fresh = "–" if facts["age"] is None else _("%(time)s ago") % {"time": span(facts["age"])}
    table.add_row(_("Newest capture"), fresh, style="red" if facts["too_old"] else None)
    table.add_row(_("Waiting"), str(facts["pending"]))
    if facts["gaps"]:
        table.add_row(_("Without a final answer"), str(len(facts["gaps"])), style="yellow")
    show_table(out, table)
    for gap in facts["gaps"][:_GAPS]:
        out.print(f"  {plain(gap['url'], _LONGEST)}  {plain(gap['problem'], _LONGEST)}", markup=False)
    if len(facts["gaps"]) > _GAPS:
        out.print("  " + _("… and %(count)d more.") % {"count": len(facts["gaps"]) - _GAPS})
    if facts["runs"]:
        runs = Table(_("Run"), _("Began (UTC)"), _("Ended (UTC)"), _("Exit"), "", box=None, padding=(0, 2, 0, 0))
        for column in runs.columns[:-1]:
            column.no_wrap = True  # what “osiris report RUN” asks for is there to be copied
        for run in facts["runs"]:
            code = run["exit"]
            runs.add_row(
                plain(run["run"], _LONGEST), instant(run["started"])[:16], instant(run["ended"])[:16],
                "–" if code is None else str(code), outcome(code, run["outcome"]), style=_colour(code),
            )  # fmt: skip
        show_table(out, runs)
    for alarm in facts["alarms"]:
        told = {name: plain(str(alarm.get(name) or ""), _LONGEST) for name in ("name", "about", "expected", "seen")}
        name = f"{name_of(told['name'])} {told['about']}".rstrip()
        out.print(_("Alarm: %(name)s") % {"name": name}, style="red", markup=False)
        out.print("  " + _("Expected: %(what)s") % {"what": told["expected"]}, markup=False)
        out.print("  " + _("Seen: %(what)s") % {"what": told["seen"]}, markup=False)
    if facts["too_old"]:
        out.print(_("The newest capture is older than allowed."), style="red")
    out.print(f"{facts['next']['why']}\n  {plain(facts['next']['command'], 1000)}", markup=False)


def _colour(code: int | None) -> str | None:
    """Of a run's line: what asks for a look is told apart from what is in order."""
    if code in (None, Exit.DONE, Exit.BUDGET, Exit.INTERRUPTED):
        return None
    return "yellow" if code == Exit.UNFINISHED else "red"


@click.command(
    help=_("Show what a collection holds, how fresh it is, what is pending, the last runs and the next step."),
    epilog=options.example(
        "osiris status -c osiris --max-age 2d\nosiris status -c osiris --prometheus /var/lib/node_exporter/osiris.prom"
    ),
)
@options.collection
@click.option("--max-age", metavar="TIME", help=_("Exit with 7 when the newest capture is older: 12h, 2d."))
@click.option(
    "--prometheus",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help=_("Write the figures to a file too, for the textfile collector of Prometheus."),
)
@options.talk
def command(max_age: str | None, **arguments: Any) -> int:
    return status(load(arguments), max_age)
