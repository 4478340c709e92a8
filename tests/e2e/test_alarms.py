"""Alarms end to end: none while a site lives as sites do, one that lasts as long as what it tells of."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from osiris_crawler.demo.misbehave import Misbehaviour
from osiris_crawler.demo.server import Running, serve
from osiris_crawler.demo.world import World
from tests.conftest import Osiris

FAST = ("--delay", "0", "--concurrency", "8", "--no-files")


@dataclass
class Watched:
    """A collection with two crawls of a site that lived meanwhile."""

    folder: Path
    world: World
    site: Running
    osiris: Osiris
    exits: list[int]

    def crawl(self) -> tuple[int, dict[str, Any], str]:
        done = self.osiris("crawl", self.site.url, "-c", "c", *FAST)
        assert "Traceback" not in done.stderr
        return done.returncode, report(self.folder), done.stderr


def report(folder: Path) -> dict[str, Any]:
    newest = max((folder / "output" / "collections" / "c" / "runs").iterdir())
    found: dict[str, Any] = json.loads((newest / "report.json").read_text("utf-8"))
    return found


@pytest.fixture
def watched(osiris: Osiris, tmp_path: Path) -> Iterator[Watched]:
    world = World(articles=80)
    with serve(world, "current") as site:
        watched = Watched(tmp_path, world, site, osiris, [])
        watched.exits.append(watched.crawl()[0])
        world.purge()
        world.add(3)
        world.edit(30)
        world.withdraw(31)
        world.turn_year()
        site.changed()
        code, found, _said = watched.crawl()
        assert found["alarms"] == []
        watched.exits.append(code)
        yield watched


def test_an_alarm_rises_lasts_and_ends_with_what_it_tells_of(watched: Watched) -> None:
    assert watched.exits == [0, 0]
    kept = {}
    for piece in watched.world.pieces.values():
        kept[piece.number] = piece.sources, piece.tag
        piece.sources = []
        piece.tag = piece.tag if piece.number % 2 else None
    watched.site.changed()
    code, found, said = watched.crawl()
    assert code == found["exit"] == 7
    alarms = {f"{alarm['name']} {alarm['about']}": alarm for alarm in found["alarms"]}
    assert {"field sources again", "field tags again", "count cloud"} <= set(alarms)
    assert not {"field date again", "field title again", "silence ", "blocked "} & set(alarms)
    sources = alarms["field sources again"]
    assert sources["since"] == found["run"]
    assert len(sources["pages"]) > 2 and all(page.startswith(watched.site.url) for page in sources["pages"])
    for words in ("Alarm: fields", sources["expected"], sources["seen"], sources["pages"][0], sources["next"]):
        assert words in said
    # The next run finds the same, and says since when.
    again = watched.crawl()
    assert again[0] == 7
    assert {alarm["since"] for alarm in again[1]["alarms"]} == {found["run"]}
    assert f"(since run {found['run']})" in again[2]
    for number, (sources, tag) in kept.items():
        watched.world.pieces[number].sources, watched.world.pieces[number].tag = sources, tag
    watched.site.changed()
    code, found, _said = watched.crawl()
    assert (code, found["alarms"]) == (0, [])


def test_what_is_forbidden_now_and_what_is_shut_is_told_and_a_ledger_made_anew_tells_it_too(watched: Watched) -> None:
    site = watched.site
    articles = ["/" + piece.path for piece in watched.world.published()[:40]]
    site.misbehaviours["/robots.txt"] = Misbehaviour("forbid-part")
    site.misbehaviours.update({path: Misbehaviour("forbidden") for path in articles})
    # Without ledger and reports nothing is there but what the archive says.
    root = watched.folder / "output" / "collections" / "c"
    (root / "state.sqlite").unlink()
    shutil.rmtree(root / "runs")
    code, found, _said = watched.crawl()
    alarms = {alarm["name"]: alarm for alarm in found["alarms"]}
    assert code == 7
    assert set(alarms) == {"robots", "blocked"}
    assert alarms["robots"]["pages"][0] == f"{site.url}robots.txt"
    assert all("/+-" in page for page in alarms["robots"]["pages"][1:])
    assert set(alarms["blocked"]["pages"]) <= {site.url.rstrip("/") + path for path in articles}


def test_a_new_layout_that_is_read_well_is_told_once(watched: Watched) -> None:
    world, port = watched.world, watched.site.port
    watched.site.site = type(watched.site.site)(world, "stock", f"http://127.0.0.1:{port}/")  # type: ignore[misc]
    code, found, _said = watched.crawl()
    assert code == 7
    assert "layout" in {alarm["name"] for alarm in found["alarms"]}
    assert [alarm for alarm in found["alarms"] if alarm["about"].startswith(("date", "title", "body"))] == []
    code, found, _said = watched.crawl()
    assert (code, found["alarms"]) == (0, [])
