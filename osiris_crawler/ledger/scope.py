"""How much of the site a walk covers: all of it, or sections, a span of days, with or without files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from osiris_crawler.extract.facts import Entry, Reading
from osiris_crawler.ledger.frontier import Target
from osiris_crawler.site import urls
from osiris_crawler.site.profile import Site
from osiris_crawler.site.urls import Address, Kind

# Listings first: they shift while they are read, so they are read in one go; then what they lead to.
_PRIORITIES = {
    Kind.HOME: 0,
    Kind.PLAN: 1,
    Kind.SITEMAP: 1,
    Kind.FEED: 1,
    Kind.SECTION: 2,
    Kind.KEYWORD: 3,
    Kind.ARTICLE: 4,
    Kind.BREVE: 4,
    Kind.FILE: 6,
    Kind.REQUISITE: 7,
}


def priority(kind: Kind, loops: int = 0) -> int:
    """Place in the queue; smaller goes first. A listing that has been begun is read to its end first."""
    return _PRIORITIES.get(kind, 5) - (1 if loops and kind in (Kind.SECTION, Kind.KEYWORD) else 0)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a walk is asked to cover. `since` and `until` are days as YYYY-MM-DD; in `sections` only these are entered."""

    sections: bool = False
    since: str | None = None
    until: str | None = None
    files: bool = True
    sample: int | None = None  # at most so many addresses of a kind from one page: a look around, not a walk

    @property
    def narrow(self) -> bool:
        return self.sections or self.dated

    @property
    def dated(self) -> bool:
        return bool(self.since or self.until)

    def sampled(self, targets: list[Target]) -> list[Target]:
        """Of a page's targets, those that a look around follows."""
        if self.sample is None:
            return targets
        taken: Counter[str] = Counter()
        chosen = []
        for target in targets:
            taken[target.kind] += 1
            if taken[target.kind] <= self.sample:
                chosen.append(replace(target, priority=5))
        return chosen

    def refusal(self, target: Address, *, requisite: bool) -> str | None:
        """The reason why this walk leaves out an address that the site's rules would follow."""
        if target.kind is Kind.FILE and not self.files and not requisite:
            return "no-files"
        return None

    def narrowed(self, reading: Reading, address: Address, site: Site) -> Iterator[str]:
        """In a narrow walk only listings lead on: to their pages, and to entries of the days asked for."""
        listing = reading.listing
        if listing is None:
            return
        if self.sections and address.kind is not Kind.SECTION:
            return
        if listing.kind in ("section", "keyword"):
            yield from listing.pages
        yield from (entry.url for entry in listing.entries if not self.dated or self._asked(entry))
        if not self.sections:
            # A span of days lies anywhere; the sections of a narrower walk are looked up by the spider.
            for url in reading.links:
                if urls.parse(url, site).kind is Kind.SECTION:
                    yield url

    def days(self, reading: Reading, address: Address) -> tuple[list[str], list[str]]:
        """Of a listing's entries (those whose day it does not say, those of days that are not asked for)."""
        if reading.listing is None or not self.dated or (self.sections and address.kind is not Kind.SECTION):
            return [], []
        asked = [(entry.url, self._asked(entry)) for entry in reading.listing.entries]
        return [url for url, said in asked if said is None], [url for url, said in asked if said is False]

    def _asked(self, entry: Entry) -> bool | None:
        """Whether an entry's day lies in the span; None when the listing does not say it."""
        if entry.date is None or entry.titled:
            return None
        return (self.since or "") <= entry.date <= (self.until or "9999-99-99")
