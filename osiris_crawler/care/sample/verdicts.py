"""Verdicts as people give them back: scores.csv out of any spreadsheet, or the scores.json that sheet.html saves."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from osiris_crawler.errors import UsageError
from osiris_crawler.i18n import COLON, _

SAMPLE, CSV, JSON = "sample.json", "scores.csv", "scores.json"
COLUMNS = ("number", "id", "field", "verdict", "note", "read", "sample")
_NEEDED = ("number", "id", "field", "verdict")
FORMAT = "osiris-sample"
VERDICTS = ("right", "wrong", "missing", "invented", "unsure")
# What counts for a verdict, letter case aside: its word in either language, its key, its number.
_WORDS = {
    word.casefold(): verdict
    for number, (verdict, key, label) in enumerate(
        zip(
            VERDICTS,
            "rwmi?",
            (_("right"), _("wrong"), _("missing"), _("invented"), _("can’t tell")),
            strict=True,
        ),
        1,
    )
    for word in (verdict, key, str(number), label, label.replace("’", "'"))
}
_LARGEST = 64 * 1024 * 1024  # bytes of a file of verdicts; 2,000 articles make 10 MB
_LONGEST_CELL = 10_000_000
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(slots=True)
class Sample:
    """What sample.json says: `articles` are ids in the order of the sheet, `empty` the fields of each that were not read."""

    facts: dict[str, Any]
    articles: list[str]
    empty: list[frozenset[str]]
    fields: list[str]
    population: int
    key: str


@dataclass(slots=True)
class Scores:
    """The verdicts found, by the article's number and the field, and the file that they were in."""

    sample: Sample
    path: Path
    verdicts: dict[tuple[int, str], str] = field(default_factory=dict)


def neutral(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def read_scores(path: Path) -> Scores:
    """The verdicts in a folder or a file; UsageError says what is wrong, and in which line."""
    if not path.is_dir():
        if not path.is_file():
            raise UsageError(_("There is no %(path)s.") % {"path": path}, _("Name the sample's folder, or its scores."))
        return _read(_sample(path.parent), path)
    sample = _sample(path)
    found = [_read(sample, path / name) for name in (JSON, CSV) if (path / name).is_file()]
    if not found:
        raise UsageError(
            _("%(path)s holds neither %(csv)s nor %(json)s.") % {"path": path, "csv": CSV, "json": JSON},
            _("Put the file of verdicts there."),
        )
    filled = [scores for scores in found if scores.verdicts]
    if len(filled) > 1:
        raise UsageError(
            _("%(csv)s and %(json)s both hold verdicts.") % {"csv": CSV, "json": JSON},
            _("Name the file that counts: --score FILE."),
        )
    return (filled or found)[0]


def _sample(folder: Path) -> Sample:
    path = folder / SAMPLE
    try:
        facts = json.loads(_bytes(path))
        if facts["format"] != FORMAT:
            raise ValueError(facts["format"])
        articles, fields, population = facts["articles"], facts["fields"], facts["population"]
        if not (isinstance(facts["sample"], str) and articles and fields and all(isinstance(f, str) for f in fields)):
            raise TypeError
        if type(population) is not int or population < len(articles):
            raise ValueError(population)
        ids = [article["id"] for article in articles]
        if not all(isinstance(id, str) for id in ids) or [a["number"] for a in articles] != [*range(1, len(ids) + 1)]:
            raise TypeError
        empty = [frozenset(article["empty"]) for article in articles]
        return Sample(facts, ids, empty, fields, population, facts["sample"])
    except FileNotFoundError:
        raise UsageError(
            _("There is no %(name)s in %(path)s.") % {"name": SAMPLE, "path": folder},
            _("“osiris sample N” writes it beside the sheet: put the file of verdicts there."),
        ) from None
    except (ValueError, KeyError, TypeError, RecursionError) as problem:
        raise UsageError(
            _("%(path)s is no sample of this program.") % {"path": path}, _("Draw it anew with its seed.")
        ) from problem


def _bytes(path: Path) -> bytes:
    if path.stat().st_size > _LARGEST:
        raise UsageError(_("%(path)s is too large for a file of verdicts.") % {"path": path}, _("Name the right file."))
    return path.read_bytes()


def _read(sample: Sample, path: Path) -> Scores:
    data = _bytes(path)
    entries = _entries(path, data) if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") else _rows(path, data)
    scores = Scores(sample, path)
    for where, entry in entries:
        try:
            place, verdict = _verdict(sample, entry)
        except ValueError as problem:
            raise UsageError(f"{path.name}, {where}{COLON}{problem}.", _("Nothing was counted.")) from None
        if verdict is None:
            continue
        if scores.verdicts.setdefault(place, verdict) != verdict:
            raise UsageError(
                f"{path.name}, {where}{COLON}"
                + _("article %(number)d has two verdicts on %(field)s.") % {"number": place[0], "field": place[1]},
                _("Nothing was counted."),
            )
    return scores


def _verdict(sample: Sample, entry: dict[str, Any]) -> tuple[tuple[int, str], str | None]:
    """One verdict and what it is on, None where none was given; ValueError with what is wrong."""
    said = str(entry.get("sample") or "").strip() or sample.key
    if said != sample.key:
        raise ValueError(_("it is of another sample (%(said)s)") % {"said": _short(said)})
    number = str(entry["number"]).strip()
    if not (number.isascii() and number.isdecimal() and len(number) < 10 and 1 <= int(number) <= len(sample.articles)):
        raise ValueError(_("the sample has no article %(number)s") % {"number": _short(number)})
    id = sample.articles[int(number) - 1]
    if str(entry["id"]) not in (id, neutral(id)):
        raise ValueError(
            _("article %(number)s of the sample is %(id)s, not %(said)s")
            % {"number": number, "id": _short(id), "said": _short(str(entry["id"]))}
        )
    name = str(entry["field"]).strip()
    if name not in sample.fields:
        raise ValueError(_("the sample has no field %(field)s") % {"field": _short(name)})
    word = str(entry.get("verdict") or "").strip()
    verdict = _WORDS.get(word.casefold().removeprefix("'"))
    if word and verdict is None:
        raise ValueError(
            _("there is no verdict %(word)s; there are: %(known)s")
            % {"word": _short(word), "known": ", ".join(VERDICTS)}
        )
    empty = name in sample.empty[int(number) - 1]
    if (empty and verdict in ("wrong", "invented")) or (not empty and verdict == "missing"):
        fitting = "right, missing, unsure" if empty else "right, wrong, invented, unsure"
        sentence = (
            _("nothing was read of %(field)s, so it can't be %(verdict)s, only: %(fitting)s")
            if empty
            else _("something was read of %(field)s, so it can't be %(verdict)s, only: %(fitting)s")
        )
        raise ValueError(sentence % {"field": name, "verdict": verdict, "fitting": fitting})
    return (int(number), name), verdict


def _short(text: str) -> str:
    """What a file says, fit for a terminal."""
    text = "".join(c if c.isprintable() else " " for c in text)
    return f"“{text if len(text) <= 60 else text[:59] + '…'}”"


# -- the two forms --------------------------------------------------------------------------------------------------------


def _rows(path: Path, data: bytes) -> Iterator[tuple[str, dict[str, Any]]]:
    """Rows of a CSV file; spreadsheets separate by comma, semicolon or tab, and some still write windows-1252."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    head = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=head.count)
    before = csv.field_size_limit(_LONGEST_CELL)
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        names = [name.strip().casefold() for name in next(rows, [])]
        lacking = [name for name in _NEEDED if name not in names]
        if lacking:
            raise UsageError(
                _("%(path)s has no column %(names)s.") % {"path": path, "names": ", ".join(lacking)},
                _("Keep the first line as the sheet has it."),
            )
        begins = rows.line_num + 1
        for row in rows:
            if any(cell.strip() for cell in row):
                entry = dict.fromkeys(_NEEDED, "") | dict(zip(names, row, strict=False))
                yield _("line %(line)d") % {"line": begins}, entry
            begins = rows.line_num + 1
    except csv.Error as problem:
        raise UsageError(
            _("%(path)s can't be read: %(why)s.") % {"path": path, "why": problem}, _("Save it as CSV again.")
        ) from problem
    finally:
        csv.field_size_limit(before)


def _entries(path: Path, data: bytes) -> Iterator[tuple[str, dict[str, Any]]]:
    """Entries of a scores.json."""
    try:
        found = json.loads(data.decode("utf-8-sig"))
        entries, key = found["verdicts"], found["sample"]
        if not isinstance(entries, list):
            raise TypeError
        for number, entry in enumerate(entries, 1):
            known = {name: entry[name] for name in _NEEDED}
            yield _("verdict %(number)d") % {"number": number}, known | {"sample": key}
    except (ValueError, KeyError, TypeError, RecursionError) as problem:
        why = problem if isinstance(problem, ValueError) else _("it is no file of verdicts")
        raise UsageError(
            _("%(path)s can't be read: %(why)s.") % {"path": path, "why": why}, _("Save it from the sheet again.")
        ) from problem
