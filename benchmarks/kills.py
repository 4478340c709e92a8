"""Kills a crawl with -9 at random moments, resumes it each time, and compares the dataset with an undisturbed crawl's.

    python benchmarks/kills.py --kills 30 --articles 1500

Says: records lost or torn, refetches per kill, and whether the datasets are equal but for `first_seen`,
`last_changed`, `capture` and the model's name in `reader`: a model is learned from pages of every run, and kills make more
of them. Exits 1 when one of these is not as it should be.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

DIFFER = ("first_seen", "last_changed", "capture")


def osiris(output: Path, name: str, url: str, concurrency: int) -> list[str]:
    return [
        sys.executable, "-m", "osiris_crawler", "crawl", url, "-o", str(output), "-c", name,
        "--delay", "0", "--concurrency", str(concurrency), "--quiet",
    ]  # fmt: skip


def dataset(output: Path, name: str) -> list[dict[str, object]]:
    lines = (output / "collections" / name / "dataset" / "articles.jsonl").read_text("utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    return [
        {key: value for key, value in record.items() if key not in DIFFER} | {"reader": record["reader"].partition("+")[0]}
        for record in records
    ]


def fetched(log: Path) -> Counter[str]:
    counts: Counter[str] = Counter()
    for line in log.read_text("utf-8").splitlines():
        counts[json.loads(line)["path"]] += 1
    return counts


def campaign(kills: int, articles: int, concurrency: int, seed: int, delay: float) -> dict[str, object]:
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="osiris-kills-") as folder:
        root = Path(folder)
        log = root / "requests.jsonl"
        site = subprocess.Popen(
            [sys.executable, "-m", "osiris_crawler.demo", "--articles", str(articles), "--log", str(log),
             "--delay", str(delay)],
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            assert site.stdout is not None
            url = site.stdout.readline().strip()
            began = time.monotonic()
            subprocess.run(osiris(root, "whole", url, concurrency), check=True)
            whole = time.monotonic() - began
            log.write_text("")
            time.sleep(0.1)
            done, last = 0, None
            while done < kills:
                run = subprocess.Popen(osiris(root, "killed", url, concurrency))
                # Start-up takes about two seconds; each life does about a thirtieth of the work after it.
                try:
                    last = run.wait(1.0 + chance.random() * max(2.0, 2.5 * whole / kills))
                    break
                except subprocess.TimeoutExpired:
                    run.send_signal(signal.SIGKILL)
                    run.wait()
                    done += 1
            if last is None:
                last = subprocess.run(osiris(root, "killed", url, concurrency), check=False).returncode
            counts = fetched(log)
            again = sum(n - 1 for path, n in counts.items() if path != "/robots.txt")
            equal = dataset(root, "whole") == dataset(root, "killed")
            rebuilt = (root / "collections/killed/dataset/articles.jsonl").read_bytes()
            subprocess.run(
                [sys.executable, "-m", "osiris_crawler", "rebuild", "-o", str(root), "-c", "killed", "--quiet"],
                check=True,
            )
            same = (root / "collections/killed/dataset/articles.jsonl").read_bytes() == rebuilt
            whole_set, whole_records = responses(root, "whole")
            killed_set, killed_records = responses(root, "killed")
            return {
                "kills": done, "articles": len(dataset(root, "whole")), "pages": whole_records, "exit": last,
                "seconds_undisturbed": round(whole, 1), "refetches": again,
                "refetches_per_kill": round(again / max(done, 1), 2),
                "allowed_per_kill": 2 * concurrency, "dataset_equal": equal, "rebuild_equal": same,
                "responses_missing": len(whole_set - killed_set), "responses_served": sum(counts.values()),
                "responses_kept": killed_records,
            }  # fmt: skip
        finally:
            site.send_signal(signal.SIGTERM)
            site.wait(10)


def responses(root: Path, name: str) -> tuple[set[str], int]:
    from warcio.archiveiterator import ArchiveIterator

    uris, count = set(), 0
    for path in sorted((root / "collections" / name / "archive").glob("*.warc.gz")):
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream):
                if record.rec_type == "response":
                    uris.add(record.rec_headers.get_header("WARC-Target-URI"))
                    count += 1
    return uris, count


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--articles", type=int, default=1500)
    parser.add_argument("--concurrency", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--delay", type=float, default=100, help="milliseconds the site waits before it answers: no life may end the walk"
    )
    options = parser.parse_args()
    found = campaign(options.kills, options.articles, options.concurrency, options.seed, options.delay)
    print(json.dumps(found, indent=2))
    good = (
        found["dataset_equal"] and found["rebuild_equal"] and found["exit"] == 0 and not found["responses_missing"]
        and found["kills"] == options.kills and found["refetches"] <= found["allowed_per_kill"] * found["kills"]  # type: ignore[operator]
    )  # fmt: skip
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
