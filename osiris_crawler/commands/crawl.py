"""osiris crawl: walk the whole archive of a SPIP site, or go on where an unfinished walk stopped."""

from __future__ import annotations

import json
from typing import Any

import click

from osiris_crawler.archive import files
from osiris_crawler.care import rebuilding
from osiris_crawler.care.keeping import locked, lone
from osiris_crawler.commands import options
from osiris_crawler.crawl import notices, opening
from osiris_crawler.crawl.estimate import estimate
from osiris_crawler.crawl.process import run_spider
from osiris_crawler.crawl.progress import Progress
from osiris_crawler.crawl.summary import print_summary
from osiris_crawler.crawl.terminal import console
from osiris_crawler.errors import Exit
from osiris_crawler.i18n import _, ngettext
from osiris_crawler.paths import Collection
from osiris_crawler.settings import Settings, load
from osiris_crawler.site.profile import Site


def crawl(settings: Settings, *, name: str = "crawl") -> int:
    """Run a crawl, or an update, by its settings; gives the exit code."""
    site, collection = _chosen(settings)
    out = console(settings)
    if settings.dry_run:
        opening.check_contact(settings, site)
        found = estimate(settings, site, collection)
        if settings.json:
            click.echo(json.dumps(found.as_json(), ensure_ascii=False))
        else:
            found.show(out)
        return 0
    collection.create()
    with (
        notices.watched(settings, collection, name, say=_say) as watch,
        locked(collection, settings.wait, say=lambda text: out.print(text, style="yellow", markup=False)),
    ):
        watch.began()
        opened = opening.open_run(
            settings, site, collection, command=name, say=lambda text: out.print(text, style="yellow", markup=False)
        )
        run = watch.run = opened.run
        taken = opened.adopted.captures + opened.reread
        if not settings.quiet and taken:
            text = ngettext(
                "Taken in from the WARC files: %(count)d capture that the ledger had not heard of.",
                "Taken in from the WARC files: %(count)d captures that the ledger had not heard of.",
                taken,
            )
            out.print(text % {"count": taken}, markup=False)
        with Progress(run, out, shown=not settings.quiet and not settings.json):
            run_spider(run)
        if settings.json or settings.quiet:
            # Quiet is about progress; what went wrong is said all the same.
            for reason in run.reasons if run.exit is not Exit.BUDGET else ():
                click.echo(f"osiris: {reason}", err=True)
        if settings.json:
            click.echo(json.dumps(run.report, ensure_ascii=False))
        elif not settings.quiet:
            print_summary(run, out)
        return int(run.exit)


def _say(sentence: str) -> None:
    """What goes wrong beside the run is said on stderr, also when quiet."""
    click.echo(f"osiris: {sentence}", err=True)


def _chosen(settings: Settings) -> tuple[Site, Collection]:
    """Site and collection; without an address or a profile, those of the collection that is named or that there is alone."""
    if settings.url is None and settings.profile is None:
        name = settings.collection or lone(settings.output)
        found = Collection(settings.output, name) if name else None
        if found is not None and found.archive.is_dir() and files.warc_files(found.archive):
            return rebuilding.site_of(found), found
    site = opening.site_of(settings)
    return site, opening.collection_of(settings, site)


@click.command(
    cls=options.Waiting,
    help=_("Walk the whole archive of the site at URL; go on where an unfinished walk stopped."),
    epilog=options.example("osiris crawl https://www.osiris.sn/ --contact you@example.org --max-time 8h"),
)
@click.argument("url", required=False)
@options.collection
@click.option(
    "--section", multiple=True, metavar="NAME", help=_("Only this section and those below it (title or address).")
)
@click.option("--since", metavar="DAY", help=_("Only articles from this day on: YYYY, YYYY-MM or YYYY-MM-DD."))
@click.option("--until", metavar="DAY", help=_("Only articles up to this day."))
@click.option("--limit", metavar="N", help=_("Stop after so many articles."))
@options.budgets
@options.asking
@click.option("--permission", metavar="TEXT", help=_("Leave given to fetch requisites that robots.txt forbids."))
@click.option(
    "--text", is_flag=True, default=None, help=_("Keep each article's text as a conversion record beside the page.")
)
@options.wait
@click.option("--dry-run", is_flag=True, default=None, help=_("Estimate requests, time and disk; write nothing."))
@options.log_json
@options.talk
def command(**arguments: Any) -> int:
    return crawl(load(arguments))
