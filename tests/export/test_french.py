"""French words as they are searched: accents, elisions, inflected forms."""

from __future__ import annotations

import pytest

from osiris_crawler.export.database.french import STOPWORDS, stem, stems


@pytest.mark.parametrize(
    "forms",
    [
        "publier publié publiée publiés publie PUBLIÉES publie",
        "élection élections elections ELECTION",
        "loi lois", "vidéo vidéos video", "média médias", "enjeu enjeux", "réseau réseaux reseaux", "journal journaux",
        "national nationale nationaux nationales", "travail travaux", "délai délais", "emploi emplois",
        "créer créé créée créées cree", "opérateur opérateurs opératrice", "numérique numériques numerique",
        "télécommunication télécommunications telecommunications", "œuvre oeuvre œuvres", "sénégalais sénégalaise senegalaises",
    ],
)  # fmt: skip
def test_forms_of_a_word_are_one(forms: str) -> None:
    words = forms.split()
    assert len(words) > 1
    assert len({stem(word) for word in words}) == 1, [(word, stem(word)) for word in words]


@pytest.mark.parametrize(
    ("one", "other"),
    [("pays", "payer"), ("Paris", "par"), ("mobile", "mobilité"), ("presse", "président"), ("2012", "2013")],
)
def test_other_words_are_others(one: str, other: str) -> None:
    assert stem(one) != stem(other)


@pytest.mark.parametrize(
    "text", ["l’économie", "L'économie", "d’économie", "qu'économie", "lorsqu’économie", "« économie »", "economie"]
)
def test_what_is_elided_is_no_part_of_a_word(text: str) -> None:
    assert stems(text) == stems("économie")


def test_words_that_only_look_elided_stay() -> None:
    assert stems("aujourd’hui") == ["aujourd", "hui"]
    assert len(stems("e-commerce")) == 2
    assert stems("décomposé: e\u0301tat") == stems("décomposé: état")


def test_no_word_becomes_one_that_says_nothing() -> None:
    assert all(stem(word) == word for word in STOPWORDS)
    assert not {stem(word) for word in ("Paris", "pari", "unes", "sure", "notes", "pours", "dans")} & (STOPWORDS - {"dans"})
