"""How fast `osiris verify` and `osiris rebuild` are, beside `warcio check` and a bare pass of FastWARC over the same files.

    python benchmarks/verifying.py --articles 2000

A collection of two walks over the embedded site (or `--collection DIR`, one that is there) is read by each in turn, as whole
processes; medians of the rounds. FastWARC, which is no dependency, comes from the environment that `make peers` makes.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PEERS = ROOT / ".venv-tools" / "bin"
PASS = """
import sys
from fastwarc.warc import ArchiveIterator
records = wrong = 0
for name in sys.argv[2:]:
    for record in ArchiveIterator(open(name, "rb"), parse_http=False):
        records += 1
        if sys.argv[1] == "digests" and not record.verify_block_digest():
            wrong += 1
print(records, wrong)
"""


def timed(command: list[str]) -> tuple[float, float, str]:
    """(wall seconds, seconds of all its processors, what it printed)"""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    wall = time.monotonic() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout


def crawled(folder: Path, articles: int) -> Path:
    """A collection of two walks; gives its folder."""
    site = subprocess.Popen(
        [sys.executable, "-m", "osiris_crawler.demo", "--articles", str(articles)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert site.stdout is not None
        url = site.stdout.readline().strip()
        for _walk in range(2):
            subprocess.run(
                [sys.executable, "-m", "osiris_crawler", "crawl", url, "-o", str(folder), "-c", "bench", "--delay", "0",
                 "--concurrency", "8", "--quiet"],
                check=True,
            )  # fmt: skip
    finally:
        site.terminate()
        site.wait()
    return folder / "collections" / "bench"


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--articles", type=int, default=2000)
    options.add_argument("--collection", type=Path, help="a collection that is there; its views are made anew")
    options.add_argument("--rounds", type=int, default=3)
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="osiris-bench-") as name:
        collection = given.collection or crawled(Path(name), given.articles)
        paths = [str(path) for path in sorted((collection / "archive").glob("*.warc.gz"))]
        place = ["-o", str(collection.parent.parent), "-c", collection.name, "--json"]
        osiris = [sys.executable, "-m", "osiris_crawler"]
        commands = {
            "warcio check": [str(PEERS / "warcio"), "check", *paths],
            "FastWARC, bare pass": [str(PEERS / "python"), "-c", PASS, "pass", *paths],
            "FastWARC, block digests": [str(PEERS / "python"), "-c", PASS, "digests", *paths],
            "osiris verify, 1 process": [*osiris, "verify", *place, "--workers", "1"],
            "osiris verify, 2 processes": [*osiris, "verify", *place, "--workers", "2"],
            "osiris rebuild, 1 process": [*osiris, "rebuild", *place, "--workers", "1"],
            "osiris rebuild, 2 processes": [*osiris, "rebuild", *place, "--workers", "2"],
        }
        if not (PEERS / "warcio").exists():
            print("make peers first: warcio check and FastWARC are left out")
            commands = {title: command for title, command in commands.items() if title.startswith("osiris")}
        runs: dict[str, list[tuple[float, float, str]]] = {title: [] for title in commands}
        for _round in range(given.rounds):
            for title, command in commands.items():
                runs[title].append(timed(command))
        verified = json.loads(runs["osiris verify, 1 process"][0][2])
        rebuilt = json.loads(runs["osiris rebuild, 1 process"][0][2])
        records = verified["checks"]["members"]["looked_at"]
        assert verified["whole"]
        print(f"{len(paths)} files, {verified['bytes'] / 1e6:.1f} MB, {records} records, {rebuilt['pages']} captures read")
        print(f"{'':28}{'wall s':>9}{'cpu s':>9}{'records/s':>11}{'captures/s':>12}{'/ warcio':>10}")
        base = statistics.median(wall for wall, _cpu, _out in runs["warcio check"]) if "warcio check" in runs else None
        for title, found in runs.items():
            wall = statistics.median(entry[0] for entry in found)
            cpu = statistics.median(entry[1] for entry in found)
            pages = f"{rebuilt['pages'] / wall:12.0f}" if "rebuild" in title else " " * 12
            ratio = f"{base / wall:10.2f}" if base else ""
            print(f"{title:28}{wall:9.2f}{cpu:9.2f}{records / wall:11.0f}{pages}{ratio}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
