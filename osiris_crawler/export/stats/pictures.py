"""A chart as SVG and PNG, drawn by vl-convert: no browser, no network, a typeface of its own.

The same chart gives the same bytes; of a PNG on systems with the same typefaces, which go before vl-convert's.

Both carry what they show as text: an SVG as <title> and <desc>, a PNG as iTXt chunks (PNG, third edition, 11.3.3).
"""

from __future__ import annotations

import re
import zlib
from html import escape

import vl_convert

from osiris_crawler.export.stats.drafting import Drawn

_SCALE = 2  # pixels of a PNG for one of the drawing
_NUMBERS = {"decimal": ".", "thousands": "\u202f", "grouping": [3], "currency": ["", ""], "percent": "\u202f%"}
_NAMED = re.compile(r"\b(gradient|clip)_?(\d+)\b")  # Vega goes on counting from one drawing to the next
_ROOT = re.compile(r"<svg\b[^>]*>")
_HEADER = 8 + 25  # bytes of a PNG's signature and its first chunk


def svg(drawn: Drawn) -> str:
    """The chart with its text alternative."""
    found = vl_convert.vegalite_to_svg(drawn.spec, format_locale=_NUMBERS, allowed_base_urls=[])
    places: dict[str, str] = {}
    found = _NAMED.sub(lambda name: places.setdefault(name[0], f"{name[1]}_{len(places)}"), found)
    root = _ROOT.match(found)
    assert root is not None
    head = root[0][:-1] + ' role="img" aria-labelledby="title desc">'
    text = f'<title id="title">{escape(drawn.title)}</title><desc id="desc">{escape(drawn.told)}</desc>'
    return f"{head}{text}{found[root.end() :]}\n"


def png(drawn: Drawn, drawing: str) -> bytes:
    """The SVG as pixels, twice as many as it has, with the same text."""
    found = vl_convert.svg_to_png(drawing, scale=_SCALE)
    texts = b"".join(_text(name, value) for name, value in (("Title", drawn.title), ("Description", drawn.told)))
    return found[:_HEADER] + texts + found[_HEADER:]


def _text(keyword: str, text: str) -> bytes:
    """An iTXt chunk: keyword, not compressed, no language said, UTF-8."""
    data = b"iTXt" + keyword.encode("ascii") + b"\0\0\0\0\0" + text.encode()
    return (len(data) - 4).to_bytes(4, "big") + data + zlib.crc32(data).to_bytes(4, "big")
