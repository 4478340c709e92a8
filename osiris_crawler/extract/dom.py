"""From bytes to text and tree, and from elements to the text that a reader sees."""

from __future__ import annotations

import codecs
import re
import unicodedata
from functools import lru_cache

from lxml import etree
from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, read_bom, resolve_encoding

LARGEST = 20_000_000  # letters of markup; what is longer is cut
_DEEPEST = 250
_EMPTY = b"<html><body></body></html>"
Element = etree._Element  # plain elements: lxml.html's own classes cost a lookup each
_SHORT = 160  # letters of a text that may well come again
_SPACES = "\n\t\r\f\v\u2028\u2029"
_CONTROL = bytes({*range(0x20)} - {0x09, 0x0A, 0x0D})
_PROLOG = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")
_MOJIBAKE = re.compile(r"(?:Ã[\u0080-\u00bf]|Â[\u00a0-\u00bf]|â€[\u0098-\u00a6\u2122œ\x9d™]|â\u0080[\u0080-\u00bf])")
BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption figure footer form "
    "h1 h2 h3 h4 h5 h6 header hr html legend li main menu nav ol p pre section summary table tbody td tfoot th thead tr ul".split()
)
HIDDEN = frozenset({"script", "style", "noscript", "template", "head", "svg", "select", "textarea", "iframe", "object"})


def decode(body: bytes, content_type: str | None) -> str:
    """Text of a page: BOM, header, meta, utf-8, then windows-1252; pages encoded twice are repaired when that is certain."""
    encoding_of_bom, mark = read_bom(body)
    if encoding_of_bom is not None and mark is not None:
        return body[len(mark) :].decode(encoding_of_bom, "replace")
    declared = http_content_type_encoding(content_type or "") or html_body_declared_encoding(body[:4096])
    encoding = resolve_encoding(declared) if declared else None
    for name in dict.fromkeys((encoding or "utf-8", "utf-8")):
        try:
            return _once(body.decode(name))
        except (UnicodeDecodeError, LookupError):
            continue
    if encoding in (None, "utf-8"):
        return _mixed(body)
    return body.decode("cp1252", "replace")


def _mixed(body: bytes) -> str:
    """utf-8 with stray windows-1252 bytes, or windows-1252 labelled utf-8: every run is read as what it is."""
    text = body.decode("utf-8", "surrogateescape")
    return re.sub(
        r"[\udc80-\udcff]+",
        lambda run: run[0].encode("utf-8", "surrogateescape").decode("cp1252", "replace"),
        text,
    )


def _once(text: str) -> str:
    """A page that was encoded twice (“Ã©” for “é”) read once more, when all of it survives the way back."""
    if "Ã" not in text and "Â" not in text and "â€" not in text:
        return text  # told at the speed of memory; the pattern is not
    if len(_MOJIBAKE.findall(text, 0, 200_000)) < 3:
        return text
    try:
        # PHP's utf8_encode goes by ISO 8859-1, which has control characters where windows-1252 has letters.
        return text.encode("cp1252", "osiris.iso8859").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return text


def _as_iso8859(problem: UnicodeError) -> tuple[bytes, int]:
    """Letters that windows-1252 has not and ISO 8859-1 has; UnicodeEncodeError for all others."""
    assert isinstance(problem, UnicodeEncodeError)
    return problem.object[problem.start : problem.end].encode("latin-1"), problem.end


codecs.register_error("osiris.iso8859", _as_iso8859)


def parse(markup: str) -> Element:
    """A tree of a page, whatever it holds; entities of its own are not resolved, depth is bounded by the parser."""
    page = _PROLOG.sub("", markup[:LARGEST], count=1).encode("utf-8", "replace").translate(None, _CONTROL)
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        tree = etree.fromstring(page or _EMPTY, parser)
    except (etree.XMLSyntaxError, ValueError):
        tree = None
    return tree if tree is not None else etree.fromstring(_EMPTY, parser)


def fold(text: str) -> str:
    """NFC, white space folded; nbsp and its like are kept as written."""
    return _fold(text) if len(text) <= _SHORT else _folded(text)


def _folded(text: str) -> str:
    if not text.isascii() and not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    for space in _SPACES:
        if space in text:
            text = text.replace(space, " ")
    while "  " in text:
        text = text.replace("  ", " ")
    return text


# Menus, clouds and sidebars stand on every page.
_fold = lru_cache(maxsize=8192)(_folded)


def text_of(element: Element) -> str:
    """The text of an element that a reader sees, white space folded, not stripped of nbsp."""
    if len(element) == 0 and element.tag not in HIDDEN:
        return fold(element.text or "").strip(" ")  # most links and headings
    parts: list[str] = []
    _gather(element, parts, 0)
    return fold("".join(parts)).strip(" ")


def _gather(element: Element, parts: list[str], depth: int) -> None:
    if not isinstance(element.tag, str) or element.tag in HIDDEN or depth > _DEEPEST:
        return
    apart = element.tag in BLOCKS or element.tag == "br"
    if apart:
        parts.append(" ")
    if element.text:
        parts.append(element.text)
    for child in element:
        _gather(child, parts, depth + 1)
        if child.tail:
            parts.append(child.tail)
    if apart:
        parts.append(" ")
