"""Try a lab in other front ends than JupyterLab: `python -m tools.front_ends PYTHON NAME...`.

PYTHON is that of an environment with what requirements.lock names and with the front ends; NAME is
`lab`, `notebook`, `nbclassic`, `voila`, or `tab`, the course in a browser's tab, for which
`python -m tools.wasm_parts` has to be run first. A notebook with one lab is opened in Chromium, and
for each front end a line says what a student's keys and mouse do there: see README.md's table.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Error, Locator, Page

from hmlib.course.site.serving import server
from hmlib.course.tab import lite
from tools import wasm_parts
from tools.browser import ROOT, browser

SLOWEST_MS = 180_000
"""How long anything may take, on a busy machine."""

FILE = "00_try.ipynb"
CELLS = ("from hmlib.course.nb02 import labs", "labs.ceiling()")
SERVER = ("--IdentityProvider.token=", "--allow-root", "--ServerApp.root_dir={folder}")
RUN_ALL = """async () => {
  const { context, sessionContext } = window.jupyterapp.shell.currentWidget;
  await context.ready;
  await sessionContext.ready;
  await window.jupyterapp.commands.execute("notebook:run-all-cells");
}"""
DARK = """async () => {
  await window.jupyterapp.commands.execute("apputils:change-theme", { theme: "JupyterLab Dark" });
}"""
# In the tab the theme follows the system's until a reader chooses one.
DARK_BY_HAND = """async () => {
  await window.jupyterapp.commands.execute("apputils:adaptive-theme");
  await window.jupyterapp.commands.execute("apputils:change-theme", { theme: "JupyterLab Dark" });
}"""
KEPT = """async (path) => {
  const { contents } = window.jupyterapp.serviceManager;
  return (await contents.get(path, { content: false })).last_modified;
}"""
PLACE = "(root) => JSON.parse(root.querySelector('.hm-frame img').dataset.key)[1]"


@dataclass(frozen=True)
class FrontEnd:
    """How one is started and told to run all cells.

    Args:
        module: what is run.
        options: of its command line.
        address: of the notebook.
        run: a script of the page that runs all cells; empty if that happens by itself.
        ready: a script of the page that is true once it can.
        dark: a script of the page that makes it dark; empty if it cannot be told.
    """

    module: str
    options: tuple[str, ...]
    address: str
    run: str = RUN_ALL
    ready: str = "() => Boolean(window.jupyterapp?.shell?.currentWidget?.context)"
    dark: str = DARK


FRONT_ENDS = {
    "lab": FrontEnd("jupyterlab", (*SERVER, "--expose-app-in-browser"), f"lab/tree/{FILE}?reset"),
    "notebook": FrontEnd("notebook", (*SERVER, "--expose-app-in-browser"), f"notebooks/{FILE}"),
    "nbclassic": FrontEnd(
        "nbclassic",
        SERVER,
        f"nbclassic/notebooks/{FILE}",
        "() => Jupyter.notebook.execute_all_cells()",
        "() => Boolean(window.Jupyter?.notebook?.kernel?.is_connected?.())",
        "",
    ),
    "voila": FrontEnd("voila", (f"{{folder}}/{FILE}",), "", "", "() => true", ""),
    "tab": FrontEnd("jupyterlite_core", (), f"lab/index.html?path={FILE}", dark=DARK_BY_HAND),
}


@contextlib.contextmanager
def published(folder: Path) -> Iterator[str]:
    """A tab with this folder's notebooks, as a host serves it; yields its address."""
    lite.build(folder / "tab", folder, wasm_parts.folder())
    made, address = server(folder / "tab", "/", 0)
    threading.Thread(target=made.serve_forever, daemon=True).start()
    try:
        yield address
    finally:
        made.shutdown()
        made.server_close()


@contextlib.contextmanager
def served(python: str, end: FrontEnd, folder: Path) -> Iterator[str]:
    """A server of a front end with settings of its own; yields its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    own = {f"JUPYTER_{name}_DIR": str(folder / name.lower()) for name in ("CONFIG", "RUNTIME")}
    own |= {"IPYTHONDIR": str(folder / "ipython"), "PYTHONPATH": str(ROOT)}
    command = [python, "-m", end.module, "--no-browser", f"--port={port}"]
    command += [option.format(folder=folder) for option in end.options]
    server = subprocess.Popen(
        command, env=os.environ | own, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        address = f"http://127.0.0.1:{port}/"
        finish = time.monotonic() + SLOWEST_MS / 1000
        while True:
            with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=60):
                break
            if server.poll() is not None or time.monotonic() > finish:
                raise RuntimeError(f"{end.module} does not answer: {' '.join(command)}")
            time.sleep(0.2)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=30)


def keys(root: Locator) -> bool:
    """Four arrow keys on a slider move it by four places, and the picture follows."""
    range_ = root.locator("input[type=range]").first
    before = int(range_.input_value())
    range_.focus()
    for _ in range(4):
        root.page.keyboard.press("ArrowLeft")
    return arrives(root, before - 4) and range_.evaluate("(node) => node.matches(':focus')")


def arrives(root: Locator, place: int) -> bool:
    """Whether the picture of a place of the first slider comes within ten seconds."""
    for _ in range(100):
        if root.evaluate(PLACE) == place:
            return True
        root.page.wait_for_timeout(100)
    return False


def mouse(root: Locator) -> bool:
    """The handle in the picture is dragged, and slider and picture follow."""
    handle, range_ = root.locator(".hm-handle").first, root.locator("input[type=range]").first
    handle.scroll_into_view_if_needed()
    box, before = handle.bounding_box(), int(range_.input_value())
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    root.page.mouse.move(x, y)
    root.page.mouse.down()
    root.page.mouse.move(x + 60, y, steps=6)
    root.page.mouse.up()
    after = int(range_.input_value())
    return after > before and arrives(root, after)


def on_disk(path: Path) -> Callable[[], object]:
    """What changes when a file is saved: its time."""
    return lambda: path.stat().st_mtime_ns


def in_browser(page: Page) -> Callable[[], object]:
    """What changes when a notebook is saved that the browser keeps: its time there."""
    return lambda: page.evaluate(KEPT, FILE)


def saves(root: Locator, last: Callable[[], object]) -> bool:
    """Ctrl+S with the focus in the lab saves the notebook, by what tells when it was last saved."""
    before = last()
    root.locator("input[type=range]").first.focus()
    root.page.keyboard.press("Control+s")
    for _ in range(50):
        if last() != before:
            return True
        root.page.wait_for_timeout(100)
    return False


def darkens(root: Locator, script: str) -> bool:
    """Told to be dark, the page has a dark lab."""
    root.page.evaluate(script)
    for _ in range(100):
        if root.get_attribute("data-theme") == "dark":
            return True
        root.page.wait_for_timeout(100)
    return False


def tried(page: Page, end: FrontEnd, address: str, folder: Path) -> dict[str, str]:
    """What was tried in a front end -> what came of it."""
    page.goto(address + end.address)
    page.wait_for_function(end.ready)
    if end.run:
        page.evaluate(end.run)
    root = page.locator(".hm-lab").first
    root.wait_for()
    root.locator(".hm-option input").first.check()
    root.get_by_role("button", name="Predict", exact=True).click()
    root.locator(".hm-handle").first.wait_for()
    trials: dict[str, Callable[[], bool]] = {"arrow keys": lambda: keys(root)}
    trials |= {"mouse": lambda: mouse(root)}
    if end.run:
        last = in_browser(page) if end is FRONT_ENDS["tab"] else on_disk(folder / FILE)
        trials["Ctrl+S"] = lambda: saves(root, last)
    if end.dark:
        trials["dark"] = lambda: darkens(root, end.dark)
    found = {"lab": "yes"}
    for name, trial in trials.items():
        try:
            found[name] = "yes" if trial() else "no"
        except Error as error:
            found[name] = f"no: {str(error).splitlines()[0]}"
    return found


def notebook() -> str:
    """One with a lab, as JSON."""
    cells = [
        {"cell_type": "code", "id": f"try-{place}", "source": source, "metadata": {}}
        | {"outputs": [], "execution_count": None}
        for place, source in enumerate(CELLS)
    ]
    about = {
        "kernelspec": {"name": "python3", "display_name": "Python 3"},
        "language_info": {"name": "python"},
    }
    return json.dumps({"cells": cells, "metadata": about, "nbformat": 4, "nbformat_minor": 5})


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.front_ends", description=__doc__)
    parser.add_argument("python", help="the Python of the environment")
    parser.add_argument("names", nargs="+", choices=sorted(FRONT_ENDS), metavar="NAME")
    options = parser.parse_args(arguments)
    for name in options.names:
        end = FRONT_ENDS[name]
        ask = f"from importlib.metadata import version; print(version('{end.module}'))"
        which = subprocess.run(
            [options.python, "-c", ask], capture_output=True, text=True, check=True
        )
        with tempfile.TemporaryDirectory() as scratch, browser() as opened:
            folder = Path(scratch)
            (folder / FILE).write_text(notebook(), encoding="utf-8")
            running = published(folder) if name == "tab" else served(options.python, end, folder)
            with running as address:
                page = opened.new_page(viewport={"width": 1366, "height": 900})
                page.set_default_timeout(SLOWEST_MS)
                found = tried(page, end, address, folder)
        print(end.module, which.stdout.strip(), found, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
