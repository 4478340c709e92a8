"""A page read once from top to bottom: its blocks, links, pictures and requisites, and where each element's lie.

All reading stands on this one walk. Walking a tree from Python costs more than parsing it, so nothing walks it twice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from lxml import etree

from osiris_crawler.extract.blocks import Block
from osiris_crawler.extract.dates import find_date
from osiris_crawler.extract.dom import BLOCKS, HIDDEN, Element, fold
from osiris_crawler.extract.links import MOST_LINKS, MOST_REQUISITES, absolute, folder_of, resolved

_DEEPEST = 200
_MOST = 20_000  # blocks
_LONGEST_CELL = 400  # letters of a row of one cell; a longer one is no table of data
_LOOSE = frozenset({"td", "th", "div", "center", "body"})  # what may hold lines that are no paragraph
_TOP = 3  # lines of a cell in which its date line stands
_DATE_LINE = 70  # letters of a line that is a date and hardly more
_LONGEST_LINK = 2000  # letters of a link around whole blocks
_BREAK = "\x1e"  # stands for <br> while text gathers; parsing has taken control characters out
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "title", "caption"})
_NESTED = frozenset(
    ["p", "div", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "form", "section", "article"]
)
_UNSEEN = re.compile(r"\bdisplay\s*:\s*none\b|\bvisibility\s*:\s*hidden\b", re.I)
_REFRESH = re.compile(r"\s*[\d.]+\s*[;,]\s*url\s*=\s*['\"]?\s*([^'\">\s]+)", re.I)
_RELS = ("next", "prev", "alternate", "shortcut", "start", "contents")

_INLINE, _LINK, _IMAGE, _BR, _HIDDEN, _PART, _BLOCK, _ROW = range(8)  # blocks and rows last
_WHAT: dict[object, int] = {
    **dict.fromkeys(BLOCKS, _BLOCK), **dict.fromkeys(HIDDEN, _HIDDEN), "a": _LINK, "area": _LINK, "img": _IMAGE, "br": _BR,
    "tr": _ROW, "source": _PART, "video": _PART, "audio": _PART, "embed": _PART, "input": _PART, "frame": _PART,
    "link": _PART, "meta": _PART,
}  # fmt: skip


class Span(NamedTuple):
    """What an element holds: blocks and things from … to (exclusive)."""

    first: int
    end: int
    things: int
    things_end: int


@dataclass(slots=True, eq=False)
class Thing:
    """A link or a picture: `address` as written, `text` of the link, `block` that it stands in."""

    element: Element
    address: str
    text: str
    block: int
    picture: bool = False


@dataclass(slots=True)
class Document:
    """A page in the order of its visible text. Spans are known of elements that are blocks."""

    tree: Element
    body: Element
    base: str
    blocks: list[Block] = field(default_factory=list)
    things: list[Thing] = field(default_factory=list)
    spans: dict[Element, Span] = field(default_factory=dict)
    links: list[str] = field(default_factory=list)  # where the page leads, each address once
    requisites: list[str] = field(default_factory=list)  # what it needs to look as it does
    title: str = ""  # of <title>
    canonical: str | None = None

    def span_of(self, element: Element) -> Span:
        """The span of an element, or of the nearest one around it that is a block."""
        current: Element | None = element
        while current is not None:
            span = self.spans.get(current)
            if span is not None:
                return span
            current = current.getparent()
        return Span(0, len(self.blocks), 0, len(self.things))


def read_document(tree: Element, base: str) -> Document:
    """The one walk over a page."""
    body = tree.find("body")
    if body is None:
        body = tree.find(".//body")
    document = Document(tree, body if body is not None else tree, base)
    links: dict[str, None] = {}
    requisites: dict[str, None] = {}
    head = tree.find("head")
    if head is not None:
        _read_head(head, document, links, requisites)
    _Walker(document, links, requisites).walk_all()
    if not document.title:
        title = tree.find(".//title")
        document.title = " ".join((title.text or "").split()) if title is not None else ""
    document.links = list(links)[:MOST_LINKS]
    document.requisites = list(requisites)[:MOST_REQUISITES]
    return document


def _read_head(head: Element, document: Document, links: dict[str, None], requisites: dict[str, None]) -> None:
    base = document.base
    for element in head:
        tag = element.tag
        if tag == "link":
            _link_element(element, document, links, requisites)
        elif tag == "script":
            _need(requisites, base, element.get("src"))
        elif tag == "title":
            document.title = " ".join((element.text or "").split())
        elif tag == "meta":
            _meta(element, base, links)
        elif tag == "noscript":
            for inner in element.iter("img", "link"):
                _need(requisites, base, inner.get("src") or inner.get("href"))


def _link_element(element: Element, document: Document, links: dict[str, None], requisites: dict[str, None]) -> None:
    rel = (element.get("rel") or "").lower()
    href = element.get("href")
    if not href:
        return
    if rel == "canonical" and document.canonical is None:
        document.canonical = absolute(document.base, href)
    elif "stylesheet" in rel or "icon" in rel or "preload" in rel:
        _need(requisites, document.base, href)
    if any(name in rel for name in _RELS):
        url = absolute(document.base, href)
        if url is not None:
            links[url] = None


def _meta(element: Element, base: str, links: dict[str, None]) -> None:
    if (element.get("http-equiv") or "").lower() != "refresh":
        return
    match = _REFRESH.match(element.get("content") or "")
    url = absolute(base, match[1]) if match else None
    if url is not None:
        links[url] = None


def _need(requisites: dict[str, None], base: str, href: str | None) -> None:
    if href and not href.startswith("data:") and len(requisites) < MOST_REQUISITES:
        url = absolute(base, href)
        if url is not None:
            requisites[url] = None


class _Walker:
    """Inline text gathers under the block around it; a block's begin and end close what has gathered.

    The loop is long because it is the one that counts: a call for each element would cost as much as all it does.
    """

    def __init__(self, document: Document, links: dict[str, None], requisites: dict[str, None]) -> None:
        self._document = document
        self._base = document.base
        self._blocks = document.blocks
        self._addresses = links
        self._requisites = requisites
        self._parts: list[str] = []
        self._links: list[tuple[str, str]] = []

    def walk_all(self) -> None:
        document = self._document
        things, spans, body = document.things, document.spans, document.body
        frames: list[tuple[Element, int, int]] = []
        open_links: list[tuple[Thing, list[str], int, int]] = []
        row: _Row | None = None
        folder = folder_of(self._base)
        veils: set[Element] = set()
        walk = etree.iterwalk(body, events=("start", "end"))
        for event, element in walk:
            tag = element.tag
            what = _WHAT.get(tag, _INLINE)
            if event == "start":
                if what >= _BLOCK:  # a block, or a row
                    if _is_hidden(element):
                        self._hidden(element)
                        veils.add(element)
                        walk.skip_subtree()
                        continue
                    if self._parts:
                        self._close(frames[-1][0] if frames else body)
                    elif self._links:
                        self._links = []  # of a picture in a block without text
                    frames.append((element, len(self._blocks), len(things)))
                    if len(frames) > _DEEPEST or len(document.blocks) > _MOST:
                        walk.skip_subtree()
                        continue
                    if row is not None:
                        row.begin(element, self)
                    elif what == _ROW and _is_row(element):
                        row = _Row(element, self)
                elif what == _LINK:
                    href = element.get("href")
                    if href is not None:
                        at = row.at if row is not None else len(self._blocks)
                        thing = Thing(element, href, "", at)
                        things.append(thing)
                        open_links.append((thing, self._parts, len(self._parts), len(self._blocks)))
                        url = absolute(self._base, href) if href[:1] == "?" else resolved(folder, href)
                        if url is not None:
                            self._addresses[url] = None
                elif what == _BR:
                    self._parts.append(_BREAK)
                elif what == _IMAGE:
                    self._picture(element, row.at if row is not None else len(self._blocks))
                elif what == _HIDDEN:
                    self._hidden(element)
                    walk.skip_subtree()
                    continue
                elif what == _PART:
                    self._part(element)
                text = element.text
                if text and (self._parts or not text.isspace()):
                    self._parts.append(text)
                continue
            if what >= _BLOCK and not (veils and element in veils):
                if self._parts:
                    self._close(element)
                elif self._links:
                    self._links = []
                _frame, first, before = frames.pop()
                if row is None:
                    spans[element] = Span(first, len(self._blocks), before, len(things))
                else:
                    spans[element] = Span(row.at, row.at + 1, before, len(things))
                    if row.end(element, self):
                        row = None
            elif what == _LINK and open_links and open_links[-1][0].element is element:
                self._linked(*open_links.pop())
            text = element.tail
            if text and (self._parts or not text.isspace()):
                self._parts.append(text)
        self._parts = []
        spans[body] = Span(0, len(self._blocks), 0, len(things))

    def _linked(self, thing: Thing, parts: list[str], at: int, start: int) -> None:
        """The text of a link; one around whole blocks links each of them."""
        if self._parts is parts:
            inner = parts[at:]
            thing.text = fold(inner[0] if len(inner) == 1 else "".join(inner).replace(_BREAK, " ")).strip(" ")
            self._links.append((thing.address, thing.text))
            return
        for block in self._blocks[start:]:
            block.links = [*block.links, (thing.address, block.plain)]
        thing.text = " ".join(block.plain for block in self._blocks[start:])[:_LONGEST_LINK]

    def _close(self, owner: Element) -> None:
        """End the block that has gathered; a blank line between hard breaks ends a paragraph."""
        parts = self._parts
        raw = parts[0] if len(parts) == 1 else "".join(parts)
        self._parts = []
        if owner.tag == "pre":
            raw = raw.strip("\n").replace("\n", _BREAK)
        if raw.isspace():
            return
        links, self._links = self._links, []
        if _BREAK not in raw:
            text = fold(raw).strip(" ")
            if text.strip("\u00a0"):
                self._blocks.append(Block(text, str(owner.tag), owner, links))
            return
        lines = [line.strip(" ") for line in fold(raw).split(_BREAK)]
        groups: list[list[str]] = [[]]
        if owner.tag in _LOOSE and any(_is_date_line(line) for line in [line for line in lines if line][:_TOP]):
            # “title / date / tools” in one cell: each line is for itself.
            groups, lines = [[line] for line in lines if line.strip(" \u00a0")], []
        for line in lines:
            if line.strip(" \u00a0"):
                groups[-1].append(line)
            elif groups[-1] and owner.tag not in _HEADINGS:
                groups.append([])
        texts = ["\n".join(group) for group in groups if group]
        for text in texts:
            own = links if len(texts) == 1 else [(href, name) for href, name in links if name and name in text]
            self._blocks.append(Block(text, str(owner.tag), owner, own))

    def _picture(self, element: Element, at: int) -> None:
        src = element.get("src") or element.get("data-src")
        if src:
            self._document.things.append(Thing(element, src, "", at, picture=True))
        _need(self._requisites, self._base, element.get("src"))
        _need(self._requisites, self._base, element.get("data-src"))
        self._srcset(element)

    def _part(self, element: Element) -> None:
        if element.tag == "link":
            _link_element(element, self._document, self._addresses, self._requisites)
            return
        if element.tag == "meta":
            _meta(element, self._base, self._addresses)
            return
        if element.tag == "frame":
            url = absolute(self._base, element.get("src") or "")
            if url is not None:
                self._addresses[url] = None
            return
        _need(self._requisites, self._base, element.get("src"))
        _need(self._requisites, self._base, element.get("poster"))
        self._srcset(element)

    def _srcset(self, element: Element) -> None:
        srcset = element.get("srcset")
        if srcset:
            for part in srcset.split(",")[:10]:
                _need(self._requisites, self._base, part.strip().split(" ")[0])

    def _hidden(self, element: Element) -> None:
        """Nothing of it is text; what it leads to and needs counts all the same."""
        if element.tag == "script":
            _need(self._requisites, self._base, element.get("src"))
            return
        if element.tag == "iframe":
            url = absolute(self._base, element.get("src") or "")
            if url is not None:
                self._addresses[url] = None
        if len(element) == 0:
            return
        for inner in element.iter("a", "area", "img", "embed", "source", "link", "script"):
            address = inner.get("href")
            if inner.tag == "link":
                _link_element(inner, self._document, self._addresses, self._requisites)
            elif inner.tag in ("a", "area"):
                url = absolute(self._base, address) if address else None
                if url is not None:
                    self._addresses[url] = None
            else:
                _need(self._requisites, self._base, inner.get("src"))


class _Row:
    """A row of data while its cells are walked: it becomes one block, its cells joined by tabs."""

    def __init__(self, element: Element, walker: _Walker) -> None:
        self._element = element
        self._outer = walker._blocks
        self._cells: list[str] = []
        self._links: list[tuple[str, str]] = []
        self.at = len(walker._blocks)
        walker._blocks = []

    def begin(self, element: Element, walker: _Walker) -> None:
        if element.getparent() is self._element:
            walker._blocks = []

    def end(self, element: Element, walker: _Walker) -> bool:
        """Whether the row is at its end; a cell that ends is put into it."""
        if element is self._element:
            walker._blocks = self._outer
            if any(self._cells):
                walker._blocks.append(Block("\t".join(self._cells), "tr", element, self._links))
            walker._links = []
            return True
        if element.getparent() is self._element and element.tag in ("td", "th"):
            self._cells.append(" ".join(block.plain for block in walker._blocks))
            self._links += [link for block in walker._blocks for link in block.links]
            walker._blocks = []
        return False


def _is_date_line(line: str) -> bool:
    return len(line) <= _DATE_LINE and not line.startswith("(") and find_date(line) is not None


def _is_hidden(element: Element) -> bool:
    """Whether an element says itself that no reader sees it."""
    style = element.get("style")
    return (style is not None and bool(_UNSEEN.search(style))) or element.get("hidden") is not None


def _is_row(row: Element) -> bool:
    """A row of data, not of a page laid out in tables: cells of a few words, without blocks beyond one paragraph.

    In a page laid out in tables one cell holds the article, in lines and paragraphs of its own.
    """
    cells = [cell for cell in row if cell.tag in ("td", "th")]
    if any(sum(1 for inner in cell.iter() if inner.tag in _NESTED) > 1 for cell in cells):
        return False
    breaks = sum(1 for _break in row.iter("br"))
    if breaks > 2 * (len(cells) - 1):
        return False
    return len(cells) > 1 or sum(map(len, row.itertext())) <= _LONGEST_CELL
