"""An archived text as a page shows it: paragraphs, lists, tables, notes; links that are harmless, letters that stay in order.

The dataset's texts are plain text, and that is all that they are taken for. Nothing in them becomes markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from urllib.parse import urlsplit

from markupsafe import Markup, escape

# Marks that turn the order of letters around beyond the words they stand in, and signs that are no text.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff\ufff9-\ufffb\ud800-\udfff]|[\U000e0000-\U000e007f]")
_PARAGRAPHS = re.compile(r"\n{2,}")
_DASH = re.compile(r"[-–—•*]\s+(?=\S)")
_CALL = re.compile(r"([\[(])(\d{1,3})([\])])")
_NOTE = re.compile(r"\s*[\[(]?\s*(\d{1,3})\s*[\])][\s.:]*")
_FIGURE = re.compile(r"[-+−]?[\d\s.,'’\u00a0\u202f]+\s?(?:%|€|\$|FCFA|F)?")
_LONGEST_URL = 2000


def shown(text: object) -> str:
    """A text without what would turn the order of letters around, or is no letter at all."""
    return _UNSEEN.sub("", _TURNING.sub("", str(text or "")))


def web_address(url: object) -> str | None:
    """An address that a link may lead to: http or https, of one line; None for any other."""
    text = str(url or "")
    if len(text) > _LONGEST_URL or any(letter.isspace() or not letter.isprintable() for letter in text):
        return None
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 - a wrong one is told here
    except ValueError:
        return None
    return text if parts.scheme in ("http", "https") and parts.hostname and "\\" not in text else None


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a text: `kind` is paragraph, list or table; lines of it, or rows of cells.

    A table whose first row has no figure, and whose second has, has a head.
    """

    kind: str
    lines: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    head: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """A footnote. `number` as its call in the text has it."""

    number: str
    text: str


@dataclass(slots=True)
class Prose:
    """An article's texts, ready to be laid out."""

    lead: list[Block] = field(default_factory=list)
    body: list[Block] = field(default_factory=list)
    ps: list[Block] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


def blocks(text: str | None) -> list[Block]:
    """The blocks of a text. Lines with tabs are rows of a table, lines that begin with a dash are a list."""
    return [block for part in _PARAGRAPHS.split(text or "") if part.strip() for block in _blocks(part)]


def _blocks(paragraph: str) -> Iterator[Block]:
    for kind, group in groupby(paragraph.strip("\n").split("\n"), key=_kind):
        lines = [shown(line) for line in group]
        if kind == "table":
            rows = [line.split("\t") for line in lines]
            headed = len(rows) > 1 and any(map(is_figure, rows[1])) and not any(map(is_figure, rows[0]))
            yield Block(kind, rows=rows[headed:], head=rows[0] if headed else ())
        elif kind == "list" and len(lines) > 1:
            yield Block(kind, [_DASH.sub("", line, count=1) for line in lines])
        else:
            yield Block("paragraph", lines)


def _kind(line: str) -> str:
    return "table" if "\t" in line else "list" if _DASH.match(line) else "paragraph"


def notes(texts: Sequence[str]) -> list[Note]:
    """Footnotes with the number that they begin with, else their place."""
    found = []
    for place, text in enumerate(texts, 1):
        number = _NOTE.match(text)
        found.append(Note(number[1] if number else str(place), shown(text[number.end() :] if number else text).strip()))
    return found


def prose(article: dict[str, object]) -> Prose:
    texts = {name: blocks(str(article[name] or "")) for name in ("lead", "body", "ps")}
    listed = article["notes"]
    return Prose(**texts, notes=notes(listed if isinstance(listed, list) else []))


def with_calls(text: str, known: Sequence[Note]) -> Markup:
    """A line in which the calls of footnotes lead to them."""
    numbers = {note.number for note in known}
    html, at = Markup(""), 0
    for call in _CALL.finditer(text):
        if call[2] in numbers:
            html += escape(text[at : call.start()])
            html += Markup('<a class="call" href="#note-{0}">{1}</a>').format(call[2], call[0])
            at = call.end()
    return html + escape(text[at:])


def is_figure(cell: str) -> bool:
    """Whether a table's cell is a number, which stands at the right."""
    return any(letter.isdigit() for letter in cell) and _FIGURE.fullmatch(cell.strip()) is not None
