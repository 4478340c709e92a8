"""Which articles a listing page lists, which sections hang below it, and where its other pages are.

An entry is told from a menu's line by what stands beside it: the block that holds one article's link and no other
holds a date too, or a teaser. Only where no block has one, links outside menus count.
"""

from __future__ import annotations

from dataclasses import dataclass

from osiris_crawler.extract.blocks import flatten
from osiris_crawler.extract.breadcrumb import Breadcrumb
from osiris_crawler.extract.dates import find_date
from osiris_crawler.extract.dom import Element, text_of
from osiris_crawler.extract.facts import Crumb, Entry, ListingFacts
from osiris_crawler.extract.links import absolute
from osiris_crawler.site import urls
from osiris_crawler.site.profile import Site
from osiris_crawler.site.urls import Address, Kind, Refusal

_ASIDE = frozenset({"nav", "aside", "footer", "header", "head", "form"})
_SIBLINGS = (
    "même rubrique",
    "meme rubrique",
    "in the same section",
    "articles récents",
    "derniers articles",
    "à lire aussi",
)
_LONGEST_ITEM = 6000  # letters of a block that can be one entry
_HIGHEST = 6  # steps up from a link to its block
_FEWEST = 3  # dated entries that make a page of unknown kind a listing
_PARAGRAPH = 200  # letters that only running text has
_KINDS = {
    Kind.HOME: "home",
    Kind.SECTION: "section",
    Kind.KEYWORD: "keyword",
    Kind.PLAN: "plan",
    Kind.AUTHOR: "author",
}


@dataclass(slots=True)
class _Item:
    """A link to an article and the block around it that holds no other article."""

    entry: Entry
    anchor: Element
    block: Element
    aside: bool
    linked: bool  # the link has text of its own


def read_listing(
    tree: Element, base: str, address: Address, site: Site, breadcrumb: Breadcrumb | None, title: str
) -> ListingFacts:
    """What a listing page asserts."""
    kind = _KINDS.get(address.kind, "section")
    crumbs = breadcrumb.element if breadcrumb is not None else None
    anchors = _anchors(tree, base, site, crumbs)
    items = _items(anchors, kind)
    facts = ListingFacts(kind, title, entries=_entries(items, kind))
    if kind in ("section", "home", "plan"):
        facts.sections = _sections(anchors, address)
    _pagination(tree, base, address, site, facts)
    return facts


def is_listing(tree: Element, base: str, site: Site, breadcrumb: Breadcrumb | None) -> bool:
    """Whether a page lists articles and says nothing else: three dated entries or more, and no paragraph beside them."""
    crumbs = breadcrumb.element if breadcrumb is not None else None
    items = _items(_anchors(tree, base, site, crumbs), "section")
    blocks = {item.block for item in items if item.entry.date and not item.aside}
    if len(blocks) < _FEWEST:
        return False
    body = tree.find(".//body")
    for block in flatten(body if body is not None else tree):
        inside = block.element in blocks or any(above in blocks for above in block.element.iterancestors())
        if block.letters >= _PARAGRAPH and not inside and not block.links:
            return False
    return True


_Anchor = tuple[Element, Address]


def _anchors(tree: Element, base: str, site: Site, crumbs: Element | None) -> list[_Anchor]:
    """Links to articles and sections, in order, without those of the breadcrumb."""
    inside = set(crumbs.iter("a")) if crumbs is not None else set()
    found = []
    for anchor in tree.iter("a"):
        href = anchor.get("href")
        if not href or anchor in inside:
            continue
        url = absolute(base, href)
        if url is None:
            continue
        address = urls.parse(url, site)
        if address.kind in (Kind.ARTICLE, Kind.BREVE, Kind.SECTION) and urls.verdict(address, site) is None:
            found.append((anchor, address))
    return found


def _items(anchors: list[_Anchor], kind: str) -> list[_Item]:
    articles = [(anchor, address) for anchor, address in anchors if address.kind is not Kind.SECTION]
    keys = {anchor: address.key for anchor, address in articles}
    items: dict[str, _Item] = {}
    for anchor, address in articles:
        block = _block(anchor, address.key, keys)
        text = text_of(anchor).strip()
        item = _Item(Entry(address.url, text, None), anchor, block, _within(block, _ASIDE), bool(text))
        found = find_date(text_of(block))
        item.entry.date = found.iso if found is not None and len(found.iso) == 10 else None
        known = items.get(address.key)
        if known is None or (not known.linked and item.linked) or (item.entry.date and not known.entry.date):
            items[address.key] = item
    return list(items.values())


def _block(anchor: Element, key: str, keys: dict[Element, str]) -> Element:
    """The largest element around a link that holds no link to another article."""
    block = anchor
    for _step in range(_HIGHEST):
        parent = block.getparent()
        if parent is None or parent.tag in ("body", "html", "main"):
            break
        if any(keys.get(link, key) != key for link in parent.iter("a")) or len(text_of(parent)) > _LONGEST_ITEM:
            break
        block = parent
    return block


def _within(element: Element, tags: frozenset[str]) -> bool:
    current: Element | None = element
    while current is not None:
        if current.tag in tags:
            return True
        current = current.getparent()
    return False


def _entries(items: list[_Item], kind: str) -> list[Entry]:
    """Dated blocks are the listing; without any, what stands outside menus is."""
    main = [item for item in items if not item.aside] or items
    dated = [item for item in main if item.entry.date]
    if kind in ("plan", "home", "other", "author"):
        return [item.entry for item in main if item.entry.title]
    if dated:
        return [item.entry for item in _largest(dated)]
    return [item.entry for item in main if item.entry.title and not _headed(item.block, _SIBLINGS)]


def _largest(items: list[_Item]) -> list[_Item]:
    """Of dated blocks in several lists, those of the list that holds the most; a lone sidebar with dates is left out."""
    groups: dict[Element, list[_Item]] = {}
    for item in items:
        parent = item.block.getparent()
        groups.setdefault(parent if parent is not None else item.block, []).append(item)
    kept = [group for group in groups.values() if not _headed(group[0].block, _SIBLINGS)]
    if not kept:
        return items
    most = max(len(group) for group in kept)
    # Tables and grids put each entry in a row of its own; then groups are small and all count.
    return [item for group in kept if most == 1 or len(group) == most or len(group) > 1 for item in group]


def _headed(block: Element, words: tuple[str, ...]) -> bool:
    """Whether the list that a block stands in follows a heading that says it is about neighbours."""
    element: Element | None = block
    for _step in range(3):
        if element is None:
            return False
        before = element.getprevious()
        while before is not None:
            text = text_of(before).casefold()
            if text:
                if len(text) < 60 and any(word in text for word in words):
                    return True
                break
            before = before.getprevious()
        element = element.getparent()
    return False


def _sections(anchors: list[_Anchor], address: Address) -> list[Crumb]:
    """Sections linked outside menus; on a section's page those are its sub-sections."""
    found: dict[str, Crumb] = {}
    for anchor, target in anchors:
        if (
            target.kind is Kind.SECTION
            and not target.loops
            and target.key != address.key
            and not _within(anchor, _ASIDE)
        ):
            title = text_of(anchor).strip()
            if title:
                found.setdefault(target.key, Crumb(title, target.url))
    return list(found.values())


def _pagination(tree: Element, base: str, address: Address, site: Site, facts: ListingFacts) -> None:
    """The loop that pages this listing: of the loops of this very page that are followed, the one most linked."""
    own = urls.parse(urls.without_loops(address.url), site).key
    loops: dict[str, dict[int, str]] = {}
    for anchor in tree.iter("a", "link"):
        href = anchor.get("href")
        url = absolute(base, href) if href and "debut" in href else None
        if url is None:
            continue
        target = urls.parse(url, site)
        if target.loops != 1 or not target.loop or urls.verdict(target, site) not in (None, Refusal.SIBLING_PAGINATION):
            continue
        if target.loop in site.sibling_loops:
            continue
        if urls.parse(urls.without_loops(target.url), site).key == own:
            loops.setdefault(target.loop, {}).setdefault(target.offset, target.url)
    facts.loop, facts.offset = address.loop, address.offset
    if not loops:
        return
    loop = address.loop if address.loop in loops else max(loops, key=lambda name: len(loops[name]))
    facts.loop = loop
    facts.pages = [url for _offset, url in sorted(loops[loop].items())]
    for name, pages in loops.items():
        if name != loop:
            facts.pages += [url for _offset, url in sorted(pages.items())]
    facts.last_offset = max(max(loops[loop]), facts.offset)
