"""What of a run's end is news to those who get its notices: what has risen, what has ended, and once a week what stands.

`notice` in a run's report.json has what people have been told of and has not ended, so that the next run can go by it:
{"at": when a notice went out or null, "stands": [{"alarm", "about" | "exit", "reason", "since": run, "at": last told}]}.
What no service took is not in it: the next run tells it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from osiris_crawler.care.past import alarms_of, report_of
from osiris_crawler.errors import Exit
from osiris_crawler.paths import Collection

# What nobody may miss; other exits are told with notify_on = "all".
ALWAYS = frozenset({Exit.UNEXPECTED, Exit.UNREACHABLE, Exit.INTEGRITY, Exit.ALARM})
AGAIN = timedelta(days=6.5)  # a week: nightly runs end at different hours
_LOOKED_AT = 100  # reports before this one
_MOST = 200  # things that stand
_LONGEST = 300  # letters of a reason that tell it from others
_CHANGING = re.compile(r"(?<!HTTP )\b\w*\d\w*")  # counts, names of runs, addresses in memory


@dataclass(frozen=True, slots=True)
class Matter:
    """Something that a notice is of: an alarm, or an exit for a reason; and since which run, last told when."""

    since: str
    at: datetime
    alarm: str | None = None
    about: str = ""
    exit: int | None = None
    reason: str = ""
    once: bool = False  # of one run alone: it does not stand

    @property
    def key(self) -> tuple[Any, ...]:
        return self.alarm, self.about, self.exit, self.reason

    def as_json(self) -> dict[str, Any]:
        what = {"alarm": self.alarm, "about": self.about} if self.alarm else {"exit": self.exit, "reason": self.reason}
        return {**what, "since": self.since, "at": self.at.strftime("%Y-%m-%dT%H:%M:%SZ")}


@dataclass(frozen=True, slots=True)
class News:
    """`new` and `again` are told now and stand; `known` stand, and are not told now; `ended` are in order again; `settled`
    alarms stand for so long that they are no alarms any more."""

    new: tuple[Matter, ...] = ()
    again: tuple[Matter, ...] = ()
    known: tuple[Matter, ...] = ()
    ended: tuple[Matter, ...] = ()
    settled: tuple[Matter, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.new or self.again or self.ended or self.settled)

    def standing(self, now: datetime, *, sent: bool) -> list[dict[str, Any]]:
        """What the report notes for the next run."""
        if sent:
            told = [matter for matter in (*self.new, *self.again) if not matter.once]
            matters = [*self.known, *(replace(matter, at=now) for matter in told)]
        else:
            matters = [*self.known, *self.again, *self.ended, *self.settled]
        return [matter.as_json() for matter in matters[:_MOST]]


def news(report: Mapping[str, Any], before: Sequence[Matter], now: datetime) -> News:
    """Hold a run's report against what was told before it."""
    found = _matters(report, now)
    told = {matter.key: matter for matter in before}
    new: list[Matter] = []
    again: list[Matter] = []
    known: list[Matter] = []
    gone: dict[str, list[Matter]] = {"ended": [], "settled": [], "standing": known}
    for matter in found:
        last = told.get(matter.key)
        if last is None or (matter.alarm and last.since != matter.since):
            new.append(matter)
        elif abs(now - last.at) >= AGAIN:  # a clock that was set back must not silence it
            again.append(last)
        else:
            known.append(last)
    here = {matter.key for matter in found}
    for matter in before:
        if matter.key not in here:
            gone[_now(matter, report)].append(matter)
    return News(tuple(new), tuple(again), tuple(known), tuple(gone["ended"]), tuple(gone["settled"]))


def _matters(report: Mapping[str, Any], now: datetime) -> list[Matter]:
    """What a run's end has to tell."""
    code = Exit(report["exit"])
    run = str(report.get("run") or "")
    if code not in ALWAYS:
        return []
    standing = _standing(report)
    found: dict[tuple[Any, ...], Matter] = {}
    for alarm in alarms_of(dict(report)):
        name, about = str(alarm.get("name")), str(alarm.get("about") or "")
        once = standing is not None and _key(name, about) not in standing
        matter = Matter(str(alarm.get("since") or run), now, alarm=name, about=about, once=once)
        found[matter.key] = matter
    if code is not Exit.ALARM or not found:
        reasons = " ".join(map(str, report.get("reasons") or []))
        matter = Matter(run, now, exit=int(code), reason=_CHANGING.sub("#", reasons)[:_LONGEST])
        found[matter.key] = matter
    return list(found.values())


def _now(matter: Matter, report: Mapping[str, Any]) -> str:
    """What has become of a matter that a run's end does not show: ended, settled, or standing, also where it can't be told."""
    code = Exit(report["exit"])
    if matter.alarm is None:
        reached = code in (Exit.DONE, Exit.UNFINISHED, Exit.ALARM) or (code is Exit.BUDGET and report.get("read"))
        return "ended" if reached else "standing"
    standing = _standing(report)
    if standing is None:
        return "standing"
    one = standing.get(_key(matter.alarm, matter.about))
    if not isinstance(one, dict):
        return "ended"
    return "settled" if one.get("settled") else "standing"


def _standing(report: Mapping[str, Any]) -> dict[str, Any] | None:
    """The alarms that stand after a run, by their keys; None where it could not judge."""
    figures = report.get("figures")
    standing = figures.get("standing") if isinstance(figures, dict) else None
    return standing if isinstance(standing, dict) else None


def _key(name: str, about: str) -> str:
    return f"{name} {about}".rstrip()  # as alarms/model.py has it


def told_before(collection: Collection, run: str) -> list[Matter]:
    """What the newest report before a run's says that people were told of and has not ended."""
    names = sorted((path.parent.name for path in collection.runs.glob("*/report.json")), reverse=True)
    for name in [name for name in names if name < run][:_LOOKED_AT]:
        notice = (report_of(collection, name) or {}).get("notice")
        if isinstance(notice, dict) and isinstance(notice.get("stands"), list):
            return [matter for entry in notice["stands"][:_MOST] if (matter := _matter(entry)) is not None]
    return []


def _matter(entry: Any) -> Matter | None:
    try:
        at = datetime.fromisoformat(entry["at"]).astimezone(UTC)
        if entry.get("alarm"):
            return Matter(str(entry["since"]), at, alarm=str(entry["alarm"]), about=str(entry["about"]))
        return Matter(str(entry["since"]), at, exit=int(Exit(entry["exit"])), reason=str(entry["reason"]))
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
