"""Links and requisites of a page, absolute and without fragment."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import urljoin

from osiris_crawler.extract.dom import Element

MOST_LINKS = 20_000  # a plan du site of a large archive names every article
MOST_REQUISITES = 500
_REFRESH = re.compile(r"\s*[\d.]+\s*[;,]\s*url\s*=\s*['\"]?\s*([^'\">\s]+)", re.I)
_WANTED_RELS = ("next", "prev", "alternate", "shortcut", "start", "contents")
_PICTURES = {
    "src": ("img", "script", "source", "video", "audio", "embed", "input"),
    "data-src": ("img",),
    "poster": ("video",),
}


def base_of(tree: Element, url: str) -> str:
    """What relative links are relative to: `<base href>` where it is usable."""
    for base in tree.iter("base"):
        href = base.get("href")
        if href:
            return absolute(url, href) or url
    return url


def absolute(base: str, href: str) -> str | None:
    """A link made absolute, fragment dropped; None for what is no address."""
    href = href.strip()
    if not href or href[0] == "#":
        return None
    # The menu's links stand on every page: beside the folder the page's own name matters only to “?…” alone.
    return _absolute(base if href[0] == "?" else base[: base.rfind("/") + 1], href)


@lru_cache(maxsize=8192)
def _absolute(base: str, href: str) -> str | None:
    href = href.replace("\n", "").replace("\t", "")
    try:
        url = urljoin(base, href)
    except ValueError:
        return None
    return url.partition("#")[0] or None


def read_links(tree: Element, base: str) -> list[str]:
    """Where a page leads, in order, each address once."""
    found: dict[str, None] = {}
    for element in tree.iter("a", "area", "frame", "iframe", "link", "meta"):
        if len(found) >= MOST_LINKS:
            break
        rel = element.get("rel") or ""
        href = element.get("src") if element.tag in ("frame", "iframe") else element.get("href")
        if element.tag == "link" and not any(name in rel.lower() for name in _WANTED_RELS):
            continue
        if element.tag == "meta":
            if (element.get("http-equiv") or "").lower() != "refresh":
                continue
            match = _REFRESH.match(element.get("content") or "")
            href = match[1] if match else None
        url = absolute(base, href) if href else None
        if url is not None:
            found[url] = None
    return list(found)


def read_requisites(tree: Element, base: str) -> list[str]:
    """What a page needs to look as it does: style sheets, scripts, pictures, icons."""
    found: dict[str, None] = {}

    def add(href: str | None) -> None:
        url = absolute(base, href) if href and not href.startswith("data:") else None
        if url is not None and len(found) < MOST_REQUISITES:
            found[url] = None

    for element in tree.iter("link", "img", "script", "source", "video", "audio", "embed", "input", "object"):
        if element.tag == "link":
            rel = (element.get("rel") or "").lower()
            if "stylesheet" in rel or "icon" in rel or "preload" in rel:
                add(element.get("href"))
            continue
        for attribute, tags in _PICTURES.items():
            if element.tag in tags:
                add(element.get(attribute))
        if element.tag in ("img", "source"):
            for part in (element.get("srcset") or "").split(",")[:10]:
                add(part.strip().split(" ")[0])
    return list(found)
