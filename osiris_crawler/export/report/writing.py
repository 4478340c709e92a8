"""Where reports are written: runs/RUN/report.html, report.html at the collection's root, or where one is asked for.

What is restricted meanwhile must not go on being named by pages of earlier days: whoever writes one writes those anew.
"""

from __future__ import annotations

import logging
from pathlib import Path

from osiris_crawler.care import metrics
from osiris_crawler.care.past import report_of
from osiris_crawler.dataset.changes import read_changes
from osiris_crawler.errors import UsageError
from osiris_crawler.export.report.collection import collection_page
from osiris_crawler.export.report.markup import page, paragraph
from osiris_crawler.export.report.run import run_page
from osiris_crawler.export.report.telling import articles_of
from osiris_crawler.export.report.veil import Veil
from osiris_crawler.i18n import _
from osiris_crawler.paths import Collection, remove_leftovers, replace_file, writable

log = logging.getLogger(__name__)

NAME = "report.html"


def write_report(collection: Collection, run: str | None, to: Path | None) -> Path:
    """Write the report of the collection, or of a run ("last" is the newest that has left one); gives where it lies."""
    if run is None:
        veil = _veil(collection)
        written = _put(collection_page(collection, veil), to or collection.root / NAME)
        renew(collection, veil)
        return written
    known = sorted(path.parent.name for path in collection.runs.glob("*/report.json"))
    name = known[-1] if run == "last" and known else run
    if name not in known:
        raise UsageError(
            _("No run %(name)r has left a report in %(path)s.") % {"name": run, "path": collection.runs},
            _("The newest are: %(names)s.") % {"names": ", ".join(known[:-4:-1])} if known else "",
        )
    report = report_of(collection, name)
    if report is None:
        raise UsageError(
            _("%(path)s can't be read: %(why)s.")
            % {"path": collection.runs / name / "report.json", "why": _("it is no JSON object")},
            _("Its run can't be reported on; “osiris report” shows the collection."),
        )
    veil = _veil(collection)
    written = _put(run_page(collection, name, report, veil), to or collection.runs / name / NAME)
    renew(collection, veil)
    return written


def _veil(collection: Collection) -> Veil:
    veil = Veil(collection)
    if veil:
        veil.learn(articles_of(collection), read_changes(collection))
    return veil


def renew(collection: Collection, veil: Veil) -> list[Path]:
    """Write those pages of the collection anew that name what is hidden by now; gives which they are.

    Every page that lies there is looked through, a few milliseconds each; few have to be written.
    """
    renewed = []
    for path in [collection.root / NAME, *sorted(collection.runs.glob(f"*/{NAME}"))] if veil else []:
        try:
            text = path.read_text("utf-8", "replace")
        except FileNotFoundError:
            continue
        if veil.is_named_in(text):
            renewed.append(_put(_anew(collection, path, veil), path))
            log.info("%s named what is restricted; it is written anew", path)
    return renewed


def _anew(collection: Collection, path: Path, veil: Veil) -> str:
    if path.parent == collection.root:
        return collection_page(collection, veil)
    run = path.parent.name
    report = report_of(collection, run)
    if report is not None:
        return run_page(collection, run, report, veil)
    told = _(
        "This page named what is under restriction by now. It can't be written anew: its report.json can't be read."
    )
    return page(_("Run %(name)s") % {"name": run}, paragraph(told, "warn"), {})


def after_run(collection: Collection, run: str, prometheus: Path | None) -> None:
    """What a run's end writes for people and monitors. Whatever fails here is logged, and changes nothing of the run."""
    try:
        write_report(collection, run, None)
    except Exception:
        log.warning("the report's page could not be written", exc_info=True)
    if prometheus is None:
        return
    try:
        metrics.write(collection, prometheus)
    except Exception:
        log.warning("the file for Prometheus could not be written", exc_info=True)


def _put(text: str, to: Path) -> Path:
    with writable(to, _("Choose another place with --to PATH.")):
        remove_leftovers(to)
        replace_file(to, text=text)
    return to
