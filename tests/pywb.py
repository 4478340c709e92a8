"""pywb's environment for tests: made by our own code, once a checkout, whoever asks first."""

from __future__ import annotations

from pathlib import Path

from osiris_crawler.replay.environment import ensure
from tests.conftest import ROOT

CACHE = ROOT / ".cache"


def pywb_python() -> Path:
    """The interpreter of pywb's environment."""
    return ensure(CACHE, print)
