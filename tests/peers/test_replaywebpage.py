"""ReplayWeb.page, the viewer that WACZ files are made for, opens ours in a real browser."""

from __future__ import annotations

import html
import json
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.browser import browsing, lacking
from tests.peers.conftest import PEERS
from tests.peers.rangeserver import serve_files

SCRIPTS = PEERS / "replaywebpage" / "package"
_PAGE = """<!doctype html><meta charset="utf-8"><title>WACZ</title><body style="margin:0">
<replay-web-page style="display:block;height:95vh" source="/c.wacz" replaybase="/replay/" embed="default" url="{url}"></replay-web-page>
<script src="/ui.js"></script>"""
_PATIENCE = 120.0  # seconds until a page must be there


def replayed(page: Any, address: str) -> Any:
    """The frame in which a captured address is shown; it fails when there is none for too long."""
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        for frame in page.frames:
            if frame.url.endswith(f"mp_/{address}") and frame.query_selector("h1"):
                return frame
        page.wait_for_timeout(200)
    pytest.fail(f"{address} was not shown; there were {[frame.url for frame in page.frames]}")


def test_it_shows_an_article_and_follows_a_link(wacz: Path, tmp_path: Path) -> None:
    if not (SCRIPTS / "ui.js").exists():
        lacking("ReplayWeb.page is missing: “make peers” gets it where npm is")
    with zipfile.ZipFile(wacz) as package:
        _header, home, *articles = (json.loads(line) for line in package.read("pages/pages.jsonl").splitlines())
    article = next(page for page in articles if len(page["text"]) > 500)
    (tmp_path / "index.html").write_text(_PAGE.format(url=html.escape(article["url"])), "utf-8")
    files = {
        "/": tmp_path / "index.html", "/ui.js": SCRIPTS / "ui.js", "/replay/ui.js": SCRIPTS / "ui.js",
        "/replay/sw.js": SCRIPTS / "sw.js", "/c.wacz": wacz,
    }  # fmt: skip
    with serve_files(files) as served, browsing() as browser:
        browser.page.goto(served.url)
        frame = replayed(browser.page, article["url"])
        assert frame.inner_text("h1").strip() == article["title"]
        shown = " ".join(frame.inner_text("body").split())
        for paragraph in article["text"].split("\n\n"):
            assert " ".join(paragraph.split()) in shown
        browser.page.screenshot(path=tmp_path / "article.png")
        frame.click("text=Accueil")
        assert "OSIRIS" in replayed(browser.page, home["url"]).title()
        assert browser.outside(served.url) == []
        assert f"{served.url}c.wacz" in browser.requests  # so what its workers ask for was seen, too
    ranges = [part for _method, path, part in served.requests if path == "/c.wacz" and part]
    assert len(ranges) > 3  # it fetched parts, not the whole
