"""Where sections hang, by what several kinds of pages say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from osiris_crawler.dataset.sections import Sections
from osiris_crawler.ledger.ledger import Ledger

PLAN, LISTED, TRAIL = 1, 0, 2


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    found = Ledger(tmp_path / "state.sqlite")
    yield found
    found.close()


def say(ledger: Ledger, section: str, parent: str | None, weight: int, crawl: int = 1) -> None:
    day = f"2024-01-0{crawl}T00:00:00Z"
    ledger.begin_run(f"r{crawl}", crawl, "crawl", day)
    row = (section, parent, section.title(), crawl, weight, day, day, f"http://s.example/-{section}-.html")
    ledger.db.execute("INSERT INTO nodes VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)


def test_a_section_page_is_believed_where_the_plan_says_nothing_of_what_is_above(ledger: Ledger) -> None:
    say(ledger, "root", None, TRAIL)
    say(ledger, "below", None, PLAN)
    say(ledger, "below", "root", LISTED)
    say(ledger, "deep", "below", PLAN)
    tree = Sections(ledger)
    assert tree.within("deep", "root")
    assert tree.path("below") == ["Below"]  # of the dataset's paths the plan has the word
    assert not tree.within("root", "below")


def test_a_menu_says_nothing_of_what_is_above(ledger: Ledger) -> None:
    for name, other in (("one", "two"), ("two", "one")):
        say(ledger, name, None, PLAN)
        say(ledger, name, other, LISTED)
    tree = Sections(ledger)
    assert tree.within("one", "two")
    assert not tree.within("one", "two", menu={"one", "two"})


def test_neither_a_breadcrumb_nor_an_older_walk_is_overruled(ledger: Ledger) -> None:
    say(ledger, "root", None, TRAIL)
    say(ledger, "root", "page", LISTED)
    say(ledger, "moved", "old", LISTED, crawl=1)
    say(ledger, "moved", None, PLAN, crawl=2)
    say(ledger, "moved", "new", LISTED, crawl=2)
    tree = Sections(ledger)
    assert not tree.within("root", "page")
    assert tree.within("moved", "new")
    assert not tree.within("moved", "old")
