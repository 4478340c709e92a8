"""Names of outlets as they are compared: without what differs from one hand to the next."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

_MARKS = str.maketrans({"œ": "oe", "æ": "ae", "&": " et ", "+": " plus ", "ß": "ss"})
_ARTICLE = re.compile(r"^(?:l[’'`´]\s*|(?:le|la|les|the)\s+)(?=\S)", re.I)
_KIND_WORD = re.compile(
    r"^(?:le\s+|la\s+)?(?:journal|quotidien|hebdomadaire|magazine|site|agence|groupe|radio)\s+(?=l[’']|(?:le|la|les)\s)",
    re.I,
)
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,62})\.){1,5}[a-z]{2,12}", re.I)
_BEHIND = re.compile(r"^(?P<name>.{2,}?)(?:\s*\((?P<inside>[^()]{2,60})\)|\s*[,–—-]\s+(?P<after>[^,()–—-]{2,30}))$")
_GAPS = re.compile(r"[\s\u00a0\u202f]+")
_EDGE = " \u00a0\u202f,;:–—-"
_RULE = re.compile(r"(?:(?<= )|^)[/|•·]+$")  # an address ends in a slash too
_QUOTES = {"«": "»", "“": "”", '"': '"', "‘": "’", "„": "”"}
# Endings that say nothing of a country, though some belong to one.
_WORLDWIDE = frozenset(
    {"com", "net", "org", "info", "biz", "news", "media", "africa", "tv", "fm", "io", "co", "me", "eu"}
)
_ENDING = re.compile(r"(?<=\w)\.(?:com|net|org|info|biz|int|edu|gov|news|media|africa|space|business|[a-z]{2})$", re.I)
_USUAL_ENDING = re.compile(r"\.(?:com|net|org|info|sn|fr|bf|ml|ci)/?$", re.I)


def squash(text: str) -> str:
    """Letters and digits alone, in lower case and without accents: “Wal-Fadjri” and “Walfadjri” are one.

    “&” is “et” and “+” is “plus”: they are spoken so, and “EnQuête+” also writes itself “EnQuêteplus”.
    """
    folded = unicodedata.normalize("NFKD", text.casefold().translate(_MARKS))
    return "".join(c for c in folded if c.isalnum())


def without_article(text: str) -> str:
    """A name without its leading article: “L'Essor” → “Essor”."""
    return _ARTICLE.sub("", text, count=1)


def clean(text: str) -> str:
    """A name with single spaces, without stray signs around it and without the quotes that enclose it whole."""
    text = _RULE.sub("", _GAPS.sub(" ", text).strip(_EDGE)).rstrip(_EDGE)
    for _turn in range(2):
        closing = _QUOTES.get(text[:1])
        if closing is None or not text.endswith(closing) or closing in text[1:-1] or len(text) < 3:
            break
        text = text[1:-1].strip(_EDGE)
    return text


def outlet_of(name: str) -> str:
    """One spelling for a name that no list knows: without www., domain ending and stray spaces."""
    text = re.sub(r"^(?:https?://)?(?:www\.)?", "", name.strip(), flags=re.I)
    text = _USUAL_ENDING.sub("", text)
    return _GAPS.sub(" ", text).strip() or name


def host_of(url: str | None) -> str | None:
    """The host of an address, without www. and port; None where there is none."""
    if not url:
        return None
    try:
        host = urlsplit(url if "://" in url else f"http://{url}").hostname
    except ValueError:
        return None
    host = (host or "").rstrip(".").removeprefix("www.")
    return host if "." in host else None


def domain_in(name: str) -> str | None:
    """The host that a name is: “Ferloo.com” → “ferloo.com”, “Le Monde.fr” → “lemonde.fr”; None for other names."""
    if "." not in name or not _ENDING.search(name.strip(" ./")):
        return None
    folded = unicodedata.normalize("NFKD", name.casefold())
    text = "".join(c for c in folded if c.isascii() and c not in " '").strip("./")
    text = text.removeprefix("http://").removeprefix("https://").removeprefix("www.")
    return text if _HOST.fullmatch(text) else None


def country_of_domain(host: str) -> str | None:
    """The country that a host's ending names: "sn" → "SN"; None for endings that are used all over the world."""
    ending = host.rsplit(".", 1)[-1]
    if len(ending) != 2 or ending in _WORLDWIDE:
        return None
    return "GB" if ending == "uk" else ending.upper()


def without_kind(name: str) -> str | None:
    """A name without the word that says what it is: “Journal Le Soleil” → “Le Soleil”; None where none stands there."""
    text = _KIND_WORD.sub("", name, count=1)
    return text if text != name else None


def split_behind(name: str) -> tuple[str, str] | None:
    """A name and what stands in parentheses, or behind a comma or dash, at its end: “Le Soleil (Dakar)”."""
    match = _BEHIND.match(name)
    return (match["name"], match["inside"] or match["after"]) if match else None


def one_slip(a: str, b: str) -> bool:
    """Whether two words differ by one letter added, lost, changed, or by two neighbours swapped."""
    if abs(len(a) - len(b)) > 1:
        return False
    at = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    if a[at + 1 :] == b[at + 1 :] or a[at + 1 :] == b[at:] or a[at:] == b[at + 1 :]:
        return True
    return a[at : at + 2] == b[at : at + 2][::-1] and a[at + 2 :] == b[at + 2 :]
