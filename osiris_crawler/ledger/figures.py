"""What a run has met, in figures that it can be held against the runs before it by: one pass of few queries.

All of it comes from what the pages said, read by today's reader and model, so it is there after a rebuild too. What only a
run knows of its moment (the cloud, the home page's links) goes into its report, and is missing for runs that have none.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from osiris_crawler.archive.clock import parse_warc_date
from osiris_crawler.ledger.beside import beside
from osiris_crawler.ledger.ledger import RETRY_STATUS, Ledger

FIELDS = ("title", "date", "body", "sources", "tags", "layout")
_RECENT = 1200  # articles that came last
_LATELY = 120  # days: older ones that are found only now say nothing of the site's present
_LATE = 60  # days: an article dated earlier was not put online when it was found, it was overlooked
_SAMPLES = 10  # addresses to look at
_SHORT = 200  # letters of a text whose length says nothing
_ASKED = 2000  # addresses that are held against robots.txt
_GONE = (404, 410)
_CLOSED = (401, 403, 407, 451)
_RETRIED = ", ".join(map(str, sorted(RETRY_STATUS)))
_CONTENT = ("article", "listing")
_FILLED = """coalesce(json_extract({0}.facts, '$.title'), '') <> '' AS {1}title, {0}.date IS NOT NULL AS {1}date,
    length(coalesce(json_extract({0}.facts, '$.body'), '')) AS {1}letters,
    json_array_length({0}.facts, '$.sources') AS {1}sources, json_array_length({0}.facts, '$.tags') AS {1}tags,
    {0}.layout AS {1}layout"""


@dataclass(frozen=True, slots=True)
class Recent:
    """An article by the day it came; `fresh`: in this run."""

    day: int
    url: str
    fresh: bool
    filled: frozenset[str]
    letters: int


@dataclass(slots=True)
class Kept:
    """Of articles read again: how many had something before, and those that have lost it."""

    had: int = 0
    lost: int = 0
    won: int = 0  # those that have it now, and had not
    pages: list[str] = field(default_factory=list)

    def count(self, url: str, *, lost: bool) -> None:
        self.had += 1
        self.lost += lost
        if lost and len(self.pages) < _SAMPLES:
            self.pages.append(url)


@dataclass(frozen=True, slots=True)
class Listing:
    """A listing's first page, and how many articles it leads to by its pagination: before, and in this walk."""

    url: str
    kind: str
    before: int
    now: int
    elsewhere: bool  # what it had is listed elsewhere now, or gone


@dataclass(slots=True)
class Figures:
    """All that the alarms of a run go by."""

    run: str
    today: int  # ordinal of the day
    first: bool = True  # no walk has come to its end before
    whole: bool = False  # a walk over all of the site, and it came to its end
    looked: bool = False  # the home page was read, and no listing is waiting
    kinds: frozenset[str] = frozenset()  # of pages read
    articles: int = 0  # known
    arrivals: list[int] = field(default_factory=list)  # days
    watched: int = 0  # days with something new since the first walk
    watching: int = 0  # days since the first walk
    newest: str | None = None
    recent: list[Recent] = field(default_factory=list)
    again: dict[str, Kept] = field(default_factory=dict)
    layouts: list[tuple[str, int, str]] = field(default_factory=list)  # never seen before: (name, pages, one of them)
    cloud: tuple[int, int] | None = None  # keywords, articles
    cloud_home: bool = False  # the home page said all of it
    sections: int | None = None
    listed: int | None = None
    home: int | None = None  # links
    listings: list[Listing] = field(default_factory=list)
    asked: int = 0  # addresses whose last answer was content
    gone: list[str] = field(default_factory=list)
    gone_of: int = 0  # articles among those asked
    turned: list[str] = field(default_factory=list)  # answer 200 with something else, or lead all to one place
    closed: list[str] = field(default_factory=list)  # answer 401, 403
    forbidden: list[str] = field(default_factory=list)  # robots.txt forbids what was fetched before

    def as_json(self) -> dict[str, Any]:
        """What later runs need of this one."""
        return {
            "kinds": sorted(self.kinds),
            "articles": self.articles,
            "new": sum(article.fresh for article in self.recent),
            "cloud": list(self.cloud) if self.cloud is not None else None,
            "cloud_home": self.cloud_home,
            "sections": self.sections,
            "listed": self.listed,
            "home": self.home,
            "asked": self.asked,
            "bad": len(self.turned) + len(self.closed),
            "gone_of": self.gone_of,
            "gone": len(self.gone),
            "kept": {name: [kept.had, kept.lost] for name, kept in self.again.items()},
        }


def gather(
    ledger: Ledger, run: str, *, complete: bool, narrow: bool, allowed: Callable[[str], bool] | None = None
) -> Figures:
    """The figures of a run that has come to its end. `complete`: nothing stopped it; `narrow`: it was to look at a part;
    `allowed` says what robots.txt lets us ask for, None where it could not be had."""
    return _Gathering(ledger, run).figures(complete=complete, narrow=narrow, allowed=allowed)


def ordinal(stamp: str) -> int:
    """The day of a WARC-Date."""
    return parse_warc_date(stamp).toordinal()


class _Gathering:
    def __init__(self, ledger: Ledger, run: str) -> None:
        self._ledger = ledger
        self._db = ledger.db
        row = self._db.query("SELECT crawl, started FROM runs WHERE run = ?", (run,)).fetchone()
        self._run, self._crawl, self._started = run, row["crawl"], row["started"]
        self._own = self._db.query(
            "SELECT run, crawl, started, ended, exit FROM runs WHERE crawl > 0 ORDER BY started, run"
        ).fetchall()

    def figures(self, *, complete: bool, narrow: bool, allowed: Callable[[str], bool] | None) -> Figures:
        found = Figures(self._run, ordinal(self._started))
        first = min((row["crawl"] for row in self._own), default=self._crawl)
        found.first = self._crawl <= first
        found.kinds = frozenset(self._kinds())
        waiting = self._db.value(
            """SELECT 1 FROM addresses WHERE crawl = ? AND status IN ('pending', 'leased', 'captured')
               AND kind NOT IN ('article', 'breve', 'file', 'requisite', 'other') LIMIT 1""",
            (self._crawl,),
        )
        found.looked = "home" in found.kinds and not narrow and waiting is None
        found.whole = complete and not narrow and not self._ledger.is_update(self._crawl)
        self._arrivals(found, first)
        self._cloud(found)
        if "home" in found.kinds:
            found.home = len(json.loads(self._ledger.get("home") or '[""]')) - 1
        if found.whole:
            found.sections = self._db.value("SELECT count(DISTINCT section) FROM nodes WHERE crawl = ?", (self._crawl,))
            found.listed = self._db.value("SELECT count(DISTINCT article) FROM entries WHERE crawl = ?", (self._crawl,))
        if not found.first:
            self._asked_again(found)
            self._read_again(found)
            self._new_layouts(found)
            found.listings = list(self._listings())
            if allowed is not None:
                found.forbidden = [url for url in self._fetched_before() if not allowed(url)]
        return found

    def _kinds(self) -> Iterator[str]:
        for row in self._db.query(
            "SELECT DISTINCT kind FROM passes WHERE crawl = ? AND date >= ?", (self._crawl, self._started)
        ):
            yield row[0]
        if self._db.value(
            """SELECT 1 FROM captures JOIN readings ON readings.capture = captures.id
               WHERE captures.date >= ? AND run = ? AND kind = 'article' LIMIT 1""",
            (self._started, self._run),
        ):
            yield "article"

    # -- what came ----------------------------------------------------------------------------------------------------

    def _arrivals(self, found: Figures, first: int) -> None:
        """The day each article came: the one on it, as far as the runs that watched bear it out."""
        watched = self._watched(first)
        rows = self._db.query(
            """SELECT ids.date AS minted, max(readings.capture) AS capture, readings.date AS day FROM ids
               LEFT JOIN readings ON readings.kind = 'article' AND readings.subject = ids.key
               GROUP BY ids.id ORDER BY ids.date, ids.id"""
        )
        came: list[tuple[int, str, int]] = []
        since = ordinal(watched[0][0]) if watched else found.today
        for row in rows:
            found.articles += 1
            day = _arrival(row["minted"], row["day"], watched)
            if day <= found.today and row["capture"] is not None:
                came.append((day, row["minted"], row["capture"]))
        came.sort()
        found.arrivals = sorted({day for day, _minted, _capture in came})
        found.watching = found.today - since
        found.watched = sum(day > since for day in found.arrivals)
        said = self._said([capture for _day, _minted, capture in came[-_RECENT:]])
        for day, minted, capture in came[-_RECENT:]:
            url, filled, letters = said[capture]
            fresh = minted >= self._started
            if not fresh or day >= found.today - _LATELY:
                found.recent.append(Recent(day, url, fresh, filled, letters))
        found.newest = found.recent[-1].url if found.recent else None

    def _watched(self, first: int) -> list[tuple[str, int | None]]:
        """(start, day of the run before it that could see the site) of every run after the first walk."""
        found: list[tuple[str, int | None]] = []
        before: int | None = None
        for row in self._own:
            if row["crawl"] > first:
                found.append((row["started"], before))
            if row["exit"] in (None, 0, 3, 7, 8, 130):
                before = ordinal(row["started"])
        return found

    def _said(self, captures: list[int]) -> dict[int, tuple[str, frozenset[str], int]]:
        rows = self._db.query(
            f"""SELECT readings.capture AS capture, url, {_FILLED.format("readings", "")} FROM readings
                JOIN captures ON captures.id = readings.capture
                WHERE readings.capture IN (SELECT value FROM json_each(?))""",  # noqa: S608
            (json.dumps(captures),),
        )
        return {row["capture"]: (row["url"], _filled(row, ""), row["letters"]) for row in rows}

    # -- what is told of pages that were there before -----------------------------------------------------------------

    def _before(self, key: str) -> Any:
        """The last answer of an address before this run that says what it is: content, or gone for good."""
        return self._db.query(
            """SELECT status, kind, content FROM captures JOIN runs ON runs.run = captures.run
               JOIN readings ON readings.capture = captures.id
               WHERE key = ? AND captures.date < ? AND truncated IS NULL AND runs.crawl > 0
                 AND (kind IN ('article', 'listing', 'soft404') OR status IN (404, 410))
               ORDER BY captures.date DESC LIMIT 1""",
            (key, self._started),
        ).fetchone()

    def _answers(self) -> list[Any]:
        """The last final answers of this run, one an address."""
        return self._db.query(
            f"""SELECT captures.key AS key, url, max(captures.id) AS id, status, target, kind, content FROM captures
                LEFT JOIN readings ON readings.capture = captures.id
                WHERE captures.date >= ? AND run = ? AND truncated IS NULL AND status NOT IN ({_RETRIED})
                GROUP BY captures.key""",  # noqa: S608
            (self._started, self._run),
        ).fetchall()

    def _asked_again(self, found: Figures) -> None:
        """Addresses that gave content the last time, and what they give now."""
        places: Counter[str] = Counter()
        texts: Counter[str] = Counter()
        moved: list[tuple[str, str | None, str | None]] = []
        for row in self._answers():
            before = self._before(row["key"])
            if before is None or before["kind"] not in _CONTENT:
                continue
            found.asked += 1
            found.gone_of += before["kind"] == "article"
            if row["status"] in _GONE or row["kind"] == "soft404":
                if before["kind"] == "article":
                    found.gone.append(row["url"])
            elif row["status"] in _CLOSED:
                found.closed.append(row["url"])
            elif row["target"] is not None:
                places[row["target"]] += 1
                moved.append((row["url"], row["target"], None))
            elif row["kind"] not in _CONTENT:
                found.turned.append(row["url"])
            elif row["content"] is not None and row["content"] != before["content"]:
                texts[row["content"]] += 1
                moved.append((row["url"], None, row["content"]))
        for url, target, content in moved:
            # Many that lead to one place, or have become one text, are no articles any more.
            if places[target or ""] >= 3 or texts[content or ""] >= 3:
                found.turned.append(url)

    def _read_again(self, found: Figures) -> None:
        """Articles that were read before: what has been lost of them."""
        found.again = {name: Kept() for name in (*FIELDS, "letters")}
        rows = self._db.query(
            f"""SELECT captures.url AS url, {_FILLED.format("now", "now_")}, {_FILLED.format("old", "old_")}
                FROM captures JOIN readings AS now ON now.capture = captures.id
                JOIN readings AS old ON old.capture = (
                    SELECT said.capture FROM readings AS said JOIN captures AS past ON past.id = said.capture
                    JOIN runs ON runs.run = past.run
                    WHERE said.kind = 'article' AND said.subject = now.subject AND past.date < :started AND runs.crawl > 0
                    ORDER BY past.date DESC LIMIT 1)
                WHERE captures.date >= :started AND captures.run = :run AND now.kind = 'article'""",  # noqa: S608
            {"started": self._started, "run": self._run},
        )
        for row in rows:
            now, old = _filled(row, "now_"), _filled(row, "old_")
            for name in old:
                found.again[name].count(row["url"], lost=name not in now)
            for name in now - old:
                found.again[name].won += 1
            letters, before = row["now_letters"], row["old_letters"]
            if before >= _SHORT and letters:
                found.again["letters"].count(row["url"], lost=not before / 2 <= letters <= before * 2)

    def _new_layouts(self, found: Figures) -> None:
        layouts = self._ledger.layouts()
        if not any(layout["layout"] is not None and layout["first"] < self._started for layout in layouts):
            return  # there was no model before
        for layout in layouts:
            if layout["layout"] is not None and layout["first"] >= self._started:
                page = self._db.value(
                    """SELECT url FROM readings JOIN captures ON captures.id = readings.capture
                       WHERE kind = 'article' AND layout = ? ORDER BY captures.date LIMIT 1""",
                    (layout["layout"],),
                )
                found.layouts.append((layout["layout"], layout["pages"], page))

    # -- what the site says of itself ---------------------------------------------------------------------------------

    def _cloud(self, found: Figures) -> None:
        """The keywords that this run's pages named. Where a dead run had to be taken in they may stand under its dates."""
        row = self._db.query("SELECT count(*), coalesce(sum(total), 0) FROM cloud WHERE date >= ?", (self._started,))
        keywords, total = row.fetchone()
        earlier = [row for row in self._own if row["started"] < self._started]
        if keywords or (earlier and earlier[-1]["ended"] is not None):
            found.cloud = keywords, total
        home = self._db.value(
            "SELECT max(date) FROM passes WHERE kind = 'home' AND crawl = ? AND date >= ?", (self._crawl, self._started)
        )
        other = "SELECT 1 FROM cloud WHERE date >= ? AND date <> ? LIMIT 1"
        found.cloud_home = home is not None and self._db.value(other, (self._started, home)) is None

    def _listings(self) -> Iterator[Listing]:
        chrome = json.dumps(sorted(beside(self._ledger)))
        size = """SELECT coalesce(max(passes.last), 0) + count(DISTINCT article) FROM passes
                  LEFT JOIN entries ON entries.listing = passes.listing AND entries.crawl = passes.crawl
                       AND entries.offset = 0 AND place NOT IN (SELECT value FROM json_each(:chrome))
                  WHERE passes.listing = :listing AND passes.crawl = :crawl AND passes.offset = 0"""
        for row in self._db.query(
            """SELECT listing, passes.kind AS kind, url FROM passes JOIN addresses ON addresses.key = listing
               WHERE passes.crawl = ? AND offset = 0 AND passes.kind IN ('section', 'keyword') AND date >= ?""",
            (self._crawl, self._started),
        ).fetchall():
            then = self._db.value(
                """SELECT max(passes.crawl) FROM passes JOIN entries ON entries.listing = passes.listing
                       AND entries.crawl = passes.crawl AND entries.offset = 0
                   WHERE passes.listing = ? AND passes.crawl BETWEEN 1 AND ? AND passes.offset = 0
                     AND place NOT IN (SELECT value FROM json_each(?))""",
                (row["listing"], self._crawl - 1, chrome),
            )
            if then is None:
                continue
            here = {"listing": row["listing"], "chrome": chrome}
            before = int(self._db.value(size, {**here, "crawl": then}))
            now = int(self._db.value(size, {**here, "crawl": self._crawl}))
            elsewhere = now < before and self._are_elsewhere(row["listing"], row["kind"], then)
            yield Listing(row["url"], row["kind"], before, now, elsewhere)

    def _are_elsewhere(self, listing: str, kind: str, then: int) -> bool:
        """Whether what a listing had at its head is for the most part listed by another now, or gone."""
        rows = self._db.query(
            """SELECT EXISTS (SELECT 1 FROM entries AS other WHERE other.article = entries.article
                              AND other.listing <> entries.listing AND other.crawl = :now
                              AND other.listing IN (SELECT listing FROM passes WHERE kind = :kind))
                   OR EXISTS (SELECT 1 FROM addresses JOIN captures ON captures.id = addresses.capture
                              LEFT JOIN readings ON readings.capture = captures.id
                              WHERE addresses.key = entries.article
                              AND (captures.status IN (404, 410) OR readings.kind = 'soft404'))
               FROM entries WHERE listing = :listing AND crawl = :then AND offset = 0""",
            {"listing": listing, "kind": kind, "now": self._crawl, "then": then},
        ).fetchall()
        return bool(2 * sum(row[0] for row in rows) > len(rows))

    def _fetched_before(self) -> Iterator[str]:
        """Pages that earlier runs of our own fetched: all listings, and articles by a stride."""
        rows = self._db.query(
            """SELECT addresses.kind AS kind, addresses.url AS url FROM addresses
               JOIN captures ON captures.key = addresses.key JOIN runs ON runs.run = captures.run
               WHERE captures.status = 200 AND captures.date < ? AND runs.crawl > 0
                 AND addresses.kind NOT IN ('requisite', 'file', 'other')
               GROUP BY addresses.id ORDER BY addresses.kind IN ('article', 'breve'), addresses.id""",
            (self._started,),
        ).fetchall()
        articles = [row["url"] for row in rows if row["kind"] in ("article", "breve")]
        others = [row["url"] for row in rows if row["kind"] not in ("article", "breve")][:_ASKED]
        yield from others
        yield from articles[:: max(len(articles) // _ASKED, 1)]


def _filled(row: Any, prefix: str) -> frozenset[str]:
    """The fields of a reading that have something in them."""
    return frozenset(name for name in FIELDS if row[prefix + ("letters" if name == "body" else name)])


def _arrival(minted: str, day: str | None, watched: list[tuple[str, int | None]]) -> int:
    """The day an article came. What is dated before the last look at the site, and was not there then, came after it; what
    is dated in the future is there already; what is much older was overlooked, or an old text was put online."""
    found = ordinal(minted)
    said = _day(day)
    if said is None or said >= found:
        return found
    place = bisect_right(watched, minted, key=lambda look: look[0])
    looked = watched[place - 1][1] if place else None
    if looked is not None and looked - _LATE <= said <= looked:
        return min(looked + 1, found)
    return said


def _day(text: str | None) -> int | None:
    try:
        return date.fromisoformat(text or "").toordinal()
    except ValueError:
        return None
