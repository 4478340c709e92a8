"""What a release says of itself in figures, counted while it is written; tables of statistics are those of export/stats."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

_INSTANTS = ("first_seen", "last_changed", "withdrawn")
_LANGUAGE = re.compile(r"([a-z]{2,3})(?:-|$)", re.I | re.A)
NO_YEAR = "undated"


def year_of(article: Mapping[str, Any]) -> str:
    """YYYY, or `NO_YEAR`."""
    return article["date"][:4] if article["date"] else NO_YEAR


class Figures:
    """`years` is in the order of the dataset; every other count by its name. `newest` is the newest capture's instant."""

    def __init__(self) -> None:
        self.articles = 0
        self.years: Counter[str] = Counter()
        self.languages: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()
        self.readers: Counter[str] = Counter()
        self.notable: Counter[str] = Counter()
        self.oldest = self.newest = ""

    def add(self, article: Mapping[str, Any]) -> None:
        self.articles += 1
        self.years[year_of(article)] += 1
        self.languages[article["language"] or "und"] += 1
        self.kinds[article["kind"]] += 1
        self.readers[article["reader"]] += 1
        for name, holds in (
            ("withdrawn", article["withdrawn"]), ("duplicates", article["duplicate_of"]), ("changed", article["version"] > 1),
            ("with_source", article["sources"]), ("with_author", article["authors"]), ("with_tags", article["tags"]),
            ("with_images", article["images"]), ("with_documents", article["documents"]), ("with_issues", article["issues"]),
        ):  # fmt: skip
            self.notable[name] += bool(holds)
        instants = [article["capture"]["date"], *(article[name] for name in _INSTANTS if article[name])]
        self.newest = max(self.newest, *instants)
        self.oldest = min(instants) if not self.oldest else min(self.oldest, *instants)

    def codes(self) -> list[str]:
        """ISO 639 codes of the languages, the most frequent first, of tags that begin with one."""
        counts: Counter[str] = Counter()
        for tag, count in self.languages.items():
            found = _LANGUAGE.match(tag)
            if found and found[1].lower() != "und":
                counts[found[1].lower()] += count
        return list(ranked(counts))

    def as_json(self) -> dict[str, Any]:
        return {
            "articles": self.articles,
            **self.notable,
            "years": dict(sorted(self.years.items())),
            **{name: ranked(getattr(self, name)) for name in ("languages", "kinds", "readers")},
        }


def ranked(counts: Mapping[str, int]) -> dict[str, int]:
    """The most frequent first, then by name."""
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
