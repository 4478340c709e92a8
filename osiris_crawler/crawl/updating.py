"""What an update asks for, at the least cost to the site.

SPIP never says that a page is unchanged (SITE, section 3): change is told from content, by cheap signals first.

home page, one feed, one sitemap → addresses that are unknown (the frontier adds these by itself)
                                 → keywords whose counter moved more than the new articles explain: their listings
                                 → articles that the sitemap no longer names, or that were gone at the last visit
                                 → sections: for new articles that say none, and when all that the feed has is new
                                 → old articles and listings by turns

Each round is asked for when the one before has been read; a page of a listing leads on until known ground.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from osiris_crawler.archive import files
from osiris_crawler.archive.http import parse_response
from osiris_crawler.archive.reader import Unreadable, read_at
from osiris_crawler.extract.feed import read_xml
from osiris_crawler.extract.landmarks import folded
from osiris_crawler.ledger.beside import beside
from osiris_crawler.ledger.checks import Checks
from osiris_crawler.ledger.frontier import Target
from osiris_crawler.ledger.intake import decoded
from osiris_crawler.ledger.scope import priority
from osiris_crawler.site import urls
from osiris_crawler.site.urls import Kind

if TYPE_CHECKING:
    from osiris_crawler.crawl.run import Run
    from osiris_crawler.ledger.page import Page

log = logging.getLogger(__name__)

_MOVED = "update.moved"  # keywords whose counter moved, kept until their listings have been looked at
_DOUBTFUL = "update.doubtful"  # articles that an audit found reason to look at, kept for the update that does
SIGNALS = (Kind.HOME, Kind.PLAN, Kind.FEED, Kind.SITEMAP)
_PAGES = 12  # of one listing in one update
_SECTIONS = 12  # looked at for new articles that say no section themselves
_AT_ONCE = 3  # of them in a round
_COVERS = 0.9  # addresses in a sitemap, to the articles that are known, from which on it names all that is new
_VANISHED = 0.2  # share of a sitemap that may go at once; more is a sitemap that is made otherwise now


@dataclass(slots=True)
class _Walk:
    """A listing that is being looked through: for entries that are new, or whole for those that are gone."""

    before: set[str]
    need: int  # entries that its counter says are new; negative: gone
    found: set[str] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)
    pages: set[int] = field(default_factory=set)


class Updater:
    """The plan of one update; it holds what this run has found, a few bytes a new article.

    With `signals_only` the cheap signals are looked at and nothing else: what they tell is kept for the next update.
    `wanted`: keys that are asked for besides.
    """

    def __init__(self, run: Run, *, signals_only: bool = False, wanted: Sequence[str] = ()) -> None:
        self._run = run
        self._signals_only, self._wanted = signals_only, wanted
        self._checks = Checks(run.ledger, run.site)
        self._cloud = self._checks.cloud()
        self._beside = beside(run.ledger)
        self._new: dict[str, tuple[bool, list[str]]] = {}  # new article → whether it says its section, its keywords
        self._fresh_sections = False
        self._overflow = False  # all that the feed has is new: there may be more
        self._covered = False  # by a sitemap that names nearly all articles
        self._signals: set[str] = set()
        self._walks: dict[str, _Walk] = {}
        self._sections: list[Target] | None = None
        self._rounds = [self._moved, self._gone, self._sectionless, self._old]
        self._at = 0
        self._rechecked = 0
        self._doubtful: list[Target] = []
        self._asked_for: set[str] = set()
        self._late: list[Target] = []

    def first(self) -> list[Target]:
        """The cheap signals."""
        home = urls.parse(self._run.site.start_url, self._run.site)
        found = [Target(home.key, home.url, home.kind, 0)]
        signals = [self._checks.signal(Kind.FEED), self._checks.signal(Kind.SITEMAP)]
        if self._signals_only:
            signals.append(self._checks.signal(Kind.PLAN, "listing"))
        found += [known for known in signals if known is not None]
        kept = json.loads(self._run.ledger.get(_DOUBTFUL) or "[]")
        self._doubtful = [*self._checks.doubtful(), *self._checks.targets(kept)]
        return [*found, *self._checks.targets(self._wanted)]

    # -- while pages come in ------------------------------------------------------------------------------------------

    def mind(self, page: Page) -> None:
        """Look at a page before the ledger takes it in."""
        reading = page.reading
        if reading.cloud:
            self._mind_cloud(reading.cloud)
        if reading.kind == "article":
            if not self._checks.is_article(page.subject) and page.subject not in self._new:
                tags = reading.article.tags if reading.article is not None else []
                self._new[page.subject] = (page.section is not None, [folded(tag) for tag in tags])
        elif reading.kind in ("feed", "sitemap") and reading.listing is not None:
            self._signals.add(reading.kind)
            named = {urls.parse(entry.url, self._run.site).key: entry.said for entry in reading.listing.entries}
            before = self._named_before(page)
            if reading.kind == "feed":
                self._overflow = bool(named) and not any(map(self._checks.is_article, named))
                self._mind_feed(named, before)
            else:
                self._mind_sitemap(set(named), set(before))
        elif reading.listing is not None and reading.listing.kind == "section" and page.subject not in self._walks:
            self._fresh_sections |= not self._checks.listed(page.subject, page.crawl)
        walk = self._walks.get(page.subject)
        if walk is not None and reading.listing is not None:
            self._mind_walk(page, walk)

    def _mind_cloud(self, cloud: dict[str, int]) -> None:
        """Counters that moved; what the new articles explain is told when these have been read."""
        if not self._cloud:
            self._cloud = dict(cloud)  # the first cloud ever seen says nothing of change
            return
        moved = {
            word: total - self._cloud.get(word, 0) for word, total in cloud.items() if total != self._cloud.get(word, 0)
        }
        if moved:
            self._cloud = {**self._cloud, **cloud}
            known = json.loads(self._run.ledger.get(_MOVED) or "{}")
            for word, change in moved.items():
                known[word] = known.get(word, 0) + change
            self._run.ledger.put(_MOVED, json.dumps(known, ensure_ascii=False))

    def _named_before(self, page: Page) -> dict[str, str]:
        """What the feed or sitemap said last: key → digest of what it said of it."""
        place = self._checks.capture_before(page.key, page.capture)
        if place is None:
            return {}
        try:
            record = read_at(files.existing(self._run.collection.archive, place[0]), place[1])
            found = read_xml(decoded(parse_response(record.block)))
        except (OSError, Unreadable, ValueError) as problem:
            log.warning("what %s said before can't be read: %s", page.url, problem)
            return {}
        entries = found[1].entries if found is not None else []
        return {urls.parse(entry.url, self._run.site).key: entry.said for entry in entries}

    def _mind_feed(self, named: dict[str, str], before: dict[str, str]) -> None:
        """Articles of which the feed says something else than before."""
        edited = [key for key, said in named.items() if key in before and before[key] != said]
        self._doubtful += [target for target in self._checks.targets(edited) if self._checks.is_article(target.key)]

    def _mind_sitemap(self, named: set[str], before: set[str]) -> None:
        """Articles that the sitemap before named and this one does not."""
        self._covered = len(named) >= _COVERS * self._checks.articles()
        gone = before - named
        if len(gone) <= max(_VANISHED * len(before), 1):
            self._doubtful += [t for t in self._checks.targets(gone) if self._checks.is_article(t.key)]

    def _mind_walk(self, page: Page, walk: _Walk) -> None:
        """Go on with a listing until its counter is explained, or until a page is known from end to end."""
        listing = page.reading.listing
        assert listing is not None
        entries = {article for article, place in page.entries if place not in self._beside}
        walk.pages.add(listing.offset)
        walk.seen |= entries
        fresh = entries - walk.before
        walk.found |= fresh
        more = len(walk.found) < walk.need if walk.need > 0 else True
        if walk.need >= 0 and not fresh:
            more = False
        after = sorted(
            (urls.parse(url, self._run.site).offset, url)
            for url in listing.pages
            if urls.parse(url, self._run.site).offset > listing.offset
        )
        if more and after and len(walk.pages) < _PAGES:
            self._late.append(self._target(after[0][1]))
        elif walk.need < 0 and not after:
            self._doubtful += self._checks.targets(
                article for article in walk.before - walk.seen if self._checks.is_article(article)
            )

    # -- rounds -------------------------------------------------------------------------------------------------------

    def following(self) -> list[Target]:
        """The next addresses, once all that was asked for has been read; [] when there is nothing more."""
        if self._signals_only:
            keys = sorted({target.key for target in self._doubtful})
            self._run.ledger.put(_DOUBTFUL, json.dumps(keys))
            return []
        while True:
            late, self._late = self._late, []
            fresh = [target for target in late if target.key not in self._asked_for]
            if fresh:
                return self._ask(fresh)
            if self._at == len(self._rounds):
                return []
            targets = [target for target in self._rounds[self._at]() if target.key not in self._asked_for]
            if targets:
                return self._ask(targets)
            self._at += 1

    def _ask(self, targets: list[Target]) -> list[Target]:
        unique = list({target.key: target for target in targets}.values())
        self._asked_for |= {target.key for target in unique}
        return unique

    def _moved(self) -> list[Target]:
        """Listings of keywords whose counter the new articles do not explain."""
        moved: dict[str, int] = json.loads(self._run.ledger.get(_MOVED) or "{}")
        if not moved:
            return []
        said: dict[str, int] = {}
        for _section, tags in self._new.values():
            for tag in tags:
                said[tag] = said.get(tag, 0) + 1
        listings = self._checks.keywords()
        targets = []
        for word, change in moved.items():
            listing = listings.get(folded(word))
            if change == said.get(folded(word), 0) or listing is None:  # a new keyword is asked for as unknown
                continue
            self._walks[listing.key] = _Walk(self._checks.listed(listing.key, self._run.crawl), change)
            targets.append(self._target(listing.url))
        self._run.ledger.put(_MOVED, "{}")
        return targets

    def _gone(self) -> list[Target]:
        found, self._doubtful = self._doubtful, []
        self._run.ledger.put(_DOUBTFUL, "[]")
        return found

    def _sectionless(self) -> list[Target]:
        """The listings with the newest articles: for new ones that name no section, or when the signals overflow."""
        if self._sections is None:
            self._sections = [self._target(section.url) for section in self._checks.live_sections(_SECTIONS)]
            if self._fresh_sections:  # a section that is new: the tree may have moved with the year
                self._sections = [self._target(section.url) for section in self._checks.live_sections(_AT_ONCE)]
        lost = [key for key, (placed, _tags) in self._new.items() if not placed and not self._is_listed(key)]
        overflow = self._overflow and not self._covered
        if not (lost or overflow or self._fresh_sections):
            return []
        self._fresh_sections = False
        chosen, self._sections = self._sections[:_AT_ONCE], self._sections[_AT_ONCE:]
        for target in chosen:
            self._walks.setdefault(target.key, _Walk(self._checks.listed(target.key, self._run.crawl), 0))
        return chosen

    def _is_listed(self, article: str) -> bool:
        row = self._run.ledger.db.value(
            """SELECT 1 FROM entries WHERE article = ?
               AND listing IN (SELECT listing FROM passes WHERE kind = 'section')""",
            (article,),
        )
        return row is not None

    def _old(self) -> list[Target]:
        """Old articles, and pages of listings in the same share; once."""
        self._at = len(self._rounds)
        number = self._run.settings.recheck
        period = self._run.settings.recheck_period
        now = time.time()
        if number == "all":
            targets = self._checks.articles_due(None, now, period) + self._checks.listings_due(None)
        else:
            wanted = self._checks.share(now, period) if number is None else int(number)
            whole = self._checks.articles()
            pages = -(-wanted * self._checks.pages_of_listings() // max(whole, 1))
            targets = self._checks.articles_due(wanted, now, period) + self._checks.listings_due(pages)
        fresh = [target for target in targets if target.key not in self._asked_for]
        self._rechecked = len(fresh)
        return fresh

    def _target(self, url: str) -> Target:
        address = urls.parse(url, self._run.site)
        return Target(address.key, address.url, address.kind, priority(address.kind, address.loops))

    # -- what it came to ----------------------------------------------------------------------------------------------

    def as_json(self) -> dict[str, Any]:
        """For report.json."""
        return {
            "signals": sorted({"home", *self._signals}),
            "new": len(self._new),
            "listings": len(self._walks),
            "rechecked": self._rechecked,
            "period_days": round(self._run.settings.recheck_period / 86400, 2),
        }
