"""osiris status: what is held, how the last runs ended, what to do next, and the figures for Prometheus."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from osiris_crawler.care.holdings import gather
from osiris_crawler.care.metrics import exposition, figures
from osiris_crawler.commands.status import next_step
from tests.conftest import Osiris
from tests.reported import SITE, article, change, make, report

ALARM = {"name": "silence", "expected": "an article in 4 days", "seen": "none\x1b[2J in 9", "pages": []}
UPDATE = "20240601020000-update"
REPORTS = [report(), report(UPDATE, exit=7, alarms=[ALARM], newly_failed=2, requests=9)]
ARTICLES = [
    article("1", body='he wrote "withdrawn":null, and left'),
    article("2", withdrawn="2024-06-01T02:00:10.000000Z"),
]


def test_what_it_says(osiris: Osiris, tmp_path: Path) -> None:
    make(tmp_path / "output", articles=ARTICLES, reports=REPORTS)
    told = osiris("status", "--max-age", "2d", env={"COLUMNS": "80"})
    assert told.returncode == 7, told.stderr
    assert "2, 1 withdrawn" in told.stderr
    assert re.search(rf"{UPDATE} +2024-06-01 02:00 +2024-06-01 02:00 +7 +alarm", told.stderr)
    assert "Alarm: silence\n  Expected: an article in 4 days\n  Seen: none [2J in 9\n" in told.stderr
    assert "osiris report last -c c --open" in told.stderr
    assert max(map(len, told.stderr.splitlines())) <= 80
    facts = json.loads(osiris("status", "--json").stdout)
    assert (facts["articles"], facts["withdrawn"], facts["pending"], facts["alarms"]) == (2, 1, 0, [ALARM])
    assert [(run["run"], run["exit"], run["outcome"]) for run in facts["runs"]] == [
        (UPDATE, 7, "alarm"),
        ("20240507020000-crawl", 0, "done"),
    ]


@pytest.mark.parametrize("width", ["80", "40"])
def test_names_of_runs_are_whole(width: str, osiris: Osiris, tmp_path: Path) -> None:
    """`osiris report RUN` asks for them; what ended how gives way."""
    make(tmp_path / "output", reports=[report(UPDATE, exit=4), report("20240602020000-update", exit=6)])
    said = osiris("status", env={"COLUMNS": width}).stderr
    assert len(re.findall(r"^\d{14}-update +2024-\d\d-\d\d 02:00 +2024-\d\d-\d\d 02:00 +[46] ", said, re.MULTILINE)) == 2
    assert "Began (UTC)" in said and "…" not in said
    if width == "80":
        assert max(map(len, said.splitlines())) <= 80


def test_runs_are_known_after_a_rebuild(tmp_path: Path) -> None:
    """The ledger then knows no more than when they began."""
    facts = gather(make(tmp_path, reports=REPORTS, rebuilt=True))
    assert [(run["exit"], run["ended"], run["requests"]) for run in facts["runs"]] == [
        (7, "2024-06-01T02:01:00.000000Z", 9),
        (0, "2024-05-07T02:01:00.000000Z", 30),
    ]
    assert facts["alarms"] == [ALARM]


def run_of(exit: int | None, command: str = "update", outcome: str | None = None) -> dict[str, Any]:
    return {"exit": exit, "command": command, "outcome": outcome}


@pytest.mark.parametrize(
    ("facts", "command"),
    [
        ({"runs": [], "captures": 0}, "osiris crawl"),
        ({"runs": [run_of(0)]}, "osiris update"),
        ({"runs": [run_of(8, "crawl")], "unfinished": True}, "osiris crawl"),
        ({"runs": [run_of(130)], "unfinished": True}, "osiris update"),
        ({"runs": [run_of(None, "crawl", "goes_on"), run_of(5)], "unfinished": True}, "osiris status"),
        ({"runs": [run_of(8)], "pending": 3}, "osiris update"),
        ({"runs": [run_of(None), run_of(6)]}, "osiris verify"),
        ({"runs": [run_of(7)]}, "osiris report last"),
        ({"runs": [run_of(5)]}, "osiris probe"),
        ({"runs": [run_of(3)], "gaps": [{}]}, "osiris update"),
        ({"runs": [run_of(None)], "articles": 0}, "osiris rebuild"),
    ],
)
def test_the_next_step(facts: dict[str, Any], command: str) -> None:
    held = {"captures": 9, "articles": 3, "unfinished": False, "pending": 0, "gaps": [], "alarms": [], "too_old": False, "site": SITE}
    step = next_step({**held, **facts}, Path("my output"), "c")
    assert step["command"].startswith(command) and "-o 'my output' -c c" in step["command"] and step["why"]


# -- Prometheus -----------------------------------------------------------------------------------------------------------


def test_the_figures(tmp_path: Path) -> None:
    changes = [change("1"), *(change("2", event, run=UPDATE) for event in ("changed", "withdrawn"))]
    changes.append(change("1", "changed", run=UPDATE, cause="reader"))
    found = figures(make(tmp_path, articles=ARTICLES, changes=changes, reports=REPORTS))
    assert (found["articles"], found["articles_withdrawn"]) == (2, 1)
    last = {name.removeprefix("last_run_"): value for name, value in found.items() if name.startswith("last_run")}
    assert last == {
        "end_timestamp_seconds": 1717207259.0, "exit_code": 7, "duration_seconds": 60, "requests": 9, "bytes": 1_234_567,
        "new_articles": 0, "changed_articles": 1, "withdrawn_articles": 1, "failures": 2, "alarms": 1,
    }  # fmt: skip


def test_the_text_format_is_the_collectors() -> None:
    lines = exposition("c", {"articles": 36_000, "last_run_end_timestamp_seconds": 1795708461.975}).splitlines()
    assert lines == [
        "# HELP osiris_articles Articles in the dataset.",
        "# TYPE osiris_articles gauge",
        'osiris_articles{collection="c"} 36000',
        "# HELP osiris_last_run_end_timestamp_seconds When the last crawl or update ended.",
        "# TYPE osiris_last_run_end_timestamp_seconds gauge",
        'osiris_last_run_end_timestamp_seconds{collection="c"} 1795708461.975',
    ]


def test_the_file_is_written_whole_and_must_be_one_that_is_read(osiris: Osiris, tmp_path: Path) -> None:
    make(tmp_path / "output", articles=ARTICLES, reports=REPORTS)
    (tmp_path / "x.prom").write_text("old", "utf-8")
    assert osiris("status", "--prometheus", "x.prom", "--quiet", env={"OSIRIS_LANG": "fr"}).returncode == 0
    assert "# HELP osiris_articles Articles in the dataset.\n" in (tmp_path / "x.prom").read_text("utf-8")
    assert [path.name for path in tmp_path.glob("*x.prom*")] == ["x.prom"]
    wrong = osiris("status", "--prometheus", "x.txt")
    assert (wrong.returncode, ".prom" in wrong.stderr) == (2, True)
    nowhere = osiris("status", "--prometheus", "no/where.prom")
    assert nowhere.returncode == 2, nowhere.stderr
