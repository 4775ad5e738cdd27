"""Likelihoods of chains, by sampling and by quadrature."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import integrate
from scipy.stats import laplace as laplace_distribution
from scipy.stats import norm

from hmlib import ddc, exact
from hmlib.course import ddc_recipes as recipes


def test_likelihood_from_prior_draws_is_right_within_its_error():
    chain = _gaussian_chain()
    bottom = chain.layers[0]
    x = chain.sample(_rng(), 40)[0]
    cov = bottom.A @ bottom.A.T + np.diag(np.exp(bottom.log_var))
    d = x - bottom.b
    true = -0.5 * np.einsum("ni,ij,nj->n", d, np.linalg.inv(cov), d)
    true -= 0.5 * np.linalg.slogdet(2 * np.pi * cov)[1]
    value, error = ddc.log_likelihood(chain, x, np.random.default_rng(3), 20_000)
    assert np.abs((value - true) / error).max() < 4
    assert 0 < error.min() < error.max() < 0.3


@pytest.mark.parametrize("offset", [1e3, 1e7, -1e9])
def test_likelihood_far_from_0_keeps_its_digits(offset):
    chain = _gaussian_chain()
    bottom, top = chain.layers
    x = chain.sample(_rng(), 20)[0]
    network = ddc.Network.random(_rng(), 2, 2, hidden=4)
    for layer in (bottom, network):
        far = ddc.Chain((replace(layer, b=layer.b + offset), top))
        here, _ = ddc.log_likelihood(ddc.Chain((layer, top)), x, _rng(), 2000)
        there, _ = ddc.log_likelihood(far, x + offset, _rng(), 2000)
        np.testing.assert_allclose(there, here, atol=max(1e-9, 1e-14 * abs(offset)))


def test_likelihood_of_coins_is_that_of_enumeration():
    gen = recipes.bars_start(_rng())
    u = recipes.bars_world().u[:20]
    value, error = ddc.log_likelihood(recipes.as_chain(gen), u, _rng(), 20_000)
    assert (np.abs(value - exact.log_likelihood(gen, u)) < 5 * error + 1e-9).all()


def test_laplace_likelihood_against_plain_quadrature():
    # A diagonal A leaves two integrals of one dimension, given z_2.
    bottom = ddc.Gaussian(np.diag([0.7, 1.3]), np.array([0.2, -0.4]), np.log([0.3, 0.5]))
    chain = ddc.Chain(
        (bottom, ddc.Laplace([[0.8], [-0.5]]), ddc.Mixture([[3.0], [-3.0]], 0.1, (0.3, 0.7)))
    )
    x = np.array([[-3.0, 0.1]])

    def given(z2, point):
        product = 1.0
        for i in range(2):
            scale = np.log1p(np.exp(chain.layers[1].B[i, 0] * z2))
            a, b, sd = bottom.A[i, i], bottom.b[i], np.exp(bottom.log_var[i] / 2)
            product *= integrate.quad(
                lambda z, a=a, b=b, sd=sd, scale=scale, i=i: (
                    laplace_distribution.pdf(z, scale=scale) * norm.pdf(point[i], a * z + b, sd)
                ),
                -60, 60, points=[0, (point[i] - b) / a], limit=200,
            )[0]  # fmt: skip
        return product

    for point, found in zip(x, ddc.laplace_log_likelihood(chain, x), strict=True):
        total = 0.0
        for share, mean in zip((0.3, 0.7), (3.0, -3.0), strict=True):
            nodes, weights = np.polynomial.hermite_e.hermegauss(5)
            values = [given(mean + 0.1 * node, point) for node in nodes]
            total += share * (weights @ values) / weights.sum()
        assert found == pytest.approx(np.log(total), abs=1e-5)


def test_likelihoods_want_a_chain_and_what_it_can_dream():
    coins = recipes.as_chain(recipes.bars_start(_rng()))
    with pytest.raises(ValueError, match=r"x does not fit Bernoulli: y contains 0\.5"):
        ddc.log_likelihood(coins, np.full((2, 9), 0.5), _rng())
    with pytest.raises(ValueError, match="model is of type NoneType; accepted: Chain"):
        ddc.log_likelihood(None, np.zeros((2, 2)), _rng())


def test_laplace_likelihood_wants_its_chain():
    with pytest.raises(ValueError, match="accepted: Gaussian, Laplace, Mixture"):
        ddc.laplace_log_likelihood(_gaussian_chain(), np.zeros((2, 2)))


def _rng():
    return np.random.default_rng(0)


def _gaussian_chain():
    A = np.array([[1.0, 0.3], [-0.2, 0.8]])
    return ddc.Chain((ddc.Gaussian(A, [0.1, 0.2], np.log([0.5, 0.4])), ddc.StandardNormal(2)))


def test_a_layer_without_a_bias_is_asked_about_the_data_as_they_are():
    rng = np.random.default_rng(0)
    scale = ddc.GaussianScale(np.array([[0.5]]), np.array([9.0]))
    chain = ddc.Chain((scale, ddc.StandardNormal(1)))
    x = 300.0 + rng.standard_normal((4, 1))
    z = np.linspace(-8, 8, 4001)[:, None]
    prior = np.exp(-(z[:, 0] ** 2) / 2) / np.sqrt(2 * np.pi) * (z[1, 0] - z[0, 0])
    exact = [np.log(prior @ np.exp(scale.log_prob(np.tile(d, (len(z), 1)), z))) for d in x]
    found, error = ddc.log_likelihood(chain, x, rng, 200_000)
    assert np.allclose(found, exact, atol=0.02 + 4 * error.max())
