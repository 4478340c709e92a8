"""The home page as the site's sign: what shows it in an article's place is none, and what leads nowhere is not the site's."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from osiris_crawler.ledger.page import Page

if TYPE_CHECKING:
    from osiris_crawler.ledger.ledger import Ledger

_SAME_LINKS = 0.9  # of the home page's links: a page of the same title that has them all is the home page
_FEW = 3  # links of a home page that say nothing yet
_SIGNS = 2  # answered addresses of the site that a page of it leads to: its menu, its trail
_NO_PAGES = ("file", "requisite")


def mind_home(ledger: Ledger, page: Page) -> None:
    """An article's address that shows the home page is a soft 404, even where no canonical says so (SITE, section 2).

    The same title tag would not do: there are sites that have one for all their pages. Nearly all of
    the home page's links must be there.
    """
    reading = page.reading
    if reading.listing is not None and reading.listing.kind == "home":
        links = sorted(target.key for target in page.targets)
        before = home_links(ledger)
        # What has nothing of the home page before, and leads nowhere that we have been, does not take its place.
        if len(before) < _FEW or set(before) & set(links) or leads_back(ledger, links):
            ledger.put("home", json.dumps([reading.title_tag, *links]))
        return
    if not reading.title_tag or (reading.article is None and reading.listing is None):
        return
    title, *links = json.loads(ledger.get("home") or '[""]')
    if title != reading.title_tag or page.subject != page.key:
        return
    shared = {target.key for target in page.targets} & (set(links) - {page.key})
    if shared and len(shared) >= _SAME_LINKS * len(set(links) - {page.key}):
        reading.kind, reading.article, reading.listing = "soft404", None, None
        page.content = page.body = page.section = None
        page.nodes, page.entries = [], []


def home_links(ledger: Ledger) -> list[str]:
    """Keys that the newest home page leads to."""
    found: list[str] = json.loads(ledger.get("home") or '[""]')[1:]
    return found


def can_tell(ledger: Ledger) -> bool:
    """Whether enough of the site is known for its home page to bear signs, if nothing stands before it."""
    return leads_back(ledger, home_links(ledger), least=_FEW)


def bears_signs(ledger: Ledger, page: Page, status: int, except_for: Collection[str] = ()) -> bool:
    """Whether a page is the site's by what it leads to: addresses that have answered, `except_for` those in doubt."""
    if page.reading.kind in ("feed", "sitemap", "soft404") or (page.reading.kind == "file" and status == 200):
        return True
    keys = [target.key for target in page.targets if target.kind not in _NO_PAGES and target.key not in except_for]
    return leads_back(ledger, keys, least=1 if page.reading.kind == "redirect" else _SIGNS)


def leads_back(ledger: Ledger, keys: Iterable[str], *, least: int = _SIGNS) -> bool:
    """Whether so many of these addresses have answered before."""
    rows = ledger.db.query(
        "SELECT 1 FROM addresses WHERE key IN (SELECT value FROM json_each(?)) AND capture IS NOT NULL LIMIT ?",
        (json.dumps(list(keys)), least),
    )
    return len(rows.fetchall()) >= least
