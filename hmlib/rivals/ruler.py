"""The data's own ruler: every learner here feels x as (x - mean) / spread, whatever its unit."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray

from hmlib.ddc import Chain, spread_about
from hmlib.ddc.units import units_of
from hmlib.rivals.encoder import Encoder

Array = NDArray[np.float64]

_ROUNDING = 1e-13
"""A spread below this part of the numbers themselves is taken for rounding."""


class Ruler:
    """Gradients and moves in units of the data's spread, about the data's mean.

    Of a model only the bottom layer sees x, and a gradient in the unit of a parameter is that
    gradient times the unit. Of an encoder only the first layer sees x: W x + b is W' x' + b' with
    W' = W unit and b' = b + W mean. Coins have no unit, and a coordinate that never moves has 1.

    Attributes:
        of_model: the unit of every parameter of the model, as one vector.
    """

    def __init__(self, model: Chain, x: Array) -> None:
        measured = model.layers[0].measured
        self.unit = _unit(x) if measured else np.ones(x.shape[1])
        self.offset = (x.mean(axis=0) if measured else np.zeros(x.shape[1])) / self.unit
        self.of_model = units_of(model, self.unit)

    def of_encoder(self, encoder: Encoder, gradient: Array) -> Array:
        """The encoder's gradient in W', b' and its other parameters."""
        gradient = gradient.copy()
        weights, bias = _first_layer(encoder, gradient)
        weights /= self.unit
        weights -= np.outer(bias, self.offset)
        return gradient

    def to_encoder(self, encoder: Encoder, move: Array) -> Array:
        """The move of the encoder's parameters for a move of W', b' and the others."""
        move = move.copy()
        weights, bias = _first_layer(encoder, move)
        bias -= weights @ self.offset
        weights /= self.unit
        return move


def warn_of_still_data(model: Chain, x: Array) -> None:
    """Warn, with the count, of coordinates of x that never change, if their noise is learnt."""
    still = int((np.ptp(x, axis=0) == 0).sum())
    if still and model.layers[0].noise is not None:
        warnings.warn(
            f"x: {still} of {x.shape[1]} coordinates never change; the likelihood has no bound, "
            "and their noise shrinks for as long as learning goes on",
            RuntimeWarning,
            stacklevel=3,
        )


def quiet(model: Chain) -> Chain:
    """The model with a tenth of the noise of its bottom layer."""
    bottom, *above = model.layers
    if bottom.noise is None:
        return model
    return Chain((bottom.with_noise(bottom.noise - np.log(10)), *above))


def _unit(x: Array) -> Array:
    spread = spread_about(x)
    return np.where(spread > _ROUNDING * np.abs(x).max(axis=0), spread, 1.0)


def _first_layer(encoder: Encoder, vector: Array) -> tuple[Array, Array]:
    """Views of W and b of the encoder's first layer in a vector of all its parameters."""
    first = encoder.weights[0]
    start = sum(weights.size for weights in encoder.weights)
    bias = slice(start, start + encoder.biases[0].size)
    return vector[: first.size].reshape(first.shape), vector[bias]
