"""osiris probe: the looks that it meets, beside those that a collection of the site knows."""

from __future__ import annotations

import json
from pathlib import Path

from osiris_crawler.crawl.looks import Look, told
from osiris_crawler.demo.server import serve
from osiris_crawler.demo.world import World
from tests.conftest import Osiris


def test_looks_are_told_with_the_days_of_their_articles() -> None:
    pages = [("b", "2003-01-15", "u/1"), ("a", None, "u/2"), ("b", "2020-08-09", "u/3"), (None, "2024-01-01", "u/4")]
    assert told(pages) == [
        Look("b", 2, "2003-01-15", "2020-08-09", "u/3"),
        Look("a", 1, None, None, "u/2"),
        Look(None, 1, "2024-01-01", "2024-01-01", "u/4"),
    ]
    assert told([]) == []


def test_a_probe_tells_layouts_and_which_of_them_the_collection_knows(osiris: Osiris, tmp_path: Path) -> None:
    world = World(articles=40)
    with serve(world, "current") as site:
        port = site.port
        assert osiris("crawl", site.url, "--delay", "0", "--no-files", "--quiet").returncode == 0
        known = json.loads(osiris("probe", site.url, "--delay", "0", "--json").stdout)
    (live,) = known["layouts"]
    (held,) = known["held"]["layouts"]
    assert live["layout"] == held["layout"] and live["pages"] >= 4 and held["pages"] == 40
    days = sorted(piece.day.isoformat() for piece in world.published())
    assert (held["first"], held["last"]) == (days[0], days[-1])
    assert held["first"] <= live["first"] < live["last"] <= held["last"] and held["url"].startswith(site.url)
    with serve(world, "2012", port=port) as site:
        new = osiris("probe", site.url, "--delay", "0")
        assert new.returncode == 0, new.stderr
        lines = new.stderr.splitlines()
        assert any(held["layout"] in line and "40 pages" in line and held["first"] in line for line in lines)
        assert any(line.endswith("a layout that the collection does not know yet.") for line in lines)


def test_a_collection_that_is_asked_for_must_be_there_and_of_the_site(osiris: Osiris, tmp_path: Path) -> None:
    address = "http://127.0.0.1:9/"  # nobody is asked anything
    missing = osiris("probe", address, "-c", "nothing", "--delay", "0")
    assert missing.returncode == 2 and "There is no collection" in missing.stderr
    (tmp_path / "output" / "collections" / "other" / "archive").mkdir(parents=True)
    other = osiris("probe", address, "-c", "other", "--delay", "0")
    assert other.returncode == 2 and f"tells nothing of {address}" in other.stderr
