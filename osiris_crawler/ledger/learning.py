"""Learned chrome over a collection: when a model is worth learning, from which pages, and reading again by it.

articles' pages in the ledger → a sample of each run → sketches → a model, frozen in the WARC → all articles read by it
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from osiris_crawler.archive import files
from osiris_crawler.archive.http import parse_response
from osiris_crawler.archive.reader import read_at
from osiris_crawler.errors import IntegrityError
from osiris_crawler.extract.chrome import FEWEST, Chrome, Sketch, from_json, learn
from osiris_crawler.extract.page import reader_of, sketch_of
from osiris_crawler.ledger.intake import decoded
from osiris_crawler.ledger.ledger import Ledger
from osiris_crawler.ledger.own_notes import OwnNotes
from osiris_crawler.ledger.rereading import read_again
from osiris_crawler.ledger.scope import Scope
from osiris_crawler.site.profile import Site

log = logging.getLogger(__name__)

_SAMPLE = 200  # pages of each run that a model is learned from
_STRETCH = 8  # of them one after the other
_RUNS = 8  # runs that are sampled, the newest and those with most pages
_MORE = 4  # times as many articles as the model was learned over: learned anew, while they are few
_FEW = 400  # articles
_STRANGE = 0.02  # share of articles in no known layout, from which on a model is learned anew


@dataclass(frozen=True, slots=True)
class _Basis:
    """How many articles there are, and how many of them in no known layout."""

    articles: int = 0
    strange: int = 0


def frozen(ledger: Ledger, archive: Path) -> Chrome | None:
    """The newest model that was frozen; None before the first, and when it can't be read any more."""
    place = ledger.model_place()
    if place is None:
        return None
    try:
        record = read_at(files.existing(archive, place[0]), place[1])
        return from_json(json.loads(record.block))
    except (IntegrityError, ValueError):
        return None


def renew(
    ledger: Ledger,
    archive: Path,
    site: Site,
    notes: OwnNotes,
    *,
    workers: int = 1,
    force: bool = False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Chrome | None:
    """Learn and freeze a model when that is worth it, and bring every article's reading up to it; gives the model."""
    chrome = frozen(ledger, archive)
    worth = force or _is_worth(ledger, chrome)
    if worth:
        sample = _sample(ledger)
        sketches = [(record, page) for record, page in _sketches(sample, archive, site) if page is not None]
        learned = learn(page for _record, page in sketches)
        if learned.layouts and (chrome is None or learned.name != chrome.name):
            notes.model(learned, [(record, page.url) for record, page in sketches])
            chrome = learned
    left = read_again(ledger, archive, site, Scope(), reader_of(chrome), chrome, workers=workers, progress=progress)
    if left:
        log.warning("%d pages could not be read again by the new model; their articles stay as they were read", left)
    if worth:
        now = _counts(ledger)
        ledger.put("model basis", json.dumps([now.articles, now.strange]))
    ledger.commit()
    return chrome


def _counts(ledger: Ledger) -> _Basis:
    row = ledger.db.query(
        "SELECT count(*), coalesce(sum(layout IS NULL), 0) FROM readings WHERE kind = 'article'"
    ).fetchone()
    return _Basis(row[0], row[1])


def _is_worth(ledger: Ledger, chrome: Chrome | None) -> bool:
    now = _counts(ledger)
    then = _Basis(*json.loads(ledger.get("model basis") or "[0, 0]"))
    if chrome is not None and not then.articles:
        then = now  # a ledger made anew takes the model as it was frozen
        ledger.put("model basis", json.dumps([now.articles, now.strange]))
    if now.articles < FEWEST:
        return False
    if chrome is None and ledger.model_place() is not None:
        return True  # the last one can't be read any more; verify says so
    if chrome is None:
        return then.articles == 0 or now.articles >= _MORE * then.articles
    if now.articles >= _MORE * then.articles and then.articles < _FEW:
        return True
    news = now.strange - then.strange if then.articles else now.strange
    return news >= max(FEWEST, _STRANGE * now.articles) and now.strange >= 2 * then.strange


def _sample(ledger: Ledger) -> list[tuple[str, int, str, str, str | None]]:
    """(file, offset, url, record id, content type) of pages to learn from.

    Of each run stretches of neighbours are drawn by a lot that their addresses throw: an article's neighbours in a
    listing are crawled one after the other, and what a page says of them is told only by seeing some of them.
    """
    runs: dict[str, list[tuple[str, int, str, str, str | None]]] = defaultdict(list)
    for row in ledger.db.query(
        """SELECT captures.run, url, name, offset, record_id, mime FROM readings
           JOIN captures ON captures.id = readings.capture JOIN files ON files.id = file
           WHERE readings.kind = 'article' AND original IS NULL ORDER BY name, offset"""
    ):
        runs[row["run"]].append((row["name"], row["offset"], row["url"], row["record_id"], row["mime"]))
    chosen = sorted(runs, key=lambda run: (-len(runs[run]), run))[: _RUNS // 2]
    chosen += [run for run in sorted(runs, reverse=True) if run not in chosen][: _RUNS - len(chosen)]
    pages = []
    for run in chosen:
        stretches = [runs[run][at : at + _STRETCH] for at in range(0, len(runs[run]), _STRETCH)]
        stretches.sort(key=lambda stretch: hashlib.sha256(stretch[0][2].encode()).digest())
        pages += [page for stretch in stretches[: _SAMPLE // _STRETCH] for page in stretch]
    return sorted(pages)


def _sketches(
    sample: list[tuple[str, int, str, str, str | None]], archive: Path, site: Site
) -> list[tuple[str, Sketch | None]]:
    found = []
    for name, offset, url, record_id, mime in sample:
        try:
            head = parse_response(read_at(files.existing(archive, name), offset).block)
        except IntegrityError:
            continue  # verify says so; others teach the same
        found.append((record_id, sketch_of(url, mime, decoded(head), site)))
    return found
