"""How fast labs follow their sliders, beside `ipywidgets.interact` with the same figure.

    python -m benchmarks.sliders
    python -m benchmarks.sliders --notebooks notebooks/02_watch_the_free_energy.ipynb --labs 1
    python -m benchmarks.sliders --alone          without `interact`, in a third of the time

Every notebook is opened in JupyterLab in a headless Chromium and run; then every slider of every
lab is driven, one after the other, and after it an `interact` slider over the same values. Its
function computes the same record and draws the same `Picture`, made anew at each call, as a
figure in a notebook usually is.

How it is measured:

* A drag is a pressed mouse that goes from one end of the slider to the other in about a second,
  at most one value a step and at most 52 steps a second. There are three. *Cold*: another control
  is moved to its end by a key, and the mouse is pressed at once, so that no picture along this
  slider is in the browser. *First*: another control is moved to its other end, and the hand rests
  until the kernel does; what has come meanwhile is in the browser. *Warm*: the same drag again. (A
  lab with one control begins its cold drag right after the prediction, and has no first.)
* At each animation frame the page looks whether the picture shown is another one than at the
  frame before, and complete. If so, its bytes are hashed (SHA-256) and the time is noted by a
  task posted from that frame, which runs after the frame has been produced.
* A picture is correct if its hash is that of the picture which this process draws for the value
  that the page says it shows (for `interact`: for any value of the slider). Pictures a second
  are correct ones of different values, from the first move of the mouse to the last picture.
  `interact` does not say which value it shows, so there they are different pictures; neighbours
  whose pictures are the same count once on both sides of the ratio.
* "Shown" is how many of the values that the slider passed in the warm drag got their picture
  on screen. On a busy machine the mouse itself is slow, and the rate falls though all are shown.
* Key to paint is from the time stamp of the `keydown` event to that same note of the first
  correct picture of the new value. Keys are pressed one after the other, each when the one
  before has been answered. "Warm" is after the drags.
* Layout shift is the browser's own score, summed over all of this (0 is none).

Times on a busy machine are worth little: the load is printed at the top.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
from IPython.core.pylabtools import print_figure
from playwright.sync_api import Locator, Page, TimeoutError

from hmlib.lab import Choice, Lab, LogSlider, Slider, Steps
from tools.browser import ROOT, browser, jupyterlab, open_notebook, run_all
from tools.labs import lab_makers

RATE = 52  # steps of the mouse a second
KEYS = 40  # key presses of a lab; of `interact`, which is slow, a quarter
DRAGS = ("cold", "first", "warm")
PATIENCE_MS = 3000  # a picture later than this has not come

# Watches one picture. `find` gives the image of a root element, which may be replaced.
WATCH = """
([root, find]) => {
  window.hmLog?.stop();
  const log = { keys: [], moves: [], values: [], paints: [], shift: 0, on: true };
  const hash = async (source) => {
    const bytes = await (await fetch(source)).arrayBuffer();
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    return [Array.from(digest, (b) => b.toString(16).padStart(2, "0")).join(""), bytes.byteLength];
  };
  let last = root.querySelector(find)?.src;
  const frame = () => {
    if (!log.on) return;
    requestAnimationFrame(frame);
    const image = root.querySelector(find);
    if (!image?.complete || !image.naturalWidth || image.src === last) return;
    last = image.src;
    const paint = { key: image.dataset.key ?? "", time: Infinity };
    log.paints.push(paint);
    hash(image.src).then(([sha, size]) => Object.assign(paint, { sha, size }));
    const after = new MessageChannel();
    after.port1.onmessage = () => (paint.time = performance.now());
    after.port2.postMessage(0);
  };
  requestAnimationFrame(frame);
  const key = (event) => log.keys.push(event.timeStamp);
  const move = (event) => log.moves.push(event.timeStamp);
  const input = (event) => log.values.push(event.target.value);
  window.addEventListener("input", input, true);
  window.addEventListener("keydown", key, true);
  window.addEventListener("pointermove", move, true);
  const shifts = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) log.shift += entry.value;
  });
  shifts.observe({ type: "layout-shift" });
  log.stop = () => {
    log.on = false;
    shifts.disconnect();
    window.removeEventListener("input", input, true);
    window.removeEventListener("keydown", key, true);
    window.removeEventListener("pointermove", move, true);
  };
  window.hmLog = log;
}
"""

CLEAR = (
    "() => Object.assign(window.hmLog, { keys: [], moves: [], values: [], paints: [], shift: 0 })"
)
READ = """
() => ({ keys: hmLog.keys, moves: hmLog.moves, values: hmLog.values, shift: hmLog.shift,
  paints: hmLog.paints.map(({ key, time, sha, size }) => ({ key, time, sha, size })) })
"""


@dataclass
class Drag:
    """One drag: correct pictures that were painted, and whether the last was that of the end."""

    seconds: float
    passed: int
    values: int
    different: int
    wrong: int
    final: bool

    @property
    def rate(self) -> float:
        """Values with their correct picture, a second."""
        return self.values / self.seconds

    @property
    def rate_of_different(self) -> float:
        """Different correct pictures a second."""
        return self.different / self.seconds


@dataclass
class Result:
    """What one slider did, in a lab or in `interact`."""

    drags: dict[str, Drag]
    latencies: list[float]
    unpainted: int
    sizes: list[int] = field(default_factory=list)
    shift: float = 0.0

    def latency(self, percent: float) -> float:
        """A percentile of key to paint in ms; a key without its picture counts as endless."""
        times = np.array([*self.latencies, *[np.inf] * self.unpainted])
        return float(np.percentile(times, percent, method="higher")) if len(times) else np.nan


class Expected:
    """The pictures that this process draws, by control values, once it has predicted."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab.predict()
        self.sha = cache(self._sha)

    def _sha(self, *values: Any) -> str:
        where = dict(zip(self.lab.values, values, strict=True))
        return hashlib.sha256(self.lab.set(**where).small_picture).hexdigest()

    def of_key(self, key: str) -> str:
        """Hash of the picture for what the page says it shows: theme, then tokens."""
        _, *tokens = json.loads(key)
        controls = self.lab._controls.values()
        return self.sha(*(c.value(t) for c, t in zip(controls, tokens, strict=True)))

    def along(self, slider: Slider, values: Mapping[str, Any]) -> list[str]:
        """Hashes along one slider, the others at `values`."""
        places = [dict(values) | {slider.name: value} for value in slider.values]
        return [self.sha(*place.values()) for place in places]

    def inline(self, slider: Slider, values: Mapping[str, Any]) -> list[str]:
        """The same for figures made anew and shown inline."""
        hashes = []
        for value in slider.values:
            picture = self.lab._draw("light")
            picture.update(self.lab._compute(**(dict(values) | {slider.name: value})))
            png = print_figure(picture.figure, "png")
            hashes.append(hashlib.sha256(png).hexdigest())
        return hashes


# Driving a slider. `ends` are the places of the mouse at both ends of its track.


def drag(page: Page, ends: tuple[tuple[float, float], tuple[float, float]], n: int) -> None:
    """Drag over n values, from one end to the other."""
    (x0, y), (x1, _) = ends
    steps = min(n - 1, RATE)
    page.mouse.move(x0, y)
    page.evaluate(CLEAR)
    page.mouse.down()
    begin = time.perf_counter()
    for i in range(1, steps + 1):
        time.sleep(max(0.0, begin + i / RATE - time.perf_counter()))
        page.mouse.move(x0 + (x1 - x0) * i / steps, y)
    page.mouse.up()


def settled(page: Page, quiet: float = 1.0, most: float = 20.0) -> dict[str, Any]:
    """The log, once no picture has come and the kernel has rested for a while."""
    end, seen, since = time.perf_counter() + most, -1, time.perf_counter()
    while time.perf_counter() < end and time.perf_counter() - since < quiet:
        page.wait_for_timeout(50)
        paints, status = page.evaluate(
            "() => [hmLog.paints.length,"
            " jupyterapp.shell.currentWidget.sessionContext.session.kernel.status]"
        )
        if paints != seen or status != "idle":
            seen, since = paints, time.perf_counter()
    return page.evaluate(READ)


def judged(log: dict[str, Any], correct: Callable[[dict], bool], last: str) -> Drag:
    """What one drag painted. Without a key a picture stands for itself."""
    paints = log["paints"]
    good = [paint for paint in paints if correct(paint)]
    times = [paint["time"] for paint in paints] or [np.inf]
    return Drag(
        seconds=(max(times) - min(log["moves"])) / 1000,
        passed=len(set(log["values"])),
        values=len({paint["key"] or paint["sha"] for paint in good}),
        different=len({paint["sha"] for paint in good}),
        wrong=len(paints) - len(good),
        final=bool(paints) and paints[-1]["sha"] == last,
    )


def press_keys(
    page: Page, ends: tuple[tuple[float, float], ...], place: str, shas: list[str], n: int
) -> tuple[list[float], int]:
    """Click into the middle of the slider, then press arrow keys; (latencies, unpainted).

    `place` is JavaScript that says where the slider stands. A key that leads to the same picture
    as before (a curve that has become flat) has no paint to wait for, and is left out.
    """
    (x0, y), (x1, _) = ends
    page.mouse.click((x0 + x1) / 2, y)
    settled(page)
    latencies, unpainted, now = [], 0, page.evaluate(place)
    for i in range(n):
        key, target = ("ArrowRight", now + 1) if i % 3 == 2 else ("ArrowLeft", now - 1)
        new, now = shas[target] != shas[now], target
        page.evaluate(CLEAR)
        page.keyboard.press(key)
        if not new:
            settled(page, 0.3)
            continue
        try:
            page.wait_for_function(
                "sha => hmLog.paints.some((paint) => paint.sha === sha && paint.time < Infinity)",
                arg=shas[target],
                timeout=PATIENCE_MS,
            )
            log = page.evaluate(READ)
            paint = next(paint for paint in log["paints"] if paint["sha"] == shas[target])
            latencies.append(paint["time"] - log["keys"][0])
        except TimeoutError:
            unpainted += 1
        page.wait_for_timeout(30)
    return latencies, unpainted


def elsewhere(
    page: Page, root: Locator, slider: Slider | LogSlider, lab: Lab, end: int
) -> dict[str, Any]:
    """Move another control than this slider to an end; returns where the controls are then."""
    values = {name: control.start for name, control in lab._controls.items()}
    for control in lab._controls.values():
        if control is slider or isinstance(control, Steps):
            continue
        choices = control.options if isinstance(control, Choice) else control.values
        root.get_by_label(control.label, exact=True).focus()
        page.keyboard.press("End" if end else "Home")
        values[control.name] = choices[-1 if end else 0]
        break
    return values


def drive_lab(
    page: Page, root: Locator, slider: Slider | LogSlider, expected: Expected
) -> tuple[Result, dict[str, Any]]:
    """Three drags and the keys on one slider of a lab; also where the other controls were."""
    lab = expected.lab
    control = root.get_by_label(slider.label, exact=True)
    control.scroll_into_view_if_needed()
    page.wait_for_timeout(500)  # cells that come into sight take their place
    control.scroll_into_view_if_needed()
    page.evaluate(WATCH, [root.element_handle(), ".hm-frame img"])
    box = control.bounding_box()
    middle = box["y"] + box["height"] / 2
    ends = ((box["x"] + 8, middle), (box["x"] + box["width"] - 8, middle))
    # The page's own log is read before this process draws anything, so as not to slow it down.
    logs, places = {}, {}
    alone = all(c is slider or isinstance(c, Steps) for c in lab._controls.values())
    for name, end in (("cold", 0), ("first", 1), ("warm", None)):
        if name == "first" and alone:
            continue
        if end is not None:
            where = elsewhere(page, root, slider, lab, end)
        if name == "first":
            settled(page)
        drag(page, ends, len(slider.values))
        logs[name], places[name] = settled(page), where

    def correct(paint: dict) -> bool:
        return paint["sha"] == expected.of_key(paint["key"])

    shas = expected.along(slider, where)
    drags = {}
    for name, log in logs.items():
        last = expected.sha(*(places[name] | {slider.name: slider.values[-1]}).values())
        drags[name] = judged(log, correct, last)
    place = "() => Number(document.activeElement.value)"
    latencies, unpainted = press_keys(page, ends, place, shas, KEYS)
    sizes = [paint["size"] for log in logs.values() for paint in log["paints"]]
    shift = sum(log["shift"] for log in logs.values()) + page.evaluate("() => hmLog.shift")
    root.get_by_role("button", name="Reset").click()
    settled(page)
    return Result(drags, latencies, unpainted, sizes, shift), where


def drive_interact(page: Page, root: Locator, slider: Slider, shas: list[str]) -> Result:
    """A drag and the keys on the slider that `interact` made."""
    handle = root.locator(".noUi-handle")
    handle.scroll_into_view_if_needed()
    page.evaluate(WATCH, [root.element_handle(), ".jp-OutputArea-output img"])
    handle.focus()
    page.keyboard.press("Home")
    settled(page)
    track, knob = root.locator(".noUi-base").bounding_box(), handle.bounding_box()
    y = knob["y"] + knob["height"] / 2
    ends = ((knob["x"] + knob["width"] / 2, y), (track["x"] + track["width"], y))
    drag(page, ends, len(slider.values))
    log = settled(page, 1.5)
    result = judged(log, lambda paint: paint["sha"] in shas, shas[-1])
    place = f"""() => {{
        const handle = document.querySelector(".noUi-handle");
        handle.focus();
        return Math.round((handle.getAttribute("aria-valuenow") - {slider.low}) / {slider.step});
    }}"""
    latencies, unpainted = press_keys(page, ends, place, shas, KEYS // 4)
    return Result({"cold": result}, latencies, unpainted)


# Notebooks on the page.


INTERACT = """
from IPython.core.pylabtools import print_figure
from IPython.display import Image, display
from ipywidgets import FloatSlider, IntSlider, interact
from {module} import {name}

lab = {name}()

def show(value):
    record = lab._compute(**({where} | {{{control!r}: value}}))
    picture = lab._draw("light")
    picture.update(record)
    display(Image(print_figure(picture.figure, "png")))

kind = IntSlider if isinstance({step}, int) else FloatSlider
interact(show, value=kind({start}, min={low}, max={high}, step={step}, description="value"))
None
"""


def write_interact(
    folder: Path, make: Callable[[], Lab], slider: Slider, where: Mapping[str, Any]
) -> str:
    """A notebook with an `interact` over one slider, the others at `where`; its name."""
    low, high, start = slider.values[0], slider.values[-1], slider.start
    step = round(slider.step) if isinstance(low, int) else slider.step
    source = INTERACT.format(
        module=make.__module__, name=make.__name__, control=slider.name, where=dict(where),
        low=low, high=high, start=start, step=step,
    )  # fmt: skip
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source.strip())])
    notebook.metadata["kernelspec"] = {"display_name": "Python 3", "name": "python3"}
    name = f"interact_{make.__name__}_{slider.name}.ipynb"
    nbformat.write(notebook, folder / name)
    return name


def labs_on(page: Page) -> list[Locator]:
    """The labs of an executed notebook, once each has its first picture; not those that learn,
    whose pictures depend on more than their controls (`benchmarks.training` is for them)."""
    page.wait_for_selector(".hm-lab img[data-key]", state="attached")
    page.wait_for_timeout(1500)
    return page.locator(".hm-lab:not([data-kind='training'])").all()


def maker_of(title: str, notebook: str) -> Callable[[], Lab]:
    """What makes the lab of this title: looked for in the notebook's own room first."""
    makers, own = lab_makers(), f"nb{notebook[:2]}."
    for name in sorted(makers, key=lambda name: not name.startswith(own)):
        if makers[name]()._title == title:
            return makers[name]
    raise LookupError(f"no lab of the course has the title {title!r}")


def measure(
    page: Page, address: str, folder: Path, name: str, most: int, alone: bool
) -> Iterator[tuple[str, Slider | LogSlider, Result, Result | None]]:
    """(title, slider, lab's result, interact's result or None) for each slider of a notebook."""
    open_notebook(page, address, name)
    run_all(page)
    sliders = []
    for root in labs_on(page)[: most or None]:
        root.scroll_into_view_if_needed()
        title = root.locator("h3").text_content()
        make = maker_of(title, name)
        expected = Expected(make())
        root.get_by_label("I cannot say yet").check()
        root.get_by_role("button", name="Predict").click()
        for control in expected.lab._controls.values():
            if isinstance(control, Slider | LogSlider):
                result, where = drive_lab(page, root, control, expected)
                if alone or isinstance(control, LogSlider):
                    yield title, control, result, None
                else:
                    sliders.append((title, control, result, where, expected, make))
    for title, slider, result, where, expected, make in sliders:
        shas = expected.inline(slider, where)
        open_notebook(page, address, write_interact(folder, make, slider, where))
        run_all(page)
        page.wait_for_selector(".jp-OutputArea-output .noUi-handle")
        page.wait_for_selector(".jp-OutputArea-output img")
        root = page.locator(".jp-Cell-outputArea").first
        yield title, slider, result, drive_interact(page, root, slider, shas)


HEAD = (
    f"{'lab, slider':34} {'cold':>5} {'1st':>5} {'warm':>5} {'shown':>5} {'inter-':>6} "
    f"{'ratio':>11} {'key p50/p95':>11} {'interact':>9} {'kB':>4} {'shift':>6}  final\n"
    f"{'':34} {'pic/s':>5} {'pic/s':>5} {'pic/s':>5} {'warm':>5} {'act':>6} "
    f"{'cold  warm':>11} {'ms warm':>11} {'ms':>9}"
)
BESIDE = "8 times interact in the warm one"
AIMS = {
    "47 correct pictures a second in the warm drag": lambda lab, _: lab.drags["warm"].rate >= 47,
    "24 in the first": lambda lab, _: lab.drags.get("first", lab.drags["cold"]).rate >= 24,
    "24 in the cold one": lambda lab, _: lab.drags["cold"].rate >= 24,
    BESIDE: lambda lab, other: ratio(lab.drags["warm"], other) >= 8,
    "key to paint at most 60 ms, 95th percentile, warm": lambda lab, _: lab.latency(95) <= 60,
    "no layout shift": lambda lab, _: lab.shift == 0,
    "the right picture at the end, none wrong": lambda lab, _: (
        all(drag.final and not drag.wrong for drag in lab.drags.values()) and not lab.unpainted
    ),
}


def ratio(drag: Drag, other: Result) -> float:
    """Different pictures a second, against those of `interact`."""
    theirs = other.drags["cold"].rate_of_different
    return drag.rate_of_different / theirs if theirs else np.inf


def line(title: str, slider: Slider | LogSlider, lab: Result, other: Result | None) -> str:
    """One line of the table."""
    warm = lab.drags["warm"]
    rates = [f"{lab.drags[n].rate:5.1f}" if n in lab.drags else "    -" for n in DRAGS]
    theirs, times, keys = "-", ["-", "-"], [f"{lab.latency(50):.0f}/{lab.latency(95):.0f}", "-"]
    if other is not None:
        theirs = f"{other.drags['cold'].rate:.1f}"
        times = [f"{ratio(lab.drags[n], other):.1f}x" for n in ("cold", "warm")]
        keys[1] = f"{other.latency(50):.0f}/{other.latency(95):.0f}"
    wrong = sum(drag.wrong for drag in lab.drags.values())
    final = "right" if all(drag.final for drag in lab.drags.values()) else "WRONG"
    return (
        f"{title[:22] + ', ' + slider.name:34.34} {' '.join(rates)} "
        f"{warm.values:2d}/{warm.passed:2d} {theirs:>6} {times[0]:>5} {times[1]:>5} "
        f"{keys[0]:>11} {keys[1]:>9} {np.mean(lab.sizes) / 1000:4.0f} {lab.shift:6.3f}  {final}"
        + (f", {wrong} wrong pictures" if wrong else "")
    )


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.sliders",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--notebooks", nargs="+", type=Path, help="default: all in notebooks/")
    parser.add_argument("--labs", type=int, default=0, help="at most so many of each notebook")
    parser.add_argument("--alone", action="store_true", help="without `interact`")
    options = parser.parse_args(arguments)
    notebooks = options.notebooks or sorted((ROOT / "notebooks").glob("*.ipynb"))
    if hasattr(os, "getloadavg"):
        print("load over 1, 5, 15 min:", *(f"{load:.1f}" for load in os.getloadavg()))
    print(HEAD)
    results = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for path in notebooks:
            shutil.copy(path, folder)
        with jupyterlab(folder, windowing="contentVisibility") as address, browser() as window:
            for path in notebooks:
                page = window.new_page(viewport={"width": 1300, "height": 1100})
                page.set_default_timeout(60_000)
                print(path.name)
                for row in measure(page, address, folder, path.name, options.labs, options.alone):
                    print(line(*row), flush=True)
                    results.append(row[2:])
                page.close()
    for aim, reached in AIMS.items():
        if aim == BESIDE and options.alone:
            continue
        print(f"{sum(reached(*pair) for pair in results)} of {len(results)} sliders: {aim}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
