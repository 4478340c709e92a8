"""osiris duplicates: clusters of reprints, and what a copy has otherwise than the earliest."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from osiris_crawler.dataset.clusters import differences, gather, members, worded, words_of
from osiris_crawler.record import Article
from tests.conftest import ROOT, Osiris

HOME = "http://t.example/"
WORDS = [f"mot{n}" for n in range(200)]
TEXT = " ".join(WORDS)


def source(outlet: str, date: str | None = None) -> dict[str, Any]:
    return {"text": f"(Source : {outlet})", "name": outlet, "outlet": outlet, "url": None, "date": date}


def article(id: str, date: str | None, body: str = TEXT, of: str | None = None, **more: Any) -> dict[str, Any]:
    url = f"{HOME}{id}.html"
    made = Article(
        id=id, url=url, urls=[url], date=date, body=body, duplicate_of=of, **{"title": f"Titre {id}", **more}
    )
    found: dict[str, Any] = json.loads(made.line())
    return found


LINES = [
    article("a-root", "2001-01-01", sources=[source("Le Soleil", "2001-01-01")], section=["Presse", "2001"], authors=["A. B."]),
    article("b-root", "2002-01-01", "« L’été » : l'accès\u202f! " + TEXT),
    article("c-root", "2003-01-01", lead="Un chapô."),
    article("a-one", "2004-01-01", TEXT.replace("mot50 ", "mot50 ajouté là ").replace("mot100 mot101 ", ""), of="a-root",
            sources=[source("Sud Quotidien", "2003-12-31")], section=["Presse", "2004"], title="Titre A-ROOT"),
    article("b-one", "2005-01-01", "\"L'ETE\" - L’ACCÈS! " + TEXT, of="b-root"),
    article("alone", "2006-01-01", "Un autre texte."),
    article("a-two", "2007-01-01", of="a-root", authors=["C. D."]),
    article("c-one", "2008-01-01", f"Un chapô.\n\n{TEXT}", of="c-root"),
]  # fmt: skip


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    """A collection of a dataset alone; gives its articles.jsonl."""
    root = tmp_path / "output" / "collections" / "c"
    (root / "archive").mkdir(parents=True)
    (root / "dataset").mkdir()
    write(root / "dataset" / "articles.jsonl", LINES)
    return root / "dataset" / "articles.jsonl"


def write(path: Path, lines: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "utf-8")


def shown(osiris: Osiris, *arguments: str) -> dict[str, Any]:
    done = osiris("duplicates", "--json", *arguments)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_clusters_largest_then_newest_first(collection: Path) -> None:
    found = gather(LINES, lambda article: False)
    assert (found.articles, found.copies, found.hidden) == (8, 4, 0)
    assert [(one.root, one.lines) for one in found.clusters] == [
        ("a-root", [0, 3, 6]),
        ("c-root", [2, 7]),
        ("b-root", [1, 4]),
    ]
    read = {cluster.root: [one["id"] for one in articles] for cluster, articles in members(collection, found.clusters)}
    assert read == {
        "a-root": ["a-root", "a-one", "a-two"],
        "c-root": ["c-root", "c-one"],
        "b-root": ["b-root", "b-one"],
    }
    assert [one.root for one in gather(LINES, lambda article: False, 3).clusters] == ["a-root"]


def test_what_is_hidden_is_counted_and_the_next_is_compared_with() -> None:
    found = gather(LINES, lambda article: article["id"] in ("a-root", "b-one"))
    assert found.hidden == 2
    assert [(one.root, one.lines, one.hidden) for one in found.clusters] == [
        ("c-root", [2, 7], 0),
        ("a-root", [3, 6], 1),
    ]


def test_what_differs_by_words_and_by_fields() -> None:
    found = differences(LINES[0], LINES[3], words_of(LINES[0]))
    assert (found.removed, found.added, found.count) == (2, 2, 2)
    assert found.share == pytest.approx(198 / 202)
    added, removed = found.places
    assert (added.before, added.removed, added.added, added.after) == (
        "mot47 mot48 mot49 mot50", "", "ajouté là", "mot51 mot52 mot53 mot54",
    )  # fmt: skip
    assert (removed.removed, removed.added, removed.moved) == ("mot100 mot101", "", False)
    # A title in other letters is the same title.
    assert found.fields == {
        "date": ("2001-01-01", "2004-01-01"),
        "authors": (["A. B."], []),
        "sources": (["Le Soleil, 2001-01-01"], ["Sud Quotidien, 2003-12-31"]),
        "section": (["Presse", "2001"], ["Presse", "2004"]),
    }


def test_typography_and_where_a_lead_ends_make_no_difference() -> None:
    for left, right in ((LINES[1], LINES[4]), (LINES[2], LINES[7])):
        found = differences(left, right, words_of(left))
        assert (found.share, found.removed, found.added, found.count, found.places) == (1.0, 0, 0, 0, [])
        assert set(found.fields) == {"date", "title"}
    words = words_of(article("x", None, f"Un câble sous-marin. {TEXT}"))
    found = differences(LINES[0], article("y", None, f"Un câble sousmarin. {TEXT}"), words)
    assert (found.count, found.places) == (0, [])


def test_what_was_moved_is_told_and_long_stretches_are_cut() -> None:
    moved = " ".join(WORDS[:90] + WORDS[120:] + WORDS[90:120])
    found = differences(LINES[0], article("x", None, moved), words_of(LINES[0]))
    assert (found.share, found.removed, found.added) == (1.0, 0, 0)
    assert [place.moved for place in found.places] == [True, True]
    assert found.places[0].removed.startswith("mot90 mot91") and found.places[0].removed.endswith(
        "… mot114 mot115 mot116 mot117 mot118 mot119"
    )
    much = differences(LINES[0], article("x", None, " ".join(f"{word} et" if n % 9 == 0 else word for n, word in enumerate(WORDS))), words_of(LINES[0]), 5)  # fmt: skip
    assert (much.count, len(much.places)) == (23, 5)
    huge = differences(LINES[0], article("x", None, "x" * 1_000_001), words_of(LINES[0]))
    assert (huge.share, huge.places) == (None, [])


def test_titles_word_by_word() -> None:
    assert worded("Le haut débit à Podor", "Le haut débit à Matam") == [
        (True, "Le haut débit à", "Le haut débit à"), (False, "Podor", "Matam"),
    ]  # fmt: skip
    assert worded("Un titre", "Tout autre chose") == [(False, "Un titre", "Tout autre chose")]


def test_for_machines(collection: Path, osiris: Osiris) -> None:
    found = shown(osiris)
    assert (found["articles"], found["duplicates"], found["clusters"], found["more"]) == (8, 4, 3, 0)
    first = found["shown"][0]
    assert (first["id"], first["earliest"]["outlets"]) == ("a-root", ["Le Soleil"])
    assert [(copy["id"], copy["removed"], copy["added"], copy["places"]) for copy in first["copies"]] == [
        ("a-one", 2, 2, 2), ("a-two", 0, 0, 0),
    ]  # fmt: skip
    assert first["copies"][0]["differences"][0]["added"] == "ajouté là"
    assert first["copies"][1]["fields"]["authors"] == [["A. B."], ["C. D."]]
    one = shown(osiris, "--limit", "1")
    assert (len(one["shown"]), one["more"], one["clusters"]) == (1, 2, 3)
    assert [one["id"] for one in shown(osiris, "--min-size", "3")["shown"]] == ["a-root"]


def test_for_people(collection: Path, osiris: Osiris) -> None:
    done = osiris("duplicates", env={"COLUMNS": "80"})
    assert (done.returncode, done.stdout) == (0, "")
    text = done.stderr
    assert "8 articles, 4 of them reprints of others: 3 clusters." in text
    assert "98 % of the words in common, 2 gone, 2 new" in text and "the same words" in text
    assert "… mot47 mot48 mot49 mot50 {+ajouté là+} mot51 mot52 mot53 mot54 …" in text
    assert "[-mot100 mot101-]" in text and "section: … › [-2001-] {+2004+}" in text
    assert "sources: [-Le Soleil, 2001-01-01-] {+Sud Quotidien, 2003-12-31+}" in text
    assert max(map(len, text.splitlines())) <= 80
    few = osiris("duplicates", "--limit", "1").stderr
    assert "c-root" not in few and "… and 2 more: --limit shows them." in few


def test_restricted_and_hostile_texts(collection: Path, osiris: Osiris) -> None:
    write(
        collection,
        [*LINES, article("evil", "2009-01-01", TEXT + " \x1b[2J\x9bfin", of="a-root", title="Mal\x1b]0;x\x07")],
    )
    (collection.parents[1] / "restrictions.jsonl").write_text(
        '{"url": "https://t.example/a-root.html"}\n{"id": "a-two"}\n'
    )
    done = osiris("duplicates")
    assert not any(c in done.stderr for c in "\x1b\x9b\x07") and "{+2J fin+}" in done.stderr
    assert "2 articles in clusters are restricted, and not shown." in done.stderr
    assert (
        "a-root" not in done.stderr
        and "a-two" not in done.stderr
        and "The earliest of them is not shown" in done.stderr
    )
    told = shown(osiris)
    assert "a-root" not in json.dumps(told) and told["restricted"] == 2
    assert told["shown"][0]["id"] == told["shown"][0]["earliest"]["id"]


def test_what_is_not_there(collection: Path, osiris: Osiris) -> None:
    assert osiris("duplicates", "--min-size", "1").returncode == 2
    write(
        collection,
        [LINES[0], article("orphan", "2009-01-01", of="nobody"), article("other", "2009-01-02", of="nobody")],
    )
    found = shown(osiris)
    assert [(one["id"], one["earliest"]["id"]) for one in found["shown"]] == [("orphan", "orphan")]
    collection.write_text('{"id": "a", "duplicate_of": "b"}\n')
    broken = osiris("duplicates")
    assert (broken.returncode, "Traceback" in broken.stderr) == (6, False)
    collection.write_text("")
    assert "0 articles" in osiris("duplicates").stderr
    collection.unlink()
    assert osiris("duplicates").returncode == 2


def test_a_reader_that_leaves(collection: Path) -> None:
    lines = [article("root", "2001-01-01"), *(article(f"copy{n}", "2002-01-01", of="root") for n in range(400))]
    write(collection, lines)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OSIRIS_LANG": "en"}
    for options, stream in (((), "stderr"), (("--json",), "stdout")):
        command = [sys.executable, "-m", "osiris_crawler", "duplicates", *options]
        with subprocess.Popen(
            command, cwd=collection.parents[4], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as running:
            reads = getattr(running, stream)
            reads.read(10)
            reads.close()
            assert stream == "stderr" or (running.stderr is not None and b"Traceback" not in running.stderr.read())
