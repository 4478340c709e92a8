"""Months that stand out from those beside them."""

from __future__ import annotations

from random import Random

from osiris_crawler.audit.months import odd


def counts(first: int, values: list[int]) -> dict[str, int]:
    return {f"{first + n // 12}-{n % 12 + 1:02d}": value for n, value in enumerate(values) if value}


def test_a_month_without_articles_among_full_ones_stands_out() -> None:
    held = counts(2010, [30, 31, 28, 33, 30, 29, 0, 31, 30, 32, 28, 30, 31, 29])
    assert [(one.month, one.held) for one in odd(held, "2011-02")] == [("2010-07", 0)]
    found = odd(held, "2011-02")[0]
    assert 0 < found.least < 30 < found.most


def test_the_first_month_and_the_present_one_are_not_whole() -> None:
    held = counts(2010, [1, 31, 28, 33, 30, 29, 30, 31, 30, 32, 28, 30, 31, 2])
    assert odd(held, "2011-02") == []


def test_two_of_them_do_not_hide_each_other() -> None:
    held = counts(2010, [30, 31, 28, 33, 30, 29, 0, 0, 30, 32, 28, 30, 31, 29])
    assert [one.month for one in odd(held, "2011-02")] == ["2010-07", "2010-08"]


def test_chance_alone_is_rarely_pointed_out() -> None:
    chance, pointed, months = Random(3), 0, 0
    for _site in range(200):
        rate = chance.choice((2, 10, 60, 200))
        values = [sum(chance.random() < rate / 1000 for _n in range(1000)) for _month in range(24)]
        pointed += len(odd(counts(2010, values), "2011-12"))
        months += 22
    assert pointed <= months * 0.003


def test_nothing_is_said_of_few_months_or_of_absurd_dates() -> None:
    assert odd(counts(2010, [5, 0, 5]), "2010-03") == []
    assert len(odd({"0001-01": 1, "2020-01": 3, "2020-02": 2}, "2020-03")) <= 3
