"""WARC files out of a WACZ file (WACZ 1.1.1): a ZIP archive whose folder archive/ holds them, stored and not deflated."""

from __future__ import annotations

import hashlib
import json
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from osiris_crawler.errors import UsageError
from osiris_crawler.i18n import _

_FOLDER = "archive/"
_ENDS = (".warc", ".warc.gz")
_PACKAGE = "datapackage.json"
_MOST_ENTRIES = 100_000
_LARGEST_PACKAGE = 64 * 1024 * 1024  # bytes
_MOST_TIMES = 20  # that a file may be larger than what it takes in the archive; WARC text deflates to a tenth
_SLACK = 16 * 1024 * 1024  # bytes; small files deflate better
_STEP = 1 << 20
_BROKEN = (
    zipfile.BadZipFile, NotImplementedError, EOFError, ValueError, OverflowError, zlib.error, lzma.LZMAError, struct.error,
)  # fmt: skip
_LOCAL = struct.Struct("<4s5H3L2H")  # a local file header (APPNOTE 4.3.7)


@dataclass(frozen=True, slots=True)
class Taken:
    """A WARC file taken out: its name in the archive, and what is wrong with it (“crc”, “datapackage”), if anything."""

    name: str
    path: Path
    faults: tuple[str, ...]


def take_out(wacz: Path, folder: Path) -> Iterator[Taken]:
    """Write the WARC files of a WACZ file into a folder, under names of our own; UsageError when it is not to be trusted."""
    try:
        with zipfile.ZipFile(wacz) as archive, wacz.open("rb") as raw:
            entries = _entries(archive, wacz)
            stated = _stated(archive)
            for turn, entry in enumerate(entries, 1):
                target = folder / f"entry-{turn}"
                crc, sha256 = _copy(archive, raw, entry, target)
                faults = []
                if crc != entry.CRC:
                    faults.append("crc")
                if stated.get(entry.filename, sha256) != sha256:
                    faults.append("datapackage")
                yield Taken(entry.filename, target, tuple(faults))
    except (*_BROKEN, OSError) as problem:
        if isinstance(problem, OSError) and problem.errno is not None:
            raise  # the disk's; bz2 says with one of no number that its data are damaged
        raise UsageError(
            _("%(file)s can't be read as WACZ: %(why)s.") % {"file": wacz, "why": problem},
            _("Fetch it again, or take its WARC files out by hand and import those."),
        ) from problem


def _entries(archive: zipfile.ZipFile, wacz: Path) -> list[zipfile.ZipInfo]:
    """The WARC files among the entries, checked before anything is unpacked."""
    infos = archive.infolist()
    found = [
        info for info in infos[:_MOST_ENTRIES]
        if info.filename.startswith(_FOLDER) and info.filename.lower().endswith(_ENDS) and not info.is_dir()
    ]  # fmt: skip
    if not found or len(infos) > _MOST_ENTRIES:
        raise UsageError(
            _("%(file)s is no WACZ file: it has no WARC file in its folder archive/.") % {"file": wacz}, _("Leave it out.")
        )
    size = wacz.stat().st_size
    for info in found:
        if info.header_offset < 0:
            raise zipfile.BadZipFile("an entry lies before the file")
        if info.flag_bits & 1:
            raise UsageError(_("%(file)s is encrypted.") % {"file": wacz}, _("Decrypt it first."))
        if info.file_size > _MOST_TIMES * info.compress_size + _SLACK:
            raise _bomb(wacz)
    # Entries may lie on top of each other; together they can't be much more than the file.
    if sum(info.file_size for info in found) > _MOST_TIMES * size + _SLACK:
        raise _bomb(wacz)
    return found


def _bomb(wacz: Path) -> UsageError:
    return UsageError(
        _("%(file)s unpacks to far more than it holds; such files are made to fill disks.") % {"file": wacz},
        _("If it is to be trusted, take its WARC files out by hand and import those."),
    )


def _stated(archive: zipfile.ZipFile) -> dict[str, str]:
    """Path → sha-256 that datapackage.json states; none when it is not there or can't be read."""
    try:
        with archive.open(_PACKAGE) as stream:
            package = json.loads(stream.read(_LARGEST_PACKAGE))
        resources = package["resources"]
        return {
            resource["path"]: resource["hash"].removeprefix("sha256:").lower()
            for resource in resources
            if isinstance(resource["path"], str) and resource["hash"].startswith("sha256:")
        }
    except (*_BROKEN, KeyError, TypeError, AttributeError, RuntimeError, OSError):  # RuntimeError: it is encrypted, or too deep
        return {}


def _copy(archive: zipfile.ZipFile, raw: BinaryIO, entry: zipfile.ZipInfo, target: Path) -> tuple[int, str]:
    """Take an entry out, at most as many bytes as it states; gives (CRC-32, sha-256)."""
    crc, digest = 0, hashlib.sha256()
    with target.open("xb") as out:
        for block in _stored(raw, entry) if entry.compress_type == zipfile.ZIP_STORED else _deflated(archive, entry):
            out.write(block)
            crc = zlib.crc32(block, crc)
            digest.update(block)
    return crc, digest.hexdigest()


def _stored(raw: BinaryIO, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """The bytes as they lie there: zipfile would keep back the end of a damaged entry."""
    raw.seek(entry.header_offset)
    fields = _LOCAL.unpack(raw.read(_LOCAL.size))
    if fields[0] != b"PK\x03\x04":
        raise zipfile.BadZipFile("no local header")
    raw.seek(fields[9] + fields[10], 1)
    left = entry.file_size
    while left > 0:
        block = raw.read(min(_STEP, left))
        if not block:
            raise zipfile.BadZipFile("it ends too early")
        left -= len(block)
        yield block


def _deflated(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(entry) as stream:
        while block := stream.read(_STEP):
            yield block
