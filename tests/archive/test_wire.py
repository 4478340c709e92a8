"""The contract with Scrapy's HTTP/1.1 handler: what the server logged is what the WARC holds, byte for byte."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import socket
import ssl
import subprocess
import sys
import threading
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import trustme
from warcio.archiveiterator import ArchiveIterator

from osiris_crawler.archive.http import strip_interim
from osiris_crawler.archive.reader import Record, records
from tests.archive.wire_server import CASES, TRUNCATED, WireServer, wire_server

ROOT = Path(__file__).resolve().parent.parent.parent


def fetch(
    folder: Path, targets: list[str], *, concurrency: int = 4, timeout: float = 10, maxsize: int = 10**9
) -> dict[str, Any]:
    listed = folder / "targets"
    listed.write_text("\n".join(targets))
    done = subprocess.run(
        [sys.executable, str(ROOT / "tests/archive/wire_client.py"), str(folder), str(concurrency), str(timeout), str(maxsize), f"@{listed}"],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def held(folder: Path) -> list[Record]:
    paths = sorted(folder.glob("*.warc.gz"))
    assert paths
    return [record for path in paths for record in records(path)]


def compare(server: WireServer, kept: list[Record]) -> int:
    """Every exchange that the server logged against the records; gives how many were compared."""
    requests = Counter((record.uri, record.block) for record in kept if record.type == "request")
    responses = Counter((record.uri, record.block) for record in kept if record.type == "response")
    logged = [
        (server.url.rstrip("/") + path, request, strip_interim(response)) for path, request, response in server.log
    ]
    assert requests == Counter((url, request) for url, request, _response in logged)
    assert responses == Counter((url, response) for url, _request, response in logged)
    return len(logged)


def targets_of(server: WireServer) -> list[str]:
    return [f"{'HEAD' if name == 'HEAD' else 'GET'}:{server.url}{name}?value-less" for name in CASES]


def test_every_case_byte_for_byte(tmp_path: Path) -> None:
    with wire_server() as server:
        found = fetch(tmp_path, targets_of(server), concurrency=1)
        assert compare(server, held(tmp_path)) == len(CASES) >= 21
    truncated = {url.rsplit("/", 1)[1].split("?")[0]: cut for url, cut, _error in found["kept"] if cut}
    assert truncated == dict.fromkeys(TRUNCATED, "disconnect")
    assert b"X-Osiris-Exchange" not in b"".join(request for _path, request, _response in server.log)


def test_over_tls(tmp_path: Path) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with wire_server(context) as server:
        fetch(tmp_path, targets_of(server))
        assert compare(server, held(tmp_path)) == len(CASES)


def test_at_concurrency_16_with_dropped_connections(tmp_path: Path) -> None:
    with wire_server() as server:
        fetch(
            tmp_path,
            [target for _turn in range(40) for target in targets_of(server) if "large" not in target],
            concurrency=16,
        )
        # A request that a dropped connection swallowed is sent again by Twisted: the server may have logged it twice.
        kept = held(tmp_path)
        responses = Counter((record.uri, record.block) for record in kept if record.type == "response")
        logged = Counter(
            (server.url.rstrip("/") + path, strip_interim(response)) for path, _request, response in server.log
        )
        assert sum(responses.values()) == 40 * (len(CASES) - 1)
        assert not responses - logged
        requests = {record.block for record in kept if record.type == "request"}
        assert requests <= {request for _path, request, _response in server.log}


def test_records_are_paired_and_their_digests_hold(tmp_path: Path) -> None:
    with wire_server() as server:
        fetch(tmp_path, targets_of(server))
    kept = held(tmp_path)
    assert kept[0].type == "warcinfo"
    by_id = {record.id: record for record in kept}
    responses = [record for record in kept if record.type == "response"]
    assert len(responses) == len(CASES)
    for response in responses:
        request = by_id[response.headers["WARC-Concurrent-To"]]
        assert (request.type, request.uri, request.date) == ("request", response.uri, response.date)
        assert request.headers["WARC-Concurrent-To"] == response.id
        assert response.headers["WARC-IP-Address"] == "127.0.0.1"
        name = response.uri.rsplit("/", 1)[1].split("?")[0]
        assert (response.headers.get("WARC-Truncated") == "disconnect") == (name in TRUNCATED)
    for record in kept:
        digest = base64.b32encode(hashlib.sha1(record.block).digest()).decode()
        assert record.headers["WARC-Block-Digest"] == f"sha1:{digest}"
    chunked = next(record for record in responses if "chunk-extension" in record.uri)
    payload = base64.b32encode(hashlib.sha1(b"abcdefg").digest()).decode()
    assert chunked.headers["WARC-Payload-Digest"] == f"sha1:{payload}"


def test_warcio_reads_the_same_blocks(tmp_path: Path) -> None:
    with wire_server() as server:
        fetch(tmp_path, [target for target in targets_of(server) if "lf-only" not in target])
    ours = [(record.type, record.id, len(record.block)) for record in held(tmp_path)]
    theirs = []
    for path in sorted(tmp_path.glob("*.warc.gz")):
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream, no_record_parse=True):
                theirs.append(
                    (record.rec_type, record.rec_headers.get_header("WARC-Record-ID"), len(record.raw_stream.read()))
                )
    assert ours == theirs
    assert len(ours) > 3 * 20


def test_a_body_over_the_limit_is_kept_as_far_as_it_came(tmp_path: Path) -> None:
    with wire_server() as server:
        found = fetch(tmp_path, [f"GET:{server.url}large"], maxsize=50_000)
    assert [cut for _url, cut, _error in found["kept"]] == ["length"]


def test_a_body_announced_as_too_large_is_cut_for_its_length(tmp_path: Path) -> None:
    """Scrapy leaves at the head; that is no broken connection, which would be tried again and again."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _peer = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 600000000\r\n\r\nbegin")
                with suppress(ConnectionError):
                    connection.recv(65536)  # until the client leaves

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        found = fetch(tmp_path, [f"GET:http://127.0.0.1:{server.getsockname()[1]}/huge"], maxsize=512 * 1024 * 1024)
        thread.join(10)
    assert [cut for _url, cut, _error in found["kept"]] == ["length"]


def test_silence_times_out_and_a_slow_transfer_does_not(tmp_path: Path) -> None:
    from osiris_crawler.demo.misbehave import Misbehaviour
    from osiris_crawler.demo.server import serve
    from osiris_crawler.demo.world import World

    rules = {
        "/slow": Misbehaviour("slow", seconds=4.0),
        "/silence": Misbehaviour("silence", seconds=20.0),
        "/reset": Misbehaviour("reset"),
    }
    with serve(World(20), misbehaviours=rules) as site:
        found = fetch(tmp_path, [f"GET:{site.url}{name}" for name in ("slow", "silence", "reset")], timeout=1.5)
    kept = {url.rsplit("/", 1)[1]: (cut, error) for url, cut, error in found["kept"]}
    assert kept["slow"] == (None, None)
    assert kept["silence"][1].startswith("DownloadTimeoutError")
    assert kept["reset"][1] is not None
    types = Counter(record.type for record in held(tmp_path))
    assert (types["response"], types["request"], types["metadata"]) == (1, 3, 3)
