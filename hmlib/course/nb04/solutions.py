"""Answers to the questions of notebook 04, "Turn the KL around".

The functions are written as a student would type them in the notebook.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from hmlib import exact
from hmlib.binary import Array, Generative, Recognition, sigmoid


def grad_W(gen: Generative, rec: Recognition, u: Array) -> Array:
    """dF-tilde/dW: the mean over data of (E_P[v|u] - f(y)) u^T, with y = W u + w."""
    target = exact.posterior(gen, u) @ exact.states(gen.n_v)
    return (target - sigmoid(rec.drive(u))).T @ u / len(u)


def sleep_W(gen: Generative, rec: Recognition, u: Array) -> Array:
    """sum_v sum_u P[v, u] (v - f(y)) u^T, over all dreams; the data u are not used."""
    update = np.zeros((gen.n_v, gen.n_u))
    for dream in exact.states(gen.n_u):
        for v in exact.states(gen.n_v):
            chance = np.exp(gen.log_prob(v[None], dream[None])[0])
            update += chance * np.outer(v - sigmoid(rec.W @ dream + rec.w), dream)
    return update


# v     P     Q      log(Q / P)
# 00    1/8   3/16   ln(3/2)
# 01    3/8   1/16   -ln 6
# 10    3/8   9/16   ln(3/2)
# 11    1/8   3/16   ln(3/2)
EXCLUSIVE = 15 / 16 * np.log(3 / 2) - 1 / 16 * np.log(6)
INCLUSIVE = 3 / 8 * np.log(6) - 5 / 8 * np.log(3 / 2)

# (v, u)   P[v, u]   v - f(y)
# (0, 0)   0.60      -0.2
# (0, 1)   0.15      -0.8
# (1, 0)   0.05       0.8
# (1, 1)   0.20       0.2
SLEEP = (-0.12 - 0.12 + 0.04 + 0.04, -0.12 + 0.04)

ANSWERS: dict[str, Any] = {
    "04.4": grad_W,
    "04.1": (EXCLUSIVE, INCLUSIVE),
    "04.9": sleep_W,
    "04.3": "A",
    "04.2": "A",
    "04.6": 5000,
    "04.5": "D",
    "04.8": SLEEP,
    "04.7": "D",
}
