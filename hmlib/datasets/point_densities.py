"""Log densities of the points of the plane: how likely the data are under the truth itself.

No model can have a higher mean log likelihood of many points than the world that they come from,
so that a mean log likelihood is worth its gap to this one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hmlib._checks import rows

Array = NDArray[np.float64]

_TURNS = 2001
"""Angles between which a pinwheel's places are looked for."""

_HALVINGS = 60
"""Of the interval of a place, until it is as narrow as rounding."""

_FAR = 20.0
"""Standard deviations from its centre beyond which an arm is taken to have ended: e^-200."""


def ring_log_density(x: ArrayLike) -> Array:
    """log p(x) of points under the world of `ring`, shape (n,), in nats.

    The radius r is 1.5 + 0.1 n and the angle is uniform, so that p(x) = p(r) / (2 pi r) for
    r = |x|; a negative radius, which has a chance of e^-115, lands on the other side.

    Args:
        x: points, shape (n, 2).

    Raises:
        ValueError: if x is not of that shape or not finite.
    """
    r = np.hypot(*rows("x", x, 2).T)
    with np.errstate(divide="ignore"):  # at the very centre the density has no bound
        both = np.logaddexp(_log_normal(r, 1.5, 0.1), _log_normal(-r, 1.5, 0.1))
        return np.asarray(both - np.log(2 * np.pi * r))


def pinwheel_log_density(x: ArrayLike) -> Array:
    """log p(x) of points under the world of `pinwheel`, shape (n,), in nats.

    A point (r, s) is turned by 2 pi a / 5 + 0.25 e^r and made 1.5 times as large. That moves area
    by the factor 1.5^2 |1 - 0.25 e^r s|, and a point x may have several places (a, r, s) that it
    comes from:

    p(x) = sum over places of N(r; 1, 0.3^2) N(s; 0, 0.05^2) / (5 1.5^2 |1 - 0.25 e^r s|).

    With (r, s) = q (cos t, sin t), q = |x| / 1.5, the places are where the angle of x is
    t + 0.25 e^(q cos t) + 2 pi a / 5. They are found between a fine grid of t and then by halving.
    Two places closer together than the grid are missed: that is where an arm folds over itself,
    more than four standard deviations from its middle.

    Args:
        x: points, shape (n, 2).

    Returns:
        -inf for points more than 20 standard deviations from the middle of every arm.

    Raises:
        ValueError: if x is not of that shape or not finite.
    """
    x = rows("x", x, 2)
    q, angle = np.hypot(*x.T) / 1.5, np.arctan2(x[:, 1], x[:, 0])
    found = np.full(len(x), -np.inf)
    for start in range(0, len(x), 500):  # as many as fit into little memory at a time
        here = slice(start, start + 500)
        np.logaddexp.at(found[here], *_places(q[here], angle[here]))
    return np.asarray(found - np.log(5 * 1.5**2))


def _places(q: Array, angle: Array) -> tuple[NDArray[np.intp], Array]:
    """Which point each place (r, s) belongs to, and log p(r, s) minus the log of the area there."""
    t = np.linspace(-np.pi, np.pi, _TURNS)
    r, s = q[:, None] * np.cos(t), q[:, None] * np.sin(t)
    near = (np.abs(r - 1) < 0.3 * _FAR) & (np.abs(s) < 0.05 * _FAR)
    near = near[:, :-1] | near[:, 1:]
    turns = np.floor(_turns(np.minimum(q, 8.0)[:, None], t, angle[:, None]))
    # Between two angles as many places as whole numbers of turns were passed.
    passed = np.abs(np.diff(turns)).astype(int) * near
    point, cell = np.nonzero(passed)
    times = passed[point, cell]
    nth = np.arange(times.sum()) - np.repeat(times.cumsum() - times, times)
    point, cell = np.repeat(point, times), np.repeat(cell, times)
    goal = np.minimum(turns[point, cell], turns[point, cell + 1]) + 1 + nth
    rising = turns[point, cell + 1] > turns[point, cell]
    low, high = t[cell], t[cell + 1]
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        before = (_turns(q[point], middle, angle[point]) < goal) == rising
        low, high = np.where(before, middle, low), np.where(before, high, middle)
    r, s = q[point] * np.cos(low), q[point] * np.sin(low)
    log_area = np.log(np.abs(1 - 0.25 * np.exp(r) * s))
    return point, _log_normal(r, 1.0, 0.3) + _log_normal(s, 0.0, 0.05) - log_area


def _turns(q: Array, t: Array, angle: Array) -> Array:
    """Fifths of a turn between the angle of a point and that of (q cos t, q sin t); a whole number
    at a place."""
    return np.asarray(5 * (t + 0.25 * np.exp(q * np.cos(t)) - angle) / (2 * np.pi))


def _log_normal(value: Array, mean: float, sd: float) -> Array:
    return np.asarray(-(((value - mean) / sd) ** 2) / 2 - np.log(sd * np.sqrt(2 * np.pi)))
