"""The room as datasette serves it: its database, its routes, and the doors before them.

a request → only to 127.0.0.1 by its own name, only to be read, only to a page of the room
          → a view in one of datasette's reading threads → a template, JSON or CSV → headers that shut the page in

None of datasette's own pages is reachable: they would show the database as it lies, past restrictions that came later.
"""

from __future__ import annotations

import asyncio
import csv
import io
import json
import re
import sqlite3
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qs, unquote

import jinja2
from datasette import hookimpl
from datasette.app import Datasette
from datasette.database import Database
from datasette.plugins import pm
from datasette.utils.asgi import Request, Response

from osiris_crawler import __version__
from osiris_crawler.amounts import count
from osiris_crawler.care.rule_names import rule_name
from osiris_crawler.errors import OsirisError
from osiris_crawler.export.csv_rows import safe
from osiris_crawler.i18n import _
from osiris_crawler.reading_room import pages, prose, wording
from osiris_crawler.reading_room.asking import Question
from osiris_crawler.reading_room.pages import BadQuestion, NotHere, Page
from osiris_crawler.reading_room.room import Room

HOST = "127.0.0.1"
_HERE = Path(__file__).parent
_NAME = "room"
_CACHE = 64  # megabytes of the database that a thread keeps at hand
_STATIC = {"room.css": "text/css", "room.js": "text/javascript", "room.svg": "image/svg+xml"}
_TWIN = re.compile(r"\.(json|csv)$")
_LONGEST_QUERY = 8000  # letters
_SILENT = "font-src 'none'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"

ROUTES = (
    r"/(?:index(?P<twin>\.json|\.csv))?$",
    r"/search(?P<twin>\.json|\.csv)?$",
    r"/timeline(?P<twin>\.json|\.csv)?$",
    r"/article/(?P<id>[^/]+)/versions(?P<twin>\.json|\.csv)?$",
    r"/article/(?P<id>[^/]+)/reprints(?P<twin>\.json|\.csv)?$",
    r"/article/(?P<id>[^/]+)/as-it-was(?P<twin>\.json|\.csv)?$",
    r"/article/(?P<id>[^/]+)$",
    r"/static/(?P<file>[a-z]+\.[a-z]+)$",
)

Application = Callable[[Any, Any, Any], Awaitable[None]]
Hook = TypeVar("Hook", bound=Callable[..., Any])
_hook: Callable[[Hook], Hook] = hookimpl
Making = Callable[[Room, sqlite3.Connection, Mapping[str, str], Request], Page]


class Shelf(Database):  # type: ignore[misc]
    """datasette's database, opened by a path that may have any letter in it, with room to read, and only while it is the one
    of the room's beginning: what the room knows by heart (places, restrictions) is of no other."""

    room: Room

    def connect(self, write: bool = False) -> sqlite3.Connection:
        assert not write
        uri = f"{Path(self.path).absolute().as_uri()}?mode=ro&immutable=1"
        db = sqlite3.connect(uri, uri=True, check_same_thread=False)
        db.execute(f"PRAGMA cache_size = -{_CACHE * 1000}")
        try:
            self.room.check(db)
        except OsirisError:
            db.close()
            raise
        self._all_file_connections.append(db)
        return db


def application(room: Room) -> tuple[Datasette, Application]:
    """datasette over the room's database, and what answers requests."""
    for plugin, _distribution in pm.list_plugin_distinfo():
        pm.unregister(plugin)  # whatever else is installed in this environment has no say here
    served = Datasette(
        [], settings={"default_allow_sql": False, "allow_download": False, "allow_facet": False, "num_sql_threads": 3}
    )
    shelf = Shelf(served, path=str(room.database), is_mutable=True)
    shelf.room = room
    served.add_database(shelf, name=_NAME)
    plugin = _Plugin(served, room)
    pm.register(plugin, name=f"osiris-{id(served)}")
    try:
        answer: Application = served.app()
    finally:
        pm.unregister(plugin)  # another room in this process has its own
    return served, answer


class _Plugin:
    """What the room adds to datasette."""

    __name__ = "osiris_reading_room"

    def __init__(self, served: Datasette, room: Room) -> None:
        self._served, self._room = served, room
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=jinja2.StrictUndefined,
            trim_blocks=True, lstrip_blocks=True,
        )  # fmt: skip
        self._templates.filters |= {
            "shown": prose.shown, "web": prose.web_address, "day": wording.day, "instant": wording.instant,
            "figure": count, "percent": wording.percent, "field": wording.field, "cause": wording.cause, "event": wording.event,
            "rule": lambda rule: rule_name(rule) if rule else "",
        }  # fmt: skip
        self._templates.globals |= {
            "say": wording.SAY, "ui": wording.LANGUAGE, "address": pages.address, "count": wording.count_of_articles,
            "with_calls": prose.with_calls, "is_figure": prose.is_figure, "months": wording.SHORT_MONTHS, "version_of_osiris": __version__,
        }  # fmt: skip

    @_hook
    def register_routes(self, datasette: Datasette) -> list[tuple[str, Any]]:
        makings: tuple[Making, ...] = (
            lambda room, db, _kwargs, request: pages.home(room, db, _asked(request)),
            lambda room, db, _kwargs, request: pages.search(room, db, _asked(request)),
            lambda room, db, _kwargs, request: pages.timeline(room, db, _asked(request)),
            lambda room, db, kwargs, request: pages.versions(room, db, kwargs["id"], _asked(request)),
            lambda room, db, kwargs, _request: pages.reprints(room, db, kwargs["id"]),
            lambda room, db, kwargs, request: pages.as_it_was(room, db, kwargs["id"], begin=_meant(request)),
            lambda room, db, kwargs, _request: pages.article(room, db, kwargs["id"]),
        )
        views = [(route, self._view(making)) for route, making in zip(ROUTES[:-1], makings, strict=True)]
        return [*views, (ROUTES[-1], _static)]

    @_hook
    def asgi_wrapper(self, datasette: Datasette) -> Callable[[Application], Application]:
        def wrapped(inner: Application) -> Application:
            return _guarded(inner, self._room, self._failure)

        return wrapped

    def _view(self, making: Making) -> Any:
        async def view(request: Request) -> Response:
            kwargs = {name: unquote(value or "", errors="replace") for name, value in request.url_vars.items()}
            twin = kwargs.get("twin", "")[1:]

            def made(db: sqlite3.Connection) -> Response:
                room, wanted = self._room, twin
                if "twin" not in kwargs and room.number(db, kwargs["id"]) is None:
                    # An article's own address: its id may have a dot in it, so the end is cut only where it must be.
                    end = _TWIN.search(kwargs["id"])
                    if end:
                        kwargs["id"], wanted = kwargs["id"][: end.start()], end[1]
                return self._answer(making(room, db, kwargs, request), wanted, request)

            try:
                answer: Response = await self._served.get_database(_NAME).execute_fn(made)
            except NotHere:
                return self._failure(404, request)
            except BadQuestion as problem:
                return self._failure(400, request, str(problem))
            except OsirisError as problem:
                return self._failure(503, request, str(problem))
            except Exception as problem:  # what nobody foresaw is told to the operator, and the reader gets a page
                name = "".join(letter if letter.isprintable() else " " for letter in repr(problem))
                print(f"osiris browse: {request.path}: {name[:500]}", file=sys.stderr)  # noqa: T201
                return self._failure(500, request)
            return answer

        return view

    def _answer(self, page: Page, twin: str, request: Request) -> Response:
        if twin == "json":
            return _response(json.dumps(page.data, ensure_ascii=False).encode("utf-8", "replace"), "application/json")
        if twin == "csv":
            headers = {"Content-Disposition": f'attachment; filename="{page.name}.csv"'}
            return _response(_table(page), "text/csv; charset=utf-8", headers=headers)
        values = {**page.values, **self._around(request)}
        html = self._templates.get_template(page.template).render(values)
        headers = {}
        frame = self._room.beside.origin if page.values.get("frame") else None
        headers["Content-Security-Policy"] = policy(frame)
        return _response(html.encode("utf-8", "replace"), "text/html; charset=utf-8", headers=headers)

    def _around(self, request: Request) -> dict[str, Any]:
        """What the frame of every page needs."""
        path = request.path
        query = f"?{request.query_string}" if request.query_string else ""
        base = "/index" if path == "/" else path
        return {
            "room": self._room,
            "twins": {kind: f"{base}.{kind}{query}" for kind in ("json", "csv")},
            "outdated": self._room.outdated,
        }

    def _failure(self, status: int, request: Request, more: str = "") -> Response:
        title, sentence = {
            400: (_("This address is not understood"), ""),
            403: (_("Not for this address"), _("The reading room answers at 127.0.0.1 alone.")),
            404: (
                _("There is no such page"),
                _("The article may be named otherwise here, or must not be shown.") if request.path.startswith("/article/") else "",
            ),
            405: (_("This room is for reading"), _("Nothing can be changed here.")),
            503: (_("The room is closed for the moment"), ""),
        }.get(status, (_("Something went wrong"), _("The terminal of “osiris browse” says more.")))
        if _TWIN.search(request.path):
            body = json.dumps({"status": status, "error": more or sentence or title}, ensure_ascii=False)
            return _response(body.encode("utf-8", "replace"), "application/json", status)
        values = {"status": status, "title": title, "sentence": more or sentence, **self._around(request)}
        html = self._templates.get_template("failure.html").render({**values, "question": Question()})
        return _response(html.encode("utf-8", "replace"), "text/html; charset=utf-8", status)


def _asked(request: Request) -> Mapping[str, list[str]]:
    try:
        return parse_qs(
            request.query_string[:_LONGEST_QUERY], errors="replace", max_num_fields=100, keep_blank_values=True
        )
    except ValueError:
        return {}


def _meant(request: Request) -> bool:
    """Whether a reader of the room asks, and not a page of another site behind the reader's back."""
    return request.headers.get("sec-fetch-site", "none") in ("same-origin", "none")


def policy(frame: str | None = None) -> str:
    """What a page may load: the room's own style and script, and the replay in its frame."""
    frames = f"frame-src {frame}" if frame else "frame-src 'none'"
    return f"default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; {frames}; {_SILENT}"


def _response(body: bytes, kind: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(
        body, status=status, headers={"Content-Length": str(len(body)), **(headers or {})}, content_type=kind
    )


def _table(page: Page) -> bytes:
    text = io.StringIO(newline="")
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow(page.head)
    for row in page.rows:
        table.writerow(["" if value is None else safe(str(value)) for value in row])
    return text.getvalue().encode("utf-8", "replace")


async def _static(request: Request) -> Response:
    name = request.url_vars["file"]
    if name not in _STATIC:
        return _response(b"", "text/plain", 404)
    data = await asyncio.to_thread((_HERE / "static" / name).read_bytes)
    return _response(data, f"{_STATIC[name]}; charset=utf-8")


def _guarded(inner: Application, room: Room, failure: Callable[..., Response]) -> Application:
    routes = [re.compile(route) for route in ROUTES]

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await inner(scope, receive, send)
            return
        heads = {name.lower(): value for name, value in scope["headers"]}
        status = _refusal(scope, heads)
        path = (scope.get("raw_path") or scope["path"].encode()).decode("ascii", "replace").partition("?")[0]
        if status is None and not any(route.match(path) for route in routes):
            status = 404

        async def shut_in(message: Any) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": _headers(message["headers"])}
            await send(message)

        if status is not None:
            await failure(status, Request(scope, receive)).asgi_send(shut_in)
        else:
            await inner(
                {**scope, "headers": [pair for pair in scope["headers"] if pair[0].lower() != b"cookie"]},
                receive,
                shut_in,
            )

    return answer


def _refusal(scope: Any, heads: Mapping[bytes, bytes]) -> int | None:
    """Why a request is not let in: another site's name that was pointed to 127.0.0.1, or one that would write."""
    port = scope["server"][1]
    if heads.get(b"host") not in [f"{name}:{port}".encode() for name in (HOST, "localhost")]:
        return 403
    return None if scope["method"] in ("GET", "HEAD") else 405


def _headers(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    ours = {
        "content-security-policy": policy(),
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "x-frame-options": "DENY",
        "permissions-policy": "camera=(), geolocation=(), microphone=()",
        "x-dns-prefetch-control": "off",
        "cache-control": "no-store",
    }
    given = {
        name.lower(): value for name, value in headers if name.lower() not in (b"cache-control", b"vary", b"set-cookie")
    }
    return list({**{name.encode(): value.encode() for name, value in ours.items()}, **given}.items())
