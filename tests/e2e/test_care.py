"""verify, mend and the mending that every run begins with, as a user meets them."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from osiris_crawler.archive import files
from osiris_crawler.paths import Collection
from osiris_crawler.settings import Settings
from tests.conftest import Osiris
from tests.museum import damage as d
from tests.museum.conftest import whole

__all__ = ["whole"]  # the fixture


@pytest.fixture
def here(whole: Path, tmp_path: Path) -> Iterator[Collection]:
    shutil.copytree(whole, tmp_path / "output")
    yield Collection(tmp_path / "output", "c")


def test_verify_tells_what_it_looked_at(here: Collection, osiris: Osiris) -> None:
    done = osiris("verify", "-c", "c")
    assert done.returncode == 0, done.stderr
    assert "Everything holds" in done.stderr
    table = [line.split() for line in done.stderr.splitlines()]
    members = next(line for line in table if line[:2] == ["Gzip", "members"])
    assert int(members[2]) == sum(1 for path in files.closed_files(here.archive) for _member in d.members(path))
    event = json.loads(here.events.read_text("utf-8").splitlines()[-1])
    assert (event["eventType"], event["eventOutcome"]) == ("fixity check", "success")
    assert event["eventOutcomeDetail"]["looked"]["members"] == int(members[2])


def test_verify_locates_ten_faults(here: Collection, osiris: Osiris) -> None:
    path = d.victim(here)
    spoiled = [record for record in d.records(path) if record.type in ("response", "request")][:14]
    data = bytearray(path.read_bytes())
    for record in spoiled:
        data[record.offset + record.length - 6] ^= 1
    path.write_bytes(data)
    done = osiris("verify", "-c", "c")
    assert done.returncode == 6
    assert done.stderr.count(f"{path.name}, byte") == 9  # and one of the file as a whole
    assert "and 5 more" in done.stderr or "more; --json names them" in done.stderr
    told = json.loads(osiris("verify", "-c", "c", "--json").stdout)
    assert told["whole"] is False
    damaged = [fault for fault in told["faults"] if fault["code"] == "damage"]
    assert [fault["offset"] for fault in damaged] == [record.offset for record in spoiled]
    assert all(fault["file"] == path.name and fault["step"] for fault in damaged)
    assert told["checks"]["members"]["faults"] == 14


def test_a_second_copy(here: Collection, osiris: Osiris, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(here.root, copy)
    assert osiris("verify", "-c", "c", "--against", str(copy)).returncode == 0
    names = [path.name for path in files.closed_files(here.archive)]
    d.flipped("body")(here)  # names[1] here
    with (copy / "archive" / names[2]).open("ab") as there:
        there.write(b"more")
    (copy / "archive" / names[3]).unlink()
    shutil.copy(copy / "archive" / names[0], copy / "archive" / "another.warc.gz")
    done = osiris("verify", "-c", "c", "--against", str(copy), "--json")
    told = json.loads(done.stdout)
    assert done.returncode == 6
    found = {fault["code"]: fault["file"] for fault in told["faults"] if fault["check"] == "copy"}
    assert found == {"copy-holds": names[1], "copy-differs": names[2], "copy-missing": names[3]}
    assert told["checks"]["copy"]["looked_at"] == len(names)
    assert told["notes"]["only-in-copy"] == 1
    shutil.copy(copy / "archive" / names[1], here.archive / names[1])
    assert osiris("verify", "-c", "c").returncode == 0
    assert "holds no WARC files" in osiris("verify", "-c", "c", "--against", str(tmp_path / "nowhere")).stderr


def test_verify_in_several_processes_finds_the_same(
    here: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    from osiris_crawler.verify import verifying

    d.flipped("crc")(here)
    alone = verifying.verify(here, None)
    monkeypatch.setattr(verifying, "_WORTH_WORKERS", 0)
    monkeypatch.setattr(verifying, "_STRETCH", 9000)
    for workers in (1, 3):
        shared = verifying.verify(here, None, workers=workers)
        assert shared.in_order() == alone.in_order()
        assert shared.looked == alone.looked


def test_a_read_only_collection_is_verified(
    here: Collection, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As root, who may write everywhere, nothing is read-only: the answer to the question is put in place."""
    from osiris_crawler.commands import verify

    before = sorted((path, path.stat().st_mtime_ns) for path in here.root.rglob("*"))
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)
    assert verify.run(Settings(output=here.output, collection="c"), 1, None) == 0
    assert "read-only" in capsys.readouterr().err
    assert sorted((path, path.stat().st_mtime_ns) for path in here.root.rglob("*")) == before


def test_mend_says_what_it_did(here: Collection, osiris: Osiris) -> None:
    name = d.left_open(0.7)(here)
    assert osiris("verify", "-c", "c").returncode == 6
    done = osiris("mend", "-c", "c")
    assert done.returncode == 0, done.stderr
    assert f"{name}.open ended in a torn record" in done.stderr
    assert "All of it holds now." in done.stderr
    again = osiris("mend", "-c", "c")
    assert (again.returncode, "There was nothing to mend." in again.stderr) == (0, True)
    assert osiris("verify", "-c", "c").returncode == 0


def test_mend_names_what_is_beyond_it(here: Collection, osiris: Osiris) -> None:
    name = d.flipped("body")(here)
    done = osiris("mend", "-c", "c", "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["whole"], told["done"]) == (6, False, [])
    assert {fault["file"] for fault in told["left"]} == {name}
    wrong = osiris("mend", "-c", "c", "--accept", "x.warc.gz")
    assert (wrong.returncode, wrong.stderr.count("\n")) == (2, 1)


def test_what_mending_leaves_is_not_for_mend(here: Collection, osiris: Osiris, whole: Path) -> None:
    """Index, ledger and dataset still have the damaged record: that follows from the damage, and mend has had its turn."""
    name = d.flipped("body")(here)
    left = json.loads(osiris("mend", "-c", "c", "--json").stdout)["left"]
    views = [fault for fault in left if fault["check"] in ("index", "ledger", "dataset")]
    assert {fault["check"] for fault in views} >= {"index", "ledger"}
    assert all("follows from the damage" in fault["step"] for fault in views)
    assert not any("“osiris mend”" in fault["step"] for fault in left)
    done = osiris("mend", "-c", "c")
    assert done.stderr.count("follows from the damage") == len(views)
    assert "“osiris mend”" not in done.stderr and f"{len(left)} faults are beyond mending" in done.stderr
    asked = json.loads(osiris("verify", "-c", "c", "--json").stdout)["faults"]
    assert any("“osiris mend” makes it anew" in fault["step"] for fault in asked)
    shutil.copy(Collection(whole, "c").archive / name, here.archive / name)
    assert osiris("verify", "-c", "c").returncode == 0


def test_there_must_be_a_collection(osiris: Osiris) -> None:
    for command in ("verify", "mend"):
        done = osiris(command, "-c", "nothing")
        assert done.returncode == 2
        assert "There is no collection" in done.stderr


def test_a_run_mends_at_its_start_and_says_so(osiris: Osiris, tmp_path: Path) -> None:
    from osiris_crawler.demo.server import serve
    from osiris_crawler.demo.world import World

    with serve(World(articles=24), "current") as site:
        command = ("crawl", site.url, "-c", "c", "--delay", "0", "--concurrency", "4")
        assert osiris(*command, "--max-requests", "30").returncode == 8
        here = Collection(tmp_path / "output", "c")
        name = d.left_open(0.8)(here)
        here.index.unlink(missing_ok=True)
        done = osiris(*command)
        assert done.returncode == 0, done.stderr
    assert f"{name}.open ended in a torn record" in done.stderr
    assert "The ledger knows more than the WARC files hold" in done.stderr
    assert osiris("verify", "-c", "c").returncode == 0
    before = here.articles.read_bytes()
    assert osiris("rebuild", "-c", "c").returncode == 0
    assert here.articles.read_bytes() == before


def test_a_run_does_not_go_on_over_a_file_that_has_lost_its_end(osiris: Osiris, tmp_path: Path) -> None:
    from osiris_crawler.demo.server import serve
    from osiris_crawler.demo.world import World

    with serve(World(articles=24), "current") as site:
        command = ("crawl", site.url, "-c", "c", "--delay", "0", "--concurrency", "4")
        assert osiris(*command).returncode == 0
        here = Collection(tmp_path / "output", "c")
        before = here.articles.read_bytes()
        path = files.closed_files(here.archive)[0]
        with path.open("r+b") as out:
            out.truncate(path.stat().st_size // 2)
        done = osiris(*command)
        assert (done.returncode, f"{path.name}" in done.stderr) == (6, True)
        assert "osiris mend" in done.stderr
        assert here.articles.read_bytes() == before
        mended = osiris("mend", "-c", "c")
        assert mended.returncode == 0, mended.stderr
        assert "had lost its end" in mended.stderr
        assert osiris(*command).returncode == 0
        assert len(here.articles.read_bytes().splitlines()) == 24


def test_nothing_is_rebuilt_without_a_file_that_is_gone(here: Collection, osiris: Osiris) -> None:
    name = d.gone(here)
    before = here.articles.read_bytes()
    done = osiris("rebuild", "-c", "c")
    assert (done.returncode, name in done.stderr, "--accept" in done.stderr) == (6, True, True)
    assert here.articles.read_bytes() == before
    assert osiris("mend", "-c", "c", "--accept", name, "--quiet").returncode in (0, 6)
    assert osiris("rebuild", "-c", "c").returncode == 0


def test_a_dataset_that_is_gone_is_told(here: Collection, osiris: Osiris) -> None:
    before = here.articles.read_bytes()
    here.articles.unlink()
    here.state.unlink()
    assert osiris("verify", "-c", "c").returncode == 6
    assert osiris("mend", "-c", "c").returncode == 0
    assert here.articles.read_bytes() == before
