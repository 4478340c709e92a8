"""osiris sources: the outlets that a collection's articles name, and the names that no list knows yet."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from osiris_crawler.care.keeping import existing, only_collection
from osiris_crawler.care.rebuilding import site_of
from osiris_crawler.commands import options
from osiris_crawler.commands.printing import plain
from osiris_crawler.crawl.terminal import console, show_table
from osiris_crawler.dataset.reading import read_articles
from osiris_crawler.errors import Exit, UsageError
from osiris_crawler.extract.outlet_list import KINDS
from osiris_crawler.extract.outlet_names import host_of, squash
from osiris_crawler.extract.outlets import Authority, authority
from osiris_crawler.i18n import _, ngettext
from osiris_crawler.paths import Collection
from osiris_crawler.settings import Settings, load
from osiris_crawler.site import profile

_ROWS = 40  # that people are shown, unless they ask for more
_LONGEST = 80  # letters of a name that are shown
_MOST_HOSTS = 5  # hosts of links that are told of a name


@dataclass(slots=True)
class Named:
    """An outlet, or a name that no entry has, with what the articles say of it."""

    outlet: str
    how: str  # exact, shared, unknown; of an outlet that is known the sources may have been found in several ways
    key: str | None = None
    kind: str | None = None
    country: str | None = None
    count: int = 0  # sources that name it
    first: str | None = None  # year of the first article, and of the last
    last: str | None = None
    written: Counter[str] = field(default_factory=Counter)  # names as they stand in the sources
    similar: Counter[str] = field(default_factory=Counter)  # of these, what was matched by similarity
    hosts: Counter[str] = field(default_factory=Counter)  # where their links lead

    def add(self, name: str | None, host: str | None, year: str | None, *, similar: bool) -> None:
        self.count += 1
        if name:
            self.written[name] += 1
            if similar:
                self.similar[name] += 1
        if host:
            self.hosts[host] += 1
        if year:
            self.first = min(self.first or year, year)
            self.last = max(self.last or year, year)


@dataclass(slots=True)
class Gathered:
    """What the sources of a dataset name, the most frequent first."""

    articles: int = 0
    with_source: int = 0
    sources: int = 0
    known: list[Named] = field(default_factory=list)
    unknown: list[Named] = field(default_factory=list)


def gather(articles: Iterable[dict[str, Any]], known: Authority) -> Gathered:
    """Match every source with the list as it is today."""
    found = Gathered()
    listed: dict[str, Named] = {}
    others: dict[str, Named] = {}
    for article in articles:
        found.articles += 1
        found.with_source += bool(article["sources"])
        for source in article["sources"]:
            found.sources += 1
            name, host = source["name"], host_of(source["url"])
            match = known.match(name, source["url"])
            outlet = known.get(match.key)
            if outlet is not None:
                named = listed.setdefault(
                    outlet.key, Named(outlet.name, "exact", outlet.key, outlet.kind, outlet.country)
                )
            else:
                shown = match.outlet or host or ""
                if not shown:
                    continue  # nothing but a date stands there
                named = others.setdefault(squash(shown) or shown, Named(shown, match.how))
            year = (article["date"] or source["date"] or "")[:4] or None
            named.add(name, host, year, similar=match.how == "similar")
    found.known = _sorted(listed)
    found.unknown = _sorted(others)
    return found


def _sorted(found: dict[str, Named]) -> list[Named]:
    return sorted(found.values(), key=lambda named: (-named.count, squash(named.outlet)))


def stanzas(unknown: Iterable[Named], known: Authority) -> Iterator[str]:
    """Entries for a profile, as TOML; what is not known of them is a comment."""
    taken = set(known.outlets)
    for named in unknown:
        if named.how == "shared":
            yield f"# {plain(named.outlet, _LONGEST)}: {_('a name of several outlets; the profile’s country decides')}\n"
            continue
        key = _key(named.outlet, taken)
        taken.add(key)
        variants = [name for name in named.written if squash(name) != squash(named.outlet)]
        lines = [f"# {named.count}, {_years(named)}", f"[outlets.{key}]", f"name = {_quoted(named.outlet)}"]
        if variants:
            lines.append(f"variants = [{', '.join(map(_quoted, variants))}]")
        lines.append(f"# kind = {_quoted('newspaper')}  # {', '.join(KINDS)}")
        lines.append(f"# country = {_quoted('SN')}")
        if named.hosts:
            hosts = [host for host, _count in named.hosts.most_common(_MOST_HOSTS)]
            # Of an address that stands for the name the domain is certain; a link may lead to whoever reprinted it.
            mark = "# " if named.written else ""
            lines.append(f"{mark}domains = [{', '.join(map(_quoted, hosts))}]")
        yield "\n".join(lines) + "\n"


def _key(name: str, taken: set[str]) -> str:
    """A key that no entry has yet: “La Sentinelle” → la-sentinelle."""
    folded = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))
    stem = re.sub(r"[^a-z0-9]+", "-", folded).strip("-")[:60].strip("-") or "outlet"
    key, turn = stem, 2
    while key in taken:
        key, turn = f"{stem}-{turn}", turn + 1
    return key


def _quoted(text: str) -> str:
    """A basic string of TOML; its escapes are JSON's."""
    return json.dumps(plain(text), ensure_ascii=False)


def _years(named: Named) -> str:
    if named.first is None:
        return "–"
    return named.first if named.first == named.last else f"{named.first}–{named.last}"


# -- the command ------------------------------------------------------------------------------------------------------------


def run(settings: Settings, *, unknown: bool, toml: bool, rows: int | None) -> int:
    """Show the outlets of a collection; gives the exit code."""
    if toml and settings.json:
        raise UsageError(_("--toml and --json exclude each other."), _("Leave one of them out."))
    collection = existing(Collection(settings.output, settings.collection or only_collection(settings.output)))
    known = _list_of(collection, settings.profile)
    found = gather(read_articles(collection), known)
    if settings.json:
        click.echo(json.dumps(report(collection, found), ensure_ascii=False))
    elif toml:
        shown = found.unknown if rows is None else found.unknown[:rows]
        click.echo("\n".join(stanzas(shown, known)), nl=False)
    else:
        _show(found, settings, unknown=unknown, rows=_ROWS if rows is None else rows)
    return int(Exit.DONE)


def _list_of(collection: Collection, profile_file: Path | None) -> Authority:
    """The list that the collection is read with; the built-in one where no WARC file says which site it is of."""
    if profile_file is not None:
        return profile.load_file(profile_file).outlets
    try:
        return site_of(collection).outlets
    except UsageError:
        return authority()


def report(collection: Collection, found: Gathered) -> dict[str, Any]:
    """The whole of it, as `--json` prints it."""
    return {
        "collection": str(collection.root),
        "articles": found.articles,
        "with_source": found.with_source,
        "sources": found.sources,
        "known": [
            {"key": n.key, "outlet": n.outlet, "kind": n.kind, "country": n.country, **_counts(n)} for n in found.known
        ],
        "unknown": [{"outlet": n.outlet, "how": n.how, **_counts(n)} for n in found.unknown],
    }


def _counts(named: Named) -> dict[str, Any]:
    return {
        "sources": named.count,
        "first": named.first,
        "last": named.last,
        "written": dict(named.written.most_common()),
        "similar": dict(named.similar.most_common()),
        "hosts": dict(named.hosts.most_common()),
    }


def _show(found: Gathered, settings: Settings, *, unknown: bool, rows: int) -> None:
    out = console(settings)
    out.print(
        ngettext(
            "%(articles)d article, %(with)d with a source; outlets known: %(known)d, names unknown: %(unknown)d.",
            "%(articles)d articles, %(with)d with a source; outlets known: %(known)d, names unknown: %(unknown)d.",
            found.articles,
        )
        % {
            "articles": found.articles,
            "with": found.with_source,
            "known": len(found.known),
            "unknown": len(found.unknown),
        }
    )
    if found.known and not unknown:
        table = _table(_("Outlet"), _("Kind"), _("Country"), _("Sources"), _("Years"))
        kinds = _kinds()
        for named in found.known[:rows]:
            kind = kinds[named.kind] if named.kind else "–"
            table.add_row(_cell(named.outlet), kind, named.country or "–", str(named.count), _years(named))
        show_table(out, table)
        _more(out, len(found.known), rows)
    similar = [(name, count, named.outlet) for named in found.known for name, count in named.similar.items()]
    if similar and not unknown:
        table = _table(_("Written"), _("Taken for, by similarity"), _("Sources"))
        for name, count, outlet in sorted(similar, key=lambda each: -each[1])[:rows]:
            table.add_row(_cell(name), _cell(outlet), str(count))
        show_table(out, table)
        _more(out, len(similar), rows)
    if found.unknown:
        shared = any(named.how == "shared" for named in found.unknown[:rows])
        remark = [_("Remark")] if shared else []
        table = _table(_("Unknown"), *remark, _("Sources"), _("Years"))
        for named in found.unknown[:rows]:
            several = [_("name of several") if named.how == "shared" else ""] if shared else []
            table.add_row(_cell(named.outlet), *several, str(named.count), _years(named))
        show_table(out, table)
        _more(out, len(found.unknown), rows)
        if shared:
            out.print(
                _("Several outlets bear a “name of several”; “country” in a profile settles which one is meant."),
                markup=False,
            )
        out.print(_("“osiris sources --unknown --toml” prints them as entries for a profile of your own."))


def _table(*titles: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for title in titles:
        table.add_column(title, justify="right" if title == _("Sources") else "left")
    return table


def _kinds() -> dict[str, str]:
    """What the kinds of outlets are called."""
    return {
        "newspaper": _("newspaper"), "magazine": _("magazine"), "agency": _("agency"), "website": _("website"),
        "newsletter": _("newsletter"), "radio": _("radio"), "television": _("television"), "institution": _("institution"),
        "association": _("association"), "company": _("company"),
    }  # fmt: skip


def _cell(text: str) -> Text:
    return Text(plain(text, _LONGEST))


def _more(out: Any, count: int, rows: int) -> None:
    if count > rows:
        out.print(_("… and %(count)d more: --limit shows them.") % {"count": count - rows})


@click.command(
    help=_("Show the outlets that the articles name: known and unknown, by frequency, with first and last year."),
    epilog=options.example("osiris sources -c osiris\nosiris sources -c osiris --unknown --toml >> my-site.toml"),
)
@options.collection
@click.option("--unknown", is_flag=True, help=_("Only the names that no list knows."))
@click.option("--toml", is_flag=True, help=_("Print the unknown names on stdout as entries for a site profile."))
@click.option("--limit", "rows", type=click.IntRange(1), metavar="N", help=_("Show so many rows at most. Default: 40."))
@click.option(
    "--profile", type=click.Path(path_type=Path), metavar="FILE", help=_("A site profile of your own (TOML).")
)
@options.talk
def command(unknown: bool, toml: bool, rows: int | None, **arguments: Any) -> int:
    return run(load(arguments), unknown=unknown, toml=toml, rows=rows)
