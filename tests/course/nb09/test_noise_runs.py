"""Where noise rests: the kept table, what the notebook says of it, and a part of it made again."""

from __future__ import annotations

import numpy as np
import pytest

from hmlib import ddc
from hmlib.course.nb09 import labs, noise_runs, painting
from hmlib.course.nb09.noise_runs import RUNS, SEEDS, STEPS

KEPT = noise_runs.kept_noise()
RING, PINWHEEL, UNBLURRED, BY_CODE = RUNS
ARM, RINGS_EDGE = 1.5 * 0.05, 0.1
"""Standard deviations across an arm of the pinwheel and across the ring, as they are made."""


def thickness(data: str) -> float:
    """The same in units of the spread of the data."""
    x, _ = painting.points(data)
    return float(((RINGS_EDGE if data == "ring" else ARM) / ddc.spread_about(x)).mean())


def test_every_start_of_both_labs_comes_to_the_floor_and_the_pinwheel_later() -> None:
    assert [KEPT.on_the_floor(RING, step) for step in (1000, STEPS)] == [20, 20]
    assert [KEPT.on_the_floor(PINWHEEL, step) for step in (1000, 1500, STEPS)] == [0, 14, 20]


def test_the_floor_is_not_as_wide_as_what_was_learnt() -> None:
    assert thickness("pinwheel") == pytest.approx(0.07, abs=0.005)
    assert thickness("ring") == pytest.approx(0.09, abs=0.005)
    assert RING.floor == PINWHEEL.floor == pytest.approx(0.05)
    assert np.hypot(thickness("pinwheel"), PINWHEEL.blur) == pytest.approx(0.26, abs=0.005)


def test_without_the_blur_score_stays_above_the_arms_and_code_falls_below() -> None:
    score, code = (KEPT.noise[run.name][:, -1].mean(axis=1) for run in (UNBLURRED, BY_CODE))
    assert (score > thickness("pinwheel")).all()
    assert (score < 1.5 * thickness("pinwheel")).all()
    assert (code < 0.03).all()
    assert not UNBLURRED.floor


def test_the_table_has_a_line_a_run() -> None:
    head, *lines = KEPT.table().splitlines()
    assert head.split()[-4:] == ["500", "1000", "1500", "2000"]
    assert [line[:26].rstrip() for line in lines] == [run.name for run in RUNS]
    assert lines[1].split()[2:7] == ["0.05", "0", "0", "14", "20"]


@pytest.mark.parametrize(
    "number", [1, *(pytest.param(k, marks=pytest.mark.long) for k in (0, 2, 3))]
)
def test_a_run_begun_again_is_the_one_that_was_kept(number: int) -> None:
    run, k = RUNS[number], 3 + number
    again = noise_runs.noise_of(run, SEEDS[k], steps=100)
    assert again == pytest.approx(KEPT.noise[run.name][k, :2], abs=1e-3)


@pytest.mark.long
def test_the_runs_are_those_of_the_labs() -> None:
    for run in (RING, PINWHEEL):
        lab = labs.generator(run.data, run.wake).restart(SEEDS[0]).advance(100)
        noise = KEPT.noise[run.name][0, 1].mean()
        assert lab.record.now.noise == pytest.approx(noise, abs=1e-3)


@pytest.mark.long
def test_a_run_that_the_instruments_would_stop_is_followed_to_its_end() -> None:
    again = noise_runs.noise_of(BY_CODE, SEEDS[0])
    assert again.shape == KEPT.noise[BY_CODE.name][0].shape
    assert again[-1].mean() < 0.05
