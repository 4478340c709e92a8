"""What a crawl would cost: requests, time, disk. Told from a handful of pages; where there was a walk, from that walk."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from osiris_crawler.amounts import size, span
from osiris_crawler.crawl.forecast import Forecast, forecast
from osiris_crawler.crawl.glance import glance
from osiris_crawler.crawl.terminal import show_table
from osiris_crawler.errors import Exit, OsirisError, SiteUnreachable
from osiris_crawler.i18n import _, ngettext
from osiris_crawler.ledger.db import LedgerDamaged
from osiris_crawler.ledger.ledger import Ledger
from osiris_crawler.paths import Collection
from osiris_crawler.settings import Settings
from osiris_crawler.site.profile import Site

REQUESTS = 8  # robots.txt, home page, plan, sitemap, feed and a few more
_OTHERS = 5  # robots.txt, home page, plan, sitemap, feed: of a whole walk
_PER_PAGE = 10  # articles on a listing's page (SITE, section 2)
# Bytes in the WARC, gzipped: response, request and what is noted. A page's were measured on a SPIP 4.3 site of 717
# articles (6.3 KB and 1.9 KB); in their files sites differ most.
_DISK_PER_PAGE = 8_200
_DISK_PER_FILE = 80_000
_FILES_PER_ARTICLE = 0.2


def _disk_basis() -> str:
    return _("%(page)s a page, as measured on another SPIP site; %(file)s a file, which is a guess") % {
        "page": size(_DISK_PER_PAGE), "file": size(_DISK_PER_FILE),
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Estimate:
    """A forecast, and what it stands on.

    `articles`, `listings` and `files` are told from the pages that were visited. `requests`, `seconds` and `bytes` are too, unless
    there is `again`: then they are that walk's.
    """

    articles: int
    listings: int
    files: int
    requests: int
    seconds: float
    bytes: int
    basis: str
    visited: int
    again: Forecast | None = None  # of another walk like the last, where the collection has a whole one

    def as_json(self) -> dict[str, Any]:
        disk_basis = self.again.basis() if self.again else _disk_basis()
        return {**asdict(self), "disk_basis": disk_basis, "again": self.again.as_json() if self.again else None}

    def show(self, out: Console) -> None:
        table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
        if self.again is None:
            table.add_row(_("Articles"), str(self.articles), self.basis)
            table.add_row(_("Listing pages"), str(self.listings))
            table.add_row(_("Files, style sheets, pictures"), str(self.files))
            table.add_row(_("Home page, plan, feed and others"), str(_OTHERS))
        else:
            out.print(_("As many as the last whole crawl of this collection asked for:"))
            table.add_row(_("Pages"), str(self.again.pages), _("articles, listing pages and what else is read"))
            table.add_row(_("Files, style sheets, pictures"), str(self.again.files))
        table.add_row(_("Requests"), str(self.requests), _("all of these"))
        table.add_row(_("Time"), span(self.seconds))
        table.add_row(_("Disk"), size(self.bytes), self.again.basis() if self.again else _disk_basis())
        if self.again is not None:
            table.add_row("", size(self.again.page_bytes), _("pages"))
            table.add_row("", size(self.again.file_bytes), _("files, as revisits"))
            table.add_row("", size(self.again.other_bytes), _("requests and what is noted beside the answers"))
        show_table(out, table)
        if self.again is not None:
            said = _("Articles that the site names today: %(count)d (%(basis)s).")
            out.print(said % {"count": self.articles, "basis": self.basis}, markup=False)
        said = ngettext(
            "%(count)d page was visited for this; nothing was kept.",
            "%(count)d pages were visited for this; nothing was kept.",
            self.visited,
        )
        out.print(said % {"count": self.visited})


def estimate(settings: Settings, site: Site, collection: Collection) -> Estimate:
    """Visit a few pages and forecast a whole walk; SiteUnreachable when the site gives no page."""
    with glance(settings, site, requests=REQUESTS, sample=10**6) as run:
        if run.tally.pages == 0 or run.exit in (Exit.UNREACHABLE, Exit.USAGE):
            raise _failure(run.exit, " ".join(run.reasons))
        ledger = Ledger(run.collection.state, readonly=True)
        try:
            known = dict(ledger.db.query("SELECT kind, count(*) FROM addresses GROUP BY kind").fetchall())
            cloud = int(ledger.db.value("SELECT coalesce(sum(total), 0) FROM cloud"))
        finally:
            ledger.close()
        politeness, visited = run.politeness, run.tally.pages
        delay = politeness.host(settings.url or site.start_url).floor
    named = known.get("article", 0) + known.get("breve", 0)
    articles, basis = named, _("addresses named by sitemap, plan and home page")
    if cloud > named:
        articles, basis = cloud, _("sum of the keyword cloud; articles without keyword come on top")
    listings = known.get("section", 0) + known.get("keyword", 0) + 2 * math.ceil(articles / _PER_PAGE)
    files = round(articles * _FILES_PER_ARTICLE) + known.get("requisite", 0) if settings.files else 0
    requests = articles + listings + files + _OTHERS
    disk = (articles + listings) * _DISK_PER_PAGE + files * _DISK_PER_FILE
    again = _again(settings, site, collection)
    if again is not None:
        requests, disk = again.requests, again.bytes
    pace = max(delay, 0.05 / settings.concurrency)
    return Estimate(
        articles, listings, files, requests, round(requests * pace, 1), disk, basis, visited, again
    )  # fmt: skip


def _again(settings: Settings, site: Site, collection: Collection) -> Forecast | None:
    """What the collection's last walk says of another one; None when there is no whole one, or a part is asked for."""
    part = settings.section or settings.since or settings.until or settings.limit or settings.max_requests
    if part or not collection.state.exists():
        return None
    try:
        ledger = Ledger(collection.state, readonly=True)
    except LedgerDamaged:
        return None  # the crawl will say so, and make it anew
    try:
        found = forecast(ledger) if ledger.get("site") == site.start_url else None
    finally:
        ledger.close()
    if found is None or not found.finished:
        return None
    return found if settings.files else found.without_files()


def _failure(code: Exit, reason: str) -> OsirisError:
    failure = SiteUnreachable(reason or _("The site gave no page."))
    failure.exit = code if code is not Exit.DONE else Exit.UNREACHABLE
    return failure
