"""osiris savecase: a captured page becomes a case that the tests of the reader can take, once a human has checked it."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from osiris_crawler.archive.reader import read_at
from osiris_crawler.care import casing
from osiris_crawler.commands import savecase
from osiris_crawler.demo.server import serve
from osiris_crawler.demo.world import World
from osiris_crawler.errors import UsageError
from osiris_crawler.paths import Collection
from osiris_crawler.settings import load
from osiris_crawler.site.profile import for_url
from tests import warm
from tests.conftest import Osiris


@dataclass(frozen=True)
class Crawled:
    """A collection of two walks over a site that did not change: the second has revisit records."""

    output: Path
    base: str
    pages: dict[str, bytes]  # what the site answered, by path
    truth: list[dict[str, Any]]


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Crawled:
    folder = tmp_path_factory.mktemp("savecase")
    world = World(articles=20)
    with serve(world, "stock", zipped=True) as site:
        for _walk in range(2):
            command = ("crawl", site.url, "-c", "c", "--delay", "0", "--no-files", "--quiet")
            warm.run(*command, cwd=folder).check_returncode()
        assert site.site is not None
        pages = {piece.path: site.site.answer("/" + piece.path).body for piece in world.published()}
        return Crawled(folder / "output", site.url, pages, list(world.truth("stock")))


@pytest.fixture
def here(crawled: Crawled, tmp_path: Path) -> Collection:
    """The collection, where `osiris` runs."""
    shutil.copytree(crawled.output, tmp_path / "output")
    return Collection(tmp_path / "output", "c")


def cases(tmp_path: Path) -> list[str]:
    folder = tmp_path / "tests" / "cases"
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def test_a_case_reads_as_the_page_does(crawled: Crawled, here: Collection, osiris: Osiris, tmp_path: Path) -> None:
    truth = next(one for one in crawled.truth if one["sources"] and one["number"])
    url = crawled.base + truth["url"]
    done = osiris("savecase", url)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "" and "check each value against the page" in done.stderr
    name = f"127-0-0-1-{truth['number']}"  # the markup of this look states the number
    assert cases(tmp_path) == [name]
    page, answer, expected = casing.load(tmp_path / "tests" / "cases" / name)
    assert page == crawled.pages[truth["url"]]  # gzip and chunks are off
    assert (answer.url, answer.status, answer.start) == (url, 200, crawled.base)
    assert answer.content_type == "text/html; charset=utf-8"
    assert {key: expected[key] for key in ("page", "title", "date", "body")} == {
        "page": "article",
        **{key: truth[key] for key in ("title", "date", "body")},
    }
    warning = expected.pop(casing.UNCHECKED)
    assert "Check each value" in warning
    assert expected == casing.fields_of(casing.reading_of(page, answer, for_url(answer.start)))
    assert tuple(expected) == casing.names_for("article")


def test_a_revisit_gives_the_body_of_its_original(
    crawled: Crawled, here: Collection, osiris: Osiris, tmp_path: Path
) -> None:
    path, body = next(iter(crawled.pages.items()))
    done = osiris("savecase", crawled.base + path, "--name", "again", "--to", "elsewhere", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["case"], report["page"]) == (str(Path("elsewhere/again")), "article")
    page, answer, _expected = casing.load(tmp_path / "elsewhere" / "again")
    warc, byte, _record = answer.origin.split(", ")
    assert read_at(here.archive / warc, int(byte.removeprefix("byte "))).type == "revisit"
    assert page == body


def test_an_id_and_a_listing(crawled: Crawled, here: Collection, osiris: Osiris, tmp_path: Path) -> None:
    with here.articles.open(encoding="utf-8") as lines:
        article = json.loads(next(lines))
    assert osiris("savecase", article["id"], "--name", "one").returncode == 0
    assert casing.load(tmp_path / "tests/cases/one")[2]["title"] == article["title"]
    assert osiris("savecase", f"{crawled.base}-Articles-de-presse-.html", "--quiet").stderr == ""
    listing = casing.load(tmp_path / "tests/cases/127-0-0-1-articles-de-presse")[2]
    assert set(listing) == {casing.UNCHECKED, *casing.names_for("listing")}
    assert listing["heading"] == "Articles de presse" and listing["subsections"]


def test_nothing_is_overwritten(crawled: Crawled, here: Collection, osiris: Osiris, tmp_path: Path) -> None:
    url = crawled.base + next(iter(crawled.pages))
    assert osiris("savecase", url, "--name", "one").returncode == 0
    expected = tmp_path / "tests/cases/one/expected.json"
    expected.write_text("{}")
    again = osiris("savecase", url, "--name", "one")
    assert again.returncode == 2 and "there already" in again.stderr and expected.read_text() == "{}"
    assert osiris("savecase", url, "--name", "one", "--force").returncode == 0 and expected.read_text() != "{}"
    other = tmp_path / "tests/cases/other"
    other.mkdir()
    (other / "page.html").write_text("mine")
    assert osiris("savecase", url, "--name", "other", "--force").returncode == 2  # that is no case
    assert (other / "page.html").read_text() == "mine"


def test_what_is_not_there(crawled: Crawled, here: Collection, osiris: Osiris, tmp_path: Path) -> None:
    for wanted in ("http://127.0.0.1:1/x.html", "http://[", "\x1b[2J"):
        done = osiris("savecase", wanted)
        assert done.returncode == 2 and "Traceback" not in done.stderr and "\x1b" not in done.stderr
    assert osiris("savecase", crawled.base + next(iter(crawled.pages)), "--name", "../out").returncode == 2
    here.state.unlink()
    assert "osiris rebuild" in osiris("savecase", "nothing").stderr
    assert cases(tmp_path) == []


@pytest.mark.parametrize("by", ["id", "url"])
def test_what_is_restricted_is_not_taken_out(
    by: str, crawled: Crawled, here: Collection, osiris: Osiris, tmp_path: Path
) -> None:
    with here.articles.open(encoding="utf-8") as lines:
        article = json.loads(next(lines))
    here.restrictions.write_text(json.dumps({by: article[by], "scope": "exports", "reason": "a court's order"}) + "\n")
    for wanted in (article["id"], article["url"]):
        done = osiris("savecase", wanted)
        assert done.returncode == 2 and "restricted" in done.stderr
    assert cases(tmp_path) == []


def test_what_learned_chrome_reads_otherwise_is_said(
    crawled: Crawled, here: Collection, osiris: Osiris, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = casing.reading_of

    def reading_of(page: bytes, answer: casing.Answer, site: Any, chrome: Any = None) -> Any:
        reading = real(page, answer, site, chrome)
        if chrome is not None and reading.article is not None:
            reading.article.lead = "learned"
        return reading

    monkeypatch.setattr(casing, "reading_of", reading_of)
    said: list[str] = []
    monkeypatch.setattr(savecase.click, "echo", said.append)
    settings = load({"output": here.output, "collection": "c", "json": True})
    assert savecase.run(settings, crawled.base + next(iter(crawled.pages)), tmp_path / "to", None, force=False) == 0
    assert json.loads(said[0])["differs"] == ["lead"]


@pytest.mark.parametrize(
    ("url", "number", "name"),
    [
        ("https://www.osiris.sn/Surtaxe-sur-les-appels,7380.html", 7380, "www-osiris-sn-7380"),
        ("https://www.osiris.sn/Le-site-d-Osiris.html", None, "www-osiris-sn-le-site-d-osiris"),
        ("http://s.example/..%2f..%2fetc/%00passwd", None, "s-example-00passwd"),
        ("http://s.example/", None, "s-example-"),
        ("http://s.example/+-Th%C3%A8me-+.html?debut_articles=10", None, "s-example-th-c3-a8me-"),
        ("http://[::1]/Été", None, "1-t"),
    ],
)
def test_names_are_made_of_safe_letters(url: str, number: int | None, name: str) -> None:
    made = casing.name_for(url, number)
    assert made.startswith(name)
    assert casing.checked_name(made) == made


def test_long_names_are_cut() -> None:
    casing.checked_name(casing.name_for(f"http://{'a' * 63}.{'b' * 63}.example/{'c' * 300}?d", None))


@pytest.mark.parametrize("name", ["../out", "A", "", "a/b", "-a", "ça", "x" * 101, "a\n"])
def test_names_that_are_given(name: str) -> None:
    with pytest.raises(UsageError):
        casing.checked_name(name)


def test_what_cannot_be_seen_is_written_as_an_escape() -> None:
    assert casing.as_text("é\u00a0\u202e\u200b«") == '"é\\u00a0\\u202e\\u200b«"\n'
    assert json.loads(casing.as_text("é\u00a0\u202e\u200b«")) == "é\u00a0\u202e\u200b«"
