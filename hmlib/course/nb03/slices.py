"""F of a strong wet lawn along one generative weight, and along a line of recognition weights.

The lawn is wet on half of the days. All in nats.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import entr, logsumexp

from hmlib import exact
from hmlib.binary import Generative, Recognition
from hmlib.course.lawn import wet_lawn

Array = NDArray[np.float64]

STRENGTH = 5.0
DRY_BIAS = -3.0
"""The strength of the lawn, and both biases of its recognition model."""

SLICES = ("rain alone", "rain up, sprinkler down")
"""Lines through the recognition weights: one weight moves, or two in opposite ways."""

DAYS, SHARES = np.array([[0.0], [1.0]]), np.array([0.5, 0.5])
"""A dry and a wet lawn, and how often each is seen."""

G_PATH = np.linspace(4, 20, 65)
W_PATH = np.linspace(-7, 13, 81)
"""Weights from rain to the lawn, and from the lawn to rain, at which F is drawn."""


def lawn_models(G_rain: float, W_rain: float, line: str) -> tuple[Generative, Recognition]:
    """A strong wet lawn and a guess about it, each with one weight to move.

    Args:
        G_rain: weight from rain to the lawn.
        W_rain: weight from the lawn to rain.
        line: one of `SLICES`. In the first the weight to the sprinkler stays at 0, in the second
            it is -6 - W_rain less the biases, so that both guesses about a wet lawn are opposite.
    """
    gen = wet_lawn(STRENGTH)
    W_sprinkler = 0.0 if line == SLICES[0] else -2 * DRY_BIAS - W_rain
    return (
        Generative(gen.g, np.array([[G_rain, gen.G[0, 1]]]), gen.h),
        Recognition(np.array([DRY_BIAS, DRY_BIAS]), np.array([[W_rain], [W_sprinkler]])),
    )


def mean_free_energy(q: Array, log_p: Array) -> Array:
    """F = E_u sum_v Q (log P - log Q) of tables (..., 2, 4), one row a day; shape (...)."""
    f: Array = (q * log_p + entr(q)).sum(axis=-1) @ SHARES
    return f


def along_G(q: Array) -> tuple[Array, Array]:
    """F and L at every weight of `G_PATH`, for a table Q of shape (2, 4) that stays."""
    log_p = _log_joint_along_G()
    return mean_free_energy(q, log_p), logsumexp(log_p, axis=-1) @ SHARES


def along_W(line: str, log_p: Array) -> Array:
    """F at every weight of `W_PATH` on a line, for a table of log P[v, u] (2, 4) that stays."""
    return mean_free_energy(_q_along_W(line), log_p)


@cache
def _log_joint_along_G() -> Array:
    """log P[v, u] for every G on the path, shape (65, 2, 4); the guess does not come in."""
    gens = (lawn_models(G, 0.0, SLICES[0])[0] for G in G_PATH)
    return np.array([exact.log_joint(gen, DAYS) for gen in gens])


@cache
def _q_along_W(line: str) -> Array:
    """Q[v|u] for every W on the path, shape (81, 2, 4); the machine does not come in."""
    recs = (lawn_models(0.0, W, line)[1] for W in W_PATH)
    return np.array([exact.recognition_table(rec, DAYS) for rec in recs])
