"""The `osiris` command in a process of its own that has its modules already: forked off one that has imported them.

Python, Scrapy and the model of languages take a second to come up, and the tests run the command a thousand times. What a child
does is what `python -m osiris_crawler` does from its first line on; only what is read while modules are imported is shared, so
that another language or Python's own variables need a process from scratch.
"""

from __future__ import annotations

import atexit
import multiprocessing
import multiprocessing.forkserver
import os
import runpy
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
_READ_AT_IMPORT = ("OSIRIS_LANG", "LC_", "LANG", "PYTHON")


def run(
    *arguments: str | Path, cwd: Path, env: Mapping[str, str] | None = None, timeout: float = 120, cold: bool = False
) -> subprocess.CompletedProcess[str]:
    """`osiris ARGUMENTS`, with `env` over the environment; in English unless that says otherwise. A timeout is in seconds."""
    command = [str(argument) for argument in arguments]
    more = dict(env or {})
    environment = {**os.environ, "OSIRIS_LANG": "en", "PYTHONPATH": str(ROOT), **more}
    if cold or any(name.startswith(_READ_AT_IMPORT) for name in more):
        return subprocess.run(
            [sys.executable, "-m", "osiris_crawler", *command],
            cwd=cwd, env=environment, capture_output=True, text=True, timeout=timeout, check=False,
        )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        out.touch()
        err.touch()
        child = _server().Process(target=_child, args=(command, str(cwd), environment, str(out), str(err)))
        child.start()
        child.join(timeout)
        if child.exitcode is None:
            child.kill()
            child.join()
            raise subprocess.TimeoutExpired(command, timeout, out.read_bytes(), err.read_bytes())
        said = [path.read_text("utf-8") for path in (out, err)]
        return subprocess.CompletedProcess(command, child.exitcode, *said)


@cache
def _server() -> Any:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.preloaded"])
    kept = os.environ.get("OSIRIS_LANG"), Path.cwd()
    os.environ["OSIRIS_LANG"] = "en"
    os.chdir(ROOT)  # so that it finds what it is to import
    try:
        multiprocessing.forkserver.ensure_running()  # type: ignore[attr-defined]
    finally:
        os.chdir(kept[1])
        if kept[0] is None:
            del os.environ["OSIRIS_LANG"]
        else:
            os.environ["OSIRIS_LANG"] = kept[0]
    return context


def _child(command: list[str], cwd: str, environment: dict[str, str], out: str, err: str) -> None:
    assert "tests.preloaded" in sys.modules, "nothing was imported beforehand"
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    for number, path in ((1, out), (2, err)):
        opened = os.open(path, os.O_WRONLY)
        os.dup2(opened, number)
        os.close(opened)
    sys.argv = ["osiris", *command]
    try:
        runpy.run_module("osiris_crawler", run_name="__main__", alter_sys=True)
    finally:
        atexit._run_exitfuncs()  # multiprocessing leaves by os._exit
