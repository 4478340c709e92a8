"""A page as a sequence of blocks in the order of its visible text: paragraphs, headings, items, rows of tables."""

from __future__ import annotations

from dataclasses import dataclass, field

from osiris_crawler.extract.dom import BLOCKS, HIDDEN, Element, fold

_NESTED = frozenset(
    ["p", "div", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "form", "section", "article"]
)
_DEEPEST = 200
_BREAK = "\x1e"  # stands for <br> while text gathers; parsing has taken control characters out
_MOST = 20_000


@dataclass(slots=True)
class Block:
    """One block: `text` with "\\n" where a hard line break stands; `links` as (address as written, text)."""

    text: str
    tag: str
    element: Element
    links: list[tuple[str, str]] = field(default_factory=list)

    @property
    def plain(self) -> str:
        """The text with hard line breaks joined."""
        if "\n" not in self.text:
            return self.text.strip(" ")
        return " ".join(part for part in (line.strip(" ") for line in self.text.split("\n")) if part)

    @property
    def letters(self) -> int:
        """Letters, digits and signs: all that is no white space."""
        return len(self.text) - self.text.count(" ") - self.text.count("\n") - self.text.count("\t")


class _Flattener:
    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._parts: list[str] = []
        self._links: list[tuple[str, str]] = []

    def walk(self, element: Element, owner: Element, depth: int) -> None:
        """Inline text gathers under its owner; a block's begin and end close what has gathered."""
        tag = element.tag
        if not isinstance(tag, str) or tag in HIDDEN or depth > _DEEPEST or len(self.blocks) >= _MOST:
            return
        if tag == "br":
            self._parts.append(_BREAK)
            return
        if tag == "tr" and _is_row(element):
            self.close(owner)
            self._row(element, depth)
            return
        block = tag in BLOCKS
        if block:
            self.close(owner)
            owner = element
        href = element.get("href") if tag == "a" else None
        at = len(self._parts)
        if element.text:
            self._parts.append(element.text)
        for child in element:
            self.walk(child, owner, depth + 1)
            if child.tail:
                self._parts.append(child.tail)
        if href is not None:
            self._links.append((href, fold("".join(self._parts[at:]))))
        if block:
            self.close(owner)

    def _row(self, row: Element, depth: int) -> None:
        cells = []
        for cell in row:
            if cell.tag not in ("td", "th"):
                continue
            inner = _Flattener()
            inner.walk(cell, cell, depth + 1)
            inner.close(cell)
            cells.append(" ".join(block.plain for block in inner.blocks))
            self._links += [link for block in inner.blocks for link in block.links]
        if any(cells):
            self.blocks.append(Block("\t".join(cells), "tr", row, self._links))
        self._links = []

    def close(self, owner: Element) -> None:
        """End the block that has gathered."""
        if self._parts:
            raw = "".join(self._parts)
            lines = [fold(line).strip(" ") for line in raw.split(_BREAK)]
            text = "\n".join(lines).strip("\n ")
            if text.strip(" \n\u00a0"):
                self.blocks.append(Block(text, str(owner.tag), owner, self._links))
                self._links = []
            self._parts = []


def _is_row(row: Element) -> bool:
    """A row of data, not of a page laid out in tables: its cells hold no blocks of their own beyond one paragraph."""
    return all(sum(1 for inner in cell.iter() if inner.tag in _NESTED) <= 1 for cell in row)


def flatten(root: Element) -> list[Block]:
    """The blocks of an element, in order."""
    flattener = _Flattener()
    flattener.walk(root, root, 0)
    flattener.close(root)
    return flattener.blocks
