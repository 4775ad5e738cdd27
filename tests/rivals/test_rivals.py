"""Autoencoders against central differences, slow loops and quadrature."""

from __future__ import annotations

import importlib
import math
import re
import tracemalloc

import numpy as np
import pytest

from hmlib import rivals
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
from hmlib.learning import Diverged, train, two_stage


def a_network(rng) -> Chain:
    return Chain((Network.random(rng, 3, 2, hidden=5, variance=0.3), StandardNormal(2)))


def a_variance_model(rng) -> Chain:
    bottom = Gaussian(rng.normal(size=(4, 3)), rng.normal(size=4), rng.normal(size=4) - 1)
    scale = GaussianScale(rng.normal(size=(3, 2)) / 2, rng.normal(size=3) / 2)
    return Chain((bottom, scale, StandardNormal(2)))


def a_laplace_model(rng) -> Chain:
    bottom = Gaussian(rng.normal(size=(2, 2)), np.zeros(2), np.log([0.3, 0.4]))
    top = Mixture([[-1.0], [1.5]], 0.7, [0.3, 0.7])
    return Chain((bottom, Laplace(rng.normal(size=(2, 1))), top))


def coins_of_a_normal(rng) -> Chain:
    return Chain((Bernoulli(rng.normal(size=(4, 2)), rng.normal(size=4)), StandardNormal(2)))


MODELS = (a_network, a_variance_model, a_laplace_model, coins_of_a_normal)


def setting(make, k: int, n: int = 4, seed: int = 0):
    """A random model and encoder, data dreamt by the model, and noise."""
    rng = np.random.default_rng(seed)
    model = make(rng)
    n_z = sum(layer.n_y for layer in model.layers[1:])
    x = model.sample(rng, n)[0]
    encoder = rivals.Encoder.random(rng, rng.normal(size=(9, model.n_x)), n_z, units=6)
    # Away from N(0, I), where much cancels.
    encoder = encoder.like(encoder.ravel() + 0.3 * rng.normal(size=encoder.ravel().size))
    return model, encoder, x, rng.normal(size=(n, k, n_z)), rng


# Slow loops.


def guess_by_hand(encoder, x) -> tuple[list[float], list[float]]:
    values = list(x)
    for l, (W, b) in enumerate(zip(encoder.weights, encoder.biases, strict=True)):
        sums = [sum(w * v for w, v in zip(row, values, strict=True)) for row in W.tolist()]
        sums = [s + bias for s, bias in zip(sums, b.tolist(), strict=True)]
        values = sums if l == len(encoder.biases) - 1 else [math.tanh(s) for s in sums]
    half = len(values) // 2
    return values[:half], values[half:]


def normal_by_hand(value, mean, log_var) -> float:
    return -((value - mean) ** 2 / math.exp(log_var) + log_var + math.log(2 * math.pi)) / 2


def bound_by_hand(model, encoder, x, noise) -> list[float]:
    widths = [layer.n_y for layer in model.layers[1:]]
    found = []
    for datum, draws in zip(x, noise, strict=True):
        mean, log_var = guess_by_hand(encoder, datum.tolist())
        ratios = []
        for e in draws:
            pairs = list(zip(mean, log_var, e.tolist(), strict=True))
            z = [m + math.exp(lv / 2) * ei for m, lv, ei in pairs]
            log_q = sum(normal_by_hand(*each) for each in zip(z, mean, log_var, strict=True))
            parts = np.split(np.array(z), np.cumsum(widths)[:-1])
            log_p = model.log_prob([datum[None], *(part[None] for part in parts)])[0]
            ratios.append(math.exp(log_p - log_q))
        found.append(math.log(sum(ratios) / len(ratios)))
    return found


def central_differences(f, at: np.ndarray, h: float = 1e-5) -> np.ndarray:
    slopes = []
    for i in range(at.size):
        up, down = at.copy(), at.copy()
        up[i] += h
        down[i] -= h
        slopes.append((f(up) - f(down)) / (2 * h))
    return np.array(slopes)


@pytest.mark.parametrize("make", MODELS)
@pytest.mark.parametrize("k", [1, 5])
def test_the_bound_is_the_log_of_a_mean_of_ratios(make, k: int) -> None:
    model, encoder, x, noise, _ = setting(make, k)
    found, _, _ = rivals.bound(model, encoder, x, noise)
    np.testing.assert_allclose(found, bound_by_hand(model, encoder, x, noise), atol=1e-10)


@pytest.mark.parametrize("make", MODELS)
@pytest.mark.parametrize("k", [1, 5])
def test_gradients_are_central_differences(make, k: int) -> None:
    model, encoder, x, noise, _ = setting(make, k)
    _, d_model, d_encoder = rivals.bound(model, encoder, x, noise)

    def of_model(vector):
        return rivals.bound(model.like(vector), encoder, x, noise)[0].mean()

    def of_encoder(vector):
        return rivals.bound(model, encoder.like(vector), x, noise)[0].mean()

    numeric = central_differences(of_model, model.ravel())
    np.testing.assert_allclose(d_model, numeric, rtol=1e-5, atol=1e-7)
    numeric = central_differences(of_encoder, encoder.ravel())
    np.testing.assert_allclose(d_encoder, numeric, rtol=1e-5, atol=1e-7)


def test_with_one_guess_the_mean_bound_is_the_free_energy() -> None:
    """E log p(x|z) - KL(q(z|x) || N(0, I)): the first by quadrature, the second by its formula."""
    model, encoder, x, _, rng = setting(a_network, 1, n=3)
    mean, log_var = (np.array(v) for v in zip(*(guess_by_hand(encoder, r) for r in x), strict=True))
    nodes, shares = np.polynomial.hermite_e.hermegauss(60)
    shares = shares / shares.sum()
    for n, datum in enumerate(x):
        e = np.array([(a, b) for a in nodes for b in nodes])
        z = mean[n] + np.exp(log_var[n] / 2) * e
        seen = model.layers[0].log_prob(np.repeat(datum[None], len(z), axis=0), z)
        kl = (np.exp(log_var[n]) + mean[n] ** 2 - 1 - log_var[n]).sum() / 2
        free_energy = np.outer(shares, shares).ravel() @ seen - kl
        many = np.repeat(datum[None], 4000, axis=0)
        drawn, _, _ = rivals.bound(model, encoder, many, rng.normal(size=(4000, 1, 2)))
        assert abs(np.mean(drawn) - free_energy) < 4 * np.std(drawn) / math.sqrt(len(drawn))


# The exact log likelihood.


def log_likelihood_by_quadrature(model: Chain, x: np.ndarray) -> np.ndarray:
    """log p(x) of a model with one latent layer of two standard normal units, on a fine grid."""
    axis = np.linspace(-7, 7, 281)
    grid = np.array([(a, b) for a in axis for b in axis])
    log_prior = -(grid**2).sum(axis=1) / 2 - math.log(2 * math.pi)
    found = []
    for datum in x:
        rows = np.repeat(datum[None], len(grid), axis=0)
        log_joint = log_prior + model.layers[0].log_prob(rows, grid)
        top = log_joint.max()
        found.append(top + math.log(np.exp(log_joint - top).sum() * (axis[1] - axis[0]) ** 2))
    return np.array(found)


def test_bounds_rise_with_the_guesses_up_to_the_log_likelihood() -> None:
    model, encoder, x, _, rng = setting(a_network, 1, n=6)
    exact = log_likelihood_by_quadrature(model, x)
    repeats, reached = 4000, []
    for k in (1, 3, 10):
        noise = rng.normal(size=(len(x) * repeats, k, 2))
        each, _, _ = rivals.bound(model, encoder, x.repeat(repeats, axis=0), noise)
        each = each.reshape(len(x), repeats)
        reached.append(each.mean(axis=1))
        error = each.std(axis=1) / math.sqrt(repeats)
        assert (reached[-1] < exact + 4 * error).all()
    assert (np.diff(reached, axis=0) > 0).all()
    assert (exact - reached[0] > 0.05).any()


@pytest.mark.parametrize("make", [a_network, coins_of_a_normal])
@pytest.mark.parametrize("dreamt", [0, 0.1, 0.5])
def test_the_estimate_comes_up_to_the_log_likelihood(make, dreamt: float) -> None:
    model, encoder, x, _, rng = setting(make, 1, n=5)
    exact = log_likelihood_by_quadrature(model, x)
    found = rivals.estimate(model, encoder, x, rng, k=60_000, dreamt=dreamt)
    assert found.error < 0.02
    assert abs(found.mean - exact.mean()) < 4 * found.error
    np.testing.assert_allclose(found.each, exact, atol=0.1)


def test_dreams_find_the_peak_that_the_encoder_does_not_see() -> None:
    """x is noise alone, so that both peaks of the prior are in every posterior."""
    rng = np.random.default_rng(0)
    noise = Gaussian(np.zeros((1, 1)), np.zeros(1), np.zeros(1))
    model = Chain((noise, Mixture([[-3.0], [3.0]], 0.2)))
    encoder = rivals.Encoder((np.zeros((2, 1)),), (np.array([3.0, 2 * math.log(0.2)]),))
    x = rng.normal(size=(20, 1))
    exact = np.mean([normal_by_hand(value, 0.0, 0.0) for value in x[:, 0]])
    blind = rivals.estimate(model, encoder, x, rng, k=500, dreamt=0)
    assert blind.mean == pytest.approx(exact - math.log(2), abs=0.01)
    found = rivals.estimate(model, encoder, x, rng, k=500)
    assert 0.005 < found.error < 0.03
    assert abs(found.mean - exact) < 4 * found.error


def test_layers_of_dreams_are_drawn_together() -> None:
    """With dreams alone but for a trace, the estimate needs no encoder: a slow average."""
    model, encoder, x, _, rng = setting(a_laplace_model, 1, n=3)
    found = rivals.estimate(model, encoder, x, rng, k=40_000, dreamt=0.999)
    dreams = model.sample(rng, 40_000)
    for n, datum in enumerate(x):
        seen = model.layers[0].log_prob(np.repeat(datum[None], 40_000, axis=0), dreams[1])
        assert found.each[n] == pytest.approx(math.log(np.exp(seen).mean()), abs=0.1)


def test_the_standard_error_is_that_of_repeated_estimates() -> None:
    model, encoder, x, _, rng = setting(a_network, 1, n=4)
    runs = [rivals.estimate(model, encoder, x, rng, k=2000) for _ in range(200)]
    spread = np.std([run.mean for run in runs], ddof=1)
    assert np.median([run.error for run in runs]) == pytest.approx(spread, rel=0.3)


def test_effective_guesses_are_counted() -> None:
    model, encoder, x, _, rng = setting(a_network, 1, n=3)
    state = rng.bit_generator.state
    found = rivals.estimate(model, encoder, x, rng, k=50, dreamt=0)
    rng.bit_generator.state = state
    noise = rng.normal(size=(3, 50, 2))
    for n in range(3):
        ratios = [
            math.exp(bound_by_hand(model, encoder, x[n : n + 1], e[None, None])[0])
            for e in noise[n]
        ]
        assert found.each[n] == pytest.approx(math.log(sum(ratios) / 50), abs=1e-10)
        effective = sum(ratios) ** 2 / sum(ratio**2 for ratio in ratios)
        assert found.effective[n] == pytest.approx(effective, rel=1e-9)


@pytest.mark.parametrize("numbers", [5000, 4_000_000])
def test_blocks_of_an_estimate_leave_nothing_out(monkeypatch, numbers: int) -> None:
    model, encoder, x, _, _ = setting(a_network, 1, n=7)
    monkeypatch.setattr(importlib.import_module("hmlib.rivals.estimate"), "_NUMBERS", numbers)
    found = rivals.estimate(model, encoder, x, np.random.default_rng(3), k=20_000)
    assert found.each.shape == found.effective.shape == (7,)
    np.testing.assert_allclose(found.each, log_likelihood_by_quadrature(model, x), atol=0.15)


def test_an_estimate_needs_little_memory() -> None:
    model, encoder, x, _, rng = setting(a_network, 1, n=500)
    tracemalloc.start()
    rivals.estimate(model, encoder, x, rng, k=2000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # One number a guess of each datum is 8 MB, all hidden units together 40 MB.
    assert peak < 25e6


# The encoder.


def test_the_encoder_samples_from_its_density() -> None:
    _, encoder, x, _, rng = setting(a_variance_model, 1, n=2)
    mean, log_var = guess_by_hand(encoder, x[0].tolist())
    z = encoder.sample(rng, x[:1].repeat(20_000, axis=0))
    assert z.shape == (20_000, 5)
    np.testing.assert_allclose(z.mean(axis=0), mean, atol=5 * z.std(axis=0).max() / 141)
    np.testing.assert_allclose(z.var(axis=0), np.exp(log_var), rtol=0.06)
    by_hand = sum(normal_by_hand(*each) for each in zip(z[0].tolist(), mean, log_var, strict=True))
    assert encoder.log_prob(z[:1], x[:1])[0] == pytest.approx(by_hand, abs=1e-12)


def test_a_fresh_encoder_sees_data_in_any_units() -> None:
    points = np.random.default_rng(0).normal(size=(50, 3))
    one = rivals.Encoder.random(np.random.default_rng(1), points, 2, units=8)
    other = rivals.Encoder.random(np.random.default_rng(1), 1e3 * points + 5, 2, units=8)
    for here, there in zip(one.moments(points), other.moments(1e3 * points + 5), strict=True):
        np.testing.assert_allclose(here, there, atol=1e-9)
        assert np.abs(here).max() < 0.5


def test_a_coordinate_that_never_moves_has_no_scale() -> None:
    # The mean of 0.1, seven times over, is not 0.1.
    points = np.column_stack([np.arange(7.0), np.full(7, 0.1)])
    encoder = rivals.Encoder.random(np.random.default_rng(0), points, 1)
    assert points[:, 1].std() > 0
    assert np.abs(encoder.weights[0][:, 1]).max() < 10


def test_an_encoder_says_its_units() -> None:
    encoder = rivals.Encoder.random(np.random.default_rng(0), np.eye(3), 2, units=8)
    assert encoder.units == "3 input(s), 8-8 hidden units, 2 latent(s)"
    assert repr(encoder).startswith("Encoder, 3 input(s), 8-8 hidden units, 2 latent(s)")


# Learning.


def circle(n: int = 300, seed: int = 5) -> np.ndarray:
    rng = np.random.default_rng(seed)
    angle = rng.uniform(0, 2 * np.pi, n)
    return 1.5 * np.stack([np.cos(angle), np.sin(angle)], axis=1) + 0.1 * rng.normal(size=(n, 2))


def to_learn(seed: int = 0) -> Chain:
    network = Network.random(np.random.default_rng(seed), 2, 2, hidden=20, variance=0.1)
    return Chain((network, StandardNormal(2)))


def same(one: rivals.AutoencoderStep, other: rivals.AutoencoderStep) -> bool:
    return (
        (one.model.ravel() == other.model.ravel()).all()
        and (one.encoder.ravel() == other.encoder.ravel()).all()
        and one.rng_state == other.rng_state
        and one.bound == other.bound
        and one.count == other.count
    )


SMALL = dict(minibatch=30, encoder_units=10)


def test_the_same_seed_gives_the_same_numbers() -> None:
    one, again, other = (
        list(rivals.fit(to_learn(), circle(), np.random.default_rng(seed), 3, 5, **SMALL))
        for seed in (1, 1, 2)
    )
    assert len(one) == 6
    assert [step.count for step in one] == list(range(6))
    assert all(map(same, one, again))
    assert not same(one[-1], other[-1])


@pytest.mark.parametrize("k", [1, 4])
@pytest.mark.parametrize("minibatch", [30, None])
def test_a_run_that_is_continued_never_stopped(k: int, minibatch: int | None) -> None:
    settings = dict(k=k, minibatch=minibatch, encoder_units=10, rate=two_stage(0.01, 0.002, 8, 0.6))
    x, rng = circle(60), np.random.default_rng(1)
    *_, whole = rivals.fit(to_learn(), x, np.random.default_rng(1), steps=8, every=3, **settings)
    *_, half = rivals.fit(to_learn(), x, rng, steps=5, **settings)
    # What the caller's generator does in between is of no concern.
    rng.normal(size=100)
    *_, rest = rivals.fit(None, x, steps=3, start=half, **settings)
    assert same(whole, rest)


def test_without_a_model_a_network_is_made_for_the_data() -> None:
    x = np.array([100.0, -5.0]) + np.array([1.0, 3.0]) * circle()
    first = next(rivals.fit(None, x, np.random.default_rng(0), **SMALL))
    network, top = first.model.layers
    assert isinstance(network, Network)
    assert isinstance(top, StandardNormal)
    np.testing.assert_allclose(network.b, x.mean(axis=0), rtol=1e-9)
    np.testing.assert_allclose(np.exp(network.log_var), x.var(axis=0) / 10, rtol=0.05)


def test_records_come_every_so_many_steps() -> None:
    steps = rivals.fit(to_learn(), circle(), np.random.default_rng(0), steps=7, every=3, **SMALL)
    assert steps.total == 7
    assert [step.count for step in steps] == [0, 3, 6, 7]


@pytest.mark.parametrize("k", [1, 10])
def test_a_short_run_improves_on_any_gaussian(k: int) -> None:
    x, held_out = circle(), circle(200, seed=6)
    steps = rivals.fit(
        to_learn(), x, np.random.default_rng(0), k, steps=400, rate=0.01, every=400,
        minibatch=100, encoder_units=30,
    )  # fmt: skip
    first, last = (
        rivals.estimate(step.model, step.encoder, held_out, np.random.default_rng(1), 200)
        for step in steps
    )
    # Two uncorrelated normal coordinates with the variance of the data.
    gaussian = 2 * -(math.log(2 * math.pi * held_out.var()) + 1) / 2
    assert last.mean > first.mean + 1
    assert last.mean > gaussian + 0.1


def test_a_layered_model_learns_the_scale_of_its_data() -> None:
    rng = np.random.default_rng(0)
    x = a_variance_model(rng).sample(rng, 400)[0]
    steps = rivals.fit(
        a_variance_model(np.random.default_rng(7)), x, rng, 5, steps=300, rate=0.01, every=300,
        minibatch=50, encoder_units=20,
    )  # fmt: skip
    first, last = (
        rivals.estimate(step.model, step.encoder, x[:100], np.random.default_rng(1), 300)
        for step in steps
    )
    assert last.mean > first.mean + 0.5


def test_an_encoder_can_learn_alone() -> None:
    model, x = to_learn(), circle()
    first, last = rivals.fit(
        model, x, np.random.default_rng(0), 1, steps=200, rate=lambda done: (0.0, 0.01), every=200,
        **SMALL,
    )  # fmt: skip
    assert (last.model.ravel() == model.ravel()).all()
    counts = [
        np.median(rivals.estimate(model, step.encoder, x, np.random.default_rng(1), 100).effective)
        for step in (first, last)
    ]
    assert counts[1] > counts[0]


def test_steps_can_be_trained_with_and_say_where_they_are() -> None:
    run = train(
        rivals.fit(to_learn(), circle(), np.random.default_rng(0), steps=4, **SMALL),
        observe=lambda step: step.bound if step.count else math.nan,
        progress=False,
    )
    assert run.outcome == "finished"
    assert run.observed.shape == (5,)
    assert repr(run) == "Run finished at step 4, 2-2: Network, StandardNormal"
    assert repr(run.last) == f"Step 4: 2-2: Network, StandardNormal, L_K {run.last.bound:.4f}"
    drawn = run.last.generator().integers(100, size=3)
    assert (drawn == run.last.generator().integers(100, size=3)).all()


def test_a_run_that_leaves_the_numbers_keeps_its_last_good_step() -> None:
    steps = rivals.fit(to_learn(), circle(), np.random.default_rng(0), rate=1e200, **SMALL)
    with pytest.raises(Diverged, match="Step 0 is the last good one") as caught:
        list(steps)
    assert caught.value.step.count == 0
    assert isinstance(caught.value.step, rivals.AutoencoderStep)


def discrete() -> Chain:
    return Chain((Gaussian(np.ones((2, 1)), np.zeros(2), np.zeros(2)), Coins([0.0])))


def fitted(**change):
    arguments = dict(model=to_learn(), x=circle(), rng=np.random.default_rng(0)) | change
    return lambda: rivals.fit(**arguments)


def estimated(**change):
    model, encoder, x, _, rng = setting(a_network, 1)
    arguments = dict(model=model, encoder=encoder, x=x, rng=rng) | change
    return lambda: rivals.estimate(**arguments)


def bounded(**change):
    model, encoder, x, noise, _ = setting(a_network, 2)
    arguments = dict(model=model, encoder=encoder, x=x, noise=noise) | change
    return lambda: rivals.bound(**arguments)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (bounded(x=np.ones((4, 2))), "x has shape (4, 2); accepted: (n, 3)"),
        (bounded(noise=np.ones((4, 2))), "noise has shape (4, 2); accepted: (4, K, 2)"),
        (bounded(noise=np.ones((3, 2, 2))), "noise has shape (3, 2, 2); accepted: (4, K, 2)"),
        (bounded(noise=np.ones((4, 0, 2))), "noise has shape (4, 0, 2); accepted: (4, K, 2)"),
        (bounded(noise=np.full((4, 1, 2), np.nan)), "noise contains nan; accepted: finite"),
        (bounded(encoder=None), "encoder is of type NoneType; accepted: Encoder"),
        (bounded(model=to_learn(), x=circle(4)), "encoder has 3 input(s), 6-6 hidden units"),
        (fitted(model=3), "model is of type int; accepted: a ddc.Chain"),
        (fitted(model=discrete()), "layers[1] of the model is Coins; accepted: Gaussian, "),
        (fitted(x=np.ones((5, 3))), "x has shape (5, 3); accepted: (n, 2)"),
        (fitted(x=np.full((5, 2), np.nan)), "x contains nan; accepted: finite numbers"),
        (fitted(x=np.ones((0, 2))), "x is empty"),
        (fitted(rng=None), "rng is None; accepted: a generator"),
        (fitted(k=0), "k is 0; accepted: a whole number >= 1"),
        (fitted(steps=0), "steps is 0; accepted: a whole number >= 1"),
        (fitted(every=0), "every is 0; accepted: a whole number >= 1"),
        (fitted(minibatch=0), "minibatch is 0; accepted: a whole number >= 1"),
        (fitted(encoder_units=0), "encoder_units is 0; accepted: a whole number >= 1"),
        (fitted(rate=0.0), "rate is 0.0; accepted: a finite number > 0"),
        (fitted(rate=np.nan), "rate is nan; accepted: a finite number > 0"),
        (fitted(rate=(1, 1, 1)), "rate has 3 numbers; accepted: 1 to 2"),
        (fitted(start=3), "start is of type int; accepted: a rivals.AutoencoderStep"),
        (estimated(k=0), "k is 0; accepted: a whole number >= 1"),
        (estimated(dreamt=1.0), "dreamt is 1.0; accepted: a part of the guesses, 0 to below 1"),
        (estimated(dreamt="no"), "dreamt is 'no'; accepted: a part of the guesses"),
        (estimated(rng=1), "rng is 1; accepted: a generator"),
        (estimated(x=np.ones((5, 2))), "x has shape (5, 2); accepted: (n, 3)"),
        (estimated(model=to_learn(), x=circle()), "encoder has 3 input(s), 6-6 hidden units"),
        (
            lambda: rivals.Encoder.random(np.random.default_rng(0), np.ones((0, 2)), 1),
            "points has shape (0, 2); accepted: (m, n_x), both >= 1",
        ),
        (lambda: rivals.Encoder((), ()), "weights have shapes []"),
        (lambda: rivals.Encoder((np.ones((3, 2)),), (np.ones(3),)), "weights have shapes [(3, 2)]"),
        (
            lambda: rivals.Encoder((np.ones((4, 2)), np.ones((2, 3))), (np.ones(4), np.ones(2))),
            "weights have shapes [(4, 2), (2, 3)]",
        ),
    ],
)
def test_bad_arguments_are_named_with_what_is_accepted(call, words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        call()


def test_coins_must_be_given_as_zeros_and_ones() -> None:
    model = coins_of_a_normal(np.random.default_rng(0))
    with pytest.raises(ValueError, match=r"x contains 0\.5; accepted: binary values"):
        rivals.fit(model, np.full((3, 4), 0.5), np.random.default_rng(0))


def test_units_of_the_data_do_not_matter() -> None:
    x = circle()
    kept = {"k": 3, "steps": 6, "every": 6, "minibatch": 50, "encoder_units": 10}
    *_, here = rivals.fit(None, x, np.random.default_rng(1), **kept)
    dreams = here.model.sample(np.random.default_rng(2), 200)[0]
    # A power of 64 is a unit of its own, exactly.
    for scale in (np.array([64.0, 64.0]), np.array([64.0**3, 64.0**-2])):
        *_, there = rivals.fit(None, scale * x, np.random.default_rng(1), **kept)
        rescaled = there.model.sample(np.random.default_rng(2), 200)[0] / scale
        np.testing.assert_allclose(rescaled, dreams, atol=1e-9)
        np.testing.assert_allclose(there.encoder.moments(scale * x), here.encoder.moments(x))


def test_where_the_data_lie_does_not_matter() -> None:
    x = circle() - circle().mean(axis=0)
    kept = {"k": 3, "steps": 6, "every": 6, "minibatch": 50, "encoder_units": 10}
    for scale in (1.0, 64.0**2):
        here, there = (
            list(rivals.fit(None, scale * (x + shift), np.random.default_rng(1), **kept))[-1]
            for shift in (0.0, 4096.0)
        )
        for one, other in zip(
            here.encoder.moments(scale * x), there.encoder.moments(scale * (x + 4096)), strict=True
        ):
            np.testing.assert_allclose(one, other, atol=1e-5)


@pytest.mark.long
@pytest.mark.parametrize(
    ("scale", "shift"), [(1.0, 0.0), ([1e3, 1e-3], [5e4, -7.0]), (1e6, 0.0), (1e-6, 1.0)]
)
def test_it_learns_in_any_units(scale, shift) -> None:
    x = circle()
    made = scale * x + shift
    start = Chain((Network.random(np.random.default_rng(3), 2, 2, 20), StandardNormal(2)))
    layer, spread = start.layers[0], made.std(axis=0)
    start = Chain(
        (
            Network(layer.V, layer.a, spread[:, None] * layer.U, made.mean(axis=0),
                    2 * np.log(spread) - 2),
            StandardNormal(2),
        )
    )  # fmt: skip
    *_, last = rivals.fit(
        start, made, np.random.default_rng(1), 5, 250, 0.01, every=250, encoder_units=30
    )
    dreams = (last.model.sample(np.random.default_rng(2), 400)[0] - shift) / scale
    away = np.abs(np.hypot(*dreams.T) - np.hypot(*x.T).mean())
    assert np.median(away) < 0.3 * np.hypot(*x.T).mean()


def test_what_a_step_fixes_is_refused_if_it_is_given_and_differs() -> None:
    x = circle()
    *_, step = rivals.fit(to_learn(), x, np.random.default_rng(0), steps=2, **SMALL)
    more = {name: value for name, value in SMALL.items() if name != "encoder_units"}
    for change, words in (
        ({"model": to_learn()}, "model is Chain"),
        ({"rng": np.random.default_rng(0)}, "rng is Generator"),
        ({"encoder_units": 11}, "encoder_units is 11"),
    ):
        given = {"model": None, "x": x, "start": step} | more | change
        with pytest.raises(ValueError, match=f"{words}.*start has.*accepted beside start"):
            rivals.fit(**given)
    *_, plain = rivals.fit(None, x, steps=1, start=step, **more)
    *_, again = rivals.fit(
        step.model, x, step.generator(), steps=1, start=step,
        encoder_units=step.encoder.biases[0].size, **more,
    )  # fmt: skip
    assert same(plain, again)
