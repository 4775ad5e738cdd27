"""The ladder: its rungs against slow formulas, and some of the kept runs made again."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest

from hmlib import ddc
from hmlib.course.nb09 import labs, ladder, ladder_runs
from hmlib.course.nb09.ladder_pictures import ROWS, LadderPicture
from hmlib.learning.walking import NotFinite
from tools import run_ladder

EXACT, SLOW, FIXED, REGRESSED, LOCAL, BOTH = ladder.RUNGS


@pytest.fixture(scope="module")
def world():
    rng = np.random.default_rng(5)
    x = ladder.DATA["ring"](rng, 60)
    return ddc.fresh(x, rng, variance=0.1), x


def move(rung, world):
    model, x = world
    parts = ladder.parts_of(rung, np.random.default_rng(6), x)
    return ladder.direction(rung, parts, model, np.random.default_rng(7), x), parts


def night(world, parts):
    return ddc.local_night(world[0], np.random.default_rng(7), ladder.DREAMS, parts.kappa)


def densities(model, z, x):
    """p(x|z_s), a row an observation, up to a constant."""
    mean, sd = model.layers[0].mean(z)[..., 0], np.exp(model.layers[0].noise / 2)
    return np.array([np.exp(-(((row - mean) / sd) ** 2).sum(axis=1) / 2) / sd.prod() for row in x])


def ridge_fit(F, Y, rho):
    """Ridge by extra rows of plain least squares."""
    extra = np.sqrt(rho * len(F)) * np.eye(F.shape[1])
    nothing = np.zeros((len(extra), Y.shape[1]))
    return np.linalg.lstsq(np.vstack([F, extra]), np.vstack([Y, nothing]))[0]


def test_the_best_step_is_the_slope_of_l_on_its_grid(world):
    found, parts = move(EXACT, world)
    (model, x), z = world, night(world, parts).dreams[1]
    theta, step = model.ravel(), 1e-5

    def worth(theta):
        return np.log(densities(model.like(theta), z, x).mean(axis=1)).mean()

    places = np.random.default_rng(8).choice(len(theta), 25, replace=False)
    for k in (*places, len(theta) - 1):
        e = step * np.eye(len(theta))[k]
        slope = (worth(theta + e) - worth(theta - e)) / (2 * step)
        assert found[k] == pytest.approx(slope, abs=1e-4)


def test_a_regressed_code_is_least_squares_on_features_of_x(world):
    """Of the gradients themselves, at each datum."""
    found, parts = move(REGRESSED, world)
    (model, x), (x_dream, z) = world, night(world, parts).dreams
    features = ddc.Encoding.random(np.random.default_rng(6), x, ladder.FUNCTIONS, "tanh", gain=2.0)
    R = ridge_fit(features(x_dream), np.eye(len(z)), ladder.RIDGE_CODE)
    slow = np.zeros_like(found)
    for row, share in zip(x, features(x) @ R, strict=True):
        each = np.repeat(row[None], len(z), axis=0)
        slow += model.layers[0].weighted_score(each, z, share) / len(x)
    assert found == pytest.approx(slow, rel=1e-5, abs=1e-6 * np.abs(slow).max())


def test_a_read_out_from_fixed_encodings_is_least_squares_on_them(world):
    found, parts = move(FIXED, world)
    (model, x), z = world, night(world, parts).dreams[1]
    p = densities(model, z, x)
    T, slow = parts.encoding(z), np.zeros_like(found)
    codes = (p / p.sum(axis=1, keepdims=True)) @ T
    read = ridge_fit(T, np.eye(len(z)), ladder.RIDGE_READ)
    for row, share in zip(x, codes @ read, strict=True):
        each = np.repeat(row[None], len(z), axis=0)
        slow += model.layers[0].weighted_score(each, z, share) / len(x)
    assert found == pytest.approx(slow, rel=1e-3, abs=1e-4 * np.abs(slow).max())


def test_a_local_step_is_that_of_a_local_night(world):
    found, parts = move(LOCAL, world)
    slow = night(world, parts).direction(world[1])
    assert found == pytest.approx(slow, abs=1e-4 * np.abs(slow).max())


def test_a_kept_run_made_again_dreams_the_same():
    runs = ladder_runs.ladder()
    assert runs.stages == (0, 80, 400, ladder.STEPS)
    begun = next(ladder.climb(EXACT, "pinwheel", 0))
    dreams = begun.sample(np.random.default_rng(1), 300)[0]
    assert dreams == pytest.approx(runs.dreams[0, 1, 0], abs=1e-4)
    later = next(islice(ladder.climb(LOCAL, "ring", 0), 80, None))
    dreams = later.sample(np.random.default_rng(1), 300)[0]
    assert dreams == pytest.approx(runs.dreams[4, 0, 1], abs=0.02)


def test_a_run_that_ran_away_runs_away_again():
    rung, data, seed = 3, 1, 1
    assert ladder_runs.ladder().steps[rung, data, seed] == 20
    with np.errstate(all="ignore"), pytest.raises(NotFinite):
        list(islice(ladder.climb(REGRESSED, "pinwheel", seed), 22))


def test_the_lab_shows_what_was_kept():
    runs = ladder_runs.ladder()
    assert len(ROWS) == len(ladder.RUNGS) == len(runs.dreams)
    for k, rung in enumerate(ladder.RUNGS):
        for j, name in enumerate(ladder.DATA):
            record = labs.ladder_values(rung.name, name, "the end")
            assert np.array_equal(record.dreams, runs.dreams[k, j, -1])
            assert np.array_equal(record.ran_away[k], runs.steps[k, j] < 800)
            assert record.lost == record.ran_away[k, 0]
            assert record.steps == runs.steps[k, j, 0]
    record = labs.ladder_values(EXACT.name, "ring", "a tenth")
    assert (record.steps, record.lost) == (80, False)
    assert "2 of 10" not in LadderPicture().readout(record)


def test_a_run_beyond_the_axis_is_drawn_at_its_end():
    picture, record = LadderPicture(), labs.ladder_values(BOTH.name, "ring", "the end")
    picture.png(record)
    lost = record.ran_away
    assert len(picture.lost[0].get_xdata()) == lost.sum()
    assert len(picture.whole[0].get_xdata()) == (~lost).sum()
    assert picture.lost[0].get_xdata().min() == picture.lowest > record.log_likelihood.min()
    assert picture.whole[1].get_xdata() == pytest.approx(record.accuracy[~lost])


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (("nothing", "ring", "the end"), "rung is 'nothing'; accepted"),
        ((EXACT.name, "moons", "the end"), "data is 'moons'; accepted"),
        ((EXACT.name, "ring", "soon"), "stage is 'soon'; accepted"),
    ],
)
def test_what_the_ladder_does_not_have_is_refused(bad, words):
    with pytest.raises(ValueError, match=words):
        labs.ladder_values(*bad)


def test_it_is_the_low_rate_that_makes_the_optimiser_slow() -> None:
    """With one part mended at a time, from the same starts: a rate is enough, less noise is not."""
    brisk, narrow = ladder_runs.controls() > 0.7
    assert brisk.sum() == 0
    assert narrow.sum(axis=1).tolist() == [0, 10]  # ring and pinwheel
    assert (ladder_runs.ladder().accuracy[1] > 0.7).sum() == 20


@pytest.mark.long
@pytest.mark.parametrize("number", [0, 1])
def test_a_control_made_again_is_the_one_that_was_kept(number) -> None:
    found = run_ladder.one((ladder.CONTROLS[number], "ring", 1))
    assert found["accuracy"] == pytest.approx(ladder_runs.controls()[number, 0, 1], abs=0.03)
