"""osiris audit: what is taken away from the dataset or the archive is found, also after a rebuild; and what a certificate says of it."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from osiris_crawler.archive.reader import records
from osiris_crawler.demo.server import serve
from osiris_crawler.demo.world import World
from tests import warm
from tests.conftest import Osiris


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A complete collection in several WARC files."""
    folder = tmp_path_factory.mktemp("whole")
    with serve(World(articles=40)) as site:
        command = ("crawl", site.url, "-c", "c", "--delay", "0", "--concurrency", "8", "--quiet")
        warm.run(*command, cwd=folder, env={"OSIRIS_WARC_SIZE": "150000"}).check_returncode()
    return folder / "output"


@pytest.fixture
def copy(whole: Path, tmp_path: Path) -> Path:
    shutil.copytree(whole, tmp_path / "output")
    return tmp_path / "output" / "collections" / "c"


def lines(root: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (root / "dataset" / "articles.jsonl").read_text("utf-8").splitlines()]


def cut_out(root: Path, warc: str, offset: int) -> None:
    """Take a record out of a file, as nobody should."""
    path = root / "archive" / warc
    record = next(iter(records(path, offset)))
    data = path.read_bytes()
    path.write_bytes(data[:offset] + data[offset + record.length :])


def audit(osiris: Osiris, code: int = 3) -> dict[str, Any]:
    done = osiris("audit", "-c", "c", "--offline", "--json")
    assert done.returncode == code, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def test_a_line_of_the_dataset_that_is_gone_is_found(copy: Path, osiris: Osiris) -> None:
    assert audit(osiris, 0)["complete"]
    kept = lines(copy)
    away = kept.pop(7)
    (copy / "dataset" / "articles.jsonl").write_text("".join(json.dumps(line) + "\n" for line in kept), "utf-8")
    told = audit(osiris)
    assert [(thing["url"], thing["state"]) for thing in told["missing"]] == [(away["url"], "not-in-dataset")]
    assert told["archive"]["dataset_differs"]


@pytest.mark.parametrize("rebuilt", [False, True])
def test_a_record_that_is_gone_is_found(rebuilt: bool, copy: Path, osiris: Osiris) -> None:
    away = lines(copy)[11]
    cut_out(copy, away["capture"]["warc"], away["capture"]["offset"])
    if rebuilt:
        assert osiris("rebuild", "-c", "c").returncode in (0, 6)
    told = audit(osiris)
    found = {thing["url"]: thing["state"] for thing in told["missing"]}
    assert found == {away["url"]: "not-fetched" if rebuilt else "lost"}


@pytest.mark.parametrize("rebuilt", [False, True])
def test_a_page_of_a_listing_that_is_gone_is_found(rebuilt: bool, copy: Path, osiris: Osiris) -> None:
    from osiris_crawler.ledger.ledger import Ledger

    ledger = Ledger(copy / "state.sqlite", readonly=True)
    warc, offset, url = ledger.db.query(
        """SELECT name, captures.offset, captures.url FROM captures JOIN files ON files.id = file
           JOIN passes ON passes.date = captures.date WHERE passes.offset = 0 AND passes.kind = 'keyword' LIMIT 1"""
    ).fetchone()
    ledger.close()
    cut_out(copy, warc, offset)
    if rebuilt:
        assert osiris("rebuild", "-c", "c").returncode in (0, 6)
    told = audit(osiris)
    found = {(thing["url"], thing["state"]) for thing in told["missing"] if thing["kind"] == "page"}
    assert found == {(url, "not-fetched" if rebuilt else "lost")}
    assert not told["complete"]


@pytest.mark.parametrize("rebuilt", [False, True])
def test_a_warc_file_that_is_gone_is_found(rebuilt: bool, copy: Path, osiris: Osiris) -> None:
    names = sorted(path.name for path in (copy / "archive").glob("*.warc.gz"))
    assert len(names) >= 4
    (copy / "archive" / names[2]).unlink()
    if rebuilt:
        for path in (copy / "manifest-sha256.txt", copy / "state.sqlite", copy / "events.jsonl"):
            path.unlink()
        assert osiris("rebuild", "-c", "c").returncode == 0
    told = audit(osiris)
    warcs = [thing["url"] for thing in told["missing"] if thing["kind"] == "warc"]
    assert len(warcs) == 1 and (rebuilt or warcs == [names[2]])
    assert {thing["state"] for thing in told["missing"] if thing["kind"] != "warc"} <= {"lost", "not-fetched"}
    assert any(thing["kind"] == "article" for thing in told["missing"])


# -- certificate ----------------------------------------------------------------------------------------------------------


def test_a_certificate_stands_by_itself_and_its_sum_can_be_had_again(copy: Path, osiris: Osiris) -> None:
    away = lines(copy)[3]
    cut_out(copy, away["capture"]["warc"], away["capture"]["offset"])
    done = osiris("audit", "-c", "c", "--offline", "--certificate", "--json")
    assert done.returncode == 3
    page, figures = (copy.parents[2] / path for path in json.loads(done.stdout)["certificate"])
    text, facts = page.read_text("utf-8"), json.loads(figures.read_text("utf-8"))
    assert (page.parent.name, page.suffix, figures.stem) == ("exports", ".html", page.stem)
    assert facts["published"] - facts["held"] == 1 and facts["missing"][0]["url"] == away["url"]
    assert "default-src &#x27;none&#x27;" not in text and "default-src 'none'" in text and "<script" not in text
    assert away["url"] in text and facts["state"]["hash"] in text
    sums = []
    for line in facts["state"]["files"]:
        sum, name = line.split("  ")
        path = copy / name
        if name != f"archive/{away['capture']['warc']}":  # that one has another sum than when it was closed
            assert hashlib.sha256(path.read_bytes()).hexdigest() == sum
        sums.append(line + "\n")
    assert hashlib.sha256("".join(sums).encode()).hexdigest() == facts["state"]["hash"]


def test_the_command_of_the_certificate_gives_its_sum(whole: Path, osiris: Osiris, tmp_path: Path) -> None:
    done = osiris("audit", "-o", str(whole), "-c", "c", "--offline", "--to", str(tmp_path), "--json")
    facts = json.loads(Path(json.loads(done.stdout)["certificate"][1]).read_text("utf-8"))
    again = subprocess.run(
        facts["state"]["command"],
        shell=True,
        cwd=whole / "collections" / "c",
        capture_output=True,
        text=True,
        check=True,
    )
    assert again.stdout.split()[0] == facts["state"]["hash"]


def test_mistakes_get_one_line(osiris: Osiris, tmp_path: Path, copy: Path) -> None:
    for arguments, words in (
        (("--fetch", "--offline"), "exclude each other"),
        (("-c", "none"), "no collection"),
    ):
        done = osiris("audit", "-c", "c", *arguments)
        assert done.returncode == 2 and words in done.stderr and len(done.stderr.splitlines()) == 1
    (copy / "state.sqlite").unlink()
    done = osiris("audit", "-c", "c", "--offline")
    assert done.returncode in (2, 6) and "osiris rebuild" in done.stderr and "Traceback" not in done.stderr


def test_people_see_the_outcome_and_the_next_step(copy: Path, osiris: Osiris) -> None:
    done = osiris("audit", "-c", "c", "--offline")
    assert done.returncode == 0 and "Nothing that the site names is missing." in done.stderr
    kept = lines(copy)
    kept.pop(7)
    (copy / "dataset" / "articles.jsonl").write_text("".join(json.dumps(line) + "\n" for line in kept), "utf-8")
    done = osiris("audit", "-c", "c", "--offline")
    assert done.returncode == 3 and "1 article is missing" in done.stderr and "osiris rebuild -c c" in done.stderr
    assert osiris("audit", "-c", "c", "--offline", "--quiet").stderr == ""
    last = json.loads((copy / "events.jsonl").read_text("utf-8").splitlines()[-1])
    assert last["eventType"] == "validation" and last["eventOutcome"] == "warning"


def test_what_is_restricted_is_counted_and_not_named(copy: Path, osiris: Osiris) -> None:
    away = next(line for line in lines(copy) if len(line["id"]) > 20)
    assert osiris("restrict", away["id"], "--reason", "r", "--authority", "a", "-c", "c").returncode == 0
    done = osiris("audit", "-c", "c", "--offline", "--json", "--certificate")
    report = json.loads(done.stdout)
    assert (done.returncode, report["restricted"], report["complete"]) == (0, 1, True), done.stderr
    papers = [Path(path) for path in report["certificate"]]
    assert {path.suffix for path in papers} == {".html", ".json"}
    told = done.stdout + "".join((copy.parents[2] / path).read_text("utf-8") for path in papers)
    assert away["id"] not in told and away["url"] not in told and away["title"] not in told
