"""Where two texts say the same, and where not: their words aligned.

The work grows with the length of the texts, not with its square: what both begin and end with is set aside, word
sequences that occur once in each tie the rest together, and only what lies between two such ties is compared word by word.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

_GAP = 40_000  # cells of two stretches, in words, that are still compared word by word
_MEETINGS = 8_000  # of equal words in such stretches; prose has a few hundred
_TIE = 4  # words of a sequence that ties two texts together, at first; shorter ones between two ties
_BETWEEN = 3  # a shorter run of equal words between two changes is chance ("de la"), unless it is all there is


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of two texts, in words: `left` from a to b, `right` from c to d; `equal` where they say the same."""

    equal: bool
    a: int
    b: int
    c: int
    d: int


def align(left: Sequence[str], right: Sequence[str]) -> list[Span]:
    """Both texts from beginning to end as stretches that are equal and such that are not, by turns."""
    runs: list[tuple[int, int, int]] = []
    _runs(left, right, 0, len(left), 0, len(right), _TIE, runs)
    return _joined(sorted(runs), len(left), len(right))


def _runs(
    left: Sequence[str],
    right: Sequence[str],
    a: int,
    b: int,
    c: int,
    d: int,
    size: int,
    out: list[tuple[int, int, int]],
) -> None:
    """Gather (place left, place right, length) of equal runs between a..b and c..d."""
    head = 0
    while a + head < b and c + head < d and left[a + head] == right[c + head]:
        head += 1
    if head:
        out.append((a, c, head))
        a, c = a + head, c + head
    tail = 0
    while a < b - tail and c < d - tail and left[b - tail - 1] == right[d - tail - 1]:
        tail += 1
    if tail:
        out.append((b - tail, d - tail, tail))
        b, d = b - tail, d - tail
    if a >= b or c >= d:
        return
    if (b - a) * (d - c) <= _GAP:
        if _meetings(left[a:b], right[c:d]) > _MEETINGS:
            return  # the same few words again and again: comparing them takes a thousand times as long, and says nothing
        matcher = SequenceMatcher(None, left[a:b], right[c:d], autojunk=False)
        out += [(a + m.a, c + m.b, m.size) for m in matcher.get_matching_blocks() if m.size]
        return
    if size == 0:
        return
    at, to = a, c
    for i, j in _ties(left, right, a, b, c, d, size):
        if i < at or j < to:
            continue
        _runs(left, right, at, i, to, j, size - 1, out)
        length = 0
        while i + length < b and j + length < d and left[i + length] == right[j + length]:
            length += 1
        out.append((i, j, length))
        at, to = i + length, j + length
    _runs(left, right, at, b, to, d, size - 1, out)


def _meetings(left: Sequence[str], right: Sequence[str]) -> int:
    """Pairs of equal words of two stretches: what comparing them word by word goes through, at least once."""
    counts = Counter(left)
    return sum(counts[word] for word in right)


def _ties(
    left: Sequence[str], right: Sequence[str], a: int, b: int, c: int, d: int, size: int
) -> Iterable[tuple[int, int]]:
    """Places of word sequences that occur once in each stretch, in the longest order that both share."""
    here, there = _once(left, a, b, size), _once(right, c, d, size)
    pairs = [(i, there[words]) for words, i in here.items() if words in there]
    ends: list[int] = []
    chain: list[tuple[int, int]] = []  # per pair: index of the pair before it, place right
    last: list[int] = []
    for n, (_i, j) in enumerate(pairs):
        at = bisect_left(ends, j)
        chain.append((last[at - 1] if at else -1, j))
        if at == len(ends):
            ends.append(j)
            last.append(n)
        else:
            ends[at], last[at] = j, n
    found = []
    n = last[-1] if last else -1
    while n >= 0:
        found.append(pairs[n])
        n = chain[n][0]
    return reversed(found)


def _once(words: Sequence[str], start: int, end: int, size: int) -> dict[tuple[str, ...], int]:
    places: dict[tuple[str, ...], int] = {}
    often = set()
    for at in range(start, end - size + 1):
        key = tuple(words[at : at + size])
        if key in places:
            often.add(key)
        places[key] = at
    for key in often:
        del places[key]
    return places


def _joined(runs: list[tuple[int, int, int]], left: int, right: int) -> list[Span]:
    """Equal runs and what lies between them; a short run between two changes is one change with them."""
    whole: list[list[int]] = []
    for i, j, size in runs:
        if whole and whole[-1][0] + whole[-1][2] == i and whole[-1][1] + whole[-1][2] == j:
            whole[-1][2] += size
        else:
            whole.append([i, j, size])
    spans: list[Span] = []
    a = c = 0
    for i, j, size in whole:
        inside = (i, j) != (0, 0) and (i + size, j + size) != (left, right)
        if inside and size < _BETWEEN:
            continue
        if i > a or j > c:
            spans.append(Span(False, a, i, c, j))
        spans.append(Span(True, i, i + size, j, j + size))
        a, c = i + size, j + size
    if a < left or c < right:
        spans.append(Span(False, a, left, c, right))
    return spans
