"""Which addresses are one article: slugs old and new, numbers, hosts, query forms, redirects.

An article is known by a set of keys. Two keys are one article when a page at one declares the other as canonical, when
one redirects to the other, or when both carry the same certain SPIP number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from osiris_crawler.ledger.ledger import Ledger
from osiris_crawler.site import urls
from osiris_crawler.site.profile import Site
from osiris_crawler.site.urls import Kind

_LONGEST_CHAIN = 10


def token(kind: Kind, number: int) -> str:
    """SPIP numbers articles and brèves apart."""
    return f"breve{number}" if kind is Kind.BREVE else f"article{number}"


class Groups:
    """A union of keys and number tokens; `find` names the group of a key."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}

    def find(self, key: str) -> str | None:
        """The key that stands for the group, or None for what is no article's."""
        parent = self._parent
        if key not in parent:
            return None
        root = key
        while parent[root] != root:
            root = parent[root]
        while parent[key] != root:
            parent[key], key = root, parent[key]
        return root

    def add(self, key: str) -> str:
        self._parent.setdefault(key, key)
        root = self.find(key)
        assert root is not None
        return root

    def join(self, first: str, second: str) -> None:
        a, b = self.add(first), self.add(second)
        if a != b:
            self._parent[max(a, b)] = min(a, b)  # order of arrival must not matter

    def members(self) -> Iterator[tuple[str, str]]:
        """(key, key of its group)."""
        for key in list(self._parent):
            root = self.find(key)
            assert root is not None
            yield key, root


def number_token(url: str, site: Site) -> str | None:
    """The token of a certain number that an address carries."""
    address = urls.parse(url, site)
    return None if address.number is None else token(address.kind, address.number)


def build(ledger: Ledger, site: Site, *, own: bool = False) -> Groups:
    """The groups of all articles that the ledger has a reading of; with `own`, as our own walks alone tell them."""
    groups = Groups()
    only = "AND captures.run NOT IN (SELECT run FROM runs WHERE crawl < 0)" if own else ""
    rows = ledger.db.query(
        f"""SELECT DISTINCT captures.key, captures.url, readings.subject, readings.number
            FROM readings JOIN captures ON captures.id = readings.capture
            WHERE readings.kind = 'article' {only}"""  # noqa: S608
    )
    for row in rows:
        groups.join(row["key"], row["subject"])
        for mark in _marks(row["url"], row["number"], site):
            groups.join(row["key"], mark)
    targets: dict[str, str] = {}
    sources: dict[str, str] = {}
    for row in ledger.db.query(
        f"""SELECT key, url, target FROM captures JOIN files ON files.id = file
            WHERE target IS NOT NULL AND status BETWEEN 300 AND 399 {only} ORDER BY date, name, offset"""  # noqa: S608
    ):
        targets[row["key"]] = row["target"]
        sources[row["key"]] = row["url"]
    for key, url in sources.items():
        end = targets[key]
        for _step in range(_LONGEST_CHAIN):
            if end not in targets or groups.find(end) is not None:
                break
            end = targets[end]
        if end != key and groups.find(end) is not None:
            groups.join(key, end)
            for mark in _marks(url, None, site):
                groups.join(key, mark)
    return groups


def _marks(url: str, stated: int | None, site: Site) -> Iterable[str]:
    mark = number_token(url, site)
    if mark is not None:
        yield mark
    if stated is not None:
        yield token(urls.parse(url, site).kind, stated)
