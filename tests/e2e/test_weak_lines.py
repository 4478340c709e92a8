"""Lines that break, portals that answer for the site, and runs that end in the middle of something."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from osiris_crawler.archive.reader import records
from osiris_crawler.demo.check import compare
from osiris_crawler.demo.misbehave import Misbehaviour
from osiris_crawler.demo.server import Running, serve
from osiris_crawler.demo.world import World
from osiris_crawler.ledger.ledger import Ledger
from tests.conftest import ROOT, Osiris

FAST = ("--delay", "0", "--concurrency", "4")
CUT = Misbehaviour("reset")


@pytest.fixture
def world() -> World:
    return World(articles=40)


@pytest.fixture
def site(world: World) -> Iterator[Running]:
    with serve(world, "current", delay=0.01) as running:
        yield running


def collection(folder: Path) -> Path:
    return folder / "output" / "collections" / "c"


def report(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((max((collection(folder) / "runs").iterdir()) / "report.json").read_text())
    return found


def dataset(folder: Path) -> dict[str, bytes]:
    return {name: (collection(folder) / "dataset" / name).read_bytes() for name in ("articles.jsonl", "changes.jsonl")}


def begin(site: Running, folder: Path, *more: str, requests: int = 50) -> subprocess.Popen[str]:
    """A crawl that has made so many requests."""
    command = [sys.executable, "-m", "osiris_crawler", "crawl", site.url, "-c", "c", *FAST, *more]
    run = subprocess.Popen(
        command, cwd=folder, stderr=subprocess.PIPE, text=True,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "OSIRIS_LANG": "en"},
    )  # fmt: skip
    while len(site.requests) < requests and run.poll() is None:
        time.sleep(0.02)
    return run


def attempts(folder: Path) -> int:
    """The most that any address has been charged."""
    ledger = Ledger(collection(folder) / "state.sqlite", readonly=True)
    found = int(ledger.db.value("SELECT max(attempts) FROM addresses"))
    ledger.close()
    return found


def test_a_cut_line_pauses_the_run_and_is_charged_to_nobody(
    world: World, site: Running, osiris: Osiris, tmp_path: Path
) -> None:
    run = begin(site, tmp_path)
    before, site.everywhere = len(site.requests), CUT
    while sum(path == "/robots.txt" for _t, _m, path, _s in site.requests[before:]) < 4 and run.poll() is None:
        time.sleep(0.02)
    asked = [path for _t, _method, path, _status in site.requests[before:] if path != "/robots.txt"]
    site.everywhere = None
    assert run.wait(60) == 0, run.communicate()[1]
    assert len(asked) <= 3 * 4 * 2  # a connection that was dropped while idle is tried anew
    found = report(tmp_path)
    assert found["failures"] == []
    assert found["paused_seconds"] > 0
    assert attempts(tmp_path) == 0
    assert compare(world.truth(), collection(tmp_path) / "dataset" / "articles.jsonl").good


def test_a_line_that_stays_down_ends_the_run_and_the_next_goes_on(
    world: World, site: Running, osiris: Osiris, tmp_path: Path
) -> None:
    run = begin(site, tmp_path, "--patience", "1s")
    site.everywhere = CUT
    assert run.wait(60) == 5
    assert "Nothing has answered for 1 s" in run.communicate()[1]
    assert osiris("crawl", site.url, "-c", "c", *FAST).returncode == 5  # not even robots.txt: said at once
    site.everywhere = None
    run = begin(site, tmp_path, "--max-time", "4s", requests=len(site.requests) + 20)
    site.everywhere = CUT
    assert run.wait(60) == 8
    assert "while nothing answered" in run.communicate()[1]
    site.everywhere = None
    run = begin(site, tmp_path, requests=len(site.requests) + 10)
    site.everywhere = CUT
    time.sleep(1)
    run.send_signal(signal.SIGTERM)
    assert run.wait(30) == 130
    site.everywhere = None
    assert osiris("crawl", site.url, "-c", "c", *FAST).returncode == 0
    assert attempts(tmp_path) == 0
    assert compare(world.truth(), collection(tmp_path) / "dataset" / "articles.jsonl").good


def test_addresses_that_always_break_off_do_not_pause_a_run(
    world: World, site: Running, osiris: Osiris, tmp_path: Path
) -> None:
    bad = ["/" + piece.path for piece in world.published()[:6]]
    site.misbehaviours = dict.fromkeys(bad, CUT)
    assert osiris("crawl", site.url, "-c", "c", *FAST).returncode == 3
    found = report(tmp_path)
    assert sorted("/" + failure["url"].rsplit("/", 1)[1] for failure in found["failures"]) == sorted(bad)
    assert found["paused_seconds"] == 0


@pytest.mark.parametrize("kind", ["portal", "block", "away"])
def test_what_answers_for_the_site_counts_for_nothing(
    kind: str, world: World, site: Running, osiris: Osiris, tmp_path: Path
) -> None:
    run = begin(site, tmp_path, requests=70)
    site.everywhere = Misbehaviour(kind)
    assert run.wait(60) == 5
    assert "stands between us and the site" in run.communicate()[1]
    site.everywhere = None
    assert osiris("crawl", site.url, "-c", "c", *FAST).returncode == 0
    whole = dataset(tmp_path)
    assert compare(world.truth(), collection(tmp_path) / "dataset" / "articles.jsonl").good

    before, site.everywhere = len(site.requests), Misbehaviour(kind)
    for command in ("update", "crawl"):
        assert osiris(command, site.url, "-c", "c", *FAST).returncode == 5
    assert len(site.requests) - before < before  # what was under way while a busy machine read the first, not two walks
    assert dataset(tmp_path) == whole
    assert osiris("rebuild", "-c", "c").returncode == 0
    assert dataset(tmp_path) == whole
    site.everywhere = None
    assert osiris("crawl", site.url, "-c", "c", *FAST).returncode == 0
    assert dataset(tmp_path) == whole
    assert osiris("verify", "-c", "c").returncode == 0


class _Portal(dict[str, Misbehaviour]):
    """Answers for every page but the home page, which never comes."""

    def get(self, target: str, default: Any = None) -> Any:
        return Misbehaviour("silence", seconds=300) if target == "/" else Misbehaviour("block")


def test_what_was_in_doubt_when_a_run_was_killed_counts_for_nothing(
    world: World, site: Running, osiris: Osiris, tmp_path: Path
) -> None:
    run = begin(site, tmp_path, requests=60)
    before, asked = len(site.requests), site.hits["/"]
    site.misbehaviours = _Portal()
    while site.hits["/"] == asked and run.poll() is None:  # the home page is to tell what the others are
        time.sleep(0.02)
    run.kill()
    assert run.wait(30) == -signal.SIGKILL
    false = {path for _t, _method, path, _status in site.requests[before:] if path not in ("/", "/robots.txt")}
    assert len(false) >= 3
    site.misbehaviours = {}
    asked_before = len(site.requests)
    assert osiris("crawl", site.url, "-c", "c", *FAST).returncode == 0
    again = {path for _t, _method, path, _status in site.requests[asked_before:]}
    whole = dataset(tmp_path)
    assert compare(world.truth(), collection(tmp_path) / "dataset" / "articles.jsonl").good
    assert b"Pare-feu" not in whole["articles.jsonl"] and b'"changed"' not in whole["changes.jsonl"]
    assert false <= again
    assert osiris("rebuild", "-c", "c").returncode == 0
    assert dataset(tmp_path) == whole
    assert osiris("verify", "-c", "c").returncode == 0


def test_a_large_file_is_cut_off_when_a_person_ends_the_run(world: World, osiris: Osiris, tmp_path: Path) -> None:
    file = "/" + str(next(piece.documents[0] for piece in world.published() if piece.documents)["url"])
    with serve(world, "current", misbehaviours={file: Misbehaviour("drip", seconds=50_000)}) as site:
        run = begin(site, tmp_path, requests=1)
        while not site.hits.get(file) and run.poll() is None:
            time.sleep(0.05)
        time.sleep(1)
        run.send_signal(signal.SIGINT)
        assert run.wait(60) == 130  # the file would take ten minutes
        site.misbehaviours = {}
        kept = [
            (record.headers.get("WARC-Truncated"), len(record.block))
            for path in (collection(tmp_path) / "archive").glob("*.warc.gz")
            for record in records(path)
            if record.type == "response" and record.uri.endswith(file)
        ]
        assert [truncated for truncated, _size in kept] == ["time"]
        assert kept[0][1] > 50_000
        assert attempts(tmp_path) == 0
        assert osiris("crawl", site.url, "-c", "c", *FAST).returncode == 0
    assert compare(world.truth(), collection(tmp_path) / "dataset" / "articles.jsonl").good


def test_budgets_of_bytes_and_room_and_the_log_for_programs(site: Running, osiris: Osiris, tmp_path: Path) -> None:
    done = osiris("crawl", site.url, "-c", "c", *FAST, "--min-free", "900TB")
    assert done.returncode == 1
    assert "Make room" in done.stderr
    assert site.requests == []
    done = osiris("crawl", site.url, "-c", "c", *FAST, "--max-bytes", "100kB", "--log-json")
    assert done.returncode == 8
    assert 100_000 <= report(tmp_path)["bytes"] < 300_000
    name = report(tmp_path)["run"]
    log = [json.loads(line) for line in (collection(tmp_path) / "runs" / name / "crawl.jsonl").read_text().splitlines()]
    assert {"time", "level", "logger", "run", "message"} <= set(log[0])
    assert {entry["run"] for entry in log} == {name}
    assert any("budget of 100.0 KB used up" in entry["message"] for entry in log)
