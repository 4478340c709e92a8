"""All that the room says to its readers, in one place: the templates take their sentences from `SAY`."""

from __future__ import annotations

import re

from osiris_crawler.amounts import count
from osiris_crawler.i18n import COLON, LOCALE, _, languages, ngettext

LANGUAGE = next((name for name in languages() if (LOCALE / name).is_dir()), "en")
_DAY = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")

MONTHS = (
    _("January"), _("February"), _("March"), _("April"), _("May"), _("June"), _("July"), _("August"), _("September"),
    _("October"), _("November"), _("December"),
)  # fmt: skip
SHORT_MONTHS = tuple(_("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec").split())

SAY = {
    "about": _("About this article"),
    "all_outlets": _("The newspapers"),
    "all_tags": _("The keywords"),
    "articles": _("articles"),
    "as_csv": _("As CSV"),
    "as_it_was": _("As it was"),
    "as_it_was_of": _("The archived page, as it was"),
    "as_json": _("As JSON"),
    "authors": _("By"),
    "back_to_article": _("Back to the article"),
    "best": _("Best first"),
    "by": _("rule"),
    "capture": _("Capture"),
    "cause": _("Cause"),
    "changed": _("The dataset has changed since this room was opened: start “osiris browse” again to read the new one."),
    "choices": _("Narrow the choice"),
    "chosen": _("Chosen"),
    "colon": COLON,
    "compare": _("Compare"),
    "copies": _("Reprints"),
    "digest": _("Sum of the content"),
    "documents": _("Documents"),
    "documents_more": _("The files are at their original addresses, and in the archive."),
    "earliest": _("The earliest"),
    "earlier": _("Earlier article"),
    "empty": _("Nothing was found."),
    "empty_fewer": _("Try fewer words, or other ones. Accents, capitals and endings make no difference."),
    "empty_narrow": _("Without what was chosen beside it:"),
    "events": _("What else happened"),
    "first_page": _("To the first page"),
    "facet_outlet": _("Newspaper"),
    "facet_section": _("Section"),
    "facet_tag": _("Keyword"),
    "facet_year": _("Year"),
    "facet_month": _("Month"),
    "field": _("Field"),
    "first_captured": _("First archived"),
    "fields": _("Fields that changed"),
    "folded": _("unchanged text is left out"),
    "from_version": _("From version"),
    "full": _("Show the whole text, with typography"),
    "gone": _("gone:"),
    "help": _("How to search"),
    "help_and": _("Every word must be there, in any of its forms: “élection” finds “élections”, “senegal” finds “Sénégal”."),
    "help_not": _("-word must not be there"),
    "help_or": _("one OU other: one of the two"),
    "help_phrase": _("\"these words\" stand together"),
    "help_star": _("télécom* is a beginning"),
    "images": _("Pictures"),
    "images_more": _("Pictures are not loaded here; they are shown in the page as it was."),
    "keywords": _("Keywords"),
    "last_captured": _("Last archived"),
    "last_changed": _("Last changed"),
    "later": _("Later article"),
    "latest": _("Latest articles"),
    "link": _("Read online"),
    "moved_away": _("moved away from here:"),
    "moved_here": _("moved here:"),
    "name": _("reading room"),
    "new": _("new:"),
    "newest": _("Newest first"),
    "next": _("Next page"),
    "no_ledger": _("The ledger of this collection can't be read, so its versions can't be compared. “osiris rebuild” makes it anew."),
    "no_versions": _("There is one version: nothing has changed since it was first archived."),
    "not_known": _("where from: not known"),
    "notes": _("Notes"),
    "number": _("Version"),
    "oldest": _("Oldest first"),
    "order": _("Order"),
    "original": _("Original address"),
    "other_addresses": _("Other addresses"),
    "pages": _("Pages"),
    "previous": _("Previous page"),
    "provenance": _("Where each field comes from"),
    "provenance_more": _("For every field the rule that read it, how sure that is, and the capture that says so."),
    "ps": _("Postscript"),
    "remove": _("Take away:"),
    "replay_asked": _("Show the archived page"),
    "replay_again": _("This page asks again by itself."),
    "replay_begins": _("The replay is being started; this takes a few seconds."),
    "replay_how": _("“osiris replay” shows the archive as it was; this room was opened without it (--no-replay)."),
    "replay_in_tab": _("Open it in a tab of its own, with all captures"),
    "replay_note": _("Shown without its scripts, from the archive alone. Links lead to other archived pages."),
    "reprint": _("Reprint"),
    "results": _("Results"),
    "rule": _("Rule"),
    "search": _("Search"),
    "search_label": _("Search the articles"),
    "search_placeholder": _("élections, “haut débit”, télécom* …"),
    "section": _("Section"),
    "sections": _("The sections"),
    "show_results": _("Show them as a list"),
    "skip": _("Skip to the content"),
    "source": _("Source"),
    "sure": _("How sure"),
    "sure_fair": _("fairly sure"),
    "sure_high": _("sure"),
    "sure_low": _("unsure"),
    "table": _("Table"),
    "the_text": _("The text as it was read"),
    "the_years": _("Year by year"),
    "timeline": _("Timeline"),
    "timeline_more": _("A column is a month; the taller, the more articles. Each leads to them."),
    "to_version": _("to version"),
    "too_long": _("Too long to be compared word by word."),
    "typography_only": _("Only typography differs."),
    "value": _("Value"),
    "versions": _("Versions"),
    "whole_section": _("All sections"),
    "withdrawn": _("The site no longer has this article."),
}  # fmt: skip

# The record's fields, the causes and the events of the dataset, as a reader would call them; the names stay in JSON and CSV.
_FIELDS = {
    "id": _("Name"), "url": _("Address"), "urls": _("Addresses"), "title": _("Title"), "overline": _("Overline"),
    "subtitle": _("Subtitle"), "date": _("Date"), "date_text": _("Date as written"), "section": _("Section"), "tags": _("Keywords"),
    "authors": _("Authors"), "lead": _("Lead"), "body": _("Text"), "ps": _("Postscript"), "notes": _("Notes"),
    "sources": _("Sources"), "link": _("Read online"), "images": _("Pictures"), "documents": _("Documents"),
    "language": _("Language"), "kind": _("Kind"), "duplicate_of": _("Reprint"), "version": _("Version"),
    "first_seen": _("First archived"), "last_changed": _("Last changed"), "withdrawn": _("Withdrawn"),
    "content_digest": _("Sum of the content"), "capture": _("Capture"), "reader": _("Reader"), "issues": _("Not read"),
}  # fmt: skip
_CAUSES = {"site": _("the site"), "reader": _("a better reading"), "import": _("an import")}
_EVENTS = {
    "added": _("added"), "changed": _("changed"), "withdrawn": _("withdrawn"), "restored": _("back again"), "moved": _("moved"),
}  # fmt: skip


def field(name: str) -> str:
    return _FIELDS.get(name, name)


def cause(name: str | None) -> str:
    return _CAUSES.get(name or "", "–")


def event(name: str) -> str:
    return _EVENTS.get(name, "–")


def count_of_articles(number: int) -> str:
    return ngettext("%(count)s article", "%(count)s articles", number) % {"count": count(number)}


def day(text: str | None) -> str:
    """2015-01-30 → 30 January 2015; also months and years alone, and the day of an instant. What is no day stays."""
    found = _DAY.match(text or "")
    if not found:
        return text or ""
    year, month, date = found.groups()
    if month is None or not 1 <= int(month) <= 12:
        return year
    name = MONTHS[int(month) - 1]
    if date is None:
        return f"{name} {year}"
    number = "1er" if LANGUAGE == "fr" and date == "01" else str(int(date))
    return f"{number} {name} {year}"


def instant(text: str | None) -> str:
    """2026-05-10T12:00:01.123456Z → 10 May 2026, 12:00 UTC"""
    return f"{day(text)}, {text[11:16]} UTC" if text and len(text) > 16 else day(text)


def percent(share: float) -> str:
    """Never rounded up to a hundred."""
    return _("%(percent)d %% of the words in common") % {"percent": int(share * 100)}
