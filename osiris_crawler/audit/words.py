"""How an audit speaks of what it finds: on a terminal, in a certificate, in the report."""

from __future__ import annotations

from osiris_crawler.audit.model import Audit, Contradiction, Missing
from osiris_crawler.care.completeness import state
from osiris_crawler.i18n import _, ngettext


def kind(name: str) -> str:
    """What a missing thing is."""
    return {"article": _("article"), "page": _("page that lists"), "file": _("file"), "warc": _("WARC file")}[name]


def named(said: str) -> str:
    """Who names it."""
    return {
        "listing": _("a listing"), "sitemap": _("the sitemap"), "feed": _("the feed"), "link": _("a link"), "cloud": _("the keyword cloud"),
    }.get(said, said)  # fmt: skip


def headline(told: Audit) -> str:
    """The outcome in a sentence."""
    figures = {"held": told.held, "published": told.published}
    lead = _("%(held)d of %(published)d published articles are held.") % figures
    if told.complete:
        return lead + " " + _("Nothing that the site names is missing.")
    other = len(told.missing) - (told.published - told.held)
    articles = told.published - told.held
    parts = []
    if articles:
        parts.append(ngettext("%(n)d article is missing.", "%(n)d articles are missing.", articles) % {"n": articles})
    if other:
        parts.append(ngettext("%(n)d other thing is missing.", "%(n)d other things are missing.", other) % {"n": other})
    return " ".join([lead, *parts])


def why(thing: Missing) -> str:
    """The state of a missing thing with what is known of it."""
    told = state(thing.state)
    if thing.to:
        told += " → " + thing.to
    if thing.detail:
        told += f" ({thing.detail})"
    if thing.since:
        told += ", " + _("since %(day)s") % {"day": thing.since[:10]}
    return told


def contradiction(one: Contradiction) -> str:
    """A contradiction in a sentence."""
    figures = {"about": one.about, "first": one.first, "second": one.second}
    if one.state == "listed-twice":
        return _("%(about)s: its pages have %(first)d entries, %(second)d of them different.") % figures
    if one.state == "counted-not-listed":
        return (
            _("%(about)s: the cloud counts %(first)d, its listing has %(second)d: counted, and listed nowhere.")
            % figures
        )
    return _("%(about)s: the cloud counts %(first)d, its listing has %(second)d.") % figures
