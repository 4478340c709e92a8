"""What a rebuild would change, found out beside the collection: nothing of it is replaced, nothing written to the archive.

WARC files → a ledger and a dataset in a folder aside → compared with the present dataset → the folder removed
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from osiris_crawler.archive import files, fixity, index
from osiris_crawler.care.rebuilding import Rebuilt, model_in
from osiris_crawler.care.restrictions import kept_back
from osiris_crawler.dataset.differences import Differences, compare
from osiris_crawler.dataset.publish import publish
from osiris_crawler.dataset.reading import no_dataset
from osiris_crawler.errors import UsageError
from osiris_crawler.extract.chrome import Chrome
from osiris_crawler.i18n import _
from osiris_crawler.ledger.adopt import adopt
from osiris_crawler.ledger.learning import renew
from osiris_crawler.ledger.ledger import Ledger
from osiris_crawler.ledger.own_notes import Minted, OwnNotes
from osiris_crawler.ledger.scope import Scope
from osiris_crawler.paths import Collection, writable
from osiris_crawler.site.profile import Site

_FOLDER = "rebuild.diff"


@dataclass(frozen=True, slots=True)
class Aside(Collection):
    """A collection's double: what is written lies in a folder of its own, what is read is the collection's."""

    of: Collection
    indexed: bool  # whether the collection's index knows all that is closed

    @property
    def root(self) -> Path:
        return self.of.root / _FOLDER

    @property
    def archive(self) -> Path:
        return self.of.archive

    @property
    def restrictions(self) -> Path:
        return self.of.restrictions

    @property
    def index(self) -> Path:
        return self.of.index if self.indexed else self.root / "index.cdxj"


class Unwritten(OwnNotes):
    """Notes that no WARC file gets: ids are given in the ledger aside only, a model serves without being frozen."""

    def __init__(self, ledger: Ledger) -> None:
        self._aside = ledger

    def ids(self, minted: Sequence[Minted]) -> None:
        date = self._aside.last_date() or ""
        for id, key, number in minted:
            self._aside.mint(id, key, number, date)

    def model(self, chrome: Chrome, captures: Sequence[tuple[str, str]]) -> None:
        pass

    def rereading(self, changes: Sequence[tuple[str, Sequence[str]]], before: str, now: str) -> None:
        pass


def rebuild_diff(
    collection: Collection,
    site: Site,
    *,
    workers: int = 1,
    sample: int = 5,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[Rebuilt, Differences]:
    """Rebuild aside and compare. The lock is held already; UsageError where there is nothing to compare with."""
    comparable(collection)
    with _aside(collection) as aside:
        if not aside.indexed:
            index.rebuild(aside.index, files.closed_files(aside.archive))
        ledger = Ledger(aside.state)
        try:
            ledger.put("site", site.start_url)
            ledger.put("profile", site.name)
            chrome = model_in(aside, ledger)
            adopted = adopt(ledger, aside.archive, site, Scope(), chrome=chrome, workers=workers, progress=progress)
            notes = Unwritten(ledger)
            renew(ledger, aside.archive, site, notes, workers=workers)
            published = publish(ledger, site, aside, notes, kept_back(aside).hides)
        finally:
            ledger.close()
        return Rebuilt(adopted, published), compare(collection.articles, aside.articles, sample=sample)


def comparable(collection: Collection) -> None:
    """UsageError when there is no dataset, or a dead run left files open: to finish them is to write to the archive."""
    if not collection.articles.is_file():
        raise no_dataset(collection)
    left = sorted(path.name for path in files.warc_files(collection.archive) if path.name.endswith(files.OPEN))
    if left:
        raise UsageError(
            _("A dead run left WARC files open: %(names)s.") % {"names": ", ".join(left[:5])},
            _("“osiris mend” finishes them; then compare."),
        )


def clear(collection: Collection) -> None:
    """Remove what a killed comparison left. The lock is held already."""
    shutil.rmtree(collection.root / _FOLDER, ignore_errors=True)


@contextmanager
def _aside(collection: Collection) -> Iterator[Aside]:
    """The folder aside, empty; it goes however this ends. What a killed comparison left goes first."""
    indexed = collection.index.exists() and not fixity.unsealed(collection)
    aside = Aside(collection.output, collection.name, of=collection, indexed=indexed)
    with writable(aside.root, _("A comparison needs room beside the collection; mend the permissions of its folder.")):
        if aside.root.exists():
            shutil.rmtree(aside.root)
        aside.dataset.mkdir(parents=True)
    try:
        yield aside
    finally:
        clear(collection)
