"""What a run may use up: requests, time, bytes, articles; and the room on the disk that it must leave."""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING

from osiris_crawler.amounts import size
from osiris_crawler.errors import Exit
from osiris_crawler.i18n import _, ngettext

if TYPE_CHECKING:
    from osiris_crawler.crawl.run import Run

_LOOK_EVERY = 5.0  # seconds; at 2 Mbit/s a megabyte comes in that time


class Budget:
    """The budgets of a run. Time is the monotonic clock's: a clock that is set makes no night longer or shorter."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._looked = float("-inf")

    def used_up(self) -> tuple[Exit, str] | None:
        """The exit code and the sentence for the first budget that is used up."""
        settings, tally = self._run.settings, self._run.tally
        if settings.max_requests is not None and tally.requests >= settings.max_requests:
            text = ngettext(
                "budget of %(count)d request used up", "budget of %(count)d requests used up", settings.max_requests
            )
            return Exit.BUDGET, text % {"count": settings.max_requests}
        if self.time_left() <= 0:
            if self._run.line.down:
                why = self._run.line.why
                return Exit.BUDGET, _("budget of time used up, while nothing answered: %(why)s") % {"why": why}
            return Exit.BUDGET, _("budget of time used up")
        if settings.max_bytes is not None and tally.bytes >= settings.max_bytes:
            return Exit.BUDGET, _("budget of %(bytes)s used up") % {"bytes": size(settings.max_bytes)}
        if settings.limit is not None and tally.articles >= settings.limit:
            text = ngettext("limit of %(count)d article reached", "limit of %(count)d articles reached", settings.limit)
            return Exit.BUDGET, text % {"count": settings.limit}
        return self._room()

    def holds(self, under_way: int) -> bool:
        """Whether what is under way may use up what is left of requests or articles: then nothing more is asked for until it
        has come, so that a budget is kept to the letter."""
        settings, tally = self._run.settings, self._run.tally
        budgets = ((settings.max_requests, tally.requests), (settings.limit, tally.articles))
        return under_way > 0 and any(most is not None and used + under_way >= most for most, used in budgets)

    def time_left(self) -> float:
        """Seconds of the budget of time."""
        most = self._run.settings.max_time
        return float("inf") if most is None else most - (time.monotonic() - self._run.started)

    def _room(self) -> tuple[Exit, str] | None:
        """Less room than the floor is no budget (8 is a success to a timer) but what a full disk is: 1, somebody must look."""
        least, now = self._run.settings.min_free, time.monotonic()
        if not least or now - self._looked < _LOOK_EVERY:
            return None
        self._looked = now
        folder = self._run.collection.root
        try:
            free = shutil.disk_usage(folder).free
        except OSError:
            return None  # the folder went away: who writes next says so
        if free >= least:
            return None
        return Exit.UNEXPECTED, (
            _("Only %(free)s are free where %(folder)s lies; %(least)s are to stay free.")
            % {"free": size(free), "folder": folder, "least": size(least)}
            + " "
            + _("Make room, or give a smaller --min-free; the same command goes on.")
        )
