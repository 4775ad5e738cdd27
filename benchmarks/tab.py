"""How large the course in a tab is, how soon Python is ready there, and how fast a lab moves.

    python -m benchmarks.tab DIR

DIR is the folder `tab` of a site made with `--offline`. It is opened in Chromium from a server on
the loopback device, with every other address blocked. A slider is dragged from end to end in about
a second; pictures are those of different values, until the last has come.
"""

from __future__ import annotations

import os
import platform
import threading
import time
from pathlib import Path

from playwright.sync_api import Page

from benchmarks.running import folder_given
from hmlib.course.site.serving import server
from hmlib.course.tab import link_to
from hmlib.course.tab.parts import VERSION
from tools.browser import browser

NOTEBOOK = "00_start_here.ipynb"
MOST = 600_000
"""Milliseconds after which it has failed."""

STEPS = {
    "numpy": "import numpy",
    "scipy.special": "import scipy.special",
    "hmlib": "import hmlib",
    "what draws": "import hmlib.lab",
    "a lab": "from hmlib.course.nb02 import labs; lab = labs.ceiling().predict()",
    "its first picture": "lab.small_picture",
    "20 pictures more": "[lab.set(q_rain=v).small_picture for v in lab.controls[0].values[5:25]]",
}

READY = """
() => window.jupyterapp?.shell?.currentWidget?.sessionContext?.session?.kernel?.status === "idle"
"""
RUN = """
async (code) => {
  const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
  const begin = performance.now();
  const reply = await kernel.requestExecute({ code }).done;
  return [reply.content.status, performance.now() - begin];
}
"""
SHOW = """
async () => {
  const { content } = window.jupyterapp.shell.currentWidget;
  const source = (cell) => cell.model.sharedModel.getSource();
  const place = content.widgets.findIndex((cell) => source(cell) === "labs.ceiling()");
  content.activeCellIndex = place;
  await content.scrollToItem(place, "start");
  await window.jupyterapp.commands.execute("notebook:run-cell");
}
"""
DRAG = """
async (back) => {
  const range = document.querySelector(".hm-lab input[type=range]");
  const frame = document.querySelector(".hm-lab .hm-frame");
  const seen = new Set();
  const note = () => seen.add(frame.querySelector("img").dataset.key);
  new MutationObserver(note).observe(frame, { childList: true });
  const begin = performance.now();
  let last = begin;
  new MutationObserver(() => { last = performance.now(); }).observe(frame, { childList: true });
  for (let place = 0; place <= Number(range.max); place++) {
    range.value = back ? Number(range.max) - place : place;
    range.dispatchEvent(new Event("input", { bubbles: true }));
    await new Promise((done) => setTimeout(done, 20));
  }
  await new Promise((done) => setTimeout(done, 2000));
  return [seen.size, last - begin];
}
"""


def sizes(tab: Path) -> None:
    """Print what the folder holds."""
    parts = {"JupyterLite": [], "Pyodide and wheels": []}
    for path in tab.rglob("*"):
        if path.is_file():
            inside = path.relative_to(tab).parts[0] == "parts"
            parts["Pyodide and wheels" if inside else "JupyterLite"].append(path.stat().st_size)
    for name, files in parts.items():
        print(f"{name:22} {sum(files) / 1e6:6.1f} MB in {len(files)} files")


def start(page: Page, base: str) -> None:
    """Open a notebook and print when what happens, from the first request on."""
    begin = time.perf_counter()
    seen: dict[str, float] = {}

    def note(request) -> None:
        if "/parts/" in request.url:
            seen.setdefault("first part of Pyodide", time.perf_counter() - begin)
            seen["last part of Pyodide"] = time.perf_counter() - begin

    page.on("requestfinished", note)
    page.goto(base + link_to(NOTEBOOK).removeprefix("tab/"))
    page.wait_for_selector(".jp-NotebookPanel .jp-Cell", timeout=MOST)
    seen["the notebook is there"] = time.perf_counter() - begin
    page.wait_for_function(READY, timeout=MOST)
    seen["Python is ready"] = time.perf_counter() - begin
    for what, seconds in sorted(seen.items(), key=lambda one: one[1]):
        print(f"{what:22} after {seconds:6.1f} s")


def main(tab: Path) -> None:
    print(
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors, load "
        f"{os.getloadavg()[0]:.1f}, Pyodide {VERSION}"
    )
    sizes(tab)
    made, base = server(tab, "/", 0)
    threading.Thread(target=made.serve_forever, daemon=True).start()
    with browser() as opened:
        page = opened.new_page(viewport={"width": 1366, "height": 768})
        page.route(
            "http*://**",
            lambda route: route.continue_() if base in route.request.url else route.abort(),
        )
        start(page, base)
        for what, code in STEPS.items():
            status, milliseconds = page.evaluate(RUN, code)
            print(f"{what:22} takes {milliseconds / 1000:6.2f} s" + ("" if status == "ok" else "!"))
        page.evaluate(SHOW)
        lab = page.locator(".hm-lab").first
        lab.locator(".hm-option input").first.check()
        lab.get_by_role("button", name="Predict", exact=True).click()
        page.wait_for_timeout(1000)
        for back, what in enumerate(("the first drag", "and back")):
            pictures, milliseconds = page.evaluate(DRAG, bool(back))
            print(f"{what:22} {pictures / milliseconds * 1000:6.1f} pictures a second")
    made.shutdown()
    made.server_close()
    print(f"load at the end {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main(folder_given(__doc__, "lab"))
