"""The audit: what the site names, by its own words, held against what the archive holds.

archive → are the records there → holdings by address
                                → statements by address → the state of each that is not held
                                → counts of sections, keywords, years, months → contradictions, odd months
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime
from typing import Any

from osiris_crawler.audit import months, standing
from osiris_crawler.audit.counts import Counts
from osiris_crawler.audit.holdings import Holdings, holdings
from osiris_crawler.audit.model import OPEN, Accounted, Audit, Missing, Said
from osiris_crawler.audit.standing import Progress
from osiris_crawler.audit.statements import Statements
from osiris_crawler.audit.states import State, States
from osiris_crawler.care.holdings import open_to_read
from osiris_crawler.care.restrictions import hidden, read
from osiris_crawler.extract.facts import Entry
from osiris_crawler.ledger.ledger import Ledger
from osiris_crawler.paths import Collection
from osiris_crawler.site import urls
from osiris_crawler.site.profile import Site

_ARTICLES = ("article", "breve")
_PAGES = ("home", "plan", "section", "keyword", "feed", "sitemap", "other")
_GAPS = (*OPEN, "refused-by-robots")  # of pages that would name more, and of what only links name
_MOST_SAID = 5  # statements that are kept of one thing


def audit(collection: Collection, site: Site, progress: Progress = lambda done, total: None) -> Audit:
    """Hold a collection against the site's own words, from its captures alone.

    UsageError without a dataset or a ledger, IntegrityError where a line can't be read.
    """
    ledger = open_to_read(collection)
    try:
        return _Auditing(ledger, collection, site, progress).all()
    finally:
        ledger.close()


class _Auditing:
    def __init__(self, ledger: Ledger, collection: Collection, site: Site, progress: Progress) -> None:
        self._ledger, self._collection, self._site = ledger, collection, site
        self._told = Audit(collection.name, site.start_url, datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
        self._told.archive, self._lost = standing.look(ledger, collection, progress)
        self._held: Holdings = holdings(collection, site)
        self._statements = Statements(ledger, collection, site, self._lost)
        self._states = States(self._statements, site, self._lost)
        self._hidden = hidden(read(collection.restrictions), "dataset")
        self._veiled: set[str] = set()  # keys of what is held and not shown
        self._missing: dict[str, Missing] = {}
        self._redirected: set[str] = set()  # keys that lead elsewhere, to no article that is held
        self._named_keys: frozenset[str] = frozenset()  # what listings, sitemaps and feeds name, and is not held

    def all(self) -> Audit:
        told = self._told
        lost = self._lost_records()
        for held in self._held.articles:
            told.withdrawn += held.withdrawn is not None
            told.restricted += held.hidden
            if held.withdrawn is not None:
                told.accounted.append(Accounted("withdrawn", held.url, held.id, since=held.withdrawn))
            elif held.record_id in lost:
                found = self._miss("article", held.key, held.url, State("lost", since=lost[held.record_id]), {})
                found.title, found.date = held.title, held.date
            else:
                told.held += 1
        signals = list(self._statements.signals())
        self._named(signals)
        self._linked()
        self._unpublished()
        self._pages()
        self._files()
        self._warcs()
        self._tell(signals)
        return told

    def _lost_records(self) -> dict[str, str]:
        """Record id → date of the captures that are not there any more."""
        if not self._lost:
            return {}
        rows = self._ledger.db.query("SELECT id, record_id, date FROM captures")
        return {row["record_id"]: row["date"] for row in rows if row["id"] in self._lost}

    # -- articles -----------------------------------------------------------------------------------------------------

    def _named(self, signals: list[tuple[str, Said, dict[str, Entry]]]) -> None:
        """What listings, sitemaps and feeds name: not held, or held under another address."""
        said: dict[str, list[Said]] = defaultdict(list)
        entries: dict[str, Entry] = {}
        aliases: set[str] = set()
        for listing in self._statements.listings.values():
            for key, date in listing.entries.items():
                held = self._held.by_key.get(key)
                if held is None and len(said[key]) < _MOST_SAID:
                    said[key].append(Said("listing", listing.key, date))
                elif held is not None and held.key != key:
                    aliases.add(key)
        for _kind, statement, named in signals:
            for key, entry in named.items():
                held = self._held.by_key.get(key)
                if held is None and (key not in said or len(said[key]) < _MOST_SAID):
                    said[key].append(statement)
                    entries.setdefault(key, entry)
                elif held is not None and held.key != key:
                    aliases.add(key)
        self._named_keys = frozenset(said)
        for key in sorted(aliases):
            self._alias(key)
        pages: dict[tuple[str, str | None], tuple[Said, dict[str, Entry]]] = {}
        for key in sorted(said):
            words = [self._whose(word, pages) for word in said[key]]
            for word, listed in words:
                if word.kind == "listing" and key in listed:
                    entries[key] = listed[key]
            self._not_held(key, [word for word, _listed in words], entries.get(key))

    def _whose(
        self, word: Said, pages: dict[tuple[str, str | None], tuple[Said, dict[str, Entry]]]
    ) -> tuple[Said, dict[str, Entry]]:
        """A statement with its capture, and what the page of a listing says word for word; each page is read once."""
        if word.kind != "listing":
            return word, {}
        place = (word.url, word.date)
        if place not in pages:
            whole = self._statements.said("listing", word.url, word.date or "")
            pages[place] = whole, self._statements.entries_on(whole)
        return pages[place]

    def _not_held(self, key: str, said: list[Said], entry: Entry | None) -> None:
        row = self._statements.address(key)
        url = row["url"] if row is not None else entry.url if entry is not None else key
        state = self._states.of(row, url)
        if state is None:
            return
        if state.name == "redirected":
            # The redirect is what the site has there, and it is held.
            self._told.accounted.append(Accounted("redirected", url, None, to=state.to, since=state.since))
            self._redirected.add(key)
            return
        if state.name == "not-in-dataset" and self._is_hidden(url):
            self._restricted(url)
            return
        found = self._miss("article", key, url, state, {"said": said})
        if entry is not None:
            found.title, found.date = entry.title or None, entry.date

    def _alias(self, key: str) -> None:
        """Listed at an address that is not the article's own."""
        row, held = self._statements.address(key), self._held.by_key[key]
        if row is not None and row["target"] is not None:
            self._told.accounted.append(Accounted("redirected", row["url"], held.id, to=held.url, since=row["date"]))
        else:
            url = row["url"] if row is not None else key
            self._told.accounted.append(Accounted("alias", url, held.id, to=held.url))

    def _linked(self) -> None:
        """What only links name: a gap while it may be an article; a dead link once the site has answered."""
        for row in self._statements.addresses(_ARTICLES):
            key = row["key"]
            if key in self._held.by_key or key in self._named_keys:
                continue
            state = self._states.of(row, row["url"])
            if state is None:
                continue
            if state.name == "not-in-dataset" and self._is_hidden(row["url"]):
                self._restricted(row["url"])
            elif state.name in _GAPS:
                self._miss("article", key, row["url"], state, {"said": self._link(row)})
            elif state.name not in ("redirected", "not-an-article"):
                self._told.dead_links.append(
                    Missing("article", state.name, row["url"], said=self._link(row), since=state.since, to=state.to)
                )

    @staticmethod
    def _link(row: Any) -> list[Said]:
        return [Said("link", row["via"])] if row["via"] else []

    def _unpublished(self) -> None:
        """Articles that were read, or had an id given, and are not in the dataset."""
        rows = self._ledger.db.query(
            """SELECT subject, captures.url AS url, max(captures.date) AS date FROM readings
               JOIN captures ON captures.id = readings.capture WHERE readings.kind = 'article' GROUP BY subject"""
        ).fetchall()
        for row in rows:
            key = row["subject"]
            if key in self._held.by_key or key in self._missing:
                continue
            other = urls.parse(row["url"], self._site).key
            if other in self._held.by_key or other in self._missing:
                continue
            if self._is_hidden(row["url"]):
                self._restricted(row["url"])
            else:
                self._miss("article", key, row["url"], State("not-in-dataset", since=row["date"]), {})

    def _is_hidden(self, url: str) -> bool:
        key = urls.parse(url, self._site).key
        id = self._ledger.id_of(key) or ""
        return self._hidden.hides({"id": id, "url": url, "urls": []})

    def _restricted(self, url: str) -> None:
        """What is held and hidden from the dataset, counted once: listings name it, and so does what was read."""
        if (key := urls.parse(url, self._site).key) in self._veiled:
            return
        self._veiled.add(key)
        self._told.restricted += 1
        self._told.held += 1
        self._told.accounted.append(Accounted("restricted", url, self._ledger.id_of(key)))

    # -- what else ----------------------------------------------------------------------------------------------------

    def _pages(self) -> None:
        """Pages that would name more: listings with all their pages, home, plan, sitemap, feed, and what is not known yet."""
        places: dict[tuple[str, int], Any] = {}
        for row in self._statements.addresses(_PAGES):
            state = self._states.of(row, row["url"])
            address = urls.parse(row["url"], self._site)
            if row["kind"] in ("section", "keyword"):
                places[urls.parse(urls.without_loops(row["url"]), self._site).key, address.offset] = row
            if (
                state is not None
                and state.name in _GAPS
                and row["key"] not in self._held.by_key
                and row["key"] not in self._missing
            ):
                self._miss("page", row["key"], row["url"], state, {"said": self._link(row)})
        for listing in self._statements.listings.values():
            for at in listing.holes:
                if (listing.key, at) not in places:
                    name = f"{listing.url}#{at}"
                    self._miss("page", name, listing.url, State("not-fetched", detail=f"debut={at}"), {})

    def _files(self) -> None:
        """Files that articles link, and what pages are made of."""
        # An archive without any file is one that was made without them.
        taken = any(row["capture"] is not None for row in self._statements.addresses(("file",)))
        for row in self._statements.addresses(("file",)) if taken else ():
            state = self._states.of(row, row["url"])
            if state is not None and state.name in OPEN and state.name != "not-in-dataset":
                self._miss("file", row["key"], row["url"], state, {"said": self._link(row)})
        counted: Counter[str] = Counter()
        for row in self._statements.addresses(("requisite",)):
            state = self._states.of(row, row["url"])
            counted[state.name if state is not None else "held"] += 1
        self._told.requisites = dict(sorted(counted.items()))

    def _warcs(self) -> None:
        archive = self._told.archive
        for name in archive.files_missing:
            self._miss("warc", name, name, State("lost"), {})
        for serial in archive.serials_missing:
            name = f"{self._collection.name}-*-{serial:05d}-*.warc.gz"
            self._miss("warc", name, name, State("lost"), {})

    def _miss(self, kind: str, key: str, url: str, state: State, more: dict[str, Any]) -> Missing:
        found = Missing(kind, state.name, url, key, since=state.since, to=state.to, detail=state.detail, **more)
        self._missing[key] = found
        return found

    # -- what it comes to ---------------------------------------------------------------------------------------------

    def _tell(self, signals: list[tuple[str, Said, dict[str, Entry]]]) -> None:
        told = self._told
        order = {kind: place for place, kind in enumerate(("warc", "article", "page", "file"))}
        told.missing = sorted(
            self._missing.values(), key=lambda thing: (order[thing.kind], thing.state, thing.date or "", thing.url)
        )
        told.published = told.held + sum(thing.kind == "article" for thing in told.missing)
        # An entry for what is held and not shown is an entry all the same.
        there = frozenset(self._redirected | self._veiled)
        counts = Counts(self._ledger, self._statements, self._held, self._missing, there)
        told.sections, told.keywords = counts.sections(), counts.keywords()
        told.signals = counts.signals(signals)
        told.years, told.months = counts.by_date(4), counts.by_date(7)
        told.contradictions = counts.contradictions
        told.numbers = counts.numbers()
        told.odd = months.odd({row.name: row.held for row in told.months}, told.at[:7])
        dates = [listing.date for listing in self._statements.listings.values()]
        told.oldest, told.newest = min(dates, default=None), max(dates, default=None)


def wanted(told: Audit) -> list[str]:
    """Keys of what may be had by asking again."""
    never = ("refused-by-robots", "refused-by-rule")
    return [thing.key for thing in told.missing if thing.kind != "warc" and thing.state not in never]
