"""A plain checkout: `scrapy list` and `scrapy crawl archive` work; other packages of our names are refused."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from osiris_crawler.demo.check import compare
from osiris_crawler.demo.server import serve
from osiris_crawler.demo.world import World
from tests.conftest import ROOT


def scrapy(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scrapy", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )


def test_scrapy_lists_the_spider() -> None:
    assert scrapy("list").stdout.split() == ["archive"]


def test_scrapy_crawls(tmp_path: Path) -> None:
    world = World(articles=30)
    with serve(world, "stock") as site:
        done = scrapy("crawl", "archive", "-a", f"url={site.url}", "-a", f"output={tmp_path}", "-a", "delay=0")
    assert done.returncode == 0, done.stderr[-2000:]
    assert compare(world.truth("stock"), tmp_path / "collections/spip/dataset/articles.jsonl").good


def test_another_package_named_spiders_is_refused(tmp_path: Path) -> None:
    (tmp_path / "spiders").mkdir()
    (tmp_path / "spiders" / "__init__.py").write_text("")
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}", "OSIRIS_LANG": "en"}
    done = subprocess.run(
        [sys.executable, "-c", "from osiris_crawler.cli import main; main(['status'])"],
        cwd="/",
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "spiders" in done.stderr
    assert "Traceback" not in done.stderr
