"""osiris export sqlite: the dataset as one SQLite file, with its words indexed as French is searched.

articles.jsonl, changes.jsonl → tables, views, two FTS5 indexes → read back → the file takes its name
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from osiris_crawler import __version__
from osiris_crawler.dataset.changes import read_changes
from osiris_crawler.errors import IntegrityError
from osiris_crawler.export.database.building import build
from osiris_crawler.export.job import Job, Written
from osiris_crawler.export.placing import placed
from osiris_crawler.export.rows import Rows
from osiris_crawler.i18n import _

_ROOM = 3  # such a file is about so many times as large as the lines it is made of, at most


class Sqlite:
    """Every article of the dataset in tables, with an index of its words."""

    name = "sqlite"
    suffix = ".sqlite"

    def write(self, job: Job) -> Written:
        """Write aside, read back, then put in place."""
        rows = Rows(job)

        def meta() -> dict[str, str]:
            said = {"title": job.title, "description": job.description}
            return {
                "collection": job.collection.name, "dataset_sha256": rows.sum.hexdigest(),
                "generator": f"osiris-crawler {__version__}", **{name: value for name, value in said.items() if value},
            }  # fmt: skip

        with placed(job.to, rows.size * _ROOM) as file:
            count = build(file.aside, rows, read_changes(job.collection), meta)
            check(file.aside, count)
            size = file.aside.stat().st_size
        return Written(job.to, size, {"articles": count}, rows.left_out, rows.told(), rows.warnings)


def check(path: Path, articles: int) -> None:
    """Read a database back; IntegrityError when it is not sound, refers to what is not there, or has lost rows."""
    with closing(sqlite3.connect(path)) as db:
        sound = [row[0] for row in db.execute("PRAGMA integrity_check(1)")] == ["ok"]
        whole = db.execute("PRAGMA foreign_key_check").fetchone() is None
        counts = {
            db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 - our own names
            for table in ("articles", "articles_fts_docsize", "articles_stems_docsize")
        }
    if not (sound and whole and counts == {articles}):
        raise IntegrityError(
            _("What was written does not read back as a sound database."),
            _("It was not put in place. See that the disk is sound, then export again."),
        )
