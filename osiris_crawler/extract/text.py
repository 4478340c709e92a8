"""Which blocks of a page are the article's text: from title and date to what ends it, without what repeats.

title, date → [tools] → lead → the element that holds the text, without the boxes put into it → PS, notes → what ends it

The text is where most running text of the page's own lies. What stands before it in an element of its own is the lead,
what follows it likewise is a post-scriptum: SPIP writes chapo, texte, ps and notes in this order, under whatever names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from osiris_crawler.extract.blocks import Block
from osiris_crawler.extract.chrome import (
    BEFORE,
    BEHIND,
    Layout,
    Places,
    holder_of,
    is_line,
    is_placed,
    is_text_holder,
    lies_in_text,
    line_of,
)
from osiris_crawler.extract.document import Document
from osiris_crawler.extract.dom import Element
from osiris_crawler.extract.landmarks import Landmarks, folded, is_counter, is_tools
from osiris_crawler.extract.roles import Roles
from osiris_crawler.extract.source import find_line

_RUNNING = 40  # letters of running text; shorter lines are headings, captions, tools
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_BUTTONS = 100  # letters of a line of buttons
_LABEL = 60  # letters of a line that marks a part
_REST = 0.4  # share of the text before it that may stand behind a heading that ends it
_ROWS = frozenset({"tr", "tbody", "thead", "tfoot"})
_NUMBERED = re.compile(r"[\[(]\s*(?:\d{1,3}|\*)\s*[\])][\s\u00a0]*")
_NOTE = re.compile(r"[\[(]?[\s\u00a0]*(?P<call>\w{1,4}|\*{1,3})[\s\u00a0]*[\])]?[\s\u00a0]*(?:[.:–-][\s\u00a0]+)?")
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
    apart: set[int]  # keywords, a date line below the text
    layout: Layout | None
    places: Places


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
        self._out = self._repeated()
        self._end = len(self._blocks)

    # -- what repeats -------------------------------------------------------------------------------------------------

    def _repeated(self) -> set[int]:
        """Blocks that are tools, keywords, menus, or chrome as the site's pages have taught it."""
        around, out = self._around, set(self._around.apart)
        tools = around.landmarks.tools
        zone = BEFORE
        claim: Element | None = None
        for i, block in enumerate(self._blocks[self._start :], self._start):
            short = len(block.text) < _LABEL
            if short and block.key in self._openers:
                # What a heading of SPIP's opens is the author's, wherever teasers may stand beside it.
                claim = block.element.getparent()
                continue
            if block.aside or (len(block.text) < _BUTTONS and is_tools(_words(block), tools)) or is_counter(block.text):
                out.add(i)
            if around.layout is None:
                continue
            if zone is BEFORE and lies_in_text(block.element, around.layout, around.places):
                zone = BEHIND
            if block.tag in _HEADINGS or (claim is not None and claim is not block.element.getparent()):
                claim = None
            if is_line(block, around.layout, around.places):
                out.add(i)
                claim = None
            elif claim is None and is_placed(block, around.layout, around.places, zone):
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
            word = len(block.text) < _LABEL and i not in around.apart and self._ends(block)
            if not learned and not word and i not in self._out:
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
                if inner in self._around.document.spans and (span.end - span.first > 1 or i in self._out):
                    self._out.update(range(span.first, span.end))
                return True
            inner, element = element, element.getparent()
        return False

    def _is_last(self, i: int, own: list[int], element: Element) -> bool:
        """Whether a heading of the site stands where hardly any text is left: “Dans le même dossier” among paragraphs."""
        if self._blocks[i].tag not in _HEADINGS:
            return False
        here = [(j, len(self._blocks[j].text)) for j in own if not self._is_teaser(j)]
        before = sum(letters for j, letters in here if j < i)
        after = sum(letters for j, letters in here if j > i and self._holder(j) is element)
        return after <= _REST * before

    def _is_teaser(self, i: int) -> bool:
        """A line that is cut, or stands below the linked title of what it is about."""
        above = self._blocks[max(i - 2, 0) : i]
        return bool(_CUT.search(self._blocks[i].plain)) or any(
            block.tag in _HEADINGS and block.linked * 2 > len(block.text) for block in above
        )

    # -- markup that says what is what ---------------------------------------------------------------------------------

    def by_roles(self) -> Parts:
        parts = Parts(rule="markup", sure="high")
        lists = {"body": parts.body, "lead": parts.lead, "ps": parts.ps, "notes": parts.notes}
        self._close()
        for i, block in enumerate(self._blocks):
            target = lists.get(block.role or "")
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
                if i > last and block.tag in _HEADINGS:
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

    def _late(self, flow: _Flow, main: Element, at: int) -> None:
        """Post-scriptum and notes behind what seemed to end the article: a counter, buttons to share it."""
        flow.close()
        for i in range(at, len(self._blocks)):
            if i in self._out or not flow.late(self._blocks[i], near=self._near(i, main)):
                flow.close()

    def _inside(self, main: Element | None) -> list[int]:
        if main is None:
            return []
        span = self._around.document.span_of(main)
        return [i for i in range(max(span.first, self._start), min(span.end, self._end)) if i not in self._out]

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


class _Flow:
    """Blocks in their order, each to its part; words such as “P.-S.” and “Notes” turn the flow."""

    def __init__(self, around: Surroundings, parts: Parts) -> None:
        self._around = around
        self._parts = parts
        self._target: list[Block] | None = parts.body
        self._lists = {"lead": parts.lead, "ps": parts.ps, "notes": parts.notes}
        self._turned = False
        self._headed = False
        self._opened: Block | None = None

    def lead(self, block: Block) -> None:
        self._parts.lead.append(block)

    def close(self) -> None:
        """A heading of the site's ends what a word of SPIP's had opened, and no post-scriptum comes without one."""
        self._headed = True
        if self._turned:
            self._target = None
            self._opened = None

    def text(self, block: Block) -> None:
        if self._by_role(block) or self._turn(block):
            return
        self._append(block)

    def behind(self, block: Block, *, near: bool) -> bool:
        """A block behind the text: PS, notes, attribution; gives False when the article has ended."""
        if self._by_role(block) or self._turn(block):
            return True
        if is_note(block):
            self._turned = True
        if self._turned:
            if block.tag in _HEADINGS:
                self.close()
            self._append(block)
            return True
        if not near or block.tag in _HEADINGS:
            return False
        if any(find_line(line.strip(" ")) for line in block.text.split("\n")):
            self._parts.body.append(block)
        elif not self._headed and self._is_said(block) and block.linked * 2 < len(block.text) and self._room():
            self._parts.ps.append(block)
        return True

    def _is_said(self, block: Block) -> bool:
        """A sentence; of a paragraph that the site's pages do not repeat any words."""
        learned = self._around.layout is not None and block.tag == "p" and " " in block.plain
        return learned or bool(_SENTENCE.search(block.plain))

    def late(self, block: Block, *, near: bool) -> bool:
        """A block further down; gives False when it is nothing of the article's."""
        if near and (is_note(block) or self._turn(block)):
            self._opened = block
            self._turned = True
            if is_note(block):
                self._append(block)
            return True
        if self._target is None or self._opened is None or block.tag in _HEADINGS or not _beside(block, self._opened):
            return False
        self._append(block)
        return True

    def _append(self, block: Block) -> None:
        """Footnotes end where a block is neither one nor stands where the last one does."""
        notes = self._parts.notes
        if is_note(block):
            self._target = notes
        elif self._target is notes and notes and not _beside(block, notes[-1]):
            self._target = None
        if self._target is not None:
            self._target.append(block)

    def _room(self) -> bool:
        return sum(len(block.text) for block in self._parts.ps) < _LONGEST_PS

    def _by_role(self, block: Block) -> bool:
        role = block.role
        if role in self._lists:
            self._lists[role].append(block)
            return True
        return False

    def _turn(self, block: Block) -> bool:
        """A word of SPIP's that opens a part; “Voir en ligne : …” closes all of them."""
        landmarks = self._around.landmarks
        head, _break, rest = block.text.partition("\n")
        if len(head) >= _LABEL:
            return False
        key = folded(head) if rest else block.key
        if key in landmarks.postscript:
            self._target = self._parts.ps
        elif key in landmarks.notes:
            self._target = self._parts.notes
        elif not rest and (key in landmarks.documents or key in landmarks.link):
            self._target = None
        else:
            return False
        self._turned = True
        if rest:  # “P.-S.”, a hard break, and what it opens
            links = [link for link in block.links if link[1] in rest]
            self._append(Block(rest, block.tag, block.element, links))
        return True


def _beside(a: Block, b: Block) -> bool:
    """Whether two blocks stand in one element, and neither is but links."""
    return a.element.getparent() is b.element.getparent() and a.linked * 2 < len(a.text)


def is_note(block: Block) -> bool:
    """A footnote at the end: it begins with its call, which links back."""
    return _call(block) > 0


def _call(block: Block) -> int:
    """Letters of the call that a footnote begins with, 0 where a block is none: “[1] ”, “(*) ”, “1 ”, “1. ”."""
    for href, text in block.links[:1]:
        match = _NOTE.match(block.plain)
        if match is not None and "#nh" in href and match["call"] == text.strip("[]() \u00a0."):
            return match.end()
    return 0


def read_notes(blocks: list[Block], landmarks: Landmarks) -> list[str]:
    """Footnotes without their calls; what has no call goes on with the note before it."""
    notes: list[str] = []
    for block in blocks:
        text = block.plain
        if folded(text) in landmarks.notes:
            continue
        match = _NUMBERED.match(text)
        at = _call(block) or (match.end() if match else 0)
        if at or not notes:
            notes.append(text[at:])
        else:
            notes[-1] += "\n\n" + text
    return [note.strip() for note in notes if note.strip()]
