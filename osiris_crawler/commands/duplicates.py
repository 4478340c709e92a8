"""osiris duplicates: articles that are one text, cluster by cluster, with what differs from the earliest of each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice, takewhile
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from osiris_crawler.care.keeping import existing, only_collection
from osiris_crawler.care.rebuilding import site_of
from osiris_crawler.care.showing import Kept
from osiris_crawler.commands import options
from osiris_crawler.commands.printing import plain, wrapped
from osiris_crawler.crawl.terminal import console
from osiris_crawler.dataset.clusters import (
    Cluster,
    Difference,
    Gathered,
    Place,
    differences,
    gather,
    members,
    outlets,
    worded,
    words_of,
)
from osiris_crawler.dataset.lookup import look_up, whole_articles
from osiris_crawler.errors import Exit, UsageError
from osiris_crawler.i18n import COLON, _, ngettext
from osiris_crawler.paths import Collection
from osiris_crawler.settings import Settings, load

_CLUSTERS = 40  # that people are shown, unless they ask for more
_PLACES = 5  # of each pair
_COPIES = 50  # of a cluster that people are shown
_LETTERS = 160  # of a title or of a field's value
_STRETCH = 600  # … of what was cut or added


def run(settings: Settings, *, most: int | None, least: int, wanted: str | None) -> int:
    """Show the clusters; gives the exit code."""
    collection = existing(Collection(settings.output, settings.collection or only_collection(settings.output)))
    kept = Kept(collection)
    found = gather(whole_articles(collection), kept.hides, least)
    chosen = found.clusters
    if wanted is not None:
        chosen = _one(collection, found, wanted, settings.profile, kept)
    if settings.json:
        shown = chosen[:most]
        told = [_told(cluster, articles) for cluster, articles in members(collection.articles, shown)]
        click.echo(json.dumps(_report(collection, found, told, len(chosen) - len(shown)), ensure_ascii=False))
        return int(Exit.DONE)
    shown = chosen[: _CLUSTERS if most is None else most]
    out = console(settings)
    _summary(out, found, least)
    for number, (cluster, articles) in enumerate(members(collection.articles, shown), 1):
        out.print("")
        _show(out, number, cluster, articles)
    if wanted is not None and not chosen:
        out.print(_("%(id)s is in no cluster.") % {"id": plain(wanted, 200)}, markup=False)
    if len(chosen) > len(shown):
        out.print("")
        out.print(_("… and %(count)d more: --limit shows them.") % {"count": len(chosen) - len(shown)})
    return int(Exit.DONE)


def _one(collection: Collection, found: Gathered, wanted: str, profile: Path | None, kept: Kept) -> list[Cluster]:
    """The cluster of one article, none where it has no other."""
    meant = look_up(whole_articles(collection), wanted, site_of(collection, profile), kept.hides)
    if meant.restricted:
        raise UsageError(
            _("%(id)s is restricted.") % {"id": meant.article["id"]}, _("“osiris show” says why, and by whom.")
        )
    root = meant.article["duplicate_of"] or meant.article["id"]
    return [cluster for cluster in found.clusters if cluster.root == root]


# -- for programs -------------------------------------------------------------------------------------------------------------


def _report(collection: Collection, found: Gathered, told: list[dict[str, Any]], more: int) -> dict[str, Any]:
    return {
        "collection": str(collection.root),
        "articles": found.articles,
        "duplicates": found.copies,
        "clusters": len(found.clusters),
        "restricted": found.hidden,
        "more": more,
        "shown": told,
    }


def _told(cluster: Cluster, articles: Iterator[dict[str, Any]]) -> dict[str, Any]:
    first = next(articles)
    words = words_of(first)
    copies = []
    for copy in articles:
        difference = differences(first, copy, words, _PLACES)
        copies.append(
            {
                **_member(copy),
                "share": difference.share,
                "removed": difference.removed,
                "added": difference.added,
                "places": difference.count,
                "differences": [
                    {
                        "before": at.before,
                        "removed": at.removed,
                        "added": at.added,
                        "after": at.after,
                        "moved": at.moved,
                    }
                    for at in difference.places
                ],
                "fields": {name: list(pair) for name, pair in difference.fields.items()},
            }
        )
    return {"id": first["id"], "restricted": cluster.hidden, "earliest": _member(first), "copies": copies}


def _member(article: dict[str, Any]) -> dict[str, Any]:
    return {**{name: article[name] for name in ("id", "date", "title", "url")}, "outlets": outlets(article)}


# -- for people ---------------------------------------------------------------------------------------------------------------


def _summary(out: Console, found: Gathered, least: int) -> None:
    said = _("%(articles)d articles, %(copies)d of them reprints of others: %(clusters)d clusters.")
    values = {"articles": found.articles, "copies": found.copies, "clusters": len(found.clusters)}
    if least > 2:
        said = _(
            "%(articles)d articles, %(copies)d of them reprints of others: %(clusters)d clusters of %(least)d or more."
        )
    wrapped(out, Text(said % {**values, "least": least}))
    if found.hidden:
        text = ngettext(
            "%(count)d article in a cluster is restricted, and not shown.",
            "%(count)d articles in clusters are restricted, and not shown.",
            found.hidden,
        )
        wrapped(out, Text(text % {"count": found.hidden}))


def _show(out: Console, number: int, cluster: Cluster, articles: Iterator[dict[str, Any]]) -> None:
    first = next(articles)
    wrapped(out, Text.assemble((f"{number}. ", "bold"), (plain(first["title"], _LETTERS), "bold")))
    if first["id"] != cluster.root:
        wrapped(out, Text(_("The earliest of them is not shown; they are compared with the next."), style="yellow"), 3)
    wrapped(out, _head(first), 3)
    words = words_of(first)
    for copy in islice(articles, _COPIES):
        difference = differences(first, copy, words, _PLACES)
        wrapped(out, _head(copy), 3)
        wrapped(out, Text(_likeness(difference), style="bold"), 6)
        for name, (old, new) in difference.fields.items():
            if name != "date":  # it stands in the head of each
                wrapped(out, Text.assemble((f"{name}{COLON}", "cyan"), _field(name, old, new)), 6)
        for place in difference.places:
            wrapped(out, _place(place), 6)
        if difference.count > len(difference.places):
            more = _("… and %(count)d more places.") % {"count": difference.count - len(difference.places)}
            wrapped(out, Text(more, style="dim"), 6)
    if len(cluster.lines) > _COPIES + 1:
        wrapped(out, Text(_("… and %(count)d more.") % {"count": len(cluster.lines) - _COPIES - 1}, style="dim"), 3)


def _head(article: dict[str, Any]) -> Text:
    """The day, the id, and who printed it first."""
    printed = ", ".join(plain(name, 60) for name in outlets(article)[:3])
    return Text.assemble(article["date"] or "–", "  ", (plain(article["id"], 120), "dim"), f"  {printed}".rstrip())


def _likeness(difference: Difference) -> str:
    if difference.share is None:
        return _("too long to be compared word by word")
    if not difference.removed and not difference.added and not difference.count:
        return _("the same words")
    percent = int(difference.share * 100)  # never rounded up to a hundred
    values = {"percent": percent, "removed": difference.removed, "added": difference.added}
    return _("%(percent)d %% of the words in common, %(removed)d gone, %(added)d new") % values


def _place(place: Place) -> Text:
    told = Text(f"… {plain(place.before)} " if place.before else "")
    told.append(_marked(place.removed, place.added))
    if place.after:
        told.append(f" {plain(place.after)} …")
    if place.moved:
        told.append(f" ({_('moved')})", style="dim")
    return told


def _marked(old: str, new: str) -> Text:
    """What is gone and what is new, told apart by signs as well as by colours."""
    told = Text()
    if old:
        told.append(f"[-{plain(old, _STRETCH)}-]", style="red")
    if old and new:
        told.append(" ")
    if new:
        told.append(f"{{+{plain(new, _STRETCH)}+}}", style="green")
    return told


def _field(name: str, old: Any, new: Any) -> Text:
    """What differs in a field; of titles the words, of sections the end, where the rest is one."""
    if name == "title":
        parts = worded(old, new)
        return Text(" ").join(
            Text(plain(text, _LETTERS)) if same else _marked(text, other) for same, text, other in parts
        )
    if name == "section":
        common = sum(1 for _pair in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))
        return Text.assemble("… › " if common else "", _marked(_value(old[common:]), _value(new[common:])))
    return _marked(_value(old), _value(new))


def _value(value: Any) -> str:
    text = " › ".join(value) if isinstance(value, list) else str(value or "")
    return plain(text, _LETTERS)


@click.command(
    help=_(
        "Show the articles that are one text, cluster by cluster, largest and newest first: the earliest, its reprints, and"
        " what differs, word by word. Case, accents, quotes, dashes and spaces make no difference."
    ),
    epilog=options.example("osiris duplicates -c osiris\nosiris duplicates -c osiris --id 3170 --json"),
)
@options.collection
@click.option(
    "--limit", "most", type=click.IntRange(1), metavar="N",
    help=_("Show so many clusters at most. Default: 40; with --json all."),
)  # fmt: skip
@click.option(
    "--min-size",
    "least",
    type=click.IntRange(2),
    default=2,
    metavar="N",
    help=_("Only clusters of so many articles or more."),
)
@click.option("--id", "wanted", metavar="ID", help=_("Only the cluster of this article."))
@click.option(
    "--profile", type=click.Path(path_type=Path), metavar="FILE", help=_("A site profile of your own (TOML).")
)
@options.talk
def command(most: int | None, least: int, wanted: str | None, **arguments: Any) -> int:
    return run(load(arguments), most=most, least=least, wanted=wanted)
