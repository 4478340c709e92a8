"""osiris rebuild --diff: what the present code would change, with nothing changed."""

from __future__ import annotations

import hashlib
import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from osiris_crawler.archive import files
from osiris_crawler.archive.exchange import IDS
from osiris_crawler.care import comparing
from osiris_crawler.paths import Collection
from tests.conftest import ROOT, Osiris
from tests.museum import damage as d
from tests.museum.conftest import whole

__all__ = ["whole"]  # the fixture


@pytest.fixture
def here(whole: Path, tmp_path: Path) -> Iterator[Collection]:
    shutil.copytree(whole, tmp_path / "output")
    yield Collection(tmp_path / "output", "c")


def sums(collection: Collection) -> dict[str, str]:
    """Every file of a collection but the lock, by its sum."""
    return {
        str(path.relative_to(collection.root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(collection.root.rglob("*"))
        if path.is_file() and path != collection.lock
    }


def alter(collection: Collection, number: int, change: Callable[[dict[str, Any]], None]) -> str:
    """Change a line of the dataset; gives the article's id."""
    lines = collection.articles.read_text("utf-8").splitlines()
    article = json.loads(lines[number])
    change(article)
    lines[number] = json.dumps(article, ensure_ascii=False, separators=(",", ":"))
    collection.articles.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return str(article["id"])


def test_nothing_would_change(here: Collection, osiris: Osiris) -> None:
    before = sums(here)
    done = osiris("rebuild", "-c", "c", "--diff")
    assert done.returncode == 0, done.stderr
    assert "Nothing would change: 24 articles compared." in done.stderr
    assert sums(here) == before
    assert not (here.root / "rebuild.diff").exists()


def test_exactly_what_differs_is_told_and_nothing_is_touched(here: Collection, osiris: Osiris) -> None:
    titled = alter(here, 3, lambda article: article.update(title="Autre chose"))
    bodied = alter(here, 7, lambda article: article.update(body=article["body"][:-20] + " et une fin."))
    tagged = alter(here, 9, lambda article: article.update(tags=[]))
    noted = alter(here, 11, lambda article: article.update(overline="Un surtitre.", version=7))
    lines = here.articles.read_text("utf-8").splitlines()
    lost = json.loads(lines[20])["id"]
    lines[20] = lines[20].replace(f'"id":"{lost}"', '"id":"invented"')
    here.articles.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    before = sums(here)

    told = json.loads(osiris("rebuild", "-c", "c", "--diff", "--json", "--quiet").stdout)
    assert (told["present"], told["articles"]) == (24, 24)
    assert told["changed"] == {titled: ["title"], bodied: ["body"], tagged: ["tags"], noted: ["overline"]}
    assert (told["added"], told["removed"]) == ([lost], ["invented"])
    counts = {
        name: (found["changed"], found["filled"], found["emptied"])
        for name, found in told["fields"].items()
        if any(found[kind] for kind in ("changed", "filled", "emptied"))
    }
    assert counts == {"title": (1, 0, 0), "body": (1, 0, 0), "tags": (0, 1, 0), "overline": (0, 0, 1)}
    (sample,) = told["fields"]["title"]["sample"]
    assert (sample["id"], sample["old"]) == (titled, "Autre chose")
    assert told["fields"]["body"]["sample"][0]["old"].endswith("et une fin.")

    done = osiris("rebuild", "-c", "c", "--diff")
    assert done.returncode == 0
    rows = [line.split() for line in done.stderr.splitlines()]
    assert ["title", "1"] in rows
    assert "  - Autre chose" in done.stderr
    assert f"1 article would be added: {lost}." in done.stderr
    assert "4 of 24 articles would change." in done.stderr
    assert "  - Autre chose" not in osiris("rebuild", "-c", "c", "--diff", "--sample", "0").stderr
    assert sums(here) == before


def test_ids_that_are_in_no_note_are_given_without_writing_them(here: Collection, osiris: Osiris) -> None:
    """A collection from which the files that hold the ids are gone."""
    shutil.rmtree(here.root / "indexes")
    here.state.unlink()
    for path in files.closed_files(here.archive):
        if any(record.uri == IDS for record in d.records(path)):
            path.unlink()
    here.manifest.unlink()
    before = sums(here)
    done = osiris("rebuild", "-c", "c", "--diff", "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["articles"] > 0) == (0, True), done.stderr
    assert len(told["removed"]) == 24 - told["articles"] + len(told["added"])
    assert sums(here) == before


def test_damage_has_its_own_exit(here: Collection, osiris: Osiris) -> None:
    d.flipped("body")(here)
    before = sums(here)
    done = osiris("rebuild", "-c", "c", "--diff")
    assert (done.returncode, "osiris verify" in done.stderr) == (6, True)
    name = d.gone(here)
    assert osiris("rebuild", "-c", "c", "--diff").returncode == 6
    del before[f"archive/{name}"]
    assert sums(here) == before


def test_what_it_needs_is_asked_for(here: Collection, osiris: Osiris) -> None:
    def refused(*arguments: str) -> str:
        done = osiris("rebuild", "-c", "c", *arguments)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
        return done.stderr

    assert "--diff" in refused("--sample", "3")
    d.left_open(0.7)(here)
    assert "osiris mend" in refused("--diff")
    here.articles.unlink()
    assert "no dataset" in refused("--diff")
    assert not (here.root / "rebuild.diff").exists()


@pytest.mark.parametrize("line", ["{", "[]", '{"id":1}', '"\\ud800'])
def test_a_dataset_that_cannot_be_read(line: str, here: Collection, osiris: Osiris) -> None:
    with here.articles.open("a", encoding="utf-8") as out:
        out.write(line + "\n")
    done = osiris("rebuild", "-c", "c", "--diff")
    assert (done.returncode, "Line 25 of articles.jsonl" in done.stderr, done.stderr.count("\n")) == (6, True, 1)
    assert not (here.root / "rebuild.diff").exists()


_STOPPED = """
import os, signal, sys
from osiris_crawler.care import comparing
from osiris_crawler.cli import main
def stop(*arguments, **named):
    assert (comparing.Path("output/collections/c/rebuild.diff/state.sqlite")).exists()
    os.kill(os.getpid(), int(sys.argv[1]))
comparing.renew = stop
main(["rebuild", "-c", "c", "--diff"])
"""


def test_an_interrupt_leaves_nothing_and_a_kill_is_cleared_up(here: Collection, osiris: Osiris, tmp_path: Path) -> None:
    before = sums(here)

    def stopped(how: signal.Signals) -> int:
        return subprocess.run(
            [sys.executable, "-c", _STOPPED, str(int(how))], cwd=tmp_path, env={"PYTHONPATH": str(ROOT), "OSIRIS_LANG": "en"},
            capture_output=True, timeout=100, check=False,
        ).returncode  # fmt: skip

    assert stopped(signal.SIGINT) == 130
    assert sums(here) == before
    assert stopped(signal.SIGKILL) == -signal.SIGKILL
    assert (here.root / "rebuild.diff" / "state.sqlite").exists()
    assert osiris("rebuild", "-c", "c", "--diff").returncode == 0
    assert sums(here) == before


def test_a_run_that_holds_the_collection_is_left_alone(here: Collection, osiris: Osiris) -> None:
    from osiris_crawler.care.keeping import locked

    with locked(here):
        assert osiris("rebuild", "-c", "c", "--diff").returncode == 4


def test_the_double_writes_to_its_own_folder_alone(here: Collection) -> None:
    aside = comparing.Aside(here.output, here.name, of=here, indexed=True)
    for path in (aside.articles, aside.changes, aside.schema, aside.state, aside.manifest, aside.events):
        assert path.is_relative_to(here.root / "rebuild.diff")
    assert (aside.archive, aside.index, aside.restrictions) == (here.archive, here.index, here.restrictions)
