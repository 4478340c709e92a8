"""Signatures of texts, kept so that each text is hashed once; what they are made of is the business of who makes them."""

from __future__ import annotations

from osiris_crawler.ledger.db import Database

_SCHEME = "signatures"


class Signatures:
    """Content digest (32 bytes) → signature, in the ledger's table `signatures`."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def keep_only(self, scheme: str) -> None:
        """Forget all that were made in another way."""
        if self._db.value("SELECT value FROM meta WHERE name = ?", (_SCHEME,)) != scheme:
            self._db.execute("DELETE FROM signatures")
            self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_SCHEME, scheme))

    def all(self) -> dict[bytes, bytes]:
        """Every signature kept."""
        return {row[0]: row[1] for row in self._db.query("SELECT content, signature FROM signatures")}

    def add(self, made: list[tuple[bytes, bytes]]) -> None:
        """Keep new ones; equal contents have equal signatures."""
        self._db.executemany("INSERT OR REPLACE INTO signatures VALUES (?, ?)", list(made))
