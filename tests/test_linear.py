"""Linear factor analysis against loops, quadrature, scipy's Gaussians and central differences."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import minimize
from scipy.stats import multivariate_normal, norm

from hmlib import linear as fa
from hmlib.learning import Diverged, anneal
from hmlib.linear import LinearGenerative, LinearRecognition, closed_form

ONE = LinearGenerative([[0.9], [-1.4], [0.3]], [0.5, -1.0, 2.0], [0.7, 0.4, 1.3])
GUESS_ONE = LinearRecognition([[0.3, -0.5, 0.2]], [-0.4], [0.6])
TWO = LinearGenerative([[0.9, 0.5], [-1.4, 0.8], [0.3, -0.6]], [0.5, -1.0, 2.0], [0.7, 0.4, 1.3])
GUESS_TWO = LinearRecognition([[0.3, -0.5, 0.2], [0.1, 0.4, -0.3]], [-0.4, 0.2], [0.6, 0.3])
PAIRS = [(ONE, GUESS_ONE), (TWO, GUESS_TWO)]
U = np.array([[0.0, 0.0, 0.0], [1.5, -2.0, 2.5], [-0.7, 1.1, 0.2], [2.0, -3.0, 3.0]])
WEIGHTS = np.array([0.1, 0.4, 0.3, 0.2])


# Plain answers: one number at a time, and nothing of hmlib but the numbers of the machine.


def log_normal(x: float, mean: float, variance: float) -> float:
    return -0.5 * (math.log(2 * math.pi * variance) + (x - mean) ** 2 / variance)


def log_line(weights, bias, variance, source, target) -> float:
    """log density of targets that are weights source + bias + noise, one after the other."""
    return sum(
        log_normal(
            target[i],
            bias[i] + sum(weights[i][j] * source[j] for j in range(len(source))),
            variance[i],
        )
        for i in range(len(bias))
    )


def log_joint(gen, v, u) -> float:
    return sum(log_normal(x, 0, 1) for x in v) + log_line(gen.G, gen.h, gen.variance, v, u)


def log_q(rec, v, u) -> float:
    return log_line(rec.W, rec.w, rec.variance, u, v)


def grid(n_v: int) -> tuple[list[tuple[float, ...]], float]:
    """Causes on a grid that is wide and fine enough for Gaussians, and the size of a cell."""
    width, step = (12.0, 0.05) if n_v == 1 else (7.0, 0.1)
    axis = np.arange(-width, width + step / 2, step).tolist()
    return list(itertools.product(axis, repeat=n_v)), step**n_v


def integrals(gen, rec, u) -> SimpleNamespace:
    """L, F, both KLs, and the posterior's moments of one input, summed over a grid of causes."""
    places, cell = grid(gen.G.shape[1])
    log_p = np.array([log_joint(gen, v, u) for v in places])
    log_guess = np.array([log_q(rec, v, u) for v in places])
    total = math.log(math.fsum(np.exp(log_p)) * cell)
    q, p, v = np.exp(log_guess) * cell, np.exp(log_p - total) * cell, np.array(places)
    mean = p @ v
    return SimpleNamespace(
        log_likelihood=total,
        free_energy=float(q @ (log_p - log_guess)),
        kl_q_p=float(q @ (log_guess - (log_p - total))),
        kl_p_q=float(p @ ((log_p - total) - log_guess)),
        mean=mean,
        covariance=(v - mean).T @ (p[:, None] * (v - mean)),
    )


def joint_gaussian(gen) -> tuple[np.ndarray, np.ndarray]:
    """Mean and covariance of (v, u) side by side, entry by entry."""
    n_u, n_v = gen.G.shape
    cov = np.eye(n_v + n_u)
    for b in range(n_u):
        for a in range(n_v):
            cov[n_v + b, a] = cov[a, n_v + b] = gen.G[b, a]
        for c in range(n_u):
            shared = sum(gen.G[b, a] * gen.G[c, a] for a in range(n_v))
            cov[n_v + b, n_v + c] = shared + (gen.variance[b] if b == c else 0.0)
    return np.concatenate([np.zeros(n_v), gen.h]), cov


def slope(value: Callable, model, size: float = 1e-5) -> tuple[np.ndarray, ...]:
    """Central differences of value(model) in each array of the model."""
    vector, found = model.ravel(), []
    for i in range(vector.size):
        up, down = vector.copy(), vector.copy()
        up[i] += size
        down[i] -= size
        found.append((value(model.like(up)) - value(model.like(down))) / (2 * size))
    ends = np.cumsum([array.size for array in model.arrays()])[:-1]
    parts = np.split(np.array(found), ends)
    return tuple(part.reshape(a.shape) for part, a in zip(parts, model.arrays(), strict=True))


def gaps(step, u, best) -> tuple[float, float]:
    """How far L is below its maximum, and F below L."""
    log_l = fa.log_likelihood(step.gen, u).mean()
    top = fa.log_likelihood(best, u).mean()
    return top - log_l, fa.kl_q_p(step.gen, step.rec, u).mean()


def beginning(seed: int, n_v: int = 1, n_u: int = 6) -> tuple[LinearGenerative, LinearRecognition]:
    rng = np.random.default_rng(seed)
    return (
        LinearGenerative.random(rng, n_u, n_v, 0.1),
        LinearRecognition.random(rng, n_u, n_v, 0.1),
    )


@cache
def data_of(n_v: int) -> SimpleNamespace:
    """Data of one cause or two, and their machine of maximum likelihood."""
    u = fa.make_data(np.random.default_rng(5), 300, n_v)
    return SimpleNamespace(n_v=n_v, u=u, best=fa.maximum_likelihood(u, n_v))


def turned(gen: LinearGenerative, degrees: float) -> LinearGenerative:
    """The same distribution over inputs from two causes that are turned."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return LinearGenerative(gen.G @ [[c, -s], [s, c]], gen.h, gen.variance)


@pytest.fixture(params=[1, 2])
def learnt(request) -> SimpleNamespace:
    return data_of(request.param)


# The two models


@pytest.mark.parametrize(("gen", "rec"), PAIRS)
def test_log_prob_is_that_of_scipys_gaussians(gen, rec) -> None:
    v, _ = gen.sample(np.random.default_rng(0), len(U))
    mean, cov = joint_gaussian(gen)
    expected = multivariate_normal(mean, cov).logpdf(np.hstack([v, U]))
    np.testing.assert_allclose(gen.log_prob(v, U), expected, atol=1e-12)
    expected = norm(U @ rec.W.T + rec.w, np.sqrt(rec.variance)).logpdf(v).sum(axis=1)
    np.testing.assert_allclose(rec.log_prob(v, U), expected, atol=1e-12)


@pytest.mark.parametrize(("gen", "rec"), PAIRS)
def test_samples_have_the_means_and_covariances_of_the_model(gen, rec) -> None:
    n, rng = 200_000, np.random.default_rng(1)
    drawn = np.hstack(gen.sample(rng, n))
    mean, cov = joint_gaussian(gen)
    error = np.sqrt(np.diag(cov) / n)
    assert (np.abs(drawn.mean(axis=0) - mean) < 4 * error).all()
    spread = np.sqrt((np.outer(np.diag(cov), np.diag(cov)) + cov**2) / n)
    assert (np.abs(np.cov(drawn.T) - cov) < 4 * spread).all()
    guesses = rec.sample(rng, np.repeat(U[1:2], n, axis=0))
    means = [rec.w[a] + sum(rec.W[a][b] * U[1][b] for b in range(3)) for a in range(rec.n_v)]
    assert (np.abs(guesses.mean(axis=0) - means) < 4 * np.sqrt(rec.variance / n)).all()
    assert (np.abs(guesses.var(axis=0) / rec.variance - 1) < 4 * math.sqrt(2 / n)).all()


def test_a_machine_is_shown_with_its_units_and_compared_by_its_numbers() -> None:
    assert repr(ONE).startswith("LinearGenerative, 3 inputs, 1 cause\n  G: ")
    assert repr(GUESS_TWO).startswith("LinearRecognition, 3 inputs, 2 causes\n  W: ")
    assert LinearGenerative(*ONE.arrays()) == ONE
    assert LinearGenerative(ONE.G, ONE.h, 2 * ONE.variance) != ONE


# Exact values


@pytest.mark.parametrize(("gen", "rec"), PAIRS)
def test_every_exact_value_is_an_integral_over_the_causes(gen, rec) -> None:
    mean, cov = fa.posterior(gen, U)
    for row, u in enumerate(U[:3]):
        expected = integrals(gen, rec, u.tolist())
        for name in ("log_likelihood", "free_energy", "kl_q_p", "kl_p_q"):
            function = getattr(fa, name)
            value = function(gen, U) if name == "log_likelihood" else function(gen, rec, U)
            assert value.shape == (len(U),)
            assert value[row] == pytest.approx(getattr(expected, name), abs=1e-9), name
        reversed_f = fa.reversed_free_energy(gen, rec, U)[row]
        assert reversed_f == pytest.approx(expected.log_likelihood - expected.kl_p_q, abs=1e-9)
        np.testing.assert_allclose(mean[row], expected.mean, atol=1e-9)
        np.testing.assert_allclose(cov, expected.covariance, atol=1e-9)


def test_log_likelihood_is_adaptive_quadrature_for_one_cause() -> None:
    for u, value in zip(U, fa.log_likelihood(ONE, U), strict=True):
        integral, _ = quad(lambda v, u=u: math.exp(log_joint(ONE, [v], u)), -20, 20, epsabs=1e-13)
        assert value == pytest.approx(math.log(integral), abs=1e-8)


@pytest.mark.parametrize("gen", [TWO, fa.instruments(2)])
def test_likelihood_and_posterior_are_those_of_the_joint_gaussian(gen) -> None:
    _, u = gen.sample(np.random.default_rng(2), 20)
    (mean, cov), n_v = joint_gaussian(gen), gen.n_v
    C, across = cov[n_v:, n_v:], cov[:n_v, n_v:]
    expected = multivariate_normal(gen.h, C).logpdf(u)
    np.testing.assert_allclose(fa.log_likelihood(gen, u), expected, atol=1e-11)
    found, covariance = fa.posterior(gen, u)
    weights = across @ np.linalg.inv(C)
    np.testing.assert_allclose(found, (u - mean[n_v:]) @ weights.T, atol=1e-12)
    np.testing.assert_allclose(covariance, np.eye(n_v) - weights @ across.T, atol=1e-12)


@pytest.mark.parametrize("weights", [None, WEIGHTS])
def test_dreamt_f_tilde_is_an_integral_over_dreams(weights) -> None:
    gen = LinearGenerative([[1.3]], [0.4], [0.6])
    rec = LinearRecognition([[0.2]], [0.3], [0.5])
    u = U[:, :1]

    def missed(x: float) -> float:
        """Density of a dream times its KL(P[v|u] || Q)."""
        variance = 1 / (1 + 1.3**2 / 0.6)
        mean, guess = variance * 1.3 / 0.6 * (x - 0.4), 0.2 * x + 0.3
        kl = quad(
            lambda v: (
                math.exp(log_normal(v, mean, variance))
                * (log_normal(v, mean, variance) - log_normal(v, guess, 0.5))
            ),
            mean - 8,
            mean + 8,
        )[0]
        return math.exp(log_normal(x, 0.4, 1.3**2 + 0.6)) * kl

    log_l = [log_normal(float(x), 0.4, 1.3**2 + 0.6) for x in u[:, 0]]
    expected = np.average(log_l, weights=weights) - quad(missed, -15, 15)[0]
    assert fa.dream_free_energy(gen, rec, u, weights) == pytest.approx(expected, abs=1e-7)


def test_dreamt_f_tilde_is_a_mean_over_dreams() -> None:
    _, dreams = TWO.sample(np.random.default_rng(3), 100_000)
    missed = fa.kl_p_q(TWO, GUESS_TWO, dreams)
    expected = fa.log_likelihood(TWO, U).mean() - missed.mean()
    error = missed.std() / math.sqrt(len(dreams))
    assert abs(fa.dream_free_energy(TWO, GUESS_TWO, U) - expected) < 4 * error


@pytest.mark.parametrize(("gen", "rec"), PAIRS)
def test_f_and_both_f_tildes_stay_below_l(gen, rec) -> None:
    log_l = fa.log_likelihood(gen, U)
    assert (fa.free_energy(gen, rec, U) < log_l).all()
    assert (fa.reversed_free_energy(gen, rec, U) < log_l).all()
    assert fa.dream_free_energy(gen, rec, U) < log_l.mean()


def test_with_one_cause_the_best_guess_is_the_posterior() -> None:
    best = fa.best_recognition(ONE)
    np.testing.assert_allclose(fa.kl_q_p(ONE, best, U), 0, atol=1e-12)
    np.testing.assert_allclose(fa.kl_p_q(ONE, best, U), 0, atol=1e-12)


def test_with_two_causes_the_best_guess_misses_their_correlation() -> None:
    (_, cov), missed = fa.posterior(TWO, U), fa.kl_p_q(TWO, fa.best_recognition(TWO), U)
    correlation = cov[0, 1] / math.sqrt(cov[0, 0] * cov[1, 1])
    # The mutual information of two Gaussian causes, the same for every input.
    np.testing.assert_allclose(missed, -0.5 * math.log(1 - correlation**2), atol=1e-12)
    assert missed[0] > 0.01


def test_the_best_guess_is_the_top_of_dreamt_f_tilde() -> None:
    best = fa.best_recognition(TWO)
    for part in slope(lambda rec: fa.dream_free_energy(TWO, rec, U), best):
        np.testing.assert_allclose(part, 0, atol=1e-8)
    top, rng = fa.dream_free_energy(TWO, best, U), np.random.default_rng(4)
    for _ in range(20):
        near = best.like(best.ravel() + 0.01 * rng.standard_normal(best.ravel().size))
        assert fa.dream_free_energy(TWO, near, U) < top


@pytest.mark.parametrize("n_v", [1, 2, 3])
def test_an_aligned_machine_is_an_equal_machine_with_independent_causes(n_v) -> None:
    gen = LinearGenerative.random(np.random.default_rng(n_v + 4), 5, n_v)
    equal, u = fa.aligned(gen), gen.sample(np.random.default_rng(0), 30)[1]
    np.testing.assert_allclose(fa.log_likelihood(equal, u), fa.log_likelihood(gen, u), atol=1e-12)
    assert (equal.G.max(axis=0) == np.abs(equal.G).max(axis=0)).all()
    covariance = fa.posterior(equal, u)[1]
    np.testing.assert_allclose(covariance, np.diag(np.diag(covariance)), atol=1e-12)
    assert (np.diff(np.diag(covariance)) >= 0).all()
    np.testing.assert_allclose(fa.kl_q_p(equal, fa.best_recognition(equal), u), 0, atol=1e-12)


# Maximum likelihood


def test_em_finds_the_maximum_that_scipy_finds(learnt) -> None:
    n_u, n_v = 6, learnt.n_v
    mean = learnt.u.mean(axis=0)

    def cost(x: np.ndarray) -> float:
        G, variance = x[: n_u * n_v].reshape(n_u, n_v), np.exp(x[n_u * n_v :])
        return -multivariate_normal(mean, G @ G.T + np.diag(variance)).logpdf(learnt.u).mean()

    rng = np.random.default_rng(0)
    start = np.concatenate([0.3 * rng.standard_normal(n_u * n_v), np.zeros(n_u)])
    found = minimize(cost, start, method="L-BFGS-B", options={"maxiter": 500, "maxfun": 100_000})
    top = fa.log_likelihood(learnt.best, learnt.u).mean()
    assert top == pytest.approx(-found.fun, abs=1e-6)
    assert top >= -found.fun - 1e-9
    np.testing.assert_allclose(learnt.best.variance, np.exp(found.x[n_u * n_v :]), rtol=0.01)


def test_em_agrees_with_scikit_learn(learnt) -> None:
    decomposition = pytest.importorskip("sklearn.decomposition")
    other = decomposition.FactorAnalysis(
        learnt.n_v, tol=1e-12, max_iter=20_000, svd_method="lapack"
    ).fit(learnt.u)
    top = fa.log_likelihood(learnt.best, learnt.u).mean()
    assert top == pytest.approx(other.score(learnt.u), abs=1e-8)


def test_the_maximum_is_level_in_every_parameter(learnt) -> None:
    for part in slope(lambda gen: fa.log_likelihood(gen, learnt.u).mean(), learnt.best):
        np.testing.assert_allclose(part, 0, atol=1e-5)


def test_weights_count_rows_of_data() -> None:
    u = fa.make_data(np.random.default_rng(6), 40)
    times = np.random.default_rng(7).integers(1, 4, size=40)
    weighted = fa.maximum_likelihood(u, 1, times)
    repeated = fa.maximum_likelihood(np.repeat(u, times, axis=0), 1)
    np.testing.assert_allclose(weighted.ravel(), repeated.ravel(), atol=1e-6)


def test_em_that_does_not_end_says_so(monkeypatch, learnt) -> None:
    monkeypatch.setattr(closed_form, "_MOST_EM", 5)
    with pytest.raises(ArithmeticError, match="not come to an end after 5 steps: the variance of"):
        fa.maximum_likelihood(learnt.u, learnt.n_v)


# The delta rules


@pytest.mark.parametrize("weights", [None, WEIGHTS])
@pytest.mark.parametrize(("gen", "rec"), PAIRS)
def test_expected_deltas_are_sums_over_the_rules_own_draws(gen, rec, weights) -> None:
    """Gauss-Hermite nodes stand for the noise: exact for squares, and one number at a time."""
    nodes, mass = np.polynomial.hermite_e.hermegauss(3)
    mass = mass / mass.sum()
    wake, sleep = fa.expected_deltas(gen, rec, U, weights)
    G, h, psi = (np.zeros_like(array) for array in gen.arrays())
    share = np.full(len(U), 0.25) if weights is None else weights
    for u, p_u in zip(U, share, strict=True):
        for noise in itertools.product(range(3), repeat=gen.n_v):
            p = p_u * math.prod(mass[k] for k in noise)
            v = rec.W @ u + rec.w + np.sqrt(rec.variance) * nodes[list(noise)]
            for b in range(gen.n_u):
                r = u[b] - sum(gen.G[b, a] * v[a] for a in range(gen.n_v)) - gen.h[b]
                G[b] += p * r * v
                h[b] += p * r
                psi[b] += p * (r**2 - gen.variance[b])
    for found, expected in zip(wake, (G, h, psi), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-12)
    W, w, spread = (np.zeros_like(array) for array in rec.arrays())
    for noise in itertools.product(range(3), repeat=gen.n_v + gen.n_u):
        p = math.prod(mass[k] for k in noise)
        v = nodes[list(noise[: gen.n_v])]
        u = gen.G @ v + gen.h + np.sqrt(gen.variance) * nodes[list(noise[gen.n_v :])]
        for a in range(gen.n_v):
            s = v[a] - sum(rec.W[a, b] * u[b] for b in range(gen.n_u)) - rec.w[a]
            W[a] += p * s * u
            w[a] += p * s
            spread[a] += p * (s**2 - rec.variance[a])
    for found, expected in zip(sleep, (W, w, spread), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-12)


@pytest.mark.parametrize(("gen", "rec"), PAIRS)
def test_wake_climbs_f_and_sleep_climbs_dreamt_f_tilde(gen, rec) -> None:
    """A delta is the slope times a variance, or times twice its square for a variance."""
    wake, sleep = fa.expected_deltas(gen, rec, U, WEIGHTS)
    up_f = slope(lambda gen: WEIGHTS @ fa.free_energy(gen, rec, U), gen)
    up_dream = slope(lambda rec: fa.dream_free_energy(gen, rec, U, WEIGHTS), rec)
    for delta, up, var in ((wake, up_f, gen.variance), (sleep, up_dream, rec.variance)):
        np.testing.assert_allclose(delta[0], var[:, None] * up[0], atol=1e-7)
        np.testing.assert_allclose(delta[1], var * up[1], atol=1e-7)
        np.testing.assert_allclose(delta[2], 2 * var**2 * up[2], atol=1e-7)


@pytest.mark.parametrize("minibatch", [None, 10_000])
@pytest.mark.parametrize(("gen", "rec"), PAIRS)
def test_sampled_deltas_agree_in_mean_with_the_expected_ones(gen, rec, minibatch) -> None:
    """40 runs of one step of 10 000 draws, at a rate that hardly moves what is drawn from."""
    before, rate = np.concatenate([gen.ravel(), rec.ravel()]), 1e-6
    u, weights = np.tile(U, (2500, 1)), np.tile(WEIGHTS, 2500)
    moves = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        *_, step = fa.wake_sleep(gen, rec, u, weights, rate, 1, minibatch, rng)
        moves.append(np.concatenate([step.gen.ravel(), step.rec.ravel()]) - before)
    lines = fa.expected_deltas(gen, rec, U, WEIGHTS)
    expected = np.concatenate([array.ravel() for line in lines for array in line])
    found, error = np.mean(moves, axis=0) / rate, np.std(moves, axis=0) / rate / math.sqrt(40)
    assert (np.abs(found - expected) < 4 * error).all()
    assert (error < 0.05).all()


# Wake-sleep


def test_exact_wake_sleep_reaches_maximum_likelihood(learnt) -> None:
    gen, rec = beginning(0, learnt.n_v)
    *_, last = fa.wake_sleep(
        gen, rec, learnt.u, rate=0.1, steps=8000, expectations="exact", every=8000
    )
    below, missed = gaps(last, learnt.u, learnt.best)
    assert below < 1e-5
    assert missed < 1e-5
    np.testing.assert_allclose(last.gen.h, learnt.u.mean(axis=0), atol=1e-3)
    best = fa.best_recognition(last.gen)
    np.testing.assert_allclose(last.rec.W, best.W, atol=5e-3)
    np.testing.assert_allclose(last.rec.variance, best.variance, atol=5e-3)


@pytest.mark.long
def test_sampled_wake_sleep_comes_within_1e_4_nats_of_maximum_likelihood() -> None:
    u = fa.make_data(np.random.default_rng(0))
    best, steps = fa.maximum_likelihood(u), 8000
    for seed in (1, 2):
        rng = np.random.default_rng(seed)
        *_, last = fa.wake_sleep(
            *beginning(seed), u, rate=lambda done: 0.1 / (1 + done / 200), steps=steps,
            minibatch=None, rng=rng, every=steps,
        )  # fmt: skip
        below, missed = gaps(last, u, best)
        assert below < 1e-4
        assert missed < 1e-4


def test_both_phases_stand_still_at_the_aligned_maximum(learnt) -> None:
    best = fa.best_recognition(learnt.best)
    for line in fa.expected_deltas(learnt.best, best, learnt.u):
        for part in line:
            np.testing.assert_allclose(part, 0, atol=1e-5)


def test_wake_moves_an_equal_maximum_whose_causes_are_turned() -> None:
    data = data_of(2)
    gen = turned(data.best, 30)
    np.testing.assert_allclose(
        fa.log_likelihood(gen, data.u), fa.log_likelihood(data.best, data.u), atol=1e-12
    )
    wake, sleep = fa.expected_deltas(gen, fa.best_recognition(gen), data.u)
    assert np.abs(wake[0]).max() > 0.01
    assert max(np.abs(part).max() for part in sleep) < 1e-12


def test_wake_sleep_leaves_a_turned_maximum_and_comes_back_aligned() -> None:
    data = data_of(2)
    gen = turned(data.best, 30)
    run = fa.wake_sleep(
        gen, fa.best_recognition(gen), data.u, rate=0.1, steps=8000, every=100,
        expectations="exact",
    )  # fmt: skip
    below, missed = np.transpose([gaps(step, data.u, data.best) for step in run])
    assert below[0] == pytest.approx(0, abs=1e-9)
    assert missed[0] > 0.01
    assert below.max() > 1e-4
    assert below[-1] < 1e-6
    assert missed[-1] < 1e-6


@pytest.mark.parametrize(
    "options", [{"minibatch": 7}, {"minibatch": None}, {"expectations": "exact"}]
)
def test_a_run_that_is_stopped_and_continued_is_the_run_that_never_stopped(options) -> None:
    u = fa.make_data(np.random.default_rng(0), 60)
    gen, rec = beginning(3)
    common = {"rate": anneal(0.1, 60), **options}
    exact = "expectations" in options
    rngs = [None if exact else np.random.default_rng(9) for _ in range(2)]
    whole = list(fa.wake_sleep(gen, rec, u, steps=60, rng=rngs[0], every=20, **common))
    part = list(fa.wake_sleep(gen, rec, u, steps=20, rng=rngs[1], every=20, **common))
    rest = list(fa.wake_sleep(None, None, u, steps=40, every=20, start=part[-1], **common))
    assert [step.count for step in whole] == [0, 20, 40, 60]
    assert [step.phase for step in whole] == ["start"] + ["wake-sleep"] * 3
    for a, b in zip(whole, part + rest, strict=True):
        assert a.gen == b.gen
        assert a.rec == b.rec
        assert a.rng_state == b.rng_state


def test_what_a_step_fixes_is_refused_if_it_is_given_and_differs() -> None:
    u = fa.make_data(np.random.default_rng(0), 60)
    gen, rec = beginning(3)
    *_, step = fa.wake_sleep(gen, rec, u, steps=4, rng=np.random.default_rng(9))
    plain = list(fa.wake_sleep(None, None, u, steps=2, start=step))
    same = list(fa.wake_sleep(step.gen, step.rec, u, steps=2, rng=step.generator(), start=step))
    assert plain[-1].gen == same[-1].gen
    for change, message in (
        ({"gen": gen}, "gen is LinearGenerative"),
        ({"rec": rec}, "rec is LinearRecognition"),
        ({"rng": np.random.default_rng(0)}, "rng is Generator"),
    ):
        given = {"gen": None, "rec": None, "u": u, "start": step} | change
        with pytest.raises(ValueError, match=f"(?s){message}.*start has"):
            fa.wake_sleep(**given)
    with pytest.raises(ValueError, match="start is of type int; accepted: LinearStep"):
        fa.wake_sleep(None, None, u, start=3)


def test_a_rate_that_has_fallen_to_0_has_ended_there() -> None:
    u = fa.make_data(np.random.default_rng(0), 60)
    gen, rec = beginning(3)
    options = {"rng": np.random.default_rng(9), "every": 4}
    *_, step = fa.wake_sleep(gen, rec, u, steps=4, rate=anneal(0.1, 4, start=0), **options)
    *_, later = fa.wake_sleep(None, None, u, steps=8, rate=anneal(0.1, 4, start=0), start=step)
    assert later.gen == step.gen


def test_the_same_seed_gives_the_same_numbers_and_another_seed_others() -> None:
    u = fa.make_data(np.random.default_rng(0), 60)
    ends = [
        list(fa.wake_sleep(*beginning(3), u, steps=5, rng=np.random.default_rng(seed)))[-1]
        for seed in (1, 1, 2)
    ]
    assert ends[0].gen == ends[1].gen
    assert ends[0].gen != ends[2].gen


def test_data_are_drawn_in_proportion_to_their_weights() -> None:
    u = np.array([[1.0, 2.0], [100.0, -50.0], [3.0, 1.0]])
    gen, rec = beginning(0, 1, 2)
    options = {"rate": 0.01, "steps": 50, "minibatch": 5}
    with_rest = fa.wake_sleep(gen, rec, u, [1, 0, 1], rng=np.random.default_rng(4), **options)
    without = fa.wake_sleep(gen, rec, u[[0, 2]], rng=np.random.default_rng(4), **options)
    assert list(with_rest)[-1].gen == list(without)[-1].gen


def test_a_run_that_grows_out_of_bounds_keeps_its_last_good_step() -> None:
    u = 100 * fa.make_data(np.random.default_rng(0), 60)
    run = fa.wake_sleep(*beginning(0), u, rate=0.5, rng=np.random.default_rng(0), steps=500)
    with pytest.raises(Diverged) as caught:
        list(run)
    kept = caught.value.step
    assert f"Step {kept.count}" in str(caught.value)
    assert np.isfinite(kept.gen.ravel()).all()


# What is not accepted


def learn(**options):
    gen, rec = beginning(0)
    u = fa.make_data(np.random.default_rng(0), 10)
    given = {"gen": gen, "rec": rec, "u": u, "rng": np.random.default_rng(0)} | options
    return fa.wake_sleep(**given)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: LinearGenerative([[1.0]], [0.0], [0.0]), "variance contains 0; accepted"),
        (lambda: LinearRecognition([[1.0]], [0.0], [-2.0]), "variance contains -2; accepted"),
        (lambda: LinearGenerative([[1.0]], [0.0, 0.0], [1.0]), "G has shape (1, 1), beside 2"),
        (lambda: LinearRecognition([[1.0]], [0.0], [1.0, 1.0]), "W has shape (1, 1), beside 1"),
        (lambda: LinearGenerative([[np.nan]], [0.0], [1.0]), "G contains nan; accepted"),
        (lambda: LinearGenerative([1.0], [0.0], [1.0]), "G has shape (1,); accepted"),
        (lambda: LinearGenerative.random(0, 2, 1), "rng is 0; accepted"),
        (lambda: LinearGenerative.random(np.random.default_rng(0), 0, 1), "n_u is 0; accepted"),
        (lambda: ONE.sample(np.random.default_rng(0), 0), "n is 0; accepted"),
        (lambda: ONE.log_prob([[0.0]], U), "v has 1 rows; accepted: 4"),
        (lambda: GUESS_ONE.sample(np.random.default_rng(0), U[:, :2]), "u has shape (4, 2)"),
        (lambda: fa.log_likelihood(ONE, U[:0]), "u is empty"),
        (lambda: fa.free_energy(ONE, GUESS_TWO, U), "rec has 3 inputs, 2 causes; accepted: 3"),
        (lambda: fa.dream_free_energy(ONE, GUESS_ONE, U, [1.0]), "weights has length 1"),
        (lambda: fa.maximum_likelihood(U[:3]), "u has inputs that are constant or depend"),
        (lambda: fa.maximum_likelihood(U, 3), "n_v is 3; accepted: 1 to 2"),
        (lambda: fa.maximum_likelihood([1.0, 2.0]), "u has shape (2,); accepted"),
        (lambda: fa.instruments(3), "n_v is 3; accepted: 1 or 2"),
        (lambda: fa.instruments(1, 0.0), "noise is 0.0; accepted"),
        (lambda: learn(rate=0.0), "rate is 0.0; accepted"),
        (lambda: learn(steps=0), "steps is 0; accepted"),
        (lambda: learn(every=0), "every is 0; accepted"),
        (lambda: learn(minibatch=0), "minibatch is 0; accepted"),
        (lambda: learn(rng=None), "rng is None; accepted"),
        (lambda: learn(rec=None), "rec is None; accepted"),
        (lambda: learn(gen=GUESS_ONE), "gen is of type LinearRecognition; accepted"),
        (lambda: learn(rec=GUESS_ONE), "rec has 3 inputs, 1 cause; accepted: 6"),
        (lambda: learn(u=U), "u has shape (4, 3); accepted"),
        (lambda: learn(weights=[1.0]), "weights has length 1"),
        (lambda: learn(expectations="none"), "expectations is 'none'; accepted"),
    ],
)  # fmt: skip
def test_bad_input_is_named(call, message) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        call()
    assert message in str(caught.value)
