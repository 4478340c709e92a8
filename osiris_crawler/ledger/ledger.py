"""The ledger: what the archive holds, what the pages said, and the frontier beside it.

The same methods take in a live crawl, records that a killed run left behind, and a whole archive at `rebuild`; so the
ledger is a function of the WARC files.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from osiris_crawler.extract.facts import ListingFacts
from osiris_crawler.ledger.db import Database
from osiris_crawler.ledger.frontier import Frontier
from osiris_crawler.ledger.home import mind_home
from osiris_crawler.ledger.page import Capture, Page

MAX_ATTEMPTS = 5  # answers or failures of one address in a walk before it counts as failed
SMALLEST_REVISIT = 1024  # bytes of a payload; a revisit record of a smaller one would save nothing
RETRY_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504})


def verdict_on(status: int, truncated: str | None) -> str:
    """What an answer means for its address: "retry" or "final"."""
    if truncated in ("disconnect", "time") or status in RETRY_STATUS:
        return "retry"
    return "final"


@dataclass(frozen=True, slots=True)
class Held:
    """A response in the archive that another may refer to."""

    row: int
    file: str
    offset: int
    record_id: str
    url: str
    date: str
    status: int
    size: int
    digest: str | None
    etag: str | None
    modified: str | None


class Ledger:
    """A collection's ledger over one SQLite file."""

    def __init__(self, path: Path, *, create: bool = True, readonly: bool = False) -> None:
        self.db = Database(path, create=create, readonly=readonly)
        self.frontier = Frontier(self.db)
        self._files: dict[str, int] = {}
        self._cloud: dict[str, int] = {}
        self._updates: dict[int, bool] = {}

    # -- facts about the collection and its runs ------------------------------------------------------------------

    def get(self, name: str) -> str | None:
        value = self.db.value("SELECT value FROM meta WHERE name = ?", (name,))
        return None if value is None else str(value)

    def put(self, name: str, value: str) -> None:
        self.db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    def last_crawl(self) -> int:
        """Number of the newest walk, 0 before the first; imports are none."""
        return max(int(self.db.value("SELECT max(crawl) FROM runs") or 0), 0)

    def last_walk(self) -> int:
        """Number of the newest walk over the whole site, 0 before the first; updates, audits and what only notes are none."""
        none = "('update', 'audit', 'import', 'rebuild')"
        return max(int(self.db.value(f"SELECT max(crawl) FROM runs WHERE command NOT IN {none}") or 0), 0)  # noqa: S608

    def is_update(self, crawl: int) -> bool:
        """Whether a walk is an update, or an audit: it asks for what is unknown, and for old pages only as its plan says."""
        known = self._updates.get(crawl)
        if known is None:
            commands = {row[0] for row in self.db.query("SELECT command FROM runs WHERE crawl = ?", (crawl,))}
            commands -= {"import", "rebuild"}  # these only noted something after it
            known = bool(commands) and commands <= {"update", "audit"}
            if commands:
                self._updates[crawl] = known
        return known

    def ranks(self) -> dict[int, int]:
        """Walk → its place in time. Imports of older captures lie before walks of our own, whenever they were taken in."""
        rows = self.db.query("SELECT crawl FROM runs GROUP BY crawl ORDER BY min(started), crawl")
        return {row[0]: place for place, row in enumerate(rows, 1)}

    def unfinished(self, crawl: int, *, files: bool = True) -> bool:
        """Whether a walk still has addresses to visit or pages to read; without `files`, which lead nowhere, other than these."""
        return (
            self.db.value(
                """SELECT 1 FROM addresses WHERE crawl = ? AND status IN ('pending', 'leased', 'captured')
                   AND (? OR kind NOT IN ('file', 'requisite')) LIMIT 1""",
                (crawl, files),
            )
            is not None
        )

    def begin_run(self, run: str, crawl: int, command: str, started: str) -> None:
        self.db.execute(
            "INSERT OR IGNORE INTO runs (run, crawl, command, started) VALUES (?, ?, ?, ?)",
            (run, crawl, command, started),
        )

    def end_run(self, run: str, ended: str, exit: int, report: dict[str, Any]) -> None:
        self.db.execute(
            "UPDATE runs SET ended = ?, exit = ?, report = ? WHERE run = ?",
            (ended, exit, json.dumps(report, ensure_ascii=False), run),
        )

    def runs(self, limit: int = 10) -> list[dict[str, Any]]:
        """The newest runs, newest first."""
        return [dict(row) for row in self.db.query("SELECT * FROM runs ORDER BY started DESC LIMIT ?", (limit,))]

    def last_date(self) -> str | None:
        """The newest WARC-Date known."""
        value = self.db.value("SELECT max(date) FROM captures")
        return None if value is None else str(value)

    # -- files of the archive --------------------------------------------------------------------------------------

    def file_id(self, name: str, run: str) -> int:
        known = self._files.get(name)
        if known is None:
            self.db.execute("INSERT OR IGNORE INTO files (name, run) VALUES (?, ?)", (name, run))
            known = self._files[name] = int(self.db.value("SELECT id FROM files WHERE name = ?", (name,)))
        return known

    def known_until(self, name: str) -> int:
        """Up to which byte of a file every record has been taken in."""
        return int(self.db.value("SELECT known FROM files WHERE name = ?", (name,)) or 0)

    def file_known(self, name: str, run: str, until: int) -> None:
        self.db.execute("UPDATE files SET known = max(known, ?) WHERE id = ?", (until, self.file_id(name, run)))

    def file_unknown(self, name: str) -> None:
        """Something of a file is not known: all of it is looked through again; what is known already is passed over."""
        self.db.execute("UPDATE files SET known = 0 WHERE name = ?", (name,))

    def known_sizes(self) -> dict[str, int]:
        """Name → up to which byte it has been taken in, of every WARC file known."""
        return {row["name"]: row["known"] for row in self.db.query("SELECT name, known FROM files")}

    def note_dataset(self, name: str, sha256: str) -> None:
        """Note the sum of one of the dataset's files as it was written."""
        self.put(f"sha256 {name}", sha256)

    def dataset_sums(self) -> dict[str, str]:
        """File name → sha-256 of the dataset's files when they were written."""
        rows = self.db.query("SELECT substr(name, 8), value FROM meta WHERE name LIKE 'sha256 %'")
        return {row[0]: row[1] for row in rows}

    # -- learned chrome -------------------------------------------------------------------------------------------

    def note_model(self, date: str, file: str, offset: int, name: str) -> None:
        """A frozen model in the archive; the newest counts, by date, file and offset."""
        place = [date, file, offset, name]
        known = self.get("model")
        if known is None or json.loads(known) < place:
            self.put("model", json.dumps(place))

    def model_place(self) -> tuple[str, int] | None:
        """(file, offset) of the newest frozen model."""
        known = self.get("model")
        if known is None:
            return None
        _date, file, offset, _name = json.loads(known)
        return file, offset

    def layouts(self) -> list[dict[str, Any]]:
        """Layouts of the articles' pages, with how many and the first and last day they were seen; None: not known."""
        rows = self.db.query(
            """SELECT layout, count(*) AS pages, min(captures.date) AS first, max(captures.date) AS last
               FROM readings JOIN captures ON captures.id = readings.capture
               WHERE readings.kind = 'article' GROUP BY layout ORDER BY first, layout"""
        )
        return [dict(row) for row in rows]

    def note_rereading(self, at: str, run: str, id: str, fields: list[str]) -> None:
        """A better reader or model reads a published article otherwise."""
        self.db.execute("INSERT OR REPLACE INTO rereadings VALUES (?, ?, ?, ?)", (at, run, id, json.dumps(fields)))

    # -- captures ---------------------------------------------------------------------------------------------------

    def capture_id(self, file: str, offset: int) -> int | None:
        value = self.db.value(
            "SELECT captures.id FROM captures JOIN files ON files.id = file WHERE name = ? AND offset = ?",
            (file, offset),
        )
        return None if value is None else int(value)

    def captured(self, capture: Capture, kind: str, crawl: int, *, due: float = 0.0) -> int:
        """Note a response that is safe in the archive, and what it means for its address; gives its row."""
        file = self.file_id(capture.file, capture.run)
        row = self.db.execute(
            """INSERT INTO captures (run, date, file, offset, length, record_id, original, key, url, status, mime, size,
                                     digest, truncated, target, etag, modified)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
            (
                capture.run, capture.date, file, capture.offset, capture.length, capture.record_id, capture.original, capture.key,
                capture.url, capture.status, capture.mime, capture.size, capture.digest, capture.truncated,
                capture.target, capture.etag, capture.modified,
            ),
        ).lastrowid  # fmt: skip
        assert row is not None
        if crawl < 0:
            # What somebody else captured long ago is no answer to what a walk of ours is asking.
            self.db.execute(
                """INSERT OR IGNORE INTO addresses (key, url, kind, status, crawl, priority, capture)
                   VALUES (?, ?, ?, 'read', ?, 9, ?)""",
                (capture.key, capture.url, kind, crawl, row),
            )
            return row
        # An address that no page has led to yet (after a rebuild) is known by its capture.
        self.db.execute(
            """INSERT INTO addresses (key, url, kind, status, crawl, priority) VALUES (?, ?, ?, 'leased', ?, 9)
               ON CONFLICT (key) DO UPDATE SET crawl = excluded.crawl, attempts = 0, hops = 0
               WHERE addresses.crawl < excluded.crawl""",
            (capture.key, capture.url, kind, crawl),
        )
        verdict = verdict_on(capture.status, capture.truncated)
        if verdict == "retry":
            self.attempt_failed(
                capture.key, due, f"HTTP {capture.status}" if not capture.truncated else capture.truncated
            )
        else:
            self.db.execute(
                "UPDATE addresses SET status = 'captured', capture = ?, problem = NULL WHERE key = ?",
                (row, capture.key),
            )
        return row

    def attempt_failed(self, key: str, due: float, problem: str) -> bool:
        """Count a failed attempt; gives True when it was the last one."""
        self.db.execute(
            """UPDATE addresses SET attempts = attempts + 1, due = ?, problem = ?,
                   status = CASE WHEN attempts + 1 >= ? THEN 'failed' ELSE 'pending' END WHERE key = ?""",
            (due, problem, MAX_ATTEMPTS, key),
        )
        return bool(self.db.value("SELECT status = 'failed' FROM addresses WHERE key = ?", (key,)))

    def attempt_failed_in(self, crawl: int, key: str, problem: str) -> None:
        """`attempt_failed` of an attempt that the WARC has a note of; in a later walk than the address's it is the first."""
        self.db.execute(
            "UPDATE addresses SET crawl = ?, attempts = 0, hops = 0 WHERE key = ? AND crawl < ?", (crawl, key, crawl)
        )
        self.attempt_failed(key, 0.0, problem)

    def gap(self, key: str) -> int:
        """1 when an address has newly used up its attempts, else 0."""
        status = self.db.value("SELECT status FROM addresses WHERE key = ?", (key,))
        if status != "failed":
            return 0
        return self.db.execute("INSERT OR IGNORE INTO gaps VALUES (?, datetime('now'))", (key,)).rowcount

    def unread(self) -> list[tuple[int, str, int]]:
        """Captures that no reading has been made of: (row, file, offset), in the order of their dates."""
        rows = self.db.query(
            """SELECT captures.id, name, offset FROM addresses JOIN captures ON captures.id = addresses.capture
               JOIN files ON files.id = captures.file WHERE addresses.status = 'captured' ORDER BY date, name, offset"""
        )
        return [(row[0], row[1], row[2]) for row in rows]

    def newest_whole(self, key: str) -> Held | None:
        """The newest whole 200 of an address that is no revisit record."""
        return self._held("key = ? AND status = 200 AND truncated IS NULL AND original IS NULL", (key,), "date DESC")

    def same_payload(self, digest: str, status: int) -> Held | None:
        """The oldest whole response of the same status whose payload has this digest and is worth a revisit record."""
        return self._held(
            f"digest = ? AND status = ? AND size >= {SMALLEST_REVISIT} AND original IS NULL AND truncated IS NULL",
            (digest, status),
            "date",
        )

    def capture_at(self, url: str, key: str, date: str) -> Held | None:
        """The whole capture of an address at an instant, as a revisit record refers to it."""
        where = "key = ? AND url = ? AND date = ? AND original IS NULL AND truncated IS NULL"
        return self._held(where, (key, url, date), "captures.id")

    def _held(self, where: str, values: tuple[Any, ...], order: str) -> Held | None:
        row = self.db.query(
            f"""SELECT captures.id, name, offset, record_id, url, date, status, size, digest, etag, modified
                FROM captures JOIN files ON files.id = file WHERE {where} ORDER BY {order} LIMIT 1""",  # noqa: S608
            values,
        ).fetchone()
        return None if row is None else Held(*row)

    # -- readings ---------------------------------------------------------------------------------------------------

    def read(self, page: Page) -> int:
        """Take in what a page said and where it leads, and close its address; gives how many targets were new."""
        mind_home(self, page)
        self._reading(page)
        for node in page.nodes:
            self.db.execute(
                """INSERT INTO nodes VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                   ON CONFLICT (section, coalesce(parent, ''), title, crawl, weight)
                   DO UPDATE SET first = min(first, excluded.first), last = max(last, excluded.last)""",
                (node.section, node.parent, node.title, page.crawl, node.weight, page.date, page.date, node.url),
            )
        if page.reading.listing is not None:
            self._listing(page, page.reading.listing)
        # The cloud stands on every page and hardly ever changes: it is written when it says something else.
        news = page.reading.cloud if page.reading.cloud != self._cloud else {}
        self._cloud = page.reading.cloud or self._cloud
        for keyword, total in news.items():
            self.db.execute(
                """INSERT INTO cloud VALUES (?, ?, ?) ON CONFLICT (keyword) DO UPDATE
                   SET total = excluded.total, date = excluded.date WHERE cloud.date <= excluded.date""",
                (keyword, total, page.date),
            )
        for reason, (links, sample) in page.refused.items():
            self.db.execute(
                """INSERT INTO refusals VALUES (?, ?, ?, ?)
                   ON CONFLICT (crawl, reason) DO UPDATE SET links = links + excluded.links""",
                (page.crawl, reason, links, sample),
            )
        if page.crawl < 0:
            return 0
        added = self.frontier.add(
            page.targets, page.crawl, page.url, page.path, unknown=self.is_update(page.crawl)
        )
        self.frontier.dismiss(page.beyond, page.crawl)
        if page.again is not None:
            self.frontier.again(page.key, page.again)
        else:
            self.frontier.close(page.key, "read")
            self.db.execute("DELETE FROM gaps WHERE key = ?", (page.key,))
        return added

    def alias_of(self, page: Page) -> str | None:
        """Another address that gave the same article in this walk."""
        row = self.db.query(
            """SELECT captures.url FROM readings JOIN captures ON captures.id = readings.capture
               WHERE readings.kind = 'article' AND subject = ? AND captures.key <> ? AND captures.run = ? LIMIT 1""",
            (page.subject, page.key, page.run),
        ).fetchone()
        return None if row is None else str(row[0])

    def equal_to(self, page: Page) -> str | None:
        """The subject of another article with the same text."""
        if page.body is None:
            return None
        value = self.db.value(
            "SELECT subject FROM readings WHERE body = ? AND subject <> ? LIMIT 1", (page.body, page.subject)
        )
        return None if value is None else str(value)

    def read_again(self, page: Page) -> None:
        """What an article's page says to a better reader or model; where it leads is known."""
        self._reading(page)

    def _reading(self, page: Page) -> None:
        article = page.reading.article
        self.db.execute(
            "INSERT OR REPLACE INTO readings VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                page.capture,
                page.reading.kind,
                page.subject,
                article.number if article else None,
                page.section,
                page.content,
                page.body,
                page.reading.canonical if article else None,
                article.date if article else None,
                page.reading.reader if article else None,
                page.reading.layout,
                None
                if article is None
                else json.dumps(
                    {
                        **asdict(article),
                        "language": page.reading.language,
                        "reader": page.reading.reader,
                    },
                    ensure_ascii=False,
                    separators=(",", ":"),
                ),
            ),
        )

    def _listing(self, page: Page, listing: ListingFacts) -> None:
        self.db.execute(
            """INSERT INTO passes VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (listing, crawl, offset) DO UPDATE
               SET last = excluded.last, title = excluded.title, date = excluded.date WHERE passes.date < excluded.date""",
            (page.subject, listing.kind, page.crawl, listing.offset, listing.last_offset, listing.title, page.date),
        )
        if listing.kind in ("section", "keyword"):
            self.db.executemany(
                """INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (article, listing, crawl, place) DO UPDATE
                   SET offset = excluded.offset, date = excluded.date WHERE entries.date < excluded.date""",
                [
                    (page.subject, article, page.crawl, place, listing.offset, page.date)
                    for article, place in page.entries
                ],
            )

    def shifted(self, page: Page, offset: int) -> bool:
        """Whether a listing's page repeats some of what other pages of the same pass showed: it moved while it was read.

        What repeats at its place whole stands beside the listing.
        """
        rows = self.db.query(
            """SELECT article, place FROM entries WHERE listing = ? AND crawl = ? AND offset <> ?
               AND article IN (SELECT value FROM json_each(?))""",
            (page.subject, page.crawl, offset, json.dumps([article for article, _place in page.entries])),
        )
        met = {(row["article"], row["place"]) for row in rows}
        for place in {place for _article, place in met}:
            here = [entry for entry in page.entries if entry[1] == place]
            if 0 < sum(entry in met for entry in here) < len(here):
                return True
        return False

    # -- ids --------------------------------------------------------------------------------------------------------

    def mint(self, id: str, key: str, number: int | None, date: str) -> None:
        """Note an id that the WARC holds already; the first one stands."""
        self.db.execute("INSERT OR IGNORE INTO ids VALUES (?, ?, ?, ?)", (id, key, number, date))

    def id_of(self, key: str) -> str | None:
        """The id of an article that has been published under this key."""
        value = self.db.value("SELECT id FROM ids WHERE key = ?", (key,))
        return None if value is None else str(value)

    def minted(self) -> Iterator[tuple[str, str, int | None]]:
        """(id, key, number) of every id, oldest first."""
        for row in self.db.query("SELECT id, key, number FROM ids ORDER BY date, id"):
            yield row[0], row[1], row[2]

    def commit(self) -> None:
        self.db.commit()

    def close(self) -> None:
        self.db.close()
