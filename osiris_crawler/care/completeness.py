"""The last audit as events.jsonl has it, and what the states of missing things are called."""

from __future__ import annotations

from typing import Any

from osiris_crawler.care import events
from osiris_crawler.i18n import _
from osiris_crawler.paths import Collection


def last_audit(collection: Collection) -> dict[str, Any] | None:
    """`at`, `published`, `held`, `states` (name → number) and `contradictions` of the newest audit, None without one."""
    newest = None
    for event in events.read(collection):
        found = event.get("eventOutcomeDetail")
        if event.get("eventType") == events.AUDIT and isinstance(found, dict) and isinstance(found.get("states"), dict):
            newest = {"at": str(event.get("eventDateTime")), **found}
    return newest


def state(name: str) -> str:
    """What the state of something that is missing, or accounted for, means."""
    return {
        "not-fetched": _("not fetched yet"),
        "failing": _("no final answer"),
        "lost": _("captured, and no longer in the archive"),
        "not-in-dataset": _("read, and not in the dataset"),
        "404": _("404, not found"),
        "410": _("410, gone"),
        "soft-404": _("not found: another page is shown in its place"),
        "refused-by-site": _("refused by the site"),
        "redirected": _("redirected"),
        "not-an-article": _("answers with a page that is no article"),
        "refused-by-robots": _("refused by robots.txt"),
        "refused-by-rule": _("refused by our rules"),
        "alias": _("another address of an article that is held"),
        "withdrawn": _("withdrawn by the site, held"),
        "restricted": _("held, and not shown"),
    }.get(name, name)
