"""Facts that were read by hand on real pages, as articles of the embedded site: every look shows them, the crawl reads them.

A line of the file is a JSON object; of its keys are used, where they are not null: url, breadcrumb, title, date_iso, tags,
source_text, source_name, source_date_iso, source_author. What is not recorded is made up: a title from the address, the
text by lot. The file itself is no part of the project.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from osiris_crawler.demo.pieces import Section, slugify
from osiris_crawler.demo.world import World

from . import ours, sites
from .scoring import Scores
from .table import by_rows

FIELDS = ("title", "date", "section", "tags", "authors", "source line", "source name", "source date")
_PATH = re.compile(r"^https?://[^/\s]+/([^/\s]+\.html)$")


def read(file: Path, layouts: Sequence[str]) -> list[Scores]:
    """What the dataset of a crawl has of the recorded articles, look by look."""
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines() if line.strip()]
    return [ours.dataset(planted(rows, layout)) for layout in layouts]


def planted(rows: Sequence[dict[str, Any]], layout: str, others: int = 40) -> sites.Site:
    """The embedded site in one look with the recorded articles among `others`."""
    world = World(articles=others)
    paths = frozenset(_plant(world, row) for row in rows)
    return sites.drawn(world, layout, paths)


def _plant(world: World, row: dict[str, Any]) -> str:
    """One recorded article; gives its path."""
    day = date.fromisoformat(row.get("date_iso") or row.get("source_date_iso") or "2015-01-30")
    piece = world.pieces[world.add(1, day)[0]]
    address = _PATH.match(row["url"])
    if address is not None:
        piece.path = address[1]
        piece.kind = "breve" if piece.path.startswith("+") else "article"
    piece.old_path, piece.lead = None, None
    piece.title = row.get("title") or _title(piece.path)
    piece.tag = next(iter(row.get("tags") or []), None)
    piece.author = row.get("source_author")
    if row.get("breadcrumb"):
        piece.section = _section(world, row["breadcrumb"][1:-1])
    piece.sources = []
    if row.get("source_text"):
        piece.sources = [{"text": row["source_text"], "name": row["source_name"], "url": None, "date": row["source_date_iso"]}]  # fmt: skip
    return piece.path


def _title(path: str) -> str:
    """“La-Sonatel-demantele-un-reseau-de.html” → “La Sonatel demantele un reseau de”"""
    return re.sub(r"[-+]+", " ", path.rpartition(".")[0].partition(",")[0]).strip()


def _section(world: World, titles: Sequence[str]) -> int:
    """The section with this path of titles; what is missing of it is made."""
    parent: int | None = None
    for title in titles:
        known = next((s.id for s in world.sections.values() if s.parent == parent and s.title == title), None)
        if known is None:
            known = max(world.sections) + 1
            world.sections[known] = Section(known, title, parent, f"-{slugify(title, 60)}-{known}-.html")
        parent = known
    assert parent is not None
    return parent


def table(layouts: Sequence[str], found: Sequence[Scores]) -> tuple[str, list[str]]:
    """(fields by looks: how many of those recorded came out as recorded; what falls short)"""
    rows, short = [], []
    for name in FIELDS:
        cells = [f"{scores.right.get(name, 0)}/{scores.asked.get(name, 0)}" for scores in found]
        rows.append([name, *cells])
        for layout, cell, scores in zip(layouts, cells, found, strict=True):
            if scores.rate(name) != 1.0:
                short.append(f"recorded {name}: {cell} on {layout}")
    rows.append(["false sources", *(f"{scores.false_sources}/{scores.sourceless}" for scores in found)])
    for layout, scores in zip(layouts, found, strict=True):
        if scores.false_sources:
            short.append(f"false sources on recorded pages: {scores.false_sources} on {layout}")
    return by_rows(["recorded pages", *layouts], rows), short
