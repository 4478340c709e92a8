"""osiris update: what is new, edited or gone is found at little cost, and nothing else is reported."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from osiris_crawler.demo.check import compare
from osiris_crawler.demo.misbehave import Misbehaviour
from osiris_crawler.demo.server import Running, serve
from osiris_crawler.demo.world import World
from tests.conftest import Osiris

FAST = ("--delay", "0", "--concurrency", "8", "--no-files")
AHEAD = 2  # articles of the feed's ten that are newer than the one that is edited


class Watched:
    """A collection of an embedded site, and what each run adds to its changes.jsonl."""

    def __init__(self, osiris: Osiris, tmp_path: Path, site: Running) -> None:
        self._osiris, self._site = osiris, site
        self.root = tmp_path / "output" / "collections" / "c"
        self._known = 0

    def run(self, *arguments: str, code: int = 0) -> dict[str, Any]:
        done = self._osiris(*arguments, self._site.url, "-c", "c", *FAST, "--json")
        assert done.returncode == code, done.stderr
        report: dict[str, Any] = json.loads(done.stdout)
        return report

    def events(self) -> Counter[tuple[str, str]]:
        lines = (self.root / "dataset" / "changes.jsonl").read_text("utf-8").splitlines()
        fresh, self._known = lines[self._known :], len(lines)
        return Counter((event["event"], event["cause"]) for event in map(json.loads, fresh))

    def asked(self) -> int:
        count, self._site.requests = len(self._site.requests), []
        return count


@pytest.mark.parametrize("layout", ["current", "2012"])
def test_what_is_new_edited_or_gone_is_found_and_nothing_else(layout: str, osiris: Osiris, tmp_path: Path) -> None:
    world = World(articles=60)
    with serve(world, layout) as site:
        watched = Watched(osiris, tmp_path, site)
        watched.run("crawl")
        assert watched.events().keys() == {("added", "site")} and watched.asked() > 60

        assert watched.run("update", "--recheck", "0")["requests"] == 4
        assert (watched.events(), watched.asked()) == (Counter(), 4)

        newest, oldest = world.published()[AHEAD].number, world.published()[-1].number
        world.add(3)
        world.edit(newest)
        world.withdraw(oldest)
        site.changed()
        report = watched.run("update", "--recheck", "0")
        assert report["update"]["new"] == 3 and watched.asked() <= 20
        assert watched.events() == {("added", "site"): 3, ("changed", "site"): 1}

        watched.run("update", "--recheck", "0")  # gone twice
        assert watched.events() == {("withdrawn", "site"): 1} and watched.asked() <= 6
        world.purge()
        world.edit(oldest + 1)
        world.restore(oldest)
        site.changed()
        watched.run("update", "--recheck", "all")
        assert watched.events() == {("changed", "site"): 1, ("restored", "site"): 1}
        assert compare(world.truth(layout), watched.root / "dataset" / "articles.jsonl").good
        assert osiris("verify", "-c", "c").returncode == 0


def test_the_year_turns_without_a_change_of_any_article(osiris: Osiris, tmp_path: Path) -> None:
    world = World(articles=40)
    with serve(world, "current") as site:
        watched = Watched(osiris, tmp_path, site)
        watched.run("crawl")
        watched.events()
        world.turn_year()
        world.add(1)
        site.changed()
        watched.run("update", "--recheck", "0")
        found = watched.events()
        assert found[("added", "site")] == 1 and found[("moved", "site")] >= 1
        assert found.keys() == {("added", "site"), ("moved", "site")}


def test_the_archive_comes_first(osiris: Osiris, tmp_path: Path) -> None:
    """Without an archive an update walks all of it; one that stopped is gone on with, and a crawl is not taken for ended."""
    world = World(articles=30)
    with serve(world, "current") as site:
        watched = Watched(osiris, tmp_path, site)
        assert watched.run("update", "--max-requests", "20", code=8)["command"] == "crawl"
        assert watched.run("update")["update"] is None
        assert compare(world.truth("current"), watched.root / "dataset" / "articles.jsonl").good
        watched.asked()
        assert watched.run("update", "--recheck", "5")["update"]["rechecked"] >= 5
        assert 9 <= watched.asked() <= 24
        assert watched.run("crawl")["crawl"] == 3 and watched.asked() > 60


def test_an_update_needs_no_address(osiris: Osiris, tmp_path: Path) -> None:
    world = World(articles=12)
    with serve(world, "stock") as site:
        watched = Watched(osiris, tmp_path, site)
        watched.run("crawl")
        done = osiris("update", "--recheck", "0", "--delay", "0", "--json")
        assert done.returncode == 0 and json.loads(done.stdout)["site"] == site.url


def test_a_site_that_bars_us_is_told_and_changes_nothing(osiris: Osiris, tmp_path: Path) -> None:
    with serve(World(articles=12), "current") as site:
        watched = Watched(osiris, tmp_path, site)
        watched.run("crawl")
        watched.events()
        site.misbehaviours["/"] = Misbehaviour("forbidden")
        report = watched.run("update", "--recheck", "0", code=7)
        assert report["alarms"][0]["name"] == "blocked" and watched.events() == Counter()
