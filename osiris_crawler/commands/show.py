"""osiris show: one article to read, and for every field of it which capture says so, by which rule, and how surely."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from osiris_crawler.care.keeping import existing, only_collection
from osiris_crawler.care.rebuilding import site_of
from osiris_crawler.care.restrictions import Restriction
from osiris_crawler.care.rule_names import rule_name
from osiris_crawler.care.showing import Shown, show
from osiris_crawler.commands import options
from osiris_crawler.commands.printing import instant, plain, wrapped
from osiris_crawler.crawl.terminal import bar, console
from osiris_crawler.dataset.evidence import Evidence, Place
from osiris_crawler.errors import Exit
from osiris_crawler.i18n import COLON, _, ngettext
from osiris_crawler.paths import Collection
from osiris_crawler.record import keys
from osiris_crawler.settings import Settings, load

_SHORT = 400  # letters of a text that --short leaves
_INDENT = 15  # columns of a field's name
_LISTED = 10  # reprints, and parts of a field, that are told on the terminal
_COLOURS = {"high": "green", "fair": "yellow", "low": "red"}
_LONG = ("lead", "body", "ps", "notes")


def run(settings: Settings, wanted: str, *, short: bool, with_restricted: bool) -> int:
    """Show an article; gives the exit code."""
    collection = existing(Collection(settings.output, settings.collection or only_collection(settings.output)))
    out = console(settings)
    site = site_of(collection, settings.profile)
    with bar(out, _("Reading the WARC files"), unit="bytes") as progress:
        shown = show(
            collection, site, wanted, with_restricted=with_restricted,
            say=lambda text: out.print(text, style="yellow", markup=False), progress=progress,
        )  # fmt: skip
    if settings.json:
        click.echo(json.dumps(report(shown), ensure_ascii=False))
    elif shown.found is None:
        _restricted(out, shown)
    else:
        _Page(out, shown, short=short).print()
    return int(Exit.DONE)


def report(shown: Shown) -> dict[str, Any]:
    """All of it, as `--json` prints it."""
    found: dict[str, Any] = {
        "id": shown.id,
        "restricted": [
            {
                "scope": sorted(one.scope),
                "reason": one.reason,
                "authority": one.authority,
                "until": one.until.isoformat() if one.until else None,
            }
            for one in shown.restrictions
        ],
        "article": None,
        "provenance": {},
        "versions": [],
        "events": [],
        "duplicates": [],
    }
    if shown.found is not None:
        found["article"] = shown.found.article
        found["provenance"] = {name: evidence.as_json() for name, evidence in shown.testimony.fields.items()}
        found["versions"] = shown.versions
        found["events"] = shown.events
        found["duplicates"] = [
            {"id": copy.id, "date": copy.date, "title": copy.title, "url": copy.url} for copy in shown.found.copies
        ]
        found["duplicates_restricted"] = shown.found.hidden
        found["ledger_agrees"] = shown.testimony.agrees
    return found


def _restricted(out: Console, shown: Shown) -> None:
    out.print(Text(_("%(id)s is restricted: its text is not shown.") % {"id": plain(shown.id, 300)}, style="yellow"))
    _reasons(out, shown.restrictions)
    out.print(_("--with-restricted shows it all the same, to you alone."), markup=False, soft_wrap=False)


def _reasons(out: Console, restrictions: list[Restriction]) -> None:
    for one in restrictions:
        for name, value in (
            (_("Reason"), one.reason),
            (_("Authority"), one.authority),
            (_("Until"), one.until.strftime("%Y-%m-%d %H:%M UTC") if one.until else _("for ever")),
        ):
            out.print(_field(f"{name}: ", plain(value) or "–"), soft_wrap=False)


def _field(name: str, value: str) -> Text:
    return Text.assemble((name, "dim"), value)


class _Page:
    """An article on the terminal. Captures are numbered as they come up, and listed at the end."""

    def __init__(self, out: Console, shown: Shown, *, short: bool) -> None:
        assert shown.found is not None
        self._out, self._shown, self._short = out, shown, short
        self._found, self._article = shown.found, shown.found.article
        self._places: list[Place] = []
        self._gap = False  # whether a long text stands before, which an empty line ends

    def print(self) -> None:
        self._line(Text(plain(self._article["title"], 2000), style="bold"))
        self._state()
        empty: list[str] = []
        for name in keys():
            if self._article[name] in (None, "", []):
                empty.append(name)
            else:
                self._value(name)
        if empty:
            self._line(Text(""))
            self._line(_field(_("Empty: "), ", ".join(empty)))
        self._versions()
        self._captures()

    def _line(self, text: Text, indent: int = 0) -> None:
        wrapped(self._out, text, indent)

    def _state(self) -> None:
        article, found = self._article, self._found
        if self._shown.restrictions:
            self._line(Text(_("It is restricted: keep what you see here, do not show it."), style="yellow"))
            _reasons(self._out, self._shown.restrictions)
        if article["withdrawn"]:
            said = _("Withdrawn: the site has not had it since %(when)s.") % {"when": instant(article["withdrawn"])}
            self._line(Text(said, style="red"))
        if article["duplicate_of"]:
            self._line(Text(_("A reprint of %(id)s.") % {"id": plain(article["duplicate_of"], 300)}, style="yellow"))
        if found.copies or found.hidden:
            self._line(Text(_("Its reprints, %(count)d:") % {"count": len(found.copies) + found.hidden}))
            for copy in found.copies[:_LISTED]:
                self._line(Text(f"{copy.date or '–'}  {plain(copy.id, 200)}{COLON}{plain(copy.title, 200)}"), 2)
            if len(found.copies) > _LISTED:
                self._line(Text(_("… and %(count)d more.") % {"count": len(found.copies) - _LISTED}), 2)
            if found.hidden:
                text = ngettext(
                    "%(count)d of them is restricted.", "%(count)d of them are restricted.", found.hidden
                )
                self._line(Text(text % {"count": found.hidden}), 2)
        if not self._shown.testimony.agrees:
            said = _(
                "The ledger does not tell of this article what the dataset tells: a run is under way, or “osiris rebuild” is due."
            )
            self._line(Text(said, style="yellow"))

    def _value(self, name: str) -> None:
        """A field's name beside its value; behind it where that comes from."""
        evidence = self._shown.testimony.fields.get(name, Evidence())
        source = self._evidence(evidence)
        lines = [Text(plain(line)) for line in self._texts(name)]
        if evidence.parts:
            lines = [
                Text.assemble(f"{plain(value, 2000)}  ", self._evidence(part))
                for value, part in evidence.parts[:_LISTED]
            ]
            if len(evidence.parts) > _LISTED:
                lines.append(Text(_("… and %(count)d more.") % {"count": len(evidence.parts) - _LISTED}, style="dim"))
        elif len(lines) == 1 and lines[0].cell_len + 2 + source.cell_len <= self._out.width - _INDENT:
            lines = [Text.assemble(lines[0], "  ", source)]
        else:
            lines.append(source)
        if name in _LONG or self._gap:
            self._line(Text(""))
        self._gap = name in _LONG
        label = Text(f"{name:<{_INDENT}}", style="bold cyan")
        for number, part in enumerate(lines[0].wrap(self._out, max(self._out.width - _INDENT, 20))):
            part.rstrip()
            self._out.print(Text.assemble(label if number == 0 else " " * _INDENT, part))
        for text in lines[1:]:
            self._line(text, _INDENT)

    def _texts(self, name: str) -> list[str]:
        lines = _lines(name, self._article[name])
        if self._short and name in _LONG:
            whole = "\n".join(lines)
            lines = _cut(whole).split("\n")
        return lines or [""]

    def _evidence(self, evidence: Evidence) -> Text:
        if evidence.rule is None and evidence.place is None:
            return Text(_("where from: not known"), style="dim")
        told = Text(f"‹ {plain(rule_name(evidence.rule) if evidence.rule else _('rule not told'), 200)}", style="dim")
        if evidence.sure:
            words = {"high": _("sure"), "fair": _("fairly sure"), "low": _("unsure")}
            told.append(" · ")
            told.append(words.get(evidence.sure, plain(evidence.sure, 20)), style=_COLOURS.get(evidence.sure, ""))
        if evidence.place:
            told.append(f" · [{self._number(evidence.place)}]")
        return told

    def _number(self, place: Place) -> int:
        if place not in self._places:
            self._places.append(place)
        return self._places.index(place) + 1

    def _versions(self) -> None:
        versions, others = self._shown.versions, self._shown.other_events
        if versions:
            self._line(Text("\n" + _("Versions"), style="bold"))
        for told, version in zip(versions, self._shown.testimony.versions, strict=True):
            said = f"{told['version']}  {instant(told['date'])}  {told['content_digest'][:19]}…  {_told(told)}"
            self._line(Text(f"{plain(said)} · [{self._number(version.place)}]"), 2)
        if others:
            self._line(Text("\n" + _("Other events"), style="bold"))
        for event in others:
            self._line(Text(plain(f"{instant(event['at'])}  {event['event']}, {_told(event)}")), 2)

    def _captures(self) -> None:
        if self._places:
            self._line(Text("\n" + _("Captures"), style="bold"))
        for number, place in enumerate(self._places, 1):
            self._line(Text(f"[{number}] {instant(place.date)}  {plain(place.warc)}:{place.offset}"), 2)
            self._line(Text(plain(place.url), style="dim"), 6)
            if place.original is not None:
                said = _("a revisit: its body is in %(file)s:%(offset)d")
                values = {"file": plain(place.original[0]), "offset": place.original[1]}
                self._line(Text(said % values, style="dim"), 6)


def _told(event: dict[str, Any]) -> str:
    """The cause of an event and the fields that changed."""
    cause = str(event["cause"] or "–")
    return f"{cause}{COLON}{', '.join(map(str, event['fields']))}" if event["fields"] else cause


def _lines(name: str, value: Any) -> list[str]:
    """A value as lines to read."""
    if name == "section":
        return [" › ".join(value)]
    if name in ("tags", "authors", "issues"):
        return [", ".join(value)]
    if name == "capture":
        return [f"{value['warc']}:{value['offset']}"]
    if name in ("first_seen", "last_changed", "withdrawn"):
        return [f"{instant(value)} UTC"]
    if name == "sources":
        return [line for source in value for line in _source(source)]
    if name in ("images", "documents"):
        return [
            f"– {media['title'] or ''} ({media['type'] or '?'})  {media['url']}".replace("–  ", "– ") for media in value
        ]
    if isinstance(value, list):
        return [f"– {item}" for item in value]
    return str(value).split("\n")


def _source(source: dict[str, Any]) -> list[str]:
    told = [str(source[part]) for part in ("name", "outlet", "date", "url") if source[part]]
    return [f"– {source['text']}", f"  {' · '.join(dict.fromkeys(told))}"]


def _cut(text: str) -> str:
    if len(text) <= _SHORT:
        return text
    return text[:_SHORT].rsplit(" ", 1)[0] + " " + _("… (%(count)d letters)") % {"count": len(text)}


@click.command(
    help=_(
        "Show one article, and for every field which capture says so, by which rule, and how surely; its versions, aliases"
        " and reprints. ID is an id, the first six letters or more of one, an address of the article, or SPIP's number."
    ),
    epilog=options.example("osiris show 3170 -c osiris\nosiris show https://www.osiris.sn/article3170.html --short"),
)
@click.argument("wanted", metavar="ID")
@options.collection
@click.option("--short", is_flag=True, help=_("Show the beginning of long texts only."))
@click.option(
    "--with-restricted", is_flag=True, help=_("Show it though it is restricted: for your own eyes, not for showing.")
)
@click.option(
    "--profile", type=click.Path(path_type=Path), metavar="FILE", help=_("A site profile of your own (TOML).")
)
@options.talk
def command(wanted: str, short: bool, with_restricted: bool, **arguments: Any) -> int:
    return run(load(arguments), wanted, short=short, with_restricted=with_restricted)
