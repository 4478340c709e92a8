"""What is typed, as it is understood."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osiris_crawler.reading_room.asking import Question
from osiris_crawler.reading_room.marking import Marker, Piece
from osiris_crawler.reading_room.query import LONGEST, parse


def shape(text: str) -> tuple[list[list[str]], list[str]]:
    query = parse(text)
    return [[term.match for term in group] for group in query.groups], [term.match for term in query.without]


@pytest.mark.parametrize(
    ("text", "groups", "without"),
    [
        ("élections locales", [['"elect"'], ['"local"']], []),
        ("les élections de l’année", [['"elect"'], ['"ann"']], []),
        ("de la", [['"de"'], ['"la"']], []),
        ("« haut débit » -loi", [['"haut deb"']], ['"loi"']),
        ('"le haut débit', [['"le haut deb"']], []),
        ("fibre OU cuivre débit", [['"fibr"', '"cuivr"'], ['"deb"']], []),
        ("OU fibre OU", [['"fibr"']], []),
        ("télécom*", [['"telecom"*']], []),
        ("e-commerce", [['"e commerc"']], []),
        ("title:x NEAR(a*b) {c}^2", [['"titl x"'], ['"near a b"'], ['"c 2"']], []),
        ("- * \"\" «»", [], []),
    ],
)
def test_a_question_is_read(text: str, groups: list[list[str]], without: list[str]) -> None:
    assert shape(text) == (groups, without)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=400))
def test_nothing_that_is_typed_is_an_error(text: str) -> None:
    query = parse(text)
    for term in [*query.terms, *query.without]:
        inside = term.match.removesuffix("*")
        assert inside[0] == inside[-1] == '"' and '"' not in inside[1:-1]
        assert term.stems or term.beginning
    Marker(query).snippet(text)
    assert len(Question.of({"q": [text], "page": [text], "year": [text]}).words) <= LONGEST


def told(pieces: list[Piece]) -> str:
    return "".join(f"[{text}]" if marked else text for marked, text in pieces)


@pytest.mark.parametrize(
    ("question", "text", "marked"),
    [
        ("election", "Les élections, l’élection", "Les [élections], l’[élection]"),
        ('"haut débit"', "un débit haut, le haut débit", "un débit haut, le [haut débit]"),
        ("télécom*", "TELECOMS et télécommunications", "[TELECOMS] et [télécommunications]"),
        ("opérateur", "", ""),
        ("", "rien", "rien"),
    ],
)
def test_words_are_marked_where_they_stand(question: str, text: str, marked: str) -> None:
    assert told(Marker(parse(question)).marked(text)) == marked


def test_a_snippet_has_the_words_of_the_question() -> None:
    text = "Rien. " * 200 + "Ici la fibre\net le\tcâble arrivent. " + "Rien. " * 200
    found = told(Marker(parse("câbles fibre")).snippet("Un chapô.", text))
    assert "[fibre] et le [câble] arrivent." in found
    assert found.startswith("… ") and found.endswith(" …")
    assert len(found) < 320


def test_the_address_of_a_question_gives_the_question() -> None:
    asked = Question("été & « fibre »", (("year", "2012"), ("tag", "A&B"), ("tag", "C")), "oldest", 3)
    address = urlsplit(asked.address(page=3))
    assert (address.path, Question.of(parse_qs(address.query))) == ("/search", asked)
    assert asked.with_choice("year", "2013").chosen("year") == ["2013"]
    assert asked.with_choice("tag", "D").chosen("tag") == ["A&B", "C", "D"]
    assert asked.without_choice("tag", "C").chosen("tag") == ["A&B"]
    assert asked.with_choice("tag", "D").page == 1
