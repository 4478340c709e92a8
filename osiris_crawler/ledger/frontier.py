"""The frontier: addresses known, which of them come next, and how far each has come."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

from osiris_crawler.ledger.db import Database

WAITING = 9  # priority of articles of a day that no listing has said yet; it is behind all others
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
        self._seen: OrderedDict[tuple[int, str, bool, bool], None] = OrderedDict()
        self.only: frozenset[str] | None = None  # kinds that are leased in this process; None: all
        self.holding = False  # whether what is WAITING is held back until `release`

    def add(
        self, targets: Iterable[Target], crawl: int, via: str | None, path: str = "", *, unknown: bool = False
    ) -> int:
        """Queue what this walk has not met yet; gives how many were new to it. `path` is that of the page that names them.

        With `unknown` only what no walk has met is queued: an update leaves known ground alone.
        """
        added = 0
        for target in targets:
            if self._met(crawl, target.key, unknown=unknown, waiting=target.priority == WAITING):
                continue
            if self.holding and target.priority < WAITING:
                where = f"key = ? AND status = 'pending' AND priority = {WAITING}"
                self._db.execute(f"UPDATE addresses SET priority = ? WHERE {where}", (target.priority, target.key))  # noqa: S608
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

    def _met(self, crawl: int, key: str, *, unknown: bool, waiting: bool) -> bool:
        """Whether an address has been met of late; it is remembered."""
        mark = (crawl, key, unknown, waiting)
        known = mark in self._seen
        self._seen[mark] = None
        self._seen.move_to_end(mark)
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        return known

    def dismiss(self, keys: Iterable[str], crawl: int) -> None:
        """A listing says that these articles are of other days than those asked for: they wait no more."""
        where = f"key = ? AND status = 'pending' AND priority = {WAITING}"
        for key in keys:
            self._met(crawl, key, unknown=False, waiting=True)  # so that a list that does not date them queues them no more
            self._db.execute(f"UPDATE addresses SET status = 'read' WHERE {where} AND capture IS NOT NULL", (key,))  # noqa: S608
            self._db.execute(f"DELETE FROM addresses WHERE {where}", (key,))  # noqa: S608

    def release(self) -> bool:
        """The listings have been read: what is still WAITING is asked for. Gives whether there is any."""
        self.holding = False
        query = f"SELECT 1 FROM addresses WHERE status = 'pending' AND priority = {WAITING} LIMIT 1"  # noqa: S608
        return self._db.value(query) is not None

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
            f"SELECT {_LEASED} FROM addresses WHERE status = 'pending' AND due NOT BETWEEN ? AND ?{self._open()}"  # noqa: S608
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
        due = self._db.value(f"SELECT min(due) FROM addresses WHERE status = 'pending'{self._open()}")  # noqa: S608
        return None if due is None else float(due)

    def pending(self) -> bool:
        return self._db.value(f"SELECT 1 FROM addresses WHERE status = 'pending'{self._open()} LIMIT 1") is not None  # noqa: S608

    def _open(self) -> str:
        """The condition that keeps to `only`, whose words are those of site.urls.Kind, and holds back what is WAITING."""
        kinds = "" if self.only is None else " AND kind IN ({})".format(", ".join(f"'{kind}'" for kind in sorted(self.only)))
        return kinds + (f" AND priority < {WAITING}" if self.holding else "")

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

    def waiting(self) -> int:
        """Addresses of all walks that wait to be asked or read: what one has left, the next one takes up."""
        waiting = "status = 'pending' OR status IN ('leased', 'captured')"  # each half has an index
        return int(self._db.value(f"SELECT count(*) FROM addresses WHERE {waiting}") or 0)  # noqa: S608

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
