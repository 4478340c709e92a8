"""A page on its way from the capture to the ledger: what it says and where it leads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from osiris_crawler.extract.facts import Reading
from osiris_crawler.ledger.frontier import Target


@dataclass(slots=True)
class Capture:
    """A response in the archive and where it lies."""

    run: str
    date: str  # WARC-Date
    file: str  # name of the WARC file, without .open
    offset: int
    length: int
    record_id: str
    key: str
    url: str
    status: int
    mime: str | None
    size: int
    digest: str | None
    truncated: str | None = None
    target: str | None = None  # key of a redirect's target
    target_url: str | None = None
    etag: str | None = None
    modified: str | None = None
    original: int | None = None  # row of the response that a revisit record refers to


@dataclass(frozen=True, slots=True)
class Node:
    """Where a section hangs, by keys; `weight` 2: a breadcrumb says so; 1: the plan; 0: a listing; -1: its own page."""

    section: str
    url: str
    title: str
    parent: str | None
    weight: int


@dataclass(slots=True, repr=False)
class Page:
    """What was read from one capture, with what follows from it."""

    capture: int  # row of the capture in the ledger
    record_id: str
    run: str
    crawl: int
    date: str
    key: str
    url: str
    subject: str  # key of the canonical address
    reading: Reading
    section: str | None = None  # key of the section that the breadcrumb ends in
    entries: list[tuple[str, str]] = field(default_factory=list)  # (key of an article, place) that a listing lists
    nodes: list[Node] = field(default_factory=list)
    content: str | None = None  # content_digest of an article
    body: str | None = None  # digest of its body's letters and digits
    targets: list[Target] = field(default_factory=list)
    beyond: list[str] = field(default_factory=list)  # keys of entries that it dates outside of the days asked for
    refused: Mapping[str, tuple[int, str]] = field(default_factory=dict)  # reason → (links, a sample)
    path: str = ""  # how the page was found, a letter a step
    again: str | None = None  # another spelling of the same key, which a redirect points to
    found: dict[str, Any] = field(default_factory=dict)  # how the address was found and how long the answer took
    alias_of: str | None = None  # another address that gave the same article in this walk
    equal_to: str | None = None  # subject of an earlier article with the same text

    def __repr__(self) -> str:
        return f"<Page {self.reading.kind} {self.url}>"  # logs name a page, they don't print it
