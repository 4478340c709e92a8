"""Records that the ledger has not heard of are taken in from the WARC files: after a kill, and at `rebuild`.

The same code reads them as reads a crawl, so the ledger and the dataset come out the same.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from osiris_crawler.archive import files
from osiris_crawler.archive.exchange import IDS
from osiris_crawler.archive.http import HttpMessage, parse_response
from osiris_crawler.archive.reader import Record, read_at, records
from osiris_crawler.ledger.intake import capture_of, check, decoded, take_in
from osiris_crawler.ledger.ledger import Ledger, verdict_on
from osiris_crawler.ledger.page import Capture, Page
from osiris_crawler.ledger.scope import Scope
from osiris_crawler.site import urls
from osiris_crawler.site.profile import Site

_COMMIT_EVERY = 200  # records


@dataclass(slots=True)
class Adopted:
    """What was taken in."""

    files: int = 0
    records: int = 0
    captures: int = 0
    pages: int = 0
    torn: int = 0


@dataclass(slots=True)
class _Origin:
    """The run that wrote a file."""

    run: str
    crawl: int


def adopt(
    ledger: Ledger,
    archive: Path,
    site: Site,
    scope: Scope,
    *,
    on_page: Callable[[Page], None] = lambda page: None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Adopted:
    """Take in every record beyond what the ledger knows, file by file; `progress` gets bytes done and in all."""
    adopted = Adopted()
    paths = files.warc_files(archive)
    total = sum(path.stat().st_size for path in paths)
    done = 0
    for path in paths:
        name = files.final_name(path)
        start = ledger.known_until(name)
        size = path.stat().st_size
        if start < size:
            adopted.files += 1
            _adopt_file(ledger, path, name, start, site, scope, adopted, on_page)
        done += size
        progress(done, total)
    ledger.commit()
    return adopted


def _adopt_file(
    ledger: Ledger,
    path: Path,
    name: str,
    start: int,
    site: Site,
    scope: Scope,
    adopted: Adopted,
    on_page: Callable[[Page], None],
) -> None:
    origin = _known_origin(ledger, name)
    stream = records(path, start)
    for record in stream:
        adopted.records += 1
        if record.type == "warcinfo":
            origin = _begin(ledger, record)
        elif record.type == "response":
            page = _response(ledger, record, name, origin, site, scope, adopted)
            if page is not None:
                on_page(page)
        elif record.type == "metadata" and record.uri == IDS:
            _ids(ledger, record)
        ledger.file_known(name, origin.run, record.offset + record.length)
        if adopted.records % _COMMIT_EVERY == 0:
            ledger.commit()
    adopted.torn += stream.torn is not None
    ledger.commit()


def _known_origin(ledger: Ledger, name: str) -> _Origin:
    row = ledger.db.query(
        "SELECT runs.run, crawl FROM files JOIN runs ON runs.run = files.run WHERE name = ?", (name,)
    ).fetchone()
    return _Origin("", 0) if row is None else _Origin(row["run"], row["crawl"])


def _begin(ledger: Ledger, record: Record) -> _Origin:
    fields = dict(line.split(": ", 1) for line in record.block.decode("utf-8", "replace").splitlines() if ": " in line)
    number = fields.get("crawl", "")
    origin = _Origin(fields.get("run", record.id), int(number) if number.isdecimal() else 0)
    ledger.begin_run(origin.run, origin.crawl, fields.get("command", "import"), record.date)
    return origin


def _response(
    ledger: Ledger, record: Record, name: str, origin: _Origin, site: Site, scope: Scope, adopted: Adopted
) -> Page | None:
    if ledger.capture_id(name, record.offset) is not None:
        return None
    head = parse_response(record.block)
    capture = capture_of(
        run=origin.run,
        date=record.date,
        file=name,
        offset=record.offset,
        length=record.length,
        record_id=record.id,
        url=record.uri,
        head=head,
        digest=record.headers.get("WARC-Payload-Digest"),
        truncated=record.headers.get("WARC-Truncated"),
        site=site,
    )
    kind = urls.parse(capture.url, site).kind
    row = ledger.captured(capture, kind, origin.crawl)
    adopted.captures += 1
    if verdict_on(capture.status, capture.truncated) == "retry":
        return None
    return _read(ledger, capture, row, head, origin.crawl, site, scope, adopted)


def _read(
    ledger: Ledger,
    capture: Capture,
    row: int,
    head: HttpMessage,
    crawl: int,
    site: Site,
    scope: Scope,
    adopted: Adopted,
) -> Page:
    page = take_in(capture, row, decoded(head), crawl=crawl, site=site, scope=scope)
    check(page)
    ledger.read(page)
    adopted.pages += 1
    return page


def _ids(ledger: Ledger, record: Record) -> None:
    for entry in json.loads(record.block).get("ids", []):
        ledger.mint(entry["id"], entry["key"], entry.get("number"), record.date)


def read_unread(
    ledger: Ledger, archive: Path, site: Site, scope: Scope, *, on_page: Callable[[Page], None] = lambda page: None
) -> int:
    """Read what was captured but not read when a run died, from the archive; gives how many pages that were."""
    adopted = Adopted()
    for row, name, offset in ledger.unread():
        path = files.existing(archive, name)
        record = read_at(path, offset)
        head = parse_response(record.block)
        found = ledger.db.query(
            "SELECT captures.run, crawl FROM captures JOIN runs ON runs.run = captures.run WHERE id = ?", (row,)
        ).fetchone()
        run, crawl = (found["run"], found["crawl"]) if found else ("", ledger.last_crawl())
        capture = capture_of(
            run=run,
            date=record.date,
            file=name,
            offset=record.offset,
            length=record.length,
            record_id=record.id,
            url=record.uri,
            head=head,
            digest=record.headers.get("WARC-Payload-Digest"),
            truncated=record.headers.get("WARC-Truncated"),
            site=site,
        )
        on_page(_read(ledger, capture, row, head, crawl, site, scope, adopted))
    ledger.commit()
    return adopted.pages
