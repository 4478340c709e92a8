"""When a collection is updated unattended, and by which command lines; `units` and `crontab` write that down.

Wish (what was asked for)  →  plan()  →  Plan (starts, commands, paths)  →  units.files() or crontab.text()
"""

from __future__ import annotations

import hashlib
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from osiris_crawler.errors import Exit, UsageError
from osiris_crawler.i18n import _
from osiris_crawler.paths import Collection
from osiris_crawler.settings import seconds

DAY = 24 * 60  # minutes
NIGHT = "01:00-05:00"
EVERY = ("1h", "2h", "3h", "4h", "6h", "8h", "12h", "1d", "7d")  # what both calendars can say
WATCH_AT = 9 * 60  # minute of the day at which the job that watches the job looks
# Not failures of the job: gaps, another run that holds the collection, a budget, an end by systemd's own signal.
NO_FAILURE = (Exit.UNFINISHED, Exit.LOCKED, Exit.BUDGET, Exit.INTERRUPTED)
_LEAST_RUN = 15  # minutes that a window must leave for a run
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)-([01]?\d|2[0-4]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for on the command line."""

    every: str = "1d"
    window: str | None = None
    random_delay: str | None = None
    max_age: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be run, where and when. Times are minutes, of the machine's own day."""

    collection: Collection
    folder: Path  # where the commands are run: osiris.toml may lie there
    osiris: tuple[str, ...]
    extra: tuple[str, ...]  # options that the environment of this moment stands for
    writes: tuple[Path, ...]  # folders outside the collection that a run writes to
    starts: tuple[int, ...]
    weekly: bool
    delay: int
    limit: int | None  # minutes that a run may take, told to it
    longest: int | None  # minutes after which it is taken to hang
    max_age: str
    notify: bool
    language: str | None

    @property
    def update(self) -> tuple[str, ...]:
        limit = ("--max-time", f"{self.limit}m") if self.limit is not None else ()
        return (*self.osiris, "update", "--quiet", *self._where, *limit, *self.extra)

    @property
    def watch(self) -> tuple[str, ...]:
        return (*self.osiris, "status", *self._where, "--max-age", self.max_age)

    @property
    def notice(self) -> tuple[str, ...]:
        return (*self.osiris, "schedule", "notice", *self._where)

    @property
    def _where(self) -> tuple[str, ...]:
        return ("-o", str(self.collection.output), "-c", self.collection.name)

    @property
    def paths(self) -> tuple[Path, ...]:
        """What the commands need to reach: the collection, and all that this program runs by."""
        program = (Path(self.osiris[0]), Path(sys.prefix), Path(sys.base_prefix), Path(__file__))
        return (self.collection.root, self.folder, *self.writes, *program)


def plan(
    collection: Collection,
    wish: Wish,
    *,
    folder: Path,
    own_limit: float | None = None,
    extra: tuple[str, ...] = (),
    writes: tuple[Path, ...] = (),
    notify: bool = False,
    language: str | None = None,
) -> Plan:
    """Work a wish out; UsageError for what can't be. `own_limit`: the settings' max_time, which then holds."""
    if wish.every not in EVERY:
        raise UsageError(
            _("--every can't be %(value)r.") % {"value": wish.every},
            _("Write one of: %(names)s.") % {"names": ", ".join(EVERY)},
        )
    every = round(seconds(wish.every) / 60)
    daily = every >= DAY
    text = wish.window or (NIGHT if daily else None)
    begin, length = _window(text) if text else (0, DAY)
    delay = min(30, every // 2, length // 2) if wish.random_delay is None else 0
    if wish.random_delay not in (None, "0"):
        delay = _minutes("--random-delay", wish.random_delay)
    if delay > min(every, length) - _LEAST_RUN:
        raise UsageError(
            _("A random delay of %(delay)d minutes leaves no time for a run.") % {"delay": delay},
            _("Shorten it, or widen --window."),
        )
    room = min(every, length) - delay if text else None
    if own_limit is not None:
        room = round(own_limit / 60)
    if wish.max_age:
        _minutes("--max-age", wish.max_age)
    found = Plan(
        collection=collection,
        folder=folder,
        osiris=executable(),
        extra=extra,
        writes=writes,
        starts=tuple(
            (begin + turn) % DAY for turn in range(0, max(length - delay - _LEAST_RUN, 0) + 1, min(every, DAY))
        ),
        weekly=every == 7 * DAY,
        delay=delay,
        limit=room if own_limit is None else None,
        longest=None if room is None else room + 30,
        max_age=wish.max_age or (f"{2 * every // DAY + 1}d" if every > DAY else "2d"),
        notify=notify,
        language=language,
    )
    for argument in (*found.update, str(folder), *map(str, writes)):
        if not argument.isprintable():
            raise UsageError(
                _("%(path)r has a character in it that no unit and no crontab can hold.") % {"path": argument},
                _("Give the folder another name."),
            )
    return found


def executable() -> tuple[str, ...]:
    """How this program is called from anywhere: beside its Python, as an environment has it, or by the PATH of this moment."""
    beside = Path(sys.executable).with_name("osiris")
    if beside.is_file():
        return (str(beside),)
    found = shutil.which("osiris")
    return (str(Path(found).absolute()),) if found else (sys.executable, "-m", "osiris_crawler")


def offset(name: str, host: str, most: int) -> int:
    """Minutes from 0 to `most`, always the same for a collection on a machine: many of them don't ask a site at once."""
    return int.from_bytes(hashlib.sha256(f"{host}/{name}".encode()).digest()[:8]) % (most + 1)


def _window(text: str) -> tuple[int, int]:
    """Its first minute of the day, and how many it has; it may go over midnight."""
    match = _CLOCK.fullmatch(text)
    begin, end = (60 * int(match[1]) + int(match[2]), 60 * int(match[3]) + int(match[4])) if match else (0, 0)
    if match is None or begin == end or end > DAY:
        raise UsageError(
            _("--window can't be %(value)r.") % {"value": text}, _("Write it as 01:00-05:00 or 22:00-04:30.")
        )
    return begin, (end - begin) % DAY or DAY


def _minutes(option: str, text: str | None) -> int:
    try:
        return round(seconds(text) / 60)
    except ValueError as problem:
        raise UsageError(
            _("%(option)s can't be %(value)r.") % {"option": option, "value": text}, str(problem)
        ) from problem
