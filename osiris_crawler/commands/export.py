"""osiris export FORMAT: the collection in one file, or in a folder, to be handed on."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import click

from osiris_crawler.amounts import size
from osiris_crawler.care.keeping import existing, only_collection
from osiris_crawler.commands import options
from osiris_crawler.commands.printing import plain
from osiris_crawler.crawl.terminal import bar, console
from osiris_crawler.errors import Exit, UsageError
from osiris_crawler.export import folder, packing
from osiris_crawler.export.choosing import Choice, known_fields
from osiris_crawler.export.formats import FORMATS, TAKES, check_options, named
from osiris_crawler.export.job import Format, Job, Written
from osiris_crawler.export.release.terms import Terms
from osiris_crawler.i18n import COLON, _, ngettext
from osiris_crawler.paths import Collection
from osiris_crawler.settings import Settings, load


def run(settings: Settings, format: Format, to: Path | None, compress: str | None, asked: dict[str, Any]) -> int:
    """Write an export, `asked` being fields of its job; gives the exit code."""
    collection = existing(Collection(settings.output, settings.collection or only_collection(settings.output)))
    target, compress = _target(format, collection, to, compress)
    out = console(settings)
    began = time.monotonic()
    with bar(out, _("Writing %(file)s") % {"file": target.name}, unit="bytes") as progress:
        written = format.write(Job(collection, target, progress=progress, compress=compress, **asked))
    with_restricted = asked["with_restricted"]
    report = _report(collection, format, written, with_restricted, time.monotonic() - began)
    if settings.json:
        click.echo(json.dumps(report, ensure_ascii=False))
        return int(Exit.DONE)
    if written.told:
        out.print(f"{written.path}{COLON}{size(written.bytes)}. {written.told}", markup=False)
    else:
        out.print(
            ngettext(
                "%(path)s: %(size)s, %(files)d WARC file, %(captures)d captures, %(pages)d pages.",
                "%(path)s: %(size)s, %(files)d WARC files, %(captures)d captures, %(pages)d pages.",
                written.counts["files"],
            )
            % {"path": written.path, "size": size(written.bytes), **written.counts},
            markup=False,
        )
    if written.left_out.get("not_closed"):
        count = written.left_out["not_closed"]
        text = ngettext(
            "%(count)d article is not among the pages: its WARC file is still being written.",
            "%(count)d articles are not among the pages: their WARC file is still being written.",
            count,
        )
        out.print(text % {"count": count}, style="yellow")
    for warning in written.warnings:
        out.print(plain(warning), style="yellow", markup=False)
    if with_restricted:
        out.print(_("What is restricted is in it: keep this file, do not show it."), style="yellow")
    return int(Exit.DONE)


def _target(format: Format, collection: Collection, to: Path | None, compress: str | None) -> tuple[Path, str | None]:
    """Where to write, and compressed how; UsageError for a name with another ending, which readers would not take."""
    suffix = format.suffix + (f".{compress}" if compress else "")
    name = collection.name + suffix
    if to is None:
        return collection.exports / name, compress
    if not format.suffix.startswith("."):  # a folder: the one that is named, or within one that is there already
        return to / name if to.is_dir() and not folder.is_any_export(to) else to, None
    if to.is_dir():
        return to / name, compress
    if compress is None and "compress" in TAKES[format.name]:
        compress = next((way for way in packing.WAYS if to.name.endswith(f"{format.suffix}.{way}")), None)
        suffix = format.suffix + (f".{compress}" if compress else "")
    if not to.name.endswith(suffix) or to.name == suffix:
        raise UsageError(
            _("--to %(path)s does not end in %(suffix)s.") % {"path": to, "suffix": suffix},
            _("Write --to %(path)s, or name a folder that is there.") % {"path": to.with_name(to.name + suffix)},
        )
    return to, compress


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
        "warnings": written.warnings,
        "with_restricted": with_restricted,
        "seconds": round(seconds, 3),
    }


@click.command(
    help=_("Write the collection as one file, or one folder, to hand on. Formats: %(formats)s.")
    % {"formats": ", ".join(FORMATS)},
    epilog=options.example(
        "osiris export parquet -c osiris\nosiris export csv -c osiris --since 2015 --tag internet --fields id,date,title --excel\n"
        "osiris export wacz -c osiris --to /media/disk/osiris.wacz"
    ),
)
@click.argument("format_name", metavar="FORMAT")
@options.collection
@click.option(
    "--to", type=click.Path(path_type=Path), metavar="PATH", help=_("Where to. Default: exports/ of the collection.")
)
@options.choice
@click.option(
    "--fields", multiple=True, metavar="NAMES", help=_("Only these fields, in this order: id,date,title. For tables and jsonl.")
)  # fmt: skip
@click.option(
    "--compress", type=click.Choice(packing.WAYS), help=_("For jsonl and csv; a --to that ends in .gz or .zst says it as well.")
)  # fmt: skip
@click.option(
    "--excel", is_flag=True, help=_("For csv: semicolons, a mark of UTF-8, and no cell longer than Excel's can be.")
)
@click.option(
    "--title", metavar="TEXT", help=_("Its title. Default: that of the site's home page, or the collection's name.")
)
@click.option("--description", metavar="TEXT", help=_("What it says of itself, in Markdown."))
@click.option(
    "--with-restricted",
    is_flag=True,
    help=_("Write it though restrictions apply to what is in it: for keeping, not for showing."),
)
@options.terms
@options.talk
def command(
    format_name: str,
    to: Path | None,
    since: str | None,
    until: str | None,
    tag: tuple[str, ...],
    section: tuple[str, ...],
    outlet: tuple[str, ...],
    no_duplicates: bool,
    fields: tuple[str, ...],
    compress: str | None,
    excel: bool,
    title: str | None,
    description: str | None,
    with_restricted: bool,
    with_text: bool,
    basis: str | None,
    license_id: str | None,
    creator: tuple[str, ...],
    doi: str | None,
    **arguments: Any,
) -> int:
    format = named(format_name)
    given = {
        "since": since,
        "until": until,
        "tag": tag,
        "section": section,
        "outlet": outlet,
        "no-duplicates": no_duplicates,
        "fields": fields,
        "compress": compress,
        "excel": excel,
        "title": title,
        "description": description,
        "with-text": with_text,
        "basis": basis is not None,
        "license": license_id is not None,
        "creator": creator,
        "doi": doi is not None,
    }
    check_options(format, (name for name, value in given.items() if value))
    terms = Terms.of(with_text=with_text, basis=basis, license=license_id, creators=creator, doi=doi)
    choice = Choice.of(
        since=since, until=until, tags=tag, sections=section, outlets=outlet, duplicates=not no_duplicates
    )
    asked = {
        "choice": choice,
        "fields": known_fields(fields),
        "excel": excel,
        "title": title,
        "description": description,
        "with_restricted": with_restricted,
        "terms": terms,
    }
    settings = load(arguments)
    return run(settings, format, to, compress, {**asked, "contact": settings.contact})
