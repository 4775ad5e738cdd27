"""Log likelihood by importance sampling from an encoder."""

from __future__ import annotations

import numbers
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hmlib._checks import count, generator
from hmlib._memory import keep_freed_memory
from hmlib.ddc import Chain
from hmlib.ddc.families import log_normal
from hmlib.rivals.autoencoders import check_encoder, checked_data
from hmlib.rivals.encoder import Encoder
from hmlib.rivals.gradients import by_layer

Array = NDArray[np.float64]

_NUMBERS = 2_000_000
"""Numbers in one array of an estimate, at most."""


@dataclass(frozen=True, eq=False, repr=False)
class Estimate:
    """The log likelihood of data, estimated with K guesses a datum.

    Attributes:
        each: L_K of each datum, shape (n,), in nats: on average a little below log p(x).
        effective: how many of its K guesses count, shape (n,): 1 / sum_k w_k^2 with normalised
            weights w. Where it is close to 1, L_K may be far too low.
        k: K.
    """

    each: Array
    effective: Array
    k: int

    @property
    def mean(self) -> float:
        """Mean of L_K over the data, in nats."""
        return float(self.each.mean())

    @property
    def error(self) -> float:
        """Standard error of the mean that is due to the draws; the data are taken as given.

        The variance of log mean w is that of w over K times its mean squared, 1/effective - 1/K.
        """
        return float(np.sqrt((1 / self.effective - 1 / self.k).clip(0).sum()) / len(self.each))

    def __repr__(self) -> str:
        return (
            f"Estimate: L_{self.k} {self.mean:.4f}, standard error {self.error:.4f}, "
            f"{np.median(self.effective):.1f} of {self.k} guesses count"
        )


def estimate(
    model: Chain,
    encoder: Encoder,
    x: ArrayLike,
    rng: np.random.Generator,
    k: int = 1000,
    dreamt: float = 0.1,
) -> Estimate:
    """Estimate log p(x) by importance sampling, with the encoder's guesses as proposals.

    A Gaussian guess sees one peak of a posterior with several, and then neither L_K nor its
    standard error shows what is missed. So some guesses are dreams, drawn from p(z), and the
    proposal is the mixture q(z) = (1 - dreamt) q(z|x) + dreamt p(z): no weight p(x, z) / q(z) is
    then above p(x|z) / dreamt.

    Args:
        model: any chain of continuous latents.
        encoder: q(z|x), which should have been fitted to this model.
        x: data, shape (n, n_x).
        rng: random generator.
        k: guesses a datum.
        dreamt: the part of them drawn from p(z), 0 to below 1.

    Raises:
        ValueError: if an argument is not accepted or the encoder does not fit the model.

    Source: Owen & Zhou 2000, Safe and effective importance sampling, for the mixture.
    """
    x, rng, k = checked_data(model, x), generator("rng", rng), count("k", k)
    if not isinstance(dreamt, numbers.Real) or not 0 <= dreamt < 1:
        raise ValueError(f"dreamt is {dreamt!r}; accepted: a part of the guesses, 0 to below 1")
    check_encoder(model, encoder)
    keep_freed_memory()
    at_once = max(1, _NUMBERS // max(model.n_x, 100))
    parts = []
    for start in range(0, len(x), max(1, at_once // k)):
        here = x[start : start + max(1, at_once // k)]
        parts.append(_log_sums(model, encoder, here, rng, k, min(k, at_once), dreamt))
    log_sum, log_squares = np.concatenate(parts, axis=1)
    return Estimate(log_sum - np.log(k), np.exp(2 * log_sum - log_squares), k)


def _log_sums(
    model: Chain,
    encoder: Encoder,
    x: Array,
    rng: np.random.Generator,
    k: int,
    at_once: int,
    dreamt: float,
) -> Array:
    """log sum_k w_k and log sum_k w_k^2 of each datum, shape (2, n)."""
    mean, log_var, _ = encoder.forward(x)
    sums = np.full((2, len(x)), -np.inf)
    for first in range(0, k, at_once):
        noise = rng.standard_normal((len(x), min(at_once, k - first), encoder.n_z))
        log_w = _mixed_log_weights(model, mean, log_var, x, noise, rng, dreamt)
        for sum_, power in zip(sums, (1, 2), strict=True):
            np.logaddexp(sum_, np.logaddexp.reduce(power * log_w, axis=1), out=sum_)
    return sums


def _mixed_log_weights(
    model: Chain,
    mean: Array,
    log_var: Array,
    x: Array,
    noise: Array,
    rng: np.random.Generator,
    dreamt: float,
) -> Array:
    """log p(x, z_k) / q(z_k) of guesses and dreams z_k, shape (n, K)."""
    n, k, n_z = noise.shape
    z = mean[:, None] + np.exp(log_var / 2)[:, None] * noise
    is_dream = rng.random((n, k)) < dreamt
    if is_dream.any():
        z[is_dream] = np.hstack(model.sample(rng, int(is_dream.sum()))[1:])
    log_guess = log_normal(z - mean[:, None], log_var[:, None]).ravel()
    values = [x.repeat(k, axis=0), *by_layer(model, z.reshape(n * k, n_z))]
    driven = zip(model.layers[:-1], pairwise(values), strict=True)
    each = [*(layer.log_prob(y, above) for layer, (y, above) in driven)]
    log_seen, first, *others = *each, model.top.log_prob(values[-1])
    log_prior = sum(others, start=first)
    with np.errstate(divide="ignore"):
        parts = np.log1p(-dreamt) + log_guess, np.log(dreamt) + log_prior
    log_w: Array = log_seen + log_prior - np.logaddexp(*parts)
    return log_w.reshape(n, k)
