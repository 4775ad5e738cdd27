"""Log densities of chains, each with its gradient."""

from __future__ import annotations

from collections.abc import Callable
from functools import singledispatch

import numpy as np
from numpy.typing import NDArray

from hmlib.binary import log_bernoulli
from hmlib.ddc import (
    Bernoulli,
    Chain,
    Family,
    Gaussian,
    GaussianScale,
    Laplace,
    Mixture,
    Network,
    StandardNormal,
    Warped,
)
from hmlib.ddc.families import log_normal, probability, scale_and_slope

Array = NDArray[np.float64]

Back = Callable[[Array], tuple[Array, Array, Array | None]]
"""From weights w of the rows to the gradient of sum_s w_s log p(y_s|z_s): in the parameters, as
one vector, in each y_s and in each z_s."""

CONTINUOUS = (Gaussian, GaussianScale, Laplace, Mixture, Network, StandardNormal, Warped)
"""Families whose log density has a gradient in what is drawn, so that latents may be of them."""


def log_joint(
    model: Chain, x: Array, z: Array
) -> tuple[Array, Callable[[Array], tuple[Array, Array]]]:
    """log p(x, z) of rows of all latents side by side, and the way back.

    The way back takes weights of the rows to the gradients in the parameters and in z.
    """
    values = [x, *by_layer(model, z)]
    passes = [
        _log_prob(layer, y, above)
        for layer, y, above in zip(model.layers, values, [*values[1:], None], strict=True)
    ]

    def back(w: Array) -> tuple[Array, Array]:
        d_layers, d_below, d_above = zip(*(pass_back(w) for _, pass_back in passes), strict=True)
        # Every latent is driven by the layer above it and drives the one below it.
        d_z = [own + driven for own, driven in zip(d_below[1:], d_above[:-1], strict=True)]
        return np.concatenate(d_layers), np.hstack(d_z)

    first, *others = (log_p for log_p, _ in passes)
    return sum(others, start=first), back


@singledispatch
def _log_prob(family: Family, y: Array, z: Array | None) -> tuple[Array, Back]:
    """log p(y|z) of each row, and the way back."""
    raise ValueError(f"no gradient for {type(family).__name__}; accepted: {named(CONTINUOUS)}")


@_log_prob.register
def _(family: Gaussian, y: Array, z: Array) -> tuple[Array, Back]:
    precision, miss = np.exp(-family.log_var), y - z @ family.A.T - family.b

    def back(w: Array) -> tuple[Array, Array, Array]:
        d_m = w[:, None] * miss * precision
        d_log_var = (w @ miss**2 * precision - w.sum()) / 2
        return in_one_vector(d_m.T @ z, d_m.sum(axis=0), d_log_var), -d_m, d_m @ family.A

    return log_normal(miss, family.log_var), back


@_log_prob.register
def _(family: Network, y: Array, z: Array) -> tuple[Array, Back]:
    precision, hidden = np.exp(-family.log_var), np.tanh(z @ family.V.T + family.a)
    miss = y - hidden @ family.U.T - family.b

    def back(w: Array) -> tuple[Array, Array, Array]:
        d_m = w[:, None] * miss * precision
        d_log_var = (w @ miss**2 * precision - w.sum()) / 2
        d_inner = (d_m @ family.U) * (1 - hidden**2)
        d_inner_all, d_m_all = d_inner.sum(axis=0), d_m.sum(axis=0)
        d_family = in_one_vector(d_inner.T @ z, d_inner_all, d_m.T @ hidden, d_m_all, d_log_var)
        return d_family, -d_m, d_inner @ family.V

    return log_normal(miss, family.log_var), back


@_log_prob.register
def _(family: GaussianScale, y: Array, z: Array) -> tuple[Array, Back]:
    log_var = z @ family.B.T + family.c

    def back(w: Array) -> tuple[Array, Array, Array]:
        precision = np.exp(-log_var)
        d_log_var = w[:, None] * (y**2 * precision - 1) / 2
        d_family = in_one_vector(d_log_var.T @ z, d_log_var.sum(axis=0))
        return d_family, -w[:, None] * y * precision, d_log_var @ family.B

    return log_normal(y, log_var), back


@_log_prob.register
def _(family: Laplace, y: Array, z: Array) -> tuple[Array, Back]:
    scale, slope = scale_and_slope(z @ family.B.T)

    def back(w: Array) -> tuple[Array, Array, Array]:
        d_drive = w[:, None] * (np.abs(y) / scale - 1) / scale * slope
        return in_one_vector(d_drive.T @ z), -w[:, None] * np.sign(y) / scale, d_drive @ family.B

    return -(np.abs(y) / scale + np.log(2 * scale)).sum(axis=1), back


@_log_prob.register
def _(family: Bernoulli, y: Array, z: Array) -> tuple[Array, Back]:
    drive = z @ family.G.T + family.h

    def back(w: Array) -> tuple[Array, Array, Array]:
        d_drive = w[:, None] * (y - probability(drive))
        return (
            in_one_vector(d_drive.T @ z, d_drive.sum(axis=0)),
            w[:, None] * drive,
            d_drive @ family.G,
        )

    return log_bernoulli(y, drive), back


@_log_prob.register
def _(family: Warped, y: Array, z: Array) -> tuple[Array, Back]:
    log_p, inner_back = _log_prob(family.inner, family.warp(y), z)
    slope, bend = family.slope(y)

    def back(w: Array) -> tuple[Array, Array, Array | None]:
        d_family, d_seen, d_z = inner_back(w)
        return d_family, d_seen * slope + w[:, None] * bend, d_z

    return log_p + np.log(slope).sum(axis=1), back


@_log_prob.register
def _(family: StandardNormal, y: Array, z: None) -> tuple[Array, Back]:
    def back(w: Array) -> tuple[Array, Array, None]:
        return np.zeros(0), -w[:, None] * y, None

    return log_normal(y, np.zeros(family.n)), back


@_log_prob.register
def _(family: Mixture, y: Array, z: None) -> tuple[Array, Back]:
    miss = y[:, None, :] - family.means
    log_each = log_normal(miss, np.full(family.n_y, 2 * np.log(family.sd)))
    with np.errstate(divide="ignore"):
        log_each = log_each + np.log(family.shares)
    log_sum = np.logaddexp.reduce(log_each, axis=1)

    def back(w: Array) -> tuple[Array, Array, None]:
        owner = w[:, None] * np.exp(log_each - log_sum[:, None])
        return np.zeros(0), -np.einsum("nm,nmi->ni", owner, miss) / family.sd**2, None

    return log_sum, back


def in_one_vector(*parts: Array) -> Array:
    """All numbers of these arrays, one after the other."""
    return np.concatenate([part.ravel() for part in parts])


def by_layer(model: Chain, z: Array) -> list[Array]:
    """z_1, ..., z_D of rows of all latents side by side."""
    widths = [layer.n_y for layer in model.layers[1:]]
    return np.split(z, np.cumsum(widths)[:-1], axis=1)


def latents(model: Chain) -> int:
    """Units of all latents together."""
    return sum(layer.n_y for layer in model.layers[1:])


def named(families: tuple[type, ...]) -> str:
    """The names of these families in words."""
    return ", ".join(family.__name__ for family in families)
