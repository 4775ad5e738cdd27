"""What a code tells of a density, by read-outs of any f, and what it cannot tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular

from hmlib.course.nb07.densities import GRID, SPREAD, base, many_densities
from hmlib.ddc import Encoding
from hmlib.ddc.encodings import Features

Array = NDArray[np.float64]

MOST = 100
"""Random functions of the largest code."""

RIDGE = 1e-6

FUNCTIONS: dict[str, Callable[[Array], Array]] = {
    "z": lambda z: z,
    "z squared": np.square,
    "|z|": np.abs,
    "is z above 1?": lambda z: (z > 1).astype(float),
    "narrow bump at 1": lambda z: bump(z, 0.2),
}
"""What can be read off, by name."""


def bump(z: Array, width: float) -> Array:
    """A Gaussian bump at 1, of height 1."""
    height: Array = np.exp(-0.5 * ((z - 1) / width) ** 2)
    return height


@cache
def _drawn(kind: str, gain: float) -> Encoding:
    """All the random functions of a kind; their kinks lie where the base measure is."""
    rng = np.random.default_rng(7)
    drawn = Encoding.random(rng, rng.normal(0, SPREAD, (500, 1)), MOST, kind, gain)
    # z from 0 on, and not from the mean of the points drawn: its bar is to agree with its mean.
    return replace(drawn, centre=np.zeros(1), scale=np.full(1, SPREAD))


def encoding(K: int, kind: str = "tanh", gain: float = 2.0) -> Features:
    """The first K of `MOST` random functions, then z / `SPREAD` and the constant."""
    drawn = _drawn(kind, gain)
    if not K:
        return lambda z: drawn(z)[:, -2:]
    weights, bias = drawn.weights[:, :K], drawn.bias[:K]
    return Encoding(weights, bias, kind, True, drawn.centre, drawn.scale)


# Averages read off a code


@dataclass(frozen=True, eq=False)
class ReadOuts:
    """Read-outs of all `FUNCTIONS` from the first K encodings of a kind, for every K."""

    U: Array
    """C^-1 T on the grid, shape (n, g)"""
    y: Array
    """C^-1 E[T f], shape (n, m)"""
    errors: Array
    """relative error of every average, shape (`MOST` + 1, m)"""

    def built(self, K: int, column: int) -> Array:
        """One f as the first K functions, z and the constant build it, shape (g,)."""
        return self.U[: K + 2].T @ self.y[: K + 2, column]


@cache
def targets() -> tuple[Array, Array]:
    """All `FUNCTIONS` on the grid (g, m), and how much their averages vary, (m,)."""
    f = np.column_stack([function(GRID[:, 0]) for function in FUNCTIONS.values()])
    return f, (many_densities() @ f).std(axis=0)


@lru_cache(maxsize=256)
def every_K(kind: str, gain: float) -> ReadOuts:
    """Read-outs of every f from the first K functions, for all K from 0 to `MOST` in one go.

    The leading blocks of a Cholesky factor are the factors of the leading blocks, so with
    C C^T = E[T T^T] + ridge I the read-out from the first functions is a sum of as many terms.
    """
    f, varies = targets()
    T = np.roll(encoding(MOST, kind, gain)(GRID), 2, axis=1)  # z and the constant come first
    weighted = base()[:, None] * T
    factor = np.linalg.cholesky(T.T @ weighted + RIDGE * np.eye(T.shape[1]))
    U: Array = solve_triangular(factor, T.T, lower=True)
    y: Array = solve_triangular(factor, weighted.T @ f, lower=True)
    averages = np.cumsum((many_densities() @ U.T) * y.T[:, None], axis=-1)[:, :, 1:]
    errors = averages - (many_densities() @ f).T[:, :, None]
    return ReadOuts(U, y, np.sqrt((errors**2).mean(axis=1)).T / varies)


# What a code cannot see


def same_code(T: Array, f: Array, p: Array) -> tuple[Array, Array]:
    """Two densities with one code that differ most visibly in the average of one f.

    What the encodings cannot build of f, rest = f - alpha . T with least squares under p, has no
    average with any of them: E_p[rest T] = 0. So p (1 + c rest) and p (1 - c rest) have the code
    of p; c is as large as probabilities above 0 allow.

    Args:
        T: encodings, shape (g, K).
        f: shape (g,).
        p: probabilities, shape (g,).

    Returns:
        Probabilities of the two, shape (2, g), and f as the encodings build it, shape (g,).
    """
    built, rest = _split(T, f, p)
    # Once more, so that what is left by rounding alone is unseen as well.
    _, unseen = _split(T, rest / np.abs(rest).max(), p)
    return p * (1 + np.array([[1.0], [-1.0]]) * unseen / np.abs(unseen).max()), built


def _split(T: Array, f: Array, p: Array) -> tuple[Array, Array]:
    """f as the functions T build it by least squares under p, and the rest."""
    root = np.sqrt(p)
    # A projection, since weights of functions that nearly depend on each other are huge.
    basis, size, _ = np.linalg.svd(root[:, None] * T, full_matrices=False)
    basis = basis[:, size > 1e-13 * size[0]]
    built = basis @ (basis.T @ (root * f)) / root
    return built, f - built
