"""Amounts as the language says them: numbers, shares, sizes and times, alike on a terminal and on a page."""

from __future__ import annotations

import math

from osiris_crawler.i18n import _


def count(number: float) -> str:
    """36000 → 36,000, as the language writes it."""
    return f"{round(number):,}".replace(",", _("mark between thousands: ,")[-1])


def decimal(number: float, digits: int = 1) -> str:
    whole, _point, rest = f"{number:.{digits}f}".partition(".")
    return whole + _("decimal mark: .")[-1] + rest if rest else whole


def size(number: float) -> str:
    """1234567 → 1.2 MB (powers of 1000)."""
    sizes = ((1e12, _("%(n)s TB")), (1e9, _("%(n)s GB")), (1e6, _("%(n)s MB")), (1e3, _("%(n)s KB")))
    for unit, shown in sizes:
        if number >= unit:
            return shown % {"n": decimal(number / unit)}
    return _("%(n)s bytes") % {"n": count(number)}


def span(seconds: float) -> str:
    """95 → 1 min 35 s"""
    whole = round(seconds)
    if whole < 60:
        return _("%(s)d s") % {"s": whole}
    if whole < 3600:
        return _("%(m)d min %(s)d s") % {"m": whole // 60, "s": whole % 60}
    if whole < 172800:
        return _("%(h)d h %(m)d min") % {"h": whole // 3600, "m": whole % 3600 // 60}
    return _("%(d)d days %(h)d h") % {"d": whole // 86400, "h": whole % 86400 // 3600}


def share(part: float, whole: float) -> str:
    """1, 3 → 33 %; nothing of nothing is a dash, and only all of it is 100 %."""
    if not whole:
        return "–"
    percent = 100 * part / whole
    percent = (
        math.floor(percent) if percent > 99 and part < whole else math.ceil(percent) if 0 < percent < 1 else percent
    )
    return f"{percent:.0f}\N{NO-BREAK SPACE}%"
