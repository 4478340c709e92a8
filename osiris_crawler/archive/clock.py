"""Instants of the archive: UTC with microseconds, strictly increasing, never behind what the archive holds."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

_OURS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
# WARC 1.1, 5.4: a date may end after any of its parts; fractions of one to nine digits. 14 digits stand in old files.
_DATE = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:?\d\d)?)?)?)?"
    r"|(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)"
)
_TICK = timedelta(microseconds=1)


def warc_date(instant: datetime) -> str:
    """An instant as WARC-Date writes it (WARC 1.1, 5.4: W3CDTF, fractions allowed)."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parse_warc_date(text: str) -> datetime:
    """A WARC-Date with or without fractions; ValueError for what is none."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


@lru_cache(maxsize=256)  # the records of an exchange have one date
def normal_date(text: str) -> str | None:
    """A WARC-Date of any precision in the form that ours have, so that they sort as text; None for what is none."""
    if _OURS.fullmatch(text):
        try:
            datetime.fromisoformat(text[:-1])
        except ValueError:
            return None
        return text
    match = _DATE.fullmatch(text.strip())
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = match.group(1, 2, 3, 4, 5, 6, 7, 8)
    if year is None:
        year, month, day, hour, minute, second = match.group(9, 10, 11, 12, 13, 14)
    try:
        found = datetime(
            int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0), min(int(second or 0), 59),
            int((fraction or "0").ljust(6, "0")[:6]), _zone(zone),
        )  # fmt: skip
        return warc_date(found) if found.year > 1 else None
    except (ValueError, OverflowError):
        return None


def _zone(text: str | None) -> timezone:
    if text in (None, "Z"):
        return UTC
    assert text is not None
    span = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
    return timezone(-span if text[0] == "-" else span)


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
