"""What a web server can do wrong, by path: for tests that want it on purpose."""

from __future__ import annotations

import asyncio
import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from osiris_crawler.demo.server import Running

KINDS = (
    "reset", "truncated", "truncated-chunk", "slow", "silence", "short-length", "endless-length", "busy", "overload", "error", "loop", "bomb", "latin",
    "double", "huge-header", "portal", "empty", "endless", "forbid-all", "forbid-part", "forbidden", "redirect-self", "home",
    "away", "block", "drip",
)  # fmt: skip
_BOMB = 50_000_000  # bytes that the bomb unpacks to
_PAGE = '<html lang="fr"><head><title>Réunion à Thiès - OSIRIS</title></head><body><h1>Réunion à Thiès</h1><p>samedi 6 mai 2006</p><p>{}</p></body></html>'
# Looks like an article, with an address of its own site and another number each time.
_BLOCK = (
    '<html lang="fr"><head><title>Accès refusé - Pare-feu</title></head><body><h1>Accès refusé</h1><p>samedi 6 mai 2006</p>'
    '<p>Votre demande {} a été bloquée. {}</p><p><a href="/aide.html">Aide</a> <a href="/contact.html">Contact</a></p></body></html>'
)
_FLOW = 60_000_000  # bytes of what drips
_TEXT = "L’été dernier, la réunion des régions a été reportée à Thiès : « déjà » dit-on, après bien des délais. " * 3


@dataclass(frozen=True, slots=True)
class Misbehaviour:
    """A kind out of KINDS; `times`: only the first so many hits (0: always); `seconds`: of Retry-After or of slowness, and of
    “drip” the bytes a second."""

    kind: str
    times: int = 0
    seconds: float = 1.0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(self.kind)

    def play(self, transport: asyncio.Transport, running: Running, path: str, hit: int) -> int:
        """Answer badly; gives the status that was sent, 0 to have the page answered as it should be, -1 for none."""
        if self.times and hit > self.times:
            return 0
        if self.kind == "reset":
            transport.abort()
            return -1
        if self.kind == "silence":
            asyncio.get_running_loop().call_later(self.seconds, transport.close)
            return -1
        if self.kind == "drip":
            asyncio.get_running_loop().create_task(_flow(transport, int(self.seconds)))
            return 200
        if self.kind == "slow":
            _drip(transport, _response(200, _TEXT.encode() * 4), self.seconds)
            return 200
        answer, status = self._bytes(running, path, hit)
        transport.write(answer)
        if self.kind in ("truncated", "truncated-chunk"):
            transport.close()
        return status

    def _bytes(self, running: Running, path: str, hit: int) -> tuple[bytes, int]:
        page = _PAGE.format(_TEXT)
        if self.kind == "truncated":
            return _response(200, page.encode(), length=len(page) + 5000), 200
        if self.kind == "truncated-chunk":
            return b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\nfff0\r\nabc", 200
        if self.kind == "short-length":
            body = page.encode()
            return _response(200, body, length=len(body) // 2)[: -(len(body) - len(body) // 2)], 200
        if self.kind == "endless-length":
            return _response(200, page.encode()).replace(b"Content-Length: ", b"Content-Length: " + b"9" * 5000), 200
        if self.kind in ("busy", "overload"):
            status = 429 if self.kind == "busy" else 503
            return _response(status, b"busy", extra=f"Retry-After: {self.seconds:g}\r\n"), status
        if self.kind == "error":
            return _response(500, b"error"), 500
        if self.kind == "loop":
            target = running.url + f"boucle-{hit}"
            return _response(301, b"", extra=f"Location: {target}\r\n"), 301
        if self.kind == "redirect-self":
            return _response(301, b"", extra=f"Location: {running.url.rstrip('/')}{path}\r\n"), 301
        if self.kind == "bomb":
            packer = zlib.compressobj(9, zlib.DEFLATED, 31)
            body = b"".join(packer.compress(bytes(1_000_000)) for _n in range(_BOMB // 1_000_000)) + packer.flush()
            return _response(200, body, extra="Content-Encoding: gzip\r\n"), 200
        if self.kind == "latin":
            return _response(200, page.encode("cp1252", "replace"), charset="utf-8"), 200
        if self.kind == "double":
            return _response(200, page.encode().decode("latin-1").encode(), charset="utf-8"), 200
        if self.kind == "huge-header":
            return _response(200, page.encode(), extra=f"X-Large: {'x' * 14_000}\r\n"), 200
        if self.kind == "portal":
            return _response(
                200, b"<html><head><title>Portail</title></head><body><form>Connexion</form></body></html>"
            ), 200
        if self.kind == "away":
            return _response(302, b"", extra="Location: http://login.invalid/hotspot?back=1\r\n"), 302
        if self.kind == "block":
            return _response(200, _BLOCK.format(hit, _TEXT).encode()), 200
        if self.kind == "forbid-all":
            return _response(200, b"User-agent: *\nDisallow: /\n", mime="text/plain"), 200
        if self.kind == "forbid-part":
            return _response(200, b"User-agent: *\nDisallow: /+-\n", mime="text/plain"), 200
        if self.kind == "forbidden":
            return _response(403, b"<html><body><h1>Forbidden</h1></body></html>"), 403
        if self.kind == "home":
            assert running.site is not None
            page = re.sub(r'<link rel="canonical"[^>]*>', "", running.site.answer("/").body.decode())
            return _response(200, page.encode()), 200
        if self.kind == "endless":
            links = "".join(
                f'<a href="{path.partition("?")[0]}?debut_articles={10 * (hit + n)}">{n}</a> ' for n in range(1, 4)
            )
            return _response(200, f"<html><body><h1>Sans fin</h1><p>{links}</p></body></html>".encode()), 200
        return _response(200, b""), 200


def _response(
    status: int,
    body: bytes,
    *,
    length: int | None = None,
    extra: str = "",
    mime: str = "text/html",
    charset: str = "utf-8",
) -> bytes:
    size = len(body) if length is None else length
    return (
        f"HTTP/1.1 {status} X\r\nContent-Type: {mime}; charset={charset}\r\nContent-Length: {size}\r\n{extra}\r\n".encode(
            "latin-1"
        )
        + body
    )


async def _flow(transport: asyncio.Transport, rate: int) -> None:
    """Send a large file at so many bytes a second."""
    transport.write(_response(200, b"", length=_FLOW, mime="application/pdf"))
    for _n in range(0, _FLOW, max(rate // 10, 1)):
        if transport.is_closing():
            return
        transport.write(b"%" * max(rate // 10, 1))
        await asyncio.sleep(0.1)


def _drip(transport: asyncio.Transport, data: bytes, seconds: float) -> None:
    """Send in ten pieces over so many seconds."""
    loop = asyncio.get_running_loop()
    size = -(-len(data) // 10)

    def send(part: bytes) -> None:
        if not transport.is_closing():
            transport.write(part)

    for n in range(10):
        loop.call_later(n * seconds / 10, send, data[n * size : (n + 1) * size])
