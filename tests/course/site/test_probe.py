"""Small labs of every kind on a page without a kernel: quick, and the same code as for all."""

from __future__ import annotations

import numpy as np
import pytest
from course.site.on_pages import lab_on, walk
from lab.one_bar import QUESTION, Bar, make

from hmlib.course.nb05 import training_labs
from hmlib.course.site import kept_learning
from hmlib.course.site.kept_learning import Kept, Runs
from hmlib.course.site.recording import read, record
from hmlib.lab import Lab, Steps

pytestmark = pytest.mark.long

SHORT = Runs(400, 20, (Kept("seed 1", 1, ((0, 0.5), (40, 2.0))), Kept("seed 3", 3, ((0, 0.5),))))
STEPS = Steps("word", "phases", {"E": "E-phase", "M": "M-phase"}, 6)


def worded(word: str) -> dict[str, float]:
    return {"y": len(word) + 0.5 * word.count("M")}


def makers() -> dict[str, Lab]:
    return {
        "probe.bar": make(hides=("bar",)),
        "probe.steps": Lab([STEPS], worded, Bar, QUESTION, title="Steps"),
        "probe.learning": training_labs.stripes(),
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A page with the small labs."""
    pytest.importorskip("sphinx", reason="the pages need requirements-site.lock")
    from hmlib.course.site.pages import script, style

    home = tmp_path_factory.mktemp("probe")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(kept_learning.RUNS, "Learn the stripes", SHORT)
        for key, lab in makers().items():
            record(lab, key, home)
    (home / "labs.js").write_text(script(), encoding="utf-8")
    (home / "hmlib.css").write_text(style(), encoding="utf-8")
    places = "".join(
        f'<div class="hm-place" data-lab="{key}"><div class="hm-still">still</div>'
        '<p class="hm-moved" role="status"></p></div>'
        for key in makers()
    )
    (home / "page.html").write_text(
        '<!doctype html><html lang="en" data-theme="light"><meta charset="utf-8"><title>Probe'
        '</title><link rel="stylesheet" href="hmlib.css"><script defer src="labs.js"></script>'
        f"<body>{places}</body></html>",
        encoding="utf-8",
    )
    return home


@pytest.mark.browser
@pytest.mark.parametrize("key", ["probe.bar", "probe.steps", "probe.learning"])
def test_a_small_lab_takes_its_prediction_and_moves(folder, page, key):
    page.goto((folder / "page.html").as_uri())
    walk(lab_on(page, key), read(folder / f"{key}.js"))


def test_a_run_with_a_change_of_rate_is_the_run_of_the_lab(folder):
    """The same steps in pieces of other lengths."""
    kept = read(folder / "probe.learning.js")
    for stop, readout in [*zip(kept["stops"], kept["readout"], strict=True)][::10]:
        count, run = SHORT.counts[stop[0]], SHORT.runs[stop[1]]
        lab = training_labs.stripes().predict()
        lab.set(seed=run.seed, rate=0.5).restart()
        for piece in np.diff([*range(0, min(count, 40), 7), min(count, 40)]):
            lab.advance(int(piece))
        if len(run.rates) > 1:
            lab.set(rate=2.0)
        if count > 40:
            lab.advance(count - 40)
        assert readout.partition("rate")[0] == lab.readout.partition("rate")[0]
        assert readout.partition(";")[2] == lab.readout.partition(";")[2]
