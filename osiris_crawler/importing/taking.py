"""WARC and WACZ files of other crawlers are taken into a collection.

given files → copied aside → read through → the site they are of → an import record in a WARC file of ours, synced
           → put in place under names of our own → index and manifest → events.jsonl → ledger → dataset

The record is written before the files are in place, so a file in archive/ that is not ours is always known to be none.
Whatever is cut off in between is made up for by the same command given once more, or by any run that comes first.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from osiris_crawler.archive import files, fixity
from osiris_crawler.archive.exchange import IMPORTS
from osiris_crawler.care import events
from osiris_crawler.care.keeping import Say, finish_dead, locked, only_collection, open_ledger
from osiris_crawler.care.rebuilding import own_writer, publish_anew, site_of
from osiris_crawler.dataset.publish import Published
from osiris_crawler.errors import UsageError
from osiris_crawler.i18n import _
from osiris_crawler.importing.examining import COUNTS, examine
from osiris_crawler.importing.site_told import bound, must_concern, told
from osiris_crawler.importing.staging import Staged, put_in_place, sources, stage, staging
from osiris_crawler.ledger.adopt import Adopted, adopt
from osiris_crawler.ledger.imports import UNDATED, is_import, name_for
from osiris_crawler.ledger.learning import frozen
from osiris_crawler.ledger.ledger import Ledger
from osiris_crawler.ledger.scope import Scope
from osiris_crawler.paths import Collection
from osiris_crawler.settings import Settings
from osiris_crawler.site.profile import Site

Progress = Callable[[int, int], None]
_IN_A_RECORD = 500  # files named by one import record


@dataclass(slots=True)
class Imported:
    """What was taken in. `site_from` is "collection", "option" or "files"; `names` go with `taken`."""

    collection: Collection
    site: Site
    site_from: str
    taken: list[Staged] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    adopted: Adopted = field(default_factory=Adopted)
    published: Published = field(default_factory=Published)

    def total(self, name: str) -> int:
        return sum(staged.examined.counts[name] for staged in self.taken)

    @property
    def faulty(self) -> bool:
        """Whether anything of the files is damaged."""
        return any(staged.faults or staged.examined.faulty for staged in self.taken)


def import_files(
    settings: Settings,
    given: list[Path],
    say: Say,
    *,
    workers: int = 1,
    checking: Progress = lambda done, total: None,
    reading: Progress = lambda done, total: None,
) -> Imported:
    """Take files in; UsageError before anything is put in place when one of them can't be taken."""
    paths = sources(given)
    name = settings.collection or _sole(settings.output)
    collection = Collection(settings.output, name) if name else None
    if collection is not None and collection.exists():
        with locked(collection):
            pass  # another run is told of now, not after everything was read
    with staging(settings.output) as folder:
        staged, held = _check(paths, folder, collection, checking)
        site, site_from = _site(settings, collection, staged)
        if collection is None:
            collection = Collection(settings.output, site.name)
        there = collection.exists()
        must_concern(site, staged)
        if not staged and not there:
            raise UsageError(_("There is nothing to take in."), _("Name WARC or WACZ files."))
        collection.create()
        imported = Imported(collection, site, site_from, held=held)
        with locked(collection):
            finish_dead(collection, say)
            ledger = open_ledger(collection, say)
            try:
                _take(imported, ledger, staged)
                _tell(imported)
                imported.adopted = adopt(
                    ledger,
                    collection.archive,
                    site,
                    Scope(),
                    chrome=frozen(ledger, collection.archive),
                    workers=workers,
                    progress=reading,
                )
                imported.published = publish_anew(collection, ledger, site, workers=workers)
                ledger.close()
            except BaseException:
                ledger.db.abandon()
                raise
    return imported


def _sole(output: Path) -> str | None:
    """The one collection under an output folder, None when there is none yet."""
    return only_collection(output) if any((output / "collections").glob("*/archive")) else None


def _check(
    paths: list[Path], folder: Path, collection: Collection | None, progress: Progress
) -> tuple[list[Staged], list[str]]:
    """Copy and read through: (what is new, names of what is held already)."""
    sums = _sums(collection) if collection is not None else {}
    total = 2 * sum(path.stat().st_size for path in paths)
    done = 0

    def more(count: int) -> None:
        nonlocal done
        done += count
        progress(min(done, total), total)

    staged, held = stage(paths, folder, lambda sha256: sha256 in sums, more)
    for file in staged:
        before = done
        file.examined = examine(file.path, file.original, lambda at, before=before: progress(min(before + at, total), total))  # type: ignore[misc]
        done = before + file.size
    return staged, held


def _sums(collection: Collection) -> dict[str, str]:
    """Sum → name of every closed file that is there."""
    return {
        sha256: name
        for name, sha256 in fixity.read(collection.manifest).items()
        if (collection.archive / name).exists()
    }


def _site(settings: Settings, collection: Collection | None, staged: list[Staged]) -> tuple[Site, str]:
    """The site, and what it was told by."""
    asked = bound(settings, settings.url) if settings.url else None
    if collection is not None and collection.archive.is_dir() and any(files.warc_files(collection.archive)):
        site = site_of(collection, settings.profile)
        if asked is not None and asked.start_url != site.start_url:
            raise UsageError(
                _("The collection %(name)s is of another site: %(there)s, not %(here)s.")
                % {"name": collection.name, "there": site.start_url, "here": asked.start_url},
                _("Choose another collection with -c NAME."),
            )
        return site, "collection"
    if asked is not None:
        return asked, "option"
    return bound(settings, told(staged)), "files"


def _take(imported: Imported, ledger: Ledger, staged: list[Staged]) -> None:
    """Name the files in a WARC file of ours, then put them in place, then index and seal them."""
    collection, site = imported.collection, imported.site
    ledger.put("site", site.start_url)
    ledger.put("profile", site.name)
    ledger.commit()
    sums = _sums(collection)
    for file in staged:
        if file.sha256 in sums:  # another import was quicker
            imported.held.append(file.original)
            continue
        imported.taken.append(file)
        imported.names.append(_free(collection, file, imported.names))
    if not imported.taken:
        return
    writer = own_writer(collection, ledger, "import")
    try:
        notes = [_note(file, name) for file, name in zip(imported.taken, imported.names, strict=True)]
        for at in range(0, len(notes), _IN_A_RECORD):
            writer.write_metadata_sync(IMPORTS, {"run": "import", "files": notes[at : at + _IN_A_RECORD]})
    finally:
        writer.close_sync()
    for file, name in zip(imported.taken, imported.names, strict=True):
        put_in_place(file.path, collection.archive / name)
    files.sync_folder(collection.archive)
    fixity.seal(collection, [collection.archive / name for name in imported.names])


def _free(collection: Collection, file: Staged, taken: list[str]) -> str:
    """A name that no file has: two files may begin with the same sum only by design."""
    name = name_for(file.sha256, file.stem, file.compressed)
    stem, dot, end = name.partition(".warc")
    turn = 2
    while name in taken or files.present(collection.archive, name):
        name, turn = f"{stem}~{turn}{dot}{end}", turn + 1
    return name


def _note(file: Staged, name: str) -> dict[str, Any]:
    return {
        "name": name,
        "original": file.original[:1000],
        "sha256": file.sha256,
        "size": file.size,
        "faults": list(file.faults),
        "found": file.examined.as_json(),
    }


def _tell(imported: Imported) -> None:
    """An event for every imported file that has none: of this import, and of one that was killed before it."""
    collection = imported.collection
    files_now = dict(zip(imported.names, imported.taken, strict=True))
    told: set[str] = set()
    if collection.events.exists():
        for line in collection.events.read_text("utf-8", "replace").splitlines():
            try:
                event = json.loads(line)
            except ValueError:
                continue
            if isinstance(event, dict) and event.get("eventType") == "import":
                told |= set(event.get("linkingObjects", []))
    sums = fixity.read(collection.manifest)
    for path in files.closed_files(collection.archive):
        if is_import(path.name) and path.name not in told:
            file = files_now.get(path.name)
            damaged = file is not None and (file.faults or file.examined.faulty)
            events.append(
                collection,
                "import",
                "warning" if damaged else "success",
                "file of another crawler taken in unchanged",
                [path.name],
                sha256=sums.get(path.name, ""),
                size=path.stat().st_size,
                **({"original": file.original, "found": file.examined.as_json()} if file is not None else {}),
            )


def report_of(imported: Imported, code: int) -> dict[str, Any]:
    """What `--json` prints."""
    adopted, published = imported.adopted, imported.published
    return {
        "exit": code,
        "collection": str(imported.collection.root),
        "site": imported.site.start_url,
        "site_from": imported.site_from,
        "files": [_note(file, name) for file, name in zip(imported.taken, imported.names, strict=True)],
        "held": imported.held,
        **{name: imported.total(name) for name in COUNTS},
        "offsite": adopted.offsite,
        "unresolved": adopted.unresolved,
        "undated": adopted.passed_over[UNDATED],
        "captures": adopted.captures,
        "pages": adopted.pages,
        "faults": adopted.faults,
        "articles": published.articles,
        "withdrawn": published.withdrawn,
        "changes": published.changes,
    }
