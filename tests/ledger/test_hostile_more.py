"""More of what files may claim: numbers, ids and addresses of any size, and bodies that nobody reads."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import brotli
import pytest

from osiris_crawler.archive.exchange import IDS
from osiris_crawler.archive.http import HttpMessage, content
from osiris_crawler.archive.index import LONGEST_ADDRESS
from osiris_crawler.archive.reader import Record
from osiris_crawler.archive.records import FIELDS, RESPONSE, build
from osiris_crawler.archive.surt import surt
from osiris_crawler.ledger.adopt import adopt
from osiris_crawler.ledger.imports import answers
from osiris_crawler.ledger.intake import capture_of
from osiris_crawler.ledger.ledger import Ledger
from osiris_crawler.ledger.page import Page
from osiris_crawler.ledger.pool import Job, Operation, ReadingPool
from osiris_crawler.ledger.scope import Scope
from osiris_crawler.site import profile

SITE = profile.for_url("http://www.example.sn/")
DAY = datetime(2026, 1, 2, tzinfo=UTC)
PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<title>x</title>"


@pytest.mark.parametrize("crawl", ["9" * 20, "9" * 5000, "1"])
@pytest.mark.parametrize("number", ["9" * 30, "-1", "true", "7"])
def test_numbers_that_fit_nowhere(crawl: str, number: str, tmp_path: Path) -> None:
    ready = [
        build("warcinfo", f"software: x\r\nrun: r\r\ncrawl: {crawl}\r\n".encode(), FIELDS, DAY),
        build("response", PAGE, RESPONSE, DAY, uri="http://www.example.sn/a"),
        build("metadata", b'ids: [{"id": "a", "key": "k", "number": %s}]\r\n' % number.encode(), FIELDS, DAY, uri=IDS),
    ]
    (tmp_path / "archive").mkdir()
    path = tmp_path / "archive" / "c-20260102000000-00000-h.warc.gz"
    path.write_bytes(b"".join(piece for one in ready for piece in one.member))
    ledger = Ledger(tmp_path / "state.db")
    assert adopt(ledger, tmp_path / "archive", SITE, Scope()).captures == 1
    assert list(ledger.minted()) == [("a", "k", 7 if number == "7" else None)]
    assert ledger.last_crawl() == (1 if crawl == "1" else 0)
    ledger.close()


def test_an_endless_id_is_passed_over() -> None:
    def record(kind: str, id: str, block: bytes, **headers: str) -> Record:
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        return Record(kind, id, "http://a/", "2026-01-02T00:00:00Z", fields, block, 0, 9)

    passed_over: Counter[str] = Counter()
    long = "<urn:x:" + "y" * LONGEST_ADDRESS + ">"
    stream = [
        record("response", long, PAGE),
        record("request", long, b"POST / HTTP/1.1\r\n\r\n"),
        record("response", "<urn:2>", PAGE, WARC_Concurrent_To=long),
        record("response", "<urn:3>", PAGE, WARC_Concurrent_To="<urn:other>"),
    ]
    assert [record.id for record, good in answers(stream, passed_over) if good] == ["<urn:3>"]
    assert passed_over == {"long_address": 1, "not_get": 1}


def test_half_a_surrogate_in_what_is_no_address() -> None:
    assert surt("http://a:x/\ud800 é\n").isascii()
    assert surt("http://a:x/%41 b") == "http://a:x/%41%20b"


def test_brotli_without_a_limit_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Versions before 1.2 inflate all that they are given."""
    real, most = brotli.Decompressor, 0

    class Old:
        def __init__(self) -> None:
            self._stream = real()

        def process(self, data: bytes) -> bytes:
            nonlocal most
            found = self._stream.process(data)
            most = max(most, len(found))
            return bytes(found)

        def is_finished(self) -> bool:
            return bool(self._stream.is_finished())

    monkeypatch.setattr(brotli, "Decompressor", Old)
    headers = ((b"Content-Encoding", b"br"),)
    text = b"Le Soleil de Dakar, " * 20_000
    assert content(HttpMessage(200, headers, brotli.compress(text)), limit=10_000_000) == text
    assert len(content(HttpMessage(200, headers, brotli.compress(bytes(300_000_000))), limit=1_000_000)) == 1_000_000
    assert 0 < most < 60_000_000


@pytest.mark.parametrize(
    ("mime", "path", "kept"),
    [
        ("application/pdf", "IMG/pdf/a.pdf", False),
        (None, "IMG/a", False),
        ("text/html", "spip.php?article1", True),
        ("text/plain", "spip.php?page=backend", True),  # a feed is read whatever it is called
    ],
)
def test_the_body_of_a_file_does_not_wait(mime: str | None, path: str, kept: bool) -> None:
    head = HttpMessage(200, ((b"Content-Type", mime.encode()),) if mime else (), b"%PDF" + bytes(2_000_000))
    capture = capture_of(
        run="r", date="2026-01-02T00:00:00.000000Z", file="f", offset=0, length=9, record_id="<urn:1>",
        url=f"http://www.example.sn/{path}", head=head, digest=None, truncated=None, site=SITE,
    )  # fmt: skip
    job = Job(capture, head, 1)
    done: list[Page | None] = []
    pool = ReadingPool(SITE, Scope(), 2)
    try:
        pool.do(Operation(done.append, job))
        assert (len(job.head.body) > 0) == kept
        pool.flush()
    finally:
        pool.close()
    assert done[0] is not None


def test_steps_without_a_page_do_not_gather_without_end() -> None:
    pool = ReadingPool(SITE, Scope(), 2)
    done: list[Page | None] = []
    try:
        for _n in range(20_000):
            pool.do(Operation(done.append))
        assert len(done) > 10_000
        pool.flush()
    finally:
        pool.close()
    assert len(done) == 20_000
