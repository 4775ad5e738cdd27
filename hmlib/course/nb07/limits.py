"""How far averages of one f can lie apart under one code: the best bound, and a pair that meets it.

Both are linear programmes, and each is the other's dual, so on a grid their values are equal:
the largest <f>_q - <f>_q' over pairs with one code is 2 min max |f - alpha . T|, if the constant
is among the encodings.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

Array = NDArray[np.float64]


def best_weights(T: Array, f: Array) -> Array:
    """The alpha with the least largest miss, max |f - alpha . T| over the places.

    Args:
        T: encodings at the places, shape (g, K).
        f: shape (g,).

    Returns:
        alpha, shape (K,).
    """
    basis, back = _calm(T)
    g, k = basis.shape
    ones = np.ones((g, 1))
    found = linprog(
        np.r_[np.zeros(k), 1.0],
        A_ub=np.block([[-basis, -ones], [basis, -ones]]),
        b_ub=np.r_[-f, f],
        bounds=[(None, None)] * k + [(0, None)],
    )
    alpha: Array = back @ found.x[:k]
    return alpha


def furthest_pair(T: Array, f: Array) -> Array:
    """Two distributions with one code whose averages of f are as far apart as they can be.

    Args:
        T, f: as for `best_weights`.

    Returns:
        Probabilities, shape (2, g); the first has the larger average.
    """
    basis, _ = _calm(T)
    g, k = basis.shape
    found = linprog(
        np.r_[-f, f],
        A_eq=np.block([[basis.T, -basis.T], [np.ones((1, g)), np.zeros((1, g))]]),
        b_eq=np.r_[np.zeros(k), 1.0],
        bounds=(0, None),
    )
    return np.asarray(found.x, dtype=np.float64).reshape(2, g)


def _calm(T: Array) -> tuple[Array, Array]:
    """Combinations of the functions that are of one size, and the way back to weights of T."""
    left, size, turn = np.linalg.svd(T, full_matrices=False)
    kept = size > 1e-10 * size[0]
    root = np.sqrt(len(T))
    return root * left[:, kept], root * turn[kept].T / size[kept]
