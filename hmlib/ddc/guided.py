"""Guided: the code proposes, the likelihood weighs.

For every x, latents are drawn from what a trained recogniser says of them, and a few from the
prior; each counts in proportion to p(x, z) over the density that it was drawn from. The move is
the weighted average of grad log p(x, z).

With a recogniser that says a mean and a covariance this is reweighted wake-sleep whose recognition
is learnt asleep, and no DDC alone: likelihoods of data are evaluated.
Source: Bornschein & Bengio 2015; Le et al. 2019.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hmlib.ddc.chain import Chain
from hmlib.ddc.proposals import Proposal

Array = NDArray[np.float64]

DRAWS, FROM_PRIOR = 20, 2
"""Latents a datum, and how many of them are drawn from the prior."""


def guided_direction(
    model: Chain,
    proposal: Proposal,
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
    n, prior = len(x), min(FROM_PRIOR, draws - 1)
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
    w = _normalised(log_likelihood + log_prior - log_mixture)
    c = (share[:, None] * w).ravel()
    values = (each, *latents)
    # The top layer is drawn from nothing, and takes no notice of what stands for it.
    driven = zip(model.layers, values, (*latents, latents[-1]), strict=True)
    parts = [layer.weighted_score(y, above, c) for layer, y, above in driven if layer.ravel().size]
    return np.concatenate(parts), 1 / (w**2).sum(axis=1)


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
