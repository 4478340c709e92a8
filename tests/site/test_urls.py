"""The URL grammar, one line a case: address → kind, key's end, certain number, refusal."""

from __future__ import annotations

import pytest

from osiris_crawler.errors import UsageError
from osiris_crawler.site.profile import bind, for_url, load, load_file
from osiris_crawler.site.urls import Kind, parse, verdict, without_loops

SITE = load("osiris")
BASE = "https://www.osiris.sn/"

TABLE = [
    # address, kind, key behind the base, number, refusal
    ("", "home", "", None, None),
    ("index.php", "home", "", None, None),
    ("spip.php", "home", "", None, None),
    ("spip.php?page=sommaire", "home", "", None, None),
    ("Le-site-d-Osiris-et-Batik-font.html", "article", "Le-site-d-Osiris-et-Batik-font", None, None),
    ("Le-site-d-Osiris-et-Batik-font", "article", "Le-site-d-Osiris-et-Batik-font", None, None),
    (
        "le-site-d-osiris-et-batik-font-peau-neuve.html",
        "article",
        "le-site-d-osiris-et-batik-font-peau-neuve",
        None,
        None,
    ),
    ("Surtaxe-sur-les-appels,7380.html", "article", "Surtaxe-sur-les-appels,7380", 7380, None),
    ("bilan-2012.html", "article", "bilan-2012", None, None),
    ("2006.html", "article", "2006", None, None),
    ("+Contentieux-Millicom-Etat-du,4330+.html", "breve", "+Contentieux-Millicom-Etat-du,4330+", 4330, None),
    ("+la-sonatel-coupe-l-internet-4910+.html", "breve", "+la-sonatel-coupe-l-internet-4910+", None, None),
    ("-2007-.html", "section", "-2007-", None, None),
    ("-Mars-2024-.html", "section", "-Mars-2024-", None, None),
    ("-Decembre-142-.html", "section", "-Decembre-142-", None, None),
    ("+-Point-de-vue-+.html", "keyword", "+-Point-de-vue-+", None, None),
    ("_Amadou-Top_.html", "author", "_Amadou-Top_", None, None),
    ("@Burkina-NTIC@.html", "syndicated", "@Burkina-NTIC@", None, "syndicated"),
    ("+-Point-de-vue-+.html?debut_articles=620", "keyword", "+-Point-de-vue-+?debut_articles=620", None, None),
    (
        "+-Point-de-vue-+.html?debut_articles=620#pagination_articles",
        "keyword",
        "+-Point-de-vue-+?debut_articles=620",
        None,
        None,
    ),
    ("-2007-.html?debut_articles=0", "section", "-2007-", None, None),
    ("-2007-.html?debut_truc=10", "section", "-2007-?debut_truc=10", None, None),
    (
        "-2007-.html?debut_articles=10&debut_mots=20",
        "section",
        "-2007-?debut_articles=10&debut_mots=20",
        None,
        "multiplied-pagination",
    ),
    ("+-Genre-+.html?debut_mots_freres=20", "keyword", "+-Genre-+?debut_mots_freres=20", None, "sibling-pagination"),
    ("Un-article.html?debut_articles=10", "article", "Un-article?debut_articles=10", None, "sibling-pagination"),
    ("?debut_articles=10", "home", "?debut_articles=10", None, "home-pagination"),
    ("_Amadou-Top_.html?debut_articles=10", "author", "_Amadou-Top_?debut_articles=10", None, "author-pagination"),
    ("spip.php?article123", "article", "spip.php?article123", 123, None),
    ("index.php?article123", "article", "spip.php?article123", 123, None),
    ("article123.html", "article", "spip.php?article123", 123, None),
    ("article123", "article", "spip.php?article123", 123, None),
    ("123", "article", "spip.php?article123", 123, None),
    ("spip.php?page=article&id_article=123", "article", "spip.php?article123", 123, None),
    ("spip.php?id_article=123&page=article", "article", "spip.php?article123", 123, None),
    ("spip.php?id_article=123", "article", "spip.php?article123", 123, None),
    ("article.php3?id_article=123", "article", "spip.php?article123", 123, None),
    ("spip.php?breve45", "breve", "spip.php?breve45", 45, None),
    ("spip.php?rubrique7", "section", "spip.php?rubrique7", 7, None),
    ("rubrique7.html", "section", "spip.php?rubrique7", 7, None),
    ("spip.php?rubrique7&debut_articles=10", "section", "spip.php?rubrique7&debut_articles=10", 7, None),
    ("spip.php?mot9", "keyword", "spip.php?mot9", 9, None),
    ("spip.php?auteur2", "author", "spip.php?auteur2", 2, None),
    ("spip.php?site3", "syndicated", "spip.php?site3", 3, "syndicated"),
    ("spip.php?page=plan", "plan", "spip.php?page=plan", None, None),
    ("plan.html", "plan", "spip.php?page=plan", None, None),
    ("backend.html", "feed", "spip.php?page=backend", None, None),
    ("spip.php?page=backend", "feed", "spip.php?page=backend", None, None),
    ("spip.php?page=backend&id_rubrique=3", "feed", "spip.php?id_rubrique=3&page=backend", None, "object-feed"),
    ("spip.php?page=backend&id_mot=3", "feed", "spip.php?id_mot=3&page=backend", None, "object-feed"),
    ("spip.php?page=backend-breves", "other", "spip.php?page=backend-breves", None, "object-feed"),
    ("sitemap.xml", "sitemap", "sitemap.xml", None, None),
    ("robots.txt", "robots", "robots.txt", None, None),
    ("spip.php?page=login&url=Un-article.html", "other", "spip.php?page=login&url=Un-article.html", None, "login"),
    ("spip.php?page=spip_pass", "other", "spip.php?page=spip_pass", None, "login"),
    ("ecrire/", "other", "ecrire", None, "login"),
    ("ecrire/?exec=accueil", "other", "ecrire?exec=accueil", None, "login"),
    ("spip.php?action=cron", "home", "?action=cron", None, "action"),
    ("spip.php?action=converser&var_lang=en", "home", "?action=converser&var_lang=en", None, "action"),
    ("Un-article.html?var_mode=recalcul", "article", "Un-article?var_mode=recalcul", None, "var-mode"),
    ("Un-article.html?lang=en", "article", "Un-article?lang=en", None, "lang"),
    ("spip.php?page=recherche&recherche=sonatel", "other", "spip.php?page=recherche&recherche=sonatel", None, "search"),
    ("spip.php?page=forum&id_article=3", "other", "spip.php?id_article=3&page=forum", None, "forum"),
    ("Un-article.html?id_forum=4", "article", "Un-article?id_forum=4", None, "forum"),
    ("spip.php?page=calendrier&mois=3", "other", "spip.php?mois=3&page=calendrier", None, "calendar"),
    ("-Agenda-.html?annee=2031", "section", "-Agenda-?annee=2031", None, "calendar"),
    ("spip.php?page=imprimer&id_article=3", "other", "spip.php?id_article=3&page=imprimer", None, "print"),
    ("spip.php?page=contact", "other", "spip.php?page=contact", None, "other-page"),
    ("-2007-.html?tri_articles=titre", "section", "-2007-?tri_articles=titre", None, "sort"),
    ("Un-article.html?PHPSESSID=abc", "article", "Un-article?PHPSESSID=abc", None, "session"),
    ("Un-article.html?utm_source=x&fbclid=y", "article", "Un-article", None, None),
    ("Un-article.html?ajout=1", "article", "Un-article?ajout=1", None, None),
    ("IMG/pdf/rapport.pdf", "file", "IMG/pdf/rapport.pdf", None, None),
    ("IMG/logo/logo.jpg?1795465219", "file", "IMG/logo/logo.jpg", None, None),
    ("local/cache-vignettes/L1xH1/a.jpg?179", "file", "local/cache-vignettes/L1xH1/a.jpg", None, None),
    ("local/cache-css/a.css?1795467320", "requisite", "local/cache-css/a.css", None, None),
    ("squelettes/css/a.css?1738231487", "requisite", "squelettes/css/a.css?1738231487", None, None),
    ("prive/javascript/jquery.js?1", "requisite", "prive/javascript/jquery.js?1", None, None),
    ("favicon.ico", "requisite", "favicon.ico", None, None),
    ("a/b/c/d/e/f/g/h/i.html", "article", "a/b/c/d/e/f/g/h/i", None, "depth"),
    ("x/x/x/page.html", "article", "x/x/x/page", None, "depth"),
    ("A" * 2100, "article", "A" * 2100, None, "too-long"),
]


@pytest.mark.parametrize(("path", "kind", "key", "number", "refusal"), TABLE, ids=[row[0][:60] for row in TABLE])
def test_table(path: str, kind: str, key: str, number: int | None, refusal: str | None) -> None:
    address = parse(BASE + path, SITE)
    assert (address.kind, address.key, address.number, verdict(address, SITE)) == (kind, BASE + key, number, refusal)


@pytest.mark.parametrize(
    "form",
    [
        "http://osiris.sn/A.html",
        "http://www.osiris.sn/A",
        "https://osiris.sn:443/A.html",
        "https://WWW.OSIRIS.SN/A.html#x",
    ],
)
def test_hosts_and_schemes_fold(form: str) -> None:
    assert parse(form, SITE).key == BASE + "A"


@pytest.mark.parametrize(
    ("url", "reason"),
    [("mailto:a@b.c", "not-http"), ("javascript:void(0)", "not-http"), ("data:text/html,x", "not-http"), ("http://ailleurs.example/a.html", "offsite"),
     ("https://www.osiris.sn.evil.example/", "offsite"), ("http://[::1", "offsite"), ("https://user@evil.example/", "offsite")],
)  # fmt: skip
def test_what_is_elsewhere(url: str, reason: str) -> None:
    assert verdict(parse(url, SITE), SITE) == reason


def test_keys_are_case_sensitive() -> None:
    assert parse(BASE + "Le-Titre.html", SITE).key != parse(BASE + "le-titre.html", SITE).key


def test_a_site_in_a_folder() -> None:
    site = for_url("http://ecole.example/spip/")
    assert parse("http://ecole.example/spip/article7.html", site).key == "http://ecole.example/spip/spip.php?article7"
    assert verdict(parse("http://ecole.example/autre/", site), site) == "offsite"
    assert "http://ecole.example/spip/spip.php?page=plan" in site.seeds


def test_page_one_of_a_listing() -> None:
    assert without_loops(BASE + "-a-.html?x=1&debut_articles=20") == BASE + "-a-.html?x=1"
    assert without_loops(BASE + "-a-.html?debut_articles=20") == BASE + "-a-.html"


def test_profiles() -> None:
    assert for_url("osiris.sn").name == "osiris"
    assert for_url("http://127.0.0.1:8480/").hosts == ("127.0.0.1:8480",)
    assert bind(load("spip"), "https://exemple.org/").hosts == ("exemple.org", "www.exemple.org")
    assert SITE.kind_of(parse(BASE + "x.html", SITE), ["Batik", "2002"], "Batik N° 36 Juillet 2002") == "issue"
    assert SITE.kind_of(parse(BASE + "+x,4+.html", SITE), [], "x") == "breve"
    assert SITE.kind_of(parse(BASE + "x.html", SITE), ["OSIRIS"], "Objectifs") == "page"
    assert SITE.kind_of(parse(BASE + "x.html", SITE), ["Articles de presse"], "x") == Kind.ARTICLE


@pytest.mark.parametrize("url", ["", "ftp://a.b/", "http://", "http:// a", "://x"])
def test_what_is_no_start_address(url: str) -> None:
    with pytest.raises(UsageError):
        for_url(url)


@pytest.mark.parametrize(
    "text", ['nam = "x"', "name = ", '[[kinds]]\nsection = "x"', '[[kinds]]\nkind = "page"\nsection = "("']
)
def test_bad_profiles_are_named(text: str, tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "p.toml"
    path.write_text(text)
    with pytest.raises(UsageError):
        load_file(path)
