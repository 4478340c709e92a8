"""Which blocks of a page are the article's text: from title and date to what ends it, without what repeats.

title, date → [tools] → lead → the element that holds the text, without the boxes put into it → PS, notes → what ends it

The text is where most running text of the page's own lies. What stands before it in an element of its own is the lead,
what follows it likewise is a post-scriptum: SPIP writes chapo, texte, ps and notes in this order, under whatever names.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from osiris_crawler.extract.blocks import Block
from osiris_crawler.extract.chrome import Layout, Places, holder_of, is_chrome, is_text_holder, line_of
from osiris_crawler.extract.document import Document
from osiris_crawler.extract.dom import Element
from osiris_crawler.extract.landmarks import Landmarks, folded
from osiris_crawler.extract.roles import Roles
from osiris_crawler.extract.source import find_line

_RUNNING = 40  # letters of running text; shorter lines are headings, captions, tools
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_LABEL = 60  # letters of a line that marks a part
_NOTE = re.compile(r"^[\[(]\s*(?:\d{1,3}|\*)\s*[\])][\s\u00a0]*")
_CUT = re.compile(
    r"(?:\(…\)|\(\.\.\.\)|\[…\]|\[\.\.\.\]|…|\.\.\.)[\s\u00a0]*(?:[»>]+|lire la suite|suite|read more)?$", re.I
)
_SENTENCE = re.compile(r"^.{38,}[.!?…»”\")]$", re.S)  # a signature or a file's name is none
_KNOWN_HOLDER = 50.0  # weight of a place where the site's pages have their text
_LONGEST_PS = 3000  # letters behind the text, without a heading, that are a post-scriptum


@dataclass(slots=True)
class Parts:
    """Blocks by what they are; `rule` names what told them apart, `sure` how sure that is."""

    body: list[Block] = field(default_factory=list)
    lead: list[Block] = field(default_factory=list)
    ps: list[Block] = field(default_factory=list)
    notes: list[Block] = field(default_factory=list)
    rule: str = "order"
    sure: str = "fair"


@dataclass(slots=True)
class Surroundings:
    """What is known of a page when its text is looked for."""

    document: Document
    start: int  # the block behind title and date
    landmarks: Landmarks
    roles: Roles
    tag_blocks: set[int]
    layout: Layout | None
    places: Places
    is_article: Callable[[str], bool]  # whether an address as written leads to another article


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
        self._out = self._repeated()
        self._end = len(self._blocks)

    # -- what repeats -------------------------------------------------------------------------------------------------

    def _repeated(self) -> set[int]:
        """Blocks that are tools, keywords, menus, or chrome as the site's pages have taught it."""
        around, out = self._around, set(self._around.tag_blocks)
        layout, tools = around.layout, around.landmarks.tools
        for i, block in enumerate(self._blocks[self._start :], self._start):
            known = layout is not None and is_chrome(block, layout, around.places)
            if known or around.roles.aside(block) or (len(block.text) < _LABEL and block.key in tools):
                out.add(i)
        return out

    def _running(self, i: int) -> bool:
        block = self._blocks[i]
        if i in self._out or len(block.text) < _RUNNING:
            return False
        return block.linked * 2 < len(block.text) or block.tag in ("li", "tr")

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
            learned = i in self._out and around.layout is not None and line_of(block) in around.layout.ends
            word = len(block.text) < _LABEL and i not in around.tag_blocks and self._ends(block)
            if not learned and not word and not (i in self._out and not around.roles.aside(block)):
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
        after = {self._holder(j) for j in own if j > i}
        inner: Element | None = None
        while element is not None and element is not self._around.document.body:
            if inner is not None and element in after and (element in before or not before):
                span = self._around.document.span_of(inner)
                if any(span.first <= j < span.end and self._holder(j) is element for j in own):
                    return False  # the text itself lies in it
                if not before and span.end - span.first < 2:
                    return False  # an article without text of its own, and what is said of others
                # One paragraph (“Lire aussi : …”) is the author's own, unless the site repeats it.
                if inner in self._around.document.spans and (span.end - span.first > 1 or i in self._out):
                    self._out.update(range(span.first, span.end))
                return True
            inner, element = element, element.getparent()
        return False

    # -- markup that says what is what ---------------------------------------------------------------------------------

    def by_roles(self) -> Parts:
        parts = Parts(rule="markup", sure="high")
        lists = {"body": parts.body, "lead": parts.lead, "ps": parts.ps, "notes": parts.notes}
        self._close()
        for i, block in enumerate(self._blocks):
            target = lists.get(self._around.roles.of(block) or "")
            if target is not None and not (i in self._out and i >= self._start and target is parts.body):
                target.append(block)
        return parts

    # -- the order of the text ----------------------------------------------------------------------------------------

    def by_order(self) -> Parts:
        self._close()
        main = self._main()
        parts = Parts(rule="order", sure="low" if main is None else "fair")
        if main is not None and self._around.layout is not None:
            parts.rule, parts.sure = "learned", "high" if self._is_known(main) else "fair"
        flow = _Flow(self._around, parts)
        inside = self._inside(main)
        first = inside[0] if inside else self._end
        last = inside[-1] if inside else -1
        holding = set(inside)
        for i in range(self._start, self._end):
            block = self._blocks[i]
            if i in self._out:
                continue
            if main is None or i in holding:
                flow.text(block)
            elif i < first:
                if self._around.roles.of(block) == "lead" or (self._running(i) and not _CUT.search(block.plain)):
                    flow.lead(block)
            elif i > last and not flow.behind(block, near=self._near(i, main)):
                break
        return parts

    def _inside(self, main: Element | None) -> list[int]:
        if main is None:
            return []
        span = self._around.document.span_of(main)
        return [i for i in range(max(span.first, self._start), min(span.end, self._end)) if i not in self._out]

    def _near(self, i: int, main: Element | None) -> bool:
        """Whether a block behind the text stands beside it, in an element of its own or without."""
        parent = main.getparent() if main is not None else None
        element: Element | None = self._blocks[i].element
        for _step in range(3):
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
        letters: dict[Element, float] = {}
        for i in range(self._start, self._end):
            if self._running(i) and not self._teaser(i):
                holder = self._holder(i)
                weight = len(self._blocks[i].text) * (_KNOWN_HOLDER if self._is_known(holder) else 1.0)
                letters[holder] = letters.get(holder, 0.0) + weight
                parent = holder.getparent()
                if parent is not None:
                    letters[parent] = letters.get(parent, 0.0) + weight / 2
        return max(letters, key=lambda element: letters[element]) if letters else None

    def _teaser(self, i: int) -> bool:
        """A line about another article: cut at its end, below that article's linked title."""
        if not _CUT.search(self._blocks[i].plain):
            return False
        before = self._blocks[i - 1] if i else None
        near = [*self._blocks[i].links, *(before.links if before is not None else [])]
        return any(self._around.is_article(href) for href, _text in near)


def _head(key: str) -> str:
    """A landmark without the count beside it: “Messages (3)”, “2 commentaires”, “Mots clés : TIC”."""
    return re.split(r"[:(\d]", key.lstrip("0123456789 "), maxsplit=1)[0].strip()


class _Flow:
    """Blocks in their order, each to its part; words such as “P.-S.” and “Notes” turn the flow."""

    def __init__(self, around: Surroundings, parts: Parts) -> None:
        self._around = around
        self._parts = parts
        self._target: list[Block] | None = parts.body
        self._lists = {"lead": parts.lead, "ps": parts.ps, "notes": parts.notes}
        self._turned = False

    def lead(self, block: Block) -> None:
        self._parts.lead.append(block)

    def text(self, block: Block) -> None:
        if self._by_role(block) or self._turn(block):
            return
        if is_note(block):
            self._target = self._parts.notes
        if self._target is not None:
            self._target.append(block)

    def behind(self, block: Block, *, near: bool) -> bool:
        """A block behind the text: PS, notes, attribution; gives False when the article has ended."""
        if self._by_role(block) or self._turn(block):
            return True
        if is_note(block):
            self._target = self._parts.notes
            self._turned = True
        if self._turned:
            if self._target is not None:
                self._target.append(block)
            return True
        if not near or block.tag in _HEADINGS:
            return False
        if any(find_line(line.strip(" ")) for line in block.text.split("\n")):
            self._parts.body.append(block)
        elif _SENTENCE.search(block.plain) and block.linked * 2 < len(block.text) and self._room():
            self._parts.ps.append(block)
        return True

    def _room(self) -> bool:
        return sum(len(block.text) for block in self._parts.ps) < _LONGEST_PS

    def _by_role(self, block: Block) -> bool:
        role = self._around.roles.of(block)
        if role in self._lists:
            self._lists[role].append(block)
            return True
        return False

    def _turn(self, block: Block) -> bool:
        """A word of SPIP's that opens a part; “Voir en ligne : …” closes all of them."""
        landmarks = self._around.landmarks
        if len(block.text) >= _LABEL:
            return False
        key = block.key
        if key in landmarks.postscript:
            self._target = self._parts.ps
        elif key in landmarks.notes:
            self._target = self._parts.notes
        elif key in landmarks.documents or key in landmarks.link:
            self._target = None
        else:
            return False
        self._turned = True
        return True


def is_note(block: Block) -> bool:
    """A footnote at the end: it begins with its call, which links back."""
    return bool(_NOTE.match(block.plain)) and any("#nh" in href for href, _text in block.links[:1])


def read_notes(blocks: list[Block], landmarks: Landmarks) -> list[str]:
    """Footnotes without their calls; what has no call goes on with the note before it."""
    notes: list[str] = []
    for block in blocks:
        text = block.plain
        if folded(text) in landmarks.notes:
            continue
        match = _NOTE.match(text)
        if match or not notes:
            notes.append(text[match.end() :] if match else text)
        else:
            notes[-1] += "\n\n" + text
    return [note.strip() for note in notes if note.strip()]
