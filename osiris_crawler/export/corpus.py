"""osiris export text: a corpus for text analysis. One UTF-8 file an article, YYYY/ID.txt, and metadata.csv beside them.

A file has what an author wrote, a blank line between its parts: title, lead, body, post-scriptum, notes. All else is in
metadata.csv, a row a file in the same order, whose first column, `file`, is the path.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from osiris_crawler.export import folder
from osiris_crawler.export.about import readme
from osiris_crawler.export.csv_rows import write_csv
from osiris_crawler.export.job import Job, Written
from osiris_crawler.export.naming import Places
from osiris_crawler.export.rows import RESTRICTED, Rows
from osiris_crawler.i18n import _
from osiris_crawler.paths import AtomicFile
from osiris_crawler.record import keys

TEXTS = ("lead", "body", "ps", "notes")
METADATA = "metadata.csv"
_NAMES = tuple(name for name in keys() if name not in TEXTS)
_ROOM = 4096  # bytes of a disk that a file takes at least


def text_of(article: Mapping[str, Any]) -> str:
    """Title, lead, body, PS and notes."""
    parts = [article["title"], article["lead"], article["body"], article["ps"], *article["notes"]]
    return "\n\n".join(part for part in parts if part) + "\n"


class TextFiles:
    """Every article as a text file."""

    name = "text"
    suffix = "-text"

    def write(self, job: Job) -> Written:
        """Write aside, then put in place."""
        rows = Rows(job)
        with folder.placed_folder(job.to, self.name, rows.size + rows.count() * _ROOM) as aside:
            files = _Files(aside)
            with AtomicFile(aside / METADATA) as table:
                write_csv(table.stream, files.written(rows), _NAMES, before={"file": lambda article: files.path})
            size = files.size + (aside / METADATA).stat().st_size
            self._describe(aside, job, rows)
        return Written(job.to, size, {"articles": rows.taken}, rows.left_out, rows.told(), rows.warnings)

    def _describe(self, aside: Path, job: Job, rows: Rows) -> None:
        layout = (
            ("YYYY/ID.txt", _("a text an article, by the year of its date: title, lead, body, post-scriptum, notes")),
            ("undated/ID.txt", _("those without a date")),
            (METADATA, _("a row a text, in the same order: its file, and all other fields")),
        )
        readme(aside, job, rows.told(), layout)
        made = job.created.strftime("%Y-%m-%dT%H:%M:%SZ")
        facts = {"collection": job.collection.name, "created": made, "articles": rows.taken}
        folder.mark(aside, self.name, facts | {RESTRICTED: rows.left_out[RESTRICTED]})


class _Files:
    """The files while they are written; `path` is that of the article that was written last."""

    def __init__(self, aside: Path) -> None:
        self._aside = aside
        self._places = Places(".txt", months=False)
        self.path = ""
        self.size = 0

    def written(self, articles: Rows) -> Iterator[dict[str, Any]]:
        """The articles, each when its file is there."""
        for article in articles:
            place = self._places.place(article)
            path = self._aside / place
            path.parent.mkdir(exist_ok=True)
            data = text_of(article).encode()
            path.write_bytes(data)
            self.size += len(data)
            self.path = place.as_posix()
            yield article
