"""A collection made by real runs, and the tools of others that read it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from osiris_crawler.archive.files import closed_files
from osiris_crawler.archive.reader import Record, records
from osiris_crawler.demo.misbehave import Misbehaviour
from osiris_crawler.demo.server import serve
from osiris_crawler.demo.world import World
from osiris_crawler.paths import Collection
from tests import warm
from tests.browser import lacking
from tests.conftest import ROOT

PEERS = ROOT / ".venv-tools"
Peer = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def peer() -> Peer:
    """Runs a tool of others; gives the finished process."""

    def run(name: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        program = PEERS / "bin" / name
        if not program.exists():
            lacking(f"{name} is missing: run “make peers”")
        return subprocess.run(
            [program, *arguments], capture_output=True, text=True, timeout=120, check=False, env={**os.environ, "PYTHONUTF8": "1"}
        )  # fmt: skip

    return run


@dataclass(frozen=True)
class Crawled:
    """A collection, and the folder where `osiris` finds it."""

    folder: Path
    collection: Collection

    @property
    def files(self) -> list[Path]:
        return closed_files(self.collection.archive)

    def records(self) -> Iterator[Record]:
        for path in self.files:
            stream = records(path)
            yield from stream
            assert not stream.damage

    def osiris(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Runs `osiris … -c c` where the collection is."""
        return warm.run(*arguments, "-c", "c", cwd=self.folder, env={"OSIRIS_WARC_SIZE": "300000"})


@pytest.fixture(scope="session")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Crawled:
    """Two runs with changes between them: several files, pages chunked and gzipped, both revisits, a body that broke off."""
    folder = tmp_path_factory.mktemp("crawled")
    made = Crawled(folder, Collection(folder / "output", "c"))
    world = World(articles=60)
    broken = "/" + world.published()[5].path
    rules = {broken: Misbehaviour("truncated", times=1)}
    with serve(world, "current", misbehaviours=rules, zipped=True) as site:
        first = made.osiris("crawl", site.url, "--delay", "0", "--concurrency", "4")
        assert first.returncode == 0, first.stderr
        world.edit(31)
        site.changed()
        second = made.osiris("crawl", site.url, "--delay", "0", "--concurrency", "4")
        assert second.returncode == 0, second.stderr
    return made


@pytest.fixture(scope="session")
def wacz(crawled: Crawled, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our export of it."""
    path = tmp_path_factory.mktemp("wacz") / "c.wacz"
    done = crawled.osiris("export", "wacz", "--to", path)
    assert done.returncode == 0, done.stderr
    return path
