"""The questions of notebook 08, against slow loops and answers made by hand."""

import math

import numpy as np
import pytest

from hmlib.check import grade

NEAR, FAR = [-1, -1, 1, 1, 1], [-2, 2, 2]


def slow_weights(F, Y, ridge):
    """Ridge regression as plain least squares with extra rows, one column at a time."""
    n, m = F.shape
    rows = np.vstack([F / math.sqrt(n), math.sqrt(ridge) * np.eye(m)])
    columns = [np.r_[y / math.sqrt(n), np.zeros(m)] for y in Y.T]
    return np.array([np.linalg.lstsq(rows, c, rcond=None)[0] for c in columns])


def slow_R(phi, T, ridge):
    return slow_weights(phi, T, ridge)


def slow_step(R, phi, T, rate):
    new = R.copy()
    length = sum(a * a for a in phi)
    for i in range(len(T)):
        error = T[i] - sum(R[i, j] * phi[j] for j in range(len(phi)))
        for j in range(len(phi)):
            new[i, j] += rate * error * phi[j] / length
    return new


def slow_kl_slope(T, q, target):
    """By small steps: r moved along each axis by the eta that moves it, found by Newton."""

    def member(r):
        eta = np.zeros(len(r))
        for _ in range(50):
            heights = [float(a) * math.exp(t @ eta) for a, t in zip(q, T, strict=True)]
            now = np.array(heights) / sum(heights)
            away = T - now @ T
            eta = eta + np.linalg.solve((away.T * now) @ away, r - now @ T)
        return eta, math.log(sum(heights))

    def kl(r):
        eta, log_z = member(r)
        return log_z - eta @ target

    here, step = q @ T, 1e-4
    axes = step * np.eye(len(here))
    return [(kl(here + e) - kl(here - e)) / (2 * step) for e in axes]


def slow_wake_slope(T, J, mu_J, x, r, ridge):
    alpha, beta = slow_weights(T, J, ridge), slow_weights(T, mu_J, ridge)
    rows = [
        [v * sum(a * b) - sum(c * b) for a, c in zip(alpha, beta, strict=True)]
        for v, b in zip(x, r, strict=True)
    ]
    return np.mean(rows, axis=0)


@pytest.mark.parametrize(
    ("id", "slow"),
    [
        ("08.3", slow_R),
        ("08.4", slow_step),
        ("08.5", slow_kl_slope),
        ("08.9", slow_wake_slope),
    ],
)
def test_slow_loops_are_accepted(id, slow):
    for seed in range(3):
        assert grade(id, slow, seed).outcome == "correct"


@pytest.mark.parametrize(
    ("slip", "wrong"),
    [
        ("transposed", lambda phi, T, ridge: slow_R(phi, T, ridge).T),
        ("no ridge", lambda phi, T, ridge: np.linalg.lstsq(phi, T, rcond=None)[0].T),
        ("not solved", lambda phi, T, ridge: T.T @ phi / len(T)),
        ("regressed the other way", lambda phi, T, ridge: slow_R(T, phi, ridge)),
        (
            "ridge beside sums",
            lambda phi, T, ridge: (
                np.linalg.solve(phi.T @ phi + ridge * np.eye(phi.shape[1]), phi.T @ T).T
            ),
        ),
        (
            "cross product not averaged",
            lambda phi, T, ridge: (
                np.linalg.solve(phi.T @ phi / len(phi) + ridge * np.eye(phi.shape[1]), phi.T @ T).T
            ),
        ),
    ],
)
def test_a_slip_in_equation_7_made_by_hand_is_recognised(slip, wrong):
    assert grade("08.3", wrong).slip == slip


@pytest.mark.parametrize(
    ("slip", "wrong"),
    [
        (
            "wrong direction",
            lambda R, phi, T, rate: R + rate * np.outer(R @ phi - T, phi) / (phi @ phi),
        ),
        ("step alone", lambda R, phi, T, rate: rate * np.outer(T - R @ phi, phi) / (phi @ phi)),
        ("not divided", lambda R, phi, T, rate: R + rate * np.outer(T - R @ phi, phi)),
        ("prediction left out", lambda R, p, T, rate: R + rate * np.outer(T, p) / (p @ p)),
        ("twice the rate", lambda R, phi, T, rate: slow_step(R, phi, T, 2 * rate)),
    ],
)
def test_a_slip_in_the_delta_rule_made_by_hand_is_recognised(slip, wrong):
    assert grade("08.4", wrong).slip == slip


def test_after_a_step_the_error_is_smaller_by_the_rate():
    rng = np.random.default_rng(0)
    R, phi, T = rng.normal(size=(4, 3)), rng.normal(size=3), rng.normal(size=4)
    before, after = T - R @ phi, T - slow_step(R, phi, T, 0.35) @ phi
    assert after == pytest.approx(0.65 * before)


def test_the_code_by_hand():
    near, far = np.mean(NEAR), np.mean(FAR)
    squares = [(z - near) ** 2 for z in NEAR] + [(z - far) ** 2 for z in FAR]
    assert grade("08.2", (near, far, np.mean(squares))).outcome == "correct"
    for other in (near - 0.1, near + 0.1):
        assert sum((z - other) ** 2 for z in NEAR) > sum((z - near) ** 2 for z in NEAR)
    both = np.mean(NEAR + FAR)
    slips = {
        "sum of squares": (near, far, sum(squares)),
        "mean of the two groups": (near, far, (np.mean(squares[:5]) + np.mean(squares[5:])) / 2),
        "one average for all": (both, both, np.var(NEAR + FAR)),
        "error of zero": (near, far, 0),
    }
    for slip, answer in slips.items():
        assert grade("08.2", answer).slip == slip


def test_the_most_frequent_place_has_the_error_that_is_recognised():
    squares = [(z - 1) ** 2 for z in NEAR] + [(z - 2) ** 2 for z in FAR]
    assert grade("08.2", (1, 2, np.mean(squares))).slip == "most frequent place"
    squares = [z**2 for z in NEAR + FAR]
    assert grade("08.2", (0, 0, np.mean(squares))).slip == "middle of the two places"


def test_the_read_out_by_hand():
    slope, intercept = np.polyfit([1, 1, 2, 2], [1, 1, 8, 8], 1)
    assert grade("08.8", (slope, intercept, slope * 1.4 + intercept)).outcome == "correct"
    assert slope * 1.4 + intercept == pytest.approx(0.6 * 1 + 0.4 * 8)
    through = np.dot([1, 2], [1, 8]) / np.dot([1, 2], [1, 2])
    assert grade("08.8", (through, 0, through * 1.4)).slip == "through the origin"
    assert grade("08.8", (slope, intercept, 1.4**3)).slip == "function of the average"
    assert grade("08.8", (slope, intercept, (1 + 1 + 8 + 8) / 4)).slip == "average over the dreams"


@pytest.mark.parametrize(
    ("slip", "wrong"),
    [
        (
            "covariance left out",
            lambda T, q, t: [sum(q * c) - a for c, a in zip(T.T, t, strict=True)],
        ),
        ("wrong sign", lambda T, q, t: [-v for v in slow_kl_slope(T, q, t)]),
        ("not inverted", lambda T, q, t: np.cov(T.T, aweights=q, bias=True) @ (q @ T - t)),
        ("variances alone", lambda T, q, t: (q @ T - t) / (q @ T**2 - (q @ T) ** 2)),
        ("target not subtracted", lambda T, q, t: slow_kl_slope(T, q, 0 * t)),
    ],
)
def test_a_slip_in_the_slope_made_by_hand_is_recognised(slip, wrong):
    assert grade("08.5", wrong).slip == slip


@pytest.mark.parametrize(
    ("slip", "wrong"),
    [
        (
            "no ridge",
            lambda T, J, m, x, r, ridge: (
                x[:, None] * (r @ np.linalg.lstsq(T, J, rcond=None)[0])
                - r @ np.linalg.lstsq(T, m, rcond=None)[0]
            ).mean(axis=0),
        ),
        ("second part left out", lambda T, J, m, *rest: slow_wake_slope(T, J, 0 * m, *rest)),
        ("x left out", lambda T, J, m, x, *rest: slow_wake_slope(T, J, m, x**0, *rest)),
        ("sum over the data", lambda T, J, m, x, *rest: (
            len(x) * slow_wake_slope(T, J, m, x, *rest))),
        ("wrong sign", lambda *given: -slow_wake_slope(*given)),
        ("dreams without data", lambda T, J, m, x, r, ridge: np.mean(
            [x.mean() * a - b for a, b in zip(J, m, strict=True)], axis=0)),
    ],
)  # fmt: skip
def test_a_slip_in_the_night_and_morning_made_by_hand_is_recognised(slip, wrong):
    assert grade("08.9", wrong).slip == slip
