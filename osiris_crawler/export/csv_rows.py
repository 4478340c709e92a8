"""osiris export csv: a table for spreadsheets, R and pandas (RFC 4180, UTF-8); with --excel the dialect that Excel opens.

A field is a column; a struct, or a list of structs, is a column for each of its parts: `sources.outlet`. The elements of a
list stand side by side, joined by JOINT; within one, “|” is written “\\|” and “\\” is “\\\\”, so that JOINT always divides.
null, "" and [] are an empty cell.

A cell that a spreadsheet could take for a formula gets an apostrophe in front (OWASP, “CSV Injection”): spaces or none, then
= + - @ or their full-width forms, or a tab or line end at the very beginning. So does one that has apostrophes before that,
so that taking one away from what matches `UNSAFE_CELL` gives the text back.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, BinaryIO

from osiris_crawler.export.job import Job, Written
from osiris_crawler.export.packing import packed
from osiris_crawler.export.placing import placed
from osiris_crawler.export.rows import Rows
from osiris_crawler.export.shapes import Kind, Shape, shapes
from osiris_crawler.i18n import ngettext
from osiris_crawler.record import keys

JOINT = " | "
MOST_IN_A_CELL = 32_767  # UTF-16 units that a cell of Excel holds; more flow over into the next row
CUT = " […]"
_UNSAFE = r"(?:[\t\r\n]|[\s\u200b\ufeff]*[=+\-@＝＋－＠])"
_UNSAFE_TEXT = re.compile(f"'*{_UNSAFE}")
UNSAFE_CELL = re.compile(f"'+{_UNSAFE}")  # what was made safe
_APART = str.maketrans({"\\": "\\\\", "|": "\\|"})

Reading = Callable[[Mapping[str, Any]], str]


def columns(names: Sequence[str] = ()) -> dict[str, Reading]:
    """The table's columns, of all fields or of those named, and how an article fills each."""
    found: dict[str, Reading] = {}
    for name in names or keys():
        shape = shapes()[name]
        parts = (shape.item or shape).parts
        if parts:
            found |= {f"{name}.{part}": _part(name, part, many=shape.item is not None) for part in parts}
        else:
            found[name] = _whole(name, shape)
    return found


def _whole(name: str, shape: Shape) -> Reading:
    if shape.kind is Kind.LIST:
        return lambda article: _joined(article[name])
    return lambda article: _text(article[name])


def _part(name: str, part: str, *, many: bool) -> Reading:
    if many:
        return lambda article: _joined([one[part] for one in article[name]])
    return lambda article: _text(article[name][part])


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _joined(values: Sequence[Any]) -> str:
    return JOINT.join(_text(value).translate(_APART) for value in values)


def safe(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if _UNSAFE_TEXT.match(text) else text


def short(text: str) -> str:
    """A cell that Excel can hold, cut at its end when it must be."""
    if len(text) <= MOST_IN_A_CELL // 2:
        return text
    units = text.encode("utf-16-le")
    if len(units) <= 2 * MOST_IN_A_CELL:
        return text
    return units[: 2 * (MOST_IN_A_CELL - len(CUT))].decode("utf-16-le", "ignore") + CUT


def write_csv(
    stream: BinaryIO,
    articles: Iterable[Mapping[str, Any]],
    names: Sequence[str] = (),
    *,
    excel: bool = False,
    before: Mapping[str, Reading] | None = None,
) -> int:
    """A head and a row an article; `before` are columns in front. Gives how many cells were cut, which only `excel` does."""
    cells = {**(before or {}), **columns(names)}
    text = io.TextIOWrapper(stream, "utf-8-sig" if excel else "utf-8", newline="", write_through=False)
    try:
        table = csv.writer(text, delimiter=";" if excel else ",", lineterminator="\r\n")
        table.writerow(cells)
        cut = 0
        for article in articles:
            row = [safe(reading(article)) for reading in cells.values()]
            if excel:
                whole, row = row, [short(cell) for cell in row]
                cut += sum(a is not b for a, b in zip(whole, row, strict=True))
            table.writerow(row)
        text.flush()
    finally:
        text.detach()
    return cut


class Csv:
    """One row an article."""

    name = "csv"
    suffix = ".csv"

    def write(self, job: Job) -> Written:
        """Write aside, then put in place."""
        rows = Rows(job)
        with placed(job.to, rows.size) as out:
            with packed(out.stream, job.compress) as stream:
                cut = write_csv(stream, rows, job.fields, excel=job.excel)
            out.stream.flush()
            size = out.aside.stat().st_size
        counts = {"articles": rows.taken} | ({"cut": cut} if job.excel else {})
        warnings = rows.warnings
        if cut:
            warnings.append(
                ngettext(
                    "%(count)d cell is longer than the %(most)d signs that Excel's hold; it is cut and ends in “%(mark)s”.",
                    "%(count)d cells are longer than the %(most)d signs that Excel's hold; they are cut and end in “%(mark)s”.",
                    cut,
                )
                % {"count": cut, "most": MOST_IN_A_CELL, "mark": CUT.strip()}
            )
        return Written(job.to, size, counts, rows.left_out, rows.told(), warnings)
