"""The short table at a run's end: what was got, what was not and why, and where it lies."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

from osiris_crawler.amounts import size, span
from osiris_crawler.care.alarm_names import name_of
from osiris_crawler.crawl.run import Run
from osiris_crawler.crawl.terminal import show_table
from osiris_crawler.errors import Exit
from osiris_crawler.i18n import _, ngettext

_PAGES = 3  # of an alarm that are shown
_SHOWN = 8  # failures and refusals named; the report has all


def print_summary(run: Run, out: Console) -> None:
    """Print a run that has ended; its report is filled."""
    report = run.report
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    dataset = report["dataset"]
    table.add_row(_("Articles"), str(dataset["articles"]), _details(dataset))
    table.add_row(
        _("Requests"),
        str(report["requests"]),
        ", ".join(f"{number} × {status}" for status, number in report["statuses"].items()),
    )
    table.add_row(_("Bytes"), size(report["bytes"]), span(report["seconds"]))
    table.add_row(
        _("Written to WARC files"),
        size(report["written_bytes"]),
        ", ".join(f"{entry['records']} × {kind}" for kind, entry in report["written"].items()),
    )
    if report["revisits"]["records"]:
        table.add_row(
            _("Kept before already"), size(report["revisits"]["bytes_saved"]), _("of bodies, as revisit records")
        )
    again = report["forecast"]
    if again and again["finished"] and run.command == "crawl":  # an update's walk is one that came before it
        table.add_row(_("Another crawl would write"), size(again["bytes"]), again["basis"])
    counts: dict[str, int] = {}
    for statuses in report["addresses"].values():
        for status, number in statuses.items():
            counts[status] = counts.get(status, 0) + number
    names = {
        "read": _("answered"),
        "pending": _("waiting"),
        "captured": _("captured, to be read"),
        "failed": _("without a final answer"),
        "refused": _("forbidden by robots.txt"),
    }
    for status, name in names.items():
        if counts.get(status):
            kinds = ", ".join(
                f"{kind} {numbers[status]}" for kind, numbers in report["addresses"].items() if numbers.get(status)
            )
            table.add_row(_("Addresses %(state)s") % {"state": name}, str(counts[status]), kinds)
    if report["refused"]:
        reasons = ", ".join(f"{reason} {entry['links']}" for reason, entry in list(report["refused"].items())[:_SHOWN])
        table.add_row(_("Links not followed"), str(sum(e["links"] for e in report["refused"].values())), reasons)
    show_table(out, table)
    for failure in report["failures"][:_SHOWN]:
        out.print(f"  {failure['url']}  {failure['problem']}", style="red", markup=False)
    if len(report["failures"]) > _SHOWN:
        out.print(_("  … and %(count)d more; the report names them.") % {"count": len(report["failures"]) - _SHOWN})
    for reason in report["reasons"]:
        out.print(reason, style="yellow", markup=False)
    for alarm in report.get("alarms", []):
        _print_alarm(alarm, run, out)
    out.print(_("Dataset: %(path)s") % {"path": run.collection.articles}, markup=False)
    out.print(_("WARC files: %(path)s") % {"path": run.collection.archive}, markup=False)
    folder = run.collection.runs / run.name
    # The page to read is written last, and by what may fail.
    written = next((path for name in ("report.html", "report.json") if (path := folder / name).exists()), None)
    if written is not None:
        out.print(_("Report: %(path)s") % {"path": written}, markup=False)
    if run.exit in (Exit.BUDGET, Exit.INTERRUPTED):
        out.print(_("The same command goes on where this run stopped."))


def _print_alarm(alarm: dict[str, Any], run: Run, out: Console) -> None:
    """What was expected, what was seen, where to look and what to do."""
    title = _("Alarm: %(name)s") % {"name": name_of(alarm["name"])}
    if alarm["since"] != run.name:
        title += " " + _("(since run %(run)s)") % {"run": alarm["since"]}
    out.print(title, style="bold red", markup=False)
    pages = ["".join(c if c.isprintable() else " " for c in page) for page in alarm["pages"][:_PAGES]]
    if len(alarm["pages"]) > _PAGES:
        pages.append(_("and %(count)d more in the report") % {"count": len(alarm["pages"]) - _PAGES})
    lines = [(_("expected"), alarm["expected"]), (_("seen"), alarm["seen"]), *((_("look at"), page) for page in pages)]
    for name, text in [*lines, (_("next"), alarm["next"])]:
        out.print(f"  {name:10} {text}", markup=False)


def _details(dataset: dict[str, int]) -> str:
    parts = []
    if dataset["duplicates"]:
        parts.append(_reprints(dataset["duplicates"]))
    if dataset["withdrawn"]:
        parts.append(_("%(count)d withdrawn") % {"count": dataset["withdrawn"]})
    if dataset["with_issues"]:
        parts.append(_("%(count)d with something that could not be read") % {"count": dataset["with_issues"]})
    return ", ".join(parts)


def _reprints(count: int) -> str:
    return ngettext("%(count)d reprint of another", "%(count)d reprints of another", count) % {"count": count}
