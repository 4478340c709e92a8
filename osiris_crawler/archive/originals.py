"""Whether the original of a revisit record still gives back what the revisit leaves out."""

from __future__ import annotations

from osiris_crawler.archive.http import HttpMessage, parse_response
from osiris_crawler.archive.reader import read_at
from osiris_crawler.archive.records import Original, digest
from osiris_crawler.errors import IntegrityError


def holds(original: Original, payload_digest: str, response: bytes) -> bool:
    """Read an original back from its file: it must be the record that is meant, with the payload, framed alike.

    A body that is left out because of a damaged original would be lost for good, and so would one whose original states
    a digest that is not its own (other crawlers' files). Replay takes the headers from the revisit and the bytes from
    the original, so chunks must stand where the headers say so, and nowhere else.
    """
    try:
        record = read_at(original.path, original.offset)
    except IntegrityError:
        return False
    if record.type != "response" or record.id != original.record_id or record.headers.get("WARC-Truncated"):
        return False
    there, here = parse_response(record.block), parse_response(response)
    return _chunked(there) == _chunked(here) and digest(there.body) == payload_digest


def _chunked(message: HttpMessage) -> bool:
    return "chunked" in (message.header("Transfer-Encoding") or "").lower()
