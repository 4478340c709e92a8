"""osiris audit: planted gaps of every state are named, and nothing else; in every look of the embedded site."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from osiris_crawler.archive.reader import records
from osiris_crawler.demo.layouts import LAYOUTS
from osiris_crawler.demo.pages import HTML, Answer
from osiris_crawler.demo.server import Running, serve
from osiris_crawler.demo.world import World
from tests import warm
from tests.audit.planted import altered, forbidding, plain_pieces, refused
from tests.conftest import Osiris

FAST = ("--delay", "0", "--concurrency", "8", "--no-files")


class Audited:
    """A collection `c` of a site, and what an audit says of it."""

    def __init__(self, osiris: Osiris, tmp_path: Path, site: Running) -> None:
        self.osiris, self.site = osiris, site
        self.root = tmp_path / "output" / "collections" / "c"

    def run(self, command: str, *more: str, code: int = 0) -> dict[str, Any]:
        url = [] if command == "audit" else [self.site.url]
        done = self.osiris(command, *url, "-c", "c", *FAST, "--json", *more)
        assert done.returncode == code, done.stderr + done.stdout[:2000]
        report: dict[str, Any] = json.loads(done.stdout)
        return report

    def offline(self, *more: str, code: int = 0) -> dict[str, Any]:
        return self.run("audit", "--offline", *more, code=code)


def named(things: list[dict[str, Any]]) -> set[tuple[str, str]]:
    return {(urlsplit(thing["url"]).path.lstrip("/"), thing["state"]) for thing in things}


@contextmanager
def crawled(
    osiris: Osiris, tmp_path: Path, layout: str = "current", articles: int = 48, seed: int = 1
) -> Iterator[tuple[Running, Audited]]:
    with serve(World(articles=articles, seed=seed), layout) as site:
        yield site, Audited(osiris, tmp_path, site)


@pytest.mark.parametrize("layout", sorted(LAYOUTS))
def test_every_planted_gap_is_named_with_its_state_and_nothing_else(
    layout: str, osiris: Osiris, tmp_path: Path
) -> None:
    with crawled(osiris, tmp_path, layout, articles=44) as (site, audited):
        pieces = plain_pieces(site)
        missing, gone, soft, moved, barred, ruled, double = (piece for piece in pieces[:7])
        other = pieces[7]
        ruled.path += "?lang=fr"
        site.changed()
        world = altered(site)
        world.answers |= {
            f"/{missing.path}": refused(404),
            f"/{gone.path}": refused(410),
            f"/{soft.path}": lambda real: real.answer("/"),
            f"/{moved.path}": Answer(301, HTML, b"", location="http://elsewhere.example/page.html"),
            f"/{double.path}": lambda real: real.answer(f"/{other.path}"),
            "/robots.txt": forbidding(barred.path),
        }
        audited.run("crawl")
        told = audited.offline(code=3)
        planted = {
            (missing.path, "404"), (gone.path, "410"), (soft.path, "soft-404"), (barred.path, "refused-by-robots"),
            (ruled.path.partition("?")[0], "refused-by-rule"),
        }  # fmt: skip
        assert named(told["missing"]) == planted
        accounted = named(told["accounted"])
        assert (moved.path, "redirected") in accounted
        # Where a page says no canonical, the same text under another address is an article of its own, a reprint.
        assert accounted <= {(moved.path, "redirected"), (double.path, "alias")}
        assert (
            told["published"] == told["held"] + len(planted) and not told["dead_links"] and not told["contradictions"]
        )
        assert told["states"] == dict.fromkeys(told["states"], 1) and len(told["states"]) == len(planted)
        thing = next(thing for thing in told["missing"] if thing["state"] == "404")
        assert thing["title"] == missing.title or missing.title.startswith(thing["title"][:30])
        said = thing["said"][0]
        assert said["kind"] in ("listing", "sitemap") and said["warc"] and said["record_id"]
        record = next(r for r in records(audited.root / "archive" / said["warc"], said["offset"]))
        assert record.id == said["record_id"] and missing.path.encode() in record.block

        short = {row["name"] for row in told["keywords"] if row["missing"]}
        assert {missing.tag, gone.tag, soft.tag, barred.tag} <= short
        for row in (*told["sections"], *told["keywords"]):
            short_by = row["expected"] - row["held"] - row["missing"]
            # Nobody knows the keyword of the one that our rules refuse: the cloud counts it, no listing has it.
            assert short_by == 0 or (short_by == 1 and row["name"] == ruled.tag), row


@pytest.mark.parametrize("layout", ["2012", "current", "tables1999"])
def test_a_whole_archive_is_complete(layout: str, osiris: Osiris, tmp_path: Path) -> None:
    with crawled(osiris, tmp_path, layout, articles=24, seed=3) as (site, audited):
        audited.run("crawl")
        told = audited.offline()
        assert told["complete"] and told["missing"] == [] and told["contradictions"] == [] and told["dead_links"] == []
        assert told["held"] == told["published"] == len(site.site.world.published())
        assert told["keywords"] and told["sections"]
        for row in (*told["sections"], *told["keywords"]):
            assert (row["held"], row["missing"], row["surplus"], row["whole"]) == (row["expected"], 0, 0, True), row
        assert sum(row["held"] for row in told["years"]) == told["held"] == sum(row["held"] for row in told["months"])


def test_what_fails_is_told_with_its_problem_and_fetched_when_it_answers(osiris: Osiris, tmp_path: Path) -> None:
    with crawled(osiris, tmp_path) as (site, audited):
        failing = plain_pieces(site)[0]
        world = altered(site)
        world.answers[f"/{failing.path}"] = refused(500)
        audited.run("crawl", code=3)
        told = audited.offline(code=3)
        assert named(told["missing"]) == {(failing.path, "failing")}
        assert told["missing"][0]["detail"] == "HTTP 500" and told["missing"][0]["since"]

        world.answers.clear()
        site.requests = []
        told = audited.run("audit", "--fetch")
        assert told["complete"] and f"/{failing.path}" in {request[2] for request in site.requests}
        assert len(site.requests) <= 8


def test_the_cheap_statements_are_asked_first_and_nothing_else(osiris: Osiris, tmp_path: Path) -> None:
    with crawled(osiris, tmp_path) as (site, audited):
        audited.run("crawl")
        new = site.site.world.add(2)
        gone = plain_pieces(site)[0]
        site.site.world.withdraw(gone.number)
        site.changed()
        site.requests = []
        told = audited.run("audit", code=3)
        paths = {site.site.world.pieces[number].path for number in new}
        articles = [thing for thing in told["missing"] if thing["kind"] == "article"]
        assert named(articles) == {(path, "not-fetched") for path in paths}
        assert {thing["kind"] for thing in told["missing"]} <= {"article", "page"}  # a month or keyword that is new
        assert told["asked"]["requests"] == len(site.requests) == 5  # robots.txt, home, plan, feed, sitemap
        assert told["published"] == told["held"] + 2

        # What it has seen is not lost to the update after it, though the signals say nothing new by then.
        for _turn in range(2):
            audited.run("update", "--recheck", "0")
        told = audited.offline()
        assert told["complete"] and told["withdrawn"] == 1
        assert (gone.path, "withdrawn") in named(told["accounted"])
        assert osiris("verify", "-c", "c").returncode == 0 and osiris("rebuild", "-c", "c").returncode == 0
        assert audited.offline()["complete"]


def test_the_sites_own_contradictions_are_not_blamed_on_the_archive(osiris: Osiris, tmp_path: Path) -> None:
    with crawled(osiris, tmp_path) as (site, audited):
        name, pieces = max(site.site.world.keywords().items(), key=lambda item: len(item[1]))
        world = altered(site)
        pattern = re.compile(
            rb'(<span class="frequence">)\d+(/\d+</span> <a href="%s")'
            % re.escape(site.site.world.keyword_path(name).encode())
        )
        world.words.append((pattern, b"\\g<1>%d\\g<2>" % (len(pieces) + 1)))
        audited.run("crawl")
        told = audited.offline()
        assert told["complete"]
        found = told["contradictions"]
        assert [(one["about"], one["state"], one["first"], one["second"]) for one in found] == [
            (name, "counted-not-listed", len(pieces) + 1, len(pieces))
        ]
        assert {said["kind"] for said in found[0]["said"]} == {"cloud", "listing"}


def test_an_unfinished_walk_names_what_it_has_not_come_to(osiris: Osiris, tmp_path: Path) -> None:
    with crawled(osiris, tmp_path) as (site, audited):
        audited.run("crawl", "--max-requests", "60", code=8)
        asked = len(site.requests)
        told = audited.run("audit", code=3)
        assert len(site.requests) == asked and set(told["states"]) == {"not-fetched"}
        listed = {piece.path for piece in site.site.world.published()}
        assert (
            named(told["missing"])
            and {path for path, _state in named([t for t in told["missing"] if t["kind"] == "article"])} <= listed
        )
        assert audited.run("audit", "--fetch")["complete"]


# -- what is taken away is found ------------------------------------------------------------------------------------------


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


def test_what_a_page_says_is_harmless_in_a_certificate(osiris: Osiris, tmp_path: Path) -> None:
    with crawled(osiris, tmp_path) as (site, audited):
        piece = plain_pieces(site)[0]
        piece.title = "<script>alert(1)</script>\u202e & <img src=x onerror=alert(1)>"
        site.changed()
        altered(site).answers[f"/{piece.path}"] = refused(404)
        audited.run("crawl")
        told = audited.offline("--certificate", "--to", str(tmp_path), code=3)
        page = Path(told["certificate"][0]).read_text("utf-8")
        assert "alert(1)" in page
        assert "<script" not in page and "<img" not in page and "\u202e" not in page


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


def test_other_answers_are_told_apart(osiris: Osiris, tmp_path: Path) -> None:
    with crawled(osiris, tmp_path) as (site, audited):
        barred, feed = plain_pieces(site)[:2]
        world = altered(site)
        world.answers |= {f"/{barred.path}": refused(403), f"/{feed.path}": lambda real: real.answer("/backend.html")}
        audited.run("crawl")
        told = audited.offline(code=3)
        assert named(told["missing"]) == {(barred.path, "refused-by-site"), (feed.path, "not-an-article")}
        assert {thing["detail"] for thing in told["missing"]} == {"HTTP 403", None}


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


def test_what_came_after_a_listings_page_was_read_is_no_surplus_of_it(osiris: Osiris, tmp_path: Path) -> None:
    """Its first page was read again since, and the one where the article stands was not."""
    with crawled(osiris, tmp_path, articles=40) as (site, audited):
        site.world.add(14, day=date(2006, 5, 6))
        site.changed()
        audited.run("crawl")
        with sqlite3.connect(audited.root / "state.sqlite") as db:
            (listing,) = db.execute("SELECT listing FROM passes WHERE offset > 0 AND kind = 'section'").fetchone()
            second = db.execute("SELECT article FROM entries WHERE listing = ? AND offset > 0", (listing,))
            (article,) = second.fetchone()
            db.execute("DELETE FROM entries WHERE listing = ? AND article = ?", (listing, article))
            db.execute("UPDATE passes SET date = '2099-01-01T00:00:00Z' WHERE listing = ? AND offset = 0", (listing,))
        db.close()
        assert [row["surplus"] for row in audited.offline()["sections"] if row["surplus"]] == []
        with sqlite3.connect(audited.root / "state.sqlite") as db:
            db.execute("UPDATE passes SET date = '2099-01-01T00:00:00Z' WHERE listing = ?", (listing,))
        db.close()
        assert [row["surplus"] for row in audited.offline()["sections"] if row["surplus"]] == [1]
