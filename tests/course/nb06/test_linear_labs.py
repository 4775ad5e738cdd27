"""The lab of linear factor analysis against scipy's Gaussians and a second wake-sleep."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from hmlib.course.nb06 import linear_labs as labs
from hmlib.course.nb06 import six_instruments

MACHINES, AVERAGES = tuple(six_instruments.MACHINES), tuple(labs.AVERAGES)
STOPS = [
    (10, "one cause", "drawn"),
    (140, "two causes", "exact"),
    (2000, six_instruments.TURNED, "drawn"),
]


def mean_log_likelihood(gen, u) -> float:
    return multivariate_normal(gen.h, gen.G @ gen.G.T + np.diag(gen.variance)).logpdf(u).mean()


def conditional(gen) -> tuple[np.ndarray, np.ndarray]:
    """Weights and covariance of P[v|u], from the covariances of v and u."""
    C = gen.G @ gen.G.T + np.diag(gen.variance)
    weights = gen.G.T @ np.linalg.inv(C)
    return weights, np.eye(gen.n_v) - weights @ gen.G


def mean_free_energy(step, u) -> float:
    """E_Q log P[v, u] - E_Q log Q[v|u], term by term."""
    gen, rec = step.gen, step.rec
    total = 0.0
    for row in u:
        mean = rec.W @ row + rec.w
        error = row - gen.G @ mean - gen.h
        for a in range(gen.n_v):
            total -= 0.5 * (math.log(2 * math.pi) + mean[a] ** 2 + rec.variance[a])
            total += 0.5 * math.log(2 * math.pi * math.e * rec.variance[a])
        for b in range(gen.n_u):
            blur = sum(gen.G[b, a] ** 2 * rec.variance[a] for a in range(gen.n_v))
            total -= 0.5 * math.log(2 * math.pi * gen.variance[b])
            total -= 0.5 * (error[b] ** 2 + blur) / gen.variance[b]
    return total / len(u)


def second_wake_sleep(gen, rec, u, steps: int) -> tuple[np.ndarray, ...]:
    """Exact wake-sleep in other words: second moments of sources with a 1 for the bias."""
    A = np.column_stack([gen.G, gen.h])
    B = np.column_stack([rec.W, rec.w])
    psi, spread = gen.variance.copy(), rec.variance.copy()
    n_v, n_u = gen.n_v, gen.n_u
    ones = np.column_stack([u, np.ones(len(u))])
    for done in range(steps):
        rate = 0.2 * (1 - done / 10_000)
        v = np.column_stack([ones @ B.T, np.ones(len(u))])
        vv = v.T @ v / len(u) + np.diag([*spread, 0.0])
        uv = u.T @ v / len(u)
        error = (u**2).mean(axis=0) - 2 * np.diag(A @ uv.T) + np.diag(A @ vv @ A.T)
        A, psi = A + rate * (uv - A @ vv), psi + rate * (error - psi)
        G, h = A[:, :n_v], A[:, n_v]
        uu = np.zeros((n_u + 1, n_u + 1))
        uu[:n_u, :n_u] = G @ G.T + np.diag(psi) + np.outer(h, h)
        uu[n_u, :n_u] = uu[:n_u, n_u] = h
        uu[n_u, n_u] = 1
        vu = np.column_stack([G.T, np.zeros(n_v)])
        error = 1 - 2 * np.diag(B @ vu.T) + np.diag(B @ uu @ B.T)
        B, spread = B + rate * (vu - B @ uu), spread + rate * (error - spread)
    return A, psi, B, spread


@pytest.mark.parametrize(("steps", "machine", "averages"), STOPS)
def test_the_numbers_of_the_lab(steps, machine, averages) -> None:
    record = labs.exact_values(steps, machine, averages)
    u = six_instruments.data(six_instruments.MACHINES[machine])
    run = six_instruments.run(machine, labs.AVERAGES[averages], labs.COUNTS)
    now = next(step for step in run if step.count == steps)
    assert record.counts[-1] == steps
    assert (np.diff(record.counts) > 0).all()
    for curve in (record.log_likelihood, record.free_energy, record.below, record.gap):
        assert len(curve) == len(record.counts)
    log_l, free = mean_log_likelihood(now.gen, u), mean_free_energy(now, u)
    assert record.log_likelihood[-1] == pytest.approx(log_l, abs=1e-10)
    assert record.free_energy[-1] == pytest.approx(free, abs=1e-10)
    assert record.gap[-1] == pytest.approx(log_l - free, abs=1e-10)
    assert record.below[-1] == pytest.approx(record.maximum - log_l, abs=1e-10)
    weights, covariance = conditional(now.gen)
    np.testing.assert_allclose(record.posterior_W, weights, atol=1e-10)
    np.testing.assert_allclose(record.W, now.rec.W)
    assert record.apart == pytest.approx(np.abs(now.rec.W - weights).max(), abs=1e-10)
    if now.gen.n_v == 1:
        assert record.correlation is None
    else:
        expected = covariance[0, 1] / math.sqrt(covariance[0, 0] * covariance[1, 1])
        assert record.correlation == pytest.approx(expected, abs=1e-10)


@pytest.mark.parametrize("machine", MACHINES)
def test_exact_wake_sleep_in_other_words_gives_the_same_machine(machine) -> None:
    gen, rec = six_instruments.beginning(machine)
    A, psi, B, spread = second_wake_sleep(gen, rec, six_instruments.data(gen.n_v), 200)
    now = next(
        step for step in six_instruments.run(machine, "exact", labs.COUNTS) if step.count == 200
    )
    np.testing.assert_allclose(np.column_stack([now.gen.G, now.gen.h]), A, atol=1e-9)
    np.testing.assert_allclose(now.gen.variance, psi, atol=1e-9)
    np.testing.assert_allclose(np.column_stack([now.rec.W, now.rec.w]), B, atol=1e-9)
    np.testing.assert_allclose(now.rec.variance, spread, atol=1e-9)


@pytest.mark.parametrize("machine", MACHINES)
def test_the_answer_holds_with_averages_that_are_drawn_and_exact(machine) -> None:
    drawn = labs.exact_values(10_000, machine, "drawn")
    assert drawn.below[-1] < 2e-4
    assert drawn.gap[-1] < 2e-4
    exact = labs.exact_values(10_000, machine, "exact")
    assert exact.below[-1] < 1e-9
    assert exact.gap[-1] < 1e-9
    assert exact.correlation is None or abs(exact.correlation) < 1e-5
    np.testing.assert_allclose(exact.W, exact.posterior_W, atol=1e-5)


def test_no_machine_of_the_lab_is_above_the_maximum() -> None:
    for machine in MACHINES:
        for averages in AVERAGES:
            record = labs.exact_values(10_000, machine, averages)
            assert record.log_likelihood.max() <= record.maximum + 1e-10
            assert record.gap.min() > -1e-12


def test_the_turned_machine_begins_at_the_maximum_leaves_it_and_comes_back() -> None:
    gen, rec = six_instruments.beginning(six_instruments.TURNED)
    u = six_instruments.data(2)
    assert mean_log_likelihood(gen, u) == pytest.approx(six_instruments.maximum(2), abs=1e-10)
    _, covariance = conditional(gen)
    assert covariance[0, 1] / math.sqrt(covariance[0, 0] * covariance[1, 1]) > 0.3
    # Equal variances: a turn by 45 degrees makes the two most dependent.
    assert covariance[0, 0] == pytest.approx(covariance[1, 1], abs=1e-10)
    np.testing.assert_allclose(rec.variance, np.diag(covariance), atol=1e-12)
    record = labs.exact_values(10_000, six_instruments.TURNED, "exact")
    assert record.below.max() > 0.02
    assert record.below[-1] < 1e-9


def test_a_longer_run_keeps_what_a_shorter_one_showed() -> None:
    short = labs.exact_values(100, "one cause", "drawn")
    long = labs.exact_values(1000, "one cause", "drawn")
    for curve in (
        lambda record: record.counts,
        lambda record: record.log_likelihood,
        lambda record: record.free_energy,
        lambda record: record.below,
        lambda record: record.gap,
    ):
        assert (curve(long)[: len(curve(short))] == curve(short)).all()


def test_small_numbers_are_put_into_words() -> None:
    lab = labs.turned().predict()
    lab.set(steps=10_000, averages="exact", machine="one cause")
    assert "maximum - L = under 0.0000001" in lab.readout
    assert "L is under 0.0000001 below the maximum" in lab.alt
    assert "one cause, no correlation" in lab.readout
    assert "given a reading: +0.000" in lab.set(machine="two causes").readout
