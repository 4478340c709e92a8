"""osiris cite: references that other people's programs read: pybtex, rispy, citeproc-py."""

from __future__ import annotations

import json
import shutil
import warnings
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import rispy
from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
from citeproc.source.json import CiteProcJSON
from pybtex.database import BibliographyData, parse_string

from osiris_crawler.care.rebuilding import own_writer
from osiris_crawler.export import citing
from osiris_crawler.export.citing import Work, bibtex, csl_json, distinct, ris, work_of
from osiris_crawler.ledger.ledger import Ledger
from osiris_crawler.paths import Collection
from osiris_crawler.site import profile
from tests.conftest import Osiris
from tests.reported import SITE, article, make

HOSTILE = 'Coût : 50 % d’{IA} & "fibre" #1 $x_y^2~ \\end{a} @article{b,\r\nTY  - BOOK\r\nER  - \u202eNÉ'
CAPTURE = {
    "warc": "c-20240507020030-00000-h.warc.gz",
    "offset": 1234,
    "record_id": "<urn:uuid:0adc6fd5-a58c-448c-a741-5e50264894d5>",
    "date": "2024-05-07T02:00:30.123456Z",
}
DIGEST = "sha256:" + "5e" * 32


def source(**fields: Any) -> dict[str, Any]:
    return {"text": "(Source : x)", "name": None, "outlet": None, "url": None, "date": None, **fields}


def told(id: str = "3170", **fields: Any) -> dict[str, Any]:
    """A line of a dataset."""
    return article(
        id, capture=CAPTURE, content_digest=DIGEST, language="fr",
        **{"sources": [source(name="Soleil", outlet="Le Soleil", date="2024-05-03")], **fields},
    )  # fmt: skip


def work(id: str = "3170", **fields: Any) -> Work:
    return work_of(told(id, **fields), profile.load("osiris"), "osiris")


def as_bibtex(*works: Work) -> BibliographyData:
    return parse_string(bibtex(list(works)), "bibtex")


def as_ris(*works: Work) -> list[dict[str, Any]]:
    return rispy.loads(ris(list(works)))


def cited(*works: Work) -> list[str]:
    """The bibliography as citeproc-py writes it in the style that it brings."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        items = CiteProcJSON(csl_json(list(works)))
        style = CitationStylesStyle("harvard-cite-them-right", validate=False)
        bibliography = CitationStylesBibliography(style, items, formatter.plain)
        for one in works:
            bibliography.register(Citation([CitationItem(one.key)]))
        return [str(entry) for entry in bibliography.bibliography()]


def test_all_of_it_is_read_back_from_each_format() -> None:
    one = work(title="La fibre à Thiès", authors=["Awa Diop", "Ibrahima Sène, AFP"], tags=["Fibre, 5G", "Santé"])
    note = (
        "Reprinted by OSIRIS (www.osiris.sn), 2024-05-06. Captured 2024-05-07T02:00:30.123456Z, WARC record"
        f" urn:uuid:0adc6fd5-a58c-448c-a741-5e50264894d5, content {DIGEST}."
    )
    entry = as_bibtex(one).entries["osiris-3170"]
    assert entry.type == "article"
    assert [str(person) for person in entry.persons["author"]] == ["{Awa Diop}", "{Ibrahima Sène, AFP}"]
    assert dict(entry.fields) == {
        "title": "{La fibre à Thiès}", "journal": "{Le Soleil}", "entrysubtype": "newspaper", "date": "2024-05-03",
        "year": "2024", "url": f"{SITE}3170.html", "urldate": "2024-05-07", "language": "fr",
        "keywords": "Fibre 5G, Santé", "note": note,
    }  # fmt: skip
    assert as_ris(one) == [
        {
            "type_of_reference": "NEWS", "id": "osiris-3170", "authors": ["Awa Diop", "Ibrahima Sène, AFP"],
            "title": "La fibre à Thiès", "secondary_title": "Le Soleil", "year": "2024", "date": "2024/05/03/",
            "urls": [f"{SITE}3170.html"], "access_date": "2024/05/07/", "name_of_database": "OSIRIS (www.osiris.sn)",
            "accession_number": "urn:uuid:0adc6fd5-a58c-448c-a741-5e50264894d5", "language": "fr",
            "keywords": ["Fibre, 5G", "Santé"], "notes": [note],
        }
    ]  # fmt: skip
    assert csl_json([one]) == [
        {
            "id": "osiris-3170", "type": "article-newspaper", "title": "La fibre à Thiès",
            "author": [{"literal": "Awa Diop"}, {"literal": "Ibrahima Sène, AFP"}], "container-title": "Le Soleil",
            "issued": {"date-parts": [[2024, 5, 3]]}, "source": "OSIRIS (www.osiris.sn)",
            "archive": "OSIRIS (www.osiris.sn)", "URL": f"{SITE}3170.html", "accessed": {"date-parts": [[2024, 5, 7]]},
            "language": "fr", "keyword": "Fibre 5G, Santé", "note": note,
        }
    ]  # fmt: skip
    [said] = cited(one)
    for part in ("Awa Diop", "La fibre à Thiès", "Le Soleil", "2024", f"{SITE}3170.html"):
        assert part in said


@pytest.mark.parametrize(
    ("day", "parts", "slashes"),
    [("2024", [2024], "2024///"), ("2024-05", [2024, 5], "2024/05//"), (None, None, None), ("mai 2024", None, None)],
)
def test_a_partial_date_stays_one_and_none_is_guessed(day: Any, parts: Any, slashes: Any) -> None:
    one = work(sources=[source(name="Le Fleuve", date=day)])
    known = day if parts else None
    assert as_bibtex(one).entries["osiris-3170"].fields.get("date") == known
    assert as_bibtex(one).entries["osiris-3170"].fields.get("year") == ("2024" if known else None)
    assert as_ris(one)[0].get("date") == slashes
    assert csl_json([one])[0].get("issued") == ({"date-parts": [parts]} if parts else None)
    assert ("2024" if known else "no date") in cited(one)[0]


def test_without_an_outlet_the_site_is_where_it_appeared() -> None:
    one = work(sources=[source(url="http://x.example/")], withdrawn="2025-01-02T03:04:05.000000Z")
    assert (one.container, one.issued) == ("OSIRIS (www.osiris.sn)", "2024-05-06")
    assert "Reprinted" not in one.note and one.note.endswith("The site has not had it since 2025-01-02.")
    assert as_bibtex(one).entries["osiris-3170"].fields["journal"] == "{OSIRIS (www.osiris.sn)}"
    other = work_of(told(), profile.for_url("http://press.example/"), "presse")
    assert "Reprinted by presse (press.example), 2024-05-06." in other.note


def test_hostile_words_neither_end_a_value_nor_begin_another() -> None:
    one = work(
        title=HOSTILE, authors=[HOSTILE], tags=[HOSTILE], sources=[source(outlet=HOSTILE)], url=f"{SITE}}}{{ é%20"
    )
    line = " ".join(HOSTILE.replace("\u202e", " ").split())
    data = as_bibtex(one, work("2"))
    assert list(data.entries) == ["osiris-3170", "osiris-2"]
    escaped = data.entries["osiris-3170"].fields["title"]
    for letters, written in (
        ("%", r"\%"), ("&", r"\&"), ("#", r"\#"), ("$", r"\$"), ("_", r"\_"), ("{", r"\textbraceleft{}"),
        ("^", r"\textasciicircum{}"), ("~", r"\textasciitilde{}"), ("}", r"\textbraceright{}"),
    ):  # fmt: skip
        assert letters in line and written in escaped
    assert escaped.startswith("{Coût : 50 ") and escaped.endswith("NÉ}")
    assert data.entries["osiris-3170"].fields["url"] == f"{SITE}%7D%7B%20é%20"
    lines = ris([one, work("2")]).split("\r\n")
    assert all(len(text) > 5 and text[2:6] == "  - " for text in lines if text) and not any(
        "\n" in text for text in lines
    )
    assert [read["type_of_reference"] for read in as_ris(one, work("2"))] == ["NEWS", "NEWS"]
    assert as_ris(one)[0]["title"] == line == csl_json([one])[0]["title"]
    assert json.loads(json.dumps(csl_json([one])))[0]["author"] == [{"literal": line}]


def test_what_joins_letters_stays_and_where_a_word_may_be_broken_is_no_letter() -> None:
    for written, read in (("déve\u00adloppement", "développement"), ("می\u200cخواهم", "می\u200cخواهم"), ("👨\u200d👩", "👨\u200d👩")):
        one = work(title=written)
        assert csl_json([one])[0]["title"] == as_ris(one)[0]["title"] == read
        assert read in as_bibtex(one).entries["osiris-3170"].fields["title"]


def test_keys_are_ascii_and_each_its_own() -> None:
    ids = ["Éditorial", "Editorial", "editorial", "a_b", "a b", "x" * 200, "x" * 201, "日本", "\ud800", "-"]
    works = distinct([work(id) for id in [*ids, ids[0]]])
    keys = [one.key for one in works]
    assert [one.id for one in works] == ids and all(key.isascii() and len(key) < 90 for key in keys)
    assert len({key.casefold() for key in keys}) == len(ids)
    assert keys[1] == "osiris-Editorial" and all(key.replace("-", "").isalnum() for key in keys)
    assert len(as_bibtex(*[one for one in works if one.id != "\ud800"]).entries) == len(ids) - 1


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Collection]:
    """A collection of three articles; a WARC file says which site it is of."""
    collection = make(tmp_path / "output", articles=[told("3170"), told("3171", title="L’eau"), told("3172")])
    ledger = Ledger(collection.state)
    writer = own_writer(collection, ledger, "test")
    writer.write_metadata_sync("urn:test", {})
    writer.close_sync()
    ledger.close()
    yield collection
    shutil.rmtree(tmp_path / "output")


def test_stdout_is_the_references_and_nothing_else(here: Collection, osiris: Osiris) -> None:
    done = osiris("cite", "3171", "3170", "3171")
    assert (done.returncode, done.stderr) == (0, "")
    assert list(parse_string(done.stdout, "bibtex").entries) == ["c-3171", "c-3170"]
    whole = json.loads(osiris("cite", "3171", f"{SITE}3170.html", "--json").stdout)
    assert whole["ids"] == ["3171", "3170"] and whole["bibtex"] == done.stdout
    assert [item["id"] for item in whole["csl-json"]] == [read["id"] for read in rispy.loads(whole["ris"])]
    assert json.loads(osiris("cite", "3171", "3170", "--format", "csl-json").stdout) == whole["csl-json"]


def test_a_file_is_put_in_place_whole(here: Collection, osiris: Osiris, tmp_path: Path) -> None:
    done = osiris("cite", "3170", "3171", "--format", "ris", "--to", "new/refs.ris")
    assert (done.returncode, done.stdout) == (0, "") and "2 articles cited" in done.stderr
    raw = (tmp_path / "new" / "refs.ris").read_bytes()
    assert raw.count(b"\r\n") == raw.count(b"\n") > 20
    assert [read["id"] for read in rispy.load(StringIO(raw.decode(), newline=""))] == ["c-3170", "c-3171"]
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["refs.ris"]


def test_what_is_restricted_is_not_cited(here: Collection, osiris: Osiris) -> None:
    here.restrictions.write_text('{"id": "3170", "scope": "dataset", "reason": "r", "authority": "a"}\n')
    for wanted in (["3170"], ["3171", f"{SITE}3170.html"]):
        done = osiris("cite", *wanted)
        assert (done.returncode, done.stdout) == (2, "") and "restricted" in done.stderr
    assert osiris("cite", "3171").returncode == 0
    here.restrictions.write_text('{"id": "3170", "scope": "exports"}\n')  # a reference is handed on
    assert osiris("cite", "3170").returncode == 2
    here.restrictions.write_text('{"id": "3170", "scope": "dataset", "reason": "r", "authority": "a"}\n')
    here.articles.write_text("".join(here.articles.read_text("utf-8").splitlines(keepends=True)[1:]), "utf-8")
    done = osiris("cite", "3170")
    assert (done.returncode, done.stdout) == (2, "") and "restricted" in done.stderr
    done = osiris("cite", "9")
    assert done.returncode == 2 and "restricted" not in done.stderr
    assert osiris("cite").returncode == 2


def test_every_format_is_named_once() -> None:
    assert list(citing.FORMATS) == ["bibtex", "ris", "csl-json"]
