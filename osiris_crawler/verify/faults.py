"""What `verify` looks at, what it may find, and what is to be done about it.

    fixity          files are those that were closed: the manifest's sums
    members         every gzip member inflates, its check sum holds, one record each
    headers         mandatory header fields, dates, types
    record-ids      no two records of ours have one id
    block-digest    WARC-Block-Digest over the block
    payload-digest  WARC-Payload-Digest over the body without its transfer coding
    pairs           request and response name each other, with one date and address
    revisits        what a revisit record refers to is there, whole and of the same status
    dates           no run has dates before those of the run before it, none lies in the future
    index           the index has each capture's line, those alone, in order
    ledger          the ledger knows each response, and no other
    dataset         each line of articles.jsonl points to its record
    text            what that record says is what the line says
    copy            a second copy has the same bytes
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from osiris_crawler.i18n import _

FIXITY, MEMBERS, HEADERS, IDS = "fixity", "members", "headers", "record-ids"
BLOCK, PAYLOAD, PAIRS, REVISITS = "block-digest", "payload-digest", "pairs", "revisits"
DATES, INDEX, LEDGER, DATASET, TEXT, COPY = "dates", "index", "ledger", "dataset", "text", "copy"
CHECKS = (FIXITY, MEMBERS, HEADERS, IDS, BLOCK, PAYLOAD, PAIRS, REVISITS, DATES, INDEX, LEDGER, DATASET, TEXT, COPY)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and where. `code` names the kind of fault; `detail` is what was found, never markup."""

    check: str
    code: str
    file: str
    offset: int = 0
    record_id: str = ""
    detail: str = ""

    def where(self) -> str:
        """File and byte; of a line of the dataset, its number."""
        if not self.offset and not self.record_id:
            return self.file
        sentence = _("%(file)s, line %(offset)d") if self.code == "dataset-line" else _("%(file)s, byte %(offset)d")
        return sentence % {"file": self.file, "offset": self.offset}

    def what(self) -> str:
        """The fault in a sentence."""
        sentence = _FAULTS[self.code][0]()
        return f"{sentence} {self.detail}".rstrip() if self.detail else sentence

    def step(self) -> str:
        """What to do about it."""
        return _FAULTS[self.code][1]()

    def step_after_mending(self) -> str:
        """What to do about a fault that `mend` has left: never to mend."""
        step = _FAULTS[self.code][1]
        return _AFTER_MENDING.get(step, step)()


def _restore() -> str:
    return _("Bring the file back from a second copy (“osiris verify --against DIR” tells whether one is whole).")


def restore_or_accept() -> str:
    """What to do about a file that is gone or damaged."""
    return _restore() + " " + _("Without one, “osiris mend --accept FILE” goes on with what is left of it.")


def _restore_or_mend() -> str:
    return _restore() + " " + _("Without one, “osiris mend” goes on with what is left of it.")


def _mend() -> str:
    return _("“osiris mend” does it.")


def _rebuild() -> str:
    return _("“osiris mend” makes it anew from the WARC files.")


def _follows() -> str:
    return _(
        "This follows from the damage in the WARC files: it holds again when their bytes are back from a second copy."
    )


def _look() -> str:
    return _("The bytes can't be told from what was meant; look at the record, or bring back a second copy.")


def _accept() -> str:
    return _("Bring back the file that was closed, or say “osiris mend --accept FILE” if this one is meant.")


def _copy() -> str:
    return _("Copy the file anew; its bytes here hold.")


def _restore_from() -> str:
    return _("Copy it from there in place of this one, then run “osiris mend”.")


_Words = Callable[[], str]
_FAULTS: dict[str, tuple[_Words, _Words]] = {
    # fixity
    "bit-rot": (lambda: _("the file is damaged: its sum is another and records in it no longer hold"), restore_or_accept),
    "cut-short": (lambda: _("the file has lost its end"), _restore_or_mend),
    "changed": (lambda: _("another file lies in its place: its sum is another though its records hold"), _accept),
    "missing-file": (lambda: _("the file is not there"), restore_or_accept),
    "no-file": (lambda: _("no file, though it has a WARC file's name"), _look),
    "unsealed": (lambda: _("a closed file that index and manifest have not heard of"), _mend),
    "left-open": (lambda: _("a file that a dead run left open"), _mend),
    # members
    "torn": (lambda: _("the file ends within a record:"), _mend),
    "damage": (lambda: _("no record can be read here:"), _restore),
    "form": (lambda: _("the record is not formed as WARC 1.1 asks:"), _look),
    "shared-member": (lambda: _("several records share a gzip member"), _look),
    "nothing": (lambda: _("no record was found at all"), _restore),
    # headers and digests
    "missing-header": (lambda: _("header fields are missing:"), _look),
    "unknown-type": (lambda: _("no type of WARC 1.1:"), _look),
    "bad-date": (lambda: _("no date that can be read:"), _look),
    "no-warcinfo": (lambda: _("the file does not begin with a warcinfo record"), _look),
    "twice": (lambda: _("another record has the same id:"), _look),
    "block-digest": (lambda: _("the block is not what WARC-Block-Digest says"), _restore),
    "payload-digest": (lambda: _("the payload is not what WARC-Payload-Digest says"), _restore),
    # pairs, revisits, dates
    "no-request": (lambda: _("the response's request is not there:"), _restore),
    "no-response": (lambda: _("a request without a response, and no record says why"), _restore),
    "pair-differs": (lambda: _("request and response differ in date or address:"), _look),
    "revisit-to-nothing": (lambda: _("what the revisit record refers to is not there:"), _restore),
    "backwards": (lambda: _("dates before those of an earlier run:"), _look),
    "future": (lambda: _("a date that is still to come:"), _look),
    # index
    "no-index": (lambda: _("there is no index"), _rebuild),
    "index-order": (lambda: _("the index is not sorted at line"), _rebuild),
    "index-behind": (lambda: _("the index lacks a line:"), _rebuild),
    "index-ahead": (lambda: _("the index has a line for what is not there:"), _rebuild),
    # ledger and dataset
    "ledger-damaged": (lambda: _("the ledger can't be used:"), _rebuild),
    "ledger-behind": (lambda: _("the ledger has not heard of it:"), _rebuild),
    "ledger-ahead": (lambda: _("the ledger knows a response that is not there:"), _rebuild),
    "ledger-differs": (lambda: _("the ledger says otherwise:"), _rebuild),
    "dataset-line": (lambda: _("a line of articles.jsonl can't be read:"), _rebuild),
    "dataset-differs": (lambda: _("the file is not the one that was written"), _rebuild),
    "pointer-to-nothing": (lambda: _("articles.jsonl points to what is not there:"), _rebuild),
    "pointer-differs": (lambda: _("articles.jsonl points to another record:"), _rebuild),
    "text-differs": (lambda: _("the record says otherwise than articles.jsonl:"), _rebuild),
    # a second copy
    "copy-missing": (lambda: _("the second copy lacks the file"), _copy),
    "copy-differs": (lambda: _("the second copy's file is another; the one here holds"), _copy),
    "copy-holds": (lambda: _("the second copy's file is the one that was closed, this one is not"), _restore_from),
    "copy-both": (lambda: _("neither this file nor the second copy's is the one that was closed"), _restore),
}  # fmt: skip
# What `mend` would have done, had it not been held up by a file that only a second copy brings back.
_AFTER_MENDING: dict[_Words, _Words] = {_rebuild: _follows, _mend: _restore, _restore_or_mend: _restore}
