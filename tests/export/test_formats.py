"""Every format of rows is read back by a reader that is not ours, and is the dataset; the same dataset gives the same bytes."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from osiris_crawler.errors import IntegrityError, UsageError
from osiris_crawler.export import csv_rows, parquet_rows
from osiris_crawler.export.packing import zstd
from osiris_crawler.export.shapes import Kind, Shape, shapes
from osiris_crawler.record import keys
from tests.conftest import ROOT
from tests.export.datasets import Dataset, article, odd

csv.field_size_limit(1_000_000)  # of the process, whichever test comes first

ROWS = ("jsonl", "csv", "parquet")


def query(sql: str) -> list[dict[str, Any]]:
    """Rows as DuckDB reads them."""
    with duckdb.connect() as db:
        db.execute("SET TimeZone = 'UTC'")
        found = db.execute(sql)
        names = [column[0] for column in found.description or []]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


# -- jsonl ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("compress", [None, "gz", "zst"])
def test_jsonl_is_the_dataset(compress: str | None, dataset: Dataset) -> None:
    made = dataset()
    written = made.export("jsonl", "x", compress=compress)
    data = (made.folder / "x").read_bytes()
    assert written.bytes == len(data)
    assert written.counts == {"articles": 6}
    opened = {None: bytes, "gz": gzip.decompress, "zst": zstd.decompress}[compress](data)
    assert opened == made.collection.articles.read_bytes()
    kind = {None: "uncompressed", "gz": "gzip", "zst": "zstd"}[compress]
    sql = f"SELECT id, tags FROM read_json('{made.folder / 'x'}', format='newline_delimited', compression='{kind}', columns={{id: 'VARCHAR', tags: 'VARCHAR[]'}})"
    assert query(sql) == [{"id": one["id"], "tags": one["tags"]} for one in made.articles]


@pytest.mark.parametrize("compress", ["gz", "zst"])
def test_no_time_is_in_what_is_compressed(compress: str, dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    made = dataset()
    for name, now in (("a", 1_000_000_000.0), ("b", 1_700_000_000.0)):
        monkeypatch.setattr("time.time", lambda found=now: found)
        made.export("jsonl", name, compress=compress)
    assert (made.folder / "a").read_bytes() == (made.folder / "b").read_bytes()


def test_fields_are_those_that_are_asked_for_in_that_order(dataset: Dataset) -> None:
    made = dataset()
    names = ("title", "id", "sources")
    for format in ROWS:
        made.export(format, f"x.{format}", fields=names)
    lines = [json.loads(line) for line in (made.folder / "x.jsonl").read_bytes().splitlines()]
    assert [list(line.items()) for line in lines] == [[(name, one[name]) for name in names] for one in made.articles]
    with (made.folder / "x.csv").open(encoding="utf-8", newline="") as table:
        head = next(csv.reader(table))
    parts = ["text", "name", "outlet", "url", "date"]
    assert head == ["title", "id", *(f"sources.{part}" for part in parts)]
    rows = query(f"SELECT * FROM '{made.folder / 'x.parquet'}'")
    assert [list(row.items()) for row in rows] == [[(name, one[name]) for name in names] for one in made.articles]


# -- csv --------------------------------------------------------------------------------------------------------------


def table_of(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter=delimiter, strict=True))


def unguarded(cell: str) -> str:
    """The text of a cell, as the manual says how to get it back."""
    return cell[1:] if re.match("'+(?:[\\t\\r\\n]|[\\s\u200b\ufeff]*[=+\\-@＝＋－＠])", cell) else cell


def elements(cell: str) -> list[str]:
    return [re.sub(r"\\(.)", r"\1", one) for one in cell.split(" | ")] if cell else []


def value_of(cell: str, shape: Shape) -> Any:
    if cell == "" and shape.nullable:
        return None
    return int(cell) if shape.kind is Kind.NUMBER else cell


def article_of(row: dict[str, str]) -> dict[str, Any]:
    """The article that a row of a table is of."""
    cells = {name: unguarded(cell) for name, cell in row.items()}
    found: dict[str, Any] = {}
    for name, shape in shapes().items():
        if shape.kind is Kind.STRUCT:
            found[name] = {part: value_of(cells[f"{name}.{part}"], inner) for part, inner in shape.parts.items()}
        elif shape.kind is not Kind.LIST:
            found[name] = value_of(cells[name], shape)
        elif shape.item is not None and shape.item.parts:
            count = len(elements(cells[f"{name}.{next(iter(shape.item.parts))}"]))
            told = {part: elements(cells[f"{name}.{part}"]) or [""] * count for part in shape.item.parts}
            found[name] = [
                {part: value_of(told[part][n], inner) for part, inner in shape.item.parts.items()} for n in range(count)
            ]
        else:
            found[name] = elements(cells[name])
    return found


def test_csv_read_by_others_is_the_dataset(dataset: Dataset) -> None:
    made = dataset()
    made.export("csv", "x.csv")
    rows = table_of(made.folder / "x.csv")
    assert [article_of(row) for row in rows] == made.articles
    others = query(
        f"SELECT * FROM read_csv('{made.folder / 'x.csv'}', all_varchar=true, header=true, delim=',', quote='\"', "
        "escape='\"', nullstr='~', max_line_size=1000000)"
    )
    assert others == rows


def test_csv_is_that_of_rfc_4180(dataset: Dataset) -> None:
    made = dataset([article("1", title='a "b", c', body="x\ny")])
    made.export("csv", "x.csv", fields=("id", "title", "body"))
    assert (made.folder / "x.csv").read_bytes() == b'id,title,body\r\n1,"a ""b"", c","x\ny"\r\n'


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1", "@SUM(1)", "\tx", "\rx", "\nx", "＝1", "＋1", "－1", "＠x", " =1", "\u00a0=1", "\u200b=1", "\ufeff-x",
     "\n =1", "'=1", "''=1", "' =1"],
)  # fmt: skip
def test_no_cell_is_a_formula_and_all_can_be_taken_back(text: str) -> None:
    cell = csv_rows.safe(text)
    assert cell == f"'{text}"
    assert unguarded(cell) == text


@pytest.mark.parametrize("text", ["", "x", "'", "'x", "1=1", "’=1", "“=1”", "1-1", "| =1", "''"])
def test_other_cells_stay_as_they_are(text: str) -> None:
    assert csv_rows.safe(text) == text
    assert unguarded(text) == text


def test_no_cell_of_a_table_begins_like_a_formula(dataset: Dataset) -> None:
    made = dataset()
    for excel in (False, True):
        made.export("csv", "x.csv", excel=excel)
        text = (made.folder / "x.csv").read_text("utf-8-sig")
        cells = [cell for row in csv.reader(io.StringIO(text, newline=""), delimiter=";" if excel else ",") for cell in row]
        assert len(cells) > 200
        assert not [cell for cell in cells if re.match(r"\s*[=+\-@＝＋－＠]", cell)]


def test_what_excel_opens(dataset: Dataset) -> None:
    most = 32_767
    texts = ["x" * most, "x" * (most + 1), "😀" * (most // 2), "😀" * (most // 2 + 1), "=" + "x" * (most - 1)]
    made = dataset([article(str(n), body=text) for n, text in enumerate(texts)])
    written = made.export("csv", "x.csv", excel=True)
    assert (made.folder / "x.csv").read_bytes().startswith(b"\xef\xbb\xbfid;url;")
    with (made.folder / "x.csv").open(encoding="utf-8-sig", newline="") as table:
        bodies = [row["body"] for row in csv.DictReader(table, delimiter=";")]
    assert [len(body.encode("utf-16-le")) // 2 for body in bodies] == [most, most, most - 1, most - 1, most]
    assert [body.endswith(" […]") for body in bodies] == [False, True, False, True, True]
    assert [bodies[0], bodies[2]] == [texts[0], texts[2]]
    assert written.counts == {"articles": 5, "cut": 3}
    assert "3 cells are longer" in written.warnings[0]
    whole = made.export("csv", "y.csv")
    assert (whole.counts, whole.warnings) == ({"articles": 5}, [])


# -- parquet ----------------------------------------------------------------------------------------------------------


def typed(value: Any, shape: Shape) -> Any:
    """What a typed reader says for a value of the dataset."""
    if value is None:
        return None
    match shape.kind:
        case Kind.DAY:
            return date.fromisoformat(value)
        case Kind.INSTANT:
            return datetime.fromisoformat(value)
        case Kind.LIST:
            assert shape.item is not None
            return [typed(one, shape.item) for one in value]
        case Kind.STRUCT:
            return {name: typed(value[name], part) for name, part in shape.parts.items()}
    return value


def test_parquet_read_by_others_is_the_dataset(dataset: Dataset) -> None:
    made = dataset()
    made.export("parquet", "x.parquet")
    rows = query(f"SELECT * FROM '{made.folder / 'x.parquet'}'")
    assert rows == [{name: typed(one[name], shape) for name, shape in shapes().items()} for one in made.articles]
    assert rows[0]["first_seen"] == datetime(2026, 1, 1, 10, tzinfo=UTC)


def test_parquet_has_the_types_of_the_record(dataset: Dataset) -> None:
    made = dataset()
    made.export("parquet", "x.parquet")
    types = {row["column_name"]: row["column_type"] for row in query(f"DESCRIBE SELECT * FROM '{made.folder / 'x.parquet'}'")}
    media = "STRUCT(url VARCHAR, title VARCHAR, \"type\" VARCHAR)[]"
    assert list(types) == keys()
    assert types | dict.fromkeys(name for name, type in types.items() if type == "VARCHAR") == dict.fromkeys(types) | {
        "urls": "VARCHAR[]", "section": "VARCHAR[]", "tags": "VARCHAR[]", "authors": "VARCHAR[]", "notes": "VARCHAR[]", "issues": "VARCHAR[]",
        "date": "DATE", "version": "BIGINT", "images": media, "documents": media,
        "sources": 'STRUCT("text" VARCHAR, "name" VARCHAR, outlet VARCHAR, url VARCHAR, date VARCHAR)[]',
        "first_seen": "TIMESTAMP WITH TIME ZONE", "last_changed": "TIMESTAMP WITH TIME ZONE", "withdrawn": "TIMESTAMP WITH TIME ZONE",
        "capture": 'STRUCT(warc VARCHAR, "offset" BIGINT, record_id VARCHAR, date TIMESTAMP WITH TIME ZONE)',
    }  # fmt: skip


def test_parquet_is_compressed_and_what_repeats_is_coded(dataset: Dataset) -> None:
    made = dataset()
    made.export("parquet", "x.parquet")
    chunks = query(f"SELECT path_in_schema, compression, encodings FROM parquet_metadata('{made.folder / 'x.parquet'}')")
    assert {chunk["compression"] for chunk in chunks} == {"ZSTD"}
    coded = {chunk["path_in_schema"].replace(", ", ".") for chunk in chunks if "DICTIONARY" in chunk["encodings"]}
    assert {path.replace(".list.element", "") for path in coded} == set(parquet_rows.REPEATED)


def test_row_groups_are_bounded_by_articles_and_by_letters(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_rows, "GROUP", 5)
    monkeypatch.setattr(parquet_rows, "_LETTERS", 20_000)
    long = [article(f"long{n}", notes=["x" * 9000] * 3) for n in range(3)]
    made = dataset([*(article(str(n)) for n in range(12)), *long])
    made.export("parquet", "x.parquet")
    sql = f"SELECT row_group_id, max(row_group_num_rows) AS rows FROM parquet_metadata('{made.folder / 'x.parquet'}') GROUP BY 1 ORDER BY 1"
    assert [row["rows"] for row in query(sql)] == [5, 5, 3, 1, 1]
    assert [row["id"] for row in query(f"SELECT id FROM '{made.folder / 'x.parquet'}'")] == [one["id"] for one in made.articles]


def test_the_footer_says_what_the_table_is(dataset: Dataset) -> None:
    made = dataset()
    made.export("parquet", "x.parquet", title="Presse", description="*Tout.*")
    told = {
        bytes(row["key"]).decode(): bytes(row["value"]).decode()
        for row in query(f"SELECT key, value FROM parquet_kv_metadata('{made.folder / 'x.parquet'}')")
    }
    assert (told["osiris.title"], told["osiris.description"]) == ("Presse", "*Tout.*")
    assert "no licence" in told["osiris.rights"]
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", told["osiris.schema"])
    assert told["osiris.software"].startswith("osiris-crawler ")


def test_without_pyarrow_a_sentence_says_how_to_get_it(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    made = dataset()
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UsageError, match=r"pip install 'osiris-crawler\[dataset\]'"):
        made.export("parquet", "x.parquet")
    assert [path.name for path in made.folder.iterdir()] == ["output"]


# -- all of them ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("format", ROWS)
def test_the_same_dataset_gives_the_same_bytes(format: str, dataset: Dataset) -> None:
    made = dataset()
    for name, year in (("a", 2025), ("b", 2026)):
        made.export(format, name, created=datetime(year, 1, 1, tzinfo=UTC))
    data = (made.folder / "a").read_bytes()
    assert len(data) > 2000
    assert data == (made.folder / "b").read_bytes()


def _empty_jsonl(path: Path) -> Iterable[Any]:
    return path.read_bytes().splitlines()


EMPTY: dict[str, Callable[[Path], Iterable[Any]]] = {
    "jsonl": _empty_jsonl,
    "csv": table_of,
    "parquet": lambda path: query(f"SELECT id, tags FROM '{path}'"),
}


@pytest.mark.parametrize("format", ROWS)
def test_of_no_articles_a_valid_file_is_made(format: str, dataset: Dataset) -> None:
    made = dataset([])
    written = made.export(format, f"x.{format}")
    assert list(EMPTY[format](made.folder / f"x.{format}")) == []
    assert ("No article is left" in written.warnings[0], written.counts) == (True, {"articles": 0})


BAD: dict[str, Callable[[dict[str, Any]], object]] = {
    "a day that is none": lambda one: one.update(date="2015-02-30"),
    "an instant that is none": lambda one: one.update(first_seen="2015-01-30"),
    "no list": lambda one: one.update(tags="x"),
    "no text": lambda one: one.update(title=1),
    "null": lambda one: one.update(body=None),
    "no number": lambda one: one.update(version=True),
    "a number too large": lambda one: one["capture"].update(offset=2**63),
    "a field that is missing": lambda one: one.pop("notes"),
    "a part that is missing": lambda one: one["capture"].pop("warc"),
    "half a letter": lambda one: one.update(title="\ud83d"),
    "no struct": lambda one: one.update(images=["x"]),
}


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("format", [*ROWS, "text"])
def test_a_line_that_is_no_article_ends_it_and_leaves_nothing(format: str, name: str, dataset: Dataset) -> None:
    made = dataset()
    bad = made.articles[3]
    BAD[name](bad)
    with made.collection.articles.open("a") as out:
        out.write(json.dumps(bad) + "\n")
    with pytest.raises(IntegrityError, match="Line 7 of"):
        made.export(format, "x")
    assert [path.name for path in made.folder.iterdir()] == ["output"]


@pytest.mark.parametrize("format", [*ROWS, "text"])
def test_progress_ends_at_the_end(format: str, dataset: Dataset) -> None:
    made = dataset()
    told: list[tuple[int, int]] = []
    made.export(format, "x", progress=lambda done, total: told.append((done, total)))
    assert told == sorted(told)
    assert len(told) == len(odd())
    assert told[-1] == (made.collection.articles.stat().st_size,) * 2


_FULL = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
from osiris_crawler.cli import main
main(["export", sys.argv[1], "-c", "c", *sys.argv[2:]])
"""


@pytest.mark.parametrize("arguments", [["jsonl", "--compress", "zst"], ["csv"], ["parquet"], ["text"], ["sqlite"], ["markdown"], ["release"]])
def test_a_full_disk_is_one_sentence_and_leaves_nothing(arguments: list[str], dataset: Dataset) -> None:
    made = dataset()
    done = subprocess.run(
        [sys.executable, "-c", _FULL, *arguments], cwd=made.folder, capture_output=True, text=True, timeout=100, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OSIRIS_LANG": "en"},
    )  # fmt: skip
    assert (done.returncode, done.stderr.count("\n"), "Make room" in done.stderr) == (1, 1, True), done.stderr
    assert list(made.collection.exports.iterdir()) == []


def test_every_shape_is_that_of_the_record() -> None:
    kinds = {name: shape.kind.value for name, shape in shapes().items() if shape.kind is not Kind.TEXT}
    assert kinds == {
        "urls": "list", "date": "day", "section": "list", "tags": "list", "authors": "list", "notes": "list", "sources": "list", "images": "list",
        "documents": "list", "version": "number", "first_seen": "instant", "last_changed": "instant", "withdrawn": "instant", "capture": "struct",
        "issues": "list",
    }  # fmt: skip
    assert shapes()["capture"].parts["date"].kind is Kind.INSTANT
    assert (item := shapes()["sources"].item) is not None
    assert item.parts["date"].kind is Kind.TEXT
