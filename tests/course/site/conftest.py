"""A site to try: the one that HMLIB_SITE names, or one that is made for the tests."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from course.turns import MADE, turn
from playwright.sync_api import BrowserContext, Page
from windows import window_of

from hmlib.course.__main__ import main
from hmlib.course.commands.site import NEEDED


@pytest.fixture(scope="session")
def tools() -> None:
    """What makes pages is installed; else none can be made."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        words = f"{', '.join(missing)} cannot be imported, so no page was made."
        if os.environ.get("HMLIB_REQUIRE_SITE") == "1":
            pytest.fail(words)
        pytest.skip(words + " They come with requirements-site.lock.")


@pytest.fixture(scope="session")
def site(request, tmp_path_factory) -> Path:
    """The site: the one that HMLIB_SITE names, or one in which the labs in turn move.

    Processes that run the tests side by side share it: the first that needs it makes it.
    """
    if made := os.environ.get(MADE):
        return Path(made).resolve()
    request.getfixturevalue("tools")
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "published"
    out, done = folder / "site", folder / "done"
    try:
        folder.mkdir()
    except FileExistsError:
        end = time.monotonic() + 1800
        while not done.exists() and time.monotonic() < end:
            time.sleep(1)
    else:
        code = 1
        try:
            words = ["--labs", ",".join(turn()), "--without", "print"]
            code = main(["site", "--out", str(out), *words])
        finally:
            done.write_text(str(code), encoding="utf-8")
    assert done.read_text(encoding="utf-8") == "0", "no site was made; one test says why"
    return out


@pytest.fixture(scope="module")
def window() -> Iterator[BrowserContext]:
    with window_of(1300, 1000, color_scheme="light") as opened:
        yield opened


@pytest.fixture
def page(window) -> Iterator[Page]:
    """A page on which nothing from elsewhere can be had, and nothing may go wrong."""
    opened, trouble = window.new_page(), []
    opened.on("pageerror", lambda error: trouble.append(str(error)))
    opened.on("requestfailed", lambda request: trouble.append(f"not loaded: {request.url}"))

    def outside(route):
        if route.request.url.startswith("http://127.0.0.1"):
            return route.continue_()
        trouble.append(f"asked for elsewhere: {route.request.url}")
        return route.abort()

    opened.route("http*://**", outside)
    yield opened
    opened.close()
    assert trouble == []
