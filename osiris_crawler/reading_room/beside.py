"""The replay beside the room: begun when somebody asks for the first time, ended with the room.

It answers at another port, which is another origin: what an archived page may do there reaches nothing here.
"""

from __future__ import annotations

import threading
from urllib.parse import quote

from osiris_crawler.errors import OsirisError
from osiris_crawler.i18n import _
from osiris_crawler.paths import Collection
from osiris_crawler.replay.blocking import blocked
from osiris_crawler.replay.environment import cache_folder, ensure
from osiris_crawler.replay.server import Server, check, serving

_GLANCE = 0.5  # seconds between two looks at pywb and at what is restricted
_FAREWELL = 15.0  # seconds that it gets to end


class Beside:
    """A replay of one collection. `base` is its address once it answers; `trouble` says why it does not, and never will."""

    def __init__(self, collection: Collection, *, wanted: bool) -> None:
        self._collection = collection
        self.wanted = wanted
        self.base: str | None = None
        self.trouble: str | None = None
        self.said = ""
        self._thread: threading.Thread | None = None
        self._beginning = threading.Lock()
        self._over = threading.Event()

    @property
    def begun(self) -> bool:
        return self._thread is not None

    @property
    def origin(self) -> str | None:
        return "/".join(self.base.split("/")[:3]) if self.base else None

    def begin(self) -> None:
        """Start it, if it is not started yet."""
        with self._beginning:
            if self.wanted and self._thread is None and not self._over.is_set():
                self._thread = threading.Thread(target=self._run, name="replay", daemon=True)
                self._thread.start()

    def end(self) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join(_FAREWELL)

    def page(self, stamp: str, url: str) -> str:
        """The archived page itself, without a frame of pywb's about it."""
        return f"{self.base}{stamp}mp_/{quote(url, safe=_SAFE)}"

    def framed(self, stamp: str, url: str) -> str:
        """The same as `osiris replay` shows it, with the line that leads to other captures."""
        return f"{self.base}{stamp}/{quote(url, safe=_SAFE)}"

    def _say(self, sentence: str) -> None:
        self.said = sentence

    def _run(self) -> None:
        try:
            check(self._collection)
            python = ensure(cache_folder(), self._say)
            self._say("")
            marks = self._marks()
            hidden = blocked(self._collection)
            with serving(self._collection, python, hidden) as server:
                server.wait()
                self.base = server.base
                self._watch(server, marks, hidden)
        except OsirisError as problem:
            self.trouble = str(problem)
        except OSError as problem:
            self.trouble = _("The replay can't be begun: %(why)s.") % {"why": problem.strerror or problem}
        finally:
            self.base = None

    def _watch(self, server: Server, seen: list[tuple[int, int]], hidden: frozenset[str]) -> None:
        """What becomes restricted is hidden at once; what is so no more waits for the room's next start."""
        while not self._over.wait(_GLANCE):
            server.mind()
            now = self._marks()
            if now != seen:
                hidden |= blocked(self._collection)
                server.block(hidden)
                seen = now

    def _marks(self) -> list[tuple[int, int]]:
        paths = (self._collection.restrictions, self._collection.articles)
        return [(stat.st_mtime_ns, stat.st_ino) for path in paths if path.exists() for stat in [path.stat()]]


_SAFE = "".join(map(chr, range(33, 127))).replace("#", "").replace('"', "").replace("<", "").replace(">", "")
