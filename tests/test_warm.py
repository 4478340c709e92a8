"""What runs in a warm process is what a user's command does."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests import warm


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--version",), 0),
        (("export", "--help"), 0),
        (("statsu",), 2),
        (("status", "-c", "none", "--json"), 2),
        (("crawl", "https://press.example/"), 2),  # nobody to turn to
    ],
)
def test_it_says_and_ends_as_the_command_does(arguments: tuple[str, ...], code: int, tmp_path: Path) -> None:
    one, other = (warm.run(*arguments, cwd=tmp_path, cold=cold) for cold in (False, True))
    assert (one.returncode, one.stdout, one.stderr) == (other.returncode, other.stdout, other.stderr)
    assert one.returncode == code
    assert one.stdout + one.stderr


def test_one_leaves_nothing_to_the_next(tmp_path: Path) -> None:
    (tmp_path / "osiris.toml").write_text('collection = "here"\n')
    there = tmp_path / "there"
    there.mkdir()
    said = [
        warm.run("status", cwd=folder, env=env).stderr
        for folder, env in ((tmp_path, {}), (there, {"OSIRIS_COLLECTION": "of-the-environment"}), (there, {}))
    ]
    for part, name in zip(said, ("collections/here", "collections/of-the-environment", "osiris demo"), strict=True):
        assert name in part


def test_one_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        warm.run("export", "--help", cwd=tmp_path, timeout=0)
