"""The race on the bars, over many starts: how far dreams are from the 3 x 3 bars at the end.

`CLOSE` says what counts as having learnt them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hmlib import ddc, exact
from hmlib.binary import Generative, sigmoid
from hmlib.course import ddc_recipes as recipes
from hmlib.learning import anneal, two_stage

Array = NDArray[np.float64]

CLOSE = 0.1
"""Nats from the bars that a machine which has learnt them is within."""

NIGHTS, STEPS, RATE = 600, 40_000, 0.1


def distance(gen: Generative) -> float:
    """KL(data || dreams) of a machine of the bars, in nats."""
    bars = recipes.bars_world()
    return float(-bars.entropy - bars.weights @ exact.log_likelihood(gen, bars.u))


def means_alone(v: Array) -> Array:
    """Encodings that tie no two causes: each cause, and the constant."""
    return np.column_stack([v, np.ones(len(v))])


def by_ddc(seed: int, linear: bool = False, steps: int = NIGHTS) -> float:
    """Where `recipes.bars` ends by code; with encodings that are the causes alone if linear."""
    rng, world = np.random.default_rng(seed), recipes.bars_world()
    if not linear:
        *_, last = recipes.bars(rng, "code", steps=steps)
    else:
        *_, last = ddc.fit(
            recipes.as_chain(recipes.bars_start(rng)), world.u, rng=rng, weights=world.weights,
            wake="code", steps=steps, rate=two_stage(0.2, 0.04, steps, switch=0.6), n_dreams=500,
            features=100, encodings=[means_alone], gain=1.0, ridge=1e-3, memory=0.0, every=steps,
        )  # fmt: skip
    return distance(recipes.as_generative(last.model))


def by_wake_sleep(seeds: Sequence[int], steps: int = STEPS, hidden: int = 0) -> Array:
    """Where wake-sleep ends from the same starts, all of them at once; shape (seeds,).

    Every step has one picture and one dream a machine, and plain delta rules.

    Args:
        seeds: of the starts.
        steps: of learning, at a rate of 0.1 that falls to 0 in the last 30 %.
        hidden: tanh units between the inputs and the causes in recognition; none if 0.
    """
    world, rng, n = recipes.bars_world(), np.random.default_rng(seeds[0]), len(seeds)
    starts = [recipes.bars_start(np.random.default_rng(seed)) for seed in seeds]
    g, G, h = (np.array([getattr(gen, name) for gen in starts]) for name in ("g", "G", "h"))
    n_u, n_v = G.shape[1:]
    V, a = rng.standard_normal((n, hidden, n_u)), np.zeros((n, hidden))
    W, w = np.zeros((n, n_v, hidden or n_u)), np.zeros((n, n_v))
    rates, edges = anneal(RATE, steps), np.cumsum(world.weights)[:-1]

    def seen(u: Array) -> Array:
        return np.tanh((V @ u[..., None])[..., 0] + a) if hidden else u

    for done in range(steps):
        rate = float(np.asarray(rates(done)))
        chance = rng.random((n, 1 + 2 * n_v + n_u))
        u = world.u[np.searchsorted(edges, chance[:, 0])]
        v = 1.0 * (chance[:, 1 : 1 + n_v] < sigmoid((W @ seen(u)[..., None])[..., 0] + w))
        error = u - sigmoid((G @ v[..., None])[..., 0] + h)
        g += rate * (v - sigmoid(g))
        G += rate * error[:, :, None] * v[:, None]
        h += rate * error
        v = 1.0 * (chance[:, 1 + n_v : 1 + 2 * n_v] < sigmoid(g))
        u = 1.0 * (chance[:, 1 + 2 * n_v :] < sigmoid((G @ v[..., None])[..., 0] + h))
        s = seen(u)
        error = v - sigmoid((W @ s[..., None])[..., 0] + w)
        if hidden:
            back = (error[:, None] @ W)[:, 0] * (1 - s**2)
            V += rate * back[:, :, None] * u[:, None]
            a += rate * back
        W += rate * error[:, :, None] * s[:, None]
        w += rate * error
    return np.array([distance(Generative(*each)) for each in zip(g, G, h, strict=True)])
