"""WARC files out of WACZ files, whole ones and bad ones."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path

import pytest

from osiris_crawler.errors import UsageError
from osiris_crawler.importing.wacz_source import take_out

DATA = bytes(range(256)) * 400


def wacz(path: Path, name: str = "archive/a.warc.gz", data: bytes = DATA, *, stated: str | None = None, deflated: bool = False) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED if deflated else zipfile.ZIP_STORED) as out:
        out.writestr(name, data)
        if stated is not None:
            out.writestr("datapackage.json", json.dumps({"resources": [{"path": name, "hash": f"sha256:{stated}"}]}))
    return path


@pytest.mark.parametrize("deflated", [False, True])
@pytest.mark.parametrize("stated", [None, hashlib.sha256(DATA).hexdigest()])
def test_files_come_out_as_they_went_in(deflated: bool, stated: str | None, tmp_path: Path) -> None:
    (taken,) = take_out(wacz(tmp_path / "x.wacz", stated=stated, deflated=deflated), tmp_path)
    assert taken.path.read_bytes() == DATA
    assert (taken.name, taken.faults) == ("archive/a.warc.gz", ())


def test_other_entries_are_left(tmp_path: Path) -> None:
    path = wacz(tmp_path / "x.wacz")
    with zipfile.ZipFile(path, "a") as out:
        for name in ("pages/pages.jsonl", "indexes/index.cdx.gz", "archive/readme.txt", "a.warc.gz", "archive/b.warc"):
            out.writestr(name, b"x")
    assert [taken.name for taken in take_out(path, tmp_path)] == ["archive/a.warc.gz", "archive/b.warc"]


@pytest.mark.parametrize("name", ["archive/../../../tmp/evil.warc.gz", "archive//etc/x.warc.gz", "archive/\x1b[31m.warc.gz"])
def test_names_of_entries_are_no_paths(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (taken,) = take_out(wacz(tmp_path / "x.wacz", name), folder)
    assert taken.path.parent == folder
    assert [path.name for path in folder.iterdir()] == ["entry-1"]


def test_a_damaged_entry_is_taken_out_and_said(tmp_path: Path) -> None:
    path = wacz(tmp_path / "x.wacz", stated=hashlib.sha256(DATA).hexdigest())
    data = bytearray(path.read_bytes())
    data[5000] ^= 1
    path.write_bytes(data)
    (taken,) = take_out(path, tmp_path)
    assert len(taken.path.read_bytes()) == len(DATA)
    assert taken.faults == ("crc", "datapackage")


def test_another_file_than_the_package_states(tmp_path: Path) -> None:
    (taken,) = take_out(wacz(tmp_path / "x.wacz", stated="0" * 64), tmp_path)
    assert taken.faults == ("datapackage",)


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
@pytest.mark.parametrize("package", [False, True])
def test_a_damaged_entry_of_any_method(method: int, package: bool, tmp_path: Path) -> None:
    """A WARC file that can't be unpacked is told in a sentence, a package that can't be is passed over."""
    path = tmp_path / "x.wacz"
    with zipfile.ZipFile(path, "w") as out:
        out.writestr("archive/a.warc.gz", DATA, zipfile.ZIP_STORED if package else method)
        out.writestr("datapackage.json", json.dumps({"resources": []}) + " " * 999, method if package else zipfile.ZIP_STORED)
    whole = path.read_bytes()
    with zipfile.ZipFile(path) as out:
        entry = out.infolist()[package]
    begin = entry.header_offset + 30 + len(entry.filename)
    told = 0
    for turn in range(min(40, entry.compress_size)):
        data = bytearray(whole)
        data[begin + turn] ^= 0x5A
        path.write_bytes(data)
        folder = tmp_path / f"{turn}"
        folder.mkdir()
        try:
            assert [taken.name for taken in take_out(path, folder)] == ["archive/a.warc.gz"]
        except UsageError as problem:
            assert "can't be read" in str(problem)
            told += 1
    assert (told > 0) != package


def bomb(path: Path) -> Path:
    return wacz(path, data=b"\0" * (40 << 20), deflated=True)


def overlapping(path: Path) -> Path:
    """Many entries of one body: the central directory names the same bytes again and again."""
    with zipfile.ZipFile(path, "w") as out:
        out.writestr("archive/0.warc.gz", b"x" * (3 << 20))
        first = out.filelist[0]
        for turn in range(1, 60):
            copy = zipfile.ZipInfo(f"archive/{turn}.warc.gz")
            copy.header_offset, copy.CRC = first.header_offset, first.CRC
            copy.file_size = copy.compress_size = first.file_size
            out.filelist.append(copy)
        out._didModify = True  # type: ignore[attr-defined]
    return path


def encrypted(path: Path) -> Path:
    data = bytearray(wacz(path).read_bytes())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    return path


def torn(path: Path) -> Path:
    path.write_bytes(wacz(path).read_bytes()[:-30])
    return path


def before_the_file(path: Path) -> Path:
    data = wacz(path).read_bytes()
    path.write_bytes(data[200:])  # its beginning is gone: the directory's offsets are counted from its end
    return path


@pytest.mark.parametrize(
    ("make", "words"),
    [(bomb, "far more"), (overlapping, "far more"), (encrypted, "encrypted"), (torn, "can't be read"), (before_the_file, "can't be read"), (lambda path: wacz(path, "a.warc.gz"), "no WACZ")],
)
def test_what_is_not_to_be_trusted_is_refused(make: object, words: str, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    with pytest.raises(UsageError, match=words):
        list(take_out(make(tmp_path / "x.wacz"), folder))  # type: ignore[operator]
    assert list(folder.iterdir()) == []


def test_a_package_that_is_none_is_passed_over(tmp_path: Path) -> None:
    for text in (b"", b"[]", b'{"resources": 5}', b'{"resources": [{}]}', b"[" * 100_000, b"\xff"):
        path = wacz(tmp_path / "x.wacz")
        with zipfile.ZipFile(path, "a") as out:
            out.writestr("datapackage.json", text)
        (taken,) = take_out(path, tmp_path)
        assert taken.faults == ()
        taken.path.unlink()
