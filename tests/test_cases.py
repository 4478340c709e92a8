"""Page cases, tests/cases/NAME/: what a careful reader would say that a page says, one test a field.

A field that is read wrongly today stands in tests/cases/known.json with the reason; its test fails once it is read right.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from osiris_crawler.care.casing import UNCHECKED, fields_of, load, names_for, reading_of
from osiris_crawler.demo.layouts import LAYOUTS
from osiris_crawler.site.profile import for_url

CASES = Path(__file__).parent / "cases"
KNOWN: dict[str, dict[str, str]] = json.loads((CASES / "known.json").read_text("utf-8"))
FOLDERS = sorted(path for path in CASES.iterdir() if path.is_dir() and not path.name.startswith(("__", ".")))
FEWEST = 60
_AROUND = 60  # letters shown on either side of a difference
_SOURCE = {"text", "name", "url", "date"}  # a source needs these, and may have its outlet


def _expected(folder: Path) -> dict[str, Any]:
    """What a case expects; a case that can't be read has its own test."""
    try:
        return load(folder)[2]
    except ValueError:
        return {}


def _tests() -> list[Any]:
    found = []
    for folder in FOLDERS:
        for name in _expected(folder):
            why = KNOWN.get(folder.name, {}).get(name)
            marks = [pytest.mark.xfail(strict=True, reason=why)] if why else []
            found.append(pytest.param(folder, name, id=f"{folder.name}-{name}", marks=marks))
    return found


@lru_cache(maxsize=4)
def _said(folder: Path) -> dict[str, Any]:
    page, answer, _fields = load(folder)
    return fields_of(reading_of(page, answer, for_url(answer.start)))


def test_there_are_cases() -> None:
    assert len(FOLDERS) >= FEWEST
    for layout in LAYOUTS:
        assert sum(folder.name.startswith(f"{layout}-") for folder in FOLDERS) >= 5, layout


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_case_is_whole(folder: Path) -> None:
    """Page, answer and every field of its kind, and no other; each checked by a human."""
    _page, _answer, expected = load(folder)
    assert UNCHECKED not in expected, expected[UNCHECKED]
    assert sorted(expected) == sorted(names_for(expected["page"]))
    for source in expected.get("sources", []):
        assert _SOURCE <= set(source) <= {*_SOURCE, "outlet"}
    assert {path.name for path in folder.iterdir()} == {"page.html", "answer.json", "expected.json"}


@pytest.mark.parametrize(("folder", "name"), _tests())
def test_field(folder: Path, name: str) -> None:
    expected, said = _expected(folder)[name], _said(folder)
    assert name in said, f"the page is read as {said['page']!r}, which has no {name!r}"
    found = said[name]
    if name == "sources":  # an outlet is compared where the case has one
        wanted = [set(source) for source in expected] + [_SOURCE] * len(found)
        found = [
            {key: source[key] for key in source if key in keys} for keys, source in zip(wanted, found, strict=False)
        ]
    assert found == expected, difference(expected, found)


def test_known_faults_are_of_cases() -> None:
    for case, fields in KNOWN.items():
        assert set(fields) <= set(_expected(CASES / case)), case
        assert all(fields.values()), case


def difference(expected: Any, found: Any) -> str:
    """Where two values part, with what stands around; what can't be seen is written as an escape."""
    if isinstance(expected, str) and isinstance(found, str):
        at = next(
            (i for i, (a, b) in enumerate(zip(expected, found, strict=False)) if a != b), min(len(expected), len(found))
        )
        first = max(at - _AROUND, 0)
        parts = [text[first : at + _AROUND] for text in (expected, found)]
        return f"from letter {at} on:\n  expected …{_shown(parts[0])}…\n  read     …{_shown(parts[1])}…"
    if isinstance(expected, list) and isinstance(found, list):
        for i, (want, have) in enumerate(zip(expected, found, strict=False)):
            if want != have:
                return f"item {i}, {difference(want, have)}"
        more, which = (expected, "not read") if len(expected) > len(found) else (found, "read, not expected")
        return f"{which}: {[_shown(item) for item in more[min(len(expected), len(found)) :]]}"
    if isinstance(expected, dict) and isinstance(found, dict):
        key = next(key for key in {**expected, **found} if expected.get(key) != found.get(key))
        return f"{key}: {difference(expected.get(key), found.get(key))}"
    return f"expected {_shown(expected)}, read {_shown(found)}"


def _shown(value: Any) -> str:
    """A value with letters as they are and all else as escapes."""
    return "".join(
        c if c.isprintable() else ascii(c)[1:-1] for c in str(value if isinstance(value, str) else repr(value))
    )


def test_a_difference_is_told() -> None:
    assert difference("un deux", "un\u00a0deux") == "from letter 2 on:\n  expected …un deux…\n  read     …un\\xa0deux…"
    assert difference(["a", "b"], ["a"]) == "not read: ['b']"
    assert difference(["a"], ["a", "b"]) == "read, not expected: ['b']"
    assert (
        difference([{"name": "A", "date": None}], [{"name": "A", "date": "2003"}])
        == "item 0, date: expected None, read 2003"
    )
    assert difference(None, "x") == "expected None, read x"
