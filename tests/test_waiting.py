"""One run a collection: a second one ends at once, or waits for the first."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from filelock import FileLock

from osiris_crawler.care.keeping import locked
from osiris_crawler.commands import options
from osiris_crawler.errors import CollectionLocked, UsageError
from osiris_crawler.paths import Collection
from osiris_crawler.settings import load
from tests.conftest import ROOT


@pytest.fixture
def collection(tmp_path: Path) -> Collection:
    found = Collection(tmp_path / "output", "c")
    found.create()
    return found


@pytest.mark.parametrize("wait", [math.inf, 60.0])
def test_it_waits_until_the_other_has_ended(wait: float, collection: Collection) -> None:
    other = FileLock(collection.lock)
    other.acquire()
    said: list[str] = []

    def say(sentence: str) -> None:
        said.append(sentence)
        other.release()

    with locked(collection, wait, say):
        assert len(said) == 1
        assert str(collection.root) in said[0]
        with pytest.raises(CollectionLocked), locked(collection):
            pass


def test_it_waits_no_longer_than_told(collection: Collection) -> None:
    said: list[str] = []
    with (
        FileLock(collection.lock),
        pytest.raises(CollectionLocked, match="osiris status"),
        locked(collection, 0.1, said.append),
    ):
        pass
    assert len(said) == 1


@pytest.mark.parametrize(("sign", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)])
def test_who_waits_can_be_ended(sign: signal.Signals, code: int, collection: Collection, tmp_path: Path) -> None:
    with FileLock(collection.lock):
        process = subprocess.Popen(
            [sys.executable, "-m", "osiris_crawler", "crawl", "-c", "c", "--wait", "http://127.0.0.1:1/"],
            cwd=tmp_path, env={**os.environ, "OSIRIS_LANG": "en", "PYTHONPATH": str(ROOT)},
            stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert process.stderr is not None
        assert "Waiting until it has ended." in process.stderr.readline()
        process.send_signal(sign)
        rest = process.stderr.read()
        assert process.wait(30) == code
    assert "Traceback" not in rest


@pytest.mark.parametrize(
    ("arguments", "wait", "url"),
    [
        ([], None, None),
        (["--wait"], "true", None),
        (["--wait", "https://a.example/"], "true", "https://a.example/"),
        (["--wait", "15m", "https://a.example/"], "15m", "https://a.example/"),
        (["--wait=8h", "https://a.example/"], "8h", "https://a.example/"),
        (["https://a.example/", "--wait"], "true", "https://a.example/"),
        (["--wait", "8x"], "8x", None),
        (["--wait", "127.0.0.1"], "true", "127.0.0.1"),
        (["--", "--wait"], None, "--wait"),
    ],
)
def test_its_time_may_be_left_out(arguments: list[str], wait: str | None, url: str | None) -> None:
    seen: list[Any] = []

    @click.command(cls=options.Waiting)
    @click.argument("url", required=False)
    @options.wait
    def command(**given: Any) -> None:
        seen.append((given["wait"], given["url"]))

    result = CliRunner().invoke(command, arguments)
    assert (result.exit_code, seen) == (0, [(wait, url)])


def test_how_long_it_waits() -> None:
    waits = [load({"wait": text}, {}).wait for text in ("true", "15m", "false")]
    assert waits == [math.inf, 900.0, 0.0]
    with pytest.raises(UsageError, match="8h"):
        load({"wait": "8x"}, {})
