"""Repair: what can be put right is, what can't is named; no byte is deleted, and doing it twice is harmless.

look at everything → files of dead runs closed → torn ends cut, kept aside → files accepted as they are → index, ledger and
dataset made to agree with the files → look again

The manifest says what was closed. A file that is damaged, another, or gone stays a fault, and what index, ledger and dataset
hold of it stays as it is, until it is brought back or accepted: the views may be the last that is left of its records.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from osiris_crawler.archive import files, fixity, index
from osiris_crawler.care import events
from osiris_crawler.care.keeping import Say, finish_dead
from osiris_crawler.care.rebuilding import rebuild, site_of
from osiris_crawler.errors import UsageError
from osiris_crawler.i18n import _, ngettext
from osiris_crawler.ledger.db import LedgerDamaged
from osiris_crawler.ledger.imports import is_import
from osiris_crawler.ledger.ledger import Ledger
from osiris_crawler.paths import Collection
from osiris_crawler.site.profile import Site
from osiris_crawler.verify import faults
from osiris_crawler.verify.faults import Fault
from osiris_crawler.verify.verdict import Verdict
from osiris_crawler.verify.verifying import verify

Progress = Callable[[int, int], None]

_OF_A_FILE = frozenset({"bit-rot", "changed", "missing-file"})
_LOST_END = frozenset({"torn", "cut-short", "nothing"})
_VIEWS = (faults.LEDGER, faults.DATASET, faults.TEXT)


@dataclass(slots=True)
class Mended:
    """What was done, in sentences, and what is left."""

    done: list[str] = field(default_factory=list)
    verdict: Verdict = field(default_factory=Verdict)


def mend(
    collection: Collection,
    profile: Path | None,
    *,
    say: Say,
    accept: Iterable[str] = (),
    workers: int = 1,
    progress: Progress = lambda done, total: None,
) -> Mended:
    """Put right what can be; UsageError when a file to be accepted is no faulty file's name. The lock is held already."""
    mended = Mended()

    def told(sentence: str, files: Iterable[str], **more: str) -> None:
        mended.done.append(sentence)
        say(sentence)
        events.append(collection, "repair", "success", sentence, sorted(files), **more)

    for part in _half_written(collection):
        part.unlink()
    mended.done += finish_dead(collection, say)
    site = _site(collection, profile)
    verdict = verify(collection, site, workers=workers, progress=progress)
    accepted = _acceptable(verdict, accept)
    changed = _cut(collection, verdict, told)
    changed |= _accept(collection, verdict, accepted, told)
    broken = {fault.file for fault in verdict.faults if fault.code in _OF_A_FILE} - changed
    _index(collection, verdict, changed, broken, told)
    wrong = [fault for fault in verdict.faults if fault.check in _VIEWS and fault.file not in broken]
    if (wrong or changed) and not broken:
        site = site or site_of(collection, profile)  # UsageError, when nothing in the archive says of which site it is
        rebuilt = rebuild(collection, site, workers=workers, reindex=False, progress=progress)
        told(
            ngettext(
                "Ledger and dataset were made anew from the WARC files: %(articles)d article.",
                "Ledger and dataset were made anew from the WARC files: %(articles)d articles.",
                rebuilt.published.articles,
            )
            % {"articles": rebuilt.published.articles},
            [],
        )
    mended.verdict = verify(collection, site, workers=workers, progress=progress) if mended.done else verdict
    return mended


Told = Callable[..., None]


def _site(collection: Collection, profile: Path | None) -> Site | None:
    try:
        return site_of(collection, profile)
    except UsageError:
        if profile is not None:
            raise
        return None


def _half_written(collection: Collection) -> list[Path]:
    """Files that a dead run was writing aside; none of them has ever had a name that anybody reads."""
    folders = (collection.root, collection.dataset, collection.index.parent)  # an export may be going on: it takes no lock
    return [path for folder in folders for path in folder.glob(".*.part")]


def _cut(collection: Collection, verdict: Verdict, told: Told) -> set[str]:
    """Files that have lost their end are cut to the last whole record; what is torn is kept aside, what is lost is told."""
    changed: set[str] = set()
    sums = fixity.read(collection.manifest)
    for name in sorted({fault.file for fault in verdict.faults if fault.code in _LOST_END}):
        path = collection.archive / name
        if is_import(name) or path.is_symlink() or not path.is_file():
            continue  # not ours to cut: what others wrote, what lies elsewhere, and the archive as a whole
        size, end = path.stat().st_size, files.whole_end(path)
        before = sums.pop(name, "")
        if end:
            sums[name] = fixity.sha256(path, end)
        fixity.write(collection.manifest, sums)  # first, so that a kill in between leaves a torn file, not another one
        aside = _cut_at(path, end)
        lost = _known_beyond(collection, name, end)
        told(
            ngettext(
                "%(file)s had lost its end: it is cut to its last whole record, %(bytes)d torn bytes are kept aside;"
                " %(lost)d capture that the ledger knew is gone.",
                "%(file)s had lost its end: it is cut to its last whole record, %(bytes)d torn bytes are kept aside;"
                " %(lost)d captures that the ledger knew are gone.",
                lost,
            )
            % {"file": name, "bytes": size - end, "lost": lost},
            [name],
            sha256_before=before,
            sha256_after=sums.get(name, ""),
            kept_aside=aside,
        )
        changed.add(name)
    return changed


def _known_beyond(collection: Collection, name: str, end: int) -> int:
    """How many captures the ledger knows of a file from an offset on; 0 where there is no ledger to ask."""
    try:
        ledger = Ledger(collection.state, create=False, readonly=True)
    except LedgerDamaged:
        return 0
    try:
        sql = "SELECT count(*) FROM captures JOIN files ON files.id = file WHERE name = ? AND offset >= ?"
        return int(ledger.db.value(sql, (name, end)))
    except sqlite3.DatabaseError:
        return 0
    finally:
        ledger.close()


def _cut_at(path: Path, end: int) -> str:
    """Cut a file, keep what is cut off; gives the name it is kept under, empty when there is nothing to cut."""
    if end and end >= path.stat().st_size:
        return ""
    aside = files.keep_tail(path, end)
    if end:
        files.cut(path, end)
    else:
        path.unlink()  # nothing whole was in it
        files.sync_folder(path.parent)
    return aside.name


def _acceptable(verdict: Verdict, names: Iterable[str]) -> list[str]:
    """The names, each once; UsageError, before anything is done, when one has nothing to be accepted."""
    faulty = {fault.file for fault in verdict.faults if fault.code in _OF_A_FILE}
    wanted = list(dict.fromkeys(names))
    for name in wanted:
        if name not in faulty:
            raise UsageError(
                _("There is nothing to accept of %(file)s.") % {"file": name},
                _("Name a file that “osiris verify” calls damaged, another, or not there."),
            )
    return wanted


def _accept(collection: Collection, verdict: Verdict, names: list[str], told: Told) -> set[str]:
    """Files that the operator accepts as they are, or as gone."""
    sums = fixity.read(collection.manifest)
    faulty = {fault.file: fault for fault in verdict.faults if fault.code in _OF_A_FILE}
    for name in names:
        before = sums.pop(name)
        path = collection.archive / name
        if faulty[name].code != "missing-file":
            if not is_import(name) and not path.is_symlink():
                _cut_at(path, files.whole_end(path))  # a response whose request is lost goes aside
            sums[name] = fixity.sha256(path)
        fixity.write(collection.manifest, sums)
        told(
            _("%(file)s is accepted as it is now.") % {"file": name}
            if name in sums
            else _("%(file)s is given up; nothing of it is left in index and dataset.") % {"file": name},
            [name],
            sha256_before=before,
            sha256_after=sums.get(name, ""),
        )
    return set(names)


def _index(collection: Collection, verdict: Verdict, changed: set[str], broken: set[str], told: Told) -> None:
    """The index's lines of each file that it is wrong about; all of it when it is out of order or not there."""
    wrong = [fault for fault in verdict.faults if fault.check == faults.INDEX]
    closed = {path.name: path for path in files.closed_files(collection.archive)}
    if any(_of_whole_index(fault, collection) for fault in wrong):
        kept = [line for line in index.read(collection.index) if index.filename_of(line) in broken]
        index.rebuild(collection.index, [path for name, path in closed.items() if name not in broken], kept)
        told(_("The index was made anew."), [])
        return
    names = ({fault.file for fault in wrong} | changed) - broken
    if names:
        lines = index.Lines(collection.index.parent)
        for name in sorted(names & set(closed)):
            lines.extend(index.lines_of(closed[name], name))
        index.merge(collection.index, lines, without=names)
        told(_("The index was made to agree with %(files)s.") % {"files": ", ".join(sorted(names))}, names)


def _of_whole_index(fault: Fault, collection: Collection) -> bool:
    return fault.file in (collection.index.name, "")
