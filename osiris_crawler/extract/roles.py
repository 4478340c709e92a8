"""What known markup says of a page's blocks: a help that is taken when it is there, never relied on (SITE, section 6)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from osiris_crawler.extract.blocks import Block
from osiris_crawler.extract.dom import Element, text_of

# Class tokens (and itemprop values) of SPIP's own templates, of crayons, and of common templates.
_ROLES: dict[str, str] = {
    "texte": "body", "article-texte": "body", "articlebody": "body", "entry-content": "body", "e-content": "body",
    "chapo": "lead", "article-chapo": "lead", "article-descriptif": "lead",
    "ps": "ps", "article-ps": "ps", "notes": "notes", "article-notes": "notes",
    "surtitre": "overline", "article-surtitre": "overline", "soustitre": "subtitle", "article-soustitre": "subtitle",
    "article-titre": "title", "entry-title": "title", "headline": "title",
    "hyperlien": "link", "article-lien": "link",
}  # fmt: skip
_ASIDE = frozenset({"aside", "nav", "footer", "form"})
_CRAYON = re.compile(r"^(article|breve)-([a-z]+)-(\d{1,9})$")
_LISTED = re.compile(r"\b(?:hentry|liste|menu|introduction)\b")


@lru_cache(maxsize=4096)
def _roles_of(names: str) -> tuple[str | None, int | None]:
    """(role, SPIP's number) that class names say."""
    role: str | None = None
    number: int | None = None
    for name in names.lower().split():
        crayon = _CRAYON.match(name)
        if crayon:
            number = int(crayon[3]) if crayon[2] in ("texte", "titre", "chapo", "ps") else number
            name = f"{crayon[1]}-{crayon[2]}".replace("breve", "article")
        role = role or _ROLES.get(name)
    return role, number


class Roles:
    """The roles of elements, each known by its nearest ancestor that has one; each block is told its own."""

    def __init__(self, root: Element, blocks: Sequence[Block], *, hints: bool = True) -> None:
        self._roles: dict[Element, str | None] = {}
        self._known: dict[Element, tuple[str | None, bool]] = {}
        self._found: set[str] = set()
        self.number: int | None = None
        self.published: str | None = None
        self.published_text: str | None = None
        numbers: set[int] = set()
        for element in root.iter("div", "p", "section", "article", "h1", "h2", "span", "abbr", "time", "main", "td"):
            names = f"{element.get('class') or ''} {element.get('itemprop') or ''}".strip()
            if element.tag in ("abbr", "time") and self.published is None:
                self._published(element, names)
            if not names:
                continue
            role, number = _roles_of(names)
            if number is not None:
                numbers.add(number)
            if role is not None and hints and not self._listed(element):
                if element.tag == "article" and role == "body":
                    continue
                self._roles[element] = role
                self._found.add(role)
        if len(numbers) == 1:
            self.number = numbers.pop()
        for block in blocks:
            block.role, block.aside = self._of(block.element)

    def _published(self, element: Element, names: str) -> None:
        stamp = element.get("title") if element.tag == "abbr" else element.get("datetime")
        if ("published" in names or element.tag == "time") and re.match(r"\d{4}-\d{2}-\d{2}", stamp or ""):
            self.published = (stamp or "")[:10]
            self.published_text = text_of(element) or None

    @staticmethod
    def _listed(element: Element) -> bool:
        """A teaser in a list is no part of the page's own article."""
        return any(
            above.tag == "li"
            or (above.tag in _ASIDE)
            or (_LISTED.search(above.get("class") or "") and above.tag != "div")
            for above in element.iterancestors()
        )

    def found(self, role: str) -> bool:
        return role in self._found

    def _of(self, element: Element | None) -> tuple[str | None, bool]:
        """(role, aside) of an element, by itself or by what is around it; each is worked out once."""
        if element is None:
            return None, False
        known = self._known.get(element)
        if known is None:
            role, aside = self._of(element.getparent())
            known = self._known[element] = (self._roles.get(element, role), aside or element.tag in _ASIDE)
        return known
