"""Rules are told in the language of the program, part by part; the archive keeps the reader's own words."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from osiris_crawler.care.rule_names import _NAMES, rule_name
from tests.warm import ROOT

RULES = (
    "breadcrumb + title tag + heading + date below", "end of text; outlet list, by address", "text, else the page's own word",
    "last part of the address, given for good 2026-11-27 02:41:43", "HTTP 404, in two runs", "end of text; outlet list, similar to 'Le reader'",
)  # fmt: skip


@pytest.mark.parametrize("rule", RULES)
def test_in_english_they_are_the_readers_own(rule: str) -> None:
    assert rule_name(rule) == rule


def test_in_french_nothing_of_them_is_left_but_names_and_instants() -> None:
    code = "import sys; from osiris_crawler.care.rule_names import rule_name; print(*map(rule_name, sys.argv[1:]), sep='\\n')"
    done = subprocess.run(
        [sys.executable, "-c", code, *RULES], capture_output=True, text=True, check=True, cwd=ROOT,
        env={"OSIRIS_LANG": "fr", "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    assert done.stdout.splitlines() == [
        "fil d’Ariane + balise title + titre de la page + date au-dessous",
        "fin du texte\u00a0; liste des journaux, par l’adresse",
        "texte, sinon ce que dit la page",
        "fin de l’adresse, donné une fois pour toutes le 2026-11-27 02:41:43",
        "HTTP 404, lors de deux passages",
        "fin du texte\u00a0; liste des journaux, proche de 'Le reader'",
    ]


def test_every_rule_of_the_reader_and_of_the_evidence_has_a_name() -> None:
    told = set()
    for path in ("dataset/evidence.py", "extract/article.py", "extract/text.py", "extract/headline.py", "extract/attribution.py"):
        text = (Path(ROOT) / "osiris_crawler" / path).read_text("utf-8")
        told |= set(re.findall(r'''(?:Evidence\(|rule=|signs\.append\(|rule = |parts\.rule, parts\.sure = |_say\(facts, "[a-z]+", )"([a-z][^"{]+)"''', text))
    assert len(told) >= 20
    parts = {part for rule in told for part in re.split(r"; |, | \+ ", rule)}
    assert parts - set(_NAMES) == set()
