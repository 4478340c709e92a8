"""What can't be read costs no more than its size would say, and nothing of what lies behind it."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

import pytest

from osiris_crawler.archive.reader import Records, next_record

RECORD = b"WARC/1.0\r\nWARC-Type: metadata\r\nWARC-Record-ID: <urn:uuid:%d>\r\nContent-Length: 1\r\n\r\nx\r\n\r\n"
HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"


def members(numbers: range) -> bytes:
    return b"".join(gzip.compress(RECORD % number) for number in numbers)


def large(size: int) -> bytes:
    """A gzip member of a record of zeroes, some kilobytes in the file, whose check sum does not hold."""
    frame = zlib.compressobj(9, zlib.DEFLATED, 31)
    start = b"WARC/1.0\r\nWARC-Type: resource\r\nContent-Length: %d\r\n\r\n" % size
    data = bytearray(frame.compress(start) + frame.compress(bytes(size)) + frame.compress(b"\r\n\r\n") + frame.flush())
    data[-8] ^= 1
    return bytes(data)


def test_a_large_record_that_is_damaged_does_not_hide_the_rest(tmp_path: Path) -> None:
    """It may be inflated in vain to many times the file's size."""
    path = tmp_path / "a.warc.gz"
    path.write_bytes(large(200_000_000) + members(range(3)))
    stream = Records(path)
    assert [record.id for record in stream] == [f"<urn:uuid:{number}>" for number in range(3)]
    assert ["check sum" in damage.why for damage in stream.damage] == [True]
    assert stream.reached == path.stat().st_size


def test_many_beginnings_that_lead_into_one_bomb_end_soon(tmp_path: Path) -> None:
    """Each member is one stored block as far as a bomb, which fails at its end: what it had inflated by then counts."""
    frame = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = frame.compress(bytes(150_000_000)) + frame.flush(zlib.Z_FULL_FLUSH) + b"\x07"
    count = 3000
    units = []
    for number in range(count):
        length = (count - number - 1) * 20 + 5  # the rest of this unit and all that follow
        units.append(HEAD + b"\x00" + length.to_bytes(2, "little") + (length ^ 0xFFFF).to_bytes(2, "little") + b"WARC/")
    path = tmp_path / "a.warc.gz"
    path.write_bytes(b"".join(units) + bomb)
    stream = Records(path)
    assert list(stream) == []
    assert 2 <= len(stream.damage) < 20
    assert stream.damage[-1].why == "too much in vain was read here"
    assert (stream.damage[-1].end, stream.reached, stream.torn) == (path.stat().st_size, path.stat().st_size, None)


def test_lines_that_begin_a_record_and_hold_none_end_soon(tmp_path: Path) -> None:
    path = tmp_path / "a.warc"
    path.write_bytes(b"WARC/1.0\r\nWARC-\n" * 60_000)
    stream = Records(path)
    assert list(stream) == []
    assert 1000 < len(stream.damage) < 15_000
    assert stream.damage[-1].end == stream.reached == path.stat().st_size


@pytest.mark.parametrize("plain", [False, True])
def test_what_is_given_up_is_given_up_as_far_as_was_asked(
    plain: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What lies behind belongs to the next stretch, which begins anew."""
    monkeypatch.setattr("osiris_crawler.archive.reader._LEAST_IN_VAIN", 0)
    unit = b"WARC/1.0\r\nWARC-\n" if plain else HEAD + b"\x00\xff\xff\x00\x00WARC/"
    whole = b"\n" + RECORD % 1 if plain else gzip.compress(RECORD % 1)
    path = tmp_path / "a.warc"
    path.write_bytes(unit * 5000 + whole)
    stream = Records(path, end=40_000)
    assert list(stream) == []
    assert (stream.damage[-1].end, stream.reached) == (40_000, 40_000)
    with path.open("rb") as file:
        assert next_record(file, 5000 * len(unit), path.stat().st_size) == path.stat().st_size - len(whole.lstrip())
        assert next_record(file, path.stat().st_size - 20, path.stat().st_size) is None


def test_a_beginning_is_not_looked_for_far_behind_a_stretch(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(members(range(2)) + bytes(3_000_000) + members(range(1)))
    with path.open("rb") as file:
        assert next_record(file, 1000, 20_000) is None
        found = next_record(file, 1000, path.stat().st_size)
    assert found == path.stat().st_size - len(members(range(1)))


@pytest.mark.parametrize(("count", "read"), [(10_000, 10_000), (10_001, 0)])
def test_records_of_one_member_have_a_limit(count: int, read: int, tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(gzip.compress(b"".join(RECORD % number for number in range(count))))
    assert len(list(Records(path))) == read
