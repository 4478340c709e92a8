"""osiris report: one page of the collection, or of a run, to read without network, to print and to hand on."""

from __future__ import annotations

import json
import webbrowser
from pathlib import Path
from typing import Any

import click

from osiris_crawler.amounts import size
from osiris_crawler.care.keeping import existing, only_collection
from osiris_crawler.commands import options
from osiris_crawler.crawl.terminal import console
from osiris_crawler.errors import Exit
from osiris_crawler.export.report.writing import write_report
from osiris_crawler.i18n import _
from osiris_crawler.paths import Collection
from osiris_crawler.settings import Settings, load


def report(settings: Settings, run: str | None, to: Path | None, *, show: bool) -> int:
    """Write the page; gives the exit code."""
    collection = existing(Collection(settings.output, settings.collection or only_collection(settings.output)))
    path = write_report(collection, run, to)
    length = path.stat().st_size
    if settings.json:
        click.echo(json.dumps({"collection": str(collection.root), "run": run, "path": str(path), "bytes": length}))
    else:
        told = _("Report: %(path)s") % {"path": path}
        console(settings).print(f"{told} ({size(length)})", markup=False)
    if show:
        webbrowser.open(path.resolve().as_uri())
    return int(Exit.DONE)


@click.command(
    help=_(
        "Write an HTML page of the collection, or of one run: what came, what changed, what failed and why, what it cost the"
        " site. RUN is a run's name, or “last”."
    ),
    epilog=options.example("osiris report -c osiris --open\nosiris report last -c osiris --to /tmp/run.html"),
)
@click.argument("run", required=False)
@options.collection
@click.option(
    "--to",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help=_("Where to. Default: report.html in the collection's or the run's folder."),
)
@click.option("--open", "show", is_flag=True, help=_("Open it in the web browser."))
@options.talk
def command(run: str | None, to: Path | None, show: bool, **arguments: Any) -> int:
    return report(load(arguments), run, to, show=show)
