"""Who is told of a run, of what, and what is never told: the addresses themselves."""

from __future__ import annotations

import gzip
import http.server
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from osiris_crawler.crawl import notices
from osiris_crawler.crawl.news import News
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
def test_what_is_told_of_which_end(
    code: int, on: str, ping: str, sent: int, listener: Listener, tmp_path: Path
) -> None:
    settings = Settings(ping=f"http://{listener.url}/x", notify=(f"json://{listener.url}/",), notify_on=on)
    said: list[str] = []
    notices.tell(report(code), settings, Collection(tmp_path, "c"), said.append)
    assert (listener.pings, len(listener.notices), said) == ([ping], sent, [])


def test_an_alarm_says_what_to_look_at() -> None:
    title, text = notices.text_of(report(7, alarms=[ALARM] * 3, reasons=["x" * 10_000] * 50), News())
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


# -- what stands ------------------------------------------------------------------------------------------------------------

MONDAY = datetime(2027, 1, 4, 2, tzinfo=UTC)
SILENT = {
    "name": "silence",
    "about": "",
    "since": "20270104020000-update",
    "expected": "some",
    "seen": "none",
    "pages": [],
}
CLOUD = {**SILENT, "name": "count", "about": "cloud"}


@dataclass
class Nights:
    """Runs of a collection, night after night, as notices sees them."""

    collection: Collection
    settings: Settings
    monkeypatch: pytest.MonkeyPatch
    sent: list[tuple[str, str]] = field(default_factory=list)
    refused: bool = False

    def run(self, night: float, code: int, *alarms: dict[str, Any], stands: Any = None, **more: Any) -> list[str]:
        """A run's end; gives the titles of what is sent."""
        now = MONDAY + timedelta(days=night)
        standing = {f"{one['name']} {one['about']}".rstrip(): {"settled": False} for one in alarms}
        told = {
            "run": now.strftime("%Y%m%d%H%M%S-update"), "command": "update", "collection": str(self.collection.root), "exit": code,
            "alarms": list(alarms), "figures": {"standing": standing if stands is None else stands}, "read": {"article": 1}, **more,
        }  # fmt: skip
        folder = self.collection.runs / told["run"]
        folder.mkdir(parents=True)
        (folder / "report.json").write_text(json.dumps(told), "utf-8")
        before = len(self.sent)
        with self.monkeypatch.context() as patch:
            patch.setattr(notices, "datetime", type("Then", (), {"now": staticmethod(lambda zone: now)}))
            notices.tell(told, self.settings, self.collection, self.sent.append)  # type: ignore[arg-type]
        assert json.loads((folder / "report.json").read_text("utf-8"))["exit"] == code
        return [title for title, _text in self.sent[before:]]


@pytest.fixture
def nights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Nights:
    found = Nights(Collection(tmp_path, "c"), Settings(notify=("json://nowhere/",)), monkeypatch)

    def send(services: tuple[str, ...], title: str, body: str, *, bad: bool) -> list[str]:
        if not found.refused:
            found.sent.append((title, body))
        return ["refused"] if found.refused else []

    monkeypatch.setattr(notices, "send", send)
    monkeypatch.setattr(notices, "_failed", lambda say, sentence: None)
    return found


def test_an_alarm_that_stands_is_told_once_a_week_and_when_it_has_ended(nights: Nights) -> None:
    told = {night: nights.run(night, 7, SILENT) for night in range(16)}
    assert [night for night, sent in told.items() if sent] == [0, 7, 14]
    first, second = nights.sent[0][1], nights.sent[1][1]
    assert "Alarm: silence\n" in first and "you are reminded once a week" in first
    assert "Alarm: silence\n" not in second and "Alarm: silence (since run 20270104020000-update)" in second
    assert "a reminder once a week" in second
    # Another one rises: both are told, and the week begins for it alone.
    assert nights.run(16, 7, SILENT, {**CLOUD, "since": "20270120020000-update"}) == ["osiris: alarm – c (exit 7)"]
    assert "Alarm: counts" in nights.sent[-1][1] and "Alarm: silence (since" in nights.sent[-1][1]
    assert nights.run(
        17, 5, stands={"silence": {"settled": False}, "count cloud": {"settled": False}}, reasons=["down"]
    )
    assert nights.run(18, 7, {**CLOUD, "since": "20270120020000-update"}) == ["osiris: in order again – c (exit 7)"]
    for words in ("In order again: silence (since", "In order again: the site is unreachable", "Alarm: counts"):
        assert words in nights.sent[-1][1]
    assert nights.run(19, 0) == ["osiris: in order again – c (exit 0)"]
    assert nights.run(20, 0) == []
    # It rises anew: news, however soon.
    assert nights.run(21, 7, {**SILENT, "since": "20270125020000-update"})


def test_what_has_become_usual_and_what_is_of_one_run_alone(nights: Nights) -> None:
    layout = {**SILENT, "name": "layout", "about": ""}
    assert nights.run(0, 7, CLOUD, layout, stands={"count cloud": {"settled": False}})
    assert nights.run(1, 7, CLOUD) == []  # the layout's alarm is of one run: it has not ended, it does not stand
    assert nights.run(2, 130, stands=None, figures={}) == []
    assert nights.run(15, 0, stands={"count cloud": {"settled": True}})
    assert "Told no more: counts cloud" in nights.sent[-1][1]
    assert nights.run(16, 0, stands={"count cloud": {"settled": True}}) == []


def test_a_failure_is_told_once_a_week_for_the_same_reason(nights: Nights) -> None:
    assert nights.run(0, 5, reasons=["a gave no page: 3 × HTTP 503."])
    assert nights.run(1, 5, reasons=["a gave no page: 4 × HTTP 503."]) == []
    assert nights.run(2, 5, reasons=["a gave no page: 4 × HTTP 403."])
    assert nights.run(3, 5, reasons=["a gave no page: 4 × HTTP 503."]) == []
    assert nights.run(4, 8, read={}) == []  # a budget used up while nothing answered
    assert nights.run(5, 6, reasons=["torn"])
    assert nights.run(7, 5, reasons=["a gave no page: 4 × HTTP 503."])
    assert nights.run(8, 3) == ["osiris: in order again – c (exit 3)"]
    assert nights.sent[-1][1].count("In order again") == 3
    assert nights.run(9, 3) == []


def test_what_no_service_took_is_told_by_the_next_run(nights: Nights) -> None:
    nights.refused = True
    nights.run(0, 7, SILENT)
    nights.refused = False
    assert nights.run(1, 7, SILENT)
    nights.refused = True
    nights.run(2, 0)
    nights.refused = False
    assert nights.run(3, 0) == ["osiris: in order again – c (exit 0)"]
    assert nights.run(4, 0) == []


def test_reports_without_notices_and_broken_ones_are_passed_over(nights: Nights) -> None:
    assert nights.run(0, 7, SILENT)
    for night, text in ((1, "{"), (2, '{"notice": 7}'), (3, "{}")):
        folder = nights.collection.runs / f"2027010{4 + night}020000-update"
        folder.mkdir()
        (folder / "report.json").write_text(text, "utf-8")
    assert nights.run(4, 7, SILENT) == []
    path = nights.collection.runs / "20270108020000-update" / "report.json"
    entries = [None, {"alarm": "x"}, {"exit": 99, "reason": "", "since": "", "at": "2027-01-08T02:00:00Z"}]
    path.write_text(json.dumps({"notice": {"at": None, "stands": entries}}), "utf-8")
    assert nights.run(5, 7, SILENT)


def test_a_run_that_can_not_be_opened_is_told_once(nights: Nights) -> None:
    nights.collection.create()
    for _night in range(2):
        with suppress(IntegrityError), notices.watched(nights.settings, nights.collection, "update", print) as watch:
            watch.began()
            raise IntegrityError("lost")
    assert [title for title, _text in nights.sent] == ["osiris: integrity failure – c (exit 6)"]
    (left,) = nights.collection.runs.glob("*/report.json")
    found = json.loads(left.read_text("utf-8"))
    assert (found["exit"], found["notice"]["stands"][0]["reason"]) == (6, "lost")


def test_with_all_every_end_is_told(nights: Nights) -> None:
    nights.settings = replace(nights.settings, notify_on="all")
    assert [bool(nights.run(night, code)) for night, code in enumerate((0, 7, 7, 0))] == [True] * 4
    assert "once a week" not in "".join(text for _title, text in nights.sent)


def test_a_demonstration_is_told_to_nobody(osiris: Osiris, listener: Listener, tmp_path: Path) -> None:
    (tmp_path / "osiris.toml").write_text('prometheus = "here.prom"\nnotify_on = "all"\n', "utf-8")
    done = osiris("demo", "--articles", "20", "--quiet", env=addresses(listener))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "output" / "collections" / "demo" / "dataset" / "articles.jsonl").exists()
    assert listener.calls == []
    assert not (tmp_path / "here.prom").exists()
