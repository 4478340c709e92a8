"""Exchanges, and WARC files made of them, for tests."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from osiris_crawler.archive.exchange import Exchange
from osiris_crawler.archive.writer import Kept, WarcWriter

SITE = "http://site.example"


def exchange(
    path: str = "/a",
    body: bytes = b"x" * 2000,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    chunked: bool = False,
    truncated: str | None = None,
    started: datetime | None = None,
) -> Exchange:
    fields = {"Content-Type": "text/html; charset=utf-8", **(headers or {})}
    if chunked:
        fields["Transfer-Encoding"] = "chunked"
        body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    else:
        fields.setdefault("Content-Length", str(len(body)))
    head = f"HTTP/1.1 {status} X\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields.items()) + "\r\n"
    request = f"GET {path} HTTP/1.1\r\nHost: site.example\r\n\r\n".encode()
    return Exchange(SITE + path, started, 0.25, request, head.encode("latin-1") + body, "192.0.2.1", truncated)


def writer(folder: Path, **options: Any) -> WarcWriter:
    folder.mkdir(parents=True, exist_ok=True)
    return WarcWriter(folder, **{"prefix": "t", "hostname": "host", "warcinfo": {"software": "test"}, **options})


def write(into: WarcWriter, exchanges: Iterable[Exchange], **more: Any) -> list[Kept]:
    """Have exchanges written at once, each with a note; gives where they lie."""

    async def all_of_them() -> list[Kept]:
        return list(await asyncio.gather(*(into.write_exchange(one, {"run": "r"}, **more) for one in exchanges)))

    return asyncio.run(all_of_them())
