"""Recognition-parametrised models by loops over all patterns and all causes."""

from __future__ import annotations

import itertools
import math
import re

import numpy as np
import pytest

from hmlib import datasets
from hmlib.rivals import recognition_parametrised
from hmlib.rivals.recognition_factors import _objective, m_phase

PARTS = [[0, 2], [1], [3, 4]]


def data(seed: int = 0, n: int = 60) -> tuple[np.ndarray, np.ndarray]:
    """Patterns of two hidden kinds, and their weights."""
    rng = np.random.default_rng(seed)
    chance = np.where(
        rng.random((n, 1)) < 0.4, [0.9, 0.8, 0.7, 0.2, 0.1], [0.2, 0.1, 0.3, 0.7, 0.6]
    )
    return (rng.random((n, 5)) < chance).astype(float), rng.dirichlet(np.ones(n))


def fitted(factors: str = "table", steps: int = 3, k: int = 3, seed: int = 1):
    u, weights = data()
    rng = np.random.default_rng(seed)
    return recognition_parametrised(u, PARTS, k, rng, weights=weights, factors=factors, steps=steps)


def slow_probability(model, row) -> list[float]:
    """P[u, z] for every z, by the formula."""
    found = []
    for z, log_prior in enumerate(model.log_prior.tolist()):
        p = math.exp(log_prior)
        for part, values, shares, log_f in zip(
            model.parts, model.values, model.shares, model.log_factors, strict=True
        ):
            F = sum(math.exp(s) * math.exp(f) for s, f in zip(shares, log_f[:, z], strict=True))
            at = [v.tolist() for v in values].index([row[i] for i in part])
            p *= math.exp(shares[at]) * math.exp(log_f[at, z]) / F
        found.append(p)
    return found


@pytest.mark.parametrize("factors", ["table", "linear"])
def test_the_density_is_the_formula_and_sums_to_one(factors) -> None:
    model, u = fitted(factors), np.array(list(itertools.product([0.0, 1.0], repeat=5)))
    slow = np.array([slow_probability(model, row) for row in u.tolist()])
    np.testing.assert_allclose(np.exp(model.joint(u)), slow, atol=1e-12)
    assert np.exp(model.log_prob(u)).sum() == pytest.approx(1)
    np.testing.assert_allclose(
        model.posterior(u), slow / slow.sum(axis=1, keepdims=True), atol=1e-12
    )
    for log_f in model.log_factors:
        np.testing.assert_allclose(np.exp(log_f).sum(axis=1), 1)


@pytest.mark.parametrize("factors", ["table", "linear"])
def test_each_part_alone_has_the_shares_that_were_observed(factors) -> None:
    """Where EM has ended; with tables, F_j is the prior after any step."""
    u, weights = data()
    model = fitted(factors, steps=3000)
    everything = np.array(list(itertools.product([0.0, 1.0], repeat=5)))
    p = np.exp(model.log_prob(everything))
    for part in PARTS:
        for value in itertools.product([0.0, 1.0], repeat=len(part)):
            dreamt = p[(everything[:, part] == value).all(axis=1)].sum()
            seen = weights[(u[:, part] == value).all(axis=1)].sum()
            assert dreamt == pytest.approx(seen, abs=2e-4)


@pytest.mark.long
@pytest.mark.parametrize("factors", ["table", "linear"])
def test_no_step_of_em_lowers_the_likelihood(factors) -> None:
    u, weights = data()
    reached = [weights @ fitted(factors, steps).log_prob(u) for steps in range(1, 25)]
    assert (np.diff(reached) > -1e-9).all()
    assert reached[-1] > reached[0] + 0.05


def test_with_tables_a_step_is_one_of_latent_class_analysis() -> None:
    """Shares of each value under each cause, counted in loops with the posterior before."""
    u, weights = data()
    before, after = fitted(steps=2), fitted(steps=3)
    q = np.array([slow_probability(before, row) for row in u.tolist()])
    q = weights[:, None] * q / q.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(np.exp(after.log_prior), q.sum(axis=0), atol=1e-12)
    for part, values, log_p in zip(PARTS, after.values, after.log_conditionals, strict=True):
        for value, row in zip(values, np.exp(log_p), strict=True):
            same = (u[:, part] == value).all(axis=1)
            np.testing.assert_allclose(row, q[same].sum(axis=0) / q.sum(axis=0), atol=1e-9)


def test_the_slope_of_the_m_phase_is_a_central_difference() -> None:
    rng = np.random.default_rng(0)
    table, features, W = rng.random((6, 3)), rng.normal(size=(6, 4)), rng.normal(size=(4, 3))
    slope = np.zeros_like(W)
    for i in np.ndindex(W.shape):
        up, down = W.copy(), W.copy()
        up[i] += 1e-5
        down[i] -= 1e-5
        values = [_objective(at, table, features)[0] for at in (up, down)]
        slope[i] = (values[0] - values[1]) / 2e-5
    np.testing.assert_allclose(_objective(W, table, features)[1], slope, atol=1e-6)


def test_the_closed_m_phase_is_where_the_slope_ends() -> None:
    rng = np.random.default_rng(1)
    table, features = rng.random((6, 3)), np.eye(6)
    W = m_phase(table, features, rng.normal(size=(6, 3)), "table")
    value, slope = _objective(W, table, features)
    assert np.abs(slope).max() < 1e-9
    for _ in range(50):
        other = rng.normal(size=W.shape)
        assert _objective(W + other, table, features)[0] < value


def test_dreams_are_as_frequent_as_their_probability() -> None:
    model = fitted("linear", steps=20)
    u, counts = np.unique(
        model.sample(np.random.default_rng(0), 20_000), axis=0, return_counts=True
    )
    p = np.exp(model.log_prob(u))
    assert np.abs((counts - 20_000 * p) / np.sqrt(20_000 * p * (1 - p))).max() < 4.5


def test_it_finds_the_direction_that_the_rows_of_a_picture_share() -> None:
    """Vertical and horizontal bars: pixels of different rows have only the bars in common."""
    world, rng = datasets.stripes(3), np.random.default_rng(0)
    parts = [np.arange(3), np.arange(3, 6), np.arange(6, 9)]
    one, many = (
        max(
            world.weights
            @ recognition_parametrised(world.u, parts, k, rng, weights=world.weights).log_prob(
                world.u
            )
            for _ in range(5)
        )
        for k in (1, 12)
    )
    assert one < many - 1
    assert many <= -world.entropy + 1e-9


def test_what_was_never_seen_is_impossible() -> None:
    u = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0]])[[0, 1, 0]]
    model = recognition_parametrised(u, [[0], [1]], 2, np.random.default_rng(0))
    assert model.log_prob([[1.0, 0.0]])[0] == -np.inf
    with pytest.raises(ValueError, match="never seen"):
        model.posterior([[1.0, 0.0]])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"u": [[0.5, 1.0]]}, "u contains 0.5"),
        ({"parts": [[0, 1, 2, 3, 4]]}, "accepted: two or more lists"),
        ({"parts": [[0, 1], [1, 2, 3, 4]]}, "parts are [[0, 1], [1, 2, 3, 4]]"),
        ({"parts": [[0, 1], [3, 4]]}, "share the inputs 0 to 4"),
        ({"parts": [[0.0, 1.0, 2.0], [3.0, 4.0]]}, "accepted: two or more lists"),
        ({"k": 0}, "k is 0"),
        ({"rng": 1}, "rng is 1"),
        ({"factors": "net"}, "factors is 'net'; accepted: 'table', 'linear'"),
        ({"steps": 0}, "steps is 0"),
        ({"weights": [1.0]}, "weights has length 1"),
    ],
)
def test_bad_arguments_are_named(change, words) -> None:
    arguments = {"u": data()[0], "parts": PARTS, "k": 2, "rng": np.random.default_rng(0)} | change
    with pytest.raises(ValueError, match=re.escape(words)):
        recognition_parametrised(**arguments)
