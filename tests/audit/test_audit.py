"""osiris audit: planted gaps of every state are named, and nothing else; in every look of the embedded site."""

from __future__ import annotations

import json
import re
import sqlite3
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



def test_other_answers_are_told_apart(osiris: Osiris, tmp_path: Path) -> None:
    with crawled(osiris, tmp_path) as (site, audited):
        barred, feed = plain_pieces(site)[:2]
        world = altered(site)
        world.answers |= {f"/{barred.path}": refused(403), f"/{feed.path}": lambda real: real.answer("/backend.html")}
        audited.run("crawl")
        told = audited.offline(code=3)
        assert named(told["missing"]) == {(barred.path, "refused-by-site"), (feed.path, "not-an-article")}
        assert {thing["detail"] for thing in told["missing"]} == {"HTTP 403", None}



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

