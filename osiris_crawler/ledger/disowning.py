"""Taking back what the ledger took from a login or block page: the capture stays, and asserts nothing.

A crawl and `rebuild` do it alike, when they come to the metadata record that names the captures.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from osiris_crawler.archive.clock import normal_date
from osiris_crawler.ledger.ledger import Ledger

KIND = "disowned"  # of a reading that says nothing


@dataclass(frozen=True, slots=True)
class Taken:
    """A response record, by its WARC-Date and its WARC-Record-ID."""

    date: str
    record_id: str


def disown(ledger: Ledger, captures: Iterable[Taken]) -> int:
    """Make captures assert nothing and their addresses wait again; gives how many were found."""
    rows = [found for one in captures if (found := _row(ledger, one)) is not None]
    for row, key, url, date, crawl in rows:
        subject = ledger.db.value("SELECT subject FROM readings WHERE capture = ?", (row,)) or key
        ledger.db.execute("DELETE FROM readings WHERE capture = ?", (row,))
        ledger.db.execute("INSERT INTO readings (capture, kind, subject) VALUES (?, ?, ?)", (row, KIND, key))
        ledger.db.execute("UPDATE captures SET target = NULL WHERE id = ?", (row,))
        # Instants of the archive never repeat: what bears this one was said by this capture.
        for table in ("passes", "entries"):
            said = f"DELETE FROM {table} WHERE listing = ? AND crawl = ? AND date = ?"  # noqa: S608
            ledger.db.execute(said, (subject, crawl, date))
        ledger.db.execute("DELETE FROM nodes WHERE crawl = ? AND first = ? AND last = ?", (crawl, date, date))
        ledger.db.execute(
            "DELETE FROM addresses WHERE via = ? AND crawl = ? AND status = 'pending' AND capture IS NULL", (url, crawl)
        )
    for _capture, key, _url, _date, crawl in rows:
        ledger.db.execute(
            """UPDATE addresses SET status = 'pending', attempts = 0, hops = 0, due = 0, problem = NULL,
                   capture = (SELECT captures.id FROM captures JOIN readings ON readings.capture = captures.id
                              WHERE captures.key = addresses.key AND readings.kind <> ? ORDER BY captures.date DESC LIMIT 1)
               WHERE key = ? AND crawl = ? AND crawl >= 0""",
            (KIND, key, crawl),
        )
    return len(rows)


def _row(ledger: Ledger, one: Taken) -> tuple[int, str, str, str, int] | None:
    """(row, key, address, instant, walk) of a capture."""
    found = ledger.db.query(
        """SELECT captures.id, key, url, date, runs.crawl FROM captures JOIN runs ON runs.run = captures.run
           WHERE date = ? AND record_id = ?""",
        (normal_date(one.date) or one.date, one.record_id),
    ).fetchone()
    return None if found is None else (found[0], found[1], found[2], found[3], found[4])
