"""A small collection made by hand: articles of every odd kind, as a dataset has them, and WARC files that are only summed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from osiris_crawler.archive import fixity
from osiris_crawler.export.formats import FORMATS
from osiris_crawler.export.job import Job, Written
from osiris_crawler.paths import Collection
from osiris_crawler.record import Article

Dataset = Callable[..., "Made"]
LONG = "Un long texte, où « tout » est dit ; ou presque. " * 3000  # 150,000 letters


class Made:
    """The collection, and what is in its dataset."""

    def __init__(self, folder: Path, articles: list[Article]) -> None:
        self.folder = folder
        self.collection = Collection(folder / "output", "c")
        self.collection.create()
        self.lines = [article.line() for article in articles]
        self.collection.articles.write_text("".join(f"{line}\n" for line in self.lines), "utf-8")

    @property
    def articles(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines]

    def restrict(self, *lines: dict[str, Any]) -> None:
        self.collection.restrictions.write_text("".join(json.dumps(line) + "\n" for line in lines))

    def close(self, **warcs: bytes) -> None:
        """WARC files by name, closed and in the manifest."""
        for name, data in warcs.items():
            (self.collection.archive / f"{name}.warc.gz").write_bytes(data)
        paths = sorted(self.collection.archive.glob("*.warc.gz"))
        fixity.write(self.collection.manifest, {path.name: fixity.sha256(path) for path in paths})

    def export(self, format: str, to: str, **options: Any) -> Written:
        return FORMATS[format].write(Job(self.collection, self.folder / to, **options))


def article(id: str, **fields: Any) -> Article:
    facts: dict[str, Any] = {
        "url": f"https://o.example/{id}",
        "urls": [f"https://o.example/{id}"],
        "title": f"Titre {id}",
        "body": f"Texte {id}.",
        "first_seen": "2026-01-01T10:00:00Z",
        "last_changed": "2026-01-01T10:00:00.123456Z",
        "content_digest": "sha256:" + "0" * 64,
        "capture": {
            "warc": "a.warc.gz",
            "offset": 2**40,
            "record_id": "urn:uuid:1",
            "date": "2026-01-01T10:00:00.000001Z",
        },
        "reader": "7",
    }
    return Article(**{"id": id, **facts, **fields})


def source(text: str, outlet: str | None, **parts: str | None) -> dict[str, str | None]:
    return {"text": text, "name": outlet, "outlet": outlet, "url": None, "date": None, **parts}


def odd() -> list[Article]:
    """In the dataset's order. What a table could take for something else, and what it could lose."""
    return [
        article("1", date="1998-01-02", tags=["Internet", "Téléphonie"], section=["Articles de presse", "Année 1998"],
                sources=[source("(Source : Le Soleil, 1998)", "Le Soleil", date="1998"),
                         source("(Source : http://x.example)", None, url="http://x.example", date="1998-01")]),
        article("2", date="1998-01-02", duplicate_of="1", tags=["internet"], body=LONG, lead="Chapô", withdrawn="2026-02-01T00:00:00Z"),
        article("3", date="2015-01-30", title='=HYPERLINK("http://x.example","x")', overline="'=1", subtitle="'", date_text="-1",
                tags=["a | b", "c\\", "|", "d;e,f", "g\\h"], authors=["＝2", "@x"], notes=["+3", "\tx"], lead=" =4", body="l’un\n\nl’autre\r\nx",
                ps="'“Tis’", sources=[source("@SUM(1)", "Walf | Fadjri", date="2015-01-30"), source("b", None, name="Ouestaf")]),
        article("breve4", date="2015-12-31", kind="breve", language="wo", section=["Brèves"], title="Écran 😀\u00a0: « x »",
                images=[{"url": "http://x.example/a.png", "title": None, "type": "image/png"}], issues=["date"],
                documents=[{"url": "http://x.example/a.pdf", "title": "A", "type": None}], version=3, link="http://x.example"),
        article("Slug-Deux", date="2016-01-01", duplicate_of="3", section=["Articles de presse", "Année 2016"]),
        article("slug-deux", title="\u2028\u0085\ufeff", body="", tags=["Télé\u00a0: l’écran"]),
    ]  # fmt: skip
