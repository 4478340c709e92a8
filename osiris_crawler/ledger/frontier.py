"""The frontier: addresses known, which of them come next, and how far each has come."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

from osiris_crawler.ledger.db import Database

MAX_HOPS = 5  # redirects under one key
LONGEST_WAIT = 7200.0  # seconds for an address to be asked again; where the clock was set back, more may stand there
_LEASED = "id, key, url, kind, priority, attempts, hops, via, path"
_LONGEST_PATH = 50  # steps, as Heritrix keeps them
_REMEMBERED = 6_000  # keys known to be queued already; the menu's links stand on every page


@dataclass(frozen=True, slots=True)
class Target:
    """An address worth a visit. Smaller priorities go first."""

    key: str
    url: str
    kind: str
    priority: int
    step: str = (
        "L"  # how it is reached from the page that names it, as Heritrix notes it: L link, E embedded, R redirect
    )


@dataclass(frozen=True, slots=True)
class Lease:
    """An address on its way to the site."""

    id: int
    key: str
    url: str
    kind: str
    priority: int
    attempts: int
    hops: int
    via: str | None
    path: str = ""


class Frontier:
    """Addresses in the ledger. Nothing here is in memory only, but for a bounded set of keys seen of late."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._seen: OrderedDict[tuple[int, str, bool], None] = OrderedDict()
        self.only: frozenset[str] | None = None  # kinds that are leased in this process; None: all

    def add(
        self, targets: Iterable[Target], crawl: int, via: str | None, path: str = "", *, unknown: bool = False
    ) -> int:
        """Queue what this walk has not met yet; gives how many were new to it. `path` is that of the page that names them.

        With `unknown` only what no walk has met is queued: an update leaves known ground alone.
        """
        added = 0
        for target in targets:
            mark = (crawl, target.key, unknown)
            if mark in self._seen:
                self._seen.move_to_end(mark)
                continue
            self._seen[mark] = None
            if len(self._seen) > _REMEMBERED:
                self._seen.popitem(last=False)
            added += self._db.execute(
                """INSERT INTO addresses (key, url, kind, status, crawl, priority, via, path)
                   VALUES (?, ?, ?, 'pending', ?, ?, ?, ?)
                   ON CONFLICT (key) DO UPDATE SET url = excluded.url, status = 'pending', crawl = excluded.crawl,
                       priority = excluded.priority, via = excluded.via,
                       path = excluded.path, attempts = 0, hops = 0, due = 0, problem = NULL
                   WHERE addresses.crawl < excluded.crawl AND addresses.status <> 'leased' AND NOT ?""",
                (
                    target.key,
                    target.url,
                    target.kind,
                    crawl,
                    target.priority,
                    via,
                    (path + target.step)[-_LONGEST_PATH:] if via else "",
                    unknown,
                ),
            ).rowcount
        return added

    def again_articles(self, crawl: int) -> None:
        """A new walk asks for every article known, even where no listing leads to it any more."""
        self._db.execute(
            """UPDATE addresses SET status = 'pending', crawl = ?, attempts = 0, hops = 0, due = 0, problem = NULL
               WHERE key IN (SELECT subject FROM readings WHERE kind = 'article')""",
            (crawl,),
        )

    def lease(self, count: int, *, now: float | None = None) -> list[Lease]:
        """Take the next addresses that are due."""
        moment = time.time() if now is None else now
        rows = self._db.query(
            f"SELECT {_LEASED} FROM addresses WHERE status = 'pending' AND due NOT BETWEEN ? AND ?{self._kinds()}"  # noqa: S608
            " ORDER BY priority, id LIMIT ?",
            (math.nextafter(moment, math.inf), moment + LONGEST_WAIT, count),
        ).fetchall()
        self._db.executemany("UPDATE addresses SET status = 'leased' WHERE id = ?", [(row["id"],) for row in rows])
        return [Lease(*row) for row in rows]

    def give_back(self, ids: Iterable[int]) -> None:
        """Return leases that were not used."""
        rows = [(id,) for id in ids]
        self._db.executemany("UPDATE addresses SET status = 'pending' WHERE id = ? AND status = 'leased'", rows)

    def is_leased(self, id: int) -> bool:
        """Whether an address is on its way, and nothing has been said of it yet."""
        return bool(self._db.value("SELECT status = 'leased' FROM addresses WHERE id = ?", (id,)))

    def reclaim(self) -> int:
        """Return the leases of a run that is dead; gives how many there were."""
        return self._db.execute("UPDATE addresses SET status = 'pending' WHERE status = 'leased'").rowcount

    def take(self, key: str) -> Lease | None:
        """Lease one address out of its turn, whatever its state."""
        where = "key = ? AND status <> 'leased'"
        row = self._db.query(f"SELECT {_LEASED} FROM addresses WHERE {where}", (key,)).fetchone()  # noqa: S608
        if row is None:
            return None
        self._db.execute("UPDATE addresses SET status = 'leased' WHERE id = ?", (row["id"],))
        return Lease(*row)

    def next_due(self) -> float | None:
        """When the earliest pending address is due (seconds since 1970), or None when nothing is pending."""
        due = self._db.value(f"SELECT min(due) FROM addresses WHERE status = 'pending'{self._kinds()}")  # noqa: S608
        return None if due is None else float(due)

    def pending(self) -> bool:
        return self._db.value(f"SELECT 1 FROM addresses WHERE status = 'pending'{self._kinds()} LIMIT 1") is not None  # noqa: S608

    def _kinds(self) -> str:
        """The condition that keeps to `only`; its words are those of site.urls.Kind."""
        return "" if self.only is None else " AND kind IN ({})".format(", ".join(f"'{kind}'" for kind in sorted(self.only)))

    def retry(self, id: int, due: float, problem: str) -> None:
        """Put an address back, not before `due`, counting the attempt."""
        self._db.execute(
            "UPDATE addresses SET status = 'pending', due = ?, attempts = attempts + 1, problem = ? WHERE id = ?",
            (due, problem, id),
        )

    def later(self, id: int) -> None:
        """Put an address back without counting an attempt."""
        self._db.execute("UPDATE addresses SET status = 'pending' WHERE id = ?", (id,))

    def refund(self, key: str, attempts: int, *, gap: bool = False) -> int:
        """Take back attempts that were no fault of the address, and with `gap` that it became one; gives 1 if it had."""
        self._db.execute(
            """UPDATE addresses SET attempts = max(attempts - ?, 0), due = 0, problem = NULL, status = 'pending'
               WHERE key = ? AND status IN ('pending', 'failed')""",
            (attempts, key),
        )
        return self._db.execute("DELETE FROM gaps WHERE key = ?", (key,)).rowcount if gap else 0

    def again(self, key: str, url: str) -> None:
        """A redirect to another spelling of the same key: ask there, unless that has gone on too long."""
        self._db.execute(
            """UPDATE addresses SET url = ?, hops = hops + 1, problem = 'redirect loop',
                   status = CASE WHEN hops + 1 >= ? THEN 'failed' ELSE 'pending' END WHERE key = ?""",
            (url, MAX_HOPS, key),
        )

    def reread(self, key: str, most: int) -> None:
        """A listing has shifted while it was read: its first page is asked for again, `most` times at the most."""
        self._db.execute(
            """UPDATE addresses SET status = 'pending', hops = hops + 1, problem = 'listing shifted'
               WHERE key = ? AND status = 'read' AND hops < ?""",
            (key, most),
        )

    def close(self, key: str, status: str, problem: str | None = None) -> None:
        """Set the final state: read, failed or refused."""
        self._db.execute("UPDATE addresses SET status = ?, problem = ? WHERE key = ?", (status, problem, key))

    def counts(self, crawl: int) -> dict[str, int]:
        """Addresses of a walk by status."""
        rows = self._db.query("SELECT status, count(*) FROM addresses WHERE crawl = ? GROUP BY status", (crawl,))
        return {row[0]: row[1] for row in rows}

    def by_kind(self, crawl: int) -> dict[tuple[str, str], int]:
        """Addresses of a walk by kind and status."""
        rows = self._db.query(
            "SELECT kind, status, count(*) FROM addresses WHERE crawl = ? GROUP BY kind, status", (crawl,)
        )
        return {(row[0], row[1]): row[2] for row in rows}

    def failures(self, crawl: int, limit: int = 1000) -> list[tuple[str, str]]:
        """Addresses of a walk without a final answer: (url, problem)."""
        rows = self._db.query(
            "SELECT url, problem FROM addresses WHERE status = 'failed' AND crawl = ? ORDER BY id LIMIT ?",
            (crawl, limit),
        )
        return [(row[0], row[1] or "") for row in rows]
