"""Title, date and byline of an article's page: what breadcrumb, <title>, headings and the first full date agree on."""

from __future__ import annotations

import re
from collections.abc import Callable

from osiris_crawler.extract.blocks import Block
from osiris_crawler.extract.breadcrumb import Breadcrumb
from osiris_crawler.extract.dates import DateReading, find_date
from osiris_crawler.extract.landmarks import folded
from osiris_crawler.extract.links import absolute

Classify = Callable[[str], str]

_CUT = re.compile(r"[\s\u00a0]*(?:\(…\)|\(\.\.\.\)|…)$")
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_PARAGRAPH = 120  # letters that only running text has
_NEAR = 8  # blocks between title and date line
_BYLINE_BEFORE = re.compile(
    r"^(?:par|by)\s+(.{2,80}?)[\s,|·•–-]*(?:(?:publié|mis en ligne|posté|paru|posted|published)(?:\s+(?:le|on))?)?$",
    re.I,
)
_SITE_FIRST = re.compile(r"^\[[^\]]{1,60}\] ")
_BYLINE = re.compile(r"^[\s,|–-]*(?:par|by)\s+(.{2,200})$", re.I | re.S)


def find_title(blocks: list[Block], crumbs: Breadcrumb | None, title_tag: str) -> tuple[int | None, list[str]]:
    """The block that is the title, and the signs that say so: what breadcrumb, <title> and headings agree on."""
    inside = set(crumbs.element.iter()) if crumbs is not None and crumbs.element is not None else set()
    first = max((i for i, block in enumerate(blocks) if block.element in inside), default=-1) + 1
    stem = _bare(folded(_CUT.sub("", crumbs.last))) if crumbs is not None else ""
    tag = _bare(folded(title_tag))
    best: tuple[int, int, list[str]] | None = None
    named = tag if _SITE_FIRST.match(tag) else ""  # “[OSIRIS] title”
    initials = {text[:1] for text in (stem, tag, _SITE_FIRST.sub("", tag)) if text} | {"{"}
    for i, block in enumerate(blocks[first:], first):
        if len(block.text) > 400 or block.element in inside:
            continue
        # Most blocks are told from a title by their first letter.
        if _initial(block.text[:1]) not in initials and block.tag not in _HEADINGS and block.role != "title":
            continue
        plain = _bare(block.key)
        if len(plain) < 2:
            continue
        score, signs = 0, []
        if stem and (plain.startswith(stem) if len(stem) > 3 else plain == stem):
            score, signs = 4, ["breadcrumb"]
        if len(plain) > 3 and (
            tag.startswith(plain) or (len(plain) > 20 and tag.startswith(plain[:60])) or named.endswith(plain)
        ):
            score += 3
            signs.append("title tag")
        if block.tag in _HEADINGS:
            score += 2 if block.tag == "h1" else 1
            signs.append("heading")
        if block.role == "title":
            score += 3
            signs.append("markup")
        if score < 3:
            continue
        if block.aside:
            score -= 4
        if score >= 3 and any(find_date(near.plain[:80]) for near in blocks[i + 1 : i + 1 + _NEAR]):
            score += 1
            signs.append("date below")
        if score >= 3 and (best is None or score > best[0]):
            best = (score, i, signs)
    return (best[1], best[2]) if best is not None else (None, [])


_INITIALS: dict[str, str] = {}


def _initial(letter: str) -> str:
    known = _INITIALS.get(letter)
    if known is None:
        known = _INITIALS[letter] = folded(letter)
    return known


def _bare(text: str) -> str:
    """Without the signs of SPIP's shortcuts, which a heading may show and <title> not."""
    return text.strip("{} ")


def from_tag(title_tag: str) -> str:
    return re.split(r"\s+[-–|]\s+", title_tag)[0].strip()


def find_dateline(blocks: list[Block], at: int | None) -> tuple[int, DateReading | None]:
    """The date line: behind the title and before any paragraph if there is one, with its weekday rather than without.

    A teaser further down has a date too, and may have its weekday where the article's own has none.
    """
    if at is None:
        return _first_date(list(enumerate(blocks)), (True, False)) or (-1, None)
    below = list(enumerate(blocks[at + 1 : at + 1 + _NEAR], at + 1))
    paragraph = next((n for n, (_i, block) in enumerate(below) if len(block.text) >= _PARAGRAPH), len(below))
    above = list(enumerate(blocks[max(at - 3, 0) : at], max(at - 3, 0)))
    for near, kinds in ((below[:paragraph], (True, False)), (below + above, (True,)), (below + above, (False,))):
        found = _first_date(near, kinds)
        if found is not None:
            return found
    return at, None


def _first_date(near: list[tuple[int, Block]], kinds: tuple[bool, ...]) -> tuple[int, DateReading | None] | None:
    for weekday in kinds:
        for i, block in near:
            text = block.plain
            # A sentence that names a day is no date line: the date stands at its beginning, and little follows.
            found = find_date(text[:160], weekday=weekday) if len(text) <= 200 else None
            if found is not None and found.start <= 40 and _dateline(text, found):
                return i, found
    return None


def _dateline(text: str, found: DateReading) -> bool:
    before, after = text[: found.start].strip(" ,:–-"), text[found.end :].strip(" ,:–-|")
    opening = not before or folded(before) in {
        "le",
        "publie le",
        "mis en ligne le",
        "article publie le",
        "date",
        "paru le",
        "posted",
    }
    opening = opening or bool(_BYLINE_BEFORE.match(before))
    return opening and (
        (len(after) <= 90 and not re.search(r"[.!?]$", after)) or bool(re.match(r"(?:par|by)\b", after))
    )


def read_byline(blocks: list[Block], at: int, date_at: int, base: str, classify: Classify) -> list[str]:
    """Authors named beside the date: links to authors' pages, else what follows “par”."""
    names: dict[str, None] = {}
    for block in blocks[min(at, date_at) : max(at, date_at) + 1]:
        linked = []
        for href, text in block.links:
            url = absolute(base, href)
            if url is not None and classify(url) == "author" and text.strip():
                linked.append(text.strip())
        found = find_date(block.plain[:80])
        if not linked and found is not None:
            match = _BYLINE.match(block.plain[found.end :]) or _BYLINE_BEFORE.match(
                block.plain[: found.start].strip(" ,:–-")
            )
            linked = [part.strip() for part in re.split(r",\s*", match[1])] if match else []
        names.update(dict.fromkeys(linked))
    return list(names)
