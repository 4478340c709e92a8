"""osiris import: takes WARC and WACZ files of other crawlers into a collection."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from osiris_crawler.amounts import size
from osiris_crawler.commands import options
from osiris_crawler.crawl.terminal import bar, console, show_table
from osiris_crawler.errors import Exit
from osiris_crawler.i18n import _, ngettext
from osiris_crawler.importing.taking import Imported, import_files, report_of
from osiris_crawler.ledger.imports import UNDATED
from osiris_crawler.settings import Settings, load

_SHOWN = 20  # files of which a line is shown


def run(settings: Settings, given: list[Path], workers: int | None) -> int:
    """Take files in; gives the exit code: 6 when anything in them is damaged, though the rest was taken in."""
    out = console(settings)
    with bar(out, _("Taking the files in"), unit="bytes") as progress:
        imported = import_files(
            settings,
            given,
            lambda text: out.print(text, style="yellow", markup=False),
            workers=workers or os.cpu_count() or 1,
            checking=progress,
            reading=progress,
        )
    code = Exit.UNEXPECTED if imported.adopted.faults else Exit.INTEGRITY if imported.faulty else Exit.DONE
    if settings.json:
        click.echo(json.dumps(report_of(imported, int(code)), ensure_ascii=False))
    else:
        _show(out, imported)
    return int(code)


def _show(out: Console, imported: Imported) -> None:
    site = {"site": imported.site.start_url}
    told = {
        "files": _("The site, as most pages of SPIP in the files tell: %(site)s (else say --site URL).") % site,
        "option": _("The site, as --site says: %(site)s.") % site,
        "collection": _("The site, as the collection says: %(site)s.") % site,
    }
    out.print(told[imported.site_from], markup=False)
    if imported.taken:
        table = Table(box=None, pad_edge=False)
        table.add_column(_("file"))
        table.add_column(_("made by"))
        for title in (_("size"), _("records"), _("answers")):
            table.add_column(title, justify="right")
        for file in imported.taken[:_SHOWN]:
            counts = file.examined.counts
            table.add_row(
                Text(file.original),
                Text(file.examined.software[:30] or "?"),
                size(file.size),
                str(counts["records"]),
                str(counts["responses"] + counts["revisits"]),
            )
        show_table(out, table)
        if len(imported.taken) > _SHOWN:
            more = len(imported.taken) - _SHOWN
            out.print(ngettext("and %(count)d more file", "and %(count)d more files", more) % {"count": more})
    for name in imported.held[:_SHOWN]:
        out.print(_("%(file)s is in the collection already.") % {"file": name}, markup=False)
    for count, sentence in _remarks(imported):
        if count:
            out.print(f"{count:>8}  {sentence}", markup=False)
    _show_damage(out, imported)
    out.print(
        _("%(captures)d captures, %(pages)d read: %(articles)d articles, %(changes)d changes.")
        % {
            "captures": imported.adopted.captures,
            "pages": imported.adopted.pages,
            "articles": imported.published.articles,
            "changes": imported.published.changes,
        }
    )
    out.print(_("Dataset: %(path)s") % {"path": imported.collection.articles}, markup=False)


def _remarks(imported: Imported) -> list[tuple[int, str]]:
    """What is foreign in the files, counted."""
    total = imported.total
    return [
        (imported.adopted.offsite, _("answers of other hosts: kept, not read")),
        (total("without_request"), _("answers without their request")),
        (total("revisits"), _("revisit records")),
        (imported.adopted.unresolved, _("of these without their original, in whatever file: nothing is read from them")),
        (total("decoded"), _("bodies kept decoded, though their headers name a coding")),
        (total("sealed"), _("bodies in a coding that can't be taken off here (for br: pip install brotli)")),
        (total("odd_digests"), _("digests over other bytes than the standard says; they hold over those")),
        (total("not_get"), _("answers to POST or HEAD: kept, not read")),
        (total("not_http"), _("answers that are not HTTP's: kept, not read")),
        (total("resources"), _("resource records (logs, thumbnails): kept, not read")),
        (imported.adopted.passed_over[UNDATED], _("answers without a date that can be believed: kept, not read")),
        (total("long_address"), _("answers at addresses of more than 8,000 letters: kept, not read")),
        (total("segmented"), _("answers cut over several records: kept, not read")),
    ]


def _show_damage(out: Console, imported: Imported) -> None:
    for file in imported.taken:
        examined = file.examined
        for gap in examined.damage[:_SHOWN]:
            out.print(
                _("%(file)s: bytes %(start)d to %(end)d hold no readable record (%(why)s); the rest is taken in.")
                % {"file": file.original, "start": gap.start, "end": gap.end, "why": gap.why},
                style="red",
                markup=False,
            )
        if examined.counts["wrong_digests"]:
            out.print(
                ngettext(
                    "%(file)s: %(count)d record is not what its digest says.",
                    "%(file)s: %(count)d records are not what their digests say.",
                    examined.counts["wrong_digests"],
                )
                % {"file": file.original, "count": examined.counts["wrong_digests"]},
                style="red",
                markup=False,
            )
        if file.faults:
            out.print(
                _("%(file)s is not what its WACZ file says (%(what)s).")
                % {"file": file.original, "what": ", ".join(file.faults)},
                style="red",
                markup=False,
            )


@click.command(
    "import",
    help=_("Take in WARC or WACZ files made by other crawlers, or folders of them."),
    epilog=options.example("osiris import wget-2014.warc.gz browsertrix.wacz -c osiris"),
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE…")
@options.collection
@click.option(
    "--site", "url", metavar="URL", help=_("The site, for a new collection. Default: the SPIP site with the most pages.")
)
@click.option(
    "--profile", type=click.Path(path_type=Path), metavar="FILE", help=_("A site profile of your own (TOML).")
)
@click.option("--workers", type=click.IntRange(1, 64), metavar="N", help=_("Processes that read. Default: one a core."))
@options.talk
def command(files: tuple[Path, ...], workers: int | None, **arguments: Any) -> int:
    return run(load(arguments), list(files), workers)
