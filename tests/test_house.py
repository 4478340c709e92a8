"""The house's own rules: imports run one way, siblings are ours, files stay small enough to read."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# A room may import from those before it, and from itself.
ORDER = [
    "base",
    "site",
    "extract",
    "archive",
    "ledger",
    "dataset",
    "care",
    "verify",
    "importing",
    "export",
    "audit",
    "replay",
    "reading_room",
    "crawl",
    "demo",
    "commands",
    "cli",
]
BASE = {"__version__", "amounts", "record", "errors", "i18n", "paths", "settings", "scrapy_settings", "__init__"}
# site/ describes pages' landmarks in the reader's terms.
ALLOWED = {("site", "extract")}
SOURCES = sorted(path for top in ("osiris_crawler", "spiders", "pipelines") for path in (ROOT / top).rglob("*.py"))


def room(module: str) -> str:
    parts = module.split(".")
    if parts[0] in ("spiders", "pipelines"):
        return "commands"
    name = parts[1] if len(parts) > 1 else "__init__"
    if name in BASE:
        return "base"
    return "cli" if name == "__main__" else name


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [
                f"{node.module}.{alias.name}" if node.module == "osiris_crawler" else node.module
                for alias in node.names
            ]
        found |= {name for name in names if name.split(".")[0] in ("osiris_crawler", "spiders", "pipelines")}
    return found


def test_there_are_sources() -> None:
    assert len(SOURCES) > 30


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_run_one_way(path: Path) -> None:
    module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    here = room(module)
    for name in imported(path):
        there = room(name)
        assert ORDER.index(there) <= ORDER.index(here) or (here, there) in ALLOWED, f"{module} imports {name}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_is_a_great_hall(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= 450
