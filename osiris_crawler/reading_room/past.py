"""Where an article comes from and what became of it, asked of the ledger while the page is made.

The ledger is read only, for one page at a time. Where there is none, or it can't be read, the room does without: to read is no
reason to read all WARC files.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from osiris_crawler.care.history import FIELDS, Change, History, Version, versions_of
from osiris_crawler.care.rebuilding import site_of
from osiris_crawler.care.showing import Shown
from osiris_crawler.dataset.evidence import Evidence, Testimony, evidence_of
from osiris_crawler.dataset.lookup import Found
from osiris_crawler.dataset.worddiff import CAME, GONE, LEFT, NEW, SAME, TYPOGRAPHY, Diff
from osiris_crawler.errors import UsageError
from osiris_crawler.ledger.db import LedgerDamaged
from osiris_crawler.ledger.ledger import Ledger
from osiris_crawler.paths import Collection
from osiris_crawler.site.profile import Site

_AROUND = 220  # unchanged letters shown beside a change
_SPARED = 80  # fewer are not worth folding

Article = dict[str, Any]
Events = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of two versions told as one: `kind` is same, gone, new, left, came, typography or fold."""

    kind: str
    text: str


@dataclass(slots=True)
class Told:
    """Versions and what changed from one to the next: per field the stretches."""

    versions: list[Version] = field(default_factory=list)
    events: Events = field(default_factory=list)  # that began no version
    changes: list[tuple[Version, Version, dict[str, list[Stretch]]]] = field(default_factory=list)


class Past:
    """The collection's ledger, for whoever asks."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        try:
            self._site: Site | None = site_of(collection)
        except UsageError:
            self._site = None  # all of it was imported

    @property
    def site(self) -> Site | None:
        return self._site

    @contextmanager
    def _ledger(self) -> Iterator[tuple[Ledger, Site] | None]:
        ledger = None
        if self._site is not None and self._collection.state.exists():
            try:
                ledger = Ledger(self._collection.state, create=False, readonly=True)
            except LedgerDamaged:
                ledger = None
        if ledger is None or self._site is None:
            yield None
            return
        try:
            yield ledger, self._site
        finally:
            ledger.close()

    def provenance(self, article: Article) -> dict[str, Evidence] | None:
        """The evidence of every field that says something; None where no ledger can be asked."""
        with self._ledger() as asked:
            if asked is None:
                return None
            found = evidence_of(*asked, article).fields
        return {name: evidence for name, evidence in found.items() if article.get(name) not in (None, "", [])}

    def versions(
        self, article: Article, events: Events, first: int | None, last: int | None, *, full: bool
    ) -> Told | None:
        """Versions and changes; UsageError for a version that is not there, None where no ledger can be asked."""
        with self._ledger() as asked:
            if asked is None:
                return None
            ledger, site = asked
            testimony = evidence_of(ledger, site, article)
            told = _history(ledger, site, article, events, testimony)
            found = Told(told.versions, told.events)
            for old, new in told.pairs(first, last) if told.versions else []:
                change: Change = told.change(old, new, FIELDS)
                found.changes.append(
                    (old, new, {name: stretches(diff, full=full) for name, diff in change.fields.items()})
                )
        return found


def _history(ledger: Ledger, site: Site, article: Article, events: Events, testimony: Testimony) -> History:
    found = Found(article, restricted=False)
    shown = Shown(article["id"], [], found, testimony, events)

    def said(row: int) -> Mapping[str, Any]:
        facts = json.loads(ledger.db.value("SELECT facts FROM readings WHERE capture = ?", (row,)) or "{}")
        return facts if isinstance(facts, dict) else {}

    say: Callable[[int], Mapping[str, Any]] = said
    return History(article["id"], [], found, versions_of(ledger, site, shown), shown.other_events, testimony.agrees, say)


def stretches(diff: Diff, *, full: bool) -> list[Stretch]:
    """A difference as stretches; unless `full` what is unchanged is folded, and typography is not told."""
    names = {SAME: "same", GONE: "gone", NEW: "new", LEFT: "left", CAME: "came"}
    found: list[Stretch] = []
    for sign, *texts in diff.told:
        if sign == TYPOGRAPHY and full and texts[1].strip():
            found.append(Stretch("typography", texts[1]))
            continue
        kind = names.get(sign, "same")
        if kind == "same" and found and found[-1].kind == "same":
            found[-1] = Stretch("same", found[-1].text + texts[-1])
        else:
            found.append(Stretch(kind, texts[-1]))
    if full:
        return found
    folded: list[Stretch] = []
    for place, one in enumerate(found):
        if one.kind == "same":
            folded += _folded(one.text, before=place > 0, after=place + 1 < len(found))
        else:
            folded.append(one)
    return folded


def _folded(text: str, *, before: bool, after: bool) -> Iterator[Stretch]:
    """The letters next to a change."""
    head = _AROUND if before else 0
    tail = _AROUND if after else 0
    if len(text) <= head + tail + _SPARED:
        yield Stretch("same", text)
        return
    start, end = text[:head], text[len(text) - tail :]
    if head:
        yield Stretch("same", start[: start.rfind(" ") + 1] or start)
    yield Stretch("fold", "")
    if tail:
        yield Stretch("same", end[end.find(" ") :] if " " in end else end)
