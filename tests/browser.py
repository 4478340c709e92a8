"""Debian's Chromium without a window, driven by Playwright: a page, and every address that it asked for."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

ARGUMENTS = (
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
PATIENCE = 120_000  # milliseconds; the machine may be busy


@dataclass(slots=True)
class Browsing:
    """A page of Playwright's. `requests` are the addresses that it and its frames asked for; `refused` those of them that
    a Content-Security-Policy kept from leaving the browser."""

    page: Any
    requests: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def outside(self, base: str) -> list[str]:
        """Requests that went anywhere else than to an address that begins with `base`."""
        assert self.requests, "nothing was asked for at all"
        gone = [url for url in self.requests if url not in self.refused]
        return [url for url in gone if not url.startswith((base, "data:", "blob:", "about:"))]


def lacking(what: str) -> Any:
    """Skip a test for want of a tool; where tests must be complete (CI is set) that is a failure."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


@contextmanager
def browsing() -> Iterator[Browsing]:
    """A page in a browser of its own, while the block lasts."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        lacking("Chromium is missing: install the Debian package chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        lacking("the Python package playwright is missing: make setup")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS), timeout=PATIENCE)
        context = browser.new_context(viewport={"width": 1200, "height": 900}, service_workers="allow")
        context.set_default_timeout(PATIENCE)
        found = Browsing(context.new_page())
        context.on("request", lambda request: found.requests.append(request.url))
        context.on(
            "requestfailed",
            lambda request: found.refused.append(request.url) if request.failure == "csp" else None,
        )
        found.page.on("websocket", lambda socket: found.requests.append(socket.url))
        try:
            yield found
        finally:
            browser.close()
