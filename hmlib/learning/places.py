"""Where the parameters of a model stand in its one vector, layer by layer."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hmlib.binary import Generative, Recognition
from hmlib.layered import Layered, LayeredRecognition

Model = Generative | Recognition | Layered | LayeredRecognition
Places = NDArray[np.intp]


def places(model: Model) -> tuple[list[Places], list[Places]]:
    """Places in `model.ravel()` of the weights and of the biases, bottom layer first."""
    numbered = model.like(np.arange(model.ravel().size))
    return (
        [weights.astype(np.intp) for weights in numbered.weights],
        [biases.astype(np.intp) for biases in numbered.biases],
    )


def layer_of(model: Model) -> Places:
    """The layer whose learning rate moves each parameter, in the order of `model.ravel()`.

    The weights between layers l and l + 1 belong to l, and so do the biases of layer l in the
    generative model and those of layer l + 1 in the recognition model.
    """
    layer = np.empty(model.ravel().size, dtype=np.intp)
    for blocks in places(model):
        for l, block in enumerate(blocks):
            layer[block] = l
    return layer


def lower_limits(gen: Model, nonnegative: bool) -> NDArray[np.float64]:
    """The least value of each parameter: 0 for the weights onto the inputs, if they have a sign."""
    limits = np.full(gen.ravel().size, -np.inf)
    if nonnegative:
        limits[places(gen)[0][0]] = 0
    return limits
