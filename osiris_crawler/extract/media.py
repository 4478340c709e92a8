"""Pictures and documents of an article: the original behind a thumbnail, captions apart from the text."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Callable

from osiris_crawler.extract.blocks import Block
from osiris_crawler.extract.document import Document
from osiris_crawler.extract.dom import Element, text_of
from osiris_crawler.extract.facts import Media
from osiris_crawler.extract.links import absolute
from osiris_crawler.extract.roles import Roles

_PICTURE = re.compile(r"\.(?:jpe?g|png|gif|webp|svg|bmp|tiff?)$", re.I)
_FRAMES = re.compile(r"\bspip_(?:document_\d+|documents|doc_legende|doc_titre|doc_descriptif)\b")
_FRAME_TAGS = frozenset({"figure", "figcaption"})
_LONGEST_CAPTION = 300
_TABLE = 5  # steps up from a picture to a table around it: a, td, tr, tbody, table
_SMALLEST = 24  # pixels; below it a picture is an ornament
_ELSEWHERE = frozenset({"article", "breve", "section", "keyword", "home", "author"})
_CHROME = frozenset({"aside", "nav", "footer", "header", "form"})


def read_media(
    document: Document,
    title_at: int,
    body: list[Block],
    classify: Callable[[str], str],
    roles: Roles,
) -> tuple[list[Media], list[Media], set[Element]]:
    """(images, documents, elements whose text is a caption) of the region that holds title and text."""
    region = _region(document, title_at, body)
    span = document.span_of(region)
    images: dict[str, Media] = {}
    documents: dict[str, Media] = {}
    captions: set[Element] = set()
    for thing in document.things[span.things : span.things_end]:
        element = thing.element
        if thing.picture:
            found = None if _in_chrome(element, region) else _image(element, document.base, classify)
            if found is not None:
                images.setdefault(found.url, found)
                captions |= _captions(element, found)
            continue
        url = absolute(document.base, thing.address)
        if url is None or classify(url) != "file" or _in_chrome(element, region):
            continue
        file = _document(element, url, thing.text)
        if file is not None:
            documents.setdefault(file.url, file)
            captions |= _frame_of(element) | _alone(element)
    return list(images.values()), list(documents.values()), captions


def _region(document: Document, title_at: int, body: list[Block]) -> Element:
    """The smallest element around title and text; the whole page only when they share no other."""
    anchors = [block.element for block in (document.blocks[title_at : title_at + 1] if title_at >= 0 else [])]
    anchors += [body[0].element, body[-1].element] if body else []
    if not anchors:
        return document.body
    common = [anchors[0], *anchors[0].iterancestors()]
    for element in anchors[1:]:
        around = {element, *element.iterancestors()}
        common = [one for one in common if one in around]
    return common[0] if common else document.body


def _in_chrome(element: Element, region: Element) -> bool:
    for above in element.iterancestors():
        if above is region:
            return False
        if above.tag in _CHROME:
            return True
    return False


def _type(url: str) -> str | None:
    return mimetypes.guess_type(url.partition("?")[0])[0]


def _image(element: Element, base: str, classify: Callable[[str], str]) -> Media | None:
    src = element.get("src") or element.get("data-src")
    url = absolute(base, src) if src and not src.startswith("data:") else None
    if url is None or classify(url) != "file":
        return None
    if any(
        (element.get(side) or "").isdecimal() and int(element.get(side) or 0) < _SMALLEST
        for side in ("width", "height")
    ):
        return None
    parent = element.getparent()
    for above in (parent, parent.getparent() if parent is not None else None):
        if above is not None and above.tag == "a" and above.get("href"):
            original = absolute(base, above.get("href") or "")
            kind = classify(original) if original is not None else ""
            if kind in _ELSEWHERE:
                return None  # of a teaser
            if original is not None and kind == "file":
                if not _PICTURE.search(original.partition("?")[0]):
                    return None  # an icon or a first page that leads to a document
                url = original
            break
    return Media(url, _title(element), _type(url))


def _title(element: Element) -> str | None:
    """The caption, else what the picture says of itself."""
    for above in list(element.iterancestors())[:4]:
        if above.tag in ("figure", "dl") or _FRAMES.search(above.get("class") or ""):
            for part in above.iter("figcaption", "dt", "dd", "strong", "div"):
                text = text_of(part).strip()
                if text and part.find(".//img") is None:
                    return text
    return (element.get("title") or element.get("alt") or "").strip() or None


def _captions(element: Element, found: Media) -> set[Element]:
    captions = _frame_of(element)
    block = next(
        (above for above in element.iterancestors() if above.tag in ("div", "p", "td", "li", "span", "center")), None
    )
    if block is not None:
        text = text_of(block).strip()
        if text and len(text) <= _LONGEST_CAPTION:
            captions |= {block, *block.iter()}
            found.title = found.title or text
    table = next((above for above in list(element.iterancestors())[:_TABLE] if above.tag == "table"), None)
    if table is not None and len(list(table.iter("img"))) == 1:
        text = text_of(table).strip()
        if len(text) <= _LONGEST_CAPTION:  # the picture in one row, its caption in the next
            captions |= {table, *table.iter()}
            found.title = found.title or text or None
    return captions


def _frame_of(element: Element) -> set[Element]:
    """Elements of the frame that SPIP puts around a document, with its title and description."""
    for above in list(element.iterancestors())[:5]:
        if above.tag in _FRAME_TAGS or _FRAMES.search(above.get("class") or ""):
            return {above, *above.iter()}
    return set()


def _alone(element: Element) -> set[Element]:
    """The block around a document's link that holds nothing else: it is the document's title, not text."""
    parent = element.getparent()
    if parent is None or text_of(parent).strip() != text_of(element).strip():
        return set()
    # A paragraph may be the author's; one with an icon is not.
    if parent.tag in ("div", "td", "span") or (parent.tag == "p" and parent.find("img") is not None):
        return {parent, *parent.iter()}
    return set()


def _document(element: Element, url: str, text: str) -> Media | None:
    if _PICTURE.search(url.partition("?")[0]):
        return None
    title = text.strip() or (element.get("title") or "").strip()
    kind = element.get("type") or _type(url)
    return Media(url, title or None, kind if kind and "/" in kind else _type(url))
