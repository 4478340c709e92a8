"""Clusters of reprints in a dataset: the earliest of each and its copies, and what differs between the two.

articles.jsonl, first pass → which lines are one cluster, and how many must not be shown
               second pass → where the lines lie that are shown
               then        → the earliest and one copy at a time, laid beside each other

What is held are the ids and, of a cluster that is being shown, two texts.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from osiris_crawler.dataset.alignment import align
from osiris_crawler.dataset.likeness import LONGEST, Likeness, Text, compare
from osiris_crawler.dataset.wording import Words, forms
from osiris_crawler.errors import OsirisError
from osiris_crawler.i18n import _

_AROUND = 4  # words shown before and after a place that differs
_SHOWN = 25  # words shown of what was cut or added
_LONGEST_STRETCH = 400  # letters of either; there are texts without spaces
COMPARED = ("title", "date", "authors", "sources", "section")


@dataclass(slots=True)
class Cluster:
    """Lines of articles.jsonl, from 0, in its order: by date, then id. `lines[0]` is the earliest that may be shown."""

    root: str
    lines: list[int] = field(default_factory=list)
    newest: str = ""  # day of the newest copy
    hidden: int = 0  # members that must not be shown, the root among them


@dataclass(slots=True)
class Gathered:
    """What the first pass found; clusters largest first, of equal ones the newest."""

    articles: int = 0
    copies: int = 0
    hidden: int = 0  # copies, or earliest ones, that must not be shown
    clusters: list[Cluster] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Place:
    """A place where two texts differ, with a few words around it. `moved`: the words stand elsewhere in the other text."""

    before: str
    removed: str
    added: str
    after: str
    moved: bool = False


@dataclass(slots=True)
class Difference:
    """What a copy has otherwise than the earliest. `share` is None where a text is too long to be compared by words."""

    share: float | None = None  # of all words of both texts, those in common
    removed: int = 0  # words
    added: int = 0
    count: int = 0  # places that differ
    places: list[Place] = field(default_factory=list)
    fields: dict[str, tuple[Any, Any]] = field(default_factory=dict)


def gather(
    articles: Iterable[Mapping[str, Any]], hides: Callable[[Mapping[str, Any]], bool], least: int = 2
) -> Gathered:
    """The clusters of a dataset with `least` articles or more that may be shown."""
    found = Gathered()
    place: dict[str, int] = {}
    hidden: set[str] = set()
    copies: dict[str, Cluster] = {}
    for line, article in enumerate(articles):
        found.articles += 1
        id, root = article["id"], article["duplicate_of"]
        place[id] = line
        kept_back = hides(article)
        if kept_back:
            hidden.add(id)
        if root is None:
            continue
        found.copies += 1
        cluster = copies.setdefault(root, Cluster(root))
        if kept_back:
            cluster.hidden += 1
        else:
            cluster.lines.append(line)
            cluster.newest = max(cluster.newest, article["date"] or "")
    for root, cluster in copies.items():
        if root in hidden:
            cluster.hidden += 1
        elif root in place:
            cluster.lines.insert(0, place[root])
        found.hidden += cluster.hidden
        if len(cluster.lines) >= least:
            found.clusters.append(cluster)
    found.clusters.sort(key=lambda one: one.root)
    found.clusters.sort(key=lambda one: (len(one.lines), one.newest), reverse=True)
    return found


def members(path: Path, clusters: Sequence[Cluster]) -> Iterator[tuple[Cluster, Iterator[dict[str, Any]]]]:
    """Each cluster with its articles, read one at a time."""
    wanted = {line for cluster in clusters for line in cluster.lines}
    offsets: dict[int, int] = {}
    with path.open("rb") as lines:
        at = 0
        for number, line in enumerate(lines):
            if number in wanted:
                offsets[number] = at
            at += len(line)

        def read(cluster: Cluster) -> Iterator[dict[str, Any]]:
            for number in cluster.lines:
                lines.seek(offsets.get(number, at))
                try:
                    article: dict[str, Any] = json.loads(lines.readline())
                    same = cluster.root in (article["id"], article["duplicate_of"])
                except (ValueError, KeyError, TypeError):
                    same = False
                if not same:
                    raise OsirisError(_("The dataset was replaced while it was read."), _("Give the command again."))
                yield article

        for cluster in clusters:
            yield cluster, read(cluster)


# -- what differs -------------------------------------------------------------------------------------------------------------


def differences(left: Mapping[str, Any], right: Mapping[str, Any], words: Words, most: int = 5) -> Difference:
    """What the article `right` has otherwise than `left`, whose words are given; at most so many places are shown.

    Case, accents, quotes, dashes and typographic spaces make no difference, nor does where a lead ends.
    """
    found = Difference(fields={name: pair for name in COMPARED if (pair := _unequal(name, left, right))})
    text = Text(right["lead"], right["body"]).whole
    if max(len(words.text), len(text)) > LONGEST:
        return found
    likeness = compare(words, Words(text))
    found.share = likeness.share if words.forms or likeness.right.forms else 1.0
    found.removed, found.added = likeness.only_left, likeness.only_right
    found.places, found.count = _places(likeness, most)
    return found


def worded(left: str, right: str) -> list[tuple[bool, str, str]]:
    """Two short texts as stretches: (equal, words of the left, words of the right); one stretch where little is common."""
    here, there = Words(left), Words(right)
    spans = align(here.forms, there.forms)
    if 2 * sum(span.b - span.a for span in spans if span.equal) < max(len(here), len(there)):
        return [(False, left, right)]
    return [(span.equal, here.shown(span.a, span.b), there.shown(span.c, span.d)) for span in spans]


def words_of(article: Mapping[str, Any]) -> Words:
    """The words of an article's text, as `differences` wants them of the earliest."""
    return Words(Text(article["lead"], article["body"]).whole[: LONGEST + 1])


def _places(likeness: Likeness, most: int) -> tuple[list[Place], int]:
    left, right = likeness.left, likeness.right
    apart = [
        span
        for span in likeness.spans
        if not span.equal and "".join(left.forms[span.a : span.b]) != "".join(right.forms[span.c : span.d])
    ]
    gone = {tuple(left.forms[span.a : span.b]) for span in apart}
    come = {tuple(right.forms[span.c : span.d]) for span in apart}
    moved = (gone & come) - {()}
    places = []
    for span in apart[:most]:
        here, there = tuple(left.forms[span.a : span.b]), tuple(right.forms[span.c : span.d])
        places.append(
            Place(
                before=_stretch(left, max(span.a - _AROUND, 0), span.a),
                removed=_stretch(left, span.a, span.b),
                added=_stretch(right, span.c, span.d),
                after=_stretch(left, span.b, min(span.b + _AROUND, len(left))),
                moved=(here in moved and not there) or (there in moved and not here),
            )
        )
    return places, len(apart)


def _stretch(words: Words, start: int, end: int) -> str:
    """Words as they stand in their text, on one line; of many the first and the last."""
    if end - start > _SHOWN:
        head, tail = words.shown(start, start + _SHOWN - 8), words.shown(end - 6, end)
        text = f"{_cut(head, _LONGEST_STRETCH // 2)} … {_cut(tail, _LONGEST_STRETCH // 2)}"
    else:
        text = _cut(words.shown(start, end), _LONGEST_STRETCH)
    return text.replace("\n\n", " ¶ ").replace("\n", " ").replace("\t", " ")


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _unequal(name: str, left: Mapping[str, Any], right: Mapping[str, Any]) -> tuple[Any, Any] | None:
    """The values of a field in both articles, where they are not one."""
    here, there = _simple(name, left[name]), _simple(name, right[name])
    return (here, there) if _folded(here) != _folded(there) else None


def _simple(name: str, value: Any) -> Any:
    """Of a source, who printed it and when; its line says the same in many ways."""
    if name != "sources":
        return value
    return [", ".join(filter(None, (_printed_by(source), source["date"]))) for source in value]


def _printed_by(source: Mapping[str, Any]) -> str:
    return str(source["outlet"] or source["name"] or source["url"] or source["text"])


def _folded(value: Any) -> Any:
    if isinstance(value, list):
        return [forms(item) for item in value]
    return forms(value) if value else []


def outlets(article: Mapping[str, Any]) -> list[str]:
    """Who printed an article first, as its sources say."""
    return list(dict.fromkeys(_printed_by(source) for source in article["sources"]))
