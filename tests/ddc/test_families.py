"""Families and chains: densities against loops, and every derivative by central differences."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import oracles
import pytest

from hmlib import ddc
from hmlib.ddc import (
    Bernoulli,
    Chain,
    Coins,
    Gaussian,
    GaussianScale,
    Laplace,
    Mixture,
    Network,
    StandardNormal,
)
from hmlib.ddc.families import Family
from hmlib.rivals.gradients import _log_prob

RNG = np.random.default_rng(0)
N_Y, N_Z = 3, 2
"""A Bernoulli unit has 3 parameters: a wrong axis passes the shapes and must show in numbers."""


def random(name: str, n_y: int = N_Y, n_z: int = N_Z, seed: int = 0) -> Family:
    """A family of this kind with random parameters."""
    rng = np.random.default_rng(seed)
    W, b, log_var = (rng.standard_normal(s) for s in ((n_y, n_z), n_y, n_y))
    return {
        "Gaussian": lambda: Gaussian(W, b, 0.5 * log_var),
        "Laplace": lambda: Laplace(W),
        "Bernoulli": lambda: Bernoulli(W, b),
        "GaussianScale": lambda: GaussianScale(0.5 * W, b),
        "Network": lambda: Network(
            rng.standard_normal((4, n_z)),
            rng.standard_normal(4),
            rng.standard_normal((n_y, 4)),
            b,
            0.5 * log_var,
        ),
        "Coins": lambda: Coins(b),
        "StandardNormal": lambda: StandardNormal(n_y),
        "Mixture": lambda: Mixture(2 * rng.standard_normal((2, n_y)), 0.6, (0.3, 0.7)),
    }[name]()


CONDITIONAL = ("Gaussian", "Laplace", "Bernoulli", "GaussianScale", "Network")
LEARNT = (*CONDITIONAL, "Coins")
FIXED = ("StandardNormal", "Mixture")
each = pytest.mark.parametrize("name", [*LEARNT, *FIXED])
each_learnt = pytest.mark.parametrize("name", LEARNT)
each_split = pytest.mark.parametrize("name", [n for n in LEARNT if n != "Network"])


def above(family: Family, n: int, seed: int = 1) -> np.ndarray:
    """Values of the layer above; what a top layer gets is left out of account."""
    return np.random.default_rng(seed).standard_normal((n, family.n_z or 1))


def values(family: Family, n: int, seed: int = 2) -> np.ndarray:
    """Any values that the family can have."""
    rng = np.random.default_rng(seed)
    if isinstance(family, Bernoulli | Coins):
        return rng.integers(0, 2, (n, family.n_y)).astype(float)
    return 2 * rng.standard_normal((n, family.n_y))


def log_normal(y: float, m: float, v: float) -> float:
    return -((y - m) ** 2) / (2 * v) - math.log(2 * math.pi * v) / 2


def slow_log_prob(family: Family, y: np.ndarray, z: np.ndarray) -> float:
    """log p(y|z) of one row, unit by unit."""
    if isinstance(family, Mixture):
        each = [
            math.log(share) + sum(map(log_normal, y, mean, [family.sd**2] * len(y)))
            for share, mean in zip(family.shares, family.means, strict=True)
        ]
        return oracles.log_sum(each)
    if isinstance(family, StandardNormal):
        return sum(log_normal(value, 0, 1) for value in y)
    if isinstance(family, Coins):
        return oracles.log_units(y, family.g)
    if isinstance(family, Bernoulli):
        return oracles.log_units(y, oracles.drive(family.G, family.h, z))
    if isinstance(family, Laplace):
        driven = oracles.drive(family.B, np.zeros(len(y)), z)
        scales = [math.log(1 + math.exp(a)) for a in driven]
        return sum(-abs(v) / s - math.log(2 * s) for v, s in zip(y, scales, strict=True))
    if isinstance(family, GaussianScale):
        variances = [math.exp(a) for a in oracles.drive(family.B, family.c, z)]
        return sum(map(log_normal, y, [0.0] * len(y), variances))
    if isinstance(family, Network):
        hidden = [math.tanh(a) for a in oracles.drive(family.V, family.a, z)]
        means = oracles.drive(family.U, family.b, hidden)
    else:
        means = oracles.drive(family.A, family.b, z)
    return sum(map(log_normal, y, means, [math.exp(a) for a in family.log_var]))


def slope(value: Callable[[np.ndarray], np.ndarray], at: np.ndarray) -> np.ndarray:
    """Central differences of value(vector) along every number of a vector, last axis."""
    step, columns = 1e-5, []
    for k in range(at.size):
        nudge = np.zeros(at.size)
        nudge[k] = step
        columns.append((value(at + nudge) - value(at - nudge)) / (2 * step))
    return np.stack(columns, axis=-1)


@each
def test_log_prob_against_loops(name: str) -> None:
    family = random(name)
    y, z = values(family, 6), above(family, 6)
    slow = [slow_log_prob(family, *pair) for pair in zip(y, z, strict=True)]
    np.testing.assert_allclose(family.log_prob(y, z), slow, atol=1e-11)


def support(family: Family) -> tuple[np.ndarray, np.ndarray]:
    """Values of one unit and their weights in an integral, or a sum, over all of them."""
    if isinstance(family, Bernoulli | Coins):
        return np.array([[0.0], [1.0]]), np.ones(2)
    # 0, where a Laplace density has its kink, is one of the values.
    y = np.linspace(-80, 80, 160_001)
    return y[:, None], np.full(y.size, y[1] - y[0])


@each
@pytest.mark.parametrize("seed", [0, 1])
def test_density_is_normalised_and_mu_is_the_expectation_of_s(name: str, seed: int) -> None:
    family = random(name, n_y=1, seed=seed)
    y, weights = support(family)
    z = above(family, 1, seed + 10)
    p = weights * np.exp(family.log_prob(y, np.repeat(z, len(y), axis=0)))
    assert p.sum() == pytest.approx(1, abs=1e-6)
    expected = np.einsum("n,nis->is", p, family.suff_stats(y))
    np.testing.assert_allclose(family.mean(z)[0], expected, rtol=1e-5, atol=1e-6)


@each_learnt
def test_log_prob_is_an_exponential_family_in_s(name: str) -> None:
    """log p(y|z) - eta(z) . S(y) depends on z alone: it is -Phi plus a constant base."""
    family = random(name)
    for z in above(family, 3):
        y = values(family, 8)
        z = np.tile(z, (8, 1))
        rest = family.log_prob(y, z) - (family.natural(z) * family.suff_stats(y)).sum(axis=(1, 2))
        np.testing.assert_allclose(rest, rest[0], atol=1e-10)


def phi(family: Family, z: np.ndarray) -> np.ndarray:
    """Phi(eta(z)) of each row, but for the constant base: eta . S - log p at y = 0."""
    y = np.zeros((len(z), family.n_y))
    return (family.natural(z) * family.suff_stats(y)).sum(axis=(1, 2)) - family.log_prob(y, z)


@each_learnt
def test_score_by_central_differences(name: str) -> None:
    family = random(name)
    y, z = values(family, 5), above(family, 5)
    by_differences = slope(lambda v: family.like(v).log_prob(y, z), family.ravel())
    found = family.score(y, z)
    assert found.shape == (5, family.ravel().size)
    np.testing.assert_allclose(found, by_differences, rtol=1e-6, atol=1e-6)


@each_split
def test_jacobian_by_central_differences(name: str) -> None:
    family = random(name)
    z = above(family, 4)
    slopes = slope(lambda v: family.like(v).natural(z), family.ravel())
    n, n_y, s, n_parameters = slopes.shape
    found = family.jacobian(z)
    expected = np.zeros_like(found)
    owned = np.zeros(n_parameters, dtype=bool)
    for i in range(n_y):
        # A unit owns its row of every array, in the order of the arrays.
        own, start = [], 0
        for array in family.arrays():
            width = array.size // n_y
            own += range(start + i * width, start + (i + 1) * width)
            start += array.size
        expected[:, i] = slopes[:, i][:, :, own]
        others = np.setdiff1d(np.arange(n_parameters), own)
        assert not slopes[:, i][:, :, others].any()
        owned[own] = True
    assert owned.all()
    assert found.shape == (n, n_y, s, n_parameters // n_y)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)


@each_learnt
def test_pull_by_central_differences(name: str) -> None:
    """sum_s eta(z_s) . t_s - w_s Phi(eta(z_s)), for any t and any w, of either sign."""
    family, rng = random(name), np.random.default_rng(3)
    z = above(family, 5)
    t, w = rng.standard_normal(family.natural(z).shape), rng.standard_normal(5)

    def value(vector: np.ndarray) -> float:
        moved = family.like(vector)
        return (moved.natural(z) * t).sum() - w @ phi(moved, z)

    np.testing.assert_allclose(
        family.pull(z, t, w), slope(value, family.ravel()), rtol=1e-6, atol=1e-6
    )


@each
def test_weighted_scores_are_pulled(name: str) -> None:
    family, c = random(name), np.random.default_rng(4).standard_normal(6)
    y, z = values(family, 6), above(family, 6)
    expected = sum(c[s] * family.score(y[s : s + 1], z[s : s + 1])[0] for s in range(6))
    np.testing.assert_allclose(family.weighted_score(y, z, c), expected, atol=1e-10)
    pulled = family.pull(z, c[:, None, None] * family.suff_stats(y), c)
    np.testing.assert_allclose(pulled, expected, atol=1e-10)


@each_split
def test_packed_is_the_order_of_ravel(name: str) -> None:
    family = random(name)
    numbered = family.like(np.arange(family.ravel().size))
    table = np.array(
        [
            np.concatenate([np.atleast_1d(array[i]) for array in numbered.arrays()])
            for i in range(family.n_y)
        ]
    )
    np.testing.assert_array_equal(family.packed(table), numbered.ravel())
    stacked = np.stack([table, table + 100])
    np.testing.assert_array_equal(family.packed(stacked)[1], numbered.ravel() + 100)


N = 20_000


def one_z(family: Family) -> np.ndarray:
    return np.tile(above(family, 1, seed=5), (N, 1))


def within_4_standard_errors(each: np.ndarray, expected: np.ndarray | float) -> None:
    error = each.std(axis=0) / math.sqrt(len(each))
    np.testing.assert_array_less(np.abs(each.mean(axis=0) - expected), 4 * error + 1e-12)


@each_learnt
def test_samples_have_the_moments_and_scores_of_mean_0(name: str) -> None:
    family = random(name)
    z = one_z(family)
    y = family.sample(np.random.default_rng(6), z)
    assert y.shape == (N, family.n_y)
    within_4_standard_errors(family.suff_stats(y), family.mean(z[:1])[0])
    within_4_standard_errors(family.score(y, z), 0.0)
    units = np.corrcoef(y.T)[np.triu_indices(family.n_y, 1)]
    assert np.abs(units).max() < 4.5 / math.sqrt(N)


@pytest.mark.parametrize("name", CONDITIONAL)
def test_every_row_is_drawn_from_the_row_above_it(name: str) -> None:
    """E[score] = 0 with a z of its own in every row: a shuffled z would show."""
    family = random(name)
    z = above(family, N, seed=7)
    y = family.sample(np.random.default_rng(8), z)
    within_4_standard_errors(family.score(y, z), 0.0)


@each
def test_means_that_are_plain(name: str) -> None:
    """Signs and first moments, which |y| and y^2 do not show."""
    family = random(name)
    z = one_z(family)
    y = family.sample(np.random.default_rng(9), z)
    m = {
        "Gaussian": lambda: z[0] @ family.A.T + family.b,
        "Network": lambda: family.U @ np.tanh(family.V @ z[0] + family.a) + family.b,
        "Bernoulli": lambda: 1 / (1 + np.exp(-(family.G @ z[0] + family.h))),
        "Coins": lambda: 1 / (1 + np.exp(-family.g)),
        "Mixture": lambda: 0.3 * family.means[0] + 0.7 * family.means[1],
    }.get(name, lambda: np.zeros(family.n_y))()
    within_4_standard_errors(y, m)
    if name == "Mixture":
        second = 0.3 * family.means[0] ** 2 + 0.7 * family.means[1] ** 2 + 0.36
        within_4_standard_errors(y**2, second)
    if name == "StandardNormal":
        within_4_standard_errors(y**2, 1.0)


@each
def test_same_seed_same_draws(name: str) -> None:
    family = random(name)
    z = above(family, 30)
    one, two, other = (family.sample(np.random.default_rng(seed), z) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, two)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("B", [30.0, -30.0, 26.0, -26.0, 3.0])
def test_the_score_of_a_laplace_unit_is_the_slope_of_its_density(B: float) -> None:
    """Also where its scale is as small as it can be, and depends on B no longer."""
    family, z = Laplace([[B]]), np.array([[1.0], [-1.0]])
    y = family.mean(z)[..., 0] * [[0.3], [-2.0]]
    expected = slope(lambda B: family.like(B).log_prob(y, z), family.ravel())
    np.testing.assert_allclose(family.score(y, z), expected.reshape(2, 1), rtol=1e-5, atol=1e-7)
    # The autoencoders know the same slope.
    for row in range(2):
        _, back = _log_prob(family, y[row : row + 1], z[row : row + 1])
        np.testing.assert_allclose(back(np.ones(1))[0], expected[row], rtol=1e-5, atol=1e-7)


def test_a_top_layer_needs_nothing_above_it() -> None:
    for family in (random("Coins"), random("StandardNormal"), random("Mixture")):
        y, z, c = values(family, 5), above(family, 5), np.arange(5.0)
        np.testing.assert_array_equal(family.log_prob(y, None), family.log_prob(y, z))
        np.testing.assert_array_equal(family.score(y, None), family.score(y, z))
        np.testing.assert_array_equal(
            family.weighted_score(y, None, c), family.weighted_score(y, z, c)
        )
        t = c[:, None, None] * family.suff_stats(y)
        np.testing.assert_array_equal(family.pull(None, t, c), family.pull(z, t, c))
        for name in ("natural", "mean", "jacobian"):
            one, all_ = getattr(family, name)(None), getattr(family, name)(z)
            assert (len(one), len(all_)) == (1, 5)
            np.testing.assert_array_equal(np.broadcast_to(one, all_.shape), all_)
        assert family.sample(np.random.default_rng(0), None).shape == (1, N_Y)


def test_a_layer_has_other_noise_or_none() -> None:
    for name in (*LEARNT, *FIXED):
        family = random(name)
        if family.noise is None:
            assert name not in ("Gaussian", "Network")
            with pytest.raises(ValueError, match=f"a {name} has no Gaussian noise of its own"):
                family.with_noise(np.zeros(N_Y))
        else:
            quiet = family.with_noise(family.noise - 1)
            k = family.ravel().size - N_Y
            np.testing.assert_array_equal(quiet.ravel()[:k], family.ravel()[:k])
            np.testing.assert_array_equal(quiet.ravel()[k:], family.ravel()[k:] - 1)


@pytest.mark.parametrize("name", ["Gaussian", "Network"])
def test_scales_stretch_the_mean_as_the_data(name: str) -> None:
    family, z = random(name), above(random(name), 4)
    spread = np.array([0.1, 1.0, 30.0])
    stretched = family.like(family.ravel() * family.scales(spread))
    np.testing.assert_allclose(
        stretched.mean(z)[..., 0], spread * family.mean(z)[..., 0], rtol=1e-12
    )
    np.testing.assert_array_equal(stretched.log_var, family.log_var)


@pytest.mark.parametrize("name", ["Laplace", "Bernoulli", "GaussianScale", "Coins", *FIXED])
def test_other_parameters_have_no_unit(name: str) -> None:
    family = random(name)
    np.testing.assert_array_equal(
        family.scales(np.array([0.1, 1.0, 30.0])), np.ones(family.ravel().size)
    )


@pytest.mark.parametrize("name", FIXED)
def test_fixed_priors_have_no_parameters(name: str) -> None:
    family = random(name)
    y, z = values(family, 4), np.zeros((4, 0))
    assert family.ravel().shape == (0,)
    assert family.score(y, z).shape == (4, 0)
    assert family.pull(z, family.suff_stats(y), np.ones(4)).shape == (0,)
    assert family.weighted_score(y, z, np.ones(4)).shape == (0,)
    assert family.natural(z).shape == family.mean(z).shape == (4, N_Y, 0)
    assert family.packed(np.zeros((N_Y, 0))).shape == (0,)
    assert family.jacobian(z).shape == (4, N_Y, 0, 0)
    assert family.like(np.zeros(0)) is family
    with pytest.raises(ValueError, match="vector has length 2; accepted: 0"):
        family.like(np.zeros(2))


def test_fixed_priors_are_equal_if_they_are_the_same_prior() -> None:
    assert StandardNormal(2) == StandardNormal(2) != StandardNormal(3)
    one, two = (Mixture([[0.0], [m]], 1.0) for m in (1, 2))
    assert one == Mixture([[0.0], [1.0]], 1.0) != two
    assert len({one, Mixture([[0.0], [1.0]], 1.0), StandardNormal(1)}) == 2
    assert one != StandardNormal(1)


def test_shares_that_sum_to_1_but_for_rounding_can_be_drawn_from() -> None:
    family = Mixture([[0.0], [1.0]], 0.1, (0.5, 0.500004))
    assert family.sample(RNG, np.zeros((5, 0))).shape == (5, 1)
    assert Mixture([[0.0], [9.0]], 0.1, (1.0, 0.0)).draw(RNG, 99).max() < 5


def test_network_says_why_it_has_no_jacobian() -> None:
    family = random("Network")
    assert not family.splits
    assert all(random(name).splits for name in LEARNT if name != "Network")
    with pytest.raises(ValueError, match="hidden layer is shared; accepted: wake 'code' or"):
        family.jacobian(above(family, 2))


def test_random_networks_have_outputs_of_about_unit_size() -> None:
    family = Network.random(np.random.default_rng(12), 5, 2, hidden=200, variance=0.25)
    z = np.random.default_rng(13).standard_normal((500, 2))
    assert family.U.shape == (5, 200)
    assert family.V.shape == (200, 2)
    assert 0.3 < family.mean(z)[..., 0].std() < 1
    np.testing.assert_allclose(np.exp(family.log_var), 0.25)
    again = Network.random(np.random.default_rng(12), 5, 2, hidden=200, variance=0.25)
    assert again == family


def test_far_below_0_a_laplace_scale_is_small_and_finite() -> None:
    family = Laplace([[1.0]])
    y, z = np.array([[0.5]]), np.array([[-2000.0]])
    assert np.isfinite(family.log_prob(y, z)).all()
    assert np.isfinite(family.score(y, z)).all()


@each
def test_values_that_cannot_be_are_named(name: str) -> None:
    family = random(name)
    z, good = above(family, 2), values(family, 2)
    bad = [(np.nan, "nan"), (np.inf, "inf")]
    bad += [(0.5, "0.5"), (2.0, "2"), (-1.0, "-1")] * isinstance(family, Bernoulli | Coins)
    for value, words in bad:
        y = good.copy()
        y[1, 2] = value
        for call in (
            lambda y=y: family.log_prob(y, z),
            lambda y=y: family.suff_stats(y),
            lambda y=y: family.score(y, z),
            lambda y=y: family.observed(y),
        ):
            with pytest.raises(ValueError, match=f"[xy] contains {words}; accepted: "):
                call()
    with pytest.raises(ValueError, match=r"y has shape \(2, 2\); accepted: \(n, 3\)"):
        family.log_prob(good[:, :2], z)


@pytest.mark.parametrize("name", CONDITIONAL)
def test_a_layer_above_that_does_not_fit_is_named(name: str) -> None:
    family = random(name)
    y = values(family, 2)
    for call in (lambda z: family.log_prob(y, z), lambda z: family.sample(RNG, z), family.mean):
        with pytest.raises(ValueError, match=r"z has shape \(2, 5\); accepted: \(n, 2\)"):
            call(np.zeros((2, 5)))
        with pytest.raises(ValueError, match="z contains nan; accepted: finite numbers"):
            call(np.full((2, 2), np.nan))


@pytest.mark.parametrize("name", CONDITIONAL)
def test_every_row_needs_a_row_above_it(name: str) -> None:
    family = random(name)
    for call in (family.log_prob, family.score):
        with pytest.raises(ValueError, match="z has 4 rows; accepted: 2, as y has"):
            call(values(family, 2), above(family, 4))


@each
def test_data_of_a_family_are_its_own(name: str) -> None:
    family = random(name)
    y = values(family, 3)
    np.testing.assert_array_equal(family.observed(y.tolist()), y)
    with pytest.raises(ValueError, match=r"x has shape \(3, 2\); accepted: \(n, 3\)"):
        family.observed(y[:, :2])


@each
def test_a_seed_is_no_generator(name: str) -> None:
    family = random(name)
    with pytest.raises(ValueError, match="rng is 3; accepted: a generator"):
        family.sample(3, above(family, 2))


ONE = np.ones((1, 1))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: Gaussian(np.ones((2, 3)), np.ones(3), np.ones(2)), ("A", "(2, 3)", "n = 3")),
        (lambda: Gaussian(np.ones((2, 3)), np.ones(2), np.ones(1)), ("A", "(2, 3)", "n = 1")),
        (lambda: Gaussian(ONE, [np.nan], [0.0]), ("b", "nan", "finite")),
        (lambda: Laplace(np.zeros((0, 2))), ("B", "(0, 2)", ">= 1")),
        (lambda: Laplace(np.zeros((2, 0))), ("B", "(2, 0)", ">= 1")),
        (lambda: Laplace([1.0]), ("B", "(1,)", "2 dim")),
        (lambda: Bernoulli(np.ones((2, 3)), np.ones(3)), ("G", "(2, 3)", "n = 3")),
        (lambda: GaussianScale(np.ones((2, 3)), np.ones(3)), ("B", "(2, 3)", "n = 3")),
        (lambda: Network(ONE, [0.0, 1.0], ONE, [0.0], [0.0]), ("V", "(1, 1)", "n = 2")),
        (lambda: Network(ONE, [0.0], ONE, [0.0] * 2, [0.0]), ("U", "(1, 1)", "n = 2")),
        (lambda: Network(ONE, [0.0], np.ones((1, 2)), [0.0], [0.0]), ("U", "(1, 2)", "(n_y, 1)")),
        (lambda: Network.random(RNG, 2, 2, variance=0), ("variance", "0", "> 0")),
        (lambda: Network.random(RNG, 0, 2), ("n_y", "0", ">= 1")),
        (lambda: Network.random(1, 2, 2), ("rng", "1", "default_rng")),
        (lambda: Coins([]), ("g", "(0,)", "n_y >= 1")),
        (lambda: Coins([np.inf]), ("g", "inf", "finite")),
        (lambda: StandardNormal(0), ("n ", "0", ">= 1")),
        (lambda: StandardNormal(1.5), ("n ", "1.5", "whole")),
        (lambda: StandardNormal(2).draw(RNG, 0), ("n ", "0", ">= 1")),
        (lambda: Mixture(np.zeros((0, 2)), 1.0), ("means", "(0, 2)", ">= 1")),
        (lambda: Mixture([[np.nan]], 1.0), ("means", "nan", "finite")),
        (lambda: Mixture(ONE, 0), ("sd", "0", "> 0")),
        (lambda: Mixture(ONE, 1.0, [0.5]), ("shares", "0.5", "sum to 1")),
        (lambda: Mixture(ONE, 1.0, [0.5, 0.5]), ("shares", "1 numbers")),
        (lambda: Mixture(np.ones((2, 1)), 1.0, [1.5, -0.5]), ("shares", "-0.5", ">= 0")),
    ],
)
def test_bad_parameters_are_named(call: Callable, words: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="accepted") as caught:
        call()
    assert all(word in str(caught.value) for word in words), caught.value


def chain(seed: int = 0) -> Chain:
    """x (3) below z_1 (2) below z_2 (1)."""
    return Chain(
        (random("Gaussian", 3, 2, seed), random("Laplace", 2, 1, seed), Mixture([[-3], [3]], 0.1))
    )


def test_a_chain_dreams_from_the_top_down() -> None:
    model = chain()
    x, z_1, z_2 = model.sample(np.random.default_rng(14), N)
    assert (x.shape, z_1.shape, z_2.shape) == ((N, 3), (N, 2), (N, 1))
    assert (model.depth, model.n_x) == (2, 3)
    within_4_standard_errors(model.layers[0].score(x, z_1), 0.0)
    within_4_standard_errors(model.layers[1].score(z_1, z_2), 0.0)
    np.testing.assert_allclose(np.abs(z_2), 3, atol=0.6)
    again = model.sample(np.random.default_rng(14), N)
    assert all(np.array_equal(a, b) for a, b in zip((x, z_1, z_2), again, strict=True))


def test_log_prob_of_a_chain_is_the_sum_over_its_layers() -> None:
    model = chain()
    rows = model.sample(np.random.default_rng(15), 6)
    slow = [
        slow_log_prob(model.layers[0], x, z_1)
        + slow_log_prob(model.layers[1], z_1, z_2)
        + slow_log_prob(model.layers[2], z_2, None)
        for x, z_1, z_2 in zip(*rows, strict=True)
    ]
    np.testing.assert_allclose(model.log_prob(rows), slow, atol=1e-10)


def test_a_chain_is_one_vector_and_back() -> None:
    model = chain()
    vector = model.ravel()
    expected = np.concatenate([layer.ravel() for layer in model.layers[:2]])
    np.testing.assert_array_equal(vector, expected)
    moved = model.like(vector + 1)
    np.testing.assert_array_equal(moved.layers[0].b, model.layers[0].b + 1)
    np.testing.assert_array_equal(moved.layers[1].B, model.layers[1].B + 1)
    assert moved.layers[2] == model.layers[2]
    assert repr(model) == "Chain 3-2-1: Gaussian, Laplace, Mixture"


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: Chain((StandardNormal(2),)), ("layers", "at least two")),
        (lambda: Chain((Gaussian, StandardNormal(2))), ("layers", "families")),
        (lambda: Chain((random("Gaussian"), random("Laplace"))), ("layers", "top layer")),
        (lambda: Chain((StandardNormal(2), StandardNormal(2))), ("layers", "at the end")),
        (lambda: Chain((random("Gaussian"), StandardNormal(3))), ("layers[0]", "2 unit", "3, as")),
        (lambda: chain().sample(RNG, 0), ("n ", "0", ">= 1")),
        (lambda: chain().sample(1, 5), ("rng", "1", "default_rng")),
        (lambda: chain().log_prob((ONE,)), ("values", "1 arrays", "3")),
        (lambda: chain().like(np.zeros(3)), ("vector", "3", "14")),
        (lambda: chain().like(np.full(14, np.nan)), ("vector", "nan", "finite")),
    ],
)
def test_chains_that_cannot_be_are_named(call: Callable, words: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="accepted") as caught:
        call()
    assert all(word in str(caught.value) for word in words), caught.value


def test_every_family_is_tested_here() -> None:
    named = {name for name in ddc.__all__ if isinstance(getattr(ddc, name), type)}
    families = {name for name in named if issubclass(getattr(ddc, name), Family)} - {"Family"}
    # Warped is a family seen through another, and has tests of its own.
    families.remove("Warped")
    assert families == {*LEARNT, *FIXED}
