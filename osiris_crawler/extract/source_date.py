"""The dates in an attribution, and the names before them: “Le Soleil du 3 mars 2004”, “A, 3 mars 2004 ; B, 4 mars 2004”.

A date that can't be read wholly is not guessed: “6 octbr 2009” is no part of the name and gives no date; of “3-4 mars
2004” the month is sure and the day is not.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from osiris_crawler.extract.dates import DateReading, find_date, last_date, month_of
from osiris_crawler.extract.outlet_names import clean

Known = Callable[[str], bool]
Piece = tuple[str, str | None]  # what stands before a date, and the date

_MOST_DATES = 6
_LONGEST_TRAIL = 60  # letters behind a date that are passed over
_G = r"[\s\u00a0\u202f]"
_WEEKDAY = r"(?:(?:lun|mar|mer|mec|jeu|ven|sam|dim)[a-z]{0,5}di|dimanch[a-z]?|(?:lun|mer|jeu|ven|sam|dim)\.)"
# A page or an hour behind the date.
_TAIL = re.compile(
    rf"(?<=\d{{4}})[\s,;.\u00a0]*(?:\(?(?:pp?|pages?)\.?{_G}*\d{{1,3}}(?:{_G}*[-–à]{_G}*\d{{1,3}})?\)?"
    rf"|[–-]?{_G}*(?:à{_G}+)?\d{{1,2}}{_G}?[h:]{_G}?\d{{0,2}}(?:{_G}?(?:mn|min|GMT|TU|UTC))?)[\s.)\u00a0]*$",
    re.I,
)
_SHORT_YEAR = re.compile(
    r"(?<![\d/.-])(?P<day>\d{1,2})(?:(?P<sign>[/.-])(?P<month>\d{1,2})(?P=sign)|(?:er)?\s+(?P<word>[A-Za-zÀ-ÿ]{3,10})\.?\s+[’']?)(?P<year>\d{2})$"
)
# Lost spaces: “Wal Fadjri15 janvier 2003”, “15janvier 2003”, “15 janvier2003”.
_GLUED = re.compile(
    r"(?P<before>[a-zà-ÿ]?)(?P<day>(?<!\d)\d{1,2})(?:er)?(?P<a>\s*)(?P<month>[A-Za-zÀ-ÿ]{3,10})\.?(?P<b>\s*)(?P<year>(?:19|20)\d{2})$"
)
# A day without its year, or whose month is no month.
_UNDATED = re.compile(
    rf"(?:^|(?<=[\s,;(\u00a0]))(?:{_WEEKDAY}{_G}+)?(?P<day>\d{{1,2}})(?:er|e)?{_G}+(?P<month>[A-Za-zÀ-ÿ]{{3,12}})\.?(?:{_G}+(?P<year>\d{{3,6}}))?$",
    re.I,
)
# What may stand between the two days of a range, and its first day before the date of the second.
_BETWEEN = re.compile(rf"^{_G}*(?:[-–—/&]|et|au|à|and|to)?{_G}*(?:le|du|au)?{_G}*$", re.I)
_FIRST_DAY = re.compile(
    rf"(?:^|[\s,;(\u00a0]+)(?:(?:semaine{_G}+)?(?:du|des|le|les){_G}+)?(?:{_WEEKDAY}{_G}+)?\d{{1,2}}(?:er)?(?:{_G}+(?P<month>[A-Za-zÀ-ÿ]{{3,10}}))?"
    rf"{_G}*(?:[-–—/&]|et|au|à|and){_G}*(?:(?:le|au){_G}+)?(?:{_WEEKDAY}{_G}*)?$",
    re.I,
)
_FIRST_MONTH = re.compile(
    rf"(?:^|[\s,;(\u00a0]+)(?P<month>[A-Za-zÀ-ÿ]{{3,10}})(?:{_G}+(?P<year>\d{{4}}))?{_G}*(?:[-–—/&]|et|à){_G}*$"
)
_CONNECTING = re.compile(
    rf"(?:^|[\s,;(\u00a0]+)(?:du|de|des|le|on|of|semaine|dans|en{_G}+date|daté?e?s?|dated|parue?s?|publiée?s?|mise?{_G}+en{_G}+ligne|(?:l[’'])?édition|{_WEEKDAY})$"
    rf"|(?<=[\s,;(\u00a0])d[’']$"
)
_DIGIT = re.compile(r"\d")
_ISSUE = re.compile(rf"[\s,;\u00a0]*\(?(?:[nN][°ºo]s?|numéro|no\.){_G}*\d[\d.{_G[1:-1]}]{{0,6}}\)?$")


def split_dates(rest: str, known: Known) -> list[Piece]:
    """What an attribution says behind its label, as names with their dates; at least one piece."""
    text = rest.rstrip(" \u00a0\u202f.,;")
    if not text[-4:].isdecimal():
        for _turn in range(2):
            text = _TAIL.sub("", text)
    groups = _groups(text)
    if not groups and (glued := _GLUED.search(text)) is not None and month_of(glued["month"]) is not None:
        text = text[: glued.start()] + "{before} {day} {month} {year}".format(**glued.groupdict())
        groups = _groups(text)
    if not groups:
        return [_partial(text, known)]
    pieces: list[Piece] = []
    at = 0
    for start, end, iso, reading in groups:
        pieces.append(_piece(text[at:start], iso, reading, known))
        at = end
    trail = clean(text[at:].lstrip("). "))
    if trail and len(groups) == 1:
        if not pieces[0][0]:  # “3 mars 2004, Le Soleil”
            return [(trail, pieces[0][1])]
        if len(trail) > _LONGEST_TRAIL or text[at : at + 1].isalnum():
            return [(clean(text), None)]
    return pieces


def ends_in_date(text: str) -> bool:
    """Whether a text ends in a date, as attributions do."""
    text = _TAIL.sub("", text.rstrip(' \u00a0\u202f.,;)»”"'))
    found = last_date(text)
    if found is not None and not text[found.end :].strip(" ).,;\u00a0"):
        return True
    short = _SHORT_YEAR.search(text)
    return short is not None and (short["word"] is None or month_of(short["word"]) is not None)


def _groups(text: str) -> list[tuple[int, int, str | None, DateReading]]:
    """Full dates, those that are the two ends of a range in one: start, end, what is sure of it, the first reading."""
    found: list[tuple[int, int, str | None, DateReading]] = []
    at = 0
    while len(found) < _MOST_DATES:
        reading = find_date(text[at:])
        if reading is None:
            break
        start, end = at + reading.start, at + reading.end
        if found and _BETWEEN.match(text[found[-1][1] : start]):
            first = found.pop()
            found.append((first[0], end, _common(first[2], reading.iso), first[3]))
        else:
            found.append((start, end, reading.iso, reading))
        at = end
    return found


def _piece(before: str, iso: str | None, reading: DateReading, known: Known) -> Piece:
    weekday = reading.text.split()[0].rstrip(",") if reading.weekday_ok is not None else ""
    if weekday and re.search(r"\b(?:du|le)\s*$", before) and known(clean(f"{before} {weekday}")):
        return clean(f"{before} {weekday}"), iso  # Le Journal du Dimanche
    day = re.match(r"\d{1,2}(?=\s)", reading.text)
    name = clean(before)
    if day and name and not known(name) and before[-1:].isspace() and known(f"{name} {day[0]}"):
        return f"{name} {day[0]}", iso[:7] if iso else None  # Info 7 mars 2004
    range_ = _FIRST_DAY.search(before) if _DIGIT.search(before) else None
    if range_ is not None and (range_["month"] is None or month_of(range_["month"]) is not None):
        before = before[: range_.start()]
        iso = iso and iso[: 7 if range_["month"] is None else 4]
    return _name(before, known), iso


def _partial(text: str, known: Known) -> Piece:
    """A name behind which stands less than a full date, or none."""
    if known(clean(text)):
        return clean(text), None
    short = _SHORT_YEAR.search(text)
    if short is not None and (short["word"] is None or month_of(short["word"]) is not None):
        return _name(text[: short.start()], known), _short_date(short)
    undated = _UNDATED.search(text)
    if undated is not None and (undated["year"] or month_of(undated["month"]) is not None):
        return _name(text[: undated.start()], known), None
    found = last_date(text)
    if found is None or text[found.end :].strip(" ).,;\u00a0"):
        return _name(text, known), None
    before, iso = text[: found.start], found.iso
    if len(iso) == 4 and not before.rstrip().endswith((",", ";", "(")):
        return _name(text, known), None  # names end in years too
    first = _FIRST_MONTH.search(before)
    if first is not None and month_of(first["month"]) is not None:
        return _name(before[: first.start()], known), iso[:4] if first["year"] in (None, iso[:4]) else None
    return _name(before, known), iso


def _name(before: str, known: Known) -> str:
    """What stands before a date, without the words that lead over to it."""
    text = before.rstrip(" \u00a0\u202f\n")
    if text.count("(") > text.count(")"):
        text = text[: text.rindex("(")].rstrip() if text.endswith("(") else text
    if not text.endswith((",", ";")):
        for _turn in range(4):
            match = _CONNECTING.search(text)
            if match is None:
                break
            text = text[: match.start()]
    name = clean(text)
    if not known(name):
        name = clean(_ISSUE.sub("", name))
    return name


def _short_date(match: re.Match[str]) -> str | None:
    """31/01/99: the web's press began in the nineties, so its century is sure."""
    year = int(match["year"])
    month = int(match["month"]) if match["word"] is None else month_of(match["word"]) or 0
    try:
        return date(year + (1900 if year >= 90 else 2000), month, int(match["day"])).isoformat()
    except ValueError:
        return None


def _common(a: str | None, b: str) -> str | None:
    """What two days share: the day, the month, the year, or nothing."""
    if a is None:
        return None
    return next((a[:length] for length in (10, 7, 4) if a[:length] == b[:length]), None)
