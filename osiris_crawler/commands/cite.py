"""osiris cite: articles as references, in BibTeX, RIS or CSL-JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from osiris_crawler.care.keeping import existing, only_collection
from osiris_crawler.care.rebuilding import site_of
from osiris_crawler.care.showing import Kept
from osiris_crawler.commands import options
from osiris_crawler.commands.printing import plain
from osiris_crawler.crawl.terminal import console
from osiris_crawler.dataset.lookup import look_up, whole_articles
from osiris_crawler.errors import Exit, UsageError
from osiris_crawler.export import citing
from osiris_crawler.export.placing import placed
from osiris_crawler.i18n import _, ngettext
from osiris_crawler.paths import Collection
from osiris_crawler.settings import Settings, load
from osiris_crawler.site.profile import Site


def run(settings: Settings, wanted: tuple[str, ...], kind: str, to: Path | None) -> int:
    """Cite articles, in the order in which they are asked for; gives the exit code."""
    name = settings.collection or only_collection(settings.output)
    collection = existing(Collection(settings.output, name))
    site, kept = site_of(collection, settings.profile), Kept(collection, ("dataset", "exports", "search"))  # a reference is handed on
    works = citing.distinct(citing.work_of(_article(collection, site, kept, asked), site, name) for asked in wanted)
    told = _written(works, kind)
    if to is not None:
        with placed(to, len(told)) as out:
            out.write(told)
    if settings.json:
        report: dict[str, Any] = {"ids": [work.id for work in works]}
        report |= {form: citing.FORMATS[form](works) for form in citing.FORMATS} | (
            {"path": str(to)} if to is not None else {}
        )
        click.echo(json.dumps(report, ensure_ascii=False))
    elif to is not None:
        said = ngettext("%(count)d article cited: %(path)s", "%(count)d articles cited: %(path)s", len(works))
        console(settings).print(said % {"count": len(works), "path": to}, markup=False)
    else:
        click.echo(told, nl=False)
    return int(Exit.DONE)


def _article(collection: Collection, site: Site, kept: Kept, asked: str) -> dict[str, Any]:
    """The one article that is meant; UsageError when it is restricted, be it that the dataset has no line of it."""
    try:
        found = look_up(whole_articles(collection), asked, site, kept.hides)
    except UsageError:
        if not kept.naming(asked, [asked] if "://" in asked else []):
            raise
    else:
        if not found.restricted:
            return found.article
    raise UsageError(
        _("%(wanted)r is restricted: it is not cited.") % {"wanted": plain(asked, 300)},
        _("restrictions.jsonl says why."),
    )


def _written(works: list[citing.Work], kind: str) -> bytes:
    told = citing.FORMATS[kind](works)
    return (told if isinstance(told, str) else json.dumps(told, ensure_ascii=False, indent=2) + "\n").encode()


@click.command(
    help=_(
        "Cite articles: authors, title, the outlet that printed it first with its date, the site as who reprinted it, address,"
        " instant and record of the capture. On stdout there is nothing but the references; --json gives all three formats."
        " ID is what it is for “osiris show”."
    ),
    epilog=options.example("osiris cite 3170 -c osiris\nosiris cite 3170 3171 --format ris --to articles.ris"),
)
@click.argument("wanted", metavar="ID…", nargs=-1, required=True)
@options.collection
@click.option(
    "--format",
    "kind",
    type=click.Choice(list(citing.FORMATS)),
    default="bibtex",
    show_default=True,
    help=_("How references are written."),
)
@click.option("--to", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help=_("Write to this file."))
@click.option(
    "--profile", type=click.Path(path_type=Path), metavar="FILE", help=_("A site profile of your own (TOML).")
)
@options.talk
def command(wanted: tuple[str, ...], kind: str, to: Path | None, **arguments: Any) -> int:
    return run(load(arguments), wanted, kind, to)
