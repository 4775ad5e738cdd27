"""Scales: latents that set how large x is, and what a Gaussian code of them tells.

A chain of `GaussianScale` and `StandardNormal` draws z ~ N(0, I) and then
x_i ~ N(0, exp(b_i . z + c_i)). One latent with equal b_i is a scale of all units together; more of
them change the units' variances against each other. Pictures are so: their contrast differs, and
their texture.

Its code is E[z|x] and E[zz'|x]. The density of highest entropy with these averages is N(m, S), and
all that wake asks can be read off it without an integral: with p_i = exp(-(b_i . z + c_i)),

    E[p_i] = exp(-(b_i . m + c_i) + b_i S b_i / 2),   E[p_i z] = E[p_i] (m - S b_i).

Sources: Wainwright & Simoncelli 2000 for one scale; Karklin & Lewicki 2005 and Vértes & Sahani
2018, section 4, for several.
"""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hmlib._checks import count, data_weights
from hmlib.ddc.chain import Chain
from hmlib.ddc.families import GaussianScale
from hmlib.ddc.tops import StandardNormal

Array = NDArray[np.float64]

_LOG_2PI = float(np.log(2 * np.pi))

_MOST_STEPS, _FARTHEST_STEP, _STILL = 100, 1.0, 1e-9
"""Newton's: so many, none longer than this, and the length at which it is done."""


def scale_direction(
    model: Chain, m: Array, S: Array, x: ArrayLike, weights: ArrayLike | None = None
) -> Array:
    """The move of wake: E[grad log p(x, z)] with z ~ N(m, S) for each x, and no integral.

    Args:
        model: a chain of GaussianScale and StandardNormal.
        m, S: mean and covariance of z for each x, shapes (n, n_z) and (n, n_z, n_z).
        x: observations, shape (n, n_x).
        weights: of the observations, shape (n,); equal if None.

    Returns:
        One vector, as `Chain.ravel` orders it, in nats per unit of each parameter.

    Raises:
        ValueError: for another kind of chain, or arguments that do not fit it.
    """
    family = scale_family(model)
    x = family.observed(x)
    share = data_weights(weights, len(x))
    flat = S.reshape(len(x), -1)
    pairs = (family.B[:, :, None] * family.B[:, None, :]).reshape(family.n_y, -1)
    log_p = -(m @ family.B.T + family.c) + flat @ pairs.T / 2
    # E[x_i^2 p_i], which is 1 on average where all is well.
    energy = share[:, None] * x**2 * np.exp(log_p)
    spread = (energy.T @ flat).reshape(family.n_y, family.n_z, family.n_z)
    d_B = energy.T @ m - (spread * family.B[:, None, :]).sum(axis=2) - share @ m
    return np.concatenate([d_B.ravel(), energy.sum(axis=0) - share.sum()]) / 2


def scale_posterior(model: Chain, x: ArrayLike) -> tuple[Array, Array]:
    """The highest place of p(z|x), and minus the second derivative of log p(z|x) there.

    log p(z|x) is concave, so there is one highest place, and Newton's steps find it.

    Args:
        model: a chain of GaussianScale and StandardNormal.
        x: observations, shape (n, n_x).

    Returns:
        Shapes (n, n_z) and (n, n_z, n_z).

    Raises:
        ValueError: for another kind of chain, or x that does not fit it.
    """
    family = scale_family(model)
    square = family.observed(x) ** 2
    z = np.zeros((len(square), family.n_z))
    for _ in range(_MOST_STEPS):
        slope, bend = _slope_and_bend(family, square, z)
        step = np.linalg.solve(bend, slope[..., None])[..., 0]
        longest = np.abs(step).max(axis=1, keepdims=True)
        z += step * np.minimum(1.0, _FARTHEST_STEP / np.maximum(longest, _STILL))
        if longest.max() < _STILL:
            break
    return z, _slope_and_bend(family, square, z)[1]


def scale_log_likelihood(model: Chain, x: ArrayLike, nodes: int = 7) -> Array:
    """log p(x) of each row by quadrature about the highest place of p(z|x), shape (n,), in nats.

    Gauss and Hermite's nodes in the units of the posterior's own width: nothing in it comes from a
    recogniser. What is missing is told by the same with more nodes.

    Args:
        model: a chain of GaussianScale and StandardNormal.
        x: observations, shape (n, n_x).
        nodes: along each latent; nodes ** n_z values are summed.

    Raises:
        ValueError: for another kind of chain, or an argument that is not accepted.

    Source: Naylor & Smith 1982.
    """
    family, nodes = scale_family(model), count("nodes", nodes)
    x = family.observed(x)
    m, bend = scale_posterior(model, x)
    root = np.linalg.cholesky(bend)
    # z = m + root^-T e.
    out = np.linalg.inv(root)
    log_det = np.log(np.diagonal(root, axis1=1, axis2=2)).sum(axis=1)
    at, weights = np.polynomial.hermite_e.hermegauss(nodes)
    total = np.full(len(x), -np.inf)
    for places in product(range(nodes), repeat=family.n_z):
        e, log_weight = at[list(places)], np.log(weights[list(places)]).sum()
        z = m + np.einsum("nji,j->ni", out, e)
        joint = model.log_prob((x, z))
        np.logaddexp(total, joint + log_weight + e @ e / 2 - log_det, out=total)
    return total


def scale_family(model: Chain) -> GaussianScale:
    """The bottom of a chain of GaussianScale and StandardNormal.

    Raises:
        ValueError: for anything else.
    """
    match getattr(model, "layers", ()):
        case (GaussianScale() as family, StandardNormal()):
            return family
    raise ValueError(f"model is {model!r}; accepted: a chain of GaussianScale and StandardNormal")


def _slope_and_bend(family: GaussianScale, square: Array, z: Array) -> tuple[Array, Array]:
    """The slope of log p(x, z) in z, and minus its second derivative."""
    energy = square * np.exp(-(z @ family.B.T + family.c))
    slope = (energy - 1) @ family.B / 2 - z
    bend = np.einsum("nd,dk,dl->nkl", energy, family.B, family.B, optimize=True) / 2
    return slope, bend + np.eye(family.n_z)
