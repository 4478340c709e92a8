"""Which blocks of a page are the article's text: from title and date to what ends it, without what repeats.

title, date → [tools] → lead → the element that holds the text, without the boxes put into it → PS, notes → what ends it

The text is where most running text of the page's own lies. What stands before it in an element of its own is the lead,
what follows it likewise is a post-scriptum: SPIP writes chapo, texte, ps and notes in this order, under whatever names.
"""

from __future__ import annotations

import re

from osiris_crawler.extract.blocks import Block
from osiris_crawler.extract.chrome import (
    BEFORE,
    BEHIND,
    holder_of,
    is_line,
    is_placed,
    is_text_holder,
    lies_in_text,
    line_of,
)
from osiris_crawler.extract.dom import Element
from osiris_crawler.extract.landmarks import folded, is_counter, is_tools
from osiris_crawler.extract.parts import HEADINGS, LABEL, Flow, Parts, Surroundings

_RUNNING = 40  # letters of running text; shorter lines are headings, captions, tools
_BUTTONS = 100  # letters of a line of buttons
_REST = 0.4  # share of the text before it that may stand behind a heading that ends it
_ROWS = frozenset({"tr", "tbody", "thead", "tfoot"})
_CUT = re.compile(
    r"(?:\(…\)|\(\.\.\.\)|\[…\]|\[\.\.\.\]|…|\.\.\.)[\s\u00a0]*(?:[»>]+|lire la suite|suite|read more)?$", re.I
)
_KNOWN_HOLDER = 50.0  # weight of a place where the site's pages have their text


def find_parts(around: Surroundings) -> Parts:
    """The parts of an article's text."""
    region = _Region(around)
    parts = region.by_roles() if around.roles.found("body") else None
    if parts is None or not (parts.body or parts.lead):
        parts = region.by_order()
    return parts


class _Region:
    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self._blocks = around.document.blocks
        self._start = around.start
        self._holders: dict[int, Element] = {}
        self._openers = around.landmarks.postscript | around.landmarks.notes | around.landmarks.documents
        self._end = len(self._blocks)
        self._out = set(around.apart)
        self._judged: dict[int, bool] = {}
        self._opened, self._claimed = self._openings()
        self._first = self._first_of_text()

    # -- what repeats -------------------------------------------------------------------------------------------------

    def _openings(self) -> tuple[set[int], set[int]]:
        """Words of SPIP's that open a part, and the blocks behind each: the author's, wherever teasers may stand beside
        them."""
        around, opened, claimed = self._around, set(), set()
        for i in range(self._start, len(self._blocks)):
            block = self._blocks[i]
            if len(block.text) >= LABEL or block.key not in self._openers:
                continue
            opened.add(i)
            for j in range(i + 1, len(self._blocks)):
                next_one = self._blocks[j]
                if next_one.tag in HEADINGS or next_one.element.getparent() is not block.element.getparent():
                    break
                if around.layout is not None and is_line(next_one, around.layout, around.places):
                    break
                claimed.add(j)
        return opened, claimed

    def _first_of_text(self) -> int:
        """The first block that stands where the site's pages have their text: places have two sides of it."""
        around = self._around
        if around.layout is not None:
            for i in range(self._start, len(self._blocks)):
                if lies_in_text(self._blocks[i].element, around.layout, around.places):
                    return i
        return len(self._blocks)

    def _is_out(self, i: int) -> bool:
        """Whether a block is one of the site's tools, a keyword, a menu, or chrome as the site's pages have taught it."""
        if i in self._out:
            return True
        known = self._judged.get(i)
        if known is None:
            known = self._judged[i] = self._is_repeated(i)
        return known

    def _is_repeated(self, i: int) -> bool:
        around, block = self._around, self._blocks[i]
        if i in self._opened:
            return False
        tools = around.landmarks.tools
        if block.aside or (len(block.text) < _BUTTONS and is_tools(_words(block), tools)) or is_counter(block.text):
            return True
        if around.layout is None:
            return False
        # Where most pages are of one section, all of them list the titles of all: on its own page a title is a caption.
        if is_line(block, around.layout, around.places) and line_of(block) != around.title:
            return True
        zone = BEFORE if i < self._first else BEHIND
        return i not in self._claimed and is_placed(block, around.layout, around.places, zone)

    def _running(self, i: int) -> bool:
        block = self._blocks[i]
        if len(block.text) < _RUNNING or not (block.linked * 2 < len(block.text) or block.tag in ("li", "tr")):
            return False
        return not self._is_out(i)

    def _holder(self, i: int) -> Element:
        known = self._holders.get(i)
        if known is None:
            known = self._holders[i] = holder_of(self._blocks[i])
        return known

    # -- where it ends ------------------------------------------------------------------------------------------------

    def _close(self) -> None:
        """Find the end of the article, and the boxes that were put into its text."""
        around = self._around
        own = [i for i in range(self._start, len(self._blocks)) if self._running(i)]
        for i in range(self._start, len(self._blocks)):
            block = self._blocks[i]
            learned = self._is_out(i) and around.layout is not None and line_of(block) in around.layout.ends
            word = len(block.text) < LABEL and i not in around.apart and self._ends(block)
            if not learned and not word and not self._is_out(i):
                continue
            if self._box(i, own):
                continue
            if (word or learned) and not (self._is_tool(block) and own and own[0] > i):
                self._end = i
                return

    def _is_tool(self, block: Block) -> bool:
        """A word that may as well stand above the text: “Partager”, “Commentaires (3)”."""
        return _head(block.key) in self._around.landmarks.above

    def _ends(self, block: Block) -> bool:
        end = self._around.landmarks.end
        if block.key in end:
            return True
        return _head(block.key) in end

    def _box(self, i: int, own: list[int]) -> bool:
        """Whether a line of chrome heads a box inside the text; then the whole box is left out."""
        element: Element | None = self._blocks[i].element
        before = {self._holder(j) for j in own if j < i}
        letters: dict[Element, int] = {}
        for j in own:
            if j > i:
                letters[self._holder(j)] = letters.get(self._holder(j), 0) + len(self._blocks[j].text)
        # Where nothing came before, the text is where most of what follows lies, not in the box.
        after = letters if before else {max(letters, key=lambda holder: letters[holder])} if letters else {}
        inner: Element | None = None
        while element is not None and element is not self._around.document.body:
            if inner is not None and element in after and (element in before or not before):
                span = self._around.document.span_of(inner)
                if any(span.first <= j < span.end and self._holder(j) is element for j in own):
                    return False  # the text itself lies in it
                if not before and span.end - span.first < 2:
                    return False  # an article without text of its own, and what is said of others
                if self._is_last(i, own, element):
                    return False
                # One paragraph (“Lire aussi : …”) is the author's own, unless the site repeats it.
                if inner in self._around.document.spans and (span.end - span.first > 1 or self._is_out(i)):
                    self._out.update(range(span.first, span.end))
                return True
            inner, element = element, element.getparent()
        return False

    def _is_last(self, i: int, own: list[int], element: Element) -> bool:
        """Whether a heading of the site stands where hardly any text is left: “Dans le même dossier” among paragraphs."""
        if self._blocks[i].tag not in HEADINGS:
            return False
        here = [(j, len(self._blocks[j].text)) for j in own if not self._is_teaser(j)]
        before = sum(letters for j, letters in here if j < i)
        after = sum(letters for j, letters in here if j > i and self._holder(j) is element)
        return after <= _REST * before

    def _is_teaser(self, i: int) -> bool:
        """A line that is cut, or stands below the linked title of what it is about."""
        above = self._blocks[max(i - 2, 0) : i]
        return bool(_CUT.search(self._blocks[i].plain)) or any(
            block.tag in HEADINGS and block.linked * 2 > len(block.text) for block in above
        )

    # -- markup that says what is what ---------------------------------------------------------------------------------

    def by_roles(self) -> Parts:
        parts = Parts(rule="markup", sure="high")
        lists = {"body": parts.body, "lead": parts.lead, "ps": parts.ps, "notes": parts.notes}
        self._close()
        for i, block in enumerate(self._blocks):
            target = lists.get(block.role or "")
            if target is not None and not (i >= self._start and self._is_out(i) and target is parts.body):
                target.append(block)
        return parts

    # -- the order of the text ----------------------------------------------------------------------------------------

    def by_order(self) -> Parts:
        self._close()
        main = self._main()
        parts = Parts(rule="order", sure="low" if main is None else "fair")
        if main is not None and self._around.layout is not None:
            parts.rule, parts.sure = "learned", "high" if self._is_known(main) else "fair"
        flow = Flow(self._around, parts)
        inside = self._inside(main)
        first = inside[0] if inside else self._end
        last = inside[-1] if inside else -1
        holding = set(inside)
        for i in range(self._start, self._end):
            block = self._blocks[i]
            if self._is_out(i):
                if i > last and block.tag in HEADINGS:
                    flow.close()
                continue
            if main is None or i in holding:
                flow.text(block)
            elif i < first:
                if block.role == "lead" or (self._running(i) and not _CUT.search(block.plain)):
                    flow.lead(block)
            elif i > last and not flow.behind(block, near=self._near(i, main)):
                break
        if main is not None:
            self._late(flow, main, max(self._end, last + 1))
        return parts

    def _late(self, flow: Flow, main: Element, at: int) -> None:
        """Post-scriptum and notes behind what seemed to end the article: a counter, buttons to share it."""
        flow.close()
        for i in range(at, len(self._blocks)):
            if self._is_out(i) or not flow.late(self._blocks[i], near=self._near(i, main)):
                flow.close()

    def _inside(self, main: Element | None) -> list[int]:
        if main is None:
            return []
        span = self._around.document.span_of(main)
        return [i for i in range(max(span.first, self._start), min(span.end, self._end)) if not self._is_out(i)]

    def _near(self, i: int, main: Element | None) -> bool:
        """Whether a block behind the text stands beside it, in an element of its own or without."""
        parent = main.getparent() if main is not None else None
        while parent is not None and parent.tag in _ROWS:
            parent = parent.getparent()
        element: Element | None = self._blocks[i].element
        for _step in range(3):
            while element is not None and element.tag in _ROWS:
                element = element.getparent()
            if element is None:
                return False
            if element is parent:
                return True
            element = element.getparent()
        return element is parent

    def _is_known(self, element: Element) -> bool:
        layout = self._around.layout
        return layout is not None and is_text_holder(element, layout, self._around.places)

    def _main(self) -> Element | None:
        """The element that holds most of the running text."""
        own = [i for i in range(self._start, self._end) if self._running(i)]
        # What is cut may be a teaser of this very article, above its text.
        whole = [i for i in own if not _CUT.search(self._blocks[i].plain)]
        letters: dict[Element, float] = {}
        for i in whole or own:
            holder = self._holder(i)
            weight = len(self._blocks[i].text) * (_KNOWN_HOLDER if self._is_known(holder) else 1.0)
            letters[holder] = letters.get(holder, 0.0) + weight
            parent = holder.getparent()
            if parent is not None:
                letters[parent] = letters.get(parent, 0.0) + weight / 2
        return max(letters, key=lambda element: letters[element]) if letters else None


def _words(block: Block) -> str:
    """A block as landmarks are compared, with its links apart: buttons may stand side by side without a space."""
    if not block.links:
        return block.key
    text = block.plain
    for _href, name in block.links:
        text = text.replace(name, f" {name} ", 1)
    return folded(text)


def _head(key: str) -> str:
    """A landmark without the count beside it: “Messages (3)”, “2 commentaires”, “Mots clés : TIC”."""
    return re.split(r"[:(\d]", key.lstrip("0123456789 "), maxsplit=1)[0].strip()
