"""The bird of notebooks 08 and 09: heard at a distance, on the left or on the right.

A place z_1 is hidden, its distance x is heard. With one hidden number all that the course asks of
a posterior can be had by quadrature on a grid, to hold against what is learnt. In code:
`from hmlib.course import bird`, then `bird.model()`.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hmlib import ddc
from hmlib._checks import rows
from hmlib.ddc.encodings import Features

Array = NDArray[np.float64]

CENTRE, SPREAD, NOISE = 0.5, 1.5, 0.4
"""Mean and standard deviation of the place, and standard deviation of the distance's noise."""


# The world


class Folded(ddc.Gaussian):
    """x ~ N(A |z| + b, exp(log_var)): a distance, and not on which side."""

    def _above(self, z: ArrayLike) -> Array:
        return np.abs(rows("z", z, self.n_z))


def model(A: float = 1.0, b: float = 0.0, noise: float = NOISE) -> ddc.Chain:
    """A place z_1 ~ N(0.5, 1.5^2), right a little more often than left, and its distance x.

    Args:
        A, b: x is A |z_1| + b and noise.
        noise: its standard deviation.
    """
    bottom = Folded(np.array([[A]]), np.array([b]), np.array([2 * np.log(noise)]))
    return ddc.Chain((bottom, ddc.Mixture(np.array([[CENTRE]]), SPREAD)))


def model_with_nest() -> ddc.Chain:
    """The same with a layer above: the nest z_2 ~ N(0, 1), z_1 ~ N(1.2 z_2 + 0.5, 0.9^2)."""
    log_var = np.array([2 * np.log(0.9)])
    middle = ddc.Gaussian(np.array([[1.2]]), np.array([CENTRE]), log_var)
    return ddc.Chain((model().layers[0], middle, ddc.StandardNormal(1)))


# Exact answers, by quadrature

GRID: Array = np.linspace(-7, 7, 211)[:, None]
"""Places z_1 where the bird can be, a row each."""

STEP = float(GRID[1, 0] - GRID[0, 0])


def gaussian(centre: float, width: float) -> Array:
    """Probabilities of N(centre, width^2) at the places of the grid, shape (g,)."""
    heights: Array = np.exp(-0.5 * ((GRID[:, 0] - centre) / width) ** 2)
    total: float = heights.sum()
    return heights / total


def prior() -> Array:
    """Probabilities of the places of the grid before anything is heard, shape (g,)."""
    return gaussian(CENTRE, SPREAD)


def log_joint(bird: ddc.Chain, x: Array) -> Array:
    """log p(x, z_1) of every x (n, 1) at every place of the grid, shape (n, g)."""
    return bird.log_prob(_pairs(x)).reshape(len(x), len(GRID))


def posterior(bird: ddc.Chain, x: Array) -> tuple[Array, Array]:
    """What is known once x is heard.

    Args:
        bird: a `model`.
        x: distances, shape (n, 1).

    Returns:
        Probabilities of the places given each x, shape (n, g), and log p(x), shape (n,), in nats.
    """
    heights: Array = np.exp(log_joint(bird, x))
    total: Array = heights.sum(axis=1)
    return heights / total[:, None], np.log(total * STEP)


def exact_gradient(bird: ddc.Chain, x: Array) -> Array:
    """Gradient of the mean log p(x), x of shape (n, 1), in A, b and log_var; shape (3,)."""
    share = posterior(bird, x)[0].ravel() / len(x)
    return bird.layers[0].weighted_score(*_pairs(x), share)


def right() -> Array:
    """1 where a place of the grid lies on the right, shape (g,); the place 0 does by half."""
    return np.heaviside(GRID[:, 0], 0.5)


def _pairs(x: Array) -> tuple[Array, Array]:
    """Every x beside every place, shapes (n g, 1)."""
    return np.repeat(x, len(GRID), axis=0), np.tile(GRID, (len(x), 1))


# What the place and the distance are asked about

K, FEATURES = 40, 60
"""Random encodings of z_1 and features of x."""

RIDGE = 1e-4
"""Of what is learnt from dreams."""


@cache
def _drawn(draw: int) -> tuple[ddc.Encoding, ddc.Encoding]:
    """`K` encodings of z_1 and `FEATURES` features of x, placed where dreams are."""
    rng = np.random.default_rng(3 + draw)
    x, z = model().sample(rng, 500)
    T = ddc.Encoding.random(rng, z, K, "tanh", gain=2.0)
    return T, ddc.Encoding.random(rng, x, FEATURES, "relu")


def encoding(k: int = K, draw: int = 0) -> Features:
    """The first k random functions of z_1, then z_1 itself and the constant.

    Args:
        k: their number, up to `K`.
        draw: which random functions; 0 for those of the notebooks.
    """
    T = _drawn(draw)[0]
    if not k:
        return lambda z: T(z)[:, -2:]
    return ddc.Encoding(T.weights[:, :k], T.bias[:k], T.kind, True, T.centre, T.scale)


def features(constant: bool = True, draw: int = 0) -> Features:
    """Functions of x; without the constant they are rectified and all begin at 0."""
    phi = _drawn(draw)[1]
    return phi if constant else (lambda x: np.maximum(x @ phi.weights, 0.0))
