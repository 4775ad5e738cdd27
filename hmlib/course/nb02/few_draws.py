"""What a few draws from a guess say of F and of L; the wet lawn, in nats."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from hmlib import exact
from hmlib.course.lawn import WET, wet_lawn

Array = NDArray[np.float64]

STUDENTS = 400
"""How many students draw."""

MOST_DRAWS = 60
"""The most draws of one student."""


def log_ratios(s: float, q: Array) -> Array:
    """log P[v, u] / Q[v] of every pattern of a wet lawn's causes.

    Args:
        s: strength of the machine.
        q: Q's probabilities of rain and of sprinkler, shape (2,).

    Returns:
        Shape (4,), in the order of `exact.states(2)`.
    """
    log_ratio: Array = exact.log_joint(wet_lawn(s), WET)[0] - np.log(
        exact.factorised_table(q[None])[0]
    )
    return log_ratio


def estimates(s: float, q: Array) -> tuple[Array, Array]:
    """What every student says of F and of L after 1, 2, ... draws.

    The same coins are thrown for every Q, so that the estimates change smoothly with it.

    Returns:
        The mean of the logarithms of the ratios, and the logarithm of their mean, each of shape
        (STUDENTS, MOST_DRAWS).
    """
    v = _coins() < q
    log_r = log_ratios(s, q)[2 * v[..., 0] + v[..., 1]]
    draws = np.arange(1, MOST_DRAWS + 1)
    return log_r.cumsum(axis=1) / draws, np.log(np.exp(log_r).cumsum(axis=1) / draws)


@cache
def _coins() -> Array:
    """Random numbers from 0 to 1, shape (STUDENTS, MOST_DRAWS, 2)."""
    return np.random.default_rng(0).random((STUDENTS, MOST_DRAWS, 2))
