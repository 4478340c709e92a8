"""The keywords of an article: links to keyword pages that stand alone, and are not the cloud."""

from __future__ import annotations

import re
from collections.abc import Callable

from osiris_crawler.extract.blocks import Block
from osiris_crawler.extract.landmarks import folded
from osiris_crawler.extract.links import absolute

_MOST = 15  # keywords of one article; more are a cloud
_SHARE = re.compile(r"\b\d{1,6}\s*/\s*\d{1,6}\b")
_LABELS = frozenset(
    {"mots cles", "mots-cles", "mot cle", "mot-cle", "tags", "keywords", "themes", "theme", "rubriques", ""}
)
_LONGEST_LABEL = 30  # letters beside the keywords of a line
_NEAR = 3  # blocks behind the date line


def read_tags(blocks: list[Block], start: int, base: str, classify: Callable[[str], str]) -> tuple[list[str], set[int]]:
    """(keywords, their blocks): those just behind the date line, else those of a list of their own elsewhere."""
    runs: list[list[tuple[int, list[str]]]] = []
    before = -2
    for i, block in enumerate(blocks):
        names = _keywords(block, base, classify)
        if names:
            if i != before + 1:
                runs.append([])
            runs[-1].append((i, names))
            before = i
    small = [run for run in runs if sum(len(names) for _i, names in run) <= _MOST]
    near = [run for run in small if start <= run[0][0] < start + _NEAR]
    if near:
        return _flat(near[:1])
    headed = [run for run in small if run[0][0] >= start and folded(blocks[run[0][0] - 1].plain) in _LABELS - {""}]
    if headed:
        return _flat(headed)
    behind = [run for run in small if run[0][0] >= start]
    labelled = [run for run in behind if not blocks[run[0][0]].plain.startswith(run[0][1][0])]
    if len(labelled) == 1:  # “Sujets” and the keywords in one line
        return _flat(labelled)
    cloud = len(small) < len(runs)
    # Beside a cloud a lone keyword link further down may be of anything; without one it is the article's.
    return ([], set()) if cloud or len(behind) != 1 else _flat(behind)


def _flat(runs: list[list[tuple[int, list[str]]]]) -> tuple[list[str], set[int]]:
    names = dict.fromkeys(name for run in runs for _i, found in run for name in found)
    return list(names), {i for run in runs for i, _names in run}


def _keywords(block: Block, base: str, classify: Callable[[str], str]) -> list[str]:
    """The names in a block that holds keyword links and hardly anything else."""
    if not block.links or len(block.text) > 1500:
        return []
    first = block.links[0][0]
    if ("+" not in first and "mot" not in first and "%2B" not in first) or _SHARE.search(block.text):
        return []
    names = []
    for href, text in block.links:
        if "+" not in href and "mot" not in href and "%2B" not in href:
            return []
        url = absolute(base, href)
        if url is None or classify(url) != "keyword" or not text.strip():
            return []
        names.append(text.strip())
    rest = block.plain
    for name in names:
        rest = rest.replace(name, "", 1)
    # Whatever word a site has for them: “Sujets”, “Thèmes associés :”.
    label = folded(re.sub(r"[,;|/•·\-–:]", " ", rest))
    return names if label in _LABELS or (len(label) <= _LONGEST_LABEL and not any(map(str.isdigit, label))) else []
