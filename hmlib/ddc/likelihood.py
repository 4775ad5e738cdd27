"""How likely observations are under a chain: the figure that no objective of DDC ever shows."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import logsumexp

from hmlib._checks import count, generator, rows
from hmlib.ddc.chain import Chain
from hmlib.ddc.families import Gaussian, Laplace
from hmlib.ddc.tops import Mixture
from hmlib.ddc.units import centre_about

Array = NDArray[np.float64]

_BLOCK = 2**21
"""Pairs of an observation and a latent worked on at a time."""

_LOG_T = np.linspace(-14.0, 4.2, 40)
"""Nodes of the exponential variable, in logs: 1e-6 nats are left."""

_NORMAL_NODES = 7
"""Nodes of each Gaussian of the mixture."""


def log_likelihood(
    model: Chain, x: ArrayLike, rng: np.random.Generator, k: int = 100_000
) -> tuple[Array, Array]:
    """log p(x) of each row, from latents drawn from the model itself.

    log (1/k) sum_s p(x | z_s), z_s ~ p(z_1). Unbiased before the logarithm; good where x has few
    coordinates, so that enough of the draws explain it.

    Args:
        model: the chain.
        x: observations, shape (n, n_x).
        rng: random generator.
        k: latents drawn, the same for all x.

    Returns:
        log p(x) and its standard error, to first order, shapes (n,), in nats.

    Raises:
        ValueError: if an argument is not accepted, or x is nothing that the model can dream.
    """
    x, k = _chain(model).layers[0].observed(x), count("k", k, 2)
    z = model.sample(generator("rng", rng), k)[1]
    # Squares of numbers far from 0 would take the digits away from their differences.
    centre = centre_about(x)
    bottom = model.layers[0].shifted(centre)
    # A family without a bias stays where it is, and so do its data.
    x = x if bottom is model.layers[0] else x - centre
    # log p(x|z) = (S(x) - S(x_0)) . eta(z) + log p(x_0|z): every pair by one matrix product.
    reference = x[:1]
    stats = (bottom.suff_stats(x) - bottom.suff_stats(reference)).reshape(len(x), -1)
    base = bottom.log_base(x) - bottom.log_base(reference)
    total, square = np.full(len(x), -np.inf), np.full(len(x), -np.inf)
    block = max(1, _BLOCK // len(x))
    for start in range(0, k, block):
        part = z[start : start + block]
        at_reference = bottom.log_prob(np.repeat(reference, len(part), axis=0), part)
        pairs = stats @ bottom.natural(part).reshape(len(part), -1).T + at_reference
        total = np.logaddexp(total, logsumexp(pairs, axis=1))
        square = np.logaddexp(square, logsumexp(2 * pairs, axis=1))
    effective = np.exp(2 * total - square)
    return total - np.log(k) + base, np.sqrt(np.maximum(1 / effective - 1 / k, 0.0))


def laplace_log_likelihood(model: Chain, x: ArrayLike) -> Array:
    """log p(x) under the layered Laplace model, by quadrature, shape (n,), in nats.

    A Laplace variable of scale s is a normal one of variance 2 s^2 t with t ~ Exponential(1), so
    that given t_1, t_2 and z_2, x is normal with covariance A diag(2 s^2 t) A^T + diag(v). What
    is left to integrate is smooth in log t and in z_2.

    Args:
        model: a chain of Gaussian (2 units below 2), Laplace (2 below 1) and Mixture.
        x: observations, shape (n, 2).

    Raises:
        ValueError: for another kind of chain.

    Source: Andrews & Mallows 1974, for the scale mixture.
    """
    bottom, laplace, top = _layered_laplace(_chain(model))
    x = rows("x", x, 2)
    t, log_weight = _exponential_nodes()
    d, v = x - bottom.b, np.exp(bottom.log_var)
    squares = np.column_stack([d[:, 0] ** 2, d[:, 0] * d[:, 1], d[:, 1] ** 2])
    (a, b), (c, e) = bottom.A
    terms = []
    for z, share in zip(*_mixture_nodes(top), strict=True):
        v_1, v_2 = (2 * laplace.mean(z[None])[0, :, 0] ** 2 * t).T
        xx, yy = v[0] + a**2 * v_1 + b**2 * v_2, v[1] + c**2 * v_1 + e**2 * v_2
        xy = a * c * v_1 + b * e * v_2
        determinant = xx * yy - xy**2
        # d^T C^-1 d, for every x and every pair of nodes.
        distance = squares @ (np.stack([yy, -2 * xy, xx]) / determinant)
        normal = -(distance + np.log(determinant)) / 2 - np.log(2 * np.pi)
        terms.append(np.log(share) + logsumexp(normal + log_weight, axis=1))
    total: Array = logsumexp(terms, axis=0)
    return total


def _layered_laplace(model: Chain) -> tuple[Gaussian, Laplace, Mixture]:
    match model.layers:
        case (Gaussian() as bottom, Laplace() as laplace, Mixture() as top) if [
            layer.n_y for layer in model.layers
        ] == [2, 2, 1]:
            return bottom, laplace, top
    raise ValueError(f"model is {model!r}; accepted: Gaussian, Laplace, Mixture, named 2-2-1")


def _chain(model: Chain) -> Chain:
    if not isinstance(model, Chain):
        raise ValueError(f"model is of type {type(model).__name__}; accepted: Chain")
    return model


def _exponential_nodes() -> tuple[Array, Array]:
    """Pairs of exponential variables, shape (m, 2), and the log of their weights."""
    t = np.exp(_LOG_T)
    log_weight = _LOG_T - t + np.log(_LOG_T[1] - _LOG_T[0])
    pairs = np.stack(np.meshgrid(t, t, indexing="ij"), axis=-1).reshape(-1, 2)
    both = (log_weight[:, None] + log_weight).ravel()
    # Pairs with no weight to speak of.
    kept = both > -40
    return pairs[kept], both[kept]


def _mixture_nodes(top: Mixture) -> tuple[Array, Array]:
    """Values of z_2, shape (m, 1), and their weights."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(_NORMAL_NODES)
    z = top.means[:, None, 0] + top.sd * nodes
    return z.reshape(-1, 1), np.outer(top.shares, weights / weights.sum()).ravel()
