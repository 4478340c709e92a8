"""Other extractors of news on the same pages, each in a process of the environment that they are installed in."""

from __future__ import annotations

import base64
import json
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import peer_worker
from .scoring import Scores, score
from .sites import Site

NAMES = tuple(peer_worker.PEERS)


@dataclass(frozen=True, slots=True)
class Run:
    """A peer's figures on a site; `missing` says why there are none."""

    name: str  # with its version
    scores: Scores
    missing: str | None = None
    failures: str | None = None  # how many pages it failed on, with the first reason


def run(name: str, site: Site, environment: Path) -> Run:
    """Let a peer read a site's pages. A page on which it fails counts as one of which nothing was found."""
    python = environment / "bin" / "python"
    if not python.exists():
        return Run(name, Scores(), f"there is no environment at {environment}; “make eval” makes it")
    with tempfile.TemporaryDirectory(prefix="osiris-eval-") as folder:
        pages, results = Path(folder) / "pages.jsonl", Path(folder) / "results.jsonl"
        with pages.open("w", encoding="utf-8") as out:
            for page in site.pages:
                encoded = base64.b64encode(page.body).decode()
                out.write(json.dumps({"url": page.url, "charset": page.charset, "page": encoded}) + "\n")
        done = subprocess.run(
            [python, peer_worker.__file__, name, pages, results], check=False, capture_output=True, text=True
        )
        if done.returncode or not results.exists():
            return Run(name, Scores(), f"it ended with {done.returncode}: {done.stderr.strip()[-300:]}")
        *rows, last = [json.loads(line) for line in results.read_text("utf-8").splitlines()]
    return _scored(rows, last, site)


def _scored(rows: list[dict[str, Any]], last: dict[str, Any], site: Site) -> Run:
    name = f"{last['name']} {last.get('version', '')}".strip()
    if "missing" in last:
        return Run(name, Scores(), last["missing"])
    failed = [row["error"] for row in rows if "error" in row]
    found = {row["url"]: row for row in rows if "error" not in row and (row.get("title") or row.get("body"))}
    scores = score(site.planted, found, site.chrome, last["fields"], whole=True)
    scores.seconds, scores.timed = last["seconds"], last["pages"]
    failures = f"{len(failed)} of {len(rows)} pages, the first with {failed[0]}" if failed else None
    return Run(name, scores, failures=failures)
