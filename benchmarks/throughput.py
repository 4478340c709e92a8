"""Pages per second of a whole crawl against a bare Scrapy spider on the same addresses, in one run, turn by turn.

    python benchmarks/throughput.py --articles 2000 --rounds 3

The bare spider gets the addresses from a list, follows no links, parses and stores nothing.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CONCURRENCY = 8
BARE = """
import sys, scrapy
from scrapy.crawler import CrawlerProcess

class Bare(scrapy.Spider):
    name = "bare"
    async def start(self):
        for line in open(sys.argv[1]):
            yield scrapy.Request(line.strip(), dont_filter=True)
    def parse(self, response):
        pass

settings = {"CONCURRENT_REQUESTS": 8, "CONCURRENT_REQUESTS_PER_DOMAIN": 8, "ROBOTSTXT_OBEY": False,
            "LOG_LEVEL": "ERROR", "TELNETCONSOLE_ENABLED": False, "REDIRECT_ENABLED": False, "RETRY_ENABLED": False,
            "HTTPERROR_ALLOW_ALL": True, "DOWNLOAD_DELAY": 0}
if len(sys.argv) > 2:
    settings["ASYNCIO_EVENT_LOOP"] = "uvloop.Loop"
process = CrawlerProcess(settings)
process.crawl(Bare)
process.start()
"""


def timed(command: list[str]) -> float:
    began = time.monotonic()
    subprocess.run(command, check=True)
    return time.monotonic() - began


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="osiris-bench-") as folder:
        root = Path(folder)
        log = root / "requests.jsonl"
        site = subprocess.Popen(
            [sys.executable, "-m", "osiris_crawler.demo", "--articles", str(options.articles), "--log", str(log)],
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            assert site.stdout is not None
            url = site.stdout.readline().strip()
            (root / "bare.py").write_text(BARE)

            def ours(number: int) -> list[str]:
                return [
                    sys.executable, "-m", "osiris_crawler", "crawl", url, "-o", folder, "-c", f"b{number}",
                    "--delay", "0", "--concurrency", str(CONCURRENCY), "--quiet",
                ]  # fmt: skip

            timed(ours(0))  # warms the site's pages and gives the addresses
            paths = [json.loads(line)["path"] for line in log.read_text("utf-8").splitlines()]
            (root / "addresses").write_text("\n".join(url.rstrip("/") + path for path in paths))
            ratios, rows = [], []
            for number in range(1, options.rounds + 1):
                bare = len(paths) / timed([sys.executable, str(root / "bare.py"), str(root / "addresses")])
                fast = len(paths) / timed([sys.executable, str(root / "bare.py"), str(root / "addresses"), "uvloop"])
                mine = len(paths) / timed(ours(number))
                ratios.append(mine / bare)
                rows.append({"bare": round(bare, 1), "bare_uvloop": round(fast, 1), "osiris": round(mine, 1)})
        finally:
            site.terminate()
            site.wait(10)
    print(json.dumps({
        "addresses": len(paths), "pages_per_second": rows, "ratio_median": round(statistics.median(ratios), 3),
        "ratio_min": round(min(ratios), 3), "ratio_max": round(max(ratios), 3),
        "note": "whole processes, start-up and writing of the dataset included",
    }, indent=2))  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
