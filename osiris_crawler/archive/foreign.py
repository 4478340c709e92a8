"""HTTP messages in records that other crawlers wrote: what their headers say of the body need not be true any more.

Browsers and some crawlers keep a page's bytes after its transfer and content codings were taken off, beside headers that
still speak of the coded body: then no chunk begins where chunks are announced, no gzip stream where gzip is, and
Content-Length is too small. The record's own length tells where the body ends, so nothing is cut.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.util import find_spec

from osiris_crawler.archive.http import GZIP, HttpMessage, dechunk, is_deflated, length_of, parse_response, split_head

_FIRST_CHUNK = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]{0,4096})?\r?\n")
_MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s*<")
_ZSTD = b"\x28\xb5\x2f\xfd"


@dataclass(frozen=True, slots=True)
class Foreign:
    """`message` with the codings that are really on its body; `decoded`: its headers named more of them than are.

    `sealed` is a coding that can't be taken off here ("br" without its module, "zstd"), else None.
    """

    message: HttpMessage
    decoded: bool = False
    sealed: str | None = None


def foreign_response(block: bytes) -> Foreign:
    """The message of a response or revisit record of any crawler."""
    head, rest = split_head(block)
    message = parse_response(head)
    chunked = "chunked" in (message.header("Transfer-Encoding") or "").lower()
    really = chunked and _is_chunked(rest)
    found = settled(HttpMessage(message.status, message.headers, dechunk(rest) if really else rest))
    length = length_of((message.header("Content-Length") or "").encode("latin-1"))
    longer = not chunked and length is not None and length < len(rest)
    return Foreign(found.message, found.decoded or (chunked and bool(rest) and not really) or longer, found.sealed)


def settled(message: HttpMessage) -> Foreign:
    """A message without the content codings that its body does not have."""
    coding = (message.header("Content-Encoding") or "").strip().lower()
    if coding in ("", "identity") or not message.body:
        return Foreign(message)
    if coding in ("gzip", "x-gzip"):
        coded, sealed = message.body.startswith(GZIP), False
    elif coding == "deflate":
        coded, sealed = is_deflated(message.body), False
    elif _MARKUP.match(message.body):
        coded, sealed = False, False
    elif coding == "br":
        coded, sealed = True, find_spec("brotli") is None
    else:
        # Of zstd alone the bytes tell; of what has no name here nothing is known.
        coded = sealed = coding != "zstd" or message.body.startswith(_ZSTD)
    if coded:
        return Foreign(message, sealed=coding if sealed else None)
    kept = tuple((name, value) for name, value in message.headers if name.lower() != b"content-encoding")
    return Foreign(HttpMessage(message.status, kept, message.body), decoded=True)


def _is_chunked(body: bytes) -> bool:
    """Whether a chunk begins here: a size, so many bytes and a line's end, or the file's end before that."""
    match = _FIRST_CHUNK.match(body)
    if match is None:
        return False
    end = match.end() + int(match[1], 16)
    return end >= len(body) or body[end : end + 1] in (b"\r", b"\n")
