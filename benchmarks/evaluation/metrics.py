"""How two texts, two lists or two pages' bodies are compared. Pure functions.

Texts are compared after NFC, with spaces, quotes, apostrophes and dashes folded: one and the same article has straight
or curly quotes according to the look that shows it. Bodies are compared by their words: letters and digits.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from itertools import pairwise

_SIGNS = str.maketrans({
    "’": "'", "‘": "'", "ʼ": "'", "`": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"',
    "–": "-", "—": "-", "‑": "-", "‐": "-", "−": "-", "…": "...", "\u00ad": None, "\u200b": None,
})  # fmt: skip
_BEFORE = re.compile(r"\s+(?=[:;!?%)\"])")
_AFTER = re.compile(r"(?<=[(\"])\s+")
_WORD = re.compile(r"[^\W_]+")


def folded(text: str | None) -> str:
    """A text as fields are compared: signs and spaces folded; absent and empty are the same."""
    if not text:
        return ""
    text = " ".join(unicodedata.normalize("NFC", text).translate(_SIGNS).split())
    return _AFTER.sub("", _BEFORE.sub("", text))


def letters(text: str | None) -> str:
    """Letters and digits of a text, and nothing else."""
    return "".join(words(text))


def words(text: str | None) -> list[str]:
    """Runs of letters and digits, without case."""
    return _WORD.findall(unicodedata.normalize("NFC", text or "").casefold())


def same_words(planted: Sequence[str], found: Sequence[str]) -> tuple[list[str], list[str]]:
    """Both texts' words, with those that only one of them writes in one piece cut alike.

    A table's row of heads comes as “AnnéeAbonnésTaux” where a page is made into text without care, a word in two type
    faces comes as two. What is read is the same, so both are cut at the places where either is, as far as letters agree.
    """
    if planted == found:
        return list(planted), list(found)
    ours: list[str] = []
    theirs: list[str] = []
    matcher = SequenceMatcher(None, planted, found, autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        left, right = list(planted[a:b]), list(found[c:d])
        if kind == "replace":
            left, right = _cut_alike(left, right)
        ours += left
        theirs += right
    return ours, theirs


def _cut_alike(left: list[str], right: list[str]) -> tuple[list[str], list[str]]:
    """Two stretches that differ, their equal beginnings and then their equal ends cut at the same places."""
    start_l, start_r, left, right = _equal_start(left, right)
    end_l, end_r, left, right = _equal_start([w[::-1] for w in left[::-1]], [w[::-1] for w in right[::-1]])

    def turned(stretch: list[str]) -> list[str]:
        return [w[::-1] for w in stretch[::-1]]

    return start_l + turned(left) + turned(end_l), start_r + turned(right) + turned(end_r)


def _equal_start(left: list[str], right: list[str]) -> tuple[list[str], list[str], list[str], list[str]]:
    """(equal beginning, the same, rest of left, rest of right): the longest beginning that ends at a word of both."""
    a, b = "".join(left), "".join(right)
    cuts_a, cuts_b = _cuts(left), _cuts(right)
    equal = 0
    for at in sorted(cuts_a | cuts_b):
        if a[:at] != b[:at]:
            break
        if at in cuts_a and at in cuts_b:
            equal = at
    cuts = [0, *sorted(at for at in cuts_a | cuts_b if at <= equal)]
    pieces = [a[i:j] for i, j in pairwise(cuts)]
    return pieces, list(pieces), _rest(left, equal), _rest(right, equal)


def _cuts(stretch: list[str]) -> set[int]:
    """Where words end, in letters from the beginning."""
    at, found = 0, set()
    for word in stretch:
        at += len(word)
        found.add(at)
    return found


def _rest(stretch: list[str], letters_done: int) -> list[str]:
    at = 0
    for n, word in enumerate(stretch):
        if at >= letters_done:
            return stretch[n:]
        at += len(word)
    return []


def f1(planted: Sequence[str], found: Sequence[str]) -> float:
    """Harmonic mean of precision and recall over two bags of words; 1.0 where both are empty."""
    if not planted and not found:
        return 1.0
    both = (Counter(planted) & Counter(found)).total()
    return 2 * both / (len(planted) + len(found))


def token_f1(planted: str, found: str) -> float:
    """F1 over the words of two texts, glued words counted as what they are made of."""
    return f1(*same_words(words(planted), words(found)))


def repeated_lines(pages: Iterable[Iterable[str]], share: float = 0.1) -> list[list[str]]:
    """The lines that stand on `share` of a site's pages or more, as words; lines without a letter are left out."""
    met: Counter[tuple[str, ...]] = Counter()
    count = 0
    for lines in pages:
        count += 1
        met.update({tuple(words(line)) for line in lines})
    least = max(share * count, 2)
    return [list(line) for line, n in sorted(met.items()) if n >= least and any(c.isalpha() for w in line for c in w)]


def chrome_in(body: str, own: str, chrome: Sequence[Sequence[str]]) -> list[str]:
    """Those lines of chrome that a body has more often than the article's own text has them.

    `own` is all that belongs to the article, `chrome` what `repeated_lines` gives.
    """
    planted, found = same_words(words(own), words(body))
    right, read = _joined(planted), _joined(found)
    if right == read:
        return []
    hits = []
    for line in chrome:
        needle = _joined(line)
        if needle in read and read.count(needle) > right.count(needle):
            hits.append(" ".join(line))
    return hits


def _joined(stretch: Sequence[str]) -> str:
    return "  ".join(["", *stretch, ""]) if stretch else ""
