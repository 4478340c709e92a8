"""What runs beside pywb: nothing goes out, and only its own names are let in."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from osiris_crawler.replay.inside import POLICY, guarded, is_here, kept_in
from tests.conftest import ROOT

HOSTS = ("127.0.0.1:8000", "localhost:8000")
SHUT_IN = """
import socket, sys
sys.path.insert(0, sys.argv[1])
from osiris_crawler.replay.inside import stay_here
sys.addaudithook(stay_here)
server = socket.create_server(("127.0.0.1", 0))
socket.create_connection(("localhost", server.getsockname()[1])).close()
for call in (
    lambda: socket.create_connection(("192.0.2.1", 80), timeout=5),
    lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.1", 53)),
    lambda: socket.socket().connect_ex(("192.0.2.1", 80)),
    lambda: socket.getaddrinfo("outside.example", 80),
    lambda: socket.gethostbyname("outside.example"),
):
    try:
        call()
    except PermissionError as problem:
        print(problem.strerror)
    else:
        print("went out")
"""


@pytest.mark.parametrize("host", [None, "", "localhost", b"localhost", "127.0.0.1", "127.8.8.8", "::1", b"127.0.0.1"])
def test_here(host: object) -> None:
    assert is_here(host)


@pytest.mark.parametrize(
    "host", ["a.example", "192.0.2.1", "0.0.0.0", "127.0.0.1.example", "localhost.example", "::2", 7]
)
def test_elsewhere(host: object) -> None:
    assert not is_here(host)


def test_nothing_goes_out() -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-c", SHUT_IN, ROOT], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 5
    assert all(line.startswith("replay reaches nothing but this machine") for line in lines), lines


def test_headers_that_lead_out_get_another_name() -> None:
    ours = '<http://127.0.0.1:8000/c/http://a.example/>; rel="timegate"'
    headers = [
        ("Content-Type", "text/html"), ("Link", "<http://out.example/>; rel=preconnect"), ("Refresh", "1; http://out.example/"),
        ("NEL", "{}"), ("Report-To", "{}"), ("SourceMap", "http://out.example/"), ("content-security-policy", "default-src *"),
        ("Memento-Datetime", "Wed, 25 Nov 2026 20:53:28 GMT"), ("Link", ours),
    ]  # fmt: skip
    kept = kept_in(headers, HOSTS)
    assert [value for name, value in kept if name == "Link"] == [ours]
    assert {name for name, _value in kept} == {
        "Content-Type", "X-Archive-Orig-Link", "X-Archive-Orig-Refresh", "X-Archive-Orig-NEL", "X-Archive-Orig-Report-To",
        "X-Archive-Orig-SourceMap", "Memento-Datetime", "Link", "Content-Security-Policy", "X-DNS-Prefetch-Control",
    }  # fmt: skip
    assert [value for name, value in kept if name == "Content-Security-Policy"] == [POLICY]


@pytest.mark.parametrize(
    ("location", "name"),
    [
        ("http://127.0.0.1:8000/c/2026mp_/http://a.example/", "Location"),
        ("http://localhost:8000/c/", "Location"),
        ("http://127.0.0.1:80001/", "X-Archive-Orig-Location"),
        ("http://127.0.0.1:8000@out.example/", "X-Archive-Orig-Location"),
        ("http://out.example/", "X-Archive-Orig-Location"),
        ("//out.example/", "X-Archive-Orig-Location"),
    ],
)
def test_redirects_stay_within(location: str, name: str) -> None:
    assert kept_in([("Location", location)], HOSTS)[0] == (name, location)


@pytest.mark.parametrize(
    ("host", "status"),
    [("127.0.0.1:8000", "200 OK"), ("localhost:8000", "200 OK"), ("evil.example:8000", "403 Forbidden"), (None, "403 Forbidden")],
)  # fmt: skip
def test_only_our_own_names_are_answered(host: str | None, status: str) -> None:
    told: list[Any] = []

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"archived"]

    environ = {"HTTP_HOST": host} if host else {}
    body = b"".join(guarded(application, HOSTS)(environ, lambda *answer: told.append(answer)))
    assert told[0][0] == status
    assert (b"archived" in body) is (status == "200 OK")
