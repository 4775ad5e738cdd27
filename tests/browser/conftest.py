"""JupyterLab and its pages, for the browser tests.

The server lasts for all of them. A browser lasts for one file: while Playwright is open no other
event loop can run in this process.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from browser.cells import BUSY, LEARNING_CELLS, LEARNING_LABS, PROBE_CELLS
from browser.opened import Opened, run
from playwright.sync_api import BrowserContext, expect
from windows import needs_browser, window_of

from tools.browser import ROOT, jupyterlab

expect.set_options(timeout=30_000)


@pytest.fixture(scope="session")
def found() -> None:
    """A browser is installed; else nothing can be tried."""
    needs_browser()


@pytest.fixture(scope="module")
def window(found) -> Iterator[BrowserContext]:
    # One window, so that JupyterLab is read once and then found in the browser's cache.
    with window_of(1300, 1000) as opened:
        yield opened


@pytest.fixture(scope="session")
def folder(tmp_path_factory) -> Path:
    """The notebooks, copied, since JupyterLab saves what it has open; and the probe."""
    folder = tmp_path_factory.mktemp("site") / "notebooks"
    shutil.copytree(ROOT / "notebooks", folder)
    made = {"probe": PROBE_CELLS, "saved": PROBE_CELLS, "learning": LEARNING_CELLS}
    for name, sources in made.items():
        cells = [nbformat.v4.new_code_cell(source) for source in sources]
        notebook = nbformat.v4.new_notebook(cells=cells)
        notebook.metadata["kernelspec"] = {"display_name": "Python 3", "name": "python3"}
        nbformat.write(notebook, folder / f"{name}.ipynb")
    return folder


@pytest.fixture(scope="session")
def address(found, folder) -> Iterator[str]:
    # Pictures that nobody asked for would take most of the time; the probe's labs fetch them.
    with jupyterlab(folder, HMLIB_FETCH_AHEAD="0") as address:
        yield address


def pytest_generate_tests(metafunc) -> None:
    """Give the walk through notebooks those that its class names."""
    if "notebook" in metafunc.fixturenames:
        names = metafunc.cls.notebooks
        metafunc.parametrize("notebook", names, indirect=True, scope="module")


@pytest.fixture(scope="module")
def notebook(request, window, address, folder) -> Iterator[Opened]:
    """A notebook of the course, its labs run. The first of a file is run as a whole."""
    whole = request.param_index == 0
    opened = run(window, address, folder / request.param, everything=whole)
    if not opened.everything():
        pytest.skip("no lab in this notebook")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def probe(window, address) -> Iterator[Opened]:
    opened = Opened(window.new_page(), address, "probe.ipynb")
    for place in range(BUSY):
        opened.run_cell(place)
    opened.wait_for_pictures()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def learning(window, address) -> Iterator[Opened]:
    opened = Opened(window.new_page(), address, "learning.ipynb")
    for place in range(len(LEARNING_LABS) + 1):
        opened.run_cell(place)
    opened.wait_for_pictures()
    yield opened
    opened.close()
