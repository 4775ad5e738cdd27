"""Wake by draws from a trained recogniser: guided by the likelihood, or as the code says.

Guided: the code proposes, the likelihood weighs.

For every x, latents are drawn from what a trained recogniser says of them, and a few from the
prior; each counts in proportion to p(x, z) over the density that it was drawn from. The move is
the weighted average of grad log p(x, z).

With a recogniser that says a mean and a covariance this is reweighted wake-sleep whose recognition
is learnt asleep, and no DDC alone: likelihoods of data are evaluated.

Without weights the draws are the code's own decode, and this is DDC from dreams alone.
Source: Bornschein & Bengio 2015; Le et al. 2019.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hmlib.ddc.chain import Chain

Array = NDArray[np.float64]

DRAWS, FROM_PRIOR = 20, 2
"""Latents a datum, and how many of them are drawn from the prior."""

DECODED = 3
"""Latents a datum, where none is weighed."""


class Drawn(Protocol):
    """Anything to draw latents from."""

    def draw(
        self, rng: np.random.Generator, x: Array, k: int
    ) -> tuple[Array, Callable[[Array], Array]]:
        """k latents for each x, and their log density, as `Proposal.draw` gives them."""


class Decoded(Protocol):
    """Anything that tells a code of z by a mean and a covariance."""

    def decoded(self, rng: np.random.Generator, x: Array, k: int) -> Array:
        """k latents for each x from the normal that has them, as `Proposal.decoded` gives them."""


def weighed_draws(
    model: Chain, proposal: Drawn, x: Array, rng: np.random.Generator, draws: int, prior: int
) -> tuple[Array, list[Array], Array]:
    """Latents drawn for every x, and what they weigh.

    Args:
        model: the chain.
        proposal: what latents are drawn from.
        x: observations, shape (n, n_x).
        rng: random generator.
        draws: latents a datum.
        prior: how many of them are drawn from the prior, below `draws`.

    Returns:
        x, a row a draw, shape (n draws, n_x); z_1, ..., z_D of each; log p(x, z) over the density
        that all draws of a datum have together, shape (n, draws), in nats.
    """
    n = len(x)
    guessed, log_density = proposal.draw(rng, x, draws - prior)
    dreamt = np.hstack(model.sample(rng, n * prior)[1:]).reshape(n, prior, -1)
    z = np.concatenate([guessed, dreamt], axis=1)
    latents = by_layer(model, z.reshape(n * draws, -1))
    each = np.repeat(x, draws, axis=0)
    log_prior = _log_prior(model, latents).reshape(n, draws)
    log_likelihood = model.layers[0].log_prob(each, latents[0]).reshape(n, draws)
    # The density that all draws of a datum have together.
    log_mixture = np.logaddexp(
        np.log((draws - prior) / draws) + log_density(z), np.log(prior / draws) + log_prior
    )
    return each, latents, log_likelihood + log_prior - log_mixture


def guided_direction(
    model: Chain,
    proposal: Drawn,
    x: Array,
    share: Array,
    rng: np.random.Generator,
    draws: int = DRAWS,
) -> tuple[Array, Array]:
    """The average over data of E[grad log p(x, z) | x], by weighted draws.

    Args:
        model: the chain.
        proposal: what latents are drawn from.
        x: observations, shape (n, n_x).
        share: their weights, summing to 1, shape (n,).
        rng: random generator.
        draws: latents a datum, of which `FROM_PRIOR` are drawn from the prior.

    Returns:
        One vector, as `Chain.ravel` orders it; the effective number of draws of each x, (n,).
    """
    each, latents, log_w = weighed_draws(
        model, proposal, x, rng, draws, prior=min(FROM_PRIOR, draws - 1)
    )
    w = _normalised(log_w)
    moved = _weighted(model, each, latents, (share[:, None] * w).ravel())
    return moved, 1 / (w**2).sum(axis=1)


def decoded_direction(
    model: Chain,
    proposal: Decoded,
    x: Array,
    share: Array,
    rng: np.random.Generator,
    draws: int = DECODED,
) -> Array:
    """The average over data of E[grad log p(x, z) | x], as the code of z by a mean and a covariance
    says: over draws from the distribution of greatest entropy that has them, a normal.

    No likelihood of a datum is evaluated. It is the gradient only as far as the normal is the
    posterior.

    Args:
        model: the chain.
        proposal: what tells the code of x.
        x: observations, shape (n, n_x).
        share: their weights, summing to 1, shape (n,).
        rng: random generator.
        draws: latents a datum.

    Returns:
        One vector, as `Chain.ravel` orders it.

    Source: Vértes & Sahani 2018, equation 3, for the decode.
    """
    z = proposal.decoded(rng, x, draws)
    latents = by_layer(model, z.reshape(len(x) * draws, -1))
    each = np.repeat(x, draws, axis=0)
    return _weighted(model, each, latents, np.repeat(share / draws, draws))


def _weighted(model: Chain, x: Array, latents: list[Array], c: Array) -> Array:
    """The sum of c grad log p(x, z) over rows."""
    # The top layer is drawn from nothing, and takes no notice of what stands for it.
    driven = zip(model.layers, (x, *latents), (*latents, latents[-1]), strict=True)
    parts = [layer.weighted_score(y, above, c) for layer, y, above in driven if layer.ravel().size]
    return np.concatenate(parts)


def by_layer(model: Chain, z: Array) -> list[Array]:
    """z_1, ..., z_D of rows of all latents side by side."""
    widths = [layer.n_y for layer in model.layers[1:]]
    return np.split(z, np.cumsum(widths)[:-1], axis=1)


def _log_prior(model: Chain, latents: list[Array]) -> Array:
    """log p(z_1, ..., z_D) of each row."""
    total = model.top.log_prob(latents[-1])
    for layer, y, above in zip(model.layers[1:-1], latents, latents[1:], strict=False):
        total = total + layer.log_prob(y, above)
    return total


def _normalised(log_w: Array) -> Array:
    """Weights of each row, summing to 1."""
    w: Array = np.exp(log_w - log_w.max(axis=1, keepdims=True))
    w /= w.sum(axis=1, keepdims=True)
    return w
