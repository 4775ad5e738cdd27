"""Answers to the questions of notebook 05, "Wake and sleep".

The functions are written as a student would type them in the notebook.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from hmlib import exact
from hmlib.binary import Array, Generative, Recognition, sigmoid

Rng = np.random.Generator


def wake(gen: Generative, rec: Recognition, u: Array, rng: Rng) -> Generative:
    """How the wake phase moves G at rate 1: the mean over the rows of u, causes drawn from Q."""
    v = rec.sample(rng, u)
    error_u = u - sigmoid(gen.drive(v))
    error_v = v - sigmoid(gen.g)
    return Generative(g=error_v.mean(axis=0), G=error_u.T @ v / len(u), h=error_u.mean(axis=0))


def sleep(gen: Generative, rec: Recognition, u: Array, rng: Rng) -> Recognition:
    """How the sleep phase moves W at rate 1: the mean over as many dreams as u has rows."""
    v, dream = gen.sample(rng, len(u))
    error = v - sigmoid(rec.drive(dream))
    return Recognition(w=error.mean(axis=0), W=error.T @ dream / len(dream))


def distance(gen: Generative, u: Array, weights: Array) -> float:
    """KL(data || dreams) in bits: sum_u p(u) log2(p(u) / P[u; G])."""
    return float(weights @ (np.log(weights) - exact.log_likelihood(gen, u))) / np.log(2)


RATE = 0.1
SLOPE_OF_F = (0.30, -0.20)
SLEEP_UPDATE = (0.10, 0.40)
CHANGES = (RATE * (0.30 * 0.10 - 0.20 * 0.40), RATE * (0.10**2 + 0.40**2))

ANSWERS: dict[str, Any] = {
    "05.1": "BDAF",
    "05.2": wake,
    "05.3": sleep,
    "05.4": "C",
    "05.5": CHANGES,
    "05.6": "D",
    "05.7": distance,
    "05.8": "D",
}
