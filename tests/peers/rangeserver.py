"""A web server on 127.0.0.1 that gives a few files, and parts of them: what ReplayWeb.page needs of one."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_TYPES = {".js": "text/javascript", ".html": "text/html; charset=utf-8", ".wacz": "application/wacz"}


class Serving:
    """`url` of the server, and what was asked of it: (method, path, range)."""

    def __init__(self, files: Mapping[str, Path]) -> None:
        self.files = dict(files)
        self.requests: list[tuple[str, str, str | None]] = []
        self.url = ""


@contextmanager
def serve_files(files: Mapping[str, Path]) -> Iterator[Serving]:
    """Serve files by their paths while the block lasts."""
    serving = Serving(files)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            self.do_GET(body=False)

        def do_GET(self, *, body: bool = True) -> None:
            path = self.path.partition("?")[0]
            serving.requests.append((self.command, path, self.headers.get("Range")))
            found = serving.files.get(path)
            if found is None:
                self._send(404, b"", "text/plain", body)
                return
            data, kind = found.read_bytes(), _TYPES[found.suffix]
            match = _RANGE.fullmatch(self.headers.get("Range") or "")
            if match is None or not any(match.groups()):
                self._send(200, data, kind, body)
                return
            start = int(match[1]) if match[1] else max(len(data) - int(match[2]), 0)
            end = min(int(match[2]), len(data) - 1) if match[1] and match[2] else len(data) - 1
            self._send(206, data[start : end + 1], kind, body, f"bytes {start}-{end}/{len(data)}")

        def _send(self, status: int, data: bytes, kind: str, body: bool, part: str = "") -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.send_header("Accept-Ranges", "bytes")
            if part:
                self.send_header("Content-Range", part)
            self.end_headers()
            if body:
                self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    serving.url = f"http://127.0.0.1:{server.server_port}/"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield serving
    finally:
        server.shutdown()
        server.server_close()
