"""Opening a collection for a run: the lock, what a dead run left behind, the walk to begin or to go on with."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass

from osiris_crawler.archive import fixity
from osiris_crawler.archive.clock import Clock, parse_warc_date
from osiris_crawler.archive.description import description, hostname, of_a_crawl
from osiris_crawler.archive.writer import WarcWriter
from osiris_crawler.care.keeping import Say, finish_dead, open_ledger
from osiris_crawler.care.past import report_of
from osiris_crawler.crawl.logfile import LOG
from osiris_crawler.crawl.politeness import Politeness, is_loopback, user_agent
from osiris_crawler.crawl.run import Run
from osiris_crawler.crawl.updating import SIGNALS, Updater
from osiris_crawler.errors import UsageError
from osiris_crawler.i18n import _
from osiris_crawler.ledger.adopt import Adopted, adopt
from osiris_crawler.ledger.learning import frozen
from osiris_crawler.ledger.ledger import Ledger
from osiris_crawler.ledger.page import Page
from osiris_crawler.ledger.rereading import read_unread
from osiris_crawler.ledger.scope import Scope
from osiris_crawler.paths import Collection
from osiris_crawler.settings import Settings
from osiris_crawler.site import profile
from osiris_crawler.site.profile import Site

log = logging.getLogger(__name__)


def site_of(settings: Settings) -> Site:
    """The profile that a run works by, bound to the host it is given."""
    if settings.profile is not None:
        site = profile.load_file(settings.profile)
        return profile.bind(site, settings.url) if settings.url else site
    return profile.for_url(settings.url) if settings.url else profile.load("osiris")


def collection_of(settings: Settings, site: Site) -> Collection:
    return Collection(settings.output, settings.collection or site.name)


@dataclass(slots=True)
class Opened:
    """A run and what was found when it was opened."""

    run: Run
    adopted: Adopted
    reread: int
    reclaimed: int


def open_run(
    settings: Settings,
    site: Site,
    collection: Collection,
    *,
    command: str,
    say: Say,
    sample: int | None = None,
    wanted: Sequence[str] | None = None,
) -> Opened:
    """Take up a collection: mend, adopt, and begin a walk or go on with the unfinished one. The lock is held already.

    An "audit" asks for the site's cheap signals alone; with `wanted` it is an update that asks for these keys besides.
    """
    check_contact(settings, site)
    finish_dead(collection, say)
    ledger = open_ledger(collection, say)
    try:
        return _open_run(ledger, settings, site, collection, command, say, sample, wanted)
    except BaseException:
        ledger.db.abandon()
        raise


def _open_run(
    ledger: Ledger,
    settings: Settings,
    site: Site,
    collection: Collection,
    command: str,
    say: Say,
    sample: int | None,
    wanted: Sequence[str] | None,
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
    ledger.frontier.holding = scope.dated
    last = ledger.last_crawl()
    chrome = frozen(ledger, collection.archive)
    adopted = adopt(ledger, collection.archive, site, scope, chrome=chrome, on_page=late.append)
    reread = read_unread(ledger, collection.archive, site, scope, chrome=chrome, on_page=late.append)
    crawl = max(last, ledger.last_crawl())
    walk = ledger.last_walk()
    # An update goes on with a walk that is not at its end: the archive comes first. Without any it is the first walk.
    # Files that are left lead nowhere: an update asks for them among its own, and looks for what is new all the same.
    resumed = walk > 0 and ledger.unfinished(walk, files=command not in ("update", "audit"))
    # A run that was killed while it closed had all of its walk: what it had left to do is done without asking for it again.
    resumed = resumed or (command == "crawl" and walk > 0 and _killed_at_its_end(collection, ledger, walk))
    whole = command not in ("update", "audit") or resumed or walk == 0
    if command in ("update", "audit") and whole:
        say(_("The archive has not been walked to its end yet: this is done first."))
        command = "crawl"
    crawl = walk if resumed else crawl + 1
    sealed = set(fixity.read(collection.manifest))
    clock = Clock(parse_warc_date(newest) if (newest := ledger.last_date()) else None)
    name = _run_name(collection, command)
    politeness = Politeness(
        agent=user_agent(settings.contact),
        delay=settings.delay if settings.delay is not None else site.delay,
        overriding=settings.delay == 0,
    )
    started = clock.stamp()
    ledger.begin_run(name, crawl, command, started)
    if not resumed and whole and not (scope.narrow or settings.section):
        ledger.frontier.again_articles(crawl)
    ledger.commit()
    writer = WarcWriter(
        collection.archive,
        prefix=collection.name,
        hostname=hostname(),
        warcinfo=description(
            collection=collection.name,
            run=name,
            crawl=crawl,
            command=command,
            site=site.start_url,
            profile=site.name,
            more=of_a_crawl(settings, site, politeness.agent),
        ),
        max_size=settings.warc_size,
        clock=clock,
        on_closed=lambda closed: sealed.add(fixity.seal_closed(collection, closed)),
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
        sealed=sealed,
    )
    if resumed:
        say(_("Going on with the unfinished crawl."))
    elif command == "crawl" and walk > 0:
        say(_("The last walk came to its end; this is a new one. “osiris update” asks for what is new alone."))
    if not whole:
        signals_only = command == "audit" and wanted is None
        run.updater = Updater(run, signals_only=signals_only, wanted=wanted or ())
        ledger.frontier.only = frozenset(SIGNALS) if signals_only else None
    return Opened(run, adopted, reread, reclaimed)


def _killed_at_its_end(collection: Collection, ledger: Ledger, walk: int) -> bool:
    """Whether the newest run of a walk left a log, and neither it nor a later one a report: a ledger made anew does not know
    how runs have ended, nor of those that had nothing to ask."""
    row = ledger.db.query(
        "SELECT run, ended FROM runs WHERE crawl = ? AND command = 'crawl' ORDER BY started DESC, run DESC LIMIT 1", (walk,)
    ).fetchone()
    if row is None or row["ended"] is not None or not (collection.runs / row["run"] / LOG).is_file():
        return False
    later = [folder.name for folder in collection.runs.iterdir() if folder.name >= row["run"]]
    return not any("dataset" in (report_of(collection, name) or {}) for name in later)


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
