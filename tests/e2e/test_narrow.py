"""Crawls of some sections and some days: what is asked for, and what is said where nothing is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from html import escape
from pathlib import Path

import pytest

from osiris_crawler.demo.layouts import view
from osiris_crawler.demo.server import Running, serve
from osiris_crawler.demo.world import World
from tests.conftest import Osiris, articles

FAST = ("--delay", "0", "--concurrency", "8", "--no-files")
LAW = "Loi n° 2008-10 du 25 janvier 2008 sur les télécommunications"
UNLISTED = "Listed-by-the-plan-alone.html"


@pytest.fixture
def plain_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plan like that of many SPIP sites: sections of the root are headings without a link, articles have no dates."""

    def plan(page: view.Page, parent: int | None = None) -> str:
        shown = ""
        for section in (s for s in page.world.sections.values() if s.parent == parent):
            below = plan(page, section.id)
            link = f'<a href="{escape(section.path)}">{escape(section.title)}</a>'
            shown += f"<h2>{escape(section.title)}</h2>{below}" if parent is None else f"<li>{link}{below}</li>"
        if parent is None:
            listed = "".join(f'<li><a href="{p.path}">{escape(p.title)}</a></li>' for p in page.world.pieces.values())
            return f'{shown}<h2>Articles</h2><ul>{listed}<li><a href="{UNLISTED}">Un autre</a></li></ul>'
        return f"<ul>{shown}</ul>" if shown else ""

    monkeypatch.setattr(view, "tree", plan)


def paths(site: Running) -> list[str]:
    return [path for _t, _method, path, _status in site.requests]


def asked(site: Running, world: World) -> set[str]:
    """Paths of articles that were asked for."""
    return {f"/{piece.path}" for piece in world.pieces.values()} & set(paths(site))


@pytest.mark.usefixtures("plain_plan")
@pytest.mark.parametrize("name", ["Ressources", "RESSOURCES", "articles de presse"])
def test_sections_that_the_plan_hangs_nowhere_are_found_below_their_own(
    name: str, osiris: Osiris, tmp_path: Path
) -> None:
    world = World(articles=60)
    with serve(world, "stock") as site:
        done = osiris("crawl", site.url, "-c", "c", *FAST, "--section", name)
        fetched = asked(site, world)
    assert done.returncode == 0, done.stderr
    root = next(s for s in world.sections.values() if s.title.casefold() == name.casefold())
    assert fetched == {f"/{piece.path}" for piece in world.pieces.values() if root in above(world, piece.section)}
    assert fetched
    assert len(articles(tmp_path / "output", "c")) == len(fetched)


def above(world: World, section: int | None) -> Iterator[object]:
    while section is not None:
        yield world.sections[section]
        section = world.sections[section].parent


@pytest.mark.usefixtures("plain_plan")
@pytest.mark.parametrize("parted", [False, True])
def test_articles_of_unknown_days_wait_for_the_listings(parted: bool, osiris: Osiris, tmp_path: Path) -> None:
    world = World(articles=60)
    law = sorted(world.pieces.values(), key=lambda piece: piece.day)[30]
    law.title = LAW
    day = law.day.isoformat()
    with serve(world, "stock") as site:
        command = ("crawl", site.url, "-c", "c", *FAST, "--since", day, "--until", day)
        if parted:  # what waits is kept between runs
            assert osiris(*command, "--max-requests", "6").returncode == 8
        assert osiris(*command).returncode == 0
        fetched, order = asked(site, world), paths(site)
    assert f"/{law.path}" in fetched
    assert fetched == {f"/{piece.path}" for piece in world.pieces.values() if piece.day == law.day}
    listings = [i for i, path in enumerate(order) if any(path.startswith(f"/{s.path}") for s in world.sections.values())]
    assert order.index(f"/{UNLISTED}") > max(listings)  # no listing dates it: it is asked for at the end


def test_that_there_was_no_article_is_said(osiris: Osiris, tmp_path: Path) -> None:
    year = str(date.today().year + 50)
    with serve(World(articles=20), "current") as site:
        done = osiris("crawl", site.url, "-c", "c", *FAST, "--since", year)
        quiet = osiris("crawl", site.url, "-c", "d", *FAST, "--since", year, "--quiet")
    for run in (done, quiet):
        assert run.returncode == 0
        assert f"no article for --since {year}-01-01" in " ".join(run.stderr.split())


def test_a_name_that_is_not_there_makes_no_walk(osiris: Osiris, tmp_path: Path) -> None:
    with serve(World(articles=20), "current") as site:
        wrong = osiris("crawl", site.url, "-c", "c", *FAST, "--section", "Resources")
        told = osiris("crawl", site.url, "-c", "d", *FAST, "--section", "Resources", "--json")
    assert wrong.returncode == told.returncode == 2
    assert "Near ones: Ressources" in wrong.stderr
    assert "Another crawl" not in wrong.stderr
    assert json.loads(told.stdout)["forecast"] is None
