"""osiris stats: what is counted, what is drawn, and what of it is shown to whom."""

from __future__ import annotations

import csv
import io
import json
import struct
import subprocess
import sys
import xml.etree.ElementTree as ET
import zlib
from pathlib import Path
from typing import Any

import pytest

from osiris_crawler.errors import UsageError
from osiris_crawler.export.job import Job
from osiris_crawler.export.rows import Rows
from osiris_crawler.export.stats import drafting, writing
from osiris_crawler.export.stats.counting import FIELDS, By, Stats, share
from osiris_crawler.export.stats.tables import Table
from osiris_crawler.export.stats.words import Origin, percent
from osiris_crawler.export.stats.writing import write_plots, write_tables
from osiris_crawler.record import Article, keys
from tests.conftest import ROOT, Osiris
from tests.export.datasets import Made, article, source

SVG = "{http://www.w3.org/2000/svg}"


def by(*outlets: str | None) -> list[dict[str, str | None]]:
    return [source(f"({name})", name) for name in outlets]


def articles() -> list[Article]:
    """In the dataset's order; “a” is the earliest of three, “e” of two, “g” of two without an outlet."""
    return [
        article("a", date="1999-03-01", tags=["Télé", "Télé", "<script>"], sources=by("Le Soleil", "Le Soleil"), body="un deux trois"),
        article("b", date="1999-03-09", duplicate_of="a", sources=by("Walf", "Sud"), lead="un", body="deux", language="fr"),
        article("c", date="1999-04-01", duplicate_of="a", sources=by("Walf"), language="wo", issues=["date"]),
        article("d", date="2001-01-01", tags=["Télé"], withdrawn="2026-03-01T00:00:00Z", language="fr", body="m " * 2500),
        article("e", date="2001-01-02", sources=[source("x", None, name="Sud")], body="m " * 150),
        article("f", date="2001-02-01", duplicate_of="e", sources=by("Sud")),
        article("g", date="2001-02-02"),
        article("h", date="2001-02-03", duplicate_of="g", sources=by("Walf")),
        article("i", tags=["Télé"]),
    ]  # fmt: skip


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return Made(tmp_path, articles())


def counted(made: Made, step: By = "year") -> Stats:
    stats = Stats(step)
    for one in Rows(Job(made.collection, made.folder / "x")):
        stats.add(one)
    return stats


def rows(stats: Stats, name: str) -> list[tuple[Any, ...]]:
    return list(stats.tables()[name].rows)


def test_over_time(made: Made) -> None:
    assert rows(counted(made), "time") == [
        ("1999", 3, 2, 3, 0, 7),
        ("2001", 5, 2, 3, 1, 2500 + 150 + 6),
        (None, 1, 0, 0, 0, 2),
    ]
    assert [row[:2] for row in rows(counted(made, "month"), "time")] == [
        ("1999-03", 2), ("1999-04", 1), ("2001-01", 2), ("2001-02", 3), (None, 1),
    ]  # fmt: skip
    for by in ("year", "month"):  # False is 0 to Python, and no number in a table
        assert {type(cell) for row in rows(counted(made, by), "time") for cell in row[1:]} == {int}
    assert counted(made).newest == "2026-03-01T00:00:00Z"


def test_names_count_once_an_article(made: Made) -> None:
    stats = counted(made)
    assert rows(stats, "keywords") == [
        ("Télé", 3, share(3, 9), "1999", "2001"),
        ("<script>", 1, share(1, 9), "1999", "1999"),
    ]
    assert rows(stats, "keywords_by_year") == [
        ("Télé", "1999", 1), ("Télé", "2001", 1), ("Télé", None, 1), ("<script>", "1999", 1),
    ]  # fmt: skip
    assert [row[:2] for row in rows(stats, "outlets")] == [("Sud", 3), ("Walf", 3), ("Le Soleil", 1)]
    assert [row[:2] for row in rows(stats, "languages")] == [("und", 6), ("fr", 2), ("wo", 1)]
    assert [row[:2] for row in rows(stats, "issues")] == [("date", 1)]


def test_reprints_lead_from_the_earliest_outlet(made: Made) -> None:
    stats = counted(made)
    assert rows(stats, "flows") == [("Le Soleil", "Walf", 2), ("Le Soleil", "Sud", 1), ("Sud", "Sud", 1)]
    assert stats.reprints == {"reprints": 4, "between_outlets": 3, "no_outlet": 1, "earliest_left_out": 0}


def test_lengths(made: Made) -> None:
    stats = counted(made)
    assert rows(stats, "lengths")[:2] == [("1999", 3, 2, 2, 2, 2, 2), ("2001", 5, 2, 2, 2, 150, 150)]
    words = rows(stats, "words")
    assert (words[0], words[1], words[-1], len(words)) == ((0, 99, 7), (100, 199, 1), (2000, None, 1), 21)


def test_fields(made: Made) -> None:
    stats = counted(made)
    assert {name.partition(".")[0] for name in FIELDS} < set(keys())
    found = {row[0]: row[1:] for row in rows(stats, "fields")}
    assert found["title"] == (9, 1.0, None, None)
    assert found["sources"] == (6, share(6, 9), "2001", 0.6)
    assert found["sources.outlet"] == (5, share(5, 9), "2001", 0.4)
    years = {row[:2]: row[2:] for row in rows(stats, "fields_by_year")}
    assert years["date", None] == (0, 0.0) and years["date", "2001"] == (5, 1.0)
    assert share(39_999, 40_000) < 1 and share(1, 40_000) > 0
    assert percent(0.999).startswith(">") and percent(0.001).startswith("<") and percent(0.5) == "50\u202f%"


def test_a_span_keeps_the_place_of_empty_years() -> None:
    assert drafting.span(["2001", "1999"]) == ["1999", "2000", "2001"]
    assert drafting.span(["1999-11", "2000-02"]) == ["1999-11", "1999-12", "2000-01", "2000-02"]
    assert drafting.span(["9999", "0001", "2001"]) == ["0001", "2001", "9999"]
    assert drafting.span([f"{year:04}" for year in range(1, 2000, 2)])[-1] == "1999"
    assert len(drafting.span([f"{year:04}" for year in range(1, 2000, 2)])) == 80


def test_sheets_are_no_formulas(tmp_path: Path) -> None:
    table = Table("t", ("name", "articles"), [("=1+1", 2), ('a"b\nc', None)])
    assert write_tables({"t": table}, tmp_path / "new" / "folder") == [tmp_path / "new" / "folder" / "t.csv"]
    text = (tmp_path / "new" / "folder" / "t.csv").read_bytes().decode()
    assert list(csv.reader(io.StringIO(text, newline=""))) == [["name", "articles"], ["'=1+1", "2"], ['a"b\nc', ""]]


def chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    """Type and data of each chunk of a PNG; its sum must be right."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    found, at = [], 8
    while at < len(data):
        (size,) = struct.unpack(">I", data[at : at + 4])
        body = data[at + 4 : at + 8 + size]
        assert data[at + 8 + size : at + 12 + size] == zlib.crc32(body).to_bytes(4, "big")
        found.append((body[:4], body[4:]))
        at += size + 12
    return found


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Every plot, twice."""
    folder = tmp_path_factory.mktemp("plots")
    stats = counted(Made(folder / "made", articles()))
    for name in ("first", "again"):
        write_plots(stats.tables(), Origin("c", stats.articles, stats.newest[:10]), folder / name, "both")
    return folder / "first", folder / "again"


def test_every_table_has_a_picture_that_says_what_it_shows(drawn: tuple[Path, Path], made: Made) -> None:
    names = list(counted(made).tables())
    assert {path.name for path in drawn[0].iterdir()} == {f"{name}.{kind}" for name in names for kind in ("svg", "png")}
    for name in names:
        root = ET.fromstring((drawn[0] / f"{name}.svg").read_text("utf-8"))
        title, desc = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
        assert title is not None and desc is not None and title.text and desc.text
        assert root.get("role") == "img" and root.get("aria-labelledby") == "title desc"
        assert "Source: collection c, 9 articles, newest capture 2026-03-01" in desc.text
        written = ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]
        assert title.text in written and any("Source: collection c, 9 articles, newest" in text for text in written)
        assert "http" not in "".join(root.itertext()) and not list(root.iter(f"{SVG}script"))
        assert not list(root.iter(f"{SVG}image"))
        texts = [data for kind, data in chunks((drawn[0] / f"{name}.png").read_bytes()) if kind == b"iTXt"]
        assert texts == [
            f"{key}\0\0\0\0\0{text}".encode() for key, text in (("Title", title.text), ("Description", desc.text))
        ]


def test_what_is_drawn(drawn: tuple[Path, Path]) -> None:
    def texts(name: str) -> list[str]:
        return ["".join(text.itertext()) for text in ET.parse(drawn[0] / f"{name}.svg").getroot().iter(f"{SVG}text")]

    assert {"Télé", "<script>", "3", "Keyword", "Articles"} <= set(texts("keywords"))
    assert {"Le Soleil", "Walf", "Sud", "2", "From", "To"} <= set(texts("flows"))
    assert {"1999", "2000", "2001", "Year"} <= set(texts("time"))
    assert any("1 article without a date" in text for text in texts("time"))
    assert "≥ 2\u202f000" in texts("words")


def test_the_same_tables_give_the_same_bytes(drawn: tuple[Path, Path]) -> None:
    first, again = ({path.name: path.read_bytes() for path in folder.iterdir()} for folder in drawn)
    assert len(first) == 24 and first == again


def test_an_accent_is_drawn(tmp_path: Path) -> None:
    """The typeface has the letters: with and without accents they are not the same picture."""
    pictures = []
    for name in ("Télé ç œ Ÿ", "Tele c o Y", "\ue000\ue001"):
        table = Table("keywords", ("keyword", "articles", "share", "first", "last"), [(name, 1, 1.0, "1999", "1999")])
        (path,) = write_plots({"keywords": table}, Origin("c", 1, "2026-01-01"), tmp_path / str(len(pictures)), "png")
        pictures.append(b"".join(data for kind, data in chunks(path.read_bytes()) if kind == b"IDAT"))
    assert len(set(pictures)) == 3


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(writing, "_NEEDED", ("altair", "no_such_package"))
    with pytest.raises(UsageError, match=r"no_such_package.*osiris-crawler\[plots\]"):
        write_plots({}, Origin("c", 0, ""), tmp_path / "x", "svg")
    assert not (tmp_path / "x").exists()


def test_counting_needs_no_extra() -> None:
    """Nor does the command: what draws is imported when it draws."""
    code = "import sys, osiris_crawler.commands.stats; assert not {'altair', 'vl_convert'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def options(made: Made) -> list[str]:
    return ["-o", str(made.collection.output), "-c", "c"]


def test_a_narrow_terminal_cuts_nothing(osiris: Osiris, made: Made) -> None:
    wide = osiris("stats", "time", "fields", *options(made), env={"COLUMNS": "200"}).stderr
    narrow = osiris("stats", "time", "fields", *options(made), env={"COLUMNS": "40"}).stderr
    assert [line.split() for line in narrow.splitlines()] == [line.split() for line in wide.splitlines()]
    assert "Period" in narrow and "sources.outlet" in narrow and "…" not in narrow


def test_text_gives_way_between_words(osiris: Osiris, tmp_path: Path) -> None:
    """Before figures do, and no word is broken."""
    made = Made(tmp_path, [article("a", tags=["Une rubrique dont le nom prend bien plus d'une ligne"])])
    said = osiris("stats", "keywords", *options(made), env={"COLUMNS": "50"}).stderr
    assert max(map(len, said.splitlines())) <= 50
    assert set("Une rubrique dont le nom prend bien".split()) <= set(said.split())
    assert {"Keyword", "Articles", "Share", "First", "Last"} <= set(said.split())


def test_for_people(osiris: Osiris, made: Made) -> None:
    made.restrict({"id": "d", "scope": "dataset"})
    done = osiris("stats", *options(made), "--limit", "1")
    assert (done.returncode, done.stdout) == (0, "")
    assert "8 articles. 1 article is restricted and left out." in done.stderr
    for text in (
        "Articles over time",
        "undated",
        "Télé",
        "Le Soleil",
        "title",
        "names no outlet",
        "… and 2 more",
        "… and 2 before",
    ):
        assert text in done.stderr, text
    assert "Keywords by year" not in done.stderr and "<script>" not in done.stderr
    one = osiris("stats", "keywords_by_year", *options(made)).stderr
    assert "Keywords by year" in one and "Articles over time" not in one
    assert osiris("stats", "time", *options(made), "--quiet").stderr == ""


def test_for_machines(osiris: Osiris, made: Made, tmp_path: Path) -> None:
    made.restrict({"id": "a", "scope": ["dataset"]})
    place = tmp_path / "out"
    done = osiris(
        "stats", *options(made), "--json", "--since", "1999", "--outlet", "walf", "--outlet", "sud", "--by", "month",
        "--csv", str(place), "--plots", str(place), "--format", "png",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["articles"], report["by"]) == (5, "month")
    assert report["left_out"] == {"restricted": 1, "filtered": 3, "undated": 0}
    assert report["flows"] == {"reprints": 2, "between_outlets": 1, "no_outlet": 0, "earliest_left_out": 1}
    assert report["tables"]["flows"] == [{"from": "Sud", "to": "Sud", "reprints": 1}]
    assert [row["period"] for row in report["tables"]["time"]] == ["1999-03", "1999-04", "2001-01", "2001-02"]
    assert "Le Soleil" not in done.stdout
    assert sorted(report["files"]) == sorted(map(str, place.iterdir()))
    assert {"time.csv", "time.png", "flows.csv", "keywords.csv"} <= {path.name for path in place.iterdir()}
    assert not (place / "keywords.png").exists()  # an empty table is no picture


def test_what_is_named_is_what_is_written(osiris: Osiris, made: Made, tmp_path: Path) -> None:
    done = osiris("stats", "keywords", "time", *options(made), "--json", "--limit", "1", "--csv", str(tmp_path / "s"))
    tables = json.loads(done.stdout)["tables"]
    assert (
        list(tables) == ["time", "keywords", "keywords_by_year"]
        and [len(table) for table in tables.values()] == [1] * 3
    )
    assert {path.stem for path in (tmp_path / "s").iterdir()} == set(tables)
    assert len((tmp_path / "s" / "keywords.csv").read_text("utf-8").splitlines()) == 3


def test_what_can_not_be(osiris: Osiris, made: Made, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for arguments, said in (
        (("keyword",), "keywords"),
        (("--format", "png"), "--plots"),
        (("--since", "2002", "--until", "2001"), "after"),
        (("time", "--csv", str(tmp_path / "file")), "can't be written"),
        (("time", "--plots", str(tmp_path / "file" / "x")), "can't be written"),
    ):
        done = osiris("stats", *arguments, *options(made))
        assert done.returncode == 2 and said in done.stderr and "Traceback" not in done.stderr, arguments
    none = osiris("stats", *options(made), "--tag", "tele2", "--json", "--plots", str(tmp_path / "none"))
    report = json.loads(none.stdout)
    assert (none.returncode, report["articles"], report["newest_capture"], report["files"]) == (0, 0, None, [])
    assert len(report["warnings"]) == 2 and "'tele2'" in report["warnings"][0] and "Télé" in report["warnings"][0]
    made.collection.articles.write_text("{}\n")
    assert osiris("stats", *options(made)).returncode == 6
    made.collection.articles.unlink()
    assert osiris("stats", *options(made)).returncode == 2
