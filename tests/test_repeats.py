"""Which answers become revisit records, by what the ledger holds."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from osiris_crawler.archive.exchange import Exchange
from osiris_crawler.archive.http import parse_response
from osiris_crawler.archive.records import IDENTICAL, NOT_MODIFIED, digest
from osiris_crawler.crawl.repeats import Repeats
from osiris_crawler.ledger.frontier import Lease
from osiris_crawler.ledger.ledger import Ledger
from osiris_crawler.ledger.page import Capture
from tests.archive.made import SITE, exchange

BODY = b"x" * 3000
HELD = Capture(
    run="r", date="2026-01-01T00:00:00.000000Z", file="a.warc.gz", offset=100, length=900, record_id="<urn:uuid:1>",
    key=f"{SITE}/f.pdf", url=f"{SITE}/f.pdf", status=200, mime="application/pdf", size=len(BODY), digest=digest(BODY),
    etag='"e"', modified="Thu, 01 Jan 2026 00:00:00 GMT",
)  # fmt: skip


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    found = Ledger(tmp_path / "state.sqlite")
    found.begin_run("r", 1, "crawl", HELD.date)
    return found


def lease(ledger: Ledger, kind: str = "file", key: str = HELD.key) -> Lease:
    values: dict[str, Any] = {"id": 1, "key": key, "url": key, "kind": kind, "attempts": 0, "via": None, "path": ""}
    return Lease(**{name: values.get(name) for name in Lease.__dataclass_fields__})


def ask(repeats: Repeats, of: Lease | None, answer: Exchange) -> Any:
    head = parse_response(answer.response)
    return repeats.original(of, answer, head, digest(head.body))


def test_an_identical_payload_is_referred_to_once_its_file_is_sealed(ledger: Ledger, tmp_path: Path) -> None:
    sealed: set[str] = set()
    repeats = Repeats(ledger, tmp_path, sealed)
    row = ledger.captured(HELD, "file", 1)
    assert ask(repeats, None, exchange("/g.pdf", BODY)) is None
    sealed.add("a.warc.gz")
    held, original = ask(repeats, None, exchange("/g.pdf", BODY))
    assert held.row == row
    assert (original.record_id, original.uri, original.date) == (HELD.record_id, HELD.url, HELD.date)
    assert (original.profile, original.path, original.offset) == (IDENTICAL, tmp_path / "a.warc.gz", 100)


@pytest.mark.parametrize(
    "answer",
    [
        exchange("/g.pdf", BODY, status=404),
        exchange("/g.pdf", BODY, truncated="disconnect"),
        exchange("/g.pdf", BODY + b"y"),
        exchange("/g.pdf", b"", status=304),
    ],
)
def test_nothing_else_is(answer: Exchange, ledger: Ledger, tmp_path: Path) -> None:
    repeats = Repeats(ledger, tmp_path, {"a.warc.gz"})
    ledger.captured(HELD, "file", 1)
    assert ask(repeats, lease(ledger), answer) is None  # of the 304 nobody had asked whether it was modified


@pytest.mark.parametrize(
    "held",
    [
        replace(HELD, truncated="length"),
        replace(HELD, size=1000, digest=digest(BODY[:1000])),
        replace(HELD, original=7),
        replace(HELD, digest="sha1:else"),
    ],
)
def test_what_is_no_original(held: Capture, ledger: Ledger, tmp_path: Path) -> None:
    ledger.captured(held, "file", 1)
    repeats = Repeats(ledger, tmp_path, {"a.warc.gz"})
    for body in (BODY, BODY[:1000]):
        assert ask(repeats, None, exchange("/g.pdf", body)) is None


def lay(folder: Path, held: Capture, body: bytes = BODY) -> None:
    """Put the record of a capture where the ledger says that it lies."""
    block = exchange("/f.pdf", body).response
    head = (
        f"WARC/1.1\r\nWARC-Type: response\r\nWARC-Record-ID: {held.record_id}\r\nWARC-Date: {held.date}\r\n"
        f"WARC-Target-URI: {held.url}\r\nContent-Length: {len(block)}\r\n\r\n"
    )
    path = folder / held.file
    before = path.read_bytes() if path.exists() else b""
    path.write_bytes(before.ljust(held.offset, b"\0") + gzip.compress(head.encode() + block + b"\r\n\r\n"))


def test_what_has_rotted_is_asked_for_in_full(ledger: Ledger, tmp_path: Path) -> None:
    repeats = Repeats(ledger, tmp_path, {"a.warc.gz"})
    ledger.captured(HELD, "file", 1)
    lay(tmp_path, HELD, BODY[:-1] + b"?")
    assert repeats.validators(lease(ledger)) == {}
    (tmp_path / "a.warc.gz").write_bytes(b"\0" * 4000)
    assert repeats.validators(lease(ledger)) == {}


def test_other_crawlers_write_digests_otherwise(ledger: Ledger, tmp_path: Path) -> None:
    held = replace(HELD, digest="sha256:" + hashlib.sha256(BODY).hexdigest())
    repeats = Repeats(ledger, tmp_path, {"a.warc.gz"})
    ledger.captured(held, "file", 1)
    lay(tmp_path, held)
    assert repeats.validators(lease(ledger))["If-None-Match"] == '"e"'


def test_a_304_refers_to_the_response_whose_validators_were_sent(ledger: Ledger, tmp_path: Path) -> None:
    repeats = Repeats(ledger, tmp_path, {"a.warc.gz"})
    ledger.captured(HELD, "file", 1)
    lay(tmp_path, HELD)
    assert repeats.validators(lease(ledger, kind="article")) == {}  # SPIP answers in full
    assert repeats.validators(lease(ledger)) == {"If-None-Match": '"e"', "If-Modified-Since": HELD.modified}
    # A newer capture that came in between is not what the server compared with.
    newer = replace(HELD, offset=5000, record_id="<urn:uuid:2>", date="2026-01-02T00:00:00.000000Z", etag='"f"')
    ledger.captured(newer, "file", 1)
    lay(tmp_path, newer)
    held, original = ask(repeats, lease(ledger), exchange("/f.pdf", b"", status=304))
    assert (original.record_id, original.profile) == (HELD.record_id, NOT_MODIFIED)
    assert held.digest == digest(BODY)
    assert ask(repeats, lease(ledger), exchange("/f.pdf", b"", status=304)) is None  # asked once, answered once
    assert repeats.validators(lease(ledger))["If-None-Match"] == '"f"'


def test_nobody_asks_about_what_can_not_be_referred_to(ledger: Ledger, tmp_path: Path) -> None:
    ledger.captured(HELD, "file", 1)
    assert Repeats(ledger, tmp_path, set()).validators(lease(ledger)) == {}
    ledger.captured(replace(HELD, offset=9, date="2026-01-03T00:00:00.000000Z", digest=None), "file", 1)
    assert Repeats(ledger, tmp_path, {"a.warc.gz"}).validators(lease(ledger)) == {}
