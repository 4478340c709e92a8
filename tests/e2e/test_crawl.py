"""The real command against the embedded site: what a user types, what lies on disk afterwards."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import jsonschema
import pytest

from osiris_crawler.demo.check import compare
from osiris_crawler.demo.layouts import LAYOUTS
from osiris_crawler.demo.misbehave import Misbehaviour
from osiris_crawler.demo.server import serve
from osiris_crawler.demo.world import World
from osiris_crawler.ledger.ledger import Ledger
from tests.conftest import ROOT, Osiris, articles

FAST = ("--delay", "0", "--concurrency", "8")


def collection(folder: Path) -> Path:
    return folder / "output" / "collections" / "c"


def report(folder: Path) -> dict:  # type: ignore[type-arg]
    newest = max((collection(folder) / "runs").iterdir())
    found: dict = json.loads((newest / "report.json").read_text())  # type: ignore[type-arg]
    return found


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_dataset_is_what_was_planted(layout: str, osiris: Osiris, tmp_path: Path) -> None:
    world = World(articles=120)
    with serve(world, layout) as site:
        done = osiris("crawl", site.url, "-c", "c", *FAST)
        paths = Counter(path for _t, _method, path, _status in site.requests)
    assert done.returncode == 0, done.stderr
    checked = compare(world.truth(layout), collection(tmp_path) / "dataset" / "articles.jsonl")
    assert checked.good, checked.differences[:5]
    assert checked.planted == 120
    assert [path for path, times in paths.items() if times > 1] == []
    traps = (
        "login",
        "lang=",
        "var_mode",
        "recherche",
        "calendrier",
        "id_rubrique",
        "freres",
        "action=",
        "ecrire",
        "debut_articles=900",
    )
    assert [path for path in paths if any(trap in path for trap in traps)] == []
    schema = json.loads((collection(tmp_path) / "dataset" / "schema.json").read_text())
    for record in articles(tmp_path / "output", "c"):
        jsonschema.validate(record, schema)
    files = {path for path in paths if path.startswith("/IMG/")}
    assert {
        "/" + str(media["url"]) for piece in world.pieces.values() for media in (*piece.images, *piece.documents)
    } <= files


def test_a_second_crawl_of_an_unchanged_site_changes_nothing(osiris: Osiris, tmp_path: Path) -> None:
    world = World(articles=60)
    with serve(world, "current") as site:
        assert osiris("crawl", site.url, "-c", "c", *FAST).returncode == 0
        dataset = collection(tmp_path) / "dataset"
        before = {name: (dataset / name).read_bytes() for name in ("articles.jsonl", "changes.jsonl")}
        world.purge()
        site.changed()
        assert osiris("crawl", site.url, "-c", "c", *FAST).returncode == 0
        assert {name: (dataset / name).read_bytes() for name in before} == before
        assert any(status == 304 for _t, _method, path, status in site.requests if path.startswith("/IMG/"))
    assert osiris("rebuild", "-c", "c").returncode == 0
    assert {name: (dataset / name).read_bytes() for name in before} == before


def test_changes_between_crawls(osiris: Osiris, tmp_path: Path) -> None:
    world = World(articles=60)
    edited, gone = 31, 40
    with serve(world, "current") as site:
        assert osiris("crawl", site.url, "-c", "c", *FAST).returncode == 0
        added = world.add(2)
        world.edit(edited)
        world.withdraw(gone)
        site.changed()
        assert osiris("crawl", site.url, "-c", "c", *FAST).returncode == 0
        lines = [
            json.loads(line) for line in (collection(tmp_path) / "dataset" / "changes.jsonl").read_text().splitlines()
        ]
        second = [line for line in lines if line["run"] != lines[0]["run"]]
        assert sorted((line["event"], line["fields"] == ["body"]) for line in second) == [("added", False)] * len(
            added
        ) + [("changed", True)]
        assert osiris("crawl", site.url, "-c", "c", *FAST).returncode == 0
        world.restore(gone)
        world.turn_year()
        site.changed()
        assert osiris("crawl", site.url, "-c", "c", *FAST).returncode == 0
    lines = [json.loads(line) for line in (collection(tmp_path) / "dataset" / "changes.jsonl").read_text().splitlines()]
    events = Counter(line["event"] for line in lines)
    assert (events["added"], events["changed"], events["withdrawn"], events["restored"]) == (62, 1, 1, 1)
    moved = [line for line in lines if line["event"] == "moved"]
    assert moved
    assert all(line["id"] is None for line in moved)  # sections move, articles go with them
    by_url = {record["url"].rsplit("/", 1)[1]: record for record in articles(tmp_path / "output", "c")}
    assert by_url[world.pieces[edited].path]["version"] == 2
    assert by_url[world.pieces[gone].path]["withdrawn"] is None
    assert by_url[world.pieces[added[0]].path]["section"][1].startswith("Archives 1999-")
    before = (collection(tmp_path) / "dataset" / "articles.jsonl").read_bytes()
    assert osiris("rebuild", "-c", "c").returncode == 0
    assert (collection(tmp_path) / "dataset" / "articles.jsonl").read_bytes() == before


def test_kills_lose_nothing(osiris: Osiris, tmp_path: Path) -> None:
    world = World(articles=150)
    with serve(world, "current", delay=0.06) as site:
        command = [sys.executable, "-m", "osiris_crawler", "crawl", site.url, "-c", "c", *FAST, "--quiet"]
        for wait in (1.6, 2.2, 1.9):
            run = subprocess.Popen(command, cwd=tmp_path, env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"})
            time.sleep(wait)
            run.send_signal(signal.SIGKILL)
            assert run.wait() == -signal.SIGKILL  # it was not done yet
        site.delay = 0.0
        assert osiris("crawl", site.url, "-c", "c", *FAST).returncode == 0
        again = sum(
            times - 1
            for path, times in Counter(path for _t, _m, path, _s in site.requests).items()
            if path != "/robots.txt"
        )
    assert again <= 3 * 2 * 8
    assert compare(world.truth(), collection(tmp_path) / "dataset" / "articles.jsonl").good
    assert not list((collection(tmp_path) / "archive").glob("*.open"))


def test_ctrl_c_ends_in_good_order(osiris: Osiris, tmp_path: Path) -> None:
    with serve(World(articles=200), "current", delay=0.02) as site:
        command = [sys.executable, "-m", "osiris_crawler", "crawl", site.url, "-c", "c", *FAST]
        run = subprocess.Popen(
            command, cwd=tmp_path, env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}, stderr=subprocess.PIPE
        )
        time.sleep(3)
        run.send_signal(signal.SIGINT)
        assert run.wait(20) == 130
    assert (collection(tmp_path) / "dataset" / "articles.jsonl").exists()
    assert report(tmp_path)["exit"] == 130
    assert report(tmp_path)["requests"] > 20
    assert not list((collection(tmp_path) / "archive").glob("*.open"))


def test_budgets_stop_and_go_on(osiris: Osiris, tmp_path: Path) -> None:
    world = World(articles=50)
    with serve(world, "current") as site:
        assert osiris("crawl", site.url, "-c", "c", *FAST, "--max-requests", "40").returncode == 8
        assert len(site.requests) <= 48
        assert osiris("crawl", site.url, "-c", "c", *FAST, "--limit", "5").returncode == 8
        assert osiris("crawl", site.url, "-c", "c", *FAST).returncode == 0
    assert compare(world.truth(), collection(tmp_path) / "dataset" / "articles.jsonl").good


def test_a_section_and_a_span_of_days(osiris: Osiris, tmp_path: Path) -> None:
    world = World(articles=100)
    with serve(world, "current") as site:
        done = osiris("crawl", site.url, "-c", "c", *FAST, "--section", "Ressources", "--no-files")
        assert done.returncode == 0, done.stderr
        found = articles(tmp_path / "output", "c")
        assert found
        assert {record["section"][0] for record in found} == {"Ressources"}
        wrong = osiris("crawl", site.url, "-c", "d", *FAST, "--section", "Resources")
        assert wrong.returncode == 2
        assert "Ressources" in wrong.stderr
        assert osiris("crawl", site.url, "-c", "e", *FAST, "--since", "2010", "--until", "2012").returncode == 0
        days = [record["date"] for record in articles(tmp_path / "output", "e")]
        assert days
        assert all("2010-01-01" <= day <= "2012-12-31" for day in days)


def test_a_listing_that_shifts_while_it_is_read(osiris: Osiris, tmp_path: Path) -> None:
    world = World(articles=80)
    word = max(world.keywords(), key=lambda name: len(world.keywords()[name]))
    path = "/" + world.keyword_path(word)
    with serve(world, "2012") as site:
        original = site.count

        def count(target: str) -> int:
            if target == f"{path}?debut_articles=10" and not site.hits.get(target):
                world.pieces[world.add(1)[0]].tag = word
                site.changed()
            return original(target)

        site.count = count  # type: ignore[method-assign]
        assert osiris("crawl", site.url, "-c", "c", *FAST).returncode == 0
    assert compare(world.truth("2012"), collection(tmp_path) / "dataset" / "articles.jsonl").good


def test_misbehaving_pages(osiris: Osiris, tmp_path: Path) -> None:
    world = World(articles=60)
    paths = ["/" + piece.path for piece in world.published()[:12]]
    kinds = [
        "reset",
        "truncated",
        "truncated-chunk",
        "busy",
        "overload",
        "error",
        "bomb",
        "latin",
        "double",
        "huge-header",
        "portal",
        "empty",
    ]
    rules = {
        path: Misbehaviour(
            kind, times=2 if kind in ("reset", "truncated", "busy", "overload", "error") else 0, seconds=0.2
        )
        for path, kind in zip(paths, kinds, strict=True)
    }
    with serve(world, "current", misbehaviours=rules) as site:
        done = osiris("crawl", site.url, "-c", "c", *FAST)
    found = report(tmp_path)
    assert done.returncode == 3, done.stderr  # the truncated chunk never got better
    assert [failure["url"].rsplit("/", 1)[1] for failure in found["failures"]] == [paths[2].lstrip("/")]
    checked = compare(world.truth(), collection(tmp_path) / "dataset" / "articles.jsonl")
    missing = [line for line in checked.differences if "missing" in line]
    assert len(missing) == 4  # the truncated chunk, the bomb, the portal, the empty page
    with serve(world, "current", port=0):
        again = osiris("status", "-c", "c", "--json")
    assert len(json.loads(again.stdout)["gaps"]) == 1


def test_what_breaks_the_answers_reader_is_asked_for_no_more_than_other_failures(osiris: Osiris, tmp_path: Path) -> None:
    world = World(articles=40)
    path = "/" + world.published()[3].path
    with serve(world, "current", misbehaviours={path: Misbehaviour("endless-length")}) as site:
        done = osiris("crawl", site.url, "-c", "c", *FAST)
        asked = [target for _t, _method, target, _status in site.requests if target == path]
    assert done.returncode == 3, done.stderr
    assert 1 <= len(asked) <= 5
    assert [failure["url"].rsplit("/", 1)[1] for failure in report(tmp_path)["failures"]] == [path.lstrip("/")]
    assert osiris("verify", "-c", "c").returncode == 0


def test_endless_pagination_and_redirect_loops_end(osiris: Osiris, tmp_path: Path) -> None:
    world = World(articles=40)
    section = next(s for s in world.sections.values() if s.title == "Politique nationale")
    rules = {
        "/" + world.published()[3].path: Misbehaviour("redirect-self"),
        "/" + world.published()[4].path: Misbehaviour("loop"),
    }
    rules |= {
        f"/{section.path}{query}": Misbehaviour("endless")
        for query in ("", *(f"?debut_articles={n}" for n in range(10, 2000, 10)))
    }
    with serve(world, "current", misbehaviours=rules) as site:
        done = osiris("crawl", site.url, "-c", "c", *FAST)
        assert len(site.requests) < 400
    assert done.returncode in (0, 3)


@pytest.mark.parametrize("layout", ["current", "2012"])
def test_an_article_that_shows_the_home_page_is_none(layout: str, osiris: Osiris, tmp_path: Path) -> None:
    world = World(articles=40)
    gone = next("/" + article.path for article in world.published() if "+" not in article.path)
    with serve(world, layout, misbehaviours={gone: Misbehaviour("home")}) as site:
        assert osiris("crawl", site.url, "-c", "c", *FAST).returncode == 0
    ledger = Ledger(collection(tmp_path) / "state.sqlite", readonly=True)
    kinds = ledger.db.query(
        "SELECT kind FROM readings JOIN captures ON captures.id = capture WHERE url = ?", (site.url.rstrip("/") + gone,)
    ).fetchall()
    ledger.close()
    assert [row["kind"] for row in kinds] == ["soft404"]


def test_a_budget_is_kept_to_the_letter_with_many_at_once(osiris: Osiris, tmp_path: Path) -> None:
    with serve(World(articles=60), "current", delay=0.05) as site:
        for held in (5, 10):
            assert osiris("crawl", site.url, "-c", "c", *FAST, "--limit", "5").returncode == 8
            assert report(tmp_path)["dataset"]["articles"] == held
        for _run in range(2):
            before = len(site.requests)
            assert osiris("crawl", site.url, "-c", "c", *FAST, "--max-requests", "7").returncode == 8
            assert report(tmp_path)["requests"] == len(site.requests) - before == 7


def test_a_walk_that_is_done_already_is_told(osiris: Osiris, tmp_path: Path) -> None:
    with serve(World(articles=20), "current") as site:
        first, second = (osiris("crawl", site.url, "-c", "c", *FAST) for _run in range(2))
    assert "osiris update" not in first.stderr.partition("Dataset:")[0]
    assert "The last walk came to its end" in second.stderr


def test_a_run_that_was_killed_while_it_closed_does_not_walk_again(osiris: Osiris, tmp_path: Path) -> None:
    with serve(World(articles=20), "current") as site:
        assert osiris("crawl", site.url, "-c", "c", *FAST).returncode == 0
        whole = (collection(tmp_path) / "dataset" / "articles.jsonl").read_bytes()
        (folder,) = (collection(tmp_path) / "runs").iterdir()
        for name in ("report.json", "report.html"):
            (folder / name).unlink()
        ledger = sqlite3.connect(collection(tmp_path) / "state.sqlite")
        ledger.execute("UPDATE runs SET ended = NULL, exit = NULL, report = NULL")
        ledger.commit()
        ledger.close()
        before = len(site.requests)
        done = osiris("crawl", site.url, "-c", "c", *FAST)
        assert (done.returncode, len(site.requests) - before) == (0, 0), done.stderr
        assert "Going on with the unfinished crawl." in done.stderr
        assert (collection(tmp_path) / "dataset" / "articles.jsonl").read_bytes() == whole
        assert osiris("rebuild", "-c", "c").returncode == 0  # it knows no more how runs have ended
        assert osiris("crawl", site.url, "-c", "c", *FAST).returncode == 0
        assert len(site.requests) - before > 20  # a walk that was ended is walked again when it is asked for
