"""Fetching robots.txt before anything else of a host: its redirects are followed, an unusable answer means wait."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from scrapy import Request
from scrapy.http import Response

from osiris_crawler.crawl.politeness import Politeness, is_loopback
from osiris_crawler.errors import OsirisError, SiteUnreachable
from osiris_crawler.i18n import _
from osiris_crawler.ledger.intake import REDIRECTS
from osiris_crawler.site.robots import Robots

Fetch = Callable[[Request], Coroutine[Any, Any, Response]]

TRIES = 4
HOPS = 5  # redirects of a robots.txt (RFC 9309, 2.3.1.2)


async def learn_robots(name: str, politeness: Politeness, fetch: Fetch) -> None:
    """Have politeness know the rules of an origin; SiteUnreachable when there are none to be had, or none that let us in."""
    url = f"{name}/robots.txt"
    why = ""
    for attempt in range(TRIES):
        if attempt:
            await asyncio.sleep((0.1 if is_loopback(url) else 10.0) * 3 ** (attempt - 1))
        try:
            status, body = await _ask(url, politeness.agent, fetch)
        except OsirisError:
            raise
        except Exception as problem:  # every failure of the network ends here
            why = str(problem) or type(problem).__name__
            continue
        robots = Robots.from_response(status, body)
        if robots.must_wait:
            why = f"HTTP {status}"
            continue
        politeness.learn(name, robots)
        if robots.forbids_all(politeness.agent):
            raise SiteUnreachable(
                _("%(url)s forbids everything to us.") % {"url": url},
                _("Ask those who run the site for leave; nothing was fetched."),
            )
        return
    raise SiteUnreachable(
        _("%(url)s gives no usable answer (%(why)s).") % {"url": url, "why": why},
        _("Without it nothing may be asked of the site; try again later."),
    )


async def _ask(url: str, agent: str, fetch: Fetch) -> tuple[int, bytes]:
    """One robots.txt with its redirects: status and body."""
    for _hop in range(HOPS + 1):
        response = await fetch(Request(url, headers={"User-Agent": agent}, dont_filter=True))
        location = response.headers.get("Location")
        if response.status not in REDIRECTS or location is None:
            return response.status, response.body
        url = response.urljoin(location.decode("latin-1"))
    return 404, b""
