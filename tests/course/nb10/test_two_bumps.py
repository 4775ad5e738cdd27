"""The world of the traps, against slow sums, central differences and many dreams."""

from __future__ import annotations

import math

import numpy as np
import pytest

from hmlib import ddc
from hmlib.course.nb10.two_bumps import (
    GONE,
    MODELS,
    NOISELESS,
    WORLD,
    Centred,
    below,
    chain,
    exact,
    layers,
)

# The exact values


def slow_log_p(A, noise, a, spread, row) -> float:
    """log p(x) of one row, by loops over coarse grids of z_2 and z_1."""
    total = 0.0
    steps = [(-1.5 + 0.5 * t, t) for t in np.linspace(-3, 3, 7)]
    steps += [(1.5 + 0.5 * t, t) for t in np.linspace(-3, 3, 7)]
    # The other bump counts as well, wherever z_2 is.
    weights = [
        math.exp(-(((z + 1.5) / 0.5) ** 2) / 2) + math.exp(-(((z - 1.5) / 0.5) ** 2) / 2)
        for z, _ in steps
    ]
    step = 0.02
    for (z_2, _), weight in zip(steps, weights, strict=True):
        for z_1 in np.arange(-6, 6, step):
            p = math.exp(-(((z_1 - a * z_2) / spread) ** 2) / 2) / spread
            for i in range(2):
                p *= math.exp(-(((row[i] - A[i] * z_1) / noise) ** 2) / 2) / noise
            total += weight / sum(weights) * p * step / (2 * math.pi) ** 1.5
    return math.log(total)


def test_the_likelihood_is_that_of_slow_sums() -> None:
    parts = ((0.8, 0.9), 0.4, 0.6, 0.7)
    x = np.array([[0.3, -1.0], [2.0, 1.5], [-0.5, 0.2]])
    expected = np.mean([slow_log_p(*parts, row) for row in x])
    assert exact(chain(*parts), x).log_likelihood == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("name", list(MODELS))
def test_the_gradient_is_that_of_central_differences(name: str) -> None:
    model, x = MODELS[name], WORLD.sample(np.random.default_rng(1), 20)[0]
    theta, h = model.ravel(), 1e-5
    expected = [
        (
            exact(model.like(theta + h * e), x).log_likelihood
            - exact(model.like(theta - h * e), x).log_likelihood
        )
        / (2 * h)
        for e in np.eye(theta.size)
    ]
    np.testing.assert_allclose(exact(model, x).gradient, expected, rtol=1e-5, atol=1e-6)


def test_the_posterior_says_the_share_of_dreams_near_an_observation() -> None:
    model = MODELS["halfway"]
    x, z, _ = model.sample(np.random.default_rng(2), 400_000)
    here = np.array([[0.5, 0.4]])
    near = np.abs(x - here).max(axis=1) < 0.08
    found = exact(model, here).code(lambda z: np.column_stack([z, z**2]))[0]
    assert near.sum() > 1000
    error = 4 / math.sqrt(near.sum())
    assert z[near].mean() == pytest.approx(found[0], abs=error)
    assert (z[near] ** 2).mean() == pytest.approx(found[1], abs=error)


# The family whose Jacobian is square


def test_centred_is_a_gaussian_without_biases() -> None:
    rng = np.random.default_rng(3)
    A, log_var, z = rng.standard_normal((2, 1)), rng.standard_normal(2), rng.standard_normal((6, 1))
    family = Centred(A, log_var)
    y = family.sample(np.random.default_rng(4), z)
    whole = ddc.Gaussian(A, np.zeros(2), log_var)
    np.testing.assert_allclose(family.log_prob(y, z), whole.log_prob(y, z))
    theta, h = family.ravel(), 1e-6
    for k, e in enumerate(np.eye(theta.size)):
        up, down = family.like(theta + h * e), family.like(theta - h * e)
        slope = (up.log_prob(y, z) - down.log_prob(y, z)) / (2 * h)
        np.testing.assert_allclose(family.score(y, z)[:, k], slope, rtol=1e-5, atol=1e-6)


# What is made of them


def test_the_world_falls_short_of_itself_by_nothing() -> None:
    assert below(WORLD, WORLD) == 0
    assert 0.5 < below(WORLD, MODELS["start"]) < GONE
    assert below(NOISELESS, MODELS["late"]) > 1
    lost = chain((0.0, 0.0), 1e-9, 1.0, 1.0)
    assert below(WORLD, lost) == GONE


def test_the_layers_of_another_chain_are_refused() -> None:
    bottom, middle, top = layers(WORLD)
    assert (bottom, middle, top) == WORLD.layers
    with pytest.raises(ValueError, match=r"model is Chain 1-1: .*; accepted: a chain as `chain`"):
        layers(ddc.Chain((middle, top)))
