"""What was found on a site's pages against what was planted there: rates per field, and the pages that are wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .metrics import chrome_in, f1, folded, letters, same_words, words
from .planted import Planted

EXACT = (
    "title", "date", "section", "tags", "authors", "lead", "source name", "source date", "source line", "ps", "notes",
    "language",
)  # fmt: skip
NEARLY = 0.99  # F1 from which on a body is as good as right


@dataclass(slots=True)
class Wrong:
    """One field of one page that isn't what was planted."""

    url: str
    planted: Any
    found: Any
    f1: float = 0.0


@dataclass(slots=True)
class Scores:
    """Figures over one or more sites. A field that a reader does not give has no entry in `asked`."""

    pages: int = 0
    right: dict[str, int] = field(default_factory=dict)
    asked: dict[str, int] = field(default_factory=dict)
    f1s: list[float] = field(default_factory=list)
    same_letters: int = 0  # bodies equal in every letter and digit, in order
    chrome: int = 0  # pages with a line of chrome in the body
    false_sources: int = 0  # pages with a source where none is
    sourceless: int = 0  # pages that have none
    empty: int = 0  # pages of which nothing was found
    unplanted: int = 0  # articles found that are none
    whole: bool = False  # whether the site was read as a whole, so that these could be found
    seconds: float = 0.0
    timed: int = 0  # pages read in that time
    wrong: dict[str, list[Wrong]] = field(default_factory=dict)

    def rate(self, name: str) -> float | None:
        """Share of pages whose field is exactly what was planted; None when it is not given or was not planted."""
        asked = self.asked.get(name, 0)
        return self.right.get(name, 0) / asked if asked else None

    @property
    def mean_f1(self) -> float | None:
        return sum(self.f1s) / len(self.f1s) if self.f1s else None

    @property
    def nearly(self) -> float | None:
        """Share of bodies with an F1 of at least 0.99."""
        return sum(value >= NEARLY for value in self.f1s) / len(self.f1s) if self.f1s else None

    @property
    def speed(self) -> float | None:
        """Pages per second."""
        return self.timed / self.seconds if self.seconds else None

    def add(self, other: Scores) -> None:
        """Take in the figures of another site."""
        for name in (
            "pages",
            "same_letters",
            "chrome",
            "false_sources",
            "sourceless",
            "empty",
            "unplanted",
            "seconds",
            "timed",
        ):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.whole = self.whole or other.whole
        self.f1s += other.f1s
        for mine, more in ((self.right, other.right), (self.asked, other.asked)):
            for key, count in more.items():
                mine[key] = mine.get(key, 0) + count
        for key, pages in other.wrong.items():
            self.wrong.setdefault(key, []).extend(pages)


def _set(values: Sequence[str]) -> set[str]:
    return {folded(value) for value in values}


def _plain_notes(values: Sequence[str]) -> list[str]:
    return [letters(value) for value in values]


_LIKE: dict[str, Callable[[Any], Any]] = {
    "title": folded,
    "section": lambda titles: [folded(title) for title in titles],
    "tags": _set,
    "authors": _set,
    "lead": letters,
    "ps": letters,
    "notes": _plain_notes,
    "language": lambda tag: (tag or "")[:2],
}


def _sources(found: Any) -> tuple[set[str], set[str], set[str]]:
    """(names, dates, lines as written) of attributions; one whose name is only an address has no name."""
    return (
        {folded(source["name"]) for source in found if source["name"]},
        {source["date"] for source in found if source["date"]},
        {folded(source["text"]) for source in found},
    )


def score(
    planted: Sequence[Planted],
    found: Mapping[str, Mapping[str, Any]],
    chrome: Sequence[Sequence[str]],
    fields: Sequence[str] | None = None,
    *,
    whole: bool = False,
) -> Scores:
    """Compare. `found` maps addresses to records with the names of articles.jsonl; `fields` are those that are given.

    A page of which nothing was found counts as empty. With `whole` the reader keeps lead, source line, PS and notes in
    the body: each page counts against whichever of the planted texts, with or without them, suits it best, and a title
    in front of it does not count.
    """
    scores = Scores(pages=len(planted))
    for page in planted:
        record = found.get(page.url)
        scores.empty += record is None
        _fields(scores, page, record or {}, fields)
        _body(scores, page, record or {}, chrome, fields, whole=whole)
    return scores


def _fields(scores: Scores, page: Planted, record: Mapping[str, Any], fields: Sequence[str] | None) -> None:
    for name in EXACT:
        kind = "sources" if name.startswith("source") else name
        if (fields is not None and kind not in fields) or kind not in page.fields:
            continue
        if kind == "sources":
            _source(scores, page, record.get("sources") or [], name)
            continue
        like = _LIKE.get(name, lambda value: value)
        empty: Any = [] if name in ("section", "tags", "authors", "notes") else None
        _count(scores, name, page, page.fields[name], record.get(name) or empty, like)


def _source(scores: Scores, page: Planted, found: Any, name: str) -> None:
    if not page.fields["sources"]:
        if name == "source name":
            scores.sourceless += 1
            scores.false_sources += bool(found)
            if found:
                scores.wrong.setdefault("false sources", []).append(Wrong(page.url, [], found))
        return
    at = ("source name", "source date", "source line").index(name)
    _count(scores, name, page, page.fields["sources"], found, lambda sources: _sources(sources)[at])


def _count(scores: Scores, name: str, page: Planted, planted: Any, found: Any, like: Callable[[Any], Any]) -> None:
    scores.asked[name] = scores.asked.get(name, 0) + 1
    if like(planted) == like(found):
        scores.right[name] = scores.right.get(name, 0) + 1
    else:
        scores.wrong.setdefault(name, []).append(Wrong(page.url, planted, found))


def _body(
    scores: Scores,
    page: Planted,
    record: Mapping[str, Any],
    chrome: Sequence[Sequence[str]],
    fields: Sequence[str] | None,
    *,
    whole: bool,
) -> None:
    if fields is not None and "body" not in fields:
        return
    body = record.get("body") or ""
    found, title = words(body), words(page.fields["title"])
    if whole and title and found[: len(title)] == title:
        found = found[len(title) :]
    value, planted = max(
        ((f1(*same_words(words(text), found)), text) for text in (page.bodies if whole else page.bodies[:1])),
        key=lambda pair: pair[0],
    )
    scores.f1s.append(value)
    equal = letters(planted) == "".join(found)
    scores.same_letters += equal
    if not equal:
        scores.wrong.setdefault("body", []).append(Wrong(page.url, planted, body, value))
    lines = chrome_in(body, page.text, chrome)
    if lines:
        scores.chrome += 1
        scores.wrong.setdefault("chrome in body", []).append(Wrong(page.url, [], lines))
