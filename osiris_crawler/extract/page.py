"""Reading a response: from its bytes to what it asserts. Pure: no network, no clock, no state.

address and answer → decode, parse → breadcrumb → article, listing, feed or sitemap → facts and links
"""

from __future__ import annotations

import re

from osiris_crawler.extract.article import read_article
from osiris_crawler.extract.breadcrumb import Breadcrumb, read_breadcrumb
from osiris_crawler.extract.dom import Element, decode, parse, text_of
from osiris_crawler.extract.facts import ArticleFacts, Reading, SectionNode
from osiris_crawler.extract.feed import read_xml
from osiris_crawler.extract.landmarks import landmarks_of
from osiris_crawler.extract.language import language_of
from osiris_crawler.extract.links import absolute, base_of, read_links, read_requisites
from osiris_crawler.extract.listing import is_listing, read_listing
from osiris_crawler.site import urls
from osiris_crawler.site.profile import Site
from osiris_crawler.site.urls import Address, Kind

READER = "1"  # raise it when archived pages may be read otherwise than before

_LISTINGS = frozenset({Kind.HOME, Kind.SECTION, Kind.KEYWORD, Kind.PLAN, Kind.AUTHOR})
_ARTICLES = frozenset({Kind.ARTICLE, Kind.BREVE})
_SHARE = re.compile(r"^(\d{1,6})\s*/\s*(\d{1,6})(?:\s|$)")
_SPIP_PAGE = re.compile(r"\bpage_(sommaire|404)\b")


def read(url: str, status: int, content_type: str | None, body: bytes, site: Site) -> Reading:
    """Read a response whose body is free of transfer and content codings. Never raises on what a page holds."""
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
    return _read_html(url, address, parse(decode(body, content_type)), site)


def is_page(content_type: str | None, body: bytes) -> bool:
    """Whether a response is markup: what it says it is, and of those that say nothing, what they begin with."""
    mime = (content_type or "").partition(";")[0].strip().lower()
    return "html" in mime or mime.endswith("xml") or (not mime and body[:1024].lstrip()[:1] == b"<")


def _read_html(url: str, address: Address, tree: Element, site: Site) -> Reading:
    base = base_of(tree, url)
    reading = Reading("other", READER, links=read_links(tree, base), requisites=read_requisites(tree, base))
    title = tree.find(".//title")
    reading.title_tag = text_of_title(title)
    reading.canonical = _canonical(tree, base)
    if _soft_404(tree, address, reading, site):
        reading.kind = "soft404"
        return reading

    def is_home(target: str) -> bool:
        return urls.parse(target, site).kind is Kind.HOME

    crumbs = read_breadcrumb(tree, base, site.home_labels, is_home)
    if crumbs is not None:
        reading.breadcrumb = crumbs.crumbs
    reading.cloud = _cloud(tree, base, site)
    article = None
    if address.kind not in _LISTINGS:
        article = _article(tree, url, address, site, crumbs, reading.title_tag)
        # Where addresses are built from titles (/presse/2015/titre), a section's is formed like an article's.
        unsure = article is None or not article.sources
        if unsure and address.slug and is_listing(tree, base, site, crumbs):
            article = None
            reading.kind = "listing"
    if address.kind in _LISTINGS or reading.kind == "listing":
        heading = _heading(tree, crumbs, reading.title_tag)
        reading.kind = "listing"
        reading.listing = read_listing(tree, base, address, site, crumbs, heading)
        if address.kind is Kind.PLAN:
            reading.nodes += _plan(tree, base, site)
    if crumbs is not None:
        section = reading.listing is not None and reading.listing.kind == "section"
        reading.nodes = _nodes(crumbs, address, reading, site, section=section) + reading.nodes
    if article is not None:
        reading.kind = "article"
        reading.article = article
        reading.language = language_of(article, tree.get("lang"))
    return reading


def text_of_title(title: Element | None) -> str:
    """<title> holds text alone; it stands in the head, which text_of passes over."""
    return " ".join((title.text or "").split()) if title is not None else ""


def _article(
    tree: Element, url: str, address: Address, site: Site, crumbs: Breadcrumb | None, title_tag: str
) -> ArticleFacts | None:
    if address.kind not in _ARTICLES and not (address.kind is Kind.OTHER and address.slug):
        return None
    return read_article(
        tree,
        url,
        landmarks=landmarks_of(site.landmarks),
        classify=lambda target: urls.parse(target, site).kind.value,
        breadcrumb=crumbs,
        title_tag=title_tag,
    )


def _canonical(tree: Element, base: str) -> str | None:
    for link in tree.iter("link"):
        if (link.get("rel") or "").lower() == "canonical" and link.get("href"):
            return absolute(base, link.get("href") or "")
    return None


def _soft_404(tree: Element, address: Address, reading: Reading, site: Site) -> bool:
    """An article or section was asked for, and the home page or an apology came with 200 (SITE, section 2)."""
    if address.kind not in _ARTICLES | {Kind.SECTION, Kind.KEYWORD, Kind.OTHER}:
        return False
    if reading.canonical is not None:
        return urls.parse(reading.canonical, site).kind is Kind.HOME
    body = tree.find(".//body")
    if body is not None and _SPIP_PAGE.search(body.get("class") or ""):
        return True
    for meta in tree.iter("meta"):
        if meta.get("property") == "og:url" and meta.get("content"):
            return (
                urls.parse(absolute(reading.canonical or "", meta.get("content") or "") or "", site).kind is Kind.HOME
            )
    return False


def _heading(tree: Element, crumbs: Breadcrumb | None, title_tag: str) -> str:
    """The title of a listing: the heading that the breadcrumb's last step begins, else that step, else <title>'s first part."""
    last = crumbs.last.removesuffix("(…)").strip() if crumbs is not None else ""
    for heading in tree.iter("h1", "h2", "h3"):
        text = text_of(heading).strip()
        if text and (
            (last and text.startswith(last)) or (not last and heading.tag == "h1" and title_tag.startswith(text))
        ):
            return text
    if crumbs is not None and crumbs.last:
        return crumbs.last
    return re.split(r"\s+[-–|]\s+", title_tag)[0].strip()


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


def _plan(tree: Element, base: str, site: Site) -> list[SectionNode]:
    """Sections nested in lists: each hangs below the section of the list item around it."""
    nodes: list[SectionNode] = []
    owners: dict[Element, str] = {}
    for anchor in tree.iter("a"):
        url = absolute(base, anchor.get("href") or "")
        item = next(anchor.iterancestors("li"), None)
        if url is None or item is None or urls.parse(url, site).kind is not Kind.SECTION:
            continue
        if item in owners:
            continue
        owners[item] = url
        parent = next((owners[above] for above in item.iterancestors("li") if above in owners), None)
        title = text_of(anchor).strip()
        if title:
            nodes.append(SectionNode(url, title, parent, weight=1))
    return nodes


def _cloud(tree: Element, base: str, site: Site) -> dict[str, int]:
    """Keyword → articles with it, from “504/2251 Médias/Réseaux sociaux” beside or inside keyword links."""
    cloud: dict[str, int] = {}
    for anchor in tree.iter("a"):
        href = anchor.get("href") or ""
        if "+-" not in href and "mot" not in href and "%2B-" not in href:
            continue
        url = absolute(base, href)
        if url is None or urls.parse(url, site).kind is not Kind.KEYWORD:
            continue
        name = text_of(anchor).strip()
        parent = anchor.getparent()
        around = text_of(parent).strip() if parent is not None and len(parent) <= 4 else name
        share = _SHARE.match(around) or _SHARE.match(name)
        if share and name:
            inside = _SHARE.match(name)
            cloud[name[inside.end() :].strip() if inside else name] = int(share[1])
    return cloud
