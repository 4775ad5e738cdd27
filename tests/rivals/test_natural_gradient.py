"""Natural wake-sleep against the Fisher matrix of all scores, by enumeration and differences."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest

from hmlib import datasets, exact, learning, rivals
from hmlib.binary import Generative, Recognition
from hmlib.layered import Layered, LayeredRecognition
from hmlib.rivals import natural_gradient as rule


def bits(n: int) -> np.ndarray:
    return np.array(list(itertools.product([0.0, 1.0], repeat=n)))


def scores(model, log_prob) -> np.ndarray:
    """d log p / d parameters of every row, by central differences, shape (rows, parameters)."""
    at, h, slopes = model.ravel(), 1e-5, []
    for i in range(at.size):
        up, down = at.copy(), at.copy()
        up[i] += h
        down[i] -= h
        slopes.append((log_prob(model.like(up)) - log_prob(model.like(down))) / (2 * h))
    return np.array(slopes).T


def machines(seed: int = 0):
    rng = np.random.default_rng(seed)
    yield Generative.random(rng, 3, 2, 1.0), Recognition.random(rng, 3, 2, 1.0)
    yield Layered.random(rng, 3, 2, 2), LayeredRecognition.random(rng, 3, 2, 2)


def whole(model, blocks) -> np.ndarray:
    """The blocks as one matrix, by where each of a unit's own parameters stands in the vector."""
    found = np.zeros((model.ravel().size,) * 2)
    named = model.like(np.arange(model.ravel().size))
    weights = [np.atleast_2d(array) for array in named.weights]
    for l, F in enumerate(blocks):
        for i, block in enumerate(F):
            own = list(weights[l][i]) if l < len(weights) else []
            at = np.array([*own, named.biases[l][i]]).astype(int)
            found[np.ix_(at, at)] = block
    return found


@pytest.mark.parametrize("which", [0, 1])
def test_the_blocks_are_all_of_the_fisher_matrix_of_dreams(which: int) -> None:
    gen, _ = list(machines())[which]
    v, u = (
        np.vstack(rows) for rows in zip(*itertools.product(bits(gen.n_v), bits(3)), strict=True)
    )
    s = scores(gen, lambda of: of.log_prob(v, u))
    brute = s.T @ (np.exp(gen.log_prob(v, u))[:, None] * s)
    np.testing.assert_allclose(whole(gen, rule.metric_of_dreams(gen)), brute, atol=1e-8)


@pytest.mark.parametrize("which", [0, 1])
def test_the_blocks_are_all_of_the_fisher_matrix_of_guesses(which: int) -> None:
    _, rec = list(machines())[which]
    inputs, weights = bits(3)[1:], np.random.default_rng(1).dirichlet(np.ones(7))
    brute = np.zeros((rec.ravel().size,) * 2)
    v = bits(rec.n_v)
    for datum, share in zip(inputs, weights, strict=True):
        u = np.repeat(datum[None], len(v), axis=0)
        s = scores(rec, lambda of, u=u: of.log_prob(v, u))
        brute += share * s.T @ (np.exp(rec.log_prob(v, u))[:, None] * s)
    found = rule.metric_of_guesses(rec, inputs, weights)
    np.testing.assert_allclose(whole(rec, found), brute, atol=1e-8)


@pytest.mark.parametrize("which", [0, 1])
def test_the_gradient_is_the_weighted_sum_of_scores(which: int) -> None:
    gen, rec = list(machines())[which]
    rng = np.random.default_rng(2)
    v, u = gen.sample(rng, 5)
    w = rng.normal(size=5)
    for model in (gen, rec):
        slow = w @ scores(model, lambda of: of.log_prob(v, u))
        np.testing.assert_allclose(rule.gradient(model, u, v, w), slow, atol=1e-8)


def test_drawn_blocks_come_near_the_exact_ones() -> None:
    gen, _ = list(machines())[1]
    v, u = gen.sample(np.random.default_rng(0), 60_000)
    drawn = rule.fisher(gen, u, v, np.full(len(u), 1 / len(u)))
    for one, other in zip(drawn, rule.metric_of_dreams(gen), strict=True):
        np.testing.assert_allclose(one, other, atol=0.005)


@pytest.mark.parametrize("which", [0, 1])
def test_a_natural_gradient_solves_with_the_whole_matrix(which: int) -> None:
    gen, _ = list(machines())[which]
    g, blocks = np.random.default_rng(3).normal(size=gen.ravel().size), rule.metric_of_dreams(gen)
    F = whole(gen, blocks) + 0.1 * np.eye(g.size)
    np.testing.assert_allclose(rule.natural(gen, g, blocks, 0.1), np.linalg.solve(F, g), atol=1e-9)


def test_it_does_not_matter_what_a_unit_that_is_off_is_called() -> None:
    """v' = 1 - v with h' = h + G, G' = -G, g' = -g is the same distribution: the natural step
    without damping leads to the same one, the plain step does not."""
    gen, _ = next(machines())
    other = Generative(-gen.g, -gen.G, gen.h + gen.G.sum(axis=1))
    u = datasets.stripes(2).u[:, :3]
    moved = {}
    for natural in (True, False):
        found = []
        for machine in (gen, other):
            g = exact.grad_log_likelihood(machine, u).ravel()
            if natural:
                g = rule.natural(machine, g, rule.metric_of_dreams(machine), 1e-12)
            found.append(exact.log_likelihood(machine.like(machine.ravel() + 1e-4 * g), bits(3)))
        moved[natural] = np.abs(found[0] - found[1]).max()
    assert moved[True] < 1e-6
    assert moved[False] > 1e-5


SMALL = {"steps": 8, "minibatch": 10, "k": 3, "refresh": 4, "n_dreams": 50}


@pytest.mark.parametrize("phi", rule.PHI)
@pytest.mark.parametrize("metric", rule.EXPECTATIONS)
@pytest.mark.parametrize("which", [0, 1])
def test_a_run_stopped_at_a_refresh_and_continued_never_stopped(which, metric, phi) -> None:
    gen, rec = list(machines())[which]
    kept = SMALL | {"phi": phi, "metric": metric}
    u = bits(3)
    *_, one = rivals.natural_wake_sleep(gen, rec, u, rng=np.random.default_rng(0), **kept)
    *_, half = rivals.natural_wake_sleep(
        gen, rec, u, rng=np.random.default_rng(0), **kept | {"steps": 4}
    )
    *_, rest = rivals.natural_wake_sleep(gen, rec, u, start=half, **kept | {"steps": 4})
    assert (one.gen.ravel() == rest.gen.ravel()).all()
    assert (one.rec.ravel() == rest.rec.ravel()).all()
    assert (one.count, one.bound) == (8, rest.bound)


@pytest.mark.long
def test_it_learns_the_bars_in_fewer_steps_than_the_plain_gradient() -> None:
    world, start = datasets.or_bars(side=2, p=0.4), np.random.default_rng(0)
    gen, rec = Generative.random(start, 4, 4, 0.1), Recognition.zeros(4, 4)
    kept = {
        "weights": world.weights, "rate": lambda done: 0.3 * (1 - done / 500), "steps": 500,
        "minibatch": 50, "k": 10, "phi": "wake", "every": 500,
    }  # fmt: skip
    gaps = []
    for learn, more in (
        (rivals.natural_wake_sleep, {"metric": "exact"}),
        (rivals.natural_wake_sleep, {"metric": "sampled"}),
        (learning.reweighted_wake_sleep, {}),
    ):
        *_, last = learn(gen, rec, world.u, rng=np.random.default_rng(1), **kept, **more)
        reached = exact.log_likelihood(last.gen, world.u) @ world.weights
        gaps.append(-world.entropy - reached)
    assert max(gaps[:2]) < 0.12
    assert gaps[2] > 2 * max(gaps[:2])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"phi": "both"}, "phi is 'both'; accepted: 'sleep', 'wake'"),
        ({"metric": "none"}, "metric is 'none'"),
        ({"damping": 0.0}, "damping is 0.0"),
        ({"refresh": 0}, "refresh is 0"),
        ({"n_dreams": 0}, "n_dreams is 0"),
        ({"k": 0}, "k is 0"),
        ({"minibatch": 0}, "minibatch is 0"),
        ({"rng": None}, "rng is None"),
        ({"u": np.full((2, 3), 0.5)}, "u contains 0.5"),
        ({"rec": None}, "rec is None; accepted: a Recognition model"),
        (
            {"gen": Generative.zeros(3, 11), "rec": Recognition.zeros(3, 11), "metric": "exact"},
            "metric is 'exact' for 11 causes; accepted: 'sampled', or at most 10 causes",
        ),
    ],
)
def test_bad_arguments_are_named(change, words) -> None:
    gen, rec = next(machines())
    arguments = {"gen": gen, "rec": rec, "u": bits(3), "rng": np.random.default_rng(0)} | change
    with pytest.raises(ValueError, match=re.escape(words)):
        rivals.natural_wake_sleep(**arguments)
