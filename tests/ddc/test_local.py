"""Local recognition and what is learnt with it, against sums, quadrature and closed forms."""

import numpy as np
import pytest
from scipy import stats

from hmlib import ddc
from hmlib.course import ddc_recipes as recipes

LINE = ddc.Chain(
    (ddc.Gaussian(np.array([[1.5], [-0.5]]), np.array([0.3, 1.0]), np.log([0.4, 0.2])),
     ddc.StandardNormal(1))
)  # fmt: skip
BENT = ddc.Warped(LINE.layers[0], np.zeros(2), np.ones(2))
X = np.array([[0.5, 0.8], [-1.0, 1.4], [2.5, 0.1]])


def posterior(x):
    """Mean and variance of z given x under LINE, by the rules for jointly normal variables."""
    bottom = LINE.layers[0]
    a, v = bottom.A[:, 0], np.exp(bottom.log_var)
    precision = 1 + (a**2 / v).sum()
    return ((x - bottom.b) * a / v).sum(axis=1) / precision, 1 / precision


@pytest.mark.parametrize("kappa", [0.3, 0.5, 0.9])
def test_weights_are_the_kernel_summed_by_hand(kappa):
    night = ddc.local_night(LINE, np.random.default_rng(0), 30, kappa)
    v = kappa * np.exp(LINE.layers[0].log_var)
    dreams = night.dreams[0]
    for x, row in zip(X, night.weights(X), strict=True):
        kernel = np.array([np.exp(-((x - d) ** 2 / (2 * v)).sum()) for d in dreams])
        assert np.allclose(row, kernel / kernel.sum(), atol=1e-5)


@pytest.mark.parametrize("kappa", [0.3, 0.6, 0.9])
def test_with_many_dreams_the_code_is_the_posterior_expectation_whatever_the_width(kappa):
    night = ddc.local_night(LINE, np.random.default_rng(1), 40_000, kappa)
    mean, var = posterior(X)
    r = night.code(X, lambda z: np.column_stack([z, z**2, np.cos(z)]))
    assert np.allclose(r[:, 0], mean, atol=0.02)
    assert np.allclose(r[:, 1], mean**2 + var, atol=0.04)
    assert np.allclose(r[:, 2], np.cos(mean) * np.exp(-var / 2), atol=0.02)


def test_the_move_is_the_sum_of_weighted_scores():
    chain = recipes.layered_laplace(np.random.default_rng(2))
    night = ddc.local_night(chain, np.random.default_rng(3), 40)
    share = np.array([0.5, 0.2, 0.3])
    q = night.weights(X).astype(float)
    theta, h = chain.ravel(), 1e-5

    def weighed(vector):
        moved, total = chain.like(vector), 0.0
        for x, w, of_x in zip(X, share, q, strict=True):
            here = np.repeat(x[None], len(of_x), axis=0)
            total += w * (of_x @ moved.log_prob((here, *night.dreams[1:])))
        return total

    slopes = [
        (weighed(theta + h * e) - weighed(theta - h * e)) / (2 * h) for e in np.eye(len(theta))
    ]
    assert np.allclose(night.direction(X, share), slopes, atol=2e-4)


def test_with_many_dreams_the_move_is_the_gradient_of_the_log_likelihood():
    night = ddc.local_night(LINE, np.random.default_rng(4), 40_000)
    theta, h = LINE.ravel(), 1e-5

    def exact(vector):
        bottom = LINE.like(vector).layers[0]
        cov = bottom.A @ bottom.A.T + np.diag(np.exp(bottom.log_var))
        return stats.multivariate_normal(bottom.b, cov).logpdf(X).mean()

    slopes = [(exact(theta + h * e) - exact(theta - h * e)) / (2 * h) for e in np.eye(len(theta))]
    assert np.allclose(night.direction(X), slopes, atol=0.05)


def test_far_from_zero_nothing_is_lost():
    bottom = LINE.layers[0]
    far = ddc.Chain((ddc.Gaussian(bottom.A, bottom.b + 1e7, bottom.log_var), LINE.layers[1]))
    moves = [
        ddc.local_night(model, np.random.default_rng(5), 500).direction(x)
        for model, x in ((LINE, X), (far, X + 1e7))
    ]
    assert np.allclose(*moves, atol=1e-4)


def test_how_many_dreams_speak():
    night = ddc.local_night(LINE, np.random.default_rng(0), 400)
    effective = night.effective(np.array([[0.3, 1.0], [40.0, -12.0]]))
    assert 20 < effective[0] < 400
    assert 1 <= effective[1] < 5


@pytest.mark.parametrize("n", [1, 2])
def test_an_even_draw_has_equally_spaced_chances(n):
    z = ddc.StandardNormal(n).draw_evenly(np.random.default_rng(6), 900)
    assert z.shape == (900, n)
    side = {1: 900, 2: 30}[n]
    for unit in z.T:
        chances = np.unique(np.round(stats.norm.cdf(unit), 9))
        assert len(chances) == side
        assert np.allclose(np.diff(chances), 1 / side)


def test_beyond_two_units_an_even_draw_is_a_draw():
    top, seed = ddc.StandardNormal(3), 7
    even, plain = (draw(np.random.default_rng(seed), 50) for draw in (top.draw_evenly, top.draw))
    assert np.array_equal(even, plain)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"model": 3}, "model is of type int; accepted: Chain"),
        ({"kappa": 1.0}, "kappa is 1.0; accepted: a number above 0 and below 1"),
        ({"kappa": "a"}, "kappa is 'a'; accepted"),
        ({"n": 0}, "n is 0"),
        ({"model": recipes.as_chain(recipes.bars_start(np.random.default_rng(0)))},
         "model has a Bernoulli at the bottom; accepted: a layer with Gaussian noise"),
        ({"model": ddc.Chain((BENT, LINE.layers[1]))},
         "model has a Warped bottom; accepted: its inner layer"),
    ],
)  # fmt: skip
def test_what_cannot_dream_for_a_kernel_is_told_why(change, words):
    given = {"model": LINE, "rng": np.random.default_rng(0), "n": 10, "kappa": 0.5} | change
    with pytest.raises(ValueError, match=words.replace("(", r"\(")):
        ddc.local_night(**given)


def test_a_code_of_no_function_or_no_layer_is_refused():
    night = ddc.local_night(LINE, np.random.default_rng(0), 10)
    with pytest.raises(ValueError, match="encoding is 3; accepted: functions"):
        night.code(X, 3)
    with pytest.raises(ValueError, match="layer is 2; accepted: 1 to 1"):
        night.code(X, np.cos, 2)
