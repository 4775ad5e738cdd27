"""The questions of notebook 10, against oracles that share no code with hmlib."""

import math
from statistics import NormalDist

import numpy as np
import pytest

from hmlib import metrics
from hmlib.check import grade
from hmlib.course.nb10.gauges import examine
from hmlib.course.nb10.traps import TRAPS

# Two dreams, x = 1 and x = 3, target 1: the weight by trying many.
TRIED = [k / 1000 for k in range(1001)]
WEIGHT = min(TRIED, key=lambda a: sum((a * x - 1) ** 2 for x in (1, 3)))


def test_the_code_of_the_constant_by_trial():
    assert grade("10.1", tuple(WEIGHT * x for x in (0, 1, 5))).outcome == "correct"


@pytest.mark.parametrize(
    ("slip", "weight"),
    [
        ("through the mean", 1 / 2),
        ("sum for mean", 4 / 5),
        ("turned over", 5 / 2),
        ("each dream alone", (1 + 1 / 3) / 2),
    ],
)
def test_a_wrong_weight_worked_out_by_hand_is_recognised(slip, weight):
    assert grade("10.1", (0, weight, 5 * weight)).slip == slip
    assert grade("10.1", (0, round(weight, 3), round(5 * weight, 3))).slip == slip


def test_three_ones_are_recognised():
    assert grade("10.1", (1, 1, 1)).slip == "as it should be"


def slow_contract(S, J):
    n, n_y, s, k = J.shape
    found = np.zeros((n, n_y, k))
    for row in range(n):
        for i in range(n_y):
            for a in range(k):
                found[row, i, a] = sum(S[row, i, b] * J[row, i, b, a] for b in range(s))
    return found


def slow_wrong_index(S, J):
    n, n_y, s, _ = J.shape
    found = np.zeros((n, n_y, s))
    for row in range(n):
        for i in range(n_y):
            for b in range(s):
                found[row, i, b] = sum(J[row, i, b, a] * S[row, i, a] for a in range(s))
    return found


def test_the_products_by_loops_and_by_other_ways():
    assert grade("10.3", slow_contract).outcome == "correct"
    assert grade("10.3", lambda S, J: (S[..., None] * J).sum(axis=2)).outcome == "correct"
    assert grade("10.3", lambda S, J: (S[:, :, None, :] @ J)[:, :, 0]).outcome == "correct"
    assert grade("10.3", slow_wrong_index).slip == "the wrong index"
    assert grade("10.3", lambda S, J: (J @ S[..., None])[..., 0]).slip == "the wrong index"


def slow_mmd2(x, y, s, own=False):
    def k(a, b):
        return math.exp(-sum((p - q) ** 2 for p, q in zip(a, b, strict=True)) / (2 * s * s))

    def within(a):
        pairs = [k(p, q) for i, p in enumerate(a) for j, q in enumerate(a) if own or i != j]
        return math.fsum(pairs) / len(pairs)

    across = [k(p, q) for p in x for q in y]
    return within(x) + within(y) - 2 * math.fsum(across) / len(across)


def test_mmd2_by_loops():
    assert grade("10.4", slow_mmd2).outcome == "correct"
    with_own = grade("10.4", lambda x, y, s: slow_mmd2(x, y, s, own=True))
    assert with_own.slip == "points paired with themselves"


def test_the_chance_of_a_false_verdict_by_counting():
    rng = np.random.default_rng(0)
    drawn = (rng.random((200_000, 25)) < 0.01).any(axis=1).mean()
    assert grade("10.6", 0.2222).outcome == "correct"
    assert abs(drawn - 0.2222) < 4 * math.sqrt(0.2 * 0.8 / 200_000) + 5e-4
    assert grade("10.6", 0.25).slip == "added up"
    one = 25 * 0.01 * 0.99**24
    assert grade("10.6", round(one, 3)).slip == "exactly one"
    assert grade("10.6", 0.778).slip == "none of them"


@pytest.mark.parametrize(("id", "letter"), [("10.2", "B"), ("10.5", "D"), ("10.8", "DBFAC")])
def test_the_letters(id, letter):
    assert grade(id, letter).outcome == "correct"
    assert grade(id, letter.lower()).outcome == "correct"


def test_two_decimals_of_the_chance_are_enough():
    assert grade("10.6", 0.22).outcome == "correct"
    assert "Give 3 decimals" in grade("10.6", 0.23).message


def test_a_small_test_is_often_silent_about_a_real_difference():
    """What 10.7 is about, on seeds of its own: B is farther by 0.3, and 100 points are held up."""
    silent = []
    for seed in range(100, 160):
        x, a, b = np.random.default_rng(seed).standard_normal((3, 100, 2))
        p = metrics.relative_mmd_test(x, a + np.array([0.5, 0]), b - np.array([0.8, 0])).p
        silent.append(p >= 0.01)
    assert np.mean(silent) > 0.75


def test_the_patient_of_question_10_2_has_the_gauges_that_it_tells():
    trap = next(trap for trap in TRAPS if trap.name == "nearly affine encodings")
    gauge = examine(trap.spring(trap.healthy(0)), 0)
    told = gauge.code_r2, gauge.readout_r2, gauge.features, gauge.encodings
    assert told == pytest.approx((0.99, 0.49, 27, 2.0), rel=0.01)


def test_a_statistic_and_the_points_that_would_decide():
    """Question 10.7 by the normal's table and by drawing means."""
    assert grade("10.7", (-0.75, 16)).outcome == "correct"
    assert abs(NormalDist().cdf(-0.75) - 0.2266) < 1e-4
    rng = np.random.default_rng(3)
    few, many = (rng.standard_normal((4000, n)).mean(axis=1).std() for n in (5, 80))
    assert few / many == pytest.approx(4, rel=0.06)
    assert grade("10.7", (-0.75, 4)).slip == "error like 1/n"
    assert grade("10.7", (0.75, 16)).slip == "turned round"


def test_a_plan_with_the_seeds_that_ran_away_left_out_is_told_so():
    assert "stays in the table" in grade("10.8", "DBFAE").message
    assert "training data" in grade("10.8", "DBFGC").message
    assert "Tune first" in grade("10.8", "DFBAC").message
    assert "write it down first" in grade("10.8", "BFACD").message
