"""The embedded site's web server: loopback only, one thread, light enough to keep a crawler busy."""

from __future__ import annotations

import asyncio
import gzip
import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.utils import formatdate
from pathlib import Path
from typing import IO

from osiris_crawler.demo.misbehave import Misbehaviour
from osiris_crawler.demo.pages import Answer, Site
from osiris_crawler.demo.world import World

_REASONS = {
    200: "OK",
    301: "Moved Permanently",
    304: "Not Modified",
    404: "Not Found",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
}
_LARGEST_HEAD = 64 * 1024


class Running:
    """A site that answers. `requests` holds (seconds, method, path, status) of every request."""

    def __init__(
        self,
        world: World,
        layout: str,
        misbehaviours: Mapping[str, Misbehaviour],
        delay: float,
        zipped: bool,
        log: IO[str] | None,
    ) -> None:
        self.world = world
        self.layout = layout
        self.misbehaviours = dict(misbehaviours)
        self.delay = delay
        self.zipped = zipped
        self.log = log
        self.requests: list[tuple[float, str, str, int]] = []
        self.hits: dict[str, int] = {}
        self.everywhere: Misbehaviour | None = None  # what stands before all of it: a line that is cut, a portal
        self.site: Site | None = None
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def changed(self) -> None:
        """Tell the site that the world has moved on."""
        assert self.site is not None
        self.site.changed()

    def note(self, method: str, path: str, status: int) -> None:
        self.requests.append((time.time(), method, path, status))
        if self.log is not None:
            self.log.write(
                json.dumps({"t": round(time.time(), 3), "method": method, "path": path, "status": status}) + "\n"
            )
            self.log.flush()

    def count(self, path: str) -> int:
        """How often a path was asked for, this time included."""
        self.hits[path] = self.hits.get(path, 0) + 1
        return self.hits[path]


def head(status: int, headers: list[tuple[str, str]]) -> bytes:
    """Status line and headers."""
    lines = [
        f"HTTP/1.1 {status} {_REASONS.get(status, 'Status')}",
        *(f"{name}: {value}" for name, value in headers),
        "",
        "",
    ]
    return "\r\n".join(lines).encode("latin-1")


class _Connection(asyncio.Protocol):
    def __init__(self, running: Running) -> None:
        self._running = running
        self._buffer = b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if len(self._buffer) > _LARGEST_HEAD:
            self._transport.close()
        while b"\r\n\r\n" in self._buffer:
            raw, _mark, self._buffer = self._buffer.partition(b"\r\n\r\n")
            line, *rest = raw.decode("latin-1").split("\r\n")
            headers = {
                name.strip().lower(): value.strip() for name, _colon, value in (item.partition(":") for item in rest)
            }
            parts = line.split(" ")
            if len(parts) != 3:
                self._transport.close()
                return
            if self._running.delay:
                asyncio.get_running_loop().call_later(self._running.delay, self._answer, parts[0], parts[1], headers)
            else:
                self._answer(parts[0], parts[1], headers)

    def _answer(self, method: str, target: str, headers: dict[str, str]) -> None:
        running = self._running
        if self._transport.is_closing():
            return
        hit = running.count(target)
        misbehaviour = running.everywhere or running.misbehaviours.get(target)
        if misbehaviour is not None:
            status = misbehaviour.play(self._transport, running, target, hit)
            if status:
                running.note(method, target, status)
                return
        assert running.site is not None
        answer = running.site.answer(target)
        status = 304 if answer.etag and headers.get("if-none-match") == answer.etag else answer.status
        running.note(method, target, status)
        self._transport.write(self._frame(answer, status, method, headers))
        if headers.get("connection", "").lower() == "close":
            self._transport.close()

    def _frame(self, answer: Answer, status: int, method: str, headers: dict[str, str]) -> bytes:
        """Pages come chunked and without length, as SPIP sends them; files with length and ETag."""
        fields = [("Date", formatdate(usegmt=True)), ("Content-Type", answer.mime)]
        if answer.location:
            return head(status, [*fields, ("Location", answer.location), ("Content-Length", "0")])
        if answer.etag:
            fields.append(("ETag", answer.etag))
            if status == 304:
                return head(status, fields)
            return head(status, [*fields, ("Content-Length", str(len(answer.body)))]) + (
                b"" if method == "HEAD" else answer.body
            )
        body = answer.body
        fields += [
            ("Vary", "Cookie, Accept-Encoding"), ("Composed-By", "SPIP 4.3.5 @ www.spip.net"), ("X-Spip-Cache", "86400"),
            ("Last-Modified", formatdate(usegmt=True)),
        ]  # fmt: skip
        if self._running.zipped and "gzip" in headers.get("accept-encoding", ""):
            body = gzip.compress(body, 6, mtime=0)
            fields.append(("Content-Encoding", "gzip"))
        if method == "HEAD":
            return head(status, fields)
        half = len(body) // 2
        chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:half], body[half:]) if part)
        return head(status, [*fields, ("Transfer-Encoding", "chunked")]) + chunks + b"0\r\n\r\n"


@contextmanager
def serve(
    world: World,
    layout: str = "current",
    *,
    port: int = 0,
    misbehaviours: Mapping[str, Misbehaviour] | None = None,
    delay: float = 0.0,
    zipped: bool = False,
    log: Path | None = None,
) -> Iterator[Running]:
    """Serve a world on 127.0.0.1 while the block lasts; `delay` in seconds before each answer."""
    out = log.open("a", encoding="utf-8") if log is not None else None
    running = Running(world, layout, misbehaviours or {}, delay, zipped, out)
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(loop.create_server(lambda: _Connection(running), "127.0.0.1", port))
    running.port = server.sockets[0].getsockname()[1]
    running.site = Site(world, layout, running.url)
    thread = threading.Thread(target=loop.run_forever, name="embedded-site", daemon=True)
    thread.start()
    try:
        yield running
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()
        if out is not None:
            out.close()
