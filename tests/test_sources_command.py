"""osiris sources: what the articles name, counted and matched, and entries made of what no list knows."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from osiris_crawler.commands.sources import Named, _kinds, gather, stanzas
from osiris_crawler.extract.outlet_list import KINDS, entries
from osiris_crawler.extract.outlets import authority
from tests.conftest import ROOT, Osiris


def article(date: str | None, *sources: tuple[str | None, str | None]) -> dict[str, Any]:
    return {"id": "01", "date": date, "sources": [{"text": "(…)", "name": name, "outlet": None, "url": url, "date": None} for name, url in sources]}  # fmt: skip


LINES = [
    article("2001-05-03", ("Le Soleil", "http://www.lesoleil.sn/x")),
    article("2003-05-03", ("Soleil", None), ("Sud Quotidien", None)),
    article("2010-05-03", (None, "http://www.lesoleil.sn/y")),
    article("2004-05-03", ("Sud Quotidiene", None)),
    article("2005-05-03", ("La Vigie", "http://www.vigie.example/1")),
    article("2007-05-03", ("LA VIGIE", None)),
    article("2006-05-03", (None, "http://journal.example/1")),
    article(None, ("Libération", None)),
    article("2006-05-04"),
]


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    """A collection of a dataset alone; gives its articles.jsonl."""
    root = tmp_path / "output" / "collections" / "c"
    (root / "archive").mkdir(parents=True)
    (root / "dataset").mkdir()
    path = root / "dataset" / "articles.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in LINES), "utf-8")
    return path


def test_counts() -> None:
    found = gather(LINES, authority())
    assert (found.articles, found.with_source, found.sources) == (9, 8, 9)
    assert [(n.key, n.count, n.first, n.last, dict(n.similar)) for n in found.known] == [
        ("le-soleil", 3, "2001", "2010", {}),
        ("sud-quotidien", 2, "2003", "2004", {"Sud Quotidiene": 1}),
    ]
    assert [(n.outlet, n.how, n.count, n.first, n.last) for n in found.unknown] == [
        ("La Vigie", "unknown", 2, "2005", "2007"),
        ("journal.example", "unknown", 1, "2006", "2006"),
        ("Libération", "shared", 1, None, None),
    ]


def test_stanzas_can_be_added_as_they_are() -> None:
    names = ["La Vigie", 'Le "Fanal"\n[x]', "La vigie !", "Le Soleil de nuit\x1b[2J", "ⵣ"]
    lines = [article("2001-05-03", (name, None)) for name in [*names, "La Vigie"]]
    known = authority()
    text = "\n".join(stanzas(gather([*lines, *LINES], known).unknown, known))
    found = {outlet.key: outlet for outlet in entries(tomllib.loads(text)["outlets"])}
    assert {outlet.name for outlet in found.values()} == {
        "La Vigie", 'Le "Fanal" [x]', "Le Soleil de nuit [2J", "ⵣ", "journal.example",
    }  # fmt: skip
    assert found["la-vigie"].domains == () and '# domains = ["vigie.example"]' in text
    assert found["journal-example"].domains == ("journal.example",)
    assert "Libération" in text and all(outlet.name != "Libération" for outlet in found.values())
    assert not set(found) & set(known.outlets)
    own = authority(tuple(found.values()))
    assert {n.how for n in gather([*lines, *LINES], own).unknown} == {"shared"}


def test_a_comment_is_one_line() -> None:
    shared = Named('Le\N{NO-BREAK SPACE}Fanal\n[outlets.false]\u2028name = "x"\x1b[2J', "shared")
    assert tomllib.loads("\n".join(stanzas([shared], authority()))) == {}


def test_for_people(osiris: Osiris, collection: Path) -> None:
    done = osiris("sources")
    assert (done.returncode, done.stdout) == (0, "")
    assert "9 articles, 8 with a source; outlets known: 2, names unknown: 3." in done.stderr
    assert "2001–2010" in done.stderr and "newspaper" in done.stderr
    assert "Sud Quotidiene" in done.stderr and "by similarity" in done.stderr
    assert "La Vigie" in done.stderr and "name of several" in done.stderr
    assert re.search(r"^Unknown +Remark +Sources +Years", done.stderr, re.MULTILINE)
    assert done.stderr.count("“country” in a profile settles which one is meant.") == 1
    few = osiris("sources", "--limit", "1", "--unknown").stderr
    assert "Remark" not in few and "“country”" not in few
    assert "La Vigie" in few and "journal.example" not in few and "Le Soleil" not in few and "2 more" in few


def test_kinds_are_words(osiris: Osiris, collection: Path) -> None:
    assert set(_kinds()) == set(KINDS)
    told = osiris("sources", env={"OSIRIS_LANG": "fr"})
    assert " journal " in told.stderr and "newspaper" not in told.stderr
    report = json.loads(osiris("sources", "--json", env={"OSIRIS_LANG": "fr"}).stdout)
    assert {one["kind"] for one in report["known"]} == {"newspaper"}


def test_for_machines(osiris: Osiris, collection: Path) -> None:
    done = osiris("sources", "--json", "--limit", "1")
    report = json.loads(done.stdout)
    assert (report["articles"], report["sources"], len(report["known"]), len(report["unknown"])) == (9, 9, 2, 3)
    assert report["known"][1]["similar"] == {"Sud Quotidiene": 1}
    assert report["known"][0]["written"] == {"Le Soleil": 1, "Soleil": 1}
    toml = osiris("sources", "--toml")
    assert set(tomllib.loads(toml.stdout)["outlets"]) == {"la-vigie", "journal-example"}
    own = collection.parents[4] / "own.toml"
    own.write_text('name = "t"\nstart = "http://t.example/"\ncountry = "SN"\n' + toml.stdout, "utf-8")
    again = json.loads(osiris("sources", "--json", "--profile", str(own)).stdout)
    assert again["unknown"] == []
    assert {"la-vigie", "liberation-sn"} <= {known["key"] for known in again["known"]}


def test_what_is_not_there(osiris: Osiris, collection: Path) -> None:
    assert osiris("sources", "--toml", "--json").returncode == 2
    assert osiris("sources", "-c", "other").returncode == 2
    collection.write_text('{"date": null, "sources": [{"name": 3, "url": null, "date": null}]}\n')
    broken = osiris("sources")
    assert broken.returncode == 6 and "Line 1" in broken.stderr and "Traceback" not in broken.stderr
    collection.write_text("")
    empty = osiris("sources")
    assert empty.returncode == 0 and "0 articles" in empty.stderr
    assert osiris("sources", "--toml").stdout == ""
    collection.unlink()
    absent = osiris("sources")
    assert absent.returncode == 2 and "osiris rebuild" in absent.stderr


def test_a_reader_that_leaves(collection: Path) -> None:
    """`osiris sources --toml | head -1` ends without a traceback."""
    lines = "".join(json.dumps(article("2001-05-03", (f"Journal inconnu {n}", None))) + "\n" for n in range(3000))
    collection.write_text(lines, "utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OSIRIS_LANG": "en"}
    command = [sys.executable, "-m", "osiris_crawler", "sources", "--toml"]
    with subprocess.Popen(
        command, cwd=collection.parents[4], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stdout is not None and running.stderr is not None
        running.stdout.readline()
        running.stdout.close()
        assert b"Traceback" not in running.stderr.read()
