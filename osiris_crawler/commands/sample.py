"""osiris sample: a random sheet of articles, each field beside its captured page, to be scored by hand; and the scores."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from osiris_crawler.amounts import size
from osiris_crawler.care.keeping import existing, only_collection
from osiris_crawler.care.sample.drawing import STRATA
from osiris_crawler.care.sample.scoring import (
    RESULT,
    TABLE,
    Result,
    interval_text,
    markdown,
    rate_text,
    score,
    told,
)
from osiris_crawler.care.sample.verdicts import read_scores
from osiris_crawler.commands import options
from osiris_crawler.commands.printing import plain
from osiris_crawler.crawl.terminal import bar, console, show_table
from osiris_crawler.errors import Exit, UsageError
from osiris_crawler.export.sheet import writing
from osiris_crawler.i18n import _, ngettext
from osiris_crawler.paths import Collection, replace_file, writable
from osiris_crawler.settings import Settings, load

_SEED = "1"
_LONGEST = 200  # letters of a seed or a field's name


def run(settings: Settings, number: int, seed: str, stratify: str, to: Path | None) -> int:
    """Draw a sample and write its sheet; gives the exit code."""
    collection = existing(Collection(settings.output, settings.collection or only_collection(settings.output)))
    place = writing.target(collection, number, seed, stratify, to)
    out = console(settings)
    with bar(out, _("Writing %(file)s") % {"file": place.name}, unit="bytes") as progress:
        written = writing.write(collection, place, number, seed, stratify, progress)
    found = written.draw
    drawn = len(found.places)
    code = Exit.INTEGRITY if written.unread else Exit.DONE
    if settings.json:
        report = {
            "collection": str(collection.root),
            "path": str(written.path),
            "sample": written.key,
            "bytes": written.bytes,
            "seed": seed,
            "stratify": stratify,
            "asked": number,
            "drawn": drawn,
            "population": found.population,
            "restricted": found.restricted,
            "unread": written.unread,
        }
        click.echo(json.dumps(report, ensure_ascii=False))
        return int(code)
    said = _("%(drawn)d of %(population)d articles drawn with the seed “%(seed)s”: %(path)s, %(size)s.") % {
        "drawn": drawn,
        "population": found.population,
        "seed": plain(seed, _LONGEST),
        "path": written.path,
        "size": size(written.bytes),
    }
    out.print(said, markup=False)
    if drawn < number:
        out.print(_("There are no more than that: all articles are in the sheet."), style="yellow")
    if found.restricted:
        text = ngettext(
            "%(count)d article is restricted and left out.",
            "%(count)d articles are restricted and left out.",
            found.restricted,
        )
        out.print(text % {"count": found.restricted}, style="yellow")
    if written.unread:
        text = ngettext(
            "%(count)d captured page can't be read from the archive: “osiris verify” says why.",
            "%(count)d captured pages can't be read from the archive: “osiris verify” says why.",
            written.unread,
        )
        out.print(text % {"count": written.unread}, style="red")
    out.print(
        _("Open %(sheet)s in a web browser, save scores.json into its folder, then: osiris sample --score %(folder)s")
        % {"sheet": written.path / writing.SHEET, "folder": written.path},
        markup=False,
    )
    return int(code)


def evaluate(settings: Settings, path: Path) -> int:
    """Count the verdicts of a sample and write the results beside them; gives the exit code."""
    scores = read_scores(path)
    result = score(scores)
    folder = scores.path.parent
    with writable(folder, _("The results are written beside the scores.")):
        replace_file(folder / RESULT, text=result.json())
        replace_file(folder / TABLE, text=markdown(result))
    if settings.json:
        click.echo(json.dumps(result.report() | {"path": str(folder / RESULT)}, ensure_ascii=False))
    else:
        _show(result, folder, settings)
    return int(Exit.DONE)


def _show(result: Result, folder: Path, settings: Settings) -> None:
    out = console(settings)
    table = Table(box=None, padding=(0, 1, 0, 0))
    table.add_column(_("Field"), no_wrap=True)
    heads = (_("scored"), _("errors"), "%", "95 %", _("wrong"), _("missing"), _("invented"), _("open"))
    for head in heads:
        table.add_column(head, justify="right")
    for tally in result.fields:
        parts = (tally.wrong, tally.missing, tally.invented, tally.unsure + tally.unscored)
        table.add_row(
            Text(plain(tally.field, _LONGEST)),
            str(tally.scored),
            str(tally.errors),
            rate_text(tally),
            interval_text(tally),
            *(str(part or "") for part in parts),
        )
    show_table(out, table)
    whole = result.articles
    if whole.scored:
        out.print(
            _("%(errors)d of %(scored)d articles that are scored throughout have an error: %(rate)s %% (%(interval)s).")
            % {
                "errors": whole.errors,
                "scored": whole.scored,
                "rate": rate_text(whole),
                "interval": interval_text(whole),
            }
        )
    out.print(told(result))
    out.print(
        _("Written: %(path)s, and %(table)s for the data card.") % {"path": folder / RESULT, "table": TABLE},
        markup=False,
    )


@click.command(
    help=_(
        "Draw N articles at random and write a sheet with each field beside its captured page, to be scored by hand. With"
        " --score, count the verdicts: the share of errors of each field, with its confidence interval."
    ),
    epilog=options.example(
        "osiris sample 300 -c osiris\nosiris sample --score output/collections/osiris/exports/osiris-sample-300-1"
    ),
)
@click.argument("number", metavar="[N]", required=False, type=click.IntRange(1, writing.MOST))
@options.collection
@click.option(
    "--seed", metavar="TEXT", help=_("What decides on the draw: the same seed draws the same articles. Default: 1.")
)
@click.option(
    "--stratify",
    type=click.Choice(STRATA),
    help=_("Draw from each year, or from each section, its share. Default: none."),
)
@click.option(
    "--to", type=click.Path(path_type=Path), metavar="FOLDER", help=_("Where to. Default: exports/ of the collection.")
)
@click.option(
    "--score",
    "scores",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help=_("Count the verdicts in a sample's folder, or in a scores.csv or scores.json that lies in one."),
)
@options.talk
def command(
    number: int | None,
    seed: str | None,
    stratify: str | None,
    to: Path | None,
    scores: Path | None,
    **arguments: Any,
) -> int:
    if scores is not None:
        if number is not None or seed is not None or stratify is not None or to is not None:
            raise UsageError(_("--score counts a sample that was drawn already."), _("Leave the other options out."))
        return evaluate(load(arguments), scores)
    if number is None:
        raise UsageError(
            _("How many articles are to be drawn?"),
            _("“osiris sample 300” draws, “osiris sample --score FOLDER” counts the verdicts."),
        )
    return run(load(arguments), number, _SEED if seed is None else seed, stratify or "none", to)
