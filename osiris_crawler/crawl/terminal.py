"""What people see on stderr: colour, tables and progress on a terminal, plain lines elsewhere, nothing when quiet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from osiris_crawler.amounts import size
from osiris_crawler.settings import Settings


def console(settings: Settings) -> Console:
    """A console on stderr."""
    return Console(stderr=True, quiet=settings.quiet, highlight=False, soft_wrap=True)


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

