"""SPIP's URL grammar: what an address is, whether it is followed, and the key that its spellings share.

SPIP answers one page under many addresses: with and without ``.html``, by slug, by number, with any extra parameter,
under http and https, www and bare (SITE, section 2). A key folds the spellings that are certain to mean the same;
the rest is told by redirects and canonicals when pages are read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from urllib.parse import unquote, urlsplit, urlunsplit

from w3lib.url import safe_url_string

from osiris_crawler.site.profile import Site


class Kind(StrEnum):
    """What an address leads to, as far as its form tells."""

    HOME = "home"
    ARTICLE = "article"
    BREVE = "breve"
    SECTION = "section"
    KEYWORD = "keyword"
    AUTHOR = "author"
    SYNDICATED = "syndicated"
    PLAN = "plan"
    FEED = "feed"
    SITEMAP = "sitemap"
    ROBOTS = "robots"
    FILE = "file"
    REQUISITE = "requisite"
    OTHER = "other"


class Refusal(StrEnum):
    """Why an address is not followed."""

    NOT_HTTP = "not-http"  # mailto:, javascript:, data: …
    OFFSITE = "offsite"  # another host, or outside the site's root
    TOO_LONG = "too-long"  # no address of SPIP's is near 2,000 characters
    DEPTH = "depth"  # segments that repeat, or too many: a relative link that feeds on itself
    LOGIN = "login"  # page=login&url=… stands on every page; ecrire/ is private
    ACTION = "action"  # spip.php?action=…: forms, the cron image, cookies; nothing to archive
    VAR = "var-mode"  # var_mode=recalcul and its like cost the server a computation
    LANG = "lang"  # ?lang=… sets a cookie and shows the same page
    SEARCH = "search"  # any number of addresses, nothing new behind them
    FORUM = "forum"  # forms to answer; the comments stand on the article's page
    CALENDAR = "calendar"  # every month of every century
    PRINT = "print"  # the same article for the printer, a friend, a phone
    OBJECT_FEED = "object-feed"  # a feed for each section, keyword, author: their listings say more
    OTHER_PAGE = "other-page"  # contact, statistics, exports: spip.php?page=… that holds no article
    MULTIPLIED_PAGINATION = "multiplied-pagination"  # debut_a × debut_b
    SIBLING_PAGINATION = "sibling-pagination"  # a page paginates what stands beside it
    HOME_PAGINATION = "home-pagination"  # the home page and authors paginate everything once more
    AUTHOR_PAGINATION = "author-pagination"
    SYNDICATED = "syndicated"  # pages about other sites, @…@
    SORT = "sort"  # the same listing in another order
    SESSION = "session"  # PHPSESSID and its like


LONGEST = 2000
_DEEPEST = 8
_NOISE = frozenset(
    {"utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "fbclid", "gclid", "mc_cid", "mc_eid"}
)
_OBJECT = re.compile(r"(article|breve|rubrique|mot|auteur|site)(\d{1,9})")
_OBJECT_KIND = {
    "article": Kind.ARTICLE,
    "breve": Kind.BREVE,
    "rubrique": Kind.SECTION,
    "mot": Kind.KEYWORD,
    "auteur": Kind.AUTHOR,
    "site": Kind.SYNDICATED,
}
_FORMS = (
    (re.compile(r"\+-(.+?)-\+"), Kind.KEYWORD),
    (re.compile(r"\+(.+?)\+"), Kind.BREVE),
    (re.compile(r"-(.+?)-"), Kind.SECTION),
    (re.compile(r"_(.+?)_"), Kind.AUTHOR),
    (re.compile(r"@(.+?)@"), Kind.SYNDICATED),
)
_COMMA = re.compile(r".+,(\d{1,9})")
_PAGES = {
    "plan": Kind.PLAN,
    "backend": Kind.FEED,
    "sitemap": Kind.SITEMAP,
    "sommaire": Kind.HOME,
    "article": Kind.ARTICLE,
    "breve": Kind.BREVE,
    "rubrique": Kind.SECTION,
    "mot": Kind.KEYWORD,
    "auteur": Kind.AUTHOR,
    "site": Kind.SYNDICATED,
}
_IDS = {
    "id_article": "article",
    "id_breve": "breve",
    "id_rubrique": "rubrique",
    "id_mot": "mot",
    "id_auteur": "auteur",
    "id_syndic": "site",
}
_FILE_FOLDERS = ("IMG/", "local/", "sites/")
_FILE_END = re.compile(
    r"\.(?:pdf|docx?|xlsx?|pptx?|od[tsp]|rtf|txt|csv|zip|gz|tgz|rar|7z|epub|jpe?g|png|gif|webp|svg|tiff?|bmp|mp[34]|ogg|og[av]"
    r"|wav|avi|mov|flv|swf|webm|m4[av]|ram?|ps|eps)",
    re.I,
)
_REQUISITE_END = re.compile(r"\.(?:css|js|mjs|ico|woff2?|ttf|otf|eot|map|json|webmanifest|cur)", re.I)
_REQUISITE_FOLDERS = (
    "squelettes",
    "plugins",
    "prive/",
    "extensions/",
    "lib/",
    "local/cache-css/",
    "local/cache-js/",
    "themes/",
)
_SCRIPTS = frozenset({"spip.php", "index.php", "page.php", ""})
_OLD_SCRIPTS = {"article.php3": "article", "rubrique.php3": "rubrique", "breve.php3": "breve", "mot.php3": "mot",
                "article.php": "article", "rubrique.php": "rubrique", "breve.php": "breve", "mot.php": "mot"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Address:
    """An address and what its form says. `key` is equal for all spellings that are certain to be one page."""

    url: str  # absolute, without fragment, otherwise as written
    key: str
    kind: Kind
    number: int | None = None  # SPIP's number, only where it is certain; never a trailing -N
    slug: str | None = None  # last segment, decoded, without SPIP's marks
    loop: str | None = None  # "articles" of debut_articles
    offset: int = 0
    loops: int = 0
    params: tuple[str, ...] = ()  # names of the query's parameters


def parse(url: str, site: Site) -> Address:
    """What an absolute address is. Never raises: what is no http address has kind OTHER and itself as its key."""
    return _parse(url, site)


@lru_cache(maxsize=4096)
def _parse(url: str, site: Site) -> Address:
    try:
        clean = (
            safe_url_string(url.strip().partition("#")[0], "utf-8") if len(url) <= 4 * LONGEST else url[: 4 * LONGEST]
        )
        parts = urlsplit(clean)
        port = parts.port
        host = (parts.hostname or "").rstrip(".").casefold()
    except ValueError:
        return Address(url, url, Kind.OTHER)
    if parts.scheme not in ("http", "https") or not host:
        return Address(clean, clean, Kind.OTHER)
    usual = {"http": 80, "https": 443}[parts.scheme]
    netloc = host if port in (None, usual) else f"{host}:{port}"
    if ":" in host:
        netloc = netloc.replace(host, f"[{host}]")
    path = parts.path or "/"
    clean = urlunsplit((parts.scheme, netloc, path, parts.query, ""))
    ours = netloc in site.hosts and path.startswith(site.root)
    base = site.base if ours else f"{parts.scheme}://{netloc}/"
    rest = path[len(site.root) :] if ours else path[1:]
    if not ours:
        return Address(clean, clean, _file_kind(rest, Kind.OTHER), params=_names(parts.query))
    return _own(clean, base, rest, parts.query)


def _names(query: str) -> tuple[str, ...]:
    return tuple(item.partition("=")[0] for item in query.split("&") if item) if query else ()


def _file_kind(path: str, default: Kind) -> Kind:
    segment = path.rsplit("/", 1)[-1]
    dot = segment.rfind(".")
    end = segment[dot:] if dot >= 0 else ""
    if path.startswith(_REQUISITE_FOLDERS) or _REQUISITE_END.fullmatch(end):
        return Kind.REQUISITE
    if path.startswith(_FILE_FOLDERS) or _FILE_END.fullmatch(end):
        return Kind.FILE
    return default


def _own(clean: str, base: str, path: str, query: str) -> Address:
    items = [item for item in query.split("&") if item and item.partition("=")[0] not in _NOISE]
    params = tuple(item.partition("=")[0] for item in items)
    if path in ("robots.txt", "sitemap.xml", "favicon.ico"):
        kind = {"robots.txt": Kind.ROBOTS, "sitemap.xml": Kind.SITEMAP, "favicon.ico": Kind.REQUISITE}[path]
        return Address(clean, base + path, kind, params=params)
    kind = _file_kind(path, Kind.OTHER)
    if kind is not Kind.OTHER:
        if path.startswith(("IMG/", "local/")) and len(items) == 1 and items[0].isdecimal():
            items = []  # SPIP adds the file's time stamp; it is no other file
        return Address(clean, base + path + ("?" + "&".join(items) if items else ""), kind, params=params)
    loops = [(name, value) for name, value in _pairs(items) if name.startswith("debut_") or name == "debut"]
    others = [(name, value) for name, value in _pairs(items) if not (name.startswith("debut_") or name == "debut")]
    what, kind, number, slug = _object(path, others)
    active = [(name, int(value)) for name, value in loops if value.isdecimal() and 0 < int(value) < 10**7]
    marks = sorted(f"{name}={offset}" for name, offset in active)
    key = base + what
    if marks:
        key += ("&" if "?" in what else "?") + "&".join(marks)
    name, offset = active[0] if active else (None, 0)
    return Address(
        clean,
        key,
        kind,
        number,
        slug,
        name.removeprefix("debut_") if name else None,
        offset,
        len(active),
        params,
    )


def _pairs(items: list[str]) -> list[tuple[str, str]]:
    return [(name, value) for name, _sign, value in (item.partition("=") for item in items)]


def _object(path: str, query: list[tuple[str, str]]) -> tuple[str, Kind, int | None, str | None]:
    """(the key's path and query, kind, certain number, slug) of one of SPIP's pages."""
    names = dict(reversed(query))
    script = path in _SCRIPTS
    stem = path.removesuffix(".html")
    if path in _OLD_SCRIPTS:
        what = _OLD_SCRIPTS[path]
        number = names.get(f"id_{what}", "")
        if number.isdecimal() and len(number) < 10:
            return _numbered(what, int(number), [pair for pair in query if pair[0] != f"id_{what}"])
    if script:
        for name, value in query:
            found = _OBJECT.fullmatch(name)
            if found and not value:
                return _numbered(found[1], int(found[2]), [pair for pair in query if pair[0] != name])
        page = names.get("page")
        for parameter, what in _IDS.items():
            number = names.get(parameter, "")
            if number.isdecimal() and len(number) < 10 and page in (what, None) and (page or path != ""):
                rest = [pair for pair in query if pair[0] not in (parameter, "page")]
                return _numbered(what, int(number), rest)
        if page is not None:
            kind = _PAGES.get(page, Kind.OTHER)
            if page == "sommaire":
                return _query("", [pair for pair in query if pair[0] != "page"]), Kind.HOME, None, None
            if kind not in (Kind.PLAN, Kind.FEED, Kind.SITEMAP):
                kind = Kind.OTHER
            return _query("spip.php", query), kind, None, None
        if path in ("", "index.php", "spip.php"):
            return _query("", query), Kind.HOME, None, None
    if stem in ("backend", "plan", "sitemap") and "/" not in path:
        return _query(f"spip.php?page={stem}", query), _PAGES[stem], None, None
    if "/" not in stem:
        found = _OBJECT.fullmatch(stem)
        if found:
            return _numbered(found[1], int(found[2]), query)
        if stem.isdecimal() and path == stem and len(stem) < 10:
            return _numbered("article", int(stem), query)
    return _slug(stem, query)


def _slug(stem: str, query: list[tuple[str, str]]) -> tuple[str, Kind, int | None, str | None]:
    decoded = unquote(stem)
    last = decoded.rstrip("/").rsplit("/", 1)[-1]
    kind, slug, number = Kind.ARTICLE, last, None
    for form, found in _FORMS:
        match = form.fullmatch(last)
        if match:
            kind, slug = found, match[1]
            break
    if kind in (Kind.ARTICLE, Kind.BREVE):
        comma = _COMMA.fullmatch(slug)
        if comma:
            number = int(comma[1])
    if decoded.endswith(".php") or decoded.startswith("ecrire"):
        kind = Kind.OTHER
    return _query(stem.rstrip("/"), query), kind, number, slug


def _numbered(what: str, number: int, query: list[tuple[str, str]]) -> tuple[str, Kind, int | None, str | None]:
    key = f"spip.php?{what}{number}"
    return _query(key, query), _OBJECT_KIND[what], number, None


def _query(path: str, query: list[tuple[str, str]]) -> str:
    if not query:
        return path
    text = "&".join(f"{name}={value}" if value else name for name, value in sorted(query))
    return path + ("&" if "?" in path else "?") + text


def without_loops(url: str) -> str:
    """The address of a listing's first page: without any debut_* parameter."""
    head, mark, query = url.partition("?")
    if not mark:
        return url
    kept = [item for item in query.split("&") if not item.startswith("debut_") and not item.startswith("debut=")]
    return head + ("?" + "&".join(kept) if kept else "")


_VARS = ("var_", "formulaire_", "ajax", "connect", "preview")
_BY_PARAM = {
    "lang": Refusal.LANG,
    "recherche": Refusal.SEARCH,
    "id_forum": Refusal.FORUM,
    "retour": Refusal.FORUM,
    "replytocom": Refusal.FORUM,
    "annee": Refusal.CALENDAR,
    "mois": Refusal.CALENDAR,
    "jour": Refusal.CALENDAR,
    "date": Refusal.CALENDAR,
    "date_debut": Refusal.CALENDAR,
    "archives": Refusal.CALENDAR,
    "PHPSESSID": Refusal.SESSION,
    "sid": Refusal.SESSION,
    "action": Refusal.ACTION,
    "tri": Refusal.SORT,
    "sens": Refusal.SORT,
    "cs": Refusal.OTHER_PAGE,
}
_BY_PAGE = {
    "login": Refusal.LOGIN, "login_public": Refusal.LOGIN, "spip_pass": Refusal.LOGIN, "inscription": Refusal.LOGIN,
    "identifiants": Refusal.LOGIN, "recherche": Refusal.SEARCH, "forum": Refusal.FORUM, "forums": Refusal.FORUM,
    "comment": Refusal.FORUM, "calendrier": Refusal.CALENDAR, "agenda": Refusal.CALENDAR, "archives": Refusal.CALENDAR,
    "imprimer": Refusal.PRINT, "imprimir_articulo": Refusal.PRINT, "print": Refusal.PRINT, "article_imprim": Refusal.PRINT,
    "article_pdf": Refusal.PRINT, "spipdf": Refusal.PRINT, "envoyer_ami": Refusal.PRINT, "recommander": Refusal.PRINT,
    "mobile": Refusal.PRINT,
}  # fmt: skip


@lru_cache(maxsize=8192)
def judged(url: str, site: Site) -> tuple[Address, str | None]:
    """An address with its verdict; a site's menus and traps stand on every page."""
    address = _parse(url, site)
    return address, verdict(address, site)


def verdict(address: Address, site: Site) -> str | None:
    """None when an address is to be followed, else the named reason why not."""
    url = address.url
    if not url.startswith(("http://", "https://")):
        return Refusal.NOT_HTTP
    if len(url) > LONGEST:
        return Refusal.TOO_LONG
    if not address.key.startswith(site.base):
        return Refusal.OFFSITE
    path = address.key[len(site.base) :].partition("?")[0]
    if address.kind is Kind.REQUISITE or (address.kind is Kind.FILE and not address.params):
        return Refusal.DEPTH if _circular(path) else None
    if path.startswith(("ecrire", "prive/")):
        return Refusal.LOGIN
    if _circular(path):
        return Refusal.DEPTH
    return _by_query(address) or _by_pagination(address, site)


def _circular(path: str) -> bool:
    segments = [segment for segment in path.split("/") if segment]
    return len(segments) > _DEEPEST or any(segments.count(segment) > 2 for segment in segments)


def _by_query(address: Address) -> str | None:
    query = urlsplit(address.url).query
    pairs = dict(_pairs(query.split("&"))) if query else {}
    page = pairs.get("page")
    if "action" in pairs:
        return Refusal.ACTION
    if page in _BY_PAGE:
        return _BY_PAGE[page]
    for name in address.params:
        if name in _BY_PARAM:
            return _BY_PARAM[name]
        if name.startswith(_VARS):
            return Refusal.VAR
        if name.startswith(("tri_", "sens_")):
            return Refusal.SORT
    if page is not None and address.kind is Kind.FEED and any(name.startswith("id_") for name in address.params):
        return Refusal.OBJECT_FEED
    if page is not None and page.startswith("backend") and address.kind is not Kind.FEED:
        return Refusal.OBJECT_FEED
    if page is not None and address.kind is Kind.OTHER:
        return Refusal.OTHER_PAGE
    if page is not None and address.kind in (Kind.PLAN, Kind.SITEMAP) and len(address.params) > 1:
        return Refusal.OTHER_PAGE
    return None


def _by_pagination(address: Address, site: Site) -> str | None:
    if address.kind is Kind.SYNDICATED:
        return Refusal.SYNDICATED
    if not address.loops:
        return None
    if address.loops > 1:
        return Refusal.MULTIPLIED_PAGINATION
    if address.kind is Kind.HOME:
        return Refusal.HOME_PAGINATION
    if address.kind is Kind.AUTHOR:
        return Refusal.AUTHOR_PAGINATION
    if address.kind in (Kind.ARTICLE, Kind.BREVE) or address.loop in site.sibling_loops:
        return Refusal.SIBLING_PAGINATION
    return None
