"""A WARC file of another crawler is read through before it is taken in: what is in it, what is damaged, of which site it is."""

from __future__ import annotations

import gzip
import re
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from osiris_crawler.archive import digests
from osiris_crawler.archive.clock import normal_date
from osiris_crawler.archive.foreign import foreign_response
from osiris_crawler.archive.http import content, parse_response, split_head
from osiris_crawler.archive.reader import TOO_MANY, Damage, Record, Records, fields_of
from osiris_crawler.errors import UsageError
from osiris_crawler.extract.dom import decode
from osiris_crawler.i18n import _
from osiris_crawler.ledger.imports import SHARED, answers
from osiris_crawler.ledger.intake import LARGEST_PAGE
from osiris_crawler.site.recognise import is_spip

LARGEST_LOOKED_AT = 2 * 1024 * 1024  # bytes of a page in which SPIP's marks are looked for
_MOST_HOSTS = 10_000  # that are counted one by one
_TRIES = 20  # pages of a host that are looked at for SPIP's marks
_KEPT_DAMAGE = 20  # stretches that are named
_TOO_LARGE = "larger than a record may be"  # archive/reader.py says so of a whole file in one member
_ARC = b"filedesc://"
_HOST = re.compile(r"[\w.:-]{1,255}")


@dataclass(slots=True)
class Host:
    """What a file holds of a host: answers, HTML pages answered 200 by scheme, and whether SPIP made them."""

    answers: int = 0
    pages: Counter[str] = field(default_factory=Counter)
    tries: int = 0
    spip: bool = False


@dataclass(slots=True)
class Examined:
    """What was found in a file. `counts` has the keys of COUNTS."""

    software: str = ""
    first: str = ""
    last: str = ""
    counts: Counter[str] = field(default_factory=Counter)
    damage: list[Damage] = field(default_factory=list)
    torn: bool = False
    hosts: dict[str, Host] = field(default_factory=dict)

    @property
    def faulty(self) -> bool:
        """Whether anything is damaged."""
        return self.counts["damaged"] + self.counts["wrong_digests"] > 0

    def as_json(self) -> dict[str, Any]:
        return {
            "software": self.software,
            "first": self.first or None,
            "last": self.last or None,
            **{name: self.counts[name] for name in COUNTS},
            "torn": self.torn,
            "damage": [
                {"start": gap.start, "end": gap.end, "why": gap.why} for gap in self.damage[:_KEPT_DAMAGE]
            ],
        }


# In their order: records; answers over HTTP; revisits; answers without a request; bodies without the coding that their
# headers name; those in one that can't be taken off here; digests over other bytes than the standard says, and over none;
# answers that say nothing of a page, by reason; resource records; stretches without a readable record.
COUNTS = (
    "records", "responses", "revisits", "without_request", "decoded", "sealed", "odd_digests", "wrong_digests",
    "not_http", "not_get", "long_address", "segmented", "resources", "damaged",
)  # fmt: skip


def plain(text: str) -> str:
    """What a file says of itself, fit to be shown: one line, no control characters, 200 at most."""
    return "".join(sign if sign.isprintable() else "?" for sign in " ".join(text.split()))[:200]


def kind_of(path: Path) -> str:
    """“warc”, “warc.gz” or “zip” by a file's first bytes; UsageError for what is none of them."""
    with path.open("rb") as stream:
        start = stream.read(16)
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    if start.startswith(b"WARC/"):
        return "warc"
    if start.startswith(_ARC):
        raise _refused_arc(path)
    if start.startswith(b"\x1f\x8b"):
        return "warc.gz"
    if start.startswith(b"\x28\xb5\x2f\xfd") or start[:4] in (b"\x5d\x2a\x4d\x18", b"\x50\x2a\x4d\x18"):
        raise UsageError(
            _("%(file)s is compressed with zstd, which is not read here.") % {"file": path},
            _("Unpack it (zstd -d FILE.warc.zst) and import the .warc file."),
        )
    if not start:
        raise UsageError(_("%(file)s is empty.") % {"file": path}, _("Leave it out."))
    raise UsageError(_("%(file)s is no WARC and no WACZ file.") % {"file": path}, _("Leave it out."))


def _refused_arc(path: Path) -> UsageError:
    return UsageError(
        _("%(file)s is an ARC file, the format before WARC, which is not taken in.") % {"file": path},
        _("Make a WARC of it (warcio recompress OLD.arc.gz NEW.warc.gz) and import that."),
    )


def examine(path: Path, shown: str, progress: Callable[[int], None] = lambda done: None) -> Examined:
    """Read a whole file; `shown` is its name for people, `progress` gets the bytes that are behind.

    UsageError when it holds no WARC record, or only records in each other's gzip members.
    """
    found = Examined()
    stream = Records(path)
    alone: Counter[int] = Counter()  # address, by its hash → answers less requests
    passed_over: Counter[str] = Counter()
    for record, is_answer in answers(stream, passed_over):
        found.counts["records"] += 1
        _look(found, record)
        if is_answer:
            _answer(found, record)
        if is_answer or record.type == "request":
            address = hash(record.uri)
            alone[address] += -1 if record.type == "request" else 1
            if not alone[address]:
                del alone[address]
        progress(record.offset + record.length)
    found.counts.update(passed_over)
    found.counts["without_request"] += sum(count for count in alone.values() if count > 0)
    found.damage, found.torn = stream.damage, stream.torn is not None
    found.counts["damaged"] = len(stream.damage)
    if not found.counts["records"]:
        if _is_arc(path):
            raise _refused_arc(Path(shown))
        if any(gap.why in (_TOO_LARGE, TOO_MANY) for gap in found.damage):
            raise _refused_shared(shown)
        raise UsageError(_("%(file)s holds no WARC record.") % {"file": shown}, _("Leave it out."))
    if found.counts[SHARED]:
        raise _refused_shared(shown)
    return found


def _refused_shared(shown: str) -> UsageError:
    """Index, dataset and replay point at gzip members; such a file would lie in the archive and not be seen."""
    return UsageError(
        _("%(file)s was compressed as a whole, not record by record: its records can't be pointed at.") % {"file": shown},
        _("Make it anew (warcio recompress OLD.warc.gz NEW.warc.gz) and import that."),
    )


def _is_arc(path: Path) -> bool:
    try:
        with gzip.open(path) as stream:
            return stream.read(len(_ARC)) == _ARC
    except (OSError, EOFError, zlib.error):
        return False


def _look(found: Examined, record: Record) -> None:
    if record.type == "warcinfo" and not found.software:
        found.software = plain(fields_of(record.block[:65536]).get("software", ""))
    date = normal_date(record.date)
    if date is not None:
        found.first = min(found.first or date, date)
        found.last = max(found.last, date)
    found.counts["resources"] += record.type == "resource"
    stated = record.headers.get("WARC-Block-Digest")
    if stated and digests.matches(stated, record.block) is False:
        # wget states the digest of the whole response for a revisit that has only its head.
        found.counts["odd_digests" if record.type == "revisit" else "wrong_digests"] += 1


def _answer(found: Examined, record: Record) -> None:
    host = _host(found, record.uri)
    if host is not None:
        host.answers += 1
    if record.type == "revisit":
        found.counts["revisits"] += 1
        return
    found.counts["responses"] += 1
    read = foreign_response(record.block)
    found.counts["decoded"] += read.decoded
    found.counts["sealed"] += read.sealed is not None
    message = read.message
    stated = record.headers.get("WARC-Payload-Digest")
    if stated and not record.headers.get("WARC-Truncated") and digests.matches(stated, message.body) is False:
        raw = split_head(record.block)[1]
        others = (raw, parse_response(record.block).body)
        holds = any(digests.matches(stated, body) for body in others) or (
            read.sealed is None and digests.matches(stated, content(message, limit=LARGEST_PAGE)) is True
        )
        found.counts["odd_digests" if holds else "wrong_digests"] += 1
    mime = (message.header("Content-Type") or "").partition(";")[0].strip().lower()
    if message.status != 200 or mime not in ("text/html", "application/xhtml+xml") or read.sealed is not None:
        return
    if host is None:
        return
    host.pages[record.uri.partition(":")[0]] += 1
    if not host.spip and host.tries < _TRIES:
        host.tries += 1
        body = content(message, limit=LARGEST_LOOKED_AT)
        html = decode(body, message.header("Content-Type"))
        host.spip = is_spip(dict(message.text_headers()), html, record.uri).sure


def _host(found: Examined, url: str) -> Host | None:
    """The entry of an address's host; None for what has no host."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    name = (parts.hostname or "").rstrip(".").casefold()
    if not _HOST.fullmatch(name):
        return None
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    netloc = name if port in (None, usual) else f"{name}:{port}"
    if netloc not in found.hosts and len(found.hosts) >= _MOST_HOSTS:
        return None
    return found.hosts.setdefault(netloc, Host())
