"""Where the words of a question stand in a text, and a stretch of it around them."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from osiris_crawler.dataset.wording import fold
from osiris_crawler.export.database.french import stem, words
from osiris_crawler.reading_room.query import Query

SNIPPET = 280  # letters
_LONGEST = 200_000  # letters of a text that are looked at
_MOST = 300  # hits that a snippet is chosen from
_BEFORE = 60  # letters before the first hit
_SPACES = re.compile(r"\s+")

Piece = tuple[bool, str]  # whether it is marked, a text


@dataclass(frozen=True, slots=True)
class Hit:
    start: int
    end: int
    term: int  # of the question's


class Marker:
    """A question, made ready to be found in many texts."""

    def __init__(self, query: Query) -> None:
        self._first: dict[str, list[tuple[tuple[str, ...], int]]] = {}
        self._beginnings: list[tuple[str, int]] = []
        for number, term in enumerate(query.terms):
            if term.beginning is not None:
                self._beginnings.append((term.beginning, number))
            else:
                self._first.setdefault(term.stems[0], []).append((term.stems, number))

    def hits(self, text: str) -> list[Hit]:
        """Where the terms stand, in order; none lies within another."""
        if not self._first and not self._beginnings:
            return []
        found: list[Hit] = []
        tokens = list(words(text[:_LONGEST]))
        stems = [stem(token[1]) for token in tokens]
        for at, one in enumerate(stems):
            if one not in self._first and not self._beginnings:
                continue
            hit = self._hit(tokens, stems, at)
            if hit is not None and not (found and hit.start < found[-1].end):
                found.append(hit)
        return found

    def _hit(self, tokens: Sequence[re.Match[str]], stems: Sequence[str], at: int) -> Hit | None:
        """The term that begins with a word of the text."""
        for sequence, term in self._first.get(stems[at], ()):
            if tuple(stems[at : at + len(sequence)]) == sequence:
                return Hit(tokens[at].start(1), tokens[at + len(sequence) - 1].end(1), term)
        for beginning, term in self._beginnings:
            if fold(tokens[at][1]).startswith(beginning):
                return Hit(*tokens[at].span(1), term)
        return None

    def marked(self, text: str) -> list[Piece]:
        """A whole text in pieces."""
        return _pieces(text, self.hits(text), 0, len(text))

    def snippet(self, *texts: str) -> list[Piece]:
        """A stretch of the first text that has the most of the terms; without any, the beginning of the first."""
        best: tuple[int, str, list[Hit], int] | None = None
        for text in texts:
            hits = self.hits(text)
            number, at = _densest(hits)
            if hits and (best is None or number > best[0]):
                best = number, text, hits, at
        if best is None:
            text = next((text for text in texts if text), "")
            return _pieces(text, [], 0, _end(text, SNIPPET))
        _number, text, hits, at = best
        start = _start(text, hits[at].start - _BEFORE)
        return _pieces(text, hits, start, _end(text, start + SNIPPET))


def _densest(hits: list[Hit]) -> tuple[int, int]:
    """(how many terms stand near each other, from which hit on)"""
    best = (0, 0)
    starts = [hit.start for hit in hits[:_MOST]]
    for n, hit in enumerate(hits[:_MOST]):
        near = hits[n : bisect_left(starts, hit.start + SNIPPET - _BEFORE)]
        terms = len({other.term for other in near})
        if terms > best[0]:
            best = terms, n
    return best


def _start(text: str, at: int) -> int:
    """The beginning of a word at or after a place."""
    if at <= 0:
        return 0
    space = _SPACES.search(text, at, at + 40)
    return space.end() if space else at


def _end(text: str, at: int) -> int:
    if at >= len(text):
        return len(text)
    space = text.rfind(" ", max(at - 40, 0), at)
    return space if space > 0 else at


def _pieces(text: str, hits: list[Hit], start: int, end: int) -> list[Piece]:
    pieces: list[Piece] = [(False, "… ")] if start else []
    at = start
    for hit in hits:
        if hit.start < at or hit.end > end:
            continue
        pieces += [(False, text[at : hit.start]), (True, text[hit.start : hit.end])]
        at = hit.end
    pieces.append((False, text[at:end] + (" …" if end < len(text) else "")))
    return [(marked, _SPACES.sub(_space, piece)) for marked, piece in pieces if piece]


def _space(found: re.Match[str]) -> str:
    """Ends of lines and tabs are spaces here; typographic spaces stay."""
    return found[0] if found[0] in "\u00a0\u202f\u2009" else " "
