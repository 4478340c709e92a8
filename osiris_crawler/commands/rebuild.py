"""osiris rebuild: index, ledger and dataset from the WARC files alone."""

from __future__ import annotations

import gc
import json
import os
import time
from pathlib import Path
from typing import Any

import click

from osiris_crawler.archive import files, fixity
from osiris_crawler.care.keeping import existing, finish_dead, locked, only_collection
from osiris_crawler.care.rebuilding import Rebuilt, rebuild, site_of
from osiris_crawler.commands import options
from osiris_crawler.crawl.terminal import bar, console
from osiris_crawler.errors import Exit, IntegrityError
from osiris_crawler.i18n import _
from osiris_crawler.paths import Collection
from osiris_crawler.settings import Settings, load
from osiris_crawler.verify.faults import restore_or_accept


def run(settings: Settings, workers: int | None) -> int:
    """Make index, ledger and dataset anew; gives the exit code."""
    name = settings.collection or only_collection(settings.output)
    collection = existing(Collection(settings.output, name))
    out = console(settings)
    collection.create()
    began = time.monotonic()
    gc.set_threshold(20_000, 20, 50)  # trees of pages are many small things that live for milliseconds
    with locked(collection):
        finish_dead(collection, lambda text: out.print(text, style="yellow", markup=False))
        _all_there(collection)
        site = site_of(collection, settings.profile)
        with bar(out, _("Reading the WARC files"), unit="bytes") as progress:
            rebuilt = rebuild(collection, site, workers=workers or os.cpu_count() or 1, progress=progress)
    report = _report(collection, rebuilt, time.monotonic() - began)
    if settings.json:
        click.echo(json.dumps(report, ensure_ascii=False))
    else:
        out.print(
            _(
                "%(files)d WARC files, %(captures)d captures, %(pages)d read: %(articles)d articles, %(changes)d changes."
            )
            % report
        )
        if report["damaged"]:
            out.print(
                _("%(count)d stretches of the files could not be read: “osiris verify” says where.")
                % {"count": report["damaged"]},
                style="red",
            )
        if report["faults"]:
            out.print(
                _("%(count)d pages could not be read for a fault of this program.") % {"count": report["faults"]},
                style="red",
            )
        out.print(_("Dataset: %(path)s") % {"path": collection.articles}, markup=False)
    if report["faults"]:
        return int(Exit.UNEXPECTED)
    return int(Exit.INTEGRITY if report["damaged"] else Exit.DONE)


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
    help=_("Make the index, the ledger and the dataset anew from the WARC files alone."),
    epilog=options.example("osiris rebuild -c osiris --workers 4"),
)
@options.collection
@click.option("--workers", type=click.IntRange(1, 64), metavar="N", help=_("Processes that read. Default: one a core."))
@click.option(
    "--profile", type=click.Path(path_type=Path), metavar="FILE", help=_("A site profile of your own (TOML).")
)
@options.talk
def command(workers: int | None, **arguments: Any) -> int:
    return run(load(arguments), workers)
