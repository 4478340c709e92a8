from __future__ import annotations

import pytest

from osiris_crawler.extract.dates import begins_with_day, find_date, last_date, month_of, read_date


@pytest.mark.parametrize(
    ("text", "iso", "weekday"),
    [
        ("vendredi 30 janvier 2015", "2015-01-30", True),
        ("lundi 1er septembre 2008", "2008-09-01", True),
        ("mardi 1er septembre 2008", "2008-09-01", False),
        ("samedi 1er décembre 2018", "2018-12-01", True),
        ("30 janvier 2015", "2015-01-30", None),
        ("2 mai\u00a02003", "2003-05-02", None),
        ("6 otobre 2009", "2009-10-06", None),
        ("12 sept. 2001", "2001-09-12", None),
        ("3 AOUT 2004", "2004-08-03", None),
        ("3 août 2004", "2004-08-03", None),
        ("14 fevrier 1999", "1999-02-14", None),
        ("31/01/1999", "1999-01-31", None),
        ("1999-01-31", "1999-01-31", None),
        ("Friday, May 3, 2013", "2013-05-03", True),
        ("3rd May 2013", "2013-05-03", None),
        ("mars 1999", "1999-03", None),
        ("2003", "2003", None),
    ],
)
def test_read(text: str, iso: str, weekday: bool | None) -> None:
    found = read_date(text)
    assert found is not None
    assert (found.iso, found.weekday_ok) == (iso, weekday)


@pytest.mark.parametrize(
    "text",
    ["", "2 mai", "31 février 2001", "30/02/2001", "hier", "le 5 du mois", "12", "99/99/9999", "1850", "a" * 500],
)
def test_nothing_is_invented(text: str) -> None:
    assert read_date(text) is None


def test_the_first_and_the_last() -> None:
    text = "Publié le 3 mai 2001, corrigé le 7 juin 2002"
    assert find_date(text).iso == "2001-05-03"  # type: ignore[union-attr]
    assert last_date(text).iso == "2002-06-07"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("word", "month"),
    [("Octobre", 10), ("otobre", 10), ("ocotbre", 10), ("juillett", 7), ("mar", 3), ("mas", None), ("xxxxx", None)],
)
def test_months_with_a_slip(word: str, month: int | None) -> None:
    assert month_of(word) == month


@pytest.mark.parametrize(
    ("text", "begins"),
    [
        ("23 novembre, par Awa Ndiaye", True),
        ("\u00a0lundi 1er mai", True),
        ("le 3 août", True),
        ("par Awa Ndiaye, 23 novembre", False),
        ("12 mois de prison", False),
        ("45 novembre", False),
        ("2003", False),
    ],
)
def test_a_day_of_the_year_that_is_on(text: str, begins: bool) -> None:
    assert (begins_with_day(text), find_date(text)) == (begins, None)
