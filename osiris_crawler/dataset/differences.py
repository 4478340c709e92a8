"""Two datasets compared, line by line: of the old one a few hundred bytes an article are held, no text.

Dataset old, dataset new → per field how many articles differ, and a sample drawn by a lot that the ids throw, so that two
comparisons show the same articles.
"""

from __future__ import annotations

import hashlib
import heapq
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from osiris_crawler import record
from osiris_crawler.errors import IntegrityError
from osiris_crawler.i18n import _

_CONTENT = ("title", "date", "lead", "body", "ps", "notes", "authors")
_PARTS = (("sources", "text"), ("images", "url"), ("documents", "url"))
# What comes of the order of captures, not of reading; an id is what articles are paired by.
_APART = frozenset({"id", "version", "first_seen", "last_changed", "capture", "reader", "content_digest"})
FIELDS = tuple(name for name in record.json_schema()["properties"] if name not in _APART)
_SUM = 8  # bytes
_NOTHING = bytes(_SUM)
_BEFORE = 6  # words before the first that differs
_DAY = 10


@dataclass(slots=True)
class Count:
    """Articles that differ in a field: filled in both, in the new one only, in the old one only."""

    changed: int = 0
    filled: int = 0
    emptied: int = 0

    @property
    def all(self) -> int:
        return self.changed + self.filled + self.emptied


@dataclass(frozen=True, slots=True)
class Sample:
    """A field of one article, as it was and as it would be; None and [] are empty."""

    field: str
    id: str
    old: Any
    new: Any


@dataclass(slots=True)
class Differences:
    """What a comparison found; `changed` has the articles in the order of the new dataset, with the fields that differ."""

    old: int = 0  # articles
    new: int = 0
    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    changed: dict[str, int] = field(default_factory=dict)  # id → bits of FIELDS
    counts: dict[str, Count] = field(default_factory=lambda: {name: Count() for name in FIELDS})
    sample: list[Sample] = field(default_factory=list)

    def fields_of(self, id: str) -> list[str]:
        """The fields in which an article differs."""
        return [name for bit, name in enumerate(FIELDS) if self.changed[id] >> bit & 1]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


def compare(old: Path, new: Path, *, sample: int = 5) -> Differences:
    """Compare two articles.jsonl; of each field at most `sample` articles are shown. IntegrityError for a line that is none."""
    found = Differences()
    held: dict[str, tuple[int, bytes]] = {}
    chosen: dict[str, list[tuple[int, str, int, int]]] = {name: [] for name in FIELDS}
    with old.open("rb") as before, new.open("rb") as after:
        for at, article in _articles(before, old):
            held[article["id"]] = (at, b"".join(_field_sums(article)))
            found.old += 1
        for at, article in _articles(after, new):
            found.new += 1
            id = article["id"]
            place, sums = held.pop(id, (-1, b""))
            if place < 0:
                found.added.append(id)
                continue
            bits = _count(found, sums, list(_field_sums(article)))
            if bits:
                found.changed[id] = bits
                lot = -int.from_bytes(hashlib.blake2b(id.encode(), digest_size=8).digest())
                for name in found.fields_of(id):
                    _draw(chosen[name], (lot, id, place, at), sample)
        found.removed = list(held)
        for name in FIELDS:
            for _lot, id, place, at in sorted(chosen[name], reverse=True):
                found.sample.append(Sample(name, id, _line_at(before, place).get(name), _line_at(after, at).get(name)))
    return found


def _count(found: Differences, old: bytes, new: list[bytes]) -> int:
    bits = 0
    for bit, (name, sum) in enumerate(zip(FIELDS, new, strict=True)):
        before = old[bit * _SUM : (bit + 1) * _SUM]
        if before == sum:
            continue
        bits |= 1 << bit
        count = found.counts[name]
        if before == _NOTHING:
            count.filled += 1
        elif sum == _NOTHING:
            count.emptied += 1
        else:
            count.changed += 1
    return bits


def _draw(chosen: list[tuple[int, str, int, int]], one: tuple[int, str, int, int], most: int) -> None:
    """Keep the `most` first by their lot."""
    if len(chosen) < most:
        heapq.heappush(chosen, one)
    elif chosen and one > chosen[0]:
        heapq.heapreplace(chosen, one)


def _articles(lines: BinaryIO, path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """(byte offset, article) of every line."""
    at = 0
    for number, line in enumerate(lines, 1):
        try:
            article = json.loads(line)
            if not isinstance(article["id"], str):
                raise TypeError
        except (ValueError, KeyError, TypeError, RecursionError) as problem:
            raise IntegrityError(
                _("Line %(line)d of %(file)s can't be read.") % {"line": number, "file": path.name},
                _("“osiris rebuild” makes the dataset anew from the WARC files."),
            ) from problem
        yield at, article
        at += len(line)


def _line_at(lines: BinaryIO, offset: int) -> dict[str, Any]:
    lines.seek(offset)
    article: dict[str, Any] = json.loads(lines.readline())
    return article


def _field_sums(article: dict[str, Any]) -> Iterator[bytes]:
    for name in FIELDS:
        value = article.get(name)
        yield _sum(value) if value else _NOTHING


def _sum(value: Any) -> bytes:
    return hashlib.blake2b(json.dumps(value, sort_keys=True).encode(), digest_size=_SUM).digest()


def shortened(old: Any, new: Any, most: int = 200) -> tuple[str, str]:
    """Two values as texts of at most about `most` letters, from a few words before the first that differs; "" for empty ones."""
    a, b = _as_text(old), _as_text(new)
    first = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    begin = first
    for _word in range(_BEFORE):
        begin = max(a.rfind(" ", 0, max(begin - 1, 0)), 0)
    if first <= _DAY or not begin:
        begin = 0
    begin = max(begin, first - most // 2, 0)
    return _window(a, begin, most), _window(b, begin, most)


def _window(text: str, begin: int, most: int) -> str:
    shown = text[begin : begin + most].strip()
    if begin and shown:
        shown = f"… {shown}"
    if begin + most < len(text):
        head = shown.rpartition(" ")[0]
        shown = f"{head if len(head) > most // 2 else shown} …"
    return shown


def _as_text(value: Any) -> str:
    """A value on one line."""
    if not value:
        return ""
    if isinstance(value, str):
        return value.replace("\n\n", " ¶ ").replace("\n", " ⏎ ").replace("\t", " ⇥ ")
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return " · ".join(_as_text(item) for item in value)
    return json.dumps(value, ensure_ascii=False)


def reader_changes(old_path: Path, new_lines: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    """(id, fields) of articles whose capture is the same and whose content another reader reads otherwise."""
    before: dict[str, tuple[str, str, dict[str, bytes]]] = {}
    with old_path.open(encoding="utf-8") as lines:
        for line in lines:
            try:
                article = json.loads(line)
                before[article["id"]] = (article["capture"]["record_id"], article["reader"], _sums(article))
            except (ValueError, KeyError, TypeError, RecursionError):
                continue  # of a damaged line nothing can be said, and nothing hangs on it: the new one replaces it
    for line in new_lines:
        article = json.loads(line)
        record, reader, sums = before.get(article["id"], ("", "", {}))
        if record != article["capture"]["record_id"] or reader == article["reader"]:
            continue
        fields = [name for name, sum in _sums(article).items() if sum != sums[name]]
        if fields:
            yield article["id"], fields


def _sums(article: dict[str, Any]) -> dict[str, bytes]:
    values = {name: article[name] for name in _CONTENT}
    values |= {name: [item[part] for item in article[name]] for name, part in _PARTS}
    return {name: hashlib.blake2b(json.dumps(value).encode(), digest_size=8).digest() for name, value in values.items()}
