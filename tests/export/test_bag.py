"""osiris export bagit: the collection as a bag, which the Library of Congress's bagit reads and finds valid."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import bagit
import pytest

from osiris_crawler.archive import fixity
from osiris_crawler.care.keeping import locked
from osiris_crawler.errors import CollectionLocked, IntegrityError, OsirisError, UsageError
from osiris_crawler.export import bag
from osiris_crawler.export.choosing import Choice
from osiris_crawler.export.formats import FORMATS, check_options
from osiris_crawler.export.release.terms import Terms
from tests.export.datasets import Dataset, Made
from tests.peers.conftest import Crawled


@pytest.fixture
def made(dataset: Dataset) -> Made:
    """A collection with all that a bag takes in, and all that it leaves."""
    made = dataset()
    made.close(a=b"a" * 3_000_000, b=b"b")
    run = made.collection.runs / "20260101000000" / "pages"
    run.mkdir(parents=True)
    for path in (
        made.collection.changes, made.collection.schema, made.collection.index, made.collection.events, made.collection.restrictions,
        run.parent / "report.json", run / "a é.html",
        # and what stays out
        made.collection.state, made.collection.root / "osiris.toml", made.collection.archive / "a.warc.gz.tail-1",
        run / ".report.json.1.part", made.collection.dataset / ".articles.jsonl.1.part",
    ):  # fmt: skip
        path.write_bytes(b"")
    made.collection.exports.mkdir()
    (made.collection.exports / "c.wacz").write_bytes(b"x")
    (run / "link").symlink_to("/etc/hostname")
    return made


def opened(folder: Path) -> bagit.Bag:
    return bagit.Bag(str(folder))


def test_others_find_it_valid_and_whole(made: Made) -> None:
    written = made.export("bagit", "x", title="Presse", description="Tout,\nou presque.", created=datetime(2026, 2, 3, tzinfo=UTC))
    found = opened(made.folder / "x")
    assert found.validate()
    assert (found.version, sorted(found.algorithms)) == ("1.0", ["sha256", "sha512"])
    payload = {path.removeprefix("data/") for path in found.payload_entries()}
    assert payload == {
        "archive/a.warc.gz", "archive/b.warc.gz", "dataset/articles.jsonl", "dataset/changes.jsonl", "dataset/schema.json",
        "events.jsonl", "indexes/index.cdxj", "manifest-sha256.txt", "restrictions.jsonl", "runs/20260101000000/report.json",
        "runs/20260101000000/pages/a é.html",
    }  # fmt: skip
    for path in payload:
        assert (made.folder / "x" / "data" / path).read_bytes() == (made.collection.root / path).read_bytes()
    size = sum((made.collection.root / path).stat().st_size for path in payload)
    assert found.info == {
        "Bag-Software-Agent": found.info["Bag-Software-Agent"], "Bagging-Date": "2026-02-03", "Payload-Oxum": f"{size}.{len(payload)}",
        "External-Identifier": "c", "External-Description": "Presse – Tout, ou presque.",
    }  # fmt: skip
    assert written.counts == {"files": len(payload), "warc_files": 2}
    assert written.bytes == sum(path.stat().st_size for path in (made.folder / "x").rglob("*") if path.is_file())
    assert {"bagit.txt", "bag-info.txt", "export.json", "manifest-sha512.txt"} <= set(found.tagfile_entries())


def test_it_says_who_hands_it_on(made: Made) -> None:
    terms = Terms.of(with_text=False, basis=None, license=None, creators=["Observatoire\nX", "Diop, Awa"], doi=None)
    for contact, name in (("a@example.org", "Contact-Email"), ("https://example.org/we", "Contact-Name")):
        made.export("bagit", "x", terms=terms, contact=contact)
        found = opened(made.folder / "x")
        assert found.validate()
        assert (found.info["Source-Organization"], found.info[name]) == (["Observatoire X", "Diop, Awa"], contact)


def test_the_same_collection_gives_the_same_bag(made: Made) -> None:
    created = datetime(2026, 2, 3, tzinfo=UTC)
    sums = []
    for name in ("x", "y", "x"):  # the third replaces the first
        made.export("bagit", name, created=created)
        sums.append({path.name: path.read_bytes() for path in (made.folder / name).glob("*.txt")})
    assert sums[0] == sums[1] == sums[2]
    assert len(sums[0]) == 6
    (made.folder / "mine").mkdir()
    with pytest.raises(UsageError, match="is there already"):
        made.export("bagit", "mine")


def test_a_percent_sign_is_written_as_rfc_8493_wants_it(made: Made) -> None:
    """The bagit library reads “%25” as it stands (LibraryOfCongress/bagit-python#157); no name of ours has a “%”."""
    (made.collection.runs / "a%0Ab").write_bytes(b"")
    made.export("bagit", "x")
    assert "  data/runs/a%250Ab\n" in (made.folder / "x" / "manifest-sha512.txt").read_text("utf-8")


def test_damage_after_it_was_written_is_found_by_others(made: Made) -> None:
    made.export("bagit", "x")
    for path in ("data/dataset/articles.jsonl", "export.json"):
        whole = (made.folder / "x" / path).read_bytes()
        (made.folder / "x" / path).write_bytes(whole[:-1] + b"x")
        with pytest.raises(bagit.BagValidationError):
            opened(made.folder / "x").validate()
        (made.folder / "x" / path).write_bytes(whole)
    assert opened(made.folder / "x").validate()


@pytest.mark.parametrize("scope", ["dataset", "exports", "replay", "all"])
def test_restrictions_stop_it_unless_it_is_for_keeping_and_then_it_says_so(scope: str, made: Made) -> None:
    made.restrict({"id": "1", "scope": scope}, {"id": "3", "scope": "search"})
    with pytest.raises(UsageError, match=r"\(\d: 1.*--with-restricted"):
        made.export("bagit", "x")
    assert not (made.folder / "x").exists()
    made.export("bagit", "x", with_restricted=True)
    assert opened(made.folder / "x").info["Access-Restrictions"].startswith("1 in force, listed in data/restrictions.jsonl")
    assert json.loads((made.folder / "x" / "export.json").read_text())["restrictions"] == 1


def test_a_restriction_of_search_alone_does_not(made: Made) -> None:
    made.restrict({"id": "3", "scope": "search"})
    made.export("bagit", "x")
    assert "Access-Restrictions" not in opened(made.folder / "x").info


def test_a_warc_file_that_is_not_the_one_that_was_closed(made: Made) -> None:
    path = made.collection.archive / "b.warc.gz"
    path.write_bytes(b"c")
    with pytest.raises(IntegrityError, match=r"b\.warc\.gz is not what it was"):
        made.export("bagit", "x")
    path.unlink()
    with pytest.raises(IntegrityError, match=r"are not there: b\.warc\.gz"):
        made.export("bagit", "x")
    assert sorted(path.name for path in made.folder.iterdir()) == ["output"]


@pytest.mark.parametrize("name", ["c.warc.gz", "c.warc.gz.open"])
def test_what_is_not_closed_is_to_be_closed_first(name: str, made: Made) -> None:
    (made.collection.archive / name).write_bytes(b"c")
    with pytest.raises(UsageError, match=r"c\.warc\.gz.*osiris mend"):
        made.export("bagit", "x")


def test_without_warc_files_or_a_dataset_there_is_no_bag(dataset: Dataset) -> None:
    made = dataset()
    with pytest.raises(UsageError, match="no WARC files"):
        made.export("bagit", "x")
    made.close(a=b"a")
    made.collection.articles.unlink()
    with pytest.raises(UsageError, match="no dataset"):
        made.export("bagit", "x")


def test_no_run_may_be_at_work_meanwhile(made: Made) -> None:
    with locked(made.collection), pytest.raises(CollectionLocked):
        made.export("bagit", "x")
    held = False

    def look(done: int, total: int) -> None:
        nonlocal held
        try:
            with locked(made.collection):
                pass
        except CollectionLocked:
            held = True

    made.export("bagit", "x", progress=look)
    assert held


def test_what_does_not_read_back_is_not_put_in_place(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    real = bag.blocks_of

    def spoilt(path: Path) -> object:
        return iter([b"x"]) if "data" in path.parts and path.name == "b.warc.gz" else real(path)

    monkeypatch.setattr(bag, "blocks_of", spoilt)
    with pytest.raises(IntegrityError, match=r"data/archive/b\.warc\.gz does not read back"):
        made.export("bagit", "x")
    assert sorted(path.name for path in made.folder.iterdir()) == ["output"]


def test_progress_ends_at_its_end_and_room_is_looked_for(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[int, int]] = []
    made.export("bagit", "x", progress=lambda done, total: told.append((done, total)))
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1] > 6_000_000
    usage = type("Usage", (), {"free": 3_000_000})
    monkeypatch.setattr("osiris_crawler.export.folder.shutil.disk_usage", lambda path: usage)
    with pytest.raises(OsirisError, match="free there"):
        made.export("bagit", "y")


def test_nothing_can_be_chosen_in_it() -> None:
    for name in ("wacz", "bagit"):
        with pytest.raises(UsageError, match=f"A {name} holds the WARC files whole: --since can't choose"):
            check_options(FORMATS[name], ["title", "since"])
    assert not Choice()


def test_a_real_collection_comes_out_of_its_bag_as_it_went_in(copied: Crawled, tmp_path: Path) -> None:
    done = copied.osiris("export", "bagit", "--to", tmp_path / "bag", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["warc_files"] == len(copied.files)
    assert opened(tmp_path / "bag").validate()
    shutil.copytree(tmp_path / "bag" / "data", tmp_path / "again" / "output" / "collections" / "c")
    again = Crawled(tmp_path / "again", type(copied.collection)(tmp_path / "again" / "output", "c"))
    assert fixity.read(again.collection.manifest) == fixity.read(copied.collection.manifest)
    verified: subprocess.CompletedProcess[str] = again.osiris("verify")
    assert verified.returncode == 0, verified.stderr
