"""What people see on stderr: colour, tables and progress on a terminal, plain lines elsewhere, nothing when quiet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from osiris_crawler.i18n import _
from osiris_crawler.settings import Settings

_UNITS = ("B", "KB", "MB", "GB", "TB")


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
            text = f"{human_bytes(done)} / {human_bytes(total)}" if unit == "bytes" else f"{done} / {total}"
            progress.update(task, completed=done, total=total, shown=text)

        yield tell


def human_bytes(count: float) -> str:
    """1,234,567 → 1.2 MB (powers of 1000)."""
    for unit in _UNITS:
        if count < 1000 or unit == _UNITS[-1]:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    raise AssertionError(count)


def human_time(seconds: float) -> str:
    """95 → 1 min 35 s."""
    whole = round(seconds)
    if whole < 60:
        return _("%(s)d s") % {"s": whole}
    if whole < 3600:
        return _("%(m)d min %(s)d s") % {"m": whole // 60, "s": whole % 60}
    if whole < 172800:
        return _("%(h)d h %(m)d min") % {"h": whole // 3600, "m": whole % 3600 // 60}
    return _("%(d)d days %(h)d h") % {"d": whole // 86400, "h": whole % 86400 // 3600}
