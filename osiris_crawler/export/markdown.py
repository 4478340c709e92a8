"""osiris export markdown: one Markdown file an article, YYYY/MM/ID.md, with what is known of it in front, as YAML.

articles.jsonl → each article's capture read again for the structure of its text → a file → the folder takes its name

The dataset says what an article's text is; its page only how that text is built. So of the page those blocks are taken that
the dataset has, and where they don't make up its text letter by letter, the plain text stands. The counts say how often.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from osiris_crawler.archive import files
from osiris_crawler.archive.foreign import foreign_response
from osiris_crawler.archive.http import parse_response
from osiris_crawler.archive.reader import read_at
from osiris_crawler.care.rebuilding import site_of
from osiris_crawler.errors import IntegrityError, UsageError
from osiris_crawler.export import folder
from osiris_crawler.export.about import readme
from osiris_crawler.export.job import Job, Written
from osiris_crawler.export.naming import Places
from osiris_crawler.export.rows import RESTRICTED, Rows
from osiris_crawler.extract.blocks import Block
from osiris_crawler.extract.chrome import Chrome
from osiris_crawler.extract.markdown import Markdown, plain, plain_heading
from osiris_crawler.extract.markdown_inline import letters_of
from osiris_crawler.extract.page import parts_of
from osiris_crawler.extract.parts import Parts
from osiris_crawler.i18n import _
from osiris_crawler.ledger.adopt import imported_files
from osiris_crawler.ledger.db import LedgerDamaged
from osiris_crawler.ledger.intake import decoded
from osiris_crawler.ledger.learning import frozen
from osiris_crawler.ledger.ledger import Ledger
from osiris_crawler.paths import Collection
from osiris_crawler.record import json_schema
from osiris_crawler.site.profile import Site

_TEXTS = ("lead", "body", "ps", "notes")
_FRONT = tuple(name for name in json_schema()["properties"] if name not in _TEXTS)
_ODD = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")  # YAML wants them escaped
_ROOM = 4096  # bytes of a disk that a file takes at least
_RULE = "* * *"  # before a PS
_CALL = re.compile(r"^[\[(]\s*\d{1,3}\s*[\])]")


class MarkdownFiles:
    """Every article of the dataset as Markdown, in a folder."""

    name = "markdown"
    suffix = "-markdown"

    def write(self, job: Job) -> Written:
        """Write aside, then put in place."""
        return _Export(job, Rows(job)).write()


@dataclass(slots=True)
class _Export:
    """One export under way."""

    job: Job
    rows: Rows
    counts: dict[str, int] = field(default_factory=lambda: {"articles": 0, "structured": 0, "plain": 0})
    size: int = 0
    places: Places = field(default_factory=lambda: Places(".md", months=True))

    def write(self) -> Written:
        job, rows = self.job, self.rows
        pages = _Pages(job.collection)
        with folder.placed_folder(job.to, MarkdownFiles.name, rows.size + rows.count() * _ROOM) as aside:
            for article in rows:
                self._write(aside, article, pages)
            self._describe(aside)
        return Written(job.to, self.size, self.counts, rows.left_out, self._told(), rows.warnings)

    def _write(self, aside: Path, article: dict[str, Any], pages: _Pages) -> None:
        text = pages.text(article)
        self.counts["structured" if text is not None else "plain"] += 1
        self.counts["articles"] += 1
        data = (front_matter(article) + "\n" + (text if text is not None else plain_text(article))).encode(
            "utf-8", "replace"
        )
        path = aside / self.places.place(article)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        self.size += len(data)

    def _describe(self, aside: Path) -> None:
        job = self.job
        layout = (
            ("YYYY/MM/ID.md", _("an article, by the month of its date; its other fields stand before the text, as YAML")),
            ("undated/ID.md", _("those without a date")),
        )
        readme(aside, job, self._told(), layout)
        folder.mark(
            aside,
            MarkdownFiles.name,
            {
                "collection": job.collection.name,
                "created": job.created.strftime("%Y-%m-%dT%H:%M:%SZ"),
                **self.counts,
                RESTRICTED: self.rows.left_out[RESTRICTED],
            },
        )

    def _told(self) -> str:
        told = _("%(articles)d articles, a Markdown file each.") % self.counts
        if self.counts["plain"]:
            told += " " + _(
                "%(plain)d of them as plain text: their page can't be read again, or is read otherwise than the dataset has it."
            ) % {"plain": self.counts["plain"]}
        for sentence in self.rows.told_left_out():
            told += f" {sentence}"
        return told


class _Pages:
    """The archive's pages, read for the structure of their text."""

    def __init__(self, collection: Collection) -> None:
        self._archive = collection.archive
        self._imported = imported_files(collection.archive)
        self._site = _site(collection)
        self._chrome = _chrome(collection)

    def text(self, article: Mapping[str, Any]) -> str | None:
        """An article's text as Markdown; None when its page does not give it."""
        if self._site is None:
            return None
        place = article["capture"]
        try:
            record = read_at(files.existing(self._archive, place["warc"]), place["offset"])
        except IntegrityError:
            return None
        if record.type != "response":
            return None
        foreign = place["warc"] in self._imported
        head = foreign_response(record.block).message if foreign else parse_response(record.block)
        found = parts_of(record.uri, head.header("Content-Type"), decoded(head), self._site, self._chrome)
        return None if found is None else structured_text(article, *found)


def _site(collection: Collection) -> Site | None:
    try:
        return site_of(collection)
    except UsageError:
        return None


def _chrome(collection: Collection) -> Chrome | None:
    """The model that the dataset was read with, as far as the ledger knows it."""
    try:
        ledger = Ledger(collection.state, create=False, readonly=True)
    except LedgerDamaged:
        return None
    try:
        return frozen(ledger, collection.archive)
    finally:
        ledger.close()


def structured_text(article: Mapping[str, Any], parts: Parts, base: str) -> str | None:
    """Title, lead, body, PS and notes with the structure that the page gives them; None when the body's letters differ.

    A lead, a PS or notes that differ, in letters or in order, stand as plain text.
    """
    body = _kept(parts.body, article["body"])
    if body is None:
        return None
    lead, ps = (_kept(blocks, article.get(name) or "") for name, blocks in (("lead", parts.lead), ("ps", parts.ps)))
    notes = _kept_notes(parts.notes, article.get("notes") or [])
    pictures = {image["url"]: image["title"] for image in article.get("images") or []}
    writer = Markdown(base, [*(lead or []), *body, *(ps or [])], notes or [], pictures)
    pieces = [
        plain_heading(article["title"]),
        plain(article["lead"]) if lead is None else writer.text(lead),
        writer.text(body),
        writer.rest(),
        _RULE if article.get("ps") else "",
        plain(article["ps"]) if ps is None else writer.text(ps),
    ]
    return _end([*pieces, *(_plain_notes(article) if notes is None else [writer.definitions()])])


def _kept_notes(blocks: Sequence[Block], notes: Sequence[str]) -> list[Block] | None:
    """Of a page's blocks those that make up the notes of the dataset; None when they don't."""
    told = letters_of("".join(notes))
    texts = [letters_of(_CALL.sub("", block.text, count=1)) for block in blocks]
    kept = [(block, text) for block, text in zip(blocks, texts, strict=True) if text and text in told]
    return [block for block, _text in kept] if "".join(text for _block, text in kept) == told else None


def _kept(blocks: Sequence[Block], text: str) -> list[Block] | None:
    """Of a page's blocks those that make up a text of the dataset, in their order; None when they don't."""
    wanted, at = letters_of(text), 0
    kept = []
    for block in blocks:
        letters = letters_of(block.text)
        if letters and wanted.startswith(letters, at):
            kept.append(block)
            at += len(letters)
    return kept if at == len(wanted) else None


def plain_text(article: Mapping[str, Any]) -> str:
    """An article's text as the dataset has it."""
    pieces = [plain_heading(article["title"]), *(plain(article.get(name) or "") for name in ("lead", "body"))]
    if article.get("ps"):
        pieces += [_RULE, plain(article["ps"])]
    return _end([*pieces, *_plain_notes(article)])


def _plain_notes(article: Mapping[str, Any]) -> list[str]:
    return [f"\\[{number}\\] {plain(note)}" for number, note in enumerate(article.get("notes") or [], 1)]


def _end(pieces: Sequence[str]) -> str:
    return "\n\n".join(piece for piece in pieces if piece) + "\n"


def front_matter(article: Mapping[str, Any]) -> str:
    """What is known of an article, as YAML between its marks: every value is written as JSON, which YAML 1.2 holds."""
    return "---\n" + "".join(f"{name}: {_yaml(article.get(name))}\n" for name in _FRONT) + "---\n"


def _yaml(value: Any) -> str:
    return _ODD.sub(lambda sign: f"\\u{ord(sign[0]):04x}", json.dumps(value, ensure_ascii=False))
