"""Dates as French (and English) pages write them, read strictly; dateparser only for what is left.

Nothing is invented: a day without a year is no date, and the weekday must agree or is flagged.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

_MONTHS = {
    "janvier": 1, "fevrier": 2, "mars": 3, "avril": 4, "mai": 5, "juin": 6, "juillet": 7, "aout": 8, "septembre": 9,
    "octobre": 10, "novembre": 11, "decembre": 12,
    "january": 1, "february": 2, "march": 3, "april": 4, "may": 5, "june": 6, "july": 7, "august": 8, "september": 9,
    "october": 10, "november": 11, "december": 12,
    "janv": 1, "fevr": 2, "avr": 4, "juil": 7, "sept": 9, "oct": 10, "nov": 11, "dec": 12,
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "jun": 6, "jul": 7, "aug": 8, "sep": 9,
}  # fmt: skip
_WEEKDAYS = {
    "lundi": 0, "mardi": 1, "mercredi": 2, "jeudi": 3, "vendredi": 4, "samedi": 5, "dimanche": 6,
    "monday": 0, "tuesday": 1, "wednesday": 2, "thursday": 3, "friday": 4, "saturday": 5, "sunday": 6,
}  # fmt: skip
_GAP = r"[\s\u00a0\u202f]"
_WORD = r"[A-Za-zÀ-ÿ]{3,10}"
_WEEKDAY = (
    r"(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
)
# Each is searched for in the few letters that end in a year.
_DAY_MONTH = re.compile(
    rf"(?<![\w/])(?:(?P<weekday>{_WEEKDAY}){_GAP}*,?{_GAP}*(?:le{_GAP}+)?)?"
    rf"(?P<day>\d{{1,2}})(?:{_GAP}?(?:er|ère|e|st|nd|rd|th))?{_GAP}+(?:of{_GAP}+|de{_GAP}+)?"
    rf"(?P<month>{_WORD})\.?,?{_GAP}+(?:de{_GAP}+)?(?P<year>\d{{4}})\Z",
    re.I,
)
_MONTH_DAY = re.compile(
    rf"(?<!\w)(?:(?P<weekday>{_WEEKDAY}),?{_GAP}+)?(?P<month>{_WORD})\.?{_GAP}+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?{_GAP}+"
    rf"(?P<year>\d{{4}})\Z",
    re.I,
)
_SLASHED = re.compile(r"(?<![\d/])(?P<day>\d{1,2})[/.\-](?P<month>\d{1,2})[/.\-](?P<year>\d{4})\Z")
_ISO = re.compile(r"(?P<year>(?:19|20)\d{2})-(?P<month>\d{2})-(?P<day>\d{2})(?![\d-])")
_LONGEST = 60  # letters of a date, with its weekday and spaces
_MONTH_YEAR = re.compile(rf"(?<!\w)(?P<month>{_WORD})\.?{_GAP}+(?P<year>(?:19|20)\d{{2}})(?!\d)", re.I)
_YEAR = re.compile(r"(?<![\d\w])(?P<year>(?:19|20)\d{2})(?![\d\w])")

_DAY_ONLY = re.compile(
    rf"{_GAP}*(?:{_WEEKDAY},?{_GAP}+)?(?:le{_GAP}+)?(?P<day>\d{{1,2}})(?:er)?{_GAP}+(?P<month>{_WORD})(?!\w)", re.I
)
_SHORT = 400  # letters of a text that may well come again
_YEARLIKE = re.compile(r"(?:19|20)\d{2}")

dateparser_calls = 0  # how often strict reading was not enough


@dataclass(frozen=True, slots=True)
class DateReading:
    """A date read from a text: `iso` is YYYY, YYYY-MM or YYYY-MM-DD; `text` is what was read, from `start` to `end`."""

    iso: str
    text: str
    start: int
    end: int
    weekday_ok: bool | None = None  # None: no weekday is written


def _fold(word: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", word.casefold()) if not unicodedata.combining(c))


def month_of(word: str) -> int | None:
    """The month that a word names; one slip is allowed in words of five letters or more (“otobre”)."""
    folded = _fold(word)
    if folded in _MONTHS:
        return _MONTHS[folded]
    if len(folded) < 5:
        return None
    near = {number for name, number in _MONTHS.items() if len(name) >= 5 and _one_slip(folded, name)}
    return near.pop() if len(near) == 1 else None


def _one_slip(a: str, b: str) -> bool:
    """Whether two words differ by one letter added, lost, changed, or by two neighbours swapped."""
    if abs(len(a) - len(b)) > 1:
        return False
    at = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    rests = (a[at + 1 :] == b[at + 1 :], a[at + 1 :] == b[at:], a[at:] == b[at + 1 :])
    swapped = a[at : at + 2] == b[at : at + 2][::-1] and a[at + 2 :] == b[at + 2 :]
    return any(rests) or swapped


def find_date(text: str, *, weekday: bool = False) -> DateReading | None:
    """The first full date in a text; with `weekday` only one that names its weekday."""
    found = [reading for reading in _full(text) if reading.weekday_ok is not None or not weekday]
    return min(found, key=lambda reading: reading.start, default=None)


def begins_with_day(text: str) -> bool:
    """Whether a line begins with a day and a month: SPIP leaves out the year that is on (“23 novembre, par Awa Ndiaye”)."""
    found = _DAY_ONLY.match(text)
    return found is not None and _fold(found["month"]) in _MONTHS and 0 < int(found["day"]) <= 31


def _full(text: str) -> Sequence[DateReading]:
    if not _YEARLIKE.search(text):
        return ()  # no pattern fits, and this is quickly told
    return _short(text) if len(text) <= _SHORT else _readings(text)


def _readings(text: str) -> Sequence[DateReading]:
    readings: list[DateReading] = []
    for year in _YEARLIKE.finditer(text):
        match = _dated(text, year.start(), year.end())
        reading = _reading(match) if match is not None else None
        if reading is not None:
            readings.append(reading)
    return readings


def _dated(text: str, start: int, end: int) -> re.Match[str] | None:
    """The full date whose year stands from `start` to `end`; what stands before and behind it tells its form."""
    before, after = text[start - 1 : start], text[end : end + 1]
    if after == "-" and not before.isdigit() and before != "-":
        found = _ISO.match(text, start)
        if found is not None:
            return found
    if after.isdigit() or not before or before.isdigit():
        return None
    first = max(start - _LONGEST, 0)
    if before in "/.-":
        return None if after == "/" else _SLASHED.search(text, first, end)
    return _DAY_MONTH.search(text, first, end) or _MONTH_DAY.search(text, first, end)


# Teasers stand in several listings, on their pages' edges and in the feed.
_short = lru_cache(maxsize=4096)(_readings)


def _reading(match: re.Match[str]) -> DateReading | None:
    groups = match.groupdict()
    raw = groups["month"]
    month = int(raw) if raw.isdecimal() else month_of(raw)
    if month is None:
        return None
    try:
        day = date(int(groups["year"]), month, int(groups["day"]))
    except ValueError:
        return None
    name = groups.get("weekday")
    agrees = None if not name else _WEEKDAYS[_fold(name)] == day.weekday()
    return DateReading(day.isoformat(), match[0].strip(), match.start(), match.end(), agrees)


def last_date(text: str) -> DateReading | None:
    """The last date in a text, whole or partial: of a source line it is the date of the source."""
    full = _full(text)
    if full:
        return max(full, key=lambda reading: reading.end)
    for match in reversed(list(_MONTH_YEAR.finditer(text))):
        month = month_of(match["month"])
        if month is not None:
            return DateReading(f"{match['year']}-{month:02d}", match[0], match.start(), match.end())
    for match in reversed(list(_YEAR.finditer(text))):
        return DateReading(match["year"], match[0], match.start(), match.end())
    return None


def read_date(text: str) -> DateReading | None:
    """A text that is a date and nothing else; what strict reading can't read goes to dateparser, strict too."""
    clean = text.strip()
    if not clean or len(clean) > 60:
        return None
    full = find_date(clean)
    if full is not None and full.end - full.start >= len(clean) - 2:
        return full
    partial = last_date(clean) if full is None else full
    if partial is not None and partial.end - partial.start >= len(clean) - 2:
        return partial
    return _by_dateparser(clean)


def _by_dateparser(text: str) -> DateReading | None:
    """dateparser with STRICT_PARSING: day, month and year must all be there; without it “2 mai” becomes this year's."""
    global dateparser_calls
    if not re.search(r"\d{4}", text) or not re.search(r"\d", text):
        return None
    import dateparser

    dateparser_calls += 1
    settings = {"STRICT_PARSING": True, "DATE_ORDER": "DMY", "RETURN_AS_TIMEZONE_AWARE": False}
    try:
        found = dateparser.parse(text, languages=["fr", "en"], settings=settings)
    except (ValueError, OverflowError, RecursionError):
        return None
    if found is None or str(found.year) not in text:
        return None
    return DateReading(found.date().isoformat(), text, 0, len(text))
