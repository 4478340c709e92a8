"""Pages read here or by processes of their own; what is made of them is done by one, in the order it was given."""

from __future__ import annotations

import gc
import multiprocessing
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any

from osiris_crawler.archive.http import HttpMessage
from osiris_crawler.extract.chrome import Chrome
from osiris_crawler.extract.page import is_page
from osiris_crawler.ledger.intake import read_page
from osiris_crawler.ledger.page import Capture, Page
from osiris_crawler.ledger.scope import Scope
from osiris_crawler.site import urls
from osiris_crawler.site.profile import Site
from osiris_crawler.site.urls import Kind

_BATCH = 24  # pages handed to a worker at once
_BATCH_STEPS = 1000  # … or so many steps, with or without a page
_BATCH_BYTES = 8 * 1024 * 1024  # … or so many bytes of them; a few batches are on their way


@dataclass(slots=True)
class Job:
    """A page to be read."""

    capture: Capture
    head: HttpMessage
    crawl: int
    scope: Scope | None = None  # of the run that captured it; None: the one that all are read by


@dataclass(slots=True)
class Operation:
    """One step in the order of the file: `do` gets the page of the job, if there was one to read."""

    do: Callable[[Page | None], None]
    job: Job | None = None

    @property
    def worth_sending(self) -> bool:
        """Whether its page takes longer to read than to hand over: of a file only the head is looked at."""
        return self.job is not None and is_page(self.job.capture.mime, self.job.head.body)


_Settled = tuple[Site, Scope, Chrome | None]
_settled: _Settled | None = None


def _settle(site: Site, scope: Scope, chrome: Chrome | None) -> None:
    """What a worker is told once."""
    global _settled
    _settled = (site, scope, chrome)
    gc.set_threshold(20_000, 20, 50)


def _read_batch(jobs: list[Job]) -> list[Page | None]:
    assert _settled is not None
    return [_read_job(job, *_settled) for job in jobs]


def _lighten(job: Job, site: Site) -> None:
    """Of a file nobody reads the body: it need not wait in memory. Feeds are read whatever type they are said to be of."""
    kind = urls.parse(job.capture.url, site).kind
    if kind not in (Kind.FEED, Kind.SITEMAP) and not is_page(job.capture.mime, job.head.body):
        job.head = HttpMessage(job.head.status, job.head.headers, b"")


def _read_job(job: Job, site: Site, scope: Scope, chrome: Chrome | None) -> Page | None:
    try:
        return read_page(job.capture, 0, job.head, job.crawl, site, job.scope or scope, chrome)
    except Exception:  # a fault of the reader belongs to its page; it is counted
        return None


class ReadingPool:
    """Operations go in and are done in the same order; the pages among them are read by `workers` processes."""

    def __init__(self, site: Site, scope: Scope, workers: int, chrome: Chrome | None = None) -> None:
        self._settled: _Settled = (site, scope, chrome)
        self._workers = workers
        self._pool: ProcessPoolExecutor | None = None
        if workers > 1:
            self._pool = ProcessPoolExecutor(
                workers, multiprocessing.get_context("spawn"), initializer=_settle, initargs=self._settled
            )
        self._bytes = 0
        self._batch: list[Operation] = []
        self._jobs: list[Job] = []
        self._sent: deque[tuple[list[Operation], Future[list[Page | None]] | None]] = deque()

    def do(self, operation: Operation) -> None:
        if self._pool is None:
            operation.do(None if operation.job is None else _read_job(operation.job, *self._settled))
            return
        self._batch.append(operation)
        if operation.job is not None:
            _lighten(operation.job, self._settled[0])
            self._bytes += len(operation.job.head.body)
            if operation.worth_sending:
                self._jobs.append(operation.job)
        if len(self._jobs) >= _BATCH or self._bytes >= _BATCH_BYTES or len(self._batch) >= _BATCH_STEPS:
            self._send()
        while len(self._sent) > 2 * self._workers:
            self._receive()

    def flush(self) -> None:
        """Have everything done that was given."""
        self._send()
        while self._sent:
            self._receive()

    def _send(self) -> None:
        if self._batch:
            assert self._pool is not None
            future: Any = self._pool.submit(_read_batch, self._jobs) if self._jobs else None
            self._sent.append((self._batch, future))
            self._batch, self._jobs, self._bytes = [], [], 0

    def _receive(self) -> None:
        operations, future = self._sent.popleft()
        pages = iter(future.result() if future is not None else [])
        for operation in operations:
            if operation.worth_sending:
                operation.do(next(pages))
            else:
                operation.do(None if operation.job is None else _read_job(operation.job, *self._settled))

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
