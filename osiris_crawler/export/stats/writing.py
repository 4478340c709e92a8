"""Figures and charts as files: a folder of CSV, a folder of pictures. `tables` and `Origin` are all that is needed."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from osiris_crawler.errors import UsageError
from osiris_crawler.export.stats.tables import Table
from osiris_crawler.export.stats.words import Origin
from osiris_crawler.i18n import _
from osiris_crawler.paths import AtomicFile, remove_leftovers, writable

Pictures = Literal["svg", "png", "both"]
_NEEDED = ("altair", "vl_convert")  # of the extra “plots”


def check_plots() -> None:
    """UsageError where the extra that draws is not installed."""
    for name in _NEEDED:
        if importlib.util.find_spec(name) is None:
            raise UsageError(
                _("Plots need the package %(name)s.") % {"name": name},
                _("“pip install 'osiris-crawler[plots]'” brings it."),
            )


def write_tables(tables: Mapping[str, Table], folder: Path) -> list[Path]:
    """NAME.csv for each table, written aside and renamed; UsageError when that can't be."""
    with _folder(folder):
        return [_write(folder / f"{name}.csv", table.as_csv()) for name, table in tables.items()]


def write_plots(tables: Mapping[str, Table], origin: Origin, folder: Path, kinds: Pictures) -> list[Path]:
    """NAME.svg, NAME.png of each table that can be drawn and is not empty; the same tables give the same bytes."""
    check_plots()
    from osiris_crawler.export.stats import drawing, pictures

    written = []
    with _folder(folder):
        for drawn in drawing.charts(tables, origin):
            picture = pictures.svg(drawn)
            if kinds != "png":
                written.append(_write(folder / f"{drawn.name}.svg", picture.encode()))
            if kinds != "svg":
                written.append(_write(folder / f"{drawn.name}.png", pictures.png(drawn, picture)))
    return written


def _write(path: Path, data: bytes) -> Path:
    remove_leftovers(path)
    with AtomicFile(path) as out:
        out.write(data)
    return path


@contextmanager
def _folder(path: Path) -> Iterator[None]:
    with writable(path, _("Choose another folder.")):
        path.mkdir(parents=True, exist_ok=True)
        yield
