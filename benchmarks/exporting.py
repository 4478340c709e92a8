"""Time and peak memory of every export of 36,000 articles, each in a process of its own, and the size of what it wrote.

    python benchmarks/exporting.py --articles 36000

The articles are the embedded site's, 4 KB a line in the mean; there are no pages behind them, so that Markdown is written
from the plain texts. A bag is of these and of 200 MB of WARC files (`--warc-mb`) that nobody reads as such.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from osiris_crawler.archive import fixity
from osiris_crawler.care import rebuilding  # noqa: F401  # the import is no part of what is measured
from osiris_crawler.demo import words
from osiris_crawler.demo.pieces import Piece
from osiris_crawler.demo.world import World
from osiris_crawler.export.formats import FORMATS
from osiris_crawler.export.job import Job
from osiris_crawler.export.release.terms import Terms
from osiris_crawler.paths import Collection
from osiris_crawler.record import Article

WARC = "osiris-20260101000000-%05d-example.warc.gz"
FILE = 50_000_000  # bytes of a WARC file
WAYS: dict[str, tuple[str, dict[str, Any]]] = {
    "jsonl": ("jsonl", {}),
    "jsonl.gz": ("jsonl", {"compress": "gz"}),
    "jsonl.zst": ("jsonl", {"compress": "zst"}),
    "csv": ("csv", {}),
    "csv --excel": ("csv", {"excel": True}),
    "parquet": ("parquet", {}),
    "sqlite": ("sqlite", {}),
    "text": ("text", {}),
    "markdown": ("markdown", {}),
    "bagit": ("bagit", {}),
    "release": ("release", {}),
    "release --with-text": ("release", {"terms": Terms(with_text=True, basis="a measurement")}),
}


def articles(count: int) -> Iterator[Article]:
    """Articles of the embedded site as a dataset has them, in its order."""
    world = World(articles=count + count // 4)
    chance = random.Random(5)
    pieces = sorted(
        (piece for piece in world.pieces.values() if piece.kind == "article"), key=lambda p: (p.day, p.number)
    )
    assert len(pieces) >= count, len(pieces)
    for number, piece in enumerate(pieces[:count]):
        yield article(world, piece, number, pieces[chance.randrange(count)])


def article(world: World, piece: Piece, number: int, other: Piece) -> Article:
    """One of them; its text is its own and another's, as long as those of the press are."""
    url = f"https://www.example.org/{piece.path}"
    digest = hashlib.sha256(str(number).encode()).hexdigest()
    at = f"2026-01-01T{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}.{number % 1000:03}000Z"
    return Article(
        id=str(piece.number),
        url=url,
        urls=sorted({url, f"https://www.example.org/spip.php?article{piece.number}"}),
        title=piece.title,
        date=piece.day.isoformat(),
        date_text=piece.day.strftime("%d/%m/%Y"),
        section=["Articles de presse", f"Année {piece.day.year}", world.sections[piece.section].title],
        tags=[piece.tag] if piece.tag else [],
        authors=[piece.author] if piece.author else [],
        lead=piece.lead,
        body=f"{piece.body()}\n\n{other.body()}",
        ps=piece.ps,
        notes=piece.notes,
        sources=[
            {"text": f"(Source : {name}, {piece.day.year})", "name": name, "outlet": name, "url": link, "date": str(piece.day.year)}
            for name, link in words.OUTLETS[number % len(words.OUTLETS) :][:1]
        ],
        images=[{"url": f"{url}.jpg", "title": None, "type": "image/jpeg"}] if number % 3 == 0 else [],
        documents=[{"url": f"{url}.pdf", "title": piece.title, "type": "application/pdf"}] if number % 20 == 0 else [],
        language=piece.language,
        first_seen=at,
        last_changed=at,
        content_digest=f"sha256:{digest}",
        capture={
            "warc": WARC % (number // 5000),
            "offset": 7000 * number,
            "record_id": f"urn:uuid:{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:32]}",
            "date": at,
        },
        reader="1",
    )  # fmt: skip


def make(output: Path, count: int, megabytes: int) -> None:
    collection = Collection(output, "bench")
    collection.create()
    with collection.articles.open("w", encoding="utf-8") as out:
        for one in articles(count):
            out.write(one.line() + "\n")
    sums = {}
    for number in range(-(-megabytes * 1_000_000 // FILE)):
        path = collection.archive / (WARC % number)
        path.write_bytes(os.urandom(min(FILE, megabytes * 1_000_000 - number * FILE)))
        sums[path.name] = fixity.sha256(path)
    fixity.write(collection.manifest, sums)


def one(output: Path, way: str, to: Path) -> dict[str, Any]:
    """One export, in this process."""
    name, options = WAYS[way]
    began, cpu = time.monotonic(), time.process_time()
    written = FORMATS[name].write(Job(Collection(output, "bench"), to, **options))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1048576)
    return {
        "seconds": round(time.monotonic() - began, 1),
        "cpu_seconds": round(time.process_time() - cpu, 1),  # says more on a machine that others use
        "peak_mb": round(peak),
        "mb": round(written.bytes / 1_000_000, 1),
        **written.counts,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=36000)
    parser.add_argument("--warc-mb", type=int, default=200)
    parser.add_argument("--only", nargs="*", choices=list(WAYS))
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    parser.add_argument("--make", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.make:
        make(Path(options.make), options.articles, options.warc_mb)
        return 0
    if options.one:
        output, way, to = options.one
        print(json.dumps(one(Path(output), way, Path(to))))
        return 0
    with tempfile.TemporaryDirectory(prefix="osiris-exporting-") as folder:
        # In a process of its own as well: on Linux the peak of a process counts what it was forked from.
        asked = ["--articles", str(options.articles), "--warc-mb", str(options.warc_mb)]
        subprocess.run([sys.executable, __file__, "--make", folder, *asked], check=True)
        size = Collection(Path(folder), "bench").articles.stat().st_size
        found: dict[str, Any] = {"dataset_mb": round(size / 1_000_000, 1)}
        for number, way in enumerate(options.only or WAYS):
            to = Path(folder) / f"written-{number}"
            done = subprocess.run(
                [sys.executable, __file__, "--one", folder, way, str(to)], capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stderr
            found[way] = json.loads(done.stdout)
    print(json.dumps(found, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
