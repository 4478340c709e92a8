"""What the rules of the alarms are given, and what they give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from osiris_crawler.ledger.figures import Figures

SHOWN = 10  # pages to look at
LEVEL = 7  # runs that make the level of a count
_FEW = 20  # addresses asked again: with fewer the runs before are counted in


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something to be looked at. `about` tells alarms of one name apart: a field, a listing."""

    name: str
    about: str
    expected: str
    seen: str
    pages: list[str]  # addresses to look at
    next: str
    once: bool = False  # of this run alone; a later one is judged by itself

    @property
    def key(self) -> str:
        return f"{self.name} {self.about}".rstrip()

    def as_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("name", "about", "expected", "seen", "pages", "next")}


Verdicts = dict[str, Alarm | None]  # key → the alarm, or None: in order. What is not there could not be told.


@dataclass(frozen=True, slots=True)
class Past:
    """An earlier run: its figures as it reported them."""

    at: str
    figures: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Standing:
    """An alarm of earlier runs that no run has found in order yet. `settled`: it has stood so long that it is the way the
    site is now."""

    since: str  # the run that raised it
    at: str  # its start
    runs: int
    settled: bool
    alarm: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Case:
    """A run and what it is held against. `past`: newest first; `home`: the site's first page."""

    now: Figures
    past: Sequence[Past]
    standing: Mapping[str, Standing]
    home: str

    def figures(self, name: str) -> list[Any]:
        """A figure of the runs before that have it, newest first."""
        return [run.figures[name] for run in self.past if run.figures.get(name) is not None]

    def pooled(self, trials: int, hits: int, of: str, what: str) -> tuple[int, int]:
        """Trials and hits of this run; where these are few, with those of the runs before it."""
        for run in self.past[: LEVEL - 1]:
            if trials >= _FEW:
                break
            trials += run.figures.get(of) or 0
            hits += run.figures.get(what) or 0
        return trials, hits


def one(alarm: Alarm) -> Verdicts:
    return {alarm.key: alarm}
