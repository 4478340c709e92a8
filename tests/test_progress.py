"""A run that nobody watches says in its log how far it is."""

from __future__ import annotations

import io
import logging
import time
from types import SimpleNamespace
from typing import Any, cast

import pytest
from rich.console import Console

from osiris_crawler.crawl import progress
from osiris_crawler.crawl.progress import Progress
from osiris_crawler.crawl.run import Run, Tally


@pytest.mark.parametrize("terminal", [False, True])
def test_a_line_a_minute(terminal: bool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(progress, "_LOGGED", 0.01)
    monkeypatch.setattr(progress, "_EVERY", 0.01)
    caplog.set_level(logging.INFO, logger=progress.__name__)
    run: Any = SimpleNamespace(tally=Tally(requests=70, articles=12, bytes=1_200_000), queued=345, line=SimpleNamespace(down=False))
    out = io.StringIO()
    with Progress(cast(Run, run), Console(file=out, force_terminal=terminal, width=120), shown=True):
        until = time.monotonic() + 30
        while not caplog.messages and time.monotonic() < until:
            time.sleep(0.01)
    assert caplog.messages[0] == "70 requests, 12 articles, 345 waiting, 0 attempts failed, 1.2 MB"
    assert bool(out.getvalue()) is terminal
