"""osiris export markdown: one Markdown file an article, YYYY/MM/ID.md, with what is known of it in front, as YAML.

articles.jsonl → each article's capture read again for the structure of its text → a file → the folder takes its name

The dataset says what an article's text is; its page only how that text is built. So of the page those blocks are taken that
the dataset has, and where they don't make up its text letter by letter, the plain text stands. The counts say how often.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from osiris_crawler.archive import files
from osiris_crawler.archive.foreign import foreign_response
from osiris_crawler.archive.http import parse_response
from osiris_crawler.archive.reader import read_at
from osiris_crawler.care.rebuilding import site_of
from osiris_crawler.care.restrictions import Hidden, hidden, read
from osiris_crawler.errors import IntegrityError, UsageError
from osiris_crawler.export import folder
from osiris_crawler.export.job import Job, Written
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
_SCOPES = ("dataset", "exports")  # what is not in the dataset is not in what is made of it
_DAY = re.compile(r"(\d{4})-(\d{2})-\d{2}")
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.I)  # on Windows
_LONGEST_NAME = 80
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
        with job.articles() as articles:
            return _Export(job).write(articles)


@dataclass(slots=True)
class _Export:
    """One export under way."""

    job: Job
    counts: dict[str, int] = field(default_factory=lambda: {"articles": 0, "structured": 0, "plain": 0})
    restricted: int = 0
    size: int = 0
    names: set[bytes] = field(default_factory=set)

    def write(self, articles: BinaryIO) -> Written:
        job, size = self.job, self.job.collection.articles.stat().st_size
        force = read(job.collection.restrictions)
        kept_back = [hidden(force, scope, job.created) for scope in _SCOPES]
        pages = _Pages(job.collection)
        lines = sum(1 for _line in articles)
        articles.seek(0)
        done = 0
        with folder.placed_folder(job.to, MarkdownFiles.name, size + lines * _ROOM) as aside:
            for number, line in enumerate(articles, 1):
                article = _article(line, number)
                if not job.with_restricted and _is_hidden(article, kept_back):
                    self.restricted += 1
                else:
                    self._write(aside, article, pages)
                done += len(line)
                job.progress(done, size)
            self._describe(aside)
        return Written(job.to, self.size, self.counts, {"restricted": self.restricted}, self._told())

    def _write(self, aside: Path, article: dict[str, Any], pages: _Pages) -> None:
        text = pages.text(article)
        self.counts["structured" if text is not None else "plain"] += 1
        self.counts["articles"] += 1
        data = (front_matter(article) + "\n" + (text if text is not None else plain_text(article))).encode(
            "utf-8", "replace"
        )
        path = aside / self._place(article)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        self.size += len(data)

    def _place(self, article: Mapping[str, Any]) -> Path:
        """YYYY/MM/NAME.md; two ids whose names some file system takes for one get different ones."""
        day = _DAY.fullmatch(article.get("date") or "")
        parts = (day[1], day[2]) if day else ("undated",)
        name = safe_name(article["id"])
        for one in (name, f"{name[:_LONGEST_NAME]}-{_short(article['id'])}"):
            key = hashlib.blake2b("/".join((*parts, one.casefold())).encode(), digest_size=8).digest()
            if key not in self.names:
                break
        self.names.add(key)
        return Path(*parts, f"{one}.md")

    def _describe(self, aside: Path) -> None:
        job = self.job
        title = job.title or job.collection.name
        description = f"{job.description}\n" if job.description else ""
        (aside / "README.md").write_text(f"# {title}\n\n{description}\n{self._told()}\n", "utf-8")
        folder.mark(
            aside,
            MarkdownFiles.name,
            {
                "collection": job.collection.name,
                "created": job.created.strftime("%Y-%m-%dT%H:%M:%SZ"),
                **self.counts,
                "restricted": self.restricted,
            },
        )

    def _told(self) -> str:
        told = _("%(articles)d articles, a Markdown file each.") % self.counts
        if self.counts["plain"]:
            told += " " + _(
                "%(plain)d of them as plain text: their page can't be read again, or is read otherwise than the dataset has it."
            ) % {"plain": self.counts["plain"]}
        if self.restricted:
            told += " " + _("%(count)d articles are restricted and left out.") % {"count": self.restricted}
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


def _article(line: bytes, number: int) -> dict[str, Any]:
    try:
        article: dict[str, Any] = json.loads(line)
        if not (
            isinstance(article["id"], str)
            and isinstance(article["title"], str)
            and isinstance(article["body"], str)
            and isinstance(article["capture"]["warc"], str)
            and isinstance(article["capture"]["offset"], int)
        ):
            raise TypeError
    except (ValueError, KeyError, TypeError, RecursionError) as problem:
        raise IntegrityError(
            _("Line %(line)d of articles.jsonl can't be read.") % {"line": number},
            _("“osiris rebuild” makes the dataset anew from the WARC files."),
        ) from problem
    return article


def _is_hidden(article: Mapping[str, Any], kept_back: Sequence[Hidden]) -> bool:
    return any(one.hides(article) for one in kept_back)


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


def safe_name(id: str) -> str:
    """A file's name for an id: its own where it is made of plain signs, else those and a sum, so that no two are alike."""
    name = _UNSAFE.sub("_", id)[:_LONGEST_NAME]
    if name == id and name[:1] not in ("", ".", "-") and not name.endswith(".") and not _RESERVED.match(name):
        return name
    return f"{name.strip('._-')}-{_short(id)}".lstrip("-")


def _short(id: str) -> str:
    return hashlib.sha256(id.encode("utf-8", "surrogatepass")).hexdigest()[:10]
