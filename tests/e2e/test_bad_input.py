"""Bad input gets one line that says what, where and what to do; nothing is lost, no traceback is shown."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from osiris_crawler.demo.misbehave import Misbehaviour
from osiris_crawler.demo.server import serve
from osiris_crawler.demo.world import World
from tests.conftest import ROOT, Osiris, articles

FAST = ("-c", "c", "--delay", "0", "--concurrency", "4")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


@pytest.mark.parametrize(
    ("arguments", "code", "part"),
    [
        (["crawl", "http://127.0.0.1:{port}/"], 5, "no usable answer"),
        (["crawl", "ftp://a.example/"], 2, "no web address"),
        (["crawl", "https://www.osiris.sn/"], 2, "--contact"),
        (["crawl", "http://127.0.0.1:1/", "--since", "31/12/2001"], 2, "YYYY-MM-DD"),
        (["crawl", "http://127.0.0.1:1/", "--since", "2020", "--until", "2010"], 2, "--since 2020 is after --until 2010"),
        (["crawl", "http://127.0.0.1:1/", "--max-time", "soon"], 2, "8h"),
        (["crawl", "http://127.0.0.1:1/", "--concurrency", "0"], 2, "concurrency"),
        (["crawl", "http://127.0.0.1:1/", "-c", "../x"], 2, "not usable"),
        (["crawl", "http://127.0.0.1:1/", "--profile", "none.toml"], 2, "none.toml"),
        (["crawl", "http://127.0.0.1:1/", "--no-such"], 2, "--help"),
        (["crwal"], 2, "crawl"),
        (["schedule", "cron", "--text", "x"], 2, "says nothing to cron"),
        (["status", "--prometheus", "metrics.txt"], 2, "can't be 'metrics.txt'. Write a file name that ends in .prom"),
        (["status"], 2, "osiris demo"),
        (["rebuild", "-c", "none"], 2, "no collection"),
    ],
)
def test_one_line(arguments: list[str], code: int, part: str, osiris: Osiris) -> None:
    done = osiris(
        *[argument.format(port=free_port()) for argument in arguments],
        "--json" if "--no-such" not in arguments else "--quiet",
    )
    assert done.returncode == code, done.stderr
    assert part in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    if "--no-such" not in arguments and arguments != ["crwal"]:
        assert json.loads(done.stdout)["exit"] == code


@pytest.mark.parametrize(
    ("path", "rules", "code", "part"),
    [
        ("nothing-here.html", {}, 2, "404"),
        ("IMG/pdf/a.pdf", {}, 2, "no web page"),
        ("spip.php?article99999", {}, 2, "does not exist"),
        ("", {"/": Misbehaviour("portal")}, 2, "SPIP"),
        ("", {"/robots.txt": Misbehaviour("forbid-all")}, 5, "forbids everything"),
        ("", {"/robots.txt": Misbehaviour("error")}, 5, "HTTP 500"),
        ("", {"/robots.txt": Misbehaviour("reset")}, 5, "no usable answer"),
    ],
)
def test_start_pages_that_are_none(
    path: str, rules: dict[str, Misbehaviour], code: int, part: str, osiris: Osiris
) -> None:
    with serve(World(articles=30), "current", misbehaviours=rules) as site:
        done = osiris("crawl", site.url + path, *FAST)
        assert len(site.requests) < 40
    assert done.returncode == code, done.stderr
    assert part in done.stderr
    assert "Traceback" not in done.stderr


def test_a_locked_collection(osiris: Osiris, tmp_path: Path) -> None:
    folder = tmp_path / "output/collections/c"
    folder.mkdir(parents=True)
    with serve(World(articles=20), "current") as site, FileLock(folder / "lock"):
        done = osiris("crawl", site.url, *FAST)
    assert (done.returncode, "holds the collection" in done.stderr) == (4, True)


def test_a_collection_of_another_site(osiris: Osiris) -> None:
    with serve(World(articles=20), "current") as site:
        assert osiris("crawl", site.url, *FAST).returncode == 0
    with serve(World(articles=20), "current") as other:
        done = osiris("crawl", other.url, *FAST)
    assert (done.returncode, "another site" in done.stderr) == (2, True)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written(osiris: Osiris, tmp_path: Path) -> None:
    (tmp_path / "output").mkdir(mode=0o500)
    done = osiris("crawl", "http://127.0.0.1:1/", *FAST)
    assert (done.returncode, "can't be written" in done.stderr) == (2, True)


def test_an_output_that_is_a_file(osiris: Osiris, tmp_path: Path) -> None:
    (tmp_path / "output").write_text("x")
    done = osiris("crawl", "http://127.0.0.1:1/", *FAST)
    assert (done.returncode, "can't be written" in done.stderr) == (2, True)


def test_a_damaged_missing_or_newer_ledger(osiris: Osiris, tmp_path: Path) -> None:
    state = tmp_path / "output/collections/c/state.sqlite"
    with serve(World(articles=30), "current") as site:
        assert osiris("crawl", site.url, *FAST).returncode == 0
        before = (tmp_path / "output/collections/c/dataset/articles.jsonl").read_bytes()
        database = sqlite3.connect(state)
        database.execute("PRAGMA user_version = 99")
        database.close()
        newer = osiris("crawl", site.url, *FAST)
        assert (newer.returncode, "newer version" in newer.stderr) == (2, True)
        state.write_bytes(b"garbage" * 1000)
        damaged = osiris("crawl", site.url, *FAST)
        assert (damaged.returncode, "damaged" in damaged.stderr) == (0, True), damaged.stderr
        assert list(state.parent.glob("state.sqlite.damaged-*"))
        assert (tmp_path / "output/collections/c/dataset/articles.jsonl").read_bytes() == before
        state.unlink()
        assert osiris("crawl", site.url, *FAST).returncode == 0
        assert (tmp_path / "output/collections/c/dataset/articles.jsonl").read_bytes() == before


def test_a_torn_warc(osiris: Osiris, tmp_path: Path) -> None:
    archive = tmp_path / "output/collections/c/archive"
    with serve(World(articles=30), "current") as site:
        assert osiris("crawl", site.url, *FAST, "--max-requests", "50").returncode == 8
        (path,) = archive.glob("*.warc.gz")
        torn = path.with_name(path.name + ".open")
        path.rename(torn)
        with torn.open("ab") as out:
            out.write(torn.read_bytes()[:300])
        done = osiris("crawl", site.url, *FAST)
    assert (done.returncode, "torn record" in done.stderr) == (0, True), done.stderr
    assert [aside.stat().st_size for aside in archive.glob("*.torn-*")] == [300]
    assert len(articles(tmp_path / "output", "c")) == 30


def test_a_warc_file_that_is_gone(osiris: Osiris, tmp_path: Path) -> None:
    with serve(World(articles=20), "current") as site:
        assert osiris("crawl", site.url, *FAST).returncode == 0
        shutil.rmtree(tmp_path / "output/collections/c/archive")
        done = osiris("crawl", site.url, *FAST)
    assert (done.returncode, "osiris mend" in done.stderr) == (6, True)


def test_a_full_disk(osiris: Osiris, tmp_path: Path) -> None:
    """A file that may not grow stands for a disk that is full; the next run goes on."""
    command = "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000)); "
    command += "from osiris_crawler.cli import main; main(sys.argv[1:])"
    import subprocess
    import sys

    from tests.conftest import ROOT

    with serve(World(articles=60), "current") as site:
        done = subprocess.run(
            [sys.executable, "-c", command, "crawl", site.url, *FAST], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT), "OSIRIS_LANG": "en"},
            capture_output=True, text=True, timeout=100, check=False,
        )  # fmt: skip
        assert done.returncode != 0
        assert "Traceback" not in done.stderr
        assert osiris("crawl", site.url, *FAST).returncode == 0
    assert len(articles(tmp_path / "output", "c")) == 60


def test_a_lock_that_cannot_be_made_is_a_wrong_place(osiris: Osiris, tmp_path: Path) -> None:
    root = tmp_path / "output" / "collections" / "c"
    (root / "archive").mkdir(parents=True)
    (root / "lock").mkdir()  # stands for a folder that may only be read, which root may write all the same
    done = osiris("restrict", "1", "--reason", "r", "--authority", "a", "-c", "c")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert "Mend its permissions" in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_stdout_that_is_full_is_one_line_too(tmp_path: Path) -> None:
    command = f"{sys.executable} -m osiris_crawler status -c none --json >/dev/full"
    done = subprocess.run(
        ["/bin/sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, timeout=100, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OSIRIS_LANG": "en"},
    )  # fmt: skip
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
