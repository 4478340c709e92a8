"""osiris audit: what the site says it has, held against what is held; every gap with its state."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from osiris_crawler.audit import certificate, words
from osiris_crawler.audit.auditing import audit, wanted
from osiris_crawler.audit.model import Audit, Row
from osiris_crawler.care import events
from osiris_crawler.care.completeness import state
from osiris_crawler.care.holdings import open_to_read
from osiris_crawler.care.keeping import existing, locked, only_collection
from osiris_crawler.care.rebuilding import site_of
from osiris_crawler.commands import options
from osiris_crawler.commands.printing import plain
from osiris_crawler.crawl import opening
from osiris_crawler.crawl.process import run_spider
from osiris_crawler.crawl.progress import Progress
from osiris_crawler.crawl.run import Run
from osiris_crawler.crawl.terminal import bar, console, show_table
from osiris_crawler.errors import Exit, UsageError, worst
from osiris_crawler.i18n import COLON, SEMICOLON, _, ngettext
from osiris_crawler.paths import Collection
from osiris_crawler.settings import Settings, load
from osiris_crawler.site import profile
from osiris_crawler.site.profile import Site

_LONGEST = 300  # letters of what a page says
_SHOWN = 20  # missing things on the terminal
_ROWS = 10  # of a table of what does not add up
_MONTHS = 12
_PASSED_ON = (Exit.UNREACHABLE, Exit.INTEGRITY, Exit.BUDGET)  # exits of the run before that are the audit's, too


def run(settings: Settings, *, fetch: bool, offline: bool, certify: bool, to: Path | None, limit: int) -> int:
    """Ask the site, unless offline; then hold the collection against its words. Gives the exit code."""
    if fetch and offline:
        raise UsageError(_("--fetch and --offline exclude each other."), _("Leave one of them out."))
    collection = existing(Collection(settings.output, settings.collection or only_collection(settings.output)))
    site = site_of(collection)
    if settings.profile is not None:
        site = profile.bind(profile.load_file(settings.profile), site.start_url)
    out = console(settings)
    asked = None if offline else _ask(settings, site, collection, out, fetch=fetch)
    if asked is not None and asked.exit in (Exit.INTERRUPTED, Exit.USAGE, Exit.UNEXPECTED):
        for reason in asked.reasons:
            click.echo(f"osiris: {reason}", err=True)
        return int(asked.exit)
    with bar(out, _("Looking at every record")) as progress:
        told = audit(collection, site, progress)
    codes = set()
    if asked is not None:
        told.asked = {"run": asked.name, "requests": asked.tally.requests, "exit": int(asked.exit)}
        codes = {asked.exit} & set(_PASSED_ON)
        for reason in asked.reasons if codes else ():
            click.echo(f"osiris: {reason}", err=True)
    if not told.complete:
        codes.add(Exit.UNFINISHED)
    papers = certificate.write(collection, told, to) if certify or to is not None else []
    noted = _note(collection, told)
    if settings.json:
        report = told.as_json() | {"certificate": [str(path) for path in papers], "exit": int(worst(codes))}
        click.echo(json.dumps(report, ensure_ascii=False))
    else:
        show(out, told, limit)
        for path in papers:
            out.print(_("Certificate: %(path)s") % {"path": path}, markup=False)
        if not noted:
            out.print(_("The collection is read-only: the outcome is not in events.jsonl."), style="yellow")
    return int(worst(codes))


def _ask(settings: Settings, site: Site, collection: Collection, out: Console, *, fetch: bool) -> Run | None:
    """A run that refreshes the site's cheap statements, or asks for what is missing; None where there was none to be had."""
    settings = replace(settings, url=settings.url or site.start_url, recheck="0")
    try:
        opening.check_contact(settings, site)
    except UsageError as problem:
        raise UsageError(problem.what, problem.hint + " " + _("--offline asks the site nothing.")) from None

    def say(text: str) -> None:
        out.print(text, style="yellow", markup=False)

    with locked(collection, settings.wait, say=say):
        again: list[str] | None = None
        ledger = open_to_read(collection)
        walk = ledger.last_walk()
        open_walk = walk == 0 or ledger.unfinished(walk, files=False)
        ledger.close()
        if open_walk and not fetch:
            say(_("The archive has not been walked to its end yet: it is held against what it has so far."))
            return None
        if fetch and not open_walk:
            with bar(out, _("Looking at every record")) as progress:
                again = wanted(audit(collection, site, progress))
        run = opening.open_run(
            settings, site, collection, command="update" if open_walk else "audit", say=say, wanted=again
        ).run
        with Progress(run, out, shown=not settings.quiet and not settings.json):
            run_spider(run)
    return run


def _note(collection: Collection, told: Audit) -> bool:
    """The outcome in events.jsonl, which the report goes by; False where the collection can't be written."""
    figures: dict[str, Any] = {
        "published": told.published,
        "held": told.held,
        "states": told.states(),
        "contradictions": len(told.contradictions),
        "offline": told.asked is None,
    }
    outcome = "success" if told.complete else "warning"
    try:
        events.append(collection, events.AUDIT, outcome, "osiris audit", **figures)
    except OSError:
        return False
    return True


# -- what people see ------------------------------------------------------------------------------------------------------


def show(out: Console, told: Audit, limit: int) -> None:
    """Print an audit: the outcome, what is missing and why, where the site contradicts itself, what is worth a look."""
    out.print(words.headline(told), style="bold green" if told.complete else "bold yellow", markup=False)
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for name, number in told.states().items():
        table.add_row(str(number), state(name))
    if table.rows:
        show_table(out, table)
    _missing(out, told, limit)
    for one in told.contradictions[:limit]:
        out.print(
            _("The site contradicts itself. %(what)s") % {"what": plain(words.contradiction(one), _LONGEST)},
            markup=False,
        )
    if len(told.contradictions) > limit:
        out.print("  " + _("… and %(count)d more.") % {"count": len(told.contradictions) - limit}, markup=False)
    _rows(out, _("Sections that do not add up"), told.sections)
    _rows(out, _("Keywords that do not add up"), told.keywords)
    _accounted(out, told)
    if told.odd:
        months = ", ".join(
            _("%(month)s: %(held)d (likely %(least)d to %(most)d)")
            % {"month": odd.month, "held": odd.held, "least": odd.least, "most": odd.most}
            for odd in told.odd[:_MONTHS]
        )
        out.print(_("Months worth a look, no errors: %(months)s") % {"months": months}, markup=False)
    if told.oldest is not None and told.newest is not None:
        out.print(
            ngettext(
                "By listings read %(days)s, %(files)d WARC file, %(captures)d captures.",
                "By listings read %(days)s, %(files)d WARC files, %(captures)d captures.",
                told.archive.files,
            )
            % {
                "days": _span(told.oldest[:10], told.newest[:10]),
                "files": told.archive.files,
                "captures": told.archive.captures,
            },
            markup=False,
        )
    step = _step(told)
    if step:
        out.print(step, markup=False)


def _span(oldest: str, newest: str) -> str:
    if oldest == newest:
        return _("on %(day)s") % {"day": oldest}
    return _("from %(oldest)s to %(newest)s") % {"oldest": oldest, "newest": newest}


def _missing(out: Console, told: Audit, limit: int) -> None:
    for thing in told.missing[:limit]:
        title = f"“{plain(thing.title, 80)}” " if thing.title else ""
        day = f"{thing.date} " if thing.date else ""
        out.print(f"  {day}{title}{plain(thing.url, _LONGEST)}", markup=False)
        by = ", ".join(dict.fromkeys(words.named(said.kind) for said in thing.said))
        kind = "" if thing.kind == "article" else words.kind(thing.kind) + COLON
        named = SEMICOLON + _("named by %(who)s") % {"who": by} if by else ""
        out.print(f"      {kind}{plain(words.why(thing), _LONGEST)}{named}", markup=False)
    if len(told.missing) > limit:
        out.print(
            "  "
            + _("… and %(count)d more; --json and the certificate name all.") % {"count": len(told.missing) - limit},
            markup=False,
        )


def _rows(out: Console, title: str, rows: list[Row]) -> None:
    odd = [row for row in rows if row.missing or row.surplus or row.held < row.expected]
    if not odd:
        return
    table = Table(title, _("says"), _("held"), _("missing"), _("surplus"), box=None, padding=(0, 2, 0, 0))
    for row in odd[:_ROWS]:
        says = str(row.expected) if row.at_most is None else f"{row.expected}–{row.at_most}"
        table.add_row(plain(row.name, 80), says, str(row.held), str(row.missing), str(row.surplus))
    show_table(out, table)
    if len(odd) > _ROWS:
        out.print("  " + _("… and %(count)d more.") % {"count": len(odd) - _ROWS}, markup=False)


def _accounted(out: Console, told: Audit) -> None:
    counts: dict[str, int] = {}
    for thing in told.accounted:
        counts[thing.state] = counts.get(thing.state, 0) + 1
    parts = [f"{number} {state(name)}" for name, number in sorted(counts.items())]
    if parts:
        out.print(_("Accounted for: %(what)s.") % {"what": SEMICOLON.join(parts)}, markup=False)
    if told.dead_links:
        text = ngettext(
            "%(n)d link leads nowhere: the site has nothing there.",
            "%(n)d links lead nowhere: the site has nothing there.",
            len(told.dead_links),
        )
        out.print(text % {"n": len(told.dead_links)}, markup=False)


def _step(told: Audit) -> str:
    """What to do next."""
    states = {thing.state for thing in told.missing}
    name = told.collection
    if any(thing.kind == "warc" for thing in told.missing) or "lost" in states:
        return _(
            "“osiris verify -c %(name)s” says what the archive has lost; bring it back from a second copy, or "
            "“osiris audit --fetch -c %(name)s” asks the site again."
        ) % {"name": name}
    if "not-in-dataset" in states:
        return _("“osiris rebuild -c %(name)s” makes the dataset from the WARC files.") % {"name": name}
    if states - {"refused-by-robots", "refused-by-rule"}:
        return _("“osiris audit --fetch -c %(name)s” asks for what is missing again.") % {"name": name}
    return ""


@click.command(
    cls=options.Waiting,
    help=_(
        "Hold what is held against what the site says it has: keyword totals, listings, sitemap, feeds, links. Every gap is named with "
        "its state. The site's cheap statements are asked for first, a handful of requests. Exits with 3 when something is missing."
    ),
    epilog=options.example(
        "osiris audit -c osiris --offline\nosiris audit -c osiris --fetch --contact you@example.org\nosiris audit -c osiris --certificate"
    ),
)
@options.collection
@click.option("--offline", is_flag=True, help=_("Go by the captures alone, ask the site nothing."))
@click.option("--fetch", is_flag=True, help=_("Ask the site again for what is missing, and for what is new."))
@click.option(
    "--certificate",
    "certify",
    is_flag=True,
    help=_("Write a dated page (HTML) and its figures (JSON), to be filed with a WACZ."),
)
@click.option(
    "--to",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help=_("Where the certificate goes. Default: exports/ of the collection."),
)
@click.option(
    "--limit",
    "shown",
    type=click.IntRange(0),
    default=_SHOWN,
    metavar="N",
    help=_("So many missing things are shown. Default: 20."),
)
@options.budgets
@options.asking
@options.wait
@options.log_json
@options.talk
def command(offline: bool, fetch: bool, certify: bool, to: Path | None, shown: int, **arguments: Any) -> int:
    return run(load(arguments), fetch=fetch, offline=offline, certify=certify, to=to, limit=shown)
