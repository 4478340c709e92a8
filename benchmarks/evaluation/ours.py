"""This project's reader: as a user gets it, a dataset of a crawl or an import; and on single pages, nothing learned."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from osiris_crawler.archive import files
from osiris_crawler.archive.exchange import MODEL
from osiris_crawler.archive.reader import records
from osiris_crawler.demo.server import serve
from osiris_crawler.extract.chrome import Chrome, from_json
from osiris_crawler.extract.page import read
from osiris_crawler.site import profile

from .peer_worker import WARM
from .scoring import Scores, score
from .sites import Page, Site

ROOT = Path(__file__).resolve().parents[2]
# Found by every interpreter of a crawl as it starts: a default is all that has to change, and the product has no switch.
_NO_HINTS = """
from osiris_crawler.extract import page
for function in (page.read, page.sketch_of):
    function.__kwdefaults__["hints"] = False
"""


@contextmanager
def switched(*, hints: bool) -> Iterator[dict[str, str]]:
    """The environment of processes whose reader has hints or has none."""
    with tempfile.TemporaryDirectory(prefix="osiris-eval-") as folder:
        path = [str(ROOT)]
        if not hints:
            (Path(folder) / "sitecustomize.py").write_text(_NO_HINTS, "utf-8")
            path.insert(0, folder)
        yield {**os.environ, "PYTHONPATH": os.pathsep.join(path)}


def dataset(site: Site, *, hints: bool = True) -> Scores:
    """Crawl the embedded site, or import the WARC file, and score articles.jsonl.

    The reader has learned from the same archive, as it does for every user; it knows nothing of what was planted. The time
    is that of reading the articles' pages by the model that was frozen, as the peers read them.
    """
    here = site
    with tempfile.TemporaryDirectory(prefix="osiris-eval-") as folder, switched(hints=hints) as environment:
        if site.warc is not None:
            _osiris(environment, "import", str(site.warc), "-o", folder)
        else:
            assert site.world is not None and site.layout is not None
            with serve(site.world, site.layout) as running:
                _osiris(
                    environment, "crawl", running.url, "-o", folder, "--delay", "0", "--concurrency", "8", "--no-files"
                )
                here = site.at(running.url)
        collection = Path(folder) / "collections" / "eval"
        with (collection / "dataset" / "articles.jsonl").open(encoding="utf-8") as lines:
            found = {record["url"]: record for record in map(json.loads, lines)}
        chrome = _frozen(collection / "archive")
    scores = score(here.planted, found, here.chrome)
    if here.warc is None and here.asked is None:  # a WARC file may hold articles whose truth is not known
        scores.unplanted, scores.whole = len(found.keys() - {article.url for article in here.planted}), True
    _readings, scores.seconds, scores.timed = _timed(site, chrome, hints=hints)
    return scores


def _frozen(archive: Path) -> Chrome | None:
    """The last model that a collection's archive holds."""
    models = [
        (record.date, record.block) for file in files.warc_files(archive) for record in records(file, 0) if record.uri == MODEL
    ]  # fmt: skip
    return from_json(json.loads(max(models)[1])) if models else None


def _osiris(environment: dict[str, str], *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "osiris_crawler", *arguments, "-c", "eval", "--quiet"],
        env=environment, check=False, capture_output=True, text=True, timeout=900,
    )  # fmt: skip
    if done.returncode == 7:  # an alarm that results can't be trusted: the figures will show whether they can
        print(f"osiris {arguments[0]} raised an alarm:\n{done.stderr}", file=sys.stderr)
    elif done.returncode:
        raise SystemExit(f"osiris {' '.join(arguments)} ended with {done.returncode}:\n{done.stderr or done.stdout}")


def single_pages(site: Site, *, hints: bool = True) -> Scores:
    """Read page by page in this process, as the peers do: first contact, nothing learned, no listing seen."""
    readings, seconds, timed = _timed(site, None, hints=hints)
    found = {page.url: record for page, record in zip(site.pages, readings, strict=True) if record is not None}
    scores = score(site.planted, found, site.chrome)
    scores.seconds, scores.timed = seconds, timed
    return scores


def _timed(site: Site, chrome: Chrome | None, *, hints: bool) -> tuple[list[dict[str, Any] | None], float, int]:
    """(records, seconds, pages in them): the processor's time from a page's bytes to the record: decode, parse, read."""
    bound = profile.for_url(site.base)
    switch: dict[str, Any] = {"chrome": chrome} if hints else {"chrome": chrome, "hints": False}
    gc.set_threshold(20_000, 20, 50)  # as rebuild and the peers have it
    warm = min(WARM, len(site.pages) // 3)
    readings = [_record(page, bound, switch) for page in site.pages[:warm]]
    began = time.process_time()
    readings += [_record(page, bound, switch) for page in site.pages[warm:]]
    return readings, time.process_time() - began, len(site.pages) - warm


def _record(page: Page, bound: profile.Site, switch: dict[str, Any]) -> dict[str, Any] | None:
    """What a page says, with the names of a line of articles.jsonl; None when it isn't taken for an article's."""
    reading = read(page.url, 200, page.content_type, page.body, bound, **switch)
    if reading.article is None:
        return None
    facts = asdict(reading.article)
    return {**facts, "language": reading.language, "section": [crumb.title for crumb in reading.breadcrumb]}
