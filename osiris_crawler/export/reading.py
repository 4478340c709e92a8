"""A WACZ is read back before it takes its name: what was written must be what was meant."""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from osiris_crawler.errors import IntegrityError
from osiris_crawler.export.cdx import INDEX, SECONDARY, instant, parse
from osiris_crawler.export.package import STEP
from osiris_crawler.export.pages import PAGES
from osiris_crawler.i18n import _

DATAPACKAGE = "datapackage.json"
DIGEST = "datapackage-digest.json"
_ARCHIVE = "archive/"


class Unsound(Exception):
    """What is not as it should be; a sentence for people."""


def check(path: Path, read: Callable[[int], None] = lambda count: None) -> None:
    """Read a WACZ from end to end; IntegrityError says what is wrong. `read` hears of the bytes that were read."""
    try:
        with zipfile.ZipFile(path) as package:
            _sums(package, read)
            _index(package)
    except (Unsound, zipfile.BadZipFile, zlib.error, ValueError, KeyError) as problem:
        raise IntegrityError(
            _("What was written does not read back as a sound WACZ: %(why)s.") % {"why": problem},
            _("It was not put in place. Run “osiris verify”, then export again."),
        ) from problem


def _sums(package: zipfile.ZipFile, read: Callable[[int], None]) -> None:
    """Every entry is stored, listed once, and has the size and the sum that the list says."""
    described = package.read(DATAPACKAGE)
    if json.loads(package.read(DIGEST))["hash"] != f"sha256:{hashlib.sha256(described).hexdigest()}":
        raise Unsound(_("%(name)s does not have the sum that is written of it") % {"name": DATAPACKAGE})
    listed = {resource["path"]: resource for resource in json.loads(described)["resources"]}
    entries = [entry for entry in package.infolist() if entry.filename not in (DATAPACKAGE, DIGEST)]
    if sorted(entry.filename for entry in entries) != sorted(listed):
        raise Unsound(_("the list of its files is not the list of its entries"))
    for entry in entries:
        sum = hashlib.sha256()
        with package.open(entry) as stream:
            while block := stream.read(STEP):
                sum.update(block)
                read(len(block))
        resource = listed[entry.filename]
        if entry.compress_type != zipfile.ZIP_STORED:
            raise Unsound(_("%(name)s is compressed, so that no part of it can be fetched") % {"name": entry.filename})
        if (f"sha256:{sum.hexdigest()}", entry.file_size) != (resource["hash"], resource["bytes"]):
            raise Unsound(_("%(name)s does not have the sum that is written of it") % {"name": entry.filename})


def _index(package: zipfile.ZipFile) -> None:
    """Every index line points into a file that is there, and every page is in the index."""
    sizes = {entry.filename: entry.file_size for entry in package.infolist()}
    pages = {(page["url"], page["ts"]) for page in _pages(package)}
    for line in _index_lines(package):
        stamp, fields = parse(line)
        end = int(fields["offset"]) + int(fields["length"])
        if end > sizes.get(_ARCHIVE + fields["filename"], -1):
            raise Unsound(_("the index points beyond %(file)s") % {"file": fields["filename"]})
        pages.discard((fields["url"], instant(stamp)))
    if pages:
        raise Unsound(_("the index has no capture of the page %(url)s") % {"url": min(pages)[0]})


def _pages(package: zipfile.ZipFile) -> Iterator[dict[str, Any]]:
    with package.open(PAGES) as lines:
        next(lines)  # the header
        for line in lines:
            yield json.loads(line)


def _index_lines(package: zipfile.ZipFile) -> Iterator[bytes]:
    """The lines of the compressed index, block by block as the secondary index says; they must be in order."""
    before = b""
    with package.open(SECONDARY) as places, package.open(INDEX) as blocks:
        next(places)
        for place in places:
            key, _space, fields = place.partition(b" {")
            found = json.loads(b"{" + fields)
            data = blocks.read(found["length"])
            if f"sha256:{hashlib.sha256(data).hexdigest()}" != found["digest"]:
                raise Unsound(_("%(name)s does not have the sum that is written of it") % {"name": INDEX})
            lines = zlib.decompress(data, wbits=31).splitlines(keepends=True)
            if not lines[0].startswith(key + b" {"):
                raise Unsound(_("%(name)s does not begin a block where it says") % {"name": SECONDARY})
            for line in lines:
                if line < before:
                    raise Unsound(_("the index is out of order"))
                before = line
                yield line
        if blocks.read(1):
            raise Unsound(_("%(name)s does not begin a block where it says") % {"name": SECONDARY})
