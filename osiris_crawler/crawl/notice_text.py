"""What a notice says: what was expected, what was seen, which pages to look at, what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from osiris_crawler.amounts import size
from osiris_crawler.archive.description import hostname
from osiris_crawler.care.alarm_names import name_of
from osiris_crawler.crawl.news import Matter, News
from osiris_crawler.errors import Exit
from osiris_crawler.i18n import _

_MOST = 10  # alarms, reasons, pages of each
_LONGEST = 500  # letters of a line


def text_of(report: Mapping[str, Any], news: News, *, every: bool = False) -> tuple[str, str]:
    """Title and text of the notice of a run's end. `every`: there is one for each run."""
    code = Exit(report["exit"])
    meaning, step = _meaning(code)
    name = plain(report["collection"]).replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]
    told = {"meaning": meaning, "name": name, "code": code}
    if (news.ended or news.settled) and not (news.new or news.again):
        title = _("osiris: in order again – %(name)s (exit %(code)d)") % told
    else:
        title = _("osiris: %(meaning)s – %(name)s (exit %(code)d)") % told
    lines = [_("Collection: %(path)s on %(host)s") % {"path": plain(report["collection"]), "host": hostname()}]
    if report.get("site"):
        lines.append(_("Site: %(site)s") % {"site": plain(report["site"])})
    run = plain(report.get("run") or "–")
    lines.append(_("Command: osiris %(command)s, run %(run)s") % {"command": plain(report["command"]), "run": run})
    lines += _ended(news)
    for alarm in (report.get("alarms") or [])[:_MOST]:
        lines += ["", *_alarm(alarm, run)]
    reasons = report.get("reasons") or []
    failures = report.get("failures") or []
    if reasons:
        lines += ["", *(plain(reason) for reason in reasons[:_MOST])]
    if failures and code is not Exit.ALARM:
        lines += ["", _("Addresses without a final answer: %(count)d") % {"count": len(failures)}]
        lines += [f"  {plain(failure['url'])}  {plain(failure['problem'])}" for failure in failures[:_MOST]]
    if report.get("dataset"):
        figures = {
            "articles": report["dataset"]["articles"],
            "changes": report["dataset"]["changes"],
            "requests": report["requests"],
            "bytes": size(report["bytes"]),
        }
        lines += ["", _("%(articles)d articles, %(changes)d events, %(requests)d requests, %(bytes)s.") % figures]
    lines += [] if every else _later(news)
    lines += ["", _("Next: %(step)s") % {"step": step % {"name": name}}]
    return plain(title), "\n".join(lines) + "\n"


def _alarm(alarm: Mapping[str, Any], run: str) -> list[str]:
    head = _("Alarm: %(name)s") % {"name": name_of(plain(alarm.get("name")))}
    since = plain(alarm.get("since") or run)
    if since != run:
        head += " " + _("(since run %(run)s)") % {"run": since}
    lines = [head, "  " + _("Expected: %(what)s") % {"what": plain(alarm.get("expected"))}]
    lines.append("  " + _("Seen: %(what)s") % {"what": plain(alarm.get("seen"))})
    return lines + [f"  {plain(page)}" for page in (alarm.get("pages") or [])[:_MOST]]


def _ended(news: News) -> list[str]:
    lines = []
    for matter in news.ended[:_MOST]:
        what = {"what": _called(matter), "run": plain(matter.since)}
        lines.append(_("In order again: %(what)s (since run %(run)s)") % what)
    for matter in news.settled[:_MOST]:
        what = {"what": _called(matter), "run": plain(matter.since)}
        told = _("Told no more: %(what)s (since run %(run)s). It has stood so long that it is the way the site is now.")
        lines.append(told % what)
    return ["", *lines] if lines else []


def _called(matter: Matter) -> str:
    if matter.alarm is None:
        return _meaning(Exit(matter.exit or 0))[0]
    return plain(f"{name_of(matter.alarm)} {matter.about}".rstrip())


def _later(news: News) -> list[str]:
    """When there will be another notice."""
    if not (news.new or news.again):
        return []
    if not news.new:
        return ["", _("This was told before and still stands: a reminder once a week, and a notice when it has ended.")]
    if all(matter.once for matter in news.new):
        return []
    return ["", _("While this stands you are reminded once a week; when it has ended you are told.")]


def _meaning(code: Exit) -> tuple[str, str]:
    """What an exit code means, and what to do next."""
    goes_on = _("nothing; the next run goes on where this one stopped.")
    return {
        Exit.DONE: (_("done"), _("nothing.")),
        Exit.UNEXPECTED: (_("unexpected error"), _("crawl.log in the run's folder says more; the next run goes on.")),
        Exit.USAGE: (_("a setting or an option is wrong"), _("mend it; every run will end so until then.")),
        Exit.UNFINISHED: (_("some addresses got no final answer"), _("nothing; the next run asks for them again.")),
        Exit.LOCKED: (_("another run holds the collection"), _("nothing.")),
        Exit.UNREACHABLE: (
            _("the site is unreachable"),
            _("look at the site in a browser, from this machine if you can; the next run tries again."),
        ),
        Exit.INTEGRITY: (
            _("integrity failure"),
            _("“osiris verify -c %(name)s” names what does not hold, and what to do."),
        ),
        Exit.ALARM: (
            _("alarm"),
            _(
                "look at these pages in a browser; “osiris report -c %(name)s” shows the run. Nothing that was fetched is lost."
            ),
        ),
        Exit.BUDGET: (_("stopped by a budget"), goes_on),
        Exit.INTERRUPTED: (_("interrupted"), goes_on),
    }[code]


def plain(text: Any, most: int = _LONGEST) -> str:
    """Words of a page or a report on one line, without what would steer a terminal or a mail's head."""
    found = "".join(c if c.isprintable() else " " for c in str(text)[: 4 * most])
    return found if len(found) <= most else found[: most - 1] + "…"
