"""What is known of a site, as data: TOML files beside this module, or one of the operator's own.

`osiris` is the default; `spip` is for any SPIP site and takes its host from the address it is given.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from osiris_crawler.errors import UsageError
from osiris_crawler.extract import outlet_list, outlets
from osiris_crawler.extract.outlet_list import COUNTRIES, Outlet
from osiris_crawler.extract.outlets import Authority
from osiris_crawler.i18n import _

if TYPE_CHECKING:
    from osiris_crawler.site.urls import Address

_BUILT_IN = ("osiris", "spip")
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class KindRule:
    """An article whose section path, title or address matches is of this kind; the first rule that matches counts."""

    kind: str
    section: re.Pattern[str] | None = None  # searched in the titles joined by " > "
    title: re.Pattern[str] | None = None
    address: str | None = None  # kind of the address ("breve")


@dataclass(frozen=True, eq=False)
class Site:
    """A site's profile, bound to its hosts. Compared by identity, so that it can key a cache."""

    name: str
    title: str
    start_url: str
    hosts: tuple[str, ...]  # host[:port], the preferred one first
    scheme: str
    root: str  # path of the home page, "/" or "/spip/"
    seeds: tuple[str, ...]  # further start pages: the plan first
    delay: float  # seconds between two requests
    home_labels: tuple[str, ...]  # how breadcrumbs call the home page
    refused_loops: frozenset[str]  # loops that page what stands beside a listing
    kinds: tuple[KindRule, ...]
    landmarks: dict[str, tuple[str, ...]]  # further words for extract.landmarks
    country: str | None = None  # ISO 3166-1 alpha-2: whose outlets a name that several bear means
    own_outlets: tuple[Outlet, ...] = ()  # before those of extract/outlets.toml

    @property
    def base(self) -> str:
        """What every key of the site begins with."""
        return f"{self.scheme}://{self.hosts[0]}{self.root}"

    @property
    def outlets(self) -> Authority:
        """The authority list of outlets with the site's own entries before the built-in ones; made once."""
        return outlets.authority(self.own_outlets, self.country)

    @property
    def sibling_loops(self) -> frozenset[str]:
        return self.refused_loops

    def kind_of(self, address: Address, section: list[str], title: str) -> str:
        """article, breve, issue or page."""
        path = " > ".join(section)
        for rule in self.kinds:
            if (
                (rule.address is None or rule.address == address.kind)
                and (rule.section is None or rule.section.search(path))
                and (rule.title is None or rule.title.search(title))
            ):
                return rule.kind
        return "article"


@dataclass(frozen=True, slots=True)
class _Keys:
    """Keys of a profile's TOML."""

    name: str = ""
    title: str = ""
    start: str = ""
    aliases: tuple[str, ...] = ()
    seeds: tuple[str, ...] = ()
    delay: float = 1.0
    home_labels: tuple[str, ...] = ()
    refused_loops: tuple[str, ...] = ()
    kinds: tuple[dict[str, str], ...] = ()
    landmarks: dict[str, list[str]] | None = None
    country: str | None = None
    outlets: dict[str, Any] | None = None


def load(name: str) -> Site:
    """A built-in profile by name; `spip` must be bound to a host before it is used."""
    text = files("osiris_crawler.site").joinpath(f"profiles/{name}.toml").read_text("utf-8")
    return _site(_keys(tomllib.loads(text), f"{name}.toml"))


def load_file(path: Path) -> Site:
    """A profile of the operator's own; UsageError names what is wrong with it."""
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise UsageError(
            _("The profile %(path)s can't be read: %(why)s.")
            % {"path": path, "why": getattr(problem, "strerror", None) or problem},
            _("Mend it, or name another."),
        ) from problem
    return _site(_keys(raw, str(path)))


def for_url(url: str) -> Site:
    """The profile of an address's host, else the one for any SPIP site, bound to that host."""
    scheme, netloc, _root = _split(url)
    for name in _BUILT_IN:
        site = load(name)
        if netloc in site.hosts:
            return site
    return bind(load("spip"), f"{scheme}://{netloc}{_root}")


def bind(site: Site, url: str) -> Site:
    """A profile for another host than its own; one of its own hosts leaves it as it is."""
    scheme, netloc, root = _split(url)
    if netloc in site.hosts:
        return site
    start = f"{scheme}://{netloc}{root}"
    other = netloc.removeprefix("www.") if netloc.startswith("www.") else f"www.{netloc}"
    # A port or a number is no public name: it has no www beside it.
    hosts = (netloc,) if ":" in netloc or netloc.replace(".", "").isdecimal() else (netloc, other)
    seeds = tuple(start + seed.rsplit("/", 1)[-1] for seed in site.seeds)
    return replace(site, start_url=start, hosts=hosts, scheme=scheme, root=root, seeds=seeds)


def _split(url: str) -> tuple[str, str, str]:
    """(scheme, host[:port], root path) of an address; UsageError when it is none."""
    text = url.strip()
    if "://" not in text:
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    host = (parts.hostname or "").rstrip(".").casefold()
    if parts.scheme not in _PORTS or not host or any(c.isspace() for c in host):
        raise UsageError(_("%(url)r is no web address.") % {"url": url}, _("Write it as https://www.example.org/."))
    host = f"[{host}]" if ":" in host else host
    netloc = host if port in (None, _PORTS[parts.scheme]) else f"{host}:{port}"
    folder = parts.path.rsplit("/", 1)[0] + "/"
    return parts.scheme, netloc, folder if folder.startswith("/") else "/"


def _keys(raw: dict[str, Any], where: str) -> _Keys:
    known = {field.name for field in fields(_Keys)}
    for key in raw:
        if key not in known:
            near = get_close_matches(key, known, n=2)
            raise UsageError(
                _("%(where)s has an unknown key: %(key)s.") % {"where": where, "key": key},
                _("Near ones: %(near)s.") % {"near": ", ".join(near)} if near else "",
            )
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in raw.items()}
    return _Keys(**values)


def _site(keys: _Keys) -> Site:
    start = keys.start or "http://site.invalid/"
    scheme, netloc, root = _split(start)
    try:
        kinds = tuple(
            KindRule(
                rule["kind"],
                re.compile(rule["section"], re.I) if "section" in rule else None,
                re.compile(rule["title"], re.I) if "title" in rule else None,
                rule.get("address"),
            )
            for rule in keys.kinds
        )
    except (KeyError, re.error) as problem:
        raise UsageError(
            _("A rule of kinds can't be used: %(why)s.") % {"why": problem}, _("Mend the profile.")
        ) from problem
    if keys.country is not None and keys.country not in COUNTRIES:
        raise UsageError(
            _("The profile's country %(code)r is none of ISO 3166-1.") % {"code": keys.country},
            _("Write it with two capitals, as SN for Senegal."),
        )
    try:
        own = tuple(outlet_list.entries(keys.outlets or {}))
    except (AttributeError, ValueError) as problem:
        raise UsageError(
            _("The profile's outlets can't be used: %(why)s.") % {"why": problem},
            _("“osiris sources --unknown --toml” prints entries as they should be."),
        ) from problem
    return Site(
        name=keys.name,
        title=keys.title,
        start_url=start,
        hosts=(netloc, *keys.aliases),
        scheme=scheme,
        root=root,
        seeds=tuple(f"{scheme}://{netloc}{root}{seed}" for seed in keys.seeds),
        delay=float(keys.delay),
        home_labels=keys.home_labels,
        refused_loops=frozenset(keys.refused_loops),
        kinds=kinds,
        landmarks={name: tuple(words) for name, words in (keys.landmarks or {}).items()},
        country=keys.country,
        own_outlets=own,
    )
