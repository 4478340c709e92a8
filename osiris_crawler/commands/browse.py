"""osiris browse: a reading room over the dataset, in a web browser, on this machine alone."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import signal
import socket
import threading
import webbrowser
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import click

from osiris_crawler.care.keeping import existing, only_collection
from osiris_crawler.commands import options
from osiris_crawler.commands.window import as_ctrl_c, has_display
from osiris_crawler.crawl.terminal import bar, console
from osiris_crawler.errors import Exit, OsirisError, UsageError
from osiris_crawler.i18n import _
from osiris_crawler.paths import Collection
from osiris_crawler.settings import Settings, load

if TYPE_CHECKING:
    from osiris_crawler.reading_room.room import Room

HOST = "127.0.0.1"
_NEEDED = ("datasette", "uvicorn")


def browse(settings: Settings, port: int, browser: bool, replay: bool) -> int:
    """Serve the room until Ctrl-C; gives the exit code."""
    if any(find_spec(name) is None for name in _NEEDED):
        raise UsageError(
            _("The reading room needs datasette, which is not installed."),
            _("Install it with: pip install 'osiris-crawler[browse]'"),
        )
    from osiris_crawler.reading_room.making import prepared
    from osiris_crawler.reading_room.room import Room

    collection = existing(Collection(settings.output, settings.collection or only_collection(settings.output)))
    out = console(settings)
    for number in (signal.SIGINT, signal.SIGTERM):  # a shell has what it starts in the background ignore the first
        signal.signal(number, as_ctrl_c)
    try:
        with _listening(port) as listener:
            with bar(out, _("Making the reading room's database"), unit="bytes") as progress:
                database = prepared(collection, progress)
            room = Room(collection, database, replay=replay)
            gc.collect()
            gc.freeze()  # what the room knows by heart is never rubbish; looking through it would cost 50 ms now and then
            url = f"http://{HOST}:{listener.getsockname()[1]}/"

            def ready() -> None:
                out.print(
                    _("The reading room of %(path)s is at %(url)s") % {"path": collection.root, "url": url},
                    markup=False,
                )
                out.print(_("Ctrl-C ends it."))
                if settings.json:
                    told = {
                        "url": url,
                        "collection": str(collection.root),
                        "database": str(database),
                        "articles": room.shown,
                    }
                    click.echo(json.dumps(told, ensure_ascii=False))
                if browser and has_display():
                    threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()

            _serve(room, listener, ready)
    except KeyboardInterrupt:
        return int(Exit.DONE)
    return int(Exit.DONE)


def _serve(room: Room, listener: socket.socket, ready: Any) -> None:
    """Until Ctrl-C; then the replay ends, too."""
    import uvicorn

    from osiris_crawler.reading_room.serving import application

    async def run() -> None:
        _served, answer = application(room)
        config = uvicorn.Config(
            answer, log_level="error", access_log=False, server_header=False, date_header=True, lifespan="on", ws="none",
            timeout_graceful_shutdown=2, limit_concurrency=100, h11_max_incomplete_event_size=65_536,
        )  # fmt: skip
        server = _Server(config)
        server.ready = ready
        await server.serve(sockets=[listener])
        if not server.started:
            raise OsirisError(_("The reading room could not be opened."), _("Give the command again."))

    class _Server(uvicorn.Server):
        ready: Any

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets=sockets)
            if self.started:
                self.ready()

        @contextlib.contextmanager
        def capture_signals(self) -> Any:
            """SIGINT and SIGTERM end it quietly; uvicorn would raise them again when all is done."""
            loop = asyncio.get_running_loop()
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda *_: loop.call_soon_threadsafe(setattr, self, "should_exit", True))
            yield

    try:
        asyncio.run(run())
    finally:
        room.beside.end()


@contextlib.contextmanager
def _listening(port: int) -> Any:
    """A socket at the port; UsageError when it can't be had."""
    try:
        listener = socket.create_server((HOST, port))
    except OSError as problem:
        raise UsageError(
            _("Port %(port)d can't be used: %(why)s.") % {"port": port, "why": problem.strerror or problem},
            _("Choose another with --port, or leave it out for one that is free."),
        ) from None
    with listener:
        # Its connections inherit it. Without, an answer's second packet waits for the browser: 40 ms each.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield listener


@click.command(
    help=_(
        "Search and read the dataset in a web browser, on 127.0.0.1 alone: French as it is typed, facets, a timeline, each"
        " article with its source, versions, reprints, and the page as it was beside it. Every page is there as JSON and CSV, too."
    ),
    epilog=options.example("osiris browse -c osiris\nosiris browse -c osiris --port 8001 --no-replay"),
)
@options.collection
@click.option(
    "--port", type=click.IntRange(1, 65535), metavar="NUMBER", help=_("Port to answer at. Default: one that is free.")
)
@click.option(
    "--browser/--no-browser", default=True, help=_("Open the web browser. Default: where there is a display.")
)
@click.option(
    "--replay/--no-replay",
    default=True,
    help=_(
        "Show pages as they were, by “osiris replay”, which is started when a reader asks for the first. Default: yes."
    ),
)
@options.talk
def command(port: int | None, browser: bool, replay: bool, **arguments: Any) -> int:
    return browse(load(arguments), port or 0, browser, replay)
