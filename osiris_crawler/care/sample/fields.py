"""What is scored of an article: the fields of the record that its page says, in the order of the sheet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from osiris_crawler.i18n import _

Values = list[str]
_NOTHING = "–"  # a part that one of several sources does not have


@dataclass(frozen=True, slots=True)
class Field:
    """`values` gives what was read, none when nothing was; TypeError or KeyError for a line that is no record."""

    name: str
    label: str
    values: Callable[[Mapping[str, Any]], Values]
    hint: str = ""
    beside: str = ""  # a field of the record that is shown with it and not scored


def _text(name: str) -> Callable[[Mapping[str, Any]], Values]:
    return lambda article: _checked([article[name]] if article[name] else [])


def _texts(name: str) -> Callable[[Mapping[str, Any]], Values]:
    return lambda article: _checked(_list(article[name]))


def _part(name: str) -> Callable[[Mapping[str, Any]], Values]:
    """One part of every source; where none of them has it nothing was read."""

    def values(article: Mapping[str, Any]) -> Values:
        found = [source[name] for source in _list(article["sources"])]
        return _checked([value or _NOTHING for value in found]) if any(found) else []

    return values


def _media(name: str) -> Callable[[Mapping[str, Any]], Values]:
    def values(article: Mapping[str, Any]) -> Values:
        return [
            "\n".join(_checked([media[part] for part in ("title", "url", "type") if media[part]]))
            for media in _list(article[name])
        ]

    return values


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError(value)
    return value


def _checked(values: list[Any]) -> Values:
    if not all(isinstance(value, str) for value in values):
        raise TypeError(values)
    return values


_ELSEWHERE = _("Listings may have said it: “can’t tell” where the page says nothing of it.")

FIELDS: tuple[Field, ...] = (
    Field("title", _("Title"), _text("title")),
    Field("overline", _("Overline"), _text("overline"), _("the line above the title")),
    Field("subtitle", _("Subtitle"), _text("subtitle"), _("the line below the title")),
    Field("date", _("Date"), _text("date"), _("the day of publication"), "date_text"),
    Field("authors", _("Authors"), _texts("authors")),
    Field("section", _("Section"), _texts("section"), _ELSEWHERE),
    Field("tags", _("Keywords"), _texts("tags"), _ELSEWHERE),
    Field("lead", _("Lead"), _text("lead")),
    Field("body", _("Body"), _text("body"), _("all of the text and nothing else, in its order")),
    Field("ps", _("Post-scriptum"), _text("ps")),
    Field("notes", _("Notes"), _texts("notes")),
    Field("sources.text", _("Source line"), _part("text"), _("the line as written, of every source")),
    Field("sources.name", _("Source: name"), _part("name"), _("as written; none where only an address stands there")),
    Field("sources.outlet", _("Source: outlet"), _part("outlet"), _("the outlet that the name is taken for")),
    Field("sources.url", _("Source: address"), _part("url")),
    Field("sources.date", _("Source: date"), _part("date")),
    Field("link", _("Link"), _text("link"), _("the address of “Voir en ligne”")),
    Field("images", _("Pictures"), _media("images"), _("those of the article, not of the site")),
    Field("documents", _("Documents"), _media("documents")),
    Field("language", _("Language"), _text("language")),
)
