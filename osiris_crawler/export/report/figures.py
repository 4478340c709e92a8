"""What a report counts, in one pass over articles.jsonl; no article is held.

What is counted by name is bounded in names, what is listed in entries: a page may be as hostile as it likes.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

_MOST_NAMES = 20_000  # keywords or outlets told apart
_LONGEST = 120  # letters of a name
# Fields whose filling is shown, and how; an article without keywords may be as it should.
FILLED = ("date", "section", "tags", "sources", "authors", "lead", "images")


@dataclass(slots=True)
class Quality:
    """How well a group of articles could be read."""

    articles: int = 0
    filled: Counter[str] = field(default_factory=Counter)
    issues: int = 0
    letters: array[int] = field(default_factory=lambda: array("L"))  # of the bodies

    def add(self, article: Mapping[str, Any]) -> None:
        self.articles += 1
        self.filled.update(name for name in FILLED if article[name])
        self.issues += bool(article["issues"])
        self.letters.append(len(article["body"]))

    def median(self) -> int:
        """Letters of the body in the middle."""
        return sorted(self.letters)[len(self.letters) // 2] if self.letters else 0

    def empty(self) -> int:
        """Articles without a body."""
        return self.letters.count(0)


@dataclass(slots=True)
class Names:
    """How often each name was met, by year; at most _MOST_NAMES of them."""

    years: dict[str, Counter[str]] = field(default_factory=dict)
    beyond: int = 0

    def add(self, name: str, year: str) -> None:
        name = name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "…"
        known = self.years.get(name)
        if known is None:
            if len(self.years) >= _MOST_NAMES:
                self.beyond += 1
                return
            known = self.years[name] = Counter()
        known[year] += 1

    def top(self, most: int) -> list[tuple[str, Counter[str]]]:
        """The most frequent, in order."""
        return sorted(self.years.items(), key=lambda item: (-item[1].total(), item[0].casefold()))[:most]


@dataclass(slots=True)
class Figures:
    """What the articles of a dataset are, counted. A year is four digits, "" where no date could be read."""

    articles: int = 0
    withdrawn: int = 0
    reprints: int = 0
    months: Counter[str] = field(default_factory=Counter)  # YYYY-MM
    quality: dict[str, Quality] = field(default_factory=dict)  # year →
    by_run: dict[str, Quality] = field(default_factory=dict)  # run that brought them →
    keywords: Names = field(default_factory=Names)
    outlets: Names = field(default_factory=Names)
    with_source: int = 0

    def add(self, article: Mapping[str, Any], run: str | None) -> None:
        date: str = article["date"] or ""
        year = date[:4]
        self.articles += 1
        self.withdrawn += article["withdrawn"] is not None
        self.reprints += article["duplicate_of"] is not None
        if date:
            self.months[date[:7]] += 1
        self.quality.setdefault(year, Quality()).add(article)
        if run is not None:
            self.by_run.setdefault(run, Quality()).add(article)
        for keyword in article["tags"]:
            self.keywords.add(keyword, year)
        self.with_source += bool(article["sources"])
        for outlet in {source["outlet"] for source in article["sources"] if source["outlet"]}:
            self.outlets.add(outlet, year)

    @property
    def years(self) -> list[str]:
        """Years of publication, oldest first."""
        return sorted(year for year in self.quality if year)


def count(articles: Iterable[Mapping[str, Any]], runs: Iterable[tuple[str, str]] = ()) -> Figures:
    """Count articles; `runs` are (began, name) of the runs that may have brought them."""
    figures = Figures()
    known = sorted(runs)
    begins = [began for began, _run in known]
    for article in articles:
        place = bisect_right(begins, article["first_seen"] or "") - 1
        figures.add(article, known[place][1] if place >= 0 else None)
    return figures


def spans(years: list[str], most: int = 8) -> list[tuple[str, list[str]]]:
    """Years that have articles, gathered into at most `most` columns: ("1999–2001", its years), … The newest are full.

    A wrong date far off takes a place in one of them, and does not stretch them all.
    """
    step = -(-len(years) // most) or 1
    first = len(years) % step
    found = [years[:first]] if first else []
    found += [years[place : place + step] for place in range(first, len(years), step)]
    return [(part[0] if len(part) == 1 else f"{part[0]}–{part[-1]}", part) for part in found]
