"""Units: how wide the data are, so that learning is the same in metres and in millimetres."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hmlib.ddc.chain import Chain

Array = NDArray[np.float64]

_ROUNDING = 1e-13
"""A spread below this part of the largest one is taken for rounding."""

_FAR = 8.0
"""Spreads from 0 to a mean that digits would be lost to."""


def spread_about(x: Array) -> Array:
    """Standard deviation of each coordinate, shape (d,); 1 where it never moves."""
    spread = x.std(axis=0)
    # Rounding may give one value, many times over, a spread of its own.
    return np.where((np.ptp(x, axis=0) > 0) & (spread > 0), spread, 1.0)


def units_about(x: Array) -> Array:
    """The unit of each coordinate, shape (d,): the power of 64 that is nearest to its spread.

    Data of about unit scale, 1/8 to 8, keep their unit 1; a power of 2 rounds nothing.
    """
    spread = spread_about(x)
    spread = np.where(spread > _ROUNDING * spread.max(), spread, 1.0)
    return np.asarray(64.0 ** np.round(np.log2(spread) / 6))


def centre_about(x: Array) -> Array:
    """Where the data lie, shape (d,): their mean where that is far from 0, and 0 elsewhere."""
    mean = x.mean(axis=0)
    return np.where(np.abs(mean) > _FAR * spread_about(x), mean, 0.0)


def sizes_of(model: Chain, spread: Array) -> Array:
    """The natural size of every parameter's moves for x of this spread (n_x,), as one vector."""
    bottom, *above = model.layers
    return np.concatenate([bottom.scales(spread), np.ones(sum(f.ravel().size for f in above))])


def units_of(model: Chain, unit: Array) -> Array:
    """The unit of every parameter for x in these units (n_x,), as one vector."""
    # A layer may have its parameters move less than others; that is no matter of units.
    return sizes_of(model, unit) / sizes_of(model, np.ones_like(unit))
