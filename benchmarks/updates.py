"""What updates cost the embedded site and what they find, day by day over a year, with the clock moved on.

    python benchmarks/updates.py --articles 5000 --days 0        the cost of one update: nothing new, ten new articles
    python benchmarks/updates.py --articles 1500 --days 365      and a year (about 3 s a day)
    python benchmarks/updates.py --articles 300 --kills 50       updates killed with -9, each after two new articles

A year has new articles daily, but for a week of silence; edits of old articles; some withdrawn; the year's turn; two purges
of the site's cache; one change of the layout; one day of 503. The clock of `osiris` is moved by time-machine, which has to
be installed (`pip install time-machine`).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from osiris_crawler.demo.misbehave import Misbehaviour
from osiris_crawler.demo.pages import Site
from osiris_crawler.demo.server import Running, serve
from osiris_crawler.demo.world import World

ROOT = Path(__file__).resolve().parents[1]
CLOCK = """
import datetime, os
import time_machine
time_machine.travel(datetime.datetime.fromisoformat(os.environ["OSIRIS_BENCH_NOW"]), tick=True).start()
"""
PURGES, LAYOUT, SILENCE, BUSY = (60, 240), 150, range(200, 207), 100  # days
EDITED = 0.01  # of the articles in a year
WITHDRAWN = 6  # in a year


@dataclass(slots=True)
class Year:
    """What was planted by day, and what the runs said of it."""

    added: dict[str, int] = field(default_factory=dict)  # path → day
    edited: list[tuple[str, int]] = field(default_factory=list)
    withdrawn: dict[str, int] = field(default_factory=dict)
    seen: list[tuple[int, dict[str, Any]]] = field(default_factory=list)  # (day, event)
    exits: Counter[int] = field(default_factory=Counter)
    alarms: list[tuple[int, str]] = field(default_factory=list)
    requests: int = 0
    failed: list[str] = field(default_factory=list)


class Collection:
    """A collection that the osiris of this checkout keeps, on a day that is made up."""

    def __init__(self, folder: str, url: str, files: bool) -> None:
        self.folder, self.url, self.files = Path(folder), url, files
        if find_spec("time_machine") is not None:
            (self.folder / "sitecustomize.py").write_text(CLOCK, "utf-8")
        self._known = 0

    def environment(self, now: datetime | None) -> dict[str, str]:
        """With the clock at an instant, or as it is."""
        path = [str(ROOT)] if now is None else [str(self.folder), str(ROOT)]
        moved = {} if now is None else {"OSIRIS_BENCH_NOW": now.isoformat()}
        return {**os.environ, "PYTHONPATH": os.pathsep.join(path), **moved}

    def command(self, name: str, *more: str, site: bool = True) -> list[str]:
        asking = [self.url, "--delay", "0", "--concurrency", "8", *([] if self.files else ["--no-files"])]
        return [
            sys.executable, "-m", "osiris_crawler", name, "-o", str(self.folder), "-c", "b", *(asking if site else []), *more,
        ]  # fmt: skip

    def run(self, command: str, now: datetime | None, *more: str) -> dict[str, Any]:
        done = subprocess.run(
            self.command(command, "--json", *more),
            env=self.environment(now),
            check=False,
            capture_output=True,
            text=True,
        )
        try:
            report: dict[str, Any] = json.loads(done.stdout)
        except ValueError:
            raise SystemExit(f"osiris {command} ended with {done.returncode}:\n{done.stderr}") from None
        return report

    def news(self) -> list[dict[str, Any]]:
        """Events since the last call."""
        path = self.folder / "collections" / "b" / "dataset" / "changes.jsonl"
        lines = path.read_text("utf-8").splitlines()
        fresh, self._known = lines[self._known :], len(lines)
        return [json.loads(line) for line in fresh]


def cost(collection: Collection, world: World, site: Running, now: datetime) -> None:
    """The two updates that the cost is told of."""
    none = collection.run("update", now, "--recheck", "0")
    world.add(10)
    site.changed()
    ten = collection.run("update", now + timedelta(hours=6), "--recheck", "0")
    found = sum(event["event"] == "added" for event in collection.news())
    print(
        f"nothing new: {none['requests']} requests, {none['seconds']:.1f} s; ten new articles: {ten['requests']} requests, {found} found"
    )


def year(collection: Collection, world: World, site: Running, start: date, days: int, layouts: tuple[str, str]) -> Year:
    chance = random.Random(7)
    told = Year()
    for day in range(days):
        today = start + timedelta(days=day)
        if today.year > world.today.year:
            world.turn_year()
        world.today = today
        _plant(world, told, day, chance)
        if day in PURGES:
            world.purge()
        if day == LAYOUT:
            site.layout = layouts[1]
            site.site = Site(world, layouts[1], site.url)
        site.misbehaviours.clear()
        if day == BUSY:
            site.misbehaviours.update(
                {path: Misbehaviour("overload", seconds=1) for path in ("/", "/backend.html", "/sitemap.xml")}
            )
        site.changed()
        report = collection.run("update", datetime(today.year, today.month, today.day, 3, tzinfo=UTC))
        told.requests += report["requests"]
        told.exits[report["exit"]] += 1
        told.alarms += [(day, alarm["name"]) for alarm in report.get("alarms") or []]
        told.seen += [(day, event) for event in collection.news()]
        if sys.stderr.isatty():
            print(f"\rday {day + 1}/{days}, {told.requests} requests", end="", file=sys.stderr)
    return told


def _plant(world: World, told: Year, day: int, chance: random.Random) -> None:
    old = [piece for piece in world.published() if (world.today - piece.day).days > 2]
    if day not in SILENCE:
        for number in world.add(chance.choice((1, 1, 2, 3))):
            told.added[world.pieces[number].path] = day
    if chance.random() < EDITED * len(old) / 365:
        piece = chance.choice(old)
        world.edit(piece.number)
        told.edited.append((piece.path, day))
    if chance.random() < WITHDRAWN / 365:
        piece = chance.choice(old)
        world.withdraw(piece.number)
        told.withdrawn[piece.path] = day


def kills(collection: Collection, world: World, site: Running, number: int) -> bool:
    """Kill updates at random moments, each with articles that are new; the last goes to its end. Whether nothing was lost."""
    chance = random.Random(5)
    done = 0
    began = collection.command("update", "--recheck", "20", "--quiet")
    while done < number:
        world.add(2)
        world.edit(chance.choice(world.published()[2:9]).number)
        site.changed()
        run = subprocess.Popen(began, env=collection.environment(None))
        try:
            run.wait(0.8 + chance.random() * 2.5)
        except subprocess.TimeoutExpired:
            run.kill()
            run.wait()
            done += 1
    ends = [subprocess.run(began, env=collection.environment(None), check=False).returncode for _n in range(2)]
    checks = [
        subprocess.run(
            collection.command(name, "--quiet", site=False), env=collection.environment(None), check=False
        ).returncode
        for name in ("verify", "rebuild", "verify")
    ]
    dataset = collection.folder / "collections" / "b" / "dataset" / "articles.jsonl"
    held = {urlsplit(json.loads(line)["url"]).path.lstrip("/") for line in dataset.read_text("utf-8").splitlines()}
    missing = {piece.path for piece in world.published()} - held
    print(
        f"{done} kills; then exits {ends}, verify, rebuild, verify: {checks}; articles missing: {len(missing)} of {len(world.published())}"
    )
    return not missing and not any(checks) and not any(ends)


def show(told: Year, days: int, period: int) -> None:
    def path(event: dict[str, Any]) -> str:
        return urlsplit(event["url"]).path.lstrip("/")

    found = {path(event): day for day, event in told.seen if event["event"] == "added"}
    late = [found.get(page, days) - day for page, day in told.added.items()]
    changes = [
        (path(event), day) for day, event in told.seen if event["event"] == "changed" and event["cause"] == "site"
    ]
    edits = [edit for edit in told.edited if edit[1] < days - period]
    met = [any(page == edit[0] and 0 <= day - edit[1] <= period for page, day in changes) for edit in edits]
    pages = {page for page, _day in told.edited}
    gone = {path(event): day for day, event in told.seen if event["event"] == "withdrawn"}
    due = {page: day for page, day in told.withdrawn.items() if day < days - 2}
    lost = [(page, day) for page, day in due.items() if page not in gone]
    kinds = Counter((event["event"], event["cause"]) for _day, event in told.seen)
    print(f"{days} days, {told.requests} requests, {told.requests / max(len(told.added), 1):.1f} a new article")
    at_once, latest = sum(n == 0 for n in late), max(late, default=0)
    print(f"added: {len(told.added)} planted, {len(found)} found, by the next run {at_once}, latest after {latest} days")
    false = sum(page not in pages for page, _day in changes)
    print(f"edits older than the period: {len(edits)}, found within it {sum(met)}; false changes {false}")
    false = sum(page not in told.withdrawn for page in gone)
    print(f"withdrawn: {len(due)} planted, {sum(page in gone for page in due)} found; false {false}; not found: {lost}")
    print("events: " + ", ".join(f"{count} {event} ({cause})" for (event, cause), count in sorted(kinds.items())))
    print(f"exits: {dict(told.exits)}; alarms: {told.alarms}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=1500)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--layout", default="current")
    parser.add_argument("--then", default="magazine", help="the layout from day 150 on")
    parser.add_argument("--period", type=int, default=90, help="days in which each article is read again")
    parser.add_argument("--kills", type=int, default=0)
    options = parser.parse_args()
    if options.days and find_spec("time_machine") is None:
        parser.error("a year wants a clock that can be moved: pip install time-machine")
    os.environ["OSIRIS_RECHECK_PERIOD"] = f"{options.period}d"
    world = World(articles=options.articles)
    start = world.today + timedelta(days=1)
    with (
        tempfile.TemporaryDirectory(prefix="osiris-bench-") as folder,
        serve(world, options.layout, zipped=True) as site,
    ):
        collection = Collection(folder, site.url, files=False)
        if options.kills:
            collection.run("crawl", None)
            return 0 if kills(collection, world, site, options.kills) else 1
        began = datetime(start.year, start.month, start.day, 3, tzinfo=UTC) - timedelta(days=1)
        first = collection.run("crawl", began)
        collection.news()
        print(
            f"{options.articles} articles, {options.layout}: crawl {first['requests']} requests, {first['seconds']:.0f} s"
        )
        cost(collection, world, site, began + timedelta(hours=12))
        if options.days:
            show(
                year(collection, world, site, start, options.days, (options.layout, options.then)),
                options.days,
                options.period,
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
