"""The line that says where an article was printed first: “(Source : Le Soleil, 6 mai 2003)”, in all its forms.

Only a line that is an attribution as a whole counts; running text that cites newspapers, “selon la même source” or
“code source” never does (SITE, section 4).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from osiris_crawler.extract.dates import DateReading, last_date
from osiris_crawler.extract.facts import Source

_LABEL = r"[Ss](?:OURCE|ource)(?P<plural>S|s)?"
_GAP = r"[\s\u00a0\u202f]*"
_OPEN = re.compile(rf"\({_GAP}{_LABEL}{_GAP}[:;]{_GAP}(?P<rest>.+)$", re.S)
_BARE = re.compile(rf"^{_GAP}{_LABEL}{_GAP}:{_GAP}(?P<rest>.+)$", re.S)
_IN_TITLE = re.compile(r"\((?P<rest>[^()]{2,80},[^()]{4,40})\)\s*$")
_URL = re.compile(r"^(?:https?://|www\.)\S+$", re.I)
_SPLIT = re.compile(r"\s+(?:et|and|&)\s+|\s*[,;]\s+|\s+/\s+")
_EDGE = " \u00a0\u202f,;:–—-"
_LONGEST = 300
_BARE_LONGEST = 160  # letters of a line without parentheses


def find_line(line: str) -> tuple[int, bool] | None:
    """Where an attribution begins in a line that ends with it, and whether it stands in parentheses."""
    if len(line) > 20_000:
        return None
    for match in _OPEN.finditer(line):
        if len(match["rest"]) <= _LONGEST and _closes(match["rest"]):
            return match.start(), True
    bare = _BARE.match(line)
    if bare is not None and len(bare["rest"]) <= _BARE_LONGEST and _plausible(bare["rest"]):
        return bare.start(), False
    return None


def _closes(rest: str) -> bool:
    """The parenthesis closes at the line's end, or is forgotten; nothing but a stop may follow it."""
    depth = 1
    for at, letter in enumerate(rest):
        depth += (letter == "(") - (letter == ")")
        if depth == 0:
            return not rest[at + 1 :].strip(' .…\u00a0»"')
    return _plausible(rest)


def _plausible(rest: str) -> bool:
    """A line without its closing parenthesis is an attribution when it ends in a date or is as short as a name."""
    text = rest.strip(" ).\u00a0")
    found = last_date(text)
    if found is not None and not text[found.end :].strip(" ).,;"):
        return True
    return len(text) <= 60 and not re.search(r"[.!?]\s", text)


def read_line(line: str, links: Sequence[tuple[str, str]]) -> list[Source]:
    """The sources that an attribution names; `links` are (address, text) of the anchors in it."""
    text = line.strip(" \n")
    match = _OPEN.search(text) or _BARE.match(text)
    if match is None:
        return []
    rest = _inside(match["rest"], parenthesis=text[match.start()] == "(")
    return _sources(text, rest, bool(match["plural"]), links)


def read_title(title: str) -> list[Source]:
    """The attribution in a title: `… » (Le Soleil, 6 septembre 2000)`."""
    match = _IN_TITLE.search(title)
    if match is None:
        return []
    found = last_date(match["rest"])
    if found is None or match["rest"][found.end :].strip() or len(found.iso) < 7:
        return []
    return _sources(match[0].strip(), match["rest"], False, ())


def _inside(rest: str, *, parenthesis: bool) -> str:
    text = rest.strip(" \u00a0")
    if parenthesis:
        text = text.rstrip(' .…\u00a0»"')
        if text.endswith(")") and text.count(")") > text.count("("):
            text = text[:-1]
    return text.strip(" \u00a0").rstrip(".")


def _sources(text: str, rest: str, plural: bool, links: Sequence[tuple[str, str]]) -> list[Source]:
    found = _closing_date(rest)
    names = rest[: found.start].rstrip(_EDGE) if found is not None else rest
    names = re.sub(r"[\s,]+(?:le|du|on)$", "", names).strip(_EDGE)
    day = found.iso if found is not None else None
    if not names:
        return [Source(text, None, None, _link("", links), day)] if links else []
    parts = [names]
    if plural or len({href for href, _label in links}) > 1:
        parts = [part.strip(_EDGE) for part in _SPLIT.split(names) if part.strip(_EDGE)]
        if not plural and len(parts) != len({href for href, _label in links}):
            parts = [names]
    return [_source(text, part, day, links) for part in parts]


def _closing_date(rest: str) -> DateReading | None:
    """The date that a source ends in; a bare year needs its comma, since names end in years too."""
    found = last_date(rest)
    if found is None or rest[found.end :].strip(" ).,;\u00a0"):
        return None
    if len(found.iso) == 4 and not rest[: found.start].rstrip().endswith((",", ";", "(")):
        return None
    return found


def _source(text: str, name: str, day: str | None, links: Sequence[tuple[str, str]]) -> Source:
    if _URL.match(name):
        url = _link(name, links) or (name if name.startswith("http") else f"http://{name}")
        return Source(text, None, None, url, day)
    return Source(text, name, outlet_of(name), _link(name, links), day)


def _link(name: str, links: Sequence[tuple[str, str]]) -> str | None:
    """The address behind a name: of the anchor whose text is in it or around it, else the only one."""
    for href, label in links:
        clean = label.strip(" ()\u00a0")
        if clean and (clean in name or name in clean):
            return href
    return links[0][0] if len(links) == 1 else None


def outlet_of(name: str) -> str:
    """One spelling for an outlet's name: without www., domain ending and stray spaces. The written name stays beside it."""
    text = re.sub(r"^(?:https?://)?(?:www\.)?", "", name.strip(), flags=re.I)
    text = re.sub(r"\.(?:com|net|org|info|sn|fr)/?$", "", text, flags=re.I)
    return re.sub(r"[\s\u00a0\u202f]+", " ", text).strip() or name
