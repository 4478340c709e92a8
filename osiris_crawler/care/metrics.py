"""A collection's figures for Prometheus, as a file for node_exporter's textfile collector.

Names, units and HELP lines are the same in every language: the collector refuses files that disagree on them.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from osiris_crawler.care.holdings import age, gather, last_visit
from osiris_crawler.i18n import _
from osiris_crawler.paths import Collection, remove_leftovers, replace_file, writable

_GAUGES = {
    "articles": "Articles in the dataset.",
    "articles_withdrawn": "Articles that the site has withdrawn.",
    "addresses_pending": "Addresses that wait to be visited.",
    "gaps": "Addresses of the newest walk without a final answer.",
    "newest_capture_timestamp_seconds": "When the newest capture was made.",
    "newest_capture_age_seconds": "Age of the newest capture when this file was written.",
    "last_run_end_timestamp_seconds": "When the last crawl or update ended.",
    "last_run_exit_code": "Exit code of the last crawl or update.",
    "last_run_duration_seconds": "How long the last crawl or update took.",
    "last_run_requests": "Requests that the last crawl or update made.",
    "last_run_bytes": "Bytes that the last crawl or update received.",
    "last_run_new_articles": "Articles that the last crawl or update found.",
    "last_run_changed_articles": "Articles that the last crawl or update found changed by the site.",
    "last_run_withdrawn_articles": "Articles whose withdrawal the last crawl or update confirmed.",
    "last_run_failures": "Addresses that newly got no final answer in the last crawl or update.",
    "last_run_alarms": "Alarms that the last crawl or update raised.",
}


def figures(collection: Collection) -> dict[str, float]:
    """Metric → value, without the prefix; what is not known yet is left out."""
    facts = gather(collection)
    found: dict[str, float] = {
        "articles": facts["articles"],
        "articles_withdrawn": facts["withdrawn"],
        "addresses_pending": facts["pending"],
        "gaps": len(facts["gaps"]),
    }
    old = age(facts["newest"])
    if old is not None:
        found |= {
            "newest_capture_timestamp_seconds": _instant(facts["newest"]),
            "newest_capture_age_seconds": round(old),
        }
    last, events = last_visit(collection)
    if last is None:
        return found
    if last.ended is not None:
        found["last_run_end_timestamp_seconds"] = _instant(last.ended)
    return found | {
        "last_run_exit_code": last.exit or 0,
        "last_run_duration_seconds": last.seconds,
        "last_run_requests": last.requests,
        "last_run_bytes": last.bytes,
        "last_run_new_articles": events["added"],
        "last_run_changed_articles": events["changed"],
        "last_run_withdrawn_articles": events["withdrawn"],
        "last_run_failures": last.failures,
        "last_run_alarms": last.alarms,
    }


def exposition(name: str, values: dict[str, float]) -> str:
    """The text format, version 0.0.4. A collection's name has no sign that a label would need to escape."""
    lines: list[str] = []
    for metric, help in _GAUGES.items():
        if metric in values:
            lines.append(f"# HELP osiris_{metric} {help}")
            lines.append(f"# TYPE osiris_{metric} gauge")
            lines.append(f'osiris_{metric}{{collection="{name}"}} {values[metric]:.15g}')
    return "\n".join(lines) + "\n"


def write(collection: Collection, to: Path) -> None:
    """Write the file in one step; the collector never sees half of it, and passes over what is written aside."""
    text = exposition(collection.name, figures(collection))
    with writable(to, _("Choose another file with --prometheus FILE.")):
        remove_leftovers(to)
        replace_file(to, text=text)


def _instant(text: str) -> float:
    return round(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp(), 3)
