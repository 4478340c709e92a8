"""`osiris browse` while it runs, as a user starts it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import ROOT
from tests.pywb import CACHE

ENVIRONMENT = {**os.environ, "OSIRIS_LANG": "en", "PYTHONPATH": str(ROOT), "OSIRIS_CACHE": str(CACHE)}


@dataclass(slots=True)
class Running:
    process: subprocess.Popen[str]
    told: dict[str, object]

    @property
    def base(self) -> str:
        """``http://127.0.0.1:PORT``"""
        return str(self.told["url"]).rstrip("/")


def command(output: Path, *options: str) -> list[str]:
    said = ["browse", "-o", str(output), "-c", "c", "--no-browser", "--json", *options]
    return [sys.executable, "-m", "osiris_crawler", *said]


@contextmanager
def open_room(output: Path, *options: str) -> Iterator[Running]:
    process = subprocess.Popen(
        command(output, *options), env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None and process.stderr is not None
        line = process.stdout.readline()
        assert line.startswith("{"), (process.poll(), process.stderr.read())
        yield Running(process, json.loads(line))
    finally:
        process.terminate()  # it ends its replay, too
        try:
            process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
