"""Shared fixtures: the real command as a user types it, and the embedded site."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import warm

ROOT = Path(__file__).resolve().parent.parent
Osiris = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def osiris(tmp_path: Path) -> Osiris:
    """Runs `osiris …` in an empty folder; gives the finished process."""

    def run(
        *arguments: str, env: dict[str, str] | None = None, timeout: float = 120
    ) -> subprocess.CompletedProcess[str]:
        return warm.run(*arguments, cwd=tmp_path, env=env, timeout=timeout)

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
