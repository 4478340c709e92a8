"""WARC files are written in a thread of their own, synced in groups, and acknowledged after that.

submit → bounded queue → serialise and gzip → write all that waits → one fsync → acknowledge
"""

from __future__ import annotations

import asyncio
import os
import queue
import re
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from osiris_crawler.archive import records
from osiris_crawler.archive.clock import Clock, warc_date
from osiris_crawler.archive.exchange import Exchange
from osiris_crawler.archive.files import OPEN, sync_folder
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


@dataclass(slots=True)
class _Job:
    build: Callable[[datetime], list[records.Ready]]
    date: datetime
    size: int
    done: Future[Kept]


class WarcWriter:
    """Appends records to PREFIX-YYYYMMDDhhmmss-SERIAL-HOST.warc.gz files; nobody else writes to them.

    `max_size` in bytes: the next record group begins a new file. A group (response, request, metadata) is never split.
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
    ) -> None:
        self._directory = directory
        self._prefix = _safe(prefix)
        self._hostname = _safe(hostname)
        self._warcinfo = dict(warcinfo)
        self._max_size = max_size
        self._clock = clock or Clock()
        self._serial = _next_serial(directory)
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._waiting = 0
        self._lock = threading.Lock()
        self._file: Any = None
        self._path: Path | None = None
        self._name = ""
        self._end = 0
        self._synced = 0
        self._broken: ArchiveWriteError | None = None
        self._thread = threading.Thread(target=self._work, name="warc-writer", daemon=True)
        self._thread.start()

    # -- for those who write ---------------------------------------------------------------------------------------

    async def write_exchange(self, exchange: Exchange, note: Mapping[str, Any] | None = None) -> Kept:
        """Keep an exchange and its note, if any; returns when both are synced. ArchiveWriteError when that can't be."""
        size = len(exchange.request) + len(exchange.response)
        date = exchange.started or self._clock.now()
        return await self._submit(lambda at: records.exchange(exchange, note, at), size, date)

    async def write_metadata(self, uri: str, note: Mapping[str, Any], *, refers_to: str | None = None) -> Kept:
        """Keep a note of its own."""
        return await self._submit(
            lambda at: [records.metadata(uri, note, at, refers_to=refers_to)], 4096, self._clock.now()
        )

    def write_metadata_sync(self, uri: str, note: Mapping[str, Any]) -> Kept:
        """Keep a note, outside the event loop or where nothing else may happen meanwhile."""
        return self._queue(lambda at: [records.metadata(uri, note, at)], 4096, self._clock.now()).result()

    async def close(self) -> None:
        """Finish the open file."""
        await asyncio.get_running_loop().run_in_executor(None, self.close_sync)

    def close_sync(self) -> None:
        if self._thread.is_alive():
            self._jobs.put(None)
            self._thread.join()

    async def _submit(self, build: Callable[[datetime], list[records.Ready]], size: int, date: datetime) -> Kept:
        while self._waiting > QUEUE_BYTES:
            await asyncio.sleep(0.01)  # the reactor goes on; only this exchange waits
        return await asyncio.wrap_future(self._queue(build, size, date))

    def _queue(self, build: Callable[[datetime], list[records.Ready]], size: int, date: datetime) -> Future[Kept]:
        done: Future[Kept] = Future()
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
                self._finish()
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
        kept: list[tuple[_Job, Kept]] = []
        try:
            if self._broken is not None:
                raise self._broken
            kept.extend((job, self._append(job)) for job in jobs)
            self._sync()
        except Exception as problem:  # whatever it is, those who wait must hear of it
            self._fail(jobs, kept, problem)
            return
        finally:
            with self._lock:
                self._waiting -= sum(job.size for job in jobs)
        for job, result in kept:
            job.done.set_result(result)

    def _append(self, job: _Job) -> Kept:
        ready = job.build(job.date)
        members = [(record, records.member(record.data)) for record in ready]
        if self._file is None or self._end >= self._max_size:
            self._rotate()
        response: Position | None = None
        payload_digest = None
        start = self._end
        for record, member in members:
            if record.type == "response":
                response = Position(self._name, start, len(member), record.id)
                payload_digest = record.payload_digest
            start += len(member)
        self._put(b"".join(member for _record, member in members))
        self._end = start
        return Kept(warc_date(job.date), self._name, start, response, payload_digest)

    def _sync(self) -> None:
        if self._file is not None:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._synced = self._end

    def _rotate(self) -> None:
        self._finish()
        date = self._clock.now()
        stamp = date.strftime("%Y%m%d%H%M%S")
        self._name = f"{self._prefix}-{stamp}-{self._serial:05d}-{self._hostname}.warc.gz"
        self._serial += 1
        self._path = self._directory / (self._name + OPEN)
        if (self._directory / self._name).exists():
            raise FileExistsError(17, "exists already", self._name)
        self._file = self._path.open("xb", buffering=0)
        sync_folder(self._directory)
        first = records.member(records.warcinfo(self._name, self._warcinfo, date).data)
        self._end = self._synced = 0
        self._put(first)
        self._end = len(first)

    def _put(self, data: bytes) -> None:
        """All of the bytes; an unbuffered file may take a part of them and raise only at the next write."""
        view = memoryview(data)
        while view:
            view = view[self._file.write(view) :]

    def _finish(self) -> None:
        """Close the open file under its final name."""
        if self._file is None or self._path is None:
            return
        try:
            self._sync()
            self._file.close()
            self._path.rename(self._directory / self._name)
            sync_folder(self._directory)
        except OSError as problem:
            self._broken = _write_error(self._path, problem)
        self._file = None

    def _fail(self, jobs: list[_Job], kept: list[tuple[_Job, Kept]], problem: Exception) -> None:
        """Cut the file back to what is synced, so that nothing torn stays, and tell all who wait."""
        error = (
            problem if isinstance(problem, ArchiveWriteError) else _write_error(self._path or self._directory, problem)
        )
        self._broken = error
        if self._file is not None:
            try:
                self._file.truncate(self._synced)
                self._file.seek(self._synced)
                self._end = self._synced
            except OSError:
                pass  # the next run cuts it at its last whole member
        for job in jobs:
            job.done.set_exception(error)


def _write_error(path: Path, problem: Exception) -> ArchiveWriteError:
    why = problem.strerror if isinstance(problem, OSError) and problem.strerror else str(problem)
    return ArchiveWriteError(
        _("The archive can't be written (%(path)s): %(why)s.") % {"path": path, "why": why},
        _("Make room or mend the disk; the same command then goes on, nothing that was kept is lost."),
    )


def _safe(text: str) -> str:
    """A part of a file name: letters, digits, dots and dashes, 60 at most."""
    return _UNSAFE.sub("-", text).strip("-.")[:60] or "x"


def _next_serial(directory: Path) -> int:
    """One more than the largest serial in a folder."""
    serials = [
        int(match[1]) for path in directory.glob("*.warc.gz*") if (match := re.search(r"-\d{14}-(\d+)-", path.name))
    ]
    return max(serials, default=-1) + 1
