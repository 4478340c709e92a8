"""Index, ledger and dataset from the WARC files alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from osiris_crawler.archive import files, fixity, index
from osiris_crawler.archive.clock import Clock, parse_warc_date
from osiris_crawler.archive.description import description, hostname
from osiris_crawler.archive.exchange import IDS
from osiris_crawler.archive.reader import fields_of, first
from osiris_crawler.archive.writer import WarcWriter
from osiris_crawler.dataset.publish import Published, publish
from osiris_crawler.errors import UsageError
from osiris_crawler.i18n import _
from osiris_crawler.ledger.adopt import Adopted, adopt
from osiris_crawler.ledger.imports import is_import
from osiris_crawler.ledger.ledger import Ledger
from osiris_crawler.ledger.scope import Scope
from osiris_crawler.paths import Collection
from osiris_crawler.site import profile
from osiris_crawler.site.profile import Site


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What was read and what came of it."""

    adopted: Adopted
    published: Published


def site_of(collection: Collection, profile_file: Path | None = None) -> Site:
    """The site that a collection is of, by the first warcinfo record of ours; an import may be of another collection."""
    for path in files.warc_files(collection.archive):
        record = None if is_import(files.final_name(path)) else first(path)
        if record is None or record.type != "warcinfo":
            continue
        fields = fields_of(record.block)
        site = fields.get("site", "")
        if not site or not fields.get("software", "").startswith("osiris-crawler"):
            continue
        return profile.bind(profile.load_file(profile_file), site) if profile_file else profile.for_url(site)
    raise UsageError(
        _("No WARC file in %(path)s says which site it is of.") % {"path": collection.archive},
        _("Check -o OUTPUT and -c NAME; files of other crawlers are taken in with “osiris import”."),
    )


def rebuild(
    collection: Collection,
    site: Site,
    *,
    workers: int = 1,
    reindex: bool = True,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Rebuilt:
    """Make ledger and dataset anew beside the old ones, then put them in their place. The lock is held already."""
    if reindex:
        index.rebuild(collection.index, files.closed_files(collection.archive))
        fixity.seal(collection, fixity.unsealed(collection))
    aside = collection.state.with_name("state.sqlite.new")
    for leftover in _with_companions(aside):
        leftover.unlink(missing_ok=True)
    ledger = Ledger(aside)
    try:
        ledger.put("site", site.start_url)
        ledger.put("profile", site.name)
        adopted = adopt(ledger, collection.archive, site, Scope(), workers=workers, progress=progress)
        published = publish_anew(collection, ledger, site)
        ledger.commit()  # ids newly given are not yet
        ledger.db.query("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        ledger.close()
    for leftover in _with_companions(collection.state)[1:]:
        leftover.unlink(missing_ok=True)
    aside.replace(collection.state)
    return Rebuilt(adopted, published)


def publish_anew(collection: Collection, ledger: Ledger, site: Site) -> Published:
    """Write the dataset outside of a crawl; ids that are new get a WARC file of their own."""
    minting = Minting(ledger, collection)
    try:
        return publish(ledger, site, collection, minting)
    finally:
        minting.close()


class Minting:
    """Ids of articles that were never published go to a WARC file of their own before they are."""

    def __init__(self, ledger: Ledger, collection: Collection) -> None:
        self._ledger = ledger
        self._collection = collection
        self._writer: WarcWriter | None = None

    def __call__(self, minted: list[tuple[str, str, int | None]]) -> None:
        self._writer = self._writer or own_writer(self._collection, self._ledger, "rebuild")
        note = {"run": "rebuild", "ids": [{"id": id, "key": key, "number": number} for id, key, number in minted]}
        place = self._writer.write_metadata_sync(IDS, note)
        for id, key, number in minted:
            self._ledger.mint(id, key, number, place.date)
        self._ledger.file_known(place.filename, "rebuild", place.end)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close_sync()
            if self._writer.problem is not None:
                raise self._writer.problem


def own_writer(collection: Collection, ledger: Ledger, command: str) -> WarcWriter:
    """A writer for what a command outside of a crawl has to say."""
    newest = ledger.last_date()
    return WarcWriter(
        collection.archive,
        prefix=collection.name,
        hostname=hostname(),
        warcinfo=description(
            collection=collection.name,
            run=command,
            crawl=ledger.last_crawl(),
            command=command,
            site=ledger.get("site") or "",
            profile=ledger.get("profile") or "",
        ),
        clock=Clock(parse_warc_date(newest) if newest else None),
        on_closed=lambda closed: fixity.seal_closed(collection, closed),
    )


def _with_companions(path: Path) -> list[Path]:
    return [path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))]
