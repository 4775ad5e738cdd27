"""Answers to the questions of notebook 06, "What factorising costs".

The functions are written as a student would type them in the notebook.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import logsumexp

from hmlib import exact
from hmlib.binary import Array, Generative, Recognition, sigmoid


def L_K(log_r: Array) -> Array:
    """log of the mean ratio of every row: logsumexp over the K guesses, less log K."""
    return logsumexp(log_r, axis=1) - np.log(log_r.shape[1])


def cosine(gen: Generative, rec: Recognition, u: Array) -> float:
    """Cosine of the angle between dF/dW and the expected sleep update."""
    up = exact.grad_free_energy(gen, rec, u)[1].ravel()
    sleep = exact.grad_dream(gen, rec, u)[1].ravel()
    return float(up @ sleep / (np.linalg.norm(up) * np.linalg.norm(sleep)))


def price(p: Array, n_v: int) -> Array:
    """Least KL(P || Q) of a factorised Q: entropies of the single causes less that of P."""
    on = p @ exact.states(n_v)
    single = -(on * np.log(on) + (1 - on) * np.log(1 - on)).sum(axis=1)
    return single + (p * np.log(p)).sum(axis=1)


def score_slope(gen: Generative, rec: Recognition, u: Array, v: Array) -> Recognition:
    """Score-function estimate of the slope of F in W, from one guess v of each row of u."""
    worth = gen.log_prob(v, u) - rec.log_prob(v, u)
    error = worth[:, None] * (v - sigmoid(rec.drive(u)))
    return Recognition(w=error.mean(axis=0), W=error.T @ u / len(u))


def reweighted(gen: Generative, u: Array, v: Array, omega: Array) -> Generative:
    """Wake for one input and K guesses of its causes, each counted with its weight."""
    error_u = u - sigmoid(gen.drive(v))
    error_v = v - sigmoid(gen.g)
    return Generative(g=omega @ error_v, G=(omega[:, None] * error_u).T @ v, h=omega @ error_u)


# Three causes, the posterior 1/3 on each of 001, 010 and 100. Q decides for one; Q says 1/3 of
# each cause, so that it gives each of the three patterns (1/3) (2/3)^2 = 4/27.
DECIDES, HEDGES = np.log(3), 2 * np.log(3 / 2)

# Ratios 1, 1/8, 1/8, 1/4: their mean is 3/8, the mean of their logarithms -2 ln 2.
LOGS = (np.log(3 / 8), -2 * np.log(2))

ANSWERS: dict[str, Any] = {
    "06.1": (DECIDES, HEDGES),
    "06.2": price,
    "06.3": "A",
    "06.4": score_slope,
    "06.5": "A",
    "06.6": L_K,
    "06.7": reweighted,
    "06.8": "B",
    "06.9": LOGS,
    "06.10": cosine,
}
