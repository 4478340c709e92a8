"""Tables as GitHub's Markdown has them: a head, a rule, rows, a line each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from osiris_crawler.extract.blocks import Block
from osiris_crawler.extract.dom import Element

_WIDEST = 60  # columns that a cell may span


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell's Markdown, and over how many columns and rows it goes."""

    text: str
    columns: int = 1
    rows: int = 1
    head: bool = False

    @classmethod
    def of(cls, element: Element, text: str) -> Cell:
        """A cell as its element says."""
        return cls(text, _span(element, "colspan"), _span(element, "rowspan"), element.tag == "th")


def _span(element: Element, name: str) -> int:
    value = element.get(name, "1").strip()
    return max(1, min(int(value), _WIDEST)) if value.isdecimal() and len(value) < 4 else 1


def table_of(block: Block) -> Element | None:
    """The table that a row or a caption belongs to."""
    return next(block.element.iterancestors("table"), None)


def table(rows: Sequence[tuple[Block | None, Sequence[Cell]]]) -> list[str]:
    """The lines of a table; its head is empty where no first row of heads says what the columns are."""
    grid = _grid([cells for _block, cells in rows])
    first, cells = rows[0]
    parent = first.element.getparent() if first is not None else None
    headed = (parent is not None and parent.tag == "thead") or (bool(cells) and all(cell.head for cell in cells))
    width = max(len(row) for row in grid)
    lines = [_line(grid[0] if headed else [], width), "|" + " --- |" * width]
    return lines + [_line(row, width) for row in (grid[1:] if headed else grid)]


def _grid(rows: Sequence[Sequence[Cell]]) -> list[list[str]]:
    """Texts by row and column; a cell that spans several leaves those behind and below it empty."""
    grid: list[list[str]] = []
    busy: dict[int, int] = {}  # column → rows below that it is taken in
    for cells in rows:
        line: list[str] = []
        below: dict[int, int] = {}
        for cell in cells:
            while busy.get(len(line), 0):
                line.append("")
            for at in range(cell.columns):
                if cell.rows > 1:
                    below[len(line)] = cell.rows - 1
                line.append("" if at else cell.text)
        busy = {column: left - 1 for column, left in busy.items() if left > 1} | below
        grid.append(line)
    return grid


def _line(texts: Sequence[str], width: int) -> str:
    cells = [text.replace("|", "\\|") for text in [*texts, *[""] * (width - len(texts))]]
    return "|" + "".join(f" {text} |" if text else "  |" for text in cells)
