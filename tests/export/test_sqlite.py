"""osiris export sqlite: every article is in it, whole, and is found as French is typed."""

from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from osiris_crawler.errors import IntegrityError
from osiris_crawler.export.database import reading
from osiris_crawler.export.database.french import stems
from osiris_crawler.export.job import Job
from osiris_crawler.export.sqlite import Sqlite, check
from osiris_crawler.paths import Collection
from tests.conftest import articles
from tests.export.datasets import Dataset, article
from tests.peers.conftest import Crawled


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path)) as db:
        yield db


@pytest.fixture(scope="module")
def collection(crawled: Crawled, tmp_path_factory: pytest.TempPathFactory) -> Collection:
    """A copy with a reprint in it."""
    folder = tmp_path_factory.mktemp("sqlite")
    shutil.copytree(crawled.folder / "output", folder / "output")
    found = Collection(folder / "output", "c")
    lines = articles(found.output, "c")
    lines[7]["duplicate_of"] = lines[3]["id"]
    found.articles.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return found


@pytest.fixture(scope="module")
def written(collection: Collection) -> Path:
    path = collection.output / "c.sqlite"
    Sqlite().write(Job(collection, path, title="Presse"))
    return path


def test_every_article_comes_back_as_its_line(collection: Collection, written: Path) -> None:
    lines = articles(collection.output, "c")
    assert len(lines) == 60
    with opened(written) as db:
        numbers = dict(db.execute("SELECT id, number FROM articles"))
        assert [reading.article(db, numbers[line["id"]]) for line in lines] == lines
        assert [list(reading.article(db, 0))] == [list(lines[0])]
        said = [json.loads(line) for line in collection.changes.read_text("utf-8").splitlines()]
        about = [change for change in said if change["id"] in numbers]
        assert len(about) > 60
        found = [event for id, number in numbers.items() for event in reading.events(db, number, id)]
        assert sorted(map(json.dumps, found)) == sorted(map(json.dumps, about))
        meta = dict(db.execute("SELECT name, value FROM meta"))
    assert (meta["format"], meta["articles"], meta["title"]) == ("osiris-sqlite-1", "60", "Presse")
    assert meta["dataset_sha256"] == hashlib.sha256(collection.articles.read_bytes()).hexdigest()


def test_it_is_found_without_accents_and_in_other_forms(written: Path) -> None:
    with opened(written) as db:
        words = db.execute("SELECT count(*) FROM articles WHERE body LIKE '%télé%'").fetchone()[0]
        for asked in ("telephonie", "Téléphonie", "TÉLÉPHONIE"):
            found = db.execute("SELECT count(*) FROM articles_fts WHERE articles_fts MATCH ?", (asked,)).fetchone()[0]
            assert 0 < found <= words
        shown = db.execute(
            "SELECT snippet(articles_fts, -1, '[', ']', '…', 8) FROM articles_fts WHERE articles_fts MATCH 'telephonie'"
        ).fetchone()[0]
        assert "[téléphonie]" in shown
        one, many = (
            db.execute(
                "SELECT count(*) FROM articles_stems WHERE articles_stems MATCH ?", (" ".join(stems(word)),)
            ).fetchone()[0]
            for word in ("l’opérateur historique", "operateurs historiques")
        )
        assert one == many > 0


def test_its_views_count_what_is_there(collection: Collection, written: Path) -> None:
    lines = articles(collection.output, "c")
    with opened(written) as db:
        tags = dict(db.execute("SELECT keyword, articles FROM keywords"))
        years = dict(db.execute("SELECT year, articles FROM years"))
        outlets = dict(db.execute("SELECT outlet, articles FROM outlets"))
        reprints = db.execute("SELECT id, first_id FROM reprints").fetchall()
        sections = dict(db.execute("SELECT path, title FROM sections"))
    assert tags == {tag: sum(tag in line["tags"] for line in lines) for line in lines for tag in line["tags"]}
    assert sum(years.values()) == sum(line["date"] is not None for line in lines)
    printed = [name for line in lines for name in {source["outlet"] or source["name"] for source in line["sources"]} if name]
    assert outlets == Counter(printed) != {}
    assert reprints == [(lines[7]["id"], lines[3]["id"])]
    assert {" › ".join(line["section"]) for line in lines if line["section"]} <= set(sections)


def test_the_same_dataset_gives_the_same_bytes(collection: Collection, written: Path, tmp_path: Path) -> None:
    Sqlite().write(Job(collection, tmp_path / "again.sqlite", title="Presse"))
    assert (tmp_path / "again.sqlite").read_bytes() == written.read_bytes()


def test_datasette_shows_and_searches_it(written: Path) -> None:
    from datasette.app import Datasette

    async def asked(path: str) -> tuple[int, str]:
        answer = await Datasette([str(written)]).client.get(path)
        return answer.status_code, answer.text

    status, text = asyncio.run(asked("/c/articles.json?_search=telephonie&_shape=objects"))
    assert status == 200
    assert json.loads(text)["rows"]
    for table in ("keywords", "outlets", "years", "sources", "changes", "sections"):
        assert asyncio.run(asked(f"/c/{table}"))[0] == 200


@pytest.mark.parametrize("scope", ["all", "exports", "dataset"])
def test_what_is_restricted_is_in_no_table_and_no_index(
    scope: str, collection: Collection, written: Path, tmp_path: Path
) -> None:
    shutil.copytree(collection.output, tmp_path / "output")
    copy = Collection(tmp_path / "output", "c")
    lines = articles(copy.output, "c")
    root = lines[3]["id"]
    copy.restrictions.write_text(json.dumps({"id": root, "scope": scope}) + "\n")
    path = tmp_path / "c.sqlite"
    said = Sqlite().write(Job(copy, path))
    assert (said.counts["articles"], said.left_out["restricted"]) == (59, 1)
    hidden = next(line for line in lines if line["id"] == root)
    data = path.read_bytes()
    for secret in (root.encode(), hidden["title"].encode()):
        assert secret in written.read_bytes()
        assert secret not in data
    with opened(path) as db:
        assert db.execute("SELECT count(*) FROM articles WHERE id = ? OR duplicate_of = ?", (root, root)).fetchone()[0] == 0
        assert db.execute("SELECT count(*) FROM articles_stems_docsize").fetchone()[0] == 59


def test_what_lost_rows_is_no_export(written: Path, tmp_path: Path) -> None:
    check(written, 60)
    with pytest.raises(IntegrityError):
        check(written, 61)
    for spoil in ("DELETE FROM articles_stems_docsize WHERE id = 3", "UPDATE article_tags SET tag = 999 WHERE article = 5"):
        shutil.copy(written, tmp_path / "spoilt.sqlite")
        with opened(tmp_path / "spoilt.sqlite") as db:
            changed = db.execute(spoil).rowcount
            db.commit()
        assert changed > 0
        with pytest.raises(IntegrityError, match="read back"):
            check(tmp_path / "spoilt.sqlite", 60)


def test_the_command_writes_it(copied: Crawled) -> None:
    done = copied.osiris("export", "sqlite", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    said = json.loads(done.stdout)
    assert said["articles"] == 60
    assert copied.folder / said["path"] == copied.collection.exports / "c.sqlite"
    check(copied.folder / said["path"], 60)


def test_an_article_that_is_there_twice_is_told_and_nothing_is_written(dataset: Dataset) -> None:
    made = dataset([article("1", date="2015-01-01"), article("1", date="2016-01-01")])
    with pytest.raises(IntegrityError, match=r"articles\.jsonl contradicts itself"):
        made.export("sqlite", "x.sqlite")
    assert [path.name for path in made.folder.iterdir()] == ["output"]
