"""osiris export release: what is in the folder, what is not, that it is always the same, and that others accept it."""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
import json
import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from osiris_crawler.audit.certificate import state_of
from osiris_crawler.errors import IntegrityError, OsirisError, UsageError
from osiris_crawler.export.release import plots
from osiris_crawler.export.release.terms import LICENSES, Terms
from osiris_crawler.record import keys
from tests import warm
from tests.browser import lacking
from tests.export.datasets import LONG, Dataset, Made, article, odd
from tests.peers.conftest import PEERS

TEXTS = {"lead", "body", "ps", "notes"}
WITH_TEXT = Terms.of(
    with_text=True, basis="Accord du 3 mai: « 12 » <b>|\n#x", license="cc0-1.0", creators=["Diop, Awa", "Institut: x"],
    doi="https://doi.org/10.5281/zenodo.1",
)  # fmt: skip


@pytest.fixture
def drawn() -> None:
    """For a test whose releases have their plots, as far as the extra is installed."""


@pytest.fixture(autouse=True)
def undrawn(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Plots take seconds: the others are as if the extra were not installed."""
    if "drawn" not in request.fixturenames:
        monkeypatch.setattr(plots, "check_plots", missing)


def missing() -> None:
    raise UsageError("Plots need the package altair.")


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in gzip.decompress((folder / "articles.jsonl.gz").read_bytes()).splitlines()]


def load(folder: Path, name: str) -> Any:
    return json.loads((folder / name).read_bytes())


def osiris(made: Made, *arguments: str, language: str = "en") -> subprocess.CompletedProcess[str]:
    other = {} if language == "en" else {"OSIRIS_LANG": language}
    return warm.run("export", *arguments, cwd=made.folder, env={"TZ": "Asia/Tokyo", **other})


# -- what is in it ----------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("drawn")
def test_two_releases_of_one_archive_are_the_same_whoever_makes_them(dataset: Dataset) -> None:
    made = dataset()
    typed = [
        "--with-text",
        "--basis",
        "Dépôt légal",
        "--license",
        "cc-by-4.0",
        "--creator",
        "Diop, Awa",
        "--doi",
        "10.1234/x",
    ]
    terms = Terms.of(with_text=True, basis="Dépôt légal", license="CC-BY-4.0", creators=["Diop, Awa"], doi="10.1234/x")
    made.export("release", "one", terms=terms, created=datetime(2031, 1, 1, tzinfo=UTC))
    first = files(made.folder / "one")
    pictures = [data for path, data in first.items() if path.endswith(".svg")]
    if importlib.util.find_spec("altair") and importlib.util.find_spec("vl_convert"):
        assert any(b"Articles over time" in data for data in pictures)
    else:
        assert not pictures
    done = osiris(made, "release", *typed, "--json", language="fr")
    assert (done.returncode, done.stderr) == (0, "")
    said = json.loads(done.stdout)
    assert Path(said["path"]).name == "c-release"
    assert (said["articles"], said["files"], len(said["warnings"])) == (6, 4, 1 if pictures else 2)
    assert files(made.collection.exports / "c-release") == first
    assert said["bytes"] == sum(map(len, first.values()))
    cite = json.loads(first["datacite.json"])
    assert (cite["doi"], cite["creators"][0]["familyName"]) == ("10.1234/x", "Diop")
    assert [one.get("rightsIdentifier") for one in cite["rightsList"]] == ["CC-BY-4.0", None, None]


def test_a_release_replaces_its_like_and_has_no_clock_in_it(dataset: Dataset) -> None:
    made = dataset()
    made.export("release", "one", created=datetime(2026, 3, 1, tzinfo=UTC))
    first = files(made.folder / "one")
    written = made.export("release", "one", created=datetime(2031, 1, 1, tzinfo=UTC))
    assert files(made.folder / "one") == first
    assert written.told == "Version 2026.2.1. Metadata only, no texts. 6 articles."
    (made.folder / "mine").mkdir()
    with pytest.raises(UsageError, match="is there already"):
        made.export("release", "mine")


def test_without_a_basis_no_text_is_in_any_file(dataset: Dataset) -> None:
    made = dataset()
    made.export("release", "m")
    made.export("release", "t", terms=WITH_TEXT)
    for name, texts in (("m", False), ("t", True)):
        folder = made.folder / name
        held = files(folder)
        plain = [*held.values(), gzip.decompress(held["articles.jsonl.gz"])]
        plain += [json.dumps(pq.read_table(path).to_pylist(), default=str, ensure_ascii=False).encode()
                  for path in sorted((folder / "data").iterdir())]  # fmt: skip
        for text in (LONG[:40], 'Chapô"', "=4", "Texte 1.", "“Tis’", "+3"):
            assert any(text.encode() in one for one in plain) is texts, text
        wanted = [key for key in keys() if texts or key not in TEXTS]
        assert list(lines(folder)[0]) == list(load(folder, "schema.json")["properties"]) == wanted
        card = (folder / "README.md").read_text("utf-8")
        assert ("> Accord du 3 mai: « 12 » &lt;b>| #x" in card) is texts
        assert ("No text of an article is in it" in card) is not texts
        assert "belong to their authors and publishers" in card
        told = [one["rights"] for one in load(folder, "datacite.json")["rightsList"]]
        assert any("Accord du 3 mai: « 12 » <b>| #x" in one for one in told) is texts
        assert any("belong to their authors and publishers" in one for one in told)
    # A licence of the metadata is none of the texts: where a reader takes one for all, none is said.
    cff = (made.folder / "t" / "CITATION.cff").read_text("utf-8")
    assert "license:" not in cff
    assert "licenses" not in load(made.folder / "t", "datapackage.json")
    assert "license: other\n" in card


def test_tables_are_by_year_of_one_schema_and_hold_what_the_lines_hold(dataset: Dataset) -> None:
    made = dataset()
    made.export("release", "r", terms=WITH_TEXT)
    data = made.folder / "r" / "data"
    assert sorted(path.stem.removeprefix("articles-") for path in data.iterdir()) == ["1998", "2015", "2016", "undated"]
    schemas = [pq.read_schema(path) for path in data.iterdir()]
    assert all(schema.equals(schemas[0], check_metadata=True) for schema in schemas)
    assert lines(made.folder / "r") == made.articles
    query = f"SELECT id, year(date), len(sources), capture.\"offset\" FROM '{data}/*.parquet' ORDER BY date, id"
    assert duckdb.sql(query).fetchall() == [
        (one["id"], int(one["date"][:4]) if one["date"] else None, len(one["sources"]), 2**40) for one in made.articles
    ]
    found = duckdb.sql(f"SELECT count(*) FROM read_json('{made.folder}/r/articles.jsonl.gz')").fetchall()
    assert found == [(6,)]


def test_every_file_is_summed_and_every_date_is_the_archives(dataset: Dataset) -> None:
    made = dataset()
    made.export("release", "r", title="Presse", description="De la *presse*.")
    held = files(made.folder / "r")
    sums = dict(line.split("  ")[::-1] for line in held.pop("checksums-sha256.txt").decode().splitlines())
    assert sums == {path: hashlib.sha256(data).hexdigest() for path, data in held.items()}
    described = {one["path"]: one["hash"] for one in load(made.folder / "r", "datapackage.json")["resources"]}
    assert described == {path: f"sha256:{sums[path]}" for path in described}
    assert {"data/articles-1998.parquet", "articles.jsonl.gz", "schema.json", "statistics/outlets.csv"} < set(described)
    croissant = load(made.folder / "r", "croissant.json")
    objects = {one["@id"]: one["sha256"] for one in croissant["distribution"] if one["@type"] == "cr:FileObject"}
    assert objects == {path: sums[path] for path in objects}
    assert len(objects) == 5
    assert (croissant["version"], croissant["datePublished"]) == (
        "2026.2.1",
        "2026-02-01",
    )  # the withdrawal was seen then
    cite = load(made.folder / "r", "datacite.json")
    assert (cite["publicationYear"], cite["titles"], cite["creators"]) == (
        "2026",
        [{"title": "Presse"}],
        [{"name": ":unav"}],
    )
    assert "doi" not in cite
    assert "De la *presse*. Metadata, without texts, of 6 articles" in held["README.md"].decode()


def test_statistics_count_what_is_in_it(dataset: Dataset) -> None:
    made = dataset()
    made.restrict({"id": "2"})
    made.export("release", "r")
    figures = load(made.folder / "r", "statistics.json")
    assert (figures["articles"], figures["withdrawn"], figures["duplicates"], figures["changed"]) == (5, 0, 1, 1)
    assert figures["years"] == {"1998": 1, "2015": 2, "2016": 1, "undated": 1}
    assert figures["languages"] == {"und": 4, "wo": 1}
    assert figures["kinds"] == {"article": 4, "breve": 1}
    statistics = made.folder / "r" / "statistics"
    assert (
        "keyword,articles,share,first,last\r\nInternet,1,0.2,1998,1998\r\n"
        in (statistics / "keywords.csv").read_bytes().decode()
    )
    assert {path.suffix for path in statistics.iterdir()} == {".csv"}
    card = (made.folder / "r" / "README.md").read_text("utf-8")
    assert "| 2015 | 2 |" in card
    assert "- 1 of 5: without a date." in card
    assert "must not be shown are not in it" in card


def test_plots_that_cannot_be_drawn_leave_nothing(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    made = dataset()
    written = made.export("release", "r")
    assert "osiris-crawler[plots]" in written.warnings[-1]
    assert "There are no charts" in (made.folder / "r" / "README.md").read_text("utf-8")
    monkeypatch.setattr(plots, "check_plots", lambda: None)
    monkeypatch.setattr(plots, "sys", type("Sys", (), {"executable": "/bin/false", "path": []}))
    with pytest.raises(OsirisError, match="can't be drawn: 1"):
        made.export("release", "other")
    assert sorted(path.name for path in made.folder.iterdir()) == ["output", "r"]


def test_what_is_restricted_is_nowhere_in_it(dataset: Dataset) -> None:
    made = dataset([article("1", date="2015-01-01"), article("Secret-Titre", date="2016-01-01"),
                    article("3", date="2017-01-01", duplicate_of="Secret-Titre")])  # fmt: skip
    made.restrict({"id": "Secret-Titre", "scope": "exports"})
    written = made.export("release", "r", terms=WITH_TEXT)
    assert (written.counts["articles"], written.left_out["restricted"]) == (2, 1)
    held = files(made.folder / "r")
    assert "data/articles-2016.parquet" not in held
    assert not any(b"Secret" in data for data in [*held.values(), gzip.decompress(held["articles.jsonl.gz"])])
    for path in (made.folder / "r" / "data").iterdir():
        assert "Secret" not in str(pq.read_table(path).to_pylist())
    with pytest.raises(UsageError, match="for showing"):
        made.export("release", "r2", with_restricted=True)


# -- the audit's certificate ------------------------------------------------------------------------------------------


def certify(made: Made, at: str) -> str:
    made.collection.exports.mkdir(exist_ok=True)
    stem = f"c-audit-{at}"
    (made.collection.exports / f"{stem}.json").write_text(json.dumps({"state": state_of(made.collection)}))
    (made.collection.exports / f"{stem}.html").write_text(f"<p>{at}")
    return stem


def test_the_newest_certificate_comes_with_it_while_it_is_true(dataset: Dataset) -> None:
    made = dataset()
    made.close(a=b"warc")
    (made.collection.archive / "b.warc.gz.open").write_bytes(b"still written")
    made.collection.changes.write_text("{}\n")
    assert "“osiris audit --certificate” writes one" in made.export("release", "r").warnings[0]
    assert "no audit's certificate was there" in (made.folder / "r" / "README.md").read_text("utf-8")
    certify(made, "20260101T000000Z")
    stem = certify(made, "20260102T000000Z")
    (made.collection.exports / "c-audit-zzz.json").write_text("{}")
    assert "certificate" not in " ".join(made.export("release", "r").warnings)
    held = files(made.folder / "r")
    assert {path for path in held if path.startswith("certificate/")} == {
        f"certificate/{stem}.html",
        f"certificate/{stem}.json",
    }
    assert f"](certificate/{stem}.html)" in held["README.md"].decode()
    made.close(a=b"warc", c=b"another")
    assert "has changed since the last audit" in made.export("release", "r").warnings[0]
    assert not (made.folder / "r" / "certificate").exists()
    certify(made, "20260103T000000Z")
    made.restrict({"id": "1"})  # after the audit, which may name it
    assert "could name what is restricted" in made.export("release", "r").warnings[0]
    assert not (made.folder / "r" / "certificate").exists()


def test_no_certificate_comes_with_it_when_the_dataset_has_lost_what_is_restricted(dataset: Dataset) -> None:
    """As `osiris restrict` leaves it: no line is left out any more, and an audit may still name the article."""
    made = dataset([article("1", date="2015-01-01"), article("2", date="2016-01-01")])
    made.close(a=b"warc")
    made.restrict({"id": "Secret-Titre"})
    certify(made, "20260101T000000Z")
    written = made.export("release", "r")
    assert "could name what is restricted" in written.warnings[0]
    assert not (made.folder / "r" / "certificate").exists()
    assert "must not be shown are not in it" in (made.folder / "r" / "README.md").read_text("utf-8")


def test_what_a_page_declares_as_its_language_is_no_markup_of_the_card(dataset: Dataset) -> None:
    made = dataset([article("1", date="2015-01-01", language='x" [site](https://evil.example/) "y'), article("2", date="2016-01-01", language="wo")])
    made.export("release", "r")
    card = (made.folder / "r" / "README.md").read_text("utf-8")
    assert "evil.example" not in card and "`wo`" in card


# -- what it refuses --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["--with-text"], "--with-text needs a basis"),
        (["--with-text", "--basis", " \n"], "--with-text needs a basis"),
        (["--basis", "x"], "--basis says nothing without --with-text"),
        (["--license", "MIT"], "none of the licences for data"),
        (["--doi", "zenodo.1"], "is no DOI"),
        (["--doi", '10.5281/x"\n'], "is no DOI"),
        (["--creator", ""], "--creator has no name"),
    ],
)
def test_terms_that_cannot_be(asked: list[str], said: str) -> None:
    values = dict(zip(asked, [*asked[1:], ""], strict=True))
    with pytest.raises(UsageError, match=said) as problem:
        Terms.of(
            with_text="--with-text" in asked, basis=values.get("--basis"), license=values.get("--license"),
            creators=[values["--creator"]] if "--creator" in values else [], doi=values.get("--doi"),
        )  # fmt: skip
    assert problem.value.hint


def test_terms_as_they_are_typed(dataset: Dataset) -> None:
    made = dataset()
    done = osiris(made, "release", "--with-text")
    assert (done.returncode, len(done.stderr.splitlines()), "--basis TEXT" in done.stderr) == (2, 1, True)
    done = osiris(made, "csv", "--license", "CC0-1.0")
    assert (done.returncode, "Formats that take it: release." in done.stderr) == (2, True)
    assert not made.collection.exports.exists()


def test_a_dataset_that_is_empty_or_out_of_order_leaves_nothing(dataset: Dataset) -> None:
    empty = dataset([], "empty")
    with pytest.raises(UsageError, match="no article to release"):
        empty.export("release", "r")
    mixed = dataset(
        [article("1", date="2015-01-01"), article("2", date="2016-01-01"), article("3", date="2015-02-01")], "mixed"
    )
    with pytest.raises(IntegrityError, match="order of days"):
        mixed.export("release", "r")
    assert [sorted(path.name for path in made.folder.iterdir()) for made in (empty, mixed)] == [["output"], ["output"]]


# -- other people's tools ---------------------------------------------------------------------------------------------


def accepted(folder: Path, home: Path) -> dict[str, Any]:
    python = PEERS / "bin" / "python"
    if not python.exists():
        lacking("the tools of tests/tools.txt are missing: run “make peers”")
    done = subprocess.run(
        [python, "-P", Path(__file__).with_name("accepting.py"), folder], capture_output=True, text=True, timeout=120, check=False,
        env={**os.environ, "PYTHONUTF8": "1", "HF_HUB_OFFLINE": "1", "HF_HOME": str(home), "HOME": str(home)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("terms", [Terms(), WITH_TEXT], ids=["metadata", "texts"])
def test_others_accept_it_and_load_it_without_options(terms: Terms, dataset: Dataset, tmp_path: Path) -> None:
    made = dataset([*odd(), article("zz", language="no", title='a "b": #c')])
    made.export("release", "r", terms=terms, title="Presse: “l’un” & <l'autre> #1", description="- x: y")
    found = accepted(made.folder / "r", tmp_path)
    ids = [one["id"] for one in made.articles]
    assert (found["frictionless"]["valid"], found["frictionless"]["errors"]) == (True, [])
    assert found["frictionless"]["rows"]["articles.jsonl.gz"] == 7
    assert found["croissant"]["errors"] == found["croissant"]["warnings"] == []
    records = found["croissant"]["records"]
    assert [one["articles/id"] for one in records] == ids
    outlets = [[source["articles/sources/outlet"] for source in one["articles/sources"]] for one in records]
    assert outlets == [[source["outlet"] for source in one["sources"]] for one in made.articles]
    assert [one["articles/tags"] for one in records] == [one["tags"] for one in made.articles]
    assert records[0]["articles/capture"]["articles/capture/offset"] == 2**40
    assert ("articles/body" in records[0]) is terms.with_text
    assert (found["datasets"]["splits"], found["datasets"]["ids"]) == (["train"], ids)
    assert found["datasets"]["columns"] == [key for key in keys() if terms.with_text or key not in TEXTS]
    assert found["datacite"] == []
    assert found["pandas"] == found["pandas_lines"] == found["polars"] == ids
    card, cff = found["yaml"]["card"], found["yaml"]["cff"]
    assert (card["pretty_name"], card["language"]) == ("Presse: “l’un” & <l'autre> #1", ["no", "wo"])
    assert card["configs"] == [{"config_name": "default", "data_files": [{"split": "train", "path": "data/*.parquet"}]}]
    assert (cff["cff-version"], cff["type"], cff["title"]) == ("1.2.0", "dataset", card["pretty_name"])
    assert (cff["version"], cff["date-released"]) == ("2026.2.1", "2026-02-01")
    assert set(cff) - {"doi"} == {
        "cff-version", "type", "message", "title", "abstract", "authors", "version", "date-released", "keywords",
    }  # fmt: skip
    if terms.with_text:
        assert cff["authors"] == [{"family-names": "Diop", "given-names": "Awa"}, {"name": "Institut: x"}]
        assert "Accord du 3 mai: « 12 » <b>| #x" in cff["abstract"]


def test_they_would_find_damage(dataset: Dataset, tmp_path: Path) -> None:
    """They look: a row that is not of the schema, and a table that has changed since it was described."""
    made = dataset()
    made.export("release", "r")
    folder = made.folder / "r"
    text = gzip.decompress((folder / "articles.jsonl.gz").read_bytes()).replace(b'"version":3', b'"version":"x"')
    (folder / "articles.jsonl.gz").write_bytes(gzip.compress(text))
    with (folder / "data" / "articles-1998.parquet").open("ab") as table:
        table.write((folder / "data" / "articles-1998.parquet").read_bytes())
    cite = load(folder, "datacite.json")
    del cite["creators"]
    (folder / "datacite.json").write_text(json.dumps(cite))
    found = accepted(folder, tmp_path)
    assert found["frictionless"]["valid"] is False
    kinds = {kind for kind, _note in found["frictionless"]["errors"]}
    assert {"type-error", "hash-count"} & kinds
    assert "'creators' is a required property" in found["datacite"][0]


@pytest.mark.parametrize("id", LICENSES)
def test_a_licence_is_said_where_it_holds_for_all(id: str, dataset: Dataset) -> None:
    made = dataset([article("1", date="2015-01-01")])
    made.export("release", "r", terms=Terms.of(with_text=False, basis=None, license=id.lower(), creators=[], doi=None))
    name, url, hub = LICENSES[id]
    folder = made.folder / "r"
    assert f"license: {hub}\n" in (folder / "README.md").read_text("utf-8")
    assert f"\nlicense: {id}\n" in (folder / "CITATION.cff").read_text("utf-8")
    assert load(folder, "croissant.json")["license"] == url
    assert load(folder, "datapackage.json")["licenses"] == [{"name": id, "path": url, "title": name}]
