from __future__ import annotations

from pathlib import Path

import pytest

from osiris_crawler.errors import Exit, UsageError, worst
from osiris_crawler.paths import Collection
from osiris_crawler.settings import day, load, seconds


@pytest.mark.parametrize(
    ("text", "last", "expected"),
    [
        ("2015", False, "2015-01-01"),
        ("2015", True, "2015-12-31"),
        ("2016-02", True, "2016-02-29"),
        ("2015-12", True, "2015-12-31"),
        ("2015-01-30", True, "2015-01-30"),
    ],
)
def test_days(text: str, last: bool, expected: str) -> None:
    assert day(text, last=last) == expected


@pytest.mark.parametrize("text", ["", "15", "2015-13", "2015-02-30", "30/01/2015", "yesterday", "2015-1-1"])
def test_what_is_no_day(text: str) -> None:
    with pytest.raises(ValueError, match=r"Write|no such|jour|Écrivez"):
        day(text)


@pytest.mark.parametrize(("text", "expected"), [("90s", 90), ("15m", 900), ("8h", 28800), ("2d", 172800), ("5", 5)])
def test_spans(text: str, expected: float) -> None:
    assert seconds(text) == expected


@pytest.mark.parametrize("text", ["", "0", "-5", "8x", "1e9", "inf"])
def test_what_is_no_span(text: str) -> None:
    with pytest.raises(ValueError, match=r"90s"):
        seconds(text)


def test_the_command_line_wins_over_environment_and_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("osiris.toml").write_text('delay = 3\nconcurrency = 4\ncontact = "file@example.org"\n')
    environment = {"OSIRIS_DELAY": "2", "OSIRIS_CONTACT": "env@example.org"}
    settings = load({"delay": "1"}, environment)
    assert (settings.delay, settings.contact, settings.concurrency) == (1, "env@example.org", 4)


@pytest.mark.parametrize(
    ("text", "part"),
    [("delai = 3", "delay"), ("delay = -1", "delay"), ("delay = [", "osiris.toml"), ('since = "31/12/2001"', "since")],
)
def test_bad_settings_say_where(text: str, part: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("osiris.toml").write_text(text)
    with pytest.raises(UsageError) as caught:
        load({}, {})
    assert part in str(caught.value)


@pytest.mark.parametrize("name", ["", "..", "a/b", "/etc", "a" * 101, "-x", "a\n"])
def test_a_collection_name_is_no_path(name: str) -> None:
    with pytest.raises(UsageError):
        Collection(Path("output"), name)


def test_the_gravest_code_wins() -> None:
    assert worst({Exit.BUDGET, Exit.UNFINISHED}) is Exit.UNFINISHED
    assert worst({Exit.UNFINISHED, Exit.INTEGRITY, Exit.UNREACHABLE}) is Exit.INTEGRITY
    assert worst(set()) is Exit.DONE
