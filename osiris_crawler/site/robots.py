"""robots.txt by RFC 9309, with Crawl-delay, over protego."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from protego import Protego

AGENT = "osiris-crawler"  # our product token, which rules are looked up for
LARGEST = 500 * 1024  # bytes that are read of a robots.txt (RFC 9309, 2.5: at least 500 KiB)
LONGEST_DELAY = 120.0  # seconds; a larger Crawl-delay is taken for a slip


@dataclass(frozen=True)
class Robots:
    """What a host's robots.txt says. `must_wait`: it could not be had for a fault of the server."""

    rules: Protego | None
    must_wait: bool = False

    @classmethod
    def from_response(cls, status: int, body: bytes) -> Robots:
        """From an answer: 2xx is read, 4xx means all is allowed, anything else means wait (RFC 9309, 2.3.1)."""
        if 200 <= status < 300:
            return cls(Protego.parse(body[:LARGEST].decode("utf-8", "replace")))
        return cls(None, must_wait=not 400 <= status < 500 or status == 429)

    def allowed(self, url: str, agent: str) -> bool:
        """Whether an address may be asked for."""
        if self.must_wait:
            return False
        return self.rules is None or bool(self.rules.can_fetch(url, agent))

    def crawl_delay(self, agent: str) -> float | None:
        """Seconds between two requests, or None."""
        if self.rules is None:
            return None
        delay = self.rules.crawl_delay(agent)
        return None if delay is None else min(max(float(delay), 0.0), LONGEST_DELAY)

    def forbids_all(self, agent: str, home: str = "http://site/") -> bool:
        """Whether the home page and any page below it are forbidden."""
        if self.rules is None:
            return False
        root = "{0.scheme}://{0.netloc}/".format(urlsplit(home))
        return not any(
            self.rules.can_fetch(root + path, agent) for path in ("", "a.html", "-a-.html", "spip.php?page=plan")
        )

    def sitemaps(self) -> list[str]:
        """Addresses of sitemaps that it names."""
        return [] if self.rules is None else list(self.rules.sitemaps)[:100]
