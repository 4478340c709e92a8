"""What a page asserts. Reading returns these; nothing here knows of network, files or time.

A page asserts facts, it doesn't own records: an article page asserts title, date and body; a listing asserts that an
article belongs to a section or a keyword; a breadcrumb asserts where a section hangs. The dataset is their join.
All texts are NFC, as the site wrote them (nbsp and quotes kept); all URLs are absolute, without fragment.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Source:
    """One attribution of an article to the outlet that printed it first."""

    text: str  # the line as written, "(Source : Le Soleil, 6 mai 2003)"
    name: str | None  # the name in it; None where only an address stands there
    outlet: str | None  # the normalised outlet
    url: str | None  # the link on it, or the address that stands for the name
    date: str | None  # YYYY, YYYY-MM or YYYY-MM-DD


@dataclass(slots=True)
class Media:
    """An image or document of an article; the original, where a thumbnail links to it."""

    url: str
    title: str | None
    type: str | None  # MIME type, when the page or the ending tells


@dataclass(slots=True)
class Crumb:
    """One step of a breadcrumb; `url` is None where the page does not link it."""

    title: str
    url: str | None


@dataclass(slots=True)
class ArticleFacts:
    """What an article's own page says of it."""

    title: str = ""
    overline: str | None = None
    subtitle: str | None = None
    date: str | None = None  # YYYY-MM-DD
    date_text: str | None = None
    tags: list[str] = field(default_factory=list)
    authors: list[str] = field(default_factory=list)
    lead: str | None = None
    body: str = ""
    ps: str | None = None
    notes: list[str] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    link: str | None = None
    images: list[Media] = field(default_factory=list)
    documents: list[Media] = field(default_factory=list)
    number: int | None = None  # SPIP's id_article, only where the page states it with certainty
    issues: list[str] = field(default_factory=list)  # what could not be read, named: "date:missing", "body:empty", ...
    # Field → {"rule": which rule read it, "sure": "high" | "fair" | "low"}; it never reaches the dataset's lines.
    provenance: dict[str, dict[str, str]] = field(default_factory=dict)


@dataclass(slots=True)
class Entry:
    """One line of a listing that leads to an article."""

    url: str
    title: str
    date: str | None = None  # YYYY-MM-DD, as the listing shows it
    said: str = ""  # digest of all that a feed says of it, so that an edit is told without asking for the page
    place: str = ""  # where on the page it stands: “Dernières nouvelles” have one place on all pages, the listing another
    titled: bool = False  # the date stands within the title alone: it may be that of what the article is about


@dataclass(slots=True)
class ListingFacts:
    """What a section, keyword, home, plan, feed or sitemap page says of articles and sections."""

    kind: str  # "section", "keyword", "home", "plan", "author", "feed", "sitemap", "other"
    title: str
    entries: list[Entry] = field(default_factory=list)  # articles of the page's own listing, not of menus
    sections: list[Crumb] = field(default_factory=list)  # sub-sections that hang directly under this page
    loop: str | None = None  # the debut_* parameter that pages this listing ("articles")
    offset: int = 0  # of this page in that loop
    pages: list[str] = field(default_factory=list)  # URLs of the listing's other pages
    last_offset: int | None = None  # the largest offset that the pagination shows


@dataclass(slots=True)
class SectionNode:
    """Where a section hangs: its title and its parent's URL (None at the root)."""

    url: str
    title: str
    parent: str | None
    weight: int = 2  # 2: a breadcrumb says so; 1: the plan, whose uppermost sections may be left out


@dataclass(slots=True)
class Reading:
    """All that one response says."""

    kind: str  # "article", "listing", "feed", "sitemap", "soft404", "file", "error", "other"
    reader: str  # version of the reader that said it
    title_tag: str = ""  # the text of <title>
    canonical: str | None = None  # link rel=canonical
    language: str | None = None  # BCP 47
    layout: str | None = None  # name of the recognised layout, if any
    breadcrumb: list[Crumb] = field(default_factory=list)  # without Accueil, without the page itself
    nodes: list[SectionNode] = field(default_factory=list)  # every section position that the page asserts
    cloud: dict[str, int] = field(default_factory=dict)  # keyword → articles with it, from "504/2251 Médias"
    article: ArticleFacts | None = None
    listing: ListingFacts | None = None
    links: list[str] = field(default_factory=list)  # every a[href], area[href], frame, link rel=next/alternate...
    requisites: list[str] = field(default_factory=list)  # style sheets, scripts, pictures, icons
