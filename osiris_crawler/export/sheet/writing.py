"""osiris sample N: a folder with a sheet to score a random sample by hand.

articles.jsonl → drawn by seed and id → each article's record beside its captured page → sheet.html, scores.csv, sample.json
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from w3lib.encoding import html_to_unicode

from osiris_crawler.archive import files
from osiris_crawler.archive.foreign import foreign_response
from osiris_crawler.archive.http import parse_response
from osiris_crawler.archive.reader import read_at
from osiris_crawler.care.restrictions import hidden, read
from osiris_crawler.care.sample.drawing import Draw, article_of, draw, unreadable
from osiris_crawler.care.sample.fields import FIELDS
from osiris_crawler.care.sample.verdicts import COLUMNS, CSV, FORMAT, SAMPLE, neutral
from osiris_crawler.dataset.reading import no_dataset
from osiris_crawler.errors import IntegrityError, UsageError
from osiris_crawler.export import folder
from osiris_crawler.export.naming import safe_name
from osiris_crawler.export.sheet import page
from osiris_crawler.i18n import _
from osiris_crawler.ledger.adopt import imported_files
from osiris_crawler.ledger.intake import decoded
from osiris_crawler.paths import Collection

SHEET, README = "sheet.html", "README.md"
KIND = "sample"
MOST = 2000  # articles of a sheet; a browser holds it all
_SCOPES = ("dataset", "exports", "replay")  # fields and whole captures are shown
_ROOM = 60_000  # bytes that an article takes at most, as a rule
_SHOWN = 500  # letters of a value in scores.csv
_OURS = frozenset((SHEET, README, CSV, SAMPLE, folder.MARK))


@dataclass(slots=True)
class Written:
    """A sample that was written; `unread` are captures that the archive did not give."""

    path: Path
    draw: Draw
    key: str
    bytes: int = 0
    unread: int = 0


def target(collection: Collection, number: int, seed: str, stratify: str, to: Path | None) -> Path:
    """Where a sample is written: its own name, in exports/ or in a folder that is named and there."""
    name = f"{collection.name}-sample-{number}-{safe_name(seed)}" + ("" if stratify == "none" else f"-by-{stratify}")
    if to is None:
        return collection.exports / name
    return to / name if to.is_dir() and not folder.is_export(to, KIND) else to


def write(
    collection: Collection,
    to: Path,
    number: int,
    seed: str,
    stratify: str,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Written:
    """Draw and write aside, then put in place; UsageError when a sample lies there in which somebody has scored."""
    _unscored(to)
    kept_back = hidden(read(collection.restrictions), *_SCOPES)
    with _dataset(collection) as lines:
        size = collection.articles.stat().st_size
        found = draw(
            lines,
            number,
            seed,
            stratify,
            hides=kept_back.hides,
            progress=lambda read: progress(read, 2 * size),
        )
        if not found.places:
            raise UsageError(_("There is no article to draw in %(path)s.") % {"path": collection.articles})
        written = Written(to, found, _key(found))
        with folder.placed_folder(to, KIND, len(found.places) * _ROOM) as aside:
            _Sheet(collection, aside, written).write(lines, lambda done: progress(round(size * (1 + done)), 2 * size))
            written.bytes = sum(path.stat().st_size for path in aside.iterdir())
    return written


def _dataset(collection: Collection) -> BinaryIO:
    try:
        return collection.articles.open("rb")
    except FileNotFoundError:
        raise no_dataset(collection) from None


def _key(found: Draw) -> str:
    """What makes a sample this one and no other."""
    return hashlib.sha256(json.dumps([found.digest, found.seed, found.asked, found.stratify]).encode()).hexdigest()[:16]


def _unscored(to: Path) -> None:
    """UsageError when verdicts lie where the sample is to be written: an hour's work is not written over."""
    if not folder.is_export(to, KIND):
        return
    blank = json.loads((to / folder.MARK).read_text("utf-8")).get("scores")
    more = {path.name for path in to.iterdir()} - _OURS
    scores = to / CSV
    if more or (scores.exists() and f"sha256:{hashlib.sha256(scores.read_bytes()).hexdigest()}" != blank):
        raise UsageError(
            _("%(path)s holds a sample with verdicts in it.") % {"path": to},
            _("Choose another place with --to FOLDER."),
        )


class _Sheet:
    """The files of one sample, written article by article."""

    def __init__(self, collection: Collection, aside: Path, written: Written) -> None:
        self._archive = collection.archive
        self._imported = imported_files(collection.archive)
        self._name = collection.name
        self._aside = aside
        self._written = written
        self._draw = written.draw

    def write(self, lines: BinaryIO, progress: Callable[[float], None]) -> None:
        drawn: list[dict[str, Any]] = []
        facts = self._facts()
        title = _("Sample of %(count)d articles: %(name)s") % {"count": len(self._draw.places), "name": self._name}
        shown = {"sample": self._written.key, "fields": [field.name for field in FIELDS]}
        with (
            (self._aside / SHEET).open("w", encoding="utf-8", errors="replace", newline="\n") as sheet,
            # Excel takes a file without the mark for windows-1252.
            (self._aside / CSV).open("w", encoding="utf-8-sig", errors="replace", newline="") as scores,
        ):
            sheet.write(page.head(title, shown))
            rows = csv.writer(scores, lineterminator="\r\n")
            rows.writerow(COLUMNS)
            for number, place in enumerate(self._draw.places, 1):
                lines.seek(place.offset)
                drawn.append(self._article(number, article_of(lines.readline(), place.line), place.line, sheet, rows))
                progress(number / len(self._draw.places))
            sheet.write(page.tail())
        self._text(SAMPLE, _sample_json(facts, drawn))
        self._text(README, _readme(title, facts))
        folder.mark(self._aside, KIND, {"collection": self._name, "scores": f"sha256:{_sum(self._aside / CSV)}"})

    def _article(self, number: int, article: dict[str, Any], line: int, sheet: TextIO, rows: Any) -> dict[str, Any]:
        try:
            values = {field.name: field.values(article) for field in FIELDS}
            captured = self._page(article["capture"])
            sheet.write(page.section(number, article, values, captured))
        except (KeyError, TypeError) as problem:
            raise unreadable(line) from problem
        self._written.unread += captured is None
        for field in FIELDS:
            text = "\n".join(values[field.name])
            text = text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
            rows.writerow(
                [number, neutral(article["id"]), field.name, "", "", neutral(_printable(text)), self._written.key]
            )
        return {
            "number": number,
            "id": article["id"],
            "url": article["url"],
            "capture": article["capture"],
            "empty": [name for name, found in values.items() if not found],
        }

    def _page(self, capture: Mapping[str, Any]) -> str | None:
        """The captured page as text, decoded as a browser would; None when the archive does not give it."""
        if "/" in capture["warc"] or "\\" in capture["warc"]:
            return None
        try:
            record = read_at(files.existing(self._archive, capture["warc"]), capture["offset"])
        except (IntegrityError, ValueError, OverflowError):
            return None
        if record.type != "response" or record.id.strip("<>") != capture["record_id"].strip("<>"):
            return None
        foreign = capture["warc"] in self._imported
        head = foreign_response(record.block).message if foreign else parse_response(record.block)
        return html_to_unicode(head.header("Content-Type"), decoded(head), auto_detect_fun=_undeclared)[1]

    def _facts(self) -> dict[str, Any]:
        found = self._draw
        return {
            "format": FORMAT,
            "sample": self._written.key,
            "collection": self._name,
            "seed": found.seed,
            "asked": found.asked,
            "drawn": len(found.places),
            "population": found.population,
            "restricted": found.restricted,
            "stratify": found.stratify,
            "strata": {name: {"articles": articles, "drawn": drawn} for name, (articles, drawn) in found.strata.items()}
            if found.stratify != "none"
            else {},
            "readers": dict(sorted(found.readers.items())),
            "dataset": found.digest,
            "newest_capture": found.newest,
            "fields": [field.name for field in FIELDS],
        }

    def _text(self, name: str, text: str) -> None:
        (self._aside / name).write_text(text, "utf-8", errors="replace", newline="\n")


def _sample_json(facts: Mapping[str, Any], articles: list[dict[str, Any]]) -> str:
    """The facts a line each, then the articles a line each."""
    lines = [f"  {json.dumps(name)}: {json.dumps(value)}" for name, value in facts.items()]
    drawn = ",\n".join("    " + json.dumps(article) for article in articles)
    return "{\n" + ",\n".join(lines) + ',\n  "articles": [\n' + drawn + "\n  ]\n}\n"


def _readme(title: str, facts: Mapping[str, Any]) -> str:
    drawn = _("Drawn with the seed “%(seed)s” from %(population)d articles of the dataset %(dataset)s.") % facts
    ways = _(
        "Open sheet.html in a web browser, compare each field with the captured page and save scores.json into this"
        " folder. Or fill the column “verdict” of scores.csv: right, wrong, missing (nothing was read, and the page says"
        " something), invented (something was read, and the page says nothing of it) or unsure. A field that is rightly"
        " empty is right."
    )
    then = _("Then “osiris sample --score FOLDER” gives the share of errors of each field.")
    return f"# {title}\n\n{drawn}\n\n{ways}\n\n{then}\n"


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() or c in "\n\t\u00a0\u202f" else " " for c in text)


def _undeclared(body: bytes) -> str:
    """What a browser takes a page for that says nothing of its encoding."""
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _sum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
