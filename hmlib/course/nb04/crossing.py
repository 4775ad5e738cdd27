"""What either phase of wake-sleep does to the objective of the other."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from hmlib import exact
from hmlib.binary import Generative, Recognition, sigmoid

Array = NDArray[np.float64]


RECOGNISERS = ("random", "blank", "trained")
"""Random weights; all weights 0, so that it says one half; the same after a hundred sleep steps."""

DATA = ("its own dreams", "another machine's dreams")
"""What the machine sees when it is awake."""

Pair = tuple[Generative, Recognition, Array]


def random_pair(
    seed: int, n_v: int = 2, recogniser: str = "random", data: str = DATA[0], n_u: int = 3
) -> Pair:
    """A random machine, a recogniser, and how often each input is seen.

    Args:
        seed: with it the machine is the same whatever the recogniser and the data.
        n_v, n_u: numbers of causes and inputs.
        recogniser: one of `RECOGNISERS`.
        data: one of `DATA`.

    Returns:
        The last has shape (2**n_u,), for the rows of `exact.states(n_u)`.
    """
    rng = np.random.default_rng(seed)
    gen = Generative.random(rng, n_u, n_v, scale=5.0)
    rec = Recognition.random(rng, n_u, n_v, scale=5.0)
    other = Generative.random(rng, n_u, n_v, scale=5.0)
    u = exact.states(n_u)
    if recogniser != "random":
        rec = Recognition.zeros(n_u, n_v)
    if recogniser == "trained":
        rec = _slept(gen, rec, u)
    seen = gen if data == DATA[0] else other
    return gen, rec, np.exp(exact.log_likelihood(seen, u))


def _slept(
    gen: Generative, rec: Recognition, u: Array, steps: int = 100, rate: float = 0.5
) -> Recognition:
    """A recogniser after some exact sleep steps; u are all inputs."""
    dreamt = np.exp(exact.log_likelihood(gen, u))[:, None]
    target = exact.posterior(gen, u) @ exact.states(gen.n_v)
    w, W = rec.w.copy(), rec.W.copy()
    for _ in range(steps):
        error = dreamt * (target - sigmoid(u @ W.T + w))
        w, W = w + rate * error.sum(axis=0), W + rate * error.T @ u
    return Recognition(w, W)


def slopes_across(pair: Pair) -> tuple[float, float]:
    """How either phase moves the other's objective.

    Returns:
        The slope of F along the sleep step in W, and that of the dreamt F-tilde along the wake
        step in G: the inner product of the two gradients in the same parameters.
    """
    gen, rec, seen = pair
    u = exact.states(gen.n_u)
    wake, up_f = exact.grad_free_energy(gen, rec, u, seen)
    up_dream, sleep = exact.grad_dream(gen, rec, u, seen)
    return float(up_f.ravel() @ sleep.ravel()), float(up_dream.ravel() @ wake.ravel())


def across(seed: int) -> tuple[float, float]:
    """`slopes_across` for a `random_pair` that sees its own dreams."""
    return slopes_across(random_pair(seed))


def sleep_lowers_f(n_v: int, recogniser: str, data: str, seeds: Iterable[int]) -> int:
    """In how many of these random pairs a small sleep step lowers F."""
    pairs = (random_pair(seed, n_v, recogniser, data) for seed in seeds)
    return sum(slopes_across(pair)[0] < -1e-12 for pair in pairs)
