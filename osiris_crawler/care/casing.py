"""Page cases: a folder with a page as it was answered, what else its reading depends on, and what it should say.

page.html      the body, free of transfer and content codings, in whatever encoding it came
answer.json    url, status, headers and the site's start address; where the page is from
expected.json  the page's kind and, field by field, what a careful reader would say that it says

A case is read without learned chrome: it says what the page alone says.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from osiris_crawler.errors import UsageError
from osiris_crawler.extract.chrome import Chrome
from osiris_crawler.extract.facts import ArticleFacts, Reading
from osiris_crawler.extract.page import read
from osiris_crawler.extract.validate import validate
from osiris_crawler.i18n import _
from osiris_crawler.paths import replace_file, writable
from osiris_crawler.site.profile import Site

PAGE, ANSWER, EXPECTED = "page.html", "answer.json", "expected.json"
UNCHECKED = "unchecked"  # stands in expected.json until a human has compared it with the page
WARNING = "This is what the reader says today. Check each value against page.html, then remove this line."
# Fields of every case, of an article's and of a listing's, in the order of the file.
ALWAYS = ("page", "section")
ARTICLE = (
    "title", "overline", "subtitle", "date", "date_text", "tags", "authors", "lead", "body", "ps", "notes", "sources", "link",
    "images", "documents", "language", "number", "issues",
)  # fmt: skip
LISTING = ("listing", "heading", "entries", "subsections", "pages")
HEADERS = ("content-type", "content-language", "link", "location")  # that may matter to a reading
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,99}")
_LONGEST_PART = 40  # letters of the host, and of the page
_UNSAFE = re.compile(r"[^a-z0-9]+")
# What nobody sees or can tell from a space is written as an escape.
_UNSEEN = re.compile(
    "[\x7f-\x9f\xa0\xad\u034f\u061c\u2000-\u200f\u2028-\u202f\u205f-\u206f\ufe00-\ufe0f\ufeff\ufff9-\uffff]"
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reading depends on beside the page: `start` is the home page, by which the profile is found."""

    url: str
    status: int
    start: str
    headers: dict[str, str] = field(default_factory=dict)
    captured: str | None = None  # UTC instant; None for a page that was written by hand
    origin: str = ""  # where it is from, for people

    @property
    def content_type(self) -> str | None:
        return self.headers.get("content-type")


def reading_of(page: bytes, answer: Answer, site: Site, chrome: Chrome | None = None) -> Reading:
    """A case's page, read and checked as a crawl does it."""
    reading = read(answer.url, answer.status, answer.content_type, page, site, chrome)
    if reading.article is not None:
        validate(reading.article)
    return reading


def fields_of(reading: Reading) -> dict[str, Any]:
    """What a page says, under the names that expected.json has."""
    fields: dict[str, Any] = {"page": reading.kind, "section": [crumb.title for crumb in reading.breadcrumb]}
    if reading.article is not None:
        fields |= _of_article(reading.article) | {"language": reading.language}
        fields = {name: fields[name] for name in (*ALWAYS, *ARTICLE)}
    elif reading.listing is not None:
        listing = reading.listing
        fields |= {
            "listing": listing.kind,
            "heading": listing.title,
            "entries": [{"url": entry.url, "title": entry.title, "date": entry.date} for entry in listing.entries],
            "subsections": [{"title": crumb.title, "url": crumb.url} for crumb in listing.sections],
            "pages": listing.pages,
        }
    return fields


def _of_article(article: ArticleFacts) -> dict[str, Any]:
    facts = asdict(article)
    del facts["provenance"]
    return facts


def names_for(page: str) -> tuple[str, ...]:
    """The fields that a case of this kind of page has."""
    more = {"article": ARTICLE, "listing": LISTING, "feed": LISTING, "sitemap": LISTING}
    return (*ALWAYS, *more.get(page, ()))


# -- the folder -------------------------------------------------------------------------------------------------------


def load(folder: Path) -> tuple[bytes, Answer, dict[str, Any]]:
    """(page, answer, expected) of a case; ValueError says what is wrong with its files."""
    missing = [name for name in (PAGE, ANSWER, EXPECTED) if not (folder / name).is_file()]
    if missing:
        raise ValueError(f"{folder.name} has no {', '.join(missing)}")
    answer = json.loads((folder / ANSWER).read_text("utf-8"))
    expected = json.loads((folder / EXPECTED).read_text("utf-8"))
    known = set(Answer.__dataclass_fields__)
    if not isinstance(answer, dict) or set(answer) - known or not {"url", "status", "start"} <= set(answer):
        raise ValueError(
            f"{folder.name}: {ANSWER} needs url, status and start, and may have {', '.join(sorted(known))}"
        )
    if not isinstance(expected, dict) or not isinstance(expected.get("page"), str):
        raise ValueError(f"{folder.name}: {EXPECTED} does not say what kind of page it is")
    return (folder / PAGE).read_bytes(), Answer(**answer), expected


def write(folder: Path, page: bytes, answer: Answer, expected: Mapping[str, Any], *, force: bool = False) -> None:
    """Write a case; UsageError where something lies there already, unless `force` replaces a case."""
    with writable(folder, _("Choose another place with --to FOLDER.")):
        if folder.is_symlink() or (folder.exists() and not (force and (folder / ANSWER).is_file())):
            hint = _("Give another name with --name, or --force to replace a case.")
            raise UsageError(_("%(path)s is there already.") % {"path": folder}, hint)
        folder.mkdir(parents=True, exist_ok=True)
        replace_file(folder / PAGE, [page])
        replace_file(
            folder / ANSWER, text=as_text({k: v for k, v in asdict(answer).items() if v not in (None, "", {})})
        )
        replace_file(folder / EXPECTED, text=as_text(expected))


def as_text(value: Any) -> str:
    """JSON for people: letters as they are, what can't be seen as escapes."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    return _UNSEEN.sub(lambda sign: f"\\u{ord(sign[0]):04x}", text) + "\n"


def checked_name(name: str) -> str:
    """A name that somebody gives to a case."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            _("The case's name %(name)r is not usable.") % {"name": name},
            _("Take small letters, digits and dashes, 100 at most, beginning with a letter or digit."),
        )
    return name


def name_for(url: str, number: int | None) -> str:
    """A case's name: host and SPIP's number, or what [a-z0-9] leaves of the address; else a sum of it."""
    parts = urlsplit(url)
    host = _safe(parts.hostname or "")
    if number is not None:
        return f"{host or 'page'}-{number}"
    page = _safe(parts.path.rsplit("/", 1)[-1].removesuffix(".html"))
    if parts.query or not page:  # pages that differ in their query alone
        page = f"{page}-{sha256(url.encode('utf-8', 'replace')).hexdigest()[:8]}".lstrip("-")
    return f"{host}-{page}".strip("-")


def _safe(text: str) -> str:
    return _UNSAFE.sub("-", text.casefold())[:_LONGEST_PART].strip("-")
