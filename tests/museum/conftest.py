"""A whole collection of two runs, several files and revisit records, to be damaged in copies."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from osiris_crawler.archive import files
from osiris_crawler.demo.server import serve
from osiris_crawler.demo.world import World
from osiris_crawler.paths import Collection
from tests import warm


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """OUTPUT of a collection `c`: two walks with an edit between them, files of 60 kB, revisit records towards the first."""
    folder = tmp_path_factory.mktemp("museum")
    world = World(articles=24)
    with serve(world, "current") as site:
        for _walk in range(2):
            command = ("crawl", site.url, "-c", "c", "--delay", "0", "--concurrency", "4", "--quiet")
            warm.run(*command, cwd=folder, env={"OSIRIS_WARC_SIZE": "60000"}).check_returncode()
            world.edit(7)
            world.purge()
            site.changed()
    output = folder / "output"
    assert len(files.closed_files(Collection(output, "c").archive)) >= 4
    return output


@pytest.fixture
def exhibit(whole: Path, tmp_path: Path) -> Iterator[Collection]:
    """A copy to be damaged."""
    shutil.copytree(whole, tmp_path / "output")
    yield Collection(tmp_path / "output", "c")
