"""`osiris replay` of the embedded site, read in real Chromium: what is archived looks like the site, nothing goes out."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import brotli
import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from osiris_crawler.archive import index
from osiris_crawler.archive.surt import surt
from osiris_crawler.demo.pieces import Piece
from osiris_crawler.demo.server import serve
from osiris_crawler.demo.world import World
from osiris_crawler.paths import Collection
from osiris_crawler.replay.blocking import blocked
from tests.browser import PATIENCE, browsing
from tests.conftest import ROOT, articles
from tests.pywb import CACHE, pywb_python

ENVIRONMENT = {**os.environ, "OSIRIS_LANG": "en", "PYTHONPATH": str(ROOT), "OSIRIS_CACHE": str(CACHE)}


@dataclass(frozen=True, slots=True)
class Archived:
    """A crawled site that answers no more: `shown` has a picture, `with_file` a document, `hidden` is restricted."""

    folder: Path
    site: str
    shown: Piece
    with_file: Piece
    hidden: Piece
    section: str

    @property
    def root(self) -> Path:
        return self.folder / "collections" / "c"


@dataclass(slots=True)
class Replay:
    """`osiris replay` while it runs. `base` is ``http://127.0.0.1:PORT/``."""

    process: subprocess.Popen[str]
    url: str

    @property
    def base(self) -> str:
        return "/".join(self.url.split("/")[:3]) + "/"

    def of(self, url: str, *, mark: str = "") -> str:
        return f"{self.base}c/{self.url.split('/')[4]}{mark}/{url}"

    def answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", int(self.base.split(":")[2].strip("/")))) == 0


@pytest.fixture(scope="module")
def archived(tmp_path_factory: pytest.TempPathFactory) -> Archived:
    """The embedded site, crawled twice by the real command: the second time its files are answered 304."""
    pywb_python()
    folder = tmp_path_factory.mktemp("replay")
    world = World(articles=40)
    shown = next(piece for piece in world.published() if piece.images)
    with_file = next(piece for piece in world.published() if piece.documents)
    hidden = next(piece for piece in world.published() if piece not in (shown, with_file) and len(piece.body()) > 200)
    section = next(s.path for s in world.sections.values() if s.id == shown.section)
    with serve(world, "current") as site:
        for _walk in range(2):
            done = subprocess.run(
                [sys.executable, "-m", "osiris_crawler", "crawl", site.url, "-o", folder, "-c", "c", "--delay", "0"],
                env=ENVIRONMENT, capture_output=True, text=True, timeout=250, check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stderr
            world.purge()
            site.changed()
        found = Archived(folder, site.url, shown, with_file, hidden, section)
    (article,) = [a for a in articles(folder, "c") if a["url"] == found.site + hidden.path]
    line = {"id": article["id"], "scope": "all", "reason": "court order", "authority": "TGI", "until": None}
    (found.root / "restrictions.jsonl").write_text(json.dumps(line) + "\n")
    return found


@contextlib.contextmanager
def replaying(root: Path, *options: str) -> Iterator[Replay]:
    process = subprocess.Popen(
        [sys.executable, "-m", "osiris_crawler", "replay", "-o", root.parent.parent, "-c", "c", "--no-browser", "--json", *options],
        env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("{"), (process.poll(), process.stderr.read() if process.stderr else "")
        told = json.loads(line)
        assert told["collection"] == str(root)
        yield Replay(process, told["url"])
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def replay(archived: Archived) -> Iterator[Replay]:
    with replaying(archived.root) as running:
        yield running


def fetch(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=120) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as problem:
        return problem.code, problem.read().decode()


def inner(page: Any) -> Any:
    """The frame in which pywb shows the archived page."""
    page.wait_for_selector("#replay_iframe", timeout=PATIENCE)
    frame = page.query_selector("#replay_iframe").content_frame()
    frame.wait_for_url("**mp_/**", timeout=PATIENCE)
    frame.wait_for_load_state("load", timeout=PATIENCE)
    return frame


def keep(page: Any, name: str) -> None:
    """A picture for who wants to look at it: OSIRIS_SCREENSHOTS names a folder."""
    if os.environ.get("OSIRIS_SCREENSHOTS"):
        page.screenshot(path=Path(os.environ["OSIRIS_SCREENSHOTS"]) / f"{name}.png")


def test_it_begins_at_the_home_page(archived: Archived, replay: Replay) -> None:
    assert replay.url.endswith(f"/{archived.site}")
    status, body = fetch(replay.of(archived.site, mark="mp_"))
    assert (status, "Observatoire" in body) == (200, True)


def test_an_article_a_listing_and_a_document(archived: Archived, replay: Replay) -> None:
    with browsing() as browser:
        page = browser.page
        page.goto(replay.of(archived.site + archived.section))
        listing = inner(page)
        assert styled(listing)
        assert listing.locator(".card").count() > 0
        keep(page, "listing")
        link = listing.locator(".card h3 a").first
        title = link.inner_text()
        link.click()
        page.wait_for_function("document.querySelector('#replay_iframe').contentDocument?.querySelector('.contenu')")
        assert inner(page).locator("h1").inner_text() == title

        page.goto(replay.of(archived.site + archived.shown.path))
        article = inner(page)
        assert styled(article)
        pictures = article.locator("figure img")
        assert pictures.count() == len(archived.shown.images)
        assert (
            pictures.evaluate_all("all => all.map(one => one.complete && one.naturalWidth)") == [120] * pictures.count()
        )
        text = " ".join(article.locator("body").inner_text().split())
        assert " ".join(archived.shown.title.split()) in text
        first = next(block[1] for block in archived.shown.blocks if block[0] == "p")
        assert " ".join(first.split("[")[0].split()) in text
        keep(page, "article")

        page.goto(replay.of(archived.site + archived.with_file.path))
        link = inner(page).locator('a[type="application/pdf"]').first
        found = link.evaluate(
            "async a => { const r = await fetch(a.href), b = new Uint8Array(await r.arrayBuffer());"
            " return [r.status, r.headers.get('content-type'), String.fromCharCode(...b.slice(0, 5)), b.length] }"
        )
        assert found[:3] == [200, "application/pdf", "%PDF-"]
        assert found[3] > 400
        assert len(browser.requests) > 20
        assert browser.outside(replay.base) == []


def styled(frame: Any) -> bool:
    """Whether the site's own style sheet is applied: neither is any browser's default."""
    return bool(
        frame.evaluate(
            "() => getComputedStyle(document.body).fontFamily.startsWith('Georgia')"
            " && getComputedStyle(document.querySelector('.row')).display === 'flex'"
        )
    )


def test_what_is_restricted_is_not_shown(archived: Archived, replay: Replay) -> None:
    url = archived.site + archived.hidden.path
    sentence = archived.hidden.body()[:60]
    assert len(sentence) == 60
    with browsing() as browser:
        page = browser.page
        page.goto(replay.of(url))
        frame = inner(page)
        frame.wait_for_selector("text=Access Blocked", timeout=PATIENCE)
        assert sentence not in page.content() + frame.content()
        keep(page, "restricted")
        page.goto(replay.of(archived.site + "never-seen.html"))
        inner(page).wait_for_selector("text=could not be found", timeout=PATIENCE)
        keep(page, "not-archived")
        page.goto(f"{replay.base}c/*/{archived.site}")
        page.wait_for_selector("text=2 captures", timeout=PATIENCE)
        keep(page, "captures")
        assert browser.outside(replay.base) == []
    for mark in ("mp_", "id_", "if_", "js_"):
        for variant in (url, url.replace("http://", "https://"), url.upper().replace("HTTP://", "http://"), url + "#x"):
            status, body = fetch(replay.of(variant, mark=mark))
            assert (status, sentence in body) == (451, False), (mark, variant)
    assert fetch(replay.of(archived.site + archived.shown.path, mark="id_"))[0] == 200


def test_a_file_that_came_unchanged_is_shown_at_its_second_visit(archived: Archived, replay: Replay) -> None:
    """Its line in the index is of a revisit record of status 304; replayed as it stands it would be an empty 304."""
    visits = [line.split(b" ", 2)[1:] for line in index.read(archived.root / "indexes" / "index.cdxj")]
    unchanged = [(stamp.decode(), json.loads(fields)["url"]) for stamp, fields in visits if b'"status": "304"' in fields]
    assert len(unchanged) >= 5
    for stamp, url in unchanged:
        with urllib.request.urlopen(f"{replay.base}c/{stamp}id_/{url}", timeout=120) as answer:
            assert (answer.status, len(answer.read()) > 0) == (200, True), url


def test_a_restriction_is_obeyed_while_it_runs(archived: Archived, tmp_path: Path) -> None:
    shutil.copytree(archived.folder, tmp_path / "copy")
    copy = replace(archived, folder=tmp_path / "copy")
    url = archived.site + archived.shown.path
    with replaying(copy.root) as running:
        assert fetch(running.of(url, mark="id_"))[0] == 200
        with (copy.root / "restrictions.jsonl").open("a") as out:
            out.write(json.dumps({"url": url}) + "\n")
        until = time.monotonic() + 60
        while fetch(running.of(url, mark="id_"))[0] != 451:
            assert time.monotonic() < until
            time.sleep(0.2)
        with (copy.root / "restrictions.jsonl").open("a") as out:
            out.write('{"url": "htt')
        assert running.process.wait(60) == 2
        assert running.process.stderr is not None
        assert "Line 3 of" in running.process.stderr.read()
        assert not running.answers()


def test_ids_that_the_dataset_leaves_out_are_found_in_the_ledger(archived: Archived, tmp_path: Path) -> None:
    shutil.copytree(archived.folder, tmp_path / "copy")
    copy = Collection(tmp_path / "copy", "c")
    lines = copy.articles.read_text("utf-8").splitlines(keepends=True)
    kept = [line for line in lines if json.loads(line)["url"] != archived.site + archived.hidden.path]
    assert len(kept) == len(lines) - 1
    copy.articles.write_text("".join(kept), "utf-8")
    keys = blocked(copy)
    assert surt(archived.site + archived.hidden.path) in keys
    assert keys == blocked(Collection(archived.folder, "c"))


def test_nothing_is_written_into_the_collection(archived: Archived) -> None:
    def state() -> dict[str, tuple[int, int]]:
        return {
            str(path): (path.stat().st_mtime_ns, path.stat().st_size) for path in sorted(archived.folder.rglob("*"))
        }

    before = state()
    assert len(before) > 10
    with replaying(archived.root) as running:
        assert fetch(running.of(archived.site, mark="mp_"))[0] == 200
    assert state() == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_it_ends_whole(number: signal.Signals, archived: Archived, tmp_path: Path) -> None:
    """However it ends, pywb ends with it and its temporary folder goes."""
    here = {**ENVIRONMENT, "TMPDIR": str(tmp_path)}
    process = subprocess.Popen(
        [sys.executable, "-m", "osiris_crawler", "replay", "-o", archived.folder, "-c", "c", "--no-browser", "--json"],
        env=here, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        running = Replay(process, json.loads(process.stdout.readline())["url"])
        assert running.answers()
        assert len(list(tmp_path.iterdir())) == 1
        process.send_signal(number)
        assert process.wait(60) == (-signal.SIGKILL if number == signal.SIGKILL else 0)
    finally:
        process.kill()
        _out, told = process.communicate()
    until = time.monotonic() + 60
    while running.answers() or list(tmp_path.iterdir()):
        assert time.monotonic() < until
        time.sleep(0.1)
    assert "Traceback" not in told
    assert "Ctrl-C" in told


def test_a_port_of_ones_own(archived: Archived) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with replaying(archived.root, "--port", str(port)) as running:
        assert running.base == f"http://127.0.0.1:{port}/"
        assert fetch(running.base)[0] == 200


HOSTILE = b"""<html><head><link rel="preconnect" href="http://pre.example/"><link rel="dns-prefetch" href="//dns.example">
<style>@import "http://css.example/a.css"; body { background: u\\72l(http://escaped.example/b.png) }</style></head><body><p>hello</p>
<script>
var i = document.createElement('img'); i.setAttribute('sr' + 'c', 'http://' + 'img.example/x.png'); document.body.appendChild(i);
document.body.insertAdjacentHTML('beforeend', '<im' + 'g srcset="http:\\/\\/set.example/y.png 2x">');
fetch('http://fetch.example/'); navigator.sendBeacon('http://beacon.example/');
var f = document.createElement('iframe'); f.srcdoc = '<img src="http://srcdoc.example/x">'; document.body.appendChild(f);
new Worker(URL.createObjectURL(new Blob(["fetch('http://worker.example/')"])));
try { new WebSocket('ws://socket.example/') } catch (refused) {}
</script></body></html>"""


@pytest.fixture
def hostile(tmp_path: Path) -> Collection:
    """Pages that try to reach other machines in the ways there are."""
    collection = Collection(tmp_path, "c")
    collection.create()
    path = collection.archive / "c-20260101000000-00000-x.warc.gz"
    html = ("Content-Type", "text/html; charset=utf-8")
    pages = {
        "http://a.example/": ("200 OK", [html], HOSTILE),
        "http://a.example/headers": (
            "200 OK",
            [
                html,
                ("Link", "<http://style.example/s.css>; rel=preload; as=style"),
                ("Refresh", "0; url=http://refresh.example/"),
            ],
            b"<p>hello</p>",
        ),
        "http://a.example/moved": ("301 Moved Permanently", [html, ("Location", "http://outside.example/z")], b""),
        "http://a.example/drawing": (
            "200 OK",
            [("Content-Type", "image/svg+xml")],
            b'<svg xmlns="http://www.w3.org/2000/svg"><image href="http://drawn.example/x.png"/></svg>',
        ),
        "http://a.example/br": ("200 OK", [html, ("Content-Encoding", "br")], brotli.compress("<p>écrit</p>".encode())),
        "http://a.example/cookie": (
            "200 OK",
            [html, ("Set-Cookie", "a=b; Domain=.a.example; Path=/")],
            b"<p>hello</p>",
        ),
    }
    with path.open("wb") as out:
        writer = WARCWriter(out, gzip=True)
        for url, (status, headers, body) in pages.items():
            head = StatusAndHeaders(status, headers, protocol="HTTP/1.1")
            writer.write_record(writer.create_warc_record(url, "response", payload=io.BytesIO(body), http_headers=head))
    index.rebuild(collection.index, [path])
    return collection


def test_pages_that_try_do_not_get_out(hostile: Collection) -> None:
    with replaying(hostile.root) as running, browsing() as browser:
        for mark, path in (
            ("", ""), ("mp_", "headers"), ("id_", "headers"), ("mp_", "moved"), ("id_", "moved"), ("mp_", "drawing"), ("mp_", "cookie"),
        ):  # fmt: skip
            with contextlib.suppress(Exception):  # an answer without a place to go to is an error to the browser
                browser.page.goto(f"{running.base}c/2026{mark}/http://a.example/{path}")
            browser.page.wait_for_timeout(1000)
        assert browser.outside(running.base) == []
        assert {"http://escaped.example/b.png", "http://drawn.example/x.png"} <= set(browser.refused)
        assert len([url for url in browser.requests if "/http://img.example/" in url]) == 1  # the scripts did run
        assert "<p>écrit</p>" in fetch(f"{running.base}c/2026mp_/http://a.example/br")[1]
        request = urllib.request.Request(f"{running.base}c/", headers={"Host": "rebound.example"})
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(request, timeout=60)


def test_the_record_of_requests_sees_what_goes_out() -> None:
    """The check that nothing goes out would see it."""
    with browsing() as browser:
        browser.page.set_content(
            '<img src="http://127.0.0.1:9/x.png"><script>fetch("http://outside.example/")</script>'
        )
        browser.page.wait_for_timeout(1000)
        assert sorted(browser.outside("http://127.0.0.1:8/")) == ["http://127.0.0.1:9/x.png", "http://outside.example/"]
