"""The authority list itself, and how names and addresses find their entries."""

from __future__ import annotations

from collections import Counter

import pytest

from osiris_crawler.extract.facts import Source
from osiris_crawler.extract.outlet_list import COUNTRIES, KINDS, Outlet, entries, places
from osiris_crawler.extract.outlet_names import domain_in, one_slip, outlet_of, squash
from osiris_crawler.extract.outlets import Authority, authority, provenance

LIST = list(authority().outlets.values())


def test_the_list_is_long_enough() -> None:
    assert len(LIST) >= 150
    assert sum(outlet.country == "SN" for outlet in LIST) >= 60
    assert {outlet.kind for outlet in LIST} == set(KINDS)


@pytest.mark.parametrize("outlet", LIST, ids=lambda outlet: outlet.key)
def test_entries_are_well_formed(outlet: Outlet) -> None:
    assert outlet.key and all(c.isascii() and (c.isalnum() or c == "-") and c == c.lower() for c in outlet.key)
    assert outlet.kind in KINDS
    assert outlet.country is None or outlet.country in COUNTRIES
    forms = [squash(name) for name in (outlet.name, *outlet.variants)]
    assert len(set(forms)) == len(forms), "one of its variants says nothing new"
    for domain in outlet.domains:
        assert domain == domain.lower() and domain_in(domain) == domain and not domain.startswith("www.")


def test_no_name_is_claimed_twice() -> None:
    claims: dict[str, set[str]] = {}
    shared = {squash(name) for outlet in LIST for name in outlet.shared}
    for outlet in LIST:
        for name in (outlet.name, *outlet.variants):
            if squash(name) not in {squash(name) for name in outlet.shared}:
                claims.setdefault(squash(name), set()).add(outlet.key)
    assert {name: keys for name, keys in claims.items() if len(keys) > 1 or name in shared} == {}
    domains = Counter(domain for outlet in LIST for domain in outlet.domains)
    assert [domain for domain, count in domains.items() if count > 1] == []


def test_places_have_countries() -> None:
    assert set(places().values()) <= COUNTRIES
    assert places()[squash("Genève")] == "CH"


def test_every_entry_is_found_by_its_names_and_domains() -> None:
    known = authority()
    for outlet in LIST:
        for name in (outlet.name, *outlet.variants):
            found = known.match(name, home=outlet.country)
            assert found.how in ("exact", "shared") and found.outlet, name
            if found.how == "exact" and name not in outlet.shared:
                assert found.key == outlet.key, name
        for domain in outlet.domains:
            assert known.match(None, f"http://www.{domain}/une/page.html").key == outlet.key
            assert known.match(domain.capitalize()).key == outlet.key


@pytest.mark.parametrize(
    ("name", "key", "how"),
    [
        # case, accents, apostrophes, spaces, hyphens
        ("Wal Fadjri", "wal-fadjri", "exact"), ("WALFADJRI", "wal-fadjri", "exact"), ("Walf", "wal-fadjri", "exact"), ("Wal-Fadjri", "wal-fadjri", "exact"),
        ("L’AS", "l-as", "exact"), ("Dakar Actu", "dakaractu", "exact"), ("Sénégo", "senego", "exact"), ("Enquête +", "enquete", "exact"),
        ("Afrique\u00a0IT News", "afrique-itnews", "exact"), ("A.I.B.", "aib", "exact"),
        # the leading article, where it tells nothing
        ("Soleil", "le-soleil", "exact"), ("L’Enquête", "enquete", "exact"), ("L’AFP", "afp", "exact"), ("Monde", None, "unknown"),
        ("Le Capital", None, "unknown"),
        # domain endings and addresses as names
        ("Ferloo.com", "ferloo", "exact"), ("www.lesoleil.sn", "le-soleil", "exact"), ("Le Monde.fr", "le-monde", "exact"), ("Libération.fr", "liberation-fr", "exact"),
        ("lesoleil.ci", None, "unknown"),
        # places and words behind and before a name
        ("Le Soleil (Dakar)", "le-soleil", "exact"), ("Le Soleil, Sénégal", "le-soleil", "exact"), ("Le Soleil (Bénin)", None, "unknown"), ("Journal Le Soleil", "le-soleil", "exact"),
        ("Panapress (PANA)", "panapress", "exact"), ("Fraternité Matin - Abidjan", "fraternite-matin", "exact"),
        # one slip, in long names only
        ("Sud Quotidiene", "sud-quotidien", "similar"), ("Dakaracut", "dakaractu", "similar"), ("Le Sooleil", None, "unknown"), ("Le Message", None, "unknown"),
        ("Le Messagr", None, "unknown"), ("Senegal8", None, "unknown"), ("Walfajdri", "wal-fadjri", "similar"),
        # names of several
        ("Libération", None, "shared"), ("APS", None, "shared"), ("APS (Alger)", "aps-dz", "exact"), ("Agence de presse sénégalaise", "aps-sn", "exact"),
        # nothing is invented
        ("La Sentinelle", None, "unknown"), ("Le Soleil de minuit", None, "unknown"), ("M. Sèye", None, "unknown"), ("Le", None, "unknown"),
    ],
)  # fmt: skip
def test_names(name: str, key: str | None, how: str) -> None:
    found = authority().match(name)
    assert (found.key, found.how) == (key, how)
    if key is None:
        assert found.outlet is not None and squash(found.outlet) in squash(name)


def test_addresses() -> None:
    known = authority()
    assert known.match(None, "http://www.seneweb.com/news/x").how == "domain"
    assert known.match(None, "https://afrique.latribune.fr/x").key == "la-tribune-afrique"
    assert known.match(None, "https://www.latribune.fr/x").key == "la-tribune-fr"
    for url in (None, "http://www.journal.example/", "http://notseneweb.com/", "http://[", "seneweb", "http://com/"):
        assert (known.match(None, url).outlet, known.match(None, url).how) == (None, "unknown")


def test_a_link_does_not_name_an_outlet_but_tells_homonyms_apart() -> None:
    known = authority()
    assert known.match("La Sentinelle", "http://www.seneweb.com/x").how == "unknown"
    assert known.match("Libération", "http://www.liberation.fr/x").key == "liberation-fr"
    assert known.match("Libération", "http://www.seneweb.com/x").how == "shared"
    assert known.match("Libération", home="SN").key == "liberation-sn"
    assert known.match("L’Observateur", home="BF").key == "l-observateur-paalga"
    assert known.match("Libération", home="ML").key is None


def test_a_sites_own_entries_come_first() -> None:
    own = tuple(
        entries(
            {
                "vigie": {
                    "name": "La Vigie",
                    "kind": "newspaper",
                    "variants": ["Walf"],
                    "domains": ["www.Vigie.example"],
                },
                "afp": {"name": "Agence F", "kind": "agency"},
            }
        )
    )
    known = authority(own, "SN")
    assert known.match("la vigie").key == "vigie"
    assert known.match(None, "http://vigie.example/").key == "vigie"
    assert known.match("Walf").key == "vigie"
    assert known.outlets["afp"].name == "Agence F"
    assert known.match("APS").key == "aps-sn"
    assert authority().match("Walf").key == "wal-fadjri"


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ({"a": {"kind": "website"}}, "a has no name"), ({"a": "A"}, "a has no name"), ({"a": {"name": "A", "kind": "paper"}}, "no kind"),
        ({"a": {"name": "A", "country": "UK"}}, "UK is no country"), ({"a": {"name": "A", "varients": []}}, "varients (variants?)"),
        ({"a": {"name": "A", "domains": "a.sn"}}, "no list of texts"), ({"a": {"name": "A", "variants": [3]}}, "no list of texts"),
    ],
)  # fmt: skip
def test_bad_entries_are_named(table: dict[str, object], why: str) -> None:
    with pytest.raises(ValueError, match=why.replace("(", r"\(").replace(")", r"\)").replace("?", r"\?")):
        entries(table)


def test_two_that_are_alike_are_not_chosen_between() -> None:
    known = Authority(entries({"a": {"name": "Telegrammes A"}, "b": {"name": "Telegrammes B"}}))
    assert known.match("Telegrammes C").how == "unknown"
    assert known.match("Telegramme A").key == "a"


def test_slips() -> None:
    assert all(
        one_slip("walfadjri", other) for other in ("walfadri", "walfadjrii", "walfadjra", "wafladjri", "walfadjr")
    )
    assert not any(one_slip("walfadjri", other) for other in ("walfadi", "walfdajrii", "xalfadjra", "walfadjrixx"))


def test_unknown_names_have_one_clean_spelling() -> None:
    assert [outlet_of(name) for name in ("www.journal.sn", "Journal.com", "La\u00a0 Sentinelle ", "http://www.x.net/")] == [
        "journal", "Journal", "La Sentinelle", "x",
    ]  # fmt: skip


def test_provenance_says_the_least_sure() -> None:
    def source(name: str | None, url: str | None = None) -> Source:
        return Source("(Source : x)", name, None, url, None)

    assert provenance([]) == {}
    assert provenance([source("Le Soleil")]) == {"rule": "outlet list", "sure": "high"}
    assert provenance([source(None, "http://lesoleil.sn/")])["sure"] == "high"
    assert provenance([source(None, "http://x.example/")]) == {}
    assert provenance([source("La Sentinelle")]) == {"rule": "as written", "sure": "fair"}
    found = provenance([source("Le Soleil"), source("Sud Quotidiene"), source("La Sentinelle")])
    assert found == {"rule": "outlet list, similar to 'Sud Quotidiene'", "sure": "low"}
