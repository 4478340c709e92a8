"""What the tables and their columns are called, and how a figure is written, for people."""

from __future__ import annotations

from dataclasses import dataclass

from osiris_crawler.i18n import _, ngettext

TITLES = {
    "time": _("Articles over time"),
    "keywords": _("Keywords"),
    "keywords_by_year": _("Keywords by year"),
    "outlets": _("Outlets that printed it first"),
    "outlets_by_year": _("Outlets by year"),
    "lengths": _("Lengths over time, in words"),
    "words": _("Articles by length, in words"),
    "flows": _("Reprints, from the earliest outlet to the later ones"),
    "languages": _("Languages"),
    "fields": _("Fields: how many articles have them"),
    "fields_by_year": _("Fields by year: the share of articles that have them"),
    "issues": _("What could not be read, by kind"),
}
HEADS = {
    "period": _("Period"),
    "month": _("Month"),
    "year": _("Year"),
    "articles": _("Articles"),
    "reprints": _("Reprints"),
    "with_source": _("With a source"),
    "withdrawn": _("Withdrawn"),
    "words": _("Words"),
    "keyword": _("Keyword"),
    "outlet": _("Outlet"),
    "language": _("Language"),
    "field": _("Field"),
    "issue": _("Issue"),
    "share": _("Share"),
    "first": _("First"),
    "last": _("Last"),
    "lowest_in": _("Lowest in"),
    "lowest_share": _("Lowest share"),
    "from": _("From"),
    "to": _("To"),
    "p10": "10 %",
    "p25": "25 %",
    "median": _("Median"),
    "p75": "75 %",
    "p90": "90 %",
}
UNDATED = _("undated")


@dataclass(frozen=True, slots=True)
class Origin:
    """What every chart says of its data. `day` is the newest capture's, YYYY-MM-DD."""

    collection: str
    articles: int
    day: str

    def line(self) -> str:
        count = ngettext("%(count)s article", "%(count)s articles", self.articles) % {"count": number(self.articles)}
        return _("Source: collection %(name)s, %(articles)s, newest capture %(day)s") % {
            "name": self.collection, "articles": count, "day": self.day,
        }  # fmt: skip


def number(value: int) -> str:
    """12345 → 12 345, as French and SI write it, with a narrow space that does not break."""
    return f"{value:,}".replace(",", "\u202f")


def percent(share: float) -> str:
    """0.5 → 50 %; what is not none and not all is never rounded to it."""
    whole = round(100 * share)
    if share and not whole:
        return "< 1\u202f%"
    return "> 99\u202f%" if whole == 100 and share < 1 else f"{whole}\u202f%"
