"""osiris sample: a sheet of what was read beside what was captured, to be filled in by hand, and what the verdicts say."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from osiris_crawler.archive.files import closed_files
from osiris_crawler.archive.reader import records
from osiris_crawler.record import Article
from tests.archive.made import SITE, exchange, write, writer
from tests.browser import browsing
from tests.conftest import Osiris

COUNT = 12
HOSTILE = "</script></textarea>\"'><img src=x onerror=document.title='run'><b>gras</b>\x1b[2J\x00 \ud800"
PAGE = """<html><head><meta http-equiv=refresh content="0;url=%(host)s/refresh"><base href="%(host)s/">
<link rel=preconnect href="%(host)s"><link rel=stylesheet href="%(host)s/style"><li<link>nk rel=preconnect href="%(host)s">
<style>@import "%(host)s/import"; h1 { background: url(%(host)s/back) }</style></head>
<body onload="top.document.title='run'"><script>top.document.title = "run"; fetch("%(host)s/fetch")</script>
<h1>Le titre</h1><p>Une ligne <a href="/source,3">vers ailleurs</a> <a href="%(host)s/followed">suivez-moi</a></p><img src="%(host)s/image" alt="une image">
<iframe src="%(host)s/frame"></iframe><object data="%(host)s/object"></object><video poster="%(host)s/poster"></video>
<form action="%(host)s/form"><input type=image src="%(host)s/input"></form><p>L'été à Thiès</body></html>"""


@pytest.fixture(scope="module")
def host() -> Iterator[tuple[str, list[str]]]:
    """A web server that should hear of nothing."""
    heard: list[str] = []

    class Hears(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(self.path)
            self.send_error(404)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    class Counts(ThreadingHTTPServer):
        def verify_request(self, request: Any, client_address: Any) -> bool:
            heard.append("connection")
            return True

    with Counts(("127.0.0.1", 0), Hears) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}", heard
        server.shutdown()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, host: tuple[str, list[str]]) -> Path:
    """A collection whose first article's page is hostile; the third is in windows-1252."""
    root = tmp_path_factory.mktemp("made") / "output" / "collections" / "c"
    into = writer(root / "archive")
    bodies = [PAGE % {"host": host[0]}, *(f"<h1>Titre {n}</h1><p>L’été à Thiès" for n in range(1, COUNT))]
    html = {"Content-Type": "text/html"}
    write(
        into,
        [
            exchange(f"/a{n}", body.encode("cp1252" if n == 2 else "utf-8"), headers=html)
            for n, body in enumerate(bodies)
        ],
    )
    into.close_sync()
    (warc,) = closed_files(root / "archive")
    captures = {record.uri: record for record in records(warc) if record.type == "response"}
    lines = []
    for n in range(COUNT):
        article = Article(id=f"a{n}", url=f"{SITE}/a{n}", title=f"Titre {n}", body=f"Corps {n}", reader="2")
        article.date = f"{2000 + n % 3}-01-02"
        capture = captures[article.url]
        article.capture = {
            "warc": warc.name,
            "offset": capture.offset,
            "record_id": capture.id,
            "date": capture.date,
        }
        lines.append(article)
    lines[0].title = HOSTILE
    lines[0].tags = ["=cmd|' /C calc'!A0", "deux"]
    lines[0].sources = [
        {"text": "(Le Soleil)", "name": "Le Soleil", "outlet": None, "url": None, "date": "2001"},
        {"text": "(x)", "name": None, "outlet": None, "url": "javascript:alert(1)", "date": None},
    ]
    lines[0].images = [{"url": f"{host[0]}/one.jpg", "title": "Une", "type": "image/jpeg"}]
    (root / "dataset").mkdir()
    text = "".join(json.dumps({**json.loads(line.line()), "title": line.title}) + "\n" for line in lines)
    (root / "dataset" / "articles.jsonl").write_text(text, "utf-8")
    return root


@pytest.fixture
def collection(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path / "output" / "collections" / "c")
    return tmp_path / "output" / "collections" / "c"


def sums(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "scores.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def fill(folder: Path, verdicts: dict[tuple[int, str], str]) -> None:
    found = rows(folder)
    for row in found:
        row["verdict"] = verdicts.get((int(row["number"]), row["field"]), "")
    with (folder / "scores.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, found[0].keys(), delimiter=";")
        out.writeheader()
        out.writerows(found)


def test_the_same_seed_gives_the_same_bytes(osiris: Osiris, collection: Path) -> None:
    first = osiris("sample", "5", "--json", "--to", "one")
    assert first.returncode == 0, first.stderr
    report = json.loads(first.stdout)
    assert (report["drawn"], report["population"], report["unread"], report["path"]) == (5, COUNT, 0, "one")
    folder = collection.parents[2] / "one"
    assert sorted(sums(folder)) == ["README.md", "export.json", "sample.json", "scores.csv", "sheet.html"]
    assert osiris("sample", "5", "--seed", "1", "--to", "two").returncode == 0
    assert sums(folder) == sums(collection.parents[2] / "two")
    sample = json.loads((folder / "sample.json").read_text("utf-8"))
    ids = [f"a{n}" for n in range(COUNT)]
    assert [a["id"] for a in sample["articles"]] == sorted(
        ids, key=lambda name: hashlib.sha256(f"1\n{name}".encode()).digest()
    )[:5]
    assert (
        sample["dataset"]
        == "sha256:" + hashlib.sha256((collection / "dataset" / "articles.jsonl").read_bytes()).hexdigest()
    )
    assert osiris("sample", "5", "--seed", "deux/../x", "--stratify", "year").returncode == 0
    assert [path.name[:20] for path in (collection / "exports").iterdir()] == ["c-sample-5-deux_.._x"]


def test_all_of_it_with_what_is_hidden_left_out(osiris: Osiris, collection: Path) -> None:
    lines = [
        {"id": "a3", "scope": "dataset"},
        {"url": f"{SITE}/a4", "scope": "replay"},
        {"id": "a5", "scope": "search"},
    ]
    (collection / "restrictions.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    done = osiris("sample", "300", "--to", "s")
    assert done.returncode == 0 and f"{COUNT - 2} of {COUNT - 2} articles" in done.stderr
    assert "all articles are in the sheet" in done.stderr and "2 articles are restricted" in done.stderr
    folder = collection.parents[2] / "s"
    assert {row["id"] for row in rows(folder)} == {f"a{n}" for n in range(COUNT)} - {"a3", "a4"}
    assert not re.search("data-id=.a[34]", (folder / "sheet.html").read_text("utf-8"))
    cells = {(row["id"], row["field"]): row["read"] for row in rows(folder)}
    assert cells["a0", "tags"].startswith("'=cmd")
    assert not any("\x1b" in cell or cell.startswith(("=", "+", "-", "@")) for cell in cells.values())
    assert cells["a0", "sources.name"] == "Le Soleil\n–" and cells["a0", "sources.outlet"] == ""
    sheet = (folder / "sheet.html").read_text("utf-8")
    assert "&lt;b&gt;gras&lt;/b&gt;␛[2J␀ " in sheet and "<b>gras" not in sheet


def test_scores_are_counted_and_never_written_over(osiris: Osiris, collection: Path) -> None:
    assert osiris("sample", "6", "--to", "s").returncode == 0
    folder = collection.parents[2] / "s"
    blank = osiris("sample", "--score", "s")
    assert blank.returncode == 2 and "Nothing is scored" in blank.stderr
    assert osiris("sample", "5", "--to", "s").returncode == 0  # nobody has scored anything
    number = next(
        n for n, a in enumerate(json.loads((folder / "sample.json").read_text())["articles"], 1) if a["id"] != "a0"
    )
    fill(folder, {(n, "title"): "right" for n in range(1, 6)} | {(number, "title"): "w", (number, "ps"): "missing"})
    again = osiris("sample", "5", "--to", "s")
    assert again.returncode == 2 and "with verdicts in it" in again.stderr
    done = osiris("sample", "--score", "s", env={"COLUMNS": "80"})
    assert (done.returncode, done.stdout) == (0, "")
    assert re.search(r"^title +5 +1 +20\.00 +", done.stderr, re.M)
    told = json.loads(osiris("sample", "--score", "s/scores.csv", "--json").stdout)
    fields = {field["field"]: field for field in told["fields"]}
    assert (fields["title"]["scored"], fields["title"]["wrong"], fields["title"]["corrected"]) == (5, 1, True)
    assert (fields["ps"]["missing"], fields["ps"]["unscored"], fields["body"]["rate"]) == (1, 4, None)
    assert json.loads((folder / "result.json").read_text("utf-8")) == {k: v for k, v in told.items() if k != "path"}
    assert "| `title` | 5 | 1 | 20.00 |" in (folder / "result.md").read_text("utf-8")
    text = (folder / "scores.csv").read_text("utf-8")
    (folder / "scores.csv").write_text(text.replace(";title;right;", ";title;perhaps;", 1), "utf-8")
    wrong = osiris("sample", "--score", "s")
    assert wrong.returncode == 2 and re.search(r"scores\.csv, line \d+: there is no verdict “perhaps”", wrong.stderr)


def test_what_can_not_be_drawn(osiris: Osiris, collection: Path) -> None:
    for arguments in ([], ["0"], ["x"], ["5", "--score", "s"], ["--score", "s", "--seed", "1"], ["--score", "nowhere"]):
        done = osiris("sample", *arguments)
        assert done.returncode == 2 and "Traceback" not in done.stderr, arguments
    (collection / "exports" / "c-sample-5-1").mkdir(parents=True)
    assert osiris("sample", "5").returncode == 2  # a folder that is none of ours
    warc = next((collection / "archive").iterdir())
    warc.write_bytes(warc.read_bytes()[:1500])
    damaged = osiris("sample", "5", "--to", "s")
    assert damaged.returncode == 6 and "5 captured pages can't be read" in damaged.stderr
    path = collection / "dataset" / "articles.jsonl"
    path.write_text(path.read_text("utf-8").replace('"notes": []', '"notes": [3]'), "utf-8")
    broken = osiris("sample", "5", "--to", "t")
    assert broken.returncode == 6 and "Line " in broken.stderr and not (collection.parents[2] / "t").exists()
    path.write_text("")
    assert osiris("sample", "5").returncode == 2
    path.unlink()
    assert osiris("sample", "5").returncode == 2


def test_the_sheet_in_a_browser(osiris: Osiris, collection: Path, host: tuple[str, list[str]]) -> None:
    """It shows the captured page, runs and loads nothing of it, keeps verdicts, and saves what --score counts."""
    assert osiris("sample", str(COUNT), "--to", "s").returncode == 0
    folder = collection.parents[2] / "s"
    articles = json.loads((folder / "sample.json").read_text("utf-8"))["articles"]
    number = {article["id"]: article["number"] for article in articles}
    with browsing() as browser:
        page = browser.page
        page.set_default_timeout(20_000)
        page.goto(f"{(folder / 'sheet.html').as_uri()}#a{number['a0']}")
        shown = page.frame_locator("iframe")
        shown.get_by_text("L'été à Thiès").wait_for()
        assert shown.locator("h1").text_content() == "Le titre"
        page.get_by_role("button", name="Text with addresses").click()
        text = page.locator(".text").text_content()
        assert f"vers ailleurs ⟨{host[0]}/source,3⟩" in text and f"[une image ⟨{host[0]}/image⟩]" in text
        page.keyboard.press("t")
        shown.get_by_text("suivez-moi").click()  # it leads nowhere
        page.reload()
        shown.get_by_text("L'été à Thiès").wait_for()
        assert page.title().startswith("Sample of") and page.locator("article:visible h1 b").count() == 0
        # title: wrong; overline, of which nothing was read, can't be: the key does nothing there
        for key in "wwr":
            page.keyboard.press(key)
        page.reload()
        assert page.locator("article:visible .field[data-verdict=wrong]").get_attribute("data-field") == "title"
        assert page.locator("article:visible .field[data-verdict=right]").get_attribute("data-field") == "overline"
        page.keyboard.press("a")
        assert page.locator("article:visible .field[data-verdict='']").count() == 0
        page.evaluate(f"location.hash = 'a{number['a2']}'")
        page.reload()
        page.frame_locator("iframe").get_by_text("L’été à Thiès").wait_for()  # windows-1252 that no header declares
        for name in ("scores.json", "scores.csv"):
            with page.expect_download() as download:
                page.get_by_role("button", name=f"Save {name}").click()
            download.value.save_as(folder / name)
        asked = list(browser.requests)
    assert host[1] == [], "something was fetched"
    assert [
        url for url in asked if not url.startswith(("file:", "blob:", "about:")) and url not in browser.refused
    ] == []
    found = [
        json.loads(osiris("sample", "--score", f"s/{name}", "--json").stdout) for name in ("scores.json", "scores.csv")
    ]
    assert found[0] == found[1]
    assert (found[0]["verdicts"], found[0]["articles"]["errors"], found[0]["articles"]["scored"]) == (20, 1, 1)
