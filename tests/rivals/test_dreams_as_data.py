"""Prior dreams and kernel wake-sleep against loops, central differences and enumeration."""

from __future__ import annotations

import itertools
import math
import re

import numpy as np
import pytest

from hmlib import ddc, rivals
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
from hmlib.learning import Diverged
from hmlib.rivals import dreams_as_data
from hmlib.rivals.kernel_ridge import kernel_weights
from hmlib.rivals.prior_weights import prior_gradient


def a_network(rng) -> Chain:
    return Chain((Network.random(rng, 3, 2, hidden=5, variance=0.3), StandardNormal(2)))


def three_layers(rng) -> Chain:
    bottom = Gaussian(rng.normal(size=(4, 3)), rng.normal(size=4), rng.normal(size=4) - 1)
    middle = GaussianScale(rng.normal(size=(3, 2)) / 2, rng.normal(size=3) / 2)
    return Chain((bottom, middle, Bernoulli(rng.normal(size=(2, 2)), rng.normal(size=2)),
                  Coins(rng.normal(size=2))))  # fmt: skip


def coins_of_coins(rng) -> Chain:
    return Chain((Bernoulli(rng.normal(size=(4, 2)), rng.normal(size=4)), Coins([0.3, -0.8])))


def a_laplace_model(rng) -> Chain:
    bottom = Gaussian(rng.normal(size=(2, 2)), np.zeros(2), np.log([0.3, 0.4]))
    return Chain((bottom, Laplace(rng.normal(size=(2, 1))), Mixture([[-1.0], [1.5]], 0.7)))


MODELS = (a_network, three_layers, coins_of_coins, a_laplace_model)


def setting(make, n: int = 3, dreams: int = 6, seed: int = 0):
    rng = np.random.default_rng(seed)
    model = make(rng)
    x = model.sample(rng, n)[0]
    return model, x, model.sample(rng, dreams)


def row(array, s):
    return array[s : s + 1]


def central_differences(f, at: np.ndarray, h: float = 1e-5) -> np.ndarray:
    slopes = []
    for i in range(at.size):
        up, down = at.copy(), at.copy()
        up[i] += h
        down[i] -= h
        slopes.append((f(up) - f(down)) / (2 * h))
    return np.array(slopes)


@pytest.mark.parametrize("make", MODELS)
def test_pairs_are_the_log_densities_of_each_datum_under_each_dream(make) -> None:
    model, x, (_, z, *_) = setting(make)
    bottom = model.layers[0]
    slow = [[bottom.log_prob(row(x, i), row(z, s))[0] for s in range(6)] for i in range(3)]
    np.testing.assert_allclose(dreams_as_data.log_likelihoods(bottom, x, z), slow, atol=1e-9)


@pytest.mark.parametrize("make", MODELS)
def test_the_gradient_is_that_of_an_importance_weighted_likelihood(make) -> None:
    """log (1/S) sum_s p(x, z_s) / q(z_s), q the prior that the dreams came from."""
    model, x, (_, *latents) = setting(make)

    def joint(of, i):
        return [of.log_prob([row(x, i), *(row(z, s) for z in latents)])[0] for s in range(6)]

    prior = [
        joint(model, 0)[s] - model.layers[0].log_prob(row(x, 0), row(latents[0], s))[0]
        for s in range(6)
    ]

    def reached(vector):
        ratios = [np.array(joint(model.like(vector), i)) - prior for i in range(len(x))]
        return np.mean([math.log(np.exp(ratio).mean()) for ratio in ratios])

    found, value = prior_gradient(model, x, tuple(latents))
    assert value == pytest.approx(reached(model.ravel()), abs=1e-10)
    numeric = central_differences(reached, model.ravel())
    np.testing.assert_allclose(found, numeric, rtol=1e-5, atol=1e-7)


def test_with_many_dreams_it_is_the_gradient_of_the_log_likelihood() -> None:
    model, x, _ = setting(coins_of_coins, n=5)
    states = np.array(list(itertools.product([0.0, 1.0], repeat=2)))

    def exact(vector):
        of = model.like(vector)
        log_p = [[of.log_prob([row(x, i), row(states, s)])[0] for s in range(4)] for i in range(5)]
        return np.log(np.exp(log_p).sum(axis=1)).mean()

    dreams = model.sample(np.random.default_rng(3), 200_000)
    found, reached = prior_gradient(model, x, dreams[1:])
    np.testing.assert_allclose(found, central_differences(exact, model.ravel()), atol=0.01)
    assert reached == pytest.approx(exact(model.ravel()), abs=0.01)


@pytest.mark.parametrize("make", MODELS)
def test_weights_of_either_sign_meet_the_scores_one_by_one(make) -> None:
    model, x, (_, *latents) = setting(make)
    c = np.random.default_rng(1).normal(size=(3, 6))
    slow = np.zeros(model.ravel().size)
    for i, s in itertools.product(range(3), range(6)):
        values = [row(x, i), *(row(z, s) for z in latents), None]
        scores = [f.score(values[l], values[l + 1])[0] for l, f in enumerate(model.layers)]
        slow += c[i, s] * np.concatenate(scores) / 3
    np.testing.assert_allclose(dreams_as_data.joint_gradient(model, x, latents, c), slow, atol=1e-9)


def test_data_far_from_zero_keep_their_digits() -> None:
    model, x, (_, z) = setting(a_network)
    far = Chain((model.layers[0].shifted(np.full(3, -1e7)), model.layers[1]))
    c = np.random.default_rng(1).normal(size=(3, 6))
    here, there = (
        dreams_as_data.joint_gradient(of, data, [z], c) for of, data in ((model, x), (far, x + 1e7))
    )
    np.testing.assert_allclose(here, there, atol=1e-6)


# Kernel ridge.


def test_kernel_weights_solve_a_ridge_regression() -> None:
    """The minimiser of sum_s (f_s - g(x_s))^2 + rho |g|^2, found in the space of its features."""
    rng = np.random.default_rng(0)
    dreams, x, f = rng.normal(size=(7, 2)), rng.normal(size=(4, 2)), rng.normal(size=7)

    def kernel(a, b):
        return math.exp(-sum((p - q) ** 2 for p, q in zip(a, b, strict=True)) / (2 * 0.8**2))

    together = np.concatenate([dreams, x])
    gram = np.array([[kernel(a, b) for b in together] for a in together])
    values, vectors = np.linalg.eigh(gram)
    features = vectors * np.sqrt(values.clip(0))
    phi, at = features[:7], features[7:]
    beta = np.linalg.solve(phi.T @ phi + 0.1 * np.eye(11), phi.T @ f)
    np.testing.assert_allclose(kernel_weights(dreams, x, 0.8, 0.1) @ f, at @ beta, atol=1e-9)


@pytest.mark.parametrize("regressed", ["natural", "gradient"])
def test_the_regressed_gradient_comes_near_the_exact_one(regressed: str) -> None:
    """On coins, whose posterior four states enumerate; x takes 16 values, so nothing is smoothed
    but what the ridge takes."""
    rng = np.random.default_rng(0)
    model = coins_of_coins(rng)
    x = model.sample(rng, 40)[0]
    states = np.array(list(itertools.product([0.0, 1.0], repeat=2)))

    def exact(vector):
        of = model.like(vector)
        log_p = [of.log_prob([x, np.repeat(row(states, s), 40, axis=0)]) for s in range(4)]
        return np.log(np.exp(log_p).sum(axis=0)).mean()

    slope, found = central_differences(exact, model.ravel()), []
    for seed in range(60):
        *_, step = rivals.kernel_wake_sleep(
            model, x, np.random.default_rng(seed), 800, 1, 1e-9, width=0.05, ridge=1e-3,
            regressed=regressed, minibatch=None,
        )  # fmt: skip
        found.append(np.asarray(step.optimiser.mean) / 0.1)
    np.testing.assert_allclose(np.mean(found, axis=0), slope, atol=0.02)


# Learning.


def circle(n: int = 400, seed: int = 5) -> np.ndarray:
    rng = np.random.default_rng(seed)
    angle = rng.uniform(0, 2 * np.pi, n)
    return 1.5 * np.stack([np.cos(angle), np.sin(angle)], axis=1) + 0.1 * rng.normal(size=(n, 2))


RULES = (rivals.prior_dreams, rivals.kernel_wake_sleep)


@pytest.mark.long
@pytest.mark.parametrize("rule", RULES)
def test_a_short_run_improves_on_any_gaussian(rule) -> None:
    x = circle()
    *_, last = rule(None, x, np.random.default_rng(0), 300, 300, every=300)
    found, _ = ddc.log_likelihood(last.model, circle(seed=6), np.random.default_rng(1), 20_000)
    gaussian = -(1 + math.log(2 * math.pi * 1.5**2 / 2))
    assert found.mean() > gaussian + 0.3


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("minibatch", [30, None])
def test_a_run_that_is_continued_never_stopped(rule, minibatch) -> None:
    x, rng = circle(60), np.random.default_rng(1)
    kept = {"n_dreams": 20, "rate": lambda done: 0.01 * (1 - done / 8), "minibatch": minibatch}
    *_, whole = rule(None, x, np.random.default_rng(1), steps=8, every=3, **kept)
    *_, half = rule(None, x, rng, steps=5, **kept)
    rng.normal(size=100)
    *_, rest = rule(None, x, steps=3, start=half, **kept)
    assert (whole.model.ravel() == rest.model.ravel()).all()
    assert (whole.count, whole.rng_state, whole.reached) == (8, rest.rng_state, rest.reached)
    assert whole.gen is whole.model


@pytest.mark.parametrize("rule", RULES)
def test_units_and_place_of_the_data_do_not_matter(rule) -> None:
    x, scale, shift = circle(100), np.array([1000.0, 0.001]), np.array([3e4, -2.0])
    dreams = []
    for data in (x, shift + scale * x):
        *_, last = rule(None, data, np.random.default_rng(1), 50, 20, every=20)
        dreams.append(last.model.sample(np.random.default_rng(2), 200)[0])
    np.testing.assert_allclose((dreams[1] - shift) / scale, dreams[0], atol=1e-5)


@pytest.mark.long
def test_three_layers_are_learnt_in_all_their_parameters() -> None:
    model, _, _ = setting(three_layers)
    x = model.sample(np.random.default_rng(1), 200)[0]
    steps = list(rivals.prior_dreams(model.like(0.5 * model.ravel()), x, np.random.default_rng(0),
                                     steps=200, every=200))  # fmt: skip
    assert (steps[-1].model.ravel() != steps[0].model.ravel()).all()
    first, last = (
        ddc.log_likelihood(step.model, x, np.random.default_rng(2), 20_000)[0].mean()
        for step in steps
    )
    assert last > first + 0.5
    assert str(round(steps[-1].reached, 4)) in repr(steps[-1])


@pytest.mark.parametrize("rule", RULES)
def test_a_run_that_leaves_the_numbers_keeps_its_last_good_step(rule) -> None:
    with pytest.raises(Diverged, match="is the last good one") as caught:
        list(rule(None, circle(), np.random.default_rng(0), 20, 50, 1e90))
    assert isinstance(caught.value.step, rivals.ModelStep)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"model": 3}, "model is of type int; accepted: Chain"),
        ({"x": np.full((5, 2), np.nan)}, "x contains nan"),
        ({"x": np.ma.masked_equal(np.eye(3), 1)}, "x has masked numbers"),
        ({"rng": None}, "rng is None; accepted: a generator"),
        ({"n_dreams": 0}, "n_dreams is 0"),
        ({"steps": 0}, "steps is 0"),
        ({"every": 0}, "every is 0"),
        ({"minibatch": 0}, "minibatch is 0"),
        ({"rate": 0.0}, "rate is 0.0"),
        ({"start": 3}, "start is of type int; accepted: ModelStep"),
    ],
)
def test_bad_arguments_are_named(rule, change, words) -> None:
    arguments = {"model": None, "x": circle(20), "rng": np.random.default_rng(0)} | change
    with pytest.raises(ValueError, match=re.escape(words)):
        rule(**arguments)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"width": 0.0}, "width is 0.0"),
        ({"ridge": -1.0}, "ridge is -1.0"),
        ({"regressed": "all"}, "regressed is 'all'; accepted: 'natural', 'gradient'"),
    ],
)
def test_bad_kernels_are_named(change, words) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        rivals.kernel_wake_sleep(None, circle(20), np.random.default_rng(0), **change)


def test_a_column_that_never_moves_is_said() -> None:
    x = np.column_stack([circle(30)[:, 0], np.full(30, 0.1)])
    with pytest.warns(RuntimeWarning, match="1 of 2 coordinates never change"):
        list(rivals.prior_dreams(None, x, np.random.default_rng(1), 20, 5))
