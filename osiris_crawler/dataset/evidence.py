"""Where the fields of an article come from: which capture says each, by which rule, and how sure that is.

a line of articles.jsonl + the ledger → what the article's own page said, with the reader's word on it
                                      → what listings said where the page did not
                                      → what follows from its captures

Nothing is taken for the evidence of a value that does not give that value: a ledger that is ahead of the dataset, or
behind it, leaves fields without evidence, not with a wrong one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from osiris_crawler.dataset.sections import Sections
from osiris_crawler.ledger.beside import beside
from osiris_crawler.ledger.ledger import Ledger
from osiris_crawler.record import keys
from osiris_crawler.site import urls
from osiris_crawler.site.profile import Site

# What the article's own page says, each with a rule of the reader's.
READ = (
    "title", "overline", "subtitle", "date", "date_text", "authors", "lead", "body", "ps", "notes", "sources", "link", "images",
    "documents", "language", "issues",
)  # fmt: skip
# Fields that the reader has no word of its own for: the field that they were read with, else the rule.
_WITH = {"date_text": "date"}
_RULES = {"language": ("text, else the page's own word", "fair"), "issues": ("reader", "high")}


@dataclass(frozen=True, slots=True)
class Place:
    """A record of the archive. `original` is where the body of a revisit record lies."""

    warc: str
    offset: int
    record_id: str
    date: str
    url: str
    original: tuple[str, int] | None = None

    def pointer(self) -> dict[str, Any]:
        """It as a line's `capture` has it."""
        found: dict[str, Any] = {
            "warc": self.warc,
            "offset": self.offset,
            "record_id": self.record_id,
            "date": self.date,
        }
        if self.original is not None:
            found["original"] = {"warc": self.original[0], "offset": self.original[1]}
        return found


@dataclass(frozen=True, slots=True)
class Evidence:
    """What stands behind a value. `rule` is None where nothing was found; `parts` tell the items of a list apart."""

    rule: str | None = None
    sure: str | None = None  # high, fair, low
    place: Place | None = None
    parts: tuple[tuple[str, Evidence], ...] = ()

    def as_json(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            "rule": self.rule,
            "sure": self.sure,
            "capture": self.place.pointer() if self.place else None,
            "url": self.place.url if self.place else None,
        }
        if self.parts:
            found["parts"] = [{"value": value, **part.as_json()} for value, part in self.parts]
        return found


@dataclass(frozen=True, slots=True)
class Version:
    """A run of equal content over the captures, by the first of them; `place` is where its content lies in full."""

    number: int
    date: str
    content_digest: str
    run: str
    place: Place


@dataclass(slots=True)
class Testimony:
    """All that the ledger knows of where an article comes from."""

    fields: dict[str, Evidence] = field(default_factory=dict)
    versions: list[Version] = field(default_factory=list)
    agrees: bool = True  # whether the ledger tells of the article what the dataset tells


def evidence_of(ledger: Ledger, site: Site, article: Mapping[str, Any]) -> Testimony:
    """The evidence of every field of an article, and its versions."""
    return _Witness(ledger, site, article).all()


class _Witness:
    """Questions about one article."""

    def __init__(self, ledger: Ledger, site: Site, article: Mapping[str, Any]) -> None:
        self._ledger, self._site, self._article = ledger, site, article
        # The addresses of an article are all that can be its own (groups.py), so their keys are all of its keys.
        self._keys = json.dumps(sorted({urls.parse(url, site).key for url in (article["url"], *article["urls"])}))
        self._rows = self._captures()
        self._pages = [row for row in self._rows if row["kind"] == "article"]
        same = [row for row in self._pages if row["content"] == article["content_digest"]]
        self._said = same[-1] if same else None  # the newest page with this content: the dataset's line is its reading
        self._ranks = ledger.ranks()

    def all(self) -> Testimony:
        told = Testimony(versions=self._versions())
        current = told.versions[-1] if told.versions else None
        told.agrees = self._said is not None and current is not None and current.number == self._article["version"]
        told.fields = dict.fromkeys(keys(), Evidence())
        told.fields["id"] = self._id()
        if self._said is None:
            return told
        told.fields |= self._read(self._said)
        told.fields |= self._addresses(self._said)
        told.fields |= self._from_captures(told)
        told.fields["section"] = self._section()
        if not told.fields["tags"].rule:
            told.fields["tags"] = self._listed_tags()
        return told

    def _captures(self) -> list[Any]:
        """Every whole answer at the article's addresses, in the order in which the dataset folds them."""
        return self._ledger.db.query(
            """SELECT captures.id, captures.run, captures.date, name, offset, record_id, captures.key, captures.url, status,
                      original, target, readings.kind, subject, readings.number, section,
                      content, canonical
               FROM captures JOIN files ON files.id = file LEFT JOIN readings ON readings.capture = captures.id
               WHERE captures.key IN (SELECT value FROM json_each(?)) AND truncated IS NULL
               ORDER BY captures.date, name, offset""",
            (self._keys,),
        ).fetchall()

    def _place(self, row: Any) -> Place:
        original = None
        if row["original"] is not None:
            found = self._ledger.db.query(
                "SELECT name, offset FROM captures JOIN files ON files.id = file WHERE captures.id = ?",
                (row["original"],),
            ).fetchone()
            original = None if found is None else (found["name"], found["offset"])
        return Place(row["name"], row["offset"], row["record_id"], row["date"], row["url"], original)

    # -- what the page said ---------------------------------------------------------------------------------------------

    def _read(self, row: Any) -> dict[str, Evidence]:
        facts = json.loads(self._ledger.db.value("SELECT facts FROM readings WHERE capture = ?", (row["id"],)) or "{}")
        word, place = facts.get("provenance") or {}, self._place(row)
        found: dict[str, Evidence] = {}
        for name in (*READ, "tags"):
            value = self._article[name]
            if facts.get(name) != value:
                continue
            said = word.get(name) or word.get(_WITH.get(name, "")) or {}
            rule, sure = said.get("rule"), said.get("sure")
            if rule is None and name in _RULES:
                rule, sure = _RULES[name]
            found[name] = Evidence(rule, sure, place) if value else Evidence(None, None, place)
        if facts.get("reader") == self._article["reader"]:
            found["reader"] = Evidence("reader and learned chrome", "high", place)
        found["kind"] = Evidence("rules of the profile", "high", place)
        found["content_digest"] = Evidence("sha-256 of what was read", "high", place)
        if self._article["duplicate_of"] is not None:
            found["duplicate_of"] = Evidence("text beside the earliest", "high", place)
        return found

    def _addresses(self, row: Any) -> dict[str, Evidence]:
        canonical = row["canonical"] == self._article["url"]
        rule = "canonical link" if canonical else "address that answered"
        parts = tuple((url, self._address(url)) for url in self._article["urls"])
        return {
            "url": Evidence(rule, "high", self._place(row)),
            "urls": Evidence("addresses of its captures", "high", self._place(row), parts),
        }

    def _address(self, url: str) -> Evidence:
        """How an address is known to be the article's, by its newest capture."""
        for row in reversed(self._rows):
            if row["url"] == url and row["kind"] == "article":
                return Evidence("answers with the article", "high", self._place(row))
            if row["url"] == url and row["target"] is not None:
                return Evidence("redirects to the article", "high", self._place(row))
        for row in reversed(self._pages):
            if row["canonical"] == url:
                return Evidence("canonical link", "high", self._place(row))
        return Evidence()

    # -- what the captures tell -------------------------------------------------------------------------------------------

    def _versions(self) -> list[Version]:
        """Up to the one that the dataset has; a run that is under way may have met newer ones."""
        found: list[Version] = []
        for row in self._pages:
            if (found and row["content"] == found[-1].content_digest) or row["date"] > self._article["last_changed"]:
                continue
            found.append(Version(len(found) + 1, row["date"], row["content"], row["run"], self._place(row)))
        return found

    def _from_captures(self, told: Testimony) -> dict[str, Evidence]:
        article, pages = self._article, self._pages
        found: dict[str, Evidence] = {}
        if pages[0]["date"] == article["first_seen"]:
            found["first_seen"] = Evidence("earliest capture", "high", self._place(pages[0]))
        if told.versions and told.versions[-1].date == article["last_changed"]:
            place = told.versions[-1].place
            for name in ("version", "last_changed"):
                found[name] = Evidence("captures in their order", "high", place)
            found["capture"] = Evidence("first full response of this version", "high", place)
        for row in self._rows:
            if row["date"] == article["withdrawn"]:
                what = "page that says it is not there" if row["kind"] == "soft404" else f"HTTP {row['status']}"
                found["withdrawn"] = Evidence(f"{what}, in two runs", "high", self._place(row))
        return found

    def _id(self) -> Evidence:
        """What it was made of, by the earliest page that has that; the metadata record that gives it has no index line."""
        row = self._ledger.db.query("SELECT number, key, date FROM ids WHERE id = ?", (self._article["id"],)).fetchone()
        if row is None:
            return Evidence()
        given = f"given for good {row['date'][:19].replace('T', ' ')}"
        for page in self._pages:
            if row["number"] in (page["number"], urls.parse(page["url"], self._site).number) and row["number"]:
                return Evidence(f"SPIP's number, {given}", "high", self._place(page))
        what = "SPIP's number" if row["number"] else "last part of the address"
        named = [page for page in self._pages if page["subject"] == row["key"]] or self._pages
        return Evidence(f"{what}, {given}", "high", self._place(named[0]) if named else None)

    # -- what listings said -----------------------------------------------------------------------------------------------

    def _section(self) -> Evidence:
        """The article's own page, else the newest listing that puts it there."""
        wanted = self._article["section"]
        if not wanted:
            return Evidence(None, None, self._place(self._said))
        assert self._said is not None
        sections = Sections(self._ledger)
        placed = [row for row in self._pages if row["section"] is not None and row["date"] <= self._said["date"]]
        if placed and sections.path(placed[-1]["section"]) == wanted:
            return Evidence("breadcrumb", "high", self._place(placed[-1]))
        listed = [row for row in self._entries("section") if sections.path(row["listing"]) == wanted]
        if not listed:
            return Evidence()
        newest = max(listed, key=lambda row: (self._rank(row["crawl"]), row["date"], row["listing"]))
        return Evidence("listing of the section", "fair", self._listing(newest))

    def _listed_tags(self) -> Evidence:
        """Of each keyword the newest page of its listing that has the article."""
        if not self._article["tags"]:
            return Evidence(None, None, self._place(self._said))
        newest: dict[str, Any] = {}
        for row in sorted(self._entries("keyword"), key=lambda row: (self._rank(row["crawl"]), row["date"])):
            newest[row["title"]] = row
        parts = tuple(
            (tag, Evidence("listing of the keyword", "fair", self._listing(newest[tag])))
            for tag in self._article["tags"]
            if tag in newest
        )
        if len(parts) < len(self._article["tags"]):
            return Evidence()
        return Evidence("listings of keywords", "fair", parts[0][1].place, parts)

    def _entries(self, kind: str) -> Sequence[Any]:
        """The listings of a kind that have the article, but for what stands beside them on every page."""
        rows = self._ledger.db.query(
            """SELECT listing, crawl, date, place,
                      (SELECT title FROM passes WHERE passes.listing = entries.listing ORDER BY date DESC LIMIT 1) AS title
               FROM entries WHERE article IN (SELECT value FROM json_each(?))
                 AND listing IN (SELECT listing FROM passes WHERE kind = ?)""",
            (self._keys, kind),
        ).fetchall()
        apart = beside(self._ledger) if rows else frozenset()
        return [row for row in rows if row["place"] not in apart]

    def _listing(self, entry: Any) -> Place | None:
        """The page of a listing that an entry was read from."""
        row = self._ledger.db.query(
            """SELECT captures.date, name, offset, record_id, captures.url, original
               FROM readings JOIN captures ON captures.id = readings.capture JOIN files ON files.id = file
               WHERE readings.kind = 'listing' AND subject = ? AND captures.date = ?""",
            (entry["listing"], entry["date"]),
        ).fetchone()
        return None if row is None else self._place(row)

    def _rank(self, crawl: int) -> int:
        return self._ranks.get(crawl, 0)
