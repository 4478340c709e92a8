"""What the site says it has, by the captures that the archive holds: listings, cloud, sitemap, feed, links.

listings → which articles each lists now, and how many by its pagination
cloud    → how many articles each keyword has
sitemap, feed, addresses that any page links → what else is named
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from osiris_crawler.archive import files
from osiris_crawler.archive.http import parse_response
from osiris_crawler.archive.reader import read_at
from osiris_crawler.audit.model import Said
from osiris_crawler.errors import IntegrityError
from osiris_crawler.extract.facts import Entry
from osiris_crawler.extract.feed import read_xml
from osiris_crawler.extract.page import read
from osiris_crawler.ledger.beside import beside
from osiris_crawler.ledger.intake import decoded
from osiris_crawler.ledger.ledger import Ledger
from osiris_crawler.paths import Collection
from osiris_crawler.site import urls
from osiris_crawler.site.profile import Site
from osiris_crawler.site.robots import Robots

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Listing:
    """A section's or keyword's listing, all its pages, as the newest captures show it."""

    key: str
    kind: str
    title: str
    url: str
    date: str  # of its first page
    entries: dict[str, str] = field(default_factory=dict)  # key of an article → date of the page that lists it
    whole: bool = False  # every page of it was read in one walk, and is held
    holes: list[int] = field(default_factory=list)  # offsets of pages that its pagination names, and no capture shows
    last: int = 0  # offset of the last page
    on_last: int | None = None  # entries on it, where it was read in the same walk as the first
    step: int = 0
    twice: int = 0  # entries that stand on two pages of it in the same walk
    oldest: str = ""  # date of the page of it that was not read for longest

    @property
    def stated(self) -> tuple[int, int]:
        """(at least, at most) how many articles it has by its pagination."""
        if self.on_last is not None:
            return self.last + self.on_last, self.last + self.on_last
        return (self.last + 1, self.last + max(self.step, 1)) if self.last else (len(self.entries), len(self.entries))


class Statements:
    """Questions to the ledger and to the captures that it points to. `lost`: rows of captures that are not there."""

    def __init__(self, ledger: Ledger, collection: Collection, site: Site, lost: frozenset[int]) -> None:
        self._ledger, self._db = ledger, ledger.db
        self._collection, self._site = collection, site
        self._lost = lost
        self._ranks = ledger.ranks()
        self._keys: dict[str, str] = {}  # one string an address, not one an entry
        self.listings = self._listings()

    # -- listings -----------------------------------------------------------------------------------------------------

    def _listings(self) -> dict[str, Listing]:
        found: dict[str, Listing] = {}
        passes: dict[str, dict[int, dict[int, Any]]] = {}  # listing → rank → offset → row
        gone = self._lost_pages()
        for row in self._db.query(
            """SELECT listing, passes.kind AS kind, passes.crawl AS crawl, offset, last, title, date, url FROM passes
               JOIN addresses ON addresses.key = listing WHERE passes.kind IN ('section', 'keyword')"""
        ):
            if (row["listing"], row["date"]) not in gone:
                rank = self._ranks.get(row["crawl"], 0)
                passes.setdefault(row["listing"], {}).setdefault(rank, {})[row["offset"]] = row
        for key, ranks in passes.items():
            found[key] = self._listing(key, ranks)
        since = {key: self._since(ranks, found[key]) for key, ranks in passes.items()}
        chrome = beside(self._ledger)
        counts: dict[tuple[str, int, int], set[str]] = {}
        for row in self._db.query("SELECT listing, article, crawl, offset, date, place FROM entries"):
            listing = found.get(row["listing"])
            rank = self._ranks.get(row["crawl"], 0)
            if listing is None or row["place"] in chrome or rank < since[row["listing"]]:
                continue
            if (row["listing"], row["date"]) in gone:
                continue
            key = self._keys.setdefault(row["article"], row["article"])
            listing.entries[key] = max(listing.entries.get(key, ""), row["date"])
            counts.setdefault((row["listing"], rank, row["offset"]), set()).add(key)
        for key, ranks in passes.items():
            self._count(found[key], ranks, counts)
        return found

    @staticmethod
    def _count(
        listing: Listing, ranks: dict[int, dict[int, Any]], counts: dict[tuple[str, int, int], set[str]]
    ) -> None:
        """How many articles its pagination tells of, exactly: only where each page but the last has as many as the step."""
        newest = max((rank for rank, pages in ranks.items() if 0 in pages), default=None)
        if newest is None or not listing.last or listing.last not in ranks[newest]:
            return
        pages = [counts.get((listing.key, newest, at), set()) for at in range(0, listing.last, listing.step)]
        last = counts.get((listing.key, newest, listing.last), set())
        if any(len(page) != listing.step for page in pages) or not last:
            return
        listing.on_last = len(last)
        listing.twice = listing.last + len(last) - len(set().union(last, *pages))

    def _listing(self, key: str, ranks: dict[int, dict[int, Any]]) -> Listing:
        newest: dict[int, Any] = {}
        for rank in sorted(ranks):
            newest |= ranks[rank]
        first = newest.get(0) or newest[min(newest)]
        offsets = sorted(newest)
        listing = Listing(key, first["kind"], first["title"], first["url"], first["date"])
        listing.oldest = min(row["date"] for row in newest.values())
        steps = [b - a for a, b in pairwise(offsets)]
        listing.step = min((step for step in steps if step > 0), default=0)
        # The first page knows how far the listing goes now; where it is not held, its other pages do.
        listing.last = (
            first["last"] or 0 if 0 in newest else max(row["last"] or row["offset"] for row in newest.values())
        )
        if listing.last and not listing.step:
            listing.step = listing.last
        if listing.step:
            listing.holes = [at for at in range(0, listing.last + 1, listing.step) if at not in newest]
        elif 0 not in newest:
            listing.holes = [0]
        return listing

    @staticmethod
    def _since(ranks: dict[int, dict[int, Any]], listing: Listing) -> int:
        """The newest walk that read the listing whole: what older ones say of it no longer counts."""
        for rank in sorted(ranks, reverse=True):
            pages = ranks[rank]
            last = max(row["last"] or row["offset"] for row in pages.values())
            step = listing.step or last or 1
            if all(at in pages for at in range(0, last + 1, step)):
                listing.whole = not listing.holes
                return rank
        return 0

    def _lost_pages(self) -> set[tuple[str, str]]:
        """(listing, date) of pages whose capture is not there any more."""
        if not self._lost:
            return set()
        rows = self._db.query(
            """SELECT subject, captures.id AS id, captures.date AS date FROM captures JOIN readings ON readings.capture = captures.id
               WHERE readings.kind = 'listing'"""
        )
        return {(row["subject"], row["date"]) for row in rows if row["id"] in self._lost}

    # -- cloud --------------------------------------------------------------------------------------------------------

    def cloud(self) -> dict[str, tuple[int, str]]:
        """Keyword → (articles with it, date of the page that says so), by the newest cloud."""
        rows = self._db.query("SELECT keyword, total, date FROM cloud").fetchall()
        return {row["keyword"]: (row["total"], row["date"]) for row in rows}

    # -- sitemap and feed ---------------------------------------------------------------------------------------------

    def signals(self) -> Iterator[tuple[str, Said, dict[str, Entry]]]:
        """(kind, statement, key → entry) of the newest capture of each feed and sitemap."""
        for row in self._db.query(
            """SELECT readings.kind AS kind, captures.id AS id, captures.url AS url, max(captures.date) AS date, name, offset,
                      record_id, coalesce(original, captures.id) AS body
               FROM readings JOIN captures ON captures.id = readings.capture JOIN files ON files.id = file
               WHERE readings.kind IN ('feed', 'sitemap') GROUP BY captures.key ORDER BY captures.key"""
        ).fetchall():
            if row["id"] in self._lost or row["body"] in self._lost:
                continue
            entries = {
                urls.parse(entry.url, self._site).key: entry
                for entry in self._entries_of_xml(row["body"])
                if urls.parse(entry.url, self._site).kind.value in ("article", "breve", "other")
            }
            yield (
                row["kind"],
                Said(row["kind"], row["url"], row["date"], row["name"], row["offset"], row["record_id"]),
                entries,
            )

    def _entries_of_xml(self, capture: int) -> list[Entry]:
        body = self._body(capture)
        found = read_xml(body) if body is not None else None
        return found[1].entries if found is not None else []

    def _body(self, capture: int) -> bytes | None:
        row = self._db.query(
            "SELECT name, offset FROM captures JOIN files ON files.id = file WHERE captures.id = ?", (capture,)
        ).fetchone()
        try:
            record = read_at(files.existing(self._collection.archive, row["name"]), row["offset"])
            return decoded(parse_response(record.block))
        except (IntegrityError, OSError, ValueError) as problem:
            log.info("%s at byte %d can't be read: %s", row["name"], row["offset"], problem)
            return None

    def robots(self, url: str) -> Robots | None:
        """The newest robots.txt of an origin, None where none is held."""
        row = self._db.query(
            "SELECT id, status, coalesce(original, id) AS body FROM captures WHERE url = ? ORDER BY date DESC LIMIT 1",
            (url,),
        ).fetchone()
        if row is None or row["body"] in self._lost:
            return None
        body = self._body(row["body"])
        return None if body is None else Robots.from_response(row["status"], body)

    # -- whose word it is ---------------------------------------------------------------------------------------------

    def said(self, kind: str, listing: str, date: str) -> Said:
        """The page of a listing that was captured at an instant."""
        row = self._db.query(
            """SELECT captures.url, name, offset, record_id FROM captures JOIN files ON files.id = file
               JOIN readings ON readings.capture = captures.id WHERE captures.date = ? AND subject = ?""",
            (date, listing),
        ).fetchone()
        if row is None:
            return Said(kind, self.listings[listing].url if listing in self.listings else listing, date)
        return Said(kind, row["url"], date, row["name"], row["offset"], row["record_id"])

    def at(self, kind: str, date: str) -> Said | None:
        """The page, of whatever kind, that was captured at an instant."""
        row = self._db.query(
            """SELECT captures.url, name, offset, record_id FROM captures JOIN files ON files.id = file WHERE date = ?""",
            (date,),
        ).fetchone()
        return None if row is None else Said(kind, row["url"], date, row["name"], row["offset"], row["record_id"])

    def entries_on(self, said: Said) -> dict[str, Entry]:
        """Key → entry of a listing's page, read again: for title, day and address of what is missing."""
        if said.record_id is None:
            return {}
        row = self._db.query(
            """SELECT captures.id AS id, status, mime, coalesce(original, captures.id) AS body FROM captures
               JOIN files ON files.id = file WHERE name = ? AND offset = ? AND record_id = ?""",
            (said.warc, said.offset, said.record_id),
        ).fetchone()
        body = self._body(row["body"]) if row is not None else None
        if body is None:
            return {}
        reading = read(said.url, 200, row["mime"], body, self._site)
        entries = reading.listing.entries if reading.listing is not None else []
        return {urls.parse(entry.url, self._site).key: entry for entry in entries}

    # -- addresses ----------------------------------------------------------------------------------------------------

    def addresses(self, kinds: tuple[str, ...]) -> Iterator[Any]:
        """Every known address of some kinds with its newest answer: what became of it."""
        yield from self._db.query(
            f"{_ADDRESS} WHERE addresses.kind IN (SELECT value FROM json_each(?))",  # noqa: S608
            (json.dumps(kinds),),
        )

    def address(self, key: str) -> Any | None:
        return self._db.query(f"{_ADDRESS} WHERE addresses.key = ?", (key,)).fetchone()


_ADDRESS = """SELECT addresses.key AS key, addresses.url AS url, addresses.kind AS kind, addresses.status AS state, attempts, problem,
       via, since, captures.id AS capture, captures.status AS status, captures.date AS date, target, subject, readings.kind AS said,
       coalesce(original, captures.id) AS body
    FROM addresses LEFT JOIN captures ON captures.id = addresses.capture LEFT JOIN readings ON readings.capture = captures.id
    LEFT JOIN gaps ON gaps.key = addresses.key"""
