"""A look around a site: a few pages of every kind, kept like any crawl, in a place that can be thrown away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from osiris_crawler.care.keeping import locked
from osiris_crawler.crawl import opening
from osiris_crawler.crawl.process import run_spider
from osiris_crawler.crawl.run import Run
from osiris_crawler.paths import Collection
from osiris_crawler.settings import Settings
from osiris_crawler.site.profile import Site


@contextmanager
def glance(settings: Settings, site: Site, *, requests: int, sample: int) -> Iterator[Run]:
    """Visit at most `requests` addresses, `sample` of a kind from one page; the files are gone after the block."""
    with TemporaryDirectory(prefix="osiris-") as folder:
        collection = Collection(Path(folder), "glance")
        collection.create()
        limited = replace(settings, output=Path(folder), max_requests=requests, limit=None, files=False, quiet=True)
        with locked(collection):
            run = opening.open_run(limited, site, collection, command="probe", say=lambda text: None, sample=sample).run
            run_spider(run)
            yield run
