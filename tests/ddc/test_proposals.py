"""The trained recogniser and the weighted draws, against scipy and closed forms."""

import numpy as np
import pytest
from scipy import stats

from hmlib import ddc
from hmlib.ddc.proposals import DEGREES

RNG = np.random.default_rng
A = np.array([[1.0, 0.3], [0.0, 1.0], [-0.6, 0.5]])
LINE = ddc.Chain((ddc.Gaussian(A, np.zeros(3), np.log([0.4, 0.3, 0.5])), ddc.StandardNormal(2)))


def a_proposal(n_z, n_x=3, seed=0):
    points = RNG(seed).standard_normal((50, n_x)) * [3.0, 1.0, 0.1][:n_x] + 2.0
    start = ddc.Proposal.random(RNG(seed), points, n_z, units=7)
    moved = start.learnt() + 0.3 * RNG(seed + 1).standard_normal(start.learnt().size)
    return start.with_learnt(moved), points


@pytest.mark.parametrize("n_z", [1, 2, 3, 6])
def test_the_density_is_the_normal_it_says(n_z):
    q, x = a_proposal(n_z)
    assert q.n_z == n_z
    z = RNG(2).standard_normal((50, n_z))
    m, C, _ = q.said_of(x)
    each = [
        stats.multivariate_normal(m[i], np.linalg.inv(C[i] @ C[i].T)).logpdf(z[i])
        for i in range(50)
    ]
    assert np.allclose(q.log_prob(z, x), each, atol=1e-8)


@pytest.mark.parametrize("n_z", [1, 3])
def test_the_gradient_is_that_of_the_mean_log_density(n_z):
    q, x = a_proposal(n_z)
    z, theta, h = RNG(2).standard_normal((50, n_z)), q.learnt(), 1e-6
    value, gradient = q.gradient(z, x)
    assert value == pytest.approx(q.log_prob(z, x).mean())
    for i in RNG(3).choice(theta.size, 40, replace=False):
        step = h * (np.arange(theta.size) == i)
        up, down = (q.with_learnt(theta + s * step).log_prob(z, x).mean() for s in (1, -1))
        assert gradient[i] == pytest.approx((up - down) / (2 * h), abs=1e-6)


@pytest.mark.parametrize("n_z", [1, 2, 4])
def test_draws_are_of_the_student_t_whose_density_they_come_with(n_z):
    q, x = a_proposal(n_z)
    z, log_density = q.draw(RNG(4), x[:3], 4000)
    m, C, _ = q.said_of(x[:3])
    for i in range(3):
        shape = np.linalg.inv(C[i] @ C[i].T)
        t = stats.multivariate_t(m[i], shape, df=DEGREES)
        assert np.allclose(log_density(z)[i], t.logpdf(z[i]), atol=1e-8)
        covariance = np.atleast_2d(np.cov(z[i], rowvar=False))
        assert np.allclose(covariance, shape * DEGREES / (DEGREES - 2), atol=0.35 * shape.max())


def test_what_is_seen_of_x_has_no_units():
    x, scale = RNG(0).standard_normal((200, 3)), np.array([1e4, 1.0, 1e-3])
    one, other = (ddc.Proposal.random(RNG(1), points, 2) for points in (x, x * scale + 5.0))
    assert np.allclose(one.said_of(x)[0], other.said_of(x * scale + 5.0)[0], atol=1e-6)


def test_guided_moves_go_to_the_gradient_of_the_log_likelihood():
    x = LINE.sample(RNG(5), 6)[0]
    q = ddc.Proposal.random(RNG(6), LINE.sample(RNG(7), 200)[0], 2)
    found = [
        ddc.guided_direction(LINE, q, x, np.full(6, 1 / 6), RNG(seed), draws=3000)[0]
        for seed in range(8)
    ]
    theta, h = LINE.ravel(), 1e-5

    def exact(vector):
        bottom = LINE.like(vector).layers[0]
        cov = bottom.A @ bottom.A.T + np.diag(np.exp(bottom.log_var))
        return stats.multivariate_normal(bottom.b, cov).logpdf(x).mean()

    slopes = [(exact(theta + h * e) - exact(theta - h * e)) / (2 * h) for e in np.eye(len(theta))]
    assert np.allclose(np.mean(found, axis=0), slopes, atol=0.05)


def test_decoded_moves_go_to_the_gradient_under_the_normal_that_the_code_says():
    """Of the mean of log p(x, z), z as the code says: its closed form in a linear world."""
    x = LINE.sample(RNG(5), 6)[0]
    q, _ = a_proposal(2)
    m, C, _ = q.said_of(x)
    found = [
        ddc.decoded_direction(LINE, q, x, np.full(6, 1 / 6), RNG(seed), draws=4000)
        for seed in range(8)
    ]
    theta, h = LINE.ravel(), 1e-5

    def expected(vector):
        bottom, total = LINE.like(vector).layers[0], 0.0
        for datum, mean, lower in zip(x, m, C, strict=True):
            spread = bottom.A @ np.linalg.inv(lower @ lower.T) @ bottom.A.T
            squares = (datum - bottom.A @ mean - bottom.b) ** 2 + np.diag(spread)
            total -= (squares / np.exp(bottom.log_var) + bottom.log_var).sum() / 2
        return total / len(x)

    slopes = [
        (expected(theta + h * e) - expected(theta - h * e)) / (2 * h) for e in np.eye(len(theta))
    ]
    assert np.allclose(np.mean(found, axis=0), slopes, rtol=0.03, atol=0.1)


def test_the_effective_number_of_draws_is_that_of_their_weights():
    x = LINE.sample(RNG(5), 4)[0]
    q = ddc.Proposal.random(RNG(6), LINE.sample(RNG(7), 200)[0], 2)
    _, effective = ddc.guided_direction(LINE, q, x, np.full(4, 1 / 4), RNG(0), draws=200)
    assert ((effective > 1) & (effective < 200)).all()


def test_bad_points_are_refused():
    with pytest.raises(ValueError, match="points"):
        ddc.Proposal.random(RNG(0), np.zeros(3), 2)
    with pytest.raises(ValueError, match="n_z is 0"):
        ddc.Proposal.random(RNG(0), np.zeros((3, 2)), 0)
