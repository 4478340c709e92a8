"""How long an audit takes, and whether what is taken away from a collection is found.

    python benchmarks/auditing.py --articles 5000                 an audit of a whole collection
    python benchmarks/auditing.py --articles 400 --removals 200   one article, listing page or WARC file at a time is taken
                                                                  from a copy, with and without a rebuild after it

An article is taken from the dataset (its line) or from the archive (the records of its captures); a listing's page and a WARC
file from the archive. Found means: the audit exits with 3 and names that very article, page or file; for a WARC file after a
rebuild: the number that its name has in the series.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from osiris_crawler.archive.reader import records
from osiris_crawler.audit.auditing import audit
from osiris_crawler.care.rebuilding import rebuild, site_of
from osiris_crawler.demo.server import serve
from osiris_crawler.demo.world import World
from osiris_crawler.ledger.ledger import Ledger
from osiris_crawler.paths import Collection

WAYS = ("line", "article", "article, rebuilt", "page", "page, rebuilt", "file", "file, rebuilt")


def crawl(folder: Path, articles: int, layout: str, warc_size: int) -> Collection:
    with serve(World(articles=articles), layout) as site:
        began = time.monotonic()
        subprocess.run(
            [sys.executable, "-m", "osiris_crawler", "crawl", site.url, "-o", str(folder), "-c", "b", "--delay", "0", "--concurrency", "8",
             "--no-files", "--quiet"],
            check=True, env={**os.environ, "OSIRIS_WARC_SIZE": str(warc_size)},
        )  # fmt: skip
        print(f"{articles} articles, {layout}: crawl {time.monotonic() - began:.0f} s")
    return Collection(folder, "b")


def cut_out(collection: Collection, places: list[tuple[str, int]]) -> None:
    """Take records out of their files."""
    for warc in {warc for warc, _offset in places}:
        path = collection.archive / warc
        gone = {offset for name, offset in places if name == warc}
        with path.open("rb") as stream:
            parts = []
            for record in records(path):
                if record.offset not in gone:
                    stream.seek(record.offset)
                    parts.append(stream.read(record.length))
        path.write_bytes(b"".join(parts))


def take(collection: Collection, way: str, chance: random.Random) -> tuple[str, str]:
    """Take something away; gives its kind and its address or name."""
    ledger = Ledger(collection.state, readonly=True)
    articles = [json.loads(line) for line in collection.articles.read_text("utf-8").splitlines()]
    what, _comma, _rebuilt = way.partition(",")
    if what == "line":
        away = articles.pop(chance.randrange(len(articles)))
        collection.articles.write_text(
            "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in articles), "utf-8"
        )
        found = "article", away["url"]
    elif what == "article":
        away = chance.choice(articles)
        rows = ledger.db.query(
            "SELECT name, captures.offset AS offset FROM captures JOIN files ON files.id = file "
            "JOIN readings ON readings.capture = captures.id "
            "WHERE subject IN (SELECT subject FROM readings JOIN captures ON readings.capture = captures.id WHERE record_id = ?)",
            (away["capture"]["record_id"],),
        )
        cut_out(collection, [(row["name"], row["offset"]) for row in rows.fetchall()])
        found = "article", away["url"]
    elif what == "page":
        rows = ledger.db.query(
            "SELECT name, captures.offset AS offset, captures.url AS url FROM captures JOIN files ON files.id = file "
            "JOIN readings ON readings.capture = captures.id JOIN addresses ON addresses.capture = captures.id "
            "WHERE readings.kind = 'listing' AND addresses.kind IN ('section', 'keyword', 'home', 'plan')"
        ).fetchall()
        row = chance.choice(rows)
        cut_out(collection, [(row["name"], row["offset"])])
        found = "page", row["url"]
    else:
        paths = sorted(collection.archive.glob("*.warc.gz"))
        # That there was one more after the last is nowhere said once all views are gone.
        path = chance.choice(paths[:-1] if way.endswith("rebuilt") else paths)
        path.unlink()
        found = "warc", path.name
    ledger.close()
    return found


def removal(whole: Collection, folder: Path, way: str, chance: random.Random) -> bool:
    """Whether what is taken from a copy is found."""
    shutil.copytree(whole.root, folder / "collections" / "b")
    copy = Collection(folder, "b")
    kind, name = take(copy, way, chance)
    if way.endswith("rebuilt"):
        for path in (copy.state, copy.manifest, copy.index, copy.events):
            path.unlink(missing_ok=True)
        rebuild(copy, site_of(copy))
    told = audit(copy, site_of(copy))
    shutil.rmtree(folder / "collections")
    same = {(thing.kind, thing.url) for thing in told.missing}
    if kind == "warc" and way.endswith("rebuilt"):
        serial = name.split("-")[2]
        return any(there == "warc" and f"-{serial}-" in url for there, url in same)
    return (kind, name) in same


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--articles", type=int, default=5000)
    parser.add_argument("--layout", default="current")
    parser.add_argument("--removals", type=int, default=0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="osiris-bench-") as name:
        folder = Path(name)
        whole = crawl(folder / "whole", arguments.articles, arguments.layout, 400_000 if arguments.removals else 10**9)
        began = time.monotonic()
        told: Any = audit(whole, site_of(whole))
        print(
            f"audit: {time.monotonic() - began:.2f} s, complete {told.complete}, {told.held} of {told.published} held"
        )
        chance, found, tried = random.Random(11), Counter[str](), Counter[str]()
        for turn in range(arguments.removals):
            way = WAYS[turn % len(WAYS)]
            tried[way] += 1
            found[way] += removal(whole, folder / "copy", way, chance)
        for way in tried:
            print(f"{way}: {found[way]} of {tried[way]} found")
    return 0 if told.complete and found == tried else 1


if __name__ == "__main__":
    sys.exit(main())
