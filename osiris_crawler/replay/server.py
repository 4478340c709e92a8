"""pywb over a collection as it lies, in a process that ends with ours.

    restrictions.jsonl → access rules    ┐
    archive/ (a link), lines of the index┴→ a temporary folder → inside.py in pywb's environment → 127.0.0.1

Nothing is written into the collection, nothing is recorded, and what is not archived is not fetched.
"""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from osiris_crawler.archive import fixity, index
from osiris_crawler.archive.files import OPEN, closed_files
from osiris_crawler.archive.surt import surt
from osiris_crawler.errors import OsirisError, UsageError
from osiris_crawler.i18n import _, ngettext
from osiris_crawler.paths import Collection
from osiris_crawler.replay.blocking import aclj

INSIDE = Path(__file__).with_name("inside.py")
_PATIENCE = 180.0  # seconds until pywb must answer; it takes two or three on a machine at rest
_FAREWELL = 10.0  # seconds that it gets to end by itself


def config(name: str) -> str:
    """pywb's settings, in YAML (of which JSON is a part). Paths are relative to the temporary folder."""
    settings = {
        "collections_root": "none",  # no such folder: the one below is all there is
        "enable_auto_colls": False,
        "collections": {
            name: {
                "index": "index.cdxj",
                "archive_paths": ["archive/"],
                "acl_paths": ["rules.aclj"],
                "default_access": "allow",
            }
        },
        "static_prefix": "_static",  # no collection's name begins so
        "framed_replay": True,
        "enable_auto_fetch": False,
        "enable_memento": True,
    }
    return json.dumps(settings, indent=1)


def check(collection: Collection) -> list[str]:
    """Sentences about what replay will not show though it is archived; UsageError when it can show nothing."""
    if not collection.index.exists() or not collection.index.stat().st_size:
        raise UsageError(
            _("%(path)s has no index yet, so there is nothing to replay.") % {"path": collection.root},
            _("“osiris mend” makes it from the WARC files that are closed; a run does so at its end.")
            if closed_files(collection.archive)
            else _("Its first WARC file is not closed yet; a run closes it at its end, “osiris mend” after a crash."),
        )
    said = []
    late = fixity.unsealed(collection)
    if late:
        said.append(
            ngettext(
                "%(count)d closed WARC file is not in the index and is not replayed: “osiris mend” takes it in.",
                "%(count)d closed WARC files are not in the index and are not replayed: “osiris mend” takes them in.",
                len(late),
            )
            % {"count": len(late)}
        )
    unclosed = len(list(collection.archive.glob(f"*{OPEN}")))
    if unclosed:
        said.append(
            ngettext(
                "%(count)d WARC file is still open: what a run writes is replayed when it has closed it.",
                "%(count)d WARC files are still open: what a run writes is replayed when it has closed them.",
                unclosed,
            )
            % {"count": unclosed}
        )
    return said


def latest(index_file: Path, url: str) -> str | None:
    """The timestamp of an address's newest capture that is a page (200), else of its newest at all; None for none."""
    key = surt(url).encode() + b" "
    pages, any = "", ""
    for line in index.read(index_file):
        if line.startswith(key):
            stamp, fields = line[len(key) :].split(b" ", 1)
            any = max(any, stamp.decode())
            if json.loads(fields).get("status") == "200":
                pages = max(pages, stamp.decode())
        elif line > key:
            break
    return pages or any or None


class Server:
    """A pywb that runs. `base` is ``http://127.0.0.1:PORT/NAME/``."""

    def __init__(self, collection: Collection, process: subprocess.Popen[bytes], folder: Path) -> None:
        self._collection = collection
        self._process = process
        self._folder = folder
        self._port = 0

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self._port}/{quote(self._collection.name)}/"

    def captures(self, url: str) -> str:
        """The page that lists the captures of an address."""
        return f"{self.base}*/{url}"

    def page(self, url: str) -> str:
        """An address in its newest capture, else the page where one looks for addresses."""
        stamp = latest(self._collection.index, url)
        return f"{self.base}{stamp}/{url}" if stamp else self.base

    def block(self, keys: frozenset[str]) -> None:
        """Hide these addresses, from the next request on."""
        part = self._folder / "rules.part"
        part.write_bytes(aclj(keys))
        part.replace(self._folder / "rules.aclj")

    def mind(self) -> None:
        """OsirisError when pywb has ended, with its last word."""
        code = self._process.poll()
        if code is not None:
            log = self._folder / "pywb.log"
            lines = log.read_text("utf-8", "replace").split("\n") if log.exists() else []
            last = next((line.strip() for line in reversed(lines) if line.strip()), _("it said nothing"))
            raise OsirisError(
                _("pywb has ended with code %(code)d: %(why)s.") % {"code": code, "why": last[:300].rstrip(".")},
                _("Give the same command again; when it happens again, it is worth a report."),
            )

    def wait(self) -> None:
        """Until it answers; OsirisError when it ends before, or never does."""
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            self.mind()
            if self._port or (self._folder / "port").exists():
                self._port = int((self._folder / "port").read_text("ascii"))
                if self._answers():
                    return
            time.sleep(0.05)
        raise OsirisError(
            _("pywb does not answer after %(seconds)d seconds.") % {"seconds": _PATIENCE},
            _("Try again when this machine has less to do."),
        )

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)
        try:
            connection.request("GET", f"/{quote(self._collection.name)}/")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()


@contextmanager
def serving(collection: Collection, python: Path, keys: frozenset[str], port: int = 0) -> Iterator[Server]:
    """pywb while the block lasts. It ends with this process even when that is killed: its standard input ends then."""
    if port:
        _free(port)
    folder = Path(tempfile.mkdtemp(prefix="osiris-replay-"))
    process: subprocess.Popen[bytes] | None = None
    try:
        (folder / "config.yaml").write_text(config(collection.name), "utf-8")
        # A link, as pywb takes braces and stars in a path for its own.
        (folder / "archive").symlink_to(collection.archive.resolve(), target_is_directory=True)
        with (folder / "index.cdxj").open("wb") as lines:
            lines.writelines(index.shown(collection.index))
        with (folder / "pywb.log").open("wb") as log:
            process = subprocess.Popen(
                [str(python), "-I", str(INSIDE), str(folder), str(port)],
                cwd=folder, env=_environ(), stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        server = Server(collection, process, folder)
        server.block(keys)
        yield server
    finally:
        if process is not None:
            _end(process)
        shutil.rmtree(folder, ignore_errors=True)


def _free(port: int) -> None:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError as problem:
        raise UsageError(
            _("Port %(port)d can't be used: %(why)s.") % {"port": port, "why": problem.strerror or problem},
            _("Choose another with --port, or leave it out for one that is free."),
        ) from None


def _environ() -> dict[str, str]:
    """Without proxies, through which pywb would ask itself, and without settings of another pywb."""
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return {name: value for name, value in kept.items() if not name.startswith(("PYWB_", "PYTHON"))} | {"NO_PROXY": "*"}


def _end(process: subprocess.Popen[bytes]) -> None:
    """End pywb and all that it may have started."""
    assert process.stdin is not None
    process.stdin.close()
    try:
        process.wait(_FAREWELL)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if hasattr(os, "killpg"):
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            return  # nobody is left
