"""`osiris browse` as a user gives it: where it answers, to whom, and how it ends."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from osiris_crawler.commands import browse
from osiris_crawler.reading_room.making import NAME
from tests.reading_room.conftest import collected, press
from tests.reading_room.running import ENVIRONMENT, command, open_room


def asked(base: str, path: str, host: str | None = None) -> tuple[int, str]:
    where = urlsplit(base)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=60)
    try:
        connection.request("GET", path, headers={"Host": host} if host else {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def refused(output: Path, *options: str) -> tuple[int, str]:
    done = subprocess.run(
        command(output, *options), env=ENVIRONMENT, capture_output=True, text=True, timeout=120, check=False
    )
    assert "Traceback" not in done.stderr
    told = json.loads(done.stdout)
    assert told["exit"] == done.returncode
    return done.returncode, told["error"]


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_it_answers_here_until_it_is_ended(ending: signal.Signals, tmp_path: Path) -> None:
    collection = collected(tmp_path, press())
    with open_room(tmp_path, "--no-replay") as room:
        assert room.told["collection"] == str(collection.root)
        assert room.told["database"] == str(collection.exports / NAME)
        assert room.told["articles"] == len(press())
        where = urlsplit(room.base)
        assert where.hostname == "127.0.0.1"
        status, body = asked(room.base, "/search.json?q=election")
        assert (status, [item["id"] for item in json.loads(body)["items"]]) == (200, ["2"])
        assert asked(room.base, "/article/2", host=f"localhost:{where.port}")[0] == 200
        for host in ("a.example", f"a.example:{where.port}", "127.0.0.1"):
            status, body = asked(room.base, "/article/2", host=host)
            assert status == 403 and "lections" not in body
        room.process.send_signal(ending)
        _out, said = room.process.communicate(timeout=60)
        assert room.process.returncode == 0
        assert "Traceback" not in said and room.base in said
        with pytest.raises(OSError, match="refused"):
            asked(room.base, "/")


def test_what_hinders_it_is_one_sentence(tmp_path: Path) -> None:
    collection = collected(tmp_path, press())
    with socket.create_server(("127.0.0.1", 0)) as taken:
        code, said = refused(tmp_path, "--port", str(taken.getsockname()[1]))
    assert (code, "--port" in said) == (2, True)
    collection.restrictions.write_text("{", "utf-8")
    code, said = refused(tmp_path)
    assert (code, "Line 1 of" in said) == (2, True)
    assert not (collection.exports / NAME).exists()
    collection.restrictions.unlink()
    collection.articles.unlink()
    code, said = refused(tmp_path)
    assert (code, "There is no dataset" in said) == (2, True)


def test_without_datasette_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from osiris_crawler.errors import UsageError
    from osiris_crawler.settings import load

    monkeypatch.setattr(browse, "_NEEDED", ("datasette", "no_such_package"))
    with pytest.raises(UsageError) as told:
        browse.browse(load({"output": tmp_path, "collection": "c"}), 0, False, False)
    assert "osiris-crawler[browse]" in str(told.value.hint)
