"""A download handler that keeps the exact bytes of every exchange before Scrapy sees the response.

HTTP/1.1 without pipelining means one exchange at a time on a connection, so what a connection receives between two
requests is one response. The tap sits in the protocol that the connection pool builds: below it are the transport's
bytes (TLS taken off), above it header case, reason phrase and framing are gone already.

This builds on private names of Scrapy 2.19's HTTP/1.1 handler; tests/archive/test_wire.py is the contract with them.
"""

from __future__ import annotations

import itertools
import time
from contextlib import suppress
from datetime import datetime
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
    _ScrapyAgent,
)
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadCancelledError, DownloadTimeoutError
from scrapy.http import Response
from scrapy.utils._download_handlers import wrap_twisted_exceptions
from scrapy.utils.defer import maybe_deferred_to_future

from osiris_crawler.archive.clock import Clock
from osiris_crawler.archive.exchange import Exchange
from osiris_crawler.archive.http import strip_interim

_TAG = b"X-Osiris-Exchange"  # ties a request to its collector on the way to the connection; never sent


class Recorder(Protocol):
    """Who keeps exchanges: `record` returns when the bytes are safe."""

    clock: Clock

    async def record(self, request: Request, exchange: Exchange) -> None: ...


_RECORDERS: WeakKeyDictionary[Crawler, Recorder] = WeakKeyDictionary()


def attach(crawler: Crawler, recorder: Recorder) -> None:
    """Have a crawler's exchanges kept; without it the handler only passes them through."""
    _RECORDERS[crawler] = recorder


class _Collector:
    """The bytes of one exchange while they come."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.started: datetime = clock.now()
        self.sent = bytearray()
        self.received = bytearray()
        self.ip: str | None = None
        self.agent: Any = None
        self.silence = 0.0
        self.cut = False

    def begin(self, ip: str | None) -> None:
        """A connection takes the request. A second one does when the first had been dropped while idle."""
        self.started = self._clock.now()
        self.sent.clear()
        self.received.clear()
        self.ip = ip

    def take(self, data: bytes) -> None:
        self.received += data
        # The time-out is about silence, not about the length of a transfer.
        timer = getattr(self.agent, "_timeout_cl", None)
        if timer is not None and timer.active() and not self.cut:
            timer.reset(self.silence)


_COLLECTORS: dict[bytes, _Collector] = {}
_TOKENS = itertools.count(1)


def cut() -> None:
    """Break off what is on its way, as silence would: what has come of it is kept, with `WARC-Truncated: time`."""
    for collector in _COLLECTORS.values():
        timer = getattr(collector.agent, "_timeout_cl", None)
        if timer is not None and timer.active():
            collector.cut = True
            timer.reset(0)


class _Tee:
    """A transport that copies what is written to it."""

    def __init__(self, transport: Any, collector: _Collector) -> None:
        self._transport = transport
        self._collector = collector

    def write(self, data: bytes) -> None:
        self._collector.sent += data
        self._transport.write(data)

    def writeSequence(self, parts: Any) -> None:
        whole = list(parts)
        self._collector.sent += b"".join(whole)
        self._transport.writeSequence(whole)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class _TapProtocol(_LenientHTTP11ClientProtocol):
    """A connection that tells the collector of its present request what goes through it."""

    _collector: _Collector | None = None
    transport: Any

    def request(self, request: Any) -> Any:
        collector: _Collector | None = getattr(request, "_osiris_collector", None)
        if collector is None:
            tokens = request.headers.getRawHeaders(_TAG)
            request.headers.removeHeader(_TAG)
            collector = _COLLECTORS.get(tokens[0]) if tokens else None
            if collector is not None:
                self._tap(request, collector)
        self._collector = collector
        if collector is not None:
            ip = None
            with suppress(AttributeError):
                ip = self.transport.getPeer().host
            collector.begin(ip)
        return super().request(request)

    @staticmethod
    def _tap(request: Any, collector: _Collector) -> None:
        write_to = request.writeTo
        request._osiris_collector = collector
        request.writeTo = lambda transport: write_to(_Tee(transport, collector))

    def dataReceived(self, data: bytes) -> None:
        if self._collector is not None:
            self._collector.take(data)
        super().dataReceived(data)  # type: ignore[no-untyped-call]


class _TapFactory(_LenientHTTP11ClientFactory):
    def buildProtocol(self, addr: Any) -> _TapProtocol:
        return _TapProtocol(self._quiescentCallback)  # type: ignore[no-untyped-call]


class CaptureDownloadHandler(HTTP11DownloadHandler):
    """Scrapy's HTTP/1.1 handler with the tap. DOWNLOAD_TIMEOUT counts seconds of silence."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool._factory = _TapFactory

    async def download_request(self, request: Request) -> Response:
        recorder = _RECORDERS.get(self._crawler)
        if recorder is None:
            return await super().download_request(request)
        collector = _Collector(recorder.clock)
        token = b"%d" % next(_TOKENS)
        _COLLECTORS[token] = collector
        request.headers[_TAG] = token
        began = time.monotonic()
        maxsize = request.meta.get("download_maxsize", self._default_maxsize)
        try:
            response = await self._download(request, collector, maxsize)
        except Exception as problem:
            truncated = _truncation(problem, len(collector.received), maxsize)
            await recorder.record(request, _exchange(request, collector, began, truncated, problem))
            raise
        finally:
            del _COLLECTORS[token]
            request.headers.pop(_TAG, None)
        cut = "disconnect" if "dataloss" in response.flags else None
        await recorder.record(request, _exchange(request, collector, began, cut, None))
        return response

    async def _download(self, request: Request, collector: _Collector, maxsize: int) -> Response:
        agent = _ScrapyAgent(
            contextFactory=self._contextFactory,
            bindAddress=self._bind_address,
            pool=self._pool,
            maxsize=maxsize,
            warnsize=self._default_warnsize,
            fail_on_dataloss=self._fail_on_dataloss,
            crawler=self._crawler,
            tls_verbose_logging=self._tls_verbose_logging,
        )
        collector.agent = agent
        collector.silence = float(request.meta.get("download_timeout") or agent._connectTimeout)
        with wrap_twisted_exceptions():
            return await maybe_deferred_to_future(agent.download_request(request))


def _truncation(problem: Exception, received: int, maxsize: int) -> str:
    """WARC-Truncated's word for how a transfer broke off."""
    # Scrapy gives up at the head when it announces too large a body; else a cancelled transfer has Twisted's cause.
    announced = isinstance(problem, DownloadCancelledError) and problem.__cause__ is None
    if announced or (maxsize and received > maxsize):
        return "length"
    return "time" if isinstance(problem, DownloadTimeoutError) else "disconnect"


def _exchange(
    request: Request, collector: _Collector, began: float, truncated: str | None, problem: Exception | None
) -> Exchange:
    received = strip_interim(bytes(collector.received))
    collector.received = bytearray()  # a large body is not held twice
    return Exchange(
        url=request.url,
        started=collector.started,
        elapsed=time.monotonic() - began,
        request=bytes(collector.sent),
        response=received,
        ip=collector.ip,
        truncated=truncated if received else None,
        error=f"{type(problem).__name__}: {problem}" if problem is not None else None,
    )
