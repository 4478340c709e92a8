"""The state of an address that no article is held of: what the site answered, or why it was not asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from osiris_crawler.audit.statements import Statements
from osiris_crawler.site import urls
from osiris_crawler.site.profile import Site
from osiris_crawler.site.robots import AGENT, Robots

_GONE = (404, 410)
_LONGEST_CHAIN = 10  # redirects that are followed to say where one leads


@dataclass(frozen=True, slots=True)
class State:
    """`name` is one of model.OPEN or model.ANSWERED."""

    name: str
    since: str | None = None
    to: str | None = None
    detail: str | None = None


class States:
    """Tells states. `lost`: rows of captures that are not in the archive any more."""

    def __init__(self, statements: Statements, site: Site, lost: frozenset[int]) -> None:
        self._statements, self._site, self._lost = statements, site, lost
        self._robots: dict[str, Robots | None] = {}

    def of(self, row: Any | None, url: str) -> State | None:
        """The state of an address by its row, None for what holds a page that is no article's."""
        if row is None:
            return self._unasked(url)
        if row["state"] == "refused":
            return State("refused-by-robots", detail=row["problem"])
        waiting = row["state"] in ("pending", "leased")
        if row["state"] == "failed" or (waiting and row["attempts"] and row["capture"] is None):
            return State("failing", since=row["since"], detail=row["problem"])
        # What waits to be asked again is held as it was answered last.
        if not (row["state"] == "read" or waiting) or row["capture"] is None:
            return self._unasked(row["url"])
        if row["capture"] in self._lost or row["body"] in self._lost:
            return State("lost", since=row["date"])
        return self._answer(row)

    def _unasked(self, url: str) -> State:
        """Nothing was asked: our own rules, or the site's, or it has not come to it yet."""
        _address, reason = urls.judged(url, self._site)
        if reason is not None:
            return State("refused-by-rule", detail=str(reason))
        if not self._allowed(url):
            return State("refused-by-robots", detail="robots.txt")
        return State("not-fetched")

    def _answer(self, row: Any) -> State | None:
        status, date = row["status"], row["date"]
        if status in _GONE:
            return State(str(status), since=date)
        if row["target"] is not None:
            return State("redirected", since=date, to=self._end(row["target"]))
        if status != 200:
            return State("refused-by-site", since=date, detail=f"HTTP {status}")
        if row["said"] == "soft404":
            return State("soft-404", since=date)
        if row["said"] == "article":
            return State("not-in-dataset", since=date)
        if row["said"] == "error":
            return State("failing", since=date, detail=row["problem"] or "truncated")
        return State("not-an-article", since=date) if row["kind"] in ("article", "breve") else None

    def _end(self, key: str) -> str:
        """Where a chain of redirects ends, as an address where one is known."""
        url = key
        for _step in range(_LONGEST_CHAIN):
            row = self._statements.address(key)
            if row is None:
                break
            url = row["url"]
            if row["target"] is None:
                break
            key = row["target"]
        return url

    def _allowed(self, url: str) -> bool:
        parts = urlsplit(url)
        name = f"{parts.scheme}://{parts.netloc}"
        if name not in self._robots:
            self._robots[name] = self._statements.robots(f"{name}/robots.txt")
        robots = self._robots[name]
        return robots is None or robots.allowed(url, AGENT)
