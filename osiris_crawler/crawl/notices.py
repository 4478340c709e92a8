"""Who is told of a run: a monitor's address is called at its beginning and end, people get a notice when something is wrong,
once a week while it stays wrong, and when it is in order again (news.py).

Neither changes how a run ends. Their addresses are secrets: they come from the settings file or the environment, and
what is said or logged of a failure names them by their place and scheme alone.
"""

from __future__ import annotations

import json
import logging
import os
import sqlite3
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http.client import HTTPException, HTTPMessage
from importlib.util import find_spec
from typing import IO, Any
from urllib.parse import urlsplit, urlunsplit

from osiris_crawler import __version__
from osiris_crawler.care.keeping import Say
from osiris_crawler.crawl import news
from osiris_crawler.crawl.news import ALWAYS
from osiris_crawler.crawl.notice_text import plain, text_of
from osiris_crawler.crawl.run import Run
from osiris_crawler.errors import Exit, OsirisError
from osiris_crawler.i18n import _
from osiris_crawler.paths import Collection, free_name, replace_file
from osiris_crawler.settings import Settings

log = logging.getLogger(__name__)

__all__ = ["ALWAYS", "DEMO", "ping", "send", "tell", "text_of", "watched"]

# Set in the environment of what `osiris demo` starts: a trial on this machine is nobody's business.
DEMO = "OSIRIS_DEMO"
# A monitor takes every code but 0 for a failure; these runs did what they should, or go on by themselves.
FINE = frozenset({Exit.DONE, Exit.UNFINISHED, Exit.BUDGET})

TIMEOUT = 10.0  # seconds for a ping
NOTICE_TIMEOUT = 30.0  # seconds for each service


@dataclass(slots=True)
class Watch:
    """A run that is being watched; nobody is told of one that never held the collection."""

    settings: Settings
    say: Say
    holding: bool = False
    run: Run | None = None

    def began(self) -> None:
        """The collection is held."""
        self.holding = True
        if self.settings.notify and find_spec("apprise") is None:
            _failed(self.say, _no_apprise())
        if self.settings.ping:
            problem = ping(self.settings.ping, "start")
            if problem:
                _failed(self.say, problem)


@contextmanager
def watched(settings: Settings, collection: Collection, command: str, say: Say) -> Iterator[Watch]:
    """Around a run and its lock: call `began` when the lock is held, set `run` when it is opened. However it ends, its end
    is told, after the collection has been let go."""
    if os.environ.get(DEMO):
        settings = replace(settings, ping=None, notify=())
    watch = Watch(settings, say)
    problem: BaseException | None = None
    try:
        yield watch
    except BaseException as raised:
        problem = raised
        raise
    finally:
        if watch.holding:
            report = _ended(watch.run) or _broken(watch.run, settings, collection, command, problem)
            tell(report, settings, collection, say)


def _ended(run: Run | None) -> dict[str, Any] | None:
    """The report of a run that has been closed, with the exit it leaves with."""
    if run is None or not run.report:
        return None
    return {**run.report, "exit": int(run.exit), "reasons": list(run.reasons)}


def _broken(
    run: Run | None, settings: Settings, collection: Collection, command: str, problem: BaseException | None
) -> dict[str, Any]:
    """What is known of a run that never came to its report."""
    if isinstance(problem, OsirisError):
        code = problem.exit
    elif isinstance(problem, KeyboardInterrupt):
        code = Exit.INTERRUPTED
    else:
        code = Exit.INTEGRITY if isinstance(problem, sqlite3.DatabaseError) else Exit.UNEXPECTED
    stem = f"{time.strftime('%Y%m%d%H%M%S', time.gmtime())}-{command}"
    return {
        "run": run.name if run is not None else free_name(collection.runs / stem).name,
        "command": command,
        "site": settings.url,
        "collection": str(collection.root),
        "exit": int(code),
        "reasons": [str(problem) or type(problem).__name__] if problem else [],
    }


def tell(report: Mapping[str, Any], settings: Settings, collection: Collection, say: Say) -> None:
    """Tell of a run that has ended, by its report; what can't be delivered is said and logged, and changes nothing."""
    try:
        code = Exit(report["exit"])
        if settings.ping:
            failure = ping(settings.ping, str(0 if code in FINE else int(code)))
            if failure:
                _failed(say, failure)
        if settings.notify:
            _notify(report, settings, collection, say)
    except Exception:  # whatever a report may lack: the run itself ended as it did
        log.exception("the end of the run could not be told")
        say(_("The end of the run could not be told for a fault of this program; crawl.log says where."))


def _notify(report: Mapping[str, Any], settings: Settings, collection: Collection, say: Say) -> None:
    """Send a notice if there is news, and note in the run's report what people know now."""
    code, now = Exit(report["exit"]), datetime.now(UTC)
    before = news.told_before(collection, report["run"])
    found = news.news(report, before, now)
    every = settings.notify_on == "all"
    sent = False
    if found or every:
        title, body = text_of(report, found, every=every)
        problems = send(settings.notify, title, body, bad=code not in FINE)
        for problem in problems:
            _failed(say, problem)
        sent = len(problems) < len(settings.notify)
    notice = {"at": now.strftime("%Y-%m-%dT%H:%M:%SZ") if sent else None, "stands": found.standing(now, sent=sent)}
    path = collection.runs / report["run"] / "report.json"
    # A run that could not be opened has no report; it leaves one where people have been told of it.
    if not sent and not (path.exists() and (before or notice["stands"])):
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, text=json.dumps({**report, "notice": notice}, ensure_ascii=False, indent=2) + "\n")
    except OSError as problem:  # the next run tells it once more
        log.warning("the notice could not be noted: %s", problem)


def _failed(say: Say, sentence: str) -> None:
    if log.hasHandlers():  # handled, not logged: logging may be shut off (see `send`)
        log.handle(log.makeRecord(log.name, logging.WARNING, __file__, 0, "%s", (sentence,), None))
    say(sentence)


# -- the monitor ------------------------------------------------------------------------------------------------------------


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows to the web alone, and never from https to http, where others could read the address."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        there = urlsplit(newurl).scheme
        if there == "https" or (there == "http" and req.type == "http"):
            return super().redirect_request(req, fp, code, msg, headers, newurl)
        return None


def ping(url: str, what: str) -> str | None:
    """Call a monitor's address with /start or /EXIT behind its path, as healthchecks.io has it; a sentence if it fails."""
    parts = urlsplit(url)
    address = urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{what}", fragment=""))
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        _Redirects(),
    ):
        opener.add_handler(handler)

    def call() -> str | None:
        request = urllib.request.Request(address, headers={"User-Agent": f"osiris-crawler/{__version__}"})  # noqa: S310
        try:
            opener.open(request, timeout=TIMEOUT).close()
        except urllib.error.HTTPError as problem:
            problem.close()
            return f"HTTP {problem.code}"
        except urllib.error.URLError as problem:
            # Its words name host and error, never the path.
            return plain(str(getattr(problem.reason, "strerror", None) or type(problem.reason).__name__))
        except (OSError, HTTPException, ValueError) as problem:
            return type(problem).__name__
        return None

    _ended, why = _within(TIMEOUT, call)
    return (
        _("The monitor's address could not be called (%(what)s): %(why)s.") % {"what": what, "why": why}
        if why
        else None
    )


def _within(limit: float, work: Callable[[], str | None]) -> tuple[bool, str | None]:
    """Whether `work` ended in time, and what it says: a server that answers letter by letter holds nobody up."""
    said: list[str | None] = []

    def run() -> None:
        try:
            said.append(work())
        except Exception as problem:
            said.append(type(problem).__name__)

    thread = threading.Thread(target=run, daemon=True, name="notice")
    thread.start()
    thread.join(limit)
    return (True, said[0]) if said else (False, _("no answer within %(count)d seconds") % {"count": limit})


# -- notices ----------------------------------------------------------------------------------------------------------------


def send(services: tuple[str, ...], title: str, body: str, *, bad: bool) -> list[str]:
    """Send a notice to each of apprise's addresses; a sentence for each that did not take it."""
    if find_spec("apprise") is None:
        return [_no_apprise()]
    import apprise

    kind = apprise.NotifyType.FAILURE if bad else apprise.NotifyType.SUCCESS
    problems = []
    for number, address in enumerate(services, start=1):

        def deliver(address: str = address) -> str | None:
            service = apprise.Apprise()
            if not service.add(address):
                return _("apprise does not know this kind of address")
            taken = service.notify(body=body, title=title, notify_type=kind, body_format=apprise.NotifyFormat.TEXT)
            return None if taken else _("it was not taken")

        # apprise and what it stands on log addresses, passwords included; who is late may do so until the process ends.
        before = logging.root.manager.disable
        logging.disable(logging.CRITICAL)
        ended, why = _within(NOTICE_TIMEOUT, deliver)
        if ended:
            logging.disable(before)
        if why:
            problems.append(
                _("Notice %(number)d (%(scheme)s) could not be sent: %(why)s.")
                % {"number": number, "scheme": plain(address.partition("://")[0], 20), "why": why}
            )
    return problems


def _no_apprise() -> str:
    return _("No notice can be sent: apprise is not installed. “pip install 'osiris-crawler[notify]'” brings it.")
