"""restrictions.jsonl: what is read, what hides what, and that no line is passed over."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from osiris_crawler.care.restrictions import SCOPES, hidden, read
from osiris_crawler.errors import UsageError

NOW = datetime(2026, 5, 10, 12, tzinfo=UTC)


def file(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "restrictions.jsonl"
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return path


def test_no_file_hides_nothing(tmp_path: Path) -> None:
    assert read(tmp_path / "restrictions.jsonl") == []
    assert not hidden([], "replay")


def test_a_line_is_read(tmp_path: Path) -> None:
    line = '{"id":"123","scope":["dataset","replay"],"reason":"court","authority":"TGI Dakar","until":"2030-01-31"}'
    (found,) = read(file(tmp_path, "", line))
    assert (found.line, found.id, found.url, found.reason, found.authority) == (2, "123", None, "court", "TGI Dakar")
    assert found.scope == {"dataset", "replay"}
    assert found.until == datetime(2030, 2, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("scope", "where"),
    [
        ("", SCOPES),
        ('"scope":null,', SCOPES),
        ('"scope":"all",', SCOPES),
        ('"scope":"replay",', ("replay",)),
        ('"scope":["dataset","exports"],', ("dataset", "exports")),
        ('"scope":["search","all"],', SCOPES),
    ],
)
def test_scopes(scope: str, where: tuple[str, ...], tmp_path: Path) -> None:
    restrictions = read(file(tmp_path, f'{{{scope}"id":"1"}}'))
    assert [name for name in SCOPES if hidden(restrictions, name, now=NOW).ids] == [
        name for name in SCOPES if name in where
    ]


@pytest.mark.parametrize(
    ("until", "holds"),
    [
        ("null", True),
        ('"2026-05-10"', True),  # the last day
        ('"2026-05-09"', False),
        ('"2026-05-10T11:59:59Z"', False),
        ('"2026-05-10T12:00:01Z"', True),
        ('"2026-05-10T13:30:00+02:00"', False),
        ('"9999-12-31"', True),
    ],
)
def test_until(until: str, holds: bool, tmp_path: Path) -> None:
    restrictions = read(file(tmp_path, f'{{"id":"1","until":{until}}}'))
    assert bool(hidden(restrictions, "replay", now=NOW)) is holds


def test_hides_an_article_by_id_or_by_any_of_its_addresses(tmp_path: Path) -> None:
    found = hidden(read(file(tmp_path, '{"id":"7"}', '{"url":"https://www.a.example/Old.html"}')), "dataset", now=NOW)
    assert found.hides({"id": "7", "url": "http://a.example/7.html", "urls": []})
    assert found.hides({"id": "8", "url": "http://a.example/8.html", "urls": ["http://a.example/old.html"]})
    assert not found.hides({"id": "9", "url": "http://a.example/9.html", "urls": ["http://a.example/old.html?x=1"]})


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        '"7"',
        "{}",
        '{"id":"7","url":"http://a.example/"}',
        '{"id":""}',
        '{"id":true}',
        '{"id":["7"]}',
        '{"url":"a.example/7"}',
        '{"url":7}',
        '{"id":"7","scope":"replays"}',
        '{"id":"7","scope":[]}',
        '{"id":"7","scope":{"replay":1}}',
        '{"id":"7","scope":[["replay"]]}',
        '{"id":"7","until":"soon"}',
        '{"id":"7","until":2030}',
        '{"id":"7"',
        '{"id":"7","reason":"' + "x" * 100_000 + '"}',
        '{"a":' + "[" * 50_000,
    ],
)
def test_a_line_that_cannot_be_read_is_named(line: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^Line 2 of ") as caught:
        read(file(tmp_path, '{"id":"1"}', line, '{"id":"2"}'))
    assert len(str(caught.value)) < 1000


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "restrictions.jsonl"
    path.write_bytes(b'{"id":"\xff"}')
    with pytest.raises(UsageError, match=r"^Line 1 of "):
        read(path)
