"""What others make of our WARC files and of our index. Every complaint belongs to a class that the manual explains."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from osiris_crawler.archive.http import headers_of, split_head
from osiris_crawler.archive.reader import Record
from osiris_crawler.archive.records import digest
from tests.conftest import ROOT
from tests.peers.conftest import Crawled, Peer

MANUAL = (ROOT / "docs" / "manual.md").read_text("utf-8")
# Digests every response's body as fastwarc takes the transfer coding off it.
_PAYLOADS = """
import base64, hashlib, json, sys
from fastwarc.warc import ArchiveIterator, WarcRecordType
same = []
for name in sys.argv[1:]:
    with open(name, "rb") as stream:
        for record in ArchiveIterator(stream, record_types=WarcRecordType.response, parse_http=False):
            record.parse_http(auto_decode="transfer")
            found = "sha1:" + base64.b32encode(hashlib.sha1(record.reader.read()).digest()).decode()
            same.append(found == record.headers["WARC-Payload-Digest"])
json.dump(same, sys.stdout)
"""


def is_chunked(record: Record) -> bool:
    head = dict(headers_of(split_head(record.block)[0]))
    return b"chunked" in {name.lower(): value for name, value in head.items()}.get(b"transfer-encoding", b"").lower()


def classes(crawled: Crawled) -> Counter[str]:
    """How many records there are of each class that others may complain about."""
    found: Counter[str] = Counter()
    for record in crawled.records():
        if record.type == "response":
            found["chunked" if is_chunked(record) else "plain"] += 1
        elif record.type == "revisit":
            found[record.headers["WARC-Profile"].rsplit("/", 1)[1]] += 1
        else:
            found["no answer"] += 1
    return found


def test_the_collection_has_something_of_everything(crawled: Crawled) -> None:
    found = classes(crawled)
    assert {name: found[name] > 5 for name in ("chunked", "plain", "identical-payload-digest", "server-not-modified")} == {
        "chunked": True, "plain": True, "identical-payload-digest": True, "server-not-modified": True,
    }  # fmt: skip
    assert any(record.headers.get("WARC-Truncated") == "disconnect" for record in crawled.records())
    assert len(crawled.files) > 2


def test_warcio_index_reads_every_file(crawled: Crawled, peer: Peer) -> None:
    done = peer("warcio", "index", "-f", "warc-record-id,offset", *crawled.files)
    theirs = [json.loads(line) for line in done.stdout.splitlines()]
    assert (done.returncode, done.stderr) == (0, "")
    ours = [(record.id, str(record.offset)) for record in crawled.records()]
    assert [(line["warc-record-id"], line["offset"]) for line in theirs] == ours


def test_cdxj_indexer_gives_the_same_lines(crawled: Crawled, peer: Peer) -> None:
    done = peer("cdxj-indexer", "--sort", *crawled.files)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert len(lines) > 300
    assert lines == crawled.collection.index.read_text("utf-8").splitlines()


def test_warcio_check_complains_of_chunked_records_alone(crawled: Crawled, peer: Peer) -> None:
    done = peer("warcio", "check", "--verbose", *crawled.files)
    verdicts: dict[str, str] = {}
    record_id = ""
    for line in done.stdout.splitlines():
        if match := re.match(r"  offset \d+ WARC-Record-ID (\S+)", line):
            record_id = match[1]
        elif line.startswith("    "):
            verdicts[record_id] = line.strip().partition(" sha1:")[0]
    found = classes(crawled)
    assert Counter(verdicts.values()) == {
        "payload digest failed": found["chunked"],
        "digest pass": found["plain"] + found["no answer"],
        "digest present but not checked (revisit)": found["identical-payload-digest"] + found["server-not-modified"],
    }
    complaints = {record_id for record_id, verdict in verdicts.items() if "failed" in verdict}
    assert complaints == {record.id for record in crawled.records() if record.type == "response" and is_chunked(record)}


def test_fastwarc_finds_every_block_digest_right(crawled: Crawled, peer: Peer, tmp_path: Path) -> None:
    """And of payload digests it doubts those whose body is chunked or, in a revisit, not there; and that of a model of
    learned chrome, in which it looks for an HTTP head: of a resource record the payload is the block (WARC 1.1, 6.4)."""
    verdicts: dict[str, str] = {}
    for path in crawled.files:
        out = tmp_path / "verdicts.txt"
        assert peer("fastwarc", "check", "--quiet", "--verify-payloads", "--output", out, path).stderr == ""
        verdicts |= dict(line.rsplit(": ", 1) for line in out.read_text().splitlines())
    expected = {}
    doubted: Counter[str] = Counter()
    for record in crawled.records():
        written = record.headers.get("WARC-Payload-Digest")
        same = written == digest(split_head(record.block)[1])
        expected[record.id] = f"OK, PAYLOAD_{'NO_DIGEST' if written is None else 'OK' if same else 'FAIL'}"
        if written is not None and not same:
            doubted["chunked" if record.type == "response" and is_chunked(record) else record.type] += 1
    assert verdicts == expected
    assert set(doubted) == {"chunked", "revisit", "resource"}
    models = [record for record in crawled.records() if record.type == "resource"]
    assert doubted["resource"] == len(models)
    assert all(record.headers["WARC-Payload-Digest"] == digest(record.block) for record in models)
    assert doubted["chunked"] == classes(crawled)["chunked"]


def test_fastwarc_finds_every_payload_digest_right_once_it_takes_the_chunks_off(crawled: Crawled, peer: Peer) -> None:
    done = peer("python", "-c", _PAYLOADS, *crawled.files)
    assert done.returncode == 0, done.stderr
    same = json.loads(done.stdout)
    found = classes(crawled)
    assert len(same) == found["chunked"] + found["plain"]
    assert all(same)


def test_a_revisit_has_the_digest_of_what_it_refers_to(crawled: Crawled) -> None:
    """So fastwarc's complaint about revisits is of a body that is not there, not of a digest that is wrong."""
    by_id = {record.id: record for record in crawled.records()}
    revisits = [record for record in by_id.values() if record.type == "revisit"]
    assert len(revisits) > 10
    for record in revisits:
        assert split_head(record.block)[1] == b""
        if record.headers["WARC-Profile"].endswith("identical-payload-digest"):
            original = by_id[record.headers["WARC-Refers-To"]]
            assert record.headers["WARC-Payload-Digest"] == original.headers["WARC-Payload-Digest"] != digest(b"")


@pytest.mark.parametrize("name", ["warcio check", "fastwarc check", "cdxj-indexer", "warcio index", "wacz validate"])
def test_the_manual_says_what_each_says(name: str) -> None:
    section = MANUAL[MANUAL.index("## What other validators say") :].partition("\n## ")[0]
    assert f"`{name}`" in section
