"""The report of one run: its report.json → its events → the articles that they are of → a page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from osiris_crawler.amounts import count, decimal, size, span
from osiris_crawler.care.holdings import open_to_read
from osiris_crawler.care.past import PastRun, alarms_of, outcome, past_runs
from osiris_crawler.dataset.changes import EVENTS, read_changes
from osiris_crawler.export.report import telling
from osiris_crawler.export.report.charts import columns
from osiris_crawler.export.report.figures import Quality
from osiris_crawler.export.report.markup import (
    Html,
    element,
    instant,
    items,
    join,
    page,
    paragraph,
    table,
    tiles,
)
from osiris_crawler.export.report.telling import Named, sentence
from osiris_crawler.export.report.veil import Veil
from osiris_crawler.i18n import COLON, _
from osiris_crawler.paths import Collection


class Events:
    """What changes.jsonl says of a run: how many of each kind, and the first of them."""

    def __init__(self, collection: Collection, run: str) -> None:
        self.counts: Counter[str] = Counter()  # event, of the site's own
        self.others: Counter[str] = Counter()  # cause, of all others
        self.first: dict[str, list[dict[str, Any]]] = {}
        self.added: set[str] = set()  # ids
        for change in read_changes(collection):
            if change["run"] != run:
                continue
            event, id = change["event"], change.get("id")
            if change["cause"] != "site":
                self.others[change["cause"][:40]] += 1
                continue
            self.counts[event] += 1
            if event == "added" and isinstance(id, str):
                self.added.add(id)
            listed = self.first.setdefault(event[:40], [])
            if len(listed) < telling.MOST_SHOWN:
                listed.append(change)

    def named(self) -> set[str]:
        return {
            change["id"] for listed in self.first.values() for change in listed if isinstance(change.get("id"), str)
        }


def run_page(collection: Collection, run: str, report: Mapping[str, Any], veil: Veil) -> str:
    """The page of a run that has ended."""
    events = Events(collection, run)
    past, hours = _ledger(collection, run)
    wanted = events.named()
    names: dict[str, Named] = {}
    quality = Quality()
    for article in telling.lines_of(collection, wanted | events.added, all=bool(veil) and not veil.complete):
        named = telling.named(article, veil)
        if article["id"] in wanted:
            names[article["id"]] = named
        if article["id"] in events.added:
            quality.add(article)
    sections: dict[str, tuple[str, Html]] = {}
    raised = alarms_of(dict(report))
    if raised:
        sections["alarms"] = (_("Alarms"), telling.alarms(raised, veil))
    sections["changes"] = (_("What came and what changed"), _changes(events, names, veil))
    sections["gaps"] = (_("What failed, and why"), _failed(report, veil))
    sections["cost"] = (_("Cost to the site"), _cost(report, hours))
    if quality.articles:
        told = telling.quality([(run, quality)], _("Run"), _("Share of the new articles that have each field"))
        sections["quality"] = (_("Fields"), told)
    sections["layouts"] = (_("Layouts"), telling.layouts(_dicts(report.get("layouts"))))
    return page(_("Run %(name)s") % {"name": run}, _head(collection, report, past, events, veil), sections)


def _ledger(collection: Collection, run: str) -> tuple[PastRun | None, list[tuple[str, int]]]:
    ledger = open_to_read(collection)
    try:
        past = next((entry for entry in past_runs(ledger, collection) if entry.run == run), None)
        rows = ledger.db.query(
            "SELECT substr(date, 1, 13) AS hour, count(*) FROM captures WHERE run = ? GROUP BY 1 ORDER BY 1", (run,)
        )
        return past, [(row[0], row[1]) for row in rows]
    finally:
        ledger.close()


def _head(collection: Collection, report: Mapping[str, Any], past: PastRun | None, events: Events, veil: Veil) -> Html:
    code = int(report["exit"]) if isinstance(report.get("exit"), int) else None
    seconds = _number(report.get("seconds"))
    dataset = report.get("dataset")
    held = count(_number(dataset.get("articles"))) if isinstance(dataset, dict) else "–"
    began = past.started if past is not None else None
    told = [
        (_("Outcome"), outcome(code), "" if code is None else _("exit %(code)d") % {"code": code}),
        (_("New articles"), count(events.counts["added"]), _("%(n)s in the dataset") % {"n": held}),
        *((telling.event_word(event).capitalize(), count(events.counts[event]), "") for event in EVENTS[1:]),
        (_("Requests"), count(_number(report.get("requests"))), size(_number(report.get("bytes")))),
        (_("Lasted"), span(seconds), _("from %(time)s UTC") % {"time": instant(began)} if began else ""),
        (_("New gaps"), count(_number(report.get("newly_failed"))), _("addresses")),
    ]  # fmt: skip
    about = join(
        (f"osiris {report.get('command', '?')} · {collection.name} · ", veil.address(str(report.get("site") or "–")))
    )
    reasons = report.get("reasons")
    said = [str(reason) for reason in reasons[:20]] if isinstance(reasons, list) else []
    return join((paragraph(about, "facts"), *(paragraph(reason, "warn") for reason in said), tiles(told)))


def _changes(events: Events, names: Mapping[str, Named], veil: Veil) -> Html:
    parts: list[Any] = []
    for event in (*EVENTS, *sorted(set(events.first) - set(EVENTS))):
        number = events.counts[event]
        if not number:
            continue
        parts.append(element("h3", f"{telling.event_word(event).capitalize()} ({count(number)})"))
        parts.append(telling.events(events.first[event], names, veil, word=False))
        if number > len(events.first[event]):
            parts.append(sentence(_("… and %(count)d more.") % {"count": number - len(events.first[event])}))
    if not parts:
        parts.append(sentence(_("Nothing has come and nothing has changed.")))
    for cause, number in events.others.most_common(5):
        told = _("%(n)s more events come from %(cause)s: they are no change of the site.")
        parts.append(sentence(told % {"n": count(number), "cause": telling.cause_word(cause)}))
    return join(parts, "\n")


def _failed(report: Mapping[str, Any], veil: Veil) -> Html:
    failures = [(str(entry.get("url")), str(entry.get("problem") or "")) for entry in _dicts(report.get("failures"))]
    refused = report.get("refused")
    rules = [
        (str(reason), int(_number(entry.get("links"))), str(entry.get("sample") or ""))
        for reason, entry in (refused.items() if isinstance(refused, dict) else ())
        if isinstance(entry, dict)
    ]
    return join((telling.gaps(failures, veil), telling.refusals(rules, veil)), "\n")


def _cost(report: Mapping[str, Any], hours: list[tuple[str, int]]) -> Html:
    requests, seconds = _number(report.get("requests")), _number(report.get("seconds"))
    received = _number(report.get("bytes"))
    hour = max(seconds, 1) / 3600
    rows = [
        (_("Requests"), count(requests), count(requests / hour) if seconds else "–"),
        (_("Bytes"), size(received), size(received / hour) if seconds else "–"),
        (_("Attempts that failed"), count(_number(report.get("failed_attempts"))), ""),
    ]
    parts: list[Any] = [
        table(("", _("All"), _("An hour")), rows, caption=_("What the run asked of the site"), numbers=2)
    ]
    statuses = report.get("statuses")
    if isinstance(statuses, dict) and statuses:
        answers = [(f"HTTP {status}", count(_number(number))) for status, number in list(statuses.items())[:100]]
        parts.append(table((_("Answer"), _("Times")), answers, caption=_("What the site answered"), numbers=1))
    if len(hours) > 1:
        points = [(hour.replace("T", " ") + "h", float(number)) for hour, number in hours]
        parts.append(columns(_("Answers by hour (UTC)"), points, count, head=_("Hour"), told=_("Answers")))
    parts.append(_kinds(report))
    update = report.get("update")
    if isinstance(update, dict) and update:
        told = (join((element("code", name), f"{COLON}{_short(value)}")) for name, value in list(update.items())[:40])
        parts += [element("h3", _("What the update went by")), items(told)]
    return join(parts, "\n")


def _kinds(report: Mapping[str, Any]) -> Html:
    """What was asked for, by kind of address and what became of it."""
    kinds = report.get("addresses")
    if not isinstance(kinds, dict) or not kinds:
        return Html("")
    found = {str(kind): states for kind, states in list(kinds.items())[:50] if isinstance(states, dict)}
    states = sorted({str(state) for entry in found.values() for state in entry})[:10]
    words = {
        "read": _("answered"), "pending": _("waiting"), "captured": _("captured, to be read"),
        "failed": _("without a final answer"), "refused": _("forbidden by robots.txt"),
    }  # fmt: skip
    rows = [(kind, *(count(_number(entry.get(state))) for state in states)) for kind, entry in sorted(found.items())]
    heads = (_("Kind"), *(words.get(state, state) for state in states))
    return table(heads, rows, caption=_("Addresses of this walk"), numbers=len(states))


def _dicts(value: Any) -> Iterable[dict[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _number(value: Any) -> float:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else 0


def _short(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_short(part)}" for name, part in list(value.items())[:40])
    if isinstance(value, list):
        return ", ".join(_short(part) for part in value[:40])
    return decimal(value, 0) if isinstance(value, int) else decimal(value) if isinstance(value, float) else str(value)
