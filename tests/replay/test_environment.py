"""pywb's environment: where it lies, that it is made once and whole or not at all, and what a failure says."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from osiris_crawler.replay import environment
from osiris_crawler.replay.environment import cache_folder, ensure, environment_name, last_complaint, python_of
from tests.conftest import ROOT, Osiris
from tests.pywb import pywb_python

# An installation that has no package index: pip's own settings are taken away, the one given here leads nowhere.
NO_INDEX = {"PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": "", "PIP_NO_INDEX": "1"}
NO_NETWORK = {
    "PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": "", "PIP_EXTRA_INDEX_URL": "", "PIP_NO_CACHE_DIR": "1",
    "PIP_INDEX_URL": "http://127.0.0.1:9/simple/",
}  # fmt: skip
SLOW = """
import sys, time
from pathlib import Path
from osiris_crawler.replay import environment
def step(command):
    Path(command[-1]).mkdir()
    print("half made", flush=True)
    time.sleep(600)
environment._step = step
environment.ensure(Path(sys.argv[1]), print)
"""


@pytest.mark.parametrize(
    ("environ", "folder"),
    [
        ({"OSIRIS_CACHE": "/x/y", "XDG_CACHE_HOME": "/z"}, Path("/x/y")),
        ({"OSIRIS_CACHE": "y"}, Path.cwd() / "y"),
        ({"XDG_CACHE_HOME": "/z"}, Path("/z/osiris-crawler")),
        ({"XDG_CACHE_HOME": "z"}, Path.home() / ".cache/osiris-crawler"),
        ({"OSIRIS_CACHE": "", "XDG_CACHE_HOME": ""}, Path.home() / ".cache/osiris-crawler"),
        ({}, Path.home() / ".cache/osiris-crawler"),
    ],
)
def test_where_it_lies(environ: dict[str, str], folder: Path) -> None:
    assert cache_folder(environ) == folder


def test_every_package_is_pinned_once() -> None:
    lines = [line for line in environment.PINS.read_text().splitlines() if not line.startswith("#")]
    assert len(lines) > 20
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", line) for line in lines)
    assert len({line.partition("==")[0].lower() for line in lines}) == len(lines)
    assert re.fullmatch(rf"pywb-\d+\.\d+\.\d+-py3\.{sys.version_info.minor}-[0-9a-f]{{8}}", environment_name())


def test_the_pins_are_complete() -> None:
    done = subprocess.run([pywb_python(), "-I", "-m", "pip", "check"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "No broken requirements found."), done.stdout + done.stderr


def fake(made: list[str], pause: float = 0.0) -> object:
    def step(command: list[str]) -> None:
        made.append(command[-1])
        if command[-2] == "venv":
            python_of(Path(command[-1])).parent.mkdir(parents=True)
            python_of(Path(command[-1])).write_text("")
        time.sleep(pause)

    return step


def test_two_at_once_make_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    said: list[str] = []
    monkeypatch.setattr(environment, "_step", fake(made, 0.5))
    threads = [threading.Thread(target=ensure, args=(tmp_path, said.append)) for _n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(made) == 3  # the three steps of one
    assert len([text for text in said if text.startswith("Making")]) == 1
    assert len([text for text in said if "waiting" in text]) == 2
    assert ensure(tmp_path, said.append) == python_of(tmp_path / environment_name())
    assert len(made) == 3


def test_a_kill_leaves_nothing_half_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW, tmp_path], env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, text=True
    )  # fmt: skip
    assert process.stdout is not None
    assert any(line == "half made\n" for line in process.stdout)
    process.kill()
    process.wait()
    assert list(tmp_path.glob(".*.part"))
    assert not (tmp_path / environment_name()).exists()
    monkeypatch.setattr(environment, "_step", fake([]))
    assert ensure(tmp_path, print).exists()
    assert not list(tmp_path.glob(".*.part"))


def test_an_environment_whose_python_has_gone_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    monkeypatch.setattr(environment, "_step", fake(made))
    python = ensure(tmp_path, print)
    python.unlink()
    python.symlink_to(tmp_path / "gone")
    assert ensure(tmp_path, print).read_text() == ""
    assert len(made) == 6


@pytest.mark.parametrize(("environ", "part"), [(NO_INDEX, "webassets|brotlipy"), (NO_NETWORK, "webassets|brotlipy")])
def test_a_failure_is_one_sentence(environ: dict[str, str], part: str, osiris: Osiris, tmp_path: Path) -> None:
    root = tmp_path / "output/collections/c"
    (root / "archive").mkdir(parents=True)
    (root / "indexes").mkdir()
    (root / "indexes/index.cdxj").write_text("sn,a)/ 20200101000000 {}\n")
    cache = tmp_path / "cache"
    done = osiris(
        "replay",
        "-c",
        "c",
        "--no-browser",
        "--json",
        "--quiet",
        env={"OSIRIS_CACHE": str(cache), **environ},
        timeout=280,
    )
    assert done.returncode == 1, done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert re.search(f"could not be made: No matching distribution found for ({part})", done.stderr)
    assert "package index" in done.stderr
    assert json.loads(done.stdout)["exit"] == 1
    assert [path.name for path in cache.iterdir()] == [f"{environment_name()}.lock"]


def test_a_folder_that_cannot_be_made(osiris: Osiris, tmp_path: Path) -> None:
    root = tmp_path / "output/collections/c"
    (root / "archive").mkdir(parents=True)
    (root / "indexes").mkdir()
    (root / "indexes/index.cdxj").write_text("sn,a)/ 20200101000000 {}\n")
    (tmp_path / "file").write_text("")
    done = osiris("replay", "-c", "c", "--no-browser", "--quiet", env={"OSIRIS_CACHE": str(tmp_path / "file/x")})
    assert (done.returncode, len(done.stderr.strip().splitlines())) == (2, 1), done.stderr
    assert "OSIRIS_CACHE" in done.stderr


@pytest.mark.parametrize(
    ("output", "complaint"),
    [
        ("Looking\nERROR: Could not find a version\nERROR: No matching distribution found for x==1\n", "No matching distribution found for x==1"),
        ("ERROR: first\n[notice] a new release of pip\n", "first"),
        ("Traceback\nModuleNotFoundError: No module named 'ensurepip'\n\n", "ModuleNotFoundError: No module named 'ensurepip'"),
        ("The virtual environment was not created, ensurepip is not available.\n\nFailing command: /x/python\n",
         "this Python can't make environments; on Debian and Ubuntu the package python3-venv is missing"),
        ("", "it said nothing"),
        ("x" * 1000, "x" * 300),
    ],
)  # fmt: skip
def test_the_last_complaint(output: str, complaint: str) -> None:
    assert last_complaint(output) == complaint
