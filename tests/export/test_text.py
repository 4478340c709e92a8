"""osiris export text: a file an article, by year, and metadata.csv beside them."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest

from osiris_crawler.errors import UsageError
from osiris_crawler.export.choosing import Choice
from osiris_crawler.export.naming import Places
from osiris_crawler.record import keys
from tests.export.datasets import Dataset, article


def files(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_bytes().decode() for path in folder.rglob("*.txt")}


def test_every_article_is_a_file_and_a_row(dataset: Dataset) -> None:
    made = dataset()
    written = made.export("text", "x")
    found = files(made.folder / "x")
    with (made.folder / "x" / "metadata.csv").open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table))
    assert {"title", "sources.outlet", "capture.warc"} < set(rows[0])
    assert list(rows[0])[:2] == ["file", "id"]
    assert not {"lead", "body", "ps", "notes"} & set(rows[0])
    assert {name.partition(".")[0] for name in list(rows[0])[1:]} == set(keys()) - {"lead", "body", "ps", "notes"}
    assert [row["id"] for row in rows] == [one["id"] for one in made.articles]
    assert {row["file"] for row in rows} == set(found)
    for row, one in zip(rows, made.articles, strict=True):
        parts = [one["title"], one["lead"], one["body"], one["ps"], *one["notes"]]
        assert found[row["file"]] == "\n\n".join(part for part in parts if part) + "\n"
    assert [row["file"] for row in rows][::2] == ["1998/1.txt", "2015/3.txt", "2016/Slug-Deux.txt"]
    assert rows[-1]["file"] == "undated/slug-deux.txt"
    assert written.counts == {"articles": 6}
    size = sum(path.stat().st_size for path in (made.folder / "x").rglob("*") if path.suffix in (".txt", ".csv"))
    assert written.bytes == size


def test_it_says_what_it_is_and_replaces_its_like_alone(dataset: Dataset) -> None:
    made = dataset()
    made.restrict({"id": "3"})
    for year in (2025, 2026):
        made.export("text", "x", title="Presse", description="*Tout.*", created=datetime(year, 1, 1, tzinfo=UTC))
    told = (made.folder / "x" / "README.md").read_text("utf-8")
    assert told.startswith("# Presse\n\n*Tout.*\n\n5 articles.")
    for part in ("- `YYYY/ID.txt`: ", "- `metadata.csv`: ", "grants no licence", "Made on 2026-01-01"):
        assert part in told
    assert "2015/3.txt" not in files(made.folder / "x")
    (made.folder / "mine").mkdir()
    with pytest.raises(UsageError, match="is there already"):
        made.export("text", "mine")


def test_filters_hold_for_it_and_for_markdown(dataset: Dataset) -> None:
    made = dataset()
    choice = Choice.of(since="2015", until="2015")
    for format, end in (("text", "txt"), ("markdown", "md")):
        written = made.export(format, format, choice=choice)
        assert sorted(path.stem for path in (made.folder / format).rglob(f"2*/**/*.{end}")) == ["3", "breve4"]
        assert (written.counts["articles"], written.left_out) == (2, {"restricted": 0, "filtered": 3, "undated": 1})
    assert made.export("markdown", "markdown", choice=Choice.of(tags=["zzz"])).warnings[-1].startswith("No article is left")


@pytest.mark.parametrize(("months", "folders"), [(True, {"2015/01", "undated"}), (False, {"2015", "undated"})])
def test_no_two_names_are_one_for_any_file_system(months: bool, folders: set[str]) -> None:
    places = Places(".txt", months=months)
    odd = [article(id, date=date) for id in ("A", "a", "a-1", "Á", "../a", "é" * 300, "é" * 299) for date in ("2015-01-30", None)]
    found = [places.place({"id": one.id, "date": one.date}) for one in [*odd, article("x", date="../..")]]
    assert len({path.as_posix().casefold() for path in found}) == len(odd) + 1
    assert {path.parent.as_posix() for path in found} == folders
