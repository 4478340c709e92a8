"""Which articles an export takes: filters, restrictions, and what is said of them."""

from __future__ import annotations

from typing import Any

import pytest

from osiris_crawler.errors import UsageError
from osiris_crawler.export.choosing import Choice, known_fields
from osiris_crawler.export.job import Job
from osiris_crawler.export.rows import Rows
from osiris_crawler.record import keys
from tests.export.datasets import Dataset, Made, article

ALL = ["1", "2", "3", "breve4", "Slug-Deux", "slug-deux"]


def rows_of(made: Made, *, with_restricted: bool = False, **asked: Any) -> tuple[list[dict[str, Any]], Rows]:
    rows = Rows(Job(made.collection, made.folder / "x", choice=Choice.of(**asked), with_restricted=with_restricted))
    return list(rows), rows


def ids(made: Made, **asked: Any) -> list[str]:
    return [one["id"] for one in rows_of(made, **asked)[0]]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, ALL),
        ({"since": "2015"}, ["3", "breve4", "Slug-Deux"]),
        ({"until": "2015-01"}, ["1", "2", "3"]),
        ({"since": "1998-01-03", "until": "2015"}, ["3", "breve4"]),
        ({"since": "2015-01-30", "until": "2015-01-30"}, ["3"]),
        ({"tags": ["INTERNET"]}, ["1", "2"]),
        ({"tags": ["telephonie", "a | b"]}, ["1", "3"]),
        ({"tags": ["tele : l'ecran"]}, ["slug-deux"]),
        ({"sections": ["articles de presse"]}, ["1", "Slug-Deux"]),
        ({"sections": ["annee 2016"]}, ["Slug-Deux"]),
        ({"outlets": ["le soleil", "OUESTAF"]}, ["1", "3"]),
        ({"sections": ["Articles de presse"], "tags": ["Internet"], "since": "1998", "until": "1998"}, ["1"]),
        ({"duplicates": False}, ["1", "3", "breve4", "slug-deux"]),
        ({"duplicates": False, "since": "2016"}, ["Slug-Deux"]),
    ],
)
def test_what_is_taken(asked: dict[str, Any], expected: list[str], dataset: Dataset) -> None:
    found, rows = rows_of(dataset(), **asked)
    assert [one["id"] for one in found] == expected
    assert rows.taken + sum(rows.left_out.values()) == len(ALL)
    assert rows.warnings == []


@pytest.mark.parametrize("part", ["Intern", "Internet ou", "nternet"])
def test_a_part_of_a_name_is_another_name(part: str, dataset: Dataset) -> None:
    assert ids(dataset(), tags=[part]) == []


def test_what_has_no_date_is_in_no_span_of_days_and_is_counted_apart(dataset: Dataset) -> None:
    _found, rows = rows_of(dataset(), since="2015", sections=["Brèves"])
    assert rows.left_out == {"restricted": 0, "filtered": 5, "undated": 0}
    _found, rows = rows_of(dataset(folder="other"), until="2015")
    assert rows.left_out == {"restricted": 0, "filtered": 1, "undated": 1}
    assert rows.told() == "4 articles. 1 article is not what was asked for. 1 article has no date and is left out."


def test_a_name_that_no_article_has_is_told_with_near_ones(dataset: Dataset) -> None:
    _found, rows = rows_of(dataset(), tags=["Internett", "Téléphonie"], sections=["presse"])
    assert rows.warnings == [
        "No article has what --tag 'Internett' asks for. Near ones: Internet.",
        "No article has what --section 'presse' asks for. Near ones: Articles de presse.",
        "No article is left: what was written is valid and has none in it.",
    ]


@pytest.mark.parametrize("scope", ["exports", "dataset", "all"])
def test_what_is_restricted_is_left_out_and_not_referred_to(scope: str, dataset: Dataset) -> None:
    made = dataset()
    made.restrict({"id": "1", "scope": scope}, {"url": "http://www.o.example/breve4", "scope": scope})
    found, rows = rows_of(made)
    assert [one["id"] for one in found] == ["2", "3", "Slug-Deux", "slug-deux"]
    assert [one["duplicate_of"] for one in found] == [None, None, "3", None]
    assert (rows.taken, rows.left_out) == (4, {"restricted": 2, "filtered": 0, "undated": 0})
    assert rows.told() == "4 articles. 2 articles are restricted and left out."
    assert ids(made, with_restricted=True) == ALL
    assert ids(made, duplicates=False) == ["2", "3", "slug-deux"]


def test_what_is_restricted_elsewhere_alone_stays(dataset: Dataset) -> None:
    made = dataset()
    made.restrict({"id": "1", "scope": ["search", "replay"]}, {"id": "3", "until": "2020-01-01"})
    assert ids(made) == ALL


def test_restrictions_that_cannot_be_read_end_it(dataset: Dataset) -> None:
    made = dataset()
    made.collection.restrictions.write_text("{\n")
    with pytest.raises(UsageError, match="Line 1"):
        rows_of(made, with_restricted=True)


def test_rows_are_read_while_they_are_taken(dataset: Dataset) -> None:
    made = dataset()
    told: list[int] = []
    rows = iter(Rows(Job(made.collection, made.folder / "x", progress=lambda done, total: told.append(done))))
    next(rows)
    next(rows)
    assert len(told) == 1


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ({"since": "15"}, "--since can't be '15'"),
        ({"until": "2015-13"}, "There is no such day"),
        ({"since": "2016", "until": "2015"}, "is after --until 2015"),
    ],
)
def test_days_that_are_none(asked: dict[str, str], part: str) -> None:
    with pytest.raises(UsageError) as problem:
        Choice.of(**asked)  # type: ignore[arg-type]
    assert part in str(problem.value)


def test_fields_by_name() -> None:
    assert known_fields([]) == ()
    assert known_fields(["title, id", "date", "id"]) == ("title", "id", "date")
    assert known_fields([",".join(keys())]) == tuple(keys())
    for name, near in (("titel", "title"), ("Date", "date"), ("", "url"), ("zzzz", "url")):
        with pytest.raises(UsageError) as problem:
            known_fields([name])
        assert repr(name) in problem.value.what
        assert near in problem.value.hint


def test_a_dataset_of_one_is_said_so(dataset: Dataset) -> None:
    assert rows_of(dataset([article("1")]))[1].told() == "1 article."
