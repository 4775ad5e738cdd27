"""The methods of the comparison, each a small function from data to steps of learning.

A method is called as `learn(train, rng, steps, latents)` and gives an iterable whose last element
has the model: as `.gen` or `.model`, or it is the model itself. A model has `sample(rng, n)`, and
a density `log_prob(x)` where it is no `ddc.Chain`. All networks are those of `ddc.fresh`, and all
rates fall in a line to 0 at the last step, so that a method that is bought more steps uses them.

To add one, write such a function and name it in `METHODS`; it is `bought` if its steps cost time
that a budget of seconds should be spent on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from benchmarks.recognisers import guided_from_data, looking_autoencoder
from hmlib import ddc, rivals
from hmlib.learning import anneal
from hmlib.rivals.baselines import gaussian_mixture

Learn = Callable[[np.ndarray, np.random.Generator, int, int], Iterable]

NOISE = 0.1
"""Variance of the noise at the start, over that of the data."""

WATCH = 100
"""Steps from one reading of the instruments to the next: in a short trial they must not be read,
or a step seems to cost what they do."""


@dataclass(frozen=True)
class Method:
    """One way to learn.

    Attributes:
        learn: from train, rng, steps and latents to steps of learning.
        bought: whether the number of steps follows from the seconds given; else it is one run
            as it is, however long it takes.
    """

    learn: Learn
    bought: bool = True


def start(train: np.ndarray, rng: np.random.Generator, latents: int) -> ddc.Chain:
    """The network that all who learn one begin with."""
    return ddc.fresh(train, rng, latents=latents, variance=NOISE)


def untouched(train: np.ndarray, rng: np.random.Generator, steps: int, latents: int) -> Iterable:
    """The start itself: whoever is no better has learnt nothing."""
    return [start(train, rng, latents)]


def gaussians(train: np.ndarray, rng: np.random.Generator, steps: int, latents: int) -> Iterable:
    """A mixture of 40 Gaussians by EM."""
    return [gaussian_mixture(train, min(40, len(train)), rng)]


def prior_dreams(train: np.ndarray, rng: np.random.Generator, steps: int, latents: int) -> Iterable:
    """Prior dreams weighted by p(x|z): no code, no encoder."""
    return rivals.prior_dreams(
        start(train, rng, latents), train, rng, steps=steps, every=steps,
        rate=anneal(0.02, steps, start=0.0),
    )  # fmt: skip


def kernel_wake_sleep(
    train: np.ndarray, rng: np.random.Generator, steps: int, latents: int
) -> Iterable:
    """Amortised learning by wake-sleep: kernel ridge from dreams to the gradient."""
    return rivals.kernel_wake_sleep(
        start(train, rng, latents), train, rng, steps=steps, every=steps,
        rate=anneal(0.01, steps, start=0.0),
    )  # fmt: skip


def autoencoder(k: int) -> Learn:
    """A VAE (k = 1) or an IWAE with k guesses."""

    def learn(train: np.ndarray, rng: np.random.Generator, steps: int, latents: int) -> Iterable:
        rate = anneal(0.01, steps, start=0.0)
        begun = start(train, rng, latents)
        return rivals.fit(begun, train, rng, k=k, steps=steps, rate=rate, every=steps)

    return learn


def two_looks(train: np.ndarray, rng: np.random.Generator, steps: int, latents: int) -> Iterable:
    """An IWAE with the recogniser of `code, trained`: two looks, and correlations."""
    return looking_autoencoder(start(train, rng, latents), train, rng, steps)


def from_data(train: np.ndarray, rng: np.random.Generator, steps: int, latents: int) -> Iterable:
    """`guided` with a recogniser that learns from data in place of dreams."""
    return guided_from_data(start(train, rng, latents), train, rng, steps)


def ddc_as_it_is(wake: str, recognition: str | None = None, **otherwise: int | bool) -> Learn:
    """`ddc.fit` with its own settings in this mode, but for those that are named."""

    def learn(train: np.ndarray, rng: np.random.Generator, steps: int, latents: int) -> Iterable:
        # Regressions begin with noise that explains all: with less they run away.
        noise = 1.0 if recognition == "regression" else NOISE
        begun = ddc.fresh(
            train, rng, latents=latents, variance=noise, bend=recognition != "regression"
        )
        return ddc.fit(
            begun, train, rng, wake=wake, recognition=recognition, steps=steps, every=steps,
            watch=WATCH, **otherwise,
        )  # fmt: skip

    return learn


METHODS: dict[str, Method] = {
    "untouched start": Method(untouched, bought=False),
    "40 Gaussians": Method(gaussians, bought=False),
    "prior dreams": Method(prior_dreams),
    "kernel wake-sleep": Method(kernel_wake_sleep),
    "VAE": Method(autoencoder(1)),
    "IWAE": Method(autoencoder(10)),
    "DDC code": Method(ddc_as_it_is("code", "local")),
    "code, regressed": Method(ddc_as_it_is("code", "regression")),
    "score": Method(ddc_as_it_is("score", "regression")),
    "code, trained": Method(ddc_as_it_is("code", "trained")),
    "code, one look": Method(ddc_as_it_is("code", "trained", looks=1)),
    "code, wake only": Method(ddc_as_it_is("code", "trained", minus_dreams=False)),
    "code, neither": Method(ddc_as_it_is("code", "trained", looks=1, minus_dreams=False)),
    "guided": Method(ddc_as_it_is("guided")),
    "IWAE, two looks": Method(two_looks),
    "guided, from data": Method(from_data),
}
