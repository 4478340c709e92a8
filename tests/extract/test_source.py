"""Attributions: every form that SITE lists, and the traps that are none."""

from __future__ import annotations

import pytest

from osiris_crawler.extract.source import find_line, read_line, read_title

LINES = [
    ("(Source\u00a0: ONU, 30 janvier 2015)", [("ONU", "2015-01-30")]),
    ("(Source :Enquête, 7 mai 2013)", [("Enquête", "2013-05-07")]),
    ("(Source: Enquête +, 25 janvier 1999)", [("Enquête +", "1999-01-25")]),
    ("(Source : Wal Fadjri 15 janvier 2003)", [("Wal Fadjri", "2003-01-15")]),
    ("(Source : Le Soleil 7 janvier 2004)", [("Le Soleil", "2004-01-07")]),
    ("(Source : Le Soleil, 6 otobre 2009)", [("Le Soleil", "2009-10-06")]),
    ("( Source : Sud Quotidien ; 24 janvier 1999 )", [("Sud Quotidien", "1999-01-24")]),
    ("(Source : Sud Quotidien, 31/01/1999)", [("Sud Quotidien", "1999-01-31")]),
    ("(Source : CIO Mag, mercredi 3 mars 1999)", [("CIO Mag", "1999-03-03")]),
    ("(Source : Réseau Télécom Network, mars 1999)", [("Réseau Télécom Network", "1999-03")]),
    (
        "(Source : Le Journal de l’Économie sénégalaise (Lejecos), 27 août 2005)",
        [("Le Journal de l’Économie sénégalaise (Lejecos)", "2005-08-27")],
    ),
    ("(Source : Ferloo.com, 14 juillet 2008)", [("Ferloo.com", "2008-07-14")]),
    ("(Source : http://www.afriqueitnews.com/, 27 août 2015)", [(None, "2015-08-27")]),
    (
        "(Sources : Sud Quotidien et Jeune Afrique, 17 janvier 1999)",
        [("Sud Quotidien", "1999-01-17"), ("Jeune Afrique", "1999-01-17")],
    ),
    ("(Source : Terre et Culture, 17 janvier 1999)", [("Terre et Culture", "1999-01-17")]),
    ("Source : Enquête +, 1er juillet 1999", [("Enquête +", "1999-07-01")]),
    ("(Source : APS)", [("APS", None)]),
    ("(Source : APS, 3 mai 2001", [("APS", "2001-05-03")]),
    ("(source : APS, 3 mai 2001).", [("APS", "2001-05-03")]),
    ("(Source: The Post, May 3, 2010)", [("The Post", "2010-05-03")]),
    ("(Source : Le Monde 2, 3 mai 2006)", [("Le Monde 2", "2006-05-03")]),
    ("(Source : Le Soleil, 2003)", [("Le Soleil", "2003")]),
    ("Antoine Sarr (Source : Sénégo, 9 août 2020)", [("Sénégo", "2020-08-09")]),
    ("(...) (Source : APA, 19 mai 2016)", [("APA", "2016-05-19")]),
]


@pytest.mark.parametrize(("line", "expected"), LINES, ids=[line for line, _found in LINES])
def test_lines(line: str, expected: list[tuple[str | None, str | None]]) -> None:
    found = find_line(line)
    assert found is not None
    begin, _parenthesis = found
    sources = read_line(line[begin:], [])
    assert [(source.name, source.date) for source in sources] == expected
    assert {source.text for source in sources} == {line[begin:]}


@pytest.mark.parametrize(
    "line",
    [
        "Comme l’écrivait (« Le Soleil » du 3 novembre 2001) notre confrère.", "Selon la même source, le projet est reporté.",
        "De source sûre, rien n’est décidé.", "Le code source : un bien commun qui se partage entre tous les développeurs. Il faut le publier.",
        "Source de revenus pour les jeunes, le télécentre ferme.", "Les sources du fleuve se tarissent.",
        "(Source : ARTP) a publié hier les chiffres du trimestre, en baisse.", "", "(Le Soleil, 6 mai 2003)",
    ],
)  # fmt: skip
def test_traps(line: str) -> None:
    assert find_line(line) is None


def test_links() -> None:
    line = "(Source : Le Quotidien, 26 janvier 1999)"
    assert read_line(line, [("http://q.example/", "Le Quotidien")])[0].url == "http://q.example/"
    assert read_line(line, [("http://q.example/", line)])[0].url == "http://q.example/"
    address = read_line("(Source : http://q.example/une, 3 mai 2001)", [])[0]
    assert (address.name, address.url) == (None, "http://q.example/une")


def test_titles() -> None:
    assert [(s.name, s.date) for s in read_title("« Rien ne va plus » (Le Soleil, 6 septembre 2000)")] == [
        ("Le Soleil", "2000-09-06")
    ]
    assert read_title("Le bilan (2000)") == []
    assert read_title("Réunion à Dakar (Sénégal)") == []
