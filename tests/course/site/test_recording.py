"""The words and pictures of the pages are those of the labs, at every stop."""

from __future__ import annotations

import base64
import zlib

import numpy as np
import pytest
from course.turns import in_turn
from lab.one_bar import make

from hmlib.course.site.chapters import read_chapters
from hmlib.course.site.coverage import coverage
from hmlib.course.site.kept_learning import RUNS
from hmlib.course.site.recording import files_of, read, record
from hmlib.course.site.stills import LABS
from hmlib.lab import Lab, Training
from tools.browser import ROOT

CALLS = {
    call.key: call
    for chapter in read_chapters(ROOT / "notebooks")
    for call in chapter.calls.values()
}
LEARNING = ["nb05.stripes", "nb05.bars", "nb05.digits"]
LEARNING += ["nb09.generator-ring-code", "nb09.generator-pinwheel-score"]
MOVING = [key for key in CALLS if key not in LEARNING]


def shown(folder, key: str, theme: str, place: int) -> np.ndarray:
    """The picture of a stop as a page unpacks it, (h, w, 4)."""
    pack = read(folder / f"{key}-pictures.js")
    (width, height), lot = pack["size"], place // pack["lot"]
    rows = zlib.decompress(base64.b64decode(pack["lots"][lot]))
    colours = np.frombuffer(base64.b64decode(pack["colours"][theme]), np.uint8).reshape(-1, 3)
    picture = np.frombuffer(rows, np.uint8).reshape(height, -1, width)[:, place % pack["lot"]]
    return np.dstack([colours[picture], np.full((height, width), 255, np.uint8)])


def alike(seen: np.ndarray, drawn: np.ndarray) -> None:
    """The same picture, but for seams between two colours."""
    apart = np.abs(seen.astype(int) - drawn).max(axis=-1)
    assert (apart <= 8).mean() > 0.95
    assert (apart > 40).mean() < 0.01


def values_of(lab: Lab, stop: list) -> dict:
    return {
        control.name: control.value(token)
        for control, token in zip(lab.controls, stop, strict=True)
    }


def holds(folder, key: str, lab: Lab, some: int) -> None:
    """Every stop has the words of the lab, and some of them are compared by their pictures."""
    kept = read(folder / f"{key}.js")
    assert (kept["locked"]["alt"], kept["locked"]["readout"]) == (lab.alt, lab.readout)
    if lab.locked:
        for theme in ("light", "dark"):
            alike(shown(folder, key, theme, len(kept["stops"])), lab.frame(theme).pixels)
    lab.predict()
    stops = coverage(lab.controls).stops
    assert [values_of(lab, stop) for stop in kept["stops"]] == list(stops)
    rng = np.random.default_rng(0)
    looked_at = set(rng.permutation(len(stops))[:some])
    # Not in the order in which they were kept: a stop may not depend on those before it.
    for place in rng.permutation(len(stops)):
        lab.set(**stops[place])
        assert (kept["alt"][place], kept["readout"][place]) == (lab.alt, lab.readout)
        if place in looked_at:
            for theme in ("light", "dark"):
                frame = lab.frame(theme)
                alike(shown(folder, key, theme, place), frame.pixels)
                assert kept["handles"][kept["handle"][place]] == [*map(plain, frame.handles)]


def plain(place: dict) -> dict:
    """As JSON has it."""
    return {name: [*value] if isinstance(value, tuple) else value for name, value in place.items()}


def test_the_labs_that_learn_are_those_that_have_runs():
    assert {key for key, call in CALLS.items() if isinstance(call.lab(), Training)} == {*LEARNING}
    assert {CALLS[key].lab().spec["title"] for key in LEARNING} == {*RUNS}


def test_a_small_lab_is_kept_whole(tmp_path):
    lab = make()
    size = record(lab, "small", tmp_path)
    files = [tmp_path / name for name in files_of("small")]
    assert sum(path.stat().st_size for path in files) == size
    holds(tmp_path, "small", make(), some=5)


@pytest.mark.long
@pytest.mark.parametrize("key", MOVING)
def test_every_stop_of_a_lab_says_what_the_lab_says(site, key):
    in_turn(site, key)
    holds(site / LABS, key, CALLS[key].lab(), some=4)


@pytest.mark.long
@pytest.mark.parametrize("key", LEARNING)
def test_a_run_that_was_kept_is_a_run_of_the_lab(site, key):
    """Learnt anew in one piece to each of a few pictures; the pieces must not matter."""
    in_turn(site, key)
    kept, lab = read(site / LABS / f"{key}.js"), CALLS[key].lab()
    runs = RUNS[kept["spec"]["title"]]
    assert len(kept["stops"]) == len(runs.counts) * len(runs.runs)
    lab.predict()
    for number, run in enumerate(runs.runs):
        for place in (0, 3, len(runs.counts) // 6):
            count = runs.counts[place]
            lab.set(seed=run.seed, rate=run.rates[0][1])
            lab.restart()
            ends = [*(start for start, _ in run.rates[1:] if start < count), count]
            for (start, rate), end in zip(run.rates, ends, strict=False):
                lab.set(rate=rate)
                if end > start:
                    lab.advance(end - start)
            stop = kept["stops"].index([place, number] if len(runs.runs) > 1 else [place])
            assert kept["readout"][stop] == lab.readout
