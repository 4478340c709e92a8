"""osiris stats: what a collection is made of, as tables and plots."""

from __future__ import annotations

import json
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table as Shown
from rich.text import Text

from osiris_crawler.care.keeping import existing, only_collection
from osiris_crawler.commands import options
from osiris_crawler.commands.printing import plain, wrapped
from osiris_crawler.crawl.terminal import bar, console, show_table
from osiris_crawler.errors import Exit, UsageError
from osiris_crawler.export.choosing import Choice
from osiris_crawler.export.job import Job
from osiris_crawler.export.rows import Rows
from osiris_crawler.export.stats.counting import By, Stats
from osiris_crawler.export.stats.tables import Cell, Table
from osiris_crawler.export.stats.words import HEADS, TITLES, UNDATED, Origin, number, percent
from osiris_crawler.export.stats.writing import Pictures, check_plots, write_plots, write_tables
from osiris_crawler.i18n import _, ngettext
from osiris_crawler.paths import Collection
from osiris_crawler.settings import Settings, load

_ROWS = 25  # that people are shown, unless they ask for more
_LONGEST = 48  # letters of a name that are shown
_LONG = ("keywords_by_year", "outlets_by_year", "fields_by_year")  # a row a name and year: for programs and plots


def run(
    settings: Settings,
    asked: Sequence[str],
    choice: Choice,
    *,
    by: By,
    plots: Path | None,
    pictures: Pictures | None,
    sheets: Path | None,
    rows: int | None,
) -> int:
    """Count, write what is asked for, show; gives the exit code."""
    if pictures is not None and plots is None:
        raise UsageError(_("--format is for plots."), _("Say where they are to lie with --plots FOLDER."))
    names = _names(asked)
    if plots is not None:
        check_plots()
    collection = existing(Collection(settings.output, settings.collection or only_collection(settings.output)))
    out = console(settings)
    stats = Stats(by)
    with bar(out, _("Counting"), unit="bytes") as progress:
        articles = Rows(Job(collection, collection.exports, choice=choice, progress=progress))
        for article in articles:
            stats.add(article)
    warnings = articles.warnings if articles.taken else [*articles.warnings[:-1], _("There is no article to count.")]
    tables = {name: table for name, table in stats.tables().items() if name in names}
    files: list[Path] = []
    if sheets is not None:
        files += write_tables(tables, sheets)
    if plots is not None:
        origin = Origin(collection.name, stats.articles, stats.newest[:10])
        files += write_plots(tables, origin, plots, pictures or "svg")
    if settings.json:
        click.echo(json.dumps(_report(collection, stats, articles, tables, rows, files, warnings), ensure_ascii=False))
        return int(Exit.DONE)
    wrapped(out, Text(articles.told()))
    for warning in warnings:
        wrapped(out, Text(plain(warning), style="yellow"))
    for table in tables.values():
        if table.rows and (table.name not in _LONG or table.name in asked):
            _show(out, table, rows or _ROWS)
            if table.name == "flows":
                _told_flows(out, stats)
    for path in files:
        out.print(str(path), markup=False)
    return int(Exit.DONE)


def _names(asked: Sequence[str]) -> set[str]:
    """The tables that are meant: those named with what belongs to them by year, all when none is."""
    for name in asked:
        if name not in TITLES:
            near = get_close_matches(name, TITLES, n=3, cutoff=0.5) or TITLES
            raise UsageError(
                _("There is no table %(name)r.") % {"name": name}, _("Near ones: %(near)s.") % {"near": ", ".join(near)}
            )
    return {*asked, *(f"{name}_by_year" for name in asked)} if asked else set(TITLES)


def _report(
    collection: Collection,
    stats: Stats,
    articles: Rows,
    tables: dict[str, Table],
    rows: int | None,
    files: list[Path],
    warnings: list[str],
) -> dict[str, Any]:
    return {
        "collection": str(collection.root),
        "articles": stats.articles,
        "left_out": articles.left_out,
        "newest_capture": stats.newest or None,
        "by": stats.by,
        "flows": dict(stats.reprints),
        "tables": {name: table.as_json(rows) for name, table in tables.items()},
        "files": [str(path) for path in files],
        "warnings": warnings,
    }


# -- for people ---------------------------------------------------------------------------------------------------------------


def _show(out: Console, table: Table, most: int) -> None:
    rows = table.rows
    over = max(len(rows) - most, 0)
    newest = table.columns[0] == "period"  # of a course of time its end is shown
    if over:
        rows = rows[over:] if newest else rows[:most]
    shown = Shown(title=TITLES[table.name], title_justify="left", title_style="bold", box=None, padding=(0, 2, 0, 0))
    for place, column in enumerate(table.columns):
        left = any(isinstance(row[place], str) for row in rows) or column in ("period", "year")
        shown.add_column(HEADS[column], justify="left" if left else "right")
    for row in rows:
        shown.add_row(*(_cell(column, value) for column, value in zip(table.columns, row, strict=True)))
    out.print("")
    show_table(out, shown)
    if over:
        text = (
            _("… and %(count)d before: --limit shows them.")
            if newest
            else _("… and %(count)d more: --limit shows them.")
        )
        out.print(text % {"count": over})


def _cell(column: str, value: Cell) -> Text:
    if value is None:
        return Text(UNDATED if column in ("period", "year") else "–")
    if isinstance(value, float):
        return Text(percent(value))
    return Text(number(value) if isinstance(value, int) else plain(value, _LONGEST))


def _told_flows(out: Console, stats: Stats) -> None:
    """What is in no row of it."""
    for name, said in (
        ("no_outlet", ngettext(
            "%(count)d reprint is in no row: it or the earliest names no outlet.",
            "%(count)d reprints are in no row: they or the earliest name no outlet.", stats.reprints["no_outlet"])),
        ("earliest_left_out", ngettext(
            "%(count)d reprint is in no row: the earliest of its text is left out.",
            "%(count)d reprints are in no row: the earliest of their text is left out.", stats.reprints["earliest_left_out"])),
    ):  # fmt: skip
        if count := stats.reprints[name]:
            wrapped(out, Text(said % {"count": count}))


@click.command(
    help=_(
        "Show what the collection is made of, as tables and plots: articles over time, keywords, outlets, lengths, reprints"
        " between outlets, languages, fields. Tables: %(names)s."
    )
    % {"names": ", ".join(TITLES)},
    epilog=options.example(
        "osiris stats -c osiris\nosiris stats time keywords -c osiris --since 2010 --by month\n"
        "osiris stats -c osiris --plots plots --format both --csv tables"
    ),
)
@click.argument("tables", nargs=-1, metavar="[TABLE]…")
@options.collection
@click.option(
    "--plots", type=click.Path(path_type=Path), metavar="FOLDER", help=_("Draw the tables as plots into this folder.")
)
@click.option(
    "--format", "pictures", type=click.Choice(("svg", "png", "both")), help=_("What plots are drawn as. Default: svg.")
)
@click.option(
    "--csv",
    "sheets",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help=_("Write the tables as CSV into this folder."),
)
@click.option(
    "--by", type=click.Choice(("year", "month")), default="year", help=_("Steps of time and lengths. Default: year.")
)
@click.option(
    "--limit", "rows", type=click.IntRange(1), metavar="N",
    help=_("Show so many rows at most. Default: 25; with --json all."),
)  # fmt: skip
@options.choice
@options.talk
def command(
    tables: tuple[str, ...],
    plots: Path | None,
    pictures: Pictures | None,
    sheets: Path | None,
    by: By,
    rows: int | None,
    since: str | None,
    until: str | None,
    tag: tuple[str, ...],
    section: tuple[str, ...],
    outlet: tuple[str, ...],
    no_duplicates: bool,
    **arguments: Any,
) -> int:
    choice = Choice.of(
        since=since, until=until, tags=tag, sections=section, outlets=outlet, duplicates=not no_duplicates
    )
    return run(load(arguments), tables, choice, by=by, plots=plots, pictures=pictures, sheets=sheets, rows=rows)
