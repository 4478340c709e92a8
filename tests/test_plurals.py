"""One of a thing is told as one."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest

from osiris_crawler.commands.verify import _told
from osiris_crawler.crawl.budget import Budget
from osiris_crawler.crawl.forecast import Forecast
from osiris_crawler.verify.verdict import Verdict


@pytest.mark.parametrize("budget", ["max_requests", "limit"])
def test_a_budget_of_one(budget: str) -> None:
    settings = SimpleNamespace(max_requests=None, max_time=None, max_bytes=None, limit=None)
    setattr(settings, budget, 1)
    run: Any = SimpleNamespace(settings=settings, tally=SimpleNamespace(requests=1, articles=1, bytes=0))
    assert (run_out := _budget(run).used_up()) is not None
    assert re.search(r"\b1 (request|article) ", run_out[1]), run_out[1]


def _budget(run: Any) -> Budget:
    budget = Budget(run)
    budget.time_left = lambda: float("inf")  # type: ignore[method-assign]
    return budget


def test_what_verify_counts() -> None:
    verdict = Verdict()
    names = (
        "chunked", "foreign-payload-digest", "foreign-revisit-digest", "shared-members", "unknown-digest", "unknown-type",
        "as-taken-in", "other-reader", "only-in-copy",
    )  # fmt: skip
    verdict.notes.update(dict.fromkeys(names, 1))
    told = list(_told(verdict))
    assert len(told) == len(names)
    for sentence in told:
        assert re.match(r"1 (?:imported |revisit |WARC )*[a-z]+[^s\W] ", sentence), sentence
    verdict.notes.update(dict.fromkeys(names, 1))
    for sentence in _told(verdict):
        assert re.match(r"2 (?:imported |revisit |WARC )*[a-z]+s ", sentence), sentence


def test_a_forecast_on_one_page() -> None:
    told = Forecast(2, True, 3, 1, 10, 2, 20, 5, compared=1, changed=0)
    assert "of 1 page that" in told.basis()
    assert "of 2 pages that" in Forecast(2, True, 3, 2, 10, 1, 20, 5, compared=2, changed=0).basis()
