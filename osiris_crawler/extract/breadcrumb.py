"""The breadcrumb of a page: “Accueil > Articles de presse > … > title”."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from osiris_crawler.extract.document import Document
from osiris_crawler.extract.dom import Element, text_of
from osiris_crawler.extract.facts import Crumb
from osiris_crawler.extract.links import absolute

# No » and no /: titles hold them.
_SEPARATOR = re.compile(r"\s*[>›→]\s*")
_LONGEST = 1500  # letters; what is longer holds more than the breadcrumb
_LONGEST_HOME = 60  # letters of the home link
_HIGHEST = 6  # steps up from the home link


@dataclass(slots=True)
class Breadcrumb:
    """Steps between home and the page, and the page's own last step (cut at 80 letters by SPIP)."""

    crumbs: list[Crumb] = field(default_factory=list)
    last: str = ""
    element: Element | None = None


def read_breadcrumb(
    document: Document, home_labels: tuple[str, ...], is_home: Callable[[str], bool]
) -> Breadcrumb | None:
    """The breadcrumb, told by its home link and separators and not by any class."""
    labels = {label.casefold() for label in home_labels}
    for thing in document.things:
        if len(thing.text) > _LONGEST_HOME or thing.text.strip().casefold() not in labels:
            continue
        url = absolute(document.base, thing.address)
        if url is None or not is_home(url):
            continue
        found = _around(thing.element, document.base, labels)
        if found is not None:
            return found
    return None


def _around(anchor: Element, base: str, labels: set[str]) -> Breadcrumb | None:
    element = anchor.getparent()
    for _step in range(_HIGHEST):
        if element is None:
            return None
        text = text_of(element)
        if len(text) > _LONGEST:
            return None
        if _SEPARATOR.search(text) or (len(element.findall(".//a")) > 1 and element.tag in ("ul", "ol", "nav")):
            return _read(element, anchor, base, labels)
        element = element.getparent()
    return None


def _read(element: Element, home: Element, base: str, labels: set[str]) -> Breadcrumb | None:
    links = list(element.iter("a"))
    if not links or links[0] is not home:
        return None
    crumbs = []
    for anchor in links[1:]:
        title = text_of(anchor).strip()
        if title:
            crumbs.append(Crumb(title, absolute(base, anchor.get("href") or "")))
    text = text_of(element).strip()
    # The page's own step is what stands behind the last link's text.
    tail = text
    for title in [*(text_of(link).strip() for link in links)]:
        at = tail.find(title)
        if at < 0:
            return None
        tail = tail[at + len(title) :]
    pieces = [piece.strip() for piece in _SEPARATOR.split(tail) if piece.strip()]
    unlinked = pieces[:-1]
    crumbs += [Crumb(title, None) for title in unlinked]
    return Breadcrumb(crumbs, pieces[-1] if pieces else "", element)
