"""Addresses as pages write them, made absolute and without fragment."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urljoin

from osiris_crawler.extract.dom import Element

MOST_LINKS = 20_000  # a plan du site of a large archive names every article
MOST_REQUISITES = 500


def base_of(tree: Element, url: str) -> str:
    """What relative links are relative to: `<base href>` where it is usable."""
    for base in tree.iter("base"):
        href = base.get("href")
        if href:
            return absolute(url, href) or url
    return url


def absolute(base: str, href: str) -> str | None:
    """A link made absolute, fragment dropped; None for what is no address."""
    return resolved(base if href.lstrip()[:1] == "?" else folder_of(base), href)


def folder_of(base: str) -> str:
    """What all links of a page but “?…” are relative to: beside the folder the page's own name does not matter."""
    return base[: base.rfind("/") + 1]


@lru_cache(maxsize=16384)
def resolved(folder: str, href: str) -> str | None:
    """`absolute` for a folder: the menu's links stand on every page, and joining takes longer than all else."""
    href = href.strip().replace("\n", "").replace("\t", "")
    if not href or href[0] == "#":
        return None
    try:
        url = urljoin(folder, href)
    except ValueError:
        return None
    return url.partition("#")[0] or None
