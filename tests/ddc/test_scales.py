"""Scales as latents, against sums over fine grids and slopes by differences."""

import numpy as np
import pytest
from scipy import stats

from hmlib import ddc

RNG = np.random.default_rng


def a_model(n_x, n_z, seed=0, size=0.6):
    rng = RNG(seed)
    B = size * rng.standard_normal((n_x, n_z)) + np.eye(n_z)[0]
    return ddc.Chain((ddc.GaussianScale(B, rng.standard_normal(n_x) - 1), ddc.StandardNormal(n_z)))


def grid(n_z, step=0.05, end=7.0):
    axis = np.arange(-end, end + step / 2, step)
    z = np.stack(np.meshgrid(*[axis] * n_z, indexing="ij"), axis=-1).reshape(-1, n_z)
    return z, step**n_z


def joint_on(model, x, z):
    """p(x, z) of one datum at every place of a grid, by scipy."""
    B, c = model.layers[0].B, model.layers[0].c
    sd = np.exp((z @ B.T + c) / 2)
    return stats.norm.pdf(x, 0, sd).prod(axis=1) * stats.norm.pdf(z).prod(axis=1)


@pytest.mark.parametrize(("n_x", "n_z"), [(3, 1), (30, 1), (8, 2)])
def test_log_likelihoods_are_those_of_a_fine_grid(n_x, n_z):
    model = a_model(n_x, n_z)
    x = model.sample(RNG(1), 12)[0]
    z, cell = grid(n_z)
    each = [np.log(joint_on(model, row, z).sum() * cell) for row in x]
    found = ddc.scale_log_likelihood(model, x, nodes=25)
    assert np.allclose(found, each, atol=2e-3)
    few, more = (ddc.scale_log_likelihood(model, x, nodes=n) for n in (5, 9))
    assert np.abs(more - each).mean() < np.abs(few - each).mean()


@pytest.mark.parametrize("n_z", [1, 2, 3])
def test_posteriors_are_highest_where_it_says_and_bend_so(n_z):
    model, h = a_model(10, n_z, seed=2), 1e-4
    x = model.sample(RNG(3), 5)[0]
    m, bend = ddc.scale_posterior(model, x)
    e = h * np.eye(n_z)

    def log_p(z):
        return model.log_prob((x, z))

    for i in range(n_z):
        assert np.allclose(log_p(m + e[i]), log_p(m - e[i]), atol=1e-6)
        for j in range(n_z):
            corners = [log_p(m + a * e[i] + b * e[j]) * a * b for a in (1, -1) for b in (1, -1)]
            assert np.allclose(-sum(corners) / (4 * h**2), bend[:, i, j], atol=1e-4)


@pytest.mark.parametrize("n_z", [1, 2])
def test_what_is_read_off_is_the_average_score_under_the_decoded_density(n_z):
    model = a_model(6, n_z, seed=4)
    x, rng = model.sample(RNG(5), 4)[0], RNG(6)
    m = rng.standard_normal((4, n_z))
    root = 0.3 * rng.standard_normal((4, n_z, n_z)) + 0.3 * np.eye(n_z)
    S = root @ root.transpose(0, 2, 1)
    share = np.array([0.1, 0.2, 0.3, 0.4])
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    e = np.stack(np.meshgrid(*[nodes] * n_z), axis=-1).reshape(-1, n_z)
    w = np.stack(np.meshgrid(*[weights] * n_z), axis=-1).reshape(-1, n_z).prod(axis=1)
    w /= w.sum()
    slow = 0
    for i in range(4):
        z = m[i] + e @ root[i].T
        score = model.layers[0].score(np.repeat(x[i : i + 1], len(z), axis=0), z)
        slow = slow + share[i] * w @ score
    assert np.allclose(ddc.scale_direction(model, m, S, x, share), slow, atol=1e-8)


@pytest.mark.long
def test_with_the_posterior_s_own_averages_it_is_nearly_the_gradient():
    """Exactly so where posteriors are Gaussian, and with forty units they nearly are."""
    model = a_model(40, 1, seed=7)
    x = model.sample(RNG(8), 6)[0] * 1.3
    z, cell = grid(1, step=0.005)
    p = np.array([joint_on(model, row, z) for row in x])
    p /= p.sum(axis=1, keepdims=True)
    m = p @ z
    S = (p @ z**2 - m**2)[..., None]
    theta, h = model.ravel(), 1e-4

    def worth(vector):
        there = model.like(vector)
        return np.mean([np.log(joint_on(there, row, z).sum() * cell) for row in x])

    slopes = [(worth(theta + h * e) - worth(theta - h * e)) / (2 * h) for e in np.eye(len(theta))]
    found = ddc.scale_direction(model, m, S, x)
    assert np.linalg.norm(found - slopes) < 0.02 * np.linalg.norm(slopes)


def test_another_chain_is_refused_in_words():
    other = ddc.Chain((ddc.Gaussian(np.eye(2), np.zeros(2), np.zeros(2)), ddc.StandardNormal(2)))
    with pytest.raises(ValueError, match="accepted: a chain of GaussianScale and StandardNormal"):
        ddc.scale_log_likelihood(other, np.zeros((1, 2)))
    with pytest.raises(ValueError, match="accepted"):
        ddc.scale_log_likelihood(a_model(3, 1), np.zeros((1, 2)))


# Learning


def contrasts(rng, n, d=24):
    """Data of very different size: a t with two degrees, and axes that are not those of x."""
    turn = np.linalg.qr(RNG(9).standard_normal((d, d)))[0]
    y = rng.standard_normal((n, d)) * np.geomspace(1, 0.1, d)
    return y * np.sqrt(2 / rng.chisquare(2, (n, 1))) @ turn.T, turn


def test_axes_are_those_of_the_shape_whatever_the_sizes():
    rng = RNG(10)
    x, turn = contrasts(rng, 3000)
    axes = ddc.shape_axes(x)
    assert np.allclose(axes.T @ axes, np.eye(24), atol=1e-10)
    assert np.abs((axes * turn).sum(axis=0)).min() > 0.8
    assert (axes.max(axis=0) >= -axes.min(axis=0)).all()
    larger = x * np.exp(3 * rng.standard_normal((3000, 1)))
    assert np.allclose(np.abs((ddc.shape_axes(larger) * axes).sum(axis=0)), 1, atol=1e-3)
    with pytest.raises(ValueError, match="span their 24 dimensions"):
        ddc.shape_axes(x[:20])


def test_log_energies_are_those_of_bands_by_hand():
    x = RNG(11).standard_normal((40, 5)) * [1, 2, 3, 4, 5]
    seen = ddc.LogEnergies.of(x, width=2)
    bands = [slice(0, 2), slice(2, 4), slice(4, 5)]
    slow = [np.log(1e-6 + ((x / seen.sd)[:, band] ** 2).mean(axis=1)) for band in bands]
    assert np.allclose(seen(x), np.column_stack(slow))
    # Ten times the size adds the same to each.
    assert np.allclose(seen(10 * x) - seen(x), 2 * np.log(10), atol=1e-3)


@pytest.mark.long
def test_a_scale_is_learnt_from_dreams_and_the_t_that_made_the_data_is_nearly_met():
    rng = RNG(12)
    x, turn = contrasts(rng, 1500)
    test = contrasts(RNG(13), 600)[0]
    axes = ddc.shape_axes(x)
    begun = ddc.scale_start(x @ axes, RNG(14), latents=1)
    *_, last = ddc.fit_scales(begun, x @ axes, RNG(15), steps=250, every=250)
    scale = turn * np.geomspace(1, 0.1, 24) ** 2 @ turn.T
    truth = stats.multivariate_t(np.zeros(24), scale, df=2).logpdf(test).mean()
    before, after = (
        ddc.scale_log_likelihood(model, test @ axes).mean() for model in (begun, last.model)
    )
    # A log-normal scale is not the t's own, and 1500 data are not all.
    assert before < truth - 1
    assert truth - 0.6 < after < truth + 0.1
    m, bend = ddc.scale_posterior(last.model, test @ axes)
    said, S = last.code(test @ axes)
    assert np.corrcoef(m[:, 0], said[:, 0])[0, 1] > 0.99
    assert np.median(S[:, 0, 0] * bend[:, 0, 0]) == pytest.approx(1, abs=0.5)


def test_a_run_that_was_stopped_and_goes_on_is_the_run_that_never_stopped():
    x = contrasts(RNG(16), 80)[0]
    *_, whole = ddc.fit_scales(None, x, RNG(17), steps=6, n_dreams=40, minibatch=20)
    *_, half = ddc.fit_scales(None, x, RNG(17), steps=4, planned=6, n_dreams=40, minibatch=20)
    *_, rest = ddc.fit_scales(None, x, start=half, steps=2, n_dreams=40, minibatch=20)
    assert rest.count == whole.count == 6
    assert np.array_equal(rest.model.ravel(), whole.model.ravel())


@pytest.mark.parametrize(
    ("given", "words"),
    [({"steps": 0}, "steps"), ({"rate": -1.0}, "rate"), ({"n_dreams": 0}, "n_dreams"),
     ({"minibatch": 0}, "minibatch"), ({"planned": 1}, "planned")],
)  # fmt: skip
def test_bad_arguments_are_named(given, words):
    with pytest.raises(ValueError, match=words):
        ddc.fit_scales(None, contrasts(RNG(18), 30)[0], RNG(19), **{"steps": 3} | given)
