"""Words with their typography, and what they are without it, as French is written.

Two words that differ in their typography alone are one word: in the kind of spaces, quotes, apostrophes and dashes, in the
space about signs, in soft hyphens, in how figures are grouped. What a hand may have meant (a letter, an accent, a full stop)
makes another word. `wording.py` forgives more: it compares texts, here one text is followed through its versions.
"""

from __future__ import annotations

import re
from functools import lru_cache

_SPACE = "[ \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]"
_FIGURE = rf"(?<!\d)\d{{1,3}}(?:{_SPACE}\d{{3}})+(?!\d)"
_ELISION = r"(?i:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu|presqu|quelqu)['’ʼ](?=\w)"
# A word: opening signs, what it is of, closing signs; « and » with the space that French puts inside, : ; ? ! % with the
# one before. An elision (l’) is a word of its own, a grouped figure (3 000) is one word.
WORD = re.compile(
    rf"(?:[«“„‹]{_SPACE}?|[\"'‘(\[{{])*"
    rf"(?:{_ELISION}|(?:{_FIGURE}|[^\s\d]+|\d+)+)"
    rf"(?:{_SPACE}?[»”›:;?!%€]+[.,)\]}}…\"'’]*)*"
)
_FIGURES = re.compile(_FIGURE)
_SPACES = re.compile(_SPACE)
_ATOM = re.compile(r"[^\W\d_]+|\d+|[^\w\s]|_")
JOINT = "\x1f"  # between the atoms of a key
_DASHES = re.compile("-{2,}")
_FOLDED = str.maketrans(
    {
        **dict.fromkeys("’‘‚‛ʼ′`´", "'"),
        **dict.fromkeys("«»“”„‟‹›″", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"),
        "…": "...",
    }
)


def count(text: str) -> int:
    """The words of a text; signs alone are none."""
    return sum(any(map(str.isalnum, word)) for word in WORD.findall(text))


def _atoms(text: str) -> list[str]:
    """Words, figures and signs without their typography."""
    plain = _FIGURES.sub(lambda figure: _SPACES.sub("", figure[0]), text.translate(_FOLDED))
    return _ATOM.findall(_DASHES.sub("-", plain))


def key(text: str) -> str:
    return JOINT.join(_atoms(text))


@lru_cache(maxsize=65536)
def word_key(word: str) -> str:
    return key(word)
