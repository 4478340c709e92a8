"""The breadcrumb of a page: “Accueil > Articles de presse > … > title”."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from osiris_crawler.extract.document import Document
from osiris_crawler.extract.dom import Element, text_of
from osiris_crawler.extract.facts import Crumb
from osiris_crawler.extract.landmarks import folded
from osiris_crawler.extract.links import absolute

_SEPARATOR = re.compile(r"\s*[>›→]\s*")
# Titles hold these: they count where they stand right behind the home link, and the last step is the page's title.
_OTHER = re.compile(r"\s*(»|/|::)\s*")
_ALIKE = 20  # letters of the last step that <title> begins with
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
        found = _around(thing.element, document)
        if found is not None:
            return found
    return None


def _around(anchor: Element, document: Document) -> Breadcrumb | None:
    element = anchor.getparent()
    for _step in range(_HIGHEST):
        if element is None:
            return None
        text = text_of(element)
        if len(text) > _LONGEST:
            return None
        if _SEPARATOR.search(text) or (len(element.findall(".//a")) > 1 and element.tag in ("ul", "ol", "nav")):
            return _read(element, anchor, document.base, _SEPARATOR)
        other = _OTHER.match(text.partition(text_of(anchor))[2])
        if other is not None:
            found = _read(element, anchor, document.base, re.compile(rf"\s*{re.escape(other[1])}\s*"))
            alike = folded(found.last[:_ALIKE]) if found is not None else ""
            return found if alike and alike in folded(document.title) else None
        element = element.getparent()
    return None


def _read(element: Element, home: Element, base: str, separator: re.Pattern[str]) -> Breadcrumb | None:
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
    pieces = _steps(tail, separator)
    unlinked = pieces[:-1]
    crumbs += [Crumb(title, None) for title in unlinked]
    return Breadcrumb(crumbs, pieces[-1] if pieces else "", element)


def _steps(tail: str, separator: re.Pattern[str]) -> list[str]:
    """What is parted by the separator; a quotation mark that closes one is none."""
    steps: list[str] = []
    for piece in separator.split(tail):
        if steps and steps[-1].count("«") > steps[-1].count("»"):
            steps[-1] += f"\u00a0» {piece}".rstrip()
        else:
            steps.append(piece)
    return [step.strip() for step in steps if step.strip()]
