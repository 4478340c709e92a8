"""A table of figures: named columns and their rows, for people, programs and spreadsheets."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Any

from osiris_crawler.export.csv_rows import safe

Cell = str | int | float | None


@dataclass(frozen=True, slots=True)
class Table:
    """Columns keep their names in every language; a share is a part of 1, a period YYYY or YYYY-MM, none for undated."""

    name: str
    columns: tuple[str, ...]
    rows: list[tuple[Cell, ...]]

    def as_json(self, most: int | None = None) -> list[dict[str, Any]]:
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows[:most]]

    def as_csv(self) -> bytes:
        """RFC 4180, in UTF-8; no cell that a spreadsheet takes for a formula."""
        text = io.StringIO(newline="")
        out = csv.writer(text, lineterminator="\r\n")
        out.writerow(self.columns)
        out.writerows([["" if cell is None else safe(str(cell)) for cell in row] for row in self.rows])
        return text.getvalue().encode()
