"""Controls for six latents: each gradient against finite differences, each way on easy data."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.recognisers import guided_from_data, looking_autoencoder, looking_bound
from hmlib import ddc, metrics
from hmlib.ddc.looks import Looking


@pytest.fixture
def world() -> tuple[ddc.Chain, Looking, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((5, 3)) * (1.0, 2.0, 0.5)
    model = ddc.fresh(x, rng, latents=2, hidden=4, variance=0.3, bend=False)
    q = Looking.random(rng, model, x, units=6)
    # Away from the start, where all guesses are alike.
    q = q.with_learnt(q.learnt() + 0.3 * rng.standard_normal(q.learnt().size))
    return model, q, x, rng.standard_normal((5, 4, 2))


def differences(function, vector: np.ndarray, h: float = 1e-5) -> np.ndarray:
    steps = h * np.eye(vector.size)
    return np.array([(function(vector + s) - function(vector - s)) / (2 * h) for s in steps])


def test_the_gradient_in_both_networks_is_that_of_finite_differences(world) -> None:
    model, q, x, noise = world
    _, _, d_q = looking_bound(model, q, x, noise)

    def mean_bound(vector: np.ndarray) -> float:
        return looking_bound(model, q.with_learnt(vector), x, noise)[0].mean()

    np.testing.assert_allclose(d_q, differences(mean_bound, q.learnt()), atol=1e-7)


def test_the_gradient_in_the_model_takes_what_is_looked_at_as_it_comes(world) -> None:
    model, q, x, noise = world
    _, d_model, _ = looking_bound(model, q, x, noise)

    def mean_bound(vector: np.ndarray) -> float:
        return looking_bound(model.like(vector), q, x, noise)[0].mean()

    np.testing.assert_allclose(d_model, differences(mean_bound, model.ravel()), atol=1e-7)


def test_the_bound_of_one_guess_is_what_the_densities_say(world) -> None:
    model, q, x, noise = world
    found, _, _ = looking_bound(model, q, x, noise[:, :1])
    m, C = q.said_of(x)
    for i in range(len(x)):
        covariance = np.linalg.inv(C[i] @ C[i].T)
        z = m[i] + np.linalg.inv(C[i].T) @ noise[i, 0]
        log_q = -(z - m[i]) @ np.linalg.solve(covariance, z - m[i]) / 2
        log_q -= np.linalg.slogdet(2 * np.pi * covariance)[1] / 2
        log_p = model.layers[0].log_prob(x[i : i + 1], z[None])[0]
        log_p += model.top.log_prob(z[None])[0]
        assert found[i] == pytest.approx(log_p - log_q, abs=1e-10)


@pytest.mark.parametrize("learn", [looking_autoencoder, guided_from_data])
def test_each_way_learns_a_line(learn) -> None:
    rng = np.random.default_rng(1)
    z = rng.standard_normal((600, 1))
    x = np.hstack([z, 2 * z, -z]) + 0.1 * rng.standard_normal((600, 3))
    start = ddc.fresh(x, rng, latents=2, variance=0.1)
    *_, last = learn(start, x, rng, steps=150)
    before, after = (
        metrics.mmd2(x, m.sample(np.random.default_rng(2), 600)[0], metrics.median_bandwidth(x))
        for m in (start, last.model)
    )
    assert after < 0.2 * before
