"""osiris mend: repair after a crash or damage; says what it did, and what is beyond it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import click

from osiris_crawler.care.keeping import existing, locked, only_collection
from osiris_crawler.commands import options
from osiris_crawler.commands.verify import faults_of
from osiris_crawler.crawl.terminal import bar, console
from osiris_crawler.errors import Exit
from osiris_crawler.i18n import COLON, _, ngettext
from osiris_crawler.paths import Collection
from osiris_crawler.settings import Settings, load
from osiris_crawler.verify.mending import Mended, mend

_SHOWN = 10


def run(settings: Settings, accept: tuple[str, ...], workers: int | None) -> int:
    """Put right what can be; 6 when something is left that can't."""
    collection = existing(Collection(settings.output, settings.collection or only_collection(settings.output)))
    out = console(settings)
    collection.create()
    with locked(collection), bar(out, _("Looking at every record"), unit="bytes") as progress:
        mended = mend(
            collection,
            settings.profile,
            say=lambda text: out.print(text, style="yellow", markup=False),
            accept=accept,
            workers=workers or os.cpu_count() or 1,
            progress=progress,
        )
    whole = mended.verdict.whole
    if settings.json:
        click.echo(json.dumps(_report(collection, mended), ensure_ascii=False))
    else:
        left = mended.verdict.in_order()
        for fault in left[:_SHOWN]:
            out.print(f"{fault.where()}{COLON}{fault.what()}", style="red", markup=False)
            out.print(f"  {fault.step_after_mending()}", markup=False)
        if not mended.done and whole:
            out.print(_("There was nothing to mend."), style="green")
        elif whole:
            out.print(_("All of it holds now."), style="green")
        else:
            count = sum(mended.verdict.counts.values())
            said = ngettext(
                "%(count)d fault is beyond mending; “osiris verify” tells more.",
                "%(count)d faults are beyond mending; “osiris verify” tells more.",
                count,
            )
            out.print(said % {"count": count}, style="red")
    return int(Exit.DONE if whole else Exit.INTEGRITY)


def _report(collection: Collection, mended: Mended) -> dict[str, Any]:
    return {
        "collection": str(collection.root),
        "whole": mended.verdict.whole,
        "done": mended.done,
        "left": faults_of(mended.verdict, mended=True),
    }


@click.command(
    help=_("Repair after a crash: torn ends, files left open, index, ledger and dataset. Nothing is ever deleted."),
    epilog=options.example("osiris mend -c osiris"),
)
@options.collection
@click.option(
    "--accept",
    multiple=True,
    metavar="FILE",
    help=_("Take this WARC file as it is now, or as gone, and make the rest agree."),
)
@click.option("--workers", type=click.IntRange(1, 64), metavar="N", help=_("Processes that look. Default: one a core."))
@click.option(
    "--profile", type=click.Path(path_type=Path), metavar="FILE", help=_("A site profile of your own (TOML).")
)
@options.talk
def command(accept: tuple[str, ...], workers: int | None, **arguments: Any) -> int:
    return run(load(arguments), accept, workers)
