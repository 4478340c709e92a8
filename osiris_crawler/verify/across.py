"""What one stretch of a file can't know: other files, other stretches, the index, the manifest, the order of runs."""

from __future__ import annotations

from array import array
from collections import defaultdict
from itertools import chain, islice
from pathlib import Path

from osiris_crawler.archive import files, fixity, index
from osiris_crawler.ledger.imports import is_import
from osiris_crawler.paths import Collection
from osiris_crawler.verify import faults
from osiris_crawler.verify.checking import Found, Half, line_hash
from osiris_crawler.verify.dataset_lines import Lines, Pointers
from osiris_crawler.verify.verdict import Verdict

_SHOWN_LINES = 50  # of the index, of one file
_DAMAGE = (faults.MEMBERS, faults.BLOCK, faults.PAYLOAD)


def missing_pointers(verdict: Verdict, collection: Collection, lines: Lines) -> None:
    """Articles whose file is not there at all."""
    for name, pointers in lines.pointers.items():
        if not files.present(collection.archive, name):
            for offset, pointer in pointers.items():
                verdict.looked[faults.DATASET] += 1
                verdict.fault(faults.DATASET, "pointer-to-nothing", name, offset, pointer.record_id)


def unproven(verdict: Verdict, lines: Lines, founds: list[Found]) -> Pointers:
    """Of the records that the dataset points to, those for which no reading in the archive says what the line says."""
    readings = frozenset(chain.from_iterable(found.readings for found in founds))
    gone = {(fault.file, fault.offset) for fault in verdict.faults if fault.check == faults.DATASET}
    wanted: Pointers = defaultdict(dict)
    for name, pointers in lines.pointers.items():
        for offset, pointer in pointers.items():
            if pointer.content is None or (name, offset) in gone:
                continue
            if pointer.reading in readings:
                verdict.looked[faults.TEXT] += 1
            else:
                wanted[name][offset] = pointer
    return wanted


def fixity_of(
    verdict: Verdict, collection: Collection, paths: list[Path], founds: list[Found], sizes: dict[str, int]
) -> None:
    """Every file's sum against the manifest; `sizes` are those that the ledger knows.

    A file whose sum is another has lost its end, or is damaged when records in it no longer hold, else it is another file.
    """
    torn = {fault.file for found in founds for fault in found.faults if fault.code == "torn"}
    damaged = {found.name for found in founds if any(fault.check in _DAMAGE for fault in found.faults)}
    manifest = fixity.read(collection.manifest)
    known = {files.final_name(path) for path in paths}
    for path in paths:
        verdict.looked[faults.FIXITY] += 1
        name = path.name
        if name.endswith(files.OPEN):
            verdict.fault(faults.FIXITY, "left-open", name)
        elif name not in manifest:
            verdict.fault(faults.FIXITY, "unsealed", name)
        elif verdict.sums[name] != manifest[name]:
            size = path.stat().st_size
            # Shorter than it was, and up to there as the ledger knows it.
            short = size < sizes.get(name, 1) and not any(
                fault.check == faults.LEDGER and fault.file == name and fault.offset < size for fault in verdict.faults
            )
            cut = (short or name in torn) and not is_import(name)
            code = "cut-short" if cut else "bit-rot" if short or name in damaged else "changed"
            verdict.fault(faults.FIXITY, code, name)
    for name in sorted(set(manifest) - known):
        verdict.looked[faults.FIXITY] += 1
        verdict.fault(faults.FIXITY, "missing-file", name)
    for path in files.no_files(collection.archive):
        verdict.looked[faults.FIXITY] += 1
        verdict.fault(faults.FIXITY, "no-file", path.name)


def dataset_of(verdict: Verdict, collection: Collection, sums: dict[str, str]) -> None:
    """The dataset's files against the sums that were noted in the ledger when they were written."""
    for path in (collection.articles, collection.changes):
        if sums.get(path.name) or not path.is_file():
            verdict.looked[faults.DATASET] += 1
            if not path.is_file() or fixity.sha256(path) != sums[path.name]:
                verdict.fault(faults.DATASET, "dataset-differs", path.name)


def pairs(verdict: Verdict, founds: list[Found]) -> None:
    """Requests and responses whose other half was in another stretch, or is nowhere."""
    responses: dict[str, tuple[str, Half]] = {}
    requests: dict[str, tuple[str, Half]] = {}
    excused: set[str] = set()
    for found in founds:
        responses |= {id: (found.name, half) for id, half in found.responses.items()}
        requests |= {id: (found.name, half) for id, half in found.requests.items()}
        excused |= found.excused
    for id, (name, half) in responses.items():
        other = requests.pop(id, None)
        if other is None:
            verdict.fault(faults.PAIRS, "no-request", name, half.offset, half.id, half.mark)
        elif (other[1].mark, other[1].other) != (half.mark, half.id):
            verdict.fault(faults.PAIRS, "pair-differs", name, half.offset, half.id, half.mark)
    for id, (name, half) in requests.items():
        if id not in excused:
            verdict.fault(faults.PAIRS, "no-response", name, half.offset, half.id, half.mark)


def revisits(verdict: Verdict, founds: list[Found]) -> None:
    """What revisit records refer to, in whatever file it lies."""
    if not any(found.revisits for found in founds):
        return
    known = frozenset(chain.from_iterable(found.targets for found in founds))
    for found in founds:
        for offset, record_id, marks, address in found.revisits:
            if known.isdisjoint(marks):
                verdict.fault(faults.REVISITS, "revisit-to-nothing", found.name, offset, record_id, address)


def runs(verdict: Verdict, founds: list[Found]) -> None:
    """No run has captures from before those of the run before it: their order is the order of all that is derived."""
    spans: dict[str, list[str]] = {}
    run, began, file = "", "", ""
    for found in founds:
        if found.name != file:
            run, began, file = found.run, found.began, found.name
        if found.first_date:
            span = spans.setdefault(run, [began, found.first_date, "", found.name])
            span[:3] = min(span[0], began), min(span[1], found.first_date), max(span[2], found.last_date)
    newest = ""
    for _began, first, last, name in sorted(spans.values()):  # names of files begin with that of the collection at the time
        if first < newest:
            verdict.fault(faults.DATES, "backwards", name, detail=f"{first} < {newest}")
        newest = max(newest, last)


def ids(verdict: Verdict, founds: list[Found]) -> None:
    """Record ids that stand twice."""
    every: array[int] = array("Q")
    for found in founds:
        every.extend(found.ids)
    if len(every) == len(set(every)):
        return
    met: set[int] = set()
    for found in founds:
        for mark, offset in zip(found.ids, found.offsets, strict=True):
            if mark in met:
                verdict.fault(faults.IDS, "twice", found.name, offset)
            met.add(mark)


def index_of(verdict: Verdict, collection: Collection, founds: list[Found]) -> None:
    """The index against the records: each line once, no other, in order."""
    expected: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for found in founds:
        expected[found.name][0] += found.index_lines
        expected[found.name][1] = (expected[found.name][1] + found.index_sum) & ((1 << 128) - 1)
    wanted = {name: sums for name, sums in expected.items() if sums[0]}
    if not collection.index.exists():
        if wanted:
            verdict.looked[faults.INDEX] += 1
            verdict.fault(faults.INDEX, "no-index", collection.index.name)
        return
    held: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    last, number = b"", 0
    for number, line in enumerate(index.read(collection.index), 1):
        if line <= last:
            verdict.fault(faults.INDEX, "index-order", collection.index.name, detail=str(number))
        last = line
        sums = held[index.filename_of(line)]
        sums[0] += 1
        sums[1] = (sums[1] + line_hash(line)) & ((1 << 128) - 1)
    verdict.looked[faults.INDEX] += max(number, sum(sums[0] for sums in wanted.values()))
    wrong = {name for name in {*wanted, *held} if wanted.get(name, [0, 0]) != held.get(name, [0, 0])}
    for name in sorted(wrong):
        _lines_of(verdict, collection, name)


def _lines_of(verdict: Verdict, collection: Collection, name: str) -> None:
    """Which lines of a file the index lacks, and which it should not have."""
    there = {line for line in index.read(collection.index) if index.filename_of(line) == name}
    path = collection.archive / name if "/" not in name and name else None
    meant = set(index.lines_of(path, name)) if path is not None and path.is_file() else set()
    for code, lines in (("index-behind", meant - there), ("index-ahead", there - meant)):
        for line in islice(sorted(lines), _SHOWN_LINES):
            verdict.fault(faults.INDEX, code, name, detail=line.decode("utf-8", "replace").strip()[:200])
        verdict.counts[faults.INDEX] += max(len(lines) - _SHOWN_LINES, 0)
    if meant == there:
        verdict.fault(faults.INDEX, "index-ahead", name)  # a line that stands there twice, or is no line
