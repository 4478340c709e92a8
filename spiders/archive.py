"""The spider `archive` walks the whole past of a SPIP site.

It begins at the home page, the plan du site, feed and sitemap; every page leads on by the site's rules (sections, years
and months, Batik, keywords, listing pages of any loop, articles, files). The frontier is the ledger's: a page's links
go there together with its reading, and Scrapy's scheduler takes the next address from it.
"""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator
from difflib import get_close_matches
from typing import Any

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider
from scrapy.http import Response
from twisted.python.failure import Failure

from osiris_crawler.crawl.run import LEASE, Run, run_of
from osiris_crawler.errors import Exit
from osiris_crawler.extract.landmarks import folded
from osiris_crawler.i18n import _
from osiris_crawler.ledger.frontier import Lease, Target
from osiris_crawler.ledger.page import Page
from osiris_crawler.ledger.scope import priority
from osiris_crawler.site import urls

log = logging.getLogger(__name__)

_MENU = "menu"  # the ledger's note of sections that the home page lists
REREADINGS = 2  # of a listing that shifted while it was read; what slips through twice is met in other listings


class ArchiveSpider(Spider):
    """Walks the whole archive. Arguments of ``scrapy crawl archive -a name=value`` are those of `osiris crawl`."""

    name = "archive"

    def __init__(self, url: str | None = None, **options: Any) -> None:
        super().__init__(name=self.name)
        self.options = {**options, "url": url}
        self._entered: set[str] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> ArchiveSpider:
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.idle, signal=signals.spider_idle)
        return spider

    @property
    def run(self) -> Run:
        return run_of(self.crawler)

    async def start(self) -> AsyncIterator[Request]:
        """Seeds; in a resumed walk they are known already and cost nothing."""
        if self.run.updater is not None:
            for target in self.run.updater.first():
                yield self._ask(target)
            return
        for url in self.run.seeds():
            yield self._seed(url)

    def _seed(self, url: str) -> Request:
        address = urls.parse(url, self.run.site)
        return self._ask(Target(address.key, address.url, address.kind, priority(address.kind, address.loops)))

    @staticmethod
    def _ask(target: Target) -> Request:
        return Request(target.url, meta={"osiris_target": target}, dont_filter=True)

    async def parse(self, response: Response) -> AsyncIterator[Page]:
        page = await self.run.read(response)
        if page is not None:
            self._mind_shift(page)
            self._mind_menu(page)
            if self.run.updater is not None:
                self.run.updater.mind(page)
            yield page

    def failed(self, failure: Failure) -> None:
        """The capture has noted the failure and when to try again."""
        request: Request = failure.request  # type: ignore[attr-defined]
        lease: Lease = request.meta[LEASE]
        log.info("no answer: %s: %s", lease.url, failure.getErrorMessage())
        self.run.unrecorded(lease, request, failure.getErrorMessage())

    def _mind_shift(self, page: Page) -> None:
        """An article was added while a listing was read: its first page holds what no later page will show."""
        listing = page.reading.listing
        if listing is None or not page.entries or listing.offset == 0 or listing.kind not in ("section", "keyword"):
            return
        if self.run.ledger.shifted(page, listing.offset):
            self.run.ledger.frontier.reread(page.subject, REREADINGS)

    def _mind_menu(self, page: Page) -> None:
        """Sections that the home page lists stand on every page, and say nothing of what hangs below a section."""
        listing = page.reading.listing
        if self.run.settings.section and listing is not None and listing.kind == "home":
            keys = [urls.parse(crumb.url, self.run.site).key for crumb in listing.sections if crumb.url]
            self.run.ledger.put(_MENU, json.dumps(keys))

    def idle(self) -> None:
        """With `--section`, names are looked up once the home page and the plan have been read, and again while the
        pages that came name further sections below them. Articles of unknown days come when no listing is left."""
        run = self.run
        if run.updater is not None and not run.stopping:
            targets = run.updater.following()
            if targets:
                assert self.crawler.engine is not None
                for target in targets:
                    self.crawler.engine.crawl(self._ask(target))
                raise DontCloseSpider
        if run.stopping:
            return
        new = self._sections()
        if new:
            assert self.crawler.engine is not None
            for section, url in new:
                self._entered.add(section)
                self.crawler.engine.crawl(self._seed(url))
            raise DontCloseSpider
        if not run.stopping and run.ledger.frontier.holding and run.ledger.frontier.release():
            run.wake(0.0)
            raise DontCloseSpider

    def _sections(self) -> list[tuple[str, str]]:
        """(section, its address) of those asked for and of those below them, as far as none has been entered yet. A name
        that the site has not ends the run."""
        run = self.run
        if not run.settings.section:
            return []
        tree, new = run.sections(), []
        menu = frozenset(json.loads(run.ledger.get(_MENU) or "[]"))
        for name in run.settings.section:
            chosen = [section for section, title, url in tree.known() if name == url or folded(name) == folded(title)]
            if not chosen:
                titles = {folded(title): title for _section, title, _url in tree.known()}
                near = [titles[one] for one in get_close_matches(folded(name), sorted(titles), n=3, cutoff=0.4)]
                run.stop(
                    Exit.USAGE,
                    _("The site has no section %(name)r.") % {"name": name}
                    + (" " + _("Near ones: %(near)s.") % {"near": ", ".join(near)} if near else ""),
                )
                return []
            new += [
                (section, url)
                for section, _title, url in tree.known()
                if section not in self._entered and any(tree.within(section, above, menu) for above in chosen)
            ]
        return new
