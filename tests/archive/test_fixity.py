"""Manifest and index of closed files: gathered while they are written, or read from them afterwards."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path

import pytest

from osiris_crawler.archive import fixity, index
from osiris_crawler.archive.openfile import Closed
from osiris_crawler.archive.reader import records
from osiris_crawler.paths import Collection
from tests.archive.made import exchange, write, writer


@pytest.fixture
def collection(tmp_path: Path) -> Collection:
    found = Collection(tmp_path, "c")
    found.create()
    return found


def filled(collection: Collection, *, seal: bool, files: int = 4) -> list[Path]:
    """Closed files with all that is odd: é in addresses, redirects, revisits' heads, empty bodies."""
    gathered: list[Closed] = []
    into = writer(
        collection.archive, max_size=3000,
        on_closed=(lambda closed: fixity.seal_closed(collection, closed)) if seal else gathered.append,
    )  # fmt: skip
    for n in range(files):
        write(
            into,
            [
                exchange(f"/é{n}?b&a", os.urandom(4000)),
                exchange(f"/r{n}", b"", status=301),
                exchange(f"/c{n}", chunked=True),
            ],
        )
    into.close_sync()
    assert into.problem is None
    return into.closed


def state(collection: Collection) -> tuple[bytes, bytes]:
    return collection.index.read_bytes(), collection.manifest.read_bytes()


def test_both_ways_are_equal(collection: Collection, tmp_path: Path) -> None:
    """What the writer gathers is what is read from the files afterwards."""
    paths = filled(collection, seal=True)
    assert len(paths) > 3
    while_written = state(collection)
    collection.index.unlink()
    collection.manifest.unlink()
    assert fixity.unsealed(collection) == sorted(paths)
    assert fixity.seal(collection, fixity.unsealed(collection)) == [path.name for path in sorted(paths)]
    assert state(collection) == while_written
    assert len(while_written[0].splitlines()) == 12
    index.rebuild(collection.index, paths)
    assert state(collection) == while_written


def test_the_manifest_is_what_sha256sum_checks(collection: Collection) -> None:
    paths = filled(collection, seal=True)
    done = subprocess.run(
        ["sha256sum", "--strict", "-c", collection.manifest.name], cwd=collection.root, capture_output=True, text=True, check=False
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(": OK") == len(paths)
    sums = fixity.read(collection.manifest)
    assert sums == {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def test_a_sum_once_taken_stands(collection: Collection) -> None:
    """A file that has changed since must not be taken for whole, not even when the index is made again."""
    paths = filled(collection, seal=True)
    before = fixity.read(collection.manifest)
    data = bytearray(paths[0].read_bytes())
    data[-100] ^= 1
    paths[0].write_bytes(data)
    assert fixity.seal(collection, paths) == []
    collection.index.unlink()
    assert set(fixity.seal(collection, fixity.unsealed(collection))) == {path.name for path in paths}
    assert fixity.read(collection.manifest) == before
    assert len(collection.index.read_bytes().splitlines()) >= 11


def test_a_kill_between_index_and_manifest_doubles_nothing(
    collection: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = filled(collection, seal=False)

    def killed(manifest: Path, sums: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(fixity, "write", killed)
        with pytest.raises(KeyboardInterrupt):
            fixity.seal(collection, fixity.unsealed(collection))
    half = collection.index.read_bytes()
    assert fixity.read(collection.manifest) == {}
    assert len(fixity.seal(collection, fixity.unsealed(collection))) == len(paths)
    assert collection.index.read_bytes() == half
    assert len(half.splitlines()) == 12


def test_lines_of_what_a_file_held_before_go(collection: Collection) -> None:
    """A file that was in the index and not yet in the manifest, and was mended since: its lines are those it has now."""
    paths = filled(collection, seal=True)
    collection.manifest.unlink()
    last = list(records(paths[-1]))[-3]
    with paths[-1].open("r+b") as file:
        file.truncate(last.offset)
    fixity.seal(collection, fixity.unsealed(collection))
    now = sorted(line for path in paths for line in index.lines_of(path, path.name))
    assert collection.index.read_bytes().splitlines(keepends=True) == now


def test_closing_reads_nothing_again(collection: Collection, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(*arguments: object, **more: object) -> None:
        raise AssertionError("a file was read")

    for module in (fixity, index):
        monkeypatch.setattr(module, "sha256" if module is fixity else "records", read)
    paths = filled(collection, seal=True)
    assert set(fixity.read(collection.manifest)) == {path.name for path in paths}


def test_lines_of_another_form_are_passed_over(collection: Collection) -> None:
    digest = "0" * 64
    collection.manifest.write_text(
        f"# a note\n{digest}  archive/a.warc.gz\n{digest} *archive/b.warc.gz\n{digest}  ../c\nx\n"
    )
    assert set(fixity.read(collection.manifest)) == {"a.warc.gz", "b.warc.gz"}
