"""The words of a text, as two texts are compared by them.

What a site's layouts and its editors change without touching the wording does not count: case, accents, ligatures,
straight or curly quotes, dashes, typographic spaces, hyphenation, and how figures are grouped (SITE, section 4).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_BROKEN = re.compile(r"([^\W\d_])[-\u2010]\n(?=[^\W\d_])")  # a word cut at a line's end
_GROUPED = re.compile(r"(\d)[ .'\u00a0\u2009\u202f’](?=\d{3}(?!\d))")  # 234 170, 234.170 → 234170
_WORD = re.compile(r"[^\W_]+")
_ENDED = re.compile(r"[.!?:…«»\"“”\n\t]\W*$")  # what stands before a capital that says nothing
_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l"})

_MONTHS = (
    "janvier january janv jan", "fevrier february fevr fev feb", "mars march mar", "avril april avr apr", "mai may", "juin june jun",
    "juillet july juil jul", "aout august aug", "septembre september sept sep", "octobre october oct", "novembre november nov",
    "decembre december dec",
)  # fmt: skip
_DAYS = (
    "lundi monday", "mardi tuesday", "mercredi wednesday", "jeudi thursday", "vendredi friday", "samedi saturday", "dimanche sunday",
)  # fmt: skip
_NUMBERS = {
    "deux": "2", "trois": "3", "quatre": "4", "cinq": "5", "six": "6", "huit": "8", "neuf": "9", "dix": "10", "onze": "11",
    "douze": "12", "treize": "13", "quatorze": "14", "quinze": "15", "seize": "16", "vingt": "20", "trente": "30",
    "quarante": "40", "cinquante": "50", "soixante": "60", "cent": "100", "cents": "100", "mille": "1000", "million": "million",
    "millions": "million", "milliard": "milliard", "milliards": "milliard", "two": "2", "three": "3", "four": "4", "five": "5",
    "seven": "7", "eight": "8", "nine": "9", "ten": "10", "eleven": "11", "twelve": "12", "twenty": "20", "thirty": "30",
    "hundred": "100", "thousand": "1000", "billion": "milliard", "billions": "milliard",
}  # fmt: skip
_FIGURES = {
    **_NUMBERS,
    **{word: f"month {n}" for n, words in enumerate(_MONTHS, 1) for word in words.split()},
    **{word: f"day {n}" for n, words in enumerate(_DAYS, 1) for word in words.split()},
}


@lru_cache(maxsize=65536)
def fold(word: str) -> str:
    """A word without case, accents and ligatures."""
    plain = unicodedata.normalize("NFKD", word.casefold().translate(_LETTERS))
    return "1" if plain == "1er" else "".join(c for c in plain if not unicodedata.combining(c))


def cleaned(text: str) -> str:
    """A text whose words are whole: hyphenation undone, figures in one piece."""
    text = unicodedata.normalize("NFC", text).replace("\u00ad", "")
    if "-\n" in text or "\u2010\n" in text:
        text = _BROKEN.sub(r"\1", text)
    return _GROUPED.sub(r"\1", text)


def forms(text: str) -> list[str]:
    """The words of a text, folded, in order."""
    return [fold(word) for word in _WORD.findall(cleaned(text))]


@lru_cache(maxsize=65536)
def figure(form: str) -> str | None:
    """What a word counts or dates, in one spelling ("deux" and "2", "janv" and "january"); None for other words."""
    if any(c.isdigit() for c in form):
        return form
    return _FIGURES.get(form)


class Words:
    """A text as its words: `forms` to compare by, `shown` as they stand in it."""

    __slots__ = ("_spans", "forms", "text")

    def __init__(self, text: str) -> None:
        self.text = cleaned(text)
        self._spans = [match.span() for match in _WORD.finditer(self.text)]
        self.forms = [fold(self.text[start:end]) for start, end in self._spans]

    def __len__(self) -> int:
        return len(self.forms)

    def shown(self, start: int, end: int) -> str:
        """The words from `start` up to `end` as the text has them, with what stands between them."""
        if start >= end:
            return ""
        return self.text[self._spans[start][0] : self._spans[end - 1][1]]

    def stretch(self, start: int, end: int) -> str:
        """The same with the signs that follow, up to the next word; the stretches of a text are the whole text."""
        left = self._spans[start][0] if start else 0
        return self.text[left : self._spans[end][0] if end < len(self._spans) else len(self.text)]

    def names(self, start: int, end: int) -> list[str]:
        """Capitalised words, folded, but for those that begin a sentence or a line."""
        found = []
        for at in range(start, end):
            left, right = self._spans[at]
            if not self.text[left].isupper() or figure(self.forms[at]) is not None:
                continue
            begins = not left or _ENDED.search(self.text, max(left - 12, 0), left) is not None
            # An acronym is a name wherever it stands.
            if not begins or (right - left > 1 and self.text[left:right].isupper()):
                found.append(self.forms[at])
        return found
