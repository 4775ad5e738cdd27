"""The baselines against scipy's densities, against sums over all patterns, and against truth."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import stats

from hmlib import datasets
from hmlib.rivals import baselines


def test_a_mixture_of_gaussians_has_the_density_of_scipy():
    rng = np.random.default_rng(0)
    roots = rng.normal(size=(3, 2, 2))
    model = baselines.GaussianMixture(
        np.array([0.2, 0.3, 0.5]), rng.normal(size=(3, 2)), roots @ roots.transpose(0, 2, 1)
    )
    x = rng.normal(size=(20, 2))
    slow = sum(
        w * stats.multivariate_normal(m, S).pdf(x)
        for w, m, S in zip(model.weights, model.means, model.covariances, strict=True)
    )
    assert model.log_prob(x) == pytest.approx(np.log(slow), abs=1e-10)


def test_a_mixture_of_gaussians_is_found_again():
    truth = baselines.GaussianMixture(
        np.array([0.3, 0.7]),
        np.array([[-3.0, 0.0], [2.0, 1.0]]),
        np.array([[[1.0, 0.5], [0.5, 1.0]], [[0.4, 0.0], [0.0, 2.0]]]),
    )
    rng = np.random.default_rng(1)
    x, test = truth.sample(rng, 4000), truth.sample(rng, 4000)
    found = baselines.gaussian_mixture(x, 2, rng)
    order = np.argsort(found.means[:, 0])
    assert found.weights[order] == pytest.approx(truth.weights, abs=0.03)
    assert found.means[order] == pytest.approx(truth.means, abs=0.1)
    assert found.covariances[order] == pytest.approx(truth.covariances, abs=0.2)
    assert truth.log_prob(test).mean() - found.log_prob(test).mean() < 0.01


@pytest.mark.parametrize("data", ["gaussian", "bernoulli", "t"])
def test_no_step_of_em_lowers_what_it_climbs(data):
    rng = np.random.default_rng(2)
    if data == "gaussian":
        x = datasets.pinwheel(rng, 300)
        fits = [
            baselines.gaussian_mixture(x, 6, np.random.default_rng(3), steps=k, floor=1e-9)
            for k in range(1, 30)
        ]
        reached = [fit.log_prob(x).mean() for fit in fits]
    elif data == "bernoulli":
        u = (rng.random((200, 8)) < rng.random((2, 8))[rng.integers(2, size=200)]).astype(float)
        fits = [
            baselines.bernoulli_mixture(u, 3, np.random.default_rng(3), steps=k)
            for k in range(1, 30)
        ]
        reached = [
            fit.log_prob(u).sum() + 0.5 * (np.log(fit.p) + np.log1p(-fit.p)).sum() for fit in fits
        ]
    else:
        x = rng.standard_t(2.0, size=(300, 3))
        fits = [baselines.student_t(x, steps=k) for k in range(1, 16)]
        reached = [fit.log_prob(x).mean() for fit in fits]
    assert np.all(np.diff(reached) > -1e-8)
    assert reached[-1] > reached[0] + 1e-4


def test_a_mixture_of_coins_adds_up_to_one_over_all_patterns():
    rng = np.random.default_rng(4)
    model = baselines.BernoulliMixture(np.array([0.4, 0.6]), rng.uniform(size=(2, 5)))
    every = np.array(list(itertools.product((0.0, 1.0), repeat=5)))
    slow = [
        sum(
            w * np.prod([p if on else 1 - p for p, on in zip(row, u, strict=True)])
            for w, row in zip(model.weights, model.p, strict=True)
        )
        for u in every
    ]
    assert np.exp(model.log_prob(every)) == pytest.approx(slow, abs=1e-12)
    assert sum(slow) == pytest.approx(1)
    draws = model.sample(rng, 20_000)
    assert draws.mean(axis=0) == pytest.approx(model.weights @ model.p, abs=0.02)


def test_one_component_is_independent_coins():
    u = np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 0.0]])
    found = baselines.bernoulli_mixture(u, 1, np.random.default_rng(0))
    assert found.p == pytest.approx(np.array([[3.5 / 4, 1.5 / 4]]))


def test_a_t_has_the_density_of_scipy_and_is_found_again():
    S = np.array([[2.0, 0.6], [0.6, 1.0]])
    truth = baselines.StudentT(np.array([1.0, -2.0]), S, 3.0)
    rng = np.random.default_rng(5)
    x = truth.sample(rng, 6000)
    slow = stats.multivariate_t(truth.mean, S, df=3.0).logpdf(x)
    assert truth.log_prob(x) == pytest.approx(slow, abs=1e-10)
    found = baselines.student_t(x)
    assert found.mean == pytest.approx(truth.mean, abs=0.1)
    assert found.scale == pytest.approx(S, abs=0.2)
    assert 2.5 < found.degrees < 3.6
    gaussian = baselines.gaussian_mixture(x, 1, rng)
    assert found.log_prob(x).mean() > gaussian.log_prob(x).mean() + 0.1


def test_a_floor_lets_flat_data_be_fitted():
    rng = np.random.default_rng(8)
    x = rng.normal(size=(100, 1)) * np.array([1.0, 2.0])
    found = baselines.student_t(x, floor=1e-3)
    values, vectors = np.linalg.eigh(found.scale)
    assert 0 < values[0] < 0.01 < values[1]
    assert abs(vectors[:, 0] @ [1.0, 2.0]) < 1e-2


def test_a_start_is_spread_out_and_follows_its_seed():
    x = datasets.ring(np.random.default_rng(6), 200)
    one, two = (baselines.gaussian_mixture(x, 5, np.random.default_rng(7)) for _ in range(2))
    assert np.array_equal(one.means, two.means)
    assert len(np.unique(one.means.round(2), axis=0)) == 5


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda rng: baselines.gaussian_mixture(np.zeros((3, 2)), 4, rng), "at least 4 rows"),
        (lambda rng: baselines.gaussian_mixture(np.zeros((9, 2)), 2, rng), "points that differ"),
        (lambda rng: baselines.gaussian_mixture([[np.nan]], 1, rng), "x"),
        (lambda rng: baselines.bernoulli_mixture([[0.5, 1]], 1, rng), "u"),
        (lambda rng: baselines.student_t(np.zeros((9, 2))), "span"),
        (lambda rng: baselines.student_t(np.zeros((2, 2))), "at least 3 rows"),
    ],
)
def test_what_cannot_be_fitted_is_said(call, words):
    with pytest.raises(ValueError, match=words):
        call(np.random.default_rng(0))
