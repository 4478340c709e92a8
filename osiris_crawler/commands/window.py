"""What `browse` and `replay` share: they serve a browser until they are ended."""

from __future__ import annotations

import os
import sys


def has_display() -> bool:
    """A browser in the terminal is not wanted: Ctrl-C would be its own."""
    return sys.platform in ("win32", "darwin") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def as_ctrl_c(number: int, frame: object) -> None:
    """A handler of signals that ends as Ctrl-C does."""
    raise KeyboardInterrupt
