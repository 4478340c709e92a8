"""osiris history: versions, events and word-level changes of a site that was edited between walks."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from osiris_crawler.care.history import FIELDS
from osiris_crawler.demo.server import serve
from osiris_crawler.demo.world import World
from osiris_crawler.paths import Collection
from osiris_crawler.record import keys
from tests.conftest import ROOT, Osiris

EDITED, GONE = 7, 11
WALKS = 4


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """OUTPUT of a collection `c` of four walks, and the addresses of an article edited twice and of one that came back."""
    folder = tmp_path_factory.mktemp("history")
    world = World(articles=14)
    edited, gone = world.pieces[EDITED], world.pieces[GONE]
    edited.title, edited.author = "L'eau : 3 000 foyers", None
    environment = {**os.environ, "OSIRIS_LANG": "en", "PYTHONPATH": str(ROOT)}
    with serve(world, "2012") as site:
        for walk in range(WALKS):
            command = [
                sys.executable,
                "-m",
                "osiris_crawler",
                "crawl",
                site.url,
                "-c",
                "c",
                "--delay",
                "0",
                "--no-files",
            ]
            subprocess.run([*command, "--quiet"], cwd=folder, env=environment, check=True)
            if walk == 0:
                edited.title = "L’eau\u00a0: 3\u202f000 foyers"
                world.edit(EDITED)
                world.withdraw(GONE)
            elif walk == 1:
                edited.blocks.insert(0, edited.blocks.pop())  # the correction moves to the top
                edited.title, edited.author = edited.title.replace("foyers", "écoles"), "Awa Diop"
            elif walk == 2:
                world.restore(GONE)
                world.edit(GONE)
            site.changed()
        return folder / "output", site.url + edited.path, site.url + gone.path


@pytest.fixture
def here(walked: tuple[Path, str, str], tmp_path: Path) -> Iterator[Collection]:
    """A copy to be changed, where the command is run."""
    shutil.copytree(walked[0], tmp_path / "output")
    yield Collection(tmp_path / "output", "c")


def told(osiris: Osiris, *arguments: str) -> dict[str, Any]:
    done = osiris("history", *arguments, "--json")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def line(collection: Collection, url: str) -> dict[str, Any]:
    articles = map(json.loads, collection.articles.read_text("utf-8").splitlines())
    return next(article for article in articles if article["url"] == url)


def test_versions_and_what_changed(walked: tuple[Path, str, str], here: Collection, osiris: Osiris) -> None:
    _output, url, _gone = walked
    found, article = told(osiris, url), line(here, url)
    first, second, third = found["versions"]
    assert (found["id"], found["ledger_agrees"], found["events"]) == (article["id"], True, [])
    assert [version["captures"] for version in found["versions"]] == [1, 1, WALKS - 2]
    assert (first["first"], third["first"], third["capture"]) == (
        article["first_seen"],
        article["last_changed"],
        article["capture"],
    )
    assert first["last"] == first["first"] < second["first"] < third["first"] < third["last"]
    assert [version["cause"] for version in found["versions"]] == ["site"] * 3
    assert (second["fields"], third["fields"]) == (["title", "body"], ["title", "body", "authors"])

    one, two = found["changes"]
    assert (one["from"], one["to"], two["from"], two["to"], one["at"]) == (1, 2, 2, 3, second["first"])
    # Of the title typography alone, of the body a paragraph.
    assert {part[0] for part in one["fields"]["title"]} == {"~", "="}
    correction = next(part[1].strip() for part in one["fields"]["body"] if part[0] == "+")
    assert correction.startswith("Correctif") and [part[0] for part in one["fields"]["body"]] == ["=", "+"]
    assert two["fields"]["authors"] == [["+", "Awa Diop"]]
    assert [part for part in two["fields"]["title"] if part[0] in "-+"] == [["-", "foyers"], ["+", "écoles"]]
    moved = [part for part in two["fields"]["body"] if part[0] in "<>"]
    assert [part[1].strip() for part in moved] == [correction, correction]
    for name, parts in two["fields"].items():
        new = "".join(part[-1] for part in parts if part[0] in "=+>~")
        assert new == ("\n\n".join(article[name]) if name == "authors" else article[name])

    # Two versions beside each other, and only a field of them.
    whole = told(osiris, article["id"], "--from", "1", "--field", "body")["changes"]
    assert [(change["from"], change["to"], list(change["fields"])) for change in whole] == [(1, 3, ["body"])]
    assert ["+", correction + "\n\n"] in whole[0]["fields"]["body"]
    assert told(osiris, article["id"], "--to", "2")["changes"] == [one]


def test_to_read_at_eighty_columns(walked: tuple[Path, str, str], here: Collection, osiris: Osiris) -> None:
    article = line(here, walked[1])
    done = osiris("history", article["id"], env={"COLUMNS": "80"})
    assert (done.returncode, done.stdout) == (0, "")
    printed = done.stderr.splitlines()
    assert max(map(len, printed)) <= 80 and not any(text != text.rstrip() for text in printed)
    assert "title: typography only, places: " in done.stderr and "authors: words gone: 0, new: 2" in done.stderr
    assert (
        "{+Correctif" in done.stderr
        and "(moved here: Correctif" in done.stderr
        and "[-foyers-] {+écoles+}" in done.stderr
    )
    # What is unchanged is folded.
    last = " ".join(article["body"].split("\n\n")[2].split())
    assert last[:60] not in " ".join(done.stderr.split())
    assert last[:60] in " ".join(osiris("history", article["id"], "--full").stderr.split())
    alone = osiris("history", article["id"], "--from", "2", "--field", "lead").stderr
    assert "From version 2 to 3" in alone and "Nothing differs" in alone and "version 1" not in alone


def test_events_stand_in_their_place_in_time(walked: tuple[Path, str, str], here: Collection, osiris: Osiris) -> None:
    found = told(osiris, walked[2])
    assert [event["event"] for event in found["events"]] == ["withdrawn", "restored"]
    assert (
        found["versions"][0]["last"]
        < found["events"][0]["at"]
        < found["events"][1]["at"]
        == found["versions"][1]["first"]
    )
    better = {"run": "r", "at": "2031-01-01T00:00:00Z", "event": "changed", "cause": "reader", "id": found["id"], "url": walked[2], "fields": ["le\x1b[2Jad"]}  # fmt: skip
    with here.changes.open("a") as out:
        out.write(json.dumps(better, separators=(",", ":")) + "\n")
    text = osiris("history", found["id"]).stderr
    places = [
        text.index(word) for word in ("version 1", "withdrawn", "restored", "version 2", "changed  reader: le [2Jad")
    ]
    assert places == sorted(places) and "\x1b" not in text
    here.changes.unlink()
    assert [version["cause"] for version in told(osiris, found["id"])["versions"]] == [None, None]


def test_without_a_ledger_the_archive_says_the_same(
    walked: tuple[Path, str, str], here: Collection, osiris: Osiris
) -> None:
    before = told(osiris, walked[1])
    for end in ("", "-wal", "-shm"):
        here.state.with_name(here.state.name + end).unlink(missing_ok=True)
    files = sorted(here.root.rglob("*"))
    assert told(osiris, walked[1]) == before and sorted(here.root.rglob("*")) == files


def test_restricted(walked: tuple[Path, str, str], here: Collection, osiris: Osiris) -> None:
    article = line(here, walked[1])
    here.restrictions.write_text(json.dumps({"id": article["id"], "reason": "Droit", "authority": "Tribunal"}) + "\n")
    found = told(osiris, article["id"])
    assert (found["versions"], found["changes"], found["events"]) == ([], [], [])
    assert (found["restricted"][0]["reason"], found["restricted"][0]["authority"]) == ("Droit", "Tribunal")
    text = osiris("history", article["id"]).stderr
    assert "is restricted" in text and article["title"] not in text and "Correctif" not in text
    text = osiris("history", article["id"], "--with-restricted").stderr
    assert "do not show it" in text and "Correctif" in text


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--from", "9"], "There is no version 9: the article has 3"), (["--from", "3", "--to", "2"], "does not come before"),
        (["--to", "1"], "There is no version 0"), (["--from", "3"], "does not come before"), (["--from", "0"], "0 is not in the range"),
        (["--field", "section"], "'section' is not one of"),
    ],
)  # fmt: skip
def test_what_can_not_be_compared(
    options: list[str], said: str, walked: tuple[Path, str, str], here: Collection, osiris: Osiris
) -> None:
    done = osiris("history", walked[1], *options)
    assert (done.returncode, done.stderr.count("\n"), said in done.stderr) == (2, 1, True), done.stderr


def test_fields_are_those_of_the_record() -> None:
    assert [name for name in keys() if name in FIELDS] == list(FIELDS)
