"""One peer reads pages, in its own environment: python peer_worker.py NAME PAGES.jsonl RESULTS.jsonl

A line of PAGES is {"url", "charset", "page": base64}; a line of RESULTS {"url", "title", "date", "authors", "tags", "body"}, as far as
the peer gives them, or {"url", "error"}; the last line is {"name", "version", "fields", "seconds", "pages"}, or has
"missing" where the peer can't be loaded. Each is called as its documentation advises for a page of an article that is
at hand, with the settings that suit these pages best, and is told what the page's characters are in. This file imports
nothing of the project.
"""

from __future__ import annotations

import base64
import gc
import json
import logging
import socket
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

WARM = 50  # pages, at most a third, that are read before the clock runs: trafilatura needs seconds to get going
Reader = Callable[[str, bytes, str], dict[str, Any]]  # address, bytes, what their characters are in


def _day(value: Any) -> str | None:
    """A date as YYYY-MM-DD."""
    if value is None:
        return None
    return (value.isoformat() if hasattr(value, "isoformat") else str(value))[:10] or None


def _trafilatura() -> Reader:
    from trafilatura import bare_extraction

    def read(url: str, page: bytes, charset: str) -> dict[str, Any]:
        # Of its settings those that did best on these pages; `deduplicate` learns over pages what comes again.
        found = bare_extraction(
            page.decode(charset, "replace"), url=url, with_metadata=True, include_comments=False, favor_precision=True,
            deduplicate=True,
        )  # fmt: skip
        if found is None:
            return {}
        authors = [name.strip() for name in (found.author or "").split(";") if name.strip()]
        tags = list(found.tags or [])
        return {"title": found.title, "date": found.date, "authors": authors, "tags": tags, "body": found.text}

    return read


def _newspaper() -> Reader:
    from newspaper import Article

    def read(url: str, page: bytes, charset: str) -> dict[str, Any]:
        found = Article(url, language="fr", fetch_images=False)
        found.download(input_html=page.decode(charset, "replace"))
        found.parse()
        return {
            "title": found.title, "date": _day(found.publish_date), "authors": list(found.authors),
            "tags": sorted(found.tags or []), "body": found.text,
        }  # fmt: skip

    return read


def _news_please() -> Reader:
    from newsplease import NewsPlease

    def read(url: str, page: bytes, charset: str) -> dict[str, Any]:
        found = NewsPlease.from_html(page.decode(charset, "replace"), url=url, fetch_images=False)
        return {
            "title": found.title, "date": _day(found.date_publish), "authors": list(found.authors or []),
            "body": found.maintext,
        }  # fmt: skip

    return read


def _resiliparse() -> Reader:
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.html import HTMLTree

    def read(url: str, page: bytes, charset: str) -> dict[str, Any]:
        tree = HTMLTree.parse_from_bytes(page, charset)
        body = extract_plain_text(
            tree, main_content=True, alt_texts=False, links=False, list_bullets=False, comments=False
        )
        return {"body": body}  # its title is what <title> says, the site's name with it: no field of an article

    return read


def _readability() -> Reader:
    from lxml import html
    from readability import Document

    def read(url: str, page: bytes, charset: str) -> dict[str, Any]:
        found = Document(page.decode(charset, "replace"), url=url)
        summary = found.summary(html_partial=True)
        text = "\n".join(str(piece) for piece in html.fromstring(summary).itertext()) if summary.strip() else ""
        return {"title": found.short_title(), "body": text}

    return read


# name → (distribution, fields that it gives, what makes it)
PEERS: dict[str, tuple[str, tuple[str, ...], Callable[[], Reader]]] = {
    "trafilatura": ("trafilatura", ("title", "date", "authors", "tags", "body"), _trafilatura),
    "newspaper4k": ("newspaper4k", ("title", "date", "authors", "tags", "body"), _newspaper),
    "news-please": ("news-please", ("title", "date", "authors", "body"), _news_please),
    "resiliparse": ("resiliparse", ("body",), _resiliparse),
    "readability": ("readability-lxml", ("title", "body"), _readability),
}


def _offline(*_arguments: Any) -> None:
    raise OSError("reading goes without network")


def main(name: str, pages: Path, results: Path) -> None:
    distribution, fields, make = PEERS[name]
    last: dict[str, Any] = {"name": name, "fields": fields}
    try:
        last["version"] = version(distribution)
        reader = make()
    except Exception as problem:
        results.write_text(json.dumps(last | {"missing": f"{type(problem).__name__}: {problem}"}) + "\n", "utf-8")
        return
    logging.disable(logging.CRITICAL)
    socket.socket.connect = _offline  # type: ignore[method-assign]
    rows = [json.loads(line) for line in pages.read_text("utf-8").splitlines()]
    inputs = [(row["url"], base64.b64decode(row["page"]), row["charset"]) for row in rows]
    gc.set_threshold(20_000, 20, 50)  # as ours has it
    warm = min(WARM, len(inputs) // 3)
    found = [_tried(reader, *given) for given in inputs[:warm]]
    began = time.process_time()
    found += [_tried(reader, *given) for given in inputs[warm:]]
    last |= {"seconds": time.process_time() - began, "pages": len(inputs) - warm}
    results.write_text("".join(json.dumps(row) + "\n" for row in [*found, last]), "utf-8")


def _tried(reader: Reader, url: str, page: bytes, charset: str) -> dict[str, Any]:
    try:
        return {"url": url, **reader(url, page, charset)}
    except Exception as problem:
        return {"url": url, "error": f"{type(problem).__name__}: {problem}"[:300]}


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
