"""The parts of an article's text, and the flow of blocks into them: lead, body, PS, notes.

Words such as “P.-S.” and “Notes” turn the flow; what stands behind the text without one is a post-scriptum or nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from osiris_crawler.extract.blocks import Block
from osiris_crawler.extract.chrome import Layout, Places
from osiris_crawler.extract.document import Document
from osiris_crawler.extract.landmarks import Landmarks, folded
from osiris_crawler.extract.roles import Roles
from osiris_crawler.extract.source import find_line

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
LABEL = 60  # letters of a line that marks a part
_NUMBERED = re.compile(r"[\[(]\s*(?:\d{1,3}|\*)\s*[\])][\s\u00a0]*")
_NOTE = re.compile(r"[\[(]?[\s\u00a0]*(?P<call>\w{1,4}|\*{1,3})[\s\u00a0]*[\])]?[\s\u00a0]*(?:[.:–-][\s\u00a0]+)?")
_SENTENCE = re.compile(r"^.{38,}[.!?…»”\")]$", re.S)  # a signature or a file's name is none
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
    title: str = ""  # the line of its title, as models know lines


class Flow:
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
            if block.tag in HEADINGS:
                self.close()
            self._append(block)
            return True
        if not near or block.tag in HEADINGS:
            return False
        if self._headed:
            return True
        if any(find_line(line.strip(" ")) for line in block.text.split("\n")):
            self._parts.body.append(block)
        elif self._is_said(block) and block.linked * 2 < len(block.text) and self._room():
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
        if self._target is None or self._opened is None or block.tag in HEADINGS or not _beside(block, self._opened):
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
        if len(head) >= LABEL:
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
