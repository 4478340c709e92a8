"""Which fields an event of change names: those by which the versions differ, and no others."""

from __future__ import annotations

from typing import Any

import pytest

from osiris_crawler.dataset.fold import Event
from osiris_crawler.dataset.join import Join
from osiris_crawler.record import content_digest

SITE = "http://www.site.example/"
BEFORE: dict[str, Any] = {
    "title": "Titre", "date": "2024-05-06", "lead": None, "body": "Corps.", "ps": None, "notes": [], "authors": ["Awa"],
    "sources": [{"text": "Source : Le Soleil"}],
    "images": [{"url": f"{SITE}IMG/jpg/a.jpg?1700000000"}, {"url": f"{SITE}local/cache-vignettes/L1xH1/a-1.jpg"}],
    "documents": [{"url": f"{SITE}IMG/pdf/b.pdf"}],
}  # fmt: skip
PURGED = [{"url": f"{SITE}IMG/jpg/a.jpg?1800000000"}, {"url": f"{SITE}local/cache-vignettes/L9xH9/a-9.jpg?1800000000"}]


@pytest.mark.parametrize(
    ("after", "named"),
    [
        ({"body": "Corps. Correctif.", "images": PURGED, "documents": [{"url": f"{SITE}IMG/pdf/b.pdf?1800000000"}]}, ["body"]),
        ({"images": [*PURGED, {"url": f"{SITE}IMG/jpg/c.jpg"}]}, ["images"]),
        ({"documents": [], "sources": [{"text": "Source : APS"}], "title": "Autre"}, ["title", "sources", "documents"]),
        ({"lead": "", "authors": []}, ["authors"]),
    ],
)  # fmt: skip
def test_what_the_digest_leaves_out_is_no_change(
    after: dict[str, Any], named: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = {1: BEFORE, 2: BEFORE | after}
    assert content_digest(facts[1]) != content_digest(facts[2])
    monkeypatch.setattr(Join, "_facts", lambda self, capture: facts[capture])
    event = Event("2024-05-07T02:00:00Z", "run", "changed", "group", f"{SITE}1.html", before=1, after=2)
    assert Join.__new__(Join)._changed_fields(event) == named
