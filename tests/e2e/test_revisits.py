"""A second crawl keeps what it has had before as revisit records, and no other; warcio reads them."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from osiris_crawler.archive import fixity, index
from osiris_crawler.archive.files import closed_files
from osiris_crawler.archive.http import parse_response
from osiris_crawler.archive.reader import fields_of, records
from osiris_crawler.archive.records import IDENTICAL, NOT_MODIFIED, digest, note_of
from osiris_crawler.demo import pages
from osiris_crawler.demo.misbehave import Misbehaviour
from osiris_crawler.demo.server import serve
from osiris_crawler.demo.world import World
from osiris_crawler.paths import Collection
from tests.conftest import ROOT, Osiris

FAST = ("--delay", "0", "--concurrency", "8")


def at(folder: Path) -> Collection:
    return Collection(folder / "output", "c")


def crawl(osiris: Osiris, url: str, *more: str, code: int = 0, env: dict[str, str] | None = None) -> dict[str, Any]:
    """A crawl's report."""
    done = osiris("crawl", url, "-c", "c", *FAST, "--json", *more, env=env)
    assert done.returncode == code, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture
def no_validators(monkeypatch: pytest.MonkeyPatch) -> None:
    """The site's web server states no ETag, so nothing can be asked for conditionally."""
    real = pages.Site.answer
    monkeypatch.setattr(pages.Site, "answer", lambda self, target: replace(real(self, target), etag=None))


def by_warcio(path: Path) -> Iterator[tuple[str, dict[str, str], bytes]]:
    """(type, headers, block) of a file's records, as warcio reads them."""
    with path.open("rb") as stream:
        for record in ArchiveIterator(stream, no_record_parse=True):
            yield record.rec_type, dict(record.rec_headers.headers), record.raw_stream.read()


def check_revisits(collection: Collection) -> Counter[str]:
    """Every revisit record against the response that it refers to; gives how many there are by profile."""
    sealed = set(fixity.read(collection.manifest))
    originals: dict[str, tuple[str, dict[str, str], bytes]] = {}
    found: Counter[str] = Counter()
    for path in closed_files(collection.archive):
        assert path.name in sealed
        here: list[tuple[str, tuple[str, dict[str, str], bytes]]] = []
        for kind, headers, block in by_warcio(path):
            if kind == "response":
                here.append((headers["WARC-Record-ID"], (path.name, headers, block)))
            if kind != "revisit":
                continue
            # Those of the same file are not there yet: a revisit refers to another file, closed before.
            _file, original, body = originals[headers["WARC-Refers-To"]]
            assert headers["WARC-Refers-To-Target-URI"] == original["WARC-Target-URI"]
            assert headers["WARC-Refers-To-Date"] == original["WARC-Date"] < headers["WARC-Date"]
            assert "WARC-Truncated" not in original
            whole, head = parse_response(body), parse_response(block)
            assert headers["WARC-Payload-Digest"] == original["WARC-Payload-Digest"] == digest(whole.body)
            assert headers["WARC-Block-Digest"] == digest(block)
            assert headers["Content-Length"] == str(len(block))
            assert block.startswith(b"HTTP/1.1 ")
            assert block.endswith(b"\r\n\r\n")
            assert head.body == b""
            profile = headers["WARC-Profile"]
            if profile == IDENTICAL:
                assert head.status == whole.status
                assert len(whole.body) >= 1024
                assert headers["WARC-Truncated"] == "length"
            else:
                assert (profile, head.status, whole.status) == (NOT_MODIFIED, 304, 200)
                assert headers["WARC-Refers-To-Target-URI"] == headers["WARC-Target-URI"]
            found[profile] += 1
        originals.update(here)
    return found


def dataset(collection: Collection) -> tuple[bytes, bytes]:
    return collection.articles.read_bytes(), collection.changes.read_bytes()


def check_rebuilt(osiris: Osiris, collection: Collection) -> None:
    """Dataset and index are the same, made from the WARC files alone."""
    before = dataset(collection), collection.index.read_bytes(), collection.manifest.read_bytes()
    for path in (collection.index, collection.manifest, collection.state, *collection.dataset.iterdir()):
        path.unlink()
    assert osiris("rebuild", "-c", "c").returncode == 0
    assert (dataset(collection), collection.index.read_bytes(), collection.manifest.read_bytes()) == before


def test_an_unchanged_site(osiris: Osiris, tmp_path: Path) -> None:
    collection = at(tmp_path)
    with serve(World(articles=40), "current") as site:
        first = crawl(osiris, site.url)
        assert first["revisits"] == {"records": 0, "bytes_saved": 0}
        assert "revisit" not in first["written"]
        before = dataset(collection)
        second = crawl(osiris, site.url)
        conditional = [path for _t, _m, path, status in site.requests if status == 304]
    assert dataset(collection) == before
    profiles = check_revisits(collection)
    assert profiles[NOT_MODIFIED] == len(conditional) >= 10
    assert profiles[IDENTICAL] > 60  # pages, whose server answers in full
    assert second["revisits"]["records"] == profiles.total() == second["written"]["revisit"]["records"]
    assert second["revisits"]["bytes_saved"] > 200_000
    assert second["written"].get("response", {"records": 0})["records"] <= 3  # those too small to be worth it
    assert second["written_bytes"] < first["written_bytes"] * 0.6
    newest = closed_files(collection.archive)[-1]
    assert second["written_bytes"] == newest.stat().st_size
    notes = Counter(record.uri for record in records(newest) if record.type == "metadata")
    assert max(notes.values()) == 1  # how it was found, or what was read: one a capture
    assert osiris("verify", "-c", "c").returncode == 0
    check_rebuilt(osiris, collection)


def test_a_server_without_validators(osiris: Osiris, tmp_path: Path, no_validators: None) -> None:
    collection = at(tmp_path)
    world = World(articles=40)
    with serve(world, "current") as site:
        crawl(osiris, site.url)
        world.purge()
        site.changed()
        crawl(osiris, site.url)
        assert all(status != 304 for _t, _m, _path, status in site.requests)
    profiles = check_revisits(collection)
    assert profiles[NOT_MODIFIED] == 0
    assert profiles[IDENTICAL] > 0
    assert osiris("verify", "-c", "c").returncode == 0
    check_rebuilt(osiris, collection)


def test_no_revisit_of_what_is_in_the_open_file(
    osiris: Osiris, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One picture at many addresses: kept in full each time until the file is closed."""
    collection = at(tmp_path)
    picture = os.urandom(5000)
    real = pages.Site.answer
    monkeypatch.setattr(
        pages.Site,
        "answer",
        lambda self, target: (
            replace(real(self, target), body=picture, etag=None) if ".png" in target else real(self, target)
        ),
    )
    with serve(World(articles=80), "current") as site:
        first = crawl(osiris, site.url)
        count = sum(".png" in path for _t, _m, path, _status in site.requests)
        second = crawl(osiris, site.url)
    assert count > 4
    assert first["revisits"]["records"] == 0
    assert second["revisits"]["records"] >= count
    check_revisits(collection)
    check_rebuilt(osiris, collection)


def test_pages_whose_chrome_moves_are_kept_in_full(osiris: Osiris, tmp_path: Path) -> None:
    collection = at(tmp_path)
    world = World(articles=40)
    with serve(world, "current") as site:
        first = crawl(osiris, site.url)
        world.purge()
        site.changed()
        second = crawl(osiris, site.url)
    profiles = check_revisits(collection)
    files = first["read"]["file"] + first["read"]["requisite"]
    assert profiles[NOT_MODIFIED] == files >= 10
    assert profiles[IDENTICAL] < 5
    pages_in_full = second["written"]["response"]["records"]
    assert pages_in_full > 60
    assert pages_in_full + profiles.total() == second["requests"]
    assert second["forecast"]["changed"] > 0.9 * second["forecast"]["compared"] > 50
    assert f"{second['forecast']['changed']} came with other bytes" in second["forecast"]["basis"]
    check_rebuilt(osiris, collection)


def figures(text: str, *rows: str) -> list[int]:
    """The figures of a table's rows."""
    found = [re.search(rf"^{re.escape(row)} +(\d+)", text, re.MULTILINE) for row in rows]
    return [int(one[1]) if one else -1 for one in found]


def test_an_estimate_adds_up(osiris: Osiris) -> None:
    with serve(World(articles=40), "current") as site:
        shown = osiris("crawl", site.url, "-c", "c", *FAST, "--dry-run").stderr
    parts = ("Articles", "Listing pages", "Files, style sheets, pictures", "Home page, plan, feed and others")
    *asked, requests = figures(shown, *parts, "Requests")
    assert min(asked) > 0 and sum(asked) == requests


def test_the_forecast_is_told_after_a_crawl_alone(osiris: Osiris) -> None:
    """It is of another whole crawl; an operator who updates never makes one."""
    with serve(World(articles=10), "current") as site:
        begun = osiris("crawl", site.url, "-c", "c", *FAST, "--max-requests", "1").stderr
        crawled = osiris("crawl", site.url, "-c", "c", *FAST).stderr
        updated = osiris("update", site.url, "-c", "c", *FAST).stderr
    assert "Another crawl would write" in crawled and "a second crawl will show" in " ".join(crawled.split())
    assert "budget of 1 request used up" in begun and "Another crawl" not in begun
    assert "Another crawl" not in updated and "Written to WARC files" in updated
    assert "walk" not in crawled + updated


def test_the_forecast_is_what_the_next_crawl_costs(osiris: Osiris, tmp_path: Path) -> None:
    world = World(articles=60)
    with serve(world, "current") as site:
        first = crawl(osiris, site.url)
        assert first["forecast"]["compared"] == 0
        estimated = json.loads(osiris("crawl", site.url, "-c", "c", *FAST, "--dry-run", "--json").stdout)
        assert estimated["again"] == first["forecast"]
        assert (estimated["bytes"], estimated["requests"]) == (first["forecast"]["bytes"], first["requests"])
        world.purge()
        site.changed()
        second = crawl(osiris, site.url)
        assert second["written_bytes"] == pytest.approx(first["forecast"]["bytes"], rel=0.1)
        unchanged = crawl(osiris, site.url)
        third = crawl(osiris, site.url)
        assert third["written_bytes"] == pytest.approx(unchanged["forecast"]["bytes"], rel=0.1)
        assert third["written_bytes"] < 0.6 * second["written_bytes"]
        without = json.loads(osiris("crawl", site.url, "-c", "c", *FAST, "--dry-run", "--no-files", "--json").stdout)
        assert without["again"]["files"] == 0
        assert without["bytes"] < third["forecast"]["bytes"]
        shown = osiris("crawl", site.url, "-c", "c", *FAST, "--dry-run")
        assert "0 came with other bytes" in " ".join(shown.stderr.split())
        assert "walk" not in shown.stderr
        pages, files, requests = figures(shown.stderr, "Pages", "Files, style sheets, pictures", "Requests")
        assert (pages + files, requests) == (requests, third["forecast"]["requests"])
        part = osiris("crawl", site.url, "-c", "c", *FAST, "--dry-run", "--since", "2020", "--json")
        assert json.loads(part.stdout)["again"] is None


def test_a_status_that_differs_makes_no_revisit(
    osiris: Osiris, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(articles=40)
    path = "/" + next(piece.path for piece in world.published() if piece.kind == "article")
    with serve(world, "current") as site:
        crawl(osiris, site.url)
        real = pages.Site.answer
        monkeypatch.setattr(
            pages.Site,
            "answer",
            lambda self, target: replace(real(self, target), status=404) if target == path else real(self, target),
        )
        crawl(osiris, site.url)
    newest = closed_files(at(tmp_path).archive)[-1]
    (gone,) = [
        record for record in records(newest) if record.uri.endswith(path) and record.type in ("response", "revisit")
    ]
    assert gone.type == "response"
    assert parse_response(gone.block).status == 404
    check_revisits(at(tmp_path))


def test_a_resumed_crawl_refers_only_to_what_is_sealed(osiris: Osiris, tmp_path: Path) -> None:
    """A run that was killed leaves an open file; the next closes and seals it, and may refer to it then."""
    collection = at(tmp_path)
    world = World(articles=100)
    with serve(world, "current", delay=0.03) as site:
        crawl(osiris, site.url)
        command = [sys.executable, "-m", "osiris_crawler", "crawl", site.url, "-c", "c", *FAST, "--quiet"]
        run = subprocess.Popen(command, cwd=tmp_path, env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"})
        time.sleep(2.0)
        run.send_signal(signal.SIGKILL)
        assert run.wait() == -signal.SIGKILL
        (left,) = [path.name.removesuffix(".open") for path in collection.archive.glob("*.open")]
        assert left not in fixity.read(collection.manifest)
        site.delay = 0.0
        crawl(osiris, site.url)
    assert left in fixity.read(collection.manifest)
    assert check_revisits(collection).total() > 100
    assert osiris("verify", "-c", "c").returncode == 0
    check_rebuilt(osiris, collection)


@pytest.mark.parametrize("text", [False, True])
def test_rotation_and_conversion_records(text: bool, osiris: Osiris, tmp_path: Path) -> None:
    collection = at(tmp_path)
    world = World(articles=40)
    more = ["--text"] if text else []
    with serve(world, "current") as site:
        first = crawl(osiris, site.url, *more, env={"OSIRIS_WARC_SIZE": "60000"})
        world.edit(31)
        site.changed()
        crawl(osiris, site.url, *more, env={"OSIRIS_WARC_SIZE": "60000"})
    paths = closed_files(collection.archive)
    assert len(paths) > 6
    assert not list(collection.archive.glob("*.open"))
    assert set(fixity.read(collection.manifest)) == {path.name for path in paths}
    lines = collection.index.read_bytes().splitlines(keepends=True)
    assert lines == sorted(line for path in paths for line in index.lines_of(path, path.name))
    responses: dict[str, Any] = {}
    conversions = []
    for path in paths:
        stream = records(path)
        found = list(stream)
        assert stream.damage == []
        assert found[0].type == "warcinfo"
        fields = fields_of(found[0].block)
        assert (fields["isPartOf"], fields["site"], fields["robots"]) == ("c", site.url, "obey")
        assert json.loads(fields["settings"])["text"] is text
        requests = {record.id: record for record in found if record.type == "request"}
        for record in found:
            if record.type in ("response", "revisit"):
                assert requests[record.headers["WARC-Concurrent-To"]].uri == record.uri  # in the same file
                responses[record.id] = record
            conversions += [record] if record.type == "conversion" else []
    assert bool(conversions) is text
    if text:
        bodies = {article["url"]: article for article in map(json.loads, collection.articles.read_text().splitlines())}
        assert first["written"]["conversion"]["records"] == len({r.uri for r in conversions}) >= 38
        for record in conversions:
            response = responses[record.headers["WARC-Refers-To"]]
            assert response.uri == record.uri
            assert record.headers["Content-Type"] == "text/plain; charset=utf-8"
            assert record.headers["WARC-Payload-Digest"] == digest(record.block)
        newest = {record.uri: record.block.decode() for record in conversions}
        equal = sum(newest.get(url) == article["body"] for url, article in bodies.items())
        assert equal >= 38
    check_revisits(collection)
    assert osiris("verify", "-c", "c").returncode == 0
    check_rebuilt(osiris, collection)


def test_what_is_noted_beside_an_answer(osiris: Osiris, tmp_path: Path) -> None:
    collection = at(tmp_path)
    with serve(World(articles=40), "current") as site:
        crawl(osiris, site.url)
        crawl(osiris, site.url)
    newest = closed_files(collection.archive)[-1]
    found = list(records(newest))
    run = fields_of(found[0].block)["run"]
    notes = {record.uri: (record, note_of(record.block)) for record in found if record.type == "metadata"}
    answers = {record.id: record for record in found if record.type in ("response", "revisit")}
    articles = files = 0
    for uri, (record, note) in notes.items():
        assert record.headers["Content-Type"] == "application/warc-fields"
        assert note["run"] == run
        about = record.headers.get("WARC-Concurrent-To") or record.headers["WARC-Refers-To"]
        assert answers[about].uri == uri
        assert isinstance(note["fetchTimeMs"], int)
        if uri not in (site.url, f"{site.url}robots.txt") and "via" in note:
            assert note["via"].startswith(site.url)
            assert set(note["hopsFromSeed"]) <= set("LER")
        if "/IMG/" in uri:
            files += 1
            assert "kind" not in note
        if note.get("kind") == "article":
            articles += 1
            assert {"reader", "content_digest", "article", "via", "hopsFromSeed"} <= note.keys()
            assert note["id"]  # minted in the first run
    assert articles >= 38
    assert files > 3


def test_an_answer_that_is_asked_for_again_has_a_note_too(osiris: Osiris, tmp_path: Path) -> None:
    world = World(articles=40)
    path = "/" + next(piece.path for piece in world.published() if piece.kind == "article")
    with serve(world, "current", misbehaviours={path: Misbehaviour("error", times=2)}) as site:
        crawl(osiris, site.url)
    (file,) = closed_files(at(tmp_path).archive)
    found = [record for record in records(file) if record.uri == site.url.rstrip("/") + path]
    answers = [record for record in found if record.type == "response"]
    assert [parse_response(record.block).status for record in answers] == [500, 500, 200]
    notes = [record for record in found if record.type == "metadata"]
    about = [record.headers.get("WARC-Concurrent-To") or record.headers["WARC-Refers-To"] for record in notes]
    assert about == [record.id for record in answers]
    assert all(note_of(record.block)["via"] for record in notes)


def test_an_index_that_went_away_is_made_again(osiris: Osiris, tmp_path: Path) -> None:
    collection = at(tmp_path)
    with serve(World(articles=40), "current") as site:
        crawl(osiris, site.url)
        first = collection.index.read_bytes()
        collection.index.unlink()
        crawl(osiris, site.url)
    assert set(first.splitlines()) < set(collection.index.read_bytes().splitlines())
    assert osiris("verify", "-c", "c").returncode == 0
