"""What a walk over some sections or days follows."""

from __future__ import annotations

import pytest

from osiris_crawler.ledger.intake import take_in
from osiris_crawler.ledger.page import Capture
from osiris_crawler.ledger.scope import Scope
from osiris_crawler.site import profile
from osiris_crawler.site.urls import parse

SITE = profile.for_url("http://s.example/")


@pytest.mark.parametrize(
    ("url", "sections", "followed"),
    [("Article.html", True, 0), ("Article.html", False, 1), ("-Autre-rubrique-.html", True, 1)],
)
def test_an_article_that_leads_to_a_section_is_no_way_into_it(url: str, sections: bool, followed: int) -> None:
    address, target = f"http://s.example/{url}", "http://s.example/-Rubrique-.html"
    capture = Capture(
        "r", "2024-01-01T00:00:00Z", "f", 0, 1, "id", parse(address, SITE).key, address, 302, None, 0, None,
        target=parse(target, SITE).key, target_url=target,
    )  # fmt: skip
    page = take_in(capture, 1, b"", crawl=1, site=SITE, scope=Scope(sections=sections))
    assert len(page.targets) == followed
