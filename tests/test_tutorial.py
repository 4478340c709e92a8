"""The tutorial's cells do what its page says that they do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests import tutorial


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[tuple[tutorial.Cell, str]]]:
    folder = tmp_path_factory.mktemp("tutorial")
    tutorial.demonstration(folder)
    return folder, list(tutorial.run(tutorial.cells(tutorial.PAGE.read_text("utf-8")), folder))


def test_every_cell_puts_out_what_the_page_shows(ran: tuple[Path, list[tuple[tutorial.Cell, str]]]) -> None:
    shown = [(cell, output) for cell, output in ran[1] if cell.output is not None]
    assert len(shown) >= 12
    for cell, output in shown:
        assert tutorial.alike(output), f"line {cell.line} puts out nothing"
        assert tutorial.alike(output) == tutorial.alike(cell.output or ""), (
            f"line {cell.line}: python -m tests.tutorial writes it anew"
        )


def test_the_chart_beside_the_page_is_the_one_that_its_cells_draw(
    ran: tuple[Path, list[tuple[tutorial.Cell, str]]],
) -> None:
    made, kept = (marks(folder / tutorial.CHART) for folder in (ran[0], tutorial.PAGE.parent))
    assert len(made) >= 40  # twenty points, twenty intervals
    assert made == kept


def marks(chart: Path) -> list[str]:
    """What each mark of a chart says of itself to a screen reader: its numbers, whatever the typeface or the version of Vega."""
    return re.findall(r'aria-label="([^"]*(?:share|low|year)[^"]*)"', chart.read_text("utf-8"))


def test_what_differs_between_demonstrations_is_told_apart_from_what_must_not() -> None:
    one = "http://127.0.0.1:5123/a.html of 2026-11-27T00:49:25.807826Z, 104.4 KB\n3 articles  \n"
    other = "http://127.0.0.1:80/a.html of 2027-01-02T00:00:00.000001Z, 99 KB\n3 articles"
    assert tutorial.alike(one) == tutorial.alike(other)
    assert tutorial.alike(one) != tutorial.alike(other.replace("3 articles", "4 articles"))
    assert "2024-05-28" in tutorial.alike("of 2024-05-28")  # the embedded site's own days stay
