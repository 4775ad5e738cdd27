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


@lru_cache(maxsize=64)
def uphill(noise: float) -> Array:
    """The exact gradient of what `asked` gives, shape (3,)."""
    return bird.exact_gradient(*asked(noise))


def night_of(model: ddc.Chain, k: int, seed: int) -> ddc.Night:
    """A sleep phase of a bird's model with the first k random encodings."""
    rng = np.random.default_rng(seed)
    return ddc.night_of(model, rng, NIGHT_DREAMS, bird.features(), [bird.encoding(k)], bird.RIDGE)


@lru_cache(maxsize=512)
def first_night(noise: float, k: int) -> ddc.Night:
    """The first of the nights behind `angles`."""
    return night_of(asked(noise)[0], k, 0)


def angles_of_night(noise: float, k: int, seed: int) -> Array:
    """Angles of the moves by each of `RULES` to the exact gradient, in degrees, shape (3,).

    The average over the dreams is subtracted in `code` and `score`.

    Args:
        noise: standard deviation of x given z_1, in the world and in the model.
        k: number of random encodings.
        seed: of the night.
    """
    model, x = asked(noise)
    night, data = night_of(model, k, seed), ddc.seen(x, bird.features(), model.layers[0])
    moves = [ddc.direction(model, night, data, rule, rule != "split") for rule in RULES]
    return np.array([metrics.angle(move, uphill(noise)) for move in moves])


@lru_cache(maxsize=512)
def angles(noise: float, k: int) -> Array:
    """Medians of `angles_of_night` over five nights, shape (3,)."""
    return np.median([angles_of_night(noise, k, seed) for seed in range(NIGHTS)], axis=0)


def regressed_and_local(noise: float, n_dreams: int, seed: int) -> Array:
    """Angles of two moves by code to the exact gradient, in degrees, shape (2,).

    One by regressions with ten encodings, the dreams subtracted; one by local recognition.

    Args:
        noise: standard deviation of x given z_1, in the world and in the model.
        n_dreams: of the night.
        seed: of the night.
    """
    (model, heard), T = asked(noise), bird.encoding(10)
    rng, data = np.random.default_rng(seed), ddc.seen(heard, bird.features(), model.layers[0])
    night = ddc.night_of(model, rng, n_dreams, bird.features(), [T], bird.RIDGE)
    local = ddc.local_night(model, rng, n_dreams).direction(heard)
    found = ddc.direction(model, night, data, "code"), local
    return np.array([metrics.angle(move, uphill(noise)) for move in found])


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

    truth, found = uphill(noise), []
    for code, places in ((exact, bird.GRID), (learnt, z)):
        awake, asleep = (code(x).T @ asked_for(x) / len(x) for x in (heard, x_dream))
        seen = awake - asleep
        read = night.particles(1, T(places).T @ seen)
        found += [metrics.angle(move(places, seen), truth), metrics.angle(move(z, read), truth)]
    return np.array(found)
