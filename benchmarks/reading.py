"""Pages per second of one core when articles' pages of about 25 KB are read from an archive, beside others on the same bytes.

    python benchmarks/reading.py --rounds 3
    python benchmarks/reading.py --profile 25                           the functions that take most time of their own

The embedded site, with as many keywords and sections as osiris.sn has and long articles, is crawled in several looks; then
each article is read again from its WARC file as `rebuild` does: inflate the member, take HTTP apart, decode, parse, read with
the model that the crawl has frozen, check and seal the facts, follow the links. Beside it, turn by turn on the same pages:
`lxml.html.fromstring` of the bytes and nothing else, and trafilatura (fields and text, its settings as they come and its
fastest) in the environment that `make eval` makes. Times are the processor's, of one process; medians of the rounds.
"""

from __future__ import annotations

import argparse
import base64
import cProfile
import gc
import json
import pstats
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from lxml import html

from osiris_crawler.archive import files
from osiris_crawler.archive.exchange import MODEL
from osiris_crawler.archive.http import parse_response
from osiris_crawler.archive.reader import read_at, records
from osiris_crawler.demo.layouts import LAYOUTS, around
from osiris_crawler.demo.pages import Site as Drawn
from osiris_crawler.demo.server import serve
from osiris_crawler.demo.world import World
from osiris_crawler.extract.chrome import Chrome, from_json
from osiris_crawler.extract.page import read, sketch_of
from osiris_crawler.ledger.intake import capture_of, decoded, read_page
from osiris_crawler.ledger.page import Page
from osiris_crawler.ledger.scope import Scope
from osiris_crawler.site import profile

ROOT = Path(__file__).resolve().parent.parent
ASKED = 800  # pages per second
SIZE = 25_000  # bytes of a page
KEYWORDS = 78
SECTIONS = 9  # further ones in the menu
TRAFILATURA = """
import base64, gc, json, logging, sys, time
from importlib.metadata import version
from trafilatura import bare_extraction
logging.disable(logging.CRITICAL)
gc.set_threshold(20_000, 20, 50)
pages = [(url, base64.b64decode(page).decode()) for url, page in json.load(sys.stdin)]
def read(url, page, fast):
    return bare_extraction(page, url=url, with_metadata=True, include_comments=False, fast=fast)
for page in pages[:50]:
    read(*page, False)
seconds = {}
for fast in (False, True):
    began = time.process_time()
    for page in pages:
        read(*page, fast)
    seconds["fast" if fast else "as it comes"] = time.process_time() - began
print(json.dumps({"version": version("trafilatura"), "seconds": seconds}))
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """An article's page in an archive."""

    file: Path
    offset: int
    url: str
    mime: str | None
    body: bytes


@dataclass(slots=True)
class Archive:
    """The pages of one look, and the model that was learned from them."""

    look: str
    pages: list[Kept]
    site: profile.Site
    chrome: Chrome


def world_of(look: str, articles: int) -> World:
    """An embedded site whose articles' pages have about SIZE bytes in a look."""
    world = World(articles=articles)
    for number in range(SECTIONS):
        id = max(world.sections) + 1
        world.sections[id] = type(world.sections[1])(
            id, f"Dossier thématique {number + 1}", None, f"-Dossier-{id}-.html"
        )
    for number, piece in enumerate(world.pieces.values()):
        piece.tag = piece.tag if number % 2 else f"Thème numérique/{number // 2 % KEYWORDS}"
    drawn = Drawn(world, look, "http://127.0.0.1:8000/")
    for piece in world.pieces.values():
        chance = random.Random(piece.number)
        left = SIZE - len(drawn.answer("/" + piece.path).body)
        while left > 400:
            text = " ".join(around.remark(chance) for _n in range(6))
            piece.blocks.append(("p", text))
            left -= len(text.encode()) + 8
    return world


def crawled(look: str, articles: int, folder: Path) -> Archive:
    """Crawl the site in one look; gives its articles' pages with their places."""
    with serve(world_of(look, articles), look) as running:
        subprocess.run(
            [sys.executable, "-m", "osiris_crawler", "crawl", running.url, "-o", str(folder), "-c", look, "--delay", "0",
             "--concurrency", "8", "--no-files", "--quiet"],
            check=True, cwd=ROOT,
        )  # fmt: skip
        site = profile.for_url(running.url)
    pages, model = [], None
    for path in files.warc_files(folder / "collections" / look / "archive"):
        for record in records(path, 0):
            if record.uri == MODEL:
                model = record.block
            if record.type != "response":
                continue
            head = parse_response(record.block)
            mime, body = head.header("Content-Type"), decoded(head)
            if head.status == 200 and read(record.uri, 200, mime, body, site).kind == "article":
                pages.append(Kept(path, record.offset, record.uri, mime, body))
    assert model is not None
    return Archive(look, pages, site, from_json(json.loads(model)))


def from_archive(archive: Archive, page: Kept) -> Page:
    """A page out of its WARC file, read, checked and sealed."""
    record = read_at(page.file, page.offset)
    head = parse_response(record.block)
    capture = capture_of(
        run="bench", date=record.date, file=page.file.name, offset=page.offset, length=record.length, record_id=record.id,
        url=record.uri, head=head, digest=record.headers.get("WARC-Payload-Digest"), truncated=None, site=archive.site,
    )  # fmt: skip
    return read_page(capture, 0, head, 1, archive.site, Scope(), archive.chrome)


def timed(archives: list[Archive], do: Callable[[Archive, Kept], object]) -> float:
    began = time.process_time()
    for archive in archives:
        for page in archive.pages:
            do(archive, page)
    return time.process_time() - began


def trafilatura(archives: list[Archive], python: Path) -> tuple[str, dict[str, float]] | None:
    """(version, seconds by its settings); None when it can't be had."""
    if not python.exists():
        return None
    pages = json.dumps([(p.url, base64.b64encode(p.body).decode()) for a in archives for p in a.pages])
    done = subprocess.run([python, "-c", TRAFILATURA], input=pages, capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stderr.strip()[-300:], file=sys.stderr)
        return None
    told = json.loads(done.stdout)
    return told["version"], told["seconds"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=120, help="of each look")
    parser.add_argument("--layout", action="append", choices=list(LAYOUTS), help="default: current, 2012, stock")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--peers", type=Path, default=ROOT / ".venv-eval", metavar="DIR", help="trafilatura's environment"
    )
    parser.add_argument("--profile", type=int, metavar="N", help="show the N functions with most time of their own")
    given = parser.parse_args()
    gc.set_threshold(20_000, 20, 50)  # as rebuild has it
    with tempfile.TemporaryDirectory(prefix="osiris-bench-") as folder:
        looks = given.layout or ["current", "2012", "stock"]
        archives = [crawled(look, given.articles, Path(folder)) for look in looks]
        sizes = [len(page.body) for archive in archives for page in archive.pages]
        print(
            f"{len(sizes)} articles' pages in the looks {', '.join(looks)}, {statistics.mean(sizes) / 1000:.1f} KB in the mean"
        )
        if given.profile:
            return profiled(archives, given.profile)
        told = measured(archives, given)
    rows = {title: statistics.median(seconds) for title, seconds in told.items()}
    bare = rows["lxml.html.fromstring alone"]
    peer = min((seconds for title, seconds in rows.items() if title.startswith("trafilatura")), default=None)
    print(f"{'':46}{'pages/s':>9}{'MB/s':>8}{'× lxml time':>13}{'× trafilatura':>15}")
    for title, seconds in rows.items():
        against = f"{peer / seconds:15.1f}" if peer else f"{'–':>15}"
        print(f"{title:46}{len(sizes) / seconds:9.0f}{sum(sizes) / seconds / 1e6:8.1f}{seconds / bare:13.2f}{against}")
    print(
        f"lxml {version('lxml')}; “× trafilatura”: pages per second beside its faster setting; asked: {ASKED} from the archive"
    )
    return 0


def measured(archives: list[Archive], given: argparse.Namespace) -> dict[str, list[float]]:
    """Seconds of every round by what was done."""

    def again(archive: Archive, page: Kept) -> object:
        return read(page.url, 200, page.mime, page.body, archive.site, archive.chrome)

    def sketched(archive: Archive, page: Kept) -> object:
        return sketch_of(page.url, page.mime, page.body, archive.site)

    def parsed(_archive: Archive, page: Kept) -> object:
        return html.fromstring(page.body)

    ours: dict[str, Callable[[Archive, Kept], object]] = {
        "osiris: from the archive to facts, all included": from_archive,
        "osiris: read alone, from bytes in memory": again,
        "osiris: sketched, as learning does": sketched,
        "lxml.html.fromstring alone": parsed,
    }
    timed(archives, from_archive)  # warm
    found: dict[str, list[float]] = {title: [] for title in ours}
    for number in range(given.rounds):
        for title, do in ours.items():
            found[title].append(timed(archives, do))
        peer = trafilatura(archives, given.peers / "bin" / "python")
        if peer is None:
            if number == 0:
                print("make eval first: trafilatura is left out")
            continue
        for setting, seconds in peer[1].items():
            found.setdefault(f"trafilatura {peer[0]}, {setting}", []).append(seconds)
    return found


def profiled(archives: list[Archive], most: int) -> int:
    timed(archives, from_archive)
    profiler = cProfile.Profile()
    profiler.enable()
    timed(archives, from_archive)
    profiler.disable()
    pstats.Stats(profiler).strip_dirs().sort_stats("tottime").print_stats(most)
    return 0


if __name__ == "__main__":
    sys.exit(main())
