"""What is measured and seen of a machine that learns."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hmlib import exact
from hmlib.binary import Generative, sigmoid
from hmlib.course.nb05.records import Measured, Seen
from hmlib.datasets import Patterns
from hmlib.layered import Layered
from hmlib.learning import Step
from hmlib.learning.step import present

Array = NDArray[np.float64]

N_SHOWN = 12
"""Dreams and data in a picture."""

LUCK = 2
"""Seed of what is drawn for the eye. It is the same for every picture, so that a dream changes
only as its machine does."""


def measured(
    step: Step, u: Array, weights: Array | None = None, ceiling: float | None = None
) -> Measured:
    """L, F, F-tilde and all divergences, averaged over data, in nats; exact.

    Args:
        step: where learning stands.
        u: data, shape (n, n_u).
        weights: data weights, shape (n,); equal if None.
        ceiling: minus the entropy of the data, in nats, if it is known.
    """
    gen, rec = step.gen, present(step.rec)
    values, dreamt = exact.objectives(gen, rec, u), None
    if gen.n_u + gen.n_v <= exact.MAX_UNITS:
        dreamt = exact.dream_free_energy(gen, rec, u, weights)
    log_l = _mean(values.log_likelihood, weights)
    return Measured(
        log_likelihood=log_l,
        free_energy=_mean(values.free_energy, weights),
        reversed_free_energy=_mean(values.reversed_free_energy, weights),
        dream_free_energy=dreamt,
        kl_q_p=_mean(values.kl_q_p, weights),
        kl_p_q=_mean(values.kl_p_q, weights),
        kl_data=None if ceiling is None else ceiling - log_l,
    )


def seen(gen: Generative | Layered, shape: tuple[int, int]) -> Seen:
    """What causes draw, and dreams, as pictures of this shape; and what the top does to them."""
    _, dreams = gen.sample(np.random.default_rng(LUCK), N_SHOWN)
    alone, on = drawn(gen), on_by_top(gen)
    return Seen(
        drawn=alone.reshape(-1, *shape),
        dreams=dreams.reshape(-1, *shape),
        on_by_top=on,
        bright=int((alone.max(axis=1) > 0.5).sum()),
        doubled=_numbers(on[1] > 2 * on[0]) if len(on) else (),
        halved=_numbers(on[0] > 2 * on[1]) if len(on) else (),
    )


def drawn(gen: Generative | Layered) -> Array:
    """Pixel probabilities when each cause of the bottom layer alone is on, shape (n_1, n_u)."""
    G, h = gen.weights[0], gen.biases[0]
    pixels: Array = sigmoid(G.T + h)
    return pixels


def on_by_top(gen: Generative | Layered) -> Array:
    """How often each cause of the bottom layer is on when no cause on top is, and when each alone
    is: probabilities, shape (n_2 + 1, n_1). Without a second layer (0, n_1)."""
    if len(gen.weights) == 1:
        return np.empty((0, gen.n_v))
    G, b = gen.weights[1], gen.biases[1]
    top = np.vstack([np.zeros(G.shape[1]), np.eye(G.shape[1])])
    chance: Array = sigmoid(top @ G.T + b)
    return chance


def single_bars(pictures: Array) -> int:
    """How many pictures (n, height, width) of pixel probabilities are of one row or one column.

    Pictures are square. A pixel counts from 0.2 upwards: half of a second bar is a second bar.
    """
    on = pictures > 0.2
    rows, columns = on.all(axis=2).sum(axis=1), on.all(axis=1).sum(axis=1)
    whole = on.sum(axis=(1, 2)) == on.shape[1]
    return int((whole & (rows + columns == 1)).sum())


def in_data(dreams: Array, world: Patterns) -> int:
    """How many dreams (n, height, width) are pictures of this world."""
    known = {pattern.tobytes() for pattern in world.u}
    return sum(dream.ravel().tobytes() in known for dream in dreams)


def _mean(values: Array, weights: Array | None) -> float:
    return float(np.average(values, weights=weights))


def _numbers(which: NDArray[np.bool_]) -> tuple[int, ...]:
    """Numbers of the causes that are chosen, from 1."""
    return tuple((np.flatnonzero(which) + 1).tolist())
