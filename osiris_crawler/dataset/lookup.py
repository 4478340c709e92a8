"""The article that a person means: by its id, by the beginning of one, by an address, or by SPIP's number."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any
from urllib.parse import urljoin

from osiris_crawler.dataset.reading import read_articles
from osiris_crawler.errors import IntegrityError, UsageError
from osiris_crawler.i18n import _
from osiris_crawler.paths import Collection
from osiris_crawler.record import keys
from osiris_crawler.site import urls
from osiris_crawler.site.profile import Site
from osiris_crawler.site.urls import Address, Kind

SHORTEST_BEGINNING = 6  # letters of an id
_NEAR = 5  # ids that are named when none or several are meant
_LONGEST = 2000  # letters of what is asked for
_NUMBER = re.compile(r"(article|breve)?(\d{1,9})")
_ID, _URL, _KEY, _NUMBERED, _BEGINNING = range(5)  # ways to be meant, the surest first


@dataclass(frozen=True, slots=True)
class Copy:
    """A reprint, as the article that it repeats is told of it."""

    id: str
    date: str | None
    title: str
    url: str


@dataclass(slots=True)
class Found:
    """An article, and its reprints in the order of the dataset; `hidden` of these must not be shown. `root_hidden`: nor may
    the article that it is a reprint of."""

    article: dict[str, Any]
    restricted: bool
    copies: list[Copy] = field(default_factory=list)
    hidden: int = 0
    root_hidden: bool = False


def whole_articles(collection: Collection) -> Iterator[dict[str, Any]]:
    """The lines of articles.jsonl that have every field of the record; IntegrityError names the first that has not."""
    names = frozenset(keys())
    for number, article in enumerate(read_articles(collection), 1):
        if not (article.keys() >= names and isinstance(article["urls"], list) and _are_texts(article)):
            raise IntegrityError(
                _("Line %(line)d of articles.jsonl is no article.") % {"line": number},
                _("“osiris rebuild” makes it from the WARC files."),
            )
        yield article


def _are_texts(article: Mapping[str, Any]) -> bool:
    texts = (article["url"], article["title"], article["body"], *article["urls"])
    return all(isinstance(text, str) for text in texts)


def look_up(
    articles: Iterable[dict[str, Any]], wanted: str, site: Site, hides: Callable[[Mapping[str, Any]], bool]
) -> Found:
    """The one article that is meant; UsageError with near ids when none is, or several are.

    One pass; what is held are the ids, the reprints' titles and the articles that are meant.
    """
    question = _Question(wanted, site)
    meant: list[tuple[int, dict[str, Any]]] = []
    shown: list[str] = []
    veiled: set[str] = set()
    copies: dict[str, list[Copy | None]] = {}
    for article in articles:
        hidden = hides(article)
        (veiled.add if hidden else shown.append)(article["id"])
        if article["duplicate_of"] is not None:
            copy = Copy(article["id"], article["date"], article["title"][:_LONGEST], article["url"])
            copies.setdefault(article["duplicate_of"], []).append(None if hidden else copy)
        way = question.meets(article)
        if way is None:
            continue
        if meant and way < meant[0][0]:
            meant.clear()
        if not meant or (way == meant[0][0] and len(meant) <= _NEAR):
            meant.append((way, article))
    if len(meant) != 1:
        several = [article["id"] for _way, article in meant if not hides(article)]
        raise _unclear(wanted, several if meant else _near(wanted, question.address, shown), several=bool(meant))
    article = meant[0][1]
    told = copies.get(article["id"], [])
    shown_copies = [copy for copy in told if copy is not None]
    return Found(article, hides(article), shown_copies, told.count(None), article["duplicate_of"] in veiled)


class _Question:
    """What is asked for, made ready to be held against many articles."""

    def __init__(self, wanted: str, site: Site) -> None:
        self._wanted, self._site = wanted, site
        self._folded = wanted.casefold() if len(wanted) >= SHORTEST_BEGINNING else None
        number = _NUMBER.fullmatch(wanted)
        self._number = int(number[2]) if number else None
        self._breve = bool(number) and number[1] == "breve" if number else False
        self.address: Address | None = None
        if ("/" in wanted or "?" in wanted) and len(wanted) <= _LONGEST:
            self.address = _address(wanted, site)
            self._number = self.address.number
            self._breve = self.address.kind is Kind.BREVE
        # Only addresses with this in them can be another spelling of the one that is asked for.
        self._mark = (self.address.slug or str(self.address.number or "")) if self.address else ""

    def meets(self, article: Mapping[str, Any]) -> int | None:
        """In which way an article is meant, if it is."""
        if article["id"] == self._wanted:
            return _ID
        addresses = {article["url"], *article["urls"]}
        if self.address is not None:
            if self._wanted in addresses or self.address.url in addresses:
                return _URL
            if any(self._mark in url and self._parsed(url).key == self.address.key for url in addresses):
                return _KEY
        if self._number is not None and self._is_numbered(article["id"], addresses):
            return _NUMBERED
        if self._folded is not None and self.address is None and article["id"].casefold().startswith(self._folded):
            return _BEGINNING
        return None

    def _is_numbered(self, id: str, addresses: set[str]) -> bool:
        number = str(self._number)
        if id == (f"breve{number}" if self._breve else number):
            return True
        found = (self._parsed(url) for url in addresses if number in url)
        return any(one.number == self._number and (one.kind is Kind.BREVE) == self._breve for one in found)

    def _parsed(self, url: str) -> Address:
        return urls.parse(url, self._site)


def _address(wanted: str, site: Site) -> Address:
    """A whole address, or what stands in one behind the host."""
    try:
        return urls.parse(urljoin(site.start_url, wanted.strip()), site)
    except ValueError:
        return urls.parse(wanted, site)


def _near(wanted: str, address: Address | None, ids: list[str]) -> list[str]:
    """Ids that have what is asked for in them, then those that are spelt much alike."""
    asked = ((address.slug or wanted.rsplit("/", 1)[-1]) if address is not None else wanted).casefold()
    if not asked:
        return []
    within = [id for id in ids if asked in id.casefold()][:_NEAR]
    alike = get_close_matches(asked[:200], ids, n=_NEAR, cutoff=0.6) if len(within) < _NEAR else []
    return list(dict.fromkeys([*within, *alike]))[:_NEAR]


def _unclear(wanted: str, near: list[str], *, several: bool) -> UsageError:
    named = ", ".join(near[:_NEAR]) + (", …" if len(near) > _NEAR else "")
    shown = wanted if len(wanted) <= 200 else wanted[:199] + "…"
    if several:
        return UsageError(
            _("Several articles can be meant by %(wanted)r.") % {"wanted": shown},
            _("Write one of these ids whole: %(ids)s.") % {"ids": named} if named else "",
        )
    hint = _("Near it are: %(ids)s.") % {"ids": named} if named else ""
    about = _("An id, its first %(count)d letters or more, an address of the article, or SPIP's number will do.")
    return UsageError(
        _("No article of the dataset is meant by %(wanted)r.") % {"wanted": shown},
        f"{hint} {about % {'count': SHORTEST_BEGINNING}}".strip(),
    )
