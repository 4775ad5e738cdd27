"""Patches with a scale: the data, and those who learn them.

All who learn the model x_i ~ N(0, exp(b_i . z + c_i)), along the axes of the data's shape, have the
same start, the same functions that see scale and about as many seconds of the processor.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import helmert

from benchmarks.ddc_pictures import N_PATCHES, halves
from hmlib import datasets, ddc, rivals
from hmlib.learning import Adam
from hmlib.rivals.baselines import StudentT, student_t
from hmlib.rivals.encoder import Encoder

Array = NDArray[np.float64]
Learn = Callable[[Array, np.random.Generator, int], ddc.Chain | StudentT]
"""From data, a generator and a number of steps to a model."""

LATENTS, BATCH, DREAMS, K = 3, 100, 150, 10

RATE, IWAE_RATE, ENCODER_RATE = 0.03, 0.05, 3e-3
"""The best of a few on another split: five runs of DDC, three of the IWAE."""

GREYS = 255
"""Steps of grey in a picture."""


@dataclass(frozen=True)
class Split:
    """One split of the patches, along axes, in units of the root mean square of those learnt from.

    Attributes:
        train, test: shapes (2048, 255).
        axes: what takes coordinates back to pixels, shape (255, 256).
        unit: the root mean square, in grey values from 0 to 1.
    """

    train: Array
    test: Array
    axes: Array
    unit: float


def split(seed: int) -> Split:
    """Half of the patches to learn from, another half for each seed.

    Grey values are whole numbers, of which a density can make infinite use: each pixel is put at
    random within its step. Then its patch's mean is taken away; 255 coordinates are left.
    """
    kept = datasets.patches(remove_mean=False)
    grey = np.concatenate([kept.train, kept.test])
    rng = np.random.default_rng([seed, 9])
    grey = grey + (rng.random(grey.shape) - 0.5) / GREYS
    train, test = halves(grey - grey.mean(axis=1, keepdims=True), seed, N_PATCHES)
    unit = float(np.sqrt((train**2).mean()))
    # All axes but the mean's own.
    plain = helmert(256).T
    axes = plain @ ddc.shape_axes(train @ plain)
    return Split(train @ axes / unit, test @ axes / unit, axes.T, unit)


def by_ddc(x: Array, rng: np.random.Generator, steps: int, latents: int = LATENTS) -> ddc.Chain:
    """`ddc.fit_scales`: from dreams alone."""
    start = ddc.scale_start(x, rng, latents)
    *_, last = ddc.fit_scales(
        start, x, rng, steps=steps, rate=RATE, n_dreams=DREAMS, minibatch=BATCH, every=steps
    )
    return last.model


def by_one_scale(x: Array, rng: np.random.Generator, steps: int) -> ddc.Chain:
    """The same with a single latent: one scale of all units together."""
    return by_ddc(x, rng, steps, latents=1)


def by_iwae(x: Array, rng: np.random.Generator, steps: int) -> ddc.Chain:
    """An IWAE with ten guesses, whose encoder sees what DDC's recogniser sees."""
    model, seen = ddc.scale_start(x, rng, LATENTS), ddc.LogEnergies.of(x)
    points = np.concatenate([seen(x), seen(model.sample(rng, len(x))[0])])
    encoder = seeing(seen).random(rng, points, LATENTS)
    for_model, for_encoder = Adam(), Adam()
    for done in range(steps):
        some, left = x[rng.integers(len(x), size=BATCH)], 1 - done / steps
        noise = rng.standard_normal((BATCH, K, LATENTS))
        _, d_model, d_encoder = rivals.bound(model, encoder, some, noise)
        move, for_model = for_model.move(d_model, IWAE_RATE * left)
        model = model.like(model.ravel() + move)
        move, for_encoder = for_encoder.move(d_encoder, ENCODER_RATE * left)
        encoder = encoder.like(encoder.ravel() + move)
    return model


def seeing(seen: ddc.LogEnergies) -> type[Encoder]:
    """Encoders that look at x through these functions."""

    class Eyes(Encoder):
        @property
        def n_x(self) -> int:
            return int(seen.sd.size)

        def forward(self, x: Array) -> tuple[Array, Array, Callable[[Array, Array], Array]]:
            return super().forward(seen(x))

    return Eyes


def by_exact_posterior(x: Array, rng: np.random.Generator, steps: int) -> ddc.Chain:
    """The rung above DDC: the same read-out, from the highest place of p(z|x) and its width."""
    model, adam = ddc.scale_start(x, rng, LATENTS), Adam()
    for done in range(steps):
        some = x[rng.integers(len(x), size=BATCH)]
        m, bend = ddc.scale_posterior(model, some)
        gradient = ddc.scale_direction(model, m, np.linalg.inv(bend), some)
        move, adam = adam.move(gradient, RATE * (1 - done / steps))
        model = model.like(model.ravel() + move)
    return model


def untouched(x: Array, rng: np.random.Generator, steps: int) -> ddc.Chain:
    """The start."""
    return ddc.scale_start(x, rng, LATENTS)


def multivariate_t(x: Array, rng: np.random.Generator, steps: int) -> StudentT:
    """What has to be beaten."""
    return student_t(x)


METHODS: dict[str, tuple[Learn, int]] = {
    "untouched start": (untouched, 1),
    "multivariate t": (multivariate_t, 1),
    "DDC, one scale": (by_one_scale, 1000),
    "DDC": (by_ddc, 1000),
    "IWAE": (by_iwae, 650),
    "exact posterior": (by_exact_posterior, 400),
}
"""How each learns, and in how many steps: those who are compared take about ten seconds."""


def log_likelihood(model: ddc.Chain | StudentT, x: Array, nodes: int) -> Array:
    """log p(x) of each patch in the coordinates of the split, shape (n,), in nats."""
    if isinstance(model, StudentT):
        return model.log_prob(x)
    return ddc.scale_log_likelihood(model, x, nodes)
