"""The versions of one article, from its captures, and what changed from each to the next.

articles.jsonl → the article;  changes.jsonl → its events;  ledger → its versions, and what the page said in each

The ledger's readings are all by today's reader, so what differs between two of them is the site's doing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from osiris_crawler.care.restrictions import Restriction
from osiris_crawler.care.showing import Kept, Progress, Shown, consulted, left_out
from osiris_crawler.care.showing import events_of as events_of
from osiris_crawler.dataset.evidence import Place, evidence_of
from osiris_crawler.dataset.lookup import Found, look_up, whole_articles
from osiris_crawler.dataset.worddiff import Diff, compare
from osiris_crawler.errors import UsageError
from osiris_crawler.i18n import _
from osiris_crawler.ledger.ledger import Ledger
from osiris_crawler.paths import Collection
from osiris_crawler.site import urls
from osiris_crawler.site.profile import Site

# What an article's own page says of its content, in the order of the record. Section and keywords are joined from listings.
FIELDS = (
    "title", "overline", "subtitle", "date", "authors", "lead", "body", "ps", "notes", "sources", "link", "images", "documents",
)  # fmt: skip
_PART = {"sources": "text", "images": "url", "documents": "url"}  # of an item, what is content
_STAMP = re.compile(r"\?\d+$")
_CACHE = "/local/cache-"


@dataclass(frozen=True, slots=True)
class Version:
    """A run of equal content over the captures; `place` is where its content lies in full."""

    number: int
    first: str  # date of the first capture with this content, and of the last
    last: str
    captures: int
    cause: str | None  # site, reader or import, where changes.jsonl says so
    fields: tuple[str, ...]
    content_digest: str
    run: str
    place: Place
    rows: tuple[int, int]  # the first and the last capture, in the ledger

    def as_json(self) -> dict[str, Any]:
        return {
            "version": self.number,
            "first": self.first,
            "last": self.last,
            "captures": self.captures,
            "cause": self.cause,
            "fields": list(self.fields),
            "content_digest": self.content_digest,
            "run": self.run,
            "capture": self.place.pointer(),
            "url": self.place.url,
        }


@dataclass(slots=True)
class Change:
    """From one version to another: per field that differs, both told as one."""

    old: Version
    new: Version
    fields: dict[str, Diff] = field(default_factory=dict)


@dataclass(slots=True)
class History:
    """The life of an article. Where it is restricted nothing but the restrictions is filled, unless it was asked for all the same."""

    id: str
    restrictions: list[Restriction]
    found: Found | None = None
    versions: list[Version] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)  # that began no version: withdrawn, restored, moved, …
    agrees: bool = True  # whether the ledger tells of the article what the dataset tells
    _said: Callable[[int], Mapping[str, Any]] = lambda row: {}  # what the page said in a capture

    def pairs(self, first: int | None, last: int | None) -> list[tuple[Version, Version]]:
        """Each version with the one before, or the two that are asked for; UsageError where there is no such version."""
        if first is None and last is None:
            return list(pairwise(self.versions))
        last = len(self.versions) if last is None else last
        first = last - 1 if first is None else first
        for number in (first, last):
            if not 1 <= number <= len(self.versions):
                raise UsageError(
                    _("There is no version %(number)d: the article has %(count)d.")
                    % {"number": number, "count": len(self.versions)},
                    _("“osiris history” without --from and --to lists them."),
                )
        if first >= last:
            raise UsageError(
                _("Version %(from)d does not come before version %(to)d.") % {"from": first, "to": last},
                _("Give the older one with --from, the newer one with --to."),
            )
        return [(self.versions[first - 1], self.versions[last - 1])]

    def change(self, old: Version, new: Version, fields: Sequence[str] = FIELDS) -> Change:
        """What differs between two versions, as the last capture of one and the first of the other have it."""
        before, after = self._said(old.rows[1]), self._said(new.rows[0])
        change = Change(old, new)
        for name in fields:
            texts = _text(name, before), _text(name, after)
            if texts[0] != texts[1]:
                change.fields[name] = compare(*texts)
        return change


def _text(name: str, facts: Mapping[str, Any]) -> str:
    """A field as a text; of a list each item is a paragraph."""
    value = facts.get(name)
    if not isinstance(value, list):
        return str(value or "")
    items = [str(item[_PART[name]]) if name in _PART else str(item) for item in value]
    if name in ("images", "documents"):
        # As for the digest: a purge of the site's cache renames its thumbnails, and stamps files anew.
        items = [_STAMP.sub("", item) for item in items if _CACHE not in item]
    return "\n\n".join(re.sub(r"\n{2,}", "\n", item) for item in items)


@contextmanager
def history(
    collection: Collection,
    site: Site,
    wanted: str,
    *,
    with_restricted: bool,
    say: Callable[[str], None],
    progress: Progress,
) -> Iterator[History]:
    """Gather the versions of an article; what changed is told while this is open. UsageError when none or several are meant."""
    kept = Kept(collection)
    told: list[dict[str, Any]] | None = None  # events of what is not in the dataset
    try:
        found = look_up(whole_articles(collection), wanted, site, kept.hides)
    except UsageError:
        # As in `show`: what is restricted may have been taken out of the dataset.
        named = kept.naming(wanted, [wanted] if "://" in wanted else [])
        left = None if named and not with_restricted else left_out(collection, site, wanted, kept, say, progress)
        if left is None and not named:
            raise
        if left is None:
            yield History(wanted, named)
            return
        found, told = left
    article = found.article
    named = kept.naming(article["id"], [article["url"], *article["urls"]]) if found.restricted else []
    if found.restricted and not with_restricted:
        yield History(article["id"], named)
        return
    with consulted(collection, site, say, progress) as ledger:
        testimony = evidence_of(ledger, site, article)
        events = list(events_of(collection.changes, article["id"])) if told is None else told
        shown = Shown(article["id"], named, found, testimony, events)

        def said(row: int) -> Mapping[str, Any]:
            facts = json.loads(ledger.db.value("SELECT facts FROM readings WHERE capture = ?", (row,)) or "{}")
            return facts if isinstance(facts, dict) else {}

        versions = versions_of(ledger, site, shown)
        yield History(article["id"], named, found, versions, shown.other_events, testimony.agrees, said)


def versions_of(ledger: Ledger, site: Site, shown: Shown) -> list[Version]:
    """The versions with all of their captures; what a run under way has met since is none of the last one's."""
    assert shown.found is not None
    article = shown.found.article
    keys = json.dumps(sorted({urls.parse(url, site).key for url in (article["url"], *article["urls"])}))
    rows = ledger.db.query(
        """SELECT captures.id, captures.date, content
           FROM captures JOIN files ON files.id = file JOIN readings ON readings.capture = captures.id
           WHERE captures.key IN (SELECT value FROM json_each(?)) AND truncated IS NULL AND readings.kind = 'article'
           ORDER BY captures.date, name, offset""",
        (keys,),
    ).fetchall()
    runs: list[list[Any]] = []
    for row in rows:
        if not runs or runs[-1][-1]["content"] != row["content"]:
            runs.append([])
        runs[-1].append(row)
    # The versions are these runs, up to the one that the dataset has.
    return [
        Version(
            told["version"],
            run[0]["date"],
            run[-1]["date"],
            len(run),
            told["cause"],
            tuple(map(str, told["fields"])),
            told["content_digest"],
            told["run"],
            version.place,
            (run[0]["id"], run[-1]["id"]),
        )
        for told, version, run in zip(shown.versions, shown.testimony.versions, runs, strict=False)
    ]
