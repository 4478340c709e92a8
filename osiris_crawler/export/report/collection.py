"""The report of a collection: changes.jsonl → ledger → articles.jsonl, each gone through once → a page."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from osiris_crawler.amounts import count, share, size, span
from osiris_crawler.care.completeness import last_audit, state
from osiris_crawler.care.holdings import gather, open_to_read
from osiris_crawler.care.past import PastRun, outcome, past_runs
from osiris_crawler.dataset.changes import EVENTS, read_changes
from osiris_crawler.export.report import telling
from osiris_crawler.export.report.charts import columns
from osiris_crawler.export.report.figures import Figures, Names, spans
from osiris_crawler.export.report.figures import count as counted
from osiris_crawler.export.report.markup import (
    Html,
    cell,
    element,
    instant,
    join,
    page,
    paragraph,
    shade,
    table,
    tiles,
)
from osiris_crawler.export.report.telling import Named, sentence
from osiris_crawler.export.report.veil import Veil
from osiris_crawler.i18n import _
from osiris_crawler.paths import Collection

_EVENTS = 30  # the newest, named
_MONTHS = 24  # rows of a table by months
_YEARS = 60  # rows of a table by years
_RUNS = 60
_NAMES = 25  # keywords, outlets


@dataclass(slots=True)
class Seen:
    """What the ledger and changes.jsonl say."""

    facts: dict[str, Any]
    runs: list[PastRun]
    hours: dict[int, int]  # hour of the day in UTC → answers
    layouts: list[dict[str, Any]]
    refused: list[tuple[str, int, str]]
    months: Counter[tuple[str, str]] = field(default_factory=Counter)  # (YYYY-MM, event) of the site's own
    others: Counter[str] = field(default_factory=Counter)  # cause → events that are not the site's
    newest: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=_EVENTS))
    changed: Counter[str] = field(default_factory=Counter)  # field → how often the site changed it


def collection_page(collection: Collection, veil: Veil) -> str:
    """The page; UsageError without a ledger, IntegrityError when a line of the dataset can't be read."""
    seen = _seen(collection)
    wanted = {change["id"] for change in seen.newest}
    names: dict[str, Named] = {}

    def articles() -> Any:
        for article in telling.articles_of(collection):
            if article["id"] in wanted or (veil and not veil.complete):
                named = telling.named(article, veil)
                if article["id"] in wanted:
                    names[article["id"]] = named
            yield article

    figures = counted(articles(), ((run.started, run.run) for run in seen.runs))
    audited = last_audit(collection)
    sections = {
        "changes": (_("What came and what changed"), _changes(seen, names, veil)),
        "gaps": (_("What failed, and why"), _failed(seen, veil)),
        "cost": (_("Cost to the site"), _cost(seen)),
        "months": (_("Articles by month"), _months(figures)),
        "keywords": (_("Keywords over time"), _names(figures.keywords, figures, _("Keyword"))),
        "outlets": (_("Outlets over time"), _outlets(figures)),
        "quality": (_("Fields over time"), _quality(figures, seen)),
        "layouts": (_("Layouts"), telling.layouts(seen.layouts)),
        "runs": (_("Runs"), _runs(seen)),
    }
    if audited is not None:
        sections = {"audit": (_("Completeness"), _audited(audited)), **sections}
    if seen.facts["alarms"]:
        sections = {"alarms": (_("Alarms of the last run"), telling.alarms(seen.facts["alarms"], veil)), **sections}
    return page(_("Collection %(name)s") % {"name": collection.name}, _head(seen, figures, veil), sections)


def _seen(collection: Collection) -> Seen:
    facts = gather(collection)
    ledger = open_to_read(collection)
    try:
        runs = list(past_runs(ledger, collection))
        asked = "SELECT run FROM runs WHERE crawl > 0"
        hours = ledger.db.query(
            f"SELECT CAST(substr(date, 12, 2) AS INTEGER) AS hour, count(*) FROM captures WHERE run IN ({asked}) GROUP BY 1"  # noqa: S608
        )
        refused = ledger.db.query(
            "SELECT reason, links, sample FROM refusals WHERE crawl = ? ORDER BY links DESC LIMIT ?",
            (ledger.last_crawl(), telling.MOST_SHOWN),
        )
        seen = Seen(
            facts,
            runs,
            {row[0]: row[1] for row in hours},
            ledger.layouts(),
            [(row[0], row[1], row[2]) for row in refused],
        )
    finally:
        ledger.close()
    for change in read_changes(collection):
        if change["cause"] == "site":
            seen.months[change["at"][:7], change["event"]] += 1
            seen.newest.append(change)
            if change["event"] == "changed" and isinstance(change.get("fields"), list):
                seen.changed.update(str(name)[:40] for name in change["fields"][:40])
        else:
            seen.others[change["cause"][:40]] += 1
    return seen


def _audited(found: dict[str, Any]) -> Html:
    """What the last audit found."""
    figures = {"held": count(found["held"]), "published": count(found["published"]), "at": instant(found["at"])}
    told = _("%(held)s of %(published)s published articles are held, by the audit of %(at)s UTC.") % figures
    if not found["states"]:
        return paragraph(told + " " + _("Nothing that the site names is missing."))
    rows = ([state(name), count(number)] for name, number in found["states"].items())
    made = table([_("State"), _("How many")], rows, caption=_("What is missing, by state"), numbers=1)
    return join([paragraph(told), made, paragraph(_("“osiris audit” names each of them."))])


# -- the head -----------------------------------------------------------------------------------------------------------


def _head(seen: Seen, figures: Figures, veil: Veil) -> Html:
    facts = seen.facts
    last = next((run for run in seen.runs if run.exit is not None), None)
    files = {"n": count(facts["warc_files"]), "m": count(facts["captures"])}
    told = [
        (_("Articles"), count(figures.articles), _kinds(figures)),
        (_("Newest capture"), instant(facts["newest"]), "UTC" if facts["newest"] else ""),
        (_("Waiting"), count(facts["pending"]), _("addresses")),
        (_("Without a final answer"), count(len(facts["gaps"])), _("addresses")),
        (_("WARC files"), size(facts["warc_bytes"]), _("%(n)s files, %(m)s captures") % files),
        (_("Last run"), outcome(last.exit) if last else "–", last.run if last else ""),
    ]  # fmt: skip
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M")
    about = join((veil.address(str(facts["site"] or "–")), " · ", _("written %(time)s UTC") % {"time": now}))
    return join((paragraph(about, "facts"), tiles(told)))


def _kinds(figures: Figures) -> str:
    parts = []
    if figures.withdrawn:
        parts.append(_("%(n)s withdrawn") % {"n": count(figures.withdrawn)})
    if figures.reprints:
        parts.append(_("%(n)s reprints") % {"n": count(figures.reprints)})
    return ", ".join(parts)


# -- what changed -------------------------------------------------------------------------------------------------------


def _changes(seen: Seen, names: Mapping[str, Named], veil: Veil) -> Html:
    if not seen.months and not seen.others:
        return sentence(_("Nothing has come yet."))
    months = sorted({month for month, _event in seen.months}, reverse=True)
    rows = [(month, *(count(seen.months[month, event]) for event in EVENTS)) for month in months[:_MONTHS]]
    if len(months) > _MONTHS:
        earlier = months[_MONTHS:]
        rows.append((_("earlier"), *(count(sum(seen.months[month, event] for month in earlier)) for event in EVENTS)))
    heads = (_("Month"), *(telling.event_word(event) for event in EVENTS))
    parts = [
        table(heads, rows, caption=_("What the site did, by the month in which a run found it"), numbers=len(EVENTS))
    ]
    if seen.changed:
        fields = join(
            (join((element("code", name), f" {count(number)}")) for name, number in seen.changed.most_common(20)), ", "
        )
        parts.append(paragraph(join((_("Fields that the site changed:"), " ", fields))))
    for cause, number in seen.others.most_common(5):
        told = _("%(n)s more events come from %(cause)s: they are no change of the site.")
        parts.append(sentence(told % {"n": count(number), "cause": telling.cause_word(cause)}))
    newest = list(seen.newest)[::-1]
    listed = join((element("h3", _("The newest events")), telling.events(newest, names, veil)))
    return element("div", element("div", *parts), element("div", listed), class_="two")


def _failed(seen: Seen, veil: Veil) -> Html:
    gaps = [(gap["url"], gap["problem"]) for gap in seen.facts["gaps"]]
    return join((telling.gaps(gaps, veil), telling.refusals(seen.refused, veil)), "\n")


# -- cost ---------------------------------------------------------------------------------------------------------------


def _cost(seen: Seen) -> Html:
    months: dict[str, list[float]] = {}
    for run in seen.runs:
        if run.crawl > 0:
            sums = months.setdefault(run.started[:7], [0, 0, 0, 0])
            for place, value in enumerate((1, run.requests, run.bytes, run.seconds)):
                sums[place] += value
    if not any(requests for _runs, requests, _bytes, _seconds in months.values()):
        return sentence(_("No run has asked the site yet."))
    newest = sorted(months, reverse=True)
    rows = [_month(month, months[month]) for month in newest[:_MONTHS]]
    if len(newest) > _MONTHS:
        rows.append(
            _month(_("earlier"), [sum(column) for column in zip(*(months[m] for m in newest[_MONTHS:]), strict=True)])
        )
    heads = (_("Month"), _("Runs"), _("Requests"), _("Bytes"), _("Time"), _("Requests an hour"))
    # Beside the walk of a whole archive the updates' months would not be seen.
    updates: Counter[str] = Counter()
    for run in seen.runs:
        if run.command == "update":
            updates[run.started[:7]] += run.requests
    points = [(month, float(updates[month])) for month in sorted(updates)]
    hours = [(f"{hour:02}", float(seen.hours.get(hour, 0))) for hour in range(24)] if seen.hours else []
    charts = (
        columns(_("Requests of the updates, by month"), points, count, head=_("Month"), told=_("Requests")),
        columns(_("Answers by the hour of the day (UTC)"), hours, count, head=_("Hour"), told=_("Answers")),
    )
    caption = _("What the runs asked of the site")
    return element("div", table(heads, rows, caption=caption, numbers=5), element("div", *charts), class_="two")


def _month(name: str, sums: list[float]) -> tuple[Any, ...]:
    runs, requests, received, seconds = sums
    rate = count(requests * 3600 / seconds) if seconds else "–"
    return name, count(runs), count(requests), size(received), span(seconds), rate


# -- articles -----------------------------------------------------------------------------------------------------------


def _months(figures: Figures) -> Html:
    years = figures.years
    if not years:
        return sentence(_("No article has a date yet."))
    most = max(figures.months.values())
    rows = []
    for year in years[-_YEARS:][::-1]:
        numbers = [figures.months[f"{year}-{month:02}"] for month in range(1, 13)]
        rows.append(
            (
                year,
                *(cell(count(number) if number else "·", shade(number, most)) for number in numbers),
                cell(element("b", count(sum(numbers)))),
            )
        )
    heads = (_("Year"), *(f"{month:02}" for month in range(1, 13)), _("All"))
    notes = []
    if len(years) > _YEARS:
        before = sum(figures.quality[year].articles for year in years[:-_YEARS])
        notes.append(sentence(_("%(n)s articles are older than that.") % {"n": count(before)}))
    if "" in figures.quality:
        without = figures.quality[""].articles
        notes.append(sentence(_("%(n)s articles have no date that could be read.") % {"n": count(without)}))
    title = _("Articles by year")
    points = [(year, float(figures.quality[year].articles)) for year in years]
    letters = [(year, float(figures.quality[year].median())) for year in years]
    charts = (
        columns(title, points, count, head=_("Year"), told=_("Articles")),
        columns(_("Letters of a body, in the middle"), letters, count, head=_("Year"), told=_("Letters")),
    )
    heat = table(heads, rows, caption=_("Articles by the month of their date; a stronger colour is more"), heat=True)
    return join((heat, *notes, element("div", *charts, class_="two") if len(years) > 1 else ""), "\n")


def _names(names: Names, figures: Figures, head: str) -> Html:
    if not names.years:
        return sentence(_("Nothing is named yet."))
    parts = spans(figures.years)
    rows = []
    for name, years in names.top(_NAMES):
        numbers = [sum(years[year] for year in members) for _label, members in parts]
        most = max(numbers, default=0)
        rows.append(
            (
                name,
                *(cell(count(number) if number else "·", shade(number, most)) for number in numbers),
                cell(element("b", count(years.total()))),
            )
        )
    caption = _("The %(n)d most frequent of %(all)s; a stronger colour is nearer to its own peak") % {
        "n": len(rows), "all": count(len(names.years)),
    }  # fmt: skip
    heat = table((head, *(label for label, _m in parts), _("All")), rows, caption=caption, heat=True)
    beyond = _("Names beyond the first %(n)s are not counted.") % {"n": count(len(names.years))}
    return join((element("div", heat, class_="names"), sentence(beyond) if names.beyond else ""), "\n")


def _outlets(figures: Figures) -> Html:
    told = _("%(n)s articles (%(share)s) name where they come from.") % {
        "n": count(figures.with_source), "share": share(figures.with_source, figures.articles),
    }  # fmt: skip
    return join((sentence(told), _names(figures.outlets, figures, _("Outlet"))), "\n")


def _quality(figures: Figures, seen: Seen) -> Html:
    if not figures.articles:
        return sentence(_("No article was read yet."))
    years = [(year, figures.quality[year]) for year in figures.years[-_YEARS:][::-1]]
    if "" in figures.quality:
        years.append((_("none"), figures.quality[""]))
    runs = [(run.run, figures.by_run[run.run]) for run in seen.runs if run.run in figures.by_run][:_RUNS]
    return join(
        (
            sentence(_("Share of the articles that have each field, as the present reader reads them.")),
            telling.quality(years, _("Year"), _("By the year of the articles’ date")),
            telling.quality(runs, _("Run"), _("By the run that brought the articles")),
        ),
        "\n",
    )


def _runs(seen: Seen) -> Html:
    if not seen.runs:
        return sentence(_("There was no run yet."))
    rows = [
        (
            run.run, instant(run.started), span(run.seconds) if run.exit is not None else "–", outcome(run.exit, run.fate),
            count(run.requests), size(run.bytes), count(run.failures), count(run.alarms),
        )
        for run in seen.runs[:_RUNS]
    ]  # fmt: skip
    heads = (
        _("Run"), _("Began"), _("Lasted"), _("Outcome"), _("Requests"), _("Bytes"), _("New gaps"), _("Alarms"),
    )  # fmt: skip
    caption = _("The newest %(n)d of %(all)s runs") % {"n": len(rows), "all": count(len(seen.runs))}
    return table(heads, rows, caption=caption, numbers=4)
