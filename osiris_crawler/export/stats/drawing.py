"""A chart of each table, as Altair describes it; `pictures` makes SVG and PNG of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import altair as alt

from osiris_crawler.export.stats.drafting import (
    BLUE,
    LABELS,
    MIDDLE,
    ORANGE,
    PALE,
    SHADES,
    WIDTH,
    Drawn,
    count_axis,
    done,
    listed,
    name_of,
    names_axis,
    of_all,
    over,
    periods_axis,
    ranked,
    span,
    undrawn,
    wide,
)
from osiris_crawler.export.stats.tables import Table
from osiris_crawler.export.stats.words import HEADS, Origin, number, percent
from osiris_crawler.i18n import _

_BARS, _ROWS, _CELLS = 25, 20, 12  # rows of a chart of bars, of a heat map, of a square one


def charts(tables: Mapping[str, Table], origin: Origin) -> Iterator[Drawn]:
    """A chart for each table that can be drawn and has something in it."""
    for name, table in tables.items():
        draw = _CHARTS.get(name)
        if draw is not None and table.rows and origin.articles and (found := draw(table, origin)) is not None:
            yield found


def _time(table: Table, origin: Origin) -> Drawn | None:
    rows = table.as_json()
    dated = [row for row in rows if row["period"]]
    if not dated:
        return None
    periods = span([row["period"] for row in dated])
    kinds = {"first": _("the first of their text"), "again": _("reprints of an earlier one")}
    values = [
        {"period": row["period"], "articles": count, "kind": kinds[kind], "order": order}
        for row in dated
        if row["period"] in periods
        for order, (kind, count) in enumerate(
            (("first", row["articles"] - row["reprints"]), ("again", row["reprints"]))
        )
        if count
    ]
    again = any(row["reprints"] for row in dated)
    colour = alt.Color(
        "kind:N",
        title=None,
        scale=alt.Scale(domain=list(kinds.values()), range=[BLUE, ORANGE]),
        legend=alt.Legend(orient="top") if again else None,
    )
    chart = (
        over(values)
        .mark_bar()
        .encode(
            x=periods_axis("period", periods),
            y=count_axis("articles:Q", HEADS["articles"]),
            color=colour,
            order=alt.Order("order:Q"),
        )
        .properties(width=WIDTH, height=300)
    )
    most = max(dated, key=lambda row: (row["articles"], row["period"]))
    told = _("Columns from %(first)s to %(last)s; most in %(most)s: %(count)s.") % {
        "first": periods[0], "last": periods[-1], "most": most["period"], "count": number(most["articles"]),
    }  # fmt: skip
    missing = sum(row["articles"] for row in rows if row["period"] not in periods)
    return done(table, origin, chart, told, undrawn(missing))


def _lengths(table: Table, origin: Origin) -> Drawn | None:
    rows = [row for row in table.as_json() if row["period"]]
    if not rows:
        return None
    periods = span([row["period"] for row in rows])
    values = [row for row in rows if row["period"] in periods]
    base = over(values).encode(x=periods_axis("period", periods))
    words = HEADS["words"]
    outer = base.mark_bar(color=PALE).encode(y=count_axis("p10:Q", words), y2="p90:Q")
    inner = base.mark_bar(color=MIDDLE).encode(y="p25:Q", y2="p75:Q")
    median = base.mark_tick(color="#000000", thickness=2).encode(y="median:Q")
    chart = alt.layer(outer, inner, median).properties(width=WIDTH, height=300)
    last = values[-1]
    told = _("Columns from %(first)s to %(last)s; the median of %(last)s is %(count)s words.") % {
        "first": periods[0], "last": last["period"], "count": number(last["median"]),
    }  # fmt: skip
    how = _("Dark: the half in the middle. Light: all but a tenth at either end. Black line: the median.")
    return done(table, origin, chart, told, how)


def _words(table: Table, origin: Origin) -> Drawn | None:
    values = [
        {"at": row["from"], "end": row["from"] + (table.rows[0][1] or 0) + 1, "articles": row["articles"]}
        for row in table.as_json()
    ]  # fmt: skip
    open_end = table.rows[-1][1] is None
    last = values[-1]["at"] if open_end else None
    label = f"datum.value == {last} ? '≥ ' + datum.label : datum.label" if open_end else "datum.label"
    axis = alt.Axis(labelExpr=label, tickMinStep=1, tickCount=10, grid=False, format=",d")
    chart = (
        over(values)
        .mark_bar(color=BLUE, binSpacing=1)
        .encode(
            x=alt.X("at:Q", bin=alt.BinParams(binned=True), title=HEADS["words"], axis=axis, scale=alt.Scale(nice=False)),
            x2="end:Q",
            y=count_axis("articles:Q", HEADS["articles"]),
        )
        .properties(width=WIDTH, height=300)
    )  # fmt: skip
    most = max(values, key=lambda row: row["articles"])
    told = _("Columns of a hundred words each; most articles, %(count)s, have %(from)d words and up to a hundred more.") % {
        "count": number(most["articles"]), "from": most["at"],
    }  # fmt: skip
    return done(table, origin, chart, told, _("Words of lead and body."))


def _bars(table: Table, origin: Origin) -> Drawn | None:
    """The names that most articles have; the figure stands at the end of each bar."""
    share = table.name == "fields"
    label = table.columns[0]
    values = [
        {
            "name": name_of(row[label]),
            "value": row["share"] if share else row["articles"],
            "said": percent(row["share"]) if share else number(row["articles"]),
        }
        for row in table.as_json(None if share else _BARS)
    ]
    most = max(value["value"] for value in values) or 1
    x = alt.X("value:Q", title=HEADS["share"], axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 1])) if share else alt.X(
        "value:Q", title=HEADS["articles"], axis=alt.Axis(tickMinStep=1, tickCount=6, format=",d"), scale=alt.Scale(domain=[0, most * 1.02])
    )  # fmt: skip
    base = over(values).encode(x=x, y=names_axis("name", HEADS[label]))
    chart = alt.layer(
        base.mark_bar(color=BLUE),
        base.mark_text(align="left", dx=5, color="#333333", fontSize=12).encode(text="said:N"),
    ).properties(width=WIDTH - LABELS + 60, height=alt.Step(22))
    return done(
        table,
        origin,
        chart,
        listed((value["name"], value["said"]) for value in values),
        of_all(len(values), len(table.rows)),
    )


def _heat(table: Table, origin: Origin) -> Drawn | None:
    """Names down, years across."""
    label = table.columns[0]
    share = table.name == "fields_by_year"
    rows = [row for row in table.as_json() if row["year"]]
    if not rows:
        return None
    names = list(dict.fromkeys(row[label] for row in table.as_json()))
    shown = names if share else names[:_ROWS]
    years = span([row["year"] for row in rows])
    values = [
        {"name": name_of(row[label]), "year": row["year"], "value": row["share"] if share else row["articles"]}
        for row in rows
        if row[label] in shown and row["year"] in years and row["articles"]
    ]
    if not values:
        return None
    scale = alt.Scale(scheme=SHADES, domain=[0, 1] if share else [0, max(value["value"] for value in values)])
    legend = alt.Legend(format=".0%" if share else "d", gradientLength=160, tickMinStep=1 if not share else 0.25)
    chart = (
        over(values)
        .mark_rect(stroke="#ffffff", strokeWidth=1)
        .encode(
            x=periods_axis("year", years),
            y=names_axis("name", HEADS[label], [name_of(name) for name in shown]),
            color=alt.Color("value:Q", title=HEADS["share" if share else "articles"], scale=scale, legend=legend),
        )
        .properties(width=wide(years), height=alt.Step(22))
    )
    top = max(values, key=lambda value: value["value"])
    told = _("A heat map of %(names)d rows, from %(first)s to %(last)s.") % {
        "names": len(shown), "first": years[0], "last": years[-1],
    }  # fmt: skip
    if not share:
        told += " " + _("Most: %(name)s in %(year)s, %(count)s.") % {
            "name": top["name"], "year": top["year"], "count": number(top["value"]),
        }  # fmt: skip
    return done(table, origin, chart, told, " ".join(filter(None, (of_all(len(shown), len(names)), _("White: none.")))))


def _flows(table: Table, origin: Origin) -> Drawn | None:
    """From whom, down, to whom, across, with the number in each square."""
    rows = table.as_json()
    givers, takers = (ranked(rows, column)[:_CELLS] for column in ("from", "to"))
    values = [
        {"from": name_of(row["from"]), "to": name_of(row["to"]), "value": row["reprints"]}
        for row in rows
        if row["from"] in givers and row["to"] in takers
    ]
    if not values:
        return None
    top = max(value["value"] for value in values)
    across = alt.X(
        "to:N", title=_("To"), sort=[name_of(name) for name in takers if any(v["to"] == name_of(name) for v in values)],
        axis=alt.Axis(labelAngle=-40, labelLimit=150, orient="bottom", labelAlign="right"),
    )  # fmt: skip
    down = names_axis(
        "from", _("From"), [name_of(name) for name in givers if any(v["from"] == name_of(name) for v in values)]
    )
    base = over(values).encode(x=across, y=down)
    ink = alt.when(alt.datum.value > top * 0.55).then(alt.value("#ffffff")).otherwise(alt.value("#111111"))
    chart = alt.layer(
        base.mark_rect(stroke="#ffffff", strokeWidth=1).encode(
            color=alt.Color("value:Q", scale=alt.Scale(scheme=SHADES, domain=[0, top]), legend=None)
        ),
        base.mark_text(fontSize=12).encode(text=alt.Text("value:Q", format=",d"), color=ink),
    ).properties(width=alt.Step(44), height=alt.Step(28))
    told = listed((f"{name_of(row['from'])} → {name_of(row['to'])}", number(row["reprints"])) for row in rows)
    drawn, all = sum(value["value"] for value in values), sum(row["reprints"] for row in rows)
    note = _("The number of reprints.")
    if drawn < all:
        note = _("The number of reprints; %(drawn)s of %(all)s are drawn.") % {
            "drawn": number(drawn),
            "all": number(all),
        }
    return done(table, origin, chart, told, note)


_CHARTS: dict[str, Callable[[Table, Origin], Drawn | None]] = {
    "time": _time,
    "keywords": _bars,
    "keywords_by_year": _heat,
    "outlets": _bars,
    "outlets_by_year": _heat,
    "lengths": _lengths,
    "words": _words,
    "flows": _flows,
    "languages": _bars,
    "fields": _bars,
    "fields_by_year": _heat,
    "issues": _bars,
}
