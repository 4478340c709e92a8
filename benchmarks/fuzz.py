"""Damages a small collection by chance, thousands of times, and has it verified and mended: no traceback may come of it."""

from __future__ import annotations

import argparse
import multiprocessing
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from osiris_crawler.paths import Collection
from tests.museum import fuzzing


def campaign(job: tuple[Path, Path, int, int]) -> tuple[Counter[str], list[str]]:
    """Inputs of the seeds from `first` on; gives what was spoiled, and tracebacks."""
    template, folder, first, count = job
    spoiled: Counter[str] = Counter()
    failures = []
    for seed in range(first, first + count):
        output = folder / f"{first}"
        shutil.rmtree(output, ignore_errors=True)
        shutil.copytree(template, output)
        name = fuzzing.damage(Collection(output, "c"), seed)
        spoiled[name.split("-")[0] if name.endswith(".gz") else name] += 1
        trace = fuzzing.stumbles(Collection(output, "c"))
        if trace:
            failures.append(f"seed {seed} ({name})\n{trace}")
    return spoiled, failures


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--inputs", type=int, default=20_000)
    options.add_argument("--first", type=int, default=0)
    options.add_argument("--workers", type=int, default=2)
    given = options.parse_args()
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        folder = Path(name)
        template = fuzzing.small(folder)
        size = 50
        jobs = [(template, folder, given.first + at, min(size, given.inputs - at)) for at in range(0, given.inputs, size)]
        spoiled: Counter[str] = Counter()
        failures: list[str] = []
        began = time.monotonic()
        with multiprocessing.Pool(given.workers) as pool:
            for done, (found, traces) in enumerate(pool.imap_unordered(campaign, jobs), 1):
                spoiled += found
                failures += traces
                for trace in traces:
                    print(trace, flush=True)
                if done % 20 == 0:
                    print(f"{sum(spoiled.values())} inputs, {len(failures)} failures, {time.monotonic() - began:.0f} s", flush=True)
    print(f"{sum(spoiled.values())} damaged inputs ({dict(spoiled)}): {len(failures)} tracebacks")
    return 1 if failures or not spoiled else 0


if __name__ == "__main__":
    sys.exit(main())
