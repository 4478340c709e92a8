"""The pages of the room: what each of them tells, once as a page, as JSON and as rows of a table."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from osiris_crawler.dataset.clusters import differences, words_of
from osiris_crawler.dataset.evidence import Evidence
from osiris_crawler.errors import UsageError
from osiris_crawler.export.csv_rows import JOINT
from osiris_crawler.reading_room.asking import PER_PAGE, Question
from osiris_crawler.reading_room.prose import prose
from osiris_crawler.reading_room.room import Result, Room, plain, printed_by
from osiris_crawler.reading_room.shelves import FACETS
from osiris_crawler.reading_room.wording import SAY

_LATEST = 12
_LISTED = {"tag": 24, "outlet": 24, "section": 24}  # on the first page
_NARROW = 10  # values of a facet beside results
_COPIES = 50  # reprints that are compared
_PLACES = 8  # … and shown of each
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}")
_STAMP = re.compile(r"\D")

Asked = Mapping[str, Sequence[str]]


class NotHere(Exception):
    """There is no such page, or it must not be shown."""


class BadQuestion(Exception):
    """What is asked for can't be; a sentence for people."""


@dataclass(slots=True)
class Page:
    """What a view tells: a template with its values, an object, a table."""

    template: str
    values: dict[str, Any]
    data: Any
    head: tuple[str, ...]
    rows: Iterable[Sequence[Any]]
    name: str  # of a file it is saved as
    more: dict[str, Any] = field(default_factory=dict)


def address(id: str, rest: str = "") -> str:
    """The permanent address of an article."""
    return f"/article/{quote(id, safe='')}{rest}"


# -- the first page -----------------------------------------------------------------------------------------------------------


def home(room: Room, db: sqlite3.Connection, asked: Asked) -> Page:
    visible = room.visible(db)
    everything = Result(Question(), room.search(db, Question()).query, visible, visible.bit_count())
    facets = room.facets(everything)
    latest = room.search(db, Question(sort="newest")).items[:_LATEST]
    years = [value for value, _count in facets["year"]]
    data = {
        "collection": room.collection.name,
        "articles": everything.total,
        "first_year": min(years, default=None),
        "last_year": max(years, default=None),
        "facets": {name: [{"value": value, "articles": count} for value, count in facets[name]] for name in FACETS},
        "latest": [_item(item) for item in latest],
    }
    values = {
        "total": everything.total,
        "span": (min(years, default=""), max(years, default="")),
        "years": _bars(facets["year"][::-1]),
        "lists": {name: facets[name][:most] for name, most in _LISTED.items()},
        "branches": room.branches(None, dict(facets["section"])),
        "latest": latest,
        "question": Question(),
    }
    rows = ((name, value, count) for name in FACETS for value, count in facets[name])
    return Page("home.html", values, data, ("facet", "value", "articles"), rows, "overview")


# -- searching ----------------------------------------------------------------------------------------------------------------


def search(room: Room, db: sqlite3.Connection, asked: Asked) -> Page:
    question = Question.of(asked)
    result = room.search(db, question)
    facets = room.facets(result)
    data = {
        "q": question.words,
        "chosen": {name: question.chosen(name) for name in FACETS},
        "articles": result.total,
        "page": question.page,
        "pages": result.pages,
        "next": question.address("/search.json", page=question.page + 1) if question.page < result.pages else None,
        "items": [{**_item(item), "snippet": plain(item["snippet"])} for item in result.items],
        "facets": {name: [{"value": value, "articles": count} for value, count in facets[name]] for name in FACETS},
    }
    section = next(iter(question.chosen("section")), None)
    narrow = {
        name: [pair for pair in facets[name] if pair[0] not in question.chosen(name)][:_NARROW]
        for name in ("tag", "outlet")
    }
    wider = None
    if not result.total and question.words and question.choices:
        open_question = Question(question.words)
        wider = (open_question, room.search(db, open_question).total)
    values = {
        "question": question,
        "result": result,
        "years": _bars(facets["year"][::-1]),
        "narrow": narrow,
        "branches": room.branches(section, dict(facets["section"])),
        "chosen": [(facet, value, question.without_choice(facet, value)) for facet, value in question.choices],
        "first": (question.page - 1) * PER_PAGE + 1,
        "wider": wider,
    }
    return Page("search.html", values, data, _HEAD, map(_row, room.everything(db, question)), "search")


_HEAD = ("id", "date", "title", "section", "tags", "outlets", "address", "url")


def _row(item: Mapping[str, Any]) -> Sequence[Any]:
    told = _item(item)
    return [JOINT.join(value) if isinstance(value, list) else value for value in (told[name] for name in _HEAD)]


def _item(item: Mapping[str, Any]) -> dict[str, Any]:
    names = ("id", "date", "title", "section", "tags", "outlets", "withdrawn", "reprint", "url")
    return {**{name: item[name] for name in names}, "address": address(item["id"])}


def timeline(room: Room, db: sqlite3.Connection, asked: Asked) -> Page:
    question = Question.of(asked)
    result = room.search(db, question)
    counted = room.shelves.counts("month", result.within)
    most = max(counted.values(), default=1)
    years = sorted({month[:4] for month in counted}, reverse=True)
    table = []
    for year in years:
        months = [(f"{year}-{n:02}", counted.get(f"{year}-{n:02}", 0)) for n in range(1, 13)]
        bars = [(month, count, max(round(count / most * 100), 4) if count else 0) for month, count in months]
        table.append((year, sum(count for _month, count in months), bars))
    values = {"question": question, "result": result, "table": table}
    data = {
        "q": question.words,
        "chosen": {name: question.chosen(name) for name in FACETS},
        "articles": result.total,
        "undated": result.total - sum(counted.values()),
        "months": [{"month": month, "articles": counted[month]} for month in sorted(counted)],
    }
    rows = [(month, counted[month]) for month in sorted(counted)]
    return Page("timeline.html", values, data, ("month", "articles"), rows, "timeline")


def _bars(values: Iterable[tuple[str, int]]) -> list[tuple[str, int, int]]:
    """(value, articles, how long its bar is of a hundred)"""
    values = list(values)
    most = max((count for _value, count in values), default=1)
    return [(value, count, max(round(count / most * 100), 1)) for value, count in values]


# -- an article ---------------------------------------------------------------------------------------------------------------


def article(room: Room, db: sqlite3.Connection, id: str) -> Page:
    number, found = _found(room, db, id)
    provenance = room.past.provenance(found)
    family = room.family(db, found)
    copies = [item for item in room.items(db, family[: _COPIES + 1], None) if item["id"] != id]
    before, after = room.neighbours(db, number)
    near = {item["id"]: item for item in room.items(db, [n for n in (before, after) if n is not None], None)}
    ordered = list(near.values())
    values = {
        **_about(room, found),
        "prose": prose(found),
        "provenance": provenance,
        "copies": copies,
        "more_copies": max(len(family) - _COPIES - 1, 0),
        "earlier": ordered[0] if before is not None else None,
        "later": ordered[-1] if after is not None else None,
    }
    data = {
        "article": found,
        "address": address(id),
        "provenance": {name: evidence.as_json() for name, evidence in (provenance or {}).items()},
        "duplicates": [_item(copy) for copy in copies],
    }
    rows = [(name, _cell(value), *_evidence((provenance or {}).get(name))) for name, value in found.items()]
    return Page("article.html", values, data, ("field", "value", "rule", "sure", "captured"), rows, "article")


def _found(room: Room, db: sqlite3.Connection, id: str) -> tuple[int, dict[str, Any]]:
    number = room.number(db, id)
    if number is None:
        raise NotHere
    return number, room.article(db, number)


def _about(room: Room, found: Mapping[str, Any]) -> dict[str, Any]:
    """What every page about an article tells."""
    language = str(found["language"] or "")
    section = found["section"]
    return {
        "article": found,
        "language_of": language if _LANGUAGE.fullmatch(language) else None,
        "section_paths": [(title, " › ".join(section[: n + 1])) for n, title in enumerate(section)],
        "outlets": printed_by(found),
        "here": address(found["id"]),
        "question": Question(),
    }


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        return JOINT.join(
            str(part.get("text") or part.get("url")) if isinstance(part, dict) else str(part) for part in value
        )
    if isinstance(value, dict):
        return f"{value['warc']}:{value['offset']}"
    return value


def _evidence(evidence: Evidence | None) -> tuple[Any, Any, Any]:
    if evidence is None:
        return None, None, None
    return evidence.rule, evidence.sure, evidence.place.date if evidence.place else None


def versions(room: Room, db: sqlite3.Connection, id: str, asked: Asked) -> Page:
    number, found = _found(room, db, id)
    first, last = (_version(asked, name) for name in ("from", "to"))
    full = "full" in asked
    events = room.events(db, found, number)
    try:
        told = room.past.versions(found, events, first, last, full=full)
    except UsageError as problem:
        raise BadQuestion(problem.what) from problem
    names = ("version", "first", "last", "captures", "cause", "fields", "content_digest", "run", "capture", "url")
    listed = [version.as_json() for version in told.versions] if told else []
    data = {
        "id": id,
        "versions": listed,
        "events": told.events if told else events,
        "changes": [
            {
                "from": old.number,
                "to": new.number,
                "fields": {name: [[part.kind, part.text] for part in parts] for name, parts in fields.items()},
            }
            for old, new, fields in (told.changes if told else [])
        ],
    }
    values = {
        **_about(room, found),
        "told": told,
        "full": full,
        "first": first,
        "last": last,
        "marks": {"gone": SAY["gone"], "new": SAY["new"], "left": SAY["moved_away"], "came": SAY["moved_here"]},
    }
    rows = [[_cell(version[name]) for name in names] for version in listed]
    return Page("versions.html", values, data, names, rows, "versions")


def _version(asked: Asked, name: str) -> int | None:
    text = next(iter(asked.get(name, ())), "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else None


def reprints(room: Room, db: sqlite3.Connection, id: str) -> Page:
    """An article's cluster: the earliest that may be shown, and what the others have otherwise."""
    _number, found = _found(room, db, id)
    family = room.family(db, found)
    first = room.article(db, family[0])
    words = words_of(first)
    compared = []
    for number in family[1 : _COPIES + 1]:
        copy = room.article(db, number)
        compared.append((copy, printed_by(copy), differences(first, copy, words, _PLACES)))
    data: dict[str, Any] = {
        "earliest": _member(first),
        "copies": [
            {
                **_member(copy),
                "share": difference.share,
                "removed": difference.removed,
                "added": difference.added,
                "places": difference.count,
            }
            for copy, _outlets, difference in compared
        ],
        "more": max(len(family) - _COPIES - 1, 0),
    }
    names = ("id", "date", "title", "outlets", "share", "removed", "added", "places")
    rows = [[_cell(told.get(name)) for name in names] for told in [data["earliest"], *data["copies"]]]
    values = {
        **_about(room, found),
        "first": first,
        "first_outlets": printed_by(first),
        "compared": compared,
        "more": data["more"],
    }
    return Page("reprints.html", values, data, names, rows, "reprints")


def _member(found: Mapping[str, Any]) -> dict[str, Any]:
    named = {name: found[name] for name in ("id", "date", "title", "url")}
    return {**named, "outlets": printed_by(found), "address": address(found["id"])}


def as_it_was(room: Room, db: sqlite3.Connection, id: str, *, begin: bool) -> Page:
    """The text beside the archived page. `begin`: whether a reader asks, who may start the replay."""
    _number, found = _found(room, db, id)
    beside = room.beside
    if begin:
        beside.begin()
    capture = found["capture"] or {}
    stamp = _STAMP.sub("", str(capture.get("date") or ""))[:14]
    page = beside.page(stamp, found["url"]) if beside.base else None
    values = {
        **_about(room, found),
        "prose": prose(found),
        "frame": page,
        "framed": beside.framed(stamp, found["url"]) if beside.base else None,
        "captured": capture.get("date"),
        "beside": beside,
        "waiting": beside.wanted and page is None and beside.trouble is None and beside.begun,
    }
    data = {"id": id, "url": found["url"], "captured": capture.get("date"), "replay": values["framed"]}
    names = ("id", "url", "captured", "replay")
    return Page("as_it_was.html", values, data, names, [[data[name] for name in names]], "as-it-was")
