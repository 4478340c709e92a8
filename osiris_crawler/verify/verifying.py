"""Looking at every byte of a collection, in several processes.

files → stretches → `checking`, in processes → what one stretch can't know: pairs cut in two, revisit targets, ids, index,
runs → a verdict. Memory is a few dozen bytes a record, whatever the size of the files.
"""

from __future__ import annotations

import gc
import multiprocessing
import sqlite3
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path

from osiris_crawler.archive import files, fixity
from osiris_crawler.errors import OsirisError
from osiris_crawler.extract.chrome import Chrome
from osiris_crawler.extract.page import reader_of
from osiris_crawler.ledger.db import LedgerDamaged
from osiris_crawler.ledger.imports import is_import
from osiris_crawler.ledger.learning import frozen
from osiris_crawler.ledger.ledger import Ledger
from osiris_crawler.paths import Collection
from osiris_crawler.site.profile import Site
from osiris_crawler.verify import across, faults
from osiris_crawler.verify.checking import Found, Rereading, Row, Stretch, check, reread
from osiris_crawler.verify.dataset_lines import Lines, Pointers, read_lines
from osiris_crawler.verify.verdict import Verdict

_STRETCH = 16 * 1024 * 1024  # bytes of a file that a process takes at once
_REREAD = 50  # pages that a process reads again at once
_WORTH_WORKERS = 6_000_000  # bytes; below that starting processes takes longer than looking

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Known:
    """What the ledger knows of files: sizes of the WARC files, sha-256 of the dataset's when they were written."""

    sizes: dict[str, int]
    sums: dict[str, str]


def verify(
    collection: Collection,
    site: Site | None,
    *,
    workers: int = 1,
    progress: Progress = lambda done, total: None,
) -> Verdict:
    """Look at everything; `progress` gets bytes done and in all (every file is read twice: as bytes and as records).

    A text is what was read from its page when a reading in the archive says so; where there is none, the page is read
    again, and for that `site` is needed.
    """
    verdict = Verdict()
    paths = files.warc_files(collection.archive)
    verdict.files, verdict.bytes = len(paths), sum(path.stat().st_size for path in paths)
    chrome = _model(collection)
    lines = read_lines(collection, reader_of(chrome))
    for number, problem in lines.problems:
        verdict.fault(faults.DATASET, "dataset-line", "articles.jsonl", number, detail=problem)
    verdict.looked[faults.DATASET] += len(lines.problems)
    across.missing_pointers(verdict, collection, lines)
    verdict.notes["other-reader"] = lines.other_reader
    founds, known = _look(verdict, collection, paths, lines, workers, progress)
    if site is not None:
        _texts(verdict, collection, across.unproven(verdict, lines, founds), site, workers, chrome)
    across.fixity_of(verdict, collection, paths, founds, known.sizes)
    across.dataset_of(verdict, collection, known.sums)
    across.pairs(verdict, founds)
    across.revisits(verdict, founds)
    across.runs(verdict, founds)
    across.ids(verdict, founds)
    across.index_of(verdict, collection, founds)
    if not verdict.looked[faults.MEMBERS]:
        verdict.fault(faults.MEMBERS, "nothing", str(collection.archive))
    return verdict


def _model(collection: Collection) -> Chrome | None:
    """The model that the dataset was read by; without a ledger its texts are those of another reader, and counted so."""
    try:
        ledger = Ledger(collection.state, create=False, readonly=True)
    except (LedgerDamaged, OsirisError):
        return None  # told when the ledger is looked at
    try:
        return frozen(ledger, collection.archive)
    except (sqlite3.Error, ValueError):
        return None
    finally:
        ledger.close()


# -- the work of the processes ------------------------------------------------------------------------------------------


def _look(
    verdict: Verdict,
    collection: Collection,
    paths: list[Path],
    lines: Lines,
    workers: int,
    progress: Progress,
) -> tuple[list[Found], Known]:
    """Every closed file's sum and every stretch of every file; gives what was found, in the order of the files."""
    total, done, reached = 2 * verdict.bytes, 0, 0
    founds: list[Found] = []
    ledger = _ledger(verdict, collection)
    known = Known(ledger.known_sizes(), ledger.dataset_sums()) if ledger is not None else Known({}, {})
    manifest = fixity.read(collection.manifest)
    try:
        closed = [path for path in paths if not path.name.endswith(files.OPEN)]
        tasks: Iterator[Task] = chain(closed, _stretches(collection, paths, lines.pointers, ledger))
        for task, result in _results(tasks, workers if verdict.bytes >= _WORTH_WORKERS else 1):
            if isinstance(result, Found):
                assert isinstance(task, Stretch)
                if task.start == 0:
                    reached = 0
                if result.first_at not in (None, reached) or (result.first_at is None and reached < task.end):
                    result = check(replace(task, start=reached, exact=True))  # it began within a record, or too late
                reached = max(reached, result.reached)
                if is_import(result.name) and verdict.sums.get(result.name) == manifest.get(result.name, ""):
                    result.excuse()
                founds.append(result)
                done += task.end - task.start
            else:
                assert isinstance(task, Path)
                verdict.sums[task.name] = result
                done += task.stat().st_size
            progress(done, total)
    finally:
        if ledger is not None:
            ledger.close()
    for found in founds:
        verdict.add(found)
    return founds, known


def _texts(
    verdict: Verdict, collection: Collection, wanted: Pointers, site: Site, workers: int, chrome: Chrome | None
) -> None:
    """Read pages again whose reading is not in the archive: those of imports, and those a better reader has read anew."""
    tasks: list[Task] = []
    for name, pointers in wanted.items():
        path = files.existing(collection.archive, name)
        offsets = sorted(pointers)
        tasks += [
            Rereading(
                path, {offset: pointers[offset] for offset in offsets[at : at + _REREAD]}, is_import(name), site, chrome
            )
            for at in range(0, len(offsets), _REREAD)
        ]
    for _task, found in _results(iter(tasks), workers if len(tasks) > 2 else 1):
        assert isinstance(found, Found)
        verdict.add(found)


Task = Path | Stretch | Rereading


def _do(task: Task) -> str | Found:
    if isinstance(task, Stretch):
        return check(task)
    return reread(task) if isinstance(task, Rereading) else fixity.sha256(task)


def _results(tasks: Iterator[Task], workers: int) -> Iterator[tuple[Task, str | Found]]:
    """What became of each task, in their order; no more than a few are on their way at once."""
    if workers <= 1:
        for task in tasks:
            yield task, _do(task)
        return
    # Nothing here makes circles, so that the collector would only look at millions of records in vain.
    calm = partial(gc.set_threshold, 100_000, 50, 50)
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), initializer=calm) as pool:
        running: deque[tuple[Task, Future[str | Found]]] = deque()
        try:
            for task in tasks:
                running.append((task, pool.submit(_do, task)))
                if len(running) > 3 * workers:
                    first, future = running.popleft()
                    yield first, future.result()
            while running:
                first, future = running.popleft()
                yield first, future.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _stretches(
    collection: Collection,
    paths: list[Path],
    pointers: Pointers,
    ledger: Ledger | None,
) -> Iterator[Stretch]:
    sealed = fixity.read(collection.manifest)
    for path in paths:
        name = files.final_name(path)
        size = path.stat().st_size
        wanted = pointers.get(name, {})
        for start in range(0, max(size, 1), _STRETCH):
            end = min(start + _STRETCH, size)
            yield Stretch(
                path,
                name,
                start,
                end,
                is_import(name),
                name in sealed and path.name == name,
                {offset: pointer for offset, pointer in wanted.items() if start <= offset < end or end == size <= offset},
                None if ledger is None else _rows(ledger, name, start, end if end < size else 1 << 62),
            )


def _ledger(verdict: Verdict, collection: Collection) -> Ledger | None:
    if not collection.state.exists():
        verdict.notes["no-ledger"] += 1  # it can be thrown away; the next run makes it anew
        return None
    try:
        ledger = Ledger(collection.state, create=False, readonly=True)
        try:
            ledger.db.check_pages()
        except LedgerDamaged:
            ledger.close()
            raise
        return ledger
    except LedgerDamaged as problem:
        verdict.looked[faults.LEDGER] += 1
        verdict.fault(faults.LEDGER, "ledger-damaged", collection.state.name, detail=str(problem))
        return None


def _rows(ledger: Ledger, name: str, start: int, end: int) -> list[Row]:
    rows = ledger.db.query(
        """SELECT offset, length, record_id, captures.status, digest FROM captures JOIN files ON files.id = file
           WHERE name = ? AND offset >= ? AND offset < ?""",
        (name, start, end),
    )
    return [(row[0], row[1], row[2], row[3], row[4]) for row in rows]


