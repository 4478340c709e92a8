"""What both kinds of report tell: events with the titles they are of, alarms, gaps, fields' quality."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from osiris_crawler.amounts import count, share
from osiris_crawler.care.alarm_names import name_of
from osiris_crawler.dataset.reading import read_articles
from osiris_crawler.export.report.figures import FILLED, Quality
from osiris_crawler.export.report.markup import (
    SHADES,
    Html,
    cell,
    element,
    folded,
    instant,
    items,
    join,
    link,
    paragraph,
    safe,
    table,
)
from osiris_crawler.export.report.veil import Veil
from osiris_crawler.i18n import COLON, _
from osiris_crawler.paths import Collection

MOST_SHOWN = 200  # entries of any list
_MOST_PAGES = 20  # of an alarm
_START = b'{"id":"'


@dataclass(frozen=True, slots=True)
class Named:
    """What an event is of. Without a title: it must not be named."""

    title: str | None
    date: str | None


def event_word(event: str) -> str:
    words = {
        "added": _("new"),
        "changed": _("changed"),
        "withdrawn": _("withdrawn"),
        "restored": _("back again"),
        "moved": _("moved"),
    }
    return words.get(event, event)


def cause_word(cause: str) -> str:
    words = {"site": _("the site"), "reader": _("a better reader"), "import": _("an import")}
    return words.get(cause, cause)


def articles_of(collection: Collection) -> Iterator[dict[str, Any]]:
    """The dataset's lines; none where there is no dataset yet."""
    return read_articles(collection) if collection.articles.exists() else iter(())


def lines_of(collection: Collection, wanted: set[str], *, all: bool) -> Iterator[dict[str, Any]]:
    """The lines of some ids: the others are passed over unread, unless all are wanted. A line begins with its id."""
    if all or not collection.articles.exists():
        yield from articles_of(collection)
        return
    sought = {json.dumps(id, ensure_ascii=False)[1:-1].encode("utf-8", "replace") for id in wanted}
    with collection.articles.open("rb") as lines:
        for line in lines:
            id = line[len(_START) : line.find(b'"', len(_START))]
            if not line.startswith(_START) or b"\\" in id or id in sought:
                yield json.loads(line)


def named(article: Mapping[str, Any], veil: Veil) -> Named:
    return Named(None if veil.covers(article) else article["title"], article["date"])


def events(told: Iterable[Mapping[str, Any]], names: Mapping[str, Named], veil: Veil, *, word: bool = True) -> Html:
    """Events as a list: when, what, of which article, and why."""
    return items(_event(change, names, veil, word) for change in told)


def _event(change: Mapping[str, Any], names: Mapping[str, Named], veil: Veil, word: bool) -> Html:
    id, url = change.get("id"), str(change.get("url") or "")
    known = names.get(id) if isinstance(id, str) else None
    if veil.event(id, url) or (known is not None and known.title is None):
        subject: Html = element("em", _("an article under restriction"))
    else:
        subject = link(url, known.title if known is not None and known.title else url)
    parts = [element("time", instant(change["at"])), " "]
    if word:
        parts += [element("b", event_word(change["event"])), " "]
    parts.append(subject)
    if known is not None and known.date:
        parts.append(f" ({known.date})")
    fields = change.get("fields")
    if isinstance(fields, list) and fields:
        parts += [COLON, join((element("code", name) for name in fields[:20]), ", ")]
    if change["cause"] != "site":
        parts += [" – ", _("by %(cause)s") % {"cause": cause_word(change["cause"])}]
    return join(parts)


def alarms(found: Sequence[Mapping[str, Any]], veil: Veil) -> Html:
    """What a run was alarmed by: what was expected, what was seen, where to look."""
    return join(_alarm(alarm, veil) for alarm in found[:MOST_SHOWN])


def _alarm(alarm: Mapping[str, Any], veil: Veil) -> Html:
    pages = alarm.get("pages")
    shown = [str(url) for url in pages[:_MOST_PAGES]] if isinstance(pages, list) else []
    return element(
        "div",
        element("h3", name_of(str(alarm.get("name", "?"))), " ", veil.address(str(alarm.get("about") or ""))),
        paragraph(_("Expected: %(what)s") % {"what": alarm.get("expected", "–")}),
        paragraph(_("Seen: %(what)s") % {"what": alarm.get("seen", "–")}),
        items(veil.address(url) for url in shown) if shown else "",
        paragraph(alarm["next"], "note") if isinstance(alarm.get("next"), str) else "",
        class_="alarm",
    )


def gaps(failures: Iterable[tuple[str, str]], veil: Veil) -> Html:
    """Addresses without a final answer, by why; each of them when it is asked for."""
    found = list(failures)
    if not found:
        return paragraph(_("Every address got a final answer."), "good")
    reasons = Counter(problem or "?" for _url, problem in found).most_common(MOST_SHOWN)
    listed = items(join((veil.address(url), " – ", problem or "?")) for url, problem in found[:MOST_SHOWN])
    more = len(found) - MOST_SHOWN
    return join(
        (
            table(
                (_("Why"), _("Addresses")),
                ((why, count(number)) for why, number in reasons),
                caption=_("Addresses without a final answer"),
                numbers=1,
            ),
            folded(
                _("Which they are"),
                join((listed, paragraph(_("… and %(count)d more.") % {"count": more}) if more > 0 else "")),
            ),
        )
    )


def refusals(refused: Iterable[tuple[str, int, str]], veil: Veil) -> Html:
    """Links that were not followed, by rule."""
    rows = [(reason, veil.address(sample), count(links)) for reason, links, sample in refused][:MOST_SHOWN]
    if not rows:
        return Html("")
    return folded(
        _("Links that a rule kept from being followed"),
        table((_("Rule"), _("One of them"), _("Links")), rows, caption=_("Links not followed"), numbers=1),
    )


def layouts(found: Iterable[Mapping[str, Any]]) -> Html:
    """Looks of the articles' pages."""
    rows = [
        (look.get("layout") or _("in none that is known"), instant(look.get("first")), instant(look.get("last")), count(look["pages"]))
        for look in list(found)[:MOST_SHOWN]
    ]  # fmt: skip
    if not rows:
        return paragraph(_("No article was read yet."), "note")
    heads = (_("Layout"), _("First seen"), _("Last seen"), _("Pages"))
    return table(heads, rows, caption=_("Layouts of the articles’ pages, and when they were met"), numbers=1)


def quality(rows: Iterable[tuple[str, Quality]], head: str, caption: str) -> Html:
    """How many articles of each group have a field, as shares."""
    labels = {
        "date": _("Date"), "section": _("Section"), "tags": _("Keywords"), "sources": _("Sources"),
        "authors": _("Authors"), "lead": _("Lead"), "images": _("Pictures"),
    }  # fmt: skip
    heads = (head, _("Articles"), *(labels[name] for name in FILLED), _("Body"), _("Letters"), _("Issues"))
    lines = []
    for name, group in rows:
        all = group.articles
        full = all - group.empty()
        shares = [(group.filled[field], all) for field in FILLED] + [(full, all)]
        lines.append(
            (
                name,
                cell(count(all)),
                *(cell(share(part, whole), _filled(part, whole)) for part, whole in shares),
                cell(count(group.median())),
                cell(share(group.issues, all), 1 if group.issues else None),
            )
        )
    return element("div", table(heads, lines, caption=caption, heat=True), class_="fields")


def _filled(part: int, whole: int) -> int:
    """Shade of a share."""
    return -(-part * SHADES // whole) if whole else 0


def sentence(text: str) -> Html:
    return paragraph(safe(text), "note")
