"""What is in a WACZ, point by point of WACZ 1.1.1."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import tracemalloc
import zipfile
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from osiris_crawler.archive import fixity
from osiris_crawler.export import cdx, reading
from osiris_crawler.export.job import Job, Written
from osiris_crawler.export.package import Package, blocks_of
from osiris_crawler.export.wacz import Wacz
from tests.conftest import articles
from tests.peers.conftest import Crawled

CREATED = datetime(2026, 1, 2, 3, 4, 6, tzinfo=UTC)


def export(of: Crawled, to: Path, **more: Any) -> Written:
    return Wacz().write(Job(of.collection, to, created=CREATED, **more))


@pytest.fixture(scope="module")
def wacz(crawled: Crawled, tmp_path_factory: pytest.TempPathFactory) -> Iterator[zipfile.ZipFile]:
    path = tmp_path_factory.mktemp("wacz") / "c.wacz"
    export(crawled, path)
    with zipfile.ZipFile(path) as package:
        yield package


def lines(package: zipfile.ZipFile, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in package.read(name).splitlines()]


def test_the_files_of_the_standard_are_there_and_stored(wacz: zipfile.ZipFile, crawled: Crawled) -> None:
    names = [entry.filename for entry in wacz.infolist()]
    assert names == [
        *(f"archive/{path.name}" for path in crawled.files),
        "indexes/index.cdx.gz", "indexes/index.idx", "pages/pages.jsonl", "datapackage.json", "datapackage-digest.json",
    ]  # fmt: skip
    assert len(crawled.files) > 2
    assert {entry.compress_type for entry in wacz.infolist()} == {zipfile.ZIP_STORED}
    assert wacz.testzip() is None


def test_the_warc_files_are_unchanged(wacz: zipfile.ZipFile, crawled: Crawled) -> None:
    for path in crawled.files:
        assert wacz.read(f"archive/{path.name}") == path.read_bytes()


def test_the_list_says_what_is_there(wacz: zipfile.ZipFile) -> None:
    data = wacz.read("datapackage.json")
    described = json.loads(data)
    assert (described["profile"], described["wacz_version"]) == ("data-package", "1.1.1")
    assert described["created"] == described["modified"] == "2026-01-02T03:04:06Z"
    assert described["software"].startswith("osiris-crawler ")
    assert described["title"].startswith("OSIRIS - ")
    assert "60 articles" in described["description"]
    for resource in described["resources"]:
        content = wacz.read(resource["path"])
        assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
        assert resource["bytes"] == len(content)
        assert re.fullmatch(r"[-a-z0-9._/]+", resource["name"])
    listed = [resource["path"] for resource in described["resources"]]
    assert [*listed, "datapackage.json", "datapackage-digest.json"] == wacz.namelist()
    digest = json.loads(wacz.read("datapackage-digest.json"))
    assert digest == {"path": "datapackage.json", "hash": f"sha256:{hashlib.sha256(data).hexdigest()}"}


def test_the_index_is_the_collections_own(wacz: zipfile.ZipFile, crawled: Crawled) -> None:
    """But for the lines of revisit records of a 304, which replay tools show as an empty page."""
    lines = gzip.decompress(wacz.read("indexes/index.cdx.gz")).splitlines(keepends=True)
    theirs = crawled.collection.index.read_bytes().splitlines(keepends=True)
    left_out = [line for line in theirs if b'"mime": "warc/revisit", "status": "304"' in line]
    assert left_out
    assert lines == [line for line in theirs if line not in left_out]
    first, *places = wacz.read("indexes/index.idx").decode().splitlines()
    assert first == '!meta 0 {"format": "cdxj-gzip-1.0", "filename": "index.cdx.gz"}'
    assert len(places) == 1  # fewer than 1,024 lines


def test_each_block_of_the_index_can_be_read_alone() -> None:
    written = [
        b'sn,osiris)/%05d 20260101000000 {"url": "http://osiris.sn/%05d", "offset": "%d", "filename": "a.warc.gz"}\n' % (n, n, n)
        for n in range(3000)
    ]  # fmt: skip
    index = cdx.CdxWriter({"a.warc.gz"}, {("a.warc.gz", 2500)})
    data = b"".join(
        index.blocks([*written, b'x)/ 2026 {"url": "http://x/", "offset": "0", "filename": "other.warc.gz"}\n'])
    )
    places = [line.partition(" {") for line in index.secondary().decode().splitlines()[1:]]
    assert len(places) == 3
    found = []
    for key, _brace, fields in places:
        place = json.loads("{" + fields)
        block = data[place["offset"] : place["offset"] + place["length"]]
        assert place["digest"] == f"sha256:{hashlib.sha256(block).hexdigest()}"
        plain = zlib.decompress(block, wbits=31).splitlines(keepends=True)
        assert plain[0].startswith(f"{key} {{".encode())
        found += plain
    assert found == written
    assert index.found[("a.warc.gz", 2500)].url == "http://osiris.sn/02500"


def test_the_pages_are_the_home_page_and_the_articles(wacz: zipfile.ZipFile, crawled: Crawled) -> None:
    header, home, *rest = lines(wacz, "pages/pages.jsonl")
    assert header == {"format": "json-pages-1.0", "id": "pages", "title": "Pages", "hasText": True}
    dataset = articles(crawled.collection.output, "c")
    assert [page["id"] for page in rest] == [article["id"] for article in dataset]
    assert len(rest) == 60
    described = json.loads(wacz.read("datapackage.json"))
    assert (home["url"], home["ts"]) == (described["mainPageUrl"], described["mainPageDate"])
    for page, article in zip(rest, dataset, strict=True):
        assert page["title"] == article["title"]
        assert article["body"] in page["text"]
        assert (article["lead"] or "") in page["text"]


def test_every_page_is_in_the_index(wacz: zipfile.ZipFile, crawled: Crawled) -> None:
    known = {}
    for line in crawled.collection.index.read_text("utf-8").splitlines():
        _key, stamp, fields = line.split(" ", 2)
        entry = json.loads(fields)
        known[entry["url"], stamp] = entry
    pages = lines(wacz, "pages/pages.jsonl")[1:]
    assert len(pages) == 61
    for page in pages:
        entry = known[page["url"], re.sub(r"\D", "", page["ts"])]
        assert (entry["mime"], entry["status"]) == ("text/html", "200")


def test_the_same_collection_gives_the_same_bytes(crawled: Crawled, tmp_path: Path) -> None:
    export(crawled, tmp_path / "a.wacz")
    export(crawled, tmp_path / "b.wacz")
    assert (tmp_path / "a.wacz").read_bytes() == (tmp_path / "b.wacz").read_bytes()
    Wacz().write(Job(crawled.collection, tmp_path / "later.wacz"))
    with zipfile.ZipFile(tmp_path / "a.wacz") as one, zipfile.ZipFile(tmp_path / "later.wacz") as other:
        differing = [name for name in one.namelist() if one.read(name) != other.read(name)]
    assert differing == ["datapackage.json", "datapackage-digest.json"]


def test_memory_does_not_grow_with_the_files(copied: Crawled, tmp_path: Path) -> None:
    """A file of 200 MB among them, of zeros; what is read of it at a time is a megabyte."""
    large = copied.collection.archive / "large.warc.gz"
    with large.open("wb") as out:
        out.truncate(200_000_000)
    sums = fixity.read(copied.collection.manifest)
    fixity.write(copied.collection.manifest, {**sums, large.name: fixity.sha256(large)})
    tracemalloc.start()
    try:
        written = export(copied, tmp_path / "c.wacz")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert written.bytes > 200_000_000
    assert peak < 16_000_000


def test_what_is_not_closed_or_not_sealed_stays_out(copied: Crawled, tmp_path: Path) -> None:
    archive, manifest = copied.collection.archive, copied.collection.manifest
    dataset = articles(copied.collection.output, "c")
    first = archive / dataset[0]["capture"]["warc"]
    (archive / "c-20300101000000-00099-x.warc.gz.open").write_bytes(first.read_bytes())
    sums = fixity.read(manifest)
    del sums[first.name]
    fixity.write(manifest, sums)
    written = export(copied, tmp_path / "c.wacz")
    with zipfile.ZipFile(tmp_path / "c.wacz") as package:
        names = [name for name in package.namelist() if name.startswith("archive/")]
        pages = lines(package, "pages/pages.jsonl")[1:]
    assert names == [f"archive/{name}" for name in sorted(sums)]
    in_first = [article for article in dataset if article["capture"]["warc"] == first.name]
    assert written.left_out["not_closed"] == len(in_first) > 0
    assert len([page for page in pages if page["id"] != "/"]) == 60 - len(in_first)


def test_an_entry_that_may_pass_two_gigabytes_is_written_for_it(tmp_path: Path) -> None:
    with (tmp_path / "x.zip").open("wb") as out, Package(out, CREATED) as package:
        package.add("large", [b"abc"], most=3 << 30)
        package.add("small", [b"abc"], most=3)
    data = (tmp_path / "x.zip").read_bytes()
    assert data[4:6] == b"\x2d\x00"  # version 4.5 is needed: ZIP64
    with zipfile.ZipFile(tmp_path / "x.zip") as package:
        assert {name: package.read(name) for name in package.namelist()} == {"large": b"abc", "small": b"abc"}


def test_names_in_the_list_are_unique(copied: Crawled, tmp_path: Path) -> None:
    """An imported file's name may differ from another's in nothing but its case, or hold what the list may not."""
    first = copied.files[0]
    sums = fixity.read(copied.collection.manifest)
    for name in (first.name.upper().replace(".WARC.GZ", ".warc.gz"), "été 1.warc.gz"):
        (copied.collection.archive / name).write_bytes(first.read_bytes())
        sums[name] = sums[first.name]
    fixity.write(copied.collection.manifest, sums)
    export(copied, tmp_path / "c.wacz")
    with zipfile.ZipFile(tmp_path / "c.wacz") as package:
        names = [resource["name"] for resource in json.loads(package.read("datapackage.json"))["resources"]]
        assert "archive/été 1.warc.gz" in package.namelist()
    assert len(names) == len(set(names)) == len(sums) + 3
    assert all(re.fullmatch(r"[-a-z0-9._/]+", name) for name in names)


def test_files_are_read_in_steps(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(bytes(2_500_000))
    assert [len(block) for block in blocks_of(tmp_path / "x")] == [1 << 20, 1 << 20, 2_500_000 - (2 << 20)]


# -- reading back -----------------------------------------------------------------------------------------------------


def rewritten(source: zipfile.ZipFile, to: Path, change: dict[str, bytes | None], *, listed: bool = True) -> Path:
    """A copy with entries changed or left out; with `listed` the list of files is made to agree."""
    with to.open("wb") as out, Package(out, CREATED) as package:
        for name in source.namelist():
            data = change.get(name, source.read(name))
            if name == "datapackage.json":
                described = json.loads(source.read(name))
                if listed:
                    described["resources"] = [
                        {"name": member.path, "path": member.path, "hash": f"sha256:{member.sha256}", "bytes": member.bytes}
                        for member in package.members
                    ]  # fmt: skip
                data = json.dumps(described).encode()
                digest = {"path": name, "hash": f"sha256:{hashlib.sha256(data).hexdigest()}"}
            elif name == "datapackage-digest.json" and name not in change:
                data = json.dumps(digest).encode()
            if data is not None:
                package.add(name, [data], most=len(data))
    return to


def test_a_sound_one_reads_back(wacz: zipfile.ZipFile, tmp_path: Path) -> None:
    read: list[int] = []
    reading.check(rewritten(wacz, tmp_path / "x.wacz", {}), read.append)
    assert sum(read) > 500_000


@pytest.mark.parametrize(
    ("name", "change", "listed", "part"),
    [
        ("pages/pages.jsonl", lambda data: data.replace(b'"url":"http', b'"url":"ftp', 1), True, "no capture of the page ftp"),
        ("pages/pages.jsonl", lambda data: data.replace(b'"ts":"20', b'"ts":"19', 1), True, "no capture of the page http"),
        ("pages/pages.jsonl", lambda data: data.replace(b'"title":"O', b'"title":"P', 1), False, "pages.jsonl does not have the sum"),
        ("pages/pages.jsonl", lambda data: None, False, "not the list of its entries"),
        ("indexes/index.idx", lambda data: data.replace(b'"offset": 0', b'"offset": 7').replace(b")/ ", b")/x "), True, "where it says"),
        ("indexes/index.idx", lambda data: data.splitlines(keepends=True)[0], True, "where it says"),
        ("indexes/index.cdx.gz", lambda data: data[:-1] + b"\1", True, "index.cdx.gz does not have the sum"),
        ("datapackage-digest.json", lambda data: data.replace(b"sha256:", b"sha256:0"), True, "datapackage.json does not have"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_found(
    name: str, change: Any, listed: bool, part: str, wacz: zipfile.ZipFile, tmp_path: Path
) -> None:
    path = rewritten(wacz, tmp_path / "x.wacz", {name: change(wacz.read(name))}, listed=listed)
    with pytest.raises(reading.IntegrityError, match=part):
        reading.check(path)


def test_an_index_that_points_beyond_a_file_is_found(wacz: zipfile.ZipFile, crawled: Crawled, tmp_path: Path) -> None:
    name = f"archive/{crawled.files[0].name}"
    path = rewritten(wacz, tmp_path / "x.wacz", {name: wacz.read(name)[:1000]})
    with pytest.raises(reading.IntegrityError, match="points beyond"):
        reading.check(path)


def test_a_deflated_entry_is_found(wacz: zipfile.ZipFile, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.wacz", "w", zipfile.ZIP_DEFLATED) as other:
        for name in wacz.namelist():
            other.writestr(name, wacz.read(name))
    with pytest.raises(reading.IntegrityError, match="is compressed"):
        reading.check(tmp_path / "x.wacz")
