"""osiris update: what is new, changed or gone since the last run, at the least cost to the site."""

from __future__ import annotations

from typing import Any

import click

from osiris_crawler.commands import options
from osiris_crawler.commands.crawl import crawl
from osiris_crawler.i18n import _
from osiris_crawler.settings import load


@click.command(
    cls=options.Waiting,
    help=_(
        "Fetch what is new, changed or gone since the last run, at the least cost to the site. Without an archive, or with one "
        "that was not walked to its end, the whole walk is done first."
    ),
    epilog=options.example("osiris update https://www.osiris.sn/ --contact you@example.org --max-time 4h"),
)
@click.argument("url", required=False)
@options.collection
@click.option(
    "--recheck",
    metavar="NUMBER|all",
    help=_("So many old articles are read again. Default: so many that each is once in recheck_period (90 days)."),
)
@click.option("--limit", metavar="N", help=_("Stop after so many articles."))
@options.budgets
@options.asking
@click.option(
    "--text", is_flag=True, default=None, help=_("Keep each article's text as a conversion record beside the page.")
)
@options.wait
@options.log_json
@options.talk
def command(**arguments: Any) -> int:
    return crawl(load(arguments), name="update")
