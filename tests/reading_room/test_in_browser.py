"""The room in Chromium: found, narrowed, read, by keyboard alone, beside its replay; and shut against what an archive holds."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from osiris_crawler.demo.server import serve
from osiris_crawler.demo.world import World
from osiris_crawler.reading_room.wording import SAY
from tests import warm
from tests.browser import PATIENCE, Browsing, browsing, lacking
from tests.conftest import articles
from tests.peers.conftest import PEERS
from tests.pywb import pywb_python
from tests.reading_room.conftest import ATTACK, JAVASCRIPT, collected, press
from tests.reading_room.running import Running, open_room

AXE = PEERS / "axe-core" / "package" / "axe.min.js"
VIEWS = ("home", "search", "article", "table", "versions", "reprints", "timeline", "nothing", "failure")
HERE = "http://127.0.0.1:"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("room")
    collected(folder, press())
    with open_room(folder, "--no-replay") as running:
        yield running


@pytest.fixture(scope="module")
def archived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The room over the embedded site, crawled twice by the real command with an edit between; a replay is beside it as soon
    as it is asked for."""
    folder = tmp_path_factory.mktemp("archived")
    world = World(articles=12)
    edited = next(piece for piece in world.published() if len(piece.body()) > 200)
    with serve(world, "current") as site:
        for _walk in range(2):
            done = warm.run("crawl", site.url, "-o", folder, "-c", "c", "--delay", "0", cwd=folder)
            assert done.returncode == 0, done.stderr
            world.edit(edited.number)
            site.changed()
    with open_room(folder) as running:
        yield running


@pytest.fixture(scope="module")
def window(archived: Running) -> Iterator[Browsing]:
    """After the crawl: the embedded site's server wants an event loop of its own, and Playwright has one running."""
    with browsing() as browser:
        yield browser


@pytest.fixture
def browser(window: Browsing) -> Iterator[Browsing]:
    """The module's one window. Whatever a test did, nothing was asked for elsewhere, no script failed, no dialog opened."""
    faults: list[str] = []

    def dialog(opened: Any) -> None:
        faults.append(f"dialog: {opened.message}")
        opened.dismiss()

    def failed(error: Any) -> None:
        faults.append(str(error))

    window.page.on("dialog", dialog)
    window.page.on("pageerror", failed)
    window.requests.clear()
    window.refused.clear()
    yield window
    window.page.remove_listener("dialog", dialog)
    window.page.remove_listener("pageerror", failed)
    assert window.outside(HERE) == []
    assert faults == []


def keep(page: Any, name: str) -> None:
    """A picture for who wants to look at it: OSIRIS_SCREENSHOTS names a folder."""
    if os.environ.get("OSIRIS_SCREENSHOTS"):
        page.screenshot(path=Path(os.environ["OSIRIS_SCREENSHOTS"]) / f"{name}.png", full_page=True)


def titles(page: Any) -> list[str]:
    found: list[str] = page.locator(".items h2").all_inner_texts()
    return found


def test_accents_make_no_difference_and_facets_narrow(room: Running, browser: Browsing) -> None:
    page, found = browser.page, []
    for words in ("élections", "elections", "ÉLECTION"):
        page.goto(room.base)
        page.fill("#q", words)
        page.click("form.ask button")
        page.wait_for_url("**/search?q=*")
        found.append(titles(page))
        assert page.locator("mark").first.inner_text().lower() == "élections"
    assert found == [["Élections : les opérateurs promettent"]] * 3

    page.goto(f"{room.base}/search?q=haut+debit")
    assert len(titles(page)) == 3
    keep(page, "room-search")
    page.locator("aside .choices a", has_text="Le Soleil").click()
    page.wait_for_url("**outlet=Le+Soleil*")
    assert titles(page) == ["La loi sur le haut débit est votée"]
    page.locator(".chosen a").click()
    page.wait_for_function("location.search === '?q=haut+debit'")
    assert len(titles(page)) == 3
    page.locator(".items a", has_text="Élections").click()
    page.wait_for_url("**/article/2")
    assert page.locator("h1").inner_text() == "Élections : les opérateurs promettent"
    assert "le haut débit à Thiès" in page.locator("article .body").inner_text()
    keep(page, "room-article")


def test_by_keyboard_alone(room: Running, browser: Browsing) -> None:
    page = browser.page
    page.goto(f"{room.base}/article/1")
    page.keyboard.press("Tab")
    skip = page.locator(":focus")
    assert skip.inner_text() == SAY["skip"]
    assert skip.bounding_box()["y"] >= 0 and skip.evaluate("e => getComputedStyle(e).outlineStyle") != "none"
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.id === 'main'")
    page.keyboard.press("/")
    page.wait_for_function("document.activeElement.id === 'q'")
    page.keyboard.type("n/a loi")  # a slash that is typed is a letter
    assert page.input_value("#q") == "n/a loi"
    page.keyboard.press("Control+a")
    page.keyboard.type("loi")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=loi")
    first = page.locator(".items h2 a").first.get_attribute("href")
    reached = []
    for _tab in range(40):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.getAttribute('href')"))
        if reached[-1] == first:
            break
    assert reached[-1] == first, reached
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{first}")
    assert "La loi sur le haut débit" in page.locator("h1").inner_text()


@pytest.mark.parametrize(
    "path",
    [
        "/article/attack", "/article/attack/reprints", "/article/attack/versions", "/article/attack/as-it-was", "/search?q=script",
        f"/search?tag={quote(ATTACK)}&section={quote(ATTACK)}&outlet={quote(ATTACK)}", "/timeline?q=script", "/",
        f"/search?q={quote(ATTACK)}",
    ],
)  # fmt: skip
def test_what_attacks_stays_text(path: str, room: Running, browser: Browsing) -> None:
    page, said = browser.page, []
    page.on("console", lambda message: said.append(message.text))
    page.goto(room.base + path)
    shown = page.locator("body").inner_text()
    if path != "/timeline?q=script":
        assert "<script>document.title='taken'</script>" in shown + page.input_value("#q")
    if path == "/article/attack":
        assert page.locator("h1").inner_text() == ATTACK
        assert JAVASCRIPT in shown  # told, and no link
        assert "fichier gpj.exe fin caché" in shown
    assert page.evaluate("document.title") != "taken"
    assert page.locator("script").evaluate_all("all => all.map(e => e.getAttribute('src'))") == ["/static/room.js"]
    assert page.locator("img, object, embed, iframe, base, style").count() == 0
    hrefs = page.locator("a").evaluate_all("all => all.map(e => e.protocol)")
    assert hrefs and set(hrefs) <= {"http:", "https:"}
    names = page.evaluate("[...document.querySelectorAll('*')].flatMap(e => e.getAttributeNames())")
    assert not [name for name in names if name.startswith("on") or name == "style"]
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", page.content())
    assert said == []


def test_as_it_was_stands_beside_the_text(archived: Running, browser: Browsing) -> None:
    pywb_python()
    output = Path(str(archived.told["collection"])).parent.parent
    article = next(one for one in articles(output, "c") if len(one["body"]) > 200)
    page = browser.page
    page.goto(f"{archived.base}/article/{quote(article['id'], safe='')}")
    page.click(".deeds .button")
    page.wait_for_url("**/as-it-was")
    page.wait_for_selector("iframe", timeout=PATIENCE)  # the page asks again until the replay answers
    frame = page.query_selector("iframe").content_frame()
    frame.wait_for_selector("h1", timeout=PATIENCE)
    title = " ".join(article["title"].split())
    assert title in " ".join(frame.locator("body").inner_text().split())
    assert title in " ".join(page.locator("h1").inner_text().split())
    beginning = article["body"][:40]
    assert beginning in page.locator("article .body").inner_text()
    assert frame.evaluate("getComputedStyle(document.querySelector('.row')).display") == "flex", "without its own style"
    assert page.get_attribute("iframe", "sandbox") == ""
    assert not frame.url.startswith(archived.base)
    keep(page, "room-as-it-was")


@pytest.mark.parametrize(
    ("view", "dark"),
    [*((view, False) for view in VIEWS), *((view, True) for view in ("search", "article", "versions", "timeline"))],
)
def test_everybody_can_use_it(view: str, dark: bool, room: Running, archived: Running, browser: Browsing) -> None:
    if not AXE.exists():
        lacking("axe-core is missing: make peers")
    address = {
        "home": f"{room.base}/",
        "search": f"{room.base}/search?q=haut+debit&year=2012",
        "article": f"{archived.base}/article/{one_of(archived)}",
        "table": f"{room.base}/article/5",
        "versions": f"{archived.base}/article/{one_of(archived)}/versions",
        "reprints": f"{room.base}/article/4/reprints",
        "timeline": f"{room.base}/timeline",
        "nothing": f"{room.base}/search?q=zzz",
        "failure": f"{room.base}/none",
    }[view]
    page = browser.page
    page.emulate_media(color_scheme="dark" if dark else "light")
    page.goto(address)
    if view == "article":
        page.locator("details").first.evaluate("e => { e.open = true }")
    page.evaluate(AXE.read_text("utf-8"))
    told = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    assert len(told["passes"]) > 10
    bad = [one for one in told["violations"] if one["impact"] in ("serious", "critical")]
    assert [(one["id"], [node["html"] for node in one["nodes"]][:3]) for one in bad] == []
    keep(page, f"room-{view}-{'dark' if dark else 'light'}")
    page.set_viewport_size({"width": 360, "height": 780})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "it is wider than a telephone"
    page.set_viewport_size({"width": 1200, "height": 900})


def test_what_changed_is_marked_in_its_place(archived: Running, browser: Browsing) -> None:
    page = browser.page
    page.goto(f"{archived.base}/article/{one_of(archived)}")
    assert page.locator(".deeds .n").first.inner_text() == "2"
    page.click(".deeds a:nth-of-type(2)")
    page.wait_for_url("**/versions")
    came = page.locator(".diff ins")
    assert came.count() == 1
    assert came.evaluate("e => e.lastChild.previousSibling.textContent").startswith("Correctif")  # no end of a line before it
    assert came.evaluate("e => e.previousSibling.textContent").endswith("\n\n")
    assert page.locator(".diff del").count() == 0
    assert page.locator("tbody tr").count() == 2
    keep(page, "room-versions")


def one_of(archived: Running) -> str:
    output = Path(str(archived.told["collection"])).parent.parent
    return quote(next(one for one in articles(output, "c") if one["version"] == 2)["id"], safe="")
