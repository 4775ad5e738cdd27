"""The questions of notebook 07, against slow loops and closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from oracles import factorised
from scipy.optimize import linprog, minimize

from hmlib.check import grade, questions

CASES = {question.id: question for question in questions("07")}


def slow_q(eta, T, base):
    """base exp(eta . T) / Z, one place after the other."""
    heights = [
        float(m) * math.exp(sum(float(a) * float(t) for a, t in zip(eta, row, strict=True)))
        for m, row in zip(base, T, strict=True)
    ]
    return [h / sum(heights) for h in heights]


def averages(q, T):
    return np.array([sum(p * t for p, t in zip(q, column, strict=True)) for column in T.T])


def slow_mismatch(eta, T, base, code):
    return averages(slow_q(eta, T, base), T) - code


def slow_read_off(T, f, code, rho):
    """Least squares with a ridge, as least squares with K more rows: sqrt(n rho) times unity."""
    n, K = T.shape
    rows = np.vstack([T, math.sqrt(n * rho) * np.eye(K)])
    alpha = np.linalg.lstsq(rows, np.r_[f, np.zeros(K)], rcond=None)[0]
    return sum(a * r for a, r in zip(alpha, code, strict=True))


def slow_bound(f, T, alpha):
    return 2 * max(
        abs(y - sum(a * t for a, t in zip(alpha, row, strict=True)))
        for y, row in zip(f, T, strict=True)
    )


@pytest.mark.parametrize(
    ("id", "slow"), [("07.3", slow_mismatch), ("07.6", slow_read_off), ("07.8", slow_bound)]
)
def test_slow_loops_are_accepted(id, slow):
    for seed in range(3):
        assert grade(id, slow, seed).outcome == "correct"


def test_the_mismatch_is_the_slope_of_the_dual():
    case = CASES["07.3"].draw(0)[0]
    eta, T, base, code = case.values()

    def dual(weights):
        return math.log(sum(b * math.exp(t @ weights) for b, t in zip(base, T, strict=True))) - (
            weights @ code
        )

    steps = 1e-6 * np.eye(len(eta))
    slope = [(dual(eta + step) - dual(eta - step)) / 2e-6 for step in steps]
    assert slow_mismatch(eta, T, base, code) == pytest.approx(slope, abs=1e-7)


def test_the_bound_is_reached_by_no_pair_with_one_code():
    case = CASES["07.8"].draw(0)[0]
    f, T, alpha = case.values()
    n, K = T.shape
    ones = np.r_[np.ones(n), np.zeros(n)][None]
    most = linprog(
        np.r_[-f, f], A_eq=np.vstack([np.hstack([T.T, -T.T]), ones, np.roll(ones, n, axis=1)]),
        b_eq=np.r_[np.zeros(K), 1, 1], bounds=[(0, None)] * (2 * n),
    )  # fmt: skip
    assert 0 < -most.fun <= slow_bound(f, T, alpha)


def test_another_alpha_bounds_the_jump_by_one_half_and_a_pair_reaches_it():
    places, f = np.array([-1.0, 0, 1]), np.array([0.0, 0, 1])
    assert slow_bound(f, np.column_stack([places, np.ones(3)]), np.array([1 / 2, 1 / 4])) == 1 / 2
    one, two = np.array([0.0, 1, 0]), np.array([1 / 2, 0, 1 / 2])
    assert one @ places == two @ places
    assert abs(one @ f - two @ f) == 1 / 2


def test_the_code_by_hand():
    chances = {0: 1 / 2, 1: 1 / 4, 2: 1 / 4}
    code = tuple(sum(p * z**k for z, p in chances.items()) for k in (1, 2, 0))
    assert grade("07.1", code).outcome == "correct"
    mean = code[0]
    assert grade("07.1", (mean, mean**2, 1)).slip == "function of the average"
    assert grade("07.1", (1, 5 / 3, 1)).slip == "probabilities left out"
    assert grade("07.1", (mean, code[1] - mean**2, 1)).slip == "variance"


def test_what_a_linear_code_says():
    posterior = {(0, 0): 0.05, (0, 1): 0.45, (1, 0): 0.35, (1, 1): 0.15}
    means = [sum(p * pattern[a] for pattern, p in posterior.items()) for a in (0, 1)]
    table = factorised(means)
    right = table[1, 1], table[0, 0]
    assert grade("07.5", right).outcome == "correct"

    # No other table with these means has more entropy.
    def entropy(both):
        parts = [both, means[0] - both, means[1] - both, 1 - means[0] - means[1] + both]
        return sum(p * math.log(p) for p in parts)

    best = minimize(lambda x: entropy(x[0]), [0.2], bounds=[(0.11, 0.49)]).x[0]
    assert best == pytest.approx(right[0], abs=1e-4)
    assert grade("07.5", (posterior[1, 1], posterior[0, 0])).slip == "the posterior itself"
    assert grade("07.5", tuple(means)).slip == "the two means"
    assert grade("07.5", right[::-1]).slip == "swapped"


def test_the_code_of_a_mixture_from_draws():
    first, second = np.array([0.2, 0.8]), np.array([0.6, -0.4])
    # A list of values of which one in four comes from the first.
    values = [first, second, second, second]
    assert grade("07.7", tuple(sum(values) / 4)).outcome == "correct"
    assert grade("07.7", tuple((first + second) / 2)).slip == "halves"
    assert grade("07.7", tuple(first * second)).slip == "product"
    assert grade("07.7", tuple(first + second)).slip == "sum"
    assert grade("07.7", tuple((3 * first + second) / 4)).slip == "shares swapped"


def test_the_jump_read_off():
    places, f = np.array([-1.0, 0, 1]), np.array([0.0, 0, 1])
    chances = np.array([0.3, 0.5, 0.2])
    line = np.polyfit(places, f, 1)
    read = float(np.polyval(line, chances @ places))  # a line: its average is at the average
    rest = np.abs(f - np.polyval(line, places)).max()
    assert grade("07.10", (read, 2 * rest)).outcome == "correct"
    assert grade("07.10", (chances @ f, 2 * rest)).slip == "the true average"
    assert grade("07.10", (read, rest)).slip == "once for twice"
    assert grade("07.10", (f.mean(), 2 * rest)).slip == "mean over the places"


@pytest.mark.parametrize(
    ("slip", "wrong"),
    [
        ("wrong sign", lambda *given: -slow_mismatch(*given)),
        ("base left out", lambda e, T, m, r: slow_mismatch(e, T, np.ones(len(m)), r)),
        ("code not subtracted", lambda e, T, m, r: slow_mismatch(e, T, m, r) + r),
        ("eta left out", lambda e, T, m, r: averages(m, T) - r),
        (
            "not normalised",
            lambda e, T, m, r: (
                averages([b * math.exp(t @ e) for b, t in zip(m, T, strict=True)], T) - r
            ),
        ),
    ],
)
def test_a_slip_in_the_mismatch_made_by_hand_is_recognised(slip, wrong):
    assert grade("07.3", wrong).slip == slip


@pytest.mark.parametrize(
    ("slip", "wrong"),
    [
        ("ridge left out", lambda T, f, r, rho: slow_read_off(T, f, r, 0.0)),
        ("ridge not to scale", lambda T, f, r, rho: slow_read_off(T, f, r, rho / len(f))),
        ("average over the values", lambda T, f, r, rho: sum(f) / len(f)),
        (
            "regression left out",
            lambda T, f, r, rho: sum(a * sum(t * f) / len(f) for a, t in zip(r, T.T, strict=True)),
        ),
    ],
)
def test_a_slip_in_the_read_off_made_by_hand_is_recognised(slip, wrong):
    assert grade("07.6", wrong).slip == slip


@pytest.mark.parametrize(
    ("slip", "wrong"),
    [
        ("once for twice", lambda f, T, a: slow_bound(f, T, a) / 2),
        ("sign kept", lambda f, T, a: 2 * max(f - T @ a)),
        (
            "weights of its own",
            lambda f, T, a: slow_bound(f, T, np.linalg.lstsq(T, f, rcond=None)[0]),
        ),
        ("mean for max", lambda f, T, a: 2 * sum(abs(f - T @ a)) / len(f)),
        ("f itself", lambda f, T, a: slow_bound(f, T, 0 * a)),
    ],
)
def test_a_slip_in_the_bound_made_by_hand_is_recognised(slip, wrong):
    for seed in range(3):
        assert grade("07.8", wrong, seed).slip == slip


def told(id, answer):
    return " ".join(grade(id, answer).message.split())


def test_half_finished_answers_are_told_what_is_left():
    """What is right so far is called right, and the next step is named."""

    def q_alone(eta, T, base, code):
        return np.array(slow_q(eta, T, base))

    assert "This is q, and it is right." in told("07.3", q_alone)
    assert "This is the rest, and it is right." in told("07.8", lambda f, T, alpha: f - T @ alpha)
    assert "Now twice the largest." in told("07.8", lambda f, T, alpha: np.abs(f - T @ alpha))
    assert "What is read off is right." in told("07.10", (17 / 60, 0.5))


def test_a_line_that_knows_the_chances_is_told_apart_from_the_true_average():
    # The chances as weights: the line nearest to (-1, 0), (0, 0), (1, 1), by normal equations.
    chances, z, f = np.array([0.3, 0.5, 0.2]), np.array([-1, 0, 1]), np.array([0, 0, 1])
    A = np.array([[chances @ z**2, chances @ z], [chances @ z, 1.0]])
    slope, at_0 = np.linalg.solve(A, [chances @ (z * f), chances @ f])
    bound = 2 * np.abs(f - slope * z - at_0).max()
    assert at_0 + slope * (chances @ z) == pytest.approx(0.2)
    assert "You weighted the places" in told("07.10", (0.2, bound))
    assert "is the true average" in told("07.10", (0.2, 2 / 3))


def test_a_ridge_off_the_diagonal_is_named():
    def slip(T, f, code, rho):
        return code @ np.linalg.solve(T.T @ T / len(T) + rho, T.T @ f / len(T))

    assert "belongs on the diagonal alone" in told("07.6", slip)
