"""The authority list of outlets, and how a name or an address finds its entry.

name as compared (outlet_names.squash) → exact → shared name: by domain or country → domain → one slip → unknown

Nothing is invented: a name that no entry claims stays as it is written, and what only looks alike is marked `similar`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from osiris_crawler.extract import outlet_names as names
from osiris_crawler.extract.facts import Source
from osiris_crawler.extract.outlet_list import Outlet, built_in, places
from osiris_crawler.extract.outlet_names import outlet_of, squash

How = Literal["exact", "domain", "similar", "shared", "unknown"]

_LONGEST = 200  # letters of a name that is looked up
_BARE = 6  # letters that a name needs to be known without its article
_ALIKE, _ALIKE_WORD = 8, 9  # letters that a name needs for one slip in it: of several words, of one
_WITH_ARTICLE = frozenset(
    {"newspaper", "magazine"}
)  # kinds whose article belongs to the name: Le Capital is not Capital


@dataclass(frozen=True, slots=True)
class Match:
    """What is known of a source's outlet.

    exact     the name is one of the entry's, or its address as a name
    domain    there is no name, and the address is the entry's
    similar   the name differs from one of the entry's by one letter
    shared    several outlets bear the name, and nothing tells which is meant: `key` is None
    unknown   no entry has it: `outlet` is the name in one clean spelling, or None where there is none
    """

    outlet: str | None
    key: str | None
    how: How


class Authority:
    """Entries, indexed once. Compared by identity, so that lookups can be cached."""

    def __init__(self, outlets: Iterable[Outlet], home: str | None = None) -> None:
        self.outlets: dict[str, Outlet] = {}
        self.home = home  # the country whose outlets a shared name means first
        self._domains: dict[str, Outlet] = {}
        self._exact: dict[str, Outlet] = {}
        self._shared: dict[str, tuple[str, list[Outlet]]] = {}
        for outlet in outlets:
            if outlet.key not in self.outlets:
                self.outlets[outlet.key] = outlet
                self._claim(outlet)
        self._bare = self._without_articles()
        self._cores = self._by_length()

    def _claim(self, outlet: Outlet) -> None:
        """The first to claim a name keeps it: a site's own entries come before the built-in ones."""
        shared = {squash(name): name for name in outlet.shared}
        for form, name in shared.items():
            if form not in self._exact:
                self._shared.setdefault(form, (name, []))[1].append(outlet)
        for name in (outlet.name, *outlet.variants):
            if squash(name) not in shared and squash(name) not in self._shared:
                self._exact.setdefault(squash(name), outlet)
        for domain in outlet.domains:
            self._domains.setdefault(domain, outlet)

    def _without_articles(self) -> dict[str, str]:
        """Form without article → form with it, where only one name has it."""
        found: dict[str, set[str]] = {}
        for outlet in self.outlets.values():
            for name in (outlet.name, *outlet.variants, *outlet.shared):
                form, bare = squash(name), squash(names.without_article(name))
                if bare != form and len(bare) >= _BARE:
                    found.setdefault(bare, set()).add(form)
        return {
            bare: forms.pop()
            for bare, forms in found.items()
            if len(forms) == 1 and bare not in self._exact and bare not in self._shared
        }

    def match(self, name: str | None, url: str | None = None, home: str | None = None) -> Match:
        """The outlet that a source means. `home` is the country of the site that names it."""
        host = names.host_of(url)
        if name is None or not name.strip():
            outlet = self.at(host) if host is not None else None
            return Match(outlet.name, outlet.key, "domain") if outlet is not None else Match(None, None, "unknown")
        return _named(self, name.strip()[:_LONGEST], host, home or self.home)

    def knows(self, name: str) -> bool:
        """Whether a name is an entry's, to the letter."""
        return 2 <= len(name) <= _LONGEST and _listed(self, name.strip(), None, self.home) is not None

    def get(self, key: str | None) -> Outlet | None:
        return self.outlets.get(key) if key is not None else None

    def at(self, host: str) -> Outlet | None:
        """The entry of a host, or of the domain that it is in."""
        while "." in host:
            if host in self._domains:
                return self._domains[host]
            host = host.partition(".")[2]
        return None

    def find(self, name: str) -> tuple[str, list[Outlet], bool] | None:
        """A name's spelling, the entries that claim it, and whether others may bear it as well."""
        form = squash(name)
        bare = squash(names.without_article(name))
        for found in (form, bare, self._bare.get(form), self._bare.get(bare)):
            outlet = self._exact.get(found) if found else None
            if outlet is not None and not (found == bare != form and (outlet.kind in _WITH_ARTICLE or len(bare) < 3)):
                return outlet.name, [outlet], False
            if found and found in self._shared:
                return *self._shared[found], True
        return None

    def alike(self, name: str) -> Outlet | None:
        """The one entry of which a name differs by one letter; short names, digits and shared names are never alike."""
        core = names.without_article(name)
        form = squash(core)
        if len(form) < (_ALIKE if len(core.split()) > 1 else _ALIKE_WORD) or any(c.isdigit() for c in form):
            return None
        near = {
            outlet.key: outlet
            for length in range(len(form) - 1, len(form) + 2)
            for known, outlet in self._cores.get((form[0], length), ())
            if names.one_slip(form, known)
        }
        return next(iter(near.values())) if len(near) == 1 else None

    def _by_length(self) -> dict[tuple[str, int], list[tuple[str, Outlet]]]:
        """Names without their article, by first letter and length."""
        found: dict[tuple[str, int], list[tuple[str, Outlet]]] = {}
        for outlet in self.outlets.values():
            for name in (outlet.name, *outlet.variants):
                core = squash(names.without_article(name))
                if self._exact.get(squash(name)) is outlet and not any(c.isdigit() for c in core):
                    found.setdefault((core[0], len(core)), []).append((core, outlet))
        return found


def _candidates(name: str) -> Iterator[tuple[str, str | None]]:
    """What to look a name up as, with the country that it names besides."""
    yield name, None
    host = names.domain_in(name)
    if host is not None:
        yield outlet_of(host), names.country_of_domain(host)
        return
    bare = names.without_kind(name)
    if bare is not None:
        yield bare, None
    split = names.split_behind(name)
    if split is not None and squash(split[1]) in places():
        yield split[0], places()[squash(split[1])]


@lru_cache(maxsize=8192)
def _named(authority: Authority, name: str, host: str | None, home: str | None) -> Match:
    found = _listed(authority, name, host, home)
    if found is not None:
        return found
    alike = authority.alike(name) if names.domain_in(name) is None else None
    if alike is not None:
        return Match(alike.name, alike.key, "similar")
    return Match(outlet_of(name), None, "unknown")


@lru_cache(maxsize=8192)
def _listed(authority: Authority, name: str, host: str | None, home: str | None) -> Match | None:
    """What the list says of a name to the letter."""
    own = names.domain_in(name)
    outlet = authority.at(own) if own is not None else None
    if outlet is not None:
        return Match(outlet.name, outlet.key, "exact")
    for text, country in _candidates(name):
        found = authority.find(text)
        if found is None:
            continue
        spelling, claimants, shared = found
        if country is not None:
            claimants = [outlet for outlet in claimants if outlet.country == country]
            if not claimants:
                continue
        outlet = _one_of(authority, claimants, host, home, sure=not shared or country is not None)
        if outlet is not None:
            return Match(outlet.name, outlet.key, "exact")
        return Match(spelling, None, "shared")
    inside = names.split_behind(name) if name.endswith(")") else None
    if inside is not None:  # “Le Journal … (Lejecos)”: both are the same outlet's
        both = [authority.find(part) for part in inside]
        if both[0] and both[1] and both[0][1] == both[1][1] and len(both[0][1]) == 1:
            outlet = both[0][1][0]
            return Match(outlet.name, outlet.key, "exact")
    return None


def _one_of(
    authority: Authority, claimants: list[Outlet], host: str | None, home: str | None, *, sure: bool
) -> Outlet | None:
    """The claimant that is meant; one that shares its name with outlets beyond the list needs a sign as well."""
    if sure and len(claimants) == 1:
        return claimants[0]
    there = authority.at(host) if host is not None else None
    if there in claimants:
        return there
    here = [outlet for outlet in claimants if outlet.country is not None and outlet.country == home]
    return here[0] if len(here) == 1 else None


@lru_cache(maxsize=16)
def authority(own: tuple[Outlet, ...] = (), home: str | None = None) -> Authority:
    """The built-in list behind a site's own entries. Lists are made once."""
    return Authority([*own, *built_in()], home)


def provenance(sources: Sequence[Source], known: Authority | None = None) -> dict[str, str]:
    """How the outlets of an article's sources were found, the least sure of them first: {"rule", "sure"}; {} for none."""
    known = known or authority()
    worst: tuple[int, dict[str, str]] = (-1, {})
    order = ("exact", "domain", "shared", "unknown", "similar")
    sure = {"exact": "high", "domain": "high", "shared": "fair", "unknown": "fair", "similar": "low"}
    rule = {
        "exact": "outlet list", "domain": "outlet list, by address", "shared": "outlet list, name of several",
        "unknown": "as written",
    }  # fmt: skip
    for source in sources:
        match = known.match(source.name, source.url)
        if match.outlet is None:
            continue
        text = rule.get(match.how) or f"outlet list, similar to {source.name!r}"
        if order.index(match.how) > worst[0]:
            worst = (order.index(match.how), {"rule": text, "sure": sure[match.how]})
    return worst[1]
