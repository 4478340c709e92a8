"""What alarms are called; their reports have short names that stay as they are."""

from __future__ import annotations

from osiris_crawler.i18n import _


def name_of(name: str) -> str:
    """What an alarm is called; a name that is none of ours as it is."""
    return {
        "blocked": _("login or block page"),
        "silence": _("silence"),
        "robots": _("robots.txt"),
        "field": _("fields"),
        "layout": _("layout"),
        "count": _("counts"),
        "empty": _("empty listing"),
        "withdrawn": _("withdrawn"),
    }.get(name, name)
