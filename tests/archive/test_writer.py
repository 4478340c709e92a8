"""Files while they are written and as they are closed: order, groups, rotation, failures."""

from __future__ import annotations

import asyncio
import errno
import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from osiris_crawler.archive import openfile
from osiris_crawler.archive.openfile import Closed
from osiris_crawler.archive.reader import Records, read_at, records
from osiris_crawler.archive.records import IDENTICAL, Original, digest
from osiris_crawler.archive.writer import ArchiveWriteError
from tests.archive.made import exchange, write, writer


def types(path: Path) -> list[str]:
    return [record.type for record in records(path)]


def test_each_file_begins_with_its_warcinfo_and_holds_whole_groups(tmp_path: Path) -> None:
    into = writer(tmp_path, max_size=5000)
    kept = []
    for n in range(30):
        kept += write(into, [exchange(f"/{n}", os.urandom(900))])
    into.close_sync()
    paths = sorted(tmp_path.iterdir())
    assert len(paths) >= 6
    for serial, path in enumerate(paths):
        assert path.name.endswith(".warc.gz")
        assert f"-{serial:05d}-host." in path.name
        found = list(records(path))
        assert found[0].type == "warcinfo"
        assert found[0].headers["WARC-Filename"] == path.name
        groups = [record.type for record in found[1:]]
        assert groups == ["response", "request", "metadata"] * (len(groups) // 3)
        assert path.stat().st_size < 5000 + 2000  # the group that fills it, and no more
    assert all(path.stat().st_size >= 5000 for path in paths[:-1])
    for n, one in enumerate(kept):
        assert one.response is not None
        record = read_at(tmp_path / one.filename, one.response.offset)
        assert (record.id, record.length) == (one.response.record_id, one.response.length)
        assert record.uri.endswith(f"/{n}")


def test_a_gigabyte_is_the_default() -> None:
    from osiris_crawler.settings import Settings

    assert Settings().warc_size == 1_000_000_000


def test_serials_go_on_and_names_of_others_do_not_count(tmp_path: Path) -> None:
    for name in (
        "t-20250101000000-00007-old.warc.gz",
        "t-20250101000000-00009-old.warc.gz.torn-5",
        "u-20250101000000-00050-x.warc.gz",
        "t-x-20250101000000-00060-x.warc.gz",
        "REC-20250101000000-12345-x.warc.gz",
    ):
        (tmp_path / name).write_bytes(b"")
    into = writer(tmp_path)
    (kept,) = write(into, [exchange()])
    into.close_sync()
    assert "-00010-host" in kept.filename


def test_what_is_acknowledged_is_on_disk_under_the_open_name(tmp_path: Path) -> None:
    into = writer(tmp_path)
    (kept,) = write(into, [exchange()])
    path = tmp_path / f"{kept.filename}.open"
    assert path.stat().st_size == kept.end
    assert types(path) == ["warcinfo", "response", "request", "metadata"]
    into.close_sync()
    assert [path.name for path in tmp_path.iterdir()] == [kept.filename]
    into.close_sync()  # twice is harmless


def test_nothing_is_written_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("osiris_crawler.archive.writer._next_serial", lambda directory, prefix: 0)
    first = writer(tmp_path)
    (kept,) = write(first, [exchange()])
    first.close_sync()
    before = (tmp_path / kept.filename).read_bytes()
    second = writer(tmp_path, clock=_Still(kept.filename[2:16]))
    with pytest.raises(ArchiveWriteError):
        write(second, [exchange()])
    second.close_sync()
    assert (tmp_path / kept.filename).read_bytes() == before


class _Still:
    """A clock that stands at a second."""

    def __init__(self, stamp: str) -> None:
        from datetime import UTC, datetime

        self._at = datetime.strptime(stamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)

    def now(self) -> Any:
        return self._at


def test_counts_by_type(tmp_path: Path) -> None:
    into = writer(tmp_path)
    write(into, [exchange(f"/{n}") for n in range(4)])
    into.close_sync()
    (path,) = into.closed
    assert dict(into.written) == {"warcinfo": 1, "response": 4, "request": 4, "metadata": 4}
    assert into.written_bytes.total() == path.stat().st_size


def test_capture_goes_on_while_a_file_is_sealed(tmp_path: Path) -> None:
    go = threading.Event()
    sealed: list[str] = []

    def slow(closed: Closed) -> None:
        assert go.wait(20)
        sealed.append(closed.path.name)

    into = writer(tmp_path, max_size=3000, on_closed=slow)
    first = write(into, [exchange("/0", os.urandom(4000))])
    second = write(into, [exchange("/1", os.urandom(100))])  # begins the next file; the first is not sealed yet
    assert second[0].filename != first[0].filename
    assert sealed == []
    go.set()
    into.close_sync()
    assert sealed == [first[0].filename, second[0].filename]
    assert into.problem is None


def test_a_file_that_can_not_be_sealed_is_a_problem(tmp_path: Path) -> None:
    def fails(closed: Closed) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "index.cdxj")

    into = writer(tmp_path, on_closed=fails)
    write(into, [exchange()])
    into.close_sync()
    assert into.problem is not None
    assert "No space left" in str(into.problem)
    assert types(into.closed[0]) == ["warcinfo", "response", "request", "metadata"]


@pytest.mark.parametrize("at", [0, 1, 500, 1500])
def test_a_full_disk_leaves_no_torn_record(at: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[Closed] = []
    into = writer(tmp_path, on_closed=closed.append)
    write(into, [exchange("/kept")])
    room = at

    def put(self: openfile.OpenFile, data: bytes) -> None:
        nonlocal room
        self._out.write(data[:room])
        if len(data) > room:
            raise OSError(errno.ENOSPC, "No space left on device")
        room -= len(data)

    with monkeypatch.context() as patch:
        patch.setattr(openfile.OpenFile, "_put", put)
        with pytest.raises(ArchiveWriteError, match="No space left"):
            write(into, [exchange("/lost", os.urandom(5000))])
    with pytest.raises(ArchiveWriteError):  # nothing more is written, though there is room again
        write(into, [exchange("/after")])
    into.close_sync()
    (path,) = tmp_path.iterdir()
    stream = Records(path)
    assert [record.uri.rsplit("/", 1)[-1] for record in stream if record.type == "response"] == ["kept"]
    assert stream.damage == []
    assert into.written["response"] == 1
    import hashlib

    assert closed[0].sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert len(list(closed[0].lines)) == 1  # the sum and the lines are those of what stayed


def test_lines_that_find_no_room_are_read_from_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is synced is safe and counts, though the lines that would wait on disk are gone."""
    from osiris_crawler.archive import fixity, index
    from osiris_crawler.paths import Collection

    def spill(self: index.Lines) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    collection = Collection(tmp_path, "c")
    closed: list[Closed] = []
    into = writer(collection.archive, on_closed=closed.append)
    with monkeypatch.context() as patch:
        patch.setattr(index, "IN_MEMORY", 1)
        patch.setattr(index.Lines, "_spill", spill)
        write(into, [exchange("/a")])
    write(into, [exchange("/b")])
    into.close_sync()
    assert (into.problem, into.written["response"], closed[0].lines) == (None, 2, None)
    fixity.seal_closed(collection, closed[0])
    held = [line.split()[0] for line in index.read(collection.index)]
    assert held == [b"example,site)/a", b"example,site)/b"]
    assert fixity.read(collection.manifest) == {into.closed[0].name: fixity.sha256(into.closed[0])}


def test_a_sync_that_fails_is_not_acknowledged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even when the file was full at that very moment."""
    into = writer(tmp_path, max_size=10)
    write(into, [exchange("/first")])

    def fsync(handle: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(openfile.os, "fsync", fsync)
        with pytest.raises(ArchiveWriteError, match="Input/output"):
            write(into, [exchange("/second"), exchange("/third")])
    into.close_sync()


def test_who_waits_may_go_away(tmp_path: Path) -> None:
    into = writer(tmp_path)

    async def go_away() -> None:
        task = asyncio.ensure_future(into.write_exchange(exchange("/left"), None))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        await into.write_exchange(exchange("/stayed"), None)

    asyncio.run(asyncio.wait_for(go_away(), 20))
    into.close_sync()
    assert into.problem is None
    assert [record.uri[-7:] for record in records(into.closed[0]) if record.type == "response"][-1] == "/stayed"


def test_those_who_submit_wait_when_much_is_queued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("osiris_crawler.archive.writer.QUEUE_BYTES", 10_000)
    into = writer(tmp_path)
    most = 0
    real = into._append

    def slow(job: Any) -> Any:
        nonlocal most
        most = max(most, into._waiting)
        time.sleep(0.002)
        return real(job)

    monkeypatch.setattr(into, "_append", slow)
    write(into, [exchange(f"/{n}", os.urandom(4000)) for n in range(60)])
    into.close_sync()
    assert into.written["response"] == 60
    assert most < 10_000 + 2 * 5000


def test_a_damaged_original_makes_no_revisit(tmp_path: Path) -> None:
    body = os.urandom(3000)
    first = writer(tmp_path)
    (kept,) = write(first, [exchange("/a", body)])
    first.close_sync()
    assert kept.response is not None
    path = tmp_path / kept.filename
    original = Original(
        kept.response.record_id, "http://site.example/a", kept.date, IDENTICAL, path, kept.response.offset
    )
    second = writer(tmp_path)
    (good,) = write(second, [exchange("/b", body)], payload_digest=digest(body), original=original)
    data = bytearray(path.read_bytes())
    data[kept.response.offset + 1000] ^= 4
    path.write_bytes(data)
    (full,) = write(second, [exchange("/c", body)], payload_digest=digest(body), original=original)
    second.close_sync()
    assert (good.revisit, full.revisit) == (True, False)
    blocks = {record.uri[-2:]: record for record in records(second.closed[0]) if record.type in ("response", "revisit")}
    assert (blocks["/b"].type, blocks["/c"].type) == ("revisit", "response")
    assert blocks["/c"].block.endswith(body)
