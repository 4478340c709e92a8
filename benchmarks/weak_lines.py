"""Crawls over a line that is cut, that flaps, behind a portal, and with a file of 60 MB at 2 Mbit/s.

    python benchmarks/weak_lines.py --cut 72 --flaps 15

On loopback a run asks a line that is down after 0.2 to 2 seconds, elsewhere after 5 to 300: a cut of 72 seconds here stands
for one of three hours. Says of each campaign how it ended, what was asked meanwhile, what was charged to addresses (nothing
should be, but where the line came back while it was being doubted), and whether dataset and rebuild are what they should be.
Exits 1 when one of these is not.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from osiris_crawler.demo.check import compare
from osiris_crawler.demo.misbehave import Misbehaviour
from osiris_crawler.demo.server import Running, serve
from osiris_crawler.demo.world import World

CUT = Misbehaviour("reset")


def osiris(folder: Path, command: str, *more: str) -> list[str]:
    return [
        sys.executable, "-m", "osiris_crawler", command, *more, "-o", str(folder), "-c", "c", "--quiet",
    ]  # fmt: skip


def report(folder: Path) -> dict[str, Any]:
    newest = max((folder / "collections/c/runs").iterdir()) / "report.json"
    found: dict[str, Any] = json.loads(newest.read_text())
    return found


def dataset(folder: Path) -> list[bytes]:
    return [(folder / "collections/c/dataset" / name).read_bytes() for name in ("articles.jsonl", "changes.jsonl")]


def campaign(name: str, world: World, rules: dict[str, Misbehaviour], play: Callable[[Running, Any], None]) -> bool:
    """A crawl with `play` done to its site; then a second one, whatever the first ended with."""
    with (
        tempfile.TemporaryDirectory(prefix="osiris-lines-") as folder,
        serve(world, "current", delay=0.01, misbehaviours=rules) as site,
    ):
        root = Path(folder)
        crawl = osiris(root, "crawl", site.url, "--delay", "0", "--concurrency", "4")
        began = time.monotonic()
        run = subprocess.Popen(crawl)
        play(site, run)
        ended = run.wait()
        seconds, first = time.monotonic() - began, report(root)
        site.everywhere, site.misbehaviours = None, {}
        again = subprocess.run(crawl, check=False).returncode if ended else 0
        same = compare(world.truth(), root / "collections/c/dataset/articles.jsonl")
        before = dataset(root)
        subprocess.run(osiris(root, "rebuild"), check=True)
        rebuilt = dataset(root) == before
        whole = subprocess.run(osiris(root, "verify"), check=False).returncode == 0
    large = sum(rule.kind == "drip" for rule in rules.values())
    print(
        f"{name}: exit {ended} after {seconds:.0f} s, then {again}; {first['requests']} requests, paused"
        f" {first['paused_seconds']:.0f} s, {first['failed_attempts']} failed attempts, {len(first['failures'])} gaps;"
        f" {first['bytes'] / 1e6:.1f} MB, peak {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000:.0f} MB;"
        f" dataset {'good' if same.good else same.differences[:2]}, rebuild {'equal' if rebuilt else 'NOT EQUAL'},"
        f" verify {'whole' if whole else 'NOT WHOLE'}"
    )
    good = again == 0 and same.good and rebuilt and whole and not first["failures"]
    return good and (not large or first["bytes"] > 60_000_000)


def after(site: Running, requests: int, run: Any) -> None:
    while len(site.requests) < requests and run.poll() is None:
        time.sleep(0.02)


def cut(seconds: float) -> Callable[[Running, Any], None]:
    def play(site: Running, run: Any) -> None:
        after(site, 80, run)
        site.everywhere = CUT
        time.sleep(seconds)
        site.everywhere = None

    return play


def flap(times: int, seed: int) -> Callable[[Running, Any], None]:
    def play(site: Running, run: Any) -> None:
        chance = random.Random(seed)
        after(site, 30, run)
        for _turn in range(times):
            site.everywhere = CUT
            time.sleep(chance.uniform(0.3, 2.5))
            site.everywhere = None
            time.sleep(chance.uniform(0.1, 0.6))

    return play


def portal(site: Running, run: Any) -> None:
    after(site, 80, run)
    site.everywhere = Misbehaviour("block")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=200)
    parser.add_argument("--cut", type=float, default=72.0, help="seconds")
    parser.add_argument("--flaps", type=int, default=15)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-file", action="store_true", help="leave out the large file, which takes four minutes")
    options = parser.parse_args()

    def world() -> World:
        return World(articles=options.articles)

    good = campaign("a long cut", world(), {}, cut(options.cut))
    good &= campaign("a line that flaps", world(), {}, flap(options.flaps, options.seed))
    good &= campaign("a block page", world(), {}, portal)
    if not options.no_file:
        drawn = world()
        file = "/" + str(next(piece.documents[0] for piece in drawn.published() if piece.documents)["url"])
        rules = {file: Misbehaviour("drip", seconds=250_000)}
        good &= campaign("60 MB at 2 Mbit/s", drawn, rules, lambda site, run: None)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
