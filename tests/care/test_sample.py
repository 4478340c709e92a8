"""A sample: who is drawn, what verdicts may say, and how far off the share of errors may be."""

from __future__ import annotations

import hashlib
import io
import json
from collections import Counter
from math import comb
from pathlib import Path
from typing import Any

import pytest

from osiris_crawler.care.sample.drawing import Draw, draw
from osiris_crawler.care.sample.proportion import wilson
from osiris_crawler.care.sample.scoring import markdown, score
from osiris_crawler.care.sample.verdicts import read_scores
from osiris_crawler.errors import IntegrityError, UsageError

# -- intervals ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("errors", "scored", "low", "high"),
    [
        (0, 10, 0.0, 0.2775),
        (1, 10, 0.0179, 0.4042),
        # R. G. Newcombe 1998, Statistics in Medicine 17, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (10, 10, 0.7225, 1.0),
    ],
)
def test_wilson_as_published(errors: int, scored: int, low: float, high: float) -> None:
    found = wilson(errors, scored)
    assert found == pytest.approx((low, high), abs=0.00005)
    assert wilson(errors, scored, 20 * scored) == found  # one in twenty is no large sample


def test_a_large_sample_is_without_replacement() -> None:
    assert wilson(3, 100, 100) == (0.03, 0.03)
    low, high = wilson(3, 100, 200)
    assert wilson(3, 100)[0] < low < 0.03 < high < wilson(3, 100)[1]
    assert (low, high) == pytest.approx(wilson(6, 200), abs=0.001)  # n(N-1)/(N-n) = 199 in place of 100


def test_the_interval_holds_what_it_says() -> None:
    """Over all populations of 120, and every sample of 40 of each, counted exactly: 95 of 100 intervals hold the share."""
    population, scored = 120, 40
    held = 0.0
    for wrong in range(population + 1):
        for errors in range(max(0, scored - population + wrong), min(wrong, scored) + 1):
            low, high = wilson(errors, scored, population)
            chance = comb(wrong, errors) * comb(population - wrong, scored - errors) / comb(population, scored)
            held += chance * (low - 1e-12 <= wrong / population <= high + 1e-12)
    assert held / (population + 1) == pytest.approx(0.95, abs=0.01)


# -- the draw -------------------------------------------------------------------------------------------------------------


def line(id: str, date: str | None = "2001-05-03", section: tuple[str, ...] = ()) -> bytes:
    article: dict[str, Any] = {
        "id": id, "url": f"http://s.example/{id}", "urls": [], "date": date, "section": list(section), "reader": "2",
        "capture": {"warc": "w.warc.gz", "offset": 0, "record_id": "<urn:uuid:1>", "date": "2024-01-01T00:00:00Z"},
    }  # fmt: skip
    return json.dumps(article).encode() + b"\n"


def ids(lines: list[bytes], found: Draw) -> list[str]:
    data = b"".join(lines)
    return [json.loads(data[place.offset :].split(b"\n", 1)[0])["id"] for place in found.places]


def test_seed_and_ids_alone_decide() -> None:
    lines = [line(str(n)) for n in range(200)]
    found = draw(io.BytesIO(b"".join(lines)), 20, "graine")
    sums = {str(n): hashlib.sha256(f"graine\n{n}".encode()).digest() for n in range(200)}
    assert ids(lines, found) == sorted(sums, key=sums.__getitem__)[:20]
    assert (found.population, found.readers) == (200, {"2": 200})
    turned = lines[::-1]
    assert ids(turned, draw(io.BytesIO(b"".join(turned)), 20, "graine")) == ids(lines, found)
    assert set(ids(lines, draw(io.BytesIO(b"".join(lines)), 20, "autre"))) != set(ids(lines, found))
    more = ids(lines, draw(io.BytesIO(b"".join(lines)), 50, "graine"))
    assert more[:20] == ids(lines, found)  # a larger sample goes on with the smaller one


def test_all_when_there_are_fewer_and_none_that_is_hidden() -> None:
    lines = [line(str(n)) for n in range(9)]
    found = draw(io.BytesIO(b"".join(lines)), 50, "1", hides=lambda article: article["id"] in ("3", "4"))
    assert sorted(ids(lines, found)) == ["0", "1", "2", "5", "6", "7", "8"]
    assert (found.population, found.restricted) == (7, 2)


def test_strata_get_their_share_and_every_article_its_chance() -> None:
    years = {"1999": 100, "2005": 50, "": 47, "2020": 3}
    lines = [
        line(f"{year}-{n}", f"{year}-01-01" if year else None) for year, size in years.items() for n in range(size)
    ]
    times: Counter[str] = Counter()
    for seed in range(200):
        found = draw(io.BytesIO(b"".join(lines)), 20, str(seed), "year")
        drawn = Counter(id.split("-")[0] for id in ids(lines, found))
        assert sum(drawn.values()) == 20
        for year, size in years.items():
            assert abs(drawn[year] - size / 10) < 1
            assert found.strata[year] == (size, drawn[year])
        times += drawn
    # Three articles of 200 are 0.3 of 20: now none of them, now one, and 60 times in 200 seeds.
    assert 40 <= times["2020"] <= 80
    sections = [line(str(n), section=("A", "B") if n % 2 else ("C",)) for n in range(40)]
    assert draw(io.BytesIO(b"".join(sections)), 10, "1", "section").strata == {"A > B": (20, 5), "C": (20, 5)}


@pytest.mark.parametrize(
    "bad", [b"{", b"[]", b'{"id": 3}', line("x").replace(b'"offset": 0', b'"offset": "0"'), b"null"]
)
def test_a_line_that_is_no_record_is_named(bad: bytes) -> None:
    with pytest.raises(IntegrityError, match="Line 2 "):
        draw(io.BytesIO(line("1") + bad.strip() + b"\n" + line("2")), 5, "1")


def test_an_id_that_stands_twice() -> None:
    with pytest.raises(IntegrityError, match="Lines 1 and 3 "):
        draw(io.BytesIO(line("1") + line("2") + line("1")), 5, "1")


# -- verdicts -------------------------------------------------------------------------------------------------------------

FACTS: dict[str, Any] = {
    "format": "osiris-sample", "sample": "feed", "population": 400, "fields": ["title", "ps"],
    "articles": [{"number": n, "id": f"-{n}", "empty": ["ps"]} for n in (1, 2, 3, 4)],
}  # fmt: skip
HEAD = "number,id,field,verdict,note,read,sample\r\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sample.json").write_text(json.dumps(FACTS), "utf-8")
    return tmp_path


def test_scores_out_of_a_spreadsheet(folder: Path) -> None:
    rows = [
        "1,'-1,title,right,,,feed", "1,-1,ps,m,,,", '2,-2,title,WRONG,"a note\nof two lines",,feed', "2,-2,ps,1,,,",
        "3,-3,title,can't tell,,,", "3,-3,ps,right,,,", "4,-4,title,,,,", "", ",,,,,,", "4,-4,ps,right",
    ]  # fmt: skip
    (folder / "scores.csv").write_text("\ufeff" + HEAD + "\r\n".join(rows), "utf-8")
    result = score(read_scores(folder))
    title, ps = result.fields
    assert (title.right, title.wrong, title.unsure, title.unscored) == (1, 1, 1, 1)
    assert (ps.right, ps.missing, ps.unscored, ps.scored) == (3, 1, 0, 4)
    # Whole articles: -1 and -2 have an error, -3 can't be told, -4 is open.
    assert (result.articles.errors, result.articles.scored) == (2, 2)
    told = result.report()
    assert (told["verdicts"], told["drawn"], told["population"]) == (7, 4, 400)
    assert told["fields"][1] == {
        "field": "ps", "scored": 4, "errors": 1, "rate": 0.25, "low": 0.045587, "high": 0.699358, "corrected": False,
        "right": 3, "wrong": 0, "missing": 1, "invented": 0, "unsure": 0, "unscored": 0,
    }  # fmt: skip
    assert "| `ps` | 4 | 1 | 25.00 | 4.56–69.94 | 0 | 1 | 0 | 0 | 0 |" in markdown(result)


def test_semicolons_and_windows_1252(folder: Path) -> None:
    text = "Number;ID;Field;Verdict;Note\n1;-1;title;r;à revoir, vite\n"
    (folder / "other.csv").write_bytes(text.encode("cp1252"))
    assert read_scores(folder / "other.csv").verdicts == {(1, "title"): "right"}


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("2,-2,title,maybe,,,", "line 4: there is no verdict “maybe”"),
        ("2,-3,title,right,,,", "line 4: article 2 of the sample is “-2”, not “-3”"),
        ("9,-9,title,right,,,", "line 4: the sample has no article “9”"),
        ("²,-2,title,right,,,", "line 4: the sample has no article “²”"),
        ("2,-2,body,right,,,", "line 4: the sample has no field “body”"),
        ("2,-2,title,missing,,,", "line 4: something was read of title"),
        ("2,-2,ps,invented,,,", "line 4: nothing was read of ps"),
        ("1,-1,title,wrong,,,", "line 4: article 1 has two verdicts on title"),
        ("2,-2,title,right,,,beef", "line 4: it is of another sample (“beef”)"),
        ("2,-2,\x1b[2Jt,right,,,", "line 4: the sample has no field “ [2Jt”"),
    ],
)
def test_what_can_not_be_counted(folder: Path, row: str, why: str) -> None:
    (folder / "scores.csv").write_text(HEAD + '1,-1,title,right,"two\nlines",,\r\n' + row + "\r\n", "utf-8")
    with pytest.raises(UsageError) as problem:
        read_scores(folder)
    assert why in str(problem.value) and "scores.csv" in str(problem.value)


def test_scores_that_the_sheet_saved(folder: Path) -> None:
    (folder / "scores.csv").write_text(HEAD + "1,-1,title,,,,feed\r\n", "utf-8")
    entry = {"number": 1, "id": "-1", "field": "title", "verdict": "invented", "note": "x"}
    path = folder / "scores.json"
    path.write_text(json.dumps({"sample": "feed", "verdicts": [entry]}), "utf-8")
    assert read_scores(folder).verdicts == {(1, "title"): "invented"}
    (folder / "scores.csv").write_text(HEAD + "1,-1,title,right,,,feed\r\n", "utf-8")
    with pytest.raises(UsageError, match="both hold verdicts"):
        read_scores(folder)
    assert read_scores(folder / "scores.csv").verdicts == {(1, "title"): "right"}
    for text in (
        json.dumps({"sample": "beef", "verdicts": [entry]}),
        '{"sample": "feed", "verdicts": 3}',
        '{"sample": "feed", "verdicts": [3]}',
        '{"sample": "feed", "verdicts": [{"number": 1}]}',
        '{"sample": "feed",\n "verdicts": [',
        "{" + "[" * 100_000,
    ):
        path.write_text(text, "utf-8")
        with pytest.raises(UsageError, match=r"scores\.json"):
            read_scores(path)


def test_nothing_scored_is_no_result(folder: Path) -> None:
    for rows in ("", "1,-1,title,,,,\r\n2,-2,title,unsure,,,\r\n"):
        (folder / "scores.csv").write_text(HEAD + rows, "utf-8")
        with pytest.raises(UsageError, match="Nothing is scored"):
            score(read_scores(folder))
    (folder / "scores.csv").write_text("verdict\r\nright\r\n", "utf-8")
    with pytest.raises(UsageError, match="no column number, id, field"):
        read_scores(folder)
    (folder / "sample.json").write_text('{"format": "osiris-sample"}', "utf-8")
    with pytest.raises(UsageError, match="no sample of this program"):
        read_scores(folder)
    (folder / "sample.json").unlink()
    with pytest.raises(UsageError, match=r"no sample\.json"):
        read_scores(folder)
