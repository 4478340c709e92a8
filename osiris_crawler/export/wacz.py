"""osiris export wacz: the collection in one file that ReplayWeb.page opens and that can be put on any web server.

WACZ 1.1.1 (specs.webrecorder.net/wacz/1.1.1): the WARC files unchanged, their index, the pages with titles and text, and
a list of it all with sums. Nothing is held in memory but the places of the articles' captures.

closed WARC files → index, asked for the articles' captures on the way → pages → list → read back → its name
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from osiris_crawler import __version__
from osiris_crawler.archive import fixity, index
from osiris_crawler.archive.foreign import foreign_response
from osiris_crawler.archive.http import content
from osiris_crawler.archive.reader import read_at
from osiris_crawler.archive.surt import surt
from osiris_crawler.care.rebuilding import site_of
from osiris_crawler.errors import IntegrityError, UsageError
from osiris_crawler.export import cdx, pages, reading
from osiris_crawler.export.job import Job, Written
from osiris_crawler.export.package import Member, Package, blocks_of
from osiris_crawler.export.placing import placed
from osiris_crawler.export.withheld import Withheld, withheld
from osiris_crawler.extract import dom
from osiris_crawler.i18n import _
from osiris_crawler.paths import Collection

VERSION = "1.1.1"
_LARGEST_HOME = 4_000_000  # bytes of the home page that are looked at for its title
_LONGEST_TITLE = 300
_MARGIN = 1_000_000  # bytes of a package that are neither WARC files nor index nor pages


class Wacz:
    """The closed WARC files of a collection with index and pages."""

    name = "wacz"
    suffix = ".wacz"

    def write(self, job: Job) -> Written:
        """Write, read back, then put in place."""
        sums = _closed(job.collection)
        restricted = withheld(job.collection)
        if restricted.subjects and not job.with_restricted:
            raise UsageError(
                _(
                    "A WACZ holds the WARC files whole, and restrictions are in force on what is in them (%(count)d: %(what)s)."
                )
                % {"count": len(restricted.subjects), "what": ", ".join(restricted.subjects[:5])},
                _("For a copy that is kept and not shown, say --with-restricted; its list of pages leaves them out."),
            )
        with job.articles() as articles:
            return _Export(job, sums, restricted).write(articles)


def _closed(collection: Collection) -> dict[str, str]:
    """Name → sum of the WARC files that are closed, synced and indexed, by name."""
    sums = dict(sorted(fixity.read(collection.manifest).items()))
    if not sums:
        raise UsageError(
            _("No WARC file of %(path)s is closed and in the manifest yet.") % {"path": collection.root},
            _("Wait until the run has closed one, or run “osiris rebuild”."),
        )
    if gone := [name for name in sums if not (collection.archive / name).is_file()]:
        raise IntegrityError(
            _("WARC files that the manifest knows are not there: %(names)s.") % {"names": ", ".join(gone[:5])},
            _("Bring them back; “osiris verify” says more."),
        )
    return sums


class _Export:
    """One export under way. The files are those that were closed when it began; later ones are left for the next."""

    def __init__(self, job: Job, sums: dict[str, str], restricted: Withheld) -> None:
        self._job = job
        self._collection = job.collection
        self._sums = sums
        self._hidden = restricted.hidden
        self._sizes = {name: (job.collection.archive / name).stat().st_size for name in sums}
        self._total = 2 * sum(self._sizes.values())  # written, then read back
        self._done = 0

    def write(self, articles: BinaryIO) -> Written:
        """All of it, in the order of the package's entries."""
        asked = pages.wanted(articles, self._sums, self._hidden.hides)
        lines = cdx.CdxWriter(self._sums, asked.captures, _home_url(self._collection))
        dataset = self._collection.articles.stat().st_size
        with placed(self._job.to, sum(self._sizes.values()) + 2 * dataset + _MARGIN) as out:
            with Package(out.stream, self._job.created) as package:
                for name in self._sums:
                    self._archive_file(package, name)
                self._index(package, lines)
                home = self._home(lines.home)
                page_lines = pages.lines(articles, asked, lines.found, home)
                package.add(pages.PAGES, page_lines, most=2 * dataset)
                self._describe(package, home, len(asked.captures))
            out.stream.flush()
            reading.check(out.aside, self._moved)
            size = out.aside.stat().st_size
        counts = {
            "files": len(self._sums),
            "captures": lines.lines,
            "pages": len(asked.captures) + (home is not None),
        }
        return Written(self._job.to, size, counts, {"restricted": asked.hidden, "not_closed": asked.pending})

    def _archive_file(self, package: Package, name: str) -> None:
        """A WARC file as it is; IntegrityError when it is no longer the one that was closed."""
        member = package.add(f"archive/{name}", self._watched(name), most=self._sizes[name])
        if member.sha256 != self._sums[name]:
            raise IntegrityError(
                _("archive/%(file)s is not what it was when it was closed.") % {"file": name},
                _("“osiris verify” says whether it is damaged or another file."),
            )

    def _watched(self, name: str) -> Iterator[bytes]:
        path = self._collection.archive / name
        try:
            for block in blocks_of(path):
                yield block
                self._moved(len(block))
        except OSError as problem:  # of reading: those of writing are raised where the block is taken
            raise IntegrityError(
                _("archive/%(file)s can't be read: %(why)s.") % {"file": name, "why": problem.strerror or problem},
                _("Mend the disk or bring back a copy of the file."),
            ) from problem

    def _moved(self, count: int) -> None:
        self._done = min(self._done + count, self._total)
        self._job.progress(self._done, self._total)

    def _index(self, package: Package, lines: cdx.CdxWriter) -> None:
        path = self._collection.index
        package.add(cdx.INDEX, lines.blocks(index.shown(path)), most=path.stat().st_size if path.exists() else 0)
        if not lines.lines:
            raise IntegrityError(
                _("The index of %(path)s knows no capture.") % {"path": self._collection.root},
                _("“osiris rebuild” makes index and dataset anew from the WARC files."),
            )
        package.add(cdx.SECONDARY, [lines.secondary()], most=0)

    def _home(self, place: cdx.Place | None) -> pages.Home | None:
        """The home page with the title that it gives itself, else its address; None where it was not captured."""
        if place is None or surt(place.url) in self._hidden.keys:
            return None
        record = read_at(self._collection.archive / place.filename, place.offset)
        head = foreign_response(record.block).message
        tree = dom.parse(dom.decode(content(head, limit=_LARGEST_HOME), head.header("Content-Type")))
        title = dom.fold(tree.findtext(".//title") or "").strip()[:_LONGEST_TITLE]
        return pages.Home(place, title or place.url)

    def _describe(self, package: Package, home: pages.Home | None, articles: int) -> None:
        """datapackage.json and its digest."""
        job = self._job
        created = job.created.strftime("%Y-%m-%dT%H:%M:%SZ")
        described: dict[str, Any] = {
            "profile": "data-package",
            "wacz_version": VERSION,
            "title": job.title or (home.title if home else job.collection.name),
            "description": job.description or f"{articles} articles in {len(self._sums)} WARC files.",
            "created": created,
            "modified": created,
            "software": f"osiris-crawler {__version__}",
        }
        if home is not None:
            # The standard has the first spelling, py-wacz writes the second.
            described["mainPageUrl"] = described["mainPageURL"] = home.place.url
            described["mainPageDate"] = cdx.instant(home.place.stamp)
        described["resources"] = _resources(package.members)
        data = json.dumps(described, ensure_ascii=False, indent=2).encode() + b"\n"
        digest = {"path": reading.DATAPACKAGE, "hash": f"sha256:{hashlib.sha256(data).hexdigest()}"}
        package.add(reading.DATAPACKAGE, [data], most=len(data))
        package.add(reading.DIGEST, [json.dumps(digest, indent=2).encode() + b"\n"], most=0)


def _resources(members: list[Member]) -> list[dict[str, Any]]:
    """The list of files; names are unique and of the signs that the Data Package standard allows."""
    found: list[dict[str, Any]] = []
    taken: set[str] = set()
    for number, member in enumerate(members):
        name = re.sub(r"[^-a-z0-9._]", "-", member.path.rpartition("/")[2].lower())
        name = f"{number}-{name}" if name in taken else name
        taken.add(name)
        found.append({"name": name, "path": member.path, "hash": f"sha256:{member.sha256}", "bytes": member.bytes})
    return found


def _home_url(collection: Collection) -> str | None:
    """The address of the site's home page; None when no file of ours says which site it is."""
    try:
        return site_of(collection).start_url
    except UsageError:
        return None
