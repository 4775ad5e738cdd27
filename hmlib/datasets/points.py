"""Points of the plane: ring and pinwheel."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hmlib._checks import count, generator

Array = NDArray[np.float64]


def ring(rng: np.random.Generator, n: int) -> Array:
    """Draw points of a ring: radius 1.5 + 0.1 N(0, 1), all angles equally likely.

    Args:
        rng: random generator.
        n: number of points.

    Returns:
        Points, shape (n, 2).

    Raises:
        ValueError: if rng is no generator or n is not a whole number >= 1.
    """
    rng, n = generator("rng", rng), count("n", n)
    radius = 1.5 + 0.1 * rng.standard_normal(n)
    angle = rng.uniform(0, 2 * np.pi, n)
    direction = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return np.asarray(radius[:, None] * direction)


def pinwheel(rng: np.random.Generator, n: int) -> Array:
    """Draw points of a wheel of five curved arms, all equally likely.

    With normal n_1 and n_2, a point (r, s) = (1 + 0.3 n_1, 0.05 n_2) is turned by the angle
    2 pi a / 5 of its arm a = 0..4 and by another 0.25 e^r, then made 1.5 times as large.

    Args:
        rng: random generator.
        n: number of points.

    Returns:
        Points, shape (n, 2).

    Raises:
        ValueError: if rng is no generator or n is not a whole number >= 1.

    Source: after the pinwheel of Johnson et al. 2016, Composing graphical models with neural
        networks.
    """
    rng, n = generator("rng", rng), count("n", n)
    r = 1 + 0.3 * rng.standard_normal(n)
    s = 0.05 * rng.standard_normal(n)
    angle = 2 * np.pi * rng.integers(5, size=n) / 5 + 0.25 * np.exp(r)
    cos, sin = np.cos(angle), np.sin(angle)
    return 1.5 * np.stack([r * cos - s * sin, r * sin + s * cos], axis=1)
