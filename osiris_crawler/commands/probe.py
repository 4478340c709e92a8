"""osiris probe: read a handful of live pages and show what is recognised, field by field."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from osiris_crawler.archive import files
from osiris_crawler.archive.http import HttpMessage, parse_response
from osiris_crawler.archive.reader import records
from osiris_crawler.care.keeping import existing
from osiris_crawler.commands import options
from osiris_crawler.commands.printing import plain
from osiris_crawler.crawl import looks, opening
from osiris_crawler.crawl.glance import glance
from osiris_crawler.crawl.run import Run
from osiris_crawler.crawl.terminal import console, show_table
from osiris_crawler.errors import Exit, OsirisError, UsageError
from osiris_crawler.extract.chrome import Chrome
from osiris_crawler.extract.facts import Reading
from osiris_crawler.extract.page import read
from osiris_crawler.i18n import COLON, _, ngettext
from osiris_crawler.ledger.intake import decoded
from osiris_crawler.paths import Collection
from osiris_crawler.settings import Settings, load
from osiris_crawler.site.profile import Site
from osiris_crawler.site.recognise import is_spip

MOST = 40  # requests of a probe, of all kinds
_FIELDS = (
    "title",
    "date",
    "section",
    "tags",
    "authors",
    "lead",
    "body",
    "sources",
    "notes",
    "ps",
    "images",
    "documents",
)
_SHOWN = 60  # letters of a field


def looked_at(run: Run, site: Site, models: Sequence[Chrome]) -> Iterator[dict[str, Any]]:
    """What was recognised on every page that the glance brought, as `--json` prints it.

    A page is read by the first model that knows its look, else by the last.
    """
    for path in files.warc_files(run.collection.archive):
        for record in records(path, 0):
            if record.type != "response":
                continue
            head = parse_response(record.block)
            reading = _read(record.uri, head, site, models)
            page: dict[str, Any] = {
                "url": record.uri,
                "status": head.status,
                "kind": reading.kind,
                "layout": reading.layout,
                "title_tag": reading.title_tag,
            }
            if reading.article is not None:
                article = reading.article
                page["fields"] = {name: getattr(article, name, None) for name in _FIELDS if name != "section"}
                page["fields"]["section"] = [crumb.title for crumb in reading.breadcrumb]
                page["fields"]["sources"] = [
                    {"name": source.name, "date": source.date, "text": source.text} for source in article.sources
                ]
                for name in ("images", "documents"):
                    page["fields"][name] = [media.url for media in getattr(article, name)]
                page["issues"] = article.issues
            if reading.listing is not None:
                listing = reading.listing
                page["listing"] = {
                    "kind": listing.kind,
                    "title": listing.title,
                    "entries": len(listing.entries),
                    "pages": len(listing.pages),
                    "sections": len(listing.sections),
                }
            if head.status == 200 and "html" in (head.header("Content-Type") or ""):
                page["spip"] = is_spip(
                    dict(head.text_headers()), decoded(head).decode("utf-8", "replace"), record.uri
                ).evidence
            yield page


def _read(url: str, head: HttpMessage, site: Site, models: Sequence[Chrome]) -> Reading:
    body = decoded(head)
    reading = read(url, head.status, head.header("Content-Type"), body, site, models[0] if models else None)
    for model in models[1:]:
        if reading.article is None or reading.layout is not None:
            break
        reading = read(url, head.status, head.header("Content-Type"), body, site, model)
    return reading


def _collection(settings: Settings, site: Site) -> tuple[Collection, looks.Known | None]:
    """The site's collection, if there is one, and what it has learned; one that is asked for by name must be there."""
    collection = opening.collection_of(settings, site)
    if settings.collection is not None:
        existing(collection)
    known = looks.learned(collection, site)
    if known is None and settings.collection is not None:
        raise UsageError(
            _("The collection %(name)s tells nothing of %(site)s.") % {"name": collection.name, "site": site.start_url},
            _("Choose another collection with -c NAME."),
        )
    return collection, known


def probe(settings: Settings, save: Path | None) -> int:
    """Visit a few pages and show what is recognised; gives the exit code."""
    if save is not None and save.exists():
        raise UsageError(_("%(path)s exists already.") % {"path": save}, _("Give another name for the file."))
    site = opening.site_of(settings)
    out = console(settings)
    collection, known = _collection(settings, site)
    most = min(settings.max_requests or MOST, MOST)
    with glance(settings, site, requests=most, sample=2) as run:
        if run.tally.pages == 0 or run.exit in (Exit.UNREACHABLE, Exit.USAGE):
            failure = OsirisError(" ".join(run.reasons) or _("The site gave no page."))
            failure.exit = run.exit if run.exit is not Exit.DONE else Exit.UNREACHABLE
            raise failure
        fresh = looks.learned(run.collection, site)
        models = [found.chrome for found in (known, fresh) if found is not None and found.chrome is not None]
        pages = list(looked_at(run, site, models))
        if save is not None:
            _save(run, save)
    met = looks.told((p["layout"], p["fields"]["date"], p["url"]) for p in pages if "fields" in p)
    if settings.json:
        held = None
        if known is not None:
            held = {"collection": str(collection.root), "layouts": [look.as_json() for look in known.looks]}
        answer = {"layouts": [look.as_json() for look in met], "held": held, "pages": pages}
        click.echo(json.dumps({"site": site.start_url, "profile": site.name, **answer}, ensure_ascii=False))
        return 0
    kinds = Counter(page["kind"] for page in pages)
    out.print(
        ngettext(
            "%(site)s, profile %(profile)s: %(count)d page (%(kinds)s)",
            "%(site)s, profile %(profile)s: %(count)d pages (%(kinds)s)",
            len(pages),
        )
        % {
            "site": site.start_url,
            "profile": site.name,
            "count": len(pages),
            "kinds": ", ".join(f"{kind} {number}" for kind, number in kinds.most_common()),
        },
        markup=False,
    )
    evidence = Counter(item for page in pages for item in page.get("spip", []))
    out.print(_("Signs of SPIP: %(signs)s") % {"signs": ", ".join(evidence) or _("none")}, markup=False)
    _show_looks(_("Layouts of the articles' pages that were visited:"), met, out)
    if known is not None:
        title = _("Layouts in the collection %(name)s:") % {"name": collection.name}
        _show_looks(title, known.looks, out)
        ours = {look.layout for look in known.looks}
        new = sum(look.pages for look in met if look.layout not in ours or look.layout is None)
        if new:
            text = ngettext(
                "%(count)d of the visited pages has a layout that the collection does not know yet.",
                "%(count)d of the visited pages have a layout that the collection does not know yet.",
                new,
            )
            out.print(text % {"count": new}, style="yellow")
    for page in pages:
        if "fields" in page:
            _show_article(page, out)
    for page in pages:
        if "listing" in page:
            listing = page["listing"]
            out.print(
                plain(f"{page['url']}  [{listing['kind']}] {listing['title']}{COLON}")
                + _("%(entries)d entries, %(sections)d sub-sections, %(pages)d further pages") % listing,
                markup=False,
            )
    if save is not None:
        out.print(_("Kept: %(path)s") % {"path": save}, markup=False)
    return 0


def _show_looks(title: str, found: Sequence[looks.Look], out: Any) -> None:
    """Layouts with the days of their articles, the newest first."""
    if not found:
        return
    out.print(title, markup=False)
    for look in found:
        text = ngettext(
            "%(layout)s: %(pages)d page, articles from %(first)s to %(last)s, such as %(url)s",
            "%(layout)s: %(pages)d pages, articles from %(first)s to %(last)s, such as %(url)s",
            look.pages,
        )
        values = {"layout": look.layout or _("in none that is known"), "pages": look.pages, "url": plain(look.url)}
        out.print("  " + text % {**values, "first": look.first or "–", "last": look.last or "–"}, markup=False)


def _show_article(page: dict[str, Any], out: Any) -> None:
    table = Table(
        title=Text(plain(page["url"])), title_justify="left", box=None, show_header=False, padding=(0, 2, 0, 2)
    )
    for name in _FIELDS:
        value = page["fields"][name]
        if isinstance(value, list):
            text = " | ".join(
                f"{item['name'] or item['text']} ({item['date'] or '?'})" if isinstance(item, dict) else str(item)
                for item in value
            )
        else:
            text = str(value or "")
        size = f" … ({len(text)})" if len(text) > _SHOWN else ""
        table.add_row(name, Text(plain(text[:_SHOWN].replace("\n", " ")) + size if text else "–"))
    if page["issues"]:
        table.add_row("issues", Text(plain(", ".join(page["issues"]))))
    show_table(out, table)


def _save(run: Run, target: Path) -> None:
    """The pages as one WARC file: gzip members put one after the other are a WARC file again."""
    with target.open("xb") as out:
        for path in files.warc_files(run.collection.archive):
            with path.open("rb") as part:
                shutil.copyfileobj(part, out)


@click.command(
    help=_("Read a handful of live pages of the site at URL and show what is recognised, field by field."),
    epilog=options.example("osiris probe https://www.osiris.sn/ --contact you@example.org --save pages.warc.gz"),
)
@click.argument("url")
@click.option(
    "--save", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help=_("Keep the pages as a WARC file.")
)
@click.option("--max-requests", metavar="N", help=_("Visit at most so many addresses (40 at the most)."))
@click.option("--delay", metavar="SECONDS", help=_("Between two requests; the larger of this and Crawl-delay counts."))
@click.option("--contact", metavar="ADDRESS", help=_("Who runs this; goes into the User-Agent."))
@click.option(
    "--profile", type=click.Path(path_type=Path), metavar="FILE", help=_("A site profile of your own (TOML).")
)
@options.collection
@options.talk
def command(save: Path | None, **arguments: Any) -> int:
    return probe(load(arguments), save)
