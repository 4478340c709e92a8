"""Sizes, clocks that jump, and the log for programs."""

from __future__ import annotations

import json
import logging
import sys
import time
from pathlib import Path

import pytest

from osiris_crawler.crawl.logfile import JsonLines
from osiris_crawler.ledger.frontier import LONGEST_WAIT, Target
from osiris_crawler.ledger.ledger import Ledger
from osiris_crawler.settings import size


@pytest.mark.parametrize(
    ("text", "expected"),
    [("500MB", 500_000_000), ("1.5 GB", 1_500_000_000), ("2g", 2_000_000_000), ("10", 10), ("3kB", 3000), (7, 7)],
)
def test_sizes(text: object, expected: int) -> None:
    assert size(text) == expected


@pytest.mark.parametrize("text", ["", "0", "-5MB", "5XB", "1e9", "inf", "MB", "5 M B"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(ValueError, match="500MB"):
        size(text)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    found = Ledger(tmp_path / "state.sqlite")
    found.frontier.add([Target("a", "http://s/a", "article", 4)], 1, None)
    return found


def test_an_address_waits_for_its_time_but_not_for_a_clock_that_was_set_back(ledger: Ledger) -> None:
    now = time.time()
    (lease,) = ledger.frontier.lease(5, now=now)
    ledger.frontier.retry(lease.id, now + 30, "HTTP 503")
    assert ledger.frontier.lease(5, now=now + 29.9) == []
    assert ledger.frontier.lease(5, now=now - 1800) == []
    (lease,) = ledger.frontier.lease(5, now=now - LONGEST_WAIT - 1)  # the clock ran years ahead, and has been put right
    ledger.frontier.retry(lease.id, now + 30, "HTTP 503")
    assert len(ledger.frontier.lease(5, now=now + 30)) == 1


def test_what_was_charged_is_taken_back_with_the_gap(ledger: Ledger) -> None:
    for _turn in range(5):
        ledger.frontier.lease(1, now=time.time() + 10)
        ledger.attempt_failed("a", 0.0, "no answer")
    assert ledger.gap("a") == 1
    assert ledger.frontier.refund("a", 5, gap=True) == 1
    (lease,) = ledger.frontier.lease(1)
    assert lease.attempts == 0
    assert ledger.db.value("SELECT count(*) FROM gaps") == 0


def test_a_line_of_the_log_has_no_password() -> None:
    try:
        raise OSError("http://joe:secret@s.example/b is away")
    except OSError:
        record = logging.LogRecord(
            "x", logging.ERROR, "", 0, "no answer: %s: %s", ("http://joe:secret@s.example/a", "why"), sys.exc_info()
        )
    line = JsonLines("20270101000000-crawl").format(record)
    assert "secret" not in line
    entry = json.loads(line)
    assert entry["url"] == "http://s.example/a"
    assert (entry["level"], entry["run"], entry["time"][-1]) == ("ERROR", "20270101000000-crawl", "Z")
    assert "traceback" in entry
