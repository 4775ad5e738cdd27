"""A site to try: the one that HMLIB_SITE names, or one that is made for the tests."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

import pytest

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
def site(tools, tmp_path_factory) -> Path:
    """The whole site."""
    if made := os.environ.get("HMLIB_SITE"):
        return Path(made).resolve()
    out = tmp_path_factory.mktemp("published") / "site"
    assert main(["site", "--out", str(out)]) == 0
    return out
