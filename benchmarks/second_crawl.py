"""What a second crawl of a site adds to the archive, by record type: nothing moved, and with chrome that moves.

    python benchmarks/second_crawl.py --articles 300

Chrome that moves: the news feed and the figures beside every article change between the two crawls, no article does.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from typing import Any

from osiris_crawler.demo.server import serve
from osiris_crawler.demo.world import World

TYPES = ("response", "revisit", "request", "metadata", "warcinfo")


def crawl(url: str, folder: str) -> dict[str, Any]:
    """A crawl's report."""
    done = subprocess.run(
        [sys.executable, "-m", "osiris_crawler", "crawl", url, "-o", folder, "-c", "b", "--delay", "0", "--concurrency", "8", "--json"],
        check=True, stdout=subprocess.PIPE,
    )  # fmt: skip
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def two_crawls(articles: int, *, moves: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    world = World(articles=articles)
    with tempfile.TemporaryDirectory(prefix="osiris-bench-") as folder, serve(world, "current", zipped=True) as site:
        first = crawl(site.url, folder)
        if moves:
            world.purge()
            site.changed()
        return first, crawl(site.url, folder)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=300)
    options = parser.parse_args()
    first, same = two_crawls(options.articles, moves=False)
    _again, moved = two_crawls(options.articles, moves=True)
    columns = {"first crawl": first, "second, nothing moved": same, "second, chrome moved": moved}
    print(f"{options.articles} articles, {first['requests']} requests a crawl; bytes in the archive, gzipped\n")
    print(f"{'':10}" + "".join(f"{title:>30}" for title in columns))
    for kind in TYPES:
        cells = [report["written"].get(kind, {"records": 0, "bytes": 0}) for report in columns.values()]
        print(f"{kind:10}" + "".join(f"{cell['bytes']:>18,} ({cell['records']:>5,}) ".rjust(30) for cell in cells))
    totals = [report["written_bytes"] for report in columns.values()]
    print(f"{'all':10}" + "".join(f"{total:>18,}         ".rjust(30) for total in totals))
    print(f"{'of first':10}" + "".join(f"{total / totals[0]:>18.0%}         ".rjust(30) for total in totals))
    print(f"\nforecast by the first crawl: {first['forecast']['bytes']:,}; by the second: "
          f"{same['forecast']['bytes']:,} and {moved['forecast']['bytes']:,}")  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
