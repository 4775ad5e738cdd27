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

PARTS = ("neither", "the read-out", "the code", "both")
"""What a night has learnt of a move by code; the rest is exact."""

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


def angles_of_parts(noise: float, k: int, seed: int) -> Array:
    """Angles of moves by code to the exact gradient, each with some of its `PARTS` learnt.

    An exact code is the posterior on a grid; a learnt one is regressed on features of x, with no
    encoding between. An exact read-out asks for the score itself; a learnt one asks the first k
    random encodings. The average over the dreams is subtracted in all.

    Args:
        noise: standard deviation of x given z_1, in the world and in the model.
        k: number of random encodings.
        seed: of the night.

    Returns:
        In degrees, shape (4,).
    """
    model, heard = asked(noise)
    night, bottom, T = night_of(model, k, seed), model.layers[0], bird.encoding(k)
    (x_dream, z), phi, M = night.dreams, bird.features(), NIGHT_DREAMS
    square = night.phi.T @ night.phi / M + bird.RIDGE * np.eye(night.phi.shape[1])

    def exact(x: Array) -> Array:
        return bird.posterior(model, x)[0]

    def learnt(x: Array) -> Array:
        weights: Array = phi(x) @ np.linalg.solve(square, night.phi.T) / M
        return weights

    def asked_for(x: Array) -> Array:
        return np.column_stack([np.ones(len(x)), bottom.suff_stats(x)[:, 0]])

    def move(places: Array, seen: Array) -> Array:
        return bottom.pull(places, seen[:, None, 1:], seen[:, 0])

    truth, found = bird.exact_gradient(model, heard), []
    for code, places in ((exact, bird.GRID), (learnt, z)):
        awake, asleep = (code(x).T @ asked_for(x) / len(x) for x in (heard, x_dream))
        seen = awake - asleep
        read = night.particles(1, T(places).T @ seen)
        found += [metrics.angle(move(places, seen), truth), metrics.angle(move(z, read), truth)]
    return np.array(found)
