"""How a lab that learns keeps up: pictures a second, learning against the bare rule, other labs.

    python -m benchmarks.training
    python -m benchmarks.training --labs stripes bars --seconds 10

Every training lab is opened with another lab beside it, in JupyterLab in a headless Chromium, and
played at its highest speed.

* Pictures a second: different pictures that the page has put in while the lab played for some
  seconds. Each is looked for at an animation frame, complete; several within one frame count
  once.
* Learning: steps a second while it played, from the counts of the first and the last of these
  pictures. The bare rule is the same one, from the same step with the same rate, in the same
  kernel, in one call for about as many steps as the lab makes in two seconds: just before and
  just after, while nothing plays; the mean of both counts. The last column is the ratio.
* Other lab: keys on a slider of the lab beside, from the `keydown` event to the first frame with
  the picture of the new value, median and 95th percentile, at rest and while the lab learns.
  "Ahead": arrow keys, to pictures that have been fetched ahead, as always in a lab. "Asked for":
  Page Up and Down, over pictures that are not in the browser yet, so that the kernel must answer.

Times on a busy machine are worth little: the load is printed at the top.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import nbformat
import numpy as np
from playwright.sync_api import Locator, Page

from tools.browser import browser, jupyterlab, open_notebook, run_all

LABS = ("stripes", "bars", "digits")
KEYS, ROUNDS = 30, 4

BARE = """
import time as _time

def bare(steps):
    step, run, rate = lab.step, lab._run, lab.values["rate"]
    begin = _time.perf_counter()
    for _ in run(step, rate, steps):
        pass
    return steps / (_time.perf_counter() - begin)
"""

# Notes every picture put in: its key and the time of the frame that had it.
WATCH = """
(root) => {
  window.hmLog?.stop();
  const log = { paints: [], keys: [], on: true };
  let last = root.querySelector(".hm-frame img");
  const frame = (time) => {
    if (!log.on) return;
    requestAnimationFrame(frame);
    const image = root.querySelector(".hm-frame img");
    if (image === last || !image.complete) return;
    last = image;
    log.paints.push({ key: image.dataset.key, time: performance.now() });
  };
  requestAnimationFrame(frame);
  const key = (event) => log.keys.push(event.timeStamp);
  window.addEventListener("keydown", key, true);
  log.stop = () => {
    log.on = false;
    window.removeEventListener("keydown", key, true);
  };
  window.hmLog = log;
}
"""
READ = "() => ({ paints: hmLog.paints, keys: hmLog.keys })"


@dataclass
class Result:
    """What one lab did."""

    pictures: float
    steps: float
    bare: float
    ahead: list[list[float]]
    asked: list[list[float]]

    @property
    def share(self) -> float:
        """Steps a second against the bare rule's."""
        return self.steps / self.bare


def write_notebook(folder: Path, name: str) -> str:
    """A notebook with one training lab, another lab, and the bare rule."""
    sources = [
        "from hmlib.lab import free_energy, training",
        f"lab = training.{name}()\nlab._most = 10**9  # so that it is not over meanwhile\nlab",
        "free_energy.ceiling()",
        BARE.strip(),
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(s) for s in sources])
    notebook.metadata["kernelspec"] = {"display_name": "Python 3", "name": "python3"}
    nbformat.write(notebook, folder / f"{name}.ipynb")
    return f"{name}.ipynb"


def evaluate(page: Page, expression: str) -> float:
    """The value of an expression in the kernel, asked for outside the notebook's cells."""
    return float(
        page.evaluate(
            """async (expression) => {
                const { kernel } = jupyterapp.shell.currentWidget.sessionContext.session;
                const asked = { code: "", user_expressions: { value: expression } };
                const { content } = await kernel.requestExecute(asked).done;
                const { value } = content.user_expressions;
                if (value.status !== "ok") throw new Error(value.evalue);
                return value.data["text/plain"];
            }""",
            expression,
        )
    )


def answer(root: Locator) -> None:
    root.get_by_label("I cannot say yet").check()
    root.get_by_role("button", name="Predict").click()


def play(page: Page, root: Locator, seconds: float) -> tuple[float, float]:
    """(pictures a second, steps a second) after a second to find its pace."""
    root.get_by_label("speed", exact=True).press("End")
    root.get_by_role("button", name="Play").click()
    page.wait_for_timeout(1000)
    page.evaluate(WATCH, root.element_handle())
    page.wait_for_timeout(1000 * seconds)
    paints = page.evaluate(READ)["paints"]
    first, last = paints[0], paints[-1]
    lasted = (last["time"] - first["time"]) / 1000
    counts = [json.loads(paint["key"])[-1] for paint in (first, last)]
    return (len(paints) - 1) / lasted, (counts[1] - counts[0]) / lasted


def paints_after(page: Page, root: Locator, slider: Locator, key: str) -> float:
    """From a key to its picture, in ms."""
    page.evaluate(WATCH, root.element_handle())
    page.keyboard.press(key)
    place = int(slider.input_value())
    page.wait_for_function(
        "place => hmLog.paints.some(({ key }) => JSON.parse(key)[1] === place)", arg=place
    )
    log = page.evaluate(READ)
    paint = next(p for p in log["paints"] if json.loads(p["key"])[1] == place)
    return paint["time"] - log["keys"][0]


def press_keys(page: Page, root: Locator) -> tuple[list[float], list[float]]:
    """Latencies on the first slider of a lab: to pictures asked for, and to those ahead."""
    slider, second = (root.locator("input[type=range]").nth(i) for i in (0, 1))
    asked, ahead = [], []
    for _ in range(ROUNDS):
        second.press("ArrowRight")  # pictures of these values are not in the browser
        slider.focus()
        for key in ("Home", *["PageUp"] * 8):
            before = slider.input_value()
            latency = paints_after(page, root, slider, key)
            asked += [latency] if key == "PageUp" and slider.input_value() != before else []
            page.wait_for_timeout(40)
    page.wait_for_timeout(1500)
    for _ in range(KEYS):
        ahead.append(paints_after(page, root, slider, "ArrowLeft"))
        page.wait_for_timeout(40)
    return asked, ahead


def measure(page: Page, address: str, folder: Path, name: str, seconds: float) -> Result:
    """Open, answer, play and press."""
    open_notebook(page, address, write_notebook(folder, name))
    run_all(page)
    page.locator(".hm-frame img[data-key]").nth(1).wait_for()
    lab, other = page.locator(".hm-lab").all()
    answer(lab), answer(other)
    other.locator("input[type=range]").nth(1).press("Home")
    presses = [press_keys(page, other)]

    evaluate(page, "bare(2000)")
    steps = int(2 * evaluate(page, "bare(2000)"))
    before = evaluate(page, f"bare({steps})")
    pictures, learnt = play(page, lab, seconds)
    presses.append(press_keys(page, other))
    lab.get_by_role("button", name="Pause").click()
    page.wait_for_timeout(1000)
    after = evaluate(page, f"bare({steps})")
    asked, ahead = zip(*presses, strict=True)
    return Result(pictures, learnt, (before + after) / 2, list(ahead), list(asked))


AIMS = {
    "at least 10 pictures a second while learning": lambda r: r.pictures >= 10,
    "at least half of the bare learning speed": lambda r: r.share >= 0.5,
}
HEAD = (
    f"{'lab':8} {'pictures/s':>10} {'steps/s':>8} {'bare':>8} {'ratio':>6}   "
    "other lab, ms p50/p95, at rest | while learning: ahead, asked for"
)


def line(name: str, r: Result) -> str:
    latencies = ", ".join(
        " | ".join("{:.0f}/{:.0f}".format(*np.percentile(times, [50, 95])) for times in pair)
        for pair in (r.ahead, r.asked)
    )
    return (
        f"{name:8} {r.pictures:10.1f} {r.steps:8,.0f} {r.bare:8,.0f} {r.share:6.2f}   {latencies}"
    )


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.training",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--labs", nargs="+", choices=LABS, default=LABS)
    parser.add_argument("--seconds", type=float, default=5, help="to play each lab")
    options = parser.parse_args(arguments)
    if hasattr(os, "getloadavg"):
        print("load over 1, 5, 15 min:", *(f"{load:.1f}" for load in os.getloadavg()))
    print(HEAD)
    results = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        with jupyterlab(folder) as address, browser() as window:
            for name in options.labs:
                page = window.new_page(viewport={"width": 1300, "height": 1100})
                page.set_default_timeout(60_000)
                results.append(measure(page, address, folder, name, options.seconds))
                print(line(name, results[-1]), flush=True)
                page.close()
    for aim, reached in AIMS.items():
        print(f"{sum(map(reached, results))} of {len(results)} labs: {aim}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
