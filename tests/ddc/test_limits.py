"""Edges of the DDC's rules, each of them a line that could be off by a sign or a limit."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from hmlib.ddc import delta_rule, maximum_entropy, r_squared
from hmlib.ddc.blur import blurred_data
from hmlib.ddc.instruments import _outside, first_alarm, runaway
from hmlib.ddc.step import Instruments

QUIET = Instruments((0.5, 0.4), (0.5,), 0.1, 0.01, 1.0, (10.0,))


def test_a_ridge_pulls_also_where_no_place_of_the_grid_differs() -> None:
    """Of the function that is 1 everywhere the code says 1.01: eta is the miss over rho."""
    grid = np.linspace(-1, 1, 21)[:, None]
    found = maximum_entropy([0.2, 1.01], lambda z: np.hstack([z, z**0]), grid, ridge=0.02)
    assert found.natural[1] == pytest.approx(0.01 / 0.02)
    averages = found.density @ np.hstack([grid, grid**0])
    np.testing.assert_allclose([0.2, 1.01] - averages, 0.02 * found.natural, atol=1e-9)


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
    assert _outside(np.array([[-2.9]]), dreams) == 0
    assert _outside(np.array([[-3.1], [5.5]]), dreams) == 0.5


def test_blurred_copies_come_one_after_the_other() -> None:
    x, sd = np.arange(12.0).reshape(6, 2), np.array([1e-6, 0.0])
    copies = blurred_data(x, sd, np.random.default_rng(0), copies=3)
    for start in (0, 6, 12):
        np.testing.assert_allclose(copies[start : start + 6], x, atol=1e-5)
    assert len(np.unique(copies[:, 0])) == 18
