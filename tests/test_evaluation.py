"""The evaluation's measures: what counts as right, what as chrome; no figure of any reader is asserted here."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.evaluation import (
    manual,
    metrics,
    ours,
    peer_worker,
    planted,
    recorded,
    scoring,
    seed,
    sites,
    table,
    verdict,
)

ROOT = Path(__file__).resolve().parent.parent
NBSP = "\u00a0"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (f"Podor{NBSP}: « l’eau »", "Podor : “l'eau”", True),
        ("Pourquoi ?", "Pourquoi?", True),
        ("lentement…", "lentement...", True),
        ("un – deux", "un - deux", True),
        ("e\u0301tat", "état", True),
        ("état", "etat", False),
        ("Le Soleil", "le soleil", False),
        (None, "", True),
    ],
)
def test_folded(one: str | None, other: str | None, same: bool) -> None:
    assert (metrics.folded(one) == metrics.folded(other)) is same


def test_f1_counts_words_as_a_bag() -> None:
    assert metrics.token_f1("un deux trois quatre", "un deux trois quatre") == 1.0
    assert metrics.token_f1("un deux trois quatre", "un deux") == pytest.approx(2 / 3)
    assert metrics.token_f1("un un", "un") == pytest.approx(2 / 3)
    assert metrics.token_f1("", "") == 1.0
    assert metrics.token_f1("un", "") == 0.0
    assert metrics.token_f1("un deux", "trois quatre") == 0.0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("avant AnnéeAbonnésTaux 2009", "avant\n\nAnnée\tAbonnés\tTaux\n2009"),
        ("le 1 er mai", "le 1er mai"),
        ("ab cd", "a bcd"),
    ],
)
def test_words_that_one_side_glues_are_the_same(one: str, other: str) -> None:
    assert metrics.token_f1(one, other) == 1.0
    assert metrics.token_f1(other, one) == 1.0


def test_glued_words_beside_a_real_difference() -> None:
    left, right = metrics.same_words(
        metrics.words("fin de page AnnéeTaux 2009"), metrics.words("fin de légende Année Taux 2009")
    )
    assert left == ["fin", "de", "page", "année", "taux", "2009"]
    assert right == ["fin", "de", "légende", "année", "taux", "2009"]


def test_chrome_is_what_a_tenth_of_the_pages_repeat() -> None:
    pages = [["Imprimer", "12", f"Texte de la page {'abcdefghijklmnopqrst'[n]}"] for n in range(20)]
    for page in pages[:2]:
        page.append("Publicité")
    pages[5].append("Une fois seulement")
    assert metrics.repeated_lines(pages) == [["imprimer"], ["publicité"]]


def test_chrome_in_a_body() -> None:
    chrome = [["imprimer"], ["dans", "la", "même", "rubrique"], ["taux"], ["internet"]]
    own = "Titre\n\nInternet à Podor. AnnéeTaux 2009"
    assert metrics.chrome_in("Internet à Podor. Année Taux 2009", own, chrome) == []
    assert metrics.chrome_in("Internet à Podor. Imprimer", own, chrome) == ["imprimer"]
    assert metrics.chrome_in("Internet à Podor.\n\nDans la même rubrique", own, chrome) == ["dans la même rubrique"]
    assert metrics.chrome_in("Internet à Podor. Internet", own, chrome) == ["internet"]


def _truth(**fields: Any) -> planted.Planted:
    piece = {
        "url": "a.html", "title": "Un titre", "date": "2015-01-30", "section": ["Presse", "2015"], "tags": ["Fibre"],
        "authors": [], "lead": "Le chapô.", "body": "Le texte.", "ps": None, "notes": ["Une note."], "language": "fr",
        "sources": [{"text": "(Source : Le Soleil)", "name": "Le Soleil", "date": "2015-01-30"}],
    }  # fmt: skip
    return planted.of_world([piece | fields], "http://x/")[0]


def _record(**fields: Any) -> dict[str, Any]:
    return {**_truth().fields, "body": "Le texte."} | fields


def test_score_of_a_right_record() -> None:
    scores = scoring.score([_truth()], {"http://x/a.html": _record()}, [])
    assert {name: scores.rate(name) for name in scoring.EXACT} == dict.fromkeys(scoring.EXACT, 1.0)
    assert (scores.mean_f1, scores.nearly, scores.same_letters, scores.chrome, scores.wrong) == (1.0, 1.0, 1, 0, {})


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("title", {"title": "Un titre - SITE"}),
        ("date", {"date": "2015-01-31"}),
        ("section", {"section": ["2015", "Presse"]}),
        ("tags", {"tags": []}),
        ("authors", {"authors": ["Rédaction"]}),
        ("lead", {"lead": None}),
        ("notes", {"notes": ["Une note. Imprimer"]}),
        ("source name", {"sources": [{"text": "(Source : Le Soleil)", "name": "Le Sol", "date": "2015-01-30"}]}),
        ("source date", {"sources": [{"text": "(Source : Le Soleil)", "name": "Le Soleil", "date": None}]}),
        ("source line", {"sources": [{"text": "Le Soleil", "name": "Le Soleil", "date": "2015-01-30"}]}),
    ],
)
def test_score_of_a_wrong_field(name: str, fields: dict[str, Any]) -> None:
    scores = scoring.score([_truth()], {"http://x/a.html": _record(**fields)}, [])
    assert [field for field in scoring.EXACT if scores.rate(field) != 1.0] == [name]
    assert list(scores.wrong) == [name]


def test_a_source_where_none_is_counts_apart() -> None:
    scores = scoring.score([_truth(sources=[])], {"http://x/a.html": _record()}, [])
    assert (scores.sourceless, scores.false_sources, scores.rate("source name")) == (1, 1, None)


def test_a_missing_page_is_wrong_in_all_that_was_planted() -> None:
    scores = scoring.score([_truth()], {}, [])
    assert (scores.empty, scores.mean_f1, scores.rate("title"), scores.rate("authors")) == (1, 0.0, 0.0, 1.0)


def test_a_peer_is_asked_for_what_it_gives_and_may_keep_all_in_the_body() -> None:
    body = "Le chapô.\n\nLe texte.\n\n(Source : Le Soleil)\n\nUne note."
    record = {"title": "Un titre", "body": body}
    whole = scoring.score([_truth()], {"http://x/a.html": record}, [], ("title", "body"), whole=True)
    assert (whole.rate("title"), whole.rate("date"), whole.mean_f1) == (1.0, None, 1.0)
    titled = scoring.score([_truth()], {"http://x/a.html": {"body": f"Un titre\n{body}"}}, [], ("body",), whole=True)
    assert titled.mean_f1 == 1.0 and titled.same_letters == 1
    alone = scoring.score([_truth()], {"http://x/a.html": record}, [], ("title", "body"))
    assert alone.mean_f1 is not None and alone.mean_f1 < 0.5


def test_truth_of_a_real_site() -> None:
    body = (
        "Selon la même source : rien. \n\n(Source : http://www.journal.exam..., 1er mai 2005) \n\nTélécharger le PDF."
    )
    assert planted.without_source_line("Un.\n\nSource: X, 2005") == "Un."
    assert planted.without_source_line("Sans source.") == "Sans source."
    assert planted.without_source_line(body) == "Selon la même source : rien.\n\nTélécharger le PDF."
    two = {"name": "Sud Quotidien et Jeune Afrique", "style": "two", "text": "(Sources : …)", "date": "1999-01"}
    assert [source["name"] for source in planted.sources_of(two)] == ["Sud Quotidien", "Jeune Afrique"]
    assert [source["name"] for source in planted.sources_of(two | {"style": "std"})] == [
        "Sud Quotidien et Jeune Afrique"
    ]


def test_lines_of_a_page_are_cut_at_blocks_only() -> None:
    page = sites.Page(
        "u", "text/html", "<style>x</style><p>L’<b>été</b> <a href='#'>1</a></p><td>un</td><br>deux".encode()
    )
    assert list(sites.lines_of(page)) == ["L’été 1", "un", "deux"]
    latin = sites.Page("u", "text/html; charset=windows-1252", "<p>été</p>".encode("cp1252"))
    assert list(sites.lines_of(latin)) == ["été"]


def test_every_planted_article_has_its_page() -> None:
    site = sites.embedded("current", 30)
    assert [page.url for page in site.pages] == [article.url for article in site.planted]
    assert len(site.pages) == 30 and all(b"<html" in page.body for page in site.pages) and site.chrome


def test_a_table_says_what_is_not_given() -> None:
    scores = scoring.score([_truth()], {"http://x/a.html": {"title": "Un titre", "body": "x"}}, [], ("title", "body"))
    rows = {line.split(" | ")[0].strip("| "): line for line in table.markdown([("peer", scores)]).splitlines()}
    assert "100.0" in rows["title"] and "–" in rows["date"] and "0.0000" in rows["body F1, mean"]


def test_a_peer_that_is_not_installed_says_so(tmp_path: Path) -> None:
    pages, results = tmp_path / "pages.jsonl", tmp_path / "results.jsonl"
    pages.write_text("", "utf-8")
    subprocess.run([sys.executable, peer_worker.__file__, "readability", pages, results], check=True)
    assert "PackageNotFoundError" in json.loads(results.read_text("utf-8"))["missing"]


def _judged(*records: dict[str, Any]) -> scoring.Scores:
    return scoring.score([_truth()] * len(records), {"http://x/a.html": records[0]}, [])


def test_a_verdict_names_what_falls_short_and_where() -> None:
    shown, short = verdict.reached(["here", "there"], [_judged(_record()), _judged(_record(tags=[], body="Un autre."))])
    rows = {line.split(" | ")[0].strip("| "): line for line in shown.splitlines()}
    assert "reached" in rows["title"] and "each" in rows["title"]
    assert "short on there" in rows["tags"] and "0.00 %" in rows["tags"]
    assert short == ["tags: 0.00 % on there", "body F1, mean: 0.0000 on there", "body F1 ≥ 0.99: 0.00 % on there"]
    assert verdict.reached(["here"], [_judged(_record())])[1] == []


def test_a_verdict_on_nothing_is_none() -> None:
    _shown, short = verdict.reached(["here"], [scoring.Scores()])
    assert "title: not measured" in short


def test_what_is_lost_without_hints() -> None:
    whole, less = _judged(_record()), _judged(_record(notes=[]))
    shown, short = verdict.left_out(["a", "b"], [whole, whole], [whole, less])
    assert short == ["notes without hints: -100.00 points on b"]
    assert "| a | 100.00 | 0 |  | within |" in shown
    assert verdict.left_out(["b"], [less], [whole])[1] == []


def test_a_reader_without_hints_has_none() -> None:
    """The switch reaches every interpreter of a crawl: their defaults differ, nothing else does."""
    code = "from osiris_crawler.extract import page; print(page.read.__kwdefaults__, page.sketch_of.__kwdefaults__)"
    for hints in (True, False):
        with ours.switched(hints=hints) as environment:
            done = subprocess.run(
                [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
            )
        assert done.stdout.count(f"{{'hints': {hints}}}") == 2, done.stdout


_SEEN = """OBSERVATOIRE

Show navigation
  • Presse
    • Archives

Accueil > Presse > Année 2009 > Un réseau pour Podor

Un réseau pour Podor

mardi 1er septembre 2009

Médias/Réseaux

Le réseau de Podor sera ouvert en octobre, a dit le maire de la commune devant une assemblée nombreuse et attentive.

Les habitants attendent depuis trois ans que la ligne soit posée ; deux cents foyers en profiteront dès la première année.

(Source : Le Fleuve, 1er septembre 2009)

Fil d'actu

  • Une autre nouvelle

Navigation par mots clés

  • 12/40 Médias/Réseaux
  • 40/40 Téléphonie

2009 OBSERVATOIRE
"""


def test_a_page_that_is_known_as_text(tmp_path: Path) -> None:
    known = seed.parse(_SEEN)
    assert (known.title, known.day, known.keyword) == (
        "Un réseau pour Podor",
        "mardi 1er septembre 2009",
        "Médias/Réseaux",
    )
    assert known.crumbs == ["Presse", "Année 2009", "Un réseau pour Podor"] and len(known.text) == 2
    assert known.cloud == {"Médias/Réseaux": 12, "Téléphonie": 40} and known.top[2] == ["Presse", "Archives"]
    assert "main" not in seed.opaque(known) and "haut" not in seed.opaque(known)
    file = tmp_path / "page.txt"
    file.write_text(_SEEN, "utf-8")
    shown, short = seed.table(file)
    assert short == [] and shown.count("right") == 3 * 11
    file.write_text(_SEEN.replace("(Source : Le Fleuve, 1er", "(Source : Le Fleuve, 2"), "utf-8")
    assert seed.table(file)[1] == []  # what is asked follows the text
    with pytest.raises(ValueError, match="no breadcrumb"):
        seed.parse("Un texte.")


def test_recorded_facts_are_planted_on_the_embedded_site() -> None:
    row = {
        "url": "http://www.x.example/Un-titre,123.html", "breadcrumb": ["Accueil", "Presse", "Année 2009", "Un titre"],
        "title": "Un titre", "date_iso": "2009-09-01", "tags": ["Médias"], "source_text": "(Source :Enquête, 1er septembre 2009)",
        "source_name": "Enquête", "source_date_iso": "2009-09-01", "source_author": "A. SY",
    }  # fmt: skip
    bare = dict.fromkeys(row) | {"url": "http://x.example/Le-reseau-de-Podor.html", "source_date_iso": "2003-01-15"}
    site = recorded.planted([row, bare], "current", others=12)
    fields = {article.url.rpartition("/")[2]: article.fields for article in site.planted}
    whole, rest = fields["Un-titre,123.html"], fields["Le-reseau-de-Podor.html"]
    assert len(fields) == 2 and len(site.pages) == 2
    assert (whole["section"], whole["tags"], whole["authors"]) == (["Presse", "Année 2009"], ["Médias"], ["A. SY"])
    assert whole["sources"][0]["text"] == row["source_text"]
    assert (rest["title"], rest["date"], rest["sources"]) == ("Le reseau de Podor", "2003-01-15", [])
    scores = scoring.score(site.planted, {article.url: article.fields | {"body": ""} for article in site.planted}, [])
    assert recorded.table(["current"], [scores])[1] == []
    lost = scoring.score(site.planted, {}, [])
    assert "recorded source line: 0/1 on current" in recorded.table(["current"], [lost])[1]


def test_the_manual_is_written_between_its_markers(tmp_path: Path) -> None:
    file = tmp_path / "manual.md"
    file.write_text(f"before\n{manual.BEGIN}\nold\n{manual.END}\nafter\n", "utf-8")
    site = sites.embedded("current", 20)
    manual.write(file, [site], [("Osiris, dataset", [_judged(_record())])])
    text = file.read_text("utf-8")
    assert text.startswith("before\n") and text.endswith(f"{manual.END}\nafter\n") and "old" not in text
    assert "| title | 100.0 |" in text and "| body F1, mean | current |" in text
    file.write_text("nothing", "utf-8")
    with pytest.raises(ValueError, match="has no"):
        manual.write(file, [site], [])


def test_the_command_runs_by_itself() -> None:
    command = [
        sys.executable,
        ROOT / "benchmarks/evaluate.py",
        "--single",
        "--no-peers",
        "--layout",
        "current",
        "--articles",
        "20",
    ]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "20 articles" in done.stdout
