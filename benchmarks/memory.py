"""Peak memory of a crawl of a small and of a large site: it must not grow with the number of pages.

python benchmarks/memory.py --small 1500 --large 15000
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile


def peak(articles: int) -> dict[str, float]:
    """Peak resident memory in MB of the crawling process, and the requests it made."""
    with tempfile.TemporaryDirectory(prefix="osiris-memory-") as folder:
        site = subprocess.Popen(
            [sys.executable, "-m", "osiris_crawler.demo", "--articles", str(articles)],
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert site.stdout is not None
            url = site.stdout.readline().strip()
            command = [
                sys.executable, "-m", "osiris_crawler", "crawl", url, "-o", folder, "-c", "m",
                "--delay", "0", "--concurrency", "8", "--json",
            ]  # fmt: skip
            run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            assert run.stdout is not None
            report = json.loads(run.stdout.read())
            _pid, status, usage = os.wait4(run.pid, 0)
            assert status == 0, status
        finally:
            site.terminate()
            site.wait(10)
    return {"articles": articles, "requests": report["requests"], "peak_mb": round(usage.ru_maxrss / 1024, 1)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", type=int, default=1500)
    parser.add_argument("--large", type=int, default=15000)
    options = parser.parse_args()
    small, large = peak(options.small), peak(options.large)
    print(
        json.dumps({"small": small, "large": large, "ratio": round(large["peak_mb"] / small["peak_mb"], 3)}, indent=2)
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
