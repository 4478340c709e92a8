"""The language of a text that is too short to tell it: what the page declares, when that is a language's tag."""

from __future__ import annotations

import pytest

from osiris_crawler.extract.facts import ArticleFacts
from osiris_crawler.extract.language import language_of


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ("fr", "fr"), ("FR-sn", "fr"), ("fr_FR", "fr"), (" wo ", "wo"), ("ful", "ful"), ("", None), (None, None),
        ('x" [site](https://evil.example/) "y', None), ("français", None), ("f", None),
    ],
)  # fmt: skip
def test_what_a_page_declares(declared: str | None, expected: str | None) -> None:
    assert language_of(ArticleFacts(title="Un titre", body="Trop court."), declared) == expected


def test_a_text_tells_it_whatever_is_declared() -> None:
    text = "Le ministère des postes et des télécommunications a présenté dans la matinée les résultats de son enquête sur les usages."
    assert language_of(ArticleFacts(title="Un titre", body=text), "en") == "fr"
