"""Expected and held, by section, keyword, year and month, and the contradictions that show in doing so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from osiris_crawler.audit.holdings import Held, Holdings
from osiris_crawler.audit.model import Contradiction, Missing, Row, Said
from osiris_crawler.audit.statements import Listing, Statements
from osiris_crawler.dataset.sections import Sections
from osiris_crawler.extract.facts import Entry
from osiris_crawler.extract.landmarks import folded
from osiris_crawler.ledger.ledger import Ledger


class Counts:
    """Rows of figures; `contradictions` fills while they are made."""

    def __init__(
        self,
        ledger: Ledger,
        statements: Statements,
        holdings: Holdings,
        missing: Mapping[str, Missing],
        redirected: frozenset[str],
    ) -> None:
        self._ledger, self._statements = ledger, statements
        self._held, self._missing, self._redirected = holdings, missing, redirected
        self._present = [held for held in holdings.articles if held.withdrawn is None]
        listed = {key for listing in statements.listings.values() for key in listing.entries}
        self._unplaced = sum(thing.kind == "article" and key not in listed for key, thing in missing.items())
        self.contradictions: list[Contradiction] = []

    def sections(self) -> list[Row]:
        """Every section that lists articles, in the order of the tree."""
        tree = Sections(self._ledger)
        own: dict[tuple[str, ...], list[Held]] = {}
        for held in self._present:
            own.setdefault(held.section, []).append(held)
        rows = []
        for listing in self._statements.listings.values():
            path = tuple(tree.path(listing.key)) or (listing.title,)
            if listing.kind == "section" and (listing.entries or listing.last):
                rows.append(self._row(" > ".join(path), listing, own.get(path, [])))
        return sorted(rows, key=lambda row: row.name)

    def keywords(self) -> list[Row]:
        """Every keyword, by the cloud and by its listing."""
        cloud = {folded(word): (word, *told) for word, told in self._statements.cloud().items()}
        listings = {folded(one.title): one for one in self._statements.listings.values() if one.kind == "keyword"}
        tagged: dict[str, list[Held]] = {}
        for held in self._present:
            for tag in held.tags:
                tagged.setdefault(folded(tag), []).append(held)
        rows = []
        for word in sorted({*cloud, *listings}):
            listing = listings.get(word)
            name, total, date = cloud.get(word) or (listing.title if listing else word, None, None)
            mine = tagged.get(word, [])
            row = self._row(name, listing, mine) if listing is not None else Row(name, 0, len(mine), 0, 0)
            if total is not None:
                said = self._statements.at("cloud", date or "")
                row = self._counted(row, total, said, listing, mine)
            rows.append(row)
        return rows

    def _row(self, name: str, listing: Listing, own: list[Held]) -> Row:
        """A listing beside what is held of it: what it lists, and what says of itself that it belongs there."""
        found = {key: self._held.by_key.get(key) for key in listing.entries}
        listed = {held.id for held in found.values() if held is not None and held.withdrawn is None}
        missing = sum(self._is_missing(key) for key in found)
        # An entry whose address is another article's, or redirects, is an entry all the same.
        there = sum(
            key in self._redirected if held is None else held.withdrawn is None and not self._is_missing(key)
            for key, held in found.items()
        )
        extra = [held for held in own if held.id not in listed]
        # What came since any page of it was read may stand there by now.
        surplus = sum(held.first_seen <= listing.oldest for held in extra) if listing.whole else 0
        least, most = listing.stated
        if listing.twice:
            said = self._statements.said("listing", listing.key, listing.date)
            self._contradict(name, "listed-twice", least, least - listing.twice, [said])
        if listing.whole and listing.on_last is None:
            least = most = there + missing
        elif listing.whole:
            # What was withdrawn since it was read is expected no longer.
            gone = sum(held is not None and (held.withdrawn or "") > listing.date for held in found.values())
            least = most = least - gone
        said = self._statements.said("listing", listing.key, listing.date)
        return Row(
            name, least, there + len(extra), missing, surplus, most if most != least else None, listing.whole, said
        )

    def _is_missing(self, key: str) -> bool:
        """Whether what an address stands for is missing: itself, or the article that it is another address of."""
        held = self._held.by_key.get(key)
        return key in self._missing or (held is not None and held.key in self._missing)

    def _counted(self, row: Row, total: int, said: Said | None, listing: Listing | None, mine: list[Held]) -> Row:
        """A keyword by the cloud's figure; where its own listing, read whole, has another, the site contradicts itself."""
        whole = listing is not None and listing.whole
        here = row.held + row.missing
        # What is missing and in no listing may be what is counted here.
        explained = row.expected < total <= row.expected + self._unplaced
        if whole and listing is not None and total not in (here, row.expected) and not explained:
            words = [word for word in (said, row.said) if word is not None]
            state = "counted-not-listed" if total > row.expected else "listed-not-counted"
            self._contradict(row.name, state, total, row.expected, words)
        surplus = max(here - total, 0)
        return Row(row.name, total, row.held, row.missing, surplus, None, whole, said or row.said)

    def _contradict(self, about: str, state: str, first: int, second: int, said: list[Said]) -> None:
        self.contradictions.append(Contradiction(about, state, first, second, said))

    def signals(self, told: list[tuple[str, Said, dict[str, Entry]]]) -> list[Row]:
        """Sitemaps and feeds: how many of the articles that they name are held."""
        rows = []
        for _kind, said, entries in told:
            held = {one.id for key in entries if (one := self._held.by_key.get(key)) is not None}
            missing = sum(self._is_missing(key) for key in entries)
            held -= {
                one.id for key in entries if self._is_missing(key) and (one := self._held.by_key.get(key)) is not None
            }
            rows.append(Row(said.url, len(held) + missing, len(held), missing, 0, said=said))
        return rows

    def by_date(self, letters: int) -> list[Row]:
        """Years (4 letters of a date) or months (7), by the day on the page, or the one that the listing shows."""
        present = Counter((one.date or "")[:letters] for one in self._present if one.key not in self._missing)
        gone = Counter((one.date or "")[:letters] for one in self._held.articles if one.withdrawn is not None)
        missing: Counter[str] = Counter()
        for key, thing in self._missing.items():
            if thing.kind == "article":
                held = self._held.by_key.get(key)
                missing[((held.date if held is not None else thing.date) or "")[:letters]] += 1
        return [
            Row(name, present[name] + missing[name], present[name], missing[name], gone[name])
            for name in sorted({*present, *missing})
        ]

    def numbers(self) -> dict[str, int] | None:
        """SPIP's numbers: the highest, how many are held, and how many nothing names. These are no gaps: SPIP numbers
        drafts and refused articles too."""
        rows = self._ledger.db.query(
            "SELECT DISTINCT number FROM ids WHERE number IS NOT NULL AND id NOT LIKE 'breve%'"
        )
        held = {row["number"] for row in rows}
        if not held:
            return None
        return {"highest": max(held), "held": len(held), "unnamed": max(held) - len(held)}
