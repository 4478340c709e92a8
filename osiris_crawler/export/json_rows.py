"""osiris export jsonl: the dataset's lines as they are, of the articles and the fields that are asked for."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, BinaryIO

from osiris_crawler.export.job import Job, Written
from osiris_crawler.export.packing import packed
from osiris_crawler.export.placing import placed
from osiris_crawler.export.rows import Rows
from osiris_crawler.record import keys


def write_jsonl(stream: BinaryIO, articles: Iterable[Mapping[str, Any]], names: Sequence[str] = ()) -> None:
    """A line of JSON an article, in the form of articles.jsonl; with `names` these fields in this order."""
    chosen = names or keys()
    for article in articles:
        line = json.dumps({name: article[name] for name in chosen}, ensure_ascii=False, separators=(",", ":"))
        stream.write(line.encode() + b"\n")


class JsonLines:
    """One line of JSON an article."""

    name = "jsonl"
    suffix = ".jsonl"

    def write(self, job: Job) -> Written:
        """Write aside, then put in place."""
        rows = Rows(job)
        with placed(job.to, rows.size) as out:
            with packed(out.stream, job.compress) as stream:
                write_jsonl(stream, rows, job.fields)
            out.stream.flush()
            size = out.aside.stat().st_size
        return Written(job.to, size, {"articles": rows.taken}, rows.left_out, rows.told(), rows.warnings)
