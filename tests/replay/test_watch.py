"""What is hidden stays hidden while the file that hides it is being written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from osiris_crawler.commands import replay
from osiris_crawler.paths import Collection
from osiris_crawler.replay.blocking import blocked


class Watched:
    """A server that notes what it is told to hide."""

    def __init__(self) -> None:
        self.told: list[frozenset[str]] = []

    def mind(self) -> None:
        pass

    def block(self, keys: frozenset[str]) -> None:
        self.told.append(keys)


def test_less_is_hidden_only_after_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    collection = Collection(tmp_path, "c")
    collection.create()
    line = json.dumps({"url": "http://site.example/a", "reason": "r", "authority": "a"}) + "\n"
    collection.restrictions.write_text(line)
    steps: list[Any] = [
        lambda: collection.restrictions.write_text(""),  # an editor begins to save
        lambda: collection.restrictions.write_text(line + line.replace("/a", "/b")),
        *[lambda: None] * (replay._QUIET + 1),
        lambda: collection.restrictions.write_text(""),
        *[lambda: None] * (replay._QUIET + 1),
    ]

    def glance(seconds: float) -> None:
        if not steps:
            raise KeyboardInterrupt
        steps.pop(0)()

    monkeypatch.setattr(replay.time, "sleep", glance)
    server = Watched()
    with pytest.raises(KeyboardInterrupt):
        replay._watch(server, collection, replay._marks(collection), blocked(collection))  # type: ignore[arg-type]
    a, b = "example,site)/a", "example,site)/b"
    assert [sorted(keys) for keys in server.told] == [[a], [a, b], [a, b], [a, b], []]


def test_what_is_emptied_while_it_is_read_hides_as_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    collection = Collection(tmp_path, "c")
    collection.create()
    line = json.dumps({"url": "http://site.example/a", "reason": "r", "authority": "a"}) + "\n"
    collection.restrictions.write_text(line)
    keys, seen = blocked(collection), replay._marks(collection)
    collection.restrictions.write_text("")  # an editor begins to save before the first look …
    looks = 0

    def glance(seconds: float) -> None:
        nonlocal looks
        looks += 1
        if looks == 2:
            collection.restrictions.write_text(line)
        if looks > 20:
            raise KeyboardInterrupt

    def read(there: Collection) -> frozenset[str]:
        if looks == 2 + replay._QUIET:
            there.restrictions.write_text("")  # … and between a look and the reading after it
        return blocked(there)

    monkeypatch.setattr(replay.time, "sleep", glance)
    monkeypatch.setattr(replay, "blocked", read)
    server = Watched()
    with pytest.raises(KeyboardInterrupt):
        replay._watch(server, collection, seen, keys)  # type: ignore[arg-type]
    assert server.told[:-1] == [keys] * (len(server.told) - 1)
    assert len(server.told) == 5
    assert server.told[-1] == frozenset()  # it stayed empty
