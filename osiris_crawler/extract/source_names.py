"""Whether the names in an attribution are one outlet's or several's.

“Terre et Culture” is one name, “Le Soleil et Sud Quotidien” are two. Names are taken apart only on a sign: the label's
plural, a link on each, or that every part is an outlet of the list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from osiris_crawler.extract.outlet_names import clean

Known = Callable[[str], bool]

_G = r"[\s\u00a0\u202f]"
# Between names whose number is known; “&” only where nothing else parts them.
_PARTING = re.compile(
    rf",?{_G}+(?:et|and|avec|via|d[’']après|repris{_G}+par){_G}+|{_G}*[,;]{_G}+|{_G}+/{_G}+|{_G}+[–-]{_G}+"
)
_AND_SIGN = re.compile(rf"{_G}+&{_G}+")
# Between outlets that are all known.
_LOOSE = re.compile(rf"({_G}+(?:et|and|avec|via|repris{_G}+par|in){_G}+|{_G}*[,;/–-]{_G}*|{_G}+[&+]{_G}+)")
_WITH = re.compile(rf"^(?P<first>.{{2,}}?){_G}*\({_G}*avec{_G}+(?P<others>[^()]+)\)$")
_ALONE = re.compile(rf"^avec{_G}+(?=\S)")
# A part that begins so goes on with the name before it: “Ministère de la Communication, des Télécommunications …”.
_GOES_ON = re.compile(r"^(?:de|des|du|d[’']|à|au|aux|en|pour|sur)(?:\s|\b(?<=[’']))")
_MOST = 8


def several(written: str, *, plural: bool, links: Sequence[tuple[str, str]], known: Known) -> list[str]:
    """The names in what stands before a date; one where nothing says that they are more."""
    text = _ALONE.sub("", written)
    if not text:
        return []
    with_others = _WITH.match(text)
    if with_others is not None:
        others = several(with_others["others"], plural=True, links=(), known=known)
        return [*several(clean(with_others["first"]), plural=False, links=(), known=known), *others][:_MOST]
    hrefs = {href for href, _label in links}
    if len(hrefs) > 1:
        labelled = _by_links(text, links)
        if labelled:
            return labelled
    if known(text):
        return [text]
    parts = _all_known(text, known)
    if parts:
        return parts
    if plural:
        return _joined(text, known)
    return [text]


def _by_links(text: str, links: Sequence[tuple[str, str]]) -> list[str]:
    """Parts that have a link each, else the links' own texts where they stand apart in the names."""
    hrefs = list(dict.fromkeys(href for href, _label in links))
    for pattern in (_PARTING, _AND_SIGN):
        parts = [clean(part) for part in pattern.split(text) if clean(part)]
        if len(parts) == len(hrefs) and all(any(label.strip() in part for _href, label in links) for part in parts):
            return parts
    labels = [clean(label) for _href, label in links if clean(label)]
    at, found = 0, []
    for label in labels:
        here = text.find(label, at)
        if here < 0 or len(label) < 2:
            return []
        found.append(label)
        at = here + len(label)
    return found[:_MOST] if len(found) > 1 else []


def _all_known(text: str, known: Known) -> list[str]:
    """The parts where each is an outlet of the list and more than one; the longest that is known counts."""
    tokens = _LOOSE.split(text) if "www." not in text and "://" not in text else []
    if not 3 <= len(tokens) <= 2 * _MOST + 1:
        return []
    found: list[str] = []
    at = 0
    while at < len(tokens):
        end = next((end for end in range(len(tokens), at, -2) if known(clean("".join(tokens[at:end])))), None)
        if end is None:
            return []
        found.append(clean("".join(tokens[at:end])))
        at = end + 1
    return found if len(found) > 1 else []


def _joined(text: str, known: Known) -> list[str]:
    """The parts of names that the label says are several; those that together are one outlet's name stay together."""
    pattern = _PARTING if _PARTING.search(text) else _AND_SIGN
    last_comma = max(text.rfind(", "), text.rfind("; "))
    spans, at = [], 0
    for match in pattern.finditer(text):
        if match.end() < last_comma and match[0].strip() in ("et", "and"):
            continue  # “Terre et Culture, La Vigie et Le Fanal”: before the last comma it joins no two names
        spans.append((at, match.start()))
        at = match.end()
    spans = [*spans, (at, len(text))][: _MOST * 2]
    found: list[str] = []
    i = 0
    while i < len(spans):
        start = spans[i][0]
        end = next((n for n in range(len(spans) - 1, i, -1) if known(clean(text[start : spans[n][1]]))), i)
        part = clean(text[start : spans[end][1]])
        if found and _GOES_ON.match(part) and not known(part):
            found[-1] = clean(text[text.index(found[-1]) : spans[end][1]])
        elif part:
            found.append(part)
        i = end + 1
    return found[:_MOST]
