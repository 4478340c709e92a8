"""What is held: the lines of articles.jsonl, found by any of their addresses."""

from __future__ import annotations

from dataclasses import dataclass, field

from osiris_crawler.care.restrictions import hidden, read
from osiris_crawler.dataset.lookup import whole_articles
from osiris_crawler.paths import Collection
from osiris_crawler.site import urls
from osiris_crawler.site.profile import Site

_LONGEST = 200  # letters of a title


@dataclass(frozen=True, slots=True)
class Held:
    """Of an article what an audit goes by; a few hundred bytes."""

    id: str
    url: str
    key: str  # of its canonical address
    title: str
    date: str | None
    section: tuple[str, ...]
    tags: tuple[str, ...]
    first_seen: str
    withdrawn: str | None
    hidden: bool
    record_id: str


@dataclass(slots=True)
class Holdings:
    articles: list[Held] = field(default_factory=list)
    by_key: dict[str, Held] = field(default_factory=dict)


def holdings(collection: Collection, site: Site) -> Holdings:
    """One pass over the dataset; UsageError without one, IntegrityError for a line that is no article."""
    found = Holdings()
    restricted = hidden(read(collection.restrictions), "dataset")
    known: dict[tuple[str, ...], tuple[str, ...]] = {}
    for article in whole_articles(collection):
        section, tags = tuple(article["section"]), tuple(article["tags"])
        held = Held(
            id=article["id"],
            url=article["url"],
            key=urls.parse(article["url"], site).key,
            title=article["title"][:_LONGEST],
            date=article["date"],
            section=known.setdefault(section, section),
            tags=known.setdefault(tags, tags),
            first_seen=article["first_seen"] or "",
            withdrawn=article["withdrawn"],
            hidden=restricted.hides(article),
            record_id=(article["capture"] or {}).get("record_id") or "",
        )
        found.articles.append(held)
        found.by_key[held.key] = held
        for url in article["urls"]:
            found.by_key.setdefault(urls.parse(url, site).key, held)
    return found
