"""How many draws an estimate of a slope needs, for small machines, exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hmlib import datasets, exact
from hmlib.binary import Generative, Recognition, log_bernoulli, sigmoid

Array = NDArray[np.float64]

ERROR = 0.5
"""Draws are counted until the standard error is this part of the slope's length."""


@dataclass(frozen=True)
class Draws:
    """Draws until an estimate of a slope in W is right to within half of its length.

    Attributes:
        score: the score-function slope of F.
        baseline: the same with the average of log P - log Q taken off first.
        sleep: the slope of the dreamt F-tilde, by the delta rule.
    """

    score: float
    baseline: float
    sleep: float


def draws_needed(gen: Generative, rec: Recognition) -> Draws:
    """For a machine of the stripes; a draw is one picture and one guess, or one dream."""
    world = datasets.stripes()
    q = world.weights[:, None] * exact.recognition_table(rec, world.u)
    log_q = log_bernoulli(exact.states(rec.n_v), rec.drive(world.u)[:, None])
    worth = exact.log_joint(gen, world.u) - log_q
    dreams = exact.states(gen.n_u)
    p = np.exp(exact.log_joint(gen, dreams))
    centre = float((q * worth).sum())
    return Draws(
        score=_draws(rec, world.u, q, worth),
        baseline=_draws(rec, world.u, q, worth - centre),
        sleep=_draws(rec, dreams, p, np.ones_like(p)),
    )


def _draws(rec: Recognition, u: Array, chance: Array, worth: Array) -> float:
    """Draws for terms worth * (v - f(y)) (1, u), where (u, v) come with these chances."""
    error = exact.states(rec.n_v) - sigmoid(rec.drive(u))[:, None]
    with_bias = np.hstack([np.ones((len(u), 1)), u])
    mean = np.einsum("nk,nka,ni->ai", chance * worth, error, with_bias)
    lengths = (error**2).sum(axis=2) * (with_bias**2).sum(axis=1)[:, None]
    square = float((chance * worth**2 * lengths).sum())
    signal = float((mean**2).sum())
    return (square - signal) / (ERROR**2 * signal)
