"""Feeds and sitemaps: addresses with titles and dates. Entities are not resolved, nothing is fetched."""

from __future__ import annotations

import hashlib
import re
from email.utils import parsedate_to_datetime

from lxml import etree
from parsel import Selector

from osiris_crawler.extract.facts import Entry, ListingFacts

MOST = 50_000  # addresses in a file (sitemaps.org's own limit)
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})")


def parse_xml(body: bytes) -> etree._Element | None:
    """The root of an XML document, or None; no DTD, no entities, no network, bounded depth."""
    if b"<!ENTITY" in body[:4096] or b"<!DOCTYPE" in body[:1024]:
        return None
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True)
    try:
        return etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def read_xml(body: bytes) -> tuple[str, ListingFacts] | None:
    """("feed" or "sitemap", what it lists), or None for other XML."""
    root = parse_xml(body)
    if root is None or not isinstance(root.tag, str):
        return None
    name = etree.QName(root).localname.lower()
    page = Selector(root=root, type="xml")
    if name in ("urlset", "sitemapindex"):
        places = page.xpath("//*[local-name()='loc']/text()").getall()[:MOST]
        entries = [Entry(place.strip(), "") for place in places if place.strip()]
        return "sitemap", ListingFacts("sitemap", "", entries=entries)
    if name in ("rss", "feed", "rdf"):
        title = page.xpath("string((//*[local-name()='title'])[1])").get("").strip()
        items = page.xpath("//*[local-name()='item' or local-name()='entry']")[:MOST]
        found = [entry for item in items if (entry := _entry(item)) is not None]
        return "feed", ListingFacts("feed", title, entries=found)
    return None


def _entry(item: Selector) -> Entry | None:
    link = item.xpath("string(*[local-name()='link'][not(@rel) or @rel='alternate'][1])").get("").strip()
    link = link or item.xpath("string(*[local-name()='link'][not(@rel) or @rel='alternate'][1]/@href)").get("").strip()
    if not link:
        return None
    title = item.xpath("string(*[local-name()='title'][1])").get("").strip()
    names = "local-name()='date' or local-name()='published' or local-name()='pubDate' or local-name()='updated'"
    said = hashlib.sha256(item.xpath("string()").get("").encode()).hexdigest()[:16]
    return Entry(link, title, _day(item.xpath(f"string(*[{names}][1])").get("")), said)


def _day(text: str) -> str | None:
    """The day of a feed's date. It is UTC and can fall a day early; the article's page decides."""
    match = _DAY.search(text)
    if match:
        return match[1]
    try:
        return parsedate_to_datetime(text).date().isoformat()
    except (TypeError, ValueError, OverflowError):
        return None
