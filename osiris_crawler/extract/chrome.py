"""What a site's pages repeat, learned from the pages themselves: no name of any site's markup stands in the code.

pages of a site → sketches → layouts told apart by their skeletons → of each: the lines that stand on most of its pages,
the places whose lines come again and again, where the text lies, and the lines that end it → a frozen model

A line on most pages of a layout is chrome wherever it stands. A place (the path of an element) is chrome when it is on
most pages and what stands there is mostly links or lines of other pages too: “Dans la même rubrique” differs from page
to page, and every line of it is met again. What is met on a few pages only, a caption or the head of a table, is neither.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from osiris_crawler.extract.blocks import Block
from osiris_crawler.extract.dom import Element

FEWEST = 4  # pages of a layout before anything is learned of it
_OFTEN = 0.6  # share of a layout's pages that have a line of its chrome
_PLACED = 0.5  # share of them that have a place of its chrome
_REPEATED = 0.6  # share of a place's lines that are links or are met on other pages too
_LINKS = 0.8  # share of a line's letters, from which on it is nothing but links
_USUAL = 0.7  # pages with text in a place, of those of the place that has it most often
_BEHIND = 0.9  # share of pages on which one holder of text stands behind another, from which on it is none
_HOLDS = 0.2  # share of pages that have most of their text in a place
_SKELETON = 0.8  # share of pages that have a part of the skeleton
_ALIKE = 0.35  # shared parts of two pages of one layout; of two layouts it was at most 0.1 in all that were tried
_KNOWN = 0.6  # share of a skeleton that a page of the layout has
_LONGEST_LINE = 120  # letters by which a line is known
_MOST_LINES = 2000  # of a layout
_RUNNING = 40  # letters of running text
_MOSTLY = 0.5  # share of a line's letters that are links, from which on it is a link and no text
_DIGITS = re.compile(r"\d+")
_CELLS = frozenset({"td", "th"})
BEFORE, BEHIND = "before ", "behind "  # the text: the zones of a place


class Row(NamedTuple):
    """One block of a page, as far as learning looks at it."""

    line: str
    path: str
    shape: str  # the path without names
    holder: str  # path of the element that holds it and its neighbours
    holder_shape: str
    letters: int
    linked: float  # share of its letters that are links


@dataclass(slots=True)
class Sketch:
    """A page of an article: its blocks, and behind which of them title and date have been read."""

    url: str
    start: int
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Layout:
    """What is known of one look of a site. Lines have their digits folded to 0."""

    name: str
    pages: int  # that it was learned from
    skeleton: frozenset[str]
    lines: frozenset[str]
    inside: frozenset[str]  # of the lines, those that stand where the text lies: an advertisement, an invitation
    places: frozenset[str]  # each with its zone
    text: frozenset[str]  # paths of what holds the text
    ends: frozenset[str]  # of the lines, those behind which no text comes
    leads: int = 0  # pages that have running text of their own between date line and text

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "pages": self.pages,
            "leads": self.leads,
            **{name: sorted(getattr(self, name)) for name in ("skeleton", "lines", "inside", "places", "text", "ends")},
        }


@dataclass(frozen=True, slots=True)
class Chrome:
    """A frozen model. `name` is drawn from what it says, so equal models have equal names."""

    name: str = ""
    layouts: tuple[Layout, ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        return {"model": self.name, "layouts": [layout.as_json() for layout in self.layouts]}

    def layout_of(self, places: Places, blocks: Sequence[Block]) -> Layout | None:
        """The layout whose skeleton a page has, if any."""
        best: tuple[float, Layout] | None = None
        for layout in self.layouts:
            shapes = any(part.startswith("~") for part in layout.skeleton)
            parts = {places.path(b.element) for b in blocks}
            if shapes:
                parts |= {"~" + places.shape(b.element) for b in blocks}
            share = len(parts & layout.skeleton) / len(layout.skeleton)
            if share >= _KNOWN and (best is None or share > best[0]):
                best = (share, layout)
        return best[1] if best is not None else None


def from_json(model: Mapping[str, Any]) -> Chrome:
    """A model as it was frozen; ValueError when it is none."""
    try:
        layouts = tuple(_from_json(layout) for layout in model["layouts"] if layout["skeleton"])
        return Chrome(str(model["model"]), layouts)
    except (KeyError, TypeError, AttributeError) as problem:
        raise ValueError(f"no model of learned chrome: {problem}") from problem


def _from_json(layout: Mapping[str, Any]) -> Layout:
    lists = {name: frozenset(map(str, layout[name])) for name in ("skeleton", "lines", "inside", "text", "ends")}
    places = frozenset(_zones(map(str, layout["places"])))
    return Layout(
        name=str(layout["name"]), pages=int(layout["pages"]), places=places, leads=int(layout.get("leads", 0)), **lists
    )


def _zones(places: Iterable[str]) -> Iterator[str]:
    """Models of reader 2 knew no zones: their places are chrome on both sides of the text."""
    for place in places:
        if place.startswith((BEFORE, BEHIND)):
            yield place
        else:
            yield from (BEFORE + place, BEHIND + place)


# -- lines and places -------------------------------------------------------------------------------------------------


def line_of(block: Block) -> str:
    """A block's line as models know it: its beginning, digits folded (“Lu 123 fois”, “504/2251 Médias”)."""
    return _line(block.plain[:_LONGEST_LINE])


@lru_cache(maxsize=8192)
def _line(text: str) -> str:
    return _DIGITS.sub("0", text)


@lru_cache(maxsize=16384)
def _path(above: str, tag: str, names: str, id: str, column: str) -> str:
    """“body>div#page” and what is in it; the pages of a site have most of their paths in common."""
    words = "".join(f".{_DIGITS.sub('0', name)[:40]}" for name in sorted(set(names.split()))[:6])
    step = tag + (f"#{_DIGITS.sub('0', id)[:40]}" if id else "") + words + column
    return (f"{above}>{step}" if above else step)[-1000:]


class Places:
    """Paths of the elements of one page, each worked out once."""

    def __init__(self) -> None:
        self._paths: dict[Element, str] = {}
        self._shapes: dict[Element, str] = {}

    def path(self, element: Element) -> str:
        """“body>div#page>div.texte>p”; columns of a layout table are told apart by their number."""
        known = self._paths.get(element)
        if known is None:
            tag = element.tag
            parent = element.getparent() if tag != "body" else None
            above = self.path(parent) if parent is not None else ""
            column = _column(element) if tag in _CELLS else ""
            known = _path(above, tag, element.get("class", ""), element.get("id", ""), column)
            self._paths[element] = known
        return known

    def shape(self, element: Element) -> str:
        """The same without names, for markup whose names mean nothing."""
        known = self._shapes.get(element)
        if known is None:
            tag = element.tag
            parent = element.getparent() if tag != "body" else None
            above = self.shape(parent) if parent is not None else ""
            known = _path(above, tag, "", "", _column(element) if tag in _CELLS else "")
            self._shapes[element] = known
        return known


def _column(element: Element) -> str:
    column, before = 1, element.getprevious()
    while before is not None and column < 9:
        column, before = column + 1, before.getprevious()
    return str(column)


def holder_of(block: Block) -> Element:
    """The element that holds a block and its neighbours: around a list, a table or a quotation, not in it."""
    element = block.element
    # Text that stands in it without a paragraph of its own, unless it is a paragraph by another name. A cell is none:
    # rows of data are blocks of their own.
    if element.tag in _CELLS or (element.tag in _OUTER and any(child.tag == "br" for child in element)):
        return element
    parent = element.getparent()
    while parent is not None and parent.tag in _INNER:
        parent = parent.getparent()
    return parent if parent is not None else element


_OUTER = frozenset("div center main article section body".split())
_INNER = frozenset("ul ol li dl dt dd table tbody thead tfoot tr blockquote p span b i em strong font a figure".split())


def sketch(url: str, blocks: Sequence[Block], start: int) -> Sketch:
    """A page for learning."""
    places = Places()
    rows = []
    for block in blocks:
        letters = len(block.plain)
        holder = holder_of(block)
        rows.append(
            Row(
                line_of(block),
                places.path(block.element),
                places.shape(block.element),
                places.path(holder),
                places.shape(holder),
                letters,
                block.linked / letters if letters else 1.0,
            )
        )
    return Sketch(url, start, rows)


# -- learning ---------------------------------------------------------------------------------------------------------


def learn(pages: Iterable[Sketch]) -> Chrome:
    """A model of pages of articles; the order in which they come does not matter."""
    ordered = sorted(pages, key=lambda page: (hashlib.sha256(page.url.encode()).digest(), page.start, page.rows))
    # An article that was captured twice would make its own text look like chrome.
    groups = [list({page.url: page for page in group}.values()) for group in _told_apart(ordered)]
    layouts = [_layout(group) for group in groups if len(group) >= FEWEST]
    layouts.sort(key=lambda layout: (-layout.pages, layout.name))
    text = json.dumps([layout.as_json() for layout in layouts], ensure_ascii=False, sort_keys=True)
    return Chrome(hashlib.sha256(text.encode()).hexdigest()[:8] if layouts else "", tuple(layouts))


def _page_parts(page: Sketch) -> set[str]:
    return {row.path for row in page.rows} | {"~" + row.shape for row in page.rows}


def _told_apart(pages: list[Sketch]) -> list[list[Sketch]]:
    """Pages by layout: each goes to the group whose first page it is most like."""
    counts: Counter[str] = Counter()
    for page in pages:
        counts.update(_page_parts(page))
    groups: list[tuple[set[str], list[Sketch]]] = []
    for page in pages:
        parts = {part for part in _page_parts(page) if counts[part] > 1}
        best: tuple[float, list[Sketch]] | None = None
        for first, group in groups:
            together = len(parts | first)
            alike = len(parts & first) / together if together else 0.0
            if alike >= _ALIKE and (best is None or alike > best[0]):
                best = (alike, group)
        if best is None:
            groups.append((parts, [page]))
        else:
            best[1].append(page)
    return [group for _first, group in groups]


def _layout(pages: list[Sketch]) -> Layout:
    count = len(pages)
    met = Counter(line for page in pages for line in {row.line for row in page.rows})
    chrome = frozenset(sorted(_often(met, count))[:_MOST_LINES])
    text = _text_holders(pages, chrome, _places(pages, met, count, frozenset()))
    places = _places(pages, met, count, text)
    parts = Counter(part for page in pages for part in _page_parts(page))
    named = {part for part, number in parts.items() if number >= _SKELETON * count and not part.startswith("~")}
    # Where names mean nothing the shapes tell the layout, else the names do.
    shapes = {part for part, number in parts.items() if number >= _SKELETON * count and part.startswith("~")}
    skeleton = frozenset(named if len(named) * 2 >= len(shapes) else named | shapes)
    name = hashlib.sha256("\n".join(sorted(skeleton)).encode()).hexdigest()[:6]
    held = Counter(line for page in pages for line in {row.line for row in page.rows if _holds(row, text)} & chrome)
    inside = frozenset(_often(held, count))
    ends, leads = _ends(pages, chrome, places, text), _leads(pages, chrome, places, text)
    return Layout(f"layout-{name}", count, skeleton, chrome, inside, places, text, ends, leads)


def _often(pages_with: Counter[str], count: int) -> list[str]:
    return [name for name, number in pages_with.items() if number >= _OFTEN * count]


def _places(pages: list[Sketch], met: Counter[str], count: int, text: frozenset[str]) -> frozenset[str]:
    """Places on most pages whose lines are links, or are met elsewhere too."""
    on: Counter[str] = Counter()
    lines: Counter[str] = Counter()
    again: Counter[str] = Counter()
    for page in pages:
        seen = set()
        for _i, row, place in _zoned(page, text):
            seen.add(place)
            lines[place] += 1
            again[place] += met[row.line] > 1 or row.linked >= _LINKS
        on.update(seen)
    return frozenset(
        path for path, number in on.items() if number >= _PLACED * count and again[path] >= _REPEATED * lines[path]
    )


def _zoned(page: Sketch, text: frozenset[str]) -> Iterator[tuple[int, Row, str]]:
    """The rows behind title and date, each with its place: a lead and a teaser may stand at one path, but on two sides of
    the text."""
    zone = BEFORE
    for i, row in enumerate(page.rows[page.start :], page.start):
        place = _place(row.path, row.letters, row.linked)
        if zone is BEFORE and _lies_in(row.path, row.shape, text):
            zone = BEHIND
        yield i, row, zone + place


def _lies_in(path: str, shape: str, text: frozenset[str]) -> bool:
    """Whether an element stands in what holds the text, at any depth."""
    return any((shape if holder.startswith("~") else path).startswith(holder.removeprefix("~")) for holder in text)


def _place(path: str, letters: int, linked: float) -> str:
    """Running text and short lines at one path are two places: a keyword and a post-scriptum may both be its paragraphs."""
    return f"{path} text" if letters >= _RUNNING and linked < _MOSTLY else path


def place_of(block: Block, places: Places) -> str:
    """The place of a block, as models know it, but for the zone that it is in."""
    letters = len(block.plain)
    return _place(places.path(block.element), letters, block.linked / letters if letters else 1.0)


def _running(
    page: Sketch, chrome: frozenset[str], places: frozenset[str], text: frozenset[str]
) -> Iterator[tuple[int, Row]]:
    """The rows behind title and date that are text of the page's own, each with its number."""
    for i, row, place in _zoned(page, text):
        if place.endswith(" text") and row.line not in chrome and place not in places:
            yield i, row


def _text_holders(pages: list[Sketch], chrome: frozenset[str], places: frozenset[str]) -> frozenset[str]:
    """Paths of what holds a page's own text, on a good part of the pages; shapes where names mean nothing.

    What holds text on nearly every page comes before what holds more of it on some, and what comes first on the page
    before what follows it: readers' comments are long.
    """
    letters: list[Counter[tuple[str, str]]] = []
    present: Counter[tuple[str, str]] = Counter()
    for page in pages:
        held: Counter[tuple[str, str]] = Counter()
        for _i, row in _running(page, chrome, places, frozenset()):
            held[row.holder, row.holder_shape] += row.letters
        letters.append(held)
        present.update(held.keys())
    most = max(present.values(), default=0)
    chosen: Counter[str] = Counter()
    for held in letters:
        usual = {holder: held[holder] for holder in held if present[holder] >= _USUAL * most} or held
        if usual:
            path, shape = max(sorted(usual), key=lambda holder: usual[holder])
            chosen.update((path, f"~{shape}"))
    kept = {path for path, number in chosen.items() if number >= _HOLDS * len(pages)}
    kept = {path for path in kept if not path.startswith("~")} or kept
    return frozenset(kept - _following(letters, kept))


def _following(letters: list[Counter[tuple[str, str]]], kept: set[str]) -> set[str]:
    """Of what holds text, that which stands behind another on nearly all pages that have both."""
    both: Counter[tuple[str, str]] = Counter()
    alone: Counter[str] = Counter()
    for held in letters:
        names = [name for path, shape in held for name in (path, f"~{shape}") if name in kept]
        seen = list(dict.fromkeys(names))  # in the order of the page
        alone.update(seen)
        both.update((seen[i], later) for i in range(len(seen)) for later in seen[i + 1 :])
    return {
        later
        for (first, later), number in both.items()
        if number >= _BEHIND * (number + both[later, first]) and number >= _BEHIND * alone[later]
    }


def _holds(row: Row, text: frozenset[str]) -> bool:
    return row.holder in text or f"~{row.holder_shape}" in text


def is_line(block: Block, layout: Layout, places: Places) -> bool:
    """Whether a block's line is chrome of its layout. “Les plus lus” repeats the first lines of articles on every page:
    where the text lies such a line is the article's own."""
    line = line_of(block)
    return line in layout.inside or (line in layout.lines and not is_text_holder(holder_of(block), layout, places))


def lies_in_text(element: Element, layout: Layout, places: Places) -> bool:
    """Whether an element stands in what holds the text of a layout's pages."""
    return bool(layout.text) and _lies_in(places.path(element), places.shape(element), layout.text)


def is_placed(block: Block, layout: Layout, places: Places, zone: str) -> bool:
    """Whether a block stands where its layout has chrome; `zone` is BEFORE or BEHIND the first block of the text."""
    return zone + place_of(block, places) in layout.places


def is_text_holder(element: Element, layout: Layout, places: Places) -> bool:
    """Whether the pages of a layout have their text in such an element."""
    return places.path(element) in layout.text or (
        any(path.startswith("~") for path in layout.text) and f"~{places.shape(element)}" in layout.text
    )


def _leads(pages: list[Sketch], chrome: frozenset[str], places: frozenset[str], text: frozenset[str]) -> int:
    """On how many pages running text of their own stands between the date line and what holds the text."""
    return (
        sum(
            any(
                place.startswith(BEFORE) and place.endswith(" text") and place not in places and row.line not in chrome
                for _i, row, place in _zoned(page, text)
            )
            for page in pages
        )
        if text
        else 0
    )


def _ends(pages: list[Sketch], chrome: frozenset[str], places: frozenset[str], text: frozenset[str]) -> frozenset[str]:
    """Lines of the chrome behind which, on nearly all pages, none of the text comes."""
    seen: Counter[str] = Counter()
    followed: Counter[str] = Counter()
    for page in pages:
        own = [i for i, row in _running(page, chrome, places, text) if _holds(row, text)]
        if not own:
            continue
        first: dict[str, int] = {}
        for i, row in enumerate(page.rows[page.start :], page.start):
            if row.line in chrome:
                first.setdefault(row.line, i)  # “Partager” may stand above the text and below it
        for line, i in first.items():
            seen[line] += 1
            followed[line] += own[-1] > i
    return frozenset(line for line, number in seen.items() if followed[line] <= 0.2 * number)
