"""What changed from one version of a text to the next, word by word, as French is written.

text → paragraphs → those that stand in both, in the same order, or moved
     → what lies between two of them → words with their punctuation → aligned, and what differs told

The work grows with the length of the texts. Where the same few words come again and again, so that aligning them could
take long, a stretch is told as gone and new as a whole.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, chain, takewhile

from osiris_crawler.dataset.alignment import Span, align
from osiris_crawler.dataset.typography import JOINT, WORD, count, key, word_key

# Signs of what is told. The old text is "=", "-", "<" and the first of "~" one after the other; the new one "=", "+", ">"
# and the second of "~".
SAME, GONE, NEW, TYPOGRAPHY, LEFT, CAME = "=", "-", "+", "~", "<", ">"

_WINDOW = 200  # words; the alignment compares stretches of about so many word by word
_MOST = 1_500_000  # equal pairs of words within such windows; a megabyte of prose has half of that

_BREAK = re.compile(r"(\n{2,})")

Told = tuple[str, ...]  # a sign and a text, of "~" two texts


@dataclass(slots=True)
class Diff:
    """Two texts told as one, in order; `coarse` where a stretch was too much to be compared word by word."""

    told: list[Told] = field(default_factory=list)
    coarse: bool = False

    def words(self, *signs: str) -> int:
        """Words under these signs."""
        return sum(count(one[1]) for one in self.told if one[0] in signs)

    def places(self, sign: str) -> int:
        return sum(one[0] == sign for one in self.told)

    @property
    def only_typography(self) -> bool:
        return all(one[0] in (SAME, TYPOGRAPHY) for one in self.told)


def compare(old: str, new: str) -> Diff:
    """Tell two texts as one."""
    if old == new:
        return Diff([(SAME, old)] if old else [])
    return _Comparison(_paragraphs(old), _paragraphs(new)).diff


# -- paragraphs ---------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Paragraph:
    text: str
    end: str  # the break after it; none after the last
    key: str
    moved: bool = False


def _paragraphs(text: str) -> list[_Paragraph]:
    parts = _BREAK.split(text)
    return [
        _Paragraph(part, end, key(part))
        for part, end in zip(parts[::2], [*parts[1::2], ""], strict=True)
        if part or end
    ]


def _paired(left: Sequence[_Paragraph], right: Sequence[_Paragraph]) -> list[tuple[int, int]]:
    """Places of paragraphs that stand in both texts in the same order; those in another order are marked as moved."""
    head, most = 0, min(len(left), len(right))
    while head < most and left[head].key == right[head].key:
        head += 1
    tail = 0
    while tail < most - head and left[-1 - tail].key == right[-1 - tail].key:
        tail += 1
    here, there = _once(left, head, len(left) - tail), _once(right, head, len(right) - tail)
    both = [(i, there[key], len(key)) for key, i in here.items() if key in there]
    kept = _heaviest(both)
    for n, (i, j, _weight) in enumerate(both):
        if n not in kept:
            left[i].moved = right[j].moved = True
    ends = [(len(left) - n, len(right) - n) for n in range(tail, 0, -1)]
    return [*((n, n) for n in range(head)), *(both[n][:2] for n in sorted(kept)), *ends]


def _once(paragraphs: Sequence[_Paragraph], start: int, end: int) -> dict[str, int]:
    """Key → place of the paragraphs between two places that are there once, and have a word."""
    often = Counter(paragraphs[at].key for at in range(start, end))
    return {
        paragraphs[at].key: at
        for at in range(start, end)
        if often[paragraphs[at].key] == 1 and any(map(str.isalnum, paragraphs[at].key))
    }


def _heaviest(both: Sequence[tuple[int, int, int]]) -> set[int]:
    """Of (place left, place right, weight), by place left, those that stay in order and weigh most together."""
    rank = {j: n for n, j in enumerate(sorted(j for _i, j, _weight in both), 1)}
    # A Fenwick tree: before a place right, the weight of the heaviest order that ends there, and its last.
    best = [(0, -1)] * (len(both) + 1)

    def heaviest(at: int) -> tuple[int, int]:
        found = (0, -1)
        while at:
            found = max(found, best[at])
            at &= at - 1
        return found

    before: list[int] = []
    for n, (_i, j, weight) in enumerate(both):
        so_far, last = heaviest(rank[j] - 1)
        before.append(last)
        at = rank[j]
        while at < len(best):
            best[at] = max(best[at], (so_far + weight, n))
            at += at & -at
    kept: set[int] = set()
    _weight, last = heaviest(len(both))
    while last >= 0:
        kept.add(last)
        last = before[last]
    return kept


# -- words --------------------------------------------------------------------------------------------------------------------


class _Words:
    """The words of paragraphs, with the spaces after them; the break after a paragraph is a word, too.

    Paragraphs that were moved are left out; `marks` has them with the place of the word that each stands before.
    """

    __slots__ = ("cores", "keys", "marks", "spaces")

    def __init__(self, paragraphs: Iterable[_Paragraph]) -> None:
        self.cores: list[str] = []
        self.spaces: list[str] = []
        self.keys: list[str] = []
        self.marks: deque[tuple[int, str]] = deque()
        for paragraph in paragraphs:
            if paragraph.moved:
                self.marks.append((len(self.cores), paragraph.text + paragraph.end))
                continue
            self._split(paragraph.text)
            if paragraph.end:
                self._add(paragraph.end, "\n")

    def _split(self, text: str) -> None:
        at = 0
        first = True
        for match in WORD.finditer(text):
            between = text[at : match.start()]
            if first:
                self._add(between + match[0], word_key(match[0]))
            else:
                self.spaces[-1] = between
                self._add(match[0], word_key(match[0]))
            at, first = match.end(), False
        if first and text:
            self._add(text, "")
        elif text:
            self.spaces[-1] = text[at:]

    def _add(self, core: str, key: str) -> None:
        self.cores.append(core)
        self.keys.append(key)
        self.spaces.append("")

    def text(self, start: int, end: int) -> str:
        """The words from start to end, without the space after the last."""
        parts = [core + space for core, space in zip(self.cores[start:end], self.spaces[start:end], strict=True)]
        return "".join(parts[:-1]) + self.cores[end - 1] if parts else ""

    def whole(self, start: int, end: int) -> bool:
        """Whether no paragraph was moved away from within."""
        return not any(start < place < end for place, _text in self.marks)


class _Comparison:
    """The paragraphs of two texts laid beside each other; `diff` is what came of it."""

    def __init__(self, left: list[_Paragraph], right: list[_Paragraph]) -> None:
        self.diff = Diff()
        self._left_work = _MOST
        # Not yet told: what is gone stands before what is new, and what is the same is told in one piece.
        self._alike: list[str] = []
        self._gone: list[str] = []
        self._new: list[str] = []
        a = c = 0
        for i, j in _paired(left, right):
            self._stretch(left[a:i], right[c:j])
            self._stretch([left[i]], [right[j]])
            a, c = i + 1, j + 1
        self._stretch(left[a:], right[c:])
        self._tell(SAME, "")
        self._end_alike()

    def _stretch(self, left: list[_Paragraph], right: list[_Paragraph]) -> None:
        if len(left) == len(right) == 1 and (left[0].text, left[0].end) == (right[0].text, right[0].end):
            self._tell(SAME, left[0].text + left[0].end)
            return
        if not left and not right:
            return
        here, there = _Words(left), _Words(right)
        for span in self._aligned(here.keys, there.keys):
            for alike, part in _narrowed(here, there, span):
                if span.equal:
                    self._same(here, there, part)
                else:
                    self._differing(here, there, part, alike=alike)
        self._moved(here, LEFT, len(here.cores))
        self._moved(there, CAME, len(there.cores))

    def _aligned(self, left: Sequence[str], right: Sequence[str]) -> Iterator[Span]:
        """Both from beginning to end; what would take too long to align is one change."""
        head, most = 0, min(len(left), len(right))
        while head < most and left[head] == right[head]:
            head += 1
        tail = 0
        while tail < most - head and left[-1 - tail] == right[-1 - tail]:
            tail += 1
        b, d = len(left) - tail, len(right) - tail
        if head:
            yield Span(True, 0, head, 0, head)
        if head < b and head < d:
            here, there = left[head:b], right[head:d]
            self._left_work -= max(_pairs(here), _pairs(there))
            if self._left_work < 0:
                self.diff.coarse = True
                yield Span(False, head, b, head, d)
            else:
                for span in align(here, there):
                    yield Span(span.equal, span.a + head, span.b + head, span.c + head, span.d + head)
        elif head < b or head < d:
            yield Span(False, head, b, head, d)
        if tail:
            yield Span(True, b, len(left), d, len(right))

    def _same(self, left: _Words, right: _Words, span: Span) -> None:
        """Words that are one by one the same, but for their typography."""
        for i, j in zip(range(span.a, span.b), range(span.c, span.d), strict=True):
            self._moved(left, LEFT, i)
            self._moved(right, CAME, j)
            inside = i + 1 < span.b and left.spaces[i] != "" != right.spaces[j]
            self._match(left.cores[i], right.cores[j], left.spaces[i], right.spaces[j], inside=inside)

    def _match(self, old: str, new: str, space: str, other: str, *, inside: bool) -> None:
        if space == other or inside:
            old, new, space, other = old + space, new + other, "", ""
        if old == new:
            self._tell(SAME, old)
        else:
            self._tell(TYPOGRAPHY, old, new)
        # Spaces beside what is gone or new go and come with it.
        self._gone.append(space)
        self._new.append(other)

    def _differing(self, left: _Words, right: _Words, span: Span, *, alike: bool) -> None:
        if alike and left.whole(span.a, span.b) and right.whole(span.c, span.d):
            self._moved(left, LEFT, span.a)
            self._moved(right, CAME, span.c)
            old, new = left.text(span.a, span.b), right.text(span.c, span.d)
            self._match(old, new, left.spaces[span.b - 1], right.spaces[span.d - 1], inside=False)
            return
        for i in range(span.a, span.b):
            self._moved(left, LEFT, i)
            self._gone += left.cores[i], left.spaces[i]
        for j in range(span.c, span.d):
            self._moved(right, CAME, j)
            self._new += right.cores[j], right.spaces[j]

    def _moved(self, words: _Words, sign: str, place: int) -> None:
        while words.marks and words.marks[0][0] <= place:
            self._tell(sign, words.marks.popleft()[1])

    def _tell(self, sign: str, *texts: str) -> None:
        gone, new = "".join(self._gone), "".join(self._new)
        if self._gone or self._new:
            self._gone.clear()
            self._new.clear()
        if gone == new:
            self._alike.append(gone)
        elif not (gone + new).strip() and "\n\n" not in gone + new:
            self._put(TYPOGRAPHY, gone, new)
        else:
            self._put(GONE, gone)
            self._put(NEW, new)
        if sign == SAME:
            self._alike.append(texts[0])
        else:
            self._put(sign, *texts)

    def _put(self, sign: str, *texts: str) -> None:
        if any(texts):
            self._end_alike()
            self.diff.told.append((sign, *texts))

    def _end_alike(self) -> None:
        text = "".join(self._alike)
        self._alike.clear()
        if text:
            self.diff.told.append((SAME, text))


def _pairs(keys: Sequence[str]) -> int:
    """Pairs of equal words within windows: what the alignment has to look at, at most, where it goes word by word."""
    return sum(
        sum(often * often for often in Counter(keys[at : at + _WINDOW]).values()) for at in range(0, len(keys), _WINDOW)
    )


def _narrowed(left: _Words, right: _Words, span: Span) -> Iterator[tuple[bool, Span]]:
    """A stretch as parts: whether it is alike but for its typography, though its words are cut otherwise.

    `« mot »` with ordinary spaces may be one word here and three there.
    """
    if span.equal or span.a == span.b or span.c == span.d:
        yield span.equal, span
        return
    a, c = _common(left.keys[span.a : span.b], right.keys[span.c : span.d])
    a, c = span.a + a, span.c + c
    # The same from the end on.
    b, d = _common(_backwards(left.keys[a : span.b]), _backwards(right.keys[c : span.d]))
    b, d = span.b - b, span.d - d
    if a > span.a:
        yield True, Span(False, span.a, a, span.c, c)
    if b > a or d > c:
        yield False, Span(False, a, b, c, d)
    if b < span.b:
        yield True, Span(False, b, span.b, d, span.d)


def _backwards(keys: Sequence[str]) -> list[str]:
    return [JOINT.join(key.split(JOINT)[::-1]) for key in reversed(keys)]


def _common(left: Sequence[str], right: Sequence[str]) -> tuple[int, int]:
    """So many words of each are alike, atom by atom, from the beginning on."""
    atoms = [key.split(JOINT) for key in left], [key.split(JOINT) for key in right]
    pairs = zip(chain.from_iterable(atoms[0]), chain.from_iterable(atoms[1]), strict=False)
    same = sum(1 for _pair in takewhile(lambda pair: pair[0] == pair[1], pairs))
    # So many atoms end a word here and there.
    here, there = ({end: n for n, end in enumerate(accumulate(map(len, words)), 1)} for words in atoms)
    both = max((end for end in here.keys() & there.keys() if end <= same), default=0)
    return (here[both], there[both]) if both else (0, 0)
