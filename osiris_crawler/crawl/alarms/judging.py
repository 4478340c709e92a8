"""Alarms: what in a run's figures says that the site, its markup or our way to it has changed so that results can't be trusted.

figures of this run, of those before it → one verdict for each thing that can be told: an alarm, or that it is in order
                                        → what has no verdict stands as it stood (watching.py)

Each rule is made for a false alarm less than once in five years of daily runs, all of them together;
`benchmarks/alarms.py` counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from osiris_crawler.crawl.alarms import counts, fields, site
from osiris_crawler.crawl.alarms.model import Case, Past, Standing, Verdicts
from osiris_crawler.ledger.figures import Figures

_RULES = (
    site.closed, site.silence, fields.kept, fields.new_articles, fields.lengths, fields.layouts, counts.emptied, counts.shrunk,
    site.withdrawn, site.robots,
)  # fmt: skip


def judge(now: Figures, past: Sequence[Past], standing: Mapping[str, Standing], home: str) -> Verdicts:
    """What can be told of a run. `past`: newest first; `home`: the site's first page."""
    case = Case(now, past, standing, home)
    if case.now.first:
        return {}  # there is nothing to hold it against
    verdicts: Verdicts = {}
    for rule in _RULES:
        verdicts.update(rule(case))
    if verdicts.get("blocked"):
        # What stands on a login page says nothing of the site.
        return {"blocked": verdicts["blocked"]} | {k: v for k, v in verdicts.items() if k == "robots"}
    return verdicts
