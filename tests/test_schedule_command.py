"""osiris schedule: what it prints is read back by systemd itself, and run by sh as cron would have it run."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from osiris_crawler.care import crontab, scheduling, units
from osiris_crawler.care.scheduling import Plan, Wish, plan
from osiris_crawler.commands.schedule import notice
from osiris_crawler.errors import UsageError
from osiris_crawler.paths import Collection
from osiris_crawler.settings import Settings
from tests.conftest import Osiris

NASTY = ["plain", "two words", "50 %n", "it's", 'a "b"', "$HOME", "back\\%slash\\", "naïve é", "a;b&c|(d)", "=x #y"]
# Stands for osiris: says how and where it was called.
ECHO = """#!{python}
import json, os, sys
print("said by osiris")
with open({told!r}, "a") as out:
    print(json.dumps([os.getcwd(), sys.argv]), file=out)
sys.exit({code})
"""


def planned(folder: Path, monkeypatch: pytest.MonkeyPatch, wish: Wish | None = None, *, code: int = 0) -> Plan:
    """A plan whose collection, program and folder all lie in `folder`."""
    folder.mkdir(exist_ok=True)
    program = folder / "osiris"
    program.write_text(ECHO.format(python=sys.executable, told=str(folder.parent / "told"), code=code))
    program.chmod(0o755)
    monkeypatch.setattr(scheduling, "executable", lambda: (str(program),))
    collection = Collection(folder / "out", "c")
    collection.create()
    return plan(collection, wish or Wish(), folder=folder, extra=("--contact", "50% $A \"b\" 'c' \\d"), notify=True)


def values(text: str, key: str) -> list[str]:
    return [line.partition("=")[2] for line in text.splitlines() if line.startswith(f"{key}=")]


@pytest.mark.parametrize("name", NASTY)
def test_systemd_reads_the_command_back(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = planned(tmp_path / name, monkeypatch)
    service = units.files(wanted, user=None)["osiris-update-c.service"]
    (line,) = values(service, "ExecStart")
    assert line.startswith(":")  # there is a $ in it, that must stay
    words = [word.replace("%%", "%") for word in shlex.split(line[1:])]
    assert words[-len(wanted.update) :] == list(wanted.update)
    assert line.replace("%%", "").count("%") == 0
    (written,) = values(service, "ReadWritePaths")
    assert shlex.split(written.replace("%%", "%"))[0] == str(wanted.collection.root)
    (folder,) = values(service, "WorkingDirectory")
    assert Path(folder.replace("%%", "%")) == tmp_path / name
    assert not folder.endswith(("\\", " "))


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
@pytest.mark.parametrize("manager", ["--system", "--user"])
def test_systemd_finds_no_fault(manager: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    for number, name in enumerate(NASTY):
        wanted = planned(tmp_path / name, monkeypatch)
        place = tmp_path / f"units-{number}"
        place.mkdir()
        texts = units.files(wanted, user="root" if manager == "--system" else None)
        assert len(texts) == 5
        for unit, text in texts.items():
            (place / unit).write_text(text)
        verify = ["systemd-analyze", manager, "--man=no", "verify", *sorted(map(str, place.iterdir()))]
        done = subprocess.run(verify, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, ""), name


def as_cron(line: str) -> str:
    """The command of a crontab's line, as Vixie's cron hands it to sh: up to the first % without a backslash."""
    command, escaped = "", False
    for letter in line.split(None, 5)[5]:
        if escaped:
            command = command[:-1] + letter if letter == "%" else command + letter
            escaped = False
            continue
        if letter == "%":
            break
        escaped = letter == "\\"
        command += letter
    return command


@pytest.mark.parametrize("name", NASTY)
def test_cron_runs_it(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = planned(tmp_path / name, monkeypatch, code=5)
    lines = [line for line in crontab.text(wanted, host="here").splitlines() if line[0].isdigit()]
    mails = []
    for line in lines:
        done = subprocess.run(["sh", "-c", as_cron(line)], cwd="/", capture_output=True, text=True, check=False)
        assert done.stderr == ""
        mails.append(done.stdout)
    calls = [json.loads(line) for line in (tmp_path / "told").read_text().splitlines()]
    assert [folder for folder, _argv in calls] == [str(tmp_path / name)] * 3
    (update, watch, told) = (argv for _folder, argv in calls)
    assert (update, watch) == (list(wanted.update), list(wanted.watch))
    assert told[:-1] == [*wanted.notice, "--text"]
    log = wanted.collection.output / "schedule-c.log"
    assert log.read_text().count("said by osiris") == 2
    for mail in mails:
        assert f"exit code 5); see {log}" in mail or f"exit code 5; see {log}" in mail


@pytest.mark.parametrize("code", [0, 3, 4, 8, 130])
def test_cron_mails_nothing_when_nothing_is_wrong(code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = crontab.text(planned(tmp_path / "x", monkeypatch, code=code), host="here")
    line = next(line for line in text.splitlines() if " update " in line and line[0].isdigit())
    done = subprocess.run(["sh", "-c", as_cron(line)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("wish", "calendar", "delay", "fields", "limit", "max_age"),
    [
        (Wish(), "*-*-* 01:00:00", "30min", "1 * * *", "210m", "2d"),
        (Wish(window="22:30-04:00", random_delay="1h"), "*-*-* 22:30:00", "60min", "2[23] * * *", "270m", "2d"),
        (Wish(every="6h"), "*-*-* 00,06,12,18:00:00", "30min", "0,6,12,18 * * *", None, "2d"),
        (Wish(every="1h", window="01:00-05:00"), "*-*-* 01,02,03,04:00:00", "30min", "1,2,3,4 * * *", "30m", "2d"),
        (Wish(every="12h", random_delay="0"), "*-*-* 00,12:00:00", "0min", "0,12 * * *", None, "2d"),
        (Wish(every="7d", window="00:00-24:00"), "Sun *-*-* 00:00:00", "30min", "0 * * 0", "1410m", "15d"),
    ],
    ids=lambda value: str(value) if isinstance(value, Wish) else "",
)
def test_when_it_runs(
    wish: Wish, calendar: str, delay: str, fields: str, limit: str | None, max_age: str,
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    import re

    wanted = planned(tmp_path / "x", monkeypatch, wish)
    timer = units.files(wanted, user=None)["osiris-update-c.timer"]
    assert (values(timer, "OnCalendar"), values(timer, "RandomizedDelaySec")) == ([calendar], [delay])
    line = next(line for line in crontab.text(wanted, host="here").splitlines() if line[0].isdigit())
    minute, rest = line.split(None, 1)
    assert re.match(fields.replace("*", r"\*"), rest), line
    assert int(minute) < 60
    assert ("--max-time" in wanted.update) == (limit is not None)
    assert limit is None or limit in wanted.update
    assert wanted.watch[-1] == max_age


def test_machines_and_collections_do_not_all_begin_at_once() -> None:
    minutes = [scheduling.offset(f"c{number}", "here", 29) for number in range(300)]
    assert set(minutes) == set(range(30))
    assert scheduling.offset("osiris", "here", 600) != scheduling.offset("osiris", "there", 600)


@pytest.mark.parametrize(
    ("wish", "part"),
    [
        (Wish(every="5h"), "1h, 2h"),
        (Wish(every="1m"), "1h, 2h"),
        (Wish(window="25:00-05:00"), "01:00-05:00"),
        (Wish(window="01:00-24:30"), "01:00-05:00"),
        (Wish(window="01:00-01:00"), "01:00-05:00"),
        (Wish(window="night"), "01:00-05:00"),
        (Wish(random_delay="soon"), "--random-delay"),
        (Wish(random_delay="4h"), "no time"),
        (Wish(every="1h", random_delay="59m"), "no time"),
        (Wish(max_age="old"), "--max-age"),
    ],
)
def test_what_can_not_be_planned(wish: Wish, part: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match=part):
        planned(tmp_path / "x", monkeypatch, wish)


def test_a_path_that_nothing_can_hold_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="another name"):
        planned(tmp_path / "a\nb", monkeypatch)


def test_files_are_written_and_never_over_others(osiris: Osiris, tmp_path: Path) -> None:
    Collection(tmp_path / "output", "c").create()
    place = tmp_path / "units"
    schedule = ("schedule", "systemd", "-c", "c", "--to", str(place))
    first = osiris(*schedule, env={"OSIRIS_PING": "https://ping.example/secret"})
    assert first.returncode == 0, first.stderr
    assert first.stdout == ""
    assert sorted(path.name for path in place.iterdir()) == [
        "osiris-update-c.service", "osiris-update-c.timer", "osiris-watch-c.service", "osiris-watch-c.timer",
    ]  # fmt: skip
    assert "systemctl --user enable --now osiris-update-c.timer osiris-watch-c.timer" in first.stderr
    assert "contact" in first.stderr  # the job would end with exit 2 for want of it
    assert "OSIRIS_PING" in first.stderr
    assert "secret" not in first.stderr + "".join(path.read_text() for path in place.iterdir())
    (place / "osiris-watch-c.timer").unlink()
    (place / "osiris-update-c.timer").write_text("mine")
    second = osiris(*schedule)
    assert second.returncode == 2
    assert "--force" in second.stderr
    assert (place / "osiris-update-c.timer").read_text() == "mine"
    assert not (place / "osiris-watch-c.timer").exists()
    (tmp_path / "osiris.toml").write_text(
        'contact = "a@example.org"\nnotify = ["json://localhost"]\nmax_time = "90m"\n'
    )
    third = json.loads(osiris(*schedule, "--force", "--json").stdout)
    assert len(third["written"]) == 5
    assert third["notes"][0].startswith("Then:")
    service = (place / "osiris-update-c.service").read_text()
    assert values(service, "OnFailure") == ["osiris-notice-c.service"]
    assert "--max-time" not in service
    assert values(service, "TimeoutStartSec") == ["120min"]


def test_without_a_collection_nothing_is_planned(osiris: Osiris) -> None:
    done = osiris("schedule", "cron", "-c", "none")
    assert done.returncode == 2
    assert "no collection" in done.stderr


def test_the_notice_of_a_unit_is_not_sent_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    monkeypatch.setattr(
        "osiris_crawler.crawl.notices.send", lambda services, title, body, *, bad: sent.append(body) or []
    )
    settings = Settings(collection="c", notify=("json://localhost",), quiet=True)
    update = {
        "MONITOR_UNIT": "osiris-update-c.service",
        "MONITOR_SERVICE_RESULT": "exit-code",
        "MONITOR_EXIT_STATUS": "7",
    }
    notice(settings, None, update)
    assert sent == []  # the run tells its own alarms, with what was expected and seen
    notice(settings, None, {**update, "MONITOR_SERVICE_RESULT": "oom-kill", "MONITOR_EXIT_STATUS": "KILL"})
    notice(settings, None, {**update, "MONITOR_UNIT": "osiris-watch-c.service"})
    assert ["oom-kill" in sent[0], "osiris-watch-c.service" in sent[1], len(sent)] == [True, True, 2]
