"""A guess about the wet lawn that leans to one of two causes."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

from hmlib import exact
from hmlib.binary import sigmoid

Array = NDArray[np.float64]


def best_lean(s: float) -> float:
    """Q's probability of rain, one half or more, at the least KL(Q || P) for the wet lawn.

    The posterior is symmetric, so the best Q leans to one cause by as much as away from the
    other: f(y) and f(-y). A top needs y = ln(cosh s) tanh(y / 2), which has a solution besides
    y = 0 as soon as cosh s > e^2.
    """
    k = np.log(np.cosh(s))
    if k <= 2:
        return 0.5
    return float(sigmoid(brentq(lambda y: k * np.tanh(y / 2) - y, 1e-6, k)))


def leaning(q_rain: ArrayLike) -> Array:
    """Tables of the factorised Q whose sprinkler is as improbable as its rain is probable.

    Args:
        q_rain: Q's probabilities of rain, shape (n,) or a number.

    Returns:
        Shape (n, 4), columns in the order of `exact.states(2)`.
    """
    rain = np.atleast_1d(np.asarray(q_rain, dtype=np.float64))
    return exact.factorised_table(np.column_stack([rain, 1 - rain]))
