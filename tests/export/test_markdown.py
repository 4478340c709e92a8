"""osiris export markdown: a file an article, its text as the page builds it, what is known of it in front."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from osiris_crawler.errors import OsirisError
from osiris_crawler.export.job import Job
from osiris_crawler.export.markdown import MarkdownFiles, front_matter, structured_text
from osiris_crawler.export.naming import safe_name
from osiris_crawler.extract.blocks import Block
from osiris_crawler.extract.document import read_document
from osiris_crawler.extract.dom import parse
from osiris_crawler.extract.parts import Parts
from osiris_crawler.record import keys
from tests.conftest import ROOT, articles
from tests.extract.test_markdown import Shown
from tests.peers.conftest import Crawled

Listing = Callable[[Path], list[str]]
TEXTS = ("lead", "body", "ps", "notes")


def parts(path: Path) -> tuple[dict[str, Any], str]:
    """(what stands in front, the text) of a file; a value is JSON, and so is YAML."""
    _empty, front, text = path.read_text("utf-8").split("---\n", 2)
    return {
        name: json.loads(value) for name, _colon, value in (line.partition(": ") for line in front.splitlines())
    }, text


def signs(text: str) -> str:
    return "".join(sign for sign in text if sign.isalnum())


def test_every_article_is_a_file_and_its_letters_are_all_there(copied: Crawled, listing: Listing) -> None:
    done = copied.osiris("export", "markdown", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    said = json.loads(done.stdout)
    folder = copied.folder / said["path"]
    assert folder == copied.collection.exports / "c-markdown"
    assert (said["articles"], said["structured"], said["plain"], said["left_out"]) == (60, 60, 0, {"restricted": 0, "filtered": 0, "undated": 0})
    assert listing(copied.collection.exports) == ["c-markdown"]
    files = {
        json.loads(line.partition(": ")[2]): path
        for path in folder.rglob("*/*.md")
        for line in path.open()
        if line.startswith("id: ")
    }
    assert said["bytes"] == sum(path.stat().st_size for path in files.values())
    tables = pictures = calls = 0
    for article in articles(copied.collection.output, "c"):
        path = files[article["id"]]
        assert path.parent == folder / article["date"][:4] / article["date"][5:7]
        front, text = parts(path)
        assert front == {name: value for name, value in article.items() if name not in TEXTS}
        shown = Shown(text.replace("[^", "["))
        words = [article["title"], article["lead"] or "", article["body"], article["ps"] or ""]
        assert signs(shown.text).startswith(signs("".join(words))[:400])
        for piece in (*words, *article["notes"]):
            assert signs(piece) in signs(shown.text)
        assert shown.tags.count("h1") == 1
        assert {picture["src"] for picture in shown.pictures} == {image["url"] for image in article["images"]}
        tables += shown.tags.count("table")
        pictures += len(shown.pictures)
        calls += text.count("[^1]: ")
    assert min(tables, pictures, calls) > 0


def test_what_it_says_to_people(copied: Crawled) -> None:
    done = copied.osiris("export", "markdown", "--title", "Presse", "--description", "*Tout.*")
    assert done.returncode == 0, done.stderr
    assert "c-markdown: " in done.stderr
    assert "60 articles, a Markdown file each." in done.stderr
    folder = copied.collection.exports / "c-markdown"
    assert (folder / "README.md").read_text("utf-8").startswith("# Presse\n\n*Tout.*\n\n60 articles")
    assert json.loads((folder / "export.json").read_text("utf-8"))["articles"] == 60


def test_a_page_that_cannot_be_read_again_gives_plain_text_and_is_counted(copied: Crawled) -> None:
    lines = copied.collection.articles.read_text("utf-8").splitlines()
    moved, altered = json.loads(lines[3]), json.loads(lines[5])
    moved["capture"]["offset"] += 1
    altered["body"] += "\n\nUn ajout *de* main."
    lines[3], lines[5] = json.dumps(moved), json.dumps(altered)
    copied.collection.articles.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    said = json.loads(copied.osiris("export", "markdown", "--json").stdout)
    assert (said["articles"], said["structured"], said["plain"]) == (60, 58, 2)
    (path,) = (copied.collection.exports / "c-markdown").rglob(f"{safe_name(altered['id'])}.md")
    assert "Un ajout \\*de\\* main." in path.read_text("utf-8")
    assert "2 of them as plain text" in copied.osiris("export", "markdown").stderr


def test_without_a_ledger_pages_are_still_read(copied: Crawled) -> None:
    copied.collection.state.unlink()
    said = json.loads(copied.osiris("export", "markdown", "--json").stdout)
    assert said["structured"] > 50


@pytest.mark.parametrize("scope", ["all", "exports", "dataset"])
def test_what_is_restricted_is_left_out(scope: str, copied: Crawled) -> None:
    one, other = articles(copied.collection.output, "c")[3:5]
    copied.collection.restrictions.write_text(
        json.dumps({"id": one["id"], "scope": scope}) + "\n" + json.dumps({"url": other["url"], "scope": scope}) + "\n"
    )
    said = json.loads(copied.osiris("export", "markdown", "--json").stdout)
    assert (said["articles"], said["left_out"]) == (58, {"restricted": 2, "filtered": 0, "undated": 0})
    everything = "".join(path.read_text("utf-8") for path in (copied.collection.exports / "c-markdown").rglob("*.md"))
    assert f'id: "{one["id"]}"' not in everything
    assert f'id: "{other["id"]}"' not in everything
    kept = copied.osiris("export", "markdown", "--with-restricted", "--json")
    assert json.loads(kept.stdout)["articles"] == 60
    copied.collection.restrictions.write_text("{\n")
    assert copied.osiris("export", "markdown", "--with-restricted").returncode == 2


def test_where_it_writes(copied: Crawled, tmp_path: Path, listing: Listing) -> None:
    (tmp_path / "disk").mkdir()
    assert copied.osiris("export", "markdown", "--to", tmp_path / "disk").returncode == 0
    assert listing(tmp_path / "disk") == ["c-markdown"]
    named = tmp_path / "new" / "notes"
    for _turn in range(2):  # the second one replaces the first
        assert copied.osiris("export", "markdown", "--to", named).returncode == 0
        assert listing(named.parent) == ["notes"]
    (tmp_path / "disk" / "c-markdown" / "export.json").unlink()
    refused = copied.osiris("export", "markdown", "--to", tmp_path / "disk")
    assert (refused.returncode, "is there already" in refused.stderr, refused.stderr.count("\n")) == (2, True, 1)
    assert len(list((tmp_path / "disk" / "c-markdown").rglob("*/*.md"))) == 60
    (tmp_path / "link").symlink_to(named)
    (tmp_path / "away").mkdir()
    (tmp_path / "away" / "c-markdown").symlink_to(tmp_path)
    assert copied.osiris("export", "markdown", "--to", tmp_path / "away").returncode == 2
    assert copied.osiris("export", "markdown", "--to", "/dev/null/x").returncode == 2
    copied.collection.articles.unlink()
    gone = copied.osiris("export", "markdown")
    assert (gone.returncode, "no dataset" in gone.stderr) == (2, True)


_KILLED = """
import os, sys
from pathlib import Path
from osiris_crawler.export.job import Job
from osiris_crawler.export.markdown import MarkdownFiles
from osiris_crawler.paths import Collection
def progress(done, total):
    if done > total / 2:
        os.kill(os.getpid(), int(sys.argv[1]))
MarkdownFiles().write(Job(Collection(Path("output"), "c"), Path("output/collections/c/exports/c-markdown"), progress=progress))
"""


def stopped(of: Crawled, how: signal.Signals) -> int:
    return subprocess.run(
        [sys.executable, "-c", _KILLED, str(int(how))], cwd=of.folder, env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, timeout=100, check=False,
    ).returncode  # fmt: skip


def test_an_interrupt_leaves_the_last_export_and_a_kill_is_cleared_up(copied: Crawled, listing: Listing) -> None:
    assert copied.osiris("export", "markdown", "--title", "Le premier").returncode == 0
    readme = copied.collection.exports / "c-markdown" / "README.md"
    assert stopped(copied, signal.SIGINT) != 0
    assert listing(copied.collection.exports) == ["c-markdown"]
    assert stopped(copied, signal.SIGKILL) == -signal.SIGKILL
    assert len(listing(copied.collection.exports)) == 2
    assert "Le premier" in readme.read_text("utf-8")
    # Killed between the two renames: the old one gets its name back, though the next export fails.
    readme.parent.rename(copied.collection.exports / ".c-markdown.99999999.old")
    with copied.collection.articles.open("a") as out:
        out.write("{\n")
    assert copied.osiris("export", "markdown").returncode == 6
    assert listing(copied.collection.exports) == ["c-markdown"]
    assert "Le premier" in readme.read_text("utf-8")


def test_room_is_looked_for_before_it_begins(
    copied: Crawled, tmp_path: Path, listing: Listing, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = type("Usage", (), {"free": 1000})
    monkeypatch.setattr("osiris_crawler.export.folder.shutil.disk_usage", lambda path: usage)
    with pytest.raises(OsirisError, match="free there"):
        MarkdownFiles().write(Job(copied.collection, tmp_path / "out" / "c"))
    assert listing(tmp_path / "out") == []


@pytest.mark.parametrize("line", ["{", "[]", '{"id":"x","capture":null}', '"\\ud800'])
def test_a_dataset_that_cannot_be_read(line: str, copied: Crawled, listing: Listing) -> None:
    with copied.collection.articles.open("a", encoding="utf-8") as out:
        out.write(line + "\n")
    done = copied.osiris("export", "markdown")
    assert (done.returncode, "Line 61 of" in done.stderr, done.stderr.count("\n")) == (6, True, 1), done.stderr
    assert listing(copied.collection.exports) == []


@pytest.mark.parametrize(
    "id",
    ["123", "Un-article", "a.b_c~2", "../../etc", "..", ".x", "", "CON", "nul.txt", "é" * 300, "a/b", "x" * 300, "a."],
)
def test_names_are_safe(id: str) -> None:
    name = safe_name(id)
    assert 0 < len(name) <= 120
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")
    assert name[0] not in ".-"
    assert not name.endswith(".")
    assert name.casefold() not in ("con", "nul.txt")
    assert id not in ("123", "Un-article") or name == id


def test_names_that_a_file_system_takes_for_one(copied: Crawled) -> None:
    lines = copied.collection.articles.read_text("utf-8").splitlines()
    first = json.loads(lines[0])
    for number, id in enumerate(("Deux", "deux", "../deux", "deux")):
        lines[number] = json.dumps({**first, "id": id, "date": [None, None, None, "2015-01-30"][number]})
    copied.collection.articles.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    assert copied.osiris("export", "markdown").returncode == 0
    folder = copied.collection.exports / "c-markdown"
    names = [path.name.casefold() for path in (folder / "undated").iterdir()]
    assert len(names) == len(set(names)) == 3
    assert (folder / "2015" / "01" / "deux.md").exists()
    assert len(list(folder.rglob("*/*.md"))) == 60


def test_what_stands_in_front_is_yaml_of_any_version() -> None:
    article = dict.fromkeys(keys()) | {"title": 'Un « titre » : "x"\u2028\x85\ud800\n---\n', "tags": ["a: b", "- c"]}
    front = front_matter(article)
    assert front.count("\n") == len(keys()) - len(TEXTS) + 2
    assert 'title: "Un « titre » : \\"x\\"\\u2028\\u0085\\ud800\\n---\\n"\n' in front
    assert 'tags: ["a: b", "- c"]\n' in front
    front.encode()


def blocks_of(markup: str) -> list[Block]:
    return read_document(parse(f"<html><body>{markup}</body></html>"), "http://o.sn/").blocks


def test_of_the_page_that_is_taken_which_the_dataset_has() -> None:
    article = {"title": "T", "lead": "Chapô.", "body": "Un texte.", "ps": None, "notes": ["Une note."], "images": []}
    body = blocks_of("<p>Une légende</p><p>Un <b>texte</b>.</p><p>(Source : X)</p>")
    notes = blocks_of("<p>Notes</p><p>[1] <i>Une</i> note.</p>")
    text = structured_text(article, Parts(body=body, notes=notes), "http://o.sn/")
    assert text == "# T\n\nChapô.\n\nUn **texte**.\n\n\\[1\\] *Une* note.\n"
    assert structured_text({**article, "body": "Un autre texte."}, Parts(body=body), "http://o.sn/") is None
