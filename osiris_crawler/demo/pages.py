"""What the embedded site answers: addresses to status, headers and body, with SPIP's habits (SITE, sections 2 and 3)."""

from __future__ import annotations

import re
import struct
import zlib
from collections import OrderedDict
from dataclasses import dataclass
from html import escape
from urllib.parse import unquote

from osiris_crawler.demo.layouts import LAYOUTS
from osiris_crawler.demo.layouts.view import NAME, TAGLINE, Page
from osiris_crawler.demo.pieces import Piece
from osiris_crawler.demo.world import PER_PAGE, World

HTML = "text/html; charset=utf-8"
ROBOTS = """User-agent: *
Allow: /local/cache-css/
Noindex: /local/
Disallow: /ecrire/
Disallow: /prive/
Disallow: /spip.php?action=*
Disallow: /spip.php?page=login*
Crawl-delay: 1
"""
_CACHED = 4000  # pages; a large site is drawn on demand
_NUMBER = re.compile(r"(?:spip\.php\?|index\.php\?)?(article|breve)(\d{1,9})(?:\.html)?")


@dataclass(frozen=True, slots=True)
class Answer:
    """A response before it is framed."""

    status: int
    mime: str
    body: bytes
    location: str | None = None
    etag: str | None = None


class Site:
    """The world in one look, at one base address."""

    def __init__(self, world: World, layout: str, base: str) -> None:
        self.world = world
        self.layout = layout
        self.base = base
        self._draw = LAYOUTS[layout].draw
        self._pages: OrderedDict[str, Answer] = OrderedDict()
        self.changed()

    def changed(self) -> None:
        """The world has moved on: what was drawn is forgotten."""
        self._pages.clear()
        self._published = self.world.published()
        self._by_path = {self._stem(p.path): p for p in self._published}
        self._old = {self._stem(p.old_path): p for p in self._published if p.old_path}
        self._sections = {self._stem(s.path): s for s in self.world.sections.values()}
        self._in_section: dict[int, list[Piece]] = {}
        for piece in self._published:
            self._in_section.setdefault(piece.section, []).append(piece)
        self._keywords = self.world.keywords()
        self._by_keyword = {self._stem(self.world.keyword_path(name)): name for name in self._keywords}

    @staticmethod
    def _stem(path: str) -> str:
        return path.removesuffix(".html")

    def answer(self, target: str) -> Answer:
        """The answer to a request's target."""
        known = self._pages.get(target)
        if known is None:
            known = self._answer(target)
            self._pages[target] = known
            if len(self._pages) > _CACHED:
                self._pages.popitem(last=False)
        return known

    def _answer(self, target: str) -> Answer:
        path, _mark, query = target.lstrip("/").partition("?")
        path = unquote(path)
        items = [item for item in query.split("&") if item]
        params = dict(item.partition("=")[::2] for item in items)
        if path == "robots.txt":
            return Answer(200, "text/plain; charset=utf-8", ROBOTS.encode())
        if path == "sitemap.xml":
            return Answer(200, "text/xml; charset=utf-8", self._sitemap())
        if path.startswith(("IMG/", "local/", "squelettes/")):
            return self._file(path)
        if path.startswith(("ecrire", "prive")) or params.get("page") == "login":
            return Answer(200, HTML, b"<html><body>login</body></html>")
        numbered = _NUMBER.fullmatch(f"{path}?{items[0]}" if path.endswith(".php") and items else path)
        if numbered or (path.isdecimal() and f"{path}" not in self._by_path):
            return self._by_number(int(numbered[2] if numbered else path))
        if params.get("page") == "article" and params.get("id_article", "").isdecimal():
            piece = self.world.pieces.get(int(params["id_article"]))
            return self._article(piece) if piece is not None and not piece.withdrawn else self._home(0)
        if params.get("page") == "plan":
            return self._html(Page(self.world, self.base, "Plan du site", "spip.php?page=plan", [], "plan"))
        if params.get("page") == "backend" or path == "backend.html":
            return Answer(200, "text/xml; charset=utf-8", self._feed())
        offset = next(
            (int(value) for name, value in params.items() if name.startswith("debut_") and value.isdecimal()), 0
        )
        if path in ("", "index.php", "spip.php"):
            return self._home(offset)
        return self._by_slug(self._stem(path), offset)

    def _by_number(self, number: int) -> Answer:
        piece = self.world.pieces.get(number)
        if piece is None or piece.withdrawn:
            return self._home(0)  # SPIP's soft 404
        return Answer(301, HTML, b"", location=self.base + piece.path)

    def _by_slug(self, stem: str, offset: int) -> Answer:
        if stem in self._by_path:
            return self._article(self._by_path[stem])
        if stem in self._old:
            return Answer(301, HTML, b"", location=self.base + self._stem(self._old[stem].path))
        if stem in self._sections:
            section = self._sections[stem]
            above = self.world.path_of(section.parent)
            return self._listing(
                Page(
                    self.world, self.base, section.title, section.path, [(s.title, s.path) for s in above], "section",
                    sections=[s for s in self.world.sections.values() if s.parent == section.id],
                ),
                self._in_section.get(section.id, []), offset,
            )  # fmt: skip
        if stem in self._by_keyword:
            name = self._by_keyword[stem]
            crumbs: list[tuple[str, str | None]] = [("Mots-clés", None)]
            page = Page(self.world, self.base, name, self.world.keyword_path(name), crumbs, "keyword")
            return self._listing(page, self._keywords[name], offset)
        page = Page(self.world, self.base, "Erreur 404", "", [], "error")
        return Answer(404, HTML, self._draw(page).encode())

    def _home(self, offset: int) -> Answer:
        page = Page(self.world, self.base, NAME, "", [], "home")
        return self._listing(page, self._published, offset)

    def _listing(self, page: Page, pieces: list[Piece], offset: int) -> Answer:
        page.entries, page.offset, page.total = pieces[offset : offset + PER_PAGE], offset, len(pieces)
        return self._html(page)

    def _article(self, piece: Piece) -> Answer:
        above = [(s.title, s.path) for s in self.world.path_of(piece.section)]
        return self._html(Page(self.world, self.base, piece.title, piece.path, list(above), "article", piece=piece))

    def _html(self, page: Page) -> Answer:
        return Answer(200, HTML, self._draw(page).encode())

    def _file(self, path: str) -> Answer:
        mimes = {"png": "image/png", "pdf": "application/pdf", "css": "text/css", "js": "application/javascript"}
        mime = mimes.get(path.rsplit(".", 1)[-1])
        if mime is None:
            return Answer(404, HTML, b"404")
        body = {
            "image/png": png(path),
            "application/pdf": pdf(path),
            "text/css": STYLE.encode(),
            "application/javascript": b"/* menu */\n",
        }[mime]
        return Answer(200, mime, body, etag=f'"{zlib.crc32(body):08x}"')

    def _sitemap(self) -> bytes:
        paths = ["", *(s.path for s in self.world.sections.values()), *(p.path for p in self._published)]
        places = "\n".join(f"<url>\n\t<loc>{escape(self.base + path)}</loc>\n</url>" for path in paths)
        return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{places}\n</urlset>\n'.encode()

    def _feed(self) -> bytes:
        items = "\n".join(
            f"<item><title>{escape(p.title)}</title><link>{escape(self.base + p.path)}</link><dc:date>{p.day.isoformat()}T00:00:00Z</dc:date>"
            f"{f'<dc:subject>41. {escape(p.tag)}</dc:subject>' if p.tag else ''}<description>{escape(p.body())}</description></item>"
            for p in self._published[:10]
        )
        return (
            '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>'
            f"<title>{NAME}</title><link>{escape(self.base)}</link><description>{escape(TAGLINE)}</description>{items}</channel></rss>\n"
        ).encode()


STYLE = """body { font: 16px/1.55 Georgia, serif; margin: 0 auto; max-width: 68rem; padding: 1rem; color: #222; background: #fff; }
a { color: #14508c; } h1 { font-size: 1.7rem; line-height: 1.2; } ul { padding-left: 1.2rem; } table { border-collapse: collapse; }
td, th { border: 1px solid #ccc; padding: .2rem .6rem; } .row { display: flex; gap: 2rem; } .col-md-8 { flex: 2; } .col-md-4 { flex: 1; font-size: .85rem; }
.navbar ul, .nuage { list-style: none; padding: 0; } .nav-item { display: inline; margin-right: 1rem; } .chapo { font-weight: bold; }
"""


def png(path: str) -> bytes:
    """A small picture, its colour drawn from its name."""
    seed = zlib.crc32(path.encode())
    colour = bytes((seed & 0xFF, seed >> 8 & 0xFF, seed >> 16 & 0xFF))
    width, height = (120, 80) if "cache-vignettes" in path else (360, 240)
    rows = b"".join(b"\0" + colour * width for _row in range(height))

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def pdf(path: str) -> bytes:
    """A document of one page with its own name on it."""
    text = f"BT /F1 18 Tf 40 120 Td ({path.rsplit('/', 1)[-1]}) Tj ET".encode()
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(text), text), b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )  # fmt: skip
    out, places = bytearray(b"%PDF-1.4\n"), []
    for n, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj%s endobj\n" % (n, content)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + b"".join(
        b"%010d 00000 n \n" % at for at in places
    )
    return bytes(out + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start))
