"""Months whose count falls outside what their neighbours make likely: worth a look, never an error."""

from __future__ import annotations

import math
from collections.abc import Mapping
from statistics import median

from osiris_crawler.audit.model import Odd

_BESIDE = 6  # months on each side
_FEWEST = 6  # neighbours without which nothing is said
_FAR = 4.0  # standard deviations: about one month in 15,000 by chance alone


def odd(held: Mapping[str, int], present: str) -> list[Odd]:
    """Months (YYYY-MM → how many) that stand out; `present` and the first are not whole months and are left out.

    2√n of a Poisson count has a variance of one (Anscombe 1948); where the neighbours scatter more, their own spread counts,
    by the median of their distances, so that a second odd month beside it does not hide the first.
    """
    months = _every([month for month in held if len(month) == 7 and month <= present])
    found = []
    for place, month in enumerate(months):
        if month in (months[0], present):
            continue
        beside = months[max(place - _BESIDE, 0) : place] + months[place + 1 : place + 1 + _BESIDE]
        roots = [2 * math.sqrt(held.get(other, 0)) for other in beside if other != present]
        if len(roots) < _FEWEST:
            continue
        middle = median(roots)
        spread = max(1.0, 1.4826 * median(abs(root - middle) for root in roots))
        least, most = max(middle - _FAR * spread, 0.0), middle + _FAR * spread
        if not least <= 2 * math.sqrt(held.get(month, 0)) <= most:
            found.append(Odd(month, held.get(month, 0), math.ceil((least / 2) ** 2), math.floor((most / 2) ** 2)))
    return found


def _every(months: list[str]) -> list[str]:
    """All months from the first to the last, those without any article too; a year that is none of these is passed over."""
    if not months:
        return []
    first, last = min(months), max(months)
    begin, end = (int(month[:4]) * 12 + int(month[5:]) - 1 for month in (first, last))
    return [f"{number // 12:04d}-{number % 12 + 1:02d}" for number in range(max(begin, end - 12 * 200), end + 1)]
