"""WARC 1.1 records from exchanges and notes, serialised by warcio with their blocks left as they are."""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from osiris_crawler.archive.clock import warc_date
from osiris_crawler.archive.exchange import Exchange
from osiris_crawler.archive.http import parse_response, split_head
from osiris_crawler.archive.reader import Record, fields_of

REQUEST = "application/http;msgtype=request"
RESPONSE = "application/http;msgtype=response"
FIELDS = "application/warc-fields"
TEXT = "text/plain; charset=utf-8"
LARGEST_NOTE = 256 * 1024 * 1024  # bytes; the ids of a million articles are less
GZIP_LEVEL = 6  # level 9, warcio's own, takes twice the time for one per cent


# Profiles of revisit records (WARC 1.1, 6.7).
IDENTICAL = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"


@dataclass(frozen=True, slots=True)
class Original:
    """The response that a revisit refers to, in which way it is the same, and where it lies."""

    record_id: str
    uri: str
    date: str  # WARC-Date
    profile: str
    path: Path
    offset: int


@dataclass(frozen=True, slots=True)
class Ready:
    """A record before it is written: what the index wants to know of it (its offset and length are not settled yet), and
    its gzip member in pieces."""

    record: Record
    member: tuple[bytes, ...]
    length: int  # bytes of the member

    @property
    def type(self) -> str:
        return self.record.type

    @property
    def id(self) -> str:
        return self.record.id


def digest(data: bytes) -> str:
    """sha1 in base32, as CDX tools expect it."""
    return "sha1:" + base64.b32encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode()


def new_id() -> str:
    return f"<urn:uuid:{uuid.uuid4()}>"


class _Member:
    """One gzip member, compressed as it is written: a large body is never held a second time as it was."""

    def __init__(self) -> None:
        self._frame = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, 31)
        self.pieces: list[bytes] = []

    def write(self, data: bytes) -> None:
        piece = self._frame.compress(data)
        if piece:
            self.pieces.append(piece)

    def flush(self) -> None:
        """warcio calls it at a record's end."""
        self.pieces.append(self._frame.flush())


class _RawHead(StatusAndHeaders):  # type: ignore[misc]
    """A header block that warcio writes as it was on the wire."""

    def __init__(self, head: bytes) -> None:
        super().__init__("", [])
        self.headers_buff = head

    def compute_headers_buffer(self, header_filter: object = None) -> None:
        """It is what it is."""

    def __bool__(self) -> bool:
        return True


class _Writer(WARCWriter):  # type: ignore[misc]
    """warcio's writer. Digests are stated by us: it would put a payload digest over the block where there is none."""

    def ensure_digest(self, record: ArcWarcRecord, block: bool = True, payload: bool = True) -> None:
        """They are there."""


def build(
    kind: str,
    block: bytes,
    content_type: str,
    date: datetime,
    *,
    uri: str | None = None,
    id: str | None = None,
    headers: Sequence[tuple[str, str]] = (),
    payload_digest: str | None = None,
) -> Ready:
    """A record of any kind around a block that is written verbatim."""
    record_id = id or new_id()
    fields = [("WARC-Type", kind), ("WARC-Record-ID", record_id), ("WARC-Date", warc_date(date))]
    if uri is not None:
        fields.append(("WARC-Target-URI", uri))
    fields += headers
    fields.append(("WARC-Block-Digest", digest(block)))
    if payload_digest is not None:
        fields.append(("WARC-Payload-Digest", payload_digest))
    head = StatusAndHeaders("", fields, protocol="WARC/1.1")
    # Without http_headers warcio takes the block as it is; parsed headers it would write anew, and not always alike.
    # Of a revisit it writes nothing but those headers: there the block is given as them, still as it is.
    only_head = _RawHead(block) if kind == "revisit" else None
    record = ArcWarcRecord("warc", kind, head, BytesIO(block), only_head, content_type, len(block))
    record.payload_length = len(block)
    out = _Member()
    _Writer(out, gzip=False, warc_version="1.1").write_record(record)
    known = dict(fields) | {"Content-Type": content_type}
    return Ready(
        Record(kind, record_id, uri or "", warc_date(date), known, block, 0, 0),
        tuple(out.pieces),
        sum(map(len, out.pieces)),
    )


def warcinfo(filename: str, fields: Mapping[str, str], date: datetime) -> Ready:
    """The first record of every file."""
    block = "".join(f"{name}: {' '.join(value.split())}\r\n" for name, value in fields.items()).encode()
    return build("warcinfo", block, FIELDS, date, headers=[("WARC-Filename", filename)])


def note_block(note: Mapping[str, Any]) -> bytes:
    """A note as application/warc-fields, a field a line; what is no plain word stands there as JSON.

    Replay tools index every `metadata` record but those of this type, and would show it in the page's place.
    """
    text = "".join(f"{name}: {_field(value)}\r\n" for name, value in note.items())
    return text.encode("utf-8", "backslashreplace")  # half a surrogate becomes the escape that JSON has for it


def _field(value: Any) -> str:
    if isinstance(value, str) and value.isprintable() and value == value.strip() and value:
        try:
            json.loads(value)
        except ValueError:
            return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def note_of(block: bytes) -> dict[str, Any]:
    """The note of a metadata record; an empty one for what is none of ours."""
    if len(block) > LARGEST_NOTE:
        return {}
    if block.startswith(b"{"):  # as version 0.1.0 wrote them in its first days
        whole = _parsed(block.decode("utf-8", "replace"), {})
        return whole if isinstance(whole, dict) else {}
    return {name: _parsed(value, value) for name, value in fields_of(block).items()}


def entries_of(note: Mapping[str, Any], name: str, *fields: str) -> list[dict[str, Any]]:
    """The entries of a list in a note that have these fields as texts; a file may claim to be ours and hold anything."""
    found = note.get(name)
    return [
        entry
        for entry in (found if isinstance(found, list) else [])
        if isinstance(entry, dict) and all(isinstance(entry.get(field), str) for field in fields)
    ]


def _parsed(text: str, otherwise: Any) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return otherwise


def metadata(uri: str, note: Mapping[str, Any], date: datetime, *, refers_to: str | None = None) -> Ready:
    """What no exchange holds; `refers_to` is the record that it speaks of."""
    headers = [("WARC-Refers-To", refers_to)] if refers_to else []
    return build("metadata", note_block(note), FIELDS, date, uri=uri, headers=headers)


def resource(uri: str, data: bytes, content_type: str, date: datetime) -> Ready:
    """Data that no exchange brought, under a name of our own."""
    return build("resource", data, content_type, date, uri=uri, payload_digest=digest(data))


def conversion(uri: str, text: str, date: datetime, *, refers_to: str) -> Ready:
    """An article's text, made from the response that it refers to (WARC 1.1, 6.8)."""
    block = text.encode()
    return build("conversion", block, TEXT, date, uri=uri, headers=[("WARC-Refers-To", refers_to)],
                 payload_digest=digest(block))  # fmt: skip


def exchange(
    kept: Exchange,
    note: Mapping[str, Any] | None,
    date: datetime,
    *,
    payload_digest: str | None = None,
    original: Original | None = None,
) -> list[Ready]:
    """response (or revisit), request and, with a note, metadata of one exchange, with the same date, each naming the others.

    An attempt that brought no byte has no response; its metadata says what went wrong. With an `original` the body is
    left out, the header block stays and its digest is its own.
    """
    response_id, request_id = new_id(), new_id()
    ip = [("WARC-IP-Address", kept.ip)] if kept.ip else []
    ready: list[Ready] = []
    if kept.response:
        payload = payload_digest or digest(parse_response(kept.response).body)
        headers = [("WARC-Concurrent-To", request_id), *ip]
        if original is None:
            headers += [("WARC-Truncated", kept.truncated)] if kept.truncated else []
            kind, block = "response", kept.response
        else:
            kind, block = "revisit", split_head(kept.response)[0]
            headers += [
                ("WARC-Profile", original.profile),
                ("WARC-Refers-To", original.record_id),
                ("WARC-Refers-To-Target-URI", original.uri),
                ("WARC-Refers-To-Date", original.date),
            ]
            if original.profile == IDENTICAL:
                headers.append(("WARC-Truncated", "length"))  # asked for by 6.7.2
        ready.append(
            build(kind, block, RESPONSE, date, uri=kept.url, id=response_id, headers=headers, payload_digest=payload)
        )
    concurrent = [("WARC-Concurrent-To", response_id)] if kept.response else []
    if kept.request:
        ready.append(
            build("request", kept.request, REQUEST, date, uri=kept.url, id=request_id, headers=[*concurrent, *ip])
        )
    if note is None:
        return ready
    about = response_id if kept.response else request_id if kept.request else None
    headers = [("WARC-Concurrent-To", about)] if about else []
    ready.append(build("metadata", note_block(note), FIELDS, date, uri=kept.url, headers=headers))
    return ready
