"""Alarms of what is read of articles: fields, lengths, layouts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median

from osiris_crawler.crawl.alarms.bands import Lengths, Share, tail
from osiris_crawler.crawl.alarms.model import SHOWN, Alarm, Case, Verdicts, one
from osiris_crawler.i18n import _
from osiris_crawler.ledger.figures import FIELDS, Recent

_WINDOWS = (0, 10, 20, 40, 80)  # new articles that are looked at together: this run's, or with those before them
_PAST = 1000  # articles that make a band
_LOST = 0.02  # share of articles read again that may have lost a field, or half their text: editors do that
_TEXTS = 8  # whose middle length says something
_RARE = 1e-5  # that so many of them are without it by chance


def kept(case: Case) -> Verdicts:
    """Fields, and lengths, that articles had when they were read before."""
    verdicts: Verdicts = {}
    for name, kept in case.now.again.items():
        if kept.had < 3 and kept.won < 3:
            continue
        kind, about = _named(name, "again")
        verdicts[f"{kind} {about}"] = None
        if kept.lost < 3 or tail(kept.lost, kept.had, _LOST) >= _RARE:
            continue
        seen = _("Of %(had)d read again, %(lost)d are without it.") % {"had": kept.had, "lost": kept.lost}
        if name == "letters":
            seen = _("Of %(had)d read again, %(lost)d are less than half or more than twice as long.") % {
                "had": kept.had,
                "lost": kept.lost,
            }
        verdicts[f"{kind} {about}"] = Alarm(
            kind,
            about,
            _("Articles that are read again still have %(field)s.") % {"field": field_name(name)}
            if name != "letters"
            else _("Articles that are read again are about as long as before."),
            seen,
            kept.pages[:SHOWN],
            _look_at_markup(),
        )
    return verdicts


def new_articles(case: Case) -> Verdicts:
    """Fields of the articles that came, held against those that came before them."""
    verdicts: Verdicts = {}
    for name in FIELDS:
        kind, about = _named(name, "new")
        for window, before in _windows(case.now.recent):
            verdicts.setdefault(f"{kind} {about}", None)
            share = Share.of_past([name in article.filled for article in before])
            having = sum(name in article.filled for article in window)
            lacking = [article.url for article in window if name not in article.filled]
            if share is None or not share.falls_short(having, len(window)):
                continue
            if all(name in article.filled for article in window if article.fresh):
                continue  # those of this run have it
            least = share.least(len(window))
            verdicts[f"{kind} {about}"] = Alarm(
                kind,
                about,
                _("%(field)s on %(least)d or more of %(count)d new articles, by the %(past)d before them.")
                % {"field": _capital(field_name(name)), "least": least, "count": len(window), "past": len(share.past)},
                _("It is on %(having)d of the last %(count)d.") % {"having": having, "count": len(window)},
                lacking[-SHOWN:][::-1],
                _look_at_markup(),
            )
            break
    return verdicts


def lengths(case: Case) -> Verdicts:
    """The middle length of the texts that came."""
    verdicts: Verdicts = {}
    for window, before in _windows(case.now.recent):
        texts = [article for article in window if article.letters]
        band = Lengths.of_past([article.letters for article in before if article.letters])
        if band is None or len(texts) < _TEXTS:
            continue
        verdicts["field letters new"] = None
        low, high = band.band(len(texts))
        middle = round(median(article.letters for article in texts))
        if low <= middle <= high:
            continue
        fresh = [article.letters for article in texts if article.fresh]
        if fresh and not low <= median(fresh) <= high:
            return one(
                Alarm(
                    "field",
                    "letters new",
                    _("Texts of %(low)d to %(high)d letters, in the middle of the last %(count)d articles.")
                    % {"low": low, "high": high, "count": len(texts)},
                    _("%(middle)d letters.") % {"middle": middle},
                    [article.url for article in texts if article.fresh][-SHOWN:][::-1],
                    _look_at_markup(),
                )
            )
    return verdicts


def _windows(recent: Sequence[Recent]) -> Iterator[tuple[Sequence[Recent], Sequence[Recent]]]:
    """(what came last, what came before it): this run's articles, and together with more and more before them."""
    came = [article for article in recent if article.fresh]
    before = [article for article in recent if not article.fresh]
    seen = set()
    for size in _WINDOWS if came else ():
        more = min(max(size - len(came), 0), len(before))
        if more not in seen:
            seen.add(more)
            cut = len(before) - more
            yield [*before[cut:], *came], before[max(cut - _PAST, 0) : cut]


def layouts(case: Case) -> Verdicts:
    """A layout that was learned in this run: it can be read, and is told of once."""
    return {
        f"layout {name}": Alarm(
            "layout",
            name,
            _("Articles in layouts that were seen before."),
            _("%(count)d articles have one that was never seen; it has been learned as %(name)s.")
            % {"count": pages, "name": name},
            [page],
            _("“osiris show ADDRESS” shows how they are read. If that is right there is nothing to be done."),
            once=True,
        )
        for name, pages, page in case.now.layouts
    }


def _named(field: str, where: str) -> tuple[str, str]:
    """Name and subject of a field's alarm."""
    return ("layout", f"unknown {where}") if field == "layout" else ("field", f"{field} {where}")


def _look_at_markup() -> str:
    return _(
        "Look at a page beside “osiris show ADDRESS”: has the markup changed? “osiris probe” reads a few pages anew."
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def field_name(name: str) -> str:
    """A field's name for people."""
    return {
        "title": _("the title"),
        "date": _("the date"),
        "body": _("the text"),
        "sources": _("the source"),
        "tags": _("the keyword"),
        "layout": _("a known layout"),
        "letters": _("the length of the text"),
    }[name]
