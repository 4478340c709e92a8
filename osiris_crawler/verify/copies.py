"""A second copy of a collection beside this one, file by file; the manifest says which of two is the one that was closed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from osiris_crawler.archive import files, fixity
from osiris_crawler.errors import UsageError
from osiris_crawler.i18n import _
from osiris_crawler.paths import Collection
from osiris_crawler.verify import faults
from osiris_crawler.verify.verdict import Verdict


def archive_of(folder: Path) -> Path:
    """Where a copy's WARC files lie: the folder itself, its archive/, or a collection below it; UsageError when nowhere."""
    for place in (folder / "archive", folder):
        if place.is_dir() and files.closed_files(place):
            return place
    raise UsageError(
        _("%(path)s holds no WARC files to compare with.") % {"path": folder},
        _("Name the copy's folder: the collection's, or its archive/."),
    )


def compare(
    verdict: Verdict, collection: Collection, folder: Path, *, progress: Callable[[int, int], None]
) -> None:
    """Add what a second copy tells to a verdict that has the sums of the files here."""
    there = archive_of(folder)
    manifest = fixity.read(collection.manifest)
    names = sorted({*verdict.sums, *manifest})
    for place, name in enumerate(names):
        progress(place, len(names))
        verdict.looked[faults.COPY] += 1
        path, here = there / name, verdict.sums.get(name)
        meant = manifest.get(name, here)
        if not path.exists():
            verdict.fault(faults.COPY, "copy-missing", name)
            continue
        other = fixity.sha256(path)
        if other == here:
            continue
        if here == meant:
            verdict.fault(faults.COPY, "copy-differs", name)
        else:
            verdict.fault(faults.COPY, "copy-holds" if other == meant else "copy-both", name)
    progress(len(names), len(names))
    verdict.notes["only-in-copy"] = len({path.name for path in files.closed_files(there)} - set(names))
