"""osiris rebuild: index, ledger and dataset from the WARC files alone; with --diff only what that would change."""

from __future__ import annotations

import gc
import json
import os
import time
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from osiris_crawler.archive import files, fixity
from osiris_crawler.care import comparing
from osiris_crawler.care.keeping import existing, finish_dead, locked, only_collection
from osiris_crawler.care.rebuilding import Rebuilt, rebuild, site_of
from osiris_crawler.commands import options
from osiris_crawler.crawl.terminal import bar, console, show_table
from osiris_crawler.dataset.differences import Differences, shortened
from osiris_crawler.errors import Exit, IntegrityError, UsageError
from osiris_crawler.i18n import _, ngettext
from osiris_crawler.paths import Collection
from osiris_crawler.settings import Settings, load
from osiris_crawler.verify.faults import restore_or_accept

_SAMPLE = 3  # articles shown of each field
_LETTERS = 160  # of a value, on the terminal
_TOLD = 2000  # … and by --json
_IDS = 10  # of added and removed articles on the terminal


def run(settings: Settings, workers: int | None, learn: bool = False) -> int:
    """Make index, ledger and dataset anew; gives the exit code."""
    name = settings.collection or only_collection(settings.output)
    collection = existing(Collection(settings.output, name))
    out = console(settings)
    collection.create()
    began = time.monotonic()
    gc.set_threshold(20_000, 20, 50)  # trees of pages are many small things that live for milliseconds
    with locked(collection):
        finish_dead(collection, lambda text: out.print(text, style="yellow", markup=False))
        comparing.clear(collection)
        _all_there(collection)
        site = site_of(collection, settings.profile)
        with bar(out, _("Reading the WARC files"), unit="bytes") as progress:
            rebuilt = rebuild(collection, site, workers=workers or os.cpu_count() or 1, learn=learn, progress=progress)
    report = _report(collection, rebuilt, time.monotonic() - began)
    if settings.json:
        click.echo(json.dumps(report, ensure_ascii=False))
    else:
        out.print(
            ngettext(
                "%(files)d WARC file, %(captures)d captures, %(pages)d read: %(articles)d articles, %(changes)d changes.",
                "%(files)d WARC files, %(captures)d captures, %(pages)d read: %(articles)d articles, %(changes)d changes.",
                report["files"],
            )
            % report
        )
        _warn(out, report)
        out.print(_("Dataset: %(path)s") % {"path": collection.articles}, markup=False)
    return _exit(report)


def diff(settings: Settings, workers: int | None, sample: int) -> int:
    """Show what `run` would change in the dataset, and change nothing; gives the exit code, 0 with and without changes."""
    name = settings.collection or only_collection(settings.output)
    collection = existing(Collection(settings.output, name))
    out = console(settings)
    comparing.comparable(collection)
    began = time.monotonic()
    gc.set_threshold(20_000, 20, 50)
    with locked(collection):
        _all_there(collection)
        site = site_of(collection, settings.profile)
        with bar(out, _("Reading the WARC files"), unit="bytes") as progress:
            rebuilt, found = comparing.rebuild_diff(
                collection, site, workers=workers or os.cpu_count() or 1, sample=sample, progress=progress
            )
    report = _report(collection, rebuilt, time.monotonic() - began)
    if settings.json:
        click.echo(json.dumps(report | _differences(found), ensure_ascii=False))
    else:
        _show(out, found)
        _warn(out, report)
    return _exit(report)


def _warn(out: Console, report: dict[str, Any]) -> None:
    if report["damaged"]:
        text = ngettext(
            "%(count)d stretch of the files could not be read: “osiris verify” says where.",
            "%(count)d stretches of the files could not be read: “osiris verify” says where.",
            report["damaged"],
        )
        out.print(text % {"count": report["damaged"]}, style="red")
    if report["faults"]:
        text = ngettext(
            "%(count)d page could not be read for a fault of this program.",
            "%(count)d pages could not be read for a fault of this program.",
            report["faults"],
        )
        out.print(text % {"count": report["faults"]}, style="red")


def _exit(report: dict[str, Any]) -> int:
    if report["faults"]:
        return int(Exit.UNEXPECTED)
    return int(Exit.INTEGRITY if report["damaged"] else Exit.DONE)


def _differences(found: Differences) -> dict[str, Any]:
    """All that was found, as --json has it beside the report of a rebuild."""
    shown: dict[str, list[dict[str, Any]]] = {}
    for one in found.sample:
        old, new = shortened(one.old, one.new, _TOLD)
        shown.setdefault(one.field, []).append({"id": one.id, "old": old, "new": new})
    return {
        "present": found.old,
        "added": found.added,
        "removed": found.removed,
        "changed": {id: found.fields_of(id) for id in found.changed},
        "fields": {
            name: {
                "changed": count.changed,
                "filled": count.filled,
                "emptied": count.emptied,
                "sample": shown.get(name, []),
            }
            for name, count in found.counts.items()
        },
    }


def _show(out: Console, found: Differences) -> None:
    if not found:
        out.print(_("Nothing would change: %(count)d articles compared.") % {"count": found.old}, style="green")
        return
    table = Table(_("Field"), _("Changed"), _("Newly filled"), _("Newly empty"), box=None, padding=(0, 2, 0, 0))
    for column in (1, 2, 3):
        table.columns[column].justify = "right"
    for name, count in found.counts.items():
        if count.all:
            table.add_row(name, *(str(number or "") for number in (count.changed, count.filled, count.emptied)))
    if found.changed:
        show_table(out, table)
    before = ""
    for one in found.sample:
        if one.field != before:
            out.print(Text(f"\n{one.field}", style="bold"))
            before = one.field
        out.print(Text(one.id, style="dim"))
        old, new = shortened(one.old, one.new, _LETTERS)
        out.print(Text(f"  - {old or '–'}", style="red"))
        out.print(Text(f"  + {new or '–'}", style="green"))
    if found.sample:
        out.print("")
    added, removed = len(found.added), len(found.removed)
    for ids, sentence in (
        (found.added, ngettext(
            "%(count)d article would be added: %(ids)s.", "%(count)d articles would be added: %(ids)s.", added)),
        (found.removed, ngettext(
            "%(count)d article would be gone: %(ids)s.", "%(count)d articles would be gone: %(ids)s.", removed)),
    ):  # fmt: skip
        if ids:
            named = ", ".join(ids[:_IDS]) + (", …" if len(ids) > _IDS else "")
            out.print(Text(sentence % {"count": len(ids), "ids": named}, style="yellow"))
    out.print(
        _("%(changed)d of %(count)d articles would change. Nothing was replaced: “osiris rebuild” does it.")
        % {"changed": len(found.changed), "count": found.old}
    )


def _all_there(collection: Collection) -> None:
    """IntegrityError when a file that was closed is gone: what it held would go from the dataset without a word."""
    gone = [name for name in fixity.read(collection.manifest) if not files.present(collection.archive, name)]
    if gone:
        raise IntegrityError(
            _("WARC files that the manifest knows are not there: %(names)s.") % {"names": ", ".join(sorted(gone)[:5])},
            restore_or_accept(),
        )


def _report(collection: Collection, rebuilt: Rebuilt, seconds: float) -> dict[str, Any]:
    adopted, published = rebuilt.adopted, rebuilt.published
    return {
        "collection": str(collection.root),
        "files": adopted.files,
        "records": adopted.records,
        "captures": adopted.captures,
        "pages": adopted.pages,
        "damaged": adopted.damaged,
        "offsite": adopted.offsite,
        "unresolved": adopted.unresolved,
        "faults": adopted.faults,
        "articles": published.articles,
        "changes": published.changes,
        "seconds": round(seconds, 3),
    }


@click.command(
    help=_(
        "Make the index, the ledger and the dataset anew from the WARC files alone. With --diff nothing is replaced: it shows"
        " what would change in the dataset, field by field, and exits with 0 whether or not anything would."
    ),
    epilog=options.example("osiris rebuild -c osiris --workers 4\nosiris rebuild -c osiris --diff --sample 10"),
)
@options.collection
@click.option("--workers", type=click.IntRange(1, 64), metavar="N", help=_("Processes that read. Default: one a core."))
@click.option(
    "--profile", type=click.Path(path_type=Path), metavar="FILE", help=_("A site profile of your own (TOML).")
)
@click.option(
    "--learn",
    is_flag=True,
    help=_("Learn the site's chrome anew from its pages; what is read otherwise has the cause “reader”."),
)
@click.option(
    "--diff",
    "compared",
    is_flag=True,
    help=_("Show what would change against the present dataset, and change nothing."),
)
@click.option(
    "--sample",
    type=click.IntRange(0, 1000),
    metavar="N",
    help=_("Articles that --diff shows of each field. Default: 3."),
)
@options.talk
def command(workers: int | None, learn: bool, compared: bool, sample: int | None, **arguments: Any) -> int:
    if sample is not None and not compared:
        raise UsageError(_("--sample is of use with --diff only."), _("Add --diff."))
    settings = load(arguments)
    if compared:
        return diff(settings, workers, _SAMPLE if sample is None else sample)
    return run(settings, workers, learn)
