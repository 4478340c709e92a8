"""osiris restrict: hide an article from dataset, exports, search and replay, or show it again. The WARC files stay."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from osiris_crawler.care import restricting, restrictions
from osiris_crawler.care.keeping import existing, finish_dead, locked, only_collection
from osiris_crawler.care.rebuilding import site_of
from osiris_crawler.care.restricting import Changed, Subject
from osiris_crawler.care.showing import Kept, left_out
from osiris_crawler.commands import options
from osiris_crawler.commands.printing import plain
from osiris_crawler.crawl.terminal import console, show_table
from osiris_crawler.dataset.lookup import look_up, whole_articles
from osiris_crawler.dataset.publish import Published
from osiris_crawler.errors import Exit, UsageError
from osiris_crawler.i18n import _, ngettext
from osiris_crawler.paths import Collection
from osiris_crawler.settings import Settings, load
from osiris_crawler.site.profile import Site

_LONGEST = 2000  # letters of a reason, an authority, an address


def change(settings: Settings, wanted: str, alter: Callable[[Collection, Subject], Changed], *, lifted: bool) -> int:
    """Restrict, or lift what restricts, and bring the dataset in line; gives the exit code."""
    collection = _collection(settings)
    out = console(settings)

    def say(text: str) -> None:
        out.print(text, style="yellow", markup=False)

    with locked(collection):
        finish_dead(collection, say)
        site = site_of(collection)
        subject = _subject(collection, site, wanted, say, lifted=lifted)
        done = alter(collection, subject)
        published: Published | None = None
        if "dataset" in done.scopes or restricting.out_of_line(collection):
            published = restricting.republish(collection, site, say)
        handed = not lifted and (not done.scopes or bool(done.scopes & {"dataset", "exports"}))
        exports = restricting.still_held(collection) if handed else []
    if settings.json:
        report = {
            "id": subject.id,
            "urls": list(subject.urls),
            "removed" if lifted else "added": done.lines,
            "dataset": None if published is None else {"articles": published.articles, "changes": published.changes},
            "exports": exports,
        }
        click.echo(json.dumps(report, ensure_ascii=False))
        return int(Exit.DONE)
    name = plain(subject.id or subject.urls[0], 300)
    if lifted:
        said = _("%(id)s is restricted no more.") if done.lines else _("%(id)s is not restricted.")
    else:
        said = _("%(id)s is restricted.") if done.lines else _("%(id)s is restricted already, on the same terms.")
    out.print(said % {"id": name}, markup=False)
    _consequences(out, published, exports)
    return int(Exit.DONE)


def _consequences(out: Console, published: Published | None, exports: list[str]) -> None:
    if published is not None:
        said = ngettext(
            "The dataset has %(count)d article now.", "The dataset has %(count)d articles now.", published.articles
        )
        out.print(said % {"count": published.articles})
    if exports:
        out.print(
            _("What was exported before may still hold it, and is to be made again: %(names)s.")
            % {"names": plain(", ".join(exports), 1000)},
            style="yellow", markup=False,
        )  # fmt: skip


def listing(settings: Settings) -> int:
    """All lines of restrictions.jsonl; gives the exit code."""
    collection = _collection(settings)
    found, now = restrictions.read(collection.restrictions), datetime.now(UTC)
    if settings.json:
        lines = [
            {
                "line": one.line, "id": one.id, "url": one.url, "scope": sorted(one.scope), "reason": one.reason,
                "authority": one.authority, "until": one.until.isoformat() if one.until else None,
                "in_force": any(one.holds(scope, now) for scope in one.scope),
            }
            for one in found
        ]  # fmt: skip
        click.echo(json.dumps({"restrictions": lines}, ensure_ascii=False))
        return int(Exit.DONE)
    out = console(settings)
    if not found:
        out.print(_("Nothing is restricted."))
        return int(Exit.DONE)
    table = Table(_("Restricted"), _("Scope"), _("Reason"), _("Authority"), _("Until"), box=None, padding=(0, 2, 0, 0))
    for one in found:
        until = one.until.strftime("%Y-%m-%d %H:%M UTC") if one.until else _("for ever")
        over = one.until is not None and one.until <= now
        scope = _("all") if one.scope == set(restrictions.SCOPES) else ", ".join(sorted(one.scope))
        cells = (
            one.id or one.url or "",
            scope,
            one.reason,
            one.authority,
            _("%(when)s, over") % {"when": until} if over else until,
        )
        table.add_row(*(Text(plain(cell, 300)) for cell in cells), style="dim" if over else "")
    show_table(out, table)
    return int(Exit.DONE)


def _collection(settings: Settings) -> Collection:
    return existing(Collection(settings.output, settings.collection or only_collection(settings.output)))


def _subject(collection: Collection, site: Site, wanted: str, say: Callable[[str], None], *, lifted: bool) -> Subject:
    """The article that is meant, be it hidden; else an address as it stands, or what a line of the file names.

    UsageError when none is meant, or several are.
    """
    kept = Kept(collection)
    try:
        found = look_up(whole_articles(collection), wanted, site, kept.hides)
    except UsageError:
        told = left_out(collection, site, wanted, kept, say, lambda done, total: None)
        if told is None:
            address = len(wanted) <= _LONGEST and wanted.lower().startswith(("http://", "https://"))
            if not address and not (
                lifted and any(one.id == wanted for one in restrictions.read(collection.restrictions))
            ):
                raise
            return Subject(None, (wanted,)) if address else Subject(wanted, ())
        found = told[0]
    return restricting.of_article(found.article)


def _text(value: str, option: str) -> str:
    """A reason or an authority: one line, not empty."""
    text = " ".join(plain(value).split())
    if not text or len(text) > _LONGEST:
        raise UsageError(
            _("%(option)s needs a text of at most %(count)d letters.") % {"option": option, "count": _LONGEST},
            _("Who decided, and why, is what those ask who come later."),
        )
    return text


def _day(until: str | None) -> str | None:
    """A last day, not over yet."""
    if until is None:
        return None
    try:
        day = datetime.strptime(until, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        raise UsageError(_("--until %(day)r is no day.") % {"day": until}, _("Write it as YYYY-MM-DD.")) from None
    if day < datetime.now(UTC).date():
        raise UsageError(_("--until %(day)s is over.") % {"day": day}, _("It is the last day of the restriction."))
    return day.isoformat()


@click.command(
    help=_(
        "Hide an article from dataset, exports, search and replay, on an authority and for a reason; WARC files stay as they are."
        " With --lift it is shown again. ID is what it is for “osiris show”, or an address that is no article's."
    ),
    epilog=options.example(
        'osiris restrict 3170 --reason "Named by mistake" --authority "Court of Dakar, 2026/17"\n'
        "osiris restrict --list\nosiris restrict 3170 --lift"
    ),
)
@click.argument("wanted", metavar="[ID|URL]", required=False)
@options.collection
@click.option("--reason", metavar="TEXT", help=_("Why."))
@click.option("--authority", metavar="TEXT", help=_("Who decided it."))
@click.option(
    "--scope",
    multiple=True,
    type=click.Choice([*restrictions.SCOPES, "all"]),
    help=_("Where it is hidden, as often as needed. Default: all."),
)
@click.option("--until", metavar="DAY", help=_("The last day, YYYY-MM-DD, in UTC. Default: without end."))
@click.option("--list", "listed", is_flag=True, help=_("Show all restrictions."))
@click.option("--lift", is_flag=True, help=_("Take away every restriction of it."))
@options.talk
def command(
    wanted: str | None,
    reason: str | None,
    authority: str | None,
    scope: tuple[str, ...],
    until: str | None,
    listed: bool,
    lift: bool,
    **arguments: Any,
) -> int:
    terms = reason is not None or authority is not None or bool(scope) or until is not None
    settings = load(arguments)
    if listed:
        if wanted is not None or lift or terms:
            raise UsageError(_("--list stands alone."), _("Leave the other options out."))
        return listing(settings)
    if not wanted:
        raise UsageError(_("Which article is meant is not said."), _("Name an ID or an address, or say --list."))
    if lift:
        if terms:
            raise UsageError(
                _("--lift takes all restrictions of an article away."),
                _("Restrict it again on other terms after that."),
            )
        return change(settings, wanted, restricting.lift, lifted=True)
    if reason is None or authority is None:
        raise UsageError(_("A restriction needs --reason and --authority."), _("Say why, and who decided it."))
    said = {"reason": _text(reason, "--reason"), "authority": _text(authority, "--authority")}
    last = _day(until)

    def restrict(collection: Collection, subject: Subject) -> Changed:
        return restricting.restrict(collection, subject, scope=scope or ("all",), until=last, **said)

    return change(settings, wanted, restrict, lifted=False)
