"""Drawing a sample: the articles whose sha-256 of seed and id is smallest, so that seed and ids alone decide.

The sheet has them in the order of these sums: who stops half way has scored a random sample too. With strata (years,
sections) each gets its share, rounded up or down by the seed so that every article has the same chance.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from heapq import heappush, heappushpop
from itertools import pairwise
from math import ceil
from typing import Any, BinaryIO

from osiris_crawler.dataset import reading
from osiris_crawler.dataset.reading import unreadable
from osiris_crawler.errors import IntegrityError
from osiris_crawler.i18n import _

__all__ = ["STRATA", "Draw", "Place", "article_of", "draw", "rank", "unreadable"]

STRATA = ("none", "year", "section")
_WHOLE = 2**256


@dataclass(frozen=True, slots=True)
class Place:
    """Where a drawn article's line is in articles.jsonl."""

    line: int
    offset: int


@dataclass(slots=True)
class Draw:
    """What was drawn, and of what. `strata` has (articles, drawn) of each."""

    seed: str
    asked: int
    stratify: str
    population: int = 0
    restricted: int = 0
    digest: str = ""
    newest: str = ""
    readers: dict[str, int] = field(default_factory=dict)
    strata: dict[str, tuple[int, int]] = field(default_factory=dict)
    places: list[Place] = field(default_factory=list)


def draw(
    lines: BinaryIO,
    number: int,
    seed: str,
    stratify: str = "none",
    *,
    hides: Callable[[Mapping[str, Any]], bool] = lambda article: False,
    progress: Callable[[int], None] = lambda read: None,
) -> Draw:
    """Draw from the lines of articles.jsonl in one pass; of each stratum no more than `number` places are held."""
    found = Draw(seed, number, stratify)
    heaps: dict[str, list[tuple[int, int, int]]] = {}
    sizes: dict[str, int] = {}
    sums = hashlib.sha256()
    offset = 0
    for count, line in enumerate(lines, 1):
        sums.update(line)
        article = article_of(line, count)
        if hides(article):
            found.restricted += 1
        else:
            stratum = _stratum(article, stratify)
            sizes[stratum] = sizes.get(stratum, 0) + 1
            push = heappush if sizes[stratum] <= number else heappushpop
            push(heaps.setdefault(stratum, []), (-rank(seed, article["id"]), count, offset))
            found.population += 1
            found.readers[article["reader"]] = found.readers.get(article["reader"], 0) + 1
            found.newest = max(found.newest, article["capture"]["date"])
        offset += len(line)
        progress(offset)
    found.digest = f"sha256:{sums.hexdigest()}"
    shares = _shares(sizes, min(number, found.population), seed)
    drawn: list[tuple[int, int, int]] = []
    for stratum, size in sorted(sizes.items()):
        found.strata[stratum] = (size, shares[stratum])
        drawn += sorted(heaps[stratum], reverse=True)[: shares[stratum]]
    drawn.sort(reverse=True)
    for one, other in pairwise(drawn):
        if one[0] == other[0]:
            raise IntegrityError(
                _("Lines %(one)d and %(other)d of articles.jsonl have the same id.")
                % {"one": min(one[1], other[1]), "other": max(one[1], other[1])},
                _("“osiris rebuild” makes it from the WARC files."),
            )
    found.places = [Place(count, place) for _rank, count, place in drawn]
    return found


def rank(seed: str, id: str) -> int:
    """sha-256 over the seed, a line feed and the id, as a number."""
    return int.from_bytes(hashlib.sha256(f"{seed}\n{id}".encode("utf-8", "surrogatepass")).digest())


def article_of(line: bytes, number: int) -> dict[str, Any]:
    """A line as a record that a sheet can show; IntegrityError when it is none."""
    return reading.article_of(line, number, _whole)


def _whole(article: Mapping[str, Any]) -> None:
    capture = article["capture"]
    texts = [*(article[name] for name in ("id", "url", "reader")), *article["urls"], *article["section"]]
    texts += [capture[name] for name in ("warc", "record_id", "date")]
    if not all(isinstance(text, str) for text in texts) or type(capture["offset"]) is not int:
        raise TypeError


def _stratum(article: Mapping[str, Any], stratify: str) -> str:
    if stratify == "year":
        return str(article.get("date") or "")[:4]
    return " > ".join(article["section"]) if stratify == "section" else ""


def _shares(sizes: Mapping[str, int], number: int, seed: str) -> dict[str, int]:
    """How many of each stratum: its share, rounded so that the chance of every article is the same.

    Points at equal distances, the first of them where the seed says, are laid over all articles, stratum after stratum
    (systematic sampling); those that fall into a stratum are its share.
    """
    start = Fraction(rank(seed, ""), _WHOLE)
    population, before = sum(sizes.values()), 0
    shares = {}
    for stratum, size in sorted(sizes.items()):
        ends = [Fraction(end * number, population) - start for end in (before, before + size)]
        shares[stratum] = ceil(ends[1]) - ceil(ends[0])
        before += size
    return shares
