"""What another walk like the last one would add to the archive, told from what the ledger knows of the walks there were.

Files come again as revisit records. Whether pages do is a matter of the site: where a news feed or a keyword cloud moves
on every page, their bytes differ though nothing was edited, and they are kept in full. Two walks measure it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from osiris_crawler.i18n import _, ngettext
from osiris_crawler.ledger.ledger import SMALLEST_REVISIT, Ledger

_REVISIT = 600  # bytes of a revisit record, gzipped, where the collection has none yet (benchmarks/second_crawl.py)
_IN_WALK = """
    FROM captures AS c JOIN runs ON runs.run = c.run JOIN addresses ON addresses.key = c.key
    LEFT JOIN captures AS o ON o.id = c.original WHERE runs.crawl = ?
"""


@dataclass(frozen=True, slots=True)
class Forecast:
    """Bytes are those on disk, compressed. `compared` pages were in both of the last two walks, `changed` of them with
    other bytes; both are 0 after the first walk."""

    walk: int  # the walk it stands on
    finished: bool
    requests: int
    pages: int
    page_bytes: int
    files: int
    file_bytes: int
    other_bytes: int  # requests and what is written beside the answers
    compared: int
    changed: int

    @property
    def bytes(self) -> int:
        return self.page_bytes + self.file_bytes + self.other_bytes

    def without_files(self) -> Forecast:
        """The same walk with `--no-files`."""
        left = self.pages / max(self.requests, 1)
        more = {"requests": self.pages, "files": 0, "file_bytes": 0, "other_bytes": round(self.other_bytes * left)}
        return Forecast(**{**asdict(self), **more})

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "bytes": self.bytes, "basis": self.basis()}

    def basis(self) -> str:
        """What it stands on, in a sentence."""
        if not self.finished:
            return _("as far as the last crawl has come; it is not finished")
        if not self.compared:
            return _("with all pages kept in full; a second crawl will show how many of them come unchanged")
        return ngettext(
            "of %(compared)d page that the crawl before had too, %(changed)d came with other bytes",
            "of %(compared)d pages that the crawl before had too, %(changed)d came with other bytes",
            self.compared,
        ) % {"compared": self.compared, "changed": self.changed}


def forecast(ledger: Ledger, walk: int | None = None) -> Forecast | None:
    """The cost of another walk like this one, or like the newest; None when there is none."""
    walks = [
        int(row[0])
        for row in ledger.db.query(
            "SELECT DISTINCT crawl FROM runs WHERE command = 'crawl' AND crawl > 0 ORDER BY crawl DESC"
        )
    ]
    if walk is None:
        walk = walks[0] if walks else None
    if walk is None:
        return None
    groups = {bool(row["file"]): row for row in ledger.db.query(_groups(), (SMALLEST_REVISIT, SMALLEST_REVISIT, walk))}
    if not groups:
        return None
    before = next((number for number in walks if number < walk), None)
    compared, changed = _compared(ledger, walk, before) if before is not None else (0, 0)
    revisit = float(ledger.db.value("SELECT avg(length) FROM captures WHERE original IS NOT NULL") or _REVISIT)
    repeated = 1 - changed / compared if compared else 0.0
    pages, files = groups.get(False), groups.get(True)
    count = sum(row["number"] for row in groups.values())
    return Forecast(
        walk=walk,
        finished=not ledger.unfinished(walk),
        requests=count,
        pages=pages["number"] if pages else 0,
        page_bytes=_cost(pages, repeated, revisit),
        files=files["number"] if files else 0,
        file_bytes=_cost(files, 1.0, revisit),
        other_bytes=round(_beside(ledger, walk)),
        compared=compared,
        changed=changed,
    )


def _groups() -> str:
    """Pages and files of a walk: how many, what they take in full, and how many of them are worth a revisit record."""
    return f"""
        SELECT addresses.kind IN ('file', 'requisite') AS file, count(*) AS number,
               sum(coalesce(o.size, c.size) >= ?) AS worth, sum(coalesce(o.length, c.length)) AS full,
               sum(iif(coalesce(o.size, c.size) >= ?, coalesce(o.length, c.length), 0)) AS full_worth
        {_IN_WALK} GROUP BY 1
    """


def _cost(group: Any, repeated: float, revisit: float) -> int:
    """Bytes of the answers of a group when a share of those that are worth it comes as revisit records."""
    if group is None:
        return 0
    return int(group["full"] - repeated * (group["full_worth"] - group["worth"] * revisit))


def _compared(ledger: Ledger, walk: int, before: int) -> tuple[int, int]:
    """Pages that answered 200 in both walks, and how many of them with other bytes."""
    row = ledger.db.query(
        f"""WITH pages AS (SELECT runs.crawl, c.key, c.digest {_IN_WALK.replace("= ?", "IN (?, ?)")}
                AND c.status = 200 AND c.truncated IS NULL AND addresses.kind NOT IN ('file', 'requisite'))
            SELECT count(*), sum(new.digest <> old.digest) FROM pages AS new JOIN pages AS old USING (key)
            WHERE new.crawl = ? AND old.crawl = ?""",  # noqa: S608 (constants)
        (walk, before, walk, before),
    ).fetchone()
    return int(row[0]), int(row[1] or 0)


def _beside(ledger: Ledger, walk: int) -> float:
    """What the walk's files hold beside the answers: requests, metadata, warcinfo."""
    whole = ledger.db.value(
        "SELECT sum(known) FROM files JOIN runs ON runs.run = files.run WHERE runs.crawl = ?", (walk,)
    )
    answers = ledger.db.value(f"SELECT sum(c.length) {_IN_WALK}", (walk,))
    return max(float(whole or 0) - float(answers or 0), 0.0)
