"""A citation of an article for reference managers: BibTeX (biblatex's fields, UTF-8), RIS, CSL-JSON 1.0.

authors, title, the outlet that printed it first with its day, the site as who reprinted it, address, instant and record of the
capture. Where no outlet is named the site itself is where it appeared.

Nothing is guessed: names stand whole, as the page writes them, and a day that the source line does not tell is left out.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from osiris_crawler.i18n import _
from osiris_crawler.site.profile import Site

_ANY_SITE = "spip"  # the profile whose title is that of no site
_LONGEST_KEY = 60
_LONGEST = 10_000  # letters of a value
_SOFT_HYPHEN = "\u00ad"  # a place where a word may be broken, and no letter
_JOINERS = "\u200c\u200d"  # parts of words in Persian, of signs in emoji
_PARTIAL = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?")
_TEX = {
    "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}", "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}", **{letter: f"\\{letter}" for letter in "%&#$_"},
}  # fmt: skip
_IN_ADDRESS = {" ": "%20", "{": "%7B", "}": "%7D", "\\": "%5C", '"': "%22", "<": "%3C", ">": "%3E"}


@dataclass(frozen=True, slots=True)
class Work:
    """What is cited. `issued` is YYYY, YYYY-MM, YYYY-MM-DD or empty; `accessed` the day of the capture."""

    key: str
    id: str
    title: str
    authors: tuple[str, ...]
    container: str
    issued: str
    reprinter: str
    url: str
    accessed: str
    record_id: str
    note: str
    language: str
    keywords: tuple[str, ...]


def work_of(article: Mapping[str, Any], site: Site, collection: str) -> Work:
    """An article of the dataset as a work to be cited; its key begins with the collection's name."""
    reprinter = named(site, collection)
    source = next((one for one in article["sources"] if one["outlet"] or one["name"]), None)
    day = _day(article["date"])
    capture = article["capture"]
    notes = []
    if source is not None:
        told = _("Reprinted by %(site)s, %(day)s.") if day else _("Reprinted by %(site)s.")
        notes.append(told % {"site": reprinter, "day": day})
    record = str(capture["record_id"]).strip("<>")
    notes.append(
        _("Captured %(instant)s, WARC record %(record)s, content %(digest)s.")
        % {"instant": capture["date"], "record": record, "digest": article["content_digest"]}
    )
    if article["withdrawn"]:
        notes.append(_("The site has not had it since %(day)s.") % {"day": str(article["withdrawn"])[:10]})
    return Work(
        key=_key(collection, str(article["id"])),
        id=str(article["id"]),
        title=_line(article["title"]) or str(article["id"]),
        authors=tuple(filter(None, map(_line, article["authors"]))),
        container=_line(source["outlet"] or source["name"]) if source is not None else reprinter,
        issued=_day(source["date"]) if source is not None else day,
        reprinter=reprinter,
        url="".join(_IN_ADDRESS.get(letter, letter) for letter in _line(article["url"])),
        accessed=_day(str(capture["date"])[:10]),
        record_id=record,
        note=_line(" ".join(notes)),
        language=_line(article["language"]),
        keywords=tuple(filter(None, map(_line, article["tags"]))),
    )


def named(site: Site, collection: str) -> str:
    """The site as who reprints: its title, or the collection's name where the profile knows none, and its host."""
    return f"{_line(site.title if site.name != _ANY_SITE else '') or collection} ({urlsplit(site.start_url).netloc})"


def distinct(works: Iterable[Work]) -> list[Work]:
    """The works in their order, each once. Keys differ in more than small and capital letters, which BibTeX takes for one."""
    found: dict[str, Work] = {}
    for work in works:
        taken = found.get(work.key.casefold())
        if taken is not None and taken.id != work.id:
            work = replace(work, key=f"{work.key}-{_sum(work.id)}")
        found.setdefault(work.key.casefold(), work)
    return list(found.values())


def bibtex(works: Iterable[Work]) -> str:
    """Entries `@article`; braces around whole values keep capitals, and names from being taken apart."""
    return "\n".join(map(_entry, works))


def _entry(work: Work) -> str:
    fields = {
        "author": " and ".join(f"{{{_tex(name)}}}" for name in work.authors),
        "title": f"{{{_tex(work.title)}}}",
        "journal": f"{{{_tex(work.container)}}}",
        "entrysubtype": "newspaper",
        "date": work.issued,
        "year": work.issued[:4],
        "url": work.url,
        "urldate": work.accessed,
        "language": _tex(work.language),
        "keywords": _tex(_words(work)),
        "note": _tex(work.note),
    }
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    return f"@article{{{work.key},\n{lines}}}\n"


def _tex(text: str) -> str:
    return "".join(_TEX.get(letter, letter) for letter in text)


def ris(works: Iterable[Work]) -> str:
    """Records of type NEWS; lines end with CR LF."""
    return "\r\n".join("".join(f"{tag}  - {value}\r\n" for tag, value in _tags(work)) for work in works)


def _tags(work: Work) -> list[tuple[str, str]]:
    year = work.issued[:4]
    told = [
        ("TY", "NEWS"),
        ("ID", work.key),
        *(("AU", name) for name in work.authors),
        ("TI", work.title),
        ("T2", work.container),
        ("PY", year),
        ("DA", _slashes(work.issued)),
        ("UR", work.url),
        ("Y2", _slashes(work.accessed)),
        ("DB", work.reprinter),
        ("AN", work.record_id),
        ("LA", work.language),
        *(("KW", word) for word in work.keywords),
        ("N1", work.note),
    ]
    return [(tag, value) for tag, value in told if value] + [("ER", "")]


def _slashes(day: str) -> str:
    """YYYY/MM/DD/ with empty parts where a day is not whole."""
    return "/".join([*day.split("-"), "", "", ""][:3]) + "/" if day else ""


def csl_json(works: Iterable[Work]) -> list[dict[str, Any]]:
    """Items `article-newspaper`; names are literal, dates have as many parts as are known."""
    return [_item(work) for work in works]


def _item(work: Work) -> dict[str, Any]:
    item: dict[str, Any] = {
        "id": work.key,
        "type": "article-newspaper",
        "title": work.title,
        "author": [{"literal": name} for name in work.authors],
        "container-title": work.container,
        "issued": _parts(work.issued),
        "source": work.reprinter,
        "archive": work.reprinter,
        "URL": work.url,
        "accessed": _parts(work.accessed),
        "language": work.language,
        "keyword": _words(work),
        "note": work.note,
    }
    return {name: value for name, value in item.items() if value}


def _words(work: Work) -> str:
    """Keywords in a row; a comma in one would make two of it."""
    return ", ".join(_line(word.replace(",", " ")) for word in work.keywords)


def _parts(day: str) -> dict[str, Any]:
    return {"date-parts": [[int(part) for part in day.split("-")]]} if day else {}


FORMATS: Mapping[str, Callable[[list[Work]], Any]] = {"bibtex": bibtex, "ris": ris, "csl-json": csl_json}


def _day(text: Any) -> str:
    """A date with one to three parts, or nothing when it is none."""
    found = _PARTIAL.fullmatch(text) if isinstance(text, str) else None
    return found[0] if found else ""


def _line(text: Any) -> str:
    """A text on one line, without what is no letter; typographic spaces stay, and what joins letters or keeps them apart."""
    whole = unicodedata.normalize("NFC", str(text or ""))[:_LONGEST].replace(_SOFT_HYPHEN, "")
    shown = "".join(c if c.isprintable() or c in _JOINERS or unicodedata.category(c) == "Zs" else " " for c in whole)
    return re.sub(" {2,}", " ", shown).strip()


def _key(collection: str, id: str) -> str:
    """An ASCII key; an id that can't stand in one as it is gets a sum of its own behind what is left of it."""
    folded = unicodedata.normalize("NFKD", id).encode("ascii", "ignore").decode()
    name = re.sub(r"[^A-Za-z0-9-]+", "-", folded)[:_LONGEST_KEY].strip("-")
    told = "-".join(filter(None, (re.sub(r"[._]+", "-", collection).strip("-"), name)))
    return told if name == id else f"{told}-{_sum(id)}"


def _sum(id: str) -> str:
    return hashlib.sha256(id.encode("utf-8", "surrogatepass")).hexdigest()[:8]
