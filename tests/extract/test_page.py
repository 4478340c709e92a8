"""Whole pages, small and odd: what they say, and that nothing makes the reader stumble."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osiris_crawler.extract.dom import decode
from osiris_crawler.extract.page import READER, read
from osiris_crawler.site.profile import for_url

SITE = for_url("http://s.example/")
URL = "http://s.example/Reunion-a-Thies.html"
LONG = "Réunie hier à Thiès, la commission a longuement débattu de ce que le haut débit change pour les foyers modestes du département."


def page(body: str, head: str = "<title>Réunion à Thiès - Site</title>") -> bytes:
    return f"<html lang='fr'><head>{head}</head><body>{body}</body></html>".encode()


def facts(body: str, url: str = URL, **more: str):  # type: ignore[no-untyped-def]
    found = read(url, 200, "text/html; charset=utf-8", page(body, **more), SITE)
    assert found.article is not None, found.kind
    return found.article


def test_a_page_without_any_known_mark() -> None:
    article = facts(
        f"<div><a href='/'>Accueil</a> &gt; <a href='-Presse-.html'>Presse</a> &gt; Réunion à Thiès</div><div>Réunion à Thiès</div><div>samedi 6 mai 2006</div>"
        f"<div><a href='+-Internet-+.html'>Internet</a></div><div><div>{LONG}</div><div>{LONG}</div><div>Antoine Sarr</div>"
        f"<div>(Source : Le Fleuve, 5 mai 2006)</div></div><div>Fil d'actu</div><div>{LONG}</div>"
    )
    assert (article.title, article.date, article.tags, article.authors) == (
        "Réunion à Thiès",
        "2006-05-06",
        ["Internet"],
        ["Antoine Sarr"],
    )
    assert article.body == f"{LONG}\n\n{LONG}"
    assert [(source.name, source.date) for source in article.sources] == [("Le Fleuve", "2006-05-05")]
    assert article.issues == []


def test_a_weekday_that_contradicts_is_named() -> None:
    article = facts(f"<h1>Réunion à Thiès</h1><p>lundi 6 mai 2006</p><p>{LONG}</p>")
    assert (article.date, article.issues) == ("2006-05-06", ["date:weekday"])


def test_hard_line_breaks_are_joined_and_the_last_is_the_attribution() -> None:
    article = facts(
        f"<h1>Réunion à Thiès</h1><p>samedi 6 mai 2006</p><p>Un<br>deux.<br/>{LONG}<br />(Source : APS, 5 mai 2006)</p>"
    )
    assert article.body == f"Un deux. {LONG}"
    assert article.sources[0].text == "(Source : APS, 5 mai 2006)"


def test_tables_lists_and_captions() -> None:
    article = facts(
        f"<h1>Réunion à Thiès</h1><p>samedi 6 mai 2006</p><p>{LONG}</p><table><caption>Parc</caption><tr><th>An</th><th>N</th></tr><tr><td>2001</td><td>3 000</td></tr></table>"
        f"<ul><li>Un</li><li>Deux</li></ul><p>{LONG}</p>"
    )
    assert article.body == f"{LONG}\n\nParc\nAn\tN\n2001\t3 000\n\nUn\nDeux\n\n{LONG}"


def test_the_title_cut_by_the_breadcrumb_is_not_the_title() -> None:
    whole = "Réunion à Thiès : les habitants, les élus et les associations demandent des explications sur les retards"
    article = facts(
        f"<p><a href='/'>Accueil</a> &gt; <a href='-P-.html'>P</a> &gt; {whole[:80].rsplit(' ', 1)[0]} (…)</p><div>{whole}</div><div>samedi 6 mai 2006</div><div>{LONG}</div>",
        head=f"<title>{whole} - Site</title>",
    )
    assert article.title == whole


def test_the_date_that_is_read_outranks_the_one_in_an_attribute() -> None:
    article = facts(
        f"<h1>Réunion à Thiès</h1><p><abbr class='published' title='2006-05-05T23:00:00Z'>samedi 6 mai 2006</abbr></p><div class='texte'><p>{LONG}</p></div>"
    )
    assert article.date == "2006-05-06"


def test_numbers_are_taken_only_where_they_are_certain() -> None:
    markup = (
        "<h1 class='crayon article-titre-{0}'>Réunion à Thiès</h1><p>samedi 6 mai 2006</p><div class='crayon article-texte-{1} texte'><p>"
        + LONG
        + "</p></div>"
    )
    assert facts(markup.format(12, 12)).number == 12
    assert facts(markup.format(12, 13)).number is None


@pytest.mark.parametrize(
    ("url", "body", "kind"),
    [
        (
            "http://s.example/spip.php?article99999",
            page("<h1>Site</h1>", "<link rel='canonical' href='http://s.example/'><title>Site</title>"),
            "soft404",
        ),
        ("http://s.example/-A-.html", page("<h1>A</h1>"), "listing"),
        ("http://s.example/", page("<h1>Site</h1>"), "listing"),
        (URL, b"", "other"),
        (URL, b"\x00\xff" * 500, "other"),
        (URL, page("<form>Connexion</form>"), "other"),
        (URL, b"<html>" + b"<div>" * 5000 + b"x", "other"),
    ],
)
def test_kinds(url: str, body: bytes, kind: str) -> None:
    assert read(url, 200, "text/html", body, SITE).kind == kind


def test_other_answers() -> None:
    assert read(URL, 404, "text/html", page("x"), SITE).kind == "error"
    assert read("http://s.example/IMG/a.pdf", 200, "application/pdf", b"%PDF", SITE).kind == "file"


def test_feeds_and_sitemaps() -> None:
    rss = b"<rss xmlns:dc='http://purl.org/dc/elements/1.1/'><channel><title>S</title><item><title>A</title><link>http://s.example/A.html</link><dc:date>2006-05-05T23:00:00Z</dc:date></item></channel></rss>"
    found = read("http://s.example/backend.html", 200, "text/xml", rss, SITE)
    assert found.listing is not None
    assert [(entry.url, entry.date) for entry in found.listing.entries] == [("http://s.example/A.html", "2006-05-05")]
    sitemap = b"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><url><loc> http://s.example/A.html </loc></url></urlset>"
    found = read("http://s.example/sitemap.xml", 200, "text/xml", sitemap, SITE)
    assert found.listing is not None
    assert [entry.url for entry in found.listing.entries] == ["http://s.example/A.html"]
    bomb = b"<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]><rss><channel><title>&b;</title></channel></rss>"
    assert read("http://s.example/backend.html", 200, "text/xml", bomb, SITE).kind == "other"


@pytest.mark.parametrize(
    ("item", "date", "titled"),
    [
        ("<a href='{}'>Loi du 24 septembre 1998</a><br><small>20 février 1999</small>", "1999-02-20", False),
        ("<a href='{}'>Loi du 24 septembre 1998</a>", "1998-09-24", True),
        ("<small>20 février 1999</small> <a href='{}'>Loi du 24 septembre 1998</a>", "1999-02-20", False),
        ("<a href='{}'><h3>Loi du 24 septembre 1998</h3><p>20 février 1999</p></a>", "1999-02-20", False),
        ("<h3><a href='{}'>Loi du 24 septembre 1998</a></h3><p>20 février 1999, par X</p>", "1999-02-20", False),
    ],
)
def test_a_date_in_a_title_is_not_the_day_of_the_entry(item: str, date: str, titled: bool) -> None:
    items = "".join(f"<li>{item.format(f'A{n}.html')}</li>" for n in range(3))
    found = read("http://s.example/-Lois-.html", 200, "text/html", page(f"<h1>Lois</h1><ul>{items}</ul>"), SITE)
    assert found.listing is not None
    assert [(entry.date, entry.titled) for entry in found.listing.entries] == [(date, titled)] * 3


def test_a_listing_and_its_pages() -> None:
    items = "".join(
        f"<div><a href='A{n}.html'>Titre {n}</a><br>{n} mai 2006<br>Un début de texte (…)</div>" for n in range(1, 4)
    )
    body = (
        f"<div><a href='/'>Accueil</a> &gt; <a href='-Presse-.html'>Presse</a> &gt; Mai 2006</div><h1>Mai 2006</h1>{items}<a href='-Mai-2006-.html?debut_articles=10'>2</a>"
        "<a href='-Mai-2006-.html?debut_articles=20'>3</a><div>Dans la même rubrique</div><ul><li><a href='B.html'>Autre</a></li></ul>"
    )
    found = read("http://s.example/-Mai-2006-.html", 200, "text/html", page(body), SITE)
    assert found.listing is not None
    assert [(entry.title, entry.date) for entry in found.listing.entries] == [
        (f"Titre {n}", f"2006-05-0{n}") for n in range(1, 4)
    ]
    assert (found.listing.loop, found.listing.last_offset, len(found.listing.pages)) == ("articles", 20, 2)
    assert [(node.title, node.parent) for node in found.nodes] == [
        ("Presse", None),
        ("Mai 2006", "http://s.example/-Presse-.html"),
    ]


def test_a_listing_names_what_came_this_year_too() -> None:
    """SPIP leaves the year out while it is on; such an entry has no date, and is one all the same."""
    days = ("23 novembre, par Awa Ndiaye", "30 juin 2024, par Awa Ndiaye", "lundi 3 juin 2024")
    items = "".join(
        f"<li><strong><a href='A{n}.html'>Titre {n}</a></strong><br><small>{day}</small><p>Un début (…)</p></li>"
        for n, day in enumerate(days)
    )
    body = f"<h1>Juin 2024</h1><ul>{items}</ul><div><ul><li><a href='B.html'>Autre</a></li></ul></div>"
    found = read("http://s.example/-Juin-2024-.html", 200, "text/html", page(body), SITE)
    assert found.listing is not None
    assert [(entry.title, entry.date) for entry in found.listing.entries] == [
        ("Titre 0", None),
        ("Titre 1", "2024-06-30"),
        ("Titre 2", "2024-06-03"),
    ]


@pytest.mark.parametrize(
    ("body", "declared", "text"),
    [
        ("Thiès".encode(), "text/html; charset=utf-8", "Thiès"),
        ("Thiès".encode("cp1252"), "text/html; charset=utf-8", "Thiès"),
        ("Thiès “x”".encode("cp1252"), "text/html; charset=iso-8859-1", "Thiès “x”"),
        ("Réunion à Thiès : été".encode().decode("cp1252").encode(), "text/html; charset=utf-8", "Réunion à Thiès : été"),
        (b"\xef\xbb\xbfTh", None, "Th"),
        ("<meta charset='windows-1252'>é".encode("cp1252"), "text/html", "<meta charset='windows-1252'>é"),
    ],
)  # fmt: skip
def test_encodings(body: bytes, declared: str | None, text: str) -> None:
    assert decode(body, declared) == text


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=2000),
    st.sampled_from(["text/html", "text/xml", "", "text/html; charset=x"]),
    st.sampled_from([URL, "http://s.example/", "http://s.example/-A-.html", "http://s.example/sitemap.xml"]),
)
def test_hostile_bytes_never_raise(body: bytes, mime: str, url: str) -> None:
    assert read(url, 200, mime, b"<html><body>" + body, SITE).reader == READER


def test_a_section_whose_address_is_formed_like_an_articles() -> None:
    """SPIP's “arbo” addresses: /presse/2015/ is a section, /presse/2015/titre an article."""
    crumbs = "<p><a href='/'>Accueil</a> &gt; <a href='/presse'>Presse</a> &gt; 2015</p>"
    entries = "".join(
        f"<div><a href='/presse/2015/titre-{n}'>Titre {n}</a><br>{n} mai 2015<br>{LONG}</div>" for n in range(1, 5)
    )
    body = f"{crumbs}<h1>2015</h1>{entries}<a href='/presse/2015?debut_articles=10'>2</a>"
    found = read("http://s.example/presse/2015", 200, "text/html", page(body, "<title>2015 - Site</title>"), SITE)
    assert found.kind == "listing"
    assert found.listing is not None
    assert (found.listing.kind, len(found.listing.entries), len(found.listing.pages)) == ("section", 4, 1)
    assert [(node.title, node.parent) for node in found.nodes] == [
        ("Presse", None),
        ("2015", "http://s.example/presse"),
    ]
    article = facts(
        f"<p><a href='/'>Accueil</a> &gt; <a href='/presse'>Presse</a> &gt; <a href='/presse/2015'>2015</a> &gt; Titre 1</p><h1>Titre 1</h1><p>vendredi 1er mai 2015</p>"
        f"<p>{LONG}</p><p>{LONG * 3}</p><div><a href='/presse/2015/titre-2'>Titre 2</a> 2 mai 2015</div><div><a href='/presse/2015/titre-3'>Titre 3</a> 3 mai 2015</div>"
        "<div><a href='/presse/2015/titre-4'>Titre 4</a> 4 mai 2015</div>",
        url="http://s.example/presse/2015/titre-1",
        head="<title>Titre 1 - Site</title>",
    )
    assert article.title == "Titre 1"
