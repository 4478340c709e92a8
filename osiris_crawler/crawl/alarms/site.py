"""Alarms of the site as a whole: it is silent, shut, forbidden, or emptied."""

from __future__ import annotations

from statistics import median

from osiris_crawler.crawl.alarms import rhythm
from osiris_crawler.crawl.alarms.bands import tail
from osiris_crawler.crawl.alarms.model import LEVEL, SHOWN, Alarm, Case, Verdicts, one
from osiris_crawler.i18n import _

_LOST = 0.02  # share of articles read again that may have lost a field, or half their text: editors do that
_WATCHED = (5, 30)  # days with something new, or days of any kind, that a site is watched before its silence is judged
_RARE = 1e-5  # that so many of them are without it by chance
_HOME = (0.3, 10)  # share of the home page's links that is left, of so many at least
_WITHDRAWN = (10, 0.005, 3)  # at once: so many, or of all articles, or times the most of an earlier run
_DROVES = (20, 10, 0.3)  # or, of so many asked, so many, and this share


def closed(case: Case) -> Verdicts:
    """A login or block page in place of what was there."""
    bad = case.now.closed + case.now.turned
    asked, counted = case.pooled(case.now.asked, len(bad), "asked", "bad")
    links = case.figures("home")[:LEVEL]
    bare = case.now.home is not None and bool(links) and case.now.home < _HOME[0] * median(links) >= _HOME[0] * _HOME[1]
    if not case.now.asked and case.now.home is None:
        return {}
    front = bare or case.home in bad
    if not front and (not bad or counted < 3 or tail(counted, asked, _LOST) >= _RARE):
        return {"blocked": None}
    parts = []
    if case.now.closed:
        parts.append(_("%(count)d answer 401 or 403.") % {"count": len(case.now.closed)})
    if case.now.turned:
        parts.append(_("%(count)d answer with something else, or all with the same.") % {"count": len(case.now.turned)})
    if bare:
        parts.append(
            _("The home page has %(now)d links, where it had %(before)d.")
            % {"now": case.now.home or 0, "before": round(median(links))}
        )
    return one(
        Alarm(
            "blocked",
            "",
            _("Pages that answered with articles and listings before do so again: %(count)d were asked for.")
            % {"count": case.now.asked},
            " ".join(parts),
            ([case.home] if bare else []) + bad[:SHOWN],
            _(
                "Open them in a browser: does the site ask for a login, or bar this crawler? What was kept stays as it is."
            ),
        )
    )


def silence(case: Case) -> Verdicts:
    """No new article for longer than the site's own rhythm makes likely."""
    if not case.now.looked or (case.now.watched < _WATCHED[0] and case.now.watching < _WATCHED[1]):
        return {}
    if case.now.arrivals[-1:] and case.now.today - case.now.arrivals[-1] <= 1:
        return {"silence": None}
    found = rhythm.silence(case.now.arrivals, case.now.today)
    if found is None:
        return {}
    if not found.too_long:
        return {"silence": None}
    return one(
        Alarm(
            "silence",
            "",
            _("A new article within %(days)d days at this time of the year, by the last %(years)d years.")
            % {"days": found.likely + 1, "years": found.years},
            _("None for %(days)d days; the newest came on %(day)s.") % {"days": found.days, "day": found.since},
            [case.home, *([case.now.newest] if case.now.newest else [])],
            _(
                "Look at the home page. If it shows newer articles they are not found: “osiris crawl” walks the whole site."
            ),
        )
    )


def robots(case: Case) -> Verdicts:
    """robots.txt forbids what earlier runs fetched."""
    if not case.now.forbidden:
        return {"robots": None}
    return one(
        Alarm(
            "robots",
            "",
            _("robots.txt lets us fetch what earlier runs fetched."),
            _("It forbids %(count)d pages of those, or more.") % {"count": len(case.now.forbidden)},
            [f"{case.home.rstrip('/')}/robots.txt", *case.now.forbidden[: SHOWN - 1]],
            _("They are not asked for any more. If that is not meant, ask those who run the site."),
        )
    )


def withdrawn(case: Case) -> Verdicts:
    """Articles that are gone since they were last asked for."""
    least, share, times = _WITHDRAWN
    usual = max(case.figures("gone"), default=0)
    most = max(least, share * case.now.articles, times * usual)
    asked, gone = case.pooled(case.now.gone_of, len(case.now.gone), "gone_of", "gone")
    enough, some, part = _DROVES
    droves = len(case.now.gone) > usual and asked >= enough and gone >= max(some, part * asked)
    if len(case.now.gone) < most and not droves:
        return {"withdrawn": None} if case.now.gone_of else {}
    return one(
        Alarm(
            "withdrawn",
            "",
            _("Fewer than %(most)d articles gone in one run, and less than a third of those asked for.") % {"most": round(most)},
            _("Gone: %(gone)d of %(asked)d that were asked for.") % {"gone": gone, "asked": asked},
            case.now.gone[:SHOWN],
            _("Look at them: are they gone, or is the site in disorder? They count as withdrawn when the next run finds the same."),
        )
    )  # fmt: skip
