"""A model of learned chrome through a collection's life: frozen, found again, renewed; its differences are no changes of the site."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from osiris_crawler.archive.exchange import MODEL, REREADING
from osiris_crawler.archive.reader import records
from osiris_crawler.demo.check import compare
from osiris_crawler.demo.server import serve
from osiris_crawler.demo.world import World
from osiris_crawler.extract.page import READER, reader_of
from osiris_crawler.ledger.learning import frozen
from osiris_crawler.ledger.ledger import Ledger
from osiris_crawler.ledger.rereading import read_again
from osiris_crawler.ledger.scope import Scope
from osiris_crawler.site import profile
from tests.conftest import Osiris, articles

FAST = ("--delay", "0", "--no-files")


def models(archive: Path) -> list[dict[str, object]]:
    found = []
    for path in sorted(archive.iterdir()):
        found += [json.loads(record.block) for record in records(path) if record.uri == MODEL]
    return found


def test_a_crawl_freezes_a_model_that_names_its_captures_and_rebuild_finds_it(osiris: Osiris, tmp_path: Path) -> None:
    world = World(articles=40)
    root = tmp_path / "output" / "collections" / "c"
    with serve(world, "current") as site:
        assert osiris("crawl", site.url, "-c", "c", *FAST).returncode == 0
    (model,) = models(root / "archive")
    captures = model["captures"]
    assert isinstance(captures, list) and len(captures) == 40
    ids = {record.id for path in (root / "archive").iterdir() for record in records(path) if record.type == "response"}
    assert {capture["record_id"] for capture in captures} <= ids
    assert {article["reader"] for article in articles(tmp_path / "output", "c")} == {f"{READER}+{model['model']}"}
    assert compare(world.truth("current"), root / "dataset" / "articles.jsonl").good

    before = {name: (root / "dataset" / name).read_bytes() for name in ("articles.jsonl", "changes.jsonl")}
    for path in root.iterdir():
        if path.name != "archive":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert osiris("rebuild", "-c", "c").returncode == 0
    assert {name: (root / "dataset" / name).read_bytes() for name in before} == before
    assert len(models(root / "archive")) == 1


def test_a_new_model_reads_all_again_and_its_differences_have_cause_reader(osiris: Osiris, tmp_path: Path) -> None:
    """Another look of the site comes up: a model is learned that knows it; what it reads otherwise is no edit."""
    world = World(articles=30)
    root = tmp_path / "output" / "collections" / "c"
    with serve(world, "current") as site:
        assert osiris("crawl", site.url, "-c", "c", *FAST).returncode == 0
        port = site.port
    # What was published by an older reader, and read less well.
    path = root / "dataset" / "articles.jsonl"
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    for line in lines:
        line["reader"] = "1"
    lines[3]["body"] += "\n\nLiens intéressants"
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "utf-8")
    with serve(world, "magazine", port=port) as site:
        assert osiris("crawl", site.url, "-c", "c", *FAST).returncode == 7  # a look never seen is told
    assert len(models(root / "archive")) == 2
    changes = [json.loads(line) for line in (root / "dataset" / "changes.jsonl").read_text("utf-8").splitlines()]
    by_reader = [change for change in changes if change["cause"] == "reader"]
    assert lines[3]["id"] in {change["id"] for change in by_reader}
    assert all(change["event"] == "changed" and change["fields"] for change in by_reader)
    assert any(record.uri == REREADING for warc in (root / "archive").iterdir() for record in records(warc))

    before = {name: (root / "dataset" / name).read_bytes() for name in ("articles.jsonl", "changes.jsonl")}
    for name in ("articles.jsonl", "changes.jsonl"):
        (root / "dataset" / name).unlink()
    assert osiris("rebuild", "-c", "c").returncode == 0
    assert {name: (root / "dataset" / name).read_bytes() for name in before} == before
    verified = osiris("verify", "-c", "c")
    assert verified.returncode == 0, verified.stderr


def test_a_model_that_cannot_be_read_any_more_is_learned_anew(osiris: Osiris, tmp_path: Path) -> None:
    """Reading on without one would change the dataset without a word."""
    root = tmp_path / "output" / "collections" / "c"
    with serve(World(articles=24), "current") as site:
        assert osiris("crawl", site.url, "-c", "c", *FAST).returncode == 0
        dataset = (root / "dataset" / "articles.jsonl").read_bytes()
        ledger = Ledger(root / "state.sqlite")
        file, offset = ledger.db.query("SELECT name, offset FROM captures JOIN files ON files.id = file").fetchone()
        ledger.note_model("2999-01-01T00:00:00Z", file, offset, "")  # a page lies there, and no model
        assert frozen(ledger, root / "archive") is None
        ledger.close()
        assert osiris("crawl", site.url, "-c", "c", *FAST).returncode == 0
    assert len(models(root / "archive")) == 2
    assert (root / "dataset" / "articles.jsonl").read_bytes() == dataset


def test_a_page_that_cannot_be_read_again_is_counted_and_the_rest_is_read(osiris: Osiris, tmp_path: Path) -> None:
    root = tmp_path / "output" / "collections" / "c"
    with serve(World(articles=24), "current") as site:
        assert osiris("crawl", site.url, "-c", "c", *FAST).returncode == 0
        site_profile = profile.for_url(site.url)
    ledger = Ledger(root / "state.sqlite")
    row = ledger.db.value("SELECT capture FROM readings WHERE kind = 'article' LIMIT 1")
    ledger.db.execute("UPDATE captures SET offset = offset + 3 WHERE id = ?", (row,))  # no record begins there
    assert read_again(ledger, root / "archive", site_profile, Scope(), "3", None) == 1
    readers = [line[0] for line in ledger.db.query("SELECT reader FROM readings WHERE kind = 'article'")]
    assert sum(reader == reader_of(None) for reader in readers) == 23
    ledger.close()
