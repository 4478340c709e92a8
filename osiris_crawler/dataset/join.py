"""The dataset as a function of what the pages asserted: facts in, articles and changes out.

captures in the order of WARC-Date, file, offset → one fold per article → versions, absences, events
                                                → section and tags joined from pages and listings
                                                → articles.jsonl sorted by date then id, changes.jsonl in order

Only small things are held in memory, a few hundred bytes an article; texts stay in the ledger until they are written.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, partial
from typing import Any

from osiris_crawler.dataset.fold import Event, Fold, State
from osiris_crawler.dataset.groups import build
from osiris_crawler.dataset.likeness import Text
from osiris_crawler.dataset.reprints import Entry, roots
from osiris_crawler.dataset.sections import Sections
from osiris_crawler.ledger.beside import beside
from osiris_crawler.ledger.ledger import Ledger
from osiris_crawler.ledger.proposals import proposals
from osiris_crawler.ledger.rereading import rereadings
from osiris_crawler.ledger.signatures import Signatures
from osiris_crawler.record import Article, content_digest
from osiris_crawler.site import urls
from osiris_crawler.site.profile import Site

_COMPARED = ("title", "date", "lead", "body", "ps", "notes", "authors", "sources", "images", "documents")

Hides = Callable[[Mapping[str, Any]], bool]  # whether what has this id, url and urls must not be in the dataset


def nothing(article: Mapping[str, Any]) -> bool:
    """Hides nothing."""
    return False


class Join:
    """The join over a ledger. `mint` is given the ids that are new: (id, key, number), before anything is written.

    What `hides` says of an article keeps its line and its events back; it has its id, its versions and its place in time
    all the same.
    """

    def __init__(self, ledger: Ledger, site: Site, hides: Hides = nothing) -> None:
        self._ledger = ledger
        self._site = site
        self._hides = hides
        self._sections = Sections(ledger)
        self._beside = beside(ledger)
        self._beside_json = json.dumps(sorted(self._beside))
        self._fold = Fold(ledger, site, build(ledger, site))
        self._groups, self._states, self._ranks = self._fold.groups, self._fold.states, self._fold.ranks
        self._own: Fold | None = None
        if any(crawl < 0 for crawl in self._ranks):
            # What an import tells of the past is no event of the site: the walks of our own are folded alone, too.
            self._own = Fold(ledger, site, build(ledger, site, own=True), own=True)
        self._listed_sections()
        self._section_events()
        self._complete = self._complete_passes()

    # -- sections and tags -------------------------------------------------------------------------------------------

    def _listed_sections(self) -> None:
        """The section of an article: what its page says, unless a newer walk's listing says otherwise."""
        listed: dict[str, tuple[int, int, str, str]] = {}
        rows = self._ledger.db.query(
            """SELECT article, listing, crawl, date, place FROM entries
               WHERE listing IN (SELECT listing FROM passes WHERE kind = 'section')"""
        )
        depths: dict[str, int] = {}
        for row in rows:
            group = self._groups.find(row["article"])
            if group is None or row["place"] in self._beside:
                continue
            listing = row["listing"]
            if listing not in depths:
                depths[listing] = len(self._sections.path(listing))
            # In one walk the deepest listing is the article's own; those above it list their branch.
            best = (self._ranks.get(row["crawl"], 0), depths[listing], row["date"], listing)
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
        for run, crawl in sorted((row[0], row[1]) for row in self._ledger.db.query("SELECT run, crawl FROM runs")):
            runs.setdefault(crawl, run)

        def moved(sections: Sections) -> list[Event]:
            return [
                Event(position.since, runs.get(position.crawl, ""), "moved", None, position.url, fields=("section",))
                for _section, position in sections.moves()
            ]

        self._fold.events += moved(self._sections)
        if self._own is not None:
            self._own.events += moved(Sections(self._ledger, own=True))

    def _complete_passes(self) -> dict[str, int]:
        """Keyword listing → place in time of the newest walk that read every page of it."""
        complete: dict[str, int] = {}
        rows = self._ledger.db.query(
            """SELECT listing, crawl, count(*) AS pages, max(offset) AS highest, max(coalesce(last, 0)) AS last,
                      min(CASE WHEN offset > 0 THEN offset END) AS step
               FROM passes WHERE kind = 'keyword' GROUP BY listing, crawl"""
        ).fetchall()
        for row in sorted(rows, key=lambda row: self._ranks.get(row["crawl"], 0)):
            last, step = max(row["last"], row["highest"]), row["step"]
            if (last == 0 and row["pages"] == 1) or (step and row["pages"] == last // step + 1):
                complete[row["listing"]] = self._ranks.get(row["crawl"], 0)
        return complete

    def _listed_tags(self, state: State) -> list[str]:
        tags: dict[str, None] = {}
        for key in state.keys:
            for row in self._ledger.db.query(
                """SELECT listing, group_concat(crawl) AS crawls,
                          (SELECT title FROM passes WHERE passes.listing = entries.listing ORDER BY date DESC LIMIT 1) AS title
                   FROM entries WHERE article = ? AND place NOT IN (SELECT value FROM json_each(?))
                     AND listing IN (SELECT listing FROM passes WHERE kind = 'keyword')
                   GROUP BY listing ORDER BY title""",
                (key, self._beside_json),
            ):
                newest = max(self._ranks.get(int(crawl), 0) for crawl in row["crawls"].split(","))
                if newest >= self._complete.get(row["listing"], 0) and row["title"]:
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
            self._own_id(key, id)
        fresh: list[tuple[str, str, int | None]] = []

        def give(state: State, id: str) -> None:
            taken.add(id)
            state.id = id
            number = state.number
            fresh.append((id, state.key, int(number) if number and number.isdecimal() else None))
            self._own_id(state.key, id)

        for proposal in proposals(self._ledger) if self._own is not None else []:
            group = self._groups.find(proposal.key)
            state = self._states[group] if group is not None else None
            if state is not None and state.version and not state.id and proposal.id not in taken:
                give(state, proposal.id)
        unnamed = [state for state in self._states.values() if state.version and not state.id]
        for state in sorted(unnamed, key=lambda state: (state.key, state.group)):
            wanted = state.number or urls.parse(state.url, self._site).slug or state.key
            id, turn = wanted, 2
            while id in taken:
                id, turn = f"{wanted}~{turn}", turn + 1
            give(state, id)
        if fresh:
            keep(fresh)

    def _own_id(self, key: str, id: str) -> None:
        """The id of an article as our own walks know it: an import may have shown that two are one."""
        group = self._own.groups.find(key) if self._own is not None else None
        if self._own is not None and group is not None and not self._own.states[group].id:
            self._own.states[group].id = id

    # -- out ------------------------------------------------------------------------------------------------------------

    @cached_property
    def _kept_back(self) -> frozenset[str]:
        """The groups of the articles that are hidden."""
        return frozenset(
            group
            for group, state in self._states.items()
            if state.version and self._hides({"id": state.id, "url": state.url, "urls": state.urls})
        )

    def hidden(self) -> Iterator[Article]:
        """Every article that is hidden, as its line would be, but for `duplicate_of`. `mint` comes first."""
        for group in sorted(self._kept_back):
            yield self._article(self._states[group], {})

    def articles(self) -> Iterator[Article]:
        """Every article that is not hidden in its newest version, by date then id. `mint` comes first.

        The root of a group of reprints is the first that is not hidden.
        """
        shown = (s for s in self._states.values() if s.version and s.group not in self._kept_back)
        order = sorted(shown, key=lambda state: (state.date, state.id))
        firsts = roots(
            [Entry(state.id, state.content, state.body) for state in order],
            lambda place: self._text(order[place]),
            Signatures(self._ledger.db),
        )
        for state in order:
            yield self._article(state, firsts)

    def _text(self, state: State) -> Text:
        """What of an article is compared with others, to find reprints."""
        facts = self._facts(state.newest)
        section = self._sections.path(state.section)
        kind = self._site.kind_of(urls.parse(state.url, self._site), section, facts["title"])
        return Text(facts["lead"], facts["body"], kind)

    def _article(self, state: State, firsts: dict[str, str]) -> Article:
        row = self._ledger.db.query("SELECT facts FROM readings WHERE capture = ?", (state.newest,)).fetchone()
        facts: dict[str, Any] = json.loads(row["facts"])
        place = self._ledger.db.query(
            "SELECT name, offset, record_id, date FROM captures JOIN files ON files.id = file WHERE captures.id = ?",
            (state.capture,),
        ).fetchone()
        section = self._sections.path(state.section)
        for apart in ("number", "provenance"):
            facts.pop(apart, None)
        tags = facts.pop("tags", None) or self._listed_tags(state)
        return Article(
            **facts,
            id=state.id,
            url=state.url,
            urls=sorted(state.urls),
            section=section,
            tags=tags,
            kind=self._site.kind_of(urls.parse(state.url, self._site), section, facts["title"]),
            duplicate_of=firsts.get(state.id),
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
        """Every event, in order of its instant, but those of hidden articles. `mint` comes first."""
        told = [(event, self._fold, "site" if self._own is None else "import") for event in self._fold.events]
        if self._own is not None:
            known = {self._mark(event) for event in self._own.events}
            told = [line for line in told if self._mark(line[0]) not in known]
            told += [(event, self._own, "site") for event in self._own.events]
        lines: list[tuple[tuple[str, ...], Callable[[], dict[str, Any]]]] = [
            ((*self._mark(event), cause), partial(self._line, event, fold, cause)) for event, fold, cause in told
        ]
        # What a better reader or model has read otherwise is no change of the site.
        named = {state.id: state for state in self._states.values() if state.version}
        for at, run, id, fields in rereadings(self._ledger):
            state = named.get(id)
            group, url = (state.group, state.url) if state is not None else (id, "")
            line = {"run": run, "at": at, "event": "changed", "cause": "reader", "id": id, "url": url, "fields": fields}
            lines.append(((at, "changed", group, url, "reader"), partial(dict, line)))
        for (_at, _event, group, *_rest), make in sorted(lines, key=lambda line: line[0]):
            if group in self._kept_back:
                continue
            line = make()
            # An id that is another's now, as an import may show, is hidden by its own name.
            if line["id"] is None or not self._hides({"id": line["id"], "url": line["url"], "urls": []}):
                yield line

    def _line(self, event: Event, fold: Fold, cause: str) -> dict[str, Any]:
        return {
            "run": event.run,
            "at": event.at,
            "event": event.event,
            "cause": cause,
            "id": self._id_in(fold, event),
            "url": fold.states[event.group].url if event.group is not None else event.url,
            "fields": list(event.fields) or self._changed_fields(event),
        }

    def _id_in(self, fold: Fold, event: Event) -> str | None:
        if event.group is None:
            return None
        state = fold.states[event.group]
        return state.id or self._id_of(state)

    def _mark(self, event: Event) -> tuple[str, str, str, str]:
        """What makes two events the same, and their order."""
        group = event.group or ""
        return event.at, event.event, self._groups.find(group) or group, event.url

    def _id_of(self, state: State) -> str:
        group = self._groups.find(state.group)
        return self._states[group].id if group is not None else ""

    def _changed_fields(self, event: Event) -> list[str]:
        if event.event != "changed":
            return []
        before, after = (self._facts(capture) for capture in (event.before, event.after))
        # Each by the digest that tells versions apart, so that a file's new time stamp is no change of it.
        return [
            name
            for name in _COMPARED
            if content_digest({name: before.get(name)}) != content_digest({name: after.get(name)})
        ]

    def _facts(self, capture: int) -> dict[str, Any]:
        facts: dict[str, Any] = json.loads(
            self._ledger.db.value("SELECT facts FROM readings WHERE capture = ?", (capture,))
        )
        return facts
