"""Instants of the archive: UTC with microseconds, strictly increasing, never behind what the archive holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_TICK = timedelta(microseconds=1)


def warc_date(instant: datetime) -> str:
    """An instant as WARC-Date writes it (WARC 1.1, 5.4: W3CDTF, fractions allowed)."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parse_warc_date(text: str) -> datetime:
    """A WARC-Date with or without fractions; ValueError for what is none."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


class Clock:
    """`now()` gives instants that never repeat or run backwards, even when the machine's clock is set back."""

    def __init__(self, not_before: datetime | None = None) -> None:
        self._last = not_before

    def now(self) -> datetime:
        instant = datetime.now(UTC)
        if self._last is not None and instant <= self._last:
            instant = self._last + _TICK
        self._last = instant
        return instant

    def stamp(self) -> str:
        """`now()` as WARC-Date writes it."""
        return warc_date(self.now())
