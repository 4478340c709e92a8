"""Every sentence for people has its French, with the same fields in it, and the compiled catalogue is the source's."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from osiris_crawler.commands import click_words, history, show
from tests.conftest import ROOT, Osiris

CATALOGUE = ROOT / "osiris_crawler" / "locale" / "fr" / "LC_MESSAGES" / "osiris.po"
_FIELD = re.compile(r"%\(\w+\)[rsd]")


def sentences() -> set[str | tuple[str, ...]]:
    """Every sentence; one that has a plural is both."""
    found: set[str | tuple[str, ...]] = set()
    for top in ("osiris_crawler", "spiders", "pipelines"):
        for _name, _line, message, _comments, _context in extract_from_dir(
            str(ROOT / top), keywords={"_": None, "ngettext": (1, 2)}
        ):
            found.add(message)
    return found


def test_french_is_complete() -> None:
    with CATALOGUE.open("rb") as source:
        catalogue = {message.id: message.string for message in read_po(source, locale="fr") if message.id}
    known = sentences()
    assert len(known) > 100
    assert known - set(catalogue) == set(), "run: make messages"
    assert set(catalogue) - known == set(), "stale: run make messages"
    for english, french in catalogue.items():
        assert all(french) if isinstance(french, tuple) else french, english
        assert sorted(_FIELD.findall(str(english))) == sorted(_FIELD.findall(str(french))), english


def test_the_compiled_catalogue_is_the_sources() -> None:
    with CATALOGUE.open("rb") as source:
        catalogue = read_po(source, locale="fr")
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    assert CATALOGUE.with_suffix(".mo").read_bytes() == compiled.getvalue()


def test_what_is_clicks_own_is_clicks() -> None:
    """Each sentence that we have French for is one that click says, in one form or the other."""
    said: set[str] = set()
    folder = Path(click.__file__).parent
    for _name, _line, message, _comments, _context in extract_from_dir(
        str(folder), keywords={"_": None, "ngettext": (1, 2)}
    ):
        said |= {message} if isinstance(message, str) else set(message)
    assert set(click_words.sentences()) - said == set()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("probe",), "Argument manquant 'URL'."),
        (("stats", "--limit", "x"), "Valeur non valable pour '--limit' : 'x' n’est pas un nombre valable."),
        (("stats", "--limit", "0"), "0 n’est pas dans l’intervalle x>=1."),
        (("status", "--nope"), "Il n’y a pas d’option '--nope'."),
        (("status", "--help"), "Usage : osiris status"),
        (("status", "--help"), "Afficher cette aide et sortir."),
        (("--help",), "Afficher la version et sortir."),
    ],
)
def test_click_speaks_it(arguments: tuple[str, ...], sentence: str, osiris: Osiris) -> None:
    done = osiris(*arguments, env={"OSIRIS_LANG": "fr", "LANGUAGE": "en", "COLUMNS": "200"})
    assert sentence in (done.stdout + done.stderr).replace("\N{NO-BREAK SPACE}", " ")


def test_click_speaks_english_where_we_do(osiris: Osiris) -> None:
    done = osiris("probe", env={"OSIRIS_LANG": "en", "LANGUAGE": "fr", "LANG": "fr_FR.UTF-8"})
    assert "Missing argument 'URL'." in done.stderr


def test_what_is_joined_has_the_languages_colon(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (show, history):
        monkeypatch.setattr(module, "COLON", "\N{NO-BREAK SPACE}: ")
    event = {"cause": "site", "fields": ["body", "title"]}
    assert show._told(event) == history._cause(*event.values()) == "site\N{NO-BREAK SPACE}: body, title"


def test_a_colon_is_the_languages() -> None:
    code = "from osiris_crawler.i18n import COLON, SEMICOLON; print(repr((COLON, SEMICOLON)))"
    for language, said in (("fr", "('\\xa0: ', '\\xa0; ')"), ("en", "(': ', '; ')")):
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT,
            env={**os.environ, "OSIRIS_LANG": language},
        )  # fmt: skip
        assert done.stdout.strip() == said


@pytest.mark.parametrize(("language", "word"), [("fr", "Parcourir toute l’archive"), ("en", "Walk the whole archive")])
def test_help_speaks_it(language: str, word: str, osiris: Osiris, tmp_path: Path) -> None:
    assert word in osiris("--help", env={"OSIRIS_LANG": language, "COLUMNS": "200"}).stdout
