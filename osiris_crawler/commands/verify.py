"""osiris verify: every byte of a collection, every digest, every pointer; exit 6 when something does not hold."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from osiris_crawler.amounts import size, span
from osiris_crawler.care import events
from osiris_crawler.care.keeping import existing, locked, only_collection
from osiris_crawler.care.rebuilding import site_of
from osiris_crawler.commands import options
from osiris_crawler.crawl.terminal import bar, console, show_table
from osiris_crawler.errors import Exit, UsageError
from osiris_crawler.i18n import _, ngettext
from osiris_crawler.paths import Collection
from osiris_crawler.settings import Settings, load
from osiris_crawler.site.profile import Site
from osiris_crawler.verify import copies, faults
from osiris_crawler.verify.verdict import Verdict
from osiris_crawler.verify.verifying import verify

_SHOWN = 10  # faults told on the terminal
_TOLD = 1000  # … and by --json


def run(settings: Settings, workers: int | None, against: Path | None) -> int:
    """Look at everything, note the outcome in events.jsonl, tell it; gives the exit code."""
    collection = existing(Collection(settings.output, settings.collection or only_collection(settings.output)))
    if against is not None:
        copies.archive_of(against)
    out = console(settings)
    began = time.monotonic()
    with _held(collection):
        with bar(out, _("Looking at every record"), unit="bytes") as progress:
            verdict = verify(
                collection, _site(collection, settings), workers=workers or os.cpu_count() or 1, progress=progress
            )
        if against is not None:
            with bar(out, _("Comparing with the second copy")) as progress:
                copies.compare(verdict, collection, against, progress=progress)
        noted = _note(collection, verdict)
    seconds = time.monotonic() - began
    if settings.json:
        click.echo(json.dumps(_report(collection, verdict, seconds), ensure_ascii=False))
    else:
        _show(out, verdict, seconds)
        if not noted:
            out.print(_("The collection is read-only: the outcome is not in events.jsonl."), style="yellow")
    return int(Exit.DONE if verdict.whole else Exit.INTEGRITY)


@contextmanager
def _held(collection: Collection) -> Iterator[None]:
    """The lock, so that nothing changes meanwhile; a copy on a medium that can't be written changes anyhow not."""
    if not os.access(collection.root, os.W_OK):
        yield
        return
    with locked(collection):
        yield


def _site(collection: Collection, settings: Settings) -> Site | None:
    try:
        return site_of(collection, settings.profile)
    except UsageError:
        if settings.profile is not None:
            raise
        return None  # an archive too damaged to say: what can be looked at is


def _note(collection: Collection, verdict: Verdict) -> bool:
    if not os.access(collection.root, os.W_OK):
        return False
    events.append(
        collection,
        "fixity check",
        "success" if verdict.whole else "failure",
        "osiris verify",
        sorted({fault.file for fault in verdict.faults}),
        looked={name: verdict.looked[name] for name in faults.CHECKS},
        faults=dict(verdict.counts),
        files=verdict.files,
        bytes=verdict.bytes,
    )
    return True


def faults_of(verdict: Verdict, *, mended: bool = False) -> list[dict[str, Any]]:
    """The first faults, as `--json` gives them; `mended` when they are what mending has left."""
    return [
        {
            "check": fault.check,
            "code": fault.code,
            "file": fault.file,
            "offset": fault.offset,
            "record_id": fault.record_id,
            "what": fault.what(),
            "step": fault.step_after_mending() if mended else fault.step(),
        }
        for fault in verdict.in_order()[:_TOLD]
    ]


def _report(collection: Collection, verdict: Verdict, seconds: float) -> dict[str, Any]:
    return {
        "collection": str(collection.root),
        "whole": verdict.whole,
        "files": verdict.files,
        "bytes": verdict.bytes,
        "checks": {name: {"looked_at": verdict.looked[name], "faults": verdict.counts[name]} for name in faults.CHECKS},
        "faults": faults_of(verdict),
        "notes": {name: number for name, number in sorted(verdict.notes.items()) if number},
        "seconds": round(seconds, 3),
    }


def _show(out: Console, verdict: Verdict, seconds: float) -> None:
    names = _names()
    table = Table(_("Check"), _("Looked at"), _("Faults"), box=None, padding=(0, 2, 0, 0))
    for column in (1, 2):
        table.columns[column].justify = "right"
    for name in faults.CHECKS:
        if name == faults.COPY and not verdict.looked[name]:
            continue
        wrong = verdict.counts[name]
        table.add_row(
            names[name],
            str(verdict.looked[name]) if verdict.looked[name] else "–",
            str(wrong) if wrong else "",
            style="red" if wrong else None,
        )
    show_table(out, table)
    for fault in verdict.in_order()[:_SHOWN]:
        out.print(f"{fault.where()}  {fault.record_id}".rstrip(), style="bold", markup=False)
        out.print(f"  {fault.what()}", style="red", markup=False)
        out.print(f"  {fault.step()}", markup=False)
    rest = sum(verdict.counts.values()) - min(len(verdict.faults), _SHOWN)
    if rest > 0:
        out.print(_("… and %(count)d more; --json names them.") % {"count": rest})
    for sentence in _told(verdict):
        out.print(sentence, style="dim", markup=False)
    files = ngettext(
        "%(files)d WARC file, %(bytes)s, in %(time)s.", "%(files)d WARC files, %(bytes)s, in %(time)s.", verdict.files
    ) % {"files": verdict.files, "bytes": size(verdict.bytes), "time": span(seconds)}
    if verdict.whole:
        out.print(_("Everything holds: %(files)s") % {"files": files}, style="green", markup=False)
    else:
        out.print(_("Not everything holds: %(files)s") % {"files": files}, style="red", markup=False)


def _names() -> dict[str, str]:
    return {
        faults.FIXITY: _("Files are those that were closed"),
        faults.MEMBERS: _("Gzip members"),
        faults.HEADERS: _("Mandatory header fields"),
        faults.IDS: _("Record ids"),
        faults.BLOCK: _("Block digests"),
        faults.PAYLOAD: _("Payload digests"),
        faults.PAIRS: _("Requests and responses"),
        faults.REVISITS: _("Revisit targets"),
        faults.DATES: _("Dates in order"),
        faults.INDEX: _("Index and WARC"),
        faults.LEDGER: _("Ledger and WARC"),
        faults.DATASET: _("Dataset pointers"),
        faults.TEXT: _("Texts of the dataset"),
        faults.COPY: _("Second copy"),
    }


def _told(verdict: Verdict) -> Iterator[str]:
    """What is no fault and should be known; above all what other validators will complain about."""
    notes = verdict.notes
    sentences = {
        "chunked": ngettext(
            "%(count)d response came in chunks: “warcio check” and “fastwarc check” digest the raw chunks and will call its"
            " payload digest wrong; WARC 1.1 asks for the body without them (warcio#74).",
            "%(count)d responses came in chunks: “warcio check” and “fastwarc check” digest the raw chunks and will call their"
            " payload digests wrong; WARC 1.1 asks for the body without them (warcio#74).",
            notes["chunked"],
        ),
        "foreign-payload-digest": ngettext(
            "%(count)d imported record has a payload digest over the chunked bytes, as wget writes it.",
            "%(count)d imported records have a payload digest over the chunked bytes, as wget writes it.",
            notes["foreign-payload-digest"],
        ),
        "foreign-revisit-digest": ngettext(
            "%(count)d imported revisit record has the block digest of the whole response, as wget writes it.",
            "%(count)d imported revisit records have the block digest of the whole response, as wget writes it.",
            notes["foreign-revisit-digest"],
        ),
        "shared-members": ngettext(
            "%(count)d imported record shares a gzip member with one before it: none can point to it.",
            "%(count)d imported records share a gzip member with one before them: none can point to them.",
            notes["shared-members"],
        ),
        "unknown-digest": ngettext(
            "%(count)d digest is of an algorithm that is not known here.",
            "%(count)d digests are of an algorithm that is not known here.",
            notes["unknown-digest"],
        ),
        "unknown-type": ngettext(
            "%(count)d imported record is of a type that WARC 1.1 does not know.",
            "%(count)d imported records are of a type that WARC 1.1 does not know.",
            notes["unknown-type"],
        ),
        "as-taken-in": ngettext(
            "%(count)d fault of an imported file was in it when it was taken in.",
            "%(count)d faults of imported files were in them when they were taken in.",
            notes["as-taken-in"],
        ),
        "other-reader": ngettext(
            "%(count)d article was read by another version of the reader, so its text was not compared; “osiris rebuild”"
            " reads it anew.",
            "%(count)d articles were read by another version of the reader, so their texts were not compared; “osiris rebuild”"
            " reads them anew.",
            notes["other-reader"],
        ),
        "no-ledger": _("There is no ledger: the next run, or “osiris rebuild”, makes it anew."),
        "only-in-copy": ngettext(
            "%(count)d WARC file is in the second copy alone.",
            "%(count)d WARC files are in the second copy alone.",
            notes["only-in-copy"],
        ),
    }
    for name, sentence in sentences.items():
        if notes[name]:
            yield sentence % {"count": notes[name]}


@click.command(
    help=_(
        "Look at every byte: members, digests, pairs, revisits, index, ledger, dataset. Exit 6 when one does not hold."
    ),
    epilog=options.example("osiris verify -c osiris\nosiris verify -c osiris --against /mnt/copy/osiris"),
)
@options.collection
@click.option("--against", type=click.Path(path_type=Path), metavar="DIR", help=_("Compare with a second copy."))
@click.option("--workers", type=click.IntRange(1, 64), metavar="N", help=_("Processes that look. Default: one a core."))
@click.option(
    "--profile", type=click.Path(path_type=Path), metavar="FILE", help=_("A site profile of your own (TOML).")
)
@options.talk
def command(workers: int | None, against: Path | None, **arguments: Any) -> int:
    return run(load(arguments), workers, against)
