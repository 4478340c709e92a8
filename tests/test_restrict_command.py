"""osiris restrict: what is hidden leaves the dataset, comes back byte for byte, and the archive is untouched by it."""

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

from osiris_crawler.archive import fixity
from osiris_crawler.archive.surt import surt
from osiris_crawler.care import restricting, restrictions
from osiris_crawler.care.keeping import locked
from osiris_crawler.care.rebuilding import rebuild, site_of
from osiris_crawler.care.restricting import Subject
from osiris_crawler.cli import main
from osiris_crawler.demo.server import serve
from osiris_crawler.demo.world import World
from osiris_crawler.export.report.veil import Veil
from osiris_crawler.ledger.ledger import Ledger
from osiris_crawler.paths import Collection
from osiris_crawler.replay import blocking
from tests.conftest import ROOT, Osiris

EDITED, FIRST = 7, 9
WHY = ("--reason", "Droit à l’oubli", "--authority", "Tribunal de Dakar, 2026/17")


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """OUTPUT of a collection `c` of two walks, an edit between them; one article is printed three times."""
    folder = tmp_path_factory.mktemp("restrict")
    world = World(articles=16)
    first = world.pieces[FIRST]
    for later in (1, 2):
        world._reprint(first.day + later * (world.today - first.day) / 3, first)
    environment = {**os.environ, "OSIRIS_LANG": "en", "PYTHONPATH": str(ROOT)}
    with serve(world, "2012") as site:
        for _walk in range(2):
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
            world.edit(EDITED)
            site.changed()
    return folder / "output"


@pytest.fixture
def here(crawled: Path, tmp_path: Path) -> Iterator[Collection]:
    """A copy to be changed, where the command is run."""
    shutil.copytree(crawled, tmp_path / "output")
    yield Collection(tmp_path / "output", "c")


def lines(collection: Collection) -> list[dict[str, Any]]:
    return [json.loads(line) for line in collection.articles.read_text("utf-8").splitlines()]


def events(collection: Collection) -> list[dict[str, Any]]:
    """Events of the kind, as events.jsonl has them."""
    told = [json.loads(line) for line in collection.events.read_text("utf-8").splitlines()]
    return [event for event in told if event["eventType"] == "restriction"]


def dataset(collection: Collection) -> tuple[bytes, bytes]:
    return collection.articles.read_bytes(), collection.changes.read_bytes()


def archive(collection: Collection) -> dict[str, str]:
    return {path.name: fixity.sha256(path) for path in collection.archive.iterdir()}


def edited(collection: Collection) -> dict[str, Any]:
    return next(article for article in lines(collection) if article["version"] == 2)


def test_what_is_hidden_leaves_the_dataset_and_comes_back_byte_for_byte(here: Collection, osiris: Osiris) -> None:
    before, warcs, article = dataset(here), archive(here), edited(here)
    id = article["id"]
    here.exports.mkdir()
    (here.exports / "c.jsonl").write_bytes(before[0])
    done = osiris("restrict", article["url"], *WHY, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["id"], told["exports"]) == (id, ["c.jsonl"])
    hidden = dataset(here)
    name = json.dumps(id, ensure_ascii=False).encode()
    assert name in before[0] and name in before[1] and name not in hidden[0] and name not in hidden[1]
    assert told["dataset"] == {"articles": before[0].count(b"\n") - 1, "changes": hidden[1].count(b"\n")}
    # Nothing else is other than it was.
    assert set(hidden[0].splitlines()) == {line for line in before[0].splitlines() if b'"id":' + name not in line}
    assert archive(here) == warcs
    written = [json.loads(line) for line in here.restrictions.read_text("utf-8").splitlines()]
    terms = {"scope": "all", "reason": WHY[1], "authority": WHY[3], "until": None}
    assert written == [{"id": id, **terms}, {"url": article["url"], **terms}]
    [event] = events(here)
    assert (event["eventDetail"], event["linkingObjects"]) == ("restrict", [id, article["url"]])
    assert event["eventOutcomeDetail"] == terms

    # The same once more does nothing; a rebuild, a comparison and an audit go by it, and verify has no fault to tell.
    again = json.loads(osiris("restrict", id, *WHY, "--json").stdout)
    assert (again["added"], again["dataset"], again["exports"]) == ([], None, ["c.jsonl"])
    assert len(events(here)) == 1
    with locked(here):
        rebuild(here, site_of(here))
    assert dataset(here) == hidden and archive(here) == warcs
    told = json.loads(osiris("rebuild", "--diff", "--json", "--quiet").stdout)
    assert (told["changed"], told["added"], told["removed"]) == ({}, [], [])
    done = osiris("verify", "--json", "--quiet")
    assert done.returncode == 0, done.stdout
    audit = osiris("audit", "--offline", "--json", "--quiet")
    told = json.loads(audit.stdout)
    assert audit.returncode == 0 and told["restricted"] == 1 and told["missing"] == []
    assert told["contradictions"] == []

    told = json.loads(osiris("restrict", id, "--lift", "--json").stdout)
    assert told["removed"] == written and here.restrictions.read_bytes() == b""
    assert dataset(here) == before and archive(here) == warcs
    assert [event["eventDetail"] for event in events(here)] == ["restrict", "lift"]
    assert events(here)[1]["eventOutcomeDetail"] == {"lines": written}
    assert "not restricted" in osiris("restrict", id, "--lift").stderr and len(events(here)) == 2


def test_show_and_history_find_it_for_who_may_see_it(here: Collection, osiris: Osiris) -> None:
    article = edited(here)
    id = article["id"]
    shown = json.loads(osiris("show", id, "--json").stdout)
    told = json.loads(osiris("history", id, "--json").stdout)
    assert osiris("restrict", id, *WHY).returncode == 0
    for wanted in (id, id[:8]):
        done = osiris("show", wanted, "--json")
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        assert found["article"] is None and len(found["restricted"]) == 1, wanted
        assert found["restricted"][0]["authority"] == WHY[3]
    found = json.loads(osiris("show", id, "--with-restricted", "--json").stdout)
    restricted = found.pop("restricted")
    assert len(restricted) == 1 and shown.pop("restricted") == []
    assert found == shown and len(found["events"]) == 2
    found = json.loads(osiris("history", id, "--with-restricted", "--json").stdout)
    assert found["restricted"] == restricted and len(found["versions"]) == 2
    assert {**found, "restricted": []} == told
    done = osiris("show", "nothing-of-the-kind")
    assert done.returncode == 2 and id not in done.stderr


def test_reprints_point_to_the_first_that_is_shown(here: Collection, osiris: Osiris) -> None:
    copies = [article for article in lines(here) if article["duplicate_of"] is not None]
    assert len(copies) == 2
    root, second, third = copies[0]["duplicate_of"], copies[0]["id"], copies[1]["id"]
    assert osiris("restrict", root, *WHY, "--scope", "dataset", "--scope", "search").returncode == 0
    found = {article["id"]: article["duplicate_of"] for article in lines(here)}
    assert root not in found and (found[second], found[third]) == (None, second)
    written = json.loads(here.restrictions.read_text("utf-8").splitlines()[0])
    assert (written["id"], written["scope"]) == (root, ["dataset", "search"])


def test_ids_of_hidden_articles_are_given_all_the_same(here: Collection) -> None:
    """A restriction by an address, written before any dataset is: the id is minted, and is no other's later."""
    whole, ids = dataset(here), {article["id"] for article in lines(here)}
    article = edited(here)
    here.restrictions.write_text(json.dumps({"url": article["url"].replace("http://", "https://")}) + "\n")
    with locked(here):
        rebuild(here, site_of(here))
    assert {one["id"] for one in lines(here)} == ids - {article["id"]}
    ledger = Ledger(here.state, create=False, readonly=True)
    assert article["id"] in {id for id, _key, _number in ledger.minted()}
    ledger.close()
    here.restrictions.unlink()
    with locked(here):
        rebuild(here, site_of(here))
    assert dataset(here) == whole


def test_other_scopes_leave_the_dataset_and_an_end_is_a_day_to_come(here: Collection, osiris: Osiris) -> None:
    before, id = dataset(here), edited(here)["id"]
    done = osiris("restrict", id, *WHY, "--scope", "replay", "--until", "2099-12-31", "--json")
    told = json.loads(done.stdout)
    assert told["dataset"] is None and told["exports"] == [] and dataset(here) == before
    assert [(line["scope"], line["until"]) for line in told["added"]] == [(["replay"], "2099-12-31")] * 2
    listed = json.loads(osiris("restrict", "--list", "--json").stdout)["restrictions"]
    assert [(one["id"], one["in_force"]) for one in listed] == [(id, True), (None, True)]
    done = osiris("restrict", "--list")
    assert done.returncode == 0 and done.stderr.count("2026/17") == done.stderr.count("replay") == 2
    # A file that the operator wrote to the dataset's loss is brought in line by the next restriction of anything.
    here.restrictions.write_text(json.dumps({"id": id}) + "\n")
    assert osiris("restrict", "https://elsewhere.example/file.pdf", *WHY, "--scope", "replay").returncode == 0
    assert id not in {article["id"] for article in lines(here)}


def test_other_lines_stay_byte_for_byte(tmp_path: Path) -> None:
    collection = Collection(tmp_path, "c")
    collection.create()
    kept = [
        b'{"url" :  "https://x.example/a" , "note": "\xc3\xa9"}\r\n',
        b"\n",
        b'{"id": 12}\n',
        b'{"id":"z","scope":["search"]}',
    ]
    collection.restrictions.write_bytes(b"".join(kept))
    subject = Subject("a", ("http://t.example/a.html",))
    terms: dict[str, Any] = {"scope": ["search", "dataset"], "reason": "r", "authority": "a", "until": None}
    done = restricting.restrict(collection, subject, **terms)
    assert len(done.lines) == 2 and done.scopes == {"search", "dataset"}
    assert collection.restrictions.read_bytes().startswith(
        b"".join(kept) + b'\n{"id": "a", "scope": ["dataset", "search"]'
    )
    assert restricting.restrict(collection, subject, **terms).lines == []
    assert len(restrictions.read(collection.restrictions)) == 5
    # Lines that name its address in another way are its lines.
    with collection.restrictions.open("ab") as out:
        out.write(b'{"url":"https://www.t.example/a.html","reason":"older"}\n{"id":"b"}')
    done = restricting.lift(collection, subject)
    assert [line.get("reason") for line in done.lines] == ["r", "r", "older"] and done.scopes == set(
        restrictions.SCOPES
    )
    assert collection.restrictions.read_bytes() == b"".join(kept) + b'\n{"id":"b"}'
    assert restricting.lift(collection, subject).lines == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("ID",), "--reason"),
        (("ID", "--reason", "x"), "--authority"),
        (("ID", "--reason", " \n", "--authority", "a"), "--reason"),
        (("ID", *WHY, "--until", "2020-01-01"), "2020-01-01"),
        (("ID", *WHY, "--until", "demain"), "demain"),
        (("ID", *WHY, "--scope", "everywhere"), "everywhere"),
        (("ID", *WHY, "--lift"), "--lift"),
        (("ID", "--list"), "--list"),
        ((), "--list"),
        (("no-article-of-it", *WHY), "no-article-of-it"),
        (("no-article-of-it", "--lift"), "no-article-of-it"),
    ],
)
def test_bad_input_gets_one_line_and_changes_nothing(
    arguments: tuple[str, ...], told: str, crawled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    collection = Collection(crawled, "c")
    id = edited(collection)["id"]
    with pytest.raises(SystemExit) as left:
        main(["restrict", *(id if word == "ID" else word for word in arguments), "-o", str(crawled)])
    said = capsys.readouterr()
    assert (left.value.code, said.out) == (2, "") and told in said.err
    assert len(said.err.strip().splitlines()) == 1 and not collection.restrictions.exists()


def test_a_file_that_cannot_be_read_stops_it(here: Collection, osiris: Osiris) -> None:
    here.restrictions.write_text("{nonsense\n")
    before = dataset(here)
    for arguments in ((edited(here)["id"], *WHY), (edited(here)["id"], "--lift"), ("--list",)):
        done = osiris("restrict", *arguments)
        assert done.returncode == 2 and "Line 1 of" in done.stderr, arguments
    assert here.restrictions.read_text() == "{nonsense\n" and dataset(here) == before
    with locked(here):
        done = osiris("restrict", edited(here)["id"], *WHY)
    assert done.returncode == 4


def test_replay_blocks_every_address_of_what_the_dataset_leaves_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    collection = Collection(tmp_path, "c")
    collection.create()
    collection.articles.write_text("")
    told = ["http://t.example/article1.html", "http://t.example/Un-titre.html"]
    collection.restrictions.write_text(json.dumps({"url": told[0]}) + "\n")
    monkeypatch.setattr(blocking, "_ledger", lambda _collection: iter([{"id": "1", "url": told[1], "urls": told}]))
    assert blocking.blocked(collection) == {surt(url) for url in told}


def test_a_report_knows_the_addresses_of_what_the_dataset_leaves_out(here: Collection) -> None:
    """From the ledger: a line by an id alone, written by hand, names none."""
    article = edited(here)
    here.restrictions.write_text(json.dumps({"id": article["id"]}) + "\n")
    with locked(here):
        rebuild(here, site_of(here))
    veil = Veil(here)
    veil.learn(lines(here), [])
    other = lines(here)[0]["url"]
    assert veil.is_named_in(f'<a href="{article["url"]}">') and not veil.is_named_in(f'<a href="{other}">')
    assert veil.event(None, article["url"])
