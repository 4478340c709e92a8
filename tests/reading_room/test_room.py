"""The room, asked over HTTP: what is found, how it narrows, what each page tells, and who is kept out."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from osiris_crawler.reading_room.making import NAME, key_of, prepared
from osiris_crawler.reading_room.pages import address
from osiris_crawler.reading_room.serving import policy
from osiris_crawler.reading_room.wording import SAY
from tests.reading_room.conftest import ATTACK, JAVASCRIPT, Opening, Reader, article, collected, press

VIEWS = (
    "/", "/search", "/search?q=loi", "/search?q=zzz", "/timeline", "/article/3", "/article/3/versions", "/article/3/reprints",
    "/article/3/as-it-was", "/article/attack",
)  # fmt: skip


def twin(view: str, kind: str) -> str:
    path, _mark, query = view.partition("?")
    return f"{'/index' if path == '/' else path}.{kind}" + (f"?{query}" if query else "")


def search(**asked: str) -> str:
    return f"/search.json?{urlencode(asked)}"


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("élections", ["2"]),
        ("election", ["2"]),
        ("ELECTIONS", ["2"]),
        ("l’économie", ["1"]),
        ("economie numérique senegal", ["1"]),
        ("d'economies", ["1"]),
        ("reseau", ["1"]),
        ("abonné", ["5"]),
        ('"haut débit"', ["2", "3", "4"]),
        ('"débit haut"', []),
        ('"promettent les élections"', []),  # one is the title's end, the other the text's beginning
        ("loi -reprise", ["3"]),
        ("télécom*", ["3", "4"]),
        ("chapo OU reseaux", ["1", "5"]),
        ("note", ["5"]),
        ("Quotidien", ["2", "4"]),
        ("politique", ["2", "3"]),
        ("http://www.a.example/7.html", ["7"]),
        ("http://www.a.example/none.html", []),
        ("zzz", []),
        ("«»", []),
    ],
)
def test_it_finds_as_french_is_typed(asked: str, found: list[str], reader: Reader) -> None:
    assert sorted(reader.ids(search(q=asked))) == found


def test_words_in_titles_come_first_and_other_orders_can_be_asked_for(reader: Reader) -> None:
    assert reader.ids(search(q="haut débit"))[0] in ("3", "4")
    assert reader.ids(search(q="haut débit", sort="newest")) == ["4", "3", "2"]
    assert reader.ids(search(q="haut débit", sort="oldest")) == ["2", "3", "4"]


def test_facets_narrow_and_tell_how_many_are_left(reader: Reader) -> None:
    found = reader.json(search(q="haut débit"))
    assert {one["value"]: one["articles"] for one in found["facets"]["year"]} == {"2012": 3}
    assert {one["value"]: one["articles"] for one in found["facets"]["outlet"]} == {"Sud Quotidien": 2, "Le Soleil": 1}
    for facet in ("year", "month", "tag", "section", "outlet"):
        for one in found["facets"][facet]:
            assert reader.json(search(q="haut débit", **{facet: one["value"]}))["articles"] == one["articles"] > 0
    both = reader.json("/search.json?" + urlencode([("tag", "Internet"), ("tag", "Politique")]))
    assert [item["id"] for item in both["items"]] == ["2"]
    assert reader.json(search(section="Articles de presse"))["articles"] == 3
    assert reader.json(search(section="Articles de presse › Année 2012 › Janvier"))["articles"] == 2
    assert reader.json(search(year="1812"))["articles"] == 0


def test_facets_of_many_are_those_of_few(reader: Reader) -> None:
    """Beyond some thousands they are counted in another way."""
    shelves = reader.room.shelves
    few = {facet: shelves.counts(facet, shelves.all) for facet in shelves.sets}
    padded = shelves.all | (((1 << 3000) - 1) << 1000)
    assert {facet: shelves.counts(facet, padded) for facet in shelves.sets} == few
    assert all(few.values())


def test_pages_lead_from_one_to_the_next(reader: Reader) -> None:
    first = reader.json("/search.json?tag=Br%C3%A8ve")
    assert (first["articles"], first["pages"], len(first["items"])) == (24, 2, 20)
    second = reader.json(first["next"])
    assert (len(second["items"]), second["next"]) == (4, None)
    assert not {one["id"] for one in first["items"]} & {one["id"] for one in second["items"]}
    assert 'rel="next"' in reader.page("/search?tag=Br%C3%A8ve")
    for page in ("-1", "x", "999999", "９", "1e9"):
        assert reader.ask(f"/search?tag=Br%C3%A8ve&page={quote(page)}").status_code == 200
    table = list(csv.DictReader(io.StringIO(reader.page("/search.csv?tag=Br%C3%A8ve"))))
    assert len(table) == 24  # a table has all of it


def test_words_are_marked_in_the_page(reader: Reader) -> None:
    page = reader.page("/search?q=election")
    assert "<mark>Élections</mark>" in page
    assert "Les <mark>élections</mark> locales" in page


def test_an_article_is_there_to_read(reader: Reader) -> None:
    page = reader.page("/article/5")
    assert '<article lang="fr">' in page
    assert '<th scope="col" class="n">Année</th><th scope="col" class="n">Abonnés</th>' in page
    assert '<td class="n">739 000</td>' in page
    assert '<li dir="auto">un point</li>' in page
    assert '<a class="call" href="#note-1">[1]</a>' in page and 'id="note-1"' in page
    assert '<article lang="en">' in reader.page("/article/6")
    assert SAY["withdrawn"] in reader.page("/article/6")
    told = reader.json("/article/5.json")
    assert told["article"] == next(line for line in press() if line["id"] == "5")
    assert told["address"] == "/article/5"


def test_every_address_of_a_record_is_permanent_whatever_is_in_it(reader: Reader) -> None:
    for line in press():
        here = address(line["id"])
        assert reader.ask(here).status_code == 200, here
        assert reader.json(f"{here}.json")["article"]["id"] == line["id"]
    assert reader.page("/article/dots.v1.json").startswith("<!DOCTYPE html>")


def test_reprints_tell_what_differs(reader: Reader) -> None:
    assert '<a href="/article/4"' in reader.page("/article/3")
    told = reader.json("/article/4/reprints.json")
    assert told["earliest"]["id"] == "3"
    (copy,) = told["copies"]
    assert (copy["id"], copy["added"], copy["removed"]) == ("4", 1, 0)
    assert "<ins>" in reader.page("/article/4/reprints")


def test_the_timeline_counts_months(reader: Reader) -> None:
    told = reader.json("/timeline.json?q=loi")
    assert told["months"] == [{"month": "2012-01", "articles": 1}, {"month": "2012-02", "articles": 1}]
    everything = reader.json("/timeline.json")
    assert sum(month["articles"] for month in everything["months"]) == len(press()) - 1  # one has no date
    assert "/search?month=2012-01" in reader.page("/timeline")


def test_without_a_ledger_versions_say_so(reader: Reader) -> None:
    assert SAY["no_ledger"].split(".")[0] in reader.page("/article/3/versions").replace("&#39;", "'")


@pytest.mark.parametrize("view", VIEWS)
def test_behind_every_view_are_json_and_csv(view: str, reader: Reader) -> None:
    page = reader.page(view)
    for kind, media in (("json", "application/json"), ("csv", "text/csv; charset=utf-8")):
        if view.startswith("/article") and view.count("/") == 2:
            assert f'href="{view}.{kind}"' in page
        else:
            assert twin(view, kind).replace("&", "&amp;") in page
        answer = reader.ask(twin(view, kind))
        assert (answer.status_code, answer.headers["content-type"]) == (200, media)
    assert json.loads(reader.ask(twin(view, "json")).text)
    rows = list(csv.reader(io.StringIO(reader.ask(twin(view, "csv")).text)))
    assert rows and all(len(row) == len(rows[0]) for row in rows)


def test_a_spreadsheet_takes_no_cell_for_a_formula(reader: Reader) -> None:
    cells = [cell for row in csv.reader(io.StringIO(reader.page("/search.csv"))) for cell in row]
    assert "'=1+1" in cells and "'@somme" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert "'+cmd" in reader.page(address("étrange/nom ?&#") + ".csv")


# -- safety -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", [*VIEWS, "/search?q=script", "/search?year=2014", "/article/attack/reprints", "/article/attack/as-it-was"])
def test_what_an_archive_contains_is_never_markup(view: str, reader: Reader) -> None:
    page = reader.page(view)
    assert page.count("<script") == 1  # the room's own
    assert "onerror=\"document" not in page
    assert "<img" not in page
    assert f'href="{JAVASCRIPT}' not in page
    assert not set(page) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\x00")
    assert 'onload="' not in page
    if view == "/article/attack":
        assert "&lt;script&gt;" in page and "&amp;#x3C;b&amp;#x3E; &amp;lt;i&amp;gt; &amp;amp &amp;bogus;" in page
        assert json.loads(reader.ask("/article/attack.json").text)["article"]["title"] == ATTACK


@pytest.mark.parametrize("asked", ["<script>x</script>", '"><img src=x onerror=y>', "\u202egpj", "' OR 1=1 --", "a\x00b", "\ud800".encode("utf-8", "replace").decode()])
def test_what_is_asked_is_never_markup(asked: str, reader: Reader) -> None:
    for path in (f"/search?q={quote(asked)}", f"/search?tag={quote(asked)}&section={quote(asked)}", f"/timeline?q={quote(asked)}"):
        page = reader.page(path)
        assert "<script>x" not in page and "<img" not in page and "\u202e" not in page
    answer = reader.ask(f"/article/{quote(asked, safe='')}")
    assert answer.status_code == 404
    assert "<script>x" not in answer.text


@pytest.mark.parametrize("view", [*VIEWS, "/nothing", "/search.json", "/static/room.css"])
def test_every_answer_is_shut_in(view: str, reader: Reader) -> None:
    headers = reader.ask(view).headers
    assert headers["content-security-policy"] == policy()
    assert "default-src 'none'" in policy() and "unsafe" not in policy()
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"
    assert "set-cookie" not in headers and "access-control-allow-origin" not in headers


@pytest.mark.parametrize("host", ["rebound.example", "rebound.example:8001", "127.0.0.1", "127.0.0.1:80", "127.0.0.1.example:8001", ""])
def test_another_name_is_not_answered(host: str, reader: Reader) -> None:
    answer = reader.ask("/article/1", host=host)
    assert answer.status_code == 403
    assert "réseaux" not in answer.text
    assert reader.ask("/article/1", host="localhost:8001").status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_nothing_can_be_written(method: str, reader: Reader) -> None:
    assert reader.ask("/search", method).status_code == 405


@pytest.mark.parametrize(
    "path",
    [
        "/room", "/room/articles", "/room.json?sql=select+1", "/-/databases", "/-/databases.json", "/_internal", "/-/settings", "/room/-/query",
        "/static/../serving.py", "/static/%2e%2e/serving.py", "/static/passwd", "/article/", "/article/none", "/article/3/nothing", "/Search",
        "/-/static/app.css", "/room.db", "/article/3/versions/", "/favicon.ico",
    ],
)  # fmt: skip
def test_nothing_but_the_rooms_pages_is_there(path: str, reader: Reader) -> None:
    answer = reader.ask(path)
    assert answer.status_code == 404
    assert "CREATE TABLE" not in answer.text


def test_a_wrong_question_and_a_fault_are_pages(reader: Reader, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    answer = reader.ask("/nothing")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "named otherwise" not in answer.text and "named otherwise" in reader.ask("/article/none").text
    assert json.loads(reader.ask("/article/none.json").text)["status"] == 404

    def fail(*_arguments: object) -> None:
        raise RuntimeError("a secret \x1b[2J path")

    monkeypatch.setattr(reader.room, "items", fail)
    answer = reader.ask("/search?q=loi")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    said = capsys.readouterr().err
    assert "secret" in said and "\x1b" not in said and "Traceback" not in said


# -- what must not be shown ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scope", ["all", "dataset", "search"])
@pytest.mark.parametrize("named", ["id", "url"])
def test_what_is_restricted_is_not_in_the_database(scope: str, named: str, tmp_path: Path, opening: Opening) -> None:
    collection = collected(tmp_path, press())
    value = "3" if named == "id" else "https://a.example/3.html"
    collection.restrictions.write_text(json.dumps({named: value, "scope": scope}) + "\n")
    reader = opening(collection)
    assert reader.ask("/article/3").status_code == 404
    assert reader.ids(search(q="loi")) == ["4"]
    assert reader.json("/article/4.json")["article"]["duplicate_of"] is None
    assert reader.room.shown == len(press()) - 1


def test_what_is_for_replay_alone_stays(tmp_path: Path, opening: Opening) -> None:
    collection = collected(tmp_path, press())
    collection.restrictions.write_text('{"id":"3","scope":["replay","exports"]}\n')
    assert opening(collection).ask("/article/3").status_code == 200


def test_what_becomes_restricted_is_hidden_at_once(tmp_path: Path, opening: Opening) -> None:
    collection = collected(tmp_path, press())
    reader = opening(collection)
    assert sorted(reader.ids(search(q="loi"))) == ["3", "4"]
    collection.restrictions.write_text('{"url":"http://a.example/3.html"}\n{"id":"attack"}\n')
    for view in ("", "/versions", "/reprints", "/as-it-was", ".json", ".csv"):
        assert reader.ask(f"/article/3{view}").status_code == 404
    assert reader.ids(search(q="loi")) == ["4"]
    assert reader.json("/article/4.json")["article"]["duplicate_of"] is None
    assert reader.json("/article/4/reprints.json")["earliest"]["id"] == "4"
    assert "attack" not in reader.page("/search.csv") + reader.page("/index.json") + reader.page("/article/dots.v1.json")
    collection.restrictions.write_text('{"id": "3"')
    for view in ("/", "/search?q=loi", "/article/1", "/timeline.json"):
        answer = reader.ask(view)
        assert answer.status_code == 503
        assert "Line 1 of" in answer.text
    collection.restrictions.unlink()
    assert sorted(reader.ids(search(q="loi"))) == ["3", "4"]


def test_the_database_is_made_anew_when_the_dataset_is_another(tmp_path: Path) -> None:
    collection = collected(tmp_path, press())
    path = prepared(collection, lambda done, total: None)
    assert path == collection.exports / NAME
    first, made = key_of(path), path.stat().st_mtime_ns
    assert prepared(collection, lambda done, total: None).stat().st_mtime_ns == made
    collected(tmp_path, [*press(), article("new", "2020-01-01", "Neuf", "Neuf.")])
    told: list[tuple[int, int]] = []
    prepared(collection, lambda done, total: told.append((done, total)))
    second = key_of(path)
    assert second != first
    assert len(told) == len(press()) + 1 and all(done <= total for done, total in told)
    collection.restrictions.write_text('{"id":"new","until":"2001-01-01"}\n')  # it is over
    prepared(collection, lambda done, total: None)
    assert key_of(path) == second
    collection.restrictions.write_text('{"id":"new"}\n')
    prepared(collection, lambda done, total: None)
    assert key_of(path) not in (first, second)
    collection.changes.write_text("")
    path.write_bytes(b"no database at all")
    assert key_of(path) is None
    prepared(collection, lambda done, total: None)
    assert key_of(path) is not None
    assert sorted(one.name for one in collection.exports.iterdir()) == [NAME]


def test_a_dataset_that_was_replaced_is_told(tmp_path: Path, opening: Opening) -> None:
    collection = collected(tmp_path, press())
    reader = opening(collection)
    assert SAY["changed"].split(":")[0] not in reader.page("/")
    (tmp_path / "new").write_bytes(collection.articles.read_bytes())
    (tmp_path / "new").replace(collection.articles)
    assert SAY["changed"].split(":")[0] in reader.page("/")


def test_a_dataset_of_nothing_is_a_room_of_nothing(tmp_path: Path, opening: Opening) -> None:
    reader = opening(collected(tmp_path, []))
    for view in ("/", "/search", "/search?q=loi", "/timeline", "/search.csv"):
        assert reader.ask(view).status_code == 200


def test_names_with_marks_in_them_lead_to_their_articles(tmp_path: Path, opening: Opening) -> None:
    """What turns the order of letters around is in no page, and is not needed in an address."""
    lines = [
        article("1", "2012-01-01", "Un", "Un.", tags=["\u202bتونس\u202c"], section=["Presse\u2066", "Ann\u00e9e\x7f 2012"]),
        article("2", "2012-01-02", "Deux", "Deux.", tags=["تونس"], section=["Presse"]),
    ]
    reader = opening(collected(tmp_path, lines))
    found = reader.json("/search.json")["facets"]
    assert {one["value"]: one["articles"] for one in found["tag"]} == {"تونس": 2}
    for facet in ("tag", "section"):
        for one in found[facet]:
            assert reader.json(search(**{facet: one["value"]}))["articles"] == one["articles"] > 0
    assert reader.ids(search(tag="\u202bتونس\u202c")) == ["2", "1"]  # as the record has it
    assert "/search?section=Presse" in reader.page("/article/1")


def test_a_copy_of_what_becomes_restricted_is_told_as_no_copy(tmp_path: Path, opening: Opening) -> None:
    collection = collected(tmp_path, press())
    reader = opening(collection)
    assert [item["reprint"] for item in reader.json(search(q="loi"))["items"] if item["id"] == "4"] == [True]
    collection.restrictions.write_text('{"id":"3"}\n')
    assert [item["reprint"] for item in reader.json(search(q="loi"))["items"]] == [False]
    assert SAY["reprint"] not in reader.page("/search?q=loi")


def test_a_room_does_not_read_the_database_of_a_later_one(tmp_path: Path, opening: Opening) -> None:
    """Places in it are those of another dataset: what is restricted would be shown in the place of what is not."""
    collection = collected(tmp_path, press())
    reader = opening(collection)
    collected(tmp_path, [article("0", "1990-01-01", "Zéro", "Zéro."), *press()])
    prepared(collection, lambda done, total: None)
    answer = reader.ask("/search.json")
    assert answer.status_code == 503
    assert "begin it again" in json.loads(answer.text)["error"]
    assert opening(collection).ids("/search.json")
