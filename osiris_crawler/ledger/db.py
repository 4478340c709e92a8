"""The ledger's file: opening it, its version, its transactions."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

from osiris_crawler.errors import OsirisError, UsageError
from osiris_crawler.i18n import _

VERSION = 4
_APPLICATION = 0x0515175  # tells this program's state files from other SQLite files


_TABLES = (
    "meta",
    "runs",
    "files",
    "addresses",
    "captures",
    "readings",
    "passes",
    "entries",
    "nodes",
    "ids",
    "gaps",
    "rereadings",
    "signatures",
)


class LedgerWriteError(OsirisError):
    """The ledger can't be written: the disk is full, or the folder went away."""


class LedgerDamaged(Exception):
    """The file is no usable ledger; it has to be rebuilt from the WARC files."""


class Database:
    """One connection with explicit transactions.

    Writes gather in one transaction until `commit`: SQLite in WAL mode with ``synchronous=NORMAL`` loses nothing when
    the process is killed, and what a power cut takes is found again in the WARC files.
    """

    def __init__(self, path: Path, *, create: bool = True, readonly: bool = False) -> None:
        new = not path.exists()
        if new and not create:
            raise LedgerDamaged(f"{path.name} is missing")
        self.path = path
        self._broken: LedgerWriteError | None = None
        try:
            if readonly:
                # Where nothing can be written SQLite can't make the file that readers of a WAL share; nor does it need it.
                still = "" if os.access(path.parent, os.W_OK) else "&immutable=1"
                address = f"{path.resolve().as_uri()}?mode=ro{still}"
                self.connection = sqlite3.connect(address, uri=True, isolation_level=None)
                # What damage has made of a text is told as a difference, not raised in the midst of a query.
                self.connection.text_factory = lambda data: data.decode("utf-8", "replace")
            else:
                self.connection = sqlite3.connect(path, isolation_level=None)
            self.connection.row_factory = sqlite3.Row
            if not readonly:
                self._prepare(new)
            self._check(readonly)
        except sqlite3.DatabaseError as problem:
            if hasattr(self, "connection"):
                self.connection.close()
            raise LedgerDamaged(str(problem)) from problem

    def _prepare(self, new: bool) -> None:
        run = self.connection.execute
        run("PRAGMA busy_timeout = 10000")
        run("PRAGMA journal_mode = WAL")
        run("PRAGMA synchronous = NORMAL")
        run("PRAGMA cache_size = -3000")
        run("PRAGMA temp_store = FILE")
        if new:
            # One transaction: a kill while the file is made leaves an empty file, which is told as damaged.
            schema = files("osiris_crawler.ledger").joinpath("schema.sql").read_text("utf-8")
            self.connection.executescript(
                f"BEGIN; {schema}; PRAGMA application_id = {_APPLICATION}; PRAGMA user_version = {VERSION}; COMMIT;"
            )

    def _check(self, readonly: bool) -> None:
        application = self.connection.execute("PRAGMA application_id").fetchone()[0]
        version = self.connection.execute("PRAGMA user_version").fetchone()[0]
        if application != _APPLICATION:
            raise LedgerDamaged(f"{self.path.name} is not a ledger")
        if version > VERSION:
            self.connection.close()
            raise UsageError(
                _(
                    "%(path)s was written by a newer version of this program (schema %(found)d, this one knows %(known)d)."
                )
                % {"path": self.path, "found": version, "known": VERSION},
                _(
                    "Install the newer version, or remove the file and run “osiris rebuild”: the WARC files hold all of it."
                ),
            )
        if version < VERSION:
            raise LedgerDamaged(f"schema {version} of an earlier version")
        if not readonly:
            self.check_pages()

    def check_pages(self) -> None:
        """Look at every page of the file; LedgerDamaged when one is not as it should be."""
        try:
            answer = self.connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            # SQLite finds a page sound whose table was made by somebody else: each that we ask for must answer.
            for table in _TABLES:
                self.connection.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone()  # noqa: S608
        except (sqlite3.DatabaseError, UnicodeDecodeError) as problem:  # SQLite quotes what it found, as it is
            raise LedgerDamaged(str(problem)) from problem
        if answer != "ok":
            raise LedgerDamaged(str(answer))

    def execute(self, sql: str, values: tuple[Any, ...] | dict[str, Any] = ()) -> sqlite3.Cursor:
        """A statement that writes: it opens the transaction if there is none."""
        with self._whole():
            self._begin()
            return self.connection.execute(sql, values)

    @contextmanager
    def _whole(self) -> Iterator[None]:
        """After a write that failed (a full disk) nothing more is written: SQLite has rolled back what was not
        committed, and a later commit would hide that. The next run takes it from the WARC files."""
        if self._broken is not None:
            raise self._broken.with_traceback(None)  # it would grow with every one who asks
        try:
            yield
        except sqlite3.Error as problem:
            self._broken = LedgerWriteError(
                _("The ledger can't be written (%(path)s): %(why)s.") % {"path": self.path, "why": problem},
                _("Make room or mend the disk; the same command then goes on, nothing that was kept is lost."),
            )
            if self.connection.in_transaction:
                self.connection.rollback()
            raise self._broken from problem

    def _begin(self) -> None:
        if not self.connection.in_transaction:
            self.connection.execute("BEGIN IMMEDIATE")

    def executemany(self, sql: str, rows: list[tuple[Any, ...]]) -> None:
        """The same statement for many rows."""
        if rows:
            with self._whole():
                self._begin()
                self.connection.executemany(sql, rows)

    def query(self, sql: str, values: tuple[Any, ...] | dict[str, Any] = ()) -> sqlite3.Cursor:
        """A statement that reads."""
        return self.connection.execute(sql, values)

    def value(self, sql: str, values: tuple[Any, ...] | dict[str, Any] = ()) -> Any:
        """The first column of the first row, or None."""
        row = self.connection.execute(sql, values).fetchone()
        return None if row is None else row[0]

    def commit(self) -> None:
        if self.connection.in_transaction:
            with self._whole():
                self.connection.execute("COMMIT")

    def close(self) -> None:
        try:
            self.commit()
        finally:
            self.connection.close()

    def abandon(self) -> None:
        """Close without writing what is not committed."""
        if self.connection.in_transaction:
            self.connection.execute("ROLLBACK")
        self.connection.close()
