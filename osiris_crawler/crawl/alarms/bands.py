"""Control bands: what a share or a length may be by chance, given what it has been.

Shares are held against the binomial distribution, whose trials are counted as fewer where the past varies more than it says
(the p' chart of Laney, 2002): press comes in batches, and one of breves has no sources. Few articles make a wide band.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, lgamma, log
from statistics import median, pvariance

CHANCE = 1e-6  # that a figure is outside by chance; every field is looked at in every run for years
_RARER = 1e-8  # that a middle is: long texts come together, and short ones
_BATCH = 15  # articles
_FEWEST = 30  # of the past, before there is a band
_WANDERING = 2.0  # times as far as ever
_SHORT_OF = 0.75  # of the lowest share ever


def tail(hits: float, trials: float, chance: float) -> float:
    """The chance of so many hits or more; hits and trials may be fractions."""
    if hits <= 0 or chance >= 1:
        return 1.0
    if chance <= 0 or trials <= 0:
        return 0.0
    total, at = 0.0, hits
    whole = lgamma(trials + 1)
    while at <= trials + 1e-9:
        rest = max(trials - at, 0.0)
        total += exp(whole - lgamma(at + 1) - lgamma(rest + 1) + at * log(chance) + rest * log(1 - chance))
        at += 1.0
    return min(total, 1.0)


@dataclass(frozen=True, slots=True)
class Share:
    """Which of the past articles had something, in the order they came: what share, and how far that has varied beyond
    chance (1: not at all)."""

    past: tuple[bool, ...]
    of: float
    spread: float

    @classmethod
    def of_past(cls, past: Sequence[bool]) -> Share | None:
        """None where there is too little past for a band."""
        if len(past) < _FEWEST:
            return None
        share = (sum(past) + 1) / (len(past) + 2)
        batches = [sum(past[at : at + _BATCH]) for at in range(0, len(past) - _BATCH + 1, _BATCH)]
        spread = pvariance(batches) / (_BATCH * share * (1 - share)) if len(batches) > 3 else 1.0
        return cls(tuple(past), share, max(spread * 1.25, 1.0))

    def falls_short(self, having: int, of: int) -> bool:
        """Whether so few of these having it is no chance any more, and fewer than ever stood together."""
        if of - having < 3 or having / of > self.of - 0.15:
            return False
        trials = max(of / self.spread, min(of, 3))
        if tail((of - having) * trials / of, trials, 1 - self.of) >= CHANCE:
            return False
        size = min(of, len(self.past) // 3)
        return having / of < _SHORT_OF * min(sum(self.past[at : at + size]) / size for at in _strides(self.past, size))

    def least(self, of: int) -> int:
        """The fewest of so many that are no alarm."""
        return next((having for having in range(of) if not self.falls_short(having, of)), of)


def _strides(past: Sequence[object], size: int) -> range:
    """Where stretches of a size begin, a third of it apart."""
    return range(0, len(past) - size + 1, max(size // 3, 1))


@dataclass(frozen=True, slots=True)
class Lengths:
    """Past lengths in the order they came, as logarithms, and their middle."""

    past: tuple[float, ...]
    middle: float

    @classmethod
    def of_past(cls, past: Sequence[int]) -> Lengths | None:
        """None where there is too little past for a band."""
        return cls(tuple(map(log, past)), median(map(log, past))) if len(past) >= _FEWEST else None

    def band(self, of: int) -> tuple[int, int]:
        """Between which lengths the middle of so many lies but for a rare chance: at least half and twice the usual one,
        and farther from it than such middles have ever been.

        The middle lies below a length when half of them do, whatever their distribution.
        """
        part = next(part / 100 for part in range(50, -1, -1) if tail(of / 2, of, part / 100) < _RARER)
        order = sorted(self.past)
        place = int(part * (len(order) - 1))
        size = min(of, len(self.past) // 3)
        wandered = max(abs(median(self.past[at : at + size]) - self.middle) for at in _strides(self.past, size))
        least = max(_WANDERING * wandered, log(2))
        low, high = min(order[place], self.middle - least), max(order[-1 - place], self.middle + least)
        return round(exp(low)), round(exp(high))


def lowest(past: Sequence[int]) -> int:
    """How far a count may fall that has been at these heights: a fifth below the lowest, and as far again as it has varied."""
    low, high = min(past), max(past)
    return max(low - max(round(0.2 * low), high - low), 0)
