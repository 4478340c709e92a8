"""Index, ledger and dataset from the WARC files alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from osiris_crawler.archive import files, fixity, index
from osiris_crawler.archive.clock import Clock, normal_date, parse_warc_date
from osiris_crawler.archive.description import description, hostname
from osiris_crawler.archive.exchange import MODEL
from osiris_crawler.archive.reader import fields_of, first, read_at
from osiris_crawler.archive.surt import surt
from osiris_crawler.archive.writer import WarcWriter
from osiris_crawler.care.restrictions import kept_back
from osiris_crawler.dataset.publish import Published, publish
from osiris_crawler.errors import IntegrityError, UsageError
from osiris_crawler.extract.chrome import Chrome
from osiris_crawler.i18n import _
from osiris_crawler.ledger.adopt import Adopted, adopt
from osiris_crawler.ledger.imports import is_import
from osiris_crawler.ledger.learning import frozen, renew
from osiris_crawler.ledger.ledger import Ledger
from osiris_crawler.ledger.own_notes import OwnNotes
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
    learn: bool = False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Rebuilt:
    """Make ledger and dataset anew beside the old ones, then put them in their place. The lock is held already.

    With `learn` the site's chrome is learned anew, and the model frozen if it says something else than the last one.
    """
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
        chrome = model_in(collection, ledger)
        adopted = adopt(ledger, collection.archive, site, Scope(), chrome=chrome, workers=workers, progress=progress)
        published = publish_anew(collection, ledger, site, workers=workers, learn=learn)
        ledger.commit()  # ids newly given are not yet
        ledger.db.query("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        ledger.close()
    for leftover in _with_companions(collection.state)[1:]:
        leftover.unlink(missing_ok=True)
    aside.replace(collection.state)
    return Rebuilt(adopted, published)


def publish_anew(
    collection: Collection, ledger: Ledger, site: Site, *, workers: int = 1, learn: bool = False
) -> Published:
    """Write the dataset outside of a crawl; what has to be told of it gets a WARC file of its own."""
    with outside_notes(collection, ledger, "rebuild") as notes:
        renew(ledger, collection.archive, site, notes, workers=workers, force=learn)
        return publish(ledger, site, collection, notes, kept_back(collection).hides)


@contextmanager
def outside_notes(collection: Collection, ledger: Ledger, run: str) -> Iterator[OwnNotes]:
    """Notes of what no crawl writes, to a WARC file that is begun with the first of them."""
    writers: list[WarcWriter] = []

    def writer() -> WarcWriter:
        if not writers:
            writers.append(own_writer(collection, ledger, run))
        return writers[0]

    try:
        yield OwnNotes(ledger, run, writer, alone=True)
    finally:
        for written in writers:
            written.close_sync()
    for written in writers:
        if written.problem is not None:
            raise written.problem


def model_in(collection: Collection, ledger: Ledger) -> Chrome | None:
    """The newest model among the archive's records, noted in the ledger before any page is read."""
    begin = f"{surt(MODEL)} ".encode()
    for line in index.read(collection.index):
        if line.startswith(begin):
            fields = json.loads(line.split(b" ", 2)[2])
            try:
                record = read_at(files.existing(collection.archive, fields["filename"]), int(fields["offset"]))
            except IntegrityError:
                continue
            if record.type == "resource" and not is_import(fields["filename"]):
                ledger.note_model(normal_date(record.date) or record.date, fields["filename"], record.offset, "")
    return frozen(ledger, collection.archive)


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
