"""Whether two articles are one text: the judgement on a pair, from the texts themselves.

A reprint is the same text with what an editor does to one: another title, typography, corrected slips, an introduction
or a notice added, a paragraph cut. Three things look like it and are not:

- a **part**: an editorial inside a whole issue, a teaser of its article. The words in common must be most of *both*
  texts together (SHARE), so the shorter one can't be much less than the longer;
- a **template** filled in anew: the monthly tariffs, the yearly call, the press release of a series. There the wording
  stays and figures, days and names change in their places. An editor's hand goes over ordinary words, a template over
  these alone; so hardly any may change in place, whatever is in common;
- the **same event** in two newspapers, which share a quotation and some phrases, and so too few words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from osiris_crawler.dataset.alignment import Span, align
from osiris_crawler.dataset.wording import Words, figure

SHARE = 0.7  # of all words of both texts, those in common: one of them may be cut by three tenths, or both by less
SHORTEST = 60  # words; in a shorter text one word makes the news, so it must be equal to the last letter and digit
LONGEST = 1_000_000  # characters; what is longer is compared by its digest alone
_IN_PLACE = 8  # words of a change that still fills the same place of a sentence; more is another sentence
_DENSE = 0.3  # of the words of a longer change are figures: the row of a table
_SLIP = 0.75  # likeness of the letters of two spellings of one word
_SLIPS = 0.1  # of all words may be slips, which the quick look takes for other words
_FIGURES_AGREEING = 10  # figures that must agree for one that does not, a misprint
_FIGURES_AMISS = 2
_WORDS_A_NAME = 300  # words in common for each name beyond the first that may have been put right
_MOVED = 20  # words of a sequence that is found elsewhere in the other text: a paragraph that was moved, no phrase


@dataclass(frozen=True, slots=True)
class Text:
    """What of an article is compared: without title, source line, notes and post-scriptum, which reprints change."""

    lead: str | None
    body: str
    kind: str = "article"

    @property
    def whole(self) -> str:
        """Lead and body: which of the two a first paragraph is depends on the layout."""
        return f"{self.lead}\n\n{self.body}" if self.lead else self.body


@dataclass(slots=True)
class Likeness:
    """Two texts beside each other. Counts are words; `figures` and `names` differ in the same place of both texts."""

    left: Words
    right: Words
    spans: list[Span]
    common: int = 0  # in both: equal, a slip put right, or moved
    only_left: int = 0
    only_right: int = 0
    figures: list[tuple[str, str]] = field(default_factory=list)
    names: list[tuple[str, str]] = field(default_factory=list)
    agreeing: int = 0  # figures in what is equal
    slips: int = 0  # places where one and the same word is spelt in two ways

    @property
    def share(self) -> float:
        """The words in common, of all words of both texts (Jaccard), 0 to 1."""
        everything = self.common + self.only_left + self.only_right
        return self.common / everything if everything else 0.0

    @property
    def reprint(self) -> bool:
        """Whether the two are one text."""
        if min(len(self.left), len(self.right)) < SHORTEST:
            return self.common > 0 and self.slips == self.only_left == self.only_right == 0
        if self.share < SHARE:
            return False
        figures = min(self.agreeing // _FIGURES_AGREEING, _FIGURES_AMISS)
        names = 0 if self.common < _WORDS_A_NAME // 2 else 1 + self.common // _WORDS_A_NAME
        return len(self.figures) <= figures and len(self.names) <= names


def worth_comparing(left: Words, right: Words) -> bool:
    """A quick look that spares most pairs the alignment: whether the words alone, in any order, are enough in common."""
    if min(len(left), len(right)) < SHORTEST:
        return "".join(left.forms) == "".join(right.forms)
    both = (Counter(left.forms) & Counter(right.forms)).total()
    return both >= (SHARE - _SLIPS) * (len(left) + len(right) - both)


def compare(left: Words, right: Words) -> Likeness:
    """Lay two texts beside each other, word by word."""
    likeness = Likeness(left, right, align(left.forms, right.forms))
    apart = []
    for span in likeness.spans:
        if span.equal:
            likeness.common += span.b - span.a
            likeness.agreeing += sum(figure(form) is not None for form in left.forms[span.a : span.b])
        elif not _one_wording(likeness, span):
            apart.append(span)
    moved = _moved(left.forms, right.forms, apart)
    likeness.common += moved
    likeness.only_left -= moved
    likeness.only_right -= moved
    return likeness


def _one_wording(likeness: Likeness, span: Span) -> bool:
    """Judge a change: a slip put right (True), or something added, cut, or put in the place of something else."""
    left, right = likeness.left.forms[span.a : span.b], likeness.right.forms[span.c : span.d]
    here, there = "".join(left), "".join(right)
    longer = max(len(left), len(right))
    figures = _figures(left), _figures(right)
    gone, come = figures[0] - figures[1], figures[1] - figures[0]
    in_place = longer <= _IN_PLACE or min(figures[0].total(), figures[1].total()) >= _DENSE * longer
    slip = in_place and left and right and not gone and not come and _alike(here, there)
    if here == there or slip:  # "sous-marin" and "sousmarin" are equal
        likeness.common += longer
        likeness.slips += here != there
        return True
    likeness.only_left += len(left)
    likeness.only_right += len(right)
    if in_place:
        likeness.figures += zip(gone.elements(), come.elements(), strict=False)
        likeness.names += _names(likeness, span)
    return False


def _figures(forms: Sequence[str]) -> Counter[str]:
    return Counter(said for form in forms if (said := figure(form)) is not None)


def _alike(here: str, there: str) -> bool:
    """Whether two spellings are so near that one is a slip, an abbreviation or a lost letter of the other."""
    if here.startswith(there) or there.startswith(here):
        return True
    return SequenceMatcher(None, here, there, autojunk=False).ratio() >= _SLIP


def _names(likeness: Likeness, span: Span) -> list[tuple[str, str]]:
    """A name put in another's place; not a slip in it, nor a longer or shorter form of it."""
    left, right = likeness.left.names(span.a, span.b), likeness.right.names(span.c, span.d)
    gone, come = [name for name in left if name not in right], [name for name in right if name not in left]
    if not gone or not come or _alike("".join(gone), "".join(come)):
        return []
    here, there = likeness.left.forms[span.a : span.b], likeness.right.forms[span.c : span.d]
    if any(name in _initials(there) for name in gone) or any(name in _initials(here) for name in come):
        return []
    return [(" ".join(gone), " ".join(come))]


def _initials(forms: Sequence[str]) -> str:
    """ "artp" of "autorité de régulation des télécommunications et des postes"."""
    return "".join(form[0] for form in forms if len(form) > 3)


def _moved(left: Sequence[str], right: Sequence[str], apart: list[Span]) -> int:
    """Words of long sequences that stand in both texts, but not in the same order; each is counted once."""
    there = {tuple(right[at : at + _MOVED]): at for span in apart for at in range(span.c, span.d - _MOVED + 1)}
    if not there:
        return 0
    here: set[int] = set()
    taken: set[int] = set()
    for span in apart:
        for at in range(span.a, span.b - _MOVED + 1):
            place = there.get(tuple(left[at : at + _MOVED]))
            if place is not None:
                here.update(range(at, at + _MOVED))
                taken.update(range(place, place + _MOVED))
    return min(len(here), len(taken))
