"""The dataset as a function of what the pages asserted: facts in, articles and changes out.

captures in the order of WARC-Date, file, offset → one fold per article → versions, absences, events
                                                → section and tags joined from pages and listings
                                                → articles.jsonl sorted by date then id, changes.jsonl in order

Only small things are held in memory, a few hundred bytes an article; texts stay in the ledger until they are written.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from osiris_crawler.dataset.groups import Groups, build
from osiris_crawler.dataset.sections import Sections
from osiris_crawler.ledger.ledger import Ledger
from osiris_crawler.record import Article
from osiris_crawler.site import urls
from osiris_crawler.site.profile import Site

_GONE = frozenset({404, 410})
_COMPARED = ("title", "date", "lead", "body", "ps", "notes", "authors")


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


class Join:
    """The join over a ledger. `mint` is given the ids that are new: (id, key, number), before anything is written."""

    def __init__(self, ledger: Ledger, site: Site) -> None:
        self._ledger = ledger
        self._site = site
        self._groups: Groups = build(ledger, site)
        self._sections = Sections(ledger)
        self._states: dict[str, State] = {}
        self._events: list[Event] = []
        self._crawls: dict[str, int] = {row[0]: row[1] for row in ledger.db.query("SELECT run, crawl FROM runs")}
        self._members()
        self._fold()
        self._listed_sections()
        self._section_events()
        self._complete = self._complete_passes()

    # -- the fold ---------------------------------------------------------------------------------------------------

    def _members(self) -> None:
        for key, group in self._groups.members():
            state = self._states.setdefault(group, State(group))
            if key.startswith(("article", "breve")) and key.removeprefix("article").removeprefix("breve").isdecimal():
                # Number tokens are no addresses; the smallest stands where (wrongly) two meet.
                number = key.removeprefix("article")
                state.number = number if state.number is None else min(state.number, number, key=_natural)
            else:
                state.keys += (key,)

    def _fold(self) -> None:
        rows = self._ledger.db.query(
            """SELECT captures.id, captures.run, captures.date, captures.key, url, status, target, readings.kind, subject, section,
                      content, body, canonical, readings.date AS day
               FROM captures JOIN files ON files.id = file LEFT JOIN readings ON readings.capture = captures.id
               WHERE truncated IS NULL
                 AND (readings.kind IN ('article', 'soft404') OR status IN (404, 410) OR target IS NOT NULL)
               ORDER BY captures.date, name, offset"""
        )
        for row in rows:
            group = self._groups.find(row["key"])
            if group is None:
                continue
            state = self._states[group]
            if row["kind"] == "article":
                self._answered(state, row)
            elif row["target"] is not None:
                if self._groups.find(row["target"]) == group:
                    state.met(row["url"])
            elif state.version:
                self._absent(state, row)

    def _answered(self, state: State, row: Any) -> None:
        crawl = self._crawls.get(row["run"], 0)
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
            state.capture = row["id"]
        if row["section"] is not None:
            if state.page_section is not None and state.page_section != row["section"]:
                self._event(row, "moved", state, fields=("section",))
            state.page_section = row["section"]
            state.page_crawl = crawl
        state.newest = row["id"]
        state.gone_crawl = None
        state.withdrawn = None

    def _absent(self, state: State, row: Any) -> None:
        """Absence counts when two walks meet it with no answer between; aliases that are gone say nothing."""
        if row["key"] != state.key or state.withdrawn is not None:
            return
        crawl = self._crawls.get(row["run"], 0)
        if state.gone_crawl is None:
            state.gone_crawl = crawl
        elif state.gone_crawl != crawl:
            state.withdrawn = row["date"]
            self._event(row, "withdrawn", state)

    def _event(
        self, row: Any, event: str, state: State, *, before: int = 0, after: int = 0, fields: tuple[str, ...] = ()
    ) -> None:
        self._events.append(Event(row["date"], row["run"], event, state.group, "", before, after, fields))

    # -- sections and tags -------------------------------------------------------------------------------------------

    def _listed_sections(self) -> None:
        """The section of an article: what its page says, unless a newer walk's listing says otherwise."""
        listed: dict[str, tuple[int, int, str, str]] = {}
        rows = self._ledger.db.query(
            """SELECT article, listing, crawl, date FROM entries
               WHERE listing IN (SELECT listing FROM passes WHERE kind = 'section')"""
        )
        depths: dict[str, int] = {}
        for row in rows:
            group = self._groups.find(row["article"])
            if group is None:
                continue
            listing = row["listing"]
            if listing not in depths:
                depths[listing] = len(self._sections.path(listing))
            # In one walk the deepest listing is the article's own; those above it list their branch.
            best = (row["crawl"], depths[listing], row["date"], listing)
            if group not in listed or best > listed[group]:
                listed[group] = best
        for group, state in self._states.items():
            state.section, state.section_crawl = state.page_section, state.page_crawl
            found = listed.get(group)
            if found is None:
                continue
            crawl, _depth, _date, listing = found
            if state.section is None or (
                crawl > state.section_crawl and not self._sections.within(state.section, listing)
            ):
                state.section, state.section_crawl = listing, crawl

    def _section_events(self) -> None:
        runs: dict[int, str] = {}
        for run, crawl in sorted(self._crawls.items()):
            runs.setdefault(crawl, run)
        for _section, position in self._sections.moves():
            run = runs.get(position.crawl, "")
            self._events.append(Event(position.since, run, "moved", None, position.url, fields=("section",)))

    def _complete_passes(self) -> dict[str, int]:
        """Keyword listing → newest walk that read every page of it."""
        complete: dict[str, int] = {}
        rows = self._ledger.db.query(
            """SELECT listing, crawl, count(*) AS pages, max(offset) AS highest, max(coalesce(last, 0)) AS last,
                      min(CASE WHEN offset > 0 THEN offset END) AS step
               FROM passes WHERE kind = 'keyword' GROUP BY listing, crawl ORDER BY crawl"""
        )
        for row in rows:
            last, step = max(row["last"], row["highest"]), row["step"]
            if (last == 0 and row["pages"] == 1) or (step and row["pages"] == last // step + 1):
                complete[row["listing"]] = row["crawl"]
        return complete

    def _listed_tags(self, state: State) -> list[str]:
        tags: dict[str, None] = {}
        for key in state.keys:
            for row in self._ledger.db.query(
                """SELECT listing, max(crawl) AS crawl,
                          (SELECT title FROM passes WHERE passes.listing = entries.listing ORDER BY date DESC LIMIT 1) AS title
                   FROM entries WHERE article = ?
                     AND listing IN (SELECT listing FROM passes WHERE kind = 'keyword')
                   GROUP BY listing ORDER BY title""",
                (key,),
            ):
                if row["crawl"] >= self._complete.get(row["listing"], 0) and row["title"]:
                    tags[row["title"]] = None
        return sorted(tags)

    # -- ids ----------------------------------------------------------------------------------------------------------

    def mint(self, keep: Callable[[list[tuple[str, str, int | None]]], None]) -> None:
        """Give every article its id. New ids go to `keep`, which must make them safe before they are published."""
        taken: set[str] = set()
        for id, key, _number in self._ledger.minted():
            taken.add(id)
            group = self._groups.find(key)
            if group is not None and not self._states[group].id:
                self._states[group].id = id
        fresh: list[tuple[str, str, int | None]] = []
        unnamed = [state for state in self._states.values() if state.version and not state.id]
        for state in sorted(unnamed, key=lambda state: (state.key, state.group)):
            wanted = state.number or urls.parse(state.url, self._site).slug or state.key
            id, turn = wanted, 2
            while id in taken:
                id, turn = f"{wanted}~{turn}", turn + 1
            taken.add(id)
            state.id = id
            number = state.number
            fresh.append((id, state.key, int(number) if number and number.isdecimal() else None))
        if fresh:
            keep(fresh)

    # -- out ------------------------------------------------------------------------------------------------------------

    def articles(self) -> Iterator[Article]:
        """Every article in its newest version, by date then id. `mint` comes first."""
        order = sorted((s for s in self._states.values() if s.version), key=lambda state: (state.date, state.id))
        roots: dict[bytes, str] = {}
        for state in order:
            if state.body:
                roots.setdefault(state.body, state.id)
        for state in order:
            yield self._article(state, roots)

    def _article(self, state: State, roots: dict[bytes, str]) -> Article:
        row = self._ledger.db.query("SELECT facts FROM readings WHERE capture = ?", (state.newest,)).fetchone()
        facts: dict[str, Any] = json.loads(row["facts"])
        place = self._ledger.db.query(
            "SELECT name, offset, record_id, date FROM captures JOIN files ON files.id = file WHERE captures.id = ?",
            (state.capture,),
        ).fetchone()
        section = self._sections.path(state.section)
        root = roots.get(state.body) if state.body else None
        facts.pop("number", None)
        tags = facts.pop("tags", None) or self._listed_tags(state)
        return Article(
            **facts,
            id=state.id,
            url=state.url,
            urls=sorted(state.urls),
            section=section,
            tags=tags,
            kind=self._site.kind_of(urls.parse(state.url, self._site), section, facts["title"]),
            duplicate_of=None if root == state.id else root,
            version=state.version,
            first_seen=state.first_seen,
            last_changed=state.last_changed,
            withdrawn=state.withdrawn,
            content_digest=f"sha256:{state.content.hex()}",
            capture={
                "warc": place["name"],
                "offset": place["offset"],
                "record_id": place["record_id"],
                "date": place["date"],
            },
        )

    def changes(self) -> Iterator[dict[str, Any]]:
        """Every event, in order of its instant. `mint` comes first."""
        for event in sorted(self._events, key=lambda event: (event.at, event.event, event.group or "", event.url)):
            state = self._states[event.group] if event.group is not None else None
            yield {
                "run": event.run,
                "at": event.at,
                "event": event.event,
                "cause": "site",
                "id": state.id if state else None,
                "url": state.url if state else event.url,
                "fields": list(event.fields) or self._changed_fields(event),
            }

    def _changed_fields(self, event: Event) -> list[str]:
        if event.event != "changed":
            return []
        before, after = (self._facts(capture) for capture in (event.before, event.after))
        names = [name for name in _COMPARED if before.get(name) != after.get(name)]
        for name, part in (("sources", "text"), ("images", "url"), ("documents", "url")):
            if [item[part] for item in before[name]] != [item[part] for item in after[name]]:
                names.append(name)
        return names

    def _facts(self, capture: int) -> dict[str, Any]:
        facts: dict[str, Any] = json.loads(
            self._ledger.db.value("SELECT facts FROM readings WHERE capture = ?", (capture,))
        )
        return facts


def _natural(number: str) -> tuple[int, str]:
    digits = number.removeprefix("breve")
    return (int(digits), number)
