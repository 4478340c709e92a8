"""Two datasets compared."""

from __future__ import annotations

import json
import random
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from osiris_crawler.dataset.differences import FIELDS, compare, reader_changes, shortened
from osiris_crawler.errors import IntegrityError
from osiris_crawler.record import Article

CAPTURE = {"warc": "a.warc.gz", "offset": 1, "record_id": "<urn:uuid:1>", "date": "2026-01-01T00:00:00Z"}


def line(id: str, **fields: Any) -> str:
    fields = {"title": "T", "body": "B", "capture": CAPTURE, "reader": "2"} | fields
    return Article(id=id, **fields).line()


def written(path: Path, *lines: str) -> Path:
    path.write_text("".join(f"{one}\n" for one in lines), "utf-8")
    return path


def test_every_field_that_comes_of_reading_is_compared() -> None:
    apart = {"id", "version", "first_seen", "last_changed", "capture", "reader", "content_digest"}
    assert set(FIELDS) | apart == set(json.loads(line("1")))
    assert not set(FIELDS) & apart


def test_changed_filled_and_emptied(tmp_path: Path) -> None:
    old = written(
        tmp_path / "old",
        line("1", title="a", lead=None, tags=["x"]),
        line("2", lead="a", tags=["x"]),
        line("3", images=[{"url": "u", "title": None, "type": None}]),
        line("4"),
        line("gone"),
    )
    new = written(
        tmp_path / "new",
        line("3", images=[{"url": "u", "title": "t", "type": None}]),
        line("1", title="b", lead="c", tags=[]),
        line("2", lead="b", tags=["x"]),
        line("4", reader="3", version=2, content_digest="sha256:0", capture=CAPTURE | {"offset": 9}),
        line("fresh"),
    )
    found = compare(old, new)
    assert (found.old, found.new, found.added, found.removed) == (5, 5, ["fresh"], ["gone"])
    assert {id: found.fields_of(id) for id in found.changed} == {
        "3": ["images"],
        "1": ["title", "tags", "lead"],
        "2": ["lead"],
    }
    counts = {name: (c.changed, c.filled, c.emptied) for name, c in found.counts.items() if c.all}
    assert counts == {"title": (1, 0, 0), "tags": (0, 0, 1), "lead": (1, 1, 0), "images": (1, 0, 0)}
    assert {(s.field, s.id, str(s.old), str(s.new)) for s in found.sample} >= {
        ("title", "1", "a", "b"), ("tags", "1", "['x']", "[]"), ("lead", "1", "None", "c"), ("lead", "2", "a", "b")
    }  # fmt: skip
    assert not compare(old, old)


def test_the_sample_is_bounded_and_does_not_hang_on_the_order(tmp_path: Path) -> None:
    ids = [str(n) for n in range(60)]
    old = written(tmp_path / "old", *(line(id, title="a") for id in ids))
    new = written(tmp_path / "new", *(line(id, title="b") for id in ids))
    first = [one.id for one in compare(old, new, sample=7).sample]
    random.Random(1).shuffle(ids)
    written(old, *(line(id, title="a") for id in ids))
    written(new, *(line(id, title="b") for id in ids))
    assert [one.id for one in compare(old, new, sample=7).sample] == first
    assert len(set(first)) == 7
    assert [one.id for one in compare(old, new, sample=3).sample] == first[:3]
    assert compare(old, new, sample=0).sample == []


def test_no_text_is_held(tmp_path: Path) -> None:
    body = "mot " * 5000  # 20 kB, 6 MB in all
    old = written(tmp_path / "old", *(line(str(n), body=body) for n in range(300)))
    new = written(tmp_path / "new", *(line(str(n), body=body + "fin") for n in range(300)))
    tracemalloc.start()
    found = compare(old, new)
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.counts["body"].changed == 300
    assert most < 1_500_000


@pytest.mark.parametrize("bad", ["{", "[]", '{"id":1}', "[" * 9000])
def test_a_line_that_is_none(bad: str, tmp_path: Path) -> None:
    good = written(tmp_path / "good", line("1"))
    wrong = written(tmp_path / "wrong", line("1"), bad)
    for pair in ((good, wrong), (wrong, good)):
        with pytest.raises(IntegrityError, match="Line 2 of wrong"):
            compare(*pair)


def test_keys_of_another_time_are_empty(tmp_path: Path) -> None:
    article = json.loads(line("1", lead="a"))
    del article["lead"]
    old = written(tmp_path / "old", json.dumps({**article, "colour": "blue"}))
    found = compare(old, written(tmp_path / "new", line("1", lead="a")))
    assert (found.counts["lead"].filled, list(found.changed)) == (1, ["1"])


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ("un deux", "un trois", ("un deux", "un trois")),
        (None, "trois", ("", "trois")),
        (["a", "b"], [], ("a · b", "")),
        ("a\n\nb\tc\nd", "a", ("a ¶ b ⇥ c ⏎ d", "a")),
        ([{"url": "u"}], None, ('[{"url": "u"}]', "")),
    ],
)
def test_short_values_are_shown_whole(old: Any, new: Any, shown: tuple[str, str]) -> None:
    assert shortened(old, new) == shown


def test_long_values_are_shown_around_the_first_difference() -> None:
    words = [f"mot{n}" for n in range(500)]
    old, new = " ".join(words), " ".join([*words[:300], "autre", *words[301:]])
    a, b = shortened(old, new, 100)
    assert a.startswith("… mot294 mot295 mot296 mot297 mot298 mot299 mot300 ")
    assert b.startswith("… mot294 mot295 mot296 mot297 mot298 mot299 autre ")
    assert a.endswith(" …")
    assert max(len(a), len(b)) <= 104
    a, b = shortened("x" * 5000, "x" * 4000 + "y", 100)
    assert b.endswith("y")
    assert max(len(a), len(b)) <= 104
    a, b = shortened(old, old + " fin", 100)
    assert (a[-6:], b[-10:]) == ("mot499", "mot499 fin")


def test_what_another_reader_reads_otherwise(tmp_path: Path) -> None:
    source = {"text": "(Source : Le Soleil)", "name": None, "outlet": None, "url": None, "date": None}
    old = written(
        tmp_path / "old",
        line("same reader", title="a"),
        line("other capture", title="a"),
        line("read otherwise", title="a", sources=[source]),
        line("read alike", sources=[source]),
        "{",
    )
    new = [
        line("same reader", title="b"),
        line("other capture", title="b", reader="3", capture=CAPTURE | {"record_id": "<urn:uuid:2>"}),
        line("read otherwise", title="b", reader="3", sources=[]),
        line("read alike", reader="3", sources=[source | {"name": "Le Soleil"}], tags=["x"]),
        line("new", reader="3"),
    ]
    assert list(reader_changes(old, new)) == [("read otherwise", ["title", "sources"])]
