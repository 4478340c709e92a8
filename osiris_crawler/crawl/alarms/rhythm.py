"""A site's own rhythm: whether the silence since its newest article is longer than it makes likely.

days with new articles → how likely each day is to bring one, by what lies before it: the level of late, the day of the
week, the time of the year → the improbability of each silence of the past, in nats → a bound that this site's silences
pass less than once in twenty years → the silence of today

Improbability is what makes the weekends of a weekday press, the August of a daily one and the month of a bulletin alike.
The bound comes from the silences that the site has had, so that bursts and breaks are in it; a single one that stands
far above all others is not, or one long outage would let every later one pass.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from math import log

_YEAR = 365
_PAST = 4 * _YEAR  # days of the past that count
_FEWEST = 12  # silences in them, before anything is said of a site's rhythm
_SHORTEST = 400  # days of the past: a year's quiet weeks must have been met once
_ONCE_IN = 20 * _YEAR  # days in which the bound may be passed once by chance
_AROUND = 10  # days on either side that make up a time of the year
_SEASONS = 3  # earlier years that are looked at for it
_LEVEL = (91, 182, _YEAR)  # days that make up the level of late; the first of them with enough days of articles
_ENOUGH = 15  # of them
_PRIOR = 4.0  # days of articles that are added to a season on the side of no season
_LIKELIEST, _LEAST = 0.97, 0.002  # no day is surer than this, or less likely
_TAIL = 0.1  # share of the silences that the tail is told from
_AT_LEAST = 2.5  # nats: regular as clockwork is no promise
_ROOM = 1.25  # above the longest silence but one


@dataclass(frozen=True, slots=True)
class Silence:
    """Days without anything new, the most that is likely at this time, and the day of the newest article."""

    days: int
    likely: int
    since: date
    years: int  # of the past that say so

    @property
    def too_long(self) -> bool:
        return self.days > self.likely


def silence(days: Iterable[int], today: int) -> Silence | None:
    """The silence up to `today`, by the days (ordinals of `datetime.date`) that brought something new; None where the past
    is too short to say what is likely."""
    rhythm = _Rhythm(sorted({day for day in days if today - _PAST - (_SEASONS + 1) * _YEAR <= day <= today}))
    return rhythm.judge(today)


class _Rhythm:
    """What the days before any day say of it; each is asked for many times."""

    def __init__(self, days: list[int]) -> None:
        self._days = days
        self._by_week = [[day for day in days if day % 7 == weekday] for weekday in range(7)]
        self._seasons: dict[int, float] = {}

    def judge(self, today: int) -> Silence | None:
        days = self._days
        if not days or today - days[0] < _SHORTEST:
            return None
        # The first year has nothing before it that a time of the year could be told from.
        begin = bisect_left(days, max(today - _PAST, days[0] + _SHORTEST))
        if len(days) - begin <= _FEWEST:
            begin = bisect_left(days, today - _PAST)
        past = [self._nats(before, after) for before, after in pairwise(days[begin:])]
        if len(past) < _FEWEST:
            return None
        last = days[-1]
        # The surest day of a week may always pass by once.
        once = -log(1.0 - min(self._level(last) * max(self._week(last)), _LIKELIEST)) + 0.5
        likely = self._reach(last, max(_bound(past, last - days[begin]), once, _AT_LEAST))
        return Silence(today - last - 1, likely, date.fromordinal(last), max(round((today - days[begin]) / _YEAR), 1))

    def _count(self, first: int, last: int) -> int:
        """Days with something new from `first` to `last`."""
        return bisect_right(self._days, last) - bisect_left(self._days, first)

    def _nats(self, before: int, after: int) -> float:
        """The improbability of the whole days between two that brought something."""
        if after - before <= 1:
            return 0.0
        level, week = self._level(before), self._week(before)
        return sum(self._day(level, week, day) for day in range(before + 1, after))

    def _reach(self, last: int, bound: float) -> int:
        """How many silent days behind `last` stay within the bound."""
        level, week, nats, days = self._level(last), self._week(last), 0.0, 0
        while nats <= bound and days < _PAST:
            days += 1
            nats += self._day(level, week, last + days)
        return days - 1

    def _day(self, level: float, week: list[float], day: int) -> float:
        chance = level * week[day % 7] * self._season(day)
        return -log(1.0 - min(max(chance, _LEAST), _LIKELIEST))

    def _week(self, until: int) -> list[float]:
        """How much more than a day of any kind each day of the week brings, by the year up to `until`."""
        counts = [bisect_right(days, until) - bisect_left(days, until - _YEAR + 1) for days in self._by_week]
        mean = sum(counts) / 7
        return [(count + 1.0) / (mean + 1.0) for count in counts]

    def _season(self, day: int) -> float:
        """How much more than other days of the year those around this one bring, by earlier years."""
        known = self._seasons.get(day)
        if known is None:
            found = expected = 0.0
            for years in range(1, _SEASONS + 1):
                there = day - years * _YEAR
                if there - _AROUND < self._days[0]:
                    break
                begin = max(there - _YEAR // 2, self._days[0])
                span = there + _YEAR // 2 - begin + 1
                found += self._count(there - _AROUND, there + _AROUND)
                expected += self._count(begin, there + _YEAR // 2) * (2 * _AROUND + 1) / span
            known = self._seasons[day] = (found + _PRIOR) / (expected + _PRIOR)
        return known

    def _level(self, until: int) -> float:
        """How likely a day of no season is to bring something, of late."""
        found, span = 0, 0
        for span in _LEVEL:
            found = self._count(until - span + 1, until)
            if found >= _ENOUGH:
                break
        span = min(span, until - self._days[0] + 1)
        sample = range(until - span + 1, until + 1, 3)
        return found / max(sum(map(self._season, sample)) / len(sample) * span, 1.0)


def _bound(past: list[float], span: int) -> float:
    """What silences like those of the past, `span` days of it, pass once in twenty years."""
    order = sorted(past, reverse=True)
    order[0] = min(order[0], _ROOM * order[1])
    tail = order[: max(round(_TAIL * len(order)), min(_FEWEST, len(order)))]
    floor = tail[-1]
    excess = sum(nats - floor for nats in tail) / len(tail)
    often = len(tail) * _ONCE_IN / max(span, _YEAR)  # silences of the tail in that time
    return max(floor + excess * log(max(often, 2.0)), _ROOM * order[1] + 0.5)
