"""Files that other crawlers wrote: which these are, which of their records count, and to which walk each belongs.

A capture of another crawler belongs to the walk of its day, one of another collection of ours to the walk that it was
made in. Both have negative numbers, and their place in time is that of their captures, whenever they were taken in.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from osiris_crawler.archive import files
from osiris_crawler.archive.clock import normal_date, warc_date
from osiris_crawler.archive.exchange import IMPORTS
from osiris_crawler.archive.index import LONGEST_ADDRESS
from osiris_crawler.archive.reader import Record, fields_of, first, records
from osiris_crawler.archive.records import entries_of, note_of
from osiris_crawler.ledger.ledger import Ledger
from osiris_crawler.ledger.scope import Scope

# Our own names have at least four dashes (archive/writer.py), these have two: neither can be taken for the other.
_NAME = re.compile(r"import-[0-9a-f]{16}-[A-Za-z0-9_.]{1,60}(?:~\d{1,4})?\.warc(?:\.gz)?")
_SKEW = timedelta(hours=1)  # clocks of two machines differ
_UNSAFE = re.compile(r"[^A-Za-z0-9.-]+")
_FIRST_OF_OURS = 10**9  # numbers of walks: days are smaller
_REMEMBERED = 10_000  # ids of requests that are no GET; their answers follow at once

# Why an answer in an imported file says nothing of a page.
NOT_HTTP = "not_http"  # dns: and its like
NOT_ASKED = "not_get"  # answers to POST and HEAD
UNDATED = "undated"  # without a date that can be read, or dated after the file was taken in
TOO_LONG = "long_address"  # nobody can ask for it; an id as long counts here too
SHARED = "shared_member"  # a record in another's gzip member can't be pointed at
SEALED = "sealed"  # in a content coding that can't be taken off here
SEGMENTED = "segmented"  # a body cut over several records (WARC 1.1, 5.18); nobody is known to write them


@dataclass(frozen=True, slots=True)
class Origin:
    """The run that made a capture; the walk of an import is negative. `scope`: what it was to cover, where that is known."""

    run: str
    crawl: int
    scope: Scope | None = None


def name_for(sha256: str, stem: str, compressed: bool) -> str:
    """The name under which a file is taken in; `stem` is what is left of its own name."""
    safe = re.sub(r"[^A-Za-z0-9.]+", "_", stem).strip("_.")[:60] or "file"
    return f"import-{sha256[:16]}-{safe}.warc{'.gz' if compressed else ''}"


def is_import(name: str) -> bool:
    """Whether a file in an archive folder was written by another crawler, or in another collection."""
    return _NAME.fullmatch(name) is not None


def imports(archive: Path) -> dict[str, str]:
    """Name → latest instant at which it was taken in, of the files that other crawlers wrote.

    Only import records in files of our own are believed, and a file under an import's name is never one of them. The
    record is written before its file is put in place.
    """
    taken: dict[str, str] = {}
    for path in files.warc_files(archive):
        name = files.final_name(path)
        if is_import(name):
            taken.setdefault(name, "")
            continue
        record = first(path)
        if record is None or record.type != "warcinfo" or fields_of(record.block).get("command") != "import":
            continue
        for entry in records(path):
            if entry.type == "metadata" and entry.uri == IMPORTS:
                for file in entries_of(note_of(entry.block), "files", "name"):
                    taken[file["name"]] = max(taken.get(file["name"], ""), normal_date(entry.date) or "")
    return taken


class Walks:
    """The walks of one imported file. `taken` is when it was taken in, "" when that is not known."""

    def __init__(self, ledger: Ledger, path: Path, taken: str) -> None:
        self._ledger = ledger
        self._ours = _walk_of_ours(first(path))
        self._earliest: dict[str, str] = {}
        self._latest = ""
        if taken:
            self._latest = warc_date(datetime.fromisoformat(taken.replace("Z", "+00:00")) + _SKEW)

    @property
    def ours(self) -> bool:
        """Whether this program wrote the file, in another collection."""
        return self._ours is not None

    def of(self, record: Record) -> tuple[str, Origin] | None:
        """(instant, origin) of a record; None when it has no date, or one after the file was taken in."""
        date = normal_date(record.date)
        if date is None or (self._latest and date > self._latest):
            return None
        origin = self._ours or Origin(f"import-{date[:10]}", -int(date[:10].replace("-", "")))
        known = self._earliest.get(origin.run)
        if known is None:
            self._ledger.begin_run(origin.run, origin.crawl, "import", date)
        if known is None or date < known:
            self._earliest[origin.run] = date
        return date, origin

    def close(self) -> None:
        """A walk began with the earliest of its captures, in whichever order the files came."""
        for run, date in self._earliest.items():
            self._ledger.db.execute("UPDATE runs SET started = ? WHERE run = ? AND started > ?", (date, run, date))


def _walk_of_ours(record: Record | None) -> Origin | None:
    fields = fields_of(record.block) if record is not None and record.type == "warcinfo" else {}
    number = fields.get("crawl", "")
    if not fields.get("software", "").startswith("osiris-crawler/") or not number.isdecimal() or len(number) > 9:
        return None
    # Collections of one name on two machines have walks of the same number; runs of one walk share theirs.
    marks = "\n".join(fields.get(name, "") for name in ("isPartOf", "hostname", "site", "crawl"))
    mark = hashlib.sha256(marks.encode()).hexdigest()
    run = _UNSAFE.sub("-", fields.get("run", ""))[:60]
    return Origin(f"import-{run}-{mark[:6]}", -(_FIRST_OF_OURS + int(mark[:12], 16)))


def answers(stream: Iterable[Record], skipped: Counter[str]) -> Iterator[tuple[Record, bool]]:
    """Every record, in order, with whether it is the answer to a GET over HTTP; `skipped` counts why others are not.

    wget writes a request before its answer, all others behind it: an answer is held back until its request is seen.
    """
    others: set[int] = set()  # hashes: an id may be of any length
    held: Record | None = None
    for record in stream:
        if held is not None:
            good = not (record.type == "request" and _paired(record, held) and not _is_get(record))
            skipped[NOT_ASKED] += not good
            yield held, good
            held = None
        if record.type == "request" and not _is_get(record):
            if len(others) > _REMEMBERED:
                others.clear()
            others.add(hash(record.id))
        reason = _reason(record, others)
        if record.type not in ("response", "revisit") or reason is not None:
            if reason is not None:
                skipped[reason] += 1
            yield record, False
        else:
            held = record
    if held is not None:
        yield held, True


def _reason(record: Record, others: set[int]) -> str | None:
    if record.type not in ("response", "revisit"):
        return None
    if not record.uri.startswith(("http://", "https://")):
        return NOT_HTTP
    # A revisit record may have no block at all; then the original's headers stand for its own.
    if not record.block.startswith(b"HTTP/") and (record.type == "response" or record.block.strip()):
        return NOT_HTTP
    if record.inner:
        return SHARED
    if max(len(record.uri), len(record.id)) > LONGEST_ADDRESS:
        return TOO_LONG
    if "WARC-Segment-Number" in record.headers:
        return SEGMENTED
    # Browsers' tools write what was posted into the address, so that replay finds it.
    posted = "__wb_method=" in record.uri and "__wb_method=GET" not in record.uri
    return NOT_ASKED if posted or hash(record.headers.get("WARC-Concurrent-To")) in others else None


def _is_get(request: Record) -> bool:
    return request.block[:4].upper() == b"GET "


def _paired(request: Record, answer: Record) -> bool:
    named = request.headers.get("WARC-Concurrent-To"), answer.headers.get("WARC-Concurrent-To")
    if named == (None, None):
        return request.uri == answer.uri
    return named[0] == answer.id or named[1] == request.id
