"""What the tests of the tab need: Pyodide's files, and the tab itself."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from hmlib.course.tab.lite import NEEDED, build
from tools import wasm_parts
from tools.browser import ROOT
from tools.wasm_kernel import Wasm


def cannot(words: str) -> None:
    """Skip in words; fail where everything must be there."""
    if os.environ.get("HMLIB_REQUIRE_WASM") == "1":
        pytest.fail(words)
    pytest.skip(words)


@pytest.fixture(scope="session")
def parts() -> Path:
    """A folder with Pyodide's files, fetched if they are not there."""
    where = wasm_parts.folder()
    try:
        if wasm_parts.missing(where):
            wasm_parts.fetch(where)
    except (wasm_parts.NotHad, OSError) as trouble:
        cannot(f"Nothing was run in WebAssembly: {trouble}")
    return where


@pytest.fixture(scope="session")
def lite() -> None:
    """JupyterLite is installed."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        cannot(f"{', '.join(missing)} cannot be imported; they come with requirements-site.lock.")


@pytest.fixture(scope="session")
def tab(parts, lite, tmp_path_factory) -> Path:
    """The tab with all that it needs; `HMLIB_TAB` names one that is there."""
    if made := os.environ.get("HMLIB_TAB"):
        return Path(made).resolve()
    out = tmp_path_factory.mktemp("published") / "tab"
    build(out, ROOT / "notebooks", parts)
    return out


@pytest.fixture(scope="module")
def wasm(parts, lite, tmp_path_factory) -> Iterator[Wasm]:
    """Python in WebAssembly, in Node.js."""
    if shutil.which("node") is None:
        cannot("Nothing was run in WebAssembly: node is not there.")
    running = Wasm(tmp_path_factory.mktemp("wheels"))
    yield running
    running.close()
