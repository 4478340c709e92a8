"""`osiris import`: files in the manner of other crawlers, by the real command."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from osiris_crawler.archive import files
from osiris_crawler.archive.exchange import IDS
from osiris_crawler.archive.fixity import sha256
from osiris_crawler.archive.reader import records
from osiris_crawler.archive.records import note_block, note_of
from osiris_crawler.care.rebuilding import rebuild, site_of
from osiris_crawler.demo.server import serve
from osiris_crawler.demo.world import World
from osiris_crawler.importing.taking import import_files
from osiris_crawler.ledger.imports import is_import
from osiris_crawler.paths import Collection
from osiris_crawler.settings import Settings
from tests import warm
from tests.conftest import ROOT, Osiris, articles
from tests.e2e import foreign
from tests.e2e.foreign import Page

FAST = ("--delay", "0", "--concurrency", "8", "--quiet")
# Of the capture, not of the site.
OF_THE_CAPTURE = ("first_seen", "last_changed", "capture", "reader")  # the reader names the model, and that its captures


@dataclass(frozen=True)
class Past:
    """A crawl of a site, another after it has changed, and what the changes were."""

    output: Path  # collections `before` and `after`
    url: str
    edited: str
    gone: str
    added: frozenset[str]

    def pages(self, name: str = "before", **options: Any) -> list[Page]:
        return foreign.pages_of(Collection(self.output, name).archive, **options)


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Past:
    folder = tmp_path_factory.mktemp("past")
    world = World(articles=40)
    edited, gone = world.pieces[7].path, world.pieces[9].path
    with serve(world, "current") as site:
        for name in ("before", "after"):
            warm.run("crawl", site.url, "-c", name, *FAST, cwd=folder).check_returncode()
            if name == "before":
                world.edit(7)
                world.withdraw(9)
                added = frozenset(world.pieces[number].path for number in world.add(1))
                site.changed()
        url = site.url
    return Past(folder / "output", url, edited, gone, added)


def told(done: subprocess.CompletedProcess[str], code: int = 0) -> dict[str, Any]:
    assert done.returncode == code, done.stderr + done.stdout
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def plain(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in record.items() if name not in OF_THE_CAPTURE} for record in records]


def dataset(collection: Collection) -> tuple[bytes, bytes]:
    return collection.articles.read_bytes(), collection.changes.read_bytes()


def events(collection: Collection) -> list[dict[str, Any]]:
    return [json.loads(line) for line in collection.changes.read_text("utf-8").splitlines()]


def rebuilt(osiris: Osiris, name: str) -> None:
    """Ledger, index and dataset thrown away, and made anew."""
    done = osiris("rebuild", "-c", name)
    assert done.returncode == 0, done.stderr


# -- an empty collection ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("manner", foreign.MANNERS)
def test_a_foreign_capture_gives_the_articles_of_our_own(manner: str, past: Past, osiris: Osiris, tmp_path: Path) -> None:
    pages = past.pages()
    given = tmp_path / f"{manner}.warc.gz"
    foreign.MANNERS[manner](given, pages)
    report = told(osiris("import", str(given), "-c", "c", "--json"))
    collection = Collection(tmp_path / "output", "c")
    assert plain(articles(tmp_path / "output", "c")) == plain(articles(past.output, "before"))
    assert len(articles(tmp_path / "output", "c")) == 40
    assert (report["site"], report["site_from"]) == (past.url, "files")
    assert report["responses"] - report["offsite"] == report["captures"] == len(pages)
    kept = collection.archive / report["files"][0]["name"]
    assert kept.read_bytes() == given.read_bytes()
    assert {event["cause"] for event in events(collection)} == {"import"}
    before = dataset(collection)
    rebuilt(osiris, "c")
    assert dataset(collection) == before
    assert osiris("verify", "-c", "c").returncode == 0


def test_what_is_foreign_is_counted(past: Past, osiris: Osiris, tmp_path: Path) -> None:
    pages = past.pages()
    found = {}
    for manner, write in foreign.MANNERS.items():
        given = tmp_path / f"{manner}.warc.gz"
        write(given, pages)
        found[manner] = told(osiris("import", str(given), "-c", manner, "--json"))
    assert found["wget"]["odd_digests"] == sum(1 for page in pages if page.body)
    assert found["wget"]["resources"] == 1
    assert found["wget"]["without_request"] == 0
    assert found["browsertrix"]["decoded"] == sum(1 for page in pages if page.body)
    assert found["browsertrix"]["not_get"] == 1
    assert found["browsertrix"]["resources"] == len(pages) + 1
    assert (found["heritrix"]["not_http"], found["heritrix"]["offsite"]) == (1, 1)
    assert found["heritrix"]["without_request"] == 1
    assert found["bare"]["without_request"] == len(pages)
    assert [report["wrong_digests"] for report in found.values()] == [0] * 5


def test_the_site_is_told_by_the_files_or_by_hand(past: Past, osiris: Osiris, tmp_path: Path) -> None:
    pages = past.pages()
    plain_pages = [Page(f"http://other.example/{n}", 200, (("Content-Type", "text/html"),), b"<html>x</html>", pages[0].date) for n in range(500)]
    foreign.wget(tmp_path / "a.warc.gz", [*pages, *plain_pages])
    done = osiris("import", "a.warc.gz", "-c", "c")
    assert done.returncode == 0
    assert past.url in done.stderr  # there are more pages of the other, but SPIP made none of them
    foreign.wget(tmp_path / "b.warc.gz", plain_pages)
    done = osiris("import", "b.warc.gz", "-c", "d")
    assert done.returncode == 2
    assert "other.example (500)" in done.stderr
    assert "--site" in done.stderr
    done = osiris("import", "b.warc.gz", "-c", "c")
    assert done.returncode == 2
    assert f"nothing of {past.url}" in done.stderr
    done = osiris("import", "b.warc.gz", "-c", "c", "--site", "http://other.example/")
    assert done.returncode == 2
    assert "another site" in done.stderr
    assert told(osiris("import", "b.warc.gz", "-c", "d", "--site", "other.example", "--json"))["site_from"] == "option"


def test_https_and_www_are_one_site(past: Past, osiris: Osiris, tmp_path: Path) -> None:
    pages = [
        replace(page, url=page.url.replace(past.url, root), body=page.body.replace(past.url.encode(), root.encode()))
        for turn, page in enumerate(past.pages())
        for root in [("https://www.site.example/", "http://site.example/")[turn % 2]]
    ]
    foreign.heritrix(tmp_path / "a.warc.gz", pages)
    assert told(osiris("import", "a.warc.gz", "-c", "c", "--json"))["offsite"] == 1
    found = articles(tmp_path / "output", "c")
    assert len(found) == 40
    assert {record["id"] for record in found} == {record["id"] for record in articles(past.output, "before")}


# -- beside walks of our own ------------------------------------------------------------------------------------------


@pytest.fixture
def after(past: Past, tmp_path: Path) -> Collection:
    """A collection that has crawled the changed site."""
    shutil.copytree(past.output / "collections" / "after", tmp_path / "output" / "collections" / "after")
    return Collection(tmp_path / "output", "after")


def test_older_captures_give_older_versions(past: Past, after: Collection, osiris: Osiris, tmp_path: Path) -> None:
    before, own = {record["url"]: record for record in articles(after.output, "after")}, after.changes.read_text().splitlines()
    foreign.wget(tmp_path / "old.warc.gz", past.pages(earlier=timedelta(days=4000)))
    assert told(osiris("import", "old.warc.gz", "--json"))["site_from"] == "collection"
    found = {record["url"]: record for record in articles(after.output, "after")}
    assert set(found) - set(before) == {past.url + past.gone}
    assert {url for url, record in found.items() if record["version"] == 2} == {past.url + past.edited}
    for url, record in before.items():
        changed = {name for name in record if record[name] != found[url][name]}
        assert changed <= {"first_seen", "last_changed", "capture", "version"}
        assert ("first_seen" in changed) == (url.removeprefix(past.url) not in past.added)
    lines = after.changes.read_text().splitlines()
    assert [line for line in lines if '"cause":"site"' in line] == own
    new = Counter((line["event"], line["cause"]) for line in events(after) if line["cause"] != "site")
    assert new == {("added", "import"): 40, ("changed", "import"): 1}
    whole = dataset(after)
    rebuilt(osiris, "after")
    assert dataset(after) == whole


def test_an_import_gives_the_same_whenever_it_comes(past: Past, after: Collection, osiris: Osiris, tmp_path: Path) -> None:
    """Import after the crawl, and before it: the crawl's own files are put in as a killed run would leave them."""
    foreign.browsertrix(tmp_path / "old.warc.gz", past.pages(earlier=timedelta(days=4000)))
    told(osiris("import", "old.warc.gz", "-c", "after", "--json"))
    other = Collection(after.output, "other")
    told(osiris("import", "old.warc.gz", "-c", "other", "--json"))
    for path in files.closed_files(past_archive(past)):
        shutil.copy(path, other.archive)
    rebuilt(osiris, "other")

    def known(collection: Collection) -> list[dict[str, Any]]:
        lines = [*articles(collection.output, collection.name), *events(collection)]
        for line in lines:
            if "import" in str(line.get("capture")):
                line["capture"] = None
            line.pop("reader", None)  # the model was learned when there was more, or less, to learn from
        return lines

    assert known(other) == known(after)


def past_archive(past: Past) -> Path:
    return Collection(past.output, "after").archive


def test_what_only_an_import_knows_is_withdrawn_by_two_walks(osiris: Osiris, tmp_path: Path) -> None:
    world = World(articles=24)
    with serve(world, "current") as site:
        assert osiris("crawl", site.url, "-c", "old", *FAST).returncode == 0
        foreign.wget(tmp_path / "old.warc.gz", foreign.pages_of(Collection(tmp_path / "output", "old").archive, earlier=timedelta(days=999)))
        world.withdraw(5)
        site.changed()
        assert osiris("crawl", site.url, "-c", "c", *FAST).returncode == 0
        collection = Collection(tmp_path / "output", "c")
        told(osiris("import", "old.warc.gz", "-c", "c", "--json"))
        for _walk in range(2):
            url = site.url + world.pieces[5].path
            assert {r["url"]: r for r in articles(tmp_path / "output", "c")}[url]["withdrawn"] is None
            assert osiris("crawl", site.url, "-c", "c", *FAST).returncode == 0
    assert {r["url"]: r for r in articles(tmp_path / "output", "c")}[url]["withdrawn"] is not None
    assert ("withdrawn", "import") in {(line["event"], line["cause"]) for line in events(collection)}
    whole = dataset(collection)
    rebuilt(osiris, "c")
    assert dataset(collection) == whole


def test_a_crawl_goes_on_from_an_import(osiris: Osiris, tmp_path: Path) -> None:
    with serve(World(articles=24), "current") as site:
        assert osiris("crawl", site.url, "-c", "old", *FAST).returncode == 0
        foreign.wget(tmp_path / "old.warc.gz", foreign.pages_of(Collection(tmp_path / "output", "old").archive, earlier=timedelta(days=999)))
        told(osiris("import", "old.warc.gz", "-c", "c", "--json"))
        ids = [record["id"] for record in articles(tmp_path / "output", "c")]
        assert osiris("crawl", site.url, "-c", "c", *FAST).returncode == 0
    found = articles(tmp_path / "output", "c")
    assert [record["id"] for record in found] == ids
    assert {record["version"] for record in found} == {1}
    collection = Collection(tmp_path / "output", "c")
    whole = dataset(collection)
    rebuilt(osiris, "c")
    assert dataset(collection) == whole


def test_an_import_that_shows_two_articles_to_be_one(past: Past, after: Collection, osiris: Osiris, tmp_path: Path) -> None:
    """One id is left, and what our own walks told of the other stands as it was told."""
    before = articles(after.output, "after")
    one, other = before[0], before[-1]
    date = past.pages(earlier=timedelta(days=4000))[0].date
    foreign.wget(tmp_path / "a.warc.gz", [Page(other["url"], 301, (("Location", one["url"]),), b"", date)])
    own = after.changes.read_text().splitlines()
    told(osiris("import", "a.warc.gz", "-c", "after", "--json"))
    found = articles(after.output, "after")
    assert len(found) == len(before) - 1
    assert [line for line in after.changes.read_text().splitlines() if '"cause":"site"' in line] == own
    assert {record["id"] for record in before} - {record["id"] for record in found} <= {one["id"], other["id"]}
    whole = dataset(after)
    rebuilt(osiris, "after")
    assert dataset(after) == whole


# -- revisits ---------------------------------------------------------------------------------------------------------


def revisit(page: Page, later: timedelta, profile: str = "identical-payload-digest", **fields: str) -> bytes:
    headers = {name.replace("_", "-"): value for name, value in fields.items()}
    common = {"WARC-Target-URI": page.url, "WARC-Date": foreign.seconds(page.date + later), "WARC-Record-ID": foreign.new_id()}
    block = foreign.head(page) if profile == "identical-payload-digest" else b"HTTP/1.1 304 Not Modified\r\n\r\n"
    return foreign.record_of("revisit", {**common, **headers, "WARC-Profile": f"http://netpreserve.org/warc/1.0/revisit/{profile}"}, block)


@pytest.fixture
def three(past: Past, tmp_path: Path) -> list[Path]:
    """Responses in one file, revisits of them in another, an edit and a revisit of the edit in a third."""
    found = [page for page in past.pages(earlier=timedelta(days=4000)) if len(page.body) > 1024]
    edited = next(page for page in past.pages("after", earlier=timedelta(days=3000)) if page.url.endswith(past.edited))
    original = next(page for page in found if page.url.endswith(past.edited))
    paths = [tmp_path / f"{name}.warc.gz" for name in "abc"]
    foreign.commoncrawl(paths[0], [*found[: len(found) // 2], original])
    held = {record.uri: record for record in records(paths[0]) if record.type == "response"}
    day = timedelta(days=1)
    a, b, c, d = [page for page in found[: len(found) // 2] if page.url.endswith(".html")][:4]
    paths[1].write_bytes(
        b"".join(
            [
                revisit(a, 9 * day, WARC_Refers_To_Target_URI=a.url, WARC_Refers_To_Date=foreign.seconds(a.date)),
                revisit(b, 9 * day, WARC_Refers_To=held[b.url].id),
                # The same bytes at another address: known by their digest alone.
                revisit(replace(c, url=c.url + "?utm_source=x"), 9 * day, WARC_Payload_Digest=foreign.sha1(c.body)),
                revisit(d, 9 * day, "server-not-modified", WARC_Refers_To=held[d.url].id),
                # Its original lies in the third file; after the edit the old text came back.
                revisit(edited, 500 * day, WARC_Payload_Digest=foreign.sha1(edited.body)),
                revisit(original, 2500 * day, WARC_Payload_Digest=foreign.sha1(original.body)),
                revisit(a, 10 * day, WARC_Payload_Digest=foreign.sha1(b"nowhere")),
            ]
        )
    )
    foreign.heritrix(paths[2], found[len(found) // 2 :])
    with paths[2].open("ab") as out:
        out.write(foreign.record_of("response", {"WARC-Target-URI": edited.url, "WARC-Date": foreign.seconds(edited.date), "WARC-Record-ID": foreign.new_id(), "WARC-Payload-Digest": foreign.sha1(edited.body)}, foreign.head(edited) + edited.body))
        # The same bytes once more, older: a revisit may find the one or the other, as files come.
        older = {"WARC-Target-URI": original.url, "WARC-Date": foreign.seconds(original.date - 9 * day), "WARC-Record-ID": foreign.new_id()}
        out.write(foreign.record_of("response", {**older, "WARC-Payload-Digest": foreign.sha1(original.body)}, foreign.head(original) + original.body))
    return paths


def test_files_in_any_order_give_one_dataset(three: list[Path], past: Past, tmp_path: Path) -> None:
    orders = [[[file] for file in order] for order in permutations(three)] + [[three], [three[::-1]]]
    found = []
    for turn, order in enumerate(orders):
        settings = Settings(output=tmp_path / str(turn), collection="c", url=past.url)
        for paths in order:
            done = import_files(settings, paths, print)
        found.append(dataset(done.collection))
        rebuild(done.collection, site_of(done.collection))
        assert dataset(done.collection) == found[-1]
        assert done.adopted.unresolved == 1
    assert len(found) == 8
    assert set(found) == {found[0]}
    by_url = {record["url"]: record for record in articles(tmp_path / "0", "c")}
    again = by_url[past.url + past.edited]
    assert again["version"] == 3  # the text, the edit, the text
    assert again["capture"]["date"] < again["last_changed"]  # the full response, not the revisit
    assert len(by_url) == 40


# -- files of ours ----------------------------------------------------------------------------------------------------


def test_ids_of_another_collection_of_ours_are_honoured(past: Past, osiris: Osiris, tmp_path: Path) -> None:
    """An id stays what it was, where neither it nor the article is known here."""
    source = Collection(tmp_path / "source", "x")
    shutil.copytree(past.output / "collections" / "before", source.root)
    ids = {record["url"]: record["id"] for record in articles(source.output, "x")}
    renamed = renumber(source.archive)
    assert len(renamed) == 40
    told(osiris("import", str(source.archive), "-c", "c", "--json"))
    found = {record["url"]: record["id"] for record in articles(tmp_path / "output", "c")}
    assert found == {url: renamed[id] for url, id in ids.items()}
    collection = Collection(tmp_path / "output", "c")
    whole = dataset(collection)
    rebuilt(osiris, "c")
    assert dataset(collection) == whole
    # Where an article has its id already, it keeps it.
    shutil.copytree(past.output / "collections" / "after", tmp_path / "output" / "collections" / "after")
    told(osiris("import", str(source.archive), "-c", "after", "--json"))
    found = {record["url"]: record["id"] for record in articles(tmp_path / "output", "after")}
    known = {record["url"]: record["id"] for record in articles(past.output, "after")}
    assert {url: found[url] for url in known} == known
    assert found[past.url + past.gone] == renamed[ids[past.url + past.gone]]
    rebuilt(osiris, "after")
    assert {record["url"]: record["id"] for record in articles(tmp_path / "output", "after")} == found


def renumber(archive: Path) -> dict[str, str]:
    """Give all ids in a collection's files other names; gives old → new."""
    renamed: dict[str, str] = {}
    for path in files.closed_files(archive):
        data, out = path.read_bytes(), b""
        for record in records(path):
            if record.uri != IDS:
                out += data[record.offset : record.offset + record.length]
                continue
            note = note_of(record.block)
            for entry in note["ids"]:
                renamed[entry["id"]] = entry["id"] = f"old-{entry['id']}"[:60]
            block = note_block(note)
            fields = {name: value for name, value in record.headers.items() if name not in ("WARC-Type", "Content-Length", "WARC-Block-Digest")}
            out += foreign.record_of("metadata", fields, block, version="1.1")
        path.write_bytes(out)
    return renamed


def test_a_collection_is_of_its_own_site_whatever_an_import_says(past: Past, osiris: Osiris, tmp_path: Path) -> None:
    fields = {"WARC-Date": "2014-03-01T10:00:00Z", "WARC-Record-ID": foreign.new_id(), "Content-Type": "application/warc-fields"}
    info = b"software: osiris-crawler/0.1.0\r\nsite: http://other.example/\r\nrun: x\r\ncrawl: 1\r\ncommand: crawl\r\n"
    foreign.commoncrawl(tmp_path / "a.warc.gz", past.pages())
    (tmp_path / "a.warc.gz").write_bytes(foreign.record_of("warcinfo", fields, info) + (tmp_path / "a.warc.gz").read_bytes())
    told(osiris("import", "a.warc.gz", "-c", "zz", "--json"))  # its own files come last by name
    collection = Collection(tmp_path / "output", "zz")
    whole = dataset(collection)
    rebuilt(osiris, "zz")
    assert dataset(collection) == whole
    assert plain(articles(tmp_path / "output", "zz")) == plain(articles(past.output, "before"))


def test_walks_of_another_collection_of_ours_stay_walks(osiris: Osiris, tmp_path: Path) -> None:
    """Two of its walks met an article gone, on the same day: it is withdrawn here as it was there."""
    world = World(articles=24)
    with serve(world, "current") as site:
        for walk in range(3):
            assert osiris("crawl", site.url, "-c", "theirs", *FAST).returncode == 0
            if walk == 0:
                world.withdraw(5)
                site.changed()
    theirs = articles(tmp_path / "output", "theirs")
    assert sum(record["withdrawn"] is not None for record in theirs) == 1
    told(osiris("import", "output/collections/theirs/archive", "-c", "c", "--json"))
    ours = articles(tmp_path / "output", "c")
    for record in (*theirs, *ours):
        del record["capture"]["warc"]
    assert ours == theirs


# -- what can't be taken, and what is damaged -------------------------------------------------------------------------


def test_damage_is_said_and_the_rest_is_taken_in(past: Past, osiris: Osiris, tmp_path: Path) -> None:
    pages = past.pages()
    foreign.commoncrawl(tmp_path / "whole.warc.gz", pages)
    data = bytearray((tmp_path / "whole.warc.gz").read_bytes())
    offsets = [record.offset for record in records(tmp_path / "whole.warc.gz")]
    data[offsets[11] + 40] ^= 0xFF
    (tmp_path / "bad.warc.gz").write_bytes(data[:-30])
    done = osiris("import", "bad.warc.gz", "-c", "c", "--json")
    report = told(done, 6)
    assert report["damaged"] == 2
    assert report["files"][0]["found"]["torn"]
    assert [gap["start"] for gap in report["files"][0]["found"]["damage"]] == [offsets[11], offsets[-1]]
    assert report["captures"] == len(pages) - 2
    collection = Collection(tmp_path / "output", "c")
    assert (collection.archive / report["files"][0]["name"]).read_bytes() == bytes(data[:-30])
    assert json.loads(collection.events.read_text().splitlines()[-1])["eventOutcome"] == "warning"
    shown = osiris("import", "bad.warc.gz", "-c", "d")
    assert f"bytes {offsets[11]} to {offsets[12]}" in shown.stderr


def test_a_record_that_is_not_what_its_digest_says(past: Past, osiris: Osiris, tmp_path: Path) -> None:
    foreign.commoncrawl(tmp_path / "a.warc.gz", past.pages())
    date = past.pages()[0].date
    bad = foreign.record_of("response", {"WARC-Target-URI": past.url + "x.html", "WARC-Date": foreign.seconds(date), "WARC-Record-ID": foreign.new_id(), "WARC-Payload-Digest": foreign.sha1(b"other")}, b"HTTP/1.1 200 OK\r\n\r\nbody")
    with (tmp_path / "a.warc.gz").open("ab") as out:
        out.write(bad)
    assert told(osiris("import", "a.warc.gz", "-c", "c", "--json"), 6)["wrong_digests"] == 1


def refused(tmp_path: Path) -> dict[str, tuple[Callable[[Path], object], str]]:
    one = gzip.decompress(foreign.record_of("response", {"WARC-Target-URI": "http://h/", "WARC-Date": "2014-01-01T00:00:00Z", "WARC-Record-ID": "<urn:x>"}, b"HTTP/1.1 200 OK\r\n\r\nx"))
    return {
        "text": (lambda path: path.write_text("hello"), "no WARC and no WACZ"),
        "empty": (lambda path: path.write_bytes(b""), "is empty"),
        "arc": (lambda path: path.write_bytes(b"filedesc://x.arc 0.0.0.0 2008 text/plain 76\n"), "ARC"),
        "arc.gz": (lambda path: path.write_bytes(gzip.compress(b"filedesc://x.arc 0.0.0.0 2008 text/plain 76\n")), "ARC"),
        "zst": (lambda path: path.write_bytes(b"\x28\xb5\x2f\xfd" + b"x" * 20), "zstd"),
        "gz": (lambda path: path.write_bytes(gzip.compress(b"hello" * 100)), "no WARC record"),
        "one member": (lambda path: path.write_bytes(gzip.compress(one * 3)), "recompress"),
        "folder": (lambda path: path.mkdir(), "holds no .warc"),
        "missing": (lambda path: None, "no file"),
        "zip": (lambda path: foreign.wacz(path, []), "no WACZ"),
        "torn zip": (lambda path: path.write_bytes(b"PK\x03\x04" + b"x" * 90), "WACZ"),
    }


@pytest.mark.parametrize("what", list(refused(Path())))
def test_what_is_no_archive_is_refused_by_name(what: str, past: Past, osiris: Osiris, tmp_path: Path) -> None:
    foreign.wget(tmp_path / "good.warc.gz", past.pages())
    make, words = refused(tmp_path)[what]
    make(tmp_path / "bad.warc.gz")
    done = osiris("import", "good.warc.gz", "bad.warc.gz", "-c", "c")
    assert done.returncode == 2, done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert "bad.warc.gz" in done.stderr
    assert words in done.stderr
    assert not (tmp_path / "output").exists()  # nothing was put in place


def test_a_file_is_taken_in_once(past: Past, osiris: Osiris, tmp_path: Path) -> None:
    foreign.wget(tmp_path / "a.warc.gz", past.pages())
    shutil.copy(tmp_path / "a.warc.gz", tmp_path / "b.warc.gz")
    foreign.wacz(tmp_path / "c.wacz", [tmp_path / "a.warc.gz"])
    report = told(osiris("import", "a.warc.gz", "b.warc.gz", "c.wacz", "-c", "c", "--json"))
    assert report["held"] == ["b.warc.gz", "c.wacz/archive/a.warc.gz"]
    collection = Collection(tmp_path / "output", "c")
    whole, held = dataset(collection), sorted(path.name for path in collection.archive.iterdir())
    assert told(osiris("import", "c.wacz", "--json"))["held"] == ["c.wacz/archive/a.warc.gz"]
    assert (dataset(collection), sorted(path.name for path in collection.archive.iterdir())) == (whole, held)
    assert len(collection.events.read_text().splitlines()) == 1


def test_a_folder_of_files(past: Past, osiris: Osiris, tmp_path: Path) -> None:
    pages = past.pages()
    (tmp_path / "in" / "deep").mkdir(parents=True)
    foreign.wget(tmp_path / "in" / "a.warc.gz", pages[::2])
    foreign.browsertrix(tmp_path / "x.warc.gz", pages[1::2])
    foreign.wacz(tmp_path / "in" / "deep" / "b.wacz", [tmp_path / "x.warc.gz"])
    (tmp_path / "in" / "README").write_text("not an archive")
    report = told(osiris("import", "in", "-c", "c", "--json"))
    assert [file["original"] for file in report["files"]] == ["a.warc.gz", "b.wacz/archive/x.warc.gz"]
    assert plain(articles(tmp_path / "output", "c")) == plain(articles(past.output, "before"))


def test_a_file_can_not_choose_its_name(past: Past, osiris: Osiris, tmp_path: Path) -> None:
    name = "x-20140101000000-99999-[red]\x1b[31m é.warc.gz"
    foreign.wget(tmp_path / name, past.pages())
    done = osiris("import", name, "-c", "c")
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stderr
    collection = Collection(tmp_path / "output", "c")
    imported = [path.name for path in collection.archive.iterdir() if is_import(path.name)]
    assert imported == [f"import-{sha256(tmp_path / name)[:16]}-x_20140101000000_99999_red_31m.warc.gz"]
    with serve(World(articles=24), "current") as site:  # the writer's serials are not led astray
        assert osiris("crawl", site.url, "-c", "c", *FAST).returncode == 2  # another port is another site
    assert not [path for path in collection.archive.iterdir() if "99999-" in path.name]


# -- kills ------------------------------------------------------------------------------------------------------------

KILLED = """
import os, sys
from osiris_crawler.importing import taking, staging
from osiris_crawler.archive import fixity
from osiris_crawler.cli import main

def dies(module, name, *, after, call=1):
    whole, calls = getattr(module, name), [0]
    def short(*arguments, **named):
        calls[0] += 1
        if calls[0] == call and not after:
            os._exit(99)
        answer = whole(*arguments, **named)
        if calls[0] == call:
            os._exit(99)
        return answer
    setattr(module, name, short)

dies(*eval(sys.argv[1])[:2], **eval(sys.argv[1])[2])
main(sys.argv[2:])
"""
POINTS = {
    "before the record": "(taking, 'own_writer', dict(after=False))",
    "record written, no file in place": "(taking, 'put_in_place', dict(after=False))",
    "one file in place": "(taking, 'put_in_place', dict(after=True))",
    "not sealed": "(taking.fixity, 'seal', dict(after=False, call=2))",
    "sealed, no event": "(taking, '_tell', dict(after=False))",
    "told, not read": "(taking, 'adopt', dict(after=False))",
    "read, not published": "(taking, 'publish_anew', dict(after=False))",
}


@pytest.mark.parametrize("point", POINTS)
def test_a_kill_loses_nothing(point: str, past: Past, after: Collection, osiris: Osiris, tmp_path: Path) -> None:
    pages = past.pages(earlier=timedelta(days=4000))
    foreign.wget(tmp_path / "a.warc.gz", pages[::2])
    foreign.heritrix(tmp_path / "b.warc.gz", pages[1::2])
    shutil.copytree(after.root, tmp_path / "whole" / "collections" / "after")
    told(osiris("import", "a.warc.gz", "b.warc.gz", "-o", "whole", "--json"))
    whole = Collection(tmp_path / "whole", "after")
    run = [sys.executable, "-c", KILLED, POINTS[point], "import", "a.warc.gz", "b.warc.gz", "-c", "after", "--quiet"]
    killed = subprocess.run(run, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False)
    assert killed.returncode == 99, killed.stderr
    # A rebuild in between must not take what lies there for our own.
    shutil.copytree(after.root, tmp_path / "between" / "collections" / "after")
    assert osiris("rebuild", "-o", "between").returncode == 0
    between = Collection(tmp_path / "between", "after")
    assert [line for line in events(between) if line["cause"] == "site"] == [line for line in events(whole) if line["cause"] == "site"]
    told(osiris("import", "a.warc.gz", "b.warc.gz", "-c", "after", "--json"))
    assert dataset(after) == dataset(whole)
    rebuilt(osiris, "after")
    assert dataset(after) == dataset(whole)
    imported = sorted(path.name for path in after.archive.iterdir() if is_import(path.name))
    assert imported == sorted(path.name for path in whole.archive.iterdir() if is_import(path.name))
    lines = [json.loads(line) for line in after.events.read_text().splitlines()]
    assert sorted(name for line in lines if line["eventType"] == "import" for name in line["linkingObjects"]) == imported
    assert not list((tmp_path / "output").glob(".import-*"))
    assert osiris("verify", "-c", "after").returncode == 0


# -- wget itself ------------------------------------------------------------------------------------------------------


def test_wget_itself(osiris: Osiris, tmp_path: Path) -> None:
    if shutil.which("wget") is None:
        assert not os.environ.get("CI"), "wget is to be installed where the tests run unwatched"
        pytest.skip("wget is not installed (Debian: apt-get install wget)")
    world = World(articles=40)
    with serve(world, "current") as site:
        assert osiris("crawl", site.url, "-c", "own", *FAST).returncode == 0
        traps = "page=login|/ecrire/|var_mode|page=recherche|page=forum|action=|lang=|debut_.*debut_|tri=|sens=|id_rubrique=|calendrier|debut_articles=900|freres"
        command = ["wget", "-q", "--mirror", "--page-requisites", f"--warc-file={tmp_path / 'wget'}", "--delete-after", f"--reject-regex={traps}", site.url]
        subprocess.run(command, cwd=tmp_path, check=False, timeout=120)
    report = told(osiris("import", "wget.warc.gz", "-c", "c", "--json"))
    assert report["files"][0]["found"]["software"].startswith("Wget/")
    assert plain(articles(tmp_path / "output", "c")) == plain(articles(tmp_path / "output", "own"))
