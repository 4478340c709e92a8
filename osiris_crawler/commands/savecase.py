"""osiris savecase: a captured page as a case for the tests of the reader."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from osiris_crawler.care import casing
from osiris_crawler.care.finding import Found, find
from osiris_crawler.care.keeping import existing, only_collection
from osiris_crawler.care.rebuilding import site_of
from osiris_crawler.commands import options
from osiris_crawler.crawl.terminal import console
from osiris_crawler.errors import UsageError
from osiris_crawler.extract.chrome import Chrome
from osiris_crawler.i18n import _
from osiris_crawler.ledger.db import LedgerDamaged
from osiris_crawler.ledger.learning import frozen
from osiris_crawler.ledger.ledger import Ledger
from osiris_crawler.paths import Collection
from osiris_crawler.settings import Settings, load
from osiris_crawler.site import urls
from osiris_crawler.site.profile import Site

CASES = Path("tests/cases")


def run(settings: Settings, what: str, to: Path, name: str | None, force: bool) -> int:
    """Write a case; gives the exit code."""
    if name is not None:
        casing.checked_name(name)
    collection = existing(Collection(settings.output, settings.collection or only_collection(settings.output)))
    site = site_of(collection)
    found, chrome = _look_up(collection, site, what)
    answer = casing.Answer(
        url=found.url,
        status=found.status,
        start=site.start_url,
        headers={key: found.headers[key] for key in casing.HEADERS if key in found.headers},
        captured=found.date,
        origin=f"{found.warc}, byte {found.offset}, {found.record_id}",
    )
    reading = casing.reading_of(found.body, answer, site)
    fields = casing.fields_of(reading)
    learned = casing.fields_of(casing.reading_of(found.body, answer, site, chrome)) if chrome is not None else fields
    differs = [key for key in fields if fields[key] != learned.get(key)]
    number = reading.article.number if reading.article is not None else None
    number = number if number is not None else urls.parse(found.url, site).number
    folder = to / (name or casing.name_for(found.url, number))
    casing.write(folder, found.body, answer, {casing.UNCHECKED: casing.WARNING, **fields}, force=force)
    if settings.json:
        report = {"case": str(folder), "url": found.url, "page": reading.kind, "fields": fields, "differs": differs}
        click.echo(json.dumps(report, ensure_ascii=False))
        return 0
    out = console(settings)
    told = {"path": folder, "kind": reading.kind, "count": len(fields)}
    out.print(_("%(path)s: a page of kind “%(kind)s”, %(count)d fields.") % told, markup=False)
    out.print(
        _("expected.json holds what is read today. Before you commit it, check each value against the page.")
        + " "
        + _("Then remove its first line, “unchecked”: as long as it stands there, the tests fail."),
        markup=False,
    )
    if differs:
        out.print(
            _("The collection's learned chrome reads some fields otherwise: %(fields)s. A case is read without it.")
            % {"fields": ", ".join(differs)},
            style="yellow",
            markup=False,
        )
    return 0


def _look_up(collection: Collection, site: Site, what: str) -> tuple[Found, Chrome | None]:
    """The capture, and the model that the collection's articles are read with."""
    try:
        ledger = Ledger(collection.state, create=False, readonly=True)
    except LedgerDamaged as problem:
        raise UsageError(
            _("The ledger of %(path)s can't be read: %(why)s.") % {"path": collection.root, "why": problem},
            _("“osiris rebuild” makes it anew from the WARC files."),
        ) from problem
    try:
        return find(collection, ledger, site, what), frozen(ledger, collection.archive)
    finally:
        ledger.close()


@click.command(
    help=_("Write a captured page as a case for the reader's tests."),
    epilog=options.example("osiris savecase https://www.osiris.sn/Surtaxe-sur-les-appels,7380.html -c osiris"),
)
@click.argument("what", metavar="URL|ID")
@options.collection
@click.option(
    "--to", type=click.Path(path_type=Path, file_okay=False), default=CASES, show_default=True, metavar="FOLDER",
    help=_("Where cases lie."),
)  # fmt: skip
@click.option("--name", metavar="NAME", help=_("Name of the case. Default: the host and the article's number."))
@click.option("--force", is_flag=True, help=_("Replace a case of the same name."))
@options.talk
def command(what: str, to: Path, name: str | None, force: bool, **arguments: Any) -> int:
    return run(load(arguments), what, to, name, force)
