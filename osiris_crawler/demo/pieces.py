"""The things of the embedded site: sections, articles, and how SPIP writes days and slugs."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from typing import Any

MONTHS = (
    "Janvier",
    "Février",
    "Mars",
    "Avril",
    "Mai",
    "Juin",
    "Juillet",
    "Août",
    "Septembre",
    "Octobre",
    "Novembre",
    "Décembre",
)
WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")


@dataclass(slots=True)
class Section:
    """A rubrique: `path` is its address."""

    id: int
    title: str
    parent: int | None
    path: str


@dataclass(slots=True)
class Piece:
    """An article as it was planted. `blocks`: ("p" | "h" | "quote", text), ("list", items), ("table", caption, rows)."""

    number: int
    kind: str
    title: str
    day: date
    section: int
    path: str
    tag: str | None = None
    old_path: str | None = None
    lead: str | None = None
    blocks: list[tuple[Any, ...]] = field(default_factory=list)
    author: str | None = None
    sources: list[dict[str, str | None]] = field(default_factory=list)
    ps: str | None = None
    notes: list[str] = field(default_factory=list)
    link: str | None = None
    images: list[dict[str, str | None]] = field(default_factory=list)
    documents: list[dict[str, str | None]] = field(default_factory=list)
    language: str = "fr"
    duplicate_of: int | None = None
    withdrawn: bool = False

    def body(self, *, lists: bool = True) -> str:
        """The text of the body as the contract writes it; without `lists` items are paragraphs like any other."""
        parts = []
        for block in self.blocks:
            if block[0] == "list":
                parts.append(("\n" if lists else "\n\n").join(block[1]))
            elif block[0] == "table":
                parts.append("\n".join([block[1], *("\t".join(row) for row in block[2])]))
            else:
                parts.append(" ".join(block[1].split("\n")))
        return "\n\n".join(parts)


def french_day(day: date, *, weekday: bool = True) -> str:
    """vendredi 30 janvier 2015, mardi 1er septembre 2008"""
    number = "1er" if day.day == 1 else str(day.day)
    text = f"{number} {MONTHS[day.month - 1].lower()} {day.year}"
    return f"{WEEKDAYS[day.weekday()]} {text}" if weekday else text


def slugify(title: str, most: int) -> str:
    """SPIP's slug: ASCII letters and digits joined by dashes, cut at a word."""
    plain = "".join(
        c
        for c in unicodedata.normalize("NFD", title.replace("’", " ").replace("'", " "))
        if not unicodedata.combining(c)
    )
    slug = re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-")
    if len(slug) > most:
        slug = slug[: most + 1].rsplit("-", 1)[0][:most]
    return slug or "article"
