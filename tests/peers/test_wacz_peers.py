"""Our WACZ before the tools that others read such files with."""

from __future__ import annotations

import gzip
import json
import shutil
import zipfile
from pathlib import Path

from tests.peers.conftest import Crawled, Peer


def test_wacz_validate_finds_it_valid(wacz: Path, peer: Peer) -> None:
    done = peer("wacz", "validate", "-f", wacz)
    assert (done.returncode, "the passed WACZ is valid" in done.stdout) == (0, True), done.stdout + done.stderr


def test_wacz_validate_would_find_damage(wacz: Path, peer: Peer, tmp_path: Path) -> None:
    """It looks: a page list that was changed after its sum was written does not pass."""
    other = tmp_path / "other.wacz"
    with zipfile.ZipFile(wacz) as source, zipfile.ZipFile(other, "w") as target:
        for entry in source.infolist():
            data = source.read(entry)
            target.writestr(entry, data + b"{}\n" if entry.filename == "pages/pages.jsonl" else data)
    done = peer("wacz", "validate", "-f", other)
    assert (done.returncode, "the passed WACZ is invalid" in done.stdout) == (1, True), done.stdout + done.stderr


def test_py_wacz_would_index_the_same_captures(crawled: Crawled, wacz: Path, peer: Peer, tmp_path: Path) -> None:
    """The index of a WACZ that py-wacz makes of the same files has our lines, but for fields that it adds to each."""
    theirs = tmp_path / "theirs.wacz"
    for path in crawled.files:
        shutil.copy(path, tmp_path)
    done = peer("wacz", "create", "-o", theirs, *(tmp_path / path.name for path in crawled.files))
    assert done.returncode == 0, done.stdout + done.stderr
    shown = [line for line in _lines(theirs) if (line[2]["mime"], line[2].get("status")) != ("warc/revisit", "304")]
    assert len(shown) < len(_lines(theirs))  # they would be replayed as an empty 304
    assert _lines(wacz) == shown
    assert len(_lines(wacz)) > 300


def _lines(path: Path) -> list[tuple[str, str, dict[str, str]]]:
    with zipfile.ZipFile(path) as package:
        text = gzip.decompress(package.read("indexes/index.cdx.gz")).decode()
    split = [line.split(" ", 2) for line in text.splitlines()]
    ours = ("url", "mime", "status", "digest", "length", "offset", "filename")
    return [
        (key, stamp, {name: value for name, value in json.loads(fields).items() if name in ours})
        for key, stamp, fields in split
    ]
