"""Long tails by a change of variables: densities, slopes, and when it is taken."""

import numpy as np
import pytest
from scipy import integrate, stats

from hmlib import datasets, ddc
from hmlib.ddc.warped import long_tails

RNG = np.random.default_rng
INNER = ddc.Gaussian(np.array([[0.7], [1.2]]), np.array([0.2, -0.1]), np.log([0.5, 0.8]))
FAMILY = ddc.Warped(INNER, np.array([1.0, 0.0]), np.array([2.0, np.inf]))
Z = np.array([[0.4]])


@pytest.mark.long
def test_the_density_of_x_integrates_to_1():
    def density(b, a):
        return float(np.exp(FAMILY.log_prob(np.array([[a, b]]), Z))[0])

    total, _ = integrate.dblquad(density, -120, 120, -8, 8, epsabs=1e-4)
    assert total == pytest.approx(1, abs=2e-3)


def test_the_density_is_that_of_what_is_seen_and_its_slope():
    x = RNG(0).standard_normal((20, 2)) * [9.0, 1.0]
    z = RNG(1).standard_normal((20, 1))
    h = 1e-6
    seen = FAMILY.warp(x)
    slope = (FAMILY.warp(x + h) - FAMILY.warp(x - h)) / (2 * h)
    expected = INNER.log_prob(seen, z) + np.log(slope).sum(axis=1)
    assert np.allclose(FAMILY.log_prob(x, z), expected, atol=1e-6)
    assert np.allclose(FAMILY.unwarp(seen), x)


def test_scores_are_the_slopes_of_the_log_density():
    x, z = RNG(0).standard_normal((5, 2)) * 5, RNG(1).standard_normal((5, 1))
    theta, h = FAMILY.ravel(), 1e-6
    for i, e in enumerate(np.eye(len(theta))):
        up, down = (FAMILY.like(theta + s * h * e).log_prob(x, z) for s in (1, -1))
        assert np.allclose(FAMILY.score(x, z)[:, i], (up - down) / (2 * h), atol=1e-5)


def test_samples_have_the_density():
    x = FAMILY.sample(RNG(2), np.repeat(Z, 4000, axis=0))
    y = FAMILY.warp(x)
    m, sd = (Z @ INNER.A.T + INNER.b)[0], np.exp(INNER.log_var / 2)
    for values, mean, width in zip(y.T, m, sd, strict=True):
        assert stats.kstest(values, stats.norm(mean, width).cdf).pvalue > 1e-3


def test_the_likelihood_of_a_chain_has_the_slope_too():
    chain = ddc.Chain((FAMILY, ddc.StandardNormal(1)))
    inner = ddc.Chain((INNER, ddc.StandardNormal(1)))
    x = chain.sample(RNG(3), 6)[0]
    found, _ = ddc.log_likelihood(chain, x, RNG(0), 4000)
    seen, _ = ddc.log_likelihood(inner, FAMILY.warp(x), RNG(0), 4000)
    assert np.allclose(found, seen + FAMILY.log_base(x))


@pytest.mark.parametrize(
    ("name", "draw", "bent"),
    [
        ("t, 1.5 degrees", lambda rng: rng.standard_t(1.5, (3000, 2)), [True, True]),
        ("t, 2 degrees", lambda rng: rng.standard_t(2, (3000, 2)), [True, True]),
        ("normal", lambda rng: rng.standard_normal((3000, 2)), None),
        ("uniform", lambda rng: rng.uniform(size=(3000, 2)), None),
        ("ring", lambda rng: datasets.ring(rng, 3000), None),
        ("pinwheel", lambda rng: datasets.pinwheel(rng, 3000), None),
        ("coins", lambda rng: rng.integers(2, size=(3000, 2)).astype(float), None),
        ("mostly 0", lambda rng: (rng.uniform(size=(3000, 2)) < 0.05) * 1.0, None),
        ("one of each", lambda rng: np.column_stack(
            [rng.standard_t(1.5, 3000), rng.standard_normal(3000)]), [True, False]),
    ],
)  # fmt: skip
def test_long_tails_are_found_where_they_are(name, draw, bent):
    for seed in range(5):
        tails = long_tails(draw(RNG(seed)))
        assert (None if tails is None else list(np.isfinite(tails[1]))) == bent, name


def test_a_start_for_long_tails_is_bent_unless_told_otherwise():
    x = RNG(0).standard_t(1.5, (500, 2))
    assert isinstance(ddc.fresh(x, RNG(0)).layers[0], ddc.Warped)
    assert isinstance(ddc.fresh(x, RNG(0), bend=False).layers[0], ddc.Network)


def test_equal_warps_are_equal():
    again = ddc.Warped(INNER, FAMILY.centre, FAMILY.width)
    assert again == FAMILY
    assert hash(FAMILY) == hash(again)
    assert ddc.Warped(INNER, FAMILY.centre + 1, FAMILY.width) != FAMILY


@pytest.mark.parametrize(
    ("centre", "width", "words"),
    [
        ([0.0], [1.0, 1.0], "centre and width have shapes"),
        ([0.0, 0.0], [1.0, 0.0], "width is"),
        ([0.0, np.nan], [1.0, 1.0], "centre"),
    ],
)
def test_bad_warps_are_refused(centre, width, words):
    with pytest.raises(ValueError, match=words):
        ddc.Warped(INNER, np.array(centre), np.array(width))
