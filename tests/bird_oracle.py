"""The bird, slowly: its joint density, and integrals over the place it is at."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.integrate import quad
from scipy.stats import norm

FINE = np.linspace(-9, 9, 9001)


def joint(z: float, x: float, A: float = 1.0, b: float = 0.0, noise: float = 0.4) -> float:
    """p(x, z_1)."""
    return norm.pdf(z, 0.5, 1.5) * norm.pdf(x, A * abs(z) + b, noise)


def integral(function: Callable[[float], float], x: float, **world: float) -> float:
    """Of a function times p(x, z_1), over the place."""

    def weighted(z: float) -> float:
        return function(z) * joint(z, x, **world)

    places = sorted({0.0, x, -x})
    return quad(weighted, -9, 9, points=places, limit=400)[0]


def total(x: float, A: float = 1.0, b: float = 0.0, noise: float = 0.4) -> float:
    """p(x) by the trapezium rule on a fine grid."""
    square = ((FINE - 0.5) / 1.5) ** 2 + ((x - A * np.abs(FINE) - b) / noise) ** 2
    return np.trapezoid(np.exp(-square / 2) / (2 * np.pi * 1.5 * noise), FINE)
