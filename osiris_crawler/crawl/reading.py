"""Reading in a process of its own, so that it does not hold up the network: a page costs milliseconds of pure computing.

The process gets a capture with its body and gives back the page, checked and sealed. It ends when the pipe does, so a
killed run leaves none behind. On a machine of one core, and when the process is lost, pages are read in place.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import multiprocessing
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection

from osiris_crawler.archive.http import HttpMessage
from osiris_crawler.extract.chrome import Chrome
from osiris_crawler.extract.page import is_page
from osiris_crawler.ledger.intake import read_page
from osiris_crawler.ledger.page import Capture, Page
from osiris_crawler.ledger.scope import Scope
from osiris_crawler.site.profile import Site

log = logging.getLogger(__name__)


def _serve(pipe: Connection, crawl: int, site: Site, scope: Scope, chrome: Chrome | None) -> None:
    """The process: reads what comes until the pipe ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the run ends first, then the pipe
    gc.set_threshold(20_000, 20, 50)
    while True:
        try:
            capture, row, head = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            answer: Page | Exception = read_page(capture, row, head, crawl, site, scope, chrome)
        except Exception as problem:  # a fault of the reader belongs to its page, not to the process
            answer = RuntimeError(f"{type(problem).__name__}: {problem} ({capture.url})")
        try:
            pipe.send(answer)
        except OSError:
            return  # the run has ended and no longer wants it


class Reader:
    """Reads pages beside the reactor, one at a time and in the order they are given."""

    def __init__(self, crawl: int, site: Site, scope: Scope, chrome: Chrome | None) -> None:
        self._settled = (crawl, site, scope, chrome)
        self._pipe: Connection | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="reader")
        if (os.cpu_count() or 1) > 1:
            context = multiprocessing.get_context("spawn")
            self._pipe, theirs = context.Pipe()
            self._process = context.Process(target=_serve, args=(theirs, *self._settled), name="reader", daemon=True)
            self._process.start()
            theirs.close()

    async def read(self, capture: Capture, row: int, head: HttpMessage) -> Page:
        """Read a capture; whatever the reader stumbles over is raised here."""
        answer: Page | Exception | None = None
        # Of a file only the head is read: its body, hundreds of megabytes at the worst, is not sent about.
        if self._pipe is not None and is_page(capture.mime, head.body):
            loop = asyncio.get_running_loop()
            answer = await loop.run_in_executor(self._thread, self._ask, self._pipe, capture, row, head)
        if answer is None:
            return read_page(capture, row, head, *self._settled)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _ask(self, pipe: Connection, capture: Capture, row: int, head: HttpMessage) -> Page | Exception | None:
        try:
            pipe.send((capture, row, head))
            answer: Page | Exception = pipe.recv()
        except (EOFError, OSError):
            if self._pipe is not None:
                log.warning("the reading process was lost; pages are read in place")
            self._pipe = None
            return None
        return answer

    def close(self) -> None:
        """End the process."""
        pipe, self._pipe = self._pipe, None
        if pipe is not None:
            pipe.close()
            self._process.join(5)
        self._thread.shutdown(wait=False, cancel_futures=True)
