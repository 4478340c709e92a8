"""Serves the embedded site until it is told to stop: python -m osiris_crawler.demo --articles 300"""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from pathlib import Path

from osiris_crawler.demo.layouts import LAYOUTS
from osiris_crawler.demo.misbehave import KINDS, Misbehaviour
from osiris_crawler.demo.server import serve
from osiris_crawler.demo.world import World


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=300)
    parser.add_argument("--layout", choices=sorted(LAYOUTS), default="current")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--log", type=Path, help="one JSON line a request")
    parser.add_argument("--delay", type=float, default=0.0, help="milliseconds before each answer")
    parser.add_argument("--gzip", action="store_true")
    parser.add_argument("--misbehave", action="append", default=[], metavar="PATH=KIND", help=", ".join(KINDS))
    options = parser.parse_args()
    rules = dict(rule.rsplit("=", 1) for rule in options.misbehave)
    misbehaviours = {path: Misbehaviour(kind) for path, kind in rules.items()}
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_args: ended.set())
    world = World(options.articles)
    with serve(
        world,
        options.layout,
        port=options.port,
        misbehaviours=misbehaviours,
        delay=options.delay / 1000,
        zipped=options.gzip,
        log=options.log,
    ) as site:
        sys.stdout.write(site.url + "\n")
        sys.stdout.flush()
        ended.wait()


main()
