"""osiris report: pages that say what is there, name nothing restricted, load nothing, and let nothing run."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from osiris_crawler.amounts import share
from osiris_crawler.errors import IntegrityError, UsageError
from osiris_crawler.export.report.charts import columns
from osiris_crawler.export.report.collection import collection_page
from osiris_crawler.export.report.figures import Names, count, spans
from osiris_crawler.export.report.markup import shade
from osiris_crawler.export.report.telling import MOST_SHOWN
from osiris_crawler.export.report.veil import Veil
from osiris_crawler.export.report.writing import after_run, write_report
from osiris_crawler.paths import Collection
from tests.browser import browsing
from tests.conftest import Osiris
from tests.reported import SITE, article, change, make, report

HOSTILE = '</style><script>alert(1)</script><img src=x onerror=alert(1)>"\u202e\x00'
CRAWL, UPDATE = "20240507020000-crawl", "20240601020000-update"
ARTICLES = [
    article("1", title=HOSTILE, tags=["Télécoms", HOSTILE], date="2023-12-31", images=[{"url": SITE, "title": None, "type": None}]),
    article("2", sources=[{"text": "x", "name": None, "outlet": "Le Soleil", "url": None, "date": None}], tags=["Télécoms"]),
    article("3", title="Ce que nul ne doit lire", url=f"{SITE}ce-que-nul.html", withdrawn="2024-06-01T02:00:10.000000Z"),
    article("4", date=None, body="", issues=["date"], first_seen="2024-06-01T02:00:20.000000Z"),
]  # fmt: skip
CHANGES = [
    *(change(id) for id in "123"),
    change("1", "changed", run=UPDATE, at="2024-06-01T02:00:10.000000Z", fields=["title", HOSTILE]),
    change("2", "changed", run=UPDATE, at="2024-06-01T02:00:10.000000Z", cause="reader"),
    change("3", "withdrawn", run=UPDATE, at="2024-06-01T02:00:10.000000Z", url=f"{SITE}ce-que-nul.html"),
    change("4", run=UPDATE, at="2024-06-01T02:00:20.000000Z"),
    change(None, "moved", run=UPDATE, at="2024-06-01T02:00:20.000000Z"),
]
ALARM = {
    "name": HOSTILE,
    "expected": "some",
    "seen": "none",
    "pages": [f"{SITE}ce-que-nul.html", "javascript:alert(1)"],
}
FAILURE = {"url": f"{SITE}rapport.pdf", "problem": f"HTTP 503 {HOSTILE}"}
REPORTS = [
    report(CRAWL),
    report(UPDATE, exit=7, alarms=[ALARM], failures=[FAILURE], newly_failed=1, update={"signals": [HOSTILE], "new": 1}),
]


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    return make(tmp_path_factory.mktemp("reported"), articles=ARTICLES, changes=CHANGES, reports=REPORTS)


@pytest.fixture(scope="module")
def pages(collection: Collection) -> dict[str, str]:
    """The collection's page and the newest run's."""
    return {name or "all": write_report(collection, name, None).read_text("utf-8") for name in (None, "last")}


def words(page: str) -> str:
    return " ".join(" ".join(html.fromstring(page).itertext()).split())


def section(page: str, name: str) -> str:
    return words(html.tostring(html.fromstring(page).get_element_by_id(name), encoding="unicode"))


# -- what is counted ------------------------------------------------------------------------------------------------------


def test_articles_are_counted_by_month_year_and_the_run_that_brought_them() -> None:
    found = count(ARTICLES, [("2024-06-01T02:00:00Z", UPDATE), ("2024-05-07T02:00:00Z", CRAWL)])
    assert (found.articles, found.withdrawn, dict(found.months)) == (4, 1, {"2023-12": 1, "2024-05": 2})
    assert found.years == ["2023", "2024"]
    assert {run: quality.articles for run, quality in found.by_run.items()} == {CRAWL: 3, UPDATE: 1}
    assert (found.quality["2023"].filled["images"], found.quality["2024"].filled["sources"]) == (1, 1)
    assert (found.quality[""].empty(), found.quality[""].issues) == (1, 1)
    assert found.keywords.top(1) == [("Télécoms", {"2023": 1, "2024": 1})]
    assert found.outlets.top(5) == [("Le Soleil", {"2024": 1})]


def test_names_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("osiris_crawler.export.report.figures._MOST_NAMES", 2)
    names = Names()
    for name in ("a" * 1000, "b", "c", "b", "d"):
        names.add(name, "2024")
    assert [(len(name), years.total()) for name, years in names.top(9)] == [(1, 2), (120, 1)]
    assert names.beyond == 2


@pytest.mark.parametrize(
    ("years", "labels"),
    [
        ([], []),
        (["2024"], ["2024"]),
        (["2020", "2024"], ["2020", "2024"]),
        (
            ["0001", *(str(year) for year in range(2000, 2016))],
            ["0001–2000", *(f"{year}–{year + 2}" for year in range(2001, 2014, 3))],
        ),
    ],
)
def test_years_are_gathered_into_few_columns(years: list[str], labels: list[str]) -> None:
    assert [label for label, _members in spans(years)] == labels


def test_shares_and_shades() -> None:
    shares = [share(*pair) for pair in ((0, 0), (0, 9), (1, 1000), (999, 1000), (9, 9))]
    assert [text.replace("\xa0", " ") for text in shares] == ["–", "0 %", "1 %", "99 %", "100 %"]
    assert [shade(*pair) for pair in ((0, 9), (1, 1000), (500, 1000), (1000, 1000))] == [0, 1, 3, 5]


def test_a_chart_has_a_column_for_each_figure_and_says_so() -> None:
    figure = html.fromstring(
        columns("Requests", [("01", 5), ("02", 0), ("03", 12)], str, head="Month", told="Requests")
    )
    assert [title.text for title in figure.iter("title")] == ["01: 5", "02: 0", "03: 12"]
    assert "12" in figure.find(".//svg").get("aria-label")
    assert [cell.text for cell in figure.iter("td")] == ["5", "0", "12"]
    assert not [shape for shape in figure.iter() if {"fill", "stroke", "style"} & set(shape.attrib)]


# -- the pages ------------------------------------------------------------------------------------------------------------


def test_the_collections_page_says_what_is_there(pages: dict[str, str]) -> None:
    page = pages["all"]
    assert "2024-05 3 0 0 0 0" in section(page, "changes") and "2024-06 1 1 1 0 1" in section(page, "changes")
    assert "1 more events come from a better reader" in section(page, "changes")
    assert re.search(r"2024-06 1 30 1\.2 MB 1 min 0 s 1,800", section(page, "cost"))
    assert "2024 · · · · 2 · · · · · · · 2" in section(page, "months")
    assert "1 articles have no date" in section(page, "months")
    assert "Télécoms 1 1 2" in section(page, "keywords")
    assert "Le Soleil · 1 1" in section(page, "outlets")
    assert f"{UPDATE} 1 0 %" in section(page, "quality")
    assert "alarm" in section(page, "runs") and "Expected: some" in section(page, "alarms")


def test_a_runs_page_says_what_came_of_it(pages: dict[str, str]) -> None:
    page = pages["last"]
    assert UPDATE in words(page) and "exit 7" in words(page)
    assert "Titre 4" in section(page, "changes") and "Titre 2" not in section(page, "changes")
    assert "HTTP 503" in section(page, "gaps") and "rapport.pdf" in section(page, "gaps")
    assert "HTTP 404 1" in section(page, "cost") and "Requests 30 1,800" in section(page, "cost")
    assert "Expected: some" in section(page, "alarms")


@pytest.mark.parametrize("which", ["all", "last"])
def test_a_page_runs_nothing_and_loads_nothing(which: str, pages: dict[str, str]) -> None:
    page = pages[which]
    tree = html.fromstring(page)
    assert tree.xpath("//script | //img | //iframe | //link | //object | //base") == []
    assert tree.xpath("//@*[name() = 'style' or name() = 'src' or starts-with(name(), 'on')]") == []
    assert [href for href in tree.xpath("//@href") if not href.startswith(("#", "http://"))] == []
    style = re.search(r"<style>(.*?)</style>", page, re.S)
    assert style is not None and "url(" not in style[1] and "@import" not in style[1]
    sum = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    policy = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    assert policy == f"default-src 'none'; style-src 'sha256-{sum}'; base-uri 'none'; form-action 'none'"
    assert not {"\x00", "\u202e"} & set(page)


def test_a_browser_styles_it_and_asks_for_nothing(collection: Collection, pages: dict[str, str]) -> None:
    with browsing() as seen:
        said: list[str] = []
        seen.page.on("console", lambda message: said.append(message.text))
        seen.page.goto((collection.root / "report.html").resolve().as_uri())
        assert seen.outside("file:") == [] and said == []
        assert seen.page.evaluate("getComputedStyle(document.querySelector('.tiles')).display") == "grid"
        seen.page.set_viewport_size({"width": 360, "height": 800})
        assert seen.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("restriction", [{"id": "3"}, {"url": f"{SITE}ce-que-nul.html"}, {"url": f"{SITE}3.html"}])
def test_what_is_restricted_is_not_named(restriction: dict[str, str], tmp_path: Path) -> None:
    there = make(tmp_path, articles=ARTICLES, changes=CHANGES, reports=REPORTS)
    assert "Ce que nul" in write_report(there, "last", None).read_text("utf-8")
    there.restrictions.write_text(json.dumps({**restriction, "scope": "search", "reason": "x"}) + "\n", "utf-8")
    for run in (None, CRAWL, "last"):
        page = write_report(there, run, None).read_text("utf-8")
        assert "Ce que nul" not in page and "ce-que-nul" not in page, run
        assert "an article under restriction" in page
    assert "an address under restriction" in page  # of the alarm


@pytest.mark.parametrize("by", ["osiris report", "a run's end"])
@pytest.mark.parametrize("restriction", [{"id": "3"}, {"url": f"{SITE}ce-que-nul.html"}, {"url": f"{SITE}3.html"}])
def test_pages_of_earlier_days_name_it_no_more(restriction: dict[str, str], by: str, tmp_path: Path) -> None:
    lost = report("20240101020000-crawl", failures=[{"url": f"{SITE}3.html", "problem": "timeout"}])
    other = report("20240102020000-update")
    there = make(tmp_path, articles=ARTICLES, changes=CHANGES, reports=[lost, other, *REPORTS])
    pages = {
        there.root / "report.html",
        *(there.runs / told["run"] / "report.html" for told in (lost, other, *REPORTS)),
    }
    for run in (None, lost["run"], other["run"], CRAWL, UPDATE):
        write_report(there, run, None)
    (there.runs / lost["run"] / "report.json").unlink()
    untouched = there.runs / other["run"] / "report.html"
    naming = {
        path for path in pages if "ce-que-nul" in path.read_text("utf-8") or f"{SITE}3.html" in path.read_text("utf-8")
    }
    assert naming == pages - {untouched}
    untouched.write_text(untouched.read_text("utf-8") + "<!-- as it was -->", "utf-8")

    there.restrictions.write_text(json.dumps({**restriction, "reason": "x"}) + "\n", "utf-8")
    if by == "osiris report":
        write_report(there, None, tmp_path / "elsewhere.html")
    else:
        after_run(there, UPDATE, None)
    for path in pages:
        text = path.read_text("utf-8")
        assert "Ce que nul" not in text and "ce-que-nul" not in text and f"{SITE}3.html" not in text, path
    assert "an article under restriction" in (there.runs / CRAWL / "report.html").read_text("utf-8")
    assert "named what is under restriction" in words((there.runs / lost["run"] / "report.html").read_text("utf-8"))
    assert untouched.read_text("utf-8").endswith("<!-- as it was -->")
    # What is in order is left as it is.
    before = {path: path.stat().st_mtime_ns for path in pages}
    write_report(there, None, tmp_path / "elsewhere.html")
    assert {path: path.stat().st_mtime_ns for path in pages} == before


def test_lists_are_bounded(tmp_path: Path) -> None:
    many = MOST_SHOWN + 50
    failures = [{"url": f"{SITE}{n}.pdf", "problem": "timeout"} for n in range(many)]
    there = make(tmp_path, changes=[change(str(n)) for n in range(many)], reports=[report(failures=failures)])
    page = html.fromstring(write_report(there, "last", None).read_text("utf-8"))
    for name in ("changes", "gaps"):
        assert len(page.xpath(f"//section[@id='{name}']//li")) == MOST_SHOWN
        assert "… and 50 more." in page.get_element_by_id(name).text_content()


def test_an_empty_collection_has_a_page(tmp_path: Path) -> None:
    there = make(tmp_path)
    there.articles.unlink()
    there.changes.unlink()
    page = collection_page(there, Veil(there))
    assert "Nothing has come yet." in words(page) and "There was no run yet." in words(page)


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    there = make(tmp_path, articles=ARTICLES, reports=[report()])
    there.changes.write_text('{"run":1}\n', "utf-8")
    with pytest.raises(IntegrityError, match=r"Line 1 of changes\.jsonl"):
        write_report(there, None, None)
    there.restrictions.write_text("{", "utf-8")
    with pytest.raises(UsageError, match="restrictions"):
        write_report(there, None, None)
    assert not (there.root / "report.html").exists()


# -- the command, and a run's end -----------------------------------------------------------------------------------------


def test_the_command(collection: Collection, osiris: Osiris, tmp_path: Path) -> None:
    to = tmp_path / "here.html"
    done = osiris("report", CRAWL, "-o", str(collection.output), "--to", str(to), "--json")
    assert (done.returncode, json.loads(done.stdout)["path"]) == (0, str(to))
    assert CRAWL in to.read_text("utf-8") and json.loads(done.stdout)["bytes"] == to.stat().st_size
    for run in ("../c", "20200101000000-crawl"):
        wrong = osiris("report", run, "-o", str(collection.output))
        assert (wrong.returncode, UPDATE in wrong.stderr) == (2, True), wrong.stderr
    nowhere = osiris("report", "-o", str(collection.output), "--to", str(tmp_path / "no" / "where.html"))
    assert nowhere.returncode == 2 and "--to" in nowhere.stderr


def test_a_run_leaves_its_page_and_the_figures(osiris: Osiris, site: Any, tmp_path: Path) -> None:
    (tmp_path / "osiris.toml").write_text('prometheus = "here.prom"\n', "utf-8")
    done = osiris("crawl", site.url, "-c", "c", "--delay", "0", "--max-requests", "12")
    assert done.returncode == 8, done.stderr
    assert done.stderr.replace("\n", "").count("report.html") == 1 and "report.json" not in done.stderr
    (page,) = (tmp_path / "output" / "collections" / "c" / "runs").glob("*/report.html")
    assert "budget used up" in words(page.read_text("utf-8"))
    assert 'osiris_last_run_exit_code{collection="c"} 8\n' in (tmp_path / "here.prom").read_text("utf-8")


def test_a_failure_at_a_runs_end_is_logged_and_no_more(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    there = make(tmp_path, reports=[report()])
    there.restrictions.write_text("{", "utf-8")
    after_run(there, CRAWL, tmp_path / "no" / "where.prom")
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]
