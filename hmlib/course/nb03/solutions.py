"""Answers to the questions of notebook 03, "Climb it: E-phase and M-phase".

The functions are written as a student would type them in the notebook.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from hmlib import exact
from hmlib.binary import Array, Generative, sigmoid

Q_OF_ONE_CAUSE = (0.9, 0.2, 0.1, 0.4)


def grad_G(gen: Generative, q: Array, u: Array) -> Array:
    """dF/dG: the mean over data of E_Q[(u - f(x)) v^T], with x = G v + h."""
    grad = np.zeros((gen.n_u, gen.n_v))
    for k, v in enumerate(exact.states(gen.n_v)):
        error = u - sigmoid(gen.G @ v + gen.h)
        grad += np.outer(q[:, k] @ error, v) / len(u)
    return grad


def mean_field_update(gen: Generative, q: Array, u: Array, a: int) -> Array:
    """f(E_{Q without a}[log P[v_a = 1, ...] - log P[v_a = 0, ...]]), one number a row."""
    on, off = q.copy(), q.copy()
    on[:, a], off[:, a] = 1, 0
    contrast = exact.factorised_table(on) - exact.factorised_table(off)
    return sigmoid((contrast * exact.log_joint(gen, u)).sum(axis=1))


def grad_y(gen: Generative, q: Array, u: Array) -> Array:
    """dF/dy_a = E_Q[(v_a - f(y_a)) log(P[v, u] / Q)], with f(y_a) = q_a."""
    table = exact.factorised_table(q)
    log_ratio = exact.log_joint(gen, u) - np.log(table)
    grad = np.zeros_like(q)
    for k, v in enumerate(exact.states(gen.n_v)):
        grad += (table[:, k] * log_ratio[:, k])[:, None] * (v - q)
    return grad


# v     Q     log(P[v,u=1] / Q)   v_1 - 3/4   v_2 - 1/2
# 00    1/8   0                   -3/4        -1/2
# 01    1/8   -ln 2               -3/4         1/2
# 10    3/8   -ln 2                1/4        -1/2
# 11    3/8   -ln 3                1/4         1/2
SLOPES = (-3 / 32 * np.log(3), np.log(2) / 8 - 3 / 16 * np.log(3))

_MEAN = np.mean(Q_OF_ONE_CAUSE)

ANSWERS: dict[str, Any] = {
    "03.1": "D",
    "03.2": "DAHCF",
    "03.6": grad_G,
    "03.5": np.log(_MEAN / (1 - _MEAN)),
    "03.7": mean_field_update,
    "03.3": "A",
    "03.4": SLOPES,
    "03.8": grad_y,
}
