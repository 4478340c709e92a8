"""The manual says what the program does: commands, exit codes, settings, files."""

from __future__ import annotations

import re
from dataclasses import fields

from osiris_crawler.cli import GROUPS
from osiris_crawler.errors import Exit
from osiris_crawler.settings import Settings
from tests.conftest import ROOT

MANUAL = (ROOT / "docs" / "manual.md").read_text("utf-8")


def test_every_command_is_in_the_manual() -> None:
    documented = set(re.findall(r"^\| `osiris (\w+)", MANUAL, re.M))
    assert documented == {name for names in GROUPS.values() for name in names}


def test_every_exit_code_is_in_the_manual() -> None:
    table = MANUAL[MANUAL.index("## Exit codes") : MANUAL.index("## Settings")]
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", table, re.M)} == {int(code) for code in Exit}


def test_every_setting_is_in_the_manual() -> None:
    section = MANUAL[MANUAL.index("## Settings") : MANUAL.index("## What a crawl asks")]
    named = set(re.findall(r"`(\w+)`", section))
    assert {field.name for field in fields(Settings)} - {"url", "dry_run", "quiet", "json"} <= named


def test_the_output_folder_explains_its_files() -> None:
    text = (ROOT / "output" / "README.md").read_text("utf-8")
    for name in (
        "archive/",
        "articles.jsonl",
        "changes.jsonl",
        "schema.json",
        "report.json",
        "crawl.log",
        "state.sqlite",
        "index.cdxj",
        "manifest-sha256.txt",
        "events.jsonl",
        "restrictions.jsonl",
        "exports/",
        "lock",
    ):
        assert name in text
