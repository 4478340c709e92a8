"""What an update goes by: what was known before it, and which old pages are due to be read again."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from osiris_crawler.archive.clock import parse_warc_date
from osiris_crawler.extract.landmarks import folded
from osiris_crawler.ledger.frontier import Target
from osiris_crawler.ledger.ledger import Ledger
from osiris_crawler.ledger.scope import priority
from osiris_crawler.site import urls
from osiris_crawler.site.profile import Site

_DAY = 86_400.0
_LEAST, _MOST = 3600.0, 30 * _DAY  # seconds between two runs, as far as the share of a run goes by it
_LISTINGS = ("section", "keyword")
_GONE = (404, 410)


@dataclass(frozen=True, slots=True)
class Listed:
    """A listing: the address of its first page, and the articles that it listed before."""

    key: str
    url: str
    title: str


class Checks:
    """Questions to the ledger; none of them changes it."""

    def __init__(self, ledger: Ledger, site: Site) -> None:
        self._ledger = ledger
        self._db = ledger.db
        self._site = site

    # -- what was known -----------------------------------------------------------------------------------------------

    def cloud(self) -> dict[str, int]:
        """Keyword → articles with it, as the site said last."""
        return {row["keyword"]: row["total"] for row in self._db.query("SELECT keyword, total FROM cloud")}

    def is_article(self, key: str) -> bool:
        """Whether an article has been read at this address."""
        return self._db.value("SELECT 1 FROM readings WHERE kind = 'article' AND subject = ?", (key,)) is not None

    def signal(self, kind: str, said: str | None = None) -> Target | None:
        """The one feed, sitemap or plan that answered and was read as `said`: of several the first that was met."""
        row = self._db.query(
            """SELECT addresses.key, addresses.url FROM addresses JOIN readings ON readings.capture = addresses.capture
               WHERE addresses.kind = ? AND readings.kind = ? ORDER BY addresses.id LIMIT 1""",
            (kind, said or kind),
        ).fetchone()
        return None if row is None else Target(row["key"], row["url"], kind, 0)

    def keywords(self) -> dict[str, Listed]:
        """Title of a keyword, folded → its listing."""
        rows = self._db.query(
            """SELECT listing, title, max(passes.date), url FROM passes JOIN addresses ON addresses.key = listing
               WHERE passes.kind = 'keyword' GROUP BY listing"""
        )
        return {folded(row["title"]): Listed(row["listing"], row["url"], row["title"]) for row in rows}

    def live_sections(self, most: int) -> list[Listed]:
        """Sections whose listings have the newest articles, the newest first."""
        rows = self._db.query(
            """SELECT listing, url, max(day) AS day FROM
                   (SELECT entries.listing AS listing, readings.date AS day FROM entries
                    JOIN readings ON readings.subject = entries.article AND readings.kind = 'article'
                    WHERE entries.listing IN (SELECT listing FROM passes WHERE kind = 'section')
                    ORDER BY readings.date DESC LIMIT 400)
               JOIN addresses ON addresses.key = listing GROUP BY listing ORDER BY day DESC, listing DESC LIMIT ?""",
            (most,),
        )
        return [Listed(row["listing"], row["url"], "") for row in rows]

    def listed(self, listing: str, before: int) -> set[str]:
        """Articles that a listing has had in walks before this one."""
        rows = self._db.query("SELECT DISTINCT article FROM entries WHERE listing = ? AND crawl < ?", (listing, before))
        return {row["article"] for row in rows}

    def capture_before(self, key: str, row: int) -> tuple[str, int] | None:
        """(file, offset) of an address's last whole answer before a capture."""
        found = self._db.query(
            """SELECT name, offset FROM captures JOIN files ON files.id = file
               WHERE key = ? AND captures.id <> ? AND status = 200 AND truncated IS NULL AND original IS NULL
               ORDER BY date DESC LIMIT 1""",
            (key, row),
        ).fetchone()
        return None if found is None else (found["name"], found["offset"])

    # -- what is due --------------------------------------------------------------------------------------------------

    def doubtful(self) -> list[Target]:
        """Articles that were gone at the last visit and not yet at the one before: two are needed for `withdrawn`."""
        rows = self._db.query(
            """SELECT addresses.key, addresses.url, addresses.kind FROM addresses
               JOIN captures ON captures.id = addresses.capture JOIN readings ON readings.capture = captures.id
               WHERE (captures.status IN (404, 410) OR readings.kind = 'soft404')
                 AND EXISTS (SELECT 1 FROM readings AS old WHERE old.kind = 'article' AND old.subject = addresses.key)
                 AND NOT EXISTS (
                     SELECT 1 FROM captures AS other JOIN readings AS said ON said.capture = other.id
                     WHERE other.key = addresses.key AND other.run <> captures.run
                       AND (other.status IN (404, 410) OR said.kind = 'soft404')
                       AND other.date > (SELECT max(good.date) FROM captures AS good JOIN readings AS fine
                                         ON fine.capture = good.id
                                         WHERE good.key = addresses.key AND fine.kind = 'article'))"""
        )
        return [self._target(row["key"], row["url"]) for row in rows]

    def articles(self) -> int:
        """Articles that were ever read."""
        return int(self._db.value("SELECT count(DISTINCT subject) FROM readings WHERE kind = 'article'") or 0)

    def share(self, now: float, period: float) -> int:
        """Articles to be read again in a run, so that each is once in `period` seconds, at the pace of the last runs."""
        articles = self.articles()
        starts = [
            parse_warc_date(row[0]).timestamp()
            for row in self._db.query(
                "SELECT started FROM runs WHERE crawl > 0 AND started IS NOT NULL ORDER BY started DESC LIMIT 5"
            )
        ]
        gaps = [a - b for a, b in zip([now, *starts], starts, strict=False) if a - b >= _LEAST / 2]
        pace = min(max(sum(gaps) / len(gaps) if gaps else _DAY, _LEAST), _MOST)
        return math.ceil(articles * min(pace / period, 1.0))

    def articles_due(self, number: int | None, now: float, period: float) -> list[Target]:
        """Articles to be read again, `number` at most (None: all). What is overdue comes first, then what has changed before
        and what was not looked at for long."""
        rows = self._db.query(
            """SELECT subject, count(DISTINCT content) AS versions, captures.key, captures.url, max(captures.date),
                      (SELECT max(date) FROM captures AS any WHERE any.key = captures.key) AS looked
               FROM readings JOIN captures ON captures.id = readings.capture
               WHERE readings.kind = 'article' GROUP BY subject"""
        ).fetchall()

        def urgency(row: Any) -> tuple[bool, float, str]:
            age = max(now - parse_warc_date(row["looked"]).timestamp(), 0.0)
            overdue = age >= period
            return overdue, age if overdue else age * min(row["versions"], 4), row["subject"]

        rows.sort(key=urgency, reverse=True)
        return [self._target(row["key"], row["url"]) for row in (rows if number is None else rows[:number])]

    def listings_due(self, number: int | None) -> list[Target]:
        """Pages of listings to be read again, those first that were not looked at for longest."""
        rows = self._db.query(
            """SELECT addresses.key, addresses.url FROM addresses JOIN captures ON captures.id = addresses.capture
               WHERE addresses.kind IN (SELECT value FROM json_each(?)) AND captures.status = 200
               ORDER BY captures.date, addresses.id LIMIT ?""",
            (json.dumps(_LISTINGS), -1 if number is None else number),
        )
        return [self._target(row["key"], row["url"]) for row in rows]

    def pages_of_listings(self) -> int:
        return int(
            self._db.value(
                """SELECT count(*) FROM addresses JOIN captures ON captures.id = addresses.capture
                   WHERE addresses.kind IN (SELECT value FROM json_each(?)) AND captures.status = 200""",
                (json.dumps(_LISTINGS),),
            )
            or 0
        )

    def targets(self, keys: Iterable[str]) -> list[Target]:
        """Known addresses by their keys."""
        rows = self._db.query(
            "SELECT key, url FROM addresses WHERE key IN (SELECT value FROM json_each(?))", (json.dumps(list(keys)),)
        )
        return [self._target(row["key"], row["url"]) for row in rows]

    def _target(self, key: str, url: str) -> Target:
        address = urls.parse(url, self._site)
        return Target(key, url, address.kind, priority(address.kind, address.loops))
