"""Holding a collection: its lock, its ledger, and what a dead run left behind."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from osiris_crawler.archive import files, fixity, index
from osiris_crawler.care import events
from osiris_crawler.errors import CollectionLocked, IntegrityError, UsageError
from osiris_crawler.i18n import _
from osiris_crawler.ledger.db import LedgerDamaged
from osiris_crawler.ledger.ledger import Ledger
from osiris_crawler.paths import HELD_HERE, Collection, free_name, writable

Say = Callable[[str], None]
_GLANCE = 0.2  # seconds; a command that looks whether the lock is held has it for some microseconds
_ASK_EVERY = 0.5  # seconds between two looks at a lock that another run holds


@contextmanager
def locked(collection: Collection, wait: float = 0.0, say: Say | None = None) -> Iterator[None]:
    """Hold a collection. When another run does: wait so many seconds, math.inf without limit; then CollectionLocked."""
    lock = FileLock(collection.lock)
    held = _("Another run holds the collection %(path)s.") % {"path": collection.root}
    try:
        if not _acquired(lock, collection):
            if not wait:
                raise Timeout(lock.lock_file)
            if say is not None:
                say(held + " " + _("Waiting until it has ended."))
            lock.acquire(timeout=-1 if wait == math.inf else wait, poll_interval=_ASK_EVERY)
    except Timeout:
        raise CollectionLocked(held, _("Wait until it has ended; “osiris status” shows how far it is.")) from None
    HELD_HERE.add(collection.lock)
    try:
        yield
    finally:
        HELD_HERE.discard(collection.lock)
        lock.release()


def _acquired(lock: FileLock, collection: Collection) -> bool:
    with writable(collection.root, _("Mend its permissions, or copy the collection to where it can be written.")):
        try:
            lock.acquire(timeout=_GLANCE, poll_interval=_GLANCE / 10)
        except Timeout:  # which is an OSError as well
            return False
    return True


def existing(collection: Collection) -> Collection:
    """A collection that is there; UsageError else."""
    if not collection.archive.is_dir():
        raise UsageError(
            _("There is no collection at %(path)s.") % {"path": collection.root}, _("Check -o OUTPUT and -c NAME.")
        )
    return collection


def _names(output: Path) -> list[str]:
    return sorted(path.name for path in (output / "collections").glob("*") if path.is_dir())


def lone(output: Path) -> str | None:
    """The name of the one collection under an output folder, None when there are none or several."""
    names = _names(output)
    return names[0] if len(names) == 1 else None


def only_collection(output: Path) -> str:
    """The name of the one collection under an output folder; UsageError when there are none or several."""
    names = _names(output)
    if len(names) == 1:
        return names[0]
    if not names:
        raise UsageError(
            _("There is no collection under %(path)s.") % {"path": output},
            _("Begin one with “osiris crawl URL”, or see it all with “osiris demo”."),
        )
    raise UsageError(
        _("There are several collections under %(path)s: %(names)s.") % {"path": output, "names": ", ".join(names)},
        _("Choose one with -c NAME."),
    )


def open_ledger(collection: Collection, say: Say) -> Ledger:
    """The ledger; a damaged one is put aside and begun anew, to be filled from the WARC files."""
    try:
        ledger = Ledger(collection.state)
    except LedgerDamaged as problem:
        aside = set_aside(collection.state, "damaged")
        say(
            _("The ledger can't be used (%(why)s); it is kept as %(aside)s and made anew from the WARC files.")
            % {"why": problem, "aside": aside.name}
        )
        ledger = Ledger(collection.state)
    known = ledger.known_sizes()
    missing = sorted(name for name in known if not files.present(collection.archive, name))
    if missing:
        ledger.close()
        raise IntegrityError(
            _("WARC files that the ledger knows are not there: %(names)s.") % {"names": ", ".join(missing[:5])},
            _("Bring them back, or run “osiris mend --accept FILE” for each to go on without it."),
        )
    shorter = [name for name, size in known.items() if files.existing(collection.archive, name).stat().st_size < size]
    sums = fixity.read(collection.manifest)
    lost = [name for name in shorter if name in sums and fixity.sha256(collection.archive / name) != sums[name]]
    if lost:
        ledger.close()
        raise IntegrityError(
            _("WARC files have lost their end: %(names)s.") % {"names": ", ".join(lost[:5])},
            _("Bring them back from a second copy; without one, “osiris mend” goes on with what is left of them."),
        )
    if shorter:
        # A run that died had told the ledger of records that the disk then lost.
        ledger.close()
        aside = set_aside(collection.state, "ahead")
        say(
            _("The ledger knows more than the WARC files hold; it is kept as %(aside)s and made anew from them.")
            % {"aside": aside.name}
        )
        ledger = Ledger(collection.state)
    return ledger


def set_aside(path: Path, why: str) -> Path:
    """Give a file another name, never that of one that is there; SQLite's companions go."""
    aside = free_name(path.with_name(f"{path.name}.{why}-{time.strftime('%Y%m%d%H%M%S', time.gmtime())}"))
    path.replace(aside)
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    return aside


def finish_dead(collection: Collection, say: Say) -> list[str]:
    """Finish the files that dead runs left open, and take closed ones into index and manifest. Every run begins so.

    Gives what was done, in the sentences that were said of it.
    """
    done: list[str] = []

    def tell(sentence: str, name: str) -> None:
        done.append(sentence)
        say(sentence)
        events.append(collection, "repair", "success", sentence, [name])

    for path in files.warc_files(collection.archive):
        if not path.name.endswith(files.OPEN):
            continue
        name = files.final_name(path)
        if (collection.archive / name).exists():
            aside = set_aside(path, "second")
            tell(
                _("%(file)s is closed already; the open one is kept as %(aside)s.")
                % {"file": name, "aside": aside.name},
                name,
            )
            continue
        mended = files.recover_open(path)
        if mended.cut:
            sentence = _("%(file)s ended in a torn record: %(bytes)d bytes are kept aside, the rest is whole.")
            tell(sentence % {"file": path.name, "bytes": mended.cut}, name)
        elif mended.path is None:
            tell(_("%(file)s was left open by a dead run; nothing was in it.") % {"file": path.name}, name)
        else:
            tell(_("%(file)s was left open by a dead run; it is whole and closed now.") % {"file": path.name}, name)
    if fixity.read(collection.manifest) and not collection.index.exists():
        index.rebuild(collection.index, files.closed_files(collection.archive))
        tell(_("The index was not there; it was made anew."), collection.index.name)
    for name in fixity.seal(collection, fixity.unsealed(collection)):
        tell(_("%(file)s was taken into index and manifest.") % {"file": name}, name)
    return done
