"""How the commands that show articles print their texts."""

from __future__ import annotations

import unicodedata

from rich.console import Console
from rich.text import Text

_KEPT = frozenset("\n\t")
_DROPPED = frozenset({"Cf", "Cs"})  # marks that turn the order of letters around, soft hyphens, halves of letters


def plain(text: str, most: int | None = None) -> str:
    """A page's words without what would steer a terminal; typographic spaces, tabs and ends of lines are kept.

    With `most` no more than so many letters, on one line.
    """
    if most is not None:
        text = " ".join(text[: 4 * most].split(None))
        text = text if len(text) <= most else text[: most - 1].rstrip() + "…"
    if text.isprintable():
        return text
    return "".join(filter(None, map(_shown, text)))


def _shown(letter: str) -> str:
    if letter.isprintable() or letter in _KEPT:
        return letter
    category = unicodedata.category(letter)
    return letter if category == "Zs" else "" if category in _DROPPED else " "


def instant(text: str | None) -> str:
    """2024-05-01T10:00:00.123456Z → 2024-05-01 10:00:00"""
    return plain(text or "–", 40).replace("T", " ").replace("Z", "").partition(".")[0]


def wrapped(out: Console, text: Text, indent: int = 0) -> None:
    """A line, wrapped to the terminal; what is wrapped stands below its beginning, without spaces at its end."""
    text.expand_tabs(4)
    for part in text.wrap(out, max(out.width - indent, 20)) or [Text("")]:
        part.rstrip()
        out.print(Text.assemble(" " * indent, part) if part else "")
