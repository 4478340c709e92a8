"""What the charts share: type, colours, axes, and the lines that say what is drawn and of what.

Colours are Okabe and Ito's, or one hue from light to dark, so that no one must tell red from green. Years that have no
articles keep their place; of a span that is too long for that only years that have some are drawn.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import altair as alt

from osiris_crawler.export.stats.tables import Table
from osiris_crawler.export.stats.words import HEADS, TITLES, Origin, number
from osiris_crawler.i18n import _, ngettext

BLUE, ORANGE, GREY = "#0072B2", "#E69F00", "#5c6570"
MIDDLE, PALE = "#5aa2cf", "#c3ddec"  # lighter ones of the blue
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"  # the renderer brings the first
SHADES: Final = "blues"
WIDTH = 760  # of what is drawn, in pixels; labels come beside it
LABELS = 260  # pixels of a name beside it; the rest is cut
MONTHS = 7  # letters of one
_MOST = {True: 600, False: 80}  # months, years
_LETTERS = 120  # of a name
_TOLD = 5  # of the names, in a chart's text


@dataclass(frozen=True, slots=True)
class Drawn:
    """A chart and what it shows in words."""

    name: str
    title: str
    told: str
    spec: dict[str, Any]


def over(values: list[dict[str, Any]]) -> alt.Chart:
    """A chart of these rows."""
    return alt.Chart(alt.Data(values=values))  # type: ignore[no-untyped-call]


def name_of(value: object) -> str:
    """A name as a drawing can have it."""
    text = " ".join("".join(c if c.isprintable() else " " for c in str(value)[: 4 * _LETTERS]).split())
    return text if len(text) <= _LETTERS else text[: _LETTERS - 1] + "…"


# -- what is said ---------------------------------------------------------------------------------------------------------


def done(
    table: Table, origin: Origin, chart: alt.Chart | alt.LayerChart | alt.FacetChart, told: str, note: str = ""
) -> Drawn:
    """The chart under its title, with what is drawn and of what."""
    title = TITLES[table.name]
    under = [line for line in (note, origin.line()) if line]
    head = alt.Title(title, subtitle=under, anchor="start", frame="group", offset=14)
    chart = chart.properties(title=head, padding=16).configure(font=FONT, background="#ffffff", aria=False)
    chart = (
        chart.configure_title(fontSize=19, subtitleFontSize=12.5, subtitleColor=GREY, subtitlePadding=6, subtitleLineHeight=17)
        .configure_axis(labelFontSize=12, titleFontSize=12.5, titleFontWeight="normal", titleColor=GREY, titlePadding=10,
                        gridColor="#e6e8eb", domainColor="#9aa3ad", tickColor="#9aa3ad", labelColor="#222222")
        .configure_legend(labelFontSize=12, titleFontSize=12.5, titleFontWeight="normal", titleColor=GREY, labelColor="#222222")
        .configure_view(stroke=None)
    )  # fmt: skip
    text = " ".join(part for part in (told, note, f"{origin.line()}.") if part)
    return Drawn(table.name, title, text, chart.to_dict())


def listed(pairs: Iterable[tuple[str, str]]) -> str:
    """“Internet 12; Mobile 7; …”, the first few."""
    shown = [f"{name} {said}" for (name, said), _place in zip(pairs, range(_TOLD + 1), strict=False)]
    return "; ".join(shown[:_TOLD]) + ("; …" if len(shown) > _TOLD else ".")


def of_all(shown: int, all: int) -> str:
    """That not all are drawn; nothing when they are."""
    if shown == all:
        return ""
    return _("The %(shown)d most frequent of %(all)s.") % {"shown": shown, "all": number(all)}


def undrawn(count: int) -> str:
    """That some articles have no place in the chart; nothing when all have."""
    if not count:
        return ""
    return ngettext(
        "%(count)s article without a date, or far from the others, is not drawn.",
        "%(count)s articles without a date, or far from the others, are not drawn.",
        count,
    ) % {"count": number(count)}


# -- axes -----------------------------------------------------------------------------------------------------------------


def span(periods: Sequence[str]) -> list[str]:
    """Every year or month from the first to the last; of a span that is too long those that are there, and the newest."""
    monthly = len(periods[0]) == MONTHS
    first, last = _place(min(periods)), _place(max(periods))
    if last - first < _MOST[monthly]:
        return [
            f"{place // 12:04}-{place % 12 + 1:02}" if monthly else f"{place:04}" for place in range(first, last + 1)
        ]
    return sorted(set(periods))[-_MOST[monthly] :]


def _place(period: str) -> int:
    return int(period[:4]) * 12 + int(period[5:]) - 1 if len(period) == MONTHS else int(period)


def periods_axis(field: str, periods: Sequence[str]) -> alt.X:
    """Years, or months of which the years are written, as far as they find room."""
    monthly = len(periods[0]) == MONTHS
    axis = alt.Axis(labelAngle=0, labelOverlap="greedy", labelSeparation=8, grid=False, ticks=not monthly)
    if monthly:
        axis.labelExpr = "slice(datum.value, 5) == '01' ? slice(datum.value, 0, 4) : ''"
    scale = alt.Scale(domain=list(periods), paddingInner=0.0 if monthly else 0.12, paddingOuter=0.05)
    return alt.X(f"{field}:O", title=HEADS["month" if monthly else "year"], axis=axis, scale=scale)


def count_axis(shorthand: str, title: str) -> alt.Y:
    return alt.Y(shorthand, title=title, axis=alt.Axis(tickMinStep=1, format=",d"))


def names_axis(field: str, title: str, order: Sequence[str] | None = None) -> alt.Y:
    """Names, one below the other, in the order in which they come or in another."""
    axis = alt.Axis(labelLimit=LABELS, maxExtent=LABELS + 20, ticks=False, labelPadding=6, domain=False)
    if order is None:
        return alt.Y(f"{field}:N", title=title, sort=None, axis=axis)
    return alt.Y(f"{field}:N", title=title, scale=alt.Scale(domain=list(order)), axis=axis)


def wide(columns: Sequence[str]) -> float:
    """Pixels of a heat map: as wide as its columns need, and no wider than a page."""
    return max(min(26 * len(columns), WIDTH), 200)


def ranked(rows: Iterable[Mapping[str, Any]], column: str) -> list[str]:
    """The names of a column of flows, those with the most reprints first."""
    counts: Counter[str] = Counter()
    for row in rows:
        counts[row[column]] += row["reprints"]
    return sorted(counts, key=lambda name: (-counts[name], name))
