"""F of factorised guesses about the wet lawn, in nats."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hmlib import exact
from hmlib.course.lawn import WET, wet_lawn

Array = NDArray[np.float64]

GRID = np.linspace(0.02, 0.98, 49)
"""Probabilities at which F is drawn."""


def free_energy(s: float, q: Array) -> Array:
    """F of each factorised guess about the wet lawn of strength s.

    Args:
        s: strength of the machine.
        q: Q's probabilities of rain and of sprinkler, shape (n, 2).

    Returns:
        Shape (n,).
    """
    table = exact.factorised_table(q)
    return exact.table_free_energy(wet_lawn(s), table, np.repeat(WET, len(q), axis=0))


def free_energy_map(s: float) -> tuple[Array, Array]:
    """F of every factorised guess on the grid, and where it is highest.

    Returns:
        F, shape (49, 49), rows are probabilities of the sprinkler, columns of rain; and the
        guesses (rain, sprinkler) with the highest F, shape (m, 2).
    """
    rain, sprinkler = np.meshgrid(GRID, GRID)
    guesses = np.column_stack([rain.ravel(), sprinkler.ravel()])
    f = free_energy(s, guesses)
    return f.reshape(rain.shape), guesses[f >= f.max() - 1e-9]
