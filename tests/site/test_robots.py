from __future__ import annotations

import pytest

from osiris_crawler.site.recognise import is_spip
from osiris_crawler.site.robots import LONGEST_DELAY, Robots

TEXT = b"""User-agent: *
Noindex: /local/
Disallow: /ecrire/
Disallow: /spip.php?page=login*
Crawl-delay: 1

User-agent: osiris-crawler
Crawl-delay: 7
Disallow: /prive/
"""


@pytest.mark.parametrize(
    ("agent", "path", "allowed"),
    [("other", "/", True), ("other", "/ecrire/", False), ("other", "/spip.php?page=login&url=x", False), ("other", "/spip.php?article3", True),
     ("osiris-crawler/0.1", "/prive/a.js", False), ("osiris-crawler/0.1", "/ecrire/", True)],
)  # fmt: skip
def test_rules(agent: str, path: str, allowed: bool) -> None:
    assert Robots.from_response(200, TEXT).allowed(f"http://s{path}", agent) is allowed


def test_crawl_delay() -> None:
    robots = Robots.from_response(200, TEXT)
    assert (robots.crawl_delay("other"), robots.crawl_delay("osiris-crawler/0.1")) == (1.0, 7.0)
    assert Robots.from_response(200, b"User-agent: *\nCrawl-delay: 86400\n").crawl_delay("x") == LONGEST_DELAY


@pytest.mark.parametrize(
    ("status", "waits", "allows"),
    [(404, False, True), (403, False, True), (500, True, False), (503, True, False), (429, True, False)],
)
def test_answers_that_are_no_rules(status: int, waits: bool, allows: bool) -> None:
    robots = Robots.from_response(status, b"User-agent: *\nDisallow: /")
    assert (robots.must_wait, robots.allowed("http://s/a", "x")) == (waits, allows)


def test_all_forbidden() -> None:
    assert Robots.from_response(200, b"User-agent: *\nDisallow: /\n").forbids_all("x")
    assert not Robots.from_response(200, TEXT).forbids_all("x")


@pytest.mark.parametrize(
    ("headers", "html", "sure"),
    [({"Composed-By": "SPIP 4.3.5 @ www.spip.net"}, "", True), ({}, '<meta name="generator" content="SPIP 3.2" />', True),
     ({}, '<a href="spip.php?article3">', True), ({}, '<img class="spip_logo"><img src="IMG/x.jpg">', True), ({}, '<img src="IMG/x.jpg">', False),
     ({"Server": "nginx"}, "<html><body>hello</body></html>", False)],
)  # fmt: skip
def test_recognition(headers: dict[str, str], html: str, sure: bool) -> None:
    assert is_spip(headers, html, "http://s/").sure is sure
