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
from typing import Any

from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from osiris_crawler.archive.clock import warc_date
from osiris_crawler.archive.exchange import Exchange
from osiris_crawler.archive.http import parse_response

REQUEST = "application/http;msgtype=request"
RESPONSE = "application/http;msgtype=response"
FIELDS = "application/warc-fields"
JSON = "application/json"
GZIP_LEVEL = 6  # level 9, warcio's own, takes twice the time for one per cent


@dataclass(frozen=True, slots=True)
class Ready:
    """A record before it is compressed: its type and id, and its bytes without the gzip frame."""

    type: str
    id: str
    data: bytes
    payload_digest: str | None = None


def digest(data: bytes) -> str:
    """sha1 in base32, as CDX tools expect it."""
    return "sha1:" + base64.b32encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode()


def new_id() -> str:
    return f"<urn:uuid:{uuid.uuid4()}>"


def member(data: bytes) -> bytes:
    """One gzip member."""
    frame = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, 31)
    return frame.compress(data) + frame.flush()


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
    record = ArcWarcRecord("warc", kind, head, BytesIO(block), None, content_type, len(block))
    record.payload_length = len(block)
    if payload_digest is None:
        # warcio would add a payload digest over the block, which is right only where the block is the payload.
        record.rec_headers.add_header("WARC-Payload-Digest", "")
    out = BytesIO()
    WARCWriter(out, gzip=False, warc_version="1.1").write_record(record)
    data = out.getvalue()
    if payload_digest is None:
        data = data.replace(b"WARC-Payload-Digest: \r\n", b"", 1)
    return Ready(kind, record_id, data, payload_digest)


def warcinfo(filename: str, fields: Mapping[str, str], date: datetime) -> Ready:
    """The first record of every file."""
    block = "".join(f"{name}: {' '.join(value.split())}\r\n" for name, value in fields.items()).encode()
    return build("warcinfo", block, FIELDS, date, headers=[("WARC-Filename", filename)])


def metadata(uri: str, note: Mapping[str, Any], date: datetime, *, refers_to: str | None = None) -> Ready:
    """What no exchange holds, as JSON; `refers_to` is the record that it speaks of."""
    block = json.dumps(note, ensure_ascii=False, separators=(",", ":")).encode()
    headers = [("WARC-Refers-To", refers_to)] if refers_to else []
    return build("metadata", block, JSON, date, uri=uri, headers=headers)


def exchange(kept: Exchange, note: Mapping[str, Any] | None, date: datetime) -> list[Ready]:
    """response, request and, with a note, metadata of one exchange, with the same date, each naming the others.

    An attempt that brought no byte has no response; its metadata says what went wrong.
    """
    response_id, request_id = new_id(), new_id()
    ip = [("WARC-IP-Address", kept.ip)] if kept.ip else []
    ready: list[Ready] = []
    if kept.response:
        cut = [("WARC-Truncated", kept.truncated)] if kept.truncated else []
        payload = digest(parse_response(kept.response).body)
        ready.append(
            build("response", kept.response, RESPONSE, date, uri=kept.url, id=response_id,
                  headers=[("WARC-Concurrent-To", request_id), *ip, *cut], payload_digest=payload)
        )  # fmt: skip
    concurrent = [("WARC-Concurrent-To", response_id)] if kept.response else []
    if kept.request:
        ready.append(
            build("request", kept.request, REQUEST, date, uri=kept.url, id=request_id, headers=[*concurrent, *ip])
        )
    if note is None:
        return ready
    about = response_id if kept.response else request_id if kept.request else None
    block = json.dumps(note, ensure_ascii=False, separators=(",", ":")).encode()
    ready.append(
        build("metadata", block, JSON, date, uri=kept.url, headers=[("WARC-Concurrent-To", about)] if about else [])
    )
    return ready
