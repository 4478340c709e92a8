"""Reading a response: from its bytes to what it asserts. Pure: no network, no clock, no state.

address and answer → decode, parse → breadcrumb → article, listing, feed or sitemap → facts and links
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from osiris_crawler.extract.article import ArticlePage, read_article
from osiris_crawler.extract.attribution import take_sources
from osiris_crawler.extract.breadcrumb import Breadcrumb, read_breadcrumb
from osiris_crawler.extract.chrome import Chrome, Places, Sketch, sketch
from osiris_crawler.extract.document import Document, read_document
from osiris_crawler.extract.dom import Element, decode, parse, text_of
from osiris_crawler.extract.facts import ArticleFacts, Reading, SectionNode
from osiris_crawler.extract.feed import read_xml
from osiris_crawler.extract.landmarks import bare_landmarks, folded, landmarks_of
from osiris_crawler.extract.language import language_of
from osiris_crawler.extract.links import absolute, base_of
from osiris_crawler.extract.listing import is_listing, read_listing
from osiris_crawler.extract.parts import Parts
from osiris_crawler.site import urls
from osiris_crawler.site.profile import Site
from osiris_crawler.site.urls import Address, Kind

READER = "4"  # raise it when archived pages may be read otherwise than before


def reader_of(chrome: Chrome | None) -> str:
    """The reader's version, and the model that it reads articles with: “3” or “3+1f3a9c07”."""
    return READER if chrome is None or not chrome.name else f"{READER}+{chrome.name}"


_LISTINGS = frozenset({Kind.HOME, Kind.SECTION, Kind.KEYWORD, Kind.PLAN, Kind.AUTHOR})
_ARTICLES = frozenset({Kind.ARTICLE, Kind.BREVE})
_SHARE = re.compile(r"^(\d{1,6})\s*/\s*(\d{1,6})(?:\s|$)")
_SPIP_PAGE = re.compile(r"\bpage_(sommaire|404)\b")


def read(
    url: str,
    status: int,
    content_type: str | None,
    body: bytes,
    site: Site,
    chrome: Chrome | None = None,
    *,
    hints: bool = True,
) -> Reading:
    """Read a response whose body is free of transfer and content codings. Never raises on what a page holds.

    `chrome` is what the site's pages have taught: it has a say in an article's text, never in what kind of page it is.
    Without `hints` neither names of markup nor words of the site are used: for measuring what learning does alone.
    """
    if status != 200:
        return Reading("error", READER)
    mime = (content_type or "").partition(";")[0].strip().lower()
    address = urls.parse(url, site)
    if (mime.endswith("xml") and "html" not in mime) or address.kind in (Kind.FEED, Kind.SITEMAP):
        found = read_xml(body)
        if found is not None:
            kind, listing = found
            return Reading(kind, READER, listing=listing)
        return Reading("other", READER)
    if not is_page(content_type, body):
        return Reading("file", READER)
    return _read_html(url, address, parse(decode(body, content_type)), site, chrome, hints=hints)


def is_page(content_type: str | None, body: bytes) -> bool:
    """Whether a response is markup: what it says it is, and of those that say nothing, what they begin with."""
    mime = (content_type or "").partition(";")[0].strip().lower()
    return "html" in mime or mime.endswith("xml") or (not mime and body[:1024].lstrip()[:1] == b"<")


def _read_html(url: str, address: Address, tree: Element, site: Site, chrome: Chrome | None, *, hints: bool) -> Reading:
    document = read_document(tree, base_of(tree, url))
    reading = Reading(
        "other",
        READER,
        title_tag=document.title,
        canonical=document.canonical,
        links=document.links,
        requisites=document.requisites,
    )
    if _soft_404(document, address, reading, site):
        reading.kind = "soft404"
        return reading

    crumbs = _crumbs(document, site)
    if crumbs is not None:
        reading.breadcrumb = crumbs.crumbs
    reading.cloud = dict(_cloud(_shares(document), document.base, site))
    article = _article_page(document, address, site, crumbs, hints=hints)
    # Where addresses are built from titles (/presse/2015/titre), a section's is formed like an article's.
    unsure = article is None or not article.is_attributed
    if (
        address.kind not in _LISTINGS
        and address.kind is not Kind.BREVE
        and unsure
        and address.slug
        and is_listing(document, site, crumbs, *_own_lines(article))
    ):
        article = None
        reading.kind = "listing"
    if address.kind in _LISTINGS or reading.kind == "listing":
        heading = _heading(document, crumbs)
        reading.kind = "listing"
        reading.listing = read_listing(document, address, site, crumbs, heading)
        if address.kind is Kind.PLAN:
            reading.nodes += _plan(document, site)
    if crumbs is not None:
        section = reading.listing is not None and reading.listing.kind == "section"
        reading.nodes = _nodes(crumbs, address, reading, site, section=section) + reading.nodes
    if article is not None:
        places = Places()
        layout = chrome.layout_of(places, document.blocks) if chrome is not None else None
        reading.kind, reading.reader = "article", reader_of(chrome)
        reading.article = facts = read_article(article, layout, places)
        reading.language = language_of(facts, tree.get("lang"))
        reading.layout = layout.name if layout is not None else None
    return reading


def _own_lines(article: ArticlePage | None) -> tuple[int, int]:
    """The blocks of title and date line, -1 where there is none."""
    if article is None or article.title_at is None:
        return -1, -1
    return article.title_at, article.date_at if article.date is not None else -1


def _article_page(
    document: Document, address: Address, site: Site, crumbs: Breadcrumb | None, *, hints: bool = True
) -> ArticlePage | None:
    """The page as an article's, when its address may be one and it has a title and more."""
    if address.kind not in _ARTICLES and not (address.kind is Kind.OTHER and address.slug):
        return None
    page = ArticlePage(
        document,
        landmarks=landmarks_of(site.landmarks) if hints else bare_landmarks(),
        classify=lambda target: urls.parse(target, site).kind.value,
        outlets=site.outlets,
        breadcrumb=crumbs,
        hints=hints,
    )
    return page if page.is_article else None


def sketch_of(url: str, content_type: str | None, body: bytes, site: Site, *, hints: bool = True) -> Sketch | None:
    """An article's page as learning looks at it; None for other pages."""
    if not is_page(content_type, body):
        return None
    tree = parse(decode(body, content_type))
    document = read_document(tree, base_of(tree, url))
    page = _article_page(document, urls.parse(url, site), site, _crumbs(document, site), hints=hints)
    return sketch(url, document.blocks, page.start) if page is not None else None


def parts_of(
    url: str, content_type: str | None, body: bytes, site: Site, chrome: Chrome | None = None
) -> tuple[Parts, str] | None:
    """(the parts of an article's text as blocks, what their links are relative to), None for pages of other kinds."""
    if not is_page(content_type, body):
        return None
    tree = parse(decode(body, content_type))
    document = read_document(tree, base_of(tree, url))
    page = _article_page(document, urls.parse(url, site), site, _crumbs(document, site))
    if page is None:
        return None
    places = Places()
    parts = page.parts(chrome.layout_of(places, document.blocks) if chrome is not None else None, places)
    take_sources(ArticleFacts(), parts, site.outlets)
    return parts, document.base


def _crumbs(document: Document, site: Site) -> Breadcrumb | None:
    def is_home(target: str) -> bool:
        return urls.parse(target, site).kind is Kind.HOME

    return read_breadcrumb(document, site.home_labels, is_home)


def _soft_404(document: Document, address: Address, reading: Reading, site: Site) -> bool:
    """An article or section was asked for, and the home page or an apology came with 200 (SITE, section 2)."""
    if address.kind not in _ARTICLES | {Kind.SECTION, Kind.KEYWORD, Kind.OTHER}:
        return False
    if reading.canonical is not None:
        return urls.parse(reading.canonical, site).kind is Kind.HOME
    if _SPIP_PAGE.search(document.body.get("class") or ""):
        return True
    for meta in document.tree.iter("meta"):
        if meta.get("property") == "og:url" and meta.get("content"):
            return (
                urls.parse(absolute(reading.canonical or "", meta.get("content") or "") or "", site).kind is Kind.HOME
            )
    return False


def _heading(document: Document, crumbs: Breadcrumb | None) -> str:
    """The title of a listing: the heading that the breadcrumb's last step begins, else that step, else <title>'s first
    part, without the site's name."""
    last = crumbs.last.removesuffix("(…)").strip() if crumbs is not None else ""
    if last and folded(last[:20]) not in folded(document.title) and any(
        document.title.startswith(text_of(heading).strip() or " ") for heading in document.tree.iter("h1")
    ):
        last = ""  # the breadcrumb ends above the page
    for heading in document.tree.iter("h1", "h2", "h3"):
        text = text_of(heading).strip()
        if text and (
            (last and text.startswith(last)) or (not last and heading.tag == "h1" and document.title.startswith(text))
        ):
            return text
    if crumbs is not None and crumbs.last and last:
        return crumbs.last
    first = re.split(r"\s+[-–|]\s+", document.title)[0].strip()
    # “[OSIRIS] Biométrie”: the longest line of the page that ends it, and leads nowhere, is the title alone.
    lines = (block.plain for block in document.blocks if not block.links and 1 < len(block.text) < len(first))
    return max((line for line in lines if _ends_with(first, line)), key=len, default=first)


def _ends_with(text: str, line: str) -> bool:
    return text.endswith(line) and not text[: -len(line)][-1:].isalnum()


def _nodes(crumbs: Breadcrumb, address: Address, reading: Reading, site: Site, *, section: bool) -> list[SectionNode]:
    """Every section position that a breadcrumb asserts, the page's own included."""
    nodes: list[SectionNode] = []
    parent: str | None = None
    for crumb in crumbs.crumbs:
        if crumb.url is None or urls.parse(crumb.url, site).kind not in (Kind.SECTION, Kind.ARTICLE):
            continue
        nodes.append(SectionNode(crumb.url, crumb.title, parent))
        parent = crumb.url
    if section and crumbs.last:
        title = crumbs.last if not crumbs.last.endswith("(…)") else _uncut(crumbs.last, reading.title_tag)
        nodes.append(SectionNode(urls.without_loops(address.url), title, parent))
    return nodes


def _uncut(cut: str, title_tag: str) -> str:
    """A step that SPIP cut at 80 letters, whole as <title> has it."""
    stem = cut.removesuffix("(…)").strip()
    whole = re.split(r"\s+[-–|]\s+", title_tag)[0].strip()
    return whole if whole.startswith(stem) else cut


def _plan(document: Document, site: Site) -> list[SectionNode]:
    """Sections nested in lists: each hangs below the section of the list item around it."""
    nodes: list[SectionNode] = []
    owners: dict[Element, str] = {}
    for thing in document.things:
        url = None if thing.picture else absolute(document.base, thing.address)
        item = next(thing.element.iterancestors("li"), None)
        if url is None or item is None or urls.parse(url, site).kind is not Kind.SECTION:
            continue
        if item in owners:
            continue
        owners[item] = url
        parent = next((owners[above] for above in item.iterancestors("li") if above in owners), None)
        title = thing.text.strip()
        if title:
            nodes.append(SectionNode(url, title, parent, weight=1))
    return nodes


_Share = tuple[str, str, str]


def _shares(document: Document) -> tuple[_Share, ...]:
    """(address as written, text, text around it) of what may be a keyword of the cloud."""
    shares = []
    for thing in document.things:
        href = thing.address
        if "+-" not in href and "mot" not in href and "%2B-" not in href:
            continue
        name = thing.text.strip()
        if not name or thing.picture:
            continue
        around = name
        block = document.blocks[thing.block] if thing.block < len(document.blocks) else None
        if block is not None and len(block.links) == 1:
            around = block.plain
        elif not _SHARE.match(name):
            parent = thing.element.getparent()
            around = text_of(parent).strip() if parent is not None and len(parent) <= 4 else name
        shares.append((href, name, around))
    return tuple(shares)


@lru_cache(maxsize=64)
def _cloud(shares: tuple[_Share, ...], base: str, site: Site) -> Mapping[str, int]:
    """Keyword → articles with it, from “504/2251 Médias/Réseaux sociaux” beside or inside keyword links."""
    cloud: dict[str, int] = {}
    for href, name, around in shares:
        share = _SHARE.match(around) or _SHARE.match(name)
        url = absolute(base, href) if share else None
        if share is None or url is None or urls.parse(url, site).kind is not Kind.KEYWORD:
            continue
        inside = _SHARE.match(name)
        cloud[name[inside.end() :].strip() if inside else name] = int(share[1])
    return cloud
