"""The densities of notebook 07: probabilities of the places of a grid on a line."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from hmlib._checks import choice

Array = NDArray[np.float64]

GRID: Array = np.linspace(-6, 6, 161)[:, None]
"""Places where z can be, a row each."""

STEP = float(GRID[1, 0] - GRID[0, 0])

SPREAD = 2.0
"""Standard deviation of the base measure, a Gaussian around 0."""

SHAPES = ("one bump", "leaning bump", "two bumps", "three bumps")


def gaussian(centre: float, width: float) -> Array:
    """Probabilities of a Gaussian, shape (g,)."""
    return _probabilities(np.exp(-0.5 * ((GRID[:, 0] - centre) / width) ** 2))


def base() -> Array:
    """The base measure: probabilities of a Gaussian of standard deviation `SPREAD`, shape (g,)."""
    return gaussian(0.0, SPREAD)


def density(shape: str, amount: float) -> Array:
    """Probabilities of a shape, shape (g,).

    Args:
        shape: "one bump", which moves to the right; "leaning bump", which becomes skewed; "two
            bumps" or "three bumps", which move apart.
        amount: how far, 0 to 1.

    Raises:
        ValueError: for another shape.
    """
    choice("shape", shape, SHAPES)
    if shape == "one bump":
        return gaussian(3 * amount, 0.6)
    if shape == "leaning bump":
        z = (GRID[:, 0] + 1.5 * amount) / 1.5
        return _probabilities(np.exp(-0.5 * z**2) * ndtr(8 * amount * z))
    if shape == "two bumps":
        return 0.6 * gaussian(-3 * amount, 0.5) + 0.4 * gaussian(3 * amount, 0.5)
    sides = gaussian(-3.5 * amount, 0.4) + gaussian(3.5 * amount, 0.4)
    return 0.3 * sides + 0.4 * gaussian(0, 0.4)


@cache
def many_densities() -> Array:
    """200 random densities, a row each, shape (200, g): mixtures of one to three Gaussians."""
    rng = np.random.default_rng(11)
    return np.array([mixture(rng) for _ in range(200)])


def mixture(rng: np.random.Generator) -> Array:
    """A random density: probabilities of a mixture of one to three Gaussians, shape (g,)."""
    n = rng.integers(1, 4)
    shares, centres = rng.dirichlet(np.ones(n)), rng.normal(0, 1.7, n)
    parts = zip(shares, centres, rng.uniform(0.2, 1, n), strict=True)
    p: Array = np.sum([w * gaussian(m, s) for w, m, s in parts], axis=0)
    return p


def misplaced(p: Array, q: Array) -> float:
    """Probability that p and q, shapes (g,), have in different places: half the sum of |p - q|."""
    return float(0.5 * np.abs(p - q).sum())


def peaks(p: Array) -> int:
    """Places higher than both neighbours, and more than a hundredth of the highest."""
    inner = p[1:-1]
    top = (inner > p[:-2]) & (inner > p[2:]) & (inner > 0.01 * p.max())
    return int(top.sum())


def _probabilities(heights: Array) -> Array:
    """Heights on the grid, scaled so that they add up to 1."""
    total: float = heights.sum()
    return heights / total
