"""A collection made of its files alone, for what reads a collection and asks no site."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from osiris_crawler.ledger.ledger import Ledger
from osiris_crawler.paths import Collection
from osiris_crawler.record import Article

SITE = "http://www.site.example/"


def article(id: str, **fields: Any) -> dict[str, Any]:
    url = f"{SITE}{id}.html"
    told = {
        "id": id, "url": url, "urls": [url], "title": f"Titre {id}", "date": "2024-05-06", "body": "Corps.",
        "first_seen": "2024-05-07T02:00:30.000000Z", **fields,
    }  # fmt: skip
    found: dict[str, Any] = json.loads(Article(**told).line())
    return found


def change(id: str | None, event: str = "added", *, run: str = "20240507020000-crawl", **fields: Any) -> dict[str, Any]:
    url = f"{SITE}{id or 'section'}.html"
    at = "2024-05-07T02:00:30.000000Z"
    return {"run": run, "at": at, "event": event, "cause": "site", "id": id, "url": url, "fields": [], **fields}


def report(run: str = "20240507020000-crawl", **fields: Any) -> dict[str, Any]:
    return {
        "run": run, "command": run.partition("-")[2], "site": SITE, "exit": 0, "reasons": [], "seconds": 60.0,
        "requests": 30, "bytes": 1_234_567, "newly_failed": 0, "failures": [], "failed_attempts": 0,
        "statuses": {"200": 29, "404": 1}, "addresses": {"article": {"read": 30}}, "refused": {}, "layouts": [],
        "dataset": {"articles": 2}, **fields,
    }  # fmt: skip


def make(
    output: Path,
    *,
    articles: Iterable[dict[str, Any]] = (),
    changes: Iterable[dict[str, Any]] = (),
    reports: Iterable[dict[str, Any]] = (),
    rebuilt: bool = False,
) -> Collection:
    """OUTPUT/collections/c. `rebuilt`: the ledger knows no more of its runs than that they began."""
    collection = Collection(output, "c")
    collection.create()
    for path, lines in ((collection.articles, articles), (collection.changes, changes)):
        path.write_text(
            "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines), "utf-8"
        )
    ledger = Ledger(collection.state)
    ledger.put("site", SITE)
    ledger.put("profile", "spip")
    for number, told in enumerate(reports, 1):
        run = told["run"]
        began = f"{run[:4]}-{run[4:6]}-{run[6:8]}T{run[8:10]}:{run[10:12]}:{run[12:14]}.000000Z"
        ledger.begin_run(run, number, told["command"], began)
        if not rebuilt:
            ledger.end_run(run, began.replace(":00.", ":59."), told["exit"], told)
        (collection.runs / run).mkdir()
        (collection.runs / run / "report.json").write_text(json.dumps(told), "utf-8")
    ledger.commit()
    ledger.close()
    return collection
