"""How far off the share of errors in a sample may be.

Wilson's interval (E. B. Wilson 1927, JASA 22, 209–212) holds for few errors and for none, where p ± 1.96·s does not. It is all p
for which the share that was seen lies within z standard deviations. Without replacement from N articles the variance of the
share is p(1-p)/n · (N-n)/(N-1) (W. G. Cochran 1977, Sampling Techniques, 3.2); that is the same interval for
n·(N-1)/(N-n) in place of n.
"""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist

LEVEL = 0.95
_Z = NormalDist().inv_cdf((1 + LEVEL) / 2)
_SMALL = 20  # a sample of less than one in twenty is as good as drawn with replacement


def is_large(scored: int, population: int) -> bool:
    """Whether a sample is so large a part of the population that it counts as drawn without replacement."""
    return scored * _SMALL > population


def wilson(errors: int, scored: int, population: int | None = None) -> tuple[float, float]:
    """The interval that holds the population's share of errors, 95 times in 100; `population` corrects for a large sample."""
    if not 0 <= errors <= scored or not scored:
        raise ValueError(f"{errors} of {scored}")
    share, size = errors / scored, float(scored)
    if population is not None and is_large(scored, population):
        if scored >= population:
            return share, share  # all was looked at
        size *= (population - 1) / (population - scored)
    spread = _Z * _Z / size
    middle = share + spread / 2
    half = _Z * sqrt(share * (1 - share) / size + spread / (4 * size))
    low, high = (middle - half) / (1 + spread), (middle + half) / (1 + spread)
    return (0.0 if not errors else low), (1.0 if errors == scored else high)
