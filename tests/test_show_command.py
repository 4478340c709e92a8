"""osiris show: an article with the evidence of every field, which must hold in the WARC files themselves."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from osiris_crawler.archive.http import parse_response
from osiris_crawler.archive.reader import read_at
from osiris_crawler.care.rebuilding import site_of
from osiris_crawler.commands.printing import plain
from osiris_crawler.dataset.evidence import evidence_of
from osiris_crawler.dataset.lookup import look_up
from osiris_crawler.demo.server import serve
from osiris_crawler.demo.world import World
from osiris_crawler.errors import UsageError
from osiris_crawler.ledger.intake import decoded
from osiris_crawler.ledger.ledger import Ledger
from osiris_crawler.paths import Collection
from osiris_crawler.record import Article
from osiris_crawler.site import profile, urls
from tests.conftest import ROOT, Osiris

EDITED, GONE = 7, 11


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """OUTPUT of a collection `c` of a site without breadcrumbs and keyword lines: three walks, an edit, a withdrawal."""
    folder = tmp_path_factory.mktemp("show")
    world = World(articles=30)
    environment = {**os.environ, "OSIRIS_LANG": "en", "PYTHONPATH": str(ROOT)}
    with serve(world, "2012") as site:
        for _walk in range(3):
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
            if _walk == 0:
                world.edit(EDITED)
                world.withdraw(GONE)
                site.changed()
    return folder / "output"


@pytest.fixture
def here(crawled: Path, tmp_path: Path) -> Iterator[Collection]:
    """A copy to be changed, where the command is run."""
    shutil.copytree(crawled, tmp_path / "output")
    yield Collection(tmp_path / "output", "c")


def lines(collection: Collection) -> list[dict[str, Any]]:
    return [json.loads(line) for line in collection.articles.read_text("utf-8").splitlines()]


def one(collection: Collection, which: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    return next(article for article in lines(collection) if which(article))


def alter(collection: Collection, which: str, **values: Any) -> None:
    articles = [{**article, **(values if article["id"] == which else {})} for article in lines(collection)]
    collection.articles.write_text("".join(json.dumps(article) + "\n" for article in articles), "utf-8")


def restrict(collection: Collection, **fields: Any) -> None:
    collection.restrictions.write_text(
        json.dumps({"reason": "Droit à l’oubli", "authority": "Tribunal", **fields}) + "\n"
    )


def shown(osiris: Osiris, *arguments: str) -> dict[str, Any]:
    done = osiris("show", *arguments, "--json")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_every_value_of_every_article_has_evidence_that_the_archive_holds(crawled: Path) -> None:
    collection = Collection(crawled, "c")
    site, ledger = site_of(collection), Ledger(collection.state, create=False, readonly=True)
    listings = {"section": 0, "tags": 0}
    articles = lines(collection)
    for article in articles:
        told = evidence_of(ledger, site, article)
        assert told.agrees, article["id"]
        for name, evidence in told.fields.items():
            if article[name] in (None, "", []):
                continue
            assert evidence.rule and evidence.sure in ("high", "fair", "low") and evidence.place, (article["id"], name)
            places = [evidence.place, *(part.place for _value, part in evidence.parts)]
            for place in places:
                assert place is not None
                record = read_at(collection.archive / place.warc, place.offset)
                assert (record.id, record.uri, record.date) == (place.record_id, place.url, place.date)
            if name in listings:
                # Nothing but listings says so in this look: each must have a link to the article.
                for place in places:
                    assert place is not None
                    warc, offset = place.original or (place.warc, place.offset)
                    page = decoded(parse_response(read_at(collection.archive / warc, offset).block))
                    assert urlsplit(article["url"]).path.lstrip("/").encode() in page, (article["url"], place.url)
                    assert place.url != article["url"]
                    listings[name] += 1
                if name == "section":
                    key = urls.parse(evidence.place.url, site).key
                    title = ledger.db.value("SELECT title FROM passes WHERE listing = ?", (key,))
                    newest = ledger.db.value(
                        "SELECT max(date) FROM entries WHERE listing = ? AND article = ?",
                        (key, urls.parse(article["url"], site).key),
                    )
                    assert (title, evidence.place.date) == (article["section"][-1], newest)
        if article["tags"]:
            assert [tag for tag, _part in told.fields["tags"].parts] == article["tags"]
    ledger.close()
    assert len(articles) >= 30 and min(listings.values()) >= 20


def test_versions_are_those_of_the_site_with_cause_and_fields(crawled: Path, here: Collection, osiris: Osiris) -> None:
    edited = one(here, lambda article: article["version"] == 2)
    found = shown(osiris, edited["id"])
    assert found["article"] == edited and found["ledger_agrees"] is True
    first, second = found["versions"]
    assert (first["date"], second["date"]) == (edited["first_seen"], edited["last_changed"])
    assert (second["content_digest"], second["capture"]) == (edited["content_digest"], edited["capture"])
    assert first["content_digest"] != second["content_digest"]
    assert (first["cause"], first["fields"], second["cause"]) == ("site", [], "site")
    assert "body" in second["fields"] and "title" not in second["fields"]
    changes = [json.loads(line) for line in here.changes.read_text("utf-8").splitlines()]
    assert found["events"] == [change for change in changes if change["id"] == edited["id"]]

    gone = one(here, lambda article: article["withdrawn"] is not None)
    evidence = shown(osiris, gone["id"])["provenance"]["withdrawn"]
    assert (evidence["rule"], evidence["capture"]["date"]) == ("HTTP 404, in two runs", gone["withdrawn"])
    text = osiris("show", gone["id"]).stderr
    assert "Withdrawn: the site has not had it since" in text and "Other events" in text


def test_what_a_better_reader_changed_is_no_version(here: Collection, osiris: Osiris) -> None:
    article = lines(here)[3]
    event = {"run": "r", "at": "2031-01-01T00:00:00.000000Z", "event": "changed", "cause": "reader", "id": article["id"],
             "url": article["url"], "fields": ["lead"]}  # fmt: skip
    with here.changes.open("a") as out:
        out.write(json.dumps(event, separators=(",", ":")) + "\n")
    assert len(shown(osiris, article["id"])["versions"]) == 1
    text = osiris("show", article["id"]).stderr
    assert "2031-01-01 00:00:00  changed, reader: lead" in text[text.index("Other events") :]


def test_to_read_at_eighty_columns(here: Collection, osiris: Osiris) -> None:
    article = max(lines(here), key=lambda article: len(article["body"]))
    evil = "Un titre\x1b[2J\x9b31m\u202eà l’envers"
    alter(here, article["id"], title=evil, authors=["A\x07B"])
    done = osiris("show", article["id"], env={"COLUMNS": "80"})
    assert (done.returncode, done.stdout) == (0, "")
    assert not any(c in done.stderr for c in "\x1b\x9b\u202e\x07") and "Un titre [2J 31mà l’envers" in done.stderr
    printed = done.stderr.splitlines()
    assert max(map(len, printed)) <= 80 and not any(line != line.rstrip() for line in printed)
    assert " ".join(article["body"].split()) in " ".join(done.stderr.split())
    # What is no reading of the ledger's has no evidence.
    assert "where from: not known" in done.stderr
    place = article["capture"]
    assert f"[1] {place['date'][:19].replace('T', ' ')}  {place['warc']}:{place['offset']}" in done.stderr
    short = osiris("show", article["id"], "--short").stderr
    assert f"({len(article['body'])} letters)" in short and article["body"][-40:] not in " ".join(short.split())


def test_without_a_ledger_the_archive_says_the_same_and_nothing_is_written(here: Collection, osiris: Osiris) -> None:
    article = one(here, lambda article: article["version"] == 2)
    before = shown(osiris, article["id"])
    here.state.unlink()
    for end in ("-wal", "-shm"):
        here.state.with_name(here.state.name + end).unlink(missing_ok=True)
    files = sorted(path for path in here.root.rglob("*"))
    done = osiris("show", article["id"], "--json")
    assert json.loads(done.stdout) == before and "osiris rebuild" in done.stderr
    here.index.unlink()
    here.state.write_bytes(b"no ledger")
    assert shown(osiris, article["id"]) == before
    here.state.unlink()
    assert sorted(path for path in here.root.rglob("*")) == [path for path in files if path != here.index]


def test_a_ledger_that_tells_otherwise_is_no_evidence(here: Collection, osiris: Osiris) -> None:
    article = one(here, lambda article: article["version"] == 2)
    with sqlite3.connect(here.state) as ledger:
        other = "sha256:" + "0" * 64
        ledger.execute("UPDATE readings SET content = ? WHERE content = ?", (other, article["content_digest"]))
    ledger.close()
    found = shown(osiris, article["id"])
    assert (found["ledger_agrees"], found["provenance"]["body"]["rule"]) == (False, None)
    assert "a run is under way" in osiris("show", article["id"]).stderr.replace("\n", " ")


@pytest.mark.parametrize("scope", ["all", "dataset", "search"])
def test_restricted(scope: str, here: Collection, osiris: Osiris) -> None:
    article = max(lines(here), key=lambda article: len(article["body"].partition("\n")[0]))
    restrict(here, url=article["url"].replace("http://", "https://"), scope=scope)
    found = shown(osiris, article["id"])
    assert (found["article"], found["provenance"], found["versions"]) == (None, {}, [])
    assert (found["restricted"][0]["reason"], found["restricted"][0]["authority"]) == ("Droit à l’oubli", "Tribunal")
    done = osiris("show", article["url"])
    assert (done.returncode, "Droit à l’oubli" in done.stderr, "Tribunal" in done.stderr) == (0, True, True)
    assert article["title"] not in done.stderr and article["body"][:30] not in done.stderr
    told = osiris("show", article["id"], "--with-restricted").stderr
    assert "do not show it" in told and article["body"][:30] in told and "Tribunal" in told
    if scope == "all":
        # Near ids give nothing away, and what was taken out of the dataset is still told to be restricted.
        assert article["id"] not in osiris("show", article["id"][:-1] + "zz").stderr
        alter(here, article["id"], id="another", url="http://127.0.0.1/x", urls=[])
        restrict(here, id=article["id"])
        assert "is restricted" in osiris("show", article["id"]).stderr


def test_a_restriction_that_is_over_or_of_another_kind_hides_nothing(here: Collection, osiris: Osiris) -> None:
    article = lines(here)[0]
    for fields in ({"until": "2001-01-01"}, {"scope": "replay"}):
        restrict(here, id=article["id"], **fields)
        assert shown(osiris, article["id"])["article"] == article
    here.restrictions.write_text("{\n")
    assert osiris("show", article["id"]).returncode == 2


def test_reprints_of_an_article_and_their_cluster(here: Collection, osiris: Osiris) -> None:
    first, second, third, *_others = (article for article in lines(here) if article["duplicate_of"] is None)
    for copy in (second, third):
        alter(here, copy["id"], duplicate_of=first["id"])
    found = shown(osiris, first["id"])
    assert [copy["id"] for copy in found["duplicates"]] == [second["id"], third["id"]]
    assert "Its reprints, 2:" in osiris("show", first["id"]).stderr
    assert f"A reprint of {first['id']}." in osiris("show", second["id"]).stderr
    # By any address of any of them, and only their cluster.
    told = json.loads(osiris("duplicates", "--id", third["url"], "--json").stdout)
    assert [[one["id"], *(copy["id"] for copy in one["copies"])] for one in told["shown"]] == [
        [first["id"], second["id"], third["id"]]
    ]
    restrict(here, id=first["id"], scope="search")  # whose id is made of its title, as a rule
    assert "A reprint of" not in osiris("show", second["id"]).stderr
    told = shown(osiris, second["id"])
    assert told["article"]["duplicate_of"] is None and first["id"] not in json.dumps(told)
    assert shown(osiris, second["id"], "--with-restricted")["article"]["duplicate_of"] == first["id"]
    here.restrictions.unlink()
    alone = next(article for article in lines(here) if article["duplicate_of"] is None and article["id"] != first["id"])
    assert "is in no cluster" in osiris("duplicates", "--id", alone["id"]).stderr
    restrict(here, id=second["id"])
    assert osiris("duplicates", "--id", second["id"]).returncode == 2
    told = shown(osiris, first["id"])
    assert ([copy["id"] for copy in told["duplicates"]], told["duplicates_restricted"]) == ([third["id"]], 1)


def test_what_is_not_there(here: Collection, osiris: Osiris) -> None:
    near = osiris("show", lines(here)[5]["id"] + "x")
    assert (near.returncode, near.stderr.count("\n"), lines(here)[5]["id"] in near.stderr) == (2, 1, True)
    assert osiris("show").returncode == 2
    with here.articles.open("a") as out:
        out.write('{"id":"x","urls":3}\n')
    broken = osiris("show", lines(here)[0]["id"])
    assert (broken.returncode, "Traceback" in broken.stderr) == (6, False) and "is no article" in broken.stderr
    here.articles.unlink()
    absent = osiris("show", "x")
    assert absent.returncode == 2 and "osiris rebuild" in absent.stderr


# -- which article is meant -----------------------------------------------------------------------------------------------

HOME = "https://www.exemple.sn/"
MEANT = [
    Article(id="3170", url=f"{HOME}Un-titre.html", urls=[f"{HOME}Un-titre.html", f"{HOME}spip.php?article3170"]),
    Article(id="Le-haut-debit", url=f"{HOME}Le-haut-debit.html", urls=[f"{HOME}Le-haut-debit.html", f"{HOME}Le-haut-debit,45.html"]),
    Article(id="Le-haut-debit-a-Dakar", url=f"{HOME}Le-haut-debit-a-Dakar.html", urls=[f"{HOME}Le-haut-debit-a-Dakar.html"]),
    Article(id="breve12", url=f"{HOME}+Une-breve+.html", urls=[f"{HOME}+Une-breve+.html", f"{HOME}spip.php?breve12"]),
    Article(id="Reprise", url=f"{HOME}Reprise.html", urls=[f"{HOME}Reprise.html"], title="Une reprise", duplicate_of="3170"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("wanted", "id"),
    [
        ("3170", "3170"), ("article3170", "3170"), (f"{HOME}Un-titre.html", "3170"), (f"{HOME}Un-titre.html#ps", "3170"),
        ("http://exemple.sn/Un-titre", "3170"), (f"{HOME}spip.php?page=article&id_article=3170", "3170"),
        (f"{HOME}article.php3?id_article=3170", "3170"), ("spip.php?article3170", "3170"), ("/Un-titre.html", "3170"),
        ("article45", "Le-haut-debit"), ("45", "Le-haut-debit"), ("Le-haut-debit", "Le-haut-debit"),
        ("le-haut-debit-a", "Le-haut-debit-a-Dakar"), ("breve12", "breve12"), ("spip.php?breve12", "breve12"),
        ("Repris", "Reprise"),
    ],
)  # fmt: skip
def test_ways_to_mean_an_article(wanted: str, id: str) -> None:
    found = look_up(articles(), wanted, profile.for_url(HOME), lambda article: False)
    assert found.article["id"] == id
    assert [copy.id for copy in found.copies] == (["Reprise"] if id == "3170" else [])


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("Le-haut", "Several articles"), ("Repr", "No article"), ("article12", "No article"), ("317", "No article"),
        ("Le-haut-debbit-a-Dakar", "Le-haut-debit-a-Dakar"), (f"{HOME}Le-haut-debt-a-Dakar.html", "Le-haut-debit-a-Dakar"),
        ("", "No article"), ("x" * 5000, "No article"), ("http://[", "No article"), (f"{HOME}?", "No article"),
    ],
)  # fmt: skip
def test_ways_to_mean_none(wanted: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as problem:
        look_up(articles(), wanted, profile.for_url(HOME), lambda article: False)
    assert len(str(problem.value)) < 900


def articles() -> Iterator[dict[str, Any]]:
    return (json.loads(article.line()) for article in MEANT)


def test_letters_that_steer_a_terminal() -> None:
    assert plain("a\x1b[1mb\x85c\u200fd\u00a0e\u202ff\tg\nh\ud800") == "a [1mb cd\u00a0e\u202ff\tg\nh"
    assert plain("un  deux\ntrois", 8) == "un deux…"
