"""Local recognition: the code of x is what was dreamt near x.

A dream is made with a part of the model's noise, and a kernel that is as wide as the rest compares
it with x:

    x_s = mean(z_s) + sqrt((1 - kappa) v) e_s,   q_s(x) ~ exp(-|x - x_s|^2 / (2 kappa v)),

with v the variances of the noise of x and sum_s q_s(x) = 1. The code is

    r(x) = sum_s q_s(x) T(z_s),

equation 7 with a constant fitted by least squares to the dreams near x, for all T at once. The
average of the kernel over e_s is p(x|z_s) whatever kappa is, since the two variances add up to v:
with more and more dreams r(x) goes to E[T(z)|x], and the width of the kernel is no bias.

What it is not: a regression on features of x that could be kept and used without the dreams. As
kappa goes to 1 it becomes the weighting of dreams by the likelihood of x.
Source: Vértes & Sahani 2018, equation 7; Nadaraya 1964 and Watson 1964 for averages by a kernel.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from numbers import Real

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hmlib._checks import count, data_weights, generator
from hmlib.ddc.chain import Chain, Values
from hmlib.ddc.encodings import FUNCTIONS, Features
from hmlib.ddc.families import Family
from hmlib.ddc.warped import Warped

Array = NDArray[np.float64]

KAPPA = 2 / 3
"""The kernel's part of the noise."""


@dataclass(frozen=True, eq=False)
class LocalNight:
    """One night of dreams, and recognition by those near x.

    Attributes:
        model: the chain that dreamt; its bottom layer has Gaussian noise of its own.
        dreams: x_s, with a part of the noise, and z_1, ..., z_D of each, shapes (M, n_l).
        kappa: the part of the noise's variance that is left to the kernel, above 0, below 1.
    """

    model: Chain
    dreams: Values
    kappa: float

    @cached_property
    def _scale(self) -> Array:
        """One over the standard deviation of the kernel, shape (n_x,)."""
        noise = self.model.layers[0].noise
        assert noise is not None
        return np.asarray(np.exp(-noise / 2) / np.sqrt(self.kappa))

    @cached_property
    def _near(self) -> tuple[Array, NDArray[np.float32], NDArray[np.float32]]:
        """A centre, the dreams about it in units of the kernel, and half their squared length."""
        centre = self.dreams[0].mean(axis=0)
        # Weights between 0 and 1 need no more digits, and half the time.
        near = ((self.dreams[0] - centre) * self._scale).astype(np.float32)
        return centre, near, (near**2 / np.float32(2)).sum(axis=1)

    def weights(self, x: ArrayLike) -> NDArray[np.float32]:
        """q_s(x), a row an observation, summing to 1; shape (n, M).

        Raises:
            ValueError: if x is nothing that the model can dream.
        """
        x = self.model.layers[0].observed(x)
        centre, near, half = self._near
        q = ((x - centre) * self._scale).astype(np.float32) @ near.T
        q -= half
        q -= q.max(axis=1, keepdims=True)
        np.exp(q, out=q)
        q /= q.sum(axis=1, keepdims=True)
        return q

    def code(self, x: ArrayLike, encoding: Features, layer: int = 1) -> Array:
        """r_l(x) = sum_s q_s(x) T(z_l,s) for any functions T of a layer of latents, shape (n, K).

        Args:
            x: observations, shape (n, n_x).
            encoding: T, from (M, n_l) to (M, K).
            layer: l, from 1.

        Raises:
            ValueError: for x that the model cannot dream, no functions, or no such layer.
        """
        if not callable(encoding):
            raise ValueError(f"encoding is {encoding!r}; accepted: {FUNCTIONS}")
        if not 1 <= count("layer", layer) <= self.model.depth:
            raise ValueError(f"layer is {layer}; accepted: 1 to {self.model.depth}")
        return np.asarray(self.weights(x).astype(np.float64) @ encoding(self.dreams[layer]))

    def direction(self, x: ArrayLike, weights: ArrayLike | None = None) -> Array:
        """The move of wake: E[grad log p(x, z)] with z distributed as the code of x says.

        What wake asks of the code is linear in it, so that the read-out is exact and one backward
        pass at the dreamt z_s is all: sum_s w_s(S) . eta(z_s) - w_s Phi(eta(z_s)), with
        w_s = mean q_s(x) and w_s(S) = mean q_s(x) S(x).

        Args:
            x: observations, shape (n, n_x).
            weights: of the observations, shape (n,); equal if None.

        Returns:
            One vector, as `Chain.ravel` orders it, in nats per unit of each parameter.

        Raises:
            ValueError: for x that the model cannot dream, or weights that do not fit.
        """
        bottom, *above = self.model.layers
        x = bottom.observed(x)
        share = data_weights(weights, len(x))
        q, centre = self.weights(x), self._near[0]
        # Squares of numbers far from 0 would take the digits away from their differences.
        bottom = bottom.shifted(centre)
        S = bottom.suff_stats(x - centre)
        columns = np.column_stack([share, share[:, None] * S.reshape(len(x), -1)])
        seen = q.T @ columns
        w, t = seen[:, 0], seen[:, 1:].reshape(-1, *S.shape[1:])
        latents = self.dreams[1:]
        # The top layer is drawn from nothing, and takes no notice of what stands for it.
        driven = zip(above, latents, (*latents[1:], latents[-1]), strict=True)
        parts = [layer.weighted_score(y, z, w) for layer, y, z in driven if layer.ravel().size]
        return np.concatenate([bottom.pull(latents[0], t, w), *parts])

    def effective(self, x: ArrayLike) -> Array:
        """How many dreams speak for each x: 1 / sum_s q_s(x)^2, from 1 to M, shape (n,)."""
        q = self.weights(x).astype(np.float64)
        return np.asarray(1 / (q**2).sum(axis=1))


def local_night(model: Chain, rng: np.random.Generator, n: int, kappa: float = KAPPA) -> LocalNight:
    """A night of about n dreams for local recognition, the top layer spread evenly.

    Args:
        model: the chain that dreams.
        rng: random generator.
        n: dreams, M; a grid over two latents has the largest square that fits.
        kappa: the kernel's part of the noise's variance, above 0, below 1.

    Raises:
        ValueError: for a bottom layer without Gaussian noise of its own, or another argument that
            is not accepted.
    """
    bottom = noisy_bottom(model)
    kappa = checked_kappa(kappa)
    rng = generator("rng", rng)
    latents = [model.top.draw_evenly(rng, count("n", n))]
    for layer in reversed(model.layers[1:-1]):
        latents.append(layer.sample(rng, latents[-1]))
    noise = bottom.noise
    assert noise is not None
    less = bottom.with_noise(noise + np.log1p(-kappa))
    return LocalNight(model, (less.sample(rng, latents[-1]), *reversed(latents)), kappa)


def noisy_bottom(model: Chain) -> Family:
    """The bottom layer of a chain, once it is known to have the noise that a kernel is made of."""
    if not isinstance(model, Chain):
        raise ValueError(f"model is of type {type(model).__name__}; accepted: Chain")
    bottom = model.layers[0]
    if bottom.noise is None:
        raise ValueError(
            f"model has a {type(bottom).__name__} at the bottom; accepted: a layer with Gaussian "
            "noise of its own, which the kernel is made of"
        )
    if isinstance(bottom, Warped):
        raise ValueError("model has a Warped bottom; accepted: its inner layer, for warp(x)")
    return bottom


def checked_kappa(kappa: float) -> float:
    """The kernel's part of the noise, once it is known to be one."""
    if not isinstance(kappa, Real) or not 0 < kappa < 1:
        raise ValueError(f"kappa is {kappa!r}; accepted: a number above 0 and below 1")
    return float(kappa)
