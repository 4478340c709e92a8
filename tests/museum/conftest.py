"""A whole collection of two runs, several files and revisit records, to be damaged in copies."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from osiris_crawler.archive import files
from osiris_crawler.demo.server import serve
from osiris_crawler.demo.world import World
from osiris_crawler.paths import Collection
from tests.conftest import ROOT


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """OUTPUT of a collection `c`: two walks with an edit between them, files of 60 kB, revisit records towards the first."""
    folder = tmp_path_factory.mktemp("museum")
    world = World(articles=24)
    environment = {**os.environ, "OSIRIS_LANG": "en", "PYTHONPATH": str(ROOT), "OSIRIS_WARC_SIZE": "60000"}
    with serve(world, "current") as site:
        for _walk in range(2):
            command = [sys.executable, "-m", "osiris_crawler", "crawl", site.url, "-c", "c", "--delay", "0"]
            subprocess.run([*command, "--concurrency", "4", "--quiet"], cwd=folder, env=environment, check=True)
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
