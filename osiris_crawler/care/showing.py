"""One article with all that is known of it: its line, the evidence of each field, its versions, events and reprints.

articles.jsonl → the article and its reprints;  changes.jsonl → its events;  ledger → where each field comes from
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from osiris_crawler.archive.surt import surt
from osiris_crawler.care.rebuilding import model_in
from osiris_crawler.care.restrictions import Restriction, hidden, read
from osiris_crawler.dataset.evidence import Testimony, evidence_of
from osiris_crawler.dataset.join import Join
from osiris_crawler.dataset.lookup import Found, look_up, whole_articles
from osiris_crawler.errors import IntegrityError, UsageError
from osiris_crawler.extract.page import reader_of
from osiris_crawler.i18n import _
from osiris_crawler.ledger.adopt import adopt
from osiris_crawler.ledger.db import LedgerDamaged
from osiris_crawler.ledger.learning import frozen
from osiris_crawler.ledger.ledger import Ledger
from osiris_crawler.ledger.rereading import read_again
from osiris_crawler.ledger.scope import Scope
from osiris_crawler.paths import Collection
from osiris_crawler.site.profile import Site

SCOPES = ("dataset", "search")  # to show an article of the dataset is to find it there
Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Shown:
    """An article. Where it is restricted nothing but the restrictions is filled, unless it was asked for all the same."""

    id: str
    restrictions: list[Restriction]
    found: Found | None = None
    testimony: Testimony = field(default_factory=Testimony)
    events: list[dict[str, Any]] = field(default_factory=list)

    @property
    def versions(self) -> list[dict[str, Any]]:
        """Each version with the event that began it: its cause and the fields that changed."""
        begun = {event["at"]: event for event in self.events if event["event"] in ("added", "changed")}
        return [
            {
                "version": version.number,
                "date": version.date,
                "content_digest": version.content_digest,
                "run": version.run,
                "cause": begun.get(version.date, {}).get("cause"),
                "fields": begun.get(version.date, {}).get("fields", []),
                "capture": version.place.pointer(),
                "url": version.place.url,
            }
            for version in self.testimony.versions
        ]

    @property
    def other_events(self) -> list[dict[str, Any]]:
        """What happened to it and began no version: withdrawn, restored, moved, read otherwise by a better reader."""
        begun = {version.date for version in self.testimony.versions}
        return [
            event for event in self.events if event["at"] not in begun or event["event"] not in ("added", "changed")
        ]


class Kept:
    """What restrictions hide from whoever reads the dataset."""

    def __init__(self, collection: Collection, scopes: Sequence[str] = SCOPES) -> None:
        self._scopes = frozenset(scopes)
        self._force = read(collection.restrictions)
        self._hidden = hidden(self._force, *scopes)

    def __bool__(self) -> bool:
        return bool(self._hidden)

    def hides(self, article: Any) -> bool:
        return self._hidden.hides(article)

    def naming(self, id: str, addresses: list[str]) -> list[Restriction]:
        """The restrictions in force that name an article; lines that say the same of its id and addresses are told once."""
        keys = {surt(url) for url in addresses}
        found: dict[tuple[object, ...], Restriction] = {}
        for one in self._force:
            if one.scope & self._scopes and (
                (one.id == id and id in self._hidden.ids)
                or (one.url is not None and surt(one.url) in keys & self._hidden.keys)
            ):
                found.setdefault((one.scope, one.reason, one.authority, one.until), one)
        return list(found.values())


def show(
    collection: Collection,
    site: Site,
    wanted: str,
    *,
    with_restricted: bool,
    say: Callable[[str], None],
    progress: Progress,
) -> Shown:
    """Gather all that is known of an article; UsageError when none or several are meant."""
    kept = Kept(collection)
    events: list[dict[str, Any]] | None = None  # of what is not in the dataset
    try:
        found = look_up(whole_articles(collection), wanted, site, kept.hides)
    except UsageError:
        # What is restricted is not in the dataset; that it is restricted is no secret.
        named = kept.naming(wanted, [wanted] if "://" in wanted else [])
        if named and not with_restricted:
            return Shown(wanted, named)
        told = left_out(collection, site, wanted, kept, say, progress)
        if told is None and named:
            return Shown(wanted, named)
        if told is None:
            raise
        found, events = told
    article = found.article
    id = article["id"]
    named = kept.naming(id, [article["url"], *article["urls"]]) if found.restricted else []
    if found.restricted and not with_restricted:
        return Shown(id, named)
    with consulted(collection, site, say, progress) as ledger:
        testimony = evidence_of(ledger, site, article)
    if found.root_hidden and not with_restricted:  # its id may be made of its title
        found.article = {**article, "duplicate_of": None}
        testimony.fields.pop("duplicate_of", None)
    return Shown(id, named, found, testimony, list(events_of(collection.changes, id)) if events is None else events)


def left_out(
    collection: Collection, site: Site, wanted: str, kept: Kept, say: Callable[[str], None], progress: Progress
) -> tuple[Found, list[dict[str, Any]]] | None:
    """An article that restrictions keep out of the dataset, with its events, from the ledger; None when none is meant."""
    if not kept:
        return None
    with consulted(collection, site, say, progress) as ledger:
        join = Join(ledger, site, kept.hides)
        join.mint(lambda minted: None)
        try:
            found = look_up((json.loads(article.line()) for article in join.hidden()), wanted, site, kept.hides)
        except UsageError:
            return None
        whole = Join(ledger, site)
        whole.mint(lambda minted: None)
        return found, [event for event in whole.changes() if event["id"] == found.article["id"]]


def events_of(changes: Path, id: str) -> Iterator[dict[str, Any]]:
    """The events of an article, in order; none without the file."""
    if not changes.exists():
        return
    mark = b'"id":' + json.dumps(id, ensure_ascii=False).encode("utf-8", "surrogatepass") + b","
    with changes.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if mark not in line:
                continue
            try:
                event = json.loads(line)
                if event["id"] == id and isinstance(event["at"], str) and isinstance(event["fields"], list):
                    yield {name: event[name] for name in ("run", "at", "event", "cause", "id", "url", "fields")}
            except (ValueError, KeyError, TypeError, RecursionError) as problem:
                raise IntegrityError(
                    _("Line %(line)d of %(file)s can't be read.") % {"line": number, "file": changes.name},
                    _("“osiris rebuild” makes the dataset anew from the WARC files."),
                ) from problem


@contextmanager
def consulted(collection: Collection, site: Site, say: Callable[[str], None], progress: Progress) -> Iterator[Ledger]:
    """The ledger, to be read only. Where there is none it is made from the WARC files, for this once and elsewhere:

    to show an article is no reason to write into the collection, or to hold it.
    """
    try:
        ledger = Ledger(collection.state, create=False, readonly=True)
    except LedgerDamaged as problem:
        say(
            _(
                "The ledger can't be used (%(why)s): what it would say is read from the WARC files; “osiris rebuild” makes it anew."
            )
            % {"why": problem}
        )
    else:
        try:
            yield ledger
        finally:
            ledger.close()
        return
    with TemporaryDirectory(prefix="osiris-") as folder:
        ledger = Ledger(Path(folder) / "state.sqlite")
        try:
            ledger.put("site", site.start_url)
            ledger.put("profile", site.name)
            chrome, workers = model_in(collection, ledger), os.cpu_count() or 1
            adopt(ledger, collection.archive, site, Scope(), chrome=chrome, workers=workers, progress=progress)
            # An index that is not there, or behind, may not have known the last model.
            chrome = frozen(ledger, collection.archive)
            read_again(ledger, collection.archive, site, Scope(), reader_of(chrome), chrome, workers=workers)
            yield ledger
        finally:
            ledger.close()
