"""osiris replay: the archive as it was, in a web browser, from this machine alone."""

from __future__ import annotations

import json
import signal
import threading
import time
import webbrowser
from typing import Any

import click

from osiris_crawler.care.keeping import existing, only_collection
from osiris_crawler.care.rebuilding import site_of
from osiris_crawler.commands import options
from osiris_crawler.commands.window import as_ctrl_c, has_display
from osiris_crawler.crawl.terminal import console
from osiris_crawler.errors import Exit, UsageError
from osiris_crawler.i18n import _, ngettext
from osiris_crawler.paths import Collection
from osiris_crawler.replay.blocking import blocked
from osiris_crawler.replay.environment import cache_folder, ensure
from osiris_crawler.replay.server import Server, check, serving
from osiris_crawler.settings import Settings, load

_GLANCE = 0.5  # seconds between two looks at pywb and at what is restricted
_QUIET = 6  # glances without a change, after which a file is taken for written


def replay(settings: Settings, port: int, browser: bool) -> int:
    """Serve a collection until Ctrl-C; gives the exit code."""
    name = settings.collection or only_collection(settings.output)
    collection = existing(Collection(settings.output, name))
    out = console(settings)
    for sentence in check(collection):
        out.print(sentence, style="yellow", markup=False)
    marks = _marks(collection)  # before they are read: a change between the two is seen afterwards
    keys = blocked(collection)
    home = _home(collection)
    for number in (signal.SIGINT, signal.SIGTERM):  # a shell has what it starts in the background ignore the first
        signal.signal(number, as_ctrl_c)
    python = ensure(cache_folder(), lambda text: out.print(text, markup=False))
    try:
        with serving(collection, python, keys, port) as server:
            server.wait()
            url = server.page(home) if home else server.base
            out.print(_("Replaying %(path)s at %(url)s") % {"path": collection.root, "url": url}, markup=False)
            if home:
                out.print(_("All captures of the home page: %(url)s") % {"url": server.captures(home)}, markup=False)
            if keys:
                text = ngettext(
                    "%(count)d address is blocked by restrictions.jsonl.",
                    "%(count)d addresses are blocked by restrictions.jsonl.",
                    len(keys),
                )
                out.print(text % {"count": len(keys)})
            out.print(_("Ctrl-C ends it."))
            if settings.json:
                click.echo(json.dumps({"url": url, "collection": str(collection.root)}, ensure_ascii=False))
            if browser and has_display():
                threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()
            _watch(server, collection, marks, keys)
    except KeyboardInterrupt:
        return int(Exit.DONE)
    return int(Exit.DONE)


def _watch(server: Server, collection: Collection, seen: list[tuple[int, int]], hidden: frozenset[str]) -> None:
    """Until Ctrl-C: what becomes restricted while it is read is blocked at once; a restriction's end waits.

    An editor may empty a file before it writes it, or put another in its place: less is hidden only once the file has
    been the same for a while.
    """
    quiet = _QUIET
    while True:
        time.sleep(_GLANCE)
        server.mind()
        now = _marks(collection)
        quiet = 0 if now != seen else quiet + 1
        if now != seen or quiet == _QUIET:
            wanted = blocked(collection)
            still = quiet == _QUIET and _marks(collection) == now  # else it was written to while it was read
            hidden = wanted if still else hidden | wanted
            server.block(hidden)
            seen = now


def _marks(collection: Collection) -> list[tuple[int, int]]:
    """What tells that a file is another than before."""
    paths = (collection.restrictions, collection.articles)
    return [(stat.st_mtime_ns, stat.st_ino) for path in paths if path.exists() for stat in [path.stat()]]


def _home(collection: Collection) -> str | None:
    """The site's home page; None when no file says which site it is (all were imported)."""
    try:
        return site_of(collection).start_url
    except UsageError:
        return None


@click.command(
    help=_("Replay the archive in a web browser, on 127.0.0.1 alone, by pywb in an environment of its own."),
    epilog=options.example("osiris replay -c osiris --port 8080"),
)
@options.collection
@click.option(
    "--port", type=click.IntRange(1, 65535), metavar="NUMBER", help=_("Port to answer at. Default: one that is free.")
)
@click.option(
    "--browser/--no-browser", default=True, help=_("Open the web browser. Default: where there is a display.")
)
@options.talk
def command(port: int | None, browser: bool, **arguments: Any) -> int:
    return replay(load(arguments), port or 0, browser)
