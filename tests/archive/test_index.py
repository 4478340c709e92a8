"""index.cdxj: the form of its lines, its order, and how files go in and out of it."""

from __future__ import annotations

import json
import random
import zlib
from collections.abc import Iterable
from pathlib import Path

import pytest

from osiris_crawler.archive import index
from osiris_crawler.archive.clock import parse_warc_date
from osiris_crawler.archive.index import Lines
from osiris_crawler.archive.reader import records
from osiris_crawler.archive.records import build, conversion, digest
from tests.archive.made import SITE, exchange, write, writer

DAY = parse_warc_date("2026-01-02T03:04:05.678901Z")


def lines_of(path: Path) -> list[bytes]:
    return sorted(index.lines_of(path, path.name))


def made(count: int, file: str, seed: int) -> list[bytes]:
    """Lines as they stand in an index, sorted."""
    chance = random.Random(seed)
    return sorted(
        b'sn,osiris)/%d 20260101000000 {"url": "http://osiris.sn/%d", "filename": "%s"}\n' % (n, n, file.encode())
        for n in chance.sample(range(10 * count), count)
    )


def test_a_line_for_each_capture_and_none_for_the_rest(tmp_path: Path) -> None:
    into = writer(tmp_path)
    body = b"<p>B\xc3\xa9</p>"
    write(into, [exchange("/Page?b&a", body), exchange("/gone", b"", status=404), exchange("/c", b"abc", chunked=True)])
    into.close_sync()
    (path,) = tmp_path.glob("*.warc.gz")
    lines = lines_of(path)
    assert len(lines) == 3
    key, stamp, fields = lines[2].decode().split(" ", 2)
    by_uri = {record.uri: record for record in records(path) if record.type == "response"}
    record = by_uri[f"{SITE}/Page?b&a"]
    assert key == "example,site)/page?a&b"
    assert stamp == "".join(c for c in record.date if c.isdigit())[:14]
    assert list(json.loads(fields).items()) == [
        ("url", f"{SITE}/Page?b&a"), ("mime", "text/html"), ("status", "200"), ("digest", digest(body)),
        ("length", str(record.length)), ("offset", str(record.offset)), ("filename", path.name),
    ]  # fmt: skip
    chunked = json.loads(lines[0].decode().split(" ", 2)[2])
    assert chunked["digest"] == digest(b"abc")  # of the body, not of its chunks
    assert fields.startswith('{"url": ')  # the spaces of json.dumps, as cdxj-indexer writes them


def test_resources_and_metadata_of_other_crawlers_have_lines(tmp_path: Path) -> None:
    made_records = [
        build("resource", b"text", "text/plain; charset=utf-8", DAY, uri="http://a.sn/r"),
        build("metadata", b"{}", "application/json", DAY, uri="urn:pageinfo:http://a.sn/"),
        build("metadata", b"via: x\r\n", "application/warc-fields", DAY, uri="http://a.sn/m"),
        build("resource", b"a: b\r\n", "application/warc-fields", DAY, uri="http://a.sn/f"),
        build("request", b"GET / HTTP/1.1\r\n\r\n", "application/http;msgtype=request", DAY, uri="http://a.sn/q"),
        build("response", b"no status line", "application/http;msgtype=response", DAY, uri="http://a.sn/odd"),
        build("warcinfo", b"", "application/warc-fields", DAY),
        conversion("http://a.sn/t", "text", DAY, refers_to="<urn:uuid:0>"),
    ]
    path = tmp_path / "x.warc.gz"
    path.write_bytes(b"".join(piece for ready in made_records for piece in ready.member))
    found = {json.loads(line.split(b" ", 2)[2])["url"]: json.loads(line.split(b" ", 2)[2]) for line in lines_of(path)}
    assert set(found) == {"http://a.sn/r", "urn:pageinfo:http://a.sn/", "http://a.sn/odd"}
    assert found["http://a.sn/r"]["mime"] == "text/plain"
    assert "status" not in found["http://a.sn/odd"]
    assert "mime" not in found["http://a.sn/odd"]


def test_records_that_share_a_member_are_not_pointed_to(tmp_path: Path) -> None:
    ready = [build("resource", b"text", "text/plain", DAY, uri=f"http://a.sn/{n}") for n in range(3)]
    plain = b"".join(zlib.decompress(b"".join(one.member), 31) for one in ready)
    frame = zlib.compressobj(6, zlib.DEFLATED, 31)
    path = tmp_path / "x.warc.gz"
    path.write_bytes(frame.compress(plain) + frame.flush())
    assert len(list(records(path))) == 3
    assert len(lines_of(path)) == 1


@pytest.mark.parametrize("name", ['a"b.warc.gz', "a\\b.warc.gz", "é.warc.gz", 'x"}.warc.gz', '"filename": ".gz'])
def test_file_names_are_escaped_and_found_again(name: str, tmp_path: Path) -> None:
    (record,) = _one(tmp_path)
    line = index.line_of(record, name)
    assert line is not None
    assert line.isascii()
    assert index.filename_of(line) == name
    cdxj = tmp_path / "index.cdxj"
    other = index.line_of(record, "other.warc.gz")
    assert other is not None
    index.merge(cdxj, Lines(tmp_path, [line, other]))
    index.merge(cdxj, Lines(tmp_path), without=[name])
    assert cdxj.read_bytes() == other


def _one(folder: Path) -> Iterable:  # type: ignore[type-arg]
    path = folder / "one.warc.gz"
    path.write_bytes(b"".join(build("resource", b"text", "text/plain", DAY, uri="http://a.sn/").member))
    return list(records(path))


def test_files_go_in_one_by_one_and_stay_sorted(tmp_path: Path) -> None:
    cdxj = tmp_path / "indexes" / "index.cdxj"
    all_lines: list[bytes] = []
    for n in range(6):
        lines = made(200, f"{n}.warc.gz", n)
        index.merge(cdxj, Lines(tmp_path, random.Random(n).sample(lines, len(lines))))
        all_lines += lines
        assert cdxj.read_bytes() == b"".join(sorted(set(all_lines)))
    index.merge(cdxj, Lines(tmp_path, made(200, "3.warc.gz", 3)))  # a second time changes nothing
    assert cdxj.read_bytes() == b"".join(sorted(set(all_lines)))
    new = made(150, "3.warc.gz", 33)
    index.merge(cdxj, Lines(tmp_path, new), without=["3.warc.gz"])
    rest = [line for line in all_lines if b'"3.warc.gz"' not in line]
    assert cdxj.read_bytes() == b"".join(sorted({*rest, *new}))
    assert [path.name for path in cdxj.parent.iterdir()] == ["index.cdxj"]


def test_order_is_that_of_bytes(tmp_path: Path) -> None:
    cdxj = tmp_path / "index.cdxj"
    index.merge(cdxj, Lines(tmp_path, [b"b)/ 1 {}\n", b"a)/~ 1 {}\n", b"a)/Z 1 {}\n", b"a)/%c3 1 {}\n", b"a)/ 1 {}\n"]))
    assert cdxj.read_bytes() == b"a)/ 1 {}\na)/%c3 1 {}\na)/Z 1 {}\na)/~ 1 {}\nb)/ 1 {}\n"


@pytest.mark.parametrize("old", [b"b 1 {}\na 1 {}\n", b"b 1 {}\na 1 {}", b"b 1 {}\nb 1 {}\na 1 {}\n"])
def test_an_index_that_is_not_sorted_is_sorted_by_the_way(old: bytes, tmp_path: Path) -> None:
    cdxj = tmp_path / "index.cdxj"
    cdxj.write_bytes(old)
    index.merge(cdxj, Lines(tmp_path, [b"aa 1 {}\n"]))
    assert cdxj.read_bytes() == b"a 1 {}\naa 1 {}\nb 1 {}\n"


def test_what_goes_beyond_memory_waits_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "IN_MEMORY", 2000)
    monkeypatch.setattr(index, "_MOST_RUNS", 4)
    lines = made(3000, "a.warc.gz", 1)
    shuffled = random.Random(2).sample(lines, len(lines)) + lines[:100]
    gathered = Lines(tmp_path, shuffled)
    assert sum(map(len, gathered._held)) < 2000
    assert 1 <= len(gathered._runs) <= 5
    assert list(gathered) == lines
    assert list(gathered) == lines  # it can be gone through again
    assert list(tmp_path.iterdir()) == []


def test_an_index_made_anew_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cdxj, anew = tmp_path / "index.cdxj", tmp_path / "anew.cdxj"
    archive = tmp_path / "archive"
    into = writer(
        archive, max_size=6000, on_closed=lambda closed: index.merge(cdxj, closed.lines, without=[closed.path.name])
    )
    for turn in range(12):
        write(into, [exchange(f"/{n}", bytes(str(n * turn), "ascii") * 99) for n in range(5)])
    into.close_sync()
    paths = sorted(archive.iterdir())
    assert len(paths) > 3
    monkeypatch.setattr(index, "IN_MEMORY", 1000)
    anew.write_bytes(b"what was there before\n")
    index.rebuild(anew, paths)
    assert anew.read_bytes() == cdxj.read_bytes()
    assert len(cdxj.read_bytes().splitlines()) == 60


def test_a_failure_leaves_the_old_index(tmp_path: Path) -> None:
    cdxj = tmp_path / "index.cdxj"
    cdxj.write_bytes(b"a 1 {}\n")
    (tmp_path / "torn.warc.gz").mkdir()  # no file: reading it fails
    with pytest.raises(OSError):
        index.rebuild(cdxj, [tmp_path / "torn.warc.gz"])
    assert cdxj.read_bytes() == b"a 1 {}\n"
