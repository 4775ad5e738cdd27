"""Blur: data seen through frosted glass, and a model that learns them so.

A code cannot tell apart what its encodings cannot resolve: where the noise of x is narrow, so is
the posterior, and its shadows say little about it. So noise of a known variance is added to the
data. The model learns the blurred data, with at least that noise, and the known variance is
taken off again at the end. The two differ only in the log variances of x.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hmlib.ddc.chain import Chain

Array = NDArray[np.float64]


COPIES = 5
"""Copies of the data, each blurred by noise of its own."""


def blurred_data(x: Array, sd: Array, rng: np.random.Generator, copies: int = COPIES) -> Array:
    """Copies of the data, one after the other, each with noise of its own.

    Args:
        x: data, shape (n, n_x).
        sd: standard deviation of the noise of each coordinate, shape (n_x,).
        rng: random generator.
        copies: their number: the more, the less does the noise itself show.
    """
    many = np.tile(x, (copies, 1))
    return many + sd * rng.standard_normal(many.shape)


def blurred(model: Chain, sd: Array) -> Chain:
    """The model of the blurred data: its noise and the blur together."""
    return _with_variance(model, _variance(model) + sd**2)


def sharpened(model: Chain, sd: Array, least: Array) -> Chain:
    """The model without the blur.

    Args:
        model: of blurred data.
        sd: of the blur, shape (n_x,).
        least: the least standard deviation that is left, shape (n_x,), above 0.
    """
    return _with_variance(model, np.maximum(_variance(model) - sd**2, least**2))


def _variance(model: Chain) -> Array:
    """Variances of the noise of x, shape (n_x,)."""
    log_var = model.layers[0].noise
    if log_var is None:
        raise ValueError(
            f"model has a {type(model.layers[0]).__name__} at the bottom; accepted: a layer with "
            "Gaussian noise of its own"
        )
    return np.exp(log_var)


def _with_variance(model: Chain, variance: Array) -> Chain:
    bottom, *above = model.layers
    return Chain((bottom.with_noise(np.log(variance)), *above))
