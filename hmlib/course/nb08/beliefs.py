"""What can be believed of the bird's place: F of any belief, and the best that is Gaussian."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import entr, ndtr, rel_entr

from hmlib.course.bird import CENTRE, NOISE, SPREAD, STEP

Array = NDArray[np.float64]


def bound(q: Array, log_p: Array) -> Array:
    """F = E_q[log p(x, z_1)] + H[q] for probabilities q on the grid, in nats.

    Args:
        q: shape (g,).
        log_p: log p(x, z_1) on the grid, shape (..., g).
    """
    entropy = float(entr(q).sum() + np.log(STEP) * q.sum())  # of the density q / STEP
    average: Array = log_p @ q
    return average + entropy


def divergence(q: Array, p: Array) -> float:
    """KL(q || p) of probabilities, shape (g,), in nats."""
    # Rounding may leave less than nothing where the two are equal.
    return max(0.0, float(rel_entr(q, p).sum()))


def gaussian_bound(centre: float, width: float, x: float) -> float:
    """F of the Gaussian N(centre, width^2) for one x, in nats: E[log p(x, z_1)] + its entropy.

    |z_1| is the only hard part; its average under a Gaussian is known in closed form.
    """
    u = centre / width
    bell = np.exp(-0.5 * u**2) * np.sqrt(2 / np.pi)
    fold = width * bell + centre * (1 - 2 * ndtr(-u))
    square = centre**2 + width**2
    misfit = (x**2 - 2 * x * fold + square) / NOISE**2
    away = ((centre - CENTRE) ** 2 + width**2) / SPREAD**2
    return float(
        0.5 - 0.5 * (misfit + away) + np.log(width / (NOISE * SPREAD)) - 0.5 * np.log(2 * np.pi)
    )


@lru_cache(maxsize=256)
def best_gaussian(x: float) -> tuple[float, float]:
    """Centre and width of the Gaussian with the largest F for this x, the least KL(q || p).

    It is where an encoder that gives a Gaussian for each x would end if it could do every x on
    its own: the best it can be. Both sides are tried as a start, and the middle.
    """

    def cost(parameters: Array) -> float:
        return -gaussian_bound(parameters[0], np.exp(parameters[1]), x)

    begins, ends = ((x, -1.0), (-x, -1.0), (0.1, -0.5)), ((-6, 6), (-3, 2))
    options = {"ftol": 1e-14, "gtol": 1e-9}
    tries = (minimize(cost, b, bounds=ends, options=options) for b in begins)
    found = min(tries, key=lambda f: f.fun)
    return round(float(found.x[0]), 5), round(float(np.exp(found.x[1])), 5)
