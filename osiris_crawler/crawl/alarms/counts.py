"""Alarms of counts that shrink, and of listings that are empty."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from osiris_crawler.crawl.alarms.bands import lowest
from osiris_crawler.crawl.alarms.model import LEVEL, SHOWN, Alarm, Case, Standing, Verdicts, one
from osiris_crawler.i18n import _

_EMPTIED = 5  # entries that a listing had
_SHRUNK = (0.75, 20)  # of what the listings looked at had, and at least so many


def _level(case: Case, standing: Standing | None, name: str) -> list[Any]:
    """What a count was in the runs before that read no more kinds of pages than this one, or had the cloud of the home page
    as well. While an alarm of it stands, the runs before it count."""
    found = [
        run.figures[name]
        for run in case.past
        if run.figures.get(name) is not None
        and (
            set(run.figures.get("kinds") or ()) <= case.now.kinds
            or (name == "cloud" and case.now.cloud_home and run.figures.get("cloud_home"))
        )
        and (standing is None or standing.settled or run.at < standing.at)
    ]
    return found[:LEVEL]


def shrunk(case: Case) -> Verdicts:
    """Counts that the site states, and those of its sections and listed articles."""
    told = {
        "keywords": (_("keywords in the cloud"), case.now.cloud[0] if case.now.cloud else None, "cloud", 0, 5),
        "cloud": (
            _("articles under the cloud's keywords"),
            case.now.cloud[1] if case.now.cloud else None,
            "cloud",
            1,
            10,
        ),
        "sections": (_("sections"), case.now.sections, "sections", None, 3),
        "listed": (_("articles in listings"), case.now.listed, "listed", None, 10),
    }
    verdicts: Verdicts = {}
    for about, (what, count, name, place, least) in told.items():
        if count is None:
            continue
        level = _level(case, case.standing.get(f"count {about}"), name)
        before = [int(value[place]) if place is not None else int(value) for value in level]
        if not before:
            continue
        verdicts[f"count {about}"] = None
        if count < lowest(before) and min(before) - count >= least:
            verdicts[f"count {about}"] = _count_alarm(about, what, lowest(before), min(before), count, [case.home])
    looked = [listing for listing in case.now.listings if not (_turning(case) and listing.kind == "section")]
    before_all, now_all = sum(listing.before for listing in looked), sum(listing.now for listing in looked)
    if looked:
        verdicts["count listings"] = None
        enough = len(looked) >= 3 and before_all - now_all >= _SHRUNK[1]
        if enough and now_all < _SHRUNK[0] * before_all:
            fallen = sorted(looked, key=lambda listing: listing.now - listing.before)
            verdicts["count listings"] = _count_alarm(
                "listings",
                _("articles in the %(count)d listings looked at") % {"count": len(looked)},
                round(_SHRUNK[0] * before_all), before_all, now_all,
                [listing.url for listing in fallen if listing.now < listing.before][:SHOWN],
            )  # fmt: skip
    return verdicts


def _count_alarm(about: str, what: str, least: int, before: int, count: int, pages: list[str]) -> Alarm:
    return Alarm(
        "count",
        about,
        _("%(least)d or more %(what)s: there were %(before)d.") % {"least": least, "what": what, "before": before},
        _("There are %(count)d.") % {"count": count},
        pages,
        _(
            "Look whether the site shows less, or shows it otherwise. If it is meant, the new count is taken for normal."
        ),
    )


def emptied(case: Case) -> Verdicts:
    """Listings that had articles and have none."""
    if not case.now.listings:
        return {}
    empty = [
        listing
        for listing in case.now.listings
        if listing.before >= _EMPTIED
        and not listing.now
        and not listing.elsewhere
        and not (_turning(case) and listing.kind == "section")
    ]
    before = case.standing.get("empty")
    if not empty:
        waited = set(before.alarm.get("pages") or ()) if before is not None else set()
        looked_at = {listing.url for listing in case.now.listings}
        return {} if waited and not waited & looked_at else {"empty": None}
    return one(
        Alarm(
            "empty",
            "",
            _("Articles in listings that had some: %(count)d articles in %(listings)d.")
            % {"count": sum(listing.before for listing in empty), "listings": len(empty)},
            _("None: nothing is listed there any more, and none of it elsewhere."),
            [listing.url for listing in empty][:SHOWN],
            _("Look at these pages: are they empty, or listed in a way that is not read?"),
        )
    )


def _turning(case: Case) -> bool:
    """Whether the year turns: then sections are emptied into an archive."""
    day = date.fromordinal(case.now.today) + timedelta(days=4)
    return day.month == 1
