"""The question that an address asks: words, choices, order, page. The address of a question is its permanent name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from osiris_crawler.reading_room.query import LONGEST, tame
from osiris_crawler.reading_room.shelves import FACETS

SORTS = ("relevance", "newest", "oldest")
PER_PAGE = 20
_MOST_PAGES = 100_000
_MOST_CHOICES = 20
_LONGEST_CHOICE = 1000


@dataclass(frozen=True, slots=True)
class Question:
    """Words, and choices of facets as (facet, value)."""

    words: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    sort: str = ""
    page: int = 1

    @classmethod
    def of(cls, asked: Mapping[str, Sequence[str]]) -> Question:
        """As an address has it. What can't be understood is left out, so that every address has an answer."""
        given = [
            (facet, value)
            for facet in FACETS
            for value in map(tame, asked.get(facet, ()))
            if value and len(value) <= _LONGEST_CHOICE
        ]
        page = _first(asked, "page")
        sort = _first(asked, "sort")
        return cls(
            " ".join(tame(_first(asked, "q")).split())[:LONGEST],
            tuple(dict.fromkeys(given))[:_MOST_CHOICES],
            sort if sort in SORTS else "",
            min(max(int(page), 1), _MOST_PAGES) if page.isdecimal() and page.isascii() and len(page) < 9 else 1,
        )

    def chosen(self, facet: str) -> list[str]:
        return [value for name, value in self.choices if name == facet]

    def address(self, path: str = "/search", *, page: int | None = None, sort: str | None = None) -> str:
        """Where it is asked: the first page, unless another is named."""
        sort = self.sort if sort is None else sort
        pairs = [("q", self.words)] if self.words else []
        pairs += self.choices
        pairs += [("sort", sort)] if sort else []
        pairs += [("page", str(page))] if page and page > 1 else []
        return f"{path}?{urlencode(pairs)}" if pairs else path

    def with_choice(self, facet: str, value: str) -> Question:
        """Narrowed; of sections, years and months there is one at a time."""
        others = self.choices if facet in ("tag", "outlet") else self._without(facet)
        if facet == "year":
            others = tuple(pair for pair in others if pair[0] != "month")
        return replace(self, choices=tuple(dict.fromkeys((*others, (facet, value)))), page=1)

    def without_choice(self, facet: str, value: str) -> Question:
        return replace(self, choices=tuple(pair for pair in self.choices if pair != (facet, value)), page=1)

    def _without(self, facet: str) -> tuple[tuple[str, str], ...]:
        return tuple(pair for pair in self.choices if pair[0] != facet)


def _first(asked: Mapping[str, Sequence[str]], name: str) -> str:
    return next(iter(asked.get(name, ())), "")
