"""Records as WARC 1.1 wants them, read back by warcio and by our own reader."""

from __future__ import annotations

import io
import json
import zlib
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from osiris_crawler.archive import description, originals
from osiris_crawler.archive import records as making
from osiris_crawler.archive.http import parse_response, split_head
from osiris_crawler.archive.reader import fields_of, records
from osiris_crawler.archive.records import IDENTICAL, NOT_MODIFIED, Original, digest
from osiris_crawler.settings import Settings
from osiris_crawler.site import profile
from tests.archive.made import SITE, exchange, write, writer

DAY = datetime(2026, 1, 2, 3, 4, 5, 678901, UTC)
ORIGINAL = Original("<urn:uuid:0>", f"{SITE}/old", "2025-01-01T00:00:00.000000Z", IDENTICAL, Path("x.warc.gz"), 0)


def data_of(ready: making.Ready) -> bytes:
    return zlib.decompress(b"".join(ready.member), 31)


def by_warcio(ready: list[making.Ready]) -> list[tuple[str, dict[str, str], bytes]]:
    """(type, headers, block) of records as warcio reads them."""
    stream = io.BytesIO(b"".join(piece for one in ready for piece in one.member))
    return [
        (record.rec_type, dict(record.rec_headers.headers), record.raw_stream.read())
        for record in ArchiveIterator(stream, no_record_parse=True)
    ]


def test_one_exchange_is_three_records_that_name_each_other() -> None:
    kept = exchange("/page", b"body", truncated="time")
    made = by_warcio(making.exchange(kept, {"run": "r", "fetchTimeMs": 250}, DAY))
    assert [kind for kind, _headers, _block in made] == ["response", "request", "metadata"]
    response, request, metadata = (headers for _kind, headers, _block in made)
    assert [block for _kind, _headers, block in made] == [
        kept.response,
        kept.request,
        b"run: r\r\nfetchTimeMs: 250\r\n",
    ]
    for headers, block in ((response, kept.response), (request, kept.request)):
        assert headers["WARC-Date"] == "2026-01-02T03:04:05.678901Z"
        assert headers["WARC-Target-URI"] == f"{SITE}/page"
        assert headers["WARC-IP-Address"] == "192.0.2.1"
        assert headers["WARC-Block-Digest"] == digest(block)
        assert headers["Content-Length"] == str(len(block))
    assert response["WARC-Concurrent-To"] == request["WARC-Record-ID"]
    assert request["WARC-Concurrent-To"] == response["WARC-Record-ID"]
    assert metadata["WARC-Concurrent-To"] == response["WARC-Record-ID"]
    assert response["Content-Type"] == "application/http;msgtype=response"
    assert response["WARC-Payload-Digest"] == digest(b"body")
    assert response["WARC-Truncated"] == "time"
    assert "WARC-Payload-Digest" not in request
    assert "WARC-Truncated" not in request


def test_an_attempt_without_an_answer_has_a_request_and_a_note() -> None:
    kept = exchange()
    kept.response, kept.error = b"", "ConnectionRefused"
    made = by_warcio(making.exchange(kept, {"error": kept.error}, DAY))
    assert [kind for kind, _headers, _block in made] == ["request", "metadata"]
    assert made[1][1]["WARC-Concurrent-To"] == made[0][1]["WARC-Record-ID"]
    kept.request = b""
    (only,) = by_warcio(making.exchange(kept, {"error": kept.error}, DAY))
    assert "WARC-Concurrent-To" not in only[1]


def test_a_revisit_keeps_the_head_and_has_digests_of_its_own() -> None:
    kept = exchange("/page", b"y" * 5000, chunked=True, headers={"X-Odd": "  two  spaces ", "x-odd": "again"})
    payload = digest(b"y" * 5000)
    revisit, request = by_warcio(making.exchange(kept, None, DAY, payload_digest=payload, original=ORIGINAL))
    kind, headers, block = revisit
    assert kind == "revisit"
    assert block == split_head(kept.response)[0]
    assert headers["WARC-Profile"] == "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
    assert headers["WARC-Refers-To"] == ORIGINAL.record_id
    assert headers["WARC-Refers-To-Target-URI"] == ORIGINAL.uri
    assert headers["WARC-Refers-To-Date"] == ORIGINAL.date
    assert headers["WARC-Truncated"] == "length"  # 6.7.2: shall be used
    assert headers["WARC-Block-Digest"] == digest(block)
    assert headers["WARC-Payload-Digest"] == payload
    assert headers["Content-Length"] == str(len(block))
    assert request[2] == kept.request
    not_modified = Original(
        *[*(getattr(ORIGINAL, name) for name in ("record_id", "uri", "date")), NOT_MODIFIED, Path(), 0]
    )
    kept = exchange("/f", b"", status=304)
    revisit, _request = by_warcio(making.exchange(kept, None, DAY, payload_digest=payload, original=not_modified))
    assert revisit[1]["WARC-Profile"] == "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
    assert revisit[1]["WARC-Payload-Digest"] == payload
    assert "WARC-Truncated" not in revisit[1]
    assert revisit[2] == kept.response


def test_an_original_holds_only_what_it_is_said_to_hold(tmp_path: Path) -> None:
    body = b"z" * 3000
    into = writer(tmp_path)
    kept = write(
        into, [exchange("/a", body), exchange("/c", body, chunked=True), exchange("/t", body, truncated="time")]
    )
    into.close_sync()
    (path,) = tmp_path.iterdir()
    plain, chunked, cut = (
        Original(one.response.record_id, "", "", IDENTICAL, path, one.response.offset) for one in kept if one.response
    )
    same = digest(body)
    assert originals.holds(plain, same, exchange("/b", body).response)
    assert originals.holds(chunked, same, exchange("/b", body, chunked=True).response)
    assert not originals.holds(plain, same, exchange("/b", body, chunked=True).response)  # replay would see no chunks
    assert not originals.holds(chunked, same, exchange("/b", body).response)
    assert not originals.holds(cut, same, exchange("/b", body).response)
    assert not originals.holds(plain, digest(b"else"), exchange("/b", b"else").response)
    other = Original(cut.record_id, "", "", IDENTICAL, path, plain.offset)
    assert not originals.holds(other, same, exchange("/b", body).response)
    assert not originals.holds(Original("", "", "", IDENTICAL, tmp_path / "no", 0), same, exchange("/b", body).response)
    damaged = bytearray(path.read_bytes())
    damaged[plain.offset + 300] ^= 1
    path.write_bytes(damaged)
    assert not originals.holds(plain, same, exchange("/b", body).response)


def test_warcio_adds_and_changes_nothing() -> None:
    block = b"GET / HTTP/1.1\r\nhost:x\r\nX:  y \r\n\r\n"
    data = data_of(
        making.build("request", block, "application/http;msgtype=request", DAY, uri="http://a.sn/é", id="<urn:x>")
    )
    assert data == (
        "WARC/1.1\r\nWARC-Type: request\r\nWARC-Record-ID: <urn:x>\r\nWARC-Date: 2026-01-02T03:04:05.678901Z\r\n"
        f"WARC-Target-URI: http://a.sn/é\r\nWARC-Block-Digest: {digest(block)}\r\n"
        "Content-Type: application/http;msgtype=request\r\nContent-Length: 34\r\n\r\n"
    ).encode() + block + b"\r\n\r\n"  # fmt: skip


def test_what_the_index_is_told_is_what_the_reader_reads(tmp_path: Path) -> None:
    ready = [
        *making.exchange(exchange("/é?a&b", b"q" * 100), {"run": "r"}, DAY),
        *making.exchange(exchange("/r", b"q" * 100), None, DAY, payload_digest=digest(b"q" * 100), original=ORIGINAL),
        making.warcinfo("x.warc.gz", {"software": "s"}, DAY),
        making.conversion(f"{SITE}/é", "texte", DAY, refers_to="<urn:uuid:1>"),
    ]
    path = tmp_path / "x.warc.gz"
    path.write_bytes(b"".join(piece for one in ready for piece in one.member))
    read = list(records(path))
    assert len(read) == len(ready) == 7
    for one, record in zip(ready, read, strict=True):
        assert one.length == record.length
        told = one.record
        assert (told.type, told.id, told.uri, told.date, told.block) == (
            record.type, record.id, record.uri, record.date, record.block,
        )  # fmt: skip
        assert told.headers.items() <= record.headers.items()
        assert record.headers.keys() - told.headers.keys() == {"Content-Length"}


def test_a_large_body_is_not_held_many_times() -> None:
    import tracemalloc

    kept = exchange("/large.pdf", bytes(range(256)) * 80_000)  # 20 MB
    size = len(kept.response)
    tracemalloc.start()
    ready = making.exchange(kept, None, DAY, payload_digest="sha1:x")
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert data_of(ready[0]).count(bytes(range(256))) == 80_000
    assert peak < size / 4  # the block is compressed piece by piece


def test_a_conversion_points_to_the_response_it_was_made_from() -> None:
    text = "Le Sénégal…\n\nDeuxième paragraphe."
    ((kind, headers, block),) = by_warcio([making.conversion(f"{SITE}/p", text, DAY, refers_to="<urn:uuid:1>")])
    assert kind == "conversion"
    assert block.decode() == text
    assert headers["Content-Type"] == "text/plain; charset=utf-8"
    assert headers["WARC-Refers-To"] == "<urn:uuid:1>"
    assert headers["WARC-Target-URI"] == f"{SITE}/p"
    assert headers["WARC-Payload-Digest"] == headers["WARC-Block-Digest"] == digest(block)


# -- notes ----------------------------------------------------------------------------------------------------------

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(alphabet=st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(["run", "via", "id", "kind", "article", "hopsFromSeed"]), ANYTHING))
def test_a_note_comes_back_as_it_was(note: dict[str, Any]) -> None:
    block = making.note_block(note)
    assert making.note_of(block) == note
    assert block.count(b"\r\n") == block.count(b"\n") == len(note)


@pytest.mark.parametrize(
    "value", ["a\ud800b", "line\nbreak", "a\u2028b", "1", "true", " padded ", "", '"', "{", "NaN", "é\u0085"]
)
def test_odd_text_in_a_note(value: str) -> None:
    assert making.note_of(making.note_block({"via": value, "run": "r"})) == {"via": value, "run": "r"}


# -- warcinfo -------------------------------------------------------------------------------------------------------


def test_the_first_record_says_who_and_by_which_rules() -> None:
    site = profile.for_url("https://www.osiris.sn/")
    asked = Settings(contact="a@b.example", permission="by letter\r\nof May", delay=None, quiet=True)
    fields = description.description(
        collection="osiris", run="20260101-crawl", crawl=3, command="crawl", site=site.start_url, profile=site.name,
        more=description.of_a_crawl(asked, site, "osiris-crawler/1 (x)"),
    )  # fmt: skip
    ((kind, headers, block),) = by_warcio([making.warcinfo("f.warc.gz", fields, DAY)])
    assert kind == "warcinfo"
    assert headers["WARC-Filename"] == "f.warc.gz"
    assert headers["Content-Type"] == "application/warc-fields"
    found = fields_of(block)
    assert found == fields
    assert list(found) == [
        "software", "format", "conformsTo", "isPartOf", "hostname", "operator", "robots", "http-header-user-agent", "settings",
        "settings-digest", "profile-digest", "run", "crawl", "command", "site", "profile",
    ]  # fmt: skip
    assert found["software"].startswith("osiris-crawler/")
    assert found["format"] == "WARC File Format 1.1"
    assert found["conformsTo"].endswith("/warc-1.1/")
    assert (found["operator"], found["isPartOf"], found["crawl"]) == ("a@b.example", "osiris", "3")
    assert found["robots"] == "obey; requisites by permission: by letter of May"
    effective = json.loads(found["settings"])
    assert effective["delay"] == site.delay
    assert not {"output", "collection", "quiet", "json"} & set(effective)


def test_the_digest_of_the_settings_changes_with_what_is_fetched_alone() -> None:
    site = profile.for_url("https://www.osiris.sn/")
    same = [Settings(), Settings(quiet=True), Settings(output=Path("elsewhere")), Settings(delay=site.delay)]
    other = [Settings(delay=9.0), Settings(section=("Batik",)), Settings(files=False), Settings(contact="x@y.example")]
    digests = [description.of_a_crawl(asked, site, "")["settings-digest"] for asked in (*same, *other)]
    assert len(set(digests[: len(same)])) == 1
    assert len(set(digests)) == 1 + len(other)
    profiles = [description.of_a_crawl(Settings(), site, "")["profile-digest"] for site in (site, profile.load("spip"))]
    assert len(set(profiles)) == 2


def test_digests_of_two_processes_are_equal() -> None:
    import subprocess
    import sys

    program = (
        "from osiris_crawler.archive.description import of_a_crawl; from osiris_crawler.settings import Settings;"
        "from osiris_crawler.site import profile; print(of_a_crawl(Settings(), profile.load('osiris'), '')['profile-digest'])"
    )
    found = {
        subprocess.run([sys.executable, "-c", program], env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."}, cwd=Path(__file__).parents[2],
                       capture_output=True, text=True, check=True).stdout for seed in ("1", "2")
    }  # fmt: skip
    assert len(found) == 1
    assert "sha256:" in found.pop()


def test_dates_of_a_writer_never_run_backwards(tmp_path: Path) -> None:
    into = writer(tmp_path)
    kept = [one for _turn in range(50) for one in write(into, [exchange()])]
    into.close_sync()
    assert all(before.date < after.date for before, after in pairwise(kept))
    assert parse_response(exchange().response).status == 200
