"""Numbers, sizes and times as the language says them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from osiris_crawler.amounts import count, share, size, span
from tests.warm import ROOT


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (size(0), "0 bytes"),
        (size(999), "999 bytes"),
        (size(1000), "1.0 KB"),
        (size(1_234_567), "1.2 MB"),
        (size(36e12), "36.0 TB"),
        (span(59.4), "59 s"),
        (span(95), "1 min 35 s"),
        (span(7260), "2 h 1 min"),
        (span(172_800), "2 days 0 h"),
        (count(36_000), "36,000"),
        (share(0, 0), "–"),
        (share(999, 1000), "99\u00a0%"),
        (share(1, 1000), "1\u00a0%"),
    ],
)
def test_in_english(said: str, expected: str) -> None:
    assert said == expected


def test_in_french() -> None:
    code = "from osiris_crawler.amounts import *; print(ascii([size(1_234_567), size(12), span(172_800), count(36_000)]))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT, env={"OSIRIS_LANG": "fr"}
    )
    assert done.stdout.strip() == ascii(["1,2\u00a0Mo", "12\u00a0octets", "2 jours 0 h", "36\u202f000"])
