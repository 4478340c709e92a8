"""The checks of a stretch of a WARC file: all that can be said without looking at other files.

What needs other stretches (pairs cut in two, revisit targets, ids, index, runs) is brought back in compact form and judged
by `verifying`, so that processes can share the work and memory stays a few bytes a record.
"""

from __future__ import annotations

import hashlib
import re
from array import array
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from osiris_crawler.archive import digests, index
from osiris_crawler.archive.clock import normal_date, warc_date
from osiris_crawler.archive.foreign import foreign_response
from osiris_crawler.archive.http import HttpMessage, parse_response, split_head
from osiris_crawler.archive.reader import ENDS_EARLY, Record, Records, fields_of, next_record, read_at
from osiris_crawler.archive.records import IDENTICAL
from osiris_crawler.errors import IntegrityError
from osiris_crawler.extract.chrome import Chrome
from osiris_crawler.ledger.intake import capture_of, read_page
from osiris_crawler.ledger.scope import Scope
from osiris_crawler.site.profile import Site
from osiris_crawler.verify import faults
from osiris_crawler.verify.faults import Fault

MOST_FAULTS = 200  # kept of a stretch and a check; the rest is counted

_TYPES = frozenset({"warcinfo", "response", "resource", "request", "metadata", "revisit", "conversion", "continuation"})
_WITHOUT_URI = frozenset({"warcinfo", "metadata"})
_CONTENT = re.compile(rb"^content_digest: (sha256:[0-9a-f]{64})\r?$", re.M)
_READER = re.compile(rb'^reader: "?([^"\r\n]+)"?\r?$', re.M)

_OF_RECORDS = (faults.MEMBERS, faults.HEADERS, faults.BLOCK, faults.PAYLOAD)

Row = tuple[int, int, str, int, str | None]  # of the ledger: offset, length, record id, status, payload digest


@dataclass(frozen=True, slots=True)
class Pointer:
    """What a line of articles.jsonl says of the record that it points to. `content` None: the text is not compared."""

    record_id: str
    date: str
    content: str | None
    reader: str

    @property
    def reading(self) -> int:
        """The mark of the reading that would bear it out."""
        return token(self.record_id, self.reader, self.content or "")


@dataclass(frozen=True, slots=True)
class Rereading:
    """Pages to be read again, since no reading in the archive bears out what the dataset says of them."""

    path: Path
    pointers: dict[int, Pointer]
    imported: bool
    site: Site
    chrome: Chrome | None = None


@dataclass(slots=True)
class Stretch:
    """What to look at: a file from the first member at or after `start` up to the last that begins before `end`.

    That a member begins there is a guess where `exact` is not set: bytes of a stored archive look the same.
    """

    path: Path
    name: str
    start: int
    end: int
    imported: bool
    indexed: bool = True
    pointers: dict[int, Pointer] = field(default_factory=dict)
    ledger: list[Row] | None = None  # None: not to be compared
    exact: bool = False  # a record begins at `start`, or should


@dataclass(slots=True)
class Half:
    """A request or response whose other half was not in the stretch. `mark`: date and address; `other`: the id it names."""

    offset: int
    id: str
    mark: str
    other: str


@dataclass(slots=True)
class Found:
    """What was found in a stretch."""

    name: str
    looked: Counter[str] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)
    fault_counts: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    ids: array[int] = field(default_factory=lambda: array("Q"))
    offsets: array[int] = field(default_factory=lambda: array("Q"))  # of the records with those ids
    targets: array[int] = field(default_factory=lambda: array("Q"))  # responses that a revisit may refer to
    revisits: list[tuple[int, str, tuple[int, ...], str]] = field(default_factory=list)  # offset, id, targets, address
    responses: dict[str, Half] = field(default_factory=dict)  # by the id of the request they await
    requests: dict[str, Half] = field(default_factory=dict)  # by their own id
    excused: set[str] = field(default_factory=set)  # requests of attempts that brought no byte
    readings: array[int] = field(default_factory=lambda: array("Q"))  # what the archive says was read from a record
    index_lines: int = 0
    index_sum: int = 0  # of the lines' hashes, so that order does not matter
    run: str = ""
    began: str = ""  # the date of the warcinfo record
    first_date: str = ""
    last_date: str = ""
    first_at: int | None = None  # where the first member was found
    reached: int = 0  # the end of the last one

    def fault(self, check: str, code: str, record: Record | None = None, *, offset: int = 0, detail: str = "") -> None:
        """Note a fault; the first ones are kept whole."""
        self.fault_counts[check] += 1
        if self.fault_counts[check] <= MOST_FAULTS:
            at = record.offset if record is not None else offset
            self.faults.append(Fault(check, code, self.name, at, record.id if record else "", detail[:500]))


    def excuse(self) -> None:
        """The file is an import and as it was taken in: what is wrong in it is no fault of this collection, but counted."""
        for check in _OF_RECORDS:
            self.notes["as-taken-in"] += self.fault_counts.pop(check, 0)
        self.faults = [fault for fault in self.faults if fault.check not in _OF_RECORDS]


def token(*parts: str) -> int:
    """64 bits that stand for some words; two that are equal by chance are less likely than a disk's silent fault."""
    return int.from_bytes(hashlib.blake2b("\n".join(parts).encode("utf-8", "replace"), digest_size=8).digest())


def _id_mark(id: str) -> int:
    """64 bits of a record id: the end of its UUID, where it has one, which is quicker than a hash and as good."""
    try:
        return int(id[-18:-14] + id[-13:-1], 16) if len(id) == 47 else token(id)
    except ValueError:
        return token(id)


def line_hash(line: bytes) -> int:
    """128 bits that stand for a line of the index."""
    return int.from_bytes(hashlib.blake2b(line, digest_size=16).digest())


def check(stretch: Stretch) -> Found:
    """Look at every member of a stretch."""
    found = Found(stretch.name)
    if not stretch.end:
        found.fault(faults.MEMBERS, "nothing")
    rows = {row[0]: row for row in stretch.ledger or ()}
    pointed: set[int] = set()
    start: int | None = stretch.start
    if start and not stretch.exact:
        with stretch.path.open("rb") as file:
            start = next_record(file, start, stretch.end)
    if start is None or start >= stretch.end:
        _leftovers(found, stretch, rows, pointed)
        return found
    found.first_at = start
    stream = Records(stretch.path, start, end=stretch.end)
    soon = warc_date(datetime.now(UTC) + timedelta(days=1))
    for record in stream:
        found.looked[faults.MEMBERS] += record.inner == 0
        _form(found, record, stretch.imported)
        message = _message(record, stretch.imported) if record.type in ("response", "revisit") else None
        _digests(found, record, message, imported=stretch.imported)
        if message is not None and record.type == "revisit":
            _revisit(found, record, message, imported=stretch.imported)
        if stretch.indexed:
            _index(found, record, message, stretch.name)
        if message is not None and stretch.ledger is not None and record.inner == 0:
            _row(found, record, message, rows, imported=stretch.imported)
        if record.offset in stretch.pointers and record.inner == 0:
            pointed.add(record.offset)
            _pointer(found, record, stretch.pointers[record.offset])
        if not stretch.imported:
            _pair(found, record)
            _date(found, record, soon)
            if record.type == "metadata":
                _reading(found, record)
    found.reached = stream.reached
    for damage in stream.damage:
        found.looked[faults.MEMBERS] += 1
        # What a run has left may end in anything; a file that was closed whole is torn only where bytes are missing.
        cut_short = not stretch.indexed or damage.why.startswith(ENDS_EARLY)
        code = "torn" if damage.start == stream.torn and cut_short else "damage"
        found.fault(faults.MEMBERS, code, offset=damage.start, detail=f"{damage.why} ({damage.end - damage.start} B)")
    _leftovers(found, stretch, rows, pointed)
    return found


def _message(record: Record, imported: bool) -> HttpMessage:
    """Other crawlers may keep a body whose codings are off beside headers that still name them."""
    return foreign_response(record.block).message if imported else parse_response(record.block)


def _leftovers(found: Found, stretch: Stretch, rows: dict[int, Row], pointed: set[int]) -> None:
    """What ledger and dataset say of records that were not met; those beyond the file's end go to its last stretch."""
    for offset, row in rows.items():
        found.looked[faults.LEDGER] += 1
        found.fault(faults.LEDGER, "ledger-ahead", offset=offset, detail=row[2])
    for offset in stretch.pointers.keys() - pointed:
        found.looked[faults.DATASET] += 1
        found.fault(faults.DATASET, "pointer-to-nothing", offset=offset, detail=stretch.pointers[offset].record_id)


def _form(found: Found, record: Record, imported: bool) -> None:
    if record.fault:
        found.fault(faults.MEMBERS, "form", record, detail=record.fault)
    if record.inner == 1 and not imported:
        found.fault(faults.MEMBERS, "shared-member", record)
    found.notes["shared-members"] += record.inner > 0
    found.looked[faults.HEADERS] += 1
    if record.id and not imported:
        found.looked[faults.IDS] += 1
        found.ids.append(_id_mark(record.id))
        found.offsets.append(record.offset)
    missing = [name for name in ("WARC-Type", "WARC-Record-ID", "WARC-Date") if not record.headers.get(name)]
    if not record.uri and record.type not in _WITHOUT_URI:
        missing.append("WARC-Target-URI")
    if missing:
        found.fault(faults.HEADERS, "missing-header", record, detail=", ".join(missing))
    elif record.type not in _TYPES:
        # WARC 1.1, 5.5: a reader skips what it doesn't know; in a file of ours there is nothing of the kind.
        if imported:
            found.notes["unknown-type"] += 1
        else:
            found.fault(faults.HEADERS, "unknown-type", record, detail=record.type[:40])
    elif normal_date(record.date) is None:
        found.fault(faults.HEADERS, "bad-date", record, detail=record.date[:40])
    elif record.offset == 0 and record.type != "warcinfo" and not imported:
        found.fault(faults.HEADERS, "no-warcinfo", record)


def _digests(found: Found, record: Record, message: HttpMessage | None, *, imported: bool) -> None:
    stated = record.headers.get("WARC-Block-Digest")
    if stated:
        found.looked[faults.BLOCK] += 1
        holds = digests.matches(stated, record.block)
        if holds is None:
            found.notes["unknown-digest"] += 1
        elif not holds and record.type == "revisit" and imported:
            found.notes["foreign-revisit-digest"] += 1  # wget states the digest of the whole response
        elif not holds:
            found.fault(faults.BLOCK, "block-digest", record)
    elif not imported:
        found.fault(faults.HEADERS, "missing-header", record, detail="WARC-Block-Digest")
    if record.type == "response" and message is not None and message.status:
        _payload(found, record, message, imported=imported)
    elif record.type in ("resource", "conversion") and (of := record.headers.get("WARC-Payload-Digest")):
        found.looked[faults.PAYLOAD] += 1
        if digests.matches(of, record.block) is False:
            found.fault(faults.PAYLOAD, "payload-digest", record)


def _payload(found: Found, record: Record, message: HttpMessage, *, imported: bool) -> None:
    stated = record.headers.get("WARC-Payload-Digest")
    if stated:
        found.looked[faults.PAYLOAD] += 1
        if "chunked" in (message.header("Transfer-Encoding") or "").lower():
            found.notes["chunked"] += not record.block.endswith(message.body) or not message.body
        holds = digests.matches(stated, message.body)
        if holds is None:
            found.notes["unknown-digest"] += 1
        elif not holds and imported and digests.matches(stated, split_head(record.block)[1]):
            found.notes["foreign-payload-digest"] += 1  # over the chunked bytes, as wget writes it
        elif not holds:
            found.fault(faults.PAYLOAD, "payload-digest", record)
    elif not imported:
        found.fault(faults.HEADERS, "missing-header", record, detail="WARC-Payload-Digest")
    if not record.headers.get("WARC-Truncated"):
        date = normal_date(record.date) or record.date
        found.targets.append(token(record.id, record.uri, date, stated or "", str(message.status)))
        found.targets.append(token(record.uri, date))
        found.targets.append(token(stated or ""))


def _revisit(found: Found, record: Record, message: HttpMessage, *, imported: bool) -> None:
    """A revisit of ours names a whole response by address and date; it has its payload and, if identical, its status.

    Other crawlers' may name it by address and date alone, or by nothing but the payload.
    """
    found.looked[faults.REVISITS] += 1
    headers = record.headers
    wanted = ("WARC-Profile", "WARC-Refers-To", "WARC-Refers-To-Target-URI", "WARC-Refers-To-Date")
    missing = [name for name in wanted if not headers.get(name)]
    if missing and not imported:
        found.fault(faults.REVISITS, "missing-header", record, detail=", ".join(missing))
        return
    uri = headers.get("WARC-Refers-To-Target-URI", record.uri).strip("<>")
    stated = headers.get("WARC-Refers-To-Date", "")
    date = normal_date(stated) or stated
    digest = headers.get("WARC-Payload-Digest", "")
    if headers.get("WARC-Profile") == IDENTICAL and not imported:
        named = headers.get("WARC-Refers-To", "")
        marks: tuple[int, ...] = (token(named, uri, date, digest, str(message.status)),)
    elif imported:
        marks = (token(uri, date), *([token(digest)] if digest else []))
    else:
        marks = (token(uri, date),)
    found.revisits.append((record.offset, record.id, marks, f"{uri} {stated}"))


def _index(found: Found, record: Record, message: HttpMessage | None, name: str) -> None:
    line = index.line_of(record, name, message) if record.inner == 0 else None
    if line is not None:
        found.index_lines += 1
        found.index_sum = (found.index_sum + line_hash(line)) & ((1 << 128) - 1)


def _row(found: Found, record: Record, message: HttpMessage, rows: dict[int, Row], *, imported: bool) -> None:
    row = rows.pop(record.offset, None)
    if row is None:
        # Of other crawlers' records the ledger takes those of its site.
        if not imported:
            found.looked[faults.LEDGER] += 1
            found.fault(faults.LEDGER, "ledger-behind", record, detail=record.uri)
        return
    found.looked[faults.LEDGER] += 1
    _offset, length, record_id, status, digest = row
    same = (length, record_id) == (record.length, record.id) and message.status in (0, status)
    if not same or digest != record.headers.get("WARC-Payload-Digest", digest):
        found.fault(faults.LEDGER, "ledger-differs", record, detail=record.uri)


def _pointer(found: Found, record: Record, pointer: Pointer) -> None:
    found.looked[faults.DATASET] += 1
    if (record.type, record.id, normal_date(record.date)) != ("response", pointer.record_id, pointer.date):
        found.fault(faults.DATASET, "pointer-differs", record, detail=pointer.record_id)


def _reading(found: Found, record: Record) -> None:
    """A metadata record of ours says which content was read from which record, by which reader."""
    about = record.headers.get("WARC-Refers-To", "")
    content, reader = _CONTENT.search(record.block), _READER.search(record.block)
    if about and content and reader:
        found.readings.append(token(about, reader[1].decode("utf-8", "replace"), content[1].decode("latin-1")))


def reread(task: Rereading) -> Found:
    """Read the pages of a file again that articles come from, with today's reader."""
    found = Found(task.path.name)
    for offset, pointer in task.pointers.items():
        try:
            record = read_at(task.path, offset)
        except IntegrityError:
            continue  # told already, as a pointer to nothing
        found.looked[faults.TEXT] += 1
        message = _message(record, task.imported)
        capture = capture_of(
            run="", date=record.date, file=found.name, offset=record.offset, length=record.length, record_id=record.id,
            url=record.uri, head=message, digest=None, truncated=record.headers.get("WARC-Truncated"), site=task.site,
        )  # fmt: skip
        try:
            said = read_page(capture, 0, message, 0, task.site, Scope(), task.chrome).content
        except Exception as problem:  # a fault of the reader is told like any other difference
            said = type(problem).__name__
        if said != pointer.content:
            found.fault(faults.TEXT, "text-differs", record, detail=record.uri)
    return found


def _pair(found: Found, record: Record) -> None:
    """Response and request name each other; that of an attempt without an answer is named by a metadata record."""
    other = record.headers.get("WARC-Concurrent-To", "")
    if record.type == "metadata" and other:
        if found.requests.pop(other, None) is None and not found.looked[faults.PAIRS]:
            found.excused.add(other)  # of a request that the stretch before ended with
    elif record.type == "request":
        found.looked[faults.PAIRS] += 1
        half = Half(record.offset, record.id, f"{record.date} {record.uri}", other)
        before = found.responses.pop(record.id, None)
        if before is None:
            found.requests[record.id] = half
        elif (before.mark, before.id) != (half.mark, other):
            found.fault(faults.PAIRS, "pair-differs", record, detail=record.uri)
    elif record.type in ("response", "revisit"):
        found.looked[faults.PAIRS] += 1
        if other:
            found.responses[other] = Half(record.offset, record.id, f"{record.date} {record.uri}", other)
        else:
            found.fault(faults.PAIRS, "no-request", record, detail=record.uri)


def _date(found: Found, record: Record, soon: str) -> None:
    if record.type == "warcinfo":
        found.run = found.run or fields_of(record.block).get("run", "")
        found.began = found.began or normal_date(record.date) or ""
    date = normal_date(record.date)
    if date is None:
        return
    found.looked[faults.DATES] += 1
    if date > soon:
        found.fault(faults.DATES, "future", record, detail=record.date)
    if record.type in ("response", "revisit"):
        found.first_date = min(found.first_date or date, date)
        found.last_date = max(found.last_date, date)
