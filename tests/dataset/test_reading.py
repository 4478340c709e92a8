"""Lines of articles.jsonl that are no records are named alike by all that read them."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from osiris_crawler.care.sample.drawing import draw
from osiris_crawler.dataset.reading import read_articles
from osiris_crawler.errors import IntegrityError
from osiris_crawler.export.job import Job
from osiris_crawler.export.markdown import MarkdownFiles
from osiris_crawler.export.pages import wanted
from tests.reported import article, make

GOOD = article(
    "1", capture={"warc": "a.warc.gz", "offset": 0, "record_id": "<urn:uuid:1>", "date": "2024-05-07T02:00:00Z"}
)


def _read(folder: Path, data: bytes) -> None:
    collection = make(folder)
    collection.articles.write_bytes(data)
    list(read_articles(collection))


def _markdown(folder: Path, data: bytes) -> None:
    collection = make(folder)
    collection.articles.write_bytes(data)
    MarkdownFiles().write(Job(collection, folder / "out"))


READERS: dict[str, Callable[[Path, bytes], Any]] = {
    "read": _read,
    "markdown": _markdown,
    "pages": lambda folder, data: wanted(io.BytesIO(data), {}, lambda article: False),
    "sample": lambda folder, data: draw(io.BytesIO(data), 5, "1"),
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("line", [b"{", b"[]", b"7", b"\xff", b'{"id": 7}', b"[" * 100_000])
def test_a_line_that_is_no_record_is_named(reader: str, line: bytes, tmp_path: Path) -> None:
    data = json.dumps(GOOD).encode() + b"\n"
    READERS[reader](tmp_path / "good", data)
    with pytest.raises(
        IntegrityError, match=r"Line 2 of articles\.jsonl can't be read\. “osiris rebuild” makes it from"
    ):
        READERS[reader](tmp_path / "bad", data + line + b"\n")
