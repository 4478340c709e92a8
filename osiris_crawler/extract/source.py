"""The line that says where an article was printed first: “(Source : Le Soleil, 6 mai 2003)”, in all its forms.

label → names and dates (source_date) → outlets (outlets), with the links around them

Only a line that is an attribution as a whole, or that ends in one, counts; running text that cites newspapers, “selon la
même source” or “code source” never does (SITE, section 4).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from osiris_crawler.extract import outlet_names as names
from osiris_crawler.extract.facts import Source
from osiris_crawler.extract.outlet_list import places
from osiris_crawler.extract.outlet_names import clean, squash
from osiris_crawler.extract.outlets import Authority, authority
from osiris_crawler.extract.source_date import ends_in_date, split_dates
from osiris_crawler.extract.source_names import several

Links = Sequence[tuple[str, str]]  # (address, text) of the anchors in a line

_GAP = r"[\s\u00a0\u202f]*"
_LABEL = (
    r"[Ss](?:OURCE|ource)(?P<plural>S|s)?(?:\(s\))?"
    rf"(?:{_GAP}(?:originale?|initiale|d[’']origine|de l[’'](?:article|info(?:rmation)?)))?"
)
_SIGN = rf"(?:{_GAP}[:;]){{1,2}}{_GAP}"
_OPEN = re.compile(
    rf"[(\[]{{1,3}}{_GAP}[«\"“]?{_GAP}{_LABEL}(?P<sign>{_SIGN}|{_GAP}[–=-]\s+|[\s\u00a0]+(?=[A-ZÀ-Ý«\"“]))"
)
_BARE = re.compile(rf"^[\s\u00a0\u202f–—•*>_«\"“-]*{_LABEL}{_SIGN}(?P<rest>[^\s].*)$", re.S)
# Behind an author or a sentence, without parentheses: “Antoine Sarr – Source : Sidwaya, 3 mai 2004”.
_LATER = re.compile(rf"(?<=[.!?»”|–—-])[\s\u00a0]+(?P<label>S(?:OURCE|ource)[Ss]?{_SIGN})(?P<rest>[^\s].*)$", re.S)
_IN_TITLE = re.compile(r"[(\[](?P<rest>[^()\[\]]{2,80}[\s,][^()\[\]]{4,40})[)\]][\s\u00a0.]*$")
_PARENTHESIS = re.compile(r"[()\[\]]")
_ADDRESS = re.compile(r"^(?:(?:https?://|www\.)\S+|(?:[\w-]{1,63}\.){1,4}[a-z]{2,12}/\S+)$", re.I)
_WITH_ADDRESS = re.compile(r"^(?P<name>.*?[^\s(–:-])[\s(–:\u00a0-]+(?P<url>(?:https?://|www\.)[^\s()]{4,})\)?$", re.I)
# Undated words behind a label that name nobody: “(source : la même)”, “(Source : voir plus haut)”, “(Source : auteur)”.
_NOBODY = re.compile(
    r"^(?:(?:la|le|les)\s+mêmes?|idem|ibid\w*|id\.|cf\.?|voir|l[’']auteur|auteur|nos|notre|un|une|des|ces?|cette|divers(?:es)?|plusieurs|ci-|photo\w*)\b",
    re.I,
)
_BEHIND = " .…\u00a0\u202f\u200b\ufeff»”\"'’*_)]([-–"  # may stand behind an attribution: no letters
_EDGE = " \u00a0\u202f,;:–—-"
_CUT = ("...", "…")
_LONGEST = 300  # letters behind the label
_BARE_LONGEST = 160  # of a line without parentheses
_BARE_NAME, _MOST_WORDS = 60, 8  # of a name in it that no list knows
_MOST_CHAINED = 4  # attributions in one line


def find_line(line: str, known: Authority | None = None) -> tuple[int, bool] | None:
    """Where an attribution begins in a line that ends with it, and whether it stands in parentheses; None if in none.

    The line may be several lines that a hard break splits (“(Source : Le Soleil,⏎3 mars 2004)”). What follows the line is
    the caller's matter: a table's caption reads the same.
    """
    if "ource" not in line[-_LONGEST * 2 :] and "OURCE" not in line[-_LONGEST * 2 :]:
        return None
    known = known or authority()
    first = max(len(line) - _LONGEST * 2, 0)
    for match in _OPEN.finditer(line, first):
        if _chain(line, match, known):
            return match.start(), True
    bare = _BARE.match(line) if len(line) <= _LONGEST else None
    if bare is not None and len(bare["rest"]) <= _BARE_LONGEST and _plausible(bare["rest"], known):
        return bare.start(), False
    later = _LATER.search(line, max(len(line) - _BARE_LONGEST, 0))
    if later is not None and (ends_in_date(later["rest"]) or known.knows(later["rest"].strip(_BEHIND))):
        return later.start("label"), False
    return None


def read_line(line: str, links: Links, known: Authority | None = None) -> list[Source]:
    """The sources that an attribution names. `line` begins where `find_line` says.

    `name` is None where only an address stands, or nothing but a date; `known` is the site's list of outlets.
    """
    known = known or authority()
    text = re.sub(r"\s*\n\s*", " ", line[: _LONGEST * 3]).strip(" ")
    opening = _OPEN.search(text)
    chained = _chain(text, opening, known) if opening is not None else []
    if chained:
        return [
            source
            for begin, end, match in chained
            for source in _sources(text[begin:end], text[match.end() : end], bool(match["plural"]), links, known)
        ]
    bare = _BARE.match(text)
    if bare is not None:
        return _sources(text, bare["rest"], bool(bare["plural"]), links, known)
    return []


def read_title(title: str, known: Authority | None = None) -> list[Source]:
    """The attribution that ends a title: `… » (Le Soleil, 6 septembre 2000)`.

    Titles of events end alike, “(Tunis, 16 novembre 2005)”: the name must be one of the list's, or stand behind a
    quotation and be no place.
    """
    if not title.rstrip(" \u00a0.").endswith((")", "]")):
        return []
    known = known or authority()
    labelled = find_line(title, known)
    if labelled is not None:
        return read_line(title[labelled[0] :], (), known) if labelled[1] and labelled[0] > 0 else []
    match = _IN_TITLE.search(title)
    if match is None or not ends_in_date(match["rest"]):
        return []
    found = split_dates(match["rest"], known.knows)
    if len(found) != 1 or found[0][1] is None or len(found[0][1]) < 7 or not found[0][0]:
        return []
    name = found[0][0]
    quoted = title[: match.start()].rstrip(" \u00a0").endswith(("»", "”", '"'))
    if not known.knows(name) and (not quoted or any(squash(p) in places() for p in re.split(r"[\s,/-]+", name) if p)):
        return []
    return _sources(match[0].strip(), match["rest"], False, (), known)


def _chain(line: str, opening: re.Match[str], known: Authority) -> list[tuple[int, int, re.Match[str]]]:
    """Attributions in parentheses from `opening` to the line's end, one behind the other; [] when text follows them."""
    found: list[tuple[int, int, re.Match[str]]] = []
    match: re.Match[str] | None = opening
    while match is not None and len(found) < _MOST_CHAINED:
        end = _closing(line, match.end())
        if end is None or end - match.end() > _LONGEST:
            rest = line[match.end() :]
            whole = len(rest) <= _LONGEST and _plausible(rest, known) and _labelled(match, rest, known)
            return [*found, (match.start(), len(line), match)] if whole else []
        inside = line[match.end() : end]
        if not _labelled(match, inside, known):
            return []
        behind = line[end:].strip(_BEHIND)
        found.append((match.start(), end if behind else len(line), match))
        if not behind:
            return found
        at = end + len(line[end:]) - len(line[end:].lstrip(" \u00a0\u202f;,.)]-–"))
        match = _OPEN.match(line, at)
    return []


def _closing(line: str, at: int) -> int | None:
    """Where the parenthesis that is open at `at` has closed."""
    first = _PARENTHESIS.search(line, at, at + _LONGEST * 2)
    if first is None or first[0] in ")]":  # the usual case, told at once
        return first.end() if first is not None else None
    depth = 1
    for i in range(at, min(len(line), at + _LONGEST * 2)):
        depth += (line[i] in "([") - (line[i] in ")]")
        if depth == 0:
            return i + 1
    return None


def _labelled(match: re.Match[str], rest: str, known: Authority) -> bool:
    """Whether what stands behind the label in parentheses is somebody; without a colon it must be dated or known."""
    text = rest.strip(_BEHIND)
    if not squash(text):
        return False
    if ":" in match["sign"] or ";" in match["sign"]:
        return not _NOBODY.match(text) or ends_in_date(text)
    return (ends_in_date(text) and len(text) > 12 and "," in text) or known.knows(text)


def _plausible(rest: str, known: Authority) -> bool:
    """A line without (closing) parenthesis is an attribution when it ends in a date, or is a name and nothing else."""
    text = rest.strip(_BEHIND)
    if not text:
        return False
    if ends_in_date(text):
        return True
    if known.knows(text) or _ADDRESS.match(text) or names.domain_in(text):
        return True
    return (
        len(text) <= _BARE_NAME
        and len(text.split()) <= _MOST_WORDS
        and (text[0].isupper() or text[0].isdigit() or text[0] in '«“"')
        and not re.search(r"[.!?:]\s", text)
        and not _NOBODY.match(text)
    )


def _sources(text: str, rest: str, plural: bool, links: Links, known: Authority) -> list[Source]:
    found: list[Source] = []
    last = None
    for written, day in split_dates(_inside(rest), known.knows):
        written = re.sub(r"^(?:[,;/&–-]|et|and)\s+", "", written) if last is not None else written
        last = day
        written = re.sub(r"^in\s+(?=[A-ZÀ-Ý«])", "", written)
        if not written:
            found.append(Source(text, None, known.match(None, _link("", links)).outlet, _link("", links), day))
        parts = several(written, plural=plural, links=links, known=known.knows)
        found.extend(_source(text, part, day, links, known) for part in parts)
    return found


def _inside(rest: str) -> str:
    """What stands behind the label, without the signs that close it."""
    text = rest.strip(" \u00a0\u202f")
    while text and (text[-1] in _EDGE or text[-1] in '.*_"' or (text[-1] in ")]" and _unbalanced(text))):
        if text.endswith(_CUT) or (text[-1] == '"' and text.count('"') % 2 == 0):
            break
        text = text[:-1]
    return text.lstrip(" \u00a0\u202f")


def _unbalanced(text: str) -> bool:
    return text.count(")") + text.count("]") > text.count("(") + text.count("[")


def _source(text: str, name: str, day: str | None, links: Links, known: Authority) -> Source:
    both = _WITH_ADDRESS.match(name)
    if both is not None and not squash(both["name"]):
        name, both = both["url"], None
    if _ADDRESS.match(name):
        url = _link(name, links) or _whole(name)
        return Source(text, None, known.match(None, url).outlet, url, day)
    if both is not None:
        name = clean(both["name"])
        url = _link(both["url"], links) or _whole(both["url"])
    else:
        url = _link(name, links)
    return Source(text, name, known.match(name, url).outlet, url, day)


def _whole(address: str) -> str | None:
    """An address as a URL; None for one that the page shows cut."""
    if address.endswith(_CUT):
        return None
    address = address.rstrip(".,;")
    return address if "://" in address[:8] else f"http://{address}"


def _link(name: str, links: Links) -> str | None:
    """The address behind a name: of the anchor whose text is in it or around it, else the only one."""
    for href, label in links:
        shown = label.strip(" ()\u00a0")
        if shown and (shown in name or name in shown):
            return href
    return links[0][0] if len(links) == 1 else None
