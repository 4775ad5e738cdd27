"""The data sets of the comparison: each a world to draw from, its density where it is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

from hmlib import datasets, ddc
from hmlib.rivals.baselines import GaussianMixture

Array = np.ndarray


@dataclass(frozen=True)
class World:
    """Something to learn.

    Attributes:
        sample: from a generator and n to data, shape (n, d).
        log_prob: log density of each row, in nats; None if it is not known in closed form.
        chain: the chain that the data come from, if they come from one.
        latents: units of z that a network generator of it is given.
    """

    sample: Callable[[np.random.Generator, int], Array]
    log_prob: Callable[[Array], Array] | None = None
    latents: int = 2
    chain: ddc.Chain | None = None


def eight_gaussians(rng: np.random.Generator) -> World:
    """Eight round Gaussians of standard deviation 0.2 on a circle of radius 2."""
    angle = 2 * np.pi * np.arange(8) / 8
    means = 2 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    mixture = GaussianMixture(np.full(8, 1 / 8), means, np.tile(0.04 * np.eye(2), (8, 1, 1)))
    return World(mixture.sample, mixture.log_prob)


def moons(rng: np.random.Generator) -> World:
    """Two half circles of radius 1, one in the opening of the other, with noise 0.1."""

    def sample(rng: np.random.Generator, n: int) -> Array:
        angle, upper = np.pi * rng.random(n), rng.random(n) < 0.5
        up = np.stack([np.cos(angle), np.sin(angle)], axis=1)
        down = np.stack([1 - np.cos(angle), 0.5 - np.sin(angle)], axis=1)
        return np.where(upper[:, None], up, down) + 0.1 * rng.standard_normal((n, 2))

    return World(sample)


def long_tails(rng: np.random.Generator) -> World:
    """Two independent Student t variables with 3 degrees of freedom."""
    constant = gammaln(2) - gammaln(1.5) - np.log(3 * np.pi) / 2

    def log_prob(x: Array) -> Array:
        return (constant - 2 * np.log1p(x**2 / 3)).sum(axis=1)

    return World(lambda rng, n: rng.standard_t(3, (n, 2)), log_prob)


def bent_sheet(rng: np.random.Generator) -> World:
    """tanh of two latents in ten dimensions, with noise 0.1; another sheet for every seed."""
    A, b = 1.5 * rng.standard_normal((10, 2)), 0.5 * rng.standard_normal(10)

    def sample(rng: np.random.Generator, n: int) -> Array:
        z = rng.standard_normal((n, 2))
        return np.tanh(z @ A.T + b) + 0.1 * rng.standard_normal((n, 10))

    return World(sample)


def six_latents(rng: np.random.Generator) -> World:
    """A random network of six latents in twenty dimensions, with noise 0.1."""
    network = ddc.Network.random(rng, 20, 6, hidden=30, variance=0.01)
    chain = ddc.Chain((network, ddc.StandardNormal(6)))
    return World(lambda rng, n: chain.sample(rng, n)[0], latents=6, chain=chain)


def six_sines(rng: np.random.Generator) -> World:
    """Twenty sines of sums of six latents, with noise 0.1: no network of tanh units is it."""
    A = 0.8 * rng.standard_normal((20, 6))

    def sample(rng: np.random.Generator, n: int) -> Array:
        return np.sin(rng.standard_normal((n, 6)) @ A.T) + 0.1 * rng.standard_normal((n, 20))

    return World(sample, latents=6)


WORLDS: dict[str, Callable[[np.random.Generator], World]] = {
    "ring": lambda rng: World(datasets.ring, datasets.ring_log_density),
    "pinwheel": lambda rng: World(datasets.pinwheel, datasets.pinwheel_log_density),
    "eight Gaussians": eight_gaussians,
    "moons": moons,
    "t(3)": long_tails,
    "bent sheet": bent_sheet,
    "six latents": six_latents,
    "six sines": six_sines,
}
"""From a generator, which makes those worlds that are random, to a world."""
