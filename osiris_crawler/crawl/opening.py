"""Opening a collection for a run: the lock, what a dead run left behind, the walk to begin or to go on with."""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import platform
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from osiris_crawler import __version__
from osiris_crawler.archive import files
from osiris_crawler.archive.clock import Clock, parse_warc_date
from osiris_crawler.archive.writer import WarcWriter
from osiris_crawler.crawl.politeness import Politeness, is_loopback
from osiris_crawler.crawl.run import Run, user_agent
from osiris_crawler.errors import CollectionLocked, IntegrityError, UsageError
from osiris_crawler.i18n import _
from osiris_crawler.ledger.adopt import Adopted, adopt, read_unread
from osiris_crawler.ledger.db import LedgerDamaged
from osiris_crawler.ledger.ledger import Ledger
from osiris_crawler.ledger.page import Page
from osiris_crawler.ledger.scope import Scope
from osiris_crawler.paths import Collection
from osiris_crawler.settings import Settings
from osiris_crawler.site import profile
from osiris_crawler.site.profile import Site

log = logging.getLogger(__name__)

Say = Callable[[str], None]


def site_of(settings: Settings) -> Site:
    """The profile that a run works by, bound to the host it is given."""
    if settings.profile is not None:
        site = profile.load_file(settings.profile)
        return profile.bind(site, settings.url) if settings.url else site
    return profile.for_url(settings.url) if settings.url else profile.load("osiris")


def collection_of(settings: Settings, site: Site) -> Collection:
    return Collection(settings.output, settings.collection or site.name)


@contextlib.contextmanager
def locked(collection: Collection) -> Any:
    """Hold a collection; CollectionLocked at once when another run does."""
    lock = FileLock(collection.lock)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise CollectionLocked(
            _("Another run holds the collection %(path)s.") % {"path": collection.root},
            _("Wait until it has ended; “osiris status” shows how far it is."),
        ) from None
    try:
        yield
    finally:
        lock.release()


def open_ledger(collection: Collection, say: Say) -> Ledger:
    """The ledger; a missing or damaged one is put aside and begun anew, to be filled from the WARC files."""
    try:
        ledger = Ledger(collection.state)
    except LedgerDamaged as problem:
        aside = collection.state.with_name(f"state.sqlite.damaged-{time.strftime('%Y%m%d%H%M%S', time.gmtime())}")
        collection.state.replace(aside)
        for suffix in ("-wal", "-shm"):
            collection.state.with_name(collection.state.name + suffix).unlink(missing_ok=True)
        say(
            _("The ledger was damaged (%(why)s); it is kept as %(aside)s and rebuilt from the WARC files.")
            % {"why": problem, "aside": aside.name}
        )
        ledger = Ledger(collection.state)
    missing = sorted(name for name in ledger.files() if not files.present(collection.archive, name))
    if missing:
        ledger.close()
        raise IntegrityError(
            _("WARC files that the ledger knows are not there: %(names)s.") % {"names": ", ".join(missing[:5])},
            _("Bring them back, or run “osiris rebuild” to go on without them."),
        )
    return ledger


def recover(collection: Collection, say: Say) -> int:
    """Finish the files that dead runs left open; gives how many there were."""
    recovered = 0
    for path in files.warc_files(collection.archive):
        if path.name.endswith(".open"):
            mended = files.recover_open(path)
            recovered += 1
            if mended.cut:
                say(
                    _("%(file)s ended in a torn record: %(bytes)d bytes are kept aside, the rest is whole.")
                    % {"file": path.name, "bytes": mended.cut}
                )
    return recovered


@dataclass(slots=True)
class Opened:
    """A run and what was found when it was opened."""

    run: Run
    adopted: Adopted
    reread: int
    reclaimed: int


def open_run(
    settings: Settings, site: Site, collection: Collection, *, command: str, say: Say, sample: int | None = None
) -> Opened:
    """Take up a collection: mend, adopt, and begin a walk or go on with the unfinished one. The lock is held already."""
    check_contact(settings, site)
    recover(collection, say)
    ledger = open_ledger(collection, say)
    try:
        return _open_run(ledger, settings, site, collection, command, say, sample)
    except BaseException:
        ledger.db.abandon()
        raise


def _open_run(
    ledger: Ledger, settings: Settings, site: Site, collection: Collection, command: str, say: Say, sample: int | None
) -> Opened:
    home = ledger.get("site")
    if home is not None and home != site.start_url:
        raise UsageError(
            _("The collection %(name)s is of another site: %(there)s, not %(here)s.")
            % {"name": collection.name, "there": home, "here": site.start_url},
            _("Choose another collection with -c NAME."),
        )
    ledger.put("site", site.start_url)
    ledger.put("profile", site.name)
    late: list[Page] = []
    reclaimed = ledger.frontier.reclaim()
    scope = Scope(bool(settings.section), settings.since, settings.until, settings.files, sample)
    last = ledger.last_crawl()
    adopted = adopt(ledger, collection.archive, site, scope, on_page=late.append)
    reread = read_unread(ledger, collection.archive, site, scope, on_page=late.append)
    crawl = max(last, ledger.last_crawl())
    resumed = crawl > 0 and ledger.unfinished(crawl)
    if not resumed:
        crawl += 1
    clock = Clock(parse_warc_date(newest) if (newest := ledger.last_date()) else None)
    name = _run_name(collection, command)
    politeness = Politeness(
        agent=user_agent(settings.contact),
        delay=settings.delay if settings.delay is not None else site.delay,
        overriding=settings.delay == 0,
    )
    started = clock.stamp()
    ledger.begin_run(name, crawl, command, started)
    if not resumed and crawl > 1 and not (scope.narrow or settings.section):
        ledger.frontier.again_articles(crawl)
    ledger.commit()
    writer = WarcWriter(
        collection.archive,
        prefix=collection.name,
        hostname=platform.node() or "localhost",
        warcinfo=_warcinfo(settings, site, collection, name, crawl, command, politeness.agent),
        max_size=settings.warc_size,
        clock=clock,
    )
    run = Run(
        name=name,
        crawl=crawl,
        command=command,
        settings=settings,
        site=site,
        collection=collection,
        ledger=ledger,
        writer=writer,
        clock=clock,
        politeness=politeness,
        scope=scope,
        resumed=resumed,
        late=late,
    )
    if resumed:
        say(_("Going on with the unfinished crawl."))
    return Opened(run, adopted, reread, reclaimed)


def check_contact(settings: Settings, site: Site) -> None:
    """Whoever crawls another host than this machine must say who they are."""
    if not settings.contact and not is_loopback(settings.url or site.start_url):
        raise UsageError(
            _("A crawl of %(site)s needs your contact, so that those who run the site can reach you.")
            % {"site": settings.url or site.start_url},
            _('Give it with --contact you@example.org, OSIRIS_CONTACT, or contact = "…" in osiris.toml.'),
        )


def _run_name(collection: Collection, command: str) -> str:
    """A name for the run, one folder of its own under runs/."""
    stem = f"{time.strftime('%Y%m%d%H%M%S', time.gmtime())}-{command}"
    name, turn = stem, 2
    while True:
        try:
            (collection.runs / name).mkdir(parents=True)
            return name
        except FileExistsError:
            name, turn = f"{stem}-{turn}", turn + 1


def _warcinfo(
    settings: Settings, site: Site, collection: Collection, run: str, crawl: int, command: str, agent: str
) -> dict[str, str]:
    effective = json.dumps(
        {name: str(value) if isinstance(value, Path) else value for name, value in asdict(settings).items()},
        sort_keys=True,
        ensure_ascii=False,
    )
    fields = {
        "software": f"osiris-crawler/{__version__}",
        "format": "WARC File Format 1.1",
        "conformsTo": "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
        "isPartOf": collection.name,
        "robots": f"obey; requisites by permission: {settings.permission}" if settings.permission else "obey",
        "http-header-user-agent": agent,
        "hostname": platform.node() or "localhost",
        "operator": settings.contact or "",
        "run": run,
        "crawl": str(crawl),
        "command": command,
        "site": site.start_url,
        "profile": site.name,
        "settings": effective,
        "settings-digest": "sha256:" + hashlib.sha256(effective.encode()).hexdigest(),
    }
    return {name: " ".join(value.split()) for name, value in fields.items() if value}
