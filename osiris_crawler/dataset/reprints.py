"""Reprints: the articles of a dataset that are one text, each pointing to the first of them.

texts → signatures (MinHash of five-word sequences, kept in the ledger) → candidates (bands of equal slots)
      → every candidate judged on the texts themselves (likeness.py) → roots, by date then id

The outcome depends on the set of articles alone: neither on the order in which they came, nor on the machine. Signatures
only propose; with another hash some proposals might be missed, so the hashes and seeds are fixed here and SCHEME tells
kept signatures of another making apart. An article is compared with roots only: A like B and B like C makes no chain,
unless C is like A itself.

Memory: SIGNATURE bytes and a little more an article; of the texts only the few last compared.
"""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from itertools import accumulate, islice
from zlib import crc32

from rensa import RMinHash

from osiris_crawler.dataset.likeness import LONGEST, SHARE, SHORTEST, Text, compare, worth_comparing
from osiris_crawler.dataset.wording import Words, forms
from osiris_crawler.ledger.intake import SHORTEST_REPRINT, body_digest
from osiris_crawler.ledger.signatures import Signatures

_SEQUENCE = 5  # words
_BANDS, _ROWS = (
    64,
    4,
)  # two texts with half of their sequences in common share a band in 98 cases of 100, with 0.6 always
_SLOTS = _BANDS * _ROWS
_SEED = 1999
SCHEME = f"rensa {RMinHash.ALGORITHM_VERSION}, crc32 of {_SEQUENCE} words, {_SLOTS} slots, seed {_SEED}, 1"
_LENGTH = 4  # bytes of a signature that tell the words of the text
SIGNATURE = _LENGTH + _SLOTS  # bytes
_LEAST = 0.45  # of the slots equal: what is left of the sequences when one word in twelve is changed, all over the text
_LEAST_SHORT = 0.6  # in texts that must be equal word by word
_CROWD = 32  # articles with one band in common, above which the next slots must agree as well
_DEPTH = 3  # bands that must agree at most
_MOST = 32  # candidates of an article, the likeliest
_BATCH = 256  # texts hashed at a time
_HELD = 256  # texts held while they are compared


@dataclass(frozen=True, slots=True)
class Entry:
    """An article as it is looked for: `content` is its digest, `body` that of its body's letters, empty if too short."""

    id: str
    content: bytes
    body: bytes


def roots(entries: Sequence[Entry], text: Callable[[int], Text], kept: Signatures | None = None) -> dict[str, str]:
    """Id of a reprint → id of the first article with its text. `entries` are in the order of date, then id.

    `text` gives the text of an entry by its place; it is asked again rather than kept. Signatures that `kept` has not
    are made and given to it.
    """
    desk = _Desk(text)
    signatures = _signatures(entries, text, kept)
    near = _candidates(signatures)
    equal: dict[bytes, list[int]] = {}  # body → roots of the articles with it; several only where leads differ
    found: dict[int, int] = {}
    for at, entry in enumerate(entries):
        same = equal.setdefault(entry.body, []) if entry.body else []
        proposed = {*same, *(found.get(other, other) for other in near.pop(at, ()))}
        root = next((other for other in sorted(proposed) if desk.one_text(other, at)), None)
        if root is not None:
            found[at] = root
        first = at if root is None else root
        if first not in same and len(same) < _MOST:
            same.append(first)
    return {entries[at].id: entries[root].id for at, root in found.items()}


class _Desk:
    """The texts that are being compared; few are held."""

    def __init__(self, text: Callable[[int], Text]) -> None:
        self._text = text
        self._held: OrderedDict[int, tuple[Text, Words, str | None]] = OrderedDict()

    def one_text(self, earlier: int, later: int) -> bool:
        """Whether two articles are one text."""
        left, left_words, left_body = self._read(earlier)
        right, right_words, right_body = self._read(later)
        if (
            left_body is not None
            and left_body == right_body
            and (not left.lead or not right.lead or forms(left.lead) == forms(right.lead))
        ):
            return True
        if (left.kind == "issue") != (right.kind == "issue"):
            return False  # an issue is made of articles
        if max(len(left.whole), len(right.whole)) > LONGEST:
            return False
        return worth_comparing(left_words, right_words) and compare(left_words, right_words).reprint

    def _read(self, at: int) -> tuple[Text, Words, str | None]:
        known = self._held.get(at)
        if known is None:
            text = self._text(at)
            known = text, Words(text.whole[: LONGEST + 1]), body_digest(text.body)
            self._held[at] = known
            if len(self._held) > _HELD:
                self._held.popitem(last=False)
        else:
            self._held.move_to_end(at)
        return known


# -- signatures -------------------------------------------------------------------------------------------------------


def _signatures(entries: Sequence[Entry], text: Callable[[int], Text], kept: Signatures | None) -> list[bytes]:
    """Of every entry; empty for texts that are too short or too long to be compared."""
    found: list[bytes | None] = [None] * len(entries)
    if kept is not None:
        kept.keep_only(SCHEME)
        known = kept.all()
        found = [known.get(entry.content) for entry in entries]
        del known
    missing = iter([at for at, signature in enumerate(found) if signature is None])
    while batch := list(islice(missing, _BATCH)):
        made = sign(text(at).whole for at in batch)
        for at, signature in zip(batch, made, strict=True):
            found[at] = signature
        if kept is not None:
            kept.add([(entries[at].content, signature) for at, signature in zip(batch, made, strict=True)])
    return [signature or b"" for signature in found]


def sign(texts: Iterable[str]) -> list[bytes]:
    """The signature of each text: its number of words, and the lowest byte of each slot of its MinHash."""
    hashes, ends, lengths = array("Q"), array("Q", [0]), []
    for text in texts:
        words = forms(text) if len(text) <= LONGEST else []
        if sum(map(len, words)) < SHORTEST_REPRINT:
            words = []
        lengths.append(len(words))
        if words:
            hashes.extend(_sequences(words))
        ends.append(len(hashes))
    rows = RMinHash.digest_matrix_from_flat_token_hashes(hashes, ends, _SLOTS, _SEED).to_rows()
    return [
        length.to_bytes(_LENGTH, "big") + bytes(slot & 255 for slot in row) if length else b""
        for length, row in zip(lengths, rows, strict=True)
    ]


def _sequences(words: list[str]) -> Iterator[int]:
    """The crc32 of every five words in a row; the steps are all in C, they are taken for each word of the dataset."""
    parts = [word.encode() for word in words]
    ends = list(accumulate(map(len, parts)))
    starts = [0, *ends[: max(len(ends) - _SEQUENCE, 0)]]
    return map(crc32, map(b"".join(parts).__getitem__, map(slice, starts, ends[_SEQUENCE - 1 :] or ends[-1:])))


# -- candidates -------------------------------------------------------------------------------------------------------


def _candidates(signatures: list[bytes]) -> dict[int, array[int]]:
    """Entry → earlier entries that may have the same text, at most _MOST of them, the likeliest."""
    near: dict[int, array[int]] = {}
    for band in range(_BANDS):
        for earlier, later in _pairs(signatures, range(len(signatures)), band):
            if likely(signatures[earlier], signatures[later]):
                others = near.setdefault(later, array("L"))
                if earlier not in others:
                    others.append(earlier)
                    if len(others) > 2 * _MOST:
                        near[later] = _likeliest(signatures, later, others)
    return {at: _likeliest(signatures, at, others) for at, others in near.items()}


def _pairs(signatures: list[bytes], members: Iterable[int], band: int, depth: int = 0) -> Iterator[tuple[int, int]]:
    """Pairs (earlier, later) of members whose slots are equal in a band.

    Where too many are, as in the notices of one series, the slots of the next band must be equal as well; where that
    does not part them, each is paired with the first ones alone.
    """
    start = _LENGTH + (band + depth) % _BANDS * _ROWS
    alone: dict[bytes, int] = {}
    buckets: dict[bytes, list[int]] = {}
    for at in members:
        key = signatures[at][start : start + _ROWS]
        if not key:
            continue
        if key in buckets:
            buckets[key].append(at)
        elif key in alone:
            buckets[key] = [alone[key], at]
        else:
            alone[key] = at
    del alone
    for bucket in buckets.values():
        if len(bucket) > _CROWD and depth < _DEPTH:
            yield from _pairs(signatures, bucket, band, depth + 1)
        else:
            for place, later in enumerate(bucket):
                for earlier in bucket[: min(place, _CROWD)]:
                    yield earlier, later


def agreement(left: bytes, right: bytes) -> float:
    """The part of two signatures' slots that are equal: about the part of word sequences that two texts share."""
    apart = int.from_bytes(left[_LENGTH:], "big") ^ int.from_bytes(right[_LENGTH:], "big")
    return apart.to_bytes(_SLOTS, "big").count(0) / _SLOTS


def likely(left: bytes, right: bytes) -> bool:
    """Whether two texts are worth to be laid beside each other."""
    shorter, longer = sorted((int.from_bytes(left[:_LENGTH], "big"), int.from_bytes(right[:_LENGTH], "big")))
    return shorter >= SHARE * longer and agreement(left, right) >= (_LEAST_SHORT if shorter < SHORTEST else _LEAST)


def _likeliest(signatures: list[bytes], at: int, others: array[int]) -> array[int]:
    best = nsmallest(_MOST, others, key=lambda other: (-agreement(signatures[other], signatures[at]), other))
    return array("L", best)
