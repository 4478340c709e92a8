"""Every sentence for people has its French, with the same fields in it, and the compiled catalogue is the source's."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

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


@pytest.mark.parametrize(("language", "word"), [("fr", "Parcourir toute l’archive"), ("en", "Walk the whole archive")])
def test_help_speaks_it(language: str, word: str, osiris: Osiris, tmp_path: Path) -> None:
    assert word in osiris("--help", env={"OSIRIS_LANG": language, "COLUMNS": "200"}).stdout
