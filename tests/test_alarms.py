"""The rules of the alarms: each rises when it should, and for nothing else; what they go by is plain figures."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from osiris_crawler.crawl.alarms.bands import Lengths, Share, lowest, tail
from osiris_crawler.crawl.alarms.judging import judge
from osiris_crawler.crawl.alarms.model import Alarm, Past, Standing, Verdicts
from osiris_crawler.crawl.alarms.rhythm import silence
from osiris_crawler.crawl.alarms.watching import stand
from osiris_crawler.ledger.figures import FIELDS, Figures, Kept, Listing, Recent, _arrival

HOME = "http://site.example/"
TODAY = date(2026, 3, 18).toordinal()  # a Wednesday
ALL = frozenset(FIELDS)


def weekdays(until: int, years: int = 4) -> list[int]:
    """Every weekday, but for the August of each year."""
    days = range(until - years * 365, until + 1)
    return [day for day in days if date.fromordinal(day).weekday() < 5 and date.fromordinal(day).month != 8]


def articles(
    count: int, *, day: int = TODAY - 1, fresh: bool = False, without: str = "", letters: int = 2000
) -> list[Recent]:
    return [
        Recent(day, f"{HOME}a{day}-{n}{fresh}.html", fresh, ALL - {without}, letters + 37 * (n % 20))
        for n in range(count)
    ]


def figures(**more: Any) -> Figures:
    """A run in which all is well."""
    found = Figures(
        "now", TODAY, first=False, looked=True, kinds=frozenset({"home", "feed", "article"}), articles=1000,
        arrivals=weekdays(TODAY - 1), watched=40, watching=60, newest=f"{HOME}newest.html",
        recent=articles(200), again={name: Kept(40, 0) for name in (*FIELDS, "letters")},
        cloud=(60, 3000), cloud_home=True, home=100, asked=50, gone_of=40,
    )  # fmt: skip
    return replace(found, **more)


PAST = [Past(f"2026-03-{day:02}T04:00:00.000000Z", figures().as_json()) for day in range(17, 5, -1)]


def raised(now: Figures, past: list[Past] = PAST, standing: dict[str, Standing] | None = None) -> list[str]:
    return [alarm.key for alarm in judge(now, past, standing or {}, HOME).values() if alarm is not None]


def test_a_run_like_those_before_it_raises_nothing_and_every_rule_has_looked() -> None:
    now = figures(
        recent=[*articles(200), *articles(6, day=TODAY, fresh=True)],
        listings=[Listing(f"{HOME}{n}", "keyword", 20, 20, elsewhere=False) for n in range(4)],
    )
    verdicts = judge(now, PAST, {}, HOME)
    assert set(verdicts.values()) == {None}
    kept = {f"field {name} {how}" for name in ("title", "date", "body", "sources", "tags") for how in ("again", "new")}
    others = {"blocked", "silence", "robots", "withdrawn", "empty", "count keywords", "count cloud", "count listings"}
    layout = {"layout unknown again", "layout unknown new"}
    assert set(verdicts) == kept | others | layout | {"field letters again", "field letters new"}


def test_the_first_walk_raises_nothing() -> None:
    assert judge(figures(first=True, cloud=(0, 0), closed=[HOME] * 50), PAST, {}, HOME) == {}


# -- silence ----------------------------------------------------------------------------------------------------------


def test_a_week_of_silence_at_a_daily_site() -> None:
    alarm = judge(figures(arrivals=weekdays(TODAY - 8)), PAST, {}, HOME)["silence"]
    assert alarm is not None
    assert alarm.pages == [HOME, f"{HOME}newest.html"]
    assert "2026-03-10" in alarm.seen
    assert raised(figures(arrivals=weekdays(TODAY - 3))) == []


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"watched": 2, "watching": 4}, "too short a time to know how late articles appear"),
        ({"looked": False}, "the home page was not read"),
        ({"arrivals": weekdays(TODAY - 8, years=1)}, "no whole year is known"),
        ({"arrivals": weekdays(TODAY - 8)[-10:]}, "few articles are known"),
    ],
)
def test_silence_is_judged_where_there_is_enough_to_judge_it_by(change: dict[str, Any], why: str) -> None:
    now = figures(**{"arrivals": weekdays(TODAY - 8), **change})
    assert "silence" not in judge(now, PAST, {}, HOME), why


def test_a_site_that_closes_each_august_and_each_weekend_is_not_silent_then() -> None:
    end_of_july, monday = date(2026, 7, 31).toordinal(), date(2026, 3, 16).toordinal()
    august, spring = silence(weekdays(end_of_july), end_of_july + 24), silence(weekdays(monday - 3), monday)
    assert august is not None and spring is not None
    assert not august.too_long
    assert not spring.too_long
    assert spring.likely < 10 < august.likely


@pytest.mark.parametrize(("every", "at_most"), [(7, 25), (30, 80)])
def test_a_slow_site_is_given_its_time(every: int, at_most: int) -> None:
    days = list(range(TODAY - 4 * 365, TODAY, every))
    found = silence(days, days[-1] + every)
    assert found is not None
    assert not found.too_long
    assert every < found.likely < at_most


def test_bursts_and_an_outage_of_long_ago() -> None:
    chance = random.Random(1)
    days = [day for day in range(TODAY - 4 * 365, TODAY) if chance.random() < (0.9 if day // 6 % 5 == 0 else 0.02)]
    bursts = silence(days, days[-1] + 27)
    assert bursts is not None and not bursts.too_long
    daily = [day for day in weekdays(TODAY) if not TODAY - 500 < day < TODAY - 450]
    outage = silence(daily, TODAY)
    assert outage is not None and outage.likely < 12  # one outage does not let every later one pass


def test_the_day_an_article_came() -> None:
    watched = [("2026-03-10T04:00:00.000000Z", date(2026, 3, 9).toordinal())]
    run = "2026-03-10T04:05:00.000000Z"
    days = {
        "2026-03-10": "2026-03-10",
        "2026-03-04": "2026-03-10",  # it was not there the day before
        "2026-09-01": "2026-03-10",  # announced for later
        "2019-05-05": "2019-05-05",  # an old text, or one that was overlooked
        "": "2026-03-10",
    }
    assert {day: date.fromordinal(_arrival(run, day, watched)).isoformat() for day in days} == days
    assert _arrival("2026-03-01T00:00:00.000000Z", "2026-02-20", watched) == date(2026, 2, 20).toordinal()


# -- fields -----------------------------------------------------------------------------------------------------------


def test_a_field_that_articles_read_again_have_lost() -> None:
    lost = figures().again | {"sources": Kept(40, 12, pages=[f"{HOME}a"])}
    alarm = judge(figures(again=lost), PAST, {}, HOME)["field sources again"]
    assert alarm is not None
    assert "40" in alarm.seen and "12" in alarm.seen
    assert alarm.pages == [f"{HOME}a"]
    assert raised(figures(again=figures().again | {"sources": Kept(40, 3)})) == []  # an editor has been at work
    assert raised(figures(again=figures().again | {"letters": Kept(40, 12)})) == ["field letters again"]
    assert "field sources again" not in judge(figures(again={"sources": Kept(0, 0)}), PAST, {}, HOME)


def test_a_field_that_new_articles_have_no_more() -> None:
    def now(lacking: int, having: int, before: int = 200) -> Figures:
        fresh = [*articles(lacking, day=TODAY, fresh=True, without="date"), *articles(having, day=TODAY, fresh=True)]
        return figures(recent=[*articles(before), *fresh])

    assert raised(now(6, 0)) == ["field date new"]
    assert raised(now(6, 2)) == ["field date new"]
    assert raised(now(1, 0)) == []  # one odd article
    assert raised(now(2, 9)) == []
    assert raised(now(6, 0, before=12)) == []  # too few before it
    layout = figures(recent=[*articles(200), *articles(6, day=TODAY, fresh=True, without="layout")])
    assert raised(layout) == ["layout unknown new"]


def test_few_new_articles_a_run_are_looked_at_together_with_those_of_the_runs_before() -> None:
    bad = articles(4, without="date")
    one = articles(1, day=TODAY, fresh=True, without="date")
    assert raised(figures(recent=[*articles(200, day=TODAY - 9), *bad, *one])) == ["field date new"]
    # When those of this run have it the fault is over.
    assert raised(figures(recent=[*articles(200, day=TODAY - 9), *bad, *articles(1, day=TODAY, fresh=True)])) == []


def test_a_field_that_comes_in_batches_has_a_wide_band() -> None:
    past = [
        article for n in range(20) for article in articles(15, day=TODAY - 90 + n, without="tags" if n % 4 == 0 else "")
    ]
    assert raised(figures(recent=[*past, *articles(12, day=TODAY, fresh=True, without="tags")])) == []


def test_the_length_of_texts() -> None:
    def now(letters: int, count: int = 12) -> Figures:
        return figures(recent=[*articles(200), *articles(count, day=TODAY, fresh=True, letters=letters)])

    assert raised(now(300)) == ["field letters new"]
    assert raised(now(9000)) == ["field letters new"]
    assert raised(now(1500)) == []
    assert raised(now(300, count=2)) == []


# -- layouts, counts, listings ----------------------------------------------------------------------------------------


def test_a_layout_that_was_learned_is_told_once() -> None:
    verdicts = judge(figures(layouts=[("layout-abc", 7, f"{HOME}a")]), PAST, {}, HOME)
    told, stands = stand(verdicts, {}, "now", "2026-03-18T04:00:00.000000Z")
    assert [alarm["about"] for alarm in told] == ["layout-abc"]
    assert stands == {}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"cloud": (30, 1500)}, ["count keywords", "count cloud"]),
        ({"cloud": (0, 0)}, ["count keywords", "count cloud"]),
        ({"cloud": (57, 2700)}, []),
        ({"cloud": None}, []),
        ({"sections": 40, "listed": 900}, ["count sections", "count listed"]),
        ({"sections": 96, "listed": 1800}, []),
        # A run that read fewer kinds of pages is not held against one that read more.
        ({"cloud": (30, 1500), "kinds": frozenset({"feed"}), "cloud_home": False}, []),
        # But where both have it from the home page.
        ({"cloud": (30, 1500), "kinds": frozenset({"home"}), "cloud_home": True}, ["count keywords", "count cloud"]),
    ],
)
def test_counts_that_shrink(change: dict[str, Any], expected: list[str]) -> None:
    past = [Past(run.at, {**run.figures, "sections": 100, "listed": 2000}) for run in PAST]
    assert raised(figures(**change), past) == expected


def test_a_cloud_that_moves_by_itself_has_a_wide_band() -> None:
    """Some sites show keywords by chance."""
    past = [
        Past(run.at, {**run.figures, "cloud": [30, total]})
        for run, total in zip(PAST, (900, 1900, 1300, 2200) * 3, strict=True)
    ]
    assert raised(figures(cloud=(30, 700)), past) == []


def test_listings_that_shrink_or_are_empty() -> None:
    def now(*pairs: tuple[int, int], kind: str = "keyword", elsewhere: bool = False, today: int = TODAY) -> Figures:
        listings = [Listing(f"{HOME}{n}", kind, then, now, elsewhere) for n, (then, now) in enumerate(pairs)]
        days = weekdays(today - 1)
        return figures(listings=listings, today=today, arrivals=days)

    assert raised(now((14, 0), (20, 20))) == ["empty"]
    assert raised(now((14, 0), (20, 20), elsewhere=True)) == []
    assert raised(now((3, 0), (20, 20))) == []
    assert raised(now((40, 10), (40, 12), (40, 11))) == ["count listings"]
    assert raised(now((40, 36), (40, 38), (40, 41))) == []
    turn = date(2026, 1, 3).toordinal()
    assert raised(now((14, 0), (20, 20), (90, 1), kind="section", today=turn)) == []  # into the archive
    assert raised(now((14, 0), (20, 20), (90, 89), today=turn)) == ["empty"]


def test_an_empty_listing_stands_until_it_has_been_looked_at_again() -> None:
    empty = Standing("run-1", "2026-03-12T04:00:00.000000Z", 1, False, {"name": "empty", "pages": [f"{HOME}x"]})
    other = figures(listings=[Listing(f"{HOME}y", "keyword", 20, 20, elsewhere=False)])
    assert "empty" not in judge(other, PAST, {"empty": empty}, HOME)
    mended = figures(listings=[Listing(f"{HOME}x", "keyword", 20, 20, elsewhere=False)])
    assert judge(mended, PAST, {"empty": empty}, HOME)["empty"] is None


def test_articles_that_are_gone() -> None:
    pages = [f"{HOME}{n}" for n in range(60)]
    assert raised(figures(gone=pages[:9])) == []
    assert raised(figures(gone=pages[:30])) == ["withdrawn"]
    assert raised(figures(gone=pages[:30], articles=36_000, gone_of=400)) == []  # of so many, an editor's morning
    assert raised(figures(gone=pages[:60], articles=36_000, gone_of=150)) == ["withdrawn"]
    often = [Past(run.at, {**run.figures, "gone": 25}) for run in PAST]
    assert raised(figures(gone=pages[:11]), often) == []


def test_login_and_block_pages() -> None:
    pages = [f"{HOME}{n}" for n in range(60)]
    assert raised(figures(closed=pages[:20])) == ["blocked"]
    assert raised(figures(turned=pages[:20])) == ["blocked"]
    assert raised(figures(turned=pages[:2])) == []
    assert raised(figures(closed=[HOME], asked=1)) == ["blocked"]
    assert raised(figures(home=2, asked=1)) == ["blocked"]
    assert raised(figures(home=90, asked=1)) == []
    # What such pages lack is told of the site no more.
    lost = {name: Kept(40, 40) for name in FIELDS}
    assert raised(figures(turned=pages[:30], again=lost, cloud=(0, 0), forbidden=[HOME])) == ["blocked", "robots"]
    few = [Past(run.at, {**run.figures, "asked": 3, "bad": 2}) for run in PAST]
    assert raised(figures(closed=pages[:2], asked=3), few) == ["blocked"]  # of few each run


def test_robots_that_forbid_what_was_fetched() -> None:
    alarm = judge(figures(forbidden=[f"{HOME}a", f"{HOME}b"]), PAST, {}, HOME)["robots"]
    assert alarm is not None
    assert alarm.pages == [f"{HOME}robots.txt", f"{HOME}a", f"{HOME}b"]


# -- from run to run --------------------------------------------------------------------------------------------------

ALARM = Alarm("count", "cloud", "expected", "seen", [HOME], "next")


def runs(*days: tuple[int, Verdicts]) -> list[tuple[list[str], dict[str, Standing]]]:
    """Runs on days of March: what each tells, as "key since", and what stands then."""
    found: list[tuple[list[str], dict[str, Standing]]] = []
    standing: dict[str, Standing] = {}
    for day, verdicts in days:
        told, standing = stand(verdicts, standing, f"run-{day}", f"2026-03-{day:02}T04:00:00.000000Z")
        found.append(([f"{alarm['name']} {alarm['since']}" for alarm in told], standing))
    return found


def test_an_alarm_lasts_until_a_run_finds_the_matter_in_order() -> None:
    key = ALARM.key
    told = [
        names
        for names, _stands in runs((1, {key: ALARM}), (2, {key: ALARM}), (3, {}), (4, {key: None}), (5, {key: ALARM}))
    ]
    assert told == [["count run-1"], ["count run-1"], ["count run-1"], [], ["count run-5"]]


def test_what_stands_for_two_weeks_is_the_way_the_site_is_but_silence_never_is() -> None:
    quiet = Alarm("silence", "", "expected", "seen", [], "next")
    days: list[tuple[int, Verdicts]] = [(day, {ALARM.key: ALARM, "silence": quiet}) for day in range(1, 20)]
    told = [names for names, _stands in runs(*days)]
    assert told[13] == ["count run-1", "silence run-1"]
    assert told[14] == told[18] == ["silence run-1"]
    # Its new height is then what later runs are held against.
    standing = runs(*days)[-1][1]
    low = [Past(run.at, {**run.figures, "cloud": [30, 1500]}) for run in PAST]
    standing["count keywords"] = standing[ALARM.key]
    assert raised(figures(cloud=(30, 1500)), low, standing) == []
    assert raised(figures(cloud=(12, 500)), low, standing) == ["count keywords", "count cloud"]


def test_while_an_alarm_of_a_count_stands_the_runs_before_it_count() -> None:
    at = PAST[2].at
    past = [Past(run.at, {**run.figures, "cloud": [30, 1500]}) if run.at >= at else run for run in PAST]
    standing = {f"count {about}": Standing("run", at, 3, False) for about in ("cloud", "keywords")}
    assert raised(figures(cloud=(30, 1500)), past, standing) == ["count keywords", "count cloud"]


def test_nothing_is_said_of_counts_where_no_earlier_figures_are() -> None:
    """After a rebuild the reports may be gone."""
    assert raised(figures(cloud=(3, 10), sections=1, listed=1, home=1), []) == []


# -- bands ------------------------------------------------------------------------------------------------------------


def test_tails_of_the_binomial_distribution() -> None:
    assert tail(3, 3, 0.5) == pytest.approx(0.125)
    assert tail(1, 10, 0.1) == pytest.approx(1 - 0.9**10)
    assert tail(0, 10, 0.1) == 1.0
    assert tail(400, 1000, 0.5) > 0.999
    assert tail(5, 5, 0.0) == 0.0


def test_bands_want_a_past() -> None:
    assert Share.of_past([True] * 29) is None
    assert Lengths.of_past([2000] * 29) is None
    share = Share.of_past([True, True, True, False] * 50)
    assert share is not None
    assert share.least(20) < 15
    assert lowest([100]) == 80
    assert lowest([60, 100]) == 20
