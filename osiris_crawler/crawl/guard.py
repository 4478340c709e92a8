"""Login and block pages that stand between us and the site and answer 200, or a redirect, to everything.

A page of the site leads to others of its pages. When some in a row do not, the home page is asked; it is asked for another
page when it is among them. What bears signs clears those before it. When the home page bears none either, and it used to,
nothing since the last good page is the site's: the captures stay as evidence, a metadata record names them, what they said
is taken back, their addresses wait uncharged, and the run ends with 5.

What is in doubt when a run is killed can't be told any more: a page of the site that comes a day later says nothing of it. The
next run takes it back before it asks for anything, and asks for it again, so a page that was the site's after all costs a request.
"""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING

from osiris_crawler.archive.http import HttpMessage
from osiris_crawler.care.past import report_of
from osiris_crawler.errors import Exit
from osiris_crawler.i18n import _
from osiris_crawler.ledger.disowning import Taken
from osiris_crawler.ledger.home import bears_signs, can_tell
from osiris_crawler.site import urls

if TYPE_CHECKING:
    from osiris_crawler.crawl.run import Run
    from osiris_crawler.ledger.frontier import Lease
    from osiris_crawler.ledger.page import Page

log = logging.getLogger(__name__)

_FEW, _MANY = 3, 100  # pages without a sign before the home page is asked; each time in vain, twice as many
_KEPT = 400  # pages in doubt
_NAME = "unsigned"  # the ledger's note of the pages in doubt, for the run after a kill
_KILLED = 50  # runs in a row that are looked at
_GONE = (404, 410)


class Guard:
    """Which pages of late bear no sign of the site. `asking`: one is asked for that will tell, and nothing else goes out."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._home = urls.parse(run.site.start_url, run.site).key
        self._doubted: dict[str, tuple[str, str]] = json.loads(run.ledger.get(_NAME) or "{}")  # key → date, record id
        self._limit = _FEW
        self._witness: Lease | None = None
        self._given = False
        self._asked = 0
        self._said = ""  # what stands in place of the site
        self.caught = False

    # -- for the scheduler ------------------------------------------------------------------------------------------

    @property
    def asking(self) -> bool:
        return self._witness is not None

    def witness(self) -> Lease | None:
        """The address that is to be asked before any other; None once it has been given."""
        if self._given:
            return None
        self._given = True
        return self._witness

    def is_witness(self, key: str) -> bool:
        return self._witness is not None and self._witness.key == key

    def at_end(self) -> bool:
        """Nothing else is waiting: whether the pages in doubt are to be settled first."""
        if self._doubted and not self.asking and not self._run.stopping and self._asked < _FEW and self._limit == _FEW:
            self._doubt()
        return self.asking

    # -- for the run --------------------------------------------------------------------------------------------------

    def take_up(self) -> None:
        """At the run's beginning: what a killed run left in doubt is disowned, also what it had no time to look at."""
        killed = self._killed()
        if not killed or self._run.scope.narrow or self._run.settings.section:
            return
        ledger = self._run.ledger
        for page in sorted(self._run.late, key=lambda page: page.date):
            if page.run not in killed:
                continue
            status = int(ledger.db.value("SELECT status FROM captures WHERE id = ?", (page.capture,)) or 0)
            if status == 304 or bears_signs(ledger, page, status, self._doubted):
                self._clear(page.date, as_witness=False)
            elif status not in _GONE and can_tell(ledger):
                self._doubted[page.key] = (page.date, page.record_id)
        left = [Taken(*place) for place in self._doubted.values() if self._of(killed, *place)]
        if left:
            self._run.notes.disowned(left, _("in doubt when the run was killed"))
            log.info("%d captures were in doubt when a run was killed; they are asked for again", len(left))
        taken = {one.record_id for one in left}
        self._run.late = [page for page in self._run.late if page.record_id not in taken]
        self._doubted = {key: place for key, place in self._doubted.items() if place[1] not in taken}
        self._note()

    def _killed(self) -> set[str]:
        """The runs before this one that did not come to their end, back to the last that did."""
        rows = self._run.ledger.db.query(
            """SELECT run, ended FROM runs WHERE command IN ('crawl', 'update') AND run <> ?
               ORDER BY started DESC, run DESC LIMIT ?""",
            (self._run.name, _KILLED),
        )
        found: set[str] = set()
        for row in rows:
            report = report_of(self._run.collection, row["run"])  # a ledger made anew does not know how runs have ended
            if row["ended"] is not None or "dataset" in (report or {}):
                break
            found.add(row["run"])
        return found

    def _of(self, runs: set[str], date: str, record_id: str) -> bool:
        query = "SELECT run FROM captures WHERE date = ? AND record_id = ?"
        return self._run.ledger.db.value(query, (date, record_id)) in runs

    def saw(self, page: Page, status: int, head: HttpMessage) -> bool:
        """Look at a page before it is taken in; gives False for one in doubt."""
        if self._run.scope.narrow or self._run.settings.section:
            return True  # such a walk follows few of a page's links
        witness = self.is_witness(page.key)
        if witness:
            self._drop_witness()
        if status == 304 or bears_signs(self._run.ledger, page, status, self._doubted):
            self._clear(page.date, as_witness=witness)
            return True
        if status in _GONE and not witness:
            return True
        if not can_tell(self._run.ledger):
            return True
        if status not in _GONE:
            self._doubted[page.key] = (page.date, page.record_id)
            self._note()
        if status != 200 or page.reading.title_tag or not self._said:
            self._said = _what(page, status, head)  # a portal's page that is taken for a feed has no title
        if self.caught:
            return False
        if self._home in self._doubted and len(self._doubted) > 1 and (witness or len(self._doubted) >= self._limit):
            self._catch()
        elif not self.asking and (witness or page.key == self._home or len(self._doubted) >= self._limit):
            self._doubt()
        return False

    def failed(self, key: str) -> None:
        """An address gave no answer: if it was to tell, another time will do."""
        if self.is_witness(key):
            self._drop_witness()

    def settle(self) -> None:
        """At the run's end: what was caught is disowned, before anything is published."""
        if self._witness is not None:
            self._run.ledger.frontier.give_back([self._witness.id])
        if not self.caught:
            return
        captures = [Taken(*place) for place in self._doubted.values()]
        self._run.notes.disowned(captures, self._said)
        log.warning("%d captures are no pages of the site: %s", len(captures), self._said)
        self._doubted.clear()
        self._note()

    # -- inside -------------------------------------------------------------------------------------------------------

    def _doubt(self) -> None:
        """Ask for a page that will tell."""
        key: str | None = self._home
        if key in self._doubted:
            key = self._run.ledger.db.value(
                """SELECT key FROM addresses WHERE capture IS NOT NULL AND kind IN ('section', 'article')
                   AND key NOT IN (SELECT value FROM json_each(?)) ORDER BY kind DESC, id LIMIT 1""",
                (json.dumps(list(self._doubted)),),
            )
        self._witness = self._run.ledger.frontier.take(key) if key is not None else None
        self._given = False
        self._asked += 1
        if self._witness is not None:
            log.info("%d pages bear no sign of the site; %s will tell", len(self._doubted), self._witness.url)
            self._run.wake(0.0)

    def _drop_witness(self) -> None:
        self._witness, self._given = None, False
        self._run.wake(0.0)

    def _clear(self, date: str, *, as_witness: bool) -> None:
        """A page of the site came at this instant: what came before it did so, too."""
        before = len(self._doubted)
        self._doubted = {key: place for key, place in self._doubted.items() if place[0] > date}
        if as_witness:
            self._limit = min(self._limit * 2, _MANY)
        if len(self._doubted) != before:
            self._note()

    def _note(self) -> None:
        while len(self._doubted) > _KEPT:
            del self._doubted[next(iter(self._doubted))]
        self._run.ledger.put(_NAME, json.dumps(self._doubted))

    def _catch(self) -> None:
        self.caught = True
        self._run.stop(
            Exit.UNREACHABLE,
            _("Something stands between us and the site: %(what)s in place of the home page and %(count)d other pages.")
            % {"what": self._said, "count": len(self._doubted) - 1}
            + " "
            + _("It looks like a login or block page; it is kept, and counts for nothing.")
            + " "
            + _(
                "Once it is gone, the same command goes on; a site that was made anew needs a collection of its own (-c NAME)."
            ),
        )


def _what(page: Page, status: int, head: HttpMessage) -> str:
    """What stands in place of the site, in a few words."""
    target = head.header("Location") if page.reading.kind == "redirect" else None
    if target:
        return _("a redirect to %(url)s") % {"url": _plain(target.partition("?")[0])}
    if status != 200:
        return f"HTTP {status}"
    if not page.reading.title_tag:
        return _("a page without title")
    return _("a page “%(title)s”") % {"title": _plain(page.reading.title_tag)}


def _plain(text: str) -> str:
    """A stretch of what a page says, safe to print."""
    return "".join(sign if sign.isprintable() else " " for sign in text[:80]).strip()
