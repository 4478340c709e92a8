"""osiris export FORMAT: the collection in one file, or in a folder, to be handed on."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import click

from osiris_crawler.care.keeping import existing, only_collection
from osiris_crawler.commands import options
from osiris_crawler.crawl.terminal import bar, console, human_bytes
from osiris_crawler.errors import Exit, UsageError
from osiris_crawler.export import folder
from osiris_crawler.export.formats import FORMATS, named
from osiris_crawler.export.job import Format, Job, Written
from osiris_crawler.i18n import _
from osiris_crawler.paths import Collection
from osiris_crawler.settings import Settings, load


def run(
    settings: Settings, name: str, to: Path | None, title: str | None, description: str | None, with_restricted: bool
) -> int:
    """Write an export; gives the exit code."""
    format = named(name)
    collection = existing(Collection(settings.output, settings.collection or only_collection(settings.output)))
    target = _target(format, collection, to)
    out = console(settings)
    began = time.monotonic()
    with bar(out, _("Writing %(file)s") % {"file": target.name}, unit="bytes") as progress:
        written = format.write(
            Job(collection, target, title, description, with_restricted=with_restricted, progress=progress)
        )
    report = _report(collection, format, written, with_restricted, time.monotonic() - began)
    if settings.json:
        click.echo(json.dumps(report, ensure_ascii=False))
        return int(Exit.DONE)
    if written.told:
        out.print(f"{written.path}: {human_bytes(written.bytes)}. {written.told}", markup=False)
    else:
        out.print(
            _("%(path)s: %(size)s, %(files)d WARC files, %(captures)d captures, %(pages)d pages.")
            % {"path": written.path, "size": human_bytes(written.bytes), **written.counts},
            markup=False,
        )
    if written.left_out.get("not_closed"):
        out.print(
            _("%(count)d articles are not among the pages: their WARC file is still being written.")
            % {"count": written.left_out["not_closed"]},
            style="yellow",
        )
    if with_restricted:
        out.print(_("What is restricted is in it: keep this file, do not show it."), style="yellow")
    return int(Exit.DONE)


def _target(format: Format, collection: Collection, to: Path | None) -> Path:
    """Where to write; UsageError for a name with another ending, which readers of the format would not take."""
    name = collection.name + format.suffix
    if to is None:
        return collection.exports / name
    if not format.suffix.startswith("."):  # a folder: the one that is named, or within one that is there already
        return to / name if to.is_dir() and not folder.is_export(to, format.name) else to
    if to.is_dir():
        return to / name
    if to.suffix != format.suffix:
        raise UsageError(
            _("--to %(path)s does not end in %(suffix)s.") % {"path": to, "suffix": format.suffix},
            _("Write --to %(path)s, or name a folder that is there.") % {"path": to.with_name(to.name + format.suffix)},
        )
    return to


def _report(
    collection: Collection, format: Format, written: Written, with_restricted: bool, seconds: float
) -> dict[str, Any]:
    return {
        "collection": str(collection.root),
        "format": format.name,
        "path": str(written.path),
        "bytes": written.bytes,
        **written.counts,
        "left_out": written.left_out,
        "with_restricted": with_restricted,
        "seconds": round(seconds, 3),
    }


@click.command(
    help=_("Write the collection as one file, or one folder, to hand on. Formats: %(formats)s.")
    % {"formats": ", ".join(FORMATS)},
    epilog=options.example(
        "osiris export wacz -c osiris\nosiris export wacz -c osiris --to /media/disk/osiris.wacz\n"
        "osiris export markdown -c osiris"
    ),
)
@click.argument("format_name", metavar="FORMAT")
@options.collection
@click.option(
    "--to", type=click.Path(path_type=Path), metavar="PATH", help=_("Where to. Default: exports/ of the collection.")
)
@click.option("--title", metavar="TEXT", help=_("Its title. Default: that of the site's home page."))
@click.option("--description", metavar="TEXT", help=_("What it says of itself, in Markdown."))
@click.option(
    "--with-restricted",
    is_flag=True,
    help=_("Write it though restrictions apply to what is in it: for keeping, not for showing."),
)
@options.talk
def command(
    format_name: str,
    to: Path | None,
    title: str | None,
    description: str | None,
    with_restricted: bool,
    **arguments: Any,
) -> int:
    return run(load(arguments), format_name, to, title, description, with_restricted)
