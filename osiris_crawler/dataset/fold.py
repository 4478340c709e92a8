"""The captures of every article, oldest first, folded into its state and the events of its life.

Where there are imports, the walks of our own are folded once more alone: what an import tells of the past is no event of
the site, and changes none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from osiris_crawler.dataset.groups import Groups
from osiris_crawler.ledger.ledger import SMALLEST_REVISIT, Ledger
from osiris_crawler.site import urls
from osiris_crawler.site.profile import Site


@dataclass(slots=True)
class State:
    """One article while its captures are folded, oldest first."""

    group: str
    keys: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()  # no set: most articles have one address, and there are many articles
    number: str | None = None
    id: str = ""
    url: str = ""  # canonical, newest statement
    key: str = ""
    kind: str = ""  # kind of the canonical address
    date: str = ""
    content: bytes = b""
    body: bytes = b""
    version: int = 0
    first_seen: str = ""
    last_changed: str = ""
    capture: int = 0  # first full response of the current version
    newest: int = 0  # newest reading
    page_section: str | None = None
    page_crawl: int = 0
    section: str | None = None
    section_crawl: int = 0
    gone_crawl: int | None = None  # walk of the first absence since the last answer
    withdrawn: str | None = None

    def met(self, url: str) -> None:
        """An address that answered with the article, redirected to it, or is its canonical."""
        if url not in self.urls:
            self.urls += (url,)


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to an article or a section; `before` and `after` are rows of captures."""

    at: str
    run: str
    event: str
    group: str | None
    url: str = ""
    before: int = 0
    after: int = 0
    fields: tuple[str, ...] = ()


class Fold:
    """The states and events of all articles; with `own` as the walks of our own alone tell them."""

    def __init__(self, ledger: Ledger, site: Site, groups: Groups, *, own: bool = False) -> None:
        self.groups = groups
        self.states: dict[str, State] = {}
        self.events: list[Event] = []
        self.ranks = ledger.ranks()
        self._ledger = ledger
        self._site = site
        self._crawls: dict[str, int] = {row[0]: row[1] for row in ledger.db.query("SELECT run, crawl FROM runs")}
        self._members()
        self._fold(own)

    def _members(self) -> None:
        for key, group in self.groups.members():
            state = self.states.setdefault(group, State(group))
            if key.startswith(("article", "breve")) and key.removeprefix("article").removeprefix("breve").isdecimal():
                # Number tokens are no addresses; the smallest stands where (wrongly) two meet.
                number = key.removeprefix("article")
                state.number = number if state.number is None else min(state.number, number, key=_natural)
            else:
                state.keys += (key,)

    def _fold(self, own: bool) -> None:
        rows = self._ledger.db.query(
            """SELECT captures.id, captures.run, captures.date, captures.key,
                      original, url, status, target, readings.kind, subject, section,
                      content, body, canonical, readings.date AS day
               FROM captures JOIN files ON files.id = file LEFT JOIN readings ON readings.capture = captures.id
               WHERE truncated IS NULL
                 AND (readings.kind IN ('article', 'soft404') OR status IN (404, 410) OR target IS NOT NULL)
               ORDER BY captures.date, name, offset"""
        )
        for row in rows:
            group = self.groups.find(row["key"])
            if group is None:
                continue
            if own and self._crawls.get(row["run"], 0) < 0:
                continue
            state = self.states[group]
            if row["kind"] == "article":
                self._answered(state, row)
            elif row["target"] is not None:
                if self.groups.find(row["target"]) == group:
                    state.met(row["url"])
            elif state.version:
                self._absent(state, row)

    def _answered(self, state: State, row: Any) -> None:
        crawl = self._rank(row["run"])
        url, date = row["url"], row["date"]
        state.met(url)
        canonical = row["canonical"]
        if canonical and urls.parse(canonical, self._site).key == row["subject"]:
            state.met(canonical)
            state.url = canonical
        elif not state.url or state.key != row["subject"]:
            state.url = url
        state.key = row["subject"]
        state.date = row["day"] or ""
        state.body = bytes.fromhex(row["body"])[:16] if row["body"] else b""
        if not state.version:
            state.first_seen = date
            self._event(row, "added", state, after=row["id"])
        elif state.withdrawn is not None:
            self._event(row, "restored", state, before=state.newest, after=row["id"])
        content = bytes.fromhex(row["content"].removeprefix("sha256:"))
        if content != state.content:
            if state.version:
                self._event(row, "changed", state, before=state.newest, after=row["id"])
            state.version += 1
            state.content = content
            state.last_changed = date
            state.capture = self._full(row["original"]) or row["id"]
        if row["section"] is not None:
            if state.page_section is not None and state.page_section != row["section"]:
                self._event(row, "moved", state, fields=("section",))
            state.page_section = row["section"]
            state.page_crawl = crawl
        state.newest = row["id"]
        state.gone_crawl = None
        state.withdrawn = None

    def _full(self, original: int | None) -> int | None:
        """The response that stands for a revisit: of those with the same payload the oldest, however it was found.

        Which of them the ledger took for the original depends on what it held when the revisit came.
        """
        if original is None:
            return None
        query = self._ledger.db.query
        known = query("SELECT digest, status, key, url, date FROM captures WHERE id = ?", (original,)).fetchone()
        if known is None:
            return original
        same = """SELECT captures.id FROM captures JOIN files ON files.id = file
                  WHERE original IS NULL AND truncated IS NULL AND status = ? AND {} ORDER BY date, name, offset LIMIT 1"""
        if known["digest"] is not None:
            worth = f"digest = ? AND size >= {SMALLEST_REVISIT}"
            found = query(same.format(worth), (known["status"], known["digest"])).fetchone()
            if found is not None:
                return int(found[0])
        found = query(
            same.format("key = ? AND url = ? AND date = ?"), (known["status"], known["key"], known["url"], known["date"])
        ).fetchone()
        return original if found is None else int(found[0])

    def _absent(self, state: State, row: Any) -> None:
        """Absence counts when two walks meet it with no answer between; aliases that are gone say nothing."""
        if row["key"] != state.key or state.withdrawn is not None:
            return
        crawl = self._rank(row["run"])
        if state.gone_crawl is None:
            state.gone_crawl = crawl
        elif state.gone_crawl != crawl:
            state.withdrawn = row["date"]
            self._event(row, "withdrawn", state)

    def _rank(self, run: str) -> int:
        """The place in time of the walk that a run belongs to."""
        return self.ranks.get(self._crawls.get(run, 0), 0)

    def _event(
        self, row: Any, event: str, state: State, *, before: int = 0, after: int = 0, fields: tuple[str, ...] = ()
    ) -> None:
        self.events.append(Event(row["date"], row["run"], event, state.group, "", before, after, fields))


def _natural(number: str) -> tuple[int, str]:
    digits = number.removeprefix("breve")
    return (int(digits), number)
