"""Edges of the DDC's rules, each of them a line that could be off by a sign or a limit."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from hmlib import ddc
from hmlib.ddc import Bernoulli, Chain, Coins, Encoding, delta_rule, r_squared, seen, sleep, wake
from hmlib.ddc.blur import blurred_data, sharpened
from hmlib.ddc.instruments import first_alarm, outside, runaway
from hmlib.ddc.nightly import Instruments

QUIET = Instruments((0.5, 0.4), (0.5,), dream_score=0.1, outside=0.01, spread=1.0)


def test_no_relu_at_an_outermost_point_looks_away_from_all_others() -> None:
    points = np.array([[-3.0], [0.5], [7.0]])
    encoding = Encoding.random(np.random.default_rng(0), points, 300, "relu", linear=False)
    assert (encoding(points)[:, :-1].max(axis=0) > 0).all()
    # Of those in the middle some look up and some down.
    middle = np.isclose(-encoding.bias / encoding.weights[0], 0.5)
    assert set(np.sign(encoding.weights[0, middle])) == {-1, 1}


@pytest.mark.parametrize("mode", ["split", "code", "score"])
def test_where_nothing_is_seen_nothing_moves(mode: str) -> None:
    rng = np.random.default_rng(1)
    model = Chain((Bernoulli(rng.normal(size=(3, 2)), rng.normal(size=3)), Coins([0.7, -1.2])))
    dreams = model.sample(rng, 60)
    features, encoding = (Encoding.random(rng, values, 8) for values in dreams)
    night = sleep(dreams, features, [encoding])
    data = seen(dreams[0][:20], features, model.layers[0])
    assert np.abs(wake(model, night, data, mode)).min() > 0
    np.testing.assert_array_equal(wake(model, night, data - data, mode), 0)


def test_a_row_of_zeros_teaches_the_delta_rule_nothing() -> None:
    start = [[1.0], [2.0]]
    learnt = delta_rule([[0.0, 0.0]], [[5.0]], np.random.default_rng(0), start=start)
    np.testing.assert_array_equal(learnt, start)


def test_rows_of_weight_0_are_no_change_of_the_targets() -> None:
    targets = np.array([[1.0], [1.0], [9.0]])
    assert math.isnan(r_squared(targets, targets, [1.0, 1.0, 0.0]))
    assert r_squared(targets, targets, [1.0, 0.0, 1.0]) == 1


@pytest.mark.parametrize(
    ("change", "alarm"),
    [
        ({}, None),
        ({"spread": 0.21}, None),
        ({"spread": 4.9}, None),
        ({"spread": 0.19}, "the spread of the dreams over that of the data: 0.19 at step 7"),
        ({"spread": 5.1}, "the spread of the dreams over that of the data: 5.1 at step 7"),
        ({"outside": 0.49}, None),
        ({"outside": 0.51}, "the share of data outside the dreams: 0.51 at step 7"),
        ({"code_r2": (0.5, -0.09)}, None),
        ({"code_r2": (0.5, -0.11)}, "the held-out R^2 of the codes: -0.11 at step 7"),
        ({"spread": math.nan}, "the spread of the dreams over that of the data: nan at step 7"),
    ],
)
def test_an_instrument_beyond_its_limit_is_an_alarm(change: dict, alarm: str | None) -> None:
    assert first_alarm(replace(QUIET, **change), 7) == alarm


@pytest.mark.parametrize(
    ("spread", "lost"), [(0.09, True), (0.11, False), (9.9, False), (10.1, True)]
)
def test_a_run_is_lost_at_ten_times_the_spread(spread: float, lost: bool) -> None:
    assert runaway(replace(QUIET, spread=spread)) == lost


def test_data_are_outside_beyond_what_99_in_100_dreams_have_to_their_nearest() -> None:
    # Of a hundred dreams 95 stand 1 apart, and 5 stand 3 from their nearest.
    dreams = np.append(np.arange(95.0), 97 + 3 * np.arange(5))[:, None]
    assert outside(np.array([[-2.9]]), dreams) == 0
    assert outside(np.array([[-3.1], [5.5]]), dreams) == 0.5


def test_blurred_copies_come_one_after_the_other() -> None:
    x, sd = np.arange(12.0).reshape(6, 2), np.array([1e-6, 0.0])
    copies = blurred_data(x, sd, np.random.default_rng(0), copies=3)
    for start in (0, 6, 12):
        np.testing.assert_allclose(copies[start : start + 6], x, atol=1e-5)
    assert len(np.unique(copies[:, 0])) == 18


LINE = Chain((ddc.Gaussian([[1.0]], [5.0], [math.log(0.3)]), ddc.StandardNormal(1)))
SMALL = {"features": 10, "encodings": 10, "n_dreams": 300, "steps": 1}


def test_the_blur_leaves_the_least_deviation() -> None:
    left = sharpened(LINE, np.array([0.5]), np.array([0.3])).layers[0]
    np.testing.assert_allclose(left.log_var, 2 * math.log(0.3))
    left = sharpened(LINE, np.array([0.5]), np.array([0.2])).layers[0]
    np.testing.assert_allclose(left.log_var, math.log(0.3 - 0.25))


def test_floor_and_blur_add_up_as_independent_noise_does() -> None:
    x = np.random.default_rng(0).normal(5, 2, size=(200, 1))
    still = Chain((ddc.Gaussian([[1.0]], [5.0], [-20.0]), ddc.StandardNormal(1)))
    rng = np.random.default_rng(1)
    *_, end = ddc.fit(still, x, rng, rate=1e-9, floor=0.3, blur=0.4, **SMALL)
    np.testing.assert_allclose(end.learnt.layers[0].log_var, 2 * np.log(0.5 * x.std()), atol=1e-6)


def test_the_spread_of_the_dreams_is_about_the_data() -> None:
    x = np.random.default_rng(0).normal(size=(500, 1))
    *_, end = ddc.fit(LINE, x, np.random.default_rng(1), rate=1e-9, watch=1, **SMALL)
    assert end.instruments.spread == pytest.approx(math.sqrt(25 + 1.3), rel=0.1)


def test_draws_that_explain_all_equally_well_leave_no_error() -> None:
    model = Chain((Bernoulli([[0.0], [0.0]], [0.3, -2.0]), Coins([0.5])))
    x = np.array([[1.0, 0.0], [1.0, 1.0]])
    value, error = ddc.log_likelihood(model, x, np.random.default_rng(0), 50)
    np.testing.assert_allclose(value, model.layers[0].log_prob(x, np.zeros((2, 1))))
    np.testing.assert_allclose(error, 0, atol=1e-6)
