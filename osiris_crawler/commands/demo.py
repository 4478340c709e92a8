"""osiris demo: the whole main job on the embedded site, on this machine alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import click

from osiris_crawler.commands import options
from osiris_crawler.crawl.notices import DEMO
from osiris_crawler.crawl.terminal import console
from osiris_crawler.demo.check import Checked, compare
from osiris_crawler.demo.layouts import LAYOUTS
from osiris_crawler.demo.server import serve
from osiris_crawler.demo.world import World
from osiris_crawler.errors import Exit, UsageError
from osiris_crawler.i18n import _
from osiris_crawler.paths import Collection
from osiris_crawler.settings import Settings, load


def demo(settings: Settings, articles: int, layout: str) -> int:
    """Serve, crawl, check against what was planted, rebuild; gives the exit code."""
    out = console(settings)
    name = settings.collection or "demo"
    collection = Collection(settings.output, name)
    world = World(articles=articles)
    with serve(world, layout) as site:
        home = str(site.url)
        out.print(
            _("The embedded site of %(count)d articles answers at %(url)s.") % {"count": articles, "url": home},
            markup=False,
        )
        known = _site_of(collection)
        if known is not None and known != home:
            raise UsageError(
                _("%(path)s holds an earlier demonstration.") % {"path": collection.root},
                _("Remove that folder, or choose another with -c NAME."),
            )
        _osiris(settings, "crawl", home, "--delay", "0", "--concurrency", "8", "-o", str(settings.output), "-c", name)
    planted = list(world.truth(layout))
    checked = compare(planted, collection.articles)
    first = collection.articles.read_bytes()
    _osiris(settings, "rebuild", "-o", str(settings.output), "-c", name)
    _osiris(settings, "verify", "-o", str(settings.output), "-c", name)
    same = collection.articles.read_bytes() == first
    if settings.json:
        click.echo(json.dumps({"collection": str(collection.root), "rebuild_identical": same, **checked.as_json()}))
    else:
        _show(out, collection, checked, same)
    return int(Exit.DONE if checked.good and same else Exit.INTEGRITY)


def _site_of(collection: Collection) -> str | None:
    from osiris_crawler.ledger.db import LedgerDamaged
    from osiris_crawler.ledger.ledger import Ledger

    if not collection.state.exists():
        return None
    try:
        ledger = Ledger(collection.state, readonly=True)
    except LedgerDamaged:
        return None
    home = ledger.get("site")
    ledger.close()
    return home


def _osiris(settings: Settings, *arguments: str) -> None:
    """A command of ours, as a user would give it: Scrapy can run once in a process. Nobody is told of it, whatever the
    operator's settings say: neither a monitor nor people nor Prometheus."""
    shown = "osiris " + " ".join(arguments)
    console(settings).print(f"$ {shown}", style="bold", markup=False)
    quiet = ["--quiet"] if settings.quiet or settings.json else []
    environment = {**os.environ, DEMO: "1"}
    done = subprocess.run([sys.executable, "-m", "osiris_crawler", *arguments, *quiet], env=environment, check=False)
    if done.returncode != 0:
        raise SystemExit(done.returncode)


def _show(out: Any, collection: Collection, checked: Checked, same: bool) -> None:
    out.print(
        _("Checked against what was planted: %(equal)d of %(planted)d articles equal in every field.")
        % {"equal": checked.equal, "planted": checked.planted},
        style="green" if checked.good else "red",
    )
    for difference in checked.differences[:10]:
        out.print(f"  {difference}", markup=False)
    out.print(
        _("Rebuilt from the WARC files alone: the dataset is byte for byte the same.")
        if same
        else _("Rebuilt from the WARC files alone: the dataset DIFFERS."),
        style="green" if same else "red",
    )
    out.print(_("Everything lies in %(path)s:") % {"path": collection.root}, markup=False)
    for path, meaning in (
        ("archive/", _("WARC files: every request and response, byte for byte")),
        ("indexes/index.cdxj", _("where every capture lies, for replay")),
        ("dataset/articles.jsonl", _("one line an article")),
        ("dataset/changes.jsonl", _("one line an event")),
        ("dataset/schema.json", _("JSON Schema of a line")),
        ("runs/", _("report and log of every run")),
        ("state.sqlite", _("ledger: can be thrown away, “osiris rebuild” makes it anew")),
    ):
        out.print(f"  {path:24} {meaning}", markup=False)


@click.command(
    help=_(
        "Start the embedded site on loopback, run the whole main job on it, check it and say where everything lies."
    ),
    epilog=options.example("osiris demo --articles 300"),
)
@click.option(
    "--articles", type=click.IntRange(20, 100_000), default=300, show_default=True, help=_("Articles of the site.")
)
@click.option(
    "--layout", type=click.Choice(list(LAYOUTS)), default="current", show_default=True, help=_("Look of the site.")
)
@options.collection
@options.talk
def command(articles: int, layout: str, **arguments: Any) -> int:
    return demo(load(arguments), articles, layout)
