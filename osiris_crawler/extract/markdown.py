"""The blocks of an article as Markdown: CommonMark, with the tables and footnotes of GitHub's dialect.

blocks → units (a paragraph, a heading, a table, a poem, a picture), each with the lists and quotations around it → lines

What a block says comes from its element, and only where that holds the block's own letters in their order; else the block's
text stands as it is. So no letter is lost or put in, however the block came to its text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from osiris_crawler.extract.blocks import Block
from osiris_crawler.extract.dom import BLOCKS, Element
from osiris_crawler.extract.markdown_inline import (
    BREAK,
    Run,
    Setting,
    address,
    cut,
    image,
    inline,
    letters_of,
    plain_line,
    runs_of,
)
from osiris_crawler.extract.markdown_lines import Unit, join
from osiris_crawler.extract.markdown_table import Cell, table, table_of

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_TOP = 2  # level of the highest heading of a text; the title's is 1
_LISTS = frozenset({"ul", "ol", "menu", "dir"})
_VERSES = re.compile(r"po[eé]sie|po[eè]m|verse", re.I)
_CALL = re.compile(r"[\[(]\s*(\d{1,3})\s*[\])]")
_DEEPEST = 20  # lists and quotations in each other
_LONGEST_VERSE = 120  # letters; what is longer is a paragraph, whatever holds it


@dataclass(slots=True)
class _Verses:
    """A poem under way."""

    parent: Element
    last: Element
    lines: list[str] = field(default_factory=list)


class Markdown:
    """Writes the parts of one article, which share their notes and pictures.

    `pictures` are those that are to be shown, address → title; None shows all of them with what they say of themselves.
    """

    def __init__(
        self,
        base: str,
        blocks: Iterable[Block],
        notes: Sequence[Block] = (),
        pictures: Mapping[str, str | None] | None = None,
    ) -> None:
        every = list(blocks)
        self._pictures = pictures
        # The wanted pictures that have not been shown: the address as it is written here → as it is in `pictures`.
        self._wanted = {name: url for url in pictures or {} if (name := address(url, url)) is not None}
        self._called: set[str] = set()
        self._notes = _labelled(notes)
        self._setting = Setting(base, frozenset(self._notes), self._picture, self._called.add)
        self._outside = _common(_around(block.element) for block in every)
        self._taken: dict[Element, int] = {}  # letters of an element that its blocks have had
        self._alone: set[Element] = set()  # pictures between blocks that have been shown
        levels = [_HEADINGS[block.tag] for block in every if block.tag in _HEADINGS]
        self._shift = _TOP - min(levels, default=_TOP)

    def text(self, blocks: Sequence[Block]) -> str:
        """Blocks as Markdown, without a line feed at the end."""
        return join(self._units(blocks))

    def definitions(self) -> str:
        """The notes; those that no call leads to as paragraphs, for a reader of Markdown would leave them out."""
        out = []
        for label, blocks in self._notes.items():
            texts = [text for text in (self._inline(block, text) for block, text in blocks) if text]
            if not texts:
                continue
            if label in self._called:
                texts = [f"[^{label}]: {texts[0]}", *texts[1:]]
                out += [text.replace("\n", "\n    ") if i == 0 else _indented(text) for i, text in enumerate(texts)]
            else:
                out += [f"\\[{label}\\] {texts[0]}" if label.isdigit() else texts[0], *texts[1:]]
        return "\n\n".join(out)

    def rest(self) -> str:
        """The wanted pictures that have not been shown, a paragraph each."""
        return "\n\n".join(image((self._pictures or {})[url] or "", name) for name, url in self._wanted.items())

    # -- blocks to units ----------------------------------------------------------------------------------------------

    def _units(self, blocks: Sequence[Block]) -> list[Unit]:
        units: list[Unit] = []
        apart = self._standing_alone(blocks)
        units += apart.get(-1, [])
        verses: _Verses | None = None
        i = 0
        while i < len(blocks):
            block = blocks[i]
            parent = block.element.getparent()
            if _is_verse(block, parent):
                assert parent is not None
                if verses is None or verses.parent is not parent:
                    verses = _Verses(parent, block.element)
                    units.append(Unit(verses.lines, self._inside(block.element)))
                self._verse(verses, block)
                units += apart.get(i, [])
                i += 1
                continue
            verses = None
            end = i + 1
            if block.tag == "tr":
                holder = table_of(block)
                while end < len(blocks) and blocks[end].tag == "tr" and table_of(blocks[end]) is holder:
                    end += 1
                rows = [(row, self._cells(row)) for row in blocks[i:end]]
                units.append(Unit(table(rows), self._inside(block.element)))
            else:
                units += self._paragraph(block)
            for at in range(i, end):
                units += apart.get(at, [])
            i = end
        return units

    def _paragraph(self, block: Block) -> list[Unit]:
        heading = block.tag in _HEADINGS
        text = self._inline(block, strong=not heading, breaks=not heading, as_caption=block.tag == "caption")
        if not text:
            return []
        if heading:
            level = max(1, min(6, _HEADINGS[block.tag] + self._shift))
            text = f"{'#' * level} {_closed(text)}"
        return [Unit(text.split("\n"), self._inside(block.element), tight=not heading)]

    def _verse(self, verses: _Verses, block: Block) -> None:
        lines = self._inline(block).split("\n")
        if verses.lines:
            before = block.element.getprevious()
            if verses.last is block.element or before is verses.last:
                verses.lines[-1] += "\\"
            else:
                verses.lines.append("")  # an empty line stood between: a new stanza
        verses.lines += lines
        verses.last = block.element

    def _cells(self, block: Block) -> list[Cell]:
        found = []
        for element in block.element:
            if element.tag in ("td", "th"):
                runs = runs_of(element, deep=True)
                found.append((element, runs, letters_of("".join(run.text for run in runs if run.picture is None))))
        if "".join(letters for _element, _runs, letters in found) != letters_of(block.text):
            return [Cell(plain_line(text)) for text in block.text.split("\t")]
        return [
            Cell.of(element, inline(runs, self._setting, strong=element.tag != "th", breaks=False))
            for element, runs, _letters in found
        ]

    # -- inline text --------------------------------------------------------------------------------------------------

    def _inline(
        self,
        block: Block,
        text: str | None = None,
        *,
        strong: bool = True,
        breaks: bool = True,
        as_caption: bool = False,
    ) -> str:
        """A block's text, or the part of it that is given, by what its element says of it."""
        text = block.text if text is None else text
        wanted = letters_of(text)
        runs = runs_of(block.element)
        letters = letters_of("".join(run.text for run in runs if run.picture is None))
        at = letters.find(wanted, self._taken.get(block.element, 0)) if wanted else -1
        if at < 0:
            runs = [run for line in text.split("\n") for run in (Run(BREAK), Run(line))][1:]
        else:
            self._taken[block.element] = at + len(wanted)
            if len(wanted) < len(letters):
                runs = cut(runs, at, at + len(wanted))
        if as_caption:
            runs = [run if run.text == BREAK else run._replace(emphasis=True, strong=False) for run in runs]
        return inline(runs, self._setting, strong=strong, breaks=breaks)

    # -- pictures -----------------------------------------------------------------------------------------------------

    def _picture(self, addresses: Sequence[str], text: str) -> tuple[str, str] | None:
        named = [name for name in (address(self._setting.base, written) for written in addresses) if name is not None]
        if self._pictures is None:
            return (named[-1], text) if named else None
        for name in named:
            url = self._wanted.pop(name, None)
            if url is not None:
                return name, self._pictures[url] or text
        return None

    def _standing_alone(self, blocks: Sequence[Block]) -> dict[int, list[Unit]]:
        """Pictures that stand between blocks, by the number of the block before them."""
        if not blocks or self._pictures == {}:
            return {}
        places: dict[Element, int] = {}
        for i, block in enumerate(blocks):
            places.setdefault(block.element, i)
        region = _region([block.element for block in blocks])
        found: dict[int, list[Unit]] = {}
        last = -1
        for element in region.iter():
            last = places.get(element, last)
            if element.tag != "img" or element in self._alone or any(one in places for one in _holders(element)):
                continue
            self._alone.add(element)
            link = next((above.get("href") for above in element.iterancestors("a") if above.get("href")), None)
            source = element.get("src") or element.get("data-src")
            says = (element.get("title") or element.get("alt") or "").strip()
            shown = self._picture([name for name in (link, source) if name], says)
            if shown is not None:
                found.setdefault(last, []).append(Unit([image(shown[1], shown[0])], self._inside(element)))
        return found

    def _inside(self, element: Element) -> list[Element]:
        return [one for one in _around(element) if one not in self._outside][:_DEEPEST]


def render(
    blocks: Sequence[Block],
    base: str,
    *,
    notes: Sequence[Block] = (),
    pictures: Mapping[str, str | None] | None = None,
) -> str:
    """Blocks of one text as Markdown, its notes at its end; "" for none. `base` is what its links are relative to."""
    writer = Markdown(base, blocks, notes, pictures)
    parts = [writer.text(blocks), writer.definitions()]
    return "\n\n".join(part for part in parts if part) + "\n" if any(parts) else ""


def plain_heading(title: str) -> str:
    """A title as the first heading."""
    return f"# {_closed(plain_line(title))}"


def _closed(heading: str) -> str:
    """A heading whose last number signs are its own."""
    return heading[:-1] + "\\#" if heading.endswith("#") and not heading.endswith("\\#") else heading


def plain(text: str) -> str:
    """Plain text of the dataset as Markdown: paragraphs, and tables of lines with tabs in them."""
    out: list[str] = []
    for paragraph in text.split("\n\n"):
        rows: list[tuple[Block | None, list[Cell]]] = []
        lines: list[str] = []
        for line in [*paragraph.split("\n"), ""]:
            if "\t" in line:
                rows.append((None, [Cell(plain_line(cell)) for cell in line.split("\t")]))
                continue
            if lines and rows:
                out, lines = [*out, "\\\n".join(lines)], []
            if rows:
                out, rows = [*out, "\n".join(table(rows))], []
            if line.strip():
                lines.append(plain_line(line))
        if lines:
            out.append("\\\n".join(lines))
    return "\n\n".join(out)


# -- what stands around what ------------------------------------------------------------------------------------------


def _around(element: Element) -> list[Element]:
    """The list items and quotations that hold an element, outermost first, itself among them."""
    found = [one for one in (element, *element.iterancestors()) if one.tag == "blockquote" or _is_item(one)]
    return found[::-1]


def _is_item(element: Element) -> bool:
    if element.tag != "li":
        return False
    parent = element.getparent()
    return parent is not None and parent.tag in _LISTS


def _common(chains: Iterable[list[Element]]) -> set[Element]:
    """What holds all of the text is the page's, not the text's."""
    common: set[Element] | None = None
    for chain in chains:
        common = set(chain) if common is None else common & set(chain)
        if not common:
            break
    return common or set()


def _is_verse(block: Block, parent: Element | None) -> bool:
    if block.element.tag != "div" or block.tag != "div" or parent is None:
        return False
    short = len(block.text) <= _LONGEST_VERSE and parent.tag == "blockquote"
    return short or bool(_VERSES.search(parent.get("class") or ""))


def _region(elements: Sequence[Element]) -> Element:
    common = [elements[0], *elements[0].iterancestors()]
    for element in dict.fromkeys(elements):
        around = {element, *element.iterancestors()}
        common = [one for one in common if one in around]
    return common[0]


def _holders(element: Element) -> list[Element]:
    """The block that an inline element stands in, and the row of a table that does."""
    block = next((above for above in element.iterancestors() if above.tag in BLOCKS), None)
    row = next(element.iterancestors("tr"), None)
    return [one for one in (block, row) if one is not None]


def _labelled(notes: Sequence[Block]) -> dict[str, list[tuple[Block, str]]]:
    """Notes by their numbers, as (block, its text without the call); what has no call goes on with the note before it."""
    found: dict[str, list[tuple[Block, str]]] = {}
    label = ""
    for block in notes:
        text = block.text
        match = _CALL.match(text)
        if match is not None and match[1] not in found:
            label, text = match[1], text[match.end() :].strip()
        found.setdefault(label or "-", []).append((block, text))
    return found


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.split("\n"))
