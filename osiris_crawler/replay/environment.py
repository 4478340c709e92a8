"""An environment of pywb's own: made once, in a folder of the user's, and used without any network afterwards.

pywb must not share ours: it brings brotlipy, which overwrites the module `brotli`, and Scrapy then fails on br.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from filelock import FileLock, Timeout

from osiris_crawler.errors import OsirisError, UsageError
from osiris_crawler.i18n import _

PINS = Path(__file__).with_name("pywb.txt")
_LONGEST = 1800  # seconds that an installation may take
# What would send the packages elsewhere, or let others in. Where packages come from stays pip's own business.
_MISLEADING = ("PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_REQUIREMENT", "PIP_CONSTRAINT", "PIP_NO_DEPS")

Say = Callable[[str], None]


def cache_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """$OSIRIS_CACHE, else osiris-crawler in $XDG_CACHE_HOME (when it is absolute), else in ~/.cache."""
    if environ.get("OSIRIS_CACHE"):
        return Path(environ["OSIRIS_CACHE"]).expanduser().absolute()
    base = Path(environ.get("XDG_CACHE_HOME", ""))
    return (base if base.is_absolute() else Path("~/.cache").expanduser()) / "osiris-crawler"


def environment_name() -> str:
    """pywb's version, Python's, and a mark of all pins: another of them is another environment."""
    pins = PINS.read_text("utf-8")
    version = next(line.partition("==")[2] for line in pins.splitlines() if line.startswith("pywb=="))
    mark = hashlib.sha256(pins.encode()).hexdigest()[:8]
    return f"pywb-{version}-py{sys.version_info.major}.{sys.version_info.minor}-{mark}"


def python_of(root: Path) -> Path:
    """The interpreter of an environment."""
    return root / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def ensure(folder: Path, say: Say) -> Path:
    """The interpreter of pywb's environment under a folder; the environment is made when there is none.

    It is made aside and renamed, so that neither a kill nor a failure leaves half of one; of two processes one waits.
    """
    root = folder / environment_name()
    if python_of(root).exists():
        return python_of(root)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / f"{root.name}.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            say(_("Another run is making pywb's environment in %(path)s; waiting for it.") % {"path": root})
            lock.acquire()
        try:
            if not python_of(root).exists():
                say(
                    _(
                        "Making an environment for pywb %(version)s, which replays the archive, in %(path)s: about"
                        " 100 MB, half a minute, from your package index. This happens once; afterwards no network"
                        " is needed."
                    )
                    % {"version": root.name.split("-")[1], "path": root}
                )
                _make(root)
        finally:
            lock.release()
    except OSError as problem:
        raise UsageError(
            _("pywb's environment can't be written to %(path)s: %(why)s.")
            % {"path": folder, "why": problem.strerror or problem},
            _("Mend its permissions or its disk, or name another folder in OSIRIS_CACHE."),
        ) from problem
    return python_of(root)


def _make(root: Path) -> None:
    """Make the environment aside and give it its name; nothing is left when that fails."""
    for leftover in (*root.parent.glob(f".{root.name}.*.part"), root):
        shutil.rmtree(leftover, ignore_errors=True)  # of a killed run; or its interpreter has gone
    aside = root.with_name(f".{root.name}.{os.getpid()}.part")
    try:
        _step([sys.executable, "-I", "-m", "venv", str(aside)])
        python = str(python_of(aside))
        pip = ["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--no-deps", "--retries", "2"]
        _step([python, "-I", *pip, "-r", str(PINS)])
        _step([python, "-I", "-c", "import pywb.apps.frontendapp"])
        aside.rename(root)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise


def _step(command: list[str]) -> None:
    environ = {name: value for name, value in os.environ.items() if name not in _MISLEADING}
    try:
        done = subprocess.run(
            command, env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, errors="replace", timeout=_LONGEST, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        complaint = _("it took more than %(minutes)d minutes") % {"minutes": _LONGEST // 60}
    else:
        if done.returncode == 0:
            return
        complaint = last_complaint(done.stdout)
    raise OsirisError(
        _("pywb's environment could not be made: %(why)s.") % {"why": complaint.rstrip(".")},
        _("Nothing was left behind. See that your package index can be reached, then give the same command again."),
    )


def last_complaint(output: str) -> str:
    """The last line in which pip says what failed, else the last line at all; short, without its mark."""
    if "ensurepip is not available" in output:
        return _("this Python can't make environments; on Debian and Ubuntu the package python3-venv is missing")
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR:").strip() for line in lines if line.startswith("ERROR:")]
    return (errors or lines or [_("it said nothing")])[-1][:300]
