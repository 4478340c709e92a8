"""Bodies that are not what their headers say."""

from __future__ import annotations

import gzip
import zlib

import pytest

from osiris_crawler.archive.foreign import foreign_response, settled
from osiris_crawler.archive.http import HttpMessage, content

# A page that begins with a line's end is a valid beginning of a bare deflate stream.
PAGE = b"\n\n<!DOCTYPE html><html><p>" + "Sénégal ".encode() * 300 + b"</p></html>"
CHUNKS = b"%x\r\n%s\r\n0\r\n\r\n" % (len(PAGE), PAGE)


def block(body: bytes, *headers: str, version: str = "HTTP/1.1") -> bytes:
    return "\r\n".join([f"{version} 200 OK", *headers]).encode() + b"\r\n\r\n" + body


@pytest.mark.parametrize(
    ("body", "headers", "decoded"),
    [
        (PAGE, (), False),
        (PAGE, (f"Content-Length: {len(PAGE)}",), False),
        (CHUNKS, ("Transfer-Encoding: chunked",), False),
        (CHUNKS, ("transfer-encoding: Chunked", "Content-Length: 5"), False),
        (gzip.compress(PAGE, mtime=0), ("Content-Encoding: gzip",), False),
        (zlib.compress(PAGE), ("Content-Encoding: deflate",), False),
        (zlib.compress(PAGE)[2:-4], ("Content-Encoding: deflate",), False),
        # Headers of a coded body over a decoded one:
        (PAGE, ("Content-Encoding: gzip", "Content-Length: 99"), True),
        (PAGE, ("Content-Encoding: x-gzip",), True),
        (PAGE, ("Content-Encoding: deflate",), True),
        (PAGE, ("Content-Encoding: br",), True),
        (PAGE, ("Content-Encoding: zstd",), True),
        (PAGE, ("Transfer-Encoding: chunked",), True),
        (PAGE, ("Transfer-Encoding: chunked", "Content-Encoding: gzip"), True),
        (PAGE, ("Content-Length: 99",), True),
        (gzip.compress(PAGE, mtime=0), ("Transfer-Encoding: chunked", "Content-Encoding: gzip"), True),
    ],
)
def test_a_page_is_whole_whatever_its_headers_say(body: bytes, headers: tuple[str, ...], decoded: bool) -> None:
    found = foreign_response(block(body, *headers))
    assert content(found.message, limit=10**6) == PAGE
    assert (found.decoded, found.sealed) == (decoded, None)


def test_a_decoded_page_that_begins_like_a_chunk() -> None:
    page = b"2015\r\n<p>" + b"x" * 9000
    assert foreign_response(block(page, "Transfer-Encoding: chunked")).message.body == page


def test_http_2() -> None:
    assert foreign_response(block(PAGE, version="HTTP/2")).message.status == 200


def test_what_can_not_be_decoded_is_named() -> None:
    assert foreign_response(block(b"\x28\xb5\x2f\xfd" + b"x" * 99, "Content-Encoding: zstd")).sealed == "zstd"
    assert foreign_response(block(b"\x00" * 99, "Content-Encoding: compress")).sealed == "compress"
    assert foreign_response(block(b"\x00" * 99, "Content-Encoding: identity")).sealed is None


def test_br_needs_its_module(monkeypatch: pytest.MonkeyPatch) -> None:
    brotli = pytest.importorskip("brotli")
    coded = block(brotli.compress(PAGE), "Content-Encoding: br")
    assert content(foreign_response(coded).message, limit=10**6) == PAGE
    monkeypatch.setattr("osiris_crawler.archive.foreign.find_spec", lambda name: None)
    assert foreign_response(coded).sealed == "br"


def test_the_headers_of_a_revisit_over_its_originals_body() -> None:
    kept = HttpMessage(200, ((b"Content-Encoding", b"gzip"), (b"X", b"y")), PAGE)
    assert settled(kept).message == HttpMessage(200, ((b"X", b"y"),), PAGE)
    empty = HttpMessage(304, ((b"Content-Encoding", b"gzip"),), b"")
    assert settled(empty).message is empty
