"""HTTP/1.x messages from their bytes: the same for a response just received and for one out of a WARC file."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_STATUS = re.compile(rb"HTTP/\d(?:\.\d)?[ \t]+(\d{3})")
_FIELD = re.compile(rb"\n([!-9;-~]+):[ \t]*((?:[!-~\x80-\xff]+(?:[ \t]+[!-~\x80-\xff]+)*)?)[ \t]*(?=\r\n)")
_LENGTH = re.compile(rb"[0-9]{1,18}")
_CHUNK = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,16})[^\r\n]{0,4096}\r?\n")
_FIRST_CHUNK = re.compile(rb"[ \t]*[0-9A-Fa-f]{1,16}[ \t]*(?:;[^\r\n]{0,4096})?\r?\n")
_HEAD_LIMIT = 1024 * 1024
_STEP = 64 * 1024
GZIP = b"\x1f\x8b"  # what a gzip stream begins with
_MORSEL = 16  # bytes given to a brotli that inflates all that it is given
_LARGEST_RAW = 16 * 1024 * 1024  # bytes inflated to tell a bare deflate stream from text


@dataclass(frozen=True, slots=True)
class HttpMessage:
    """A response: `headers` as (name, value) in their order; `body` without transfer coding, content coding still on."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        """The first value of a header, latin-1, or None."""
        wanted = name.lower().encode()
        for found, value in self.headers:
            if found.lower() == wanted:
                return value.decode("latin-1")
        return None

    def text_headers(self) -> Iterator[tuple[str, str]]:
        """Headers as text, in order."""
        for name, value in self.headers:
            yield name.decode("latin-1"), value.decode("latin-1")


def split_head(block: bytes) -> tuple[bytes, bytes]:
    """(head with its empty line, rest); lines may end in LF alone. Without an empty line all is head."""
    ends = [
        at + len(mark) for mark in (b"\r\n\r\n", b"\n\n", b"\n\r\n") if (at := block.find(mark, 0, _HEAD_LIMIT)) >= 0
    ]
    if not ends:
        return block, b""
    end = min(ends)
    return block[:end], block[end:]


def strip_interim(received: bytes) -> bytes:
    """What was received without 1xx responses: they are no part of the record's block (WARC 1.1, RFC 9110 15.2)."""
    while True:
        match = _STATUS.match(received)
        if match is None or not match[1].startswith(b"1") or match[1] == b"101":
            return received
        _head, rest = split_head(received)
        if not rest:
            return received
        received = rest


def headers_of(head: bytes) -> tuple[tuple[bytes, bytes], ...]:
    """Header lines, folds joined, lines without a colon left out (browsers skip them too)."""
    plain = _FIELD.findall(head)
    if len(plain) == head.count(b"\n") - 2:
        return tuple(plain)  # each line but the first and the empty one is a field: as nearly all servers form them
    found: list[tuple[bytes, bytes]] = []
    for line in head.split(b"\n")[1:]:
        line = line.rstrip(b"\r")
        if line[:1] in (b" ", b"\t") and found:
            name, value = found[-1]
            found[-1] = (name, value + b" " + line.strip())
        elif b":" in line:
            name, value = line.split(b":", 1)
            found.append((name.strip(), value.strip()))
    return tuple(found)


def dechunk(data: bytes) -> bytes:
    """A chunked body put together; extensions and trailers are passed over, a body that breaks off gives what came."""
    parts: list[bytes] = []
    at = 0
    while True:
        match = _CHUNK.match(data, at)
        if match is None:
            return b"".join(parts)
        size = int(match[1], 16)
        at = match.end()
        if size == 0:
            return b"".join(parts)
        parts.append(data[at : at + size])
        at += size
        if data[at : at + 2] == b"\r\n":
            at += 2
        elif data[at : at + 1] == b"\n":
            at += 1
        elif at >= len(data):
            return b"".join(parts)


def length_of(value: bytes) -> int | None:
    """A Content-Length; None for what is none, or larger than anything that could come."""
    return int(value) if _LENGTH.fullmatch(value) else None


def parse_response(block: bytes) -> HttpMessage:
    """A response's bytes as a message; a status of 0 when the first line is none of HTTP's."""
    head, rest = split_head(block)
    match = _STATUS.match(head)
    headers = headers_of(head)
    lower = {name.lower(): value for name, value in reversed(headers)}
    if b"chunked" in lower.get(b"transfer-encoding", b"").lower() and (_FIRST_CHUNK.match(rest) or not rest):
        # Some crawlers keep the header and take the coding off: then no chunk begins here.
        rest = dechunk(rest)
    else:
        length = length_of(lower.get(b"content-length", b""))
        if length is not None and length < len(rest):
            rest = rest[:length]
    return HttpMessage(int(match[1]) if match else 0, headers, rest)


def content(message: HttpMessage, *, limit: int) -> bytes:
    """The body with its content coding taken off, at most `limit` bytes; what can't be decoded is given as it is."""
    coding = (message.header("Content-Encoding") or "").strip().lower()
    # A body that names a coding it does not have is given as it is: text can be taken for a bare deflate stream.
    if coding in ("gzip", "x-gzip") and message.body.startswith(GZIP):
        return _inflate(message.body, (31, 47), limit)
    if coding == "deflate" and is_deflated(message.body):
        return _inflate(message.body, (15, -15), limit)
    if coding == "br":
        return _brotli(message.body, limit)
    return message.body[:limit]


def is_deflated(body: bytes) -> bool:
    """zlib's header, or a bare stream that comes to its end; text inflates to nonsense and stops."""
    if len(body) > 1 and body[0] & 0x0F == 8 and int.from_bytes(body[:2]) % 31 == 0:
        return True
    stream = zlib.decompressobj(-15)
    try:
        stream.decompress(body, _LARGEST_RAW)
    except zlib.error:
        return False
    return stream.eof or bool(stream.unconsumed_tail)


def _inflate(data: bytes, windows: tuple[int, ...], limit: int) -> bytes:
    """Inflate in steps, so that a bomb costs no more than `limit`; a stream that breaks off gives what it held."""
    for window in windows:
        stream = zlib.decompressobj(window)
        out = bytearray()
        try:
            rest = data
            while rest and len(out) < limit and not stream.eof:
                out += stream.decompress(rest[:_STEP], limit - len(out))
                rest = stream.unconsumed_tail + rest[_STEP:] if stream.unconsumed_tail else rest[_STEP:]
        except zlib.error:
            if not out:
                continue
        if out or not data:
            return bytes(out)
    return data[:limit]


def _brotli(data: bytes, limit: int) -> bytes:
    """brotli, where its module is there; nothing we ask for comes so."""
    try:
        import brotli
    except ImportError:
        return data[:limit]
    out = bytearray()
    try:
        for step in _unpacked(brotli.Decompressor(), data):
            out += step
            if len(out) >= limit:
                break
    except brotli.error:
        return data[:limit]
    return bytes(out[:limit])


def _unpacked(stream: Any, data: bytes) -> Iterator[bytes]:
    """What a brotli stream holds, in steps: a kilobyte may unpack to a gigabyte."""
    if not hasattr(stream, "can_accept_more_data"):  # before 1.2 it knows no limit
        for at in range(0, len(data), _MORSEL):
            yield stream.process(data[at : at + _MORSEL])
        return
    while not stream.is_finished():
        step = stream.process(data, output_buffer_limit=_STEP)
        data = b""
        if not step and stream.can_accept_more_data():
            return  # it breaks off
        yield step
