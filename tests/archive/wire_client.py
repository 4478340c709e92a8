"""Fetches addresses with the capture handler into a folder; run as a program, since a reactor starts once.

usage: wire_client.py FOLDER CONCURRENCY TIMEOUT MAXSIZE METHOD:URL…
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import scrapy
from scrapy.crawler import CrawlerProcess

from osiris_crawler.archive import wire
from osiris_crawler.archive.clock import Clock
from osiris_crawler.archive.exchange import Exchange
from osiris_crawler.archive.writer import WarcWriter

folder, concurrency, timeout, maxsize, *targets = sys.argv[1:]
if targets and targets[0].startswith("@"):
    targets = Path(targets[0][1:]).read_text().split()
outcomes: list[tuple[str, str]] = []


class Recorder:
    def __init__(self) -> None:
        self.clock = Clock()
        self.writer = WarcWriter(
            Path(folder), prefix="wire", hostname="host", warcinfo={"software": "test"}, clock=self.clock
        )
        self.kept: list[tuple[str, str | None, str | None]] = []

    async def record(self, request: scrapy.Request, exchange: Exchange) -> None:
        await self.writer.write_exchange(exchange, {"error": exchange.error})
        self.kept.append((exchange.url, exchange.truncated, exchange.error))


class Spider(scrapy.Spider):
    name = "wire"

    async def start(self) -> Any:
        for target in targets:
            method, _colon, url = target.partition(":")
            yield scrapy.Request(url, method=method, dont_filter=True, callback=self.parse, errback=self.failed)

    def parse(self, response: Any) -> None:
        outcomes.append((response.url, str(response.status)))

    def failed(self, failure: Any) -> None:
        outcomes.append((failure.request.url, failure.type.__name__))


off = [
    "robotstxt.RobotsTxtMiddleware",
    "redirect.RedirectMiddleware",
    "retry.RetryMiddleware",
    "httpcompression.HttpCompressionMiddleware",
    "cookies.CookiesMiddleware",
]
process = CrawlerProcess(
    {
        "DOWNLOAD_HANDLERS": dict.fromkeys(("http", "https"), "osiris_crawler.archive.wire.CaptureDownloadHandler"),
        "DOWNLOADER_MIDDLEWARES": {f"scrapy.downloadermiddlewares.{name}": None for name in off},
        "CONCURRENT_REQUESTS": int(concurrency), "CONCURRENT_REQUESTS_PER_DOMAIN": int(concurrency), "DOWNLOAD_DELAY": 0,
        "DOWNLOAD_TIMEOUT": float(timeout), "DOWNLOAD_MAXSIZE": int(maxsize), "DOWNLOAD_FAIL_ON_DATALOSS": False,
        "HTTPERROR_ALLOW_ALL": True, "TELNETCONSOLE_ENABLED": False, "LOG_LEVEL": "ERROR", "DOWNLOAD_VERIFY_CERTIFICATES": False,
        "DEFAULT_REQUEST_HEADERS": {"Accept": "*/*", "X-Case": "Kept"},
    }
)  # fmt: skip
crawler = process.create_crawler(Spider)
recorder = Recorder()
wire.attach(crawler, recorder)
process.crawl(crawler)
process.start()
recorder.writer.close_sync()
print(json.dumps({"outcomes": outcomes, "kept": recorder.kept}))
