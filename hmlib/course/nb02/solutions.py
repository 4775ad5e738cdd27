"""Answers to the questions of notebook 02, "Watch the free energy".

The functions are written as a student would type them in the notebook.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from hmlib import exact
from hmlib.binary import Array, Generative, Recognition

# v     P[v,u=1]   Q
# 00    1/8        3/16
# 01    1/16       1/16
# 10    3/16       9/16
# 11    1/8        3/16
AVERAGE_LOG_JOINT = -29 / 8 * np.log(2) + 9 / 16 * np.log(3)
ENTROPY = 4 * np.log(2) - 3 / 2 * np.log(3)


def free_energy(gen: Generative, rec: Recognition, u: Array) -> Array:
    """F = sum_v Q[v|u] (log P[v, u] - log Q[v|u])."""
    F = np.zeros(len(u))
    for pattern in exact.states(gen.n_v):
        v = np.tile(pattern, (len(u), 1))
        log_q = rec.log_prob(v, u)
        F += np.exp(log_q) * (gen.log_prob(v, u) - log_q)
    return F


def kl(q: Array, p: Array) -> Array:
    """KL(q || p) = sum_v q (log q - log p), row by row."""
    return np.sum(q * (np.log(q) - np.log(p)), axis=1)


ANSWERS: dict[str, Any] = {
    "02.6": AVERAGE_LOG_JOINT + ENTROPY,
    "02.3": "B",
    "02.8": free_energy,
    "02.7": kl,
    "02.4": "A",
    "02.2": "D",
    "02.1": "ECNKAD",
    "02.5": (AVERAGE_LOG_JOINT, ENTROPY),
    "02.9": math.factorial(3) * 2**3,
}
