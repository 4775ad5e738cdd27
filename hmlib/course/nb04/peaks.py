"""A density with two peaks, and one Gaussian fitted to it in either direction; nats."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize

Array = NDArray[np.float64]

X = np.linspace(-12, 12, 481)
"""Places of the cause at which densities are looked at."""

CENTRES = np.round(np.linspace(-6, 6, 61), 10)
"""Centres of Q whose cost is drawn."""

_WIDTHS = np.geomspace(0.95, 5.5, 24)
_Z_FINE, _Z_COARSE = np.linspace(-7, 7, 561), np.linspace(-6, 6, 193)


def log_density(x: ArrayLike, separation: float, weight: float) -> Array:
    """Log density of two Gaussians of width 1, `separation` apart; the left one has `weight`."""
    x = np.asarray(x, dtype=np.float64)
    left = np.log(weight) - 0.5 * (x + separation / 2) ** 2
    right = np.log(1 - weight) - 0.5 * (x - separation / 2) ** 2
    log_p: Array = np.logaddexp(left, right) - 0.5 * np.log(2 * np.pi)
    return log_p


def moments(separation: float, weight: float) -> tuple[float, float]:
    """Mean and standard deviation of the two-peaked density."""
    mean = (0.5 - weight) * separation + 0.0
    return mean, float(np.sqrt(1 + weight * (1 - weight) * separation**2))


def gaussian(x: ArrayLike, centre: float, width: float) -> Array:
    """Density of one Gaussian."""
    z = (np.asarray(x, dtype=np.float64) - centre) / width
    density: Array = np.exp(-0.5 * z**2) / (width * np.sqrt(2 * np.pi))
    return density


def exclusive_divergence(
    centre: ArrayLike, width: ArrayLike, separation: float, weight: float, z: Array = _Z_FINE
) -> Array:
    """KL(Q || P) of Gaussians Q from the two-peaked P, in nats, by quadrature.

    Args:
        centre, width: mean and standard deviation of Q, shapes that broadcast.
        separation, weight: see `log_density`.
        z: places at which Q is looked at, equally spaced, in standard deviations from its mean.
    """
    density = np.exp(-0.5 * z**2)
    density /= density.sum()
    centre, width = np.asarray(centre)[..., None], np.asarray(width)[..., None]
    average = log_density(centre + width * z, separation, weight) @ density
    divergence: Array = -0.5 - np.log(width[..., 0] * np.sqrt(2 * np.pi)) - average
    return divergence


def inclusive_divergence(
    centre: ArrayLike, width: ArrayLike, separation: float, weight: float
) -> Array:
    """KL(P || Q) of the two-peaked P from Gaussians Q, in nats: only P's entropy is numerical."""
    log_p, width = log_density(X, separation, weight), np.asarray(width)
    negative_entropy = (np.exp(log_p) * log_p).sum() * (X[1] - X[0])
    mean, spread = moments(separation, weight)
    away = spread**2 + (mean - np.asarray(centre)) ** 2
    divergence: Array = (
        negative_entropy + 0.5 * np.log(2 * np.pi * width**2) + 0.5 * away / width**2
    )
    return divergence


@lru_cache(maxsize=256)
def valleys(separation: float, weight: float) -> tuple[Array, Array]:
    """KL(Q || P) and KL(P || Q) over `CENTRES`, with the best width for each centre, in nats."""
    # No best width is below 1: nowhere is log P more curved than at a single peak.
    costs = exclusive_divergence(CENTRES[:, None], _WIDTHS, separation, weight, _Z_COARSE)
    mean, spread = moments(separation, weight)
    best_width = np.sqrt(spread**2 + (mean - CENTRES) ** 2)
    return costs.min(axis=1), inclusive_divergence(CENTRES, best_width, separation, weight)


def downhill(separation: float, weight: float, start: float) -> tuple[float, float]:
    """Centre and width of the Gaussian that a fit in KL(Q || P) finds.

    Args:
        separation, weight: see `log_density`.
        start: centre from which the fit goes downhill, its width always the best.
    """
    cost = valleys(separation, weight)[0]
    return _settle(separation, weight, _bottom(cost, int(np.abs(CENTRES - start).argmin())))


def _bottom(cost: Array, place: int) -> int:
    """The bottom of the valley in which a place of the path lies."""
    while True:
        near = range(max(place - 1, 0), min(place + 2, len(cost)))
        lowest = min(near, key=lambda k: float(cost[k]))
        if cost[lowest] >= cost[place]:
            return place
        place = lowest


@lru_cache(maxsize=256)
def _settle(separation: float, weight: float, place: int) -> tuple[float, float]:
    """Centre and width of the least KL(Q || P) near a place of the path."""

    def cost(parameters: Array) -> float:
        centre, log_width = parameters
        return float(exclusive_divergence(centre, np.exp(log_width), separation, weight))

    widths = exclusive_divergence(CENTRES[place], _WIDTHS, separation, weight)
    begin = [CENTRES[place], np.log(_WIDTHS[widths.argmin()])]
    centre, log_width = minimize(cost, begin, method="BFGS").x
    return round(float(centre), 6) + 0.0, float(np.exp(log_width))
