"""Shared fixtures: the real command as a user types it, and the embedded site."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
Osiris = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def osiris(tmp_path: Path) -> Osiris:
    """Runs `osiris …` in an empty folder; gives the finished process."""

    def run(
        *arguments: str, env: dict[str, str] | None = None, timeout: float = 120
    ) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "OSIRIS_LANG": "en", "PYTHONPATH": str(ROOT), **(env or {})}
        return subprocess.run(
            [sys.executable, "-m", "osiris_crawler", *arguments],
            cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=timeout, check=False,
        )  # fmt: skip

    return run


def articles(output: Path, name: str) -> list[dict[str, Any]]:
    """The lines of a collection's articles.jsonl."""
    path = output / "collections" / name / "dataset" / "articles.jsonl"
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.fixture
def site() -> Iterator[Any]:
    """A small embedded site in the current layout."""
    from osiris_crawler.demo.server import serve
    from osiris_crawler.demo.world import World

    with serve(World(articles=40), "current") as running:
        yield running
