"""Which articles an export takes, and which of their fields: the filters of “osiris export”."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from difflib import get_close_matches
from typing import Any

from osiris_crawler.errors import UsageError
from osiris_crawler.extract.landmarks import folded
from osiris_crawler.i18n import _
from osiris_crawler.record import keys
from osiris_crawler.settings import day

FILTERED, UNDATED = "filtered", "undated"  # reasons to leave an article out
_NEAR = 3
_MOST_KNOWN = 20_000  # different names that are kept to say which are near; a site has hundreds


@dataclass(frozen=True, slots=True)
class Choice:
    """What is asked for. Of several names one must match, of several options all; days count in, as YYYY-MM-DD."""

    since: str | None = None
    until: str | None = None
    tags: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    outlets: tuple[str, ...] = ()
    duplicates: bool = True  # False: of a reprint and what it repeats the first that is taken

    @classmethod
    def of(
        cls,
        *,
        since: str | None = None,
        until: str | None = None,
        tags: Iterable[str] = (),
        sections: Iterable[str] = (),
        outlets: Iterable[str] = (),
        duplicates: bool = True,
    ) -> Choice:
        """As it is typed: a day may be a month or a year. UsageError when that can't be."""
        first, last = _day("--since", since, last=False), _day("--until", until, last=True)
        if first and last and first > last:
            raise UsageError(
                _("--since %(since)s is after --until %(until)s.") % {"since": since, "until": until},
                _("No day lies between them."),
            )
        return cls(first, last, tuple(tags), tuple(sections), tuple(outlets), duplicates)

    def __bool__(self) -> bool:
        return any(getattr(self, field.name) != field.default for field in fields(self))


class Chooser:
    """A choice, put to the articles one after the other in the order of the dataset.

    A group's root is its first by date, so that of what is taken a reprint comes after what it repeats.
    """

    def __init__(self, choice: Choice) -> None:
        self._choice = choice
        self._names = (
            _Names("--tag", choice.tags),
            _Names("--section", choice.sections),
            _Names("--outlet", choice.outlets),
        )
        self._groups: set[str] = set()

    def reason(self, article: Mapping[str, Any]) -> str | None:
        """Why an article is left out; None when it is taken."""
        choice = self._choice
        met = [names.meet(values(article)) for names, values in zip(self._names, _VALUES, strict=True)]
        if not all(met):
            return FILTERED
        date: str | None = article["date"]
        if (choice.since or choice.until) and date is None:
            return UNDATED
        if date is not None and not (choice.since or "") <= date <= (choice.until or "9999-99-99"):
            return FILTERED
        if not choice.duplicates:
            group = article["duplicate_of"] or article["id"]
            if group in self._groups:
                return FILTERED
            self._groups.add(group)
        return None

    def unknown(self) -> list[str]:
        """Of every name that was asked for and that no article has, a sentence, with near ones."""
        return [sentence for names in self._names for sentence in names.unknown()]


class _Names:
    """What one option asks for, matched whole, without regard to case and accents."""

    def __init__(self, option: str, asked: Sequence[str]) -> None:
        self._option = option
        self._asked = {folded(name): name for name in asked}
        self._met: set[str] = set()
        self._known: dict[str, str] = {}

    def meet(self, names: Iterable[str]) -> bool:
        if not self._asked:
            return True
        found = False
        for name in names:
            key = folded(name)
            if key in self._asked:
                self._met.add(key)
                found = True
            elif len(self._known) < _MOST_KNOWN:
                self._known.setdefault(key, name)
        return found

    def unknown(self) -> list[str]:
        sentences = []
        for key, name in self._asked.items():
            if key in self._met:
                continue
            near = get_close_matches(key, self._known, n=_NEAR, cutoff=0.6)
            within = [other for other in self._known if key and key in other]
            shown = list(dict.fromkeys(self._known[one] for one in (*near, *within)))[:_NEAR]
            sentence = _("No article has what %(option)s %(name)r asks for.") % {"option": self._option, "name": name}
            hint = _("Near ones: %(near)s.") % {"near": " | ".join(shown)} if shown else ""
            sentences.append(f"{sentence} {hint}".strip())
        return sentences


def _tags(article: Mapping[str, Any]) -> Iterable[str]:
    names: list[str] = article["tags"]
    return names


def _sections(article: Mapping[str, Any]) -> Iterable[str]:
    names: list[str] = article["section"]
    return names


def _outlets(article: Mapping[str, Any]) -> Iterable[str]:
    """The outlets of its sources; of one that is not known, the name that stands there."""
    return [name for source in article["sources"] if (name := source["outlet"] or source["name"])]


_VALUES = (_tags, _sections, _outlets)


def known_fields(asked: Iterable[str]) -> tuple[str, ...]:
    """Fields as they are typed, “id,title”, in that order; UsageError with near ones for one that the record has not."""
    names = [name.strip() for part in asked for name in part.split(",")]
    known = keys()
    for name in names:
        if name not in known:
            near = get_close_matches(name.casefold(), known, n=_NEAR, cutoff=0.5) or known
            raise UsageError(
                _("The record has no field %(name)r.") % {"name": name},
                _("Near ones: %(near)s.") % {"near": ", ".join(near)},
            )
    return tuple(dict.fromkeys(names))


def _day(option: str, text: str | None, *, last: bool) -> str | None:
    if text is None:
        return None
    try:
        return day(text, last=last)
    except ValueError as problem:
        raise UsageError(
            _("%(option)s can't be %(value)r.") % {"option": option, "value": text}, str(problem)
        ) from problem
