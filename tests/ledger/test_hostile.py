"""Files that claim much and hold odd things: read without a stumble, and without taking more than their size would say."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from osiris_crawler.archive.http import content, length_of, parse_response
from osiris_crawler.archive.index import LONGEST_ADDRESS, line_of
from osiris_crawler.archive.reader import Record, Records, read_at
from osiris_crawler.archive.records import entries_of, note_of
from osiris_crawler.archive.surt import surt


@pytest.mark.parametrize("value", [b"9" * 5000, "²".encode(), b"-1", b"1 2", b"", b"0x10"])
def test_no_length(value: bytes) -> None:
    assert length_of(value) is None
    block = b"HTTP/1.1 200 OK\r\nContent-Length: " + value + b"\r\n\r\nbody"
    assert parse_response(block).body == b"body"


def test_a_length_cuts_the_body() -> None:
    assert parse_response(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nbody").body == b"bo"


def test_a_note_too_deep_is_a_text() -> None:
    assert note_of(b"ids: " + b"[" * 100_000) == {"ids": "[" * 100_000}
    assert note_of(b"{" + b'"a":{' * 100_000) == {}


def test_entries_have_their_fields() -> None:
    note = {"ids": [{"id": "a", "key": "k"}, {"id": 1, "key": "k"}, {"id": "b"}, [], None, "x"]}
    assert entries_of(note, "ids", "id", "key") == [{"id": "a", "key": "k"}]
    assert entries_of({"ids": {"id": "a"}}, "ids", "id") == entries_of({}, "ids", "id") == []


@pytest.mark.parametrize("url", ["http://a:x/\nforged 1 {}\n", "filedesc:\nforged", "http://a:99999999/\r\n\t\x00 b", "a\u2028:\n"])
def test_a_line_of_the_index_is_one_line(url: str) -> None:
    key = surt(url)
    assert len(key.split()) == 1
    assert key.isprintable()
    record = Record("resource", "<urn:uuid:1>", url, "2026-01-01T00:00:00Z", {"Content-Type": "text/plain"}, b"x", 0, 9)
    line = line_of(record, "a.warc.gz")
    assert line is not None
    assert line.count(b"\n") == 1
    assert json.loads(line.split(b" ", 2)[2])["url"] == url


def test_an_endless_address_has_no_line() -> None:
    long = "http://a/" + "x" * LONGEST_ADDRESS
    record = Record("resource", "<urn:uuid:1>", long, "2026-01-01T00:00:00Z", {"Content-Type": "text/plain"}, b"x", 0, 9)
    assert line_of(record, "a.warc.gz") is None


def test_brotli_unpacks_no_more_than_is_asked_for(tmp_path: Path) -> None:
    import brotli

    packed = brotli.compress(bytes(30_000_000))
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\n"
    assert len(content(parse_response(head + packed), limit=1_000_000)) == 1_000_000
    text = b"Le Soleil " * 50_000
    assert content(parse_response(head + brotli.compress(text)), limit=10_000_000) == text


def test_bytes_made_to_be_read_in_vain_end_soon(tmp_path: Path) -> None:
    """Each of these units begins a member that inflates to the file's end and fails there."""
    unit = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff" + b"\x00\xff\xff\x00\x00" + b"WARC/"
    path = tmp_path / "made.warc.gz"
    path.write_bytes(unit * 60_000)
    stream = Records(path)
    assert list(stream) == []
    assert stream.damage[-1].end == path.stat().st_size
    assert stream.reached == path.stat().st_size
    assert "in vain" in stream.damage[-1].why


def test_a_member_of_a_million_records_is_not_read_to_its_end(tmp_path: Path) -> None:
    record = b"WARC/1.0\r\nWARC-Type: metadata\r\nContent-Length: 0\r\n\r\n\r\n\r\n"
    path = tmp_path / "many.warc.gz"
    path.write_bytes(gzip.compress(record * 20_000))
    stream = Records(path)
    assert list(stream) == []
    assert "more records" in stream.damage[0].why
    assert read_at(path, 0).type == "metadata"
    path.write_bytes(gzip.compress(record * 5_000))
    assert len(list(Records(path))) == 5_000
