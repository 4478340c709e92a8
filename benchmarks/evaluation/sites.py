"""The sites that are read: every look of the embedded site, and a real SPIP site from a WARC file with its truth."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lxml import etree, html
from warcio.archiveiterator import ArchiveIterator

from osiris_crawler.demo.layouts import LAYOUTS
from osiris_crawler.demo.pages import Site as Drawn
from osiris_crawler.demo.world import World

from .metrics import repeated_lines
from .planted import Planted, of_spip, of_world

_INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code del dfn em font i img ins kbd label mark q s samp small span strike strong sub "
    "sup time tt u var wbr".split()
)
_UNSEEN = frozenset("script style noscript template head".split())
_CHARSET = re.compile(r"charset=[\"']?([\w-]+)", re.IGNORECASE)
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Page:
    """An article's page as it was answered, free of transfer and content codings."""

    url: str
    content_type: str | None
    body: bytes

    @property
    def charset(self) -> str:
        """What the answer says its characters are in; UTF-8 where it does not say."""
        told = _CHARSET.search(self.content_type or "")
        try:
            return codecs.lookup(told[1]).name if told else "utf-8"
        except LookupError:
            return "utf-8"


@dataclass(slots=True)
class Site:
    """Pages and what was planted on them; `layout` or `warc` says where to get the whole site from."""

    name: str
    base: str
    pages: list[Page]
    planted: list[Planted]
    chrome: list[list[str]]  # lines that stand on a tenth of the pages or more, as words
    layout: str | None = None
    world: World | None = None
    warc: Path | None = None
    asked: frozenset[str] | None = None  # paths of the articles that are asked for; None: all

    def at(self, base: str) -> Site:
        """The same embedded site at another address."""
        assert self.layout is not None and self.world is not None
        planted = _planted(self.world, self.layout, base, self.asked)
        return replace(self, base=base, planted=planted)


def embedded(layout: str, articles: int, seed: int = 1) -> Site:
    """The embedded site in one look."""
    return drawn(World(articles=articles, seed=seed), layout)


def _planted(world: World, layout: str, base: str, asked: frozenset[str] | None) -> list[Planted]:
    return of_world((piece for piece in world.truth(layout) if asked is None or piece["url"] in asked), base)


def drawn(world: World, layout: str, asked: frozenset[str] | None = None) -> Site:
    """A world in one look; `asked`: paths of the articles that are asked for."""
    base = "http://127.0.0.1:8000/"
    drawn = Drawn(world, layout, base)
    planted = _planted(world, layout, base, asked)
    pages = []
    for article in planted:
        answer = drawn.answer("/" + article.url.removeprefix(base))
        pages.append(Page(article.url, answer.mime, answer.body))
    return Site(layout, base, pages, planted, repeated_lines(map(lines_of, pages)), layout, world, asked=asked)


def captured(warc: Path, truth: Path) -> Site:
    """A real site: of the articles of the truth those whose address answered with 200 in the WARC file."""
    planted = {article.url: article for article in of_spip(truth)}
    pages: dict[str, Page] = {}
    with warc.open("rb") as file:
        for record in ArchiveIterator(file):
            url = record.rec_headers.get_header("WARC-Target-URI")
            if record.rec_type != "response" or url not in planted or record.http_headers.get_statuscode() != "200":
                continue
            mime = record.http_headers.get_header("Content-Type")
            pages.setdefault(url, Page(url, mime, record.content_stream().read()))
    base = re.sub(r"^(\w+://[^/]+/).*$", r"\1", next(iter(planted), ""))
    found = sorted(pages.values(), key=lambda page: page.url)
    return Site(
        warc.name.removesuffix(".warc.gz"), base, found, [planted[page.url] for page in found],
        repeated_lines(map(lines_of, found)), warc=warc,
    )  # fmt: skip


def lines_of(page: Page) -> Iterator[str]:
    """The texts of a page's blocks, by the names of elements alone: what no inline element interrupts is a line."""
    try:
        tree = html.document_fromstring(page.body, parser=html.HTMLParser(encoding=page.charset))
    except (etree.ParserError, ValueError):
        return
    yield from _joined(_pieces(tree))


def _pieces(element: Any) -> Iterator[str | None]:
    """Texts in order; None where a line ends."""
    if not isinstance(element.tag, str) or element.tag in _UNSEEN:
        return
    block = element.tag not in _INLINE
    if block:
        yield None
    yield element.text or ""
    for child in element:
        yield from _pieces(child)
        yield child.tail or ""
    if block:
        yield None


def _joined(pieces: Iterable[str | None]) -> Iterator[str]:
    line: list[str] = []
    for piece in [*pieces, None]:
        if piece is not None:
            line.append(piece)
            continue
        text = _SPACE.sub(" ", "".join(line)).strip()
        if text:
            yield text
        line = []


def layouts() -> list[str]:
    """Names of the embedded site's looks."""
    return list(LAYOUTS)
