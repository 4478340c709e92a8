"""WARC files are written in a thread of their own, synced in groups, and acknowledged after that.

submit → bounded queue → serialise and gzip → write all that waits → one fsync → acknowledge

A file that is full is closed and handed to a second thread, which takes it into index and manifest while the first one
goes on with the next file.
"""

from __future__ import annotations

import asyncio
import queue
import re
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from osiris_crawler.archive import originals, records
from osiris_crawler.archive.clock import Clock, warc_date
from osiris_crawler.archive.exchange import Exchange
from osiris_crawler.archive.openfile import Closed, OpenFile, tally
from osiris_crawler.errors import OsirisError
from osiris_crawler.i18n import _

_UNSAFE = re.compile(r"[^A-Za-z0-9.-]+")
QUEUE_BYTES = 64 * 1024 * 1024  # waiting to be written; more makes those who submit wait


class ArchiveWriteError(OsirisError):
    """The archive can't be written: the disk is full, or the folder went away."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where a record lies: the file's final name, and offset and length of its gzip member."""

    filename: str
    offset: int
    length: int
    record_id: str


@dataclass(frozen=True, slots=True)
class Kept:
    """Records that are safe on disk. `end` is the offset behind the last of them."""

    date: str
    filename: str
    end: int
    response: Position | None
    payload_digest: str | None
    revisit: bool = False  # the response was kept as a revisit record
    resource: Position | None = None


@dataclass(slots=True)
class _Job:
    build: Callable[[datetime], list[records.Ready]]
    date: datetime
    size: int
    done: Future[Kept]


class WarcWriter:
    """Appends records to PREFIX-YYYYMMDDhhmmss-SERIAL-HOST.warc.gz files; nobody else writes to them.

    `max_size` in bytes: the next record group begins a new file. A group (response, request, metadata) is never split.
    `on_closed` is called, in a thread of its own and for one after the other, with every file that has its final name.
    `closed` names those files, `written` and `written_bytes` count the records that are safe, by type.
    """

    def __init__(
        self,
        directory: Path,
        *,
        prefix: str,
        hostname: str,
        warcinfo: Mapping[str, str],
        max_size: int = 1_000_000_000,
        clock: Clock | None = None,
        on_closed: Callable[[Closed], object] = lambda closed: None,
    ) -> None:
        self._on_closed = on_closed
        self._directory = directory
        self._prefix = _safe(prefix)
        self._hostname = _safe(hostname)
        self._warcinfo = dict(warcinfo)
        self._max_size = max_size
        self._clock = clock or Clock()
        self._serial = _next_serial(directory, self._prefix)
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._waiting = 0
        self._lock = threading.Lock()
        self._file: OpenFile | None = None
        self._sealer = ThreadPoolExecutor(1, thread_name_prefix="warc-sealer")
        self._sealing: Future[object] | None = None
        self.closed: list[Path] = []
        self.written: Counter[str] = Counter()
        self.written_bytes: Counter[str] = Counter()
        self.problem: ArchiveWriteError | None = None  # why nothing more is written
        self._thread = threading.Thread(target=self._work, name="warc-writer", daemon=True)
        self._thread.start()

    # -- for those who write ---------------------------------------------------------------------------------------

    async def write_exchange(
        self,
        exchange: Exchange,
        note: Mapping[str, Any] | None = None,
        *,
        payload_digest: str | None = None,
        original: records.Original | None = None,
    ) -> Kept:
        """Keep an exchange and its note, if any; returns when both are synced. ArchiveWriteError when that can't be.

        With an `original` it becomes a revisit record, if that still holds what would be left out.
        """
        size = len(exchange.request) + len(exchange.response)
        date = exchange.started or self._clock.now()

        def build(at: datetime) -> list[records.Ready]:
            same = original
            if same is not None and same.profile == records.IDENTICAL:
                same = same if originals.holds(same, payload_digest or "", exchange.response) else None
            return records.exchange(exchange, note, at, payload_digest=payload_digest, original=same)

        return await self._submit(build, size, date)

    async def write_metadata(
        self, uri: str, note: Mapping[str, Any], *, refers_to: str | None = None, text: str | None = None
    ) -> Kept:
        """Keep a note of its own, and with it the text that was made from the record it refers to."""

        def build(at: datetime) -> list[records.Ready]:
            ready = [records.metadata(uri, note, at, refers_to=refers_to)]
            if text is not None and refers_to is not None:
                ready.append(records.conversion(uri, text, at, refers_to=refers_to))
            return ready

        return await self._submit(build, 4096 + len(text or ""), self._clock.now())

    def write_metadata_sync(self, uri: str, note: Mapping[str, Any]) -> Kept:
        """Keep a note, outside the event loop or where nothing else may happen meanwhile."""
        return self._queue(lambda at: [records.metadata(uri, note, at)], 4096, self._clock.now()).result()

    def write_resource_sync(self, uri: str, data: bytes, content_type: str) -> Kept:
        """A resource record, on disk when this returns; its place is in `resource`."""
        return self._queue(
            lambda at: [records.resource(uri, data, content_type, at)], len(data), self._clock.now()
        ).result()

    async def close(self) -> None:
        """Finish the open file; `problem` says what went wrong, if anything did."""
        await asyncio.get_running_loop().run_in_executor(None, self.close_sync)

    def close_sync(self) -> None:
        if self._thread.is_alive():
            self._jobs.put(None)
            self._thread.join()
        self._sealer.shutdown()

    async def _submit(self, build: Callable[[datetime], list[records.Ready]], size: int, date: datetime) -> Kept:
        while self._waiting > QUEUE_BYTES:
            await asyncio.sleep(0.01)  # the reactor goes on; only this exchange waits
        return await asyncio.wrap_future(self._queue(build, size, date))

    def _queue(self, build: Callable[[datetime], list[records.Ready]], size: int, date: datetime) -> Future[Kept]:
        done: Future[Kept] = Future()
        done.set_running_or_notify_cancel()  # who waits may go away; the record is written all the same
        with self._lock:
            self._waiting += size
        self._jobs.put(_Job(build, date, size, done))
        return done

    # -- the thread ------------------------------------------------------------------------------------------------

    def _work(self) -> None:
        while True:
            jobs, ended = self._gather()
            if jobs:
                self._write(jobs)
            if ended:
                self._end()
                return

    def _gather(self) -> tuple[list[_Job], bool]:
        """All that waits now, at least one; True when it is the end."""
        jobs: list[_Job] = []
        job = self._jobs.get()
        while job is not None:
            jobs.append(job)
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return jobs, False
        return jobs, True

    def _write(self, jobs: list[_Job]) -> None:
        kept: list[Kept] = []
        try:
            if self.problem is not None:
                raise self.problem
            kept.extend(self._append(job) for job in jobs)
            self._sync()
        except Exception as problem:  # whatever it is, those who wait must hear of it
            self._fail(problem)
            for job in jobs:
                job.done.set_exception(self.problem)
            return
        finally:
            with self._lock:
                self._waiting -= sum(job.size for job in jobs)
        for job, result in zip(jobs, kept, strict=True):
            job.done.set_result(result)

    def _append(self, job: _Job) -> Kept:
        group = job.build(job.date)
        if self._file is None or self._file.end >= self._max_size:
            self._finish()
            self._begin()
        file = self._file
        assert file is not None
        kept = Kept(warc_date(job.date), file.name, 0, None, None)
        for ready, offset in zip(group, file.append(group), strict=True):
            place = Position(file.name, offset, ready.length, ready.id)
            if ready.type == "resource":
                kept = replace(kept, resource=place)
            elif ready.type in ("response", "revisit"):
                digest = ready.record.headers.get("WARC-Payload-Digest")
                kept = replace(kept, response=place, payload_digest=digest, revisit=ready.type == "revisit")
        return replace(kept, end=file.end)

    def _sync(self) -> None:
        if self._file is not None:
            tally(self._file.sync(), self.written, self.written_bytes)

    def _begin(self) -> None:
        """Open the next file, its warcinfo first."""
        date = self._clock.now()
        name = f"{self._prefix}-{date:%Y%m%d%H%M%S}-{self._serial:05d}-{self._hostname}.warc.gz"
        self._serial += 1
        self._file = OpenFile(self._directory, name)
        self._file.append([records.warcinfo(name, self._warcinfo, date)])

    def _finish(self) -> None:
        """Close the open file under its final name, and have it sealed; the one before must be so by then."""
        if self._file is None:
            return
        self._sync()
        file, self._file = self._file, None
        closed = file.close()
        self.closed.append(closed.path)
        self._sealed()
        self._sealing = self._sealer.submit(self._on_closed, closed)

    def _sealed(self) -> None:
        """Wait until the file that was closed last is in index and manifest."""
        sealing, self._sealing = self._sealing, None
        if sealing is not None:
            sealing.result()

    def _end(self) -> None:
        try:
            self._finish()
            self._sealed()
        except Exception as problem:  # it must not be lost with the thread
            self._fail(problem)

    def _fail(self, problem: Exception) -> None:
        """Cut the file back to what is synced, so that nothing torn stays."""
        if not isinstance(problem, ArchiveWriteError):
            problem = _write_error(self._file.path if self._file else self._directory, problem)
        self.problem = problem
        if self._file is not None:
            with suppress(OSError):  # the next run cuts it at its last whole member
                self._file.roll_back()


def _write_error(path: Path, problem: Exception) -> ArchiveWriteError:
    why = problem.strerror if isinstance(problem, OSError) and problem.strerror else str(problem)
    return ArchiveWriteError(
        _("The archive can't be written (%(path)s): %(why)s.") % {"path": path, "why": why},
        _("Make room or mend the disk; the same command then goes on, nothing that was kept is lost."),
    )


def _safe(text: str) -> str:
    """A part of a file name: letters, digits, dots and dashes, 60 at most."""
    return _UNSAFE.sub("-", text).strip("-.")[:60] or "x"


def _next_serial(directory: Path, prefix: str) -> int:
    """One more than the largest serial of the files that bear a prefix."""
    form = re.compile(re.escape(prefix) + r"-\d{14}-(\d{5,9})-.*\.warc\.gz.*")
    serials = [int(match[1]) for path in directory.iterdir() if (match := form.fullmatch(path.name))]
    return max(serials, default=-1) + 1
