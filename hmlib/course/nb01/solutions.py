"""Answers to the questions of notebook 01, "Meet the two models".

The functions are written as a student would type them in the notebook.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from hmlib import exact
from hmlib.binary import Array, Generative, Recognition
from hmlib.course.lawn import WET, wet_lawn

# A lawn with round numbers: P[rain] = 0.4, P[sprinkler] = 0.2.
# v            P[v]          P[wet|v]    P[v, wet]
# neither      0.6 * 0.8     0.1         0.048
# sprinkler    0.6 * 0.2     0.5         0.060
# rain         0.4 * 0.8     0.5         0.160
# both         0.4 * 0.2     0.9         0.072
SPRINKLER_IF_WET = (0.060 + 0.072) / 0.340
SPRINKLER_IF_WET_AND_RAIN = 0.072 / (0.160 + 0.072)


def recognition_probabilities(rec: Recognition, u: Array) -> Array:
    """Q[v_a = 1|u] = f(y_a) with y = W u + w, shape (n, n_v)."""
    y = u @ rec.W.T + rec.w
    return 1 / (1 + np.exp(-y))


def sprinkler_if_rain(s: float) -> float:
    """P[sprinkler | wet, rain] of the wet lawn of strength s."""
    _, _, rain, both = exact.posterior(wet_lawn(s), WET)[0]
    return both / (rain + both)


def log_joint(gen: Generative, v: Array, u: Array) -> Array:
    """log P[v, u] of every row: the log prior plus the log likelihood."""
    f_g = 1 / (1 + np.exp(-gen.g))
    f_x = 1 / (1 + np.exp(-(v @ gen.G.T + gen.h)))
    log_prior = np.sum(v * np.log(f_g) + (1 - v) * np.log(1 - f_g), axis=1)
    log_likelihood = np.sum(u * np.log(f_x) + (1 - u) * np.log(1 - f_x), axis=1)
    return log_prior + log_likelihood


def posterior(gen: Generative, u: Array) -> Array:
    """P[v|u] = P[v, u] / sum_v P[v, u], shape (n, 2**n_v)."""
    columns = []
    for pattern in exact.states(gen.n_v):
        v = np.tile(pattern, (len(u), 1))
        columns.append(np.exp(gen.log_prob(v, u)))
    joint = np.stack(columns, axis=1)
    return joint / joint.sum(axis=1, keepdims=True)


ANSWERS: dict[str, Any] = {
    "01.1": "DAFB",
    "01.2": "A",
    "01.3": recognition_probabilities,
    "01.4": "A",
    "01.5": "D",
    "01.6": "D",
    "01.7": sprinkler_if_rain,
    "01.8": SPRINKLER_IF_WET,
    "01.9": SPRINKLER_IF_WET_AND_RAIN,
    "01.10": log_joint,
    "01.11": posterior,
    "01.12": "C",
}
