"""What was planted on a page, made of the embedded site's world or of the truth that came with a real SPIP site.

A truth file has one JSON object a line: what was typed into SPIP, and `body_spip_text`, what SPIP shows of it as text.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .metrics import letters

_SOURCE_LINE = re.compile(r"\(?\s*Sources?\s*:[^\n]*")
_NOTE = re.compile(r"^\[\d+\]\s*", re.MULTILINE)
_TWO = re.compile(r"\s+et\s+")


@dataclass(frozen=True, slots=True)
class Planted:
    """One article. `fields` has the names of articles.jsonl; a field that is not known is not in it.

    `bodies` are the texts that a reader may take for the body: the first is the body alone, the others have lead,
    source line, PS and notes with it. `text` is all that belongs to the article.
    """

    url: str
    fields: dict[str, Any]
    bodies: tuple[str, ...]
    text: str


def _planted(url: str, fields: dict[str, Any], body: str, overline: Iterable[str | None] = ()) -> Planted:
    lead, ps, notes = fields.get("lead"), fields.get("ps"), fields.get("notes") or []
    before = [lead] if lead else []
    authors = fields.get("author_lines") or []
    source = [source["text"] for source in fields.get("sources") or []]
    source = list(dict.fromkeys(source))
    after = [*([ps] if ps else []), *notes]
    parts = {
        tuple(part)
        for part in (
            [body], [*before, body], [body, *authors, *source], [*before, body, *authors, *source],
            [body, *authors, *source, *after], [*before, body, *authors, *source, *after], [*before, body, *after], [body, *after],
        )
    } - {(body,)}  # fmt: skip
    bodies = (body, *sorted("\n\n".join(part) for part in parts))
    everything = [fields["title"], *(line for line in overline if line), *before, body, *authors, *source, *after]
    return Planted(url, fields, bodies, "\n\n".join(everything))


def of_world(truth: Iterable[Mapping[str, Any]], base: str) -> list[Planted]:
    """World.truth(layout) at a base address; an author of the embedded site signs above the source line."""
    names = ("title", "date", "section", "tags", "authors", "lead", "ps", "notes", "sources", "language")
    return [
        _planted(
            base + piece["url"],
            {**{name: piece[name] for name in names}, "author_lines": piece["authors"]},
            piece["body"],
        )
        for piece in truth
    ]


def of_spip(file: Path) -> list[Planted]:
    """Published articles of a truth file that have a page of their own (some are only a redirection)."""
    found = []
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if row["type"] == "article" and row["statut"] == "publie" and not row.get("virtuel"):
                found.append(_of_row(row))
    return found


def _of_row(row: Mapping[str, Any]) -> Planted:
    source = row["source"] if row["source"] and row["source"]["where"] else None
    body, ps = row["body_spip_text"] or "", row["ps"]
    if source and source["where"] == "texte":
        body = without_source_line(body)
    elif source and source["where"] == "ps":
        ps = None if letters(ps) == letters(source["text"]) else (ps or "").replace(source["text"], "").strip()
    notes = [note["texte"] for note in row["notes"] or []]
    if row["notes"] is None and row["notes_spip_text"]:  # typed as HTML
        notes = [_NOTE.sub("", note) for note in re.split(r"\n\s*\n", row["notes_spip_text"]) if note.strip()]
    fields = {
        "title": row["title"],
        "date": row["date"][:10],
        "section": row["rubrique_path"],
        "tags": row["keywords"],
        "authors": row["authors"],
        "lead": row["chapo"],
        "ps": ps or None,
        "notes": notes,
        "sources": sources_of(source) if source else [],
    }
    return _planted(row["url"], fields, body, (row.get("surtitre"), row.get("soustitre")))


def without_source_line(body: str) -> str:
    """A text without the last line of its own that begins with “Source :”."""
    found = None
    for found in _SOURCE_LINE.finditer(body):  # noqa: B007
        pass
    return body if found is None else (body[: found.start()].rstrip() + "\n\n" + body[found.end() :].lstrip()).strip()


def sources_of(source: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The outlets of a line: “A et B” are two where the line's style says so, an address alone has no name."""
    names = _TWO.split(source["name"]) if source["name"] and source["style"] == "two" else [source["name"]]
    return [{"text": source["text"], "name": name, "date": source["date"]} for name in names]
