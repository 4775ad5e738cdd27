"""Mean field for the wet lawn: sweeps, part sweeps, and small steps along the slope."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import logit

from hmlib import exact
from hmlib.binary import sigmoid
from hmlib.course.lawn import WET, wet_lawn

Array = NDArray[np.float64]


@cache
def _log_joint() -> Array:
    """log P[v, wet] for v = 00, 01, 10, 11, shape (4,)."""
    table: Array = exact.log_joint(wet_lawn(3.0), WET)[0]
    return table


def _pull(q: Array) -> Array:
    """The log odds that F wants for one cause, given the probability of the other."""
    p00, p01, p10, p11 = _log_joint()
    rain, sprinkler = q.T
    return np.column_stack(
        [
            (1 - sprinkler) * (p10 - p00) + sprinkler * (p11 - p01),
            (1 - rain) * (p01 - p00) + rain * (p11 - p10),
        ]
    )


def sweep(starts: ArrayLike, share: float = 1.0, sweeps: int = 4000) -> Array:
    """Where sweeps lead: rain first, then the sprinkler, and again.

    Args:
        starts: probabilities of rain and sprinkler, shape (n, 2).
        share: how far each cause goes to its best value, as a part of the way in log odds.
        sweeps: how many.

    Returns:
        The last probabilities, shape (n, 2).
    """
    q = np.array(starts, dtype=np.float64)
    for _ in range(sweeps):
        for a in (0, 1):
            y = logit(q[:, a])
            q[:, a] = sigmoid(y + share * (_pull(q)[:, a] - y))
    return q


def follow_slope(starts: ArrayLike, rate: float = 0.2, steps: int = 6000) -> Array:
    """Where small steps along the slope in y lead; for arguments and result see `sweep`."""
    y: Array = logit(np.asarray(starts, dtype=np.float64))
    for _ in range(steps):
        q = sigmoid(y)
        y = y + rate * q * (1 - q) * (_pull(q) - y)
    return np.asarray(sigmoid(y), dtype=np.float64)
