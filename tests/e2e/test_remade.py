"""A walk that came to its end has come to it for whoever makes the ledger anew from the WARC files alone."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from osiris_crawler.care.holdings import gather
from osiris_crawler.demo import pages
from osiris_crawler.demo.misbehave import Misbehaviour
from osiris_crawler.demo.server import Running, serve
from osiris_crawler.demo.world import World
from osiris_crawler.ledger.ledger import Ledger
from osiris_crawler.paths import Collection
from tests.conftest import Osiris

FAST = ("-c", "c", "--delay", "0", "--concurrency", "8", "--json")
FORBIDDEN = "User-agent: *\nDisallow: /IMG/\n"


def run(osiris: Osiris, site: Running, *arguments: str, code: int = 0) -> dict[str, Any]:
    done = osiris(arguments[0], site.url, *arguments[1:], *FAST)
    assert done.returncode == code, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def addresses(collection: Collection) -> list[tuple[str, str, str | None]]:
    """What did not come to an answer: (address, status, problem)."""
    with sqlite3.connect(collection.state) as db:
        found = db.execute("SELECT url, status, problem FROM addresses WHERE status <> 'read' ORDER BY url").fetchall()
    db.close()
    return found


@pytest.fixture
def collection(tmp_path: Path) -> Collection:
    return Collection(tmp_path / "output", "c")


def test_what_robots_txt_refused_stays_refused(
    osiris: Osiris, collection: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "ROBOTS", FORBIDDEN)
    world = World(articles=40)
    with serve(world, "current") as site:
        run(osiris, site, "crawl")
        before = addresses(collection)
        assert {status for _url, status, _problem in before} == {"refused"}
        assert osiris("rebuild", "-c", "c").returncode == 0
        assert addresses(collection) == before
        facts = gather(collection)
        assert (facts["pending"], facts["unfinished"]) == (0, False)

        world.add(3)
        site.changed()
        collection.state.unlink()  # begun anew by the run itself
        report = run(osiris, site, "update", "--recheck", "0")
        assert (report["command"], report["update"]["new"]) == ("update", 3)
        assert not [path for *_time, path, _status in site.requests if path.startswith("/IMG/")]


def test_what_had_leave_is_asked_for(osiris: Osiris, collection: Collection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "ROBOTS", "User-agent: *\nDisallow: /squelettes/\n")
    with serve(World(articles=10), "current") as site:
        run(osiris, site, "crawl", "--permission", "of the editor", "--max-requests", "12", code=8)
        kept = addresses(collection)
        assert any("/squelettes/" in url for url, _status, _problem in kept)
        assert osiris("rebuild", "-c", "c").returncode == 0
        assert {status for _url, status, _problem in addresses(collection)} == {"pending"}


def test_what_a_run_left_out_or_got_no_answer_for_is_not_waited_for(osiris: Osiris, collection: Collection) -> None:
    world = World(articles=40)
    gone = "/" + world.published()[0].path
    with serve(world, "current") as site:
        site.misbehaviours[gone] = Misbehaviour("reset")
        run(osiris, site, "crawl", "--no-files", code=3)
        before = addresses(collection)
        assert [(url, status) for url, status, _problem in before] == [(site.url + gone[1:], "failed")]
        assert osiris("rebuild", "-c", "c").returncode == 0
        assert addresses(collection) == before


def test_files_that_are_left_do_not_keep_an_update_from_what_is_new(osiris: Osiris, collection: Collection) -> None:
    world = World(articles=40)
    with serve(world, "current") as site:
        run(osiris, site, "crawl")
        with sqlite3.connect(collection.state) as db:
            db.execute(
                "UPDATE addresses SET status = 'pending' WHERE id IN (SELECT id FROM addresses WHERE kind = 'file' LIMIT 2)"
            )
        db.close()
        assert gather(collection)["pending"] == 2
        world.add(3)
        site.changed()
        report = run(osiris, site, "update", "--recheck", "0")
        assert (report["command"], report["update"]["new"]) == ("update", 3)
        assert gather(collection)["pending"] == 0


def test_a_stopped_update_is_no_unfinished_walk_and_takes_nothing_away(osiris: Osiris, collection: Collection) -> None:
    world = World(articles=40)
    with serve(world, "current") as site:
        run(osiris, site, "crawl", "--no-files")
        run(osiris, site, "update", "--recheck", "all", "--max-requests", "3", "--no-files", code=8)
        told = osiris("audit", "--offline", "-c", "c", "--json")
        assert (told.returncode, json.loads(told.stdout)["missing"]) == (0, []), told.stderr
        for _again in range(2):
            facts = json.loads(osiris("status", "-c", "c", "--json").stdout)
            assert (facts["unfinished"], "update was stopped" in facts["next"]["why"]) == (False, facts["pending"] > 0)
            assert facts["next"]["command"].startswith("osiris update")
            assert osiris("rebuild", "-c", "c").returncode == 0
        assert run(osiris, site, "update", "--recheck", "0", "--no-files")["command"] == "update"


def test_how_runs_without_an_end_are_told(osiris: Osiris, collection: Collection, tmp_path: Path) -> None:
    with serve(World(articles=10), "current") as site:
        run(osiris, site, "crawl", "--no-files")
    warc = next(collection.archive.glob("*.warc.gz"))
    assert osiris("import", str(warc), "-c", "other").returncode == 0
    imported = json.loads(osiris("status", "-c", "other", "--json").stdout)
    assert {(told["outcome"], told["run"] == "import") for told in imported["runs"]} == {
        ("imported", False),
        ("noted", True),
    }
    assert "imported" in osiris("status", "-c", "other").stderr

    def outcomes() -> list[str | None]:
        return [told["outcome"] for told in gather(collection)["runs"]]

    with sqlite3.connect(collection.state) as db:
        db.execute(
            "INSERT INTO runs (run, crawl, command, started) VALUES ('x-update', 2, 'update', '2099-01-01T00:00:00Z')"
        )
        db.execute(
            "INSERT INTO runs (run, crawl, command, started) VALUES ('y-update', 3, 'update', '2099-01-02T00:00:00Z')"
        )
    db.close()
    (collection.runs / "x-update").mkdir()
    (collection.runs / "y-update").mkdir()
    assert outcomes() == ["broken_off", "broken_off", "done"]
    assert "was broken off" in osiris("status", "-c", "c").stderr
    with FileLock(collection.lock):
        assert outcomes() == ["goes_on", "broken_off", "done"]
        assert "has not ended" in osiris("status", "-c", "c").stderr
    shutil.rmtree(collection.runs)
    assert outcomes() == ["unknown", "unknown", "done"]


@pytest.mark.parametrize(
    "command",
    [
        ("export", "csv"),
        ("stats",),
        ("browse", "--no-browser"),
        ("audit", "--offline"),
        ("sample", "3"),
        ("rebuild", "--diff"),
    ],
)
def test_while_a_first_walk_is_on_the_dataset_is_to_come(
    command: tuple[str, ...], osiris: Osiris, collection: Collection
) -> None:
    with serve(World(articles=10), "current") as site:
        run(osiris, site, "crawl", "--no-files", "--max-requests", "5", code=8)
    collection.articles.unlink(missing_ok=True)
    told = osiris(*command, "-c", "c")
    assert (told.returncode, "“osiris rebuild” makes it" in told.stderr) == (2, True), told.stderr
    with FileLock(collection.lock):
        told = osiris(*command, "-c", "c")
    assert (told.returncode, "A run is at work" in told.stderr, "rebuild" in told.stderr) == (2, True, False), (
        told.stderr
    )


def test_what_a_rebuild_or_an_import_notes_after_an_update_makes_no_walk_of_it(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "state.sqlite")
    for run, crawl in (("crawl", 1), ("update", 2), ("rebuild", 2), ("import", 2)):
        ledger.begin_run(run, crawl, run, "2026-01-01T00:00:00Z")
    assert (ledger.last_walk(), ledger.is_update(1), ledger.is_update(2)) == (1, False, True)
    ledger.close()
