"""Units of the data: rescaled and shifted data give the same dreams, rescaled and shifted."""

from __future__ import annotations

import numpy as np
import pytest

from hmlib import metrics, rivals
from hmlib.ddc import Bernoulli, Chain, Network, StandardNormal

SCALES = [([1000.0, 0.001], [3e4, -2.0]), ([1e-9, 1e9], [0.0, 1e10]), ([0.7, 1.9], [0.4, 0.0])]


def eight_gaussians(rng: np.random.Generator, n: int) -> np.ndarray:
    angle = 2 * np.pi * rng.integers(8, size=n) / 8
    return 2 * np.stack([np.cos(angle), np.sin(angle)], axis=1) + 0.2 * rng.standard_normal((n, 2))


def dreams_of(x: np.ndarray, k: int, steps: int) -> np.ndarray:
    *_, last = rivals.fit(
        None, x, np.random.default_rng(1), k, steps, lambda done: 0.01 * (1 - done / steps),
        encoder_units=40, every=steps,
    )  # fmt: skip
    return last.model.sample(np.random.default_rng(2), 800)[0]


@pytest.mark.parametrize(("scale", "shift"), SCALES)
@pytest.mark.parametrize("k", [1, 4])
def test_rescaled_and_shifted_data_give_the_same_dreams(scale, shift, k: int) -> None:
    x = eight_gaussians(np.random.default_rng(0), 400)
    here, there = dreams_of(x, k, 30), dreams_of(shift + scale * x, k, 30)
    np.testing.assert_allclose((there - shift) / scale, here, atol=1e-5)


@pytest.mark.long
def test_eight_gaussians_are_learnt_in_any_unit() -> None:
    """What one bit of rounding becomes in many steps is no concern of the judge."""
    x, (scale, shift) = eight_gaussians(np.random.default_rng(0), 1500), SCALES[0]
    test = eight_gaussians(np.random.default_rng(5), 1000)
    for dreams in (dreams_of(x, 4, 600), (dreams_of(shift + scale * x, 4, 600) - shift) / scale):
        assert metrics.mmd2(test, dreams) < 0.015


def test_coins_have_no_unit() -> None:
    rng = np.random.default_rng(0)
    model = Chain((Bernoulli(rng.normal(size=(4, 2)), rng.normal(size=4)), StandardNormal(2)))
    x = (rng.random((50, 4)) < 0.1).astype(float)
    *_, last = rivals.fit(model, x, rng, steps=1, rate=0.01, encoder_units=5)
    # Adam's first move is the rate itself, in every parameter that has a gradient.
    np.testing.assert_allclose(
        np.abs(last.model.ravel() - model.ravel()), 0.01, rtol=1e-4, atol=1e-9
    )


@pytest.mark.parametrize("value", [0.0, 0.1, 1e6])
def test_a_column_that_never_moves_is_said_and_survived(value: float) -> None:
    x = np.column_stack([np.random.default_rng(0).normal(size=100), np.full(100, value)])
    with pytest.warns(RuntimeWarning, match="1 of 2 coordinates never change"):
        steps = rivals.fit(None, x, np.random.default_rng(1), steps=40, rate=0.01, every=40)
    *_, last = steps
    dreams = last.model.sample(np.random.default_rng(2), 500)[0]
    assert abs(np.median(dreams[:, 1]) - value) < 0.5
    network = last.model.layers[0]
    assert isinstance(network, Network)
    assert np.isfinite(last.model.ravel()).all()
