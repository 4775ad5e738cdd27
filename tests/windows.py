"""A window of the browser for tests that look at something."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import BrowserContext

from tools.browser import browser, chromium


def needs_browser() -> None:
    """Without a browser a test is left out; where one must be there, it fails."""
    if chromium() is None:
        words = "No Chromium, Chrome or Edge was found, so nothing was tried in a browser."
        if os.environ.get("HMLIB_REQUIRE_BROWSER") == "1":
            pytest.fail(words)
        pytest.skip(words)


@contextmanager
def window_of(width: int, height: int, **options: str) -> Iterator[BrowserContext]:
    """A window of this size, whose pages share what they keep."""
    needs_browser()
    with browser() as opened:
        yield opened.new_context(viewport={"width": width, "height": height}, **options)
