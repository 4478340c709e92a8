"""Which articles a listing page lists, which sections hang below it, and where its other pages are.

An entry is told from a menu's line by what stands beside it: the block that holds one article's link and no other
holds a date too, or a teaser. Only where no block has one, links outside menus count.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache

from osiris_crawler.extract.breadcrumb import Breadcrumb
from osiris_crawler.extract.chrome import Places
from osiris_crawler.extract.dates import DateReading, begins_with_day, find_date
from osiris_crawler.extract.document import Document, Span, Thing
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
    "les plus lus",
    "les plus commentés",
    "most read",
)
_LONGEST_ITEM = 6000  # letters of a block that can be one entry
_HIGHEST = 6  # steps up from a link to its block
_FEWEST = 3  # dated entries that make a page of unknown kind a listing
_DATE_LINE, _DATE_AT = 60, 15  # letters: of a line that may begin with a date, and where it begins at the latest
_PARAGRAPH = 200  # letters that only running text has
_LISTED = frozenset({Kind.ARTICLE, Kind.BREVE, Kind.SECTION})
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
    block: Element
    aside: bool
    linked: bool  # the link has text of its own
    of_this_year: bool = False  # beside it stands a day without a year, which is no date but tells an entry as well


def read_listing(
    document: Document, address: Address, site: Site, breadcrumb: Breadcrumb | None, title: str
) -> ListingFacts:
    """What a listing page asserts."""
    kind = _KINDS.get(address.kind, "section")
    crumbs = breadcrumb.element if breadcrumb is not None else None
    anchors = _anchors(document, site, crumbs)
    items = _items(document, anchors, kind)
    facts = ListingFacts(kind, title, entries=_entries(items, kind))
    if kind in ("section", "home", "plan"):
        facts.sections = _sections(anchors, address, site)
    _pagination(document, address, site, facts)
    return facts


def is_listing(
    document: Document, site: Site, breadcrumb: Breadcrumb | None, title_at: int = -1, date_at: int = -1
) -> bool:
    """Whether a page lists articles and says nothing else: three dated entries or more, and no paragraph beside them.

    `title_at` and `date_at` are the blocks that would be its title and date line: what holds the title is no entry, and
    a date that belongs to no entry is the page's own.
    """
    crumbs = breadcrumb.element if breadcrumb is not None else None
    items = _items(document, _anchors(document, site, crumbs), "section")
    spans = {document.span_of(item.block) for item in items if item.entry.date and not item.aside}
    spans = {span for span in spans if not span.first <= title_at < span.end}
    if len(spans) < _FEWEST:
        return False
    inside = {i for span in spans for i in range(span.first, span.end)}
    if date_at >= 0 and date_at not in inside:
        return False
    return not any(
        block.letters >= _PARAGRAPH and not block.links for i, block in enumerate(document.blocks) if i not in inside
    )


_Anchor = tuple[Thing, Address]


def _anchors(document: Document, site: Site, crumbs: Element | None) -> list[_Anchor]:
    """Links to articles and sections, in order, without those of the breadcrumb."""
    inside = set(crumbs.iter("a")) if crumbs is not None else set()
    found = []
    for thing in document.things:
        if thing.picture or thing.element in inside:
            continue
        url = absolute(document.base, thing.address)
        if url is None:
            continue
        address, refusal = urls.judged(url, site)
        if refusal is None and address.kind in _LISTED:
            found.append((thing, address))
    return found


def _items(document: Document, anchors: list[_Anchor], kind: str) -> list[_Item]:
    articles = [(thing, address) for thing, address in anchors if address.kind is not Kind.SECTION]
    others = _Others(document, articles)
    places = Places()
    items: dict[tuple[str, str], _Item] = {}
    for thing, address in articles:
        block = others.block_of(thing.element, address.key)
        text = thing.text.strip()
        place = _named(places.path(block))
        item = _Item(Entry(address.url, text, place=place), block, others.aside(block), bool(text))
        beside, within = _days_in(document, block, text)
        item.entry.date = beside or others.day_behind(block)
        if item.entry.date is None and within is not None:
            item.entry.date, item.entry.titled = within, True
        item.of_this_year = item.entry.date is None and any(
            begins_with_day(line.replace(text, "", 1)) for line in _lines(document, block)
        )
        known = items.get((address.key, place))
        if known is None or (not known.linked and item.linked) or (item.entry.date and not known.entry.date):
            items[address.key, place] = item
    return list(items.values())


@lru_cache(maxsize=256)
def _named(path: str) -> str:
    """A place in eight letters: a ledger holds hundreds of thousands."""
    return hashlib.sha256(path.encode()).hexdigest()[:8]


def _days_in(document: Document, element: Element, title: str) -> tuple[str | None, str | None]:
    """(the first day that a block shows beside its title, the first within it): “Loi n° 2008-10 du 25 janvier 2008” says
    when the law was made, not when the article came."""
    within: str | None = None
    headings = {text_of(heading) for heading in element.iter("h1", "h2", "h3", "h4", "h5", "h6")}
    for line in _lines(document, element):
        found = find_date(line)
        if found is not None and title and title in line:
            within = within or _whole(found)
            found = find_date(line.replace(title, " ", 1))
        day = _whole(found)
        if found is None or day is None:
            continue
        # A link around a whole entry holds its date line, too; its heading is none.
        if line not in title or (found.start <= _DATE_AT and len(line) <= _DATE_LINE and line not in headings):
            return day, within
        within = within or day
    return None, within


def _lines(document: Document, element: Element) -> list[str]:
    """The texts of a block, each by itself."""
    if element not in document.spans:
        return [text_of(element)]
    first, end, _things, _end = document.span_of(element)
    return [block.plain for block in document.blocks[first:end]]


def _whole(found: DateReading | None) -> str | None:
    return found.iso if found is not None and len(found.iso) == 10 else None


class _Others:
    """Which articles are linked inside an element, told from the spans of the page."""

    def __init__(self, document: Document, articles: list[_Anchor]) -> None:
        self._document = document
        self._keys: list[str | None] = [None] * len(document.things)
        places = {id(thing): i for i, thing in enumerate(document.things)}
        for thing, address in articles:
            self._keys[places[id(thing)]] = address.key
        self._asides: dict[Element, bool] = {}
        self._sums = [0]  # letters of the blocks before each
        for block in document.blocks:
            self._sums.append(self._sums[-1] + len(block.text))

    def block_of(self, anchor: Element, key: str) -> Element:
        """The largest element around a link that holds no link to another article."""
        block = anchor
        for _step in range(_HIGHEST):
            parent = block.getparent()
            if parent is None or parent.tag in ("body", "html", "main"):
                break
            span = self._document.spans.get(parent)
            if span is not None and not self._alone(span, key):
                break
            block = parent
        return block

    def _alone(self, span: Span, key: str) -> bool:
        if self._sums[span.end] - self._sums[span.first] > _LONGEST_ITEM:
            return False
        return all(other is None or other == key for other in self._keys[span.things : span.things_end])

    def day_behind(self, block: Element) -> str | None:
        """The day that begins what follows a title, where that leads to no article: `<dt>` and `<dd>`, `<h3>` and `<p>`."""
        beside = block.getnext()
        span = self._document.spans.get(beside) if beside is not None else None
        if span is None or span.first >= span.end or not self._alone(span, ""):
            return None
        found = find_date(self._document.blocks[span.first].plain[:_DATE_LINE])
        return found.iso if found is not None and found.start <= _DATE_AT and len(found.iso) == 10 else None

    def aside(self, element: Element | None) -> bool:
        """Whether an element stands in a menu or beside the page's matter."""
        if element is None:
            return False
        known = self._asides.get(element)
        if known is None:
            known = self._asides[element] = element.tag in _ASIDE or self.aside(element.getparent())
        return known


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
    dated = [item for item in main if item.entry.date or item.of_this_year]
    if kind in ("plan", "home", "other", "author"):
        return [item.entry for item in main if item.entry.title]
    if dated:
        return [item.entry for item in _own(dated)]
    return [item.entry for item in main if item.entry.title and not _headed(item.block, _SIBLINGS)]


def _own(items: list[_Item]) -> list[_Item]:
    """Dated blocks, but for lists whose heading says that they are of neighbours. Which of several lists stands on all
    pages alike one page does not tell: their places do (ledger/beside.py)."""
    groups: dict[Element, list[_Item]] = {}
    for item in items:
        parent = item.block.getparent()
        groups.setdefault(parent if parent is not None else item.block, []).append(item)
    kept = [group for group in groups.values() if not _headed(group[0].block, _SIBLINGS)]
    return [item for group in kept for item in group] or items


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


def _sections(anchors: list[_Anchor], address: Address, site: Site) -> list[Crumb]:
    """Sections linked outside menus; on a section's page those are its sub-sections."""
    found: dict[str, Crumb] = {}
    own = urls.parse(urls.without_loops(address.url), site).key
    for thing, target in anchors:
        if (
            target.kind is Kind.SECTION
            and not target.loops
            and target.key not in (address.key, own)
            and not _within(thing.element, _ASIDE)
        ):
            title = thing.text.strip()
            if title:
                found.setdefault(target.key, Crumb(title, target.url))
    return list(found.values())


def _pagination(document: Document, address: Address, site: Site, facts: ListingFacts) -> None:
    """The loop that pages this listing: of the loops of this very page that are followed, the one most linked."""
    own = urls.parse(urls.without_loops(address.url), site).key
    loops: dict[str, dict[int, str]] = {}
    for url in document.links:
        if "debut" not in url:
            continue
        target, refusal = urls.judged(url, site)
        if target.loops != 1 or not target.loop or refusal not in (None, Refusal.SIBLING_PAGINATION):
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
    if facts.offset and 0 not in loops[loop]:
        facts.pages.insert(0, urls.without_loops(address.url))
    for name, pages in loops.items():
        if name != loop:
            facts.pages += [url for _offset, url in sorted(pages.items())]
    facts.last_offset = max(max(loops[loop]), facts.offset)
