"""The collection of real runs that tests/peers makes, and copies of it to spoil."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from osiris_crawler.paths import Collection
from osiris_crawler.record import Article
from tests.export.datasets import Dataset, Made, odd
from tests.peers.conftest import Crawled, crawled

__all__ = ["crawled"]


@pytest.fixture
def copied(crawled: Crawled, tmp_path: Path) -> Crawled:
    """A copy of the collection, in a folder of its own."""
    shutil.copytree(crawled.folder, tmp_path / "copy")
    return Crawled(tmp_path / "copy", Collection(tmp_path / "copy" / "output", "c"))


@pytest.fixture
def listing() -> Callable[[Path], list[str]]:
    """The names in a folder, hidden ones too."""
    return lambda folder: sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    """Makes a collection of articles, the odd ones unless others are given."""

    def make(articles: list[Article] | None = None, folder: str = "made") -> Made:
        return Made(tmp_path / folder, odd() if articles is None else articles)

    return make
