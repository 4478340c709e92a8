"""The short tables of a whole run, written into the manual between two markers."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from osiris_crawler import __version__

from .scoring import Scores
from .sites import Site
from .table import by_rows, by_site, cells, total

BEGIN, END = "<!-- evaluation -->", "<!-- /evaluation -->"
ROWS = (
    "title", "date", "section", "tags", "source name", "source date", "false sources", "body F1, mean", "body F1 ≥ 0.99",
    "chrome in body", "pages/s",
)  # fmt: skip


def write(file: Path, sites: Sequence[Site], readers: Sequence[tuple[str, Sequence[Scores]]]) -> None:
    """Replace what stands between the markers; ValueError when the file has none."""
    text = file.read_text("utf-8")
    before, begin, rest = text.partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{file} has no {BEGIN} … {END}")
    file.write_text(f"{before}{BEGIN}\n{_tables(sites, readers)}{END}{after}", "utf-8")


def _tables(sites: Sequence[Site], readers: Sequence[tuple[str, Sequence[Scores]]]) -> str:
    columns = [(name.replace("Osiris, ", ""), total(scores)) for name, scores in readers]
    shown = [row for row in cells(columns) if row[0] in ROWS]
    names = [site.name if site.layout is not None else "real SPIP" for site in sites]
    return (
        f"Measured on {date.today().isoformat()} by `make eval MANUAL=1` with osiris {__version__}, Python {platform.python_version()};\n"
        f"{columns[0][1].pages} articles' pages of {len(sites)} sites, in per cent of pages:\n\n"
        f"{by_rows(['', *(name for name, _scores in columns)], shown)}\n{by_site(readers, names)}"
    )
