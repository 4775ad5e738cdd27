"""Answers to the questions of notebook 02, "Watch the free energy".

The functions are written as a student would type them in the notebook.
"""

from __future__ import annotations

import numpy as np

from hmlib import exact

# v     P[v,u=1]   Q
# 00    1/8        1/8
# 01    1/16       1/8
# 10    3/16       3/8
# 11    1/8        3/8
AVERAGE_LOG_JOINT = -3.5 * np.log(2) + 3 / 8 * np.log(3)
ENTROPY = 3 * np.log(2) - 3 / 4 * np.log(3)


def free_energy(gen, rec, u):
    """F = sum_v Q[v|u] (log P[v, u] - log Q[v|u])."""
    F = np.zeros(len(u))
    for pattern in exact.states(gen.n_v):
        v = np.tile(pattern, (len(u), 1))
        log_q = rec.log_prob(v, u)
        F += np.exp(log_q) * (gen.log_prob(v, u) - log_q)
    return F


def kl(q, p):
    """KL(q || p) = sum_v q (log q - log p), row by row."""
    return np.sum(q * (np.log(q) - np.log(p)), axis=1)


ANSWERS = {
    "02.1": AVERAGE_LOG_JOINT + ENTROPY,
    "02.2": "B",
    "02.3": free_energy,
    "02.4": kl,
    "02.5": "C",
    "02.6": "D",
    "02.7": "ECNKAD",
    "02.8": (AVERAGE_LOG_JOINT, ENTROPY),
}
