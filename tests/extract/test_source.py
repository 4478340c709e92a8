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

# Forms that the press reviews of other sites have; what is sure of a date is kept, what is not is left out.
FORMS = [
    ("(Source : Le Soleil, lundi 3 mars 2004)", [("Le Soleil", "2004-03-03")]),
    ("Source : Le Soleil du 3 mars 2004", [("Le Soleil", "2004-03-03")]),
    ("(Source : Le Soleil du mercredi 3 mars 2004)", [("Le Soleil", "2004-03-03")]),
    ("(Source : Le Soleil, édition du 3 mars 2004)", [("Le Soleil", "2004-03-03")]),
    ("(Source : Sud Quotidien, 3-4 mars 2004)", [("Sud Quotidien", "2004-03")]),
    ("(Source : Sud Quotidien, 3 et 4 mars 2004)", [("Sud Quotidien", "2004-03")]),
    ("(Source : Sud Quotidien du samedi 6 et dimanche 7 mars 2004)", [("Sud Quotidien", "2004-03")]),
    ("(Source : Sud Quotidien, 31 mars - 1er avril 2004)", [("Sud Quotidien", "2004")]),
    ("(Source : Sud Quotidien, 31 mars 2004 - 1er avril 2004)", [("Sud Quotidien", "2004")]),
    ("(Source : Réussir, mars-avril 2004)", [("Réussir", "2004")]),
    ("(Source : Réussir, mars 2004)", [("Réussir", "2004-03")]),
    ("(Source : Jeune Afrique, semaine du 3 au 9 mars 2004)", [("Jeune Afrique", "2004-03")]),
    ("(Source : Jeune Afrique n° 2345, 3 mars 2004)", [("Jeune Afrique", "2004-03-03")]),
    ("(Source : Le Soleil N°10.234 du 3 mars 2004)", [("Le Soleil", "2004-03-03")]),
    ("(Source : Le Soleil, 6 octbr 2009)", [("Le Soleil", None)]),
    ("(Source : Le Soleil, 6 octobbre 2009)", [("Le Soleil", "2009-10-06")]),
    ("(Source : Le Soleil, 31 février 2009)", [("Le Soleil", None)]),
    ("(Source : Le Soleil, 6 octobre)", [("Le Soleil", None)]),
    ("(Source : Le Soleil, 31/01/99)", [("Le Soleil", "1999-01-31")]),
    ("(Source : Le Soleil, 31-01-2004)", [("Le Soleil", "2004-01-31")]),
    ("(Source : Le Soleil, 2004-01-31)", [("Le Soleil", "2004-01-31")]),
    ("Source: The Guardian, March 3, 2004", [("The Guardian", "2004-03-03")]),
    ("(Source: Balancing Act, 3rd March 2004)", [("Balancing Act", "2004-03-03")]),
    ("(Source: Reuters, Wednesday, March 3, 2004)", [("Reuters", "2004-03-03")]),
    ("(Source : Le Soleil, 3 mars 2004, p. 4)", [("Le Soleil", "2004-03-03")]),
    ("(Source : PANA, 3 mars 2004 à 14h30)", [("PANA", "2004-03-03")]),
    ("(Source : Le Journal du Dimanche 3 mars 2013)", [("Le Journal du Dimanche", "2013-03-03")]),
    ("(Source : Le Journal du Dimanche, 3 mars 2013)", [("Le Journal du Dimanche", "2013-03-03")]),
    ("(Source : Info 7, 3 mars 2003)", [("Info 7", "2003-03-03")]),
    ("(Source : Le 221, 3 mars 2013)", [("Le 221", "2013-03-03")]),
    ("(Source : Telecom & Internet, 3 mars 2013)", [("Telecom & Internet", "2013-03-03")]),
    ("(Source : Ministère de la Communication, des Télécommunications et de l’Économie numérique, 3 mars 2013)", [("Ministère de la Communication, des Télécommunications et de l’Économie numérique", "2013-03-03")]),
    ("(Sources : Ministère de la Communication, des Télécommunications et de l’Économie numérique, 3 mars 2013)", [("Ministère de la Communication, des Télécommunications et de l’Économie numérique", "2013-03-03")]),
    ("(Source : Jeune Afrique et l’Intelligent, 3 mars 2003)", [("Jeune Afrique et l’Intelligent", "2003-03-03")]),
    ("(Source : Le Soleil et Sud Quotidien, 3 mars 2003)", [("Le Soleil", "2003-03-03"), ("Sud Quotidien", "2003-03-03")]),
    ("(Source : Le Soleil / Sud Quotidien, 3 mars 2003)", [("Le Soleil", "2003-03-03"), ("Sud Quotidien", "2003-03-03")]),
    ("(Source : APA/APS, 3 mars 2003)", [("APA", "2003-03-03"), ("APS", "2003-03-03")]),
    ("(Source : La Vigie / Le Phare de Rufisque, 3 mars 2003)", [("La Vigie / Le Phare de Rufisque", "2003-03-03")]),
    ("(Sources : La Vigie / Le Phare de Rufisque, 3 mars 2003)", [("La Vigie", "2003-03-03"), ("Le Phare de Rufisque", "2003-03-03")]),
    ("(Sources : Le Soleil, Sud Quotidien et Wal Fadjri, 3 mars 2003)", [("Le Soleil", "2003-03-03"), ("Sud Quotidien", "2003-03-03"), ("Wal Fadjri", "2003-03-03")]),
    ("(Sources : Le Soleil, 3 mars 2004 ; La Vigie, 4 mars 2004)", [("Le Soleil", "2004-03-03"), ("La Vigie", "2004-03-04")]),
    ("(Source : Le Soleil du 3 mars 2004 et La Vigie du 4 mars 2004)", [("Le Soleil", "2004-03-03"), ("La Vigie", "2004-03-04")]),
    ("(Source : Le Monde avec AFP, 3 mars 2004)", [("Le Monde", "2004-03-03"), ("AFP", "2004-03-03")]),
    ("(Source : Jeune Afrique (avec AFP), 3 mars 2004)", [("Jeune Afrique", "2004-03-03"), ("AFP", "2004-03-03")]),
    ("(Source : avec AFP, 3 mars 2004)", [("AFP", "2004-03-03")]),
    ("(Source : « Le Soleil », 3 mars 2004)", [("Le Soleil", "2004-03-03")]),
    ("(Source : \"Le Soleil\" du 3 mars 2004)", [("Le Soleil", "2004-03-03")]),
    ("(Source : Le Soleil, 3 mars 2004).", [("Le Soleil", "2004-03-03")]),
    ("(Source : Le Soleil, 3 mars 2004.)", [("Le Soleil", "2004-03-03")]),
    ("(Source : Le Soleil, 3 mars 2004 »)", [("Le Soleil", "2004-03-03")]),
    ("« (Source : Le Soleil, 3 mars 2004) »", [("Le Soleil", "2004-03-03")]),
    ("[Source : Le Soleil, 3 mars 2004]", [("Le Soleil", "2004-03-03")]),
    ("((Source : Le Soleil, 3 mars 2004))", [("Le Soleil", "2004-03-03")]),
    ("Source : Le Soleil (3 mars 2004)", [("Le Soleil", "2004-03-03")]),
    ("Source : Le Soleil, 3 mars 2004)", [("Le Soleil", "2004-03-03")]),
    ("(SOURCE : LE SOLEIL, 3 MARS 2004)", [("LE SOLEIL", "2004-03-03")]),
    ("(Source Le Soleil, 3 mars 2004)", [("Le Soleil", "2004-03-03")]),
    ("Source : APS)", [("APS", None)]),
    ("Source : dakaractu", [("dakaractu", None)]),
    ("Source : www.seneweb.com", [(None, None)]),
    ("(Source : seneweb.com, 3 mars 2010)", [("seneweb.com", "2010-03-03")]),
    ("(Source : seneweb.com/news/Technologie/x.html, 3 mars 2010)", [(None, "2010-03-03")]),
    ("(Source : Le Soleil - http://www.lesoleil.sn, 3 mars 2010)", [("Le Soleil", "2010-03-03")]),
    ("(Source : Le Soleil (www.lesoleil.sn), 3 mars 2010)", [("Le Soleil", "2010-03-03")]),
    ("(Source : 3 mars 2004, La Vigie)", [("La Vigie", "2004-03-03")]),
    ("(Source : La Vigie, 3 mars 2004, Dakar)", [("La Vigie", "2004-03-03")]),
    ("(Source : PANA (Dakar), 3 mars 2004)", [("PANA (Dakar)", "2004-03-03")]),
    ("(Source : Afrique 2000)", [("Afrique 2000", None)]),
    ("(Source : A (B), 3 mars 2004", [("A (B)", "2004-03-03")]),
    ("(Source : Le Monde diplomatique, mars 2004)", [("Le Monde diplomatique", "2004-03")]),
    ("(Source : L’Express de mars 2004)", [("L’Express", "2004-03")]),
    ("(Source : Info 7 mars 2003)", [("Info 7", "2003-03")]),
    ("(Source : Le Soleil, 3 mars 2004) (Source : La Vigie, 4 mars 2004)", [("Le Soleil", "2004-03-03"), ("La Vigie", "2004-03-04")]),
    ("texte (source : ARTP) et suite du texte (Source : Le Soleil, 3 mars 2004)", [("Le Soleil", "2004-03-03")]),
    ("J. PIRES (Source : Le Soleil, 3 mars 2004)", [("Le Soleil", "2004-03-03")]),
    ("(Source :Le Soleil,3 mars 2004)", [("Le Soleil", "2004-03-03")]),
    ("(Source\xa0:\xa0Le Soleil,\xa03\xa0mars\xa02004)", [("Le Soleil", "2004-03-03")]),
    ("(Source : Le Soleil, 1er mars 2004)", [("Le Soleil", "2004-03-01")]),
    ("(Source : Le Soleil, 1 er mars 2004)", [("Le Soleil", "2004-03-01")]),
    ("(Source : Le Soleil, 03 Mars 2004)", [("Le Soleil", "2004-03-03")]),
    ("(Source : Le Soleil, le 3 mars 2004)", [("Le Soleil", "2004-03-03")]),
    ("(Source : Source A, 3 mars 2021)", [("Source A", "2021-03-03")]),
    ("(Source : Le Soleil,\n3 mars 2004)", [("Le Soleil", "2004-03-03")]),
    ("Source :\nLe Soleil, 3 mars 2004", [("Le Soleil", "2004-03-03")]),
    ("(Source : 3 mars 2004)", [(None, "2004-03-03")]),
    ("(Sources : AFP, Reuters)", [("AFP", None), ("Reuters", None)]),
    ("(Source(s) : AFP, 3 mai 2004)", [("AFP", "2004-05-03")]),
    ("– Source : Sidwaya, 3 mai 2004", [("Sidwaya", "2004-05-03")]),
    ("(Source : Fraternité Matin - Abidjan, 3 mai 2004)", [("Fraternité Matin - Abidjan", "2004-05-03")]),
    ("(Source : Le Soleil, mecredi 3 mars 2004)", [("Le Soleil", "2004-03-03")]),
    ("(Source : Le Soleil , 3 mars 2004 )", [("Le Soleil", "2004-03-03")]),
    ("(Source : Linked In, 3 mars 2014)", [("Linked In", "2014-03-03")]),
    ("(Source : Le Soleil, 3 mars 2004) (...)", [("Le Soleil", "2004-03-03")]),
    ("(Source : L’Intelligent d’Abidjan, 3 mars 2014)", [("L’Intelligent d’Abidjan", "2014-03-03")]),
    ("(Source : AFP-Reuters, 3 mars 2014)", [("AFP", "2014-03-03"), ("Reuters", "2014-03-03")]),
    ("(Source : TV5-Monde, 3 mars 2014)", [("TV5-Monde", "2014-03-03")]),
    ("(Source : Africa n° 1, 3 mars 2014)", [("Africa n° 1", "2014-03-03")]),
    ("(Source : Xibaar +, 3 mars 2014)", [("Xibaar +", "2014-03-03")]),
    ("(source : ministère de la communication)", [("ministère de la communication", None)]),
    ("(Source : Nouvelle Tribune, 9e année, 3 mars 2004)", [("Nouvelle Tribune, 9e année", "2004-03-03")]),
    ("Antoine Sarr – Source : Sidwaya, 3 mai 2004", [("Sidwaya", "2004-05-03")]),
    ("Fin du texte. Source : Lefaso.net", [("Lefaso.net", None)]),
    ("Source : Le Fanal | 3 mars 2004", [("Le Fanal", "2004-03-03")]),
    ("Source : Le Fanal / 3 mars 2004", [("Le Fanal", "2004-03-03")]),
    ("(Source : Le Fanal, 12 novembre 99)", [("Le Fanal", "1999-11-12")]),
    ("(Source : Le Fanal, 12 nov. 1999)", [("Le Fanal", "1999-11-12")]),
    ("(Source : Le Fanal, 12novembre 2004)", [("Le Fanal", "2004-11-12")]),
    ("(Source : Le Fanal, 12 novembre2004)", [("Le Fanal", "2004-11-12")]),
    ("(Source : Wal Fadjri15 janvier 2003)", [("Wal Fadjri", "2003-01-15")]),
    ("(Source : Le Fanal, 3 mars 20004)", [("Le Fanal", None)]),
    ("(Source : Le Fanal, mars 2004 - mai 2004)", [("Le Fanal", "2004")]),
    ("(Source : Multimedium, vendredi 12 novembre 1999 16h02)", [("Multimedium", "1999-11-12")]),
    ("(Source : Le Potentiel (Kinshasa), 03/02/2005)", [("Le Potentiel (Kinshasa)", "2005-02-03")]),
    ("Source de l’article : Le Fanal, 3 mai 2004", [("Le Fanal", "2004-05-03")]),
    ("(Source : Jeune Afrique 50, 3 mai 2004)", [("Jeune Afrique 50", "2004-05-03")]),
    ("(Source : Canal 3)", [("Canal 3", None)]),
    ("(Source : Canal 3, 12 mai 2010)", [("Canal 3", "2010-05-12")]),
    ("(Source : Le 10 sport, 3 mai 2004)", [("Le 10 sport", "2004-05-03")]),
    ("(Source : Forum 12)", [("Forum 12", None)]),
    ("(Source : L’Express 1er au 7 mars 2004)", [("L’Express", "2004-03")]),
    ("(Source : Le Fanal, le lundi 3 et le mardi 4 mai 2004)", [("Le Fanal", "2004-05")]),
    ("(Source : Sénégal Media et Développement 2010, 3 mai 2011)", [("Sénégal Media et Développement 2010", "2011-05-03")]),
    ("(Sources : Seneweb.com ; Leral.net)", [("Seneweb.com", None), ("Leral.net", None)]),
    ("(Source : Afrik.com / AFP, 3 mai 2011)", [("Afrik.com", "2011-05-03"), ("AFP", "2011-05-03")]),
    ("(Source : AFP, AP, Reuters, 3 mai 2001)", [("AFP", "2001-05-03"), ("AP", "2001-05-03"), ("Reuters", "2001-05-03")]),
    ("(Source : Réseaux & Télécoms, 3 mai 2001)", [("Réseaux & Télécoms", "2001-05-03")]),
    ("(Source : L’Essor n°15678 du 03/05/2006)", [("L’Essor", "2006-05-03")]),
    ("(Source : Le Soleil - Dakar, le 3 mars 2004)", [("Le Soleil - Dakar", "2004-03-03")]),
    ("(Source : Ferloo.com - 3 mars 2004)", [("Ferloo.com", "2004-03-03")]),
    ("(Source : Nettali.net - 3 mars 2004)", [("Nettali.net", "2004-03-03")]),
    ("(Source : The Point, 3 May, 2004)", [("The Point", "2004-05-03")]),
    ("(Source : Le Soleil, 3 mars 2004, 12:45)", [("Le Soleil", "2004-03-03")]),
    ("(Source : Le Monde, édition du 3/3/2004)", [("Le Monde", "2004-03-03")]),
    ("(Source : Le Monde daté du 3 mars 2004)", [("Le Monde", "2004-03-03")]),
    ("(Source : Le Soleil,  3 mars   2004)", [("Le Soleil", "2004-03-03")]),
    ("(Source : Walf Fadjri L’Aurore, 3 mars 2004)", [("Walf Fadjri L’Aurore", "2004-03-03")]),
    ("(Source : Le Soleil, 3 mars 2004)\xa0", [("Le Soleil", "2004-03-03")]),
    ("(Source : Le Soleil, 3 mars 2004)\u200b", [("Le Soleil", "2004-03-03")]),
    ("(Source\u202f: Le Soleil, 3 mars 2004)", [("Le Soleil", "2004-03-03")]),
    ("(Source : Le Soleil, 3 mars 2004]", [("Le Soleil", "2004-03-03")]),
    ("(Source : OSIRIS, 30 février 2012)", [("OSIRIS", None)]),
    ("(Source : Terre et Culture)", [("Terre et Culture", None)]),
    ("(Sources : Terre et Culture, Le Fanal et La Vigie, 3 mai 2011)", [("Terre et Culture", "2011-05-03"), ("Le Fanal", "2011-05-03"), ("La Vigie", "2011-05-03")]),
]  # fmt: skip


@pytest.mark.parametrize(("line", "expected"), [*LINES, *FORMS], ids=[line for line, _found in [*LINES, *FORMS]])
def test_lines(line: str, expected: list[tuple[str | None, str | None]]) -> None:
    found = find_line(line)
    assert found is not None
    begin, _parenthesis = found
    sources = read_line(line[begin:], [])
    assert [(source.name, source.date) for source in sources] == expected
    texts = list(dict.fromkeys(source.text for source in sources))
    assert " ".join(texts) == line[begin:].replace("\n", " ")


@pytest.mark.parametrize(
    "line",
    [
        "Comme l’écrivait (« Le Soleil » du 3 novembre 2001) notre confrère.", "Selon la même source, le projet est reporté.",
        "De source sûre, rien n’est décidé.", "Le code source : un bien commun qui se partage entre tous les développeurs. Il faut le publier.",
        "Source de revenus pour les jeunes, le télécentre ferme.", "Les sources du fleuve se tarissent.",
        "(Source : ?)", "(Source : ARTP) a publié hier les chiffres du trimestre, en baisse.", "", "(Le Soleil, 6 mai 2003)",
        "Il écrit dans le journal (\"Le Soleil\" du 3 novembre 2001)",
        "selon la même source",
        "de source sûre",
        "Le code source : un bien commun",
        "Logiciels open source : le Sénégal en avance, 3 mars 2004",
        "Source de conflit, 3 mars 2004",
        "(Source de revenus importante, le 3 mars 2004 à Dakar) suite",
        "Le tableau (Source : ARTP) montre que",
        "(source : la même)",
        "(Source : voir ci-dessous)",
        "Source : la même que précédemment.",
        "Source : de nombreuses difficultés demeurent",
        "La source : le fleuve Sénégal",
        "Sources de financement : la BAD, 3 mars 2004",
        "ressource : humaine",
        "(ressource : eau)",
        "(open source : Linux)",
        "(code source : GPL)",
        "Source :",
        "(Source : )",
        "Une source proche du dossier : « rien n’est décidé », 3 mars 2004",
        "Source : un bien commun",
        "Source ouverte, 3 mars 2004",
        "(Source ouverte)",
        "(sources concordantes)",
        "(Source : x) au milieu de la phrase, qui suit.",
        "Les sources : Le Soleil, 3 mars 2004",
        "Source : Les chiffres sont têtus. Il faut les lire. Personne ne les lit.",
        "(Sources officielles)",
        "(Source d’énergie)",
        "(Source Africaine)",
        "Il travaille dans l’open-source. Source de revenus, 3 mars 2004",
        "Le logiciel libre – Source : un choix",
        "Bref. Source : voir plus haut",
        "Nous savons – source : la rumeur – que rien n’est sûr",
        "Une dépêche (source : APS) dit. Fin.",
        "Le débit (source : UIT), en hausse",
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


TWO = [("http://a.example/", "Le Fanal"), ("http://b.example/", "La Vigie")]


@pytest.mark.parametrize(
    ("line", "links", "expected"),
    [
        ("(Source : Le Fanal et La Vigie, 3 mars 2004)", TWO, [("Le Fanal", "http://a.example/"), ("La Vigie", "http://b.example/")]),
        ("(Source : Le Fanal, d’après La Vigie)", TWO, [("Le Fanal", "http://a.example/"), ("La Vigie", "http://b.example/")]),
        ("(Source : Terre & Mer, 3 mars 2004)", [("http://a.example/", "Terre & Mer"), ("http://b.example/", "3 mars 2004")],
         [("Terre & Mer", "http://a.example/")]),
        ("(Source : http://www.long.exam..., 3 mars 2004)", [("http://www.long.example/x", "http://www.long.exam...")],
         [(None, "http://www.long.example/x")]),
        ("(Source : http://www.long.exam..., 3 mars 2004)", [], [(None, None)]),
        ("(Source : 3 mars 2004)", [("http://a.example/x", "3 mars 2004")], [(None, "http://a.example/x")]),
        ("Source : www.a.example", [], [(None, "http://www.a.example")]),
        ("(Source : / http://a.example/x)", [("http://a.example/x", "http://a.example/x")], [(None, "http://a.example/x")]),
        ("(Source : Le Fanal - http://a.example/x, 3 mars 2004)", [], [("Le Fanal", "http://a.example/x")]),
        ("(Source : Le Fanal (www.a.example), 3 mars 2004)", [], [("Le Fanal", "http://www.a.example")]),
    ],
)  # fmt: skip
def test_links_and_addresses(
    line: str, links: list[tuple[str, str]], expected: list[tuple[str | None, str | None]]
) -> None:
    assert [(source.name, source.url) for source in read_line(line, links)] == expected


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("« X » (Le Soleil, 6 septembre 2000)", "Le Soleil"),
        ("« X » (La Vigie, 6 septembre 2000)", "La Vigie"),
        ("Forum (Dakar, 6 septembre 2000)", None),
        ("« Forum » (Tunis, 16-18 novembre 2005)", None),
        ("X (Sud Quotidien du 6 septembre 2000)", "Sud Quotidien"),
        ("X (Le Soleil 6 septembre 2000)", "Le Soleil"),
        ("X (Hôtel Méridien, 6 septembre 2000)", None),
        ("Le bilan (2000)", None),
        ("X (Dakar, mars 2001)", None),
        ("Le Soleil (Sénégal)", None),
        ("X (Source : Le Soleil, 6 septembre 2000)", "Le Soleil"),
        ("Loi n° 2001-15 (Journal officiel, 27 décembre 2001)", None),
        ("Interview de X (Jeune Afrique, septembre 2000)", "Jeune Afrique"),
        ("Réunion de l’UIT (UIT, 3 mars 2004)", "UIT"),
        ("« X » [Le Soleil, 6 septembre 2000]", "Le Soleil"),
    ],
)
def test_titles(title: str, name: str | None) -> None:
    """A title's last words are an attribution when they name an outlet; places and dates of events are none."""
    assert [source.name for source in read_title(title)] == ([name] if name else [])


def test_outlets_stand_beside_names() -> None:
    assert read_line("(Source : Walfadjri, 3 mai 2004)", [])[0].outlet == "Wal Fadjri"
    assert read_line("(Source : http://www.seneweb.com/news/x, 3 mai 2004)", [])[0].outlet == "Seneweb"
    assert read_line("(Source : La Vigie.com, 3 mai 2004)", [])[0].outlet == "La Vigie"


@pytest.mark.parametrize(
    "line", ["(" * 5000 + "Source : x" + "(" * 200, "\u00a0" * 200_000 + "Source : x", "(Source : " * 400, "Sources : " + "A et " * 30,
             "(Source : " + "3 mars 2004 " * 24 + ")", "(Source : " + "mars-" * 55 + "2004)"],
    ids=range(6),
)  # fmt: skip
def test_hostile_lines_end(line: str) -> None:
    found = find_line(line)
    assert len(read_line(line if found is None else line[found[0] :], [])) <= 50
    assert read_title(line) == []
