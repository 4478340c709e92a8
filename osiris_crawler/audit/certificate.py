"""The certificate of an audit: a dated page that stands by itself, and its figures as JSON, to be filed with a WACZ."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from osiris_crawler import __version__
from osiris_crawler.amounts import count
from osiris_crawler.archive import fixity
from osiris_crawler.audit import words
from osiris_crawler.audit.model import Audit, Missing, Row, Said
from osiris_crawler.care.completeness import state as state_words
from osiris_crawler.export.report.markup import (
    Html,
    element,
    folded,
    instant,
    items,
    join,
    link,
    page,
    paragraph,
    table,
    tiles,
)
from osiris_crawler.i18n import COLON, _
from osiris_crawler.paths import Collection, replace_file, writable

_SHOWN = 5000  # rows of a table on the page; the JSON file has all
COMMAND = "sha256sum archive/*.warc* dataset/articles.jsonl dataset/changes.jsonl | LC_ALL=C sort -k2 | sha256sum"


def write(collection: Collection, told: Audit, to: Path | None) -> list[Path]:
    """Write the page and its figures; gives both paths. `to` is a folder that is there, or the name of the page.

    UsageError where it can't be written.
    """
    stem = f"{collection.name}-audit-{told.at.replace('-', '').replace(':', '')}"
    target = (to or collection.exports) / stem if to is None or to.is_dir() else to.with_suffix("")
    facts = {
        "certificate": _("Certificate of completeness"),
        "software": f"osiris-crawler/{__version__}",
        "state": state_of(collection),
        **told.as_json(),
    }
    paths = [target.with_name(target.name + ".html"), target.with_name(target.name + ".json")]
    with writable(target.parent, _("Choose another place with --to PATH.")):
        target.parent.mkdir(parents=True, exist_ok=True)
        replace_file(paths[1], text=json.dumps(facts, ensure_ascii=False, indent=1) + "\n")
        replace_file(paths[0], text=certificate(told, facts["state"]))
    return paths


def state_of(collection: Collection) -> dict[str, Any]:
    """The sum that stands for what was held, and how to take it again."""
    sum, lines = fixity.state(collection)
    return {"algorithm": "sha-256", "hash": sum, "command": COMMAND, "files": lines}


def certificate(told: Audit, state: dict[str, Any]) -> str:
    """The page: outcome, what is missing, contradictions, figures, method, state."""
    sections: dict[str, tuple[str, Html]] = {"missing": (_("What is missing, and why"), _missing(told))}
    if told.contradictions:
        told_so = items(words.contradiction(one) for one in told.contradictions)
        about = paragraph(_("Statements of the site that can't both be true. None of them is a gap of the archive."))
        sections["contradictions"] = (_("Where the site contradicts itself"), join([about, told_so]))
    sections |= {
        "accounted": (_("Accounted for"), _accounted(told)),
        "years": (_("By year"), _rows(told.years, _("Year"), _("withdrawn"))),
        "sections": (_("By section"), _rows(told.sections, _("Section"), _("surplus"))),
        "keywords": (_("By keyword"), _rows(told.keywords, _("Keyword"), _("surplus"))),
        "months": (_("Months worth a look"), _odd(told)),
        "method": (_("Method"), _method(told)),
        "state": (_("State of the collection"), _state(told, state)),
    }
    head = join(
        [
            paragraph(words.headline(told), "lead"),
            tiles(
                [
                    (_("published"), count(told.published), _("articles that the site names")),
                    (_("held"), count(told.held), _("of them, each with its capture")),
                    (_("missing"), count(len(told.missing)), _("each named below")),
                    (_("withdrawn"), count(told.withdrawn), _("held, no longer published")),
                ]
            ),
            paragraph(
                _("Site %(site)s, collection %(name)s, %(at)s UTC.")
                % {"site": told.site, "name": told.collection, "at": instant(told.at)}
            ),
        ]
    )
    return page(_("Certificate of completeness: %(name)s") % {"name": told.collection}, head, sections)


def _missing(told: Audit) -> Html:
    if not told.missing:
        return paragraph(_("Nothing. Everything that the site names is held."))
    states = table(
        [_("State"), _("How many")],
        ([state_words(name), count(number)] for name, number in told.states().items()),
        caption=_("What is missing, by state"),
        numbers=1,
    )
    rows = (
        [
            link(thing.url, thing.title or thing.url),
            words.kind(thing.kind),
            thing.date or "–",
            words.why(thing),
            _who(thing),
        ]
        for thing in told.missing[:_SHOWN]
    )
    names = [_("What"), _("Kind"), _("Date"), _("State"), _("Named by")]
    return join([states, table(names, rows, caption=_("Each of them")), _rest(len(told.missing))])


def _who(thing: Missing) -> Html:
    return join((_said(said) for said in thing.said), "; ") if thing.said else Html("–")


def _said(said: Said | None) -> Html:
    """Whose word it is, with the capture that holds it."""
    if said is None:
        return Html("–")
    parts: list[Any] = [link(said.url, words.named(said.kind))]
    if said.date:
        parts.append(f" {said.date[:10]}")
    if said.warc is not None:
        parts += [" ", element("code", f"{said.warc}:{said.offset}")]
    return join(parts)


def _rest(number: int) -> Html:
    if number <= _SHOWN:
        return Html("")
    return paragraph(_("… and %(count)s more; the JSON file names them.") % {"count": count(number - _SHOWN)})


def _accounted(told: Audit) -> Html:
    parts = []
    if told.nameable:
        rows = (
            [
                link(thing.url),
                state_words(thing.state),
                thing.id or "–",
                link(thing.to) if thing.to else "–",
                (thing.since or "–")[:10],
            ]
            for thing in told.nameable[:_SHOWN]
        )
        names = [_("Address"), _("State"), _("Article"), _("Leads to"), _("Since")]
        parts.append(
            folded(
                _("Addresses: %(count)s") % {"count": count(len(told.nameable))},
                table(names, rows, caption=_("Named, and no article of their own")),
            )
        )
    if told.restricted:
        parts.append(paragraph(_("Held and not shown: %(count)s.") % {"count": count(told.restricted)}))
    if told.dead_links:
        links = items(join([link(thing.url), f"{COLON}{words.why(thing)}"]) for thing in told.dead_links[:_SHOWN])
        parts.append(folded(_("Links that lead nowhere: %(count)s") % {"count": count(len(told.dead_links))}, links))
    return join(parts) if parts else paragraph(_("No address needs an explanation."))


def _rows(rows: Iterable[Row], name: str, last: str) -> Html:
    listed = list(rows)
    if not listed:
        return paragraph(_("The site says nothing of it."))
    shown = (
        [
            row.name or "–",
            _said(row.said) if row.said is not None else "–",
            count(row.expected) if row.at_most is None else f"{count(row.expected)}–{count(row.at_most)}",
            count(row.held),
            count(row.missing),
            count(row.surplus),
        ]
        for row in listed[:_SHOWN]
    )
    names = [name, _("Who says so"), _("says"), _("held"), _("missing"), last]
    made = table(names, shown, caption=_("What the site says, and what is held"), numbers=4)
    return folded(_("%(count)s rows") % {"count": count(len(listed))}, made)


def _odd(told: Audit) -> Html:
    if not told.odd:
        return paragraph(_("No month stands out from those beside it."))
    rows = ([odd.month, count(odd.held), f"{count(odd.least)}–{count(odd.most)}"] for odd in told.odd)
    about = paragraph(
        _(
            "Their count falls outside what the months beside them make likely. That is no error: the site may have written more or less."
        )
    )
    return join([about, table([_("Month"), _("held"), _("likely")], rows, caption=_("Months worth a look"), numbers=2)])


def _method(told: Audit) -> Html:
    asked = (
        _("The site was asked before (run %(run)s, %(requests)d requests).")
        % {"run": told.asked["run"], "requests": told.asked["requests"]}
        if told.asked is not None
        else _("The site was not asked: the audit goes by captures alone.")
    )
    span = (
        _("Listings were read from %(oldest)s to %(newest)s.")
        % {"oldest": told.oldest[:10], "newest": told.newest[:10]}
        if told.oldest and told.newest
        else ""
    )
    lines = [
        _(
            "Expected is what the site names by its own words: every entry of every listing, the totals of its pagination and of "
            "its keyword cloud, sitemap, feeds, and every link. Each statement stands with the capture that it was read from."
        ),
        _(
            "Held is an article of the dataset whose capture is in the archive: the head of each record was looked at, "
            "%(captures)d captures (WARC files: %(files)d). Their bytes are checked by “osiris verify”."
        )
        % {"captures": told.archive.captures, "files": told.archive.files},
        _("What no page names is not counted: nothing is said of it."),
        asked,
        span,
    ]
    if told.numbers is not None:
        lines.append(
            _(
                "SPIP's numbers: %(held)d are held, the highest is %(highest)d; %(unnamed)d are not held. SPIP numbers drafts and "
                "refused articles too, so these are no gaps."
            )
            % told.numbers
        )
    return items(_whole(line) for line in lines if line)


def _whole(text: str) -> Html:
    """A text of our own, which is not cut."""
    return Html(html.escape(text))


def _state(told: Audit, state: dict[str, Any]) -> Html:
    return join(
        [
            paragraph(join([_("sha-256 of what was held: "), element("code", state["hash"])])),
            paragraph(join([_("To be had again, in the collection's folder: "), element("code", state["command"])])),
            folded(
                _("%(count)s files") % {"count": count(len(state["files"]))},
                element("pre", _whole("\n".join(state["files"]))),
            ),
            paragraph(_("Made by %(software)s.") % {"software": f"osiris-crawler {__version__}"}),
        ]
    )
