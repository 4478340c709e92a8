"""osiris history: the versions of an article, what happened to it between them, and word by word what changed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from osiris_crawler.care.history import FIELDS, Change, History, Version, history
from osiris_crawler.care.keeping import existing, only_collection
from osiris_crawler.care.rebuilding import site_of
from osiris_crawler.care.showing import Shown
from osiris_crawler.commands import options, show
from osiris_crawler.commands.printing import instant, plain, wrapped
from osiris_crawler.commands.telling import lines
from osiris_crawler.crawl.terminal import bar, console
from osiris_crawler.dataset.worddiff import GONE, LEFT, NEW, TYPOGRAPHY, Diff
from osiris_crawler.errors import Exit
from osiris_crawler.i18n import COLON, _, ngettext
from osiris_crawler.paths import Collection
from osiris_crawler.settings import Settings, load

_LINES = 200  # paragraphs shown of a field, unless all is asked for


def run(
    settings: Settings,
    wanted: str,
    *,
    first: int | None,
    last: int | None,
    fields: tuple[str, ...],
    full: bool,
    with_restricted: bool,
) -> int:
    """Show the history of an article; gives the exit code."""
    collection = existing(Collection(settings.output, settings.collection or only_collection(settings.output)))
    out = console(settings)
    site = site_of(collection, settings.profile)
    wished = tuple(name for name in FIELDS if name in fields) or FIELDS

    def say(text: str) -> None:
        out.print(text, style="yellow", markup=False)

    with ExitStack() as stack:
        with bar(out, _("Reading the WARC files"), unit="bytes") as progress:
            told = stack.enter_context(
                history(collection, site, wanted, with_restricted=with_restricted, say=say, progress=progress)
            )
        pairs = told.pairs(first, last) if told.found is not None else []
        changes = (told.change(old, new, wished) for old, new in pairs)  # two texts at a time are held
        if settings.json:
            click.echo(json.dumps(report(told, changes), ensure_ascii=False))
        elif told.found is None:
            _restricted(out, told)
        else:
            if first is None and last is None:
                _life(out, told)
            else:
                _head(out, told)
            for change in changes:
                _change(out, change, full=full)
    return int(Exit.DONE)


def report(told: History, changes: Iterable[Change]) -> dict[str, Any]:
    """All of it, as `--json` prints it."""
    return {
        "id": told.id,
        "restricted": show.report(Shown(told.id, told.restrictions))["restricted"],
        "ledger_agrees": told.agrees,
        "versions": [version.as_json() for version in told.versions],
        "events": told.events,
        "changes": [
            {
                "from": change.old.number,
                "to": change.new.number,
                "at": change.new.first,
                "cause": change.new.cause,
                "fields": {name: [list(part) for part in diff.told] for name, diff in change.fields.items()},
                "coarse": [name for name, diff in change.fields.items() if diff.coarse],
            }
            for change in changes
        ],
    }


def _restricted(out: Console, told: History) -> None:
    said = _("%(id)s is restricted: its text is not shown.") % {"id": plain(told.id, 300)}
    wrapped(out, Text(said, style="yellow"))
    wrapped(out, Text(_("“osiris show” says why, and by whom.")))
    wrapped(out, Text(_("--with-restricted shows it all the same, to you alone.")))


def _head(out: Console, told: History) -> None:
    assert told.found is not None
    wrapped(out, Text(plain(told.found.article["title"], 2000), style="bold"))
    wrapped(out, Text(plain(told.id, 300), style="dim"))
    if told.restrictions:
        wrapped(out, Text(_("It is restricted: keep what you see here, do not show it."), style="yellow"))
    if not told.agrees:
        said = _(
            "The ledger does not tell of this article what the dataset tells: a run is under way, or “osiris rebuild” is due."
        )
        wrapped(out, Text(said, style="yellow"))


def _life(out: Console, told: History) -> None:
    """Versions and events, in the order of time."""
    _head(out, told)
    out.print("")
    # Of one instant the event stands first: what is restored may come back with another text.
    life = [(event["at"], 0, _event(event)) for event in told.events]
    life += [(version.first, 1, _version(version)) for version in told.versions]
    for _at, _order, (line, *more) in sorted(life, key=lambda one: one[:2]):
        wrapped(out, line)
        for text in more:
            wrapped(out, text, 21)
    if len(told.versions) == 1:
        out.print("")
        wrapped(out, Text(_("It has one version: nothing has changed.")))


def _version(version: Version) -> list[Text]:
    named = _("version %(number)d") % {"number": version.number}
    captures = _("captures: %(count)d, the last %(when)s")
    values = {"count": version.captures, "when": instant(version.last)}
    told = [
        Text.assemble(
            instant(version.first), "  ", (named, "bold"), plain(f"  {_cause(version.cause, version.fields)}")
        ),
        Text(captures % values if version.captures > 1 else _("captures: 1"), style="dim"),
    ]
    told.append(Text(plain(f"{version.place.warc}:{version.place.offset}"), style="dim"))
    return told


def _event(event: dict[str, Any]) -> list[Text]:
    cause = _cause(event["cause"], event["fields"])
    name = plain(str(event["event"]), 40)
    style = {"withdrawn": "red", "restored": "green"}.get(name, "yellow")
    return [Text.assemble(instant(event["at"]), "  ", (name, style), plain(f"  {cause}"))]


def _cause(cause: Any, fields: Iterable[Any]) -> str:
    named = ", ".join(map(str, fields))
    return f"{cause or '–'}{COLON}{named}" if named else str(cause or "–")


def _change(out: Console, change: Change, *, full: bool) -> None:
    old, new = change.old.number, change.new.number
    said = _("From version %(from)d to %(to)d, %(when)s")
    out.print("")
    wrapped(out, Text(said % {"from": old, "to": new, "when": instant(change.new.first)}, style="bold"))
    for name, diff in change.fields.items():
        wrapped(out, Text.assemble((f"{name}{COLON}", "bold cyan"), (", ".join(_counts(diff)), "dim")), 2)
        if diff.only_typography and not full:
            continue
        told = lines(diff, full=full)
        shown = told if full else told[:_LINES]
        for line in shown:
            wrapped(out, line, 4)
        if len(told) > len(shown):
            more = ngettext(
                "… and %(count)d paragraph more: --full shows it.",
                "… and %(count)d paragraphs more: --full shows them.",
                len(told) - len(shown),
            )
            wrapped(out, Text(more % {"count": len(told) - len(shown)}, style="dim"), 4)
    if not change.fields:
        wrapped(out, Text(_("Nothing differs in these fields."), style="dim"), 2)


def _counts(diff: Diff) -> Iterator[str]:
    """How much of a text is otherwise."""
    if diff.only_typography:
        yield _("typography only, places: %(count)d") % {"count": diff.places(TYPOGRAPHY)}
        return
    gone, new = diff.words(GONE), diff.words(NEW)
    if gone or new:
        yield _("words gone: %(gone)d, new: %(new)d") % {"gone": gone, "new": new}
    if diff.places(LEFT):
        yield _("paragraphs moved: %(count)d") % {"count": diff.places(LEFT)}
    if diff.places(TYPOGRAPHY):
        yield _("places of typography: %(count)d") % {"count": diff.places(TYPOGRAPHY)}
    if diff.coarse:
        yield _("too long to be compared word by word")


@click.command(
    help=_(
        "Show the versions of an article: when each was first and last captured, why it came, and word by word what changed."
        " Typography makes no change: spaces, quotes, apostrophes, dashes, soft hyphens. Gone is [-so-], new {+so+}, unchanged"
        " stretches are folded. ID is an id, the first six letters or more of one, an address of the article, or SPIP's number."
    ),
    epilog=options.example("osiris history 3170 -c osiris\nosiris history 3170 --from 1 --to 3 --field body --full"),
)
@click.argument("wanted", metavar="ID")
@options.collection
@click.option(
    "--from", "first", type=click.IntRange(1), metavar="N",
    help=_("Compare this version. Default: with --to the one before it."),
)  # fmt: skip
@click.option(
    "--to", "last", type=click.IntRange(1), metavar="N",
    help=_("Compare with this version. Default: with --from the newest."),
)  # fmt: skip
@click.option(
    "--field",
    "fields",
    type=click.Choice(FIELDS),
    metavar="NAME",
    multiple=True,
    help=_("Only this field; it can be given more than once."),
)
@click.option("--full", is_flag=True, help=_("Fold nothing, and mark what differs in its typography {~so~}."))
@click.option(
    "--with-restricted", is_flag=True, help=_("Show it though it is restricted: for your own eyes, not for showing.")
)
@click.option(
    "--profile", type=click.Path(path_type=Path), metavar="FILE", help=_("A site profile of your own (TOML).")
)
@options.talk
def command(
    wanted: str,
    first: int | None,
    last: int | None,
    fields: tuple[str, ...],
    full: bool,
    with_restricted: bool,
    **arguments: Any,
) -> int:
    return run(
        load(arguments), wanted, first=first, last=last, fields=fields, full=full, with_restricted=with_restricted
    )
