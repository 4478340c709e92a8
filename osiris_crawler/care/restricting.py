"""Writing restrictions.jsonl: an article is restricted by its id and, line by line, by each of its addresses.

The addresses are there for what knows no ids, as replay and reports do: a dataset that leaves an article out can't name them.
The file is the operator's as well: lines that are not meant stay byte for byte. Every change is an event of events.jsonl.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from osiris_crawler.archive.surt import surt
from osiris_crawler.care import events
from osiris_crawler.care.keeping import Say, open_ledger
from osiris_crawler.care.rebuilding import publish_anew
from osiris_crawler.care.restrictions import SCOPES, Restriction, kept_back, parsed, read
from osiris_crawler.dataset.lookup import whole_articles
from osiris_crawler.dataset.publish import Published
from osiris_crawler.ledger.adopt import adopt
from osiris_crawler.ledger.learning import frozen
from osiris_crawler.ledger.scope import Scope
from osiris_crawler.paths import Collection, replace_file
from osiris_crawler.site.profile import Site

EVENT = "restriction"
_LINE = re.compile(rb"[^\n]*\n|[^\n]+")


@dataclass(frozen=True, slots=True)
class Subject:
    """What is restricted: an article with its addresses, or an address that is of none."""

    id: str | None
    urls: tuple[str, ...]

    def named_by(self, restriction: Restriction) -> bool:
        if restriction.id is not None:
            return restriction.id == self.id
        return surt(restriction.url or "") in {surt(url) for url in self.urls}

    @property
    def names(self) -> list[str]:
        return [self.id, *self.urls] if self.id is not None else list(self.urls)


@dataclass(slots=True)
class Changed:
    """Lines that were written or taken away; `scopes` are those that these lines are of."""

    lines: list[dict[str, Any]] = field(default_factory=list)
    scopes: frozenset[str] = frozenset()


def of_article(article: dict[str, Any]) -> Subject:
    """An article; of addresses that differ in scheme or `www.` alone the first."""
    return Subject(article["id"], tuple({surt(url): url for url in (*article["urls"], article["url"])}.values()))


def restrict(
    collection: Collection, subject: Subject, *, scope: Sequence[str], reason: str, authority: str, until: str | None
) -> Changed:
    """Add the lines that are not there yet. The lock is held already; UsageError when a line of the file can't be read."""
    wanted = frozenset(SCOPES if "all" in scope else scope)
    named = "all" if wanted == set(SCOPES) else [one for one in SCOPES if one in wanted]
    terms: dict[str, Any] = {"scope": named, "reason": reason, "authority": authority, "until": until}
    keys: list[dict[str, Any]] = [{"id": subject.id}] if subject.id is not None else []
    keys += [{"url": url} for url in subject.urls]
    there = {_terms(one) for one in read(collection.restrictions)}
    lines = [key | terms for key in keys if _terms(parsed(json.dumps(key | terms).encode())) not in there]
    if not lines:
        return Changed()
    old = collection.restrictions.read_bytes() if collection.restrictions.exists() else b""
    if old and not old.endswith(b"\n"):
        old += b"\n"
    replace_file(
        collection.restrictions, [old, *(json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in lines)]
    )
    events.append(collection, EVENT, "success", "restrict", subject.names, **terms)
    return Changed(lines, wanted)


def lift(collection: Collection, subject: Subject) -> Changed:
    """Take away the lines that name an article or address. The lock is held already."""
    meant = {one.line: one for one in read(collection.restrictions) if subject.named_by(one)}
    if not meant:
        return Changed()
    lines = _LINE.findall(collection.restrictions.read_bytes())
    gone = [json.loads(line) for number, line in enumerate(lines, 1) if number in meant]
    replace_file(collection.restrictions, [line for number, line in enumerate(lines, 1) if number not in meant])
    events.append(collection, EVENT, "success", "lift", subject.names, lines=gone)
    return Changed(gone, frozenset().union(*(one.scope for one in meant.values())))


def _terms(one: Restriction) -> tuple[Any, ...]:
    """What makes two lines say the same."""
    return one.id, surt(one.url) if one.url is not None else None, one.scope, one.reason, one.authority, one.until


def out_of_line(collection: Collection) -> bool:
    """Whether the dataset has a line that is hidden from it."""
    hidden = kept_back(collection)
    return bool(hidden) and collection.articles.exists() and any(map(hidden.hides, whole_articles(collection)))


def republish(collection: Collection, site: Site, say: Say) -> Published:
    """Write the dataset anew, as the restrictions in force have it. The lock is held already, no dead run's file is open."""
    ledger = open_ledger(collection, say)
    try:
        adopt(ledger, collection.archive, site, Scope(), chrome=frozen(ledger, collection.archive))
        published = publish_anew(collection, ledger, site)
        ledger.close()
    except BaseException:
        ledger.db.abandon()
        raise
    return published


def still_held(collection: Collection) -> list[str]:
    """Names of what was exported before: it may hold what is hidden since, and is to be made again."""
    if not collection.exports.is_dir():
        return []
    return sorted(path.name for path in collection.exports.iterdir() if not path.name.startswith("."))
