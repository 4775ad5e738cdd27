"""The world of the traps: a small chain of which quadrature knows all.

Two observed numbers, x = A z_1 + noise, below one latent, z_1 = a z_2 + noise, below a fixed top
z_2 with two bumps at +-1.5.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hmlib import ddc
from hmlib.ddc.encodings import Features
from hmlib.ddc.families import Affine, Gaussian

Array = NDArray[np.float64]

_BUMPS, _SD = 1.5, 0.5
_Z_1 = np.linspace(-5.5, 5.5, 401)
_Z_2 = np.add.outer([-_BUMPS, _BUMPS], np.linspace(-1.5, 1.5, 7)).ravel()


# The chain


@dataclass(frozen=True, eq=False, repr=False)
class Centred(Affine):
    """y ~ N(A z, diag exp(log_var)): a Gaussian without biases.

    A unit below one latent has two statistics, y and y^2, and two parameters: its Jacobian is
    square, so that no check of shapes can tell its two indices apart.

    Attributes:
        A: weights, shape (n_y, n_z).
        log_var: log variances, shape (n_y,).
    """

    A: Array = field(metadata={"ndim": 2})
    log_var: Array = field(metadata={"ndim": 1})

    @cached_property
    def _whole(self) -> Gaussian:
        return Gaussian(self.A, np.zeros(len(self.A)), self.log_var)

    def sample(self, rng: np.random.Generator, z: ArrayLike) -> Array:
        return self._whole.sample(rng, z)

    def log_prob(self, y: ArrayLike, z: ArrayLike) -> Array:
        return self._whole.log_prob(y, z)

    def suff_stats(self, y: ArrayLike) -> Array:
        return self._whole.suff_stats(y)

    def natural(self, z: ArrayLike) -> Array:
        return self._whole.natural(z)

    def mean(self, z: ArrayLike) -> Array:
        return self._whole.mean(z)

    def jacobian(self, z: ArrayLike) -> Array:
        return np.delete(self._whole.jacobian(z), -2, axis=-1)


def chain(A: tuple[float, float], noise: float, a: float, spread: float) -> ddc.Chain:
    """x ~ N(A z_1, noise^2) below z_1 ~ N(a z_2, spread^2) below z_2 of two bumps at +-1.5."""
    return ddc.Chain(
        (
            Centred(np.reshape(A, (2, 1)), np.full(2, 2 * np.log(noise))),
            Centred(np.array([[a]]), np.array([2 * np.log(spread)])),
            ddc.Mixture(np.array([[-_BUMPS], [_BUMPS]]), _SD),
        )
    )


def layers(model: ddc.Chain) -> tuple[Centred, Centred, ddc.Mixture]:
    """p(x|z_1), p(z_1|z_2) and p(z_2) of a model of this world.

    Raises:
        ValueError: for a chain of other layers.
    """
    match model.layers:
        case (Centred() as bottom, Centred() as middle, ddc.Mixture() as top):
            return bottom, middle, top
    raise ValueError(f"model is {model}; accepted: a chain as `chain` makes it")


WORLD = chain((1.2, 0.4), 0.5, 1.0, 0.4)
"""Where the data come from."""

NOISELESS = chain((1.2, 0.4), 0.03, 1.0, 0.4)
"""A world with next to no noise: learning would like to shrink the model's noise without end."""

MODELS = MappingProxyType(
    {
        "start": chain((0.6, 0.8), 0.9, 0.5, 0.9),
        "halfway": chain((0.8, 0.9), 0.4, 0.6, 0.7),
        "late": chain((1.0, 0.35), 0.55, 1.2, 0.15),
        "nearly": chain((1.1, 0.5), 0.4, 0.8, 0.5),
    }
)
"""Where learning may stand when the instruments are read."""


# What is exactly known of it


@dataclass(frozen=True, eq=False)
class Exact:
    """What quadrature says of a chain and data.

    Attributes:
        log_likelihood: L, the mean of log p(x), in nats.
        gradient: of L, in the order of `model.ravel()`, shape (6,).
        posterior: p(z_1 | x) on the grid, shape (n, g).
    """

    log_likelihood: float
    gradient: Array
    posterior: Array

    def code(self, encoding: Features) -> Array:
        """E[T(z_1) | x], shape (n, K)."""
        return self.posterior @ encoding(_Z_1[:, None])


def exact(model: ddc.Chain, x: Array) -> Exact:
    """L, its gradient and the posterior of z_1, by sums over grids of z_1 and z_2.

    Args:
        model: a chain of this world.
        x: data, shape (n, 2).

    Raises:
        ValueError: for a chain of other layers.
    """
    bottom, middle, top = layers(model)
    z_1, z_2 = _Z_1[:, None], _Z_2[:, None]
    above = top.log_prob(z_2)
    pairs = np.repeat(z_1, len(z_2), axis=0), np.tile(z_2, (len(z_1), 1))
    log_pair = middle.log_prob(*pairs).reshape(len(z_1), -1) + above
    log_pair -= np.logaddexp.reduce(above) - np.log(_Z_1[1] - _Z_1[0])
    log_prior = np.logaddexp.reduce(log_pair, axis=1)
    away = x[:, None, :] - z_1 @ bottom.A.T
    log_joint = log_prior - (away**2 @ np.exp(-bottom.log_var)) / 2
    log_joint -= (bottom.log_var.sum() + 2 * np.log(2 * np.pi)) / 2
    log_p = np.logaddexp.reduce(log_joint, axis=1)
    q = np.exp(log_joint - log_p[:, None])
    share, moments = q.mean(axis=0), np.einsum("ng,nis->gis", q, bottom.suff_stats(x)) / len(x)
    given = np.exp(log_pair - log_prior[:, None])
    gradient = np.concatenate(
        [
            bottom.pull(z_1, moments, share),
            middle.weighted_score(*pairs, (share[:, None] * given).ravel()),
        ]
    )
    return Exact(float(log_p.mean()), gradient, q)


GONE = 5.0
"""A model this many nats below the world is not looked at any more closely."""


def below(world: ddc.Chain, model: ddc.Chain) -> float:
    """L of the world less L of the model on 1000 fresh data, in nats; `GONE` if it is more."""
    x = world.sample(np.random.default_rng(5), 1000)[0]
    with np.errstate(all="ignore"):
        missing = exact(world, x).log_likelihood - exact(model, x).log_likelihood
    return min(missing, GONE) if np.isfinite(missing) else GONE
