"""Which files are imports, when their records were made, which of them are pages."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from osiris_crawler.archive.clock import normal_date
from osiris_crawler.archive.exchange import IMPORTS
from osiris_crawler.archive.reader import Record
from osiris_crawler.archive.writer import WarcWriter
from osiris_crawler.ledger.imports import Walks, answers, imports, is_import, name_for
from osiris_crawler.ledger.ledger import Ledger


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2014-03-01T10:00:00Z", "2014-03-01T10:00:00.000000Z"),
        ("2014-03-01T10:00:00.5Z", "2014-03-01T10:00:00.500000Z"),
        ("2014-03-01T10:00:00.123456789Z", "2014-03-01T10:00:00.123456Z"),
        ("2014-03-01T10:00:00.123456Z", "2014-03-01T10:00:00.123456Z"),
        ("2014-03-01T12:00:00+02:00", "2014-03-01T10:00:00.000000Z"),
        ("2014-03-01T10:00Z", "2014-03-01T10:00:00.000000Z"),
        ("2014-03-01", "2014-03-01T00:00:00.000000Z"),
        ("2014-03", "2014-03-01T00:00:00.000000Z"),
        ("2014", "2014-01-01T00:00:00.000000Z"),
        ("20140301100000", "2014-03-01T10:00:00.000000Z"),
        ("2014-03-01T23:59:60Z", "2014-03-01T23:59:59.000000Z"),
        ("2014-13-01T10:00:00Z", None),
        ("0000-01-01T00:00:00.000000Z", None),
        ("abcdefghijklmnopqrstuvwxyzZ", None),
        ("0001-01-01T00:00:00+23:00", None),
        ("", None),
    ],
)
def test_dates_of_any_precision(text: str, expected: str | None) -> None:
    assert normal_date(text) == expected


def test_names_of_imports_and_of_our_own_are_never_alike(tmp_path: Path) -> None:
    sum = "0123456789abcdef" * 4
    for stem in ("wget", "IAH-20120301100000-00000-h", "../../etc/passwd", "é", "", "x" * 300, "a.b~c [red]"):
        for compressed in (True, False):
            name = name_for(sum, stem, compressed)
            assert is_import(name)
            assert "/" not in name
            assert len(name) < 100
    for prefix in ("import", "import-0123456789abcdef-x", "import-0123456789abcdef"):
        writer = WarcWriter(tmp_path, prefix=prefix, hostname="x", warcinfo={})
        writer.write_metadata_sync("urn:x", {"a": "b"})
        writer.close_sync()
    own = [path.name for path in tmp_path.iterdir()]
    assert len(own) == 3
    assert not any(is_import(name) for name in own)


def write(folder: Path, command: str, names: list[str], prefix: str = "c") -> Path:
    writer = WarcWriter(folder, prefix=prefix, hostname="h", warcinfo={"command": command})
    writer.write_metadata_sync(IMPORTS, {"files": [{"name": name} for name in names]})
    writer.close_sync()
    return max(folder.glob(f"{prefix}-*"))


def test_only_files_of_our_own_say_what_is_an_import(tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    archive.mkdir()
    known = name_for("a" * 64, "old", True)
    own = write(archive, "import", [known])
    write(archive, "crawl", ["crawl-says.warc.gz"])
    assert set(imports(archive)) == {known}
    assert imports(archive)[known].startswith(datetime.now(UTC).strftime("%Y-"))
    # An imported file that names ours as imports is not believed.
    lying = write(tmp_path, "import", [own.name])
    lying.rename(archive / name_for("b" * 64, "lie", True))
    assert set(imports(archive)) == {known, name_for("b" * 64, "lie", True)}


def record(type: str, id: str, block: bytes = b"HTTP/1.1 200 OK\r\n\r\n", uri: str = "http://h/a", **headers: str) -> Record:
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return Record(type, id, uri, "2014-01-01T00:00:00Z", fields, block, 0, 1)


GET, POST, HEAD = b"GET /a HTTP/1.1\r\n\r\n", b"POST /a HTTP/1.1\r\n\r\n", b"HEAD /a HTTP/1.1\r\n\r\n"


@pytest.mark.parametrize(
    ("stream", "taken", "why"),
    [
        ([record("response", "1")], ["1"], {}),
        ([record("request", "0", GET), record("response", "1", WARC_Concurrent_To="0")], ["1"], {}),
        ([record("request", "0", POST), record("response", "1", WARC_Concurrent_To="0")], [], {"not_get": 1}),
        ([record("response", "1"), record("request", "0", POST, WARC_Concurrent_To="1")], [], {"not_get": 1}),
        ([record("response", "1"), record("request", "0", HEAD, WARC_Concurrent_To="1")], [], {"not_get": 1}),
        ([record("response", "1"), record("request", "0", POST)], [], {"not_get": 1}),  # neither names the other
        ([record("response", "1"), record("request", "0", POST, WARC_Concurrent_To="2")], ["1"], {}),
        ([record("response", "1"), record("request", "0", GET, WARC_Concurrent_To="1")], ["1"], {}),
        ([record("response", "1"), record("response", "2")], ["1", "2"], {}),
        ([record("response", "1", uri="dns:h")], [], {"not_http": 1}),
        ([record("response", "1", b"<html>")], [], {"not_http": 1}),
        ([record("revisit", "1", b"")], ["1"], {}),
        ([record("response", "1", uri="http://h/a?__wb_method=POST&x=1")], [], {"not_get": 1}),
        ([record("response", "1", WARC_Segment_Number="1")], [], {"segmented": 1}),
        ([record("resource", "1", b"<html>"), record("conversion", "2")], [], {}),
    ],
)
def test_answers_to_a_get_are_pages(stream: list[Record], taken: list[str], why: dict[str, int]) -> None:
    skipped: Counter[str] = Counter()
    found = list(answers(stream, skipped))
    assert [one for one, _good in found] == stream
    assert [one.id for one, good in found if good] == taken
    assert +skipped == why


def test_a_walk_begins_with_its_earliest_capture_and_never_after_the_import(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "state.sqlite")
    file = tmp_path / name_for("a" * 64, "x", True)
    file.write_bytes(b"")
    dates = ["2014-03-01T10:00:00Z", "2014-03-01T08:00:00Z", "2014-03-02T00:00:00Z"]
    for order in (dates, dates[::-1]):
        walks = Walks(ledger, file, "2020-01-01T00:00:00.000000Z")
        for date in order:
            assert walks.of(Record("response", "", "", date, {}, b"", 0, 1)) is not None
        walks.close()
        assert walks.of(Record("response", "", "", "2020-01-01T00:30:00Z", {}, b"", 0, 1)) is not None
        assert walks.of(Record("response", "", "", "2020-01-01T01:00:01Z", {}, b"", 0, 1)) is None
        assert walks.of(Record("response", "", "", "9999-12-31T00:00:00Z", {}, b"", 0, 1)) is None
        rows = ledger.db.query("SELECT run, crawl, started FROM runs ORDER BY run").fetchall()
        assert [tuple(row) for row in rows[:2]] == [
            ("import-2014-03-01", -20140301, "2014-03-01T08:00:00.000000Z"),
            ("import-2014-03-02", -20140302, "2014-03-02T00:00:00.000000Z"),
        ]
    assert ledger.last_crawl() == 0
    ledger.close()
