"""What people see on stderr: colour, tables and progress on a terminal, plain lines elsewhere, nothing when quiet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from osiris_crawler.amounts import size
from osiris_crawler.settings import Settings

_LEAST = 12  # letters of a line that a column of text keeps
_LONG_WORD = 40  # … and of a word that is not broken


def console(settings: Settings) -> Console:
    """A console on stderr."""
    return Console(stderr=True, quiet=settings.quiet, highlight=False, soft_wrap=True)


def show_table(out: Console, table: Table) -> None:
    """Print a table without borders, and cut nothing in it.

    On a narrow terminal columns of text are folded between words; columns of figures, which stand right, and those that are
    `no_wrap` stay as they are. Where that is not enough the table is wider than the terminal.
    """
    wide = out.options.update(max_width=100_000, markup=False)
    needed = 0
    for column in table.columns:
        column.no_wrap = column.no_wrap or column.justify == "right"
        column.overflow = "fold"
        cells = ([column.header] if table.show_header else []) + list(column.cells)
        sizes = [out.measure(cell, options=wide) for cell in cells]
        width, word = (max((size[n] for size in sizes), default=0) for n in (1, 0))
        if not column.no_wrap:
            width = min(width, max(_LEAST, min(word, _LONG_WORD)))
            column.min_width = width
        needed += width + table.padding[1] + table.padding[3]
    if needed > out.width:
        table.width = needed
    out.print(table, markup=False)


@contextmanager
def bar(out: Console, title: str, *, unit: str = "") -> Iterator[Callable[[int, int], None]]:
    """A bar for long work on a terminal, nothing elsewhere; gives what is to be called with done and total."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[shown]}"),
        TimeRemainingColumn(),
    )
    shown = out.is_terminal and not out.quiet
    with Progress(*columns, console=out, transient=True, disable=not shown) as progress:
        task = progress.add_task(title, total=None, shown="")

        def tell(done: int, total: int) -> None:
            text = f"{size(done)} / {size(total)}" if unit == "bytes" else f"{done} / {total}"
            progress.update(task, completed=done, total=total, shown=text)

        yield tell

