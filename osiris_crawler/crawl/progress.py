"""How far a run is while it goes on: a bar on a terminal, and a line a minute in its log."""

from __future__ import annotations

import logging
import threading
import time
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from osiris_crawler.amounts import size, span
from osiris_crawler.crawl.run import Run
from osiris_crawler.i18n import _, ngettext

_EVERY = 0.5  # seconds
_WINDOW = 30.0  # seconds that the rate is taken over
_LOGGED = 60.0  # seconds from one line of the log to the next

log = logging.getLogger(__name__)


class Progress:
    """Redraws, and writes to the log, in a thread of its own; it reads counters only, never the ledger, which belongs to the
    reactor."""

    def __init__(self, run: Run, console: Console, *, shown: bool) -> None:
        self._run = run
        self._console = console
        self._shown = shown and console.is_terminal
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._draw, name="progress", daemon=True)
        self._marks: list[tuple[float, int]] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ended.set()
        self._thread.join()

    def _draw(self) -> None:
        if not self._shown:
            while not self._ended.wait(_LOGGED):
                self._log()
            return
        logged = time.monotonic()
        with Live(self._line(), console=self._console, refresh_per_second=4, transient=True) as live:
            while not self._ended.wait(_EVERY):
                live.update(self._line())
                if time.monotonic() - logged >= _LOGGED:
                    logged = time.monotonic()
                    self._log()

    def _log(self) -> None:
        tally = self._run.tally
        log.info(
            "%d requests, %d articles, %d waiting, %d attempts failed, %s%s",
            tally.requests, tally.articles, self._run.queued, tally.failed_attempts, size(tally.bytes),
            "; paused: nothing answers" if self._run.line.down else "",
        )  # fmt: skip

    def _rate(self, done: int) -> float:
        now = time.monotonic()
        self._marks = [mark for mark in self._marks if now - mark[0] <= _WINDOW]
        self._marks.append((now, done))
        first = self._marks[0]
        return (done - first[1]) / (now - first[0]) if now > first[0] else 0.0

    def _line(self) -> Table:
        tally, queue = self._run.tally, self._run.queued
        rate = self._rate(tally.requests)
        left = span(queue / rate) if rate > 0 and queue else "–"
        row = Table.grid(padding=(0, 2))
        row.add_row(
            ProgressBar(total=max(tally.requests + queue, 1), completed=tally.requests, width=24),
            Text(ngettext("%(count)d request", "%(count)d requests", tally.requests) % {"count": tally.requests}),
            Text(
                ngettext("%(count)d article", "%(count)d articles", tally.articles) % {"count": tally.articles},
                style="green",
            ),
            Text(_("%(count)d waiting") % {"count": queue}),
            Text(f"{rate:.1f}/s"),
            Text(size(tally.bytes)),
            Text(_("about %(time)s left") % {"time": left}, style="dim")
            if not self._run.line.down
            else Text(_("paused: nothing answers"), style="yellow"),
        )
        return row
