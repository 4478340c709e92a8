"""Deliberately meaningless markup: the current look in nothing but div, span, a, img, table and br, names drawn by lot."""

from __future__ import annotations

import hashlib
import re

from osiris_crawler.demo.layouts import current
from osiris_crawler.demo.layouts.view import Layout, Page

_TAG = re.compile(
    r"<(/?)(h[1-6]|p|ul|ol|li|main|aside|nav|header|footer|section|article|figure|figcaption|blockquote|strong|b|em)\b([^>]*)>"
)
_NAME = re.compile(r"\s(?:class|id|rel|rev|type)=(?:\"([^\"]*)\"|'([^']*)')")
_INLINE = frozenset({"strong", "b", "em"})


def draw(page: Page) -> str:
    """The current look, its tags and names made meaningless; anchors of footnotes stay, since they are links."""
    markup = current.draw(page)
    at = markup.index("<body>")
    top, rest = markup[:at], markup[at:]
    salt = page.self_path + page.title

    def name(match: re.Match[str]) -> str:
        value = match[1] or match[2] or ""
        if value.startswith(("nb", "nh")) and value[2:].isdecimal():
            return match[0]
        token = hashlib.sha256(f"{salt}{value}".encode()).hexdigest()
        return f' class="{chr(97 + int(token[0], 16))}{token[1:7]}"'

    def tag(match: re.Match[str]) -> str:
        kind = "span" if match[2] in _INLINE else "div"
        return f"<{match[1]}{kind}{match[3]}>"

    return top + _NAME.sub(name, _TAG.sub(tag, rest))


LAYOUT = Layout("opaque", draw)
