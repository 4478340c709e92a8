"""A profile's own outlets and country, and what is said of those that can't be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from osiris_crawler.errors import UsageError
from osiris_crawler.extract.source import read_line
from osiris_crawler.site import profile

START = 'name = "t"\nstart = "http://t.example/"\n'


def written(tmp_path: Path, more: str) -> Path:
    path = tmp_path / "t.toml"
    path.write_text(START + more, "utf-8")
    return path


def test_country_and_outlets(tmp_path: Path) -> None:
    site = profile.load_file(
        written(
            tmp_path,
            'country = "BF"\n[outlets.la-vigie]\nname = "La Vigie"\nkind = "newspaper"\nvariants = ["Vigie 2"]\n',
        )
    )
    assert site.outlets is site.outlets
    assert site.outlets.match("Vigie 2").key == "la-vigie"
    assert site.outlets.match("L’Observateur").key == "l-observateur-paalga"
    assert site.outlets.match("Sidwaya").key == "sidwaya"
    assert read_line("(Source : Vigie 2, 3 mai 2004)", [], site.outlets)[0].outlet == "La Vigie"


def test_the_default_profile_is_senegals() -> None:
    assert profile.load("osiris").outlets.match("APS").key == "aps-sn"
    assert profile.load("spip").outlets.match("APS").key is None


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ('country = "Senegal"\n', "none of ISO 3166-1"),
        ('[outlets.x]\nkind = "newspaper"\n', "outlet x has no name"),
        ('[outlets.x]\nname = "X"\nkind = "paper"\n', "no kind among"),
        ('[[outlets]]\nname = "X"\n', "outlets can't be used"),
    ],
)
def test_what_can_not_be_used_is_named(tmp_path: Path, more: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        profile.load_file(written(tmp_path, more))
