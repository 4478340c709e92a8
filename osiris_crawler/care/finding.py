"""One capture of the archive, by its address or by what means an article, with its body, be it in a revisit's original.

address → the newest whole page that the ledger has of it, else, as for an id, the capture that the article is read from
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from osiris_crawler.archive import files
from osiris_crawler.archive.foreign import foreign_response
from osiris_crawler.archive.http import HttpMessage, parse_response
from osiris_crawler.archive.reader import Record, read_at
from osiris_crawler.archive.surt import surt
from osiris_crawler.care.restrictions import Hidden, hidden, read
from osiris_crawler.dataset import lookup
from osiris_crawler.errors import IntegrityError, UsageError
from osiris_crawler.i18n import _
from osiris_crawler.ledger.adopt import imported_files
from osiris_crawler.ledger.intake import decoded
from osiris_crawler.ledger.ledger import Ledger
from osiris_crawler.paths import Collection
from osiris_crawler.site import urls
from osiris_crawler.site.profile import Site

_SCOPES = ("dataset", "exports")  # what is found here is taken out of the collection

_ROW = """SELECT captures.id, url, key, date, captures.record_id, name, offset, original, status FROM captures
          JOIN files ON files.id = file WHERE """


@dataclass(frozen=True, slots=True)
class Found:
    """A captured page. `warc` and `offset` point to what was captured then, which may be a revisit record."""

    url: str
    date: str
    status: int
    headers: dict[str, str]  # by small names, the first of each
    body: bytes  # without transfer and content codings
    warc: str
    offset: int
    record_id: str


def find(collection: Collection, ledger: Ledger, site: Site, wanted: str) -> Found:
    """The capture that an address, or what means an article, leads to; UsageError when none does or it is restricted."""
    kept_back = hidden(read(collection.restrictions), *_SCOPES)
    key = urls.parse(wanted, site).key if "://" in wanted else None
    row = _newest(ledger, key) if key is not None else None
    restricted = row is not None and _names(kept_back, ledger, row)
    if row is None or (kept_back and not restricted):
        article = _article(collection, site, wanted, kept_back, needed=row is None)
        restricted = article is not None and article.restricted
        if row is None and article is not None:
            row = _pointed(ledger, article.article)
    if restricted:
        raise UsageError(
            _("%(wanted)r is restricted: what is taken out of the collection must not show it.") % {"wanted": wanted},
            _("restrictions.jsonl says why."),
        )
    return _found(collection, ledger, row)


def _article(
    collection: Collection, site: Site, wanted: str, kept_back: Hidden, *, needed: bool
) -> lookup.Found | None:
    """The article of the dataset that is meant; None when it is not needed and there is none."""
    try:
        return lookup.look_up(lookup.whole_articles(collection), wanted, site, kept_back.hides)
    except UsageError:
        if needed:
            raise
        return None


def _names(kept_back: Hidden, ledger: Ledger, row: Any) -> bool:
    """Whether restrictions name a capture's address, or an article that the ledger knows by it."""
    ids = ledger.db.query(
        "SELECT id FROM ids WHERE key = ? OR key IN (SELECT subject FROM readings WHERE capture IN (?, ?))",
        (row["key"], row["id"], row["original"]),
    )
    return surt(row["url"]) in kept_back.keys or any(known["id"] in kept_back.ids for known in ids)


def _newest(ledger: Ledger, key: str) -> Any:
    """The newest 200 of an address whose body is in the archive; a revisit record stands for its original's."""
    return ledger.db.query(
        f"{_ROW} key = ? AND status IN (200, 304) AND truncated IS NULL AND (status = 200 OR original IS NOT NULL)"
        " ORDER BY date DESC, name DESC, offset DESC LIMIT 1",
        (key,),
    ).fetchone()


def _pointed(ledger: Ledger, article: dict[str, Any]) -> Any:
    place = article["capture"]
    row = ledger.db.query(f"{_ROW} name = ? AND offset = ?", (place["warc"], place["offset"])).fetchone()
    if row is None:
        raise _stale()
    return row


def _found(collection: Collection, ledger: Ledger, row: Any) -> Found:
    foreign = imported_files(collection.archive)

    def message(name: str, record: Record) -> HttpMessage:
        return foreign_response(record.block).message if name in foreign else parse_response(record.block)

    record = _record(collection, row)
    head = whole = message(row["name"], record)
    if record.type == "revisit":
        original = ledger.db.query(f"{_ROW} captures.id = ?", (row["original"],)).fetchone()
        if original is None:
            raise IntegrityError(
                _("The original of a revisit record is not in the archive: %(url)r.") % {"url": row["url"]},
                _("“osiris verify” says more."),
            )
        whole = message(original["name"], _record(collection, original))
    # A revisit's own headers stand where it has any: the body is the original's, and so are its codings.
    kept = head if head.status == 200 else whole
    headers: dict[str, str] = {}
    for name, value in kept.text_headers():
        headers.setdefault(name.lower(), value)
    return Found(
        url=row["url"], date=row["date"], status=kept.status, headers=headers, body=decoded(whole),
        warc=row["name"], offset=row["offset"], record_id=record.id,
    )  # fmt: skip


def _record(collection: Collection, row: Any) -> Record:
    record = read_at(files.existing(collection.archive, row["name"]), row["offset"])
    if record.id != row["record_id"]:
        raise _stale()
    return record


def _stale() -> IntegrityError:
    return IntegrityError(
        _("Dataset, ledger and WARC files do not agree."), _("“osiris rebuild” makes them anew from the WARC files.")
    )
