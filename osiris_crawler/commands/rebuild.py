"""osiris rebuild: ledger and dataset from the WARC files alone."""

from __future__ import annotations

import json
import platform
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import click

from osiris_crawler.archive import files
from osiris_crawler.archive.clock import Clock, parse_warc_date
from osiris_crawler.archive.exchange import IDS
from osiris_crawler.archive.reader import records
from osiris_crawler.archive.writer import WarcWriter
from osiris_crawler.commands import options
from osiris_crawler.crawl import opening
from osiris_crawler.crawl.notes import ids_note
from osiris_crawler.crawl.terminal import console
from osiris_crawler.dataset.publish import publish
from osiris_crawler.errors import UsageError
from osiris_crawler.i18n import _
from osiris_crawler.ledger.adopt import Adopted, adopt
from osiris_crawler.ledger.ledger import Ledger
from osiris_crawler.ledger.scope import Scope
from osiris_crawler.paths import Collection
from osiris_crawler.settings import Settings, load
from osiris_crawler.site import profile
from osiris_crawler.site.profile import Site


def site_of(collection: Collection, settings: Settings) -> Site:
    """The site that the archive's first warcinfo names."""
    for path in files.warc_files(collection.archive):
        for record in records(path, 0):
            if record.type != "warcinfo":
                break
            fields = dict(
                line.split(": ", 1) for line in record.block.decode("utf-8", "replace").splitlines() if ": " in line
            )
            if settings.profile is not None:
                return profile.bind(profile.load_file(settings.profile), fields.get("site", ""))
            if fields.get("site"):
                return profile.for_url(fields["site"])
            break
    if settings.url:
        return profile.for_url(settings.url)
    raise UsageError(
        _("No WARC file in %(path)s says which site it is of.") % {"path": collection.archive},
        _("Check -o OUTPUT and -c NAME."),
    )


def rebuild(settings: Settings) -> int:
    """Make ledger and dataset anew; gives the exit code."""
    name = settings.collection or only_collection(settings.output)
    collection = Collection(settings.output, name)
    if not collection.archive.is_dir():
        raise UsageError(
            _("There is no collection at %(path)s.") % {"path": collection.root}, _("Check -o OUTPUT and -c NAME.")
        )
    out = console(settings)
    collection.create()
    with opening.locked(collection):
        opening.recover(collection, lambda text: out.print(text, style="yellow", markup=False))
        site = site_of(collection, settings)
        aside = collection.state.with_name("state.sqlite.new")
        for leftover in (aside, *(aside.with_name(aside.name + end) for end in ("-wal", "-shm"))):
            leftover.unlink(missing_ok=True)
        ledger = Ledger(aside)
        ledger.put("site", site.start_url)
        ledger.put("profile", site.name)
        with out.status(_("Reading the WARC files …")) if out.is_terminal else nullcontext():
            adopted = adopt(ledger, collection.archive, site, Scope())
        keep = Minting(ledger, collection)
        published = publish(ledger, site, collection, keep)
        keep.close()
        ledger.db.query("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        ledger.close()
        for end in ("-wal", "-shm"):
            collection.state.with_name(collection.state.name + end).unlink(missing_ok=True)
        aside.replace(collection.state)
    report = _report(collection, adopted, published.articles, published.changes)
    if settings.json:
        click.echo(json.dumps(report, ensure_ascii=False))
    else:
        out.print(
            _(
                "%(files)d WARC files, %(captures)d captures, %(pages)d read: %(articles)d articles, %(changes)d changes."
            )
            % report
        )
        out.print(_("Dataset: %(path)s") % {"path": collection.articles}, markup=False)
    return 0


def _report(collection: Collection, adopted: Adopted, articles: int, changes: int) -> dict[str, Any]:
    return {
        "collection": str(collection.root),
        "files": adopted.files,
        "records": adopted.records,
        "captures": adopted.captures,
        "pages": adopted.pages,
        "torn": adopted.torn,
        "articles": articles,
        "changes": changes,
    }


class Minting:
    """Ids of articles that were never published go to a WARC file of their own before they are."""

    def __init__(self, ledger: Ledger, collection: Collection) -> None:
        self._ledger = ledger
        self._collection = collection
        self._writer: WarcWriter | None = None

    def __call__(self, minted: list[tuple[str, str, int | None]]) -> None:
        newest = self._ledger.last_date()
        self._writer = WarcWriter(
            self._collection.archive,
            prefix=self._collection.name,
            hostname=platform.node() or "localhost",
            warcinfo={
                "software": "osiris-crawler",
                "format": "WARC File Format 1.1",
                "run": "rebuild",
                "crawl": str(self._ledger.last_crawl()),
                "command": "rebuild",
                "site": self._ledger.get("site") or "",
                "profile": self._ledger.get("profile") or "",
            },
            clock=Clock(parse_warc_date(newest) if newest else None),
        )
        place = self._writer.write_metadata_sync(IDS, ids_note("rebuild", minted))
        for id, key, number in minted:
            self._ledger.mint(id, key, number, place.date)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close_sync()


def only_collection(output: Path) -> str:
    """The name of the one collection under an output folder; UsageError when there are none or several."""
    names = sorted(path.name for path in (output / "collections").glob("*") if path.is_dir())
    if len(names) == 1:
        return names[0]
    if not names:
        raise UsageError(
            _("There is no collection under %(path)s.") % {"path": output},
            _("Begin one with “osiris crawl URL”, or see it all with “osiris demo”."),
        )
    raise UsageError(
        _("There are several collections under %(path)s: %(names)s.") % {"path": output, "names": ", ".join(names)},
        _("Choose one with -c NAME."),
    )


@click.command(
    help=_("Make the ledger and the dataset anew from the WARC files alone."),
    epilog=options.example("osiris rebuild -c osiris"),
)
@options.collection
@click.option(
    "--profile", type=click.Path(path_type=Path), metavar="FILE", help=_("A site profile of your own (TOML).")
)
@options.talk
def command(**arguments: Any) -> int:
    return rebuild(load(arguments))
