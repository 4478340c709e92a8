"""From a response's bytes to what the ledger takes in: the one way, live, after a kill, and at `rebuild`."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from urllib.parse import urljoin

from osiris_crawler.archive.http import HttpMessage, content
from osiris_crawler.extract.chrome import Chrome
from osiris_crawler.extract.facts import Reading
from osiris_crawler.extract.page import READER, read
from osiris_crawler.extract.validate import validate
from osiris_crawler.ledger.frontier import WAITING, Target
from osiris_crawler.ledger.page import Capture, Node, Page
from osiris_crawler.ledger.scope import Scope, priority
from osiris_crawler.record import content_digest
from osiris_crawler.site import urls
from osiris_crawler.site.profile import Site
from osiris_crawler.site.urls import Address, Kind, Refusal

# Shorter bodies are too often alike by chance (“Lire la suite”, “Voir le document joint”) to be called reprints.
_SIGNS = re.compile(r"[\W_]+")
LARGEST_PAGE = 64 * 1024 * 1024  # bytes of a page once its content coding is taken off
REDIRECTS = frozenset({301, 302, 303, 307, 308})
SHORTEST_REPRINT = 120  # letters and digits


def body_digest(body: str) -> str | None:
    """sha-256 of the letters and digits of a text, case folded; None for texts too short to compare."""
    text = _SIGNS.sub("", body.casefold())
    return None if len(text) < SHORTEST_REPRINT else hashlib.sha256(text.encode()).hexdigest()


def take_in(
    capture: Capture, row: int, body: bytes, *, crawl: int, site: Site, scope: Scope, chrome: Chrome | None = None
) -> Page:
    """Read a capture: `body` is decoded from transfer and content codings. Pure but for its arguments."""
    address = urls.parse(capture.url, site)
    if capture.target_url is not None:
        reading = Reading(kind="redirect", reader=READER)
    elif capture.truncated:
        # What was cut off asserts nothing: a body that ends early must not look like an edit.
        reading = Reading(kind="error", reader=READER)
    else:
        reading = read(capture.url, capture.status, capture.mime, body, site, chrome)
    page = Page(
        capture=row,
        record_id=capture.record_id,
        run=capture.run,
        crawl=crawl,
        date=capture.date,
        key=address.key,
        url=capture.url,
        subject=_subject(address, reading, site),
        reading=reading,
    )
    _positions(page, address, site)
    page.targets, page.refused = follow(page, address, site, scope)
    if capture.target_url is not None:
        _redirected(page, capture.target_url, address, site, scope)
    return page


def read_page(
    capture: Capture,
    row: int,
    head: HttpMessage,
    crawl: int,
    site: Site,
    scope: Scope,
    chrome: Chrome | None = None,
) -> Page:
    """One page, read and checked; links and requisites are left out once they are targets."""
    page = take_in(capture, row, decoded(head), crawl=crawl, site=site, scope=scope, chrome=chrome)
    check(page)
    page.reading.links = []
    page.reading.requisites = []
    return page


def check(page: Page) -> None:
    """Validate an article's facts and seal its digests over what stood the check; what is sealed stays so."""
    facts = page.reading.article
    if facts is None or page.content is not None:
        return
    validate(facts)
    page.content = content_digest(
        {name: getattr(facts, name) for name in ("title", "date", "lead", "body", "ps", "notes", "authors")}
        | {
            "sources": [{"text": source.text} for source in facts.sources],
            "images": [{"url": media.url} for media in facts.images],
            "documents": [{"url": media.url} for media in facts.documents],
        }
    )
    page.body = body_digest(facts.body)


def _redirected(page: Page, url: str, address: Address, site: Site, scope: Scope) -> None:
    """A redirect is an answer; its target goes to the frontier, or is asked for under the same key."""
    target = urls.parse(url, site)
    reason = urls.verdict(target, site) or scope.refusal(target, requisite=False)
    if reason is not None:
        page.refused = {reason: (1, target.url)}
    elif target.key == address.key:
        page.again = target.url
    elif scope.sections and target.kind is Kind.SECTION and address.kind is not Kind.SECTION:
        pass  # an article that leads to a section is no way into it
    else:
        kind = target.kind
        page.targets = [Target(target.key, target.url, kind, priority(kind, target.loops), "R")]


def _subject(address: Address, reading: Reading, site: Site) -> str:
    """Key of the thing that a page is about: its canonical address, on this site; a listing's is that of its page 1."""
    if reading.kind == "listing":
        return urls.parse(urls.without_loops(address.url), site).key
    if reading.kind == "article" and reading.canonical:
        canonical = urls.parse(reading.canonical, site)
        if canonical.kind in (Kind.ARTICLE, Kind.BREVE) or (canonical.kind is Kind.OTHER and canonical.slug):
            return canonical.key
    return address.key


def _positions(page: Page, address: Address, site: Site) -> None:
    """Where sections hang and which articles are listed, by keys."""

    def key(url: str) -> str:
        return urls.parse(url, site).key

    reading = page.reading
    page.nodes = [
        Node(key(node.url), node.url, node.title, key(node.parent) if node.parent else None, node.weight)
        for node in reading.nodes
    ]
    linked = [crumb.url for crumb in reading.breadcrumb if crumb.url]
    if reading.kind == "article" and linked:
        page.section = key(linked[-1])
    if reading.listing is not None:
        page.entries = list(dict.fromkeys((key(entry.url), entry.place) for entry in reading.listing.entries))
        if reading.listing.kind == "section":
            known = {node.section for node in page.nodes}
            if page.subject not in known and reading.listing.title:
                page.nodes.append(Node(page.subject, address.url, reading.listing.title, None, -1))
            page.nodes += [
                Node(key(crumb.url), crumb.url, crumb.title, page.subject, 0)
                for crumb in reading.listing.sections
                if crumb.url and key(crumb.url) not in known
            ]


def follow(page: Page, address: Address, site: Site, scope: Scope) -> tuple[list[Target], dict[str, tuple[int, str]]]:
    """The addresses that a page leads to, and the links refused by rule: reason → (how many, a sample)."""
    reading = page.reading
    targets: dict[str, Target] = {}
    refused: dict[str, tuple[int, str]] = {}
    if reading.kind in ("soft404", "error", "redirect"):
        return [], {}

    # A section whose address is formed like an article's has pages of its own.
    own_pages = set(reading.listing.pages) if reading.listing is not None else set()

    def consider(found: Iterable[str], *, requisite: bool = False, waiting: bool = False) -> None:
        for url in found:
            target, reason = urls.judged(url, site)
            if reason == Refusal.SIBLING_PAGINATION and target.url in own_pages:
                reason = None
            if reason is None and not requisite and target.kind is Kind.REQUISITE:
                continue
            if reason is None:
                reason = scope.refusal(target, requisite=requisite)
            if reason is not None:
                links, sample = refused.get(reason, (0, target.url))
                refused[reason] = (links + 1, sample)
            elif target.key not in targets:
                kind = Kind.REQUISITE if requisite else target.kind
                step = "E" if requisite else "L"
                place = WAITING if waiting else priority(kind, target.loops)
                targets[target.key] = Target(target.key, target.url, kind, place, step)

    if scope.narrow:
        consider(scope.narrowed(reading, address, site))
        asked = set(targets)
        undated, beyond = scope.days(reading, address)
        consider(undated, waiting=True)
        page.beyond = list({urls.parse(url, site).key for url in beyond} - asked)
    else:
        consider(reading.links)
        if reading.listing is not None:
            consider(reading.listing.pages)
            consider(entry.url for entry in reading.listing.entries)
    if scope.files:
        if reading.article is not None:
            consider(media.url for media in (*reading.article.images, *reading.article.documents))
        consider(reading.requisites, requisite=True)
    targets.pop(address.key, None)
    return scope.sampled(list(targets.values())), refused


def decoded(head: HttpMessage) -> bytes:
    """The body of a captured response with its content coding taken off, at most LARGEST_PAGE bytes."""
    return content(head, limit=LARGEST_PAGE)


def capture_of(
    *,
    run: str,
    date: str,
    file: str,
    offset: int,
    length: int,
    record_id: str,
    url: str,
    head: HttpMessage,
    digest: str | None,
    truncated: str | None,
    site: Site,
    original: int | None = None,
) -> Capture:
    """A response record as the ledger knows it."""
    target_url = None
    if head.status in REDIRECTS:
        location = head.header("Location")
        if location:
            target_url = _joined(url, location)
    return Capture(
        run=run,
        date=date,
        file=file,
        offset=offset,
        length=length,
        record_id=record_id,
        key=urls.parse(url, site).key,
        url=url,
        status=head.status,
        mime=head.header("Content-Type"),
        size=len(head.body),
        digest=digest,
        truncated=truncated,
        target=urls.parse(target_url, site).key if target_url else None,
        target_url=target_url,
        etag=head.header("ETag"),
        modified=head.header("Last-Modified"),
        original=original,
    )


def _joined(base: str, location: str) -> str | None:
    """A Location made absolute; None for what is no address."""
    try:
        url = urljoin(base, location.strip())
    except ValueError:
        return None
    return url if url.startswith(("http://", "https://")) else None
