from __future__ import annotations

import pytest

from osiris_crawler.crawl.politeness import LONGEST_PAUSE, Politeness, is_loopback, retry_after
from osiris_crawler.site.robots import Robots

URL = "https://s.example/a"
ROBOTS = Robots.from_response(200, b"User-agent: *\nCrawl-delay: 3\nDisallow: /no/\n")


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("99999999999", LONGEST_PAUSE),
        ("Thu, 01 Jan 1970 00:01:40 GMT", 90.0),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, now=10.0) == seconds


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("http://127.0.0.1:80/", True),
        ("http://localhost/", True),
        ("http://[::1]:8/", True),
        ("http://a@127.0.0.1/", True),
        ("http://128.0.0.1/", False),
    ],
)
def test_loopback(url: str, own: bool) -> None:
    assert is_loopback(url) is own


@pytest.mark.parametrize(("asked", "floor"), [(1.0, 3.0), (5.0, 5.0)])
def test_the_larger_delay_counts(asked: float, floor: float) -> None:
    politeness = Politeness(agent="x", delay=asked, overriding=False)
    politeness.learn("https://s.example", ROBOTS)
    assert politeness.host(URL).floor == floor


def test_zero_overrides_on_loopback_only() -> None:
    politeness = Politeness(agent="x", delay=0, overriding=True)
    politeness.learn("https://s.example", ROBOTS)
    politeness.learn("http://127.0.0.1:8", ROBOTS)
    assert politeness.host(URL).floor == 3.0
    assert politeness.host("http://127.0.0.1:8/").floor == 0.0


def test_robots_are_obeyed_and_unknown_hosts_wait() -> None:
    politeness = Politeness(agent="x", delay=0, overriding=False)
    assert not politeness.known(URL)
    politeness.learn("https://s.example", ROBOTS)
    assert (politeness.known(URL), politeness.allowed(URL), politeness.allowed("https://s.example/no/b")) == (
        True,
        True,
        False,
    )


def test_overload_slows_down_and_answers_speed_up_again() -> None:
    politeness = Politeness(agent="x", delay=1.0, overriding=False)
    politeness.learn("https://s.example", Robots.from_response(404, b""))
    assert politeness.overloaded(URL, 30.0) == 30.0
    assert politeness.wait(URL) > 29
    slow = politeness.host(URL).delay
    assert slow == 2.0
    for _turn in range(50):
        politeness.answered(URL, 0.1)
    assert 1.0 <= politeness.host(URL).delay < 1.1
    politeness.answered(URL, 600.0)
    assert politeness.host(URL).delay <= 60.0


def test_backoff_without_retry_after_doubles() -> None:
    politeness = Politeness(agent="x", delay=1.0, overriding=False)
    politeness.learn("https://s.example", Robots.from_response(404, b""))
    assert [politeness.overloaded(URL, None) for _turn in range(3)] == [5.0, 10.0, 20.0]
