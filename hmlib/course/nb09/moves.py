"""One update of a bird's model: nights of dreams, and how far each rule's move is off the gradient.

The world is the bird of `hmlib.course.bird`; the model is a little wrong about it. A night is one
of many, and so are the data and the random functions: `draw` says which of these, 0 for those of
the lab.
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
_HEARD, _SUBTRACTED = 300, 1000


def asked(noise: float, draw: int = 0) -> tuple[ddc.Chain, Array]:
    """A model that is a little wrong about the bird, and what was heard, shape (300, 1)."""
    rng = np.random.default_rng([draw, 1] if draw else 0)
    x = bird.model(noise=noise).sample(rng, _HEARD)[0]
    return bird.model(A=0.8, b=0.2, noise=noise), x


@lru_cache(maxsize=64)
def uphill(noise: float, draw: int = 0) -> Array:
    """The exact gradient of what `asked` gives, shape (3,)."""
    return bird.exact_gradient(*asked(noise, draw))


def night_of(model: ddc.Chain, k: int, seed: int, draw: int = 0) -> ddc.Night:
    """A sleep phase of a bird's model with the first k random encodings."""
    return _night(model, np.random.default_rng(seed), NIGHT_DREAMS, k, draw)


def _night(model: ddc.Chain, rng: np.random.Generator, n: int, k: int, draw: int) -> ddc.Night:
    T, phi = bird.encoding(k, draw), bird.features(draw=draw)
    return ddc.night_of(model, rng, n, phi, [T], bird.RIDGE)


@lru_cache(maxsize=512)
def first_night(noise: float, k: int) -> ddc.Night:
    """The first of the nights behind `angles`."""
    return night_of(asked(noise)[0], k, 0)


def angles_of_night(noise: float, k: int, seed: int, draw: int = 0) -> Array:
    """Angles of the moves by each of `RULES` to the exact gradient, in degrees, shape (3,).

    The average over the dreams is subtracted in `code` and `score`.

    Args:
        noise: standard deviation of x given z_1, in the world and in the model.
        k: number of random encodings.
        seed: of the night.
        draw: of data and random functions.
    """
    model, x = asked(noise, draw)
    night = night_of(model, k, seed, draw)
    data = ddc.seen(x, bird.features(draw=draw), model.layers[0])
    moves = [ddc.direction(model, night, data, rule, rule != "split") for rule in RULES]
    return np.array([metrics.angle(move, uphill(noise, draw)) for move in moves])


@lru_cache(maxsize=512)
def angles(noise: float, k: int) -> Array:
    """Medians of `angles_of_night` over five nights, shape (3,)."""
    return np.median([angles_of_night(noise, k, seed) for seed in range(NIGHTS)], axis=0)


def regressed_and_local(noise: float, n_dreams: int, seed: int, draw: int = 0) -> Array:
    """Angles of three moves by code to the exact gradient, in degrees, shape (3,).

    By regressions with ten encodings, the dreams subtracted; by local recognition; and by local
    recognition with the same move of `_SUBTRACTED` fresh dreams subtracted.

    Args:
        noise: standard deviation of x given z_1, in the world and in the model.
        n_dreams: of the night.
        seed: of the night.
        draw: of data and random functions.
    """
    (model, heard), rng = asked(noise, draw), np.random.default_rng(seed)
    night = _night(model, rng, n_dreams, 10, draw)
    data = ddc.seen(heard, bird.features(draw=draw), model.layers[0])
    local = ddc.local_night(model, rng, n_dreams)
    alone = local.direction(heard)
    asleep = local.direction(model.sample(rng, _SUBTRACTED)[0])
    found = ddc.direction(model, night, data, "code"), alone, alone - asleep
    return np.array([metrics.angle(move, uphill(noise, draw)) for move in found])


def angles_of_parts(noise: float, k: int, seed: int, draw: int = 0) -> Array:
    """Angles of moves by code to the exact gradient, each with some of its `PARTS` learnt.

    An exact code is the posterior on a grid; a learnt one is regressed on features of x, with no
    encoding between. An exact read-out asks for the score itself; a learnt one asks the first k
    random encodings. The average over the dreams is subtracted in all.

    Args:
        noise: standard deviation of x given z_1, in the world and in the model.
        k: number of random encodings.
        seed: of the night.
        draw: of data and random functions.

    Returns:
        In degrees, shape (4,).
    """
    model, heard = asked(noise, draw)
    night, bottom, T = night_of(model, k, seed, draw), model.layers[0], bird.encoding(k, draw)
    (x_dream, z), phi, M = night.dreams, bird.features(draw=draw), NIGHT_DREAMS
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

    truth, found = uphill(noise, draw), []
    for code, places in ((exact, bird.GRID), (learnt, z)):
        awake, asleep = (code(x).T @ asked_for(x) / len(x) for x in (heard, x_dream))
        seen = awake - asleep
        read = night.particles(1, T(places).T @ seen)
        found += [metrics.angle(move(places, seen), truth), metrics.angle(move(z, read), truth)]
    return np.array(found)
