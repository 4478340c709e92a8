"""A block of a page: a paragraph, a heading, an item, a row of a table, as a reader sees it."""

from __future__ import annotations

from dataclasses import dataclass, field

from osiris_crawler.extract.dom import Element
from osiris_crawler.extract.landmarks import folded

_LONGEST_KEY = 400  # letters of a block that can be a word of the site


@dataclass(slots=True, eq=False)
class Block:
    """One block: `text` with "\\n" where a hard line break stands; `links` as (address as written, text)."""

    text: str
    tag: str
    element: Element
    links: list[tuple[str, str]] = field(default_factory=list)
    role: str | None = None  # what known markup says of it (extract/roles.py)
    aside: bool = False  # whether it stands in markup that says it is not the page's matter
    _plain: str | None = field(default=None, init=False, repr=False)
    _key: str | None = field(default=None, init=False, repr=False)

    @property
    def plain(self) -> str:
        """The text with hard line breaks joined."""
        if self._plain is None:
            text = self.text
            if "\n" in text:
                self._plain = " ".join(part for part in (line.strip(" ") for line in text.split("\n")) if part)
            else:
                self._plain = text.strip(" ")
        return self._plain

    @property
    def key(self) -> str:
        """The text as landmarks are compared: case, accents, spaces folded; of a long text only its beginning."""
        if self._key is None:
            self._key = folded(self.plain[:_LONGEST_KEY])
        return self._key

    @property
    def letters(self) -> int:
        """Letters, digits and signs: all that is no white space."""
        return len(self.text) - self.text.count(" ") - self.text.count("\n") - self.text.count("\t")

    @property
    def linked(self) -> int:
        """Letters and spaces of the text that are links."""
        return sum(len(text) for _href, text in self.links)
