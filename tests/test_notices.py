"""Who is told of a run, of what, and what is never told: the addresses themselves."""

from __future__ import annotations

import gzip
import http.server
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from osiris_crawler.crawl import notices
from osiris_crawler.demo.server import serve
from osiris_crawler.demo.world import World
from osiris_crawler.errors import CollectionLocked, IntegrityError, UsageError
from osiris_crawler.paths import Collection
from osiris_crawler.settings import Settings, load
from tests.conftest import Osiris

SECRET = "s3cr3t"
ALARM = {
    "name": "no-new-articles",
    "expected": "an article a day",
    "seen": "none for 9 days\r\nBcc: all@example.org \x1b[31m",
    "pages": ["https://www.osiris.sn/"],
}


def report(code: int, **more: Any) -> dict[str, Any]:
    return {"exit": code, "command": "update", "run": "r", "collection": "output/collections/c", **more}


@dataclass
class Listener:
    """A server on loopback that writes down what it is asked."""

    url: str
    calls: list[tuple[str, str, str]] = field(default_factory=list)
    redirect: str | None = None
    hold: threading.Event = field(default_factory=threading.Event)

    @property
    def pings(self) -> list[str]:
        return [path for method, path, _body in self.calls if method == "GET"]

    @property
    def notices(self) -> list[dict[str, Any]]:
        return [json.loads(body) for method, _path, body in self.calls if method == "POST"]


@pytest.fixture
def listener() -> Iterator[Listener]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            found.calls.append((self.command, self.path, self.rfile.read(length).decode()))
            if "slow" in self.path:
                found.hold.wait(30)
            self.send_response(302 if found.redirect else 200)
            if found.redirect:
                self.send_header("Location", found.redirect)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_POST = do_GET

        def log_message(self, *_arguments: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Listener(f"127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield found
    found.hold.set()
    server.shutdown()
    server.server_close()


def addresses(listener: Listener) -> dict[str, str]:
    return {
        "OSIRIS_PING": f"http://{listener.url}/{SECRET}/?a=1",
        "OSIRIS_NOTIFY": f"json://u:{SECRET}@{listener.url}/{SECRET}",
    }


def test_an_unreachable_site_is_told(osiris: Osiris, listener: Listener, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        nowhere = f"http://127.0.0.1:{probe.getsockname()[1]}/"
    done = osiris("crawl", nowhere, "-c", "c", "--delay", "0", "--quiet", env=addresses(listener))
    assert done.returncode == 5
    assert listener.pings == [f"/{SECRET}/start?a=1", f"/{SECRET}/5?a=1"]
    (told,) = listener.notices
    assert told["title"].endswith("c (exit 5)")
    assert told["type"] == "failure"
    for part in (nowhere, "no usable answer", "Next: look at the site"):
        assert part in told["message"]
    assert SECRET not in done.stdout + done.stderr
    # Settings go into the warcinfo record; these don't.
    looked = 0
    for path in tmp_path.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            looked += 1
            assert SECRET.encode() not in (gzip.decompress(data) if path.suffix == ".gz" else data), path
    assert looked >= 4


def test_who_can_not_be_told_changes_nothing(osiris: Osiris, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        nobody = f"127.0.0.1:{probe.getsockname()[1]}"
    env = {**addresses(Listener(nobody)), "OSIRIS_NOTIFY_ON": "all"}
    with serve(World(articles=20), "current") as site:
        done = osiris("crawl", site.url, "-c", "c", "--delay", "0", "--quiet", "--no-files", env=env)
    assert done.returncode == 0
    (log,) = (tmp_path / "output" / "collections" / "c" / "runs").glob("*/crawl.log")
    for said in (done.stderr, log.read_text()):
        assert "address could not be called (0): Connection refused" in said
        assert "Notice 1 (json) could not be sent" in said
        assert SECRET not in said
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("code", "on", "ping", "sent"),
    [
        (0, "problems", "/x/0", 0),
        (0, "all", "/x/0", 1),
        (3, "problems", "/x/0", 0),  # a monitor would take any other code for a failure
        (8, "problems", "/x/0", 0),
        (130, "problems", "/x/130", 0),
        (1, "problems", "/x/1", 1),
        (6, "problems", "/x/6", 1),
        (7, "problems", "/x/7", 1),
    ],
)
def test_what_is_told_of_which_end(code: int, on: str, ping: str, sent: int, listener: Listener) -> None:
    settings = Settings(ping=f"http://{listener.url}/x", notify=(f"json://{listener.url}/",), notify_on=on)
    said: list[str] = []
    notices.tell(report(code), settings, said.append)
    assert (listener.pings, len(listener.notices), said) == ([ping], sent, [])


def test_an_alarm_says_what_to_look_at() -> None:
    title, text = notices.text_of(report(7, alarms=[ALARM] * 3, reasons=["x" * 10_000] * 50))
    for part in (
        "no-new-articles",
        "an article a day",
        "none for 9 days",
        "https://www.osiris.sn/",
        "osiris report -c c",
    ):
        assert part in text
    assert "exit 7" in title
    assert len(text) < 12_000
    assert not [line for line in text.splitlines() if line.startswith("Bcc") or not line.isprintable()]
    assert title.isprintable()


def test_a_run_that_never_opened_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    told: list[tuple[int, list[str]]] = []
    monkeypatch.setattr(notices, "tell", lambda report, *_more: told.append((report["exit"], report["reasons"])))
    for began, problem in (
        (True, IntegrityError("lost")),
        (True, OSError(28, "full")),
        (False, CollectionLocked("held")),
    ):
        with suppress(Exception), notices.watched(Settings(), Collection(tmp_path, "c"), "update", print) as watch:
            if began:
                watch.began()
            raise problem
    assert told == [(6, ["lost"]), (1, ["[Errno 28] full"])]


@pytest.mark.parametrize("there", ["file:///etc/hostname", "ftp://127.0.0.1/x", "gopher://127.0.0.1/"])
def test_a_ping_stays_on_the_web(there: str, listener: Listener) -> None:
    listener.redirect = there
    assert "HTTP 302" in (notices.ping(f"http://{listener.url}/x", "0") or "")


def test_a_slow_monitor_holds_nobody_up(monkeypatch: pytest.MonkeyPatch, listener: Listener) -> None:
    monkeypatch.setattr(notices, "TIMEOUT", 0.2)
    assert notices.ping(f"http://{listener.url}/slow", "0") is not None
    listener.hold.set()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PING", f"ftp://a.example/{SECRET}"),
        ("PING", f"https://u:{SECRET}@a.example/"),
        ("PING", f"https://[{SECRET}/"),
        ("NOTIFY", SECRET),
        ("NOTIFY_ON", "never"),
    ],
)
def test_bad_addresses_are_not_shown(name: str, value: str) -> None:
    with pytest.raises(UsageError) as caught:
        load({}, {f"OSIRIS_{name}": value})
    assert name.lower() in str(caught.value)
    assert SECRET not in str(caught.value)
    assert SECRET not in repr(Settings(ping=SECRET, notify=(SECRET,)))


def test_an_unknown_kind_of_notice_is_said(listener: Listener, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    problems = notices.send((f"nosuch://{SECRET}", f"json://{listener.url}/{SECRET}"), "t", "b", bad=True)
    assert len(problems) == 1
    assert "Notice 1 (nosuch)" in problems[0]
    assert SECRET not in problems[0]
    assert len(listener.notices) == 1
    assert SECRET not in caplog.text  # apprise logs what it can't read, and urllib3 every path
