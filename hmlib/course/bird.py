"""The bird of notebooks 08 and 09: one observation of a hidden place, and its exact answers."""

from __future__ import annotations

from functools import cache, lru_cache

import numpy as np
from scipy.optimize import minimize
from scipy.special import ndtr

from hmlib import ddc
from hmlib._checks import rows
from hmlib.ddc.encodings import Features

Array = np.ndarray


GRID = np.linspace(-7, 7, 211)[:, None]
"""Places z_1 where the bird can be, a row each."""

STEP = GRID[1, 0] - GRID[0, 0]
CENTRE, SPREAD, NOISE = 0.5, 1.5, 0.4
K, FEATURES = 40, 60
RIDGE = 1e-4


# The world


class Folded(ddc.Gaussian):
    """x ~ N(A |z| + b, exp(log_var)): a distance, and not on which side."""

    def _above(self, z: Array) -> Array:
        return np.abs(rows("z", z, self.n_z))


def bird(A: float = 1.0, b: float = 0.0, noise: float = NOISE) -> ddc.Chain:
    """A place z_1 ~ N(0.5, 1.5^2), right a little more often than left, and its distance x.

    Args:
        A, b: x is A |z_1| + b and noise.
        noise: its standard deviation.
    """
    bottom = Folded([[A]], [b], [2 * np.log(noise)])
    return ddc.Chain((bottom, ddc.Mixture([[CENTRE]], SPREAD)))


def bird_and_nest() -> ddc.Chain:
    """The same with a layer above: the nest z_2 ~ N(0, 1), z_1 ~ N(1.2 z_2 + 0.5, 0.9^2)."""
    middle = ddc.Gaussian([[1.2]], [CENTRE], [2 * np.log(0.9)])
    return ddc.Chain((bird().layers[0], middle, ddc.StandardNormal(1)))


def prior() -> Array:
    """Probabilities of the places of the grid before anything is heard."""
    heights = np.exp(-0.5 * ((GRID[:, 0] - CENTRE) / SPREAD) ** 2)
    return heights / heights.sum()


def log_joint(model: ddc.Chain, x: Array) -> Array:
    """log p(x, z_1) of every x (n, 1) at every place of the grid, shape (n, g)."""
    n, g = len(x), len(GRID)
    pairs = np.repeat(x, g, axis=0), np.tile(GRID, (n, 1))
    top = model.layers[1]
    log_prior = -0.5 * ((GRID[:, 0] - top.means[0, 0]) / top.sd) ** 2
    log_prior -= np.log(top.sd * np.sqrt(2 * np.pi))
    return model.layers[0].log_prob(*pairs).reshape(n, g) + log_prior


def posterior(model: ddc.Chain, x: Array) -> tuple[Array, Array]:
    """Probabilities of the places given each x (n, 1), shape (n, g), and log p(x), shape (n,)."""
    log_p = log_joint(model, x)
    heights = np.exp(log_p)
    total = heights.sum(axis=1, keepdims=True)
    return heights / total, np.log(total[:, 0] * STEP)


# The functions


@cache
def _drawn() -> tuple[ddc.Encoding, ddc.Encoding]:
    """`K` encodings of z_1 and `FEATURES` features of x, placed where dreams are."""
    rng = np.random.default_rng(3)
    x, z = bird().sample(rng, 500)
    T = ddc.Encoding.random(rng, z, K, "tanh", gain=2.0)
    return T, ddc.Encoding.random(rng, x, FEATURES, "relu")


def encoding(k: int = K) -> Features:
    """The first k random functions of z_1, then z_1 itself and the constant."""
    T = _drawn()[0]
    if not k:
        return lambda z: T(z)[:, -2:]
    return ddc.Encoding(T.weights[:, :k], T.bias[:k], T.kind, True, T.centre, T.scale)


def features(constant: bool = True) -> Features:
    """Functions of x; without the constant they are rectified and all begin at 0."""
    phi = _drawn()[1]
    return phi if constant else (lambda x: np.maximum(x @ phi.weights, 0.0))


# The observation


def gaussian_bound(centre: float, width: float, x: float) -> float:
    """F of the Gaussian N(centre, width^2) for one x, in nats: E[log p(x, z_1)] + its entropy.

    |z_1| is the only hard part; its average under a Gaussian is known in closed form.
    """
    u = centre / width
    bell = np.exp(-0.5 * u**2) * np.sqrt(2 / np.pi)
    fold = width * bell + centre * (1 - 2 * ndtr(-u))
    square = centre**2 + width**2
    misfit = (x**2 - 2 * x * fold + square) / NOISE**2
    away = ((centre - CENTRE) ** 2 + width**2) / SPREAD**2
    return float(
        0.5 - 0.5 * (misfit + away) + np.log(width / (NOISE * SPREAD)) - 0.5 * np.log(2 * np.pi)
    )


@lru_cache(maxsize=256)
def best_gaussian(x: float) -> tuple[float, float]:
    """Centre and width of the Gaussian with the largest F for this x, the least KL(q || p).

    It is where an encoder that gives a Gaussian for each x would end if it could do every x on
    its own: the best it can be. Both sides are tried as a start, and the middle.
    """

    def cost(parameters: Array) -> float:
        return -gaussian_bound(parameters[0], np.exp(parameters[1]), x)

    begins, ends = ((x, -1.0), (-x, -1.0), (0.1, -0.5)), ((-6, 6), (-3, 2))
    options = {"ftol": 1e-14, "gtol": 1e-9}
    tries = (minimize(cost, b, bounds=ends, options=options) for b in begins)
    found = min(tries, key=lambda f: f.fun)
    return round(float(found.x[0]), 5), round(float(np.exp(found.x[1])), 5)


def gaussian_on_grid(centre: float, width: float) -> Array:
    """Probabilities of a Gaussian at the places of the grid."""
    heights = np.exp(-0.5 * ((GRID[:, 0] - centre) / width) ** 2)
    return heights / heights.sum()


def exact_gradient(model: ddc.Chain, x: Array) -> Array:
    """Gradient of the mean log p(x) in (A, b, log_var), shape (3,), by quadrature."""
    p, _ = posterior(model, x)
    share = p / len(x)
    n, g = share.shape
    pairs = np.repeat(x, g, axis=0), np.tile(GRID, (n, 1))
    return model.layers[0].weighted_score(*pairs, share.ravel())


def bound(q: Array, log_p: Array) -> Array:
    """F = E_q[log p(x, z_1)] + H[q] for probabilities q on the grid, in nats.

    Args:
        q: shape (g,).
        log_p: log p(x, z_1) on the grid, shape (..., g).
    """
    inside = q > 0
    return log_p[..., inside] @ q[inside] - (q[inside] * np.log(q[inside] / STEP)).sum()
