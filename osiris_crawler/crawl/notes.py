"""What no HTTP exchange holds and the views need: written to the WARC as metadata records, as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from osiris_crawler.archive.exchange import Exchange
from osiris_crawler.ledger.page import Page

_EMPTY: tuple[Any, ...] = (None, "", [], {})


def lean(value: dict[str, Any]) -> dict[str, Any]:
    """Without what is empty."""
    return {name: item for name, item in value.items() if item not in _EMPTY}


def reading_note(page: Page, found: dict[str, Any], id: str | None) -> dict[str, Any]:
    """The reading of a page with the reader's version, and how it was found; the links are in the response."""
    reading = page.reading
    note: dict[str, Any] = {
        "run": page.run,
        **found,
        "id": id,
        "reader": reading.reader,
        "kind": reading.kind,
        "canonical": reading.canonical,
        "layout": reading.layout,
        "language": reading.language,
        "content_digest": page.content,
        "alias_of": page.alias_of,
        "equal_to": page.equal_to,
        "breadcrumb": [asdict(crumb) for crumb in reading.breadcrumb],
    }
    if reading.article is not None:
        note["article"] = lean(asdict(reading.article))
    if reading.listing is not None:
        listing = reading.listing
        note["listing"] = lean(
            {
                "kind": listing.kind,
                "title": listing.title,
                "loop": listing.loop,
                "offset": listing.offset,
                "last_offset": listing.last_offset,
                "entries": list(dict.fromkeys(entry.url for entry in listing.entries)),
            }
        )
    return lean(note)


def failure_note(exchange: Exchange, run: str, via: str | None) -> dict[str, Any]:
    """An attempt that brought no byte."""
    return lean({"run": run, "via": via, "error": exchange.error or "no answer", "elapsed": round(exchange.elapsed, 3)})


def exchange_note(run: str, via: str | None, path: str, elapsed: float) -> dict[str, Any]:
    """How an address was found and how long the answer took, in Heritrix' terms (WARC 1.1, 6.6)."""
    return lean({"run": run, "via": via, "hopsFromSeed": path, "fetchTimeMs": round(elapsed * 1000)})
