"""Reading what was never read, and reading again by a better reader or model; and what came of that.

Readings in the ledger are those of one reader and one model, or the next `publish` would take their differences for
changes of the site.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from osiris_crawler.errors import IntegrityError
from osiris_crawler.extract.chrome import Chrome
from osiris_crawler.ledger.adopt import COMMIT_EVERY, Adopted, Adoption, imported_files
from osiris_crawler.ledger.ledger import Ledger
from osiris_crawler.ledger.page import Page
from osiris_crawler.ledger.pool import ReadingPool
from osiris_crawler.ledger.scope import Scope
from osiris_crawler.site.profile import Site

_WORTH_PAGES = 400  # below that starting a process takes longer than reading


def read_unread(
    ledger: Ledger,
    archive: Path,
    site: Site,
    scope: Scope,
    *,
    chrome: Chrome | None = None,
    on_page: Callable[[Page], None] = lambda page: None,
) -> int:
    """Read what was captured but not read when a run died, from the archive; gives how many pages that were."""
    adopted = Adopted()
    pool = ReadingPool(site, scope, 1, chrome)
    unread = ledger.unread()
    adoption = Adoption(
        ledger, archive, site, pool, adopted, on_page, imported_files(archive) if unread else frozenset()
    )
    for row, name, offset in unread:
        adoption.reread(row, name, offset)
    pool.flush()
    ledger.commit()
    return adopted.pages


def read_again(
    ledger: Ledger,
    archive: Path,
    site: Site,
    scope: Scope,
    reader: str,
    chrome: Chrome | None,
    *,
    workers: int = 1,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> int:
    """Read the articles again that another reader or model has read; gives how many pages could not be read again."""
    stale = _stale(ledger, reader)
    adopted = Adopted()
    if stale:
        pool = ReadingPool(site, scope, workers if len(stale) > _WORTH_PAGES else 1, chrome)
        adoption = Adoption(ledger, archive, site, pool, adopted, lambda page: None, imported_files(archive))
        try:
            for number, (row, name, offset) in enumerate(stale, 1):
                try:
                    adoption.reread(row, name, offset, again=True)
                except IntegrityError:
                    adopted.faults += 1  # verify says where the archive is damaged; the rest must go on
                if number % COMMIT_EVERY == 0:
                    progress(number, len(stale))
            pool.flush()
        finally:
            pool.close()
    _copy_readings(ledger, reader)
    ledger.commit()
    return adopted.faults


def _stale(ledger: Ledger, reader: str) -> list[tuple[int, str, int]]:
    """Articles' pages read by another reader: (row of the capture, file, offset), in the order of the files.

    A revisit record of the same address says what its original says: `copy_readings` serves those.
    """
    rows = ledger.db.query(
        """SELECT readings.capture, name, offset FROM readings JOIN captures ON captures.id = readings.capture
           JOIN files ON files.id = file
           WHERE readings.kind = 'article' AND reader <> ?
             AND (original IS NULL OR NOT EXISTS (
                    SELECT 1 FROM captures first JOIN readings theirs ON theirs.capture = first.id
                    WHERE first.id = captures.original AND first.url = captures.url AND theirs.kind = 'article'))
           ORDER BY name, offset""",
        (reader,),
    )
    return [(row[0], row[1], row[2]) for row in rows]


def _copy_readings(ledger: Ledger, reader: str) -> None:
    """Bring the readings of revisit records up to those of their originals."""
    ledger.db.execute(
        """UPDATE readings SET (content, body, date, number, canonical, reader, layout, facts) =
             (SELECT theirs.content, theirs.body, theirs.date, theirs.number, theirs.canonical, theirs.reader,
                     theirs.layout, theirs.facts
              FROM captures again JOIN readings theirs ON theirs.capture = again.original
              WHERE again.id = readings.capture)
           WHERE kind = 'article' AND reader <> ? AND capture IN
             (SELECT again.id FROM captures again JOIN captures first ON first.id = again.original
              JOIN readings theirs ON theirs.capture = first.id
              WHERE first.url = again.url AND theirs.kind = 'article' AND theirs.reader = ?)""",
        (reader, reader),
    )


def rereadings(ledger: Ledger) -> list[tuple[str, str, str, list[str]]]:
    """(at, run, id, fields) of every published article that a better reader or model read otherwise."""
    rows = ledger.db.query("SELECT at, run, id, fields FROM rereadings ORDER BY at, id")
    return [(row[0], row[1], row[2], json.loads(row[3])) for row in rows]
