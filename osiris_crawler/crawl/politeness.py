"""How often a site is asked, and what it forbids.

The delay between two requests to a host is the larger of the operator's and robots.txt's `Crawl-delay`; it grows with
the site's answering time, doubles when the site answers 429 or 503 and comes down again slowly. `Retry-After` is obeyed
to the second. Nothing is asked of a host before its robots.txt has been read; a robots.txt that can't be read for a
fault of the server means wait, not go (RFC 9309, 2.3.1.4).
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from osiris_crawler import __version__
from osiris_crawler.site.robots import Robots

LONGEST_DELAY = 60.0  # seconds between two requests, however slow the site is
LONGEST_PAUSE = 3600.0  # seconds that one Retry-After may ask for
_LATENCY_SHARE = 0.5  # of the site's answering time is waited between two requests
_LOOPBACK = ("127.", "[::1]", "localhost")


def is_loopback(url: str) -> bool:
    """Whether an address is this machine's own."""
    host = urlsplit(url).netloc.rsplit("@", 1)[-1].casefold()
    return host.startswith(_LOOPBACK)


def retry_after(value: str | None, *, now: float | None = None) -> float | None:
    """Seconds that a Retry-After header asks for (a number or an HTTP date), capped; None when it says nothing usable."""
    if not value:
        return None
    text = value.strip()
    if text.isdecimal():
        return min(float(text[:9]), LONGEST_PAUSE)
    try:
        moment = parsedate_to_datetime(text).timestamp()
    except (TypeError, ValueError, OverflowError):
        return None
    return min(max(moment - (time.time() if now is None else now), 0.0), LONGEST_PAUSE)


def origin(url: str) -> str:
    """scheme://host:port of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


@dataclass(slots=True)
class Host:
    """The pace of one host."""

    floor: float  # never less than this between two requests, seconds
    delay: float  # now
    adaptive: bool
    next_start: float = 0.0  # monotonic time
    strikes: int = 0  # refusals for load in a row


class Politeness:
    """Pace and robots.txt of every host of a site. Times are monotonic seconds."""

    def __init__(self, *, agent: str, delay: float, overriding: bool) -> None:
        self.agent = agent
        self._delay = delay
        self._overriding = overriding  # --delay 0 on loopback: the operator's own machine
        self._hosts: dict[str, Host] = {}
        self._robots: dict[str, Robots] = {}

    def host(self, url: str) -> Host:
        name = origin(url)
        if name not in self._hosts:
            floor = self._delay
            robots = self._robots.get(name)
            free = self._overriding and is_loopback(url)
            if robots is not None and not free:
                floor = max(floor, robots.crawl_delay(self.agent) or 0.0)
            self._hosts[name] = Host(floor, floor, adaptive=not free)
        return self._hosts[name]

    def learn(self, name: str, robots: Robots) -> None:
        """Take in the robots.txt of an origin."""
        self._robots[name] = robots
        self._hosts.pop(name, None)

    def known(self, url: str) -> bool:
        return origin(url) in self._robots

    def allowed(self, url: str) -> bool:
        """Whether robots.txt lets us ask for an address; its origin must be known."""
        return self._robots[origin(url)].allowed(url, self.agent)

    def wait(self, url: str) -> float:
        """Seconds until the host may be asked again."""
        return max(0.0, self.host(url).next_start - time.monotonic())

    def started(self, url: str) -> None:
        """A request goes out now."""
        host = self.host(url)
        host.next_start = max(host.next_start, time.monotonic() + host.delay)

    def answered(self, url: str, seconds: float) -> None:
        """An answer came in good order after so many seconds."""
        host = self.host(url)
        host.strikes = 0
        if host.adaptive:
            wanted = min(max(host.floor, seconds * _LATENCY_SHARE), LONGEST_DELAY)
            host.delay = max(host.floor, host.delay + (wanted - host.delay) * 0.2)

    def overloaded(self, url: str, asked: float | None) -> float:
        """The site said it has too much to do: pause the host; gives the pause in seconds."""
        host = self.host(url)
        host.strikes += 1
        backoff = min(0.25 * 2**host.strikes if not host.adaptive else 5.0 * 2 ** (host.strikes - 1), 600.0)
        pause = asked if asked is not None else backoff
        host.next_start = max(host.next_start, time.monotonic() + pause)
        if host.adaptive:
            host.delay = min(max(host.delay * 2, 1.0), LONGEST_DELAY)
        return pause


def user_agent(contact: str | None) -> str:
    """One honest User-Agent. SPIP takes it for a robot, which it is (SITE: cached pages, 429 under load)."""
    about = f"; contact: {contact}" if contact else ""
    return f"osiris-crawler/{__version__} (archival crawler{about})"
