"""What an audit finds: things that the site says it has, what is held of them, and where its own words disagree."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

# States of what is not held, in the order in which they are told. Those of the first line can still change by asking.
OPEN = ("not-fetched", "failing", "lost", "not-in-dataset")
ANSWERED = (
    "404",
    "410",
    "soft-404",
    "refused-by-site",
    "redirected",
    "not-an-article",
    "refused-by-robots",
    "refused-by-rule",
)
# What is accounted for though no article stands at its address.
# (redirected: to an article that is held, or by a redirect that leads off the site, which is all that the address has.)
ACCOUNTED = ("redirected", "alias", "withdrawn", "restricted")
# What stands in for an article: the pages that would name more of them, and what an article links.
KINDS = ("article", "page", "file", "warc")


@dataclass(frozen=True, slots=True)
class Said:
    """A statement of the site's and the capture that it is read from; the latter is None where it can't be found."""

    kind: str  # listing, sitemap, feed, cloud, link
    url: str
    date: str | None = None
    warc: str | None = None
    offset: int | None = None
    record_id: str | None = None


@dataclass(slots=True)
class Missing:
    """Something that is named and not held, with its state."""

    kind: str  # one of KINDS
    state: str
    url: str
    key: str = ""
    title: str | None = None
    date: str | None = None  # YYYY-MM-DD, as the listing shows it
    said: list[Said] = field(default_factory=list)
    since: str | None = None  # since when it fails, or when the answer came
    to: str | None = None  # where a redirect leads
    detail: str | None = None  # the problem of a failure, the rule of a refusal

    def as_json(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if name != "key"}


@dataclass(frozen=True, slots=True)
class Accounted:
    """Something that is named, is no article of its own, and is accounted for: `id` is the article that it is, or was."""

    state: str  # one of ACCOUNTED
    url: str
    id: str | None
    to: str | None = None
    since: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """Expected and held of one section, keyword, year or month. `expected` is what the site says, `at_most` where it says
    no more than a span. `surplus`: held, and not in what it says."""

    name: str
    expected: int
    held: int
    missing: int
    surplus: int
    at_most: int | None = None
    whole: bool = True  # whether every page of the listing is held
    said: Said | None = None


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two statements of the site's that can't both be true. None of it is a gap of the archive."""

    about: str  # the keyword or listing
    state: str  # counted-not-listed, listed-not-counted, listed-twice
    first: int
    second: int
    said: list[Said]


@dataclass(frozen=True, slots=True)
class Odd:
    """A month whose count falls outside what its neighbours make likely: worth a look, no error."""

    month: str
    held: int
    least: int
    most: int


@dataclass(slots=True)
class Archive:
    """Whether what the ledger knows is there."""

    files: int = 0
    captures: int = 0
    files_missing: list[str] = field(default_factory=list)
    serials_missing: list[int] = field(default_factory=list)
    records_lost: int = 0
    dataset_differs: bool = False


@dataclass(slots=True)
class Audit:
    """The outcome. `published`: articles that the site names now, held or not."""

    collection: str
    site: str
    at: str
    published: int = 0
    held: int = 0
    withdrawn: int = 0
    restricted: int = 0
    missing: list[Missing] = field(default_factory=list)
    accounted: list[Accounted] = field(default_factory=list)
    dead_links: list[Missing] = field(
        default_factory=list
    )  # named by links alone, and the site answers that they are nothing
    contradictions: list[Contradiction] = field(default_factory=list)
    sections: list[Row] = field(default_factory=list)
    keywords: list[Row] = field(default_factory=list)
    years: list[Row] = field(default_factory=list)
    months: list[Row] = field(default_factory=list)
    signals: list[Row] = field(default_factory=list)  # sitemap and feed
    numbers: dict[str, int] | None = None
    odd: list[Odd] = field(default_factory=list)
    archive: Archive = field(default_factory=Archive)
    requisites: dict[str, int] = field(default_factory=dict)
    oldest: str | None = None  # the oldest and newest capture of a listing's page that it goes by
    newest: str | None = None
    asked: dict[str, Any] | None = None  # the run that asked the site before, None: offline

    @property
    def complete(self) -> bool:
        return not self.missing

    def states(self) -> dict[str, int]:
        """State → how many are missing in it, in the order of the states."""
        order = dict.fromkeys((*OPEN, *ANSWERED), 0)
        for thing in self.missing:
            order[thing.state] += 1
        return {state: number for state, number in order.items() if number}

    @property
    def nameable(self) -> list[Accounted]:
        """What is accounted for and may be named: of what is restricted the number alone is told."""
        return [thing for thing in self.accounted if thing.state != "restricted"]

    def as_json(self) -> dict[str, Any]:
        return {
            "collection": self.collection,
            "site": self.site,
            "at": self.at,
            "complete": self.complete,
            "published": self.published,
            "held": self.held,
            "withdrawn": self.withdrawn,
            "restricted": self.restricted,
            "states": self.states(),
            "missing": [thing.as_json() for thing in self.missing],
            "accounted": [asdict(thing) for thing in self.nameable],
            "dead_links": [thing.as_json() for thing in self.dead_links],
            "contradictions": [asdict(one) for one in self.contradictions],
            **{name: [asdict(row) for row in getattr(self, name)] for name in ("sections", "keywords", "years", "months", "signals")},
            "numbers": self.numbers,
            "odd_months": [asdict(one) for one in self.odd],
            "archive": asdict(self.archive),
            "requisites": self.requisites,
            "oldest": self.oldest,
            "newest": self.newest,
            "asked": self.asked,
        }  # fmt: skip
