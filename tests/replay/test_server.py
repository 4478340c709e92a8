"""What pywb is told, where a reader begins, and what is said of files that are not replayed."""

from __future__ import annotations

import json
import socket
import sys
from pathlib import Path

import pytest

from osiris_crawler.errors import OsirisError, UsageError
from osiris_crawler.paths import Collection
from osiris_crawler.replay.server import check, config, latest, serving


def collection(tmp_path: Path, *names: str, index: str = "") -> Collection:
    found = Collection(tmp_path, "c")
    found.create()
    for name in names:
        (found.archive / name).write_bytes(b"")
    found.index.write_text(index, "utf-8")
    return found


def line(key: str, stamp: str, status: str) -> str:
    return f'{key} {stamp} {{"url": "x", "status": "{status}", "filename": "a.warc.gz"}}\n'


def test_the_settings_know_one_collection_and_no_live_web() -> None:
    told = json.loads(config("osiris"))
    assert list(told["collections"]) == ["osiris"]
    assert told["collections"]["osiris"]["acl_paths"] == ["rules.aclj"]
    assert told["enable_auto_colls"] is False
    assert not {"recorder", "proxy", "autoindex"} & set(told)
    assert "$live" not in config("osiris")


def test_the_newest_page_of_an_address(tmp_path: Path) -> None:
    index = tmp_path / "index.cdxj"
    index.write_text(
        line("sn,a)/", "20200101000000", "200")
        + line("sn,a)/", "20210101000000", "200")
        + line("sn,a)/", "20220101000000", "503")
        + line("sn,a)/b", "20230101000000", "404")
    )
    assert latest(index, "https://www.a.sn/") == "20210101000000"
    assert latest(index, "http://a.sn/b") == "20230101000000"
    assert latest(index, "http://a.sn/c") is None
    assert latest(index, "http://a.sn/%20") is None


def test_nothing_to_replay(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not closed yet"):
        check(collection(tmp_path / "open", "c-1.warc.gz.open"))
    with pytest.raises(UsageError, match="osiris mend"):
        check(collection(tmp_path / "late", "c-1.warc.gz"))


def test_what_is_not_replayed_is_said(tmp_path: Path) -> None:
    said = check(collection(tmp_path, "c-1.warc.gz", "c-2.warc.gz.open", index=line("sn,a)/", "20200101000000", "200")))
    assert len(said) == 2
    assert "osiris mend" in said[0]
    assert "still open" in said[1]


def test_a_pywb_that_dies_says_why(tmp_path: Path) -> None:
    """Our own interpreter has no pywb, so it dies as a broken environment would."""
    found = collection(tmp_path, index=line("sn,a)/", "20200101000000", "200"))
    with (
        pytest.raises(OsirisError, match="ended with code 1: ModuleNotFoundError: No module named 'pywb'"),
        serving(found, Path(sys.executable), frozenset()) as server,
    ):
        server.wait()


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    found = collection(tmp_path, index=line("sn,a)/", "20200101000000", "200"))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(UsageError, match=f"Port {port} can't be used"),
            serving(found, Path("x"), frozenset(), port),
        ):
            pass
