"""One update of a bird's model: nights of dreams, and how far each rule's move is off the gradient.

The world is the bird of `hmlib.course.bird`; the model is a little wrong about it.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from hmlib import ddc, metrics
from hmlib.course import bird

Array = NDArray[np.float64]

RULES = ("split", "code", "score")
NIGHTS, NIGHT_DREAMS = 5, 1000
_HEARD = 300


def asked(noise: float) -> tuple[ddc.Chain, Array]:
    """A model that is a little wrong about the bird, and what was heard, shape (300, 1)."""
    x = bird.model(noise=noise).sample(np.random.default_rng(0), _HEARD)[0]
    return bird.model(A=0.8, b=0.2, noise=noise), x


def night_of(model: ddc.Chain, k: int, seed: int) -> ddc.Night:
    """A sleep phase of a bird's model with the first k random encodings."""
    rng = np.random.default_rng(seed)
    return ddc.night_of(model, rng, NIGHT_DREAMS, bird.features(), [bird.encoding(k)], bird.RIDGE)


@lru_cache(maxsize=512)
def first_night(noise: float, k: int) -> ddc.Night:
    """The first of the nights behind `angles`."""
    return night_of(asked(noise)[0], k, 0)


@lru_cache(maxsize=512)
def angles(noise: float, k: int) -> Array:
    """Angles of the moves by each of `RULES` to the exact gradient, in degrees, shape (3,).

    Medians over five nights. The average over the dreams is subtracted in `code` and `score`.

    Args:
        noise: standard deviation of x given z_1, in the world and in the model.
        k: number of random encodings.
    """
    model, x = asked(noise)
    truth, data = bird.exact_gradient(model, x), ddc.seen(x, bird.features(), model.layers[0])
    found = []
    for seed in range(NIGHTS):
        night = night_of(model, k, seed)
        moves = [ddc.direction(model, night, data, rule, rule != "split") for rule in RULES]
        found.append([metrics.angle(move, truth) for move in moves])
    return np.median(found, axis=0)
