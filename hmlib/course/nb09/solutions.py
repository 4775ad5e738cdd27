"""Answers to the questions of notebook 09, "DDC awake".

The functions are written as a student would type them in the notebook.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from hmlib.binary import Array


def my_split(S: Array, J: Array, mu: Array) -> Array:
    """Equation 10 for each row: S^T J - mu^T J, summed over the statistics."""
    return np.einsum("ns,nsk->nk", S - mu, J)


def my_moments(r_data: Array, x_data: Array, r_dream: Array, x_dream: Array) -> Array:
    """Averages of r, r x and r x^2: over the data, minus over the dreams."""
    data = [(r_data * f).mean(axis=0) for f in (1, x_data, x_data**2)]
    dream = [(r_dream * f).mean(axis=0) for f in (1, x_dream, x_dream**2)]
    return np.array(data) - np.array(dream)


def my_weights(phi_dream: Array, phi_data: Array, rho: float) -> Array:
    """c = phi (phi^T phi / M + rho I)^-1 (mean over data - mean over dreams) / M."""
    M, K = phi_dream.shape
    gap = phi_data.mean(axis=0) - phi_dream.mean(axis=0)
    return phi_dream @ np.linalg.solve(phi_dream.T @ phi_dream / M + rho * np.eye(K), gap) / M


def my_nearby(x: Array, x_dream: Array, v: float, kappa: float) -> Array:
    """exp(-|x - x_s|^2 / (2 kappa v)) over its sum, for each x."""
    square = ((x[:, None] - x_dream) ** 2).sum(axis=2)
    q = np.exp(-square / (2 * kappa * v))
    return np.asarray(q / q.sum(axis=1, keepdims=True))


# picture     A     B
# data       0.6   0.4
# dreams     0.75  0.25
MORE_OFTEN = (0.6 / 0.75 - 1, 0.4 / 0.25 - 1)

ANSWERS: dict[str, Any] = {
    "09.1": "A",
    "09.2": "B",
    "09.3": my_split,
    "09.4": my_moments,
    "09.5": my_weights,
    "09.6": "C",
    "09.7": "C",
    "09.8": my_nearby,
    "09.9": MORE_OFTEN,
    "09.10": "D",
}
