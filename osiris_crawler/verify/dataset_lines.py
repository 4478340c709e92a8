"""What the lines of articles.jsonl say of the archive: which record each comes from, and the digest of its text."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from osiris_crawler.archive.clock import normal_date
from osiris_crawler.paths import Collection
from osiris_crawler.record import content_digest
from osiris_crawler.verify.checking import Pointer

_MOST_PROBLEMS = 200

Pointers = dict[str, dict[int, Pointer]]  # file → offset → what lies there


@dataclass(slots=True)
class Lines:
    """Where each line points to, and (line number, what is wrong) of lines that are wrong in themselves."""

    pointers: Pointers = field(default_factory=lambda: defaultdict(dict))
    problems: list[tuple[int, str]] = field(default_factory=list)
    other_reader: int = 0  # lines of another version of the reader, whose texts can't be compared


def read_lines(collection: Collection, reader: str) -> Lines:
    """Read the dataset; no dataset has no lines. Texts by another reader or model than `reader` are not compared."""
    lines = Lines()
    if not collection.articles.exists():
        return lines
    with collection.articles.open("rb") as stream:
        for number, line in enumerate(stream, 1):
            try:
                _take(lines, json.loads(line), reader)
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError) as problem:
                if len(lines.problems) < _MOST_PROBLEMS:
                    lines.problems.append((number, f"{type(problem).__name__}: {problem}"[:200]))
    return lines


def _take(lines: Lines, article: dict[str, Any], reader: str) -> None:
    place = article["capture"]
    if content_digest(article) != article["content_digest"]:
        raise ValueError("content_digest is not that of the line")
    current = article["reader"] == reader
    lines.other_reader += not current
    date = normal_date(str(place["date"])) or ""
    pointer = Pointer(str(place["record_id"]), date, article["content_digest"] if current else None, reader)
    offset, there = int(place["offset"]), lines.pointers[str(place["warc"])]
    if offset < 0 or offset in there:
        raise ValueError("offset is none, or that of another line")
    there[offset] = pointer
