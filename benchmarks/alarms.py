"""Alarms over years of daily runs: how often one rises for nothing, and how soon one rises for what was planted.

    python benchmarks/alarms.py --sites 4 --years 5

Sites are made from a seed, in ten rhythms: a press of weekdays with public holidays and a closed August, one of all days, one
that grows and one that fades, articles by chance, a weekly paper, batches, bursts, a monthly bulletin, a few articles a year.
Articles are of four kinds that come in batches, with fields of their own; editors correct, withdraw and clear out; listings
and cloud move; the year turns. What a run would gather of that (`ledger/figures.py`) is given to the rules day by day.

A false alarm is one that begins while nothing was planted. The delay is in runs from the first that could see the fault.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
import time
from bisect import bisect_right
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from statistics import median

from osiris_crawler.crawl.alarms.judging import judge
from osiris_crawler.crawl.alarms.model import Past, Standing
from osiris_crawler.crawl.alarms.watching import packed, stand, unpacked
from osiris_crawler.ledger.figures import FIELDS, Figures, Kept, Listing, Recent

HOME = "http://site.example/"
PAGE = "http://site.example/page.html"
START = date(2012, 1, 2).toordinal()
LONGEST = 250  # runs that a fault lasts
HISTORY = 4 * 365  # days that the first crawl found
KINDS = {  # chance of source, keyword; middle length in letters, spread of its logarithm
    "press": (0.93, 0.85, 2400, 0.6),
    "breve": (0.15, 0.30, 500, 0.5),
    "editorial": (0.02, 0.95, 3500, 0.3),
    "call": (0.30, 0.60, 1500, 0.9),
}
FAULTS = {  # fault → names of alarms that tell it
    "a silent site": ("silence",),
    "dates gone with a layout": ("field", "layout"),
    "a layout that is read well": ("layout",),
    "no sources on new articles": ("field",),
    "texts cut to a quarter": ("field",),
    "half the cloud gone": ("count",),
    "login pages": ("blocked",),
    "articles answer 403": ("blocked",),
    "a listing emptied": ("empty",),
    "robots.txt forbids a part": ("robots",),
    "a third of articles gone": ("withdrawn",),
}


class Rhythm:
    """How many articles a day brings."""

    def __init__(self, name: str, chance: random.Random) -> None:
        self.name, self._chance = name, chance
        self._burst, self._next = 0, START
        self._shift: dict[int, int] = {}

    def day(self, ordinal: int) -> int:
        day, chance = date.fromordinal(ordinal), self._chance
        week, of_year, years = day.weekday(), day.timetuple().tm_yday, (ordinal - START) / 365
        shift = self._shift.setdefault(day.year, chance.randint(-5, 5))
        often, many = 0.0, 1
        if self.name == "weekdays":
            often, many = (0.95 if week < 5 else 0.05), 6
            if 213 + shift <= of_year <= 238 + shift:
                often = 0.03
            if of_year >= 358 or of_year <= 2:
                often *= 0.2
            if chance.random() < 0.02:
                often *= 0.05
        elif self.name == "all days":
            often, many = (0.97 if week < 6 else 0.6), 9
            if chance.random() < 0.01:
                often *= 0.02
        elif self.name == "by chance":
            often, many = 0.5, 2
        elif self.name == "growing":
            often, many = min(0.1 + 0.1 * years, 0.95) * (1 if week < 5 else 0.2), 1 + int(years)
        elif self.name == "fading":
            often = max(0.95 - 0.1 * years, 0.08) * (1 if week < 5 else 0.2)
        elif self.name == "weekly":
            often, many = (0.9 if week == 3 else 0.15 if week == 4 else 0.01), 8
            if 205 + shift <= of_year <= 240 + shift:
                often *= 0.1
        elif self.name == "batches":
            often, many = (0.93 if week == 0 else 0.0), 15
        elif self.name == "bursts":
            often = 0.9 if self._burst else 0.02
            self._burst = max(self._burst - 1, 0)
            if chance.random() < 0.03:
                self._burst = chance.randint(2, 8)
        elif self.name == "monthly":
            if ordinal >= self._next and week < 5:
                often, many = 1.0, 12
                self._next = ordinal + chance.randint(26, 34) + (30 if day.month == 7 else 0)
        elif self.name == "rare":
            often = 0.04
        return 1 + int(chance.expovariate(1) * (many - 0.5)) if chance.random() < often else 0


RHYTHMS = (
    "weekdays", "all days", "by chance", "growing", "fading", "weekly", "batches", "bursts", "monthly", "rare",
)  # fmt: skip


class Site:
    """A site and the crawler that watches it, a day at a time."""

    def __init__(self, rhythm: str, seed: int) -> None:
        self.chance = random.Random(f"{rhythm} {seed}")
        self.rhythm = Rhythm(rhythm, self.chance)
        self.days: list[int] = []
        self.recent: list[Recent] = []
        self.articles = self.run = 0
        self.words = Counter({n: self.chance.randint(20, 400) for n in range(60)})
        self.links = self.chance.randint(60, 200)
        self.past: list[Past] = []
        self.standing: dict[str, Standing] = {}
        self._season = "press"
        self.fault: str | None = None
        self.watched = START + HISTORY + self.chance.randint(0, 364)
        for ordinal in range(START, self.watched):
            self._publish(ordinal)

    def _publish(self, ordinal: int) -> list[Recent]:
        if self.chance.random() < 0.02:  # for some weeks there are more of a kind
            self._season = self.chance.choice(list(KINDS))
        count = 0 if self.fault == "a silent site" else self.rhythm.day(ordinal)
        came = [self._article(ordinal) for _n in range(count)]
        if came:
            self.days.append(ordinal)
        self.articles += len(came)
        self.recent = (self.recent + came)[-1200:]
        return came

    def _article(self, ordinal: int) -> Recent:
        chance = self.chance
        kind = (
            self._season if chance.random() < 0.25 else "press" if chance.random() < 0.8 else chance.choice(list(KINDS))
        )
        source, keyword, length, spread = KINDS[kind]
        has = {"title": 1.0, "date": 0.998, "body": 0.995, "sources": source, "tags": keyword, "layout": 0.995}
        if self.fault == "no sources on new articles":
            has["sources"] *= 0.1
        if self.fault == "dates gone with a layout":
            has["date"] = has["layout"] = 0.0
        filled = frozenset(name for name in FIELDS if chance.random() < has[name])
        letters = int(
            length * math.exp(chance.gauss(0, spread)) * (0.25 if self.fault == "texts cut to a quarter" else 1)
        )
        if "tags" in filled:
            self.words[chance.randrange(len(self.words))] += 1
        return Recent(
            ordinal, f"{HOME}{ordinal}-{chance.random()}.html", True, filled, letters if "body" in filled else 0
        )

    def live(self, ordinal: int) -> list[dict[str, object]]:
        """A day and its run; gives what is told."""
        came = self._publish(ordinal)
        self.run += 1
        figures = self._figures(ordinal, len(came))
        self.recent = [Recent(a.day, a.url, False, a.filled, a.letters) if a.fresh else a for a in self.recent]
        stamp = f"{date.fromordinal(ordinal)}T04:00:00.000000Z"
        verdicts = judge(figures, self.past, self.standing, HOME)
        told, self.standing = stand(verdicts, self.standing, f"run-{self.run}", stamp)
        self.standing = unpacked(packed(self.standing))
        self.past = [Past(stamp, figures.as_json()), *self.past[:59]]
        return told

    def _figures(self, ordinal: int, fresh: int) -> Figures:
        chance, fault = self.chance, self.fault
        found = Figures(f"run-{self.run}", ordinal, first=False, looked=True)
        found.kinds = frozenset(
            {"home", "feed", "sitemap"} | ({"article"} if fresh or chance.random() < 0.5 else set())
        )
        found.articles, found.arrivals = self.articles, self.days
        found.watching = ordinal - self.watched
        found.watched = len(self.days) - bisect_right(self.days, self.watched)
        found.newest, found.recent = (self.recent[-1].url if self.recent else None), self.recent
        if chance.random() < 0.02:  # an editor merges keywords, or makes one
            word = chance.randrange(len(self.words))
            self.words[word] = int(self.words[word] * 0.7) + 1
        half = 2 if fault == "half the cloud gone" else 1
        found.cloud = len(self.words) // half, sum(self.words.values()) // half
        found.home = self.links + chance.randint(-10, 10)
        self.links += chance.random() < 0.01
        again = min(math.ceil(self.articles / 90), 400)
        found.asked, found.gone_of = again + 4, again
        self._read_again(found, again)
        gone = sum(chance.random() < 0.0003 for _n in range(again))
        if chance.random() < 1 / 365:  # a clearing out
            gone += chance.randint(2, 8)
        if fault == "a third of articles gone":
            gone += sum(chance.random() < 0.33 for _n in range(again))
        found.gone = [PAGE] * gone
        found.turned = [PAGE] * sum(chance.random() < 0.0005 for _n in range(again))
        if fault == "login pages":
            found.turned, found.home = [PAGE] * (again + 4), 1
        if fault == "articles answer 403":
            found.closed = [PAGE] * again
        if fault == "robots.txt forbids a part":
            found.forbidden = [HOME]
        if fault == "a layout that is read well":
            found.layouts, self.fault = [("layout-new", 7, HOME)], None
        for n in range(chance.randint(0, 6)):
            before = chance.randint(1, 60)
            turned = date.fromordinal(ordinal).timetuple().tm_yday < 4 and n < 2
            now = (
                0 if turned else max(before - (chance.random() < 0.02) * chance.randint(1, 3) + chance.randint(0, 1), 1)
            )
            found.listings.append(
                Listing(f"{HOME}{n}", "section" if turned else "keyword", before, now, elsewhere=False)
            )
        if fault == "a listing emptied":
            found.listings.append(Listing(f"{HOME}empty", "keyword", 14, 0, elsewhere=False))
        return found

    def _read_again(self, found: Figures, again: int) -> None:
        chance = self.chance
        drop = chance.random() < 0.01  # an editor tidies up: some articles lose what they had
        for name in (*FIELDS, "letters"):
            had = sum(chance.random() < 0.8 for _n in range(again))
            lost = sum(chance.random() < 0.0015 for _n in range(had)) + drop * (name == "tags") * chance.randint(0, 3)
            if self.fault == "dates gone with a layout" and name in ("date", "layout"):
                lost = had
            found.again[name] = Kept(had, min(lost, had), pages=[HOME])


def quiet(rhythm: str, seed: int, years: int) -> tuple[str, Counter[str], int]:
    """False alarms of a site in which nothing is planted."""
    site, begun = Site(rhythm, seed), Counter[str]()
    for ordinal in range(site.watched, site.watched + years * 365):
        for alarm in site.live(ordinal):
            if alarm["since"] == f"run-{site.run}":
                begun[f"{alarm['name']} {alarm['about']}".strip()] += 1
    return rhythm, begun, years


def planted(rhythm: str, seed: int, fault: str) -> tuple[str, str, int | None, int]:
    """(rhythm, fault, runs until it was told, runs until it was told that had something new to look at)."""
    site = Site(rhythm, seed)
    begin = site.watched + 40
    for ordinal in range(site.watched, begin):
        site.live(ordinal)
    while fault == "a silent site" and site.days[-1] != site.watched + site.run - 1:
        site.live(site.watched + site.run)  # it falls silent behind an article
    site.fault = fault
    known = set(site.standing)
    articles = site.articles
    for runs in range(1, LONGEST + 1):
        told = site.live(site.watched + site.run)
        if any(a["name"] in FAULTS[fault] and f"{a['name']} {a['about']}".strip() not in known for a in told):
            return rhythm, fault, runs, site.articles - articles
    return rhythm, fault, None, site.articles - articles


def _spread(values: list[int]) -> str:
    values.sort()
    return f"{median(values):.0f}, {values[len(values) * 9 // 10]}, {values[-1]}" if values else "–"


def _at_most(value: int | None) -> str:
    return "–" if value is None else str(value)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", type=int, default=3, help="of each rhythm")
    parser.add_argument("--years", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faults", type=int, default=2, help="sites of each rhythm that a fault is planted in")
    asked = parser.parse_args()
    began = time.time()
    seeds = range(asked.seed, asked.seed + asked.sites)
    total, by_name, years = Counter[str](), Counter[str](), Counter[str]()
    with ProcessPoolExecutor(2) as pool:
        jobs = [pool.submit(quiet, rhythm, seed, asked.years) for rhythm in RHYTHMS for seed in seeds]
        tries = [
            pool.submit(planted, rhythm, seed + 1000, fault)
            for fault in FAULTS for rhythm in RHYTHMS for seed in range(asked.faults)
        ]  # fmt: skip
        print(f"{'rhythm':12} site-years  false alarms  in five years")
        for job in jobs:
            rhythm, begun, span = job.result()
            years[rhythm] += span
            total[rhythm] += begun.total()
            by_name += Counter({f"{name} ({rhythm})": count for name, count in begun.items()})
        for rhythm in RHYTHMS:
            print(f"{rhythm:12} {years[rhythm]:10}  {total[rhythm]:12}  {5 * total[rhythm] / years[rhythm]:13.2f}")
        rate = 5 * total.total() / years.total()
        print(f"{'all':12} {years.total():10}  {total.total():12}  {rate:13.2f}")
        print("by alarm:", ", ".join(f"{name} {count}" for name, count in by_name.most_common()) or "none")
        print(f"\n{'fault':28} {'told':>7}  {'runs until then':20} {'new articles until then':24} most runs, by rhythm")
        print(f"{'':37} {'half, 9/10, most':20} {'half, 9/10, most':24}")
        results = [job.result() for job in tries]
        for fault in FAULTS:
            found = [result for result in results if result[1] == fault]
            told = [result for result in found if result[2] is not None]
            most: dict[str, int | None] = {}
            for rhythm, _fault, runs, _articles in found:
                most[rhythm] = (
                    None if runs is None or most.get(rhythm, 0) is None else max(runs, most.get(rhythm, 0) or 0)
                )
            spread = _spread([result[2] or 0 for result in told])
            articles = _spread([result[3] for result in told])
            by_rhythm = ", ".join(f"{rhythm} {_at_most(runs)}" for rhythm, runs in most.items())
            print(f"{fault:28} {len(told):>3}/{len(found):<3}  {spread:20} {articles:24} {by_rhythm}")
    print(f"\n{time.time() - began:.0f} s")
    return int(rate >= 1)


if __name__ == "__main__":
    sys.exit(main())
