"""What the rules are called by which fields were found; the archive and `--json` have the reader's own words."""

from __future__ import annotations

import re

from osiris_crawler.i18n import SEMICOLON, _

_NAMES = {
    "SPIP's number": _("SPIP's number"),
    "address that answered": _("address that answered"),
    "addresses of its captures": _("addresses of its captures"),
    "answers with the article": _("answers with the article"),
    "as written": _("as written"),
    "beside the text": _("beside the text"),
    "breadcrumb": _("breadcrumb"),
    "by address": _("by address"),
    "byline": _("byline"),
    "canonical link": _("canonical link"),
    "captures in their order": _("captures in their order"),
    "date below": _("date below"),
    "date line": _("date line"),
    "date line with weekday": _("date line with weekday"),
    "earliest capture": _("earliest capture"),
    "end of notes": _("end of notes"),
    "end of post-scriptum": _("end of post-scriptum"),
    "end of text": _("end of text"),
    "end of title": _("end of title"),
    "first full response of this version": _("first full response of this version"),
    "given for good": _("given for good"),
    "heading": _("heading"),
    "in two runs": _("in two runs"),
    "keyword links": _("keyword links"),
    "keyword links behind the date": _("keyword links behind the date"),
    "last part of the address": _("last part of the address"),
    "learned": _("learned"),
    "line before the source": _("line before the source"),
    "line of its own": _("line of its own"),
    "listing of the keyword": _("listing of the keyword"),
    "listing of the section": _("listing of the section"),
    "listings of keywords": _("listings of keywords"),
    "machine-readable stamp": _("machine-readable stamp"),
    "markup": _("markup"),
    "name of several": _("name of several"),
    "order": _("order of the lines"),
    "outlet list": _("outlet list"),
    "page that says it is not there": _("page that says it is not there"),
    "reader": _("reader"),
    "reader and learned chrome": _("reader and learned chrome"),
    "redirects to the article": _("redirects to the article"),
    "rules of the profile": _("rules of the profile"),
    "sha-256 of what was read": _("sha-256 of what was read"),
    "similar to": _("similar to"),
    "text": _("text"),
    "text beside the earliest": _("text beside the earliest"),
    "else the page's own word": _("else the page's own word"),
    "title tag": _("title tag"),
}
_KNOWN = re.compile(r"(?<![^\s,;+])(?:" + "|".join(sorted(map(re.escape, _NAMES), key=len, reverse=True)) + r")(?![^\s,;+])")


def rule_name(rule: str) -> str:
    """A rule in the language of the program: its parts (“end of text; outlet list, by address”) each by its name. What is
    none of ours, a name or an instant, stays."""
    parts = rule.split("; ")
    return SEMICOLON.join(_KNOWN.sub(lambda found: _NAMES[found[0]], part) for part in parts)
