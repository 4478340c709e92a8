"""A server that answers oddly and logs every byte: each case is (what is sent, whether the connection is closed after)."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import brotli

BODY = b"<html><body>" + b"R\xc3\xa9union \xc3\xa0 Thi\xc3\xa8s. " * 40 + b"</body></html>"
GZ = gzip.compress(BODY, mtime=0)
BR = brotli.compress(BODY)


def sized(body: bytes, extra: bytes = b"", status: bytes = b"200 OK") -> bytes:
    return b"HTTP/1.1 %s\r\nContent-Type: text/html\r\n%sContent-Length: %d\r\n\r\n%s" % (
        status,
        extra,
        len(body),
        body,
    )


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n%s\r\n"
CASES: dict[str, tuple[bytes, bool]] = {
    "case-order": (
        b"HTTP/1.1 200 OK\r\ncOnTent-tYpe: text/html\r\nX-B: 2\r\nx-a: 1\r\nCONTENT-LENGTH: 3\r\n\r\nabc",
        False,
    ),
    "duplicates": (sized(b"abc", b"Set-Cookie: a=1\r\nSet-Cookie: b=2\r\nVary: A\r\nVary: B\r\n"), False),
    "folded": (sized(b"abc", b"X-Folded: one\r\n\ttwo\r\n  three\r\n"), False),
    "latin-1": (sized(b"abc", "X-Ville: Thiès\r\n".encode("latin-1")), False),
    "chunk-extension": (CHUNKED % b"" + b'3;name="v"\r\nabc\r\n4\r\ndefg\r\n0;last\r\n\r\n', False),
    "chunk-trailer": (CHUNKED % b"Trailer: X-T\r\n" + b"3\r\nabc\r\n0\r\nX-T: end\r\n\r\n", False),
    "gzip": (sized(GZ, b"Content-Encoding: gzip\r\n"), False),
    "gzip-chunked": (CHUNKED % b"Content-Encoding: gzip\r\n" + b"%x\r\n%s\r\n0\r\n\r\n" % (len(GZ), GZ), False),
    "br": (sized(BR, b"Content-Encoding: br\r\n"), False),
    "http-1.0": (b"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nabc", True),
    "close-delimited": (
        b"HTTP/1.1 200 Fine enough\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n" + BODY,
        True,
    ),
    "304": (b'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\n\r\n', False),
    "301": (sized(b"", b"Location: /case-order\r\n", b"301 Moved Permanently"), False),
    "HEAD": (b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n", False),
    "truncated-length": (b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\nonly this", True),
    "truncated-chunk": (CHUNKED % b"" + b"ff\r\nonly this", True),
    "lf-only": (b"HTTP/1.1 200 OK\nContent-Type: text/html\nContent-Length: 3\n\nabc", False),
    "colon-less": (sized(b"abc", b"this line has none\r\n"), False),
    "103": (b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n" + sized(b"after hints"), False),
    "204": (b"HTTP/1.1 204 No Content\r\nX-Nothing: here\r\n\r\n", False),
    "empty": (sized(b""), False),
    "500": (sized(b"broken", status=b"500 Interner Fehler"), False),
    "large": (sized(BODY * 300), False),
}
TRUNCATED = {"truncated-length", "truncated-chunk"}


class WireServer:
    """Serves CASES; `log` holds (path, request bytes, response bytes) of every exchange."""

    def __init__(self, context: ssl.SSLContext | None) -> None:
        self._context = context
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._socket.getsockname()[1]
        self.log: list[tuple[str, bytes, bytes]] = []
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"{'https' if self._context else 'http'}://127.0.0.1:{self.port}/"

    def _accept(self) -> None:
        while True:
            try:
                connection, _address = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        try:
            if self._context is not None:
                connection = self._context.wrap_socket(connection, server_side=True)
            buffer = b""
            served = 0
            while True:
                while b"\r\n\r\n" not in buffer:
                    data = connection.recv(65536)
                    if not data:
                        return
                    buffer += data
                head, _mark, buffer = buffer.partition(b"\r\n\r\n")
                request = head + b"\r\n\r\n"
                path = request.split(b" ", 2)[1].decode()
                answer, close = CASES.get(path.strip("/").split("?")[0], (sized(b"no", status=b"404 None"), False))
                with self._lock:
                    self.log.append((path, request, answer))
                # In two pieces, so that the reader sees a head and a body that come apart.
                connection.sendall(answer[: len(answer) // 2])
                connection.sendall(answer[len(answer) // 2 :])
                served += 1
                # Every seventh exchange the idle connection is dropped, as servers do.
                if close or served % 7 == 0:
                    return
        except OSError:
            return
        finally:
            connection.close()

    def stop(self) -> None:
        self._socket.close()


@contextmanager
def wire_server(context: ssl.SSLContext | None = None) -> Iterator[WireServer]:
    server = WireServer(context)
    try:
        yield server
    finally:
        server.stop()
