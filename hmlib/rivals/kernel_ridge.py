"""Amortised learning by wake-sleep: kernel ridge regression from dreams to the gradient."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.spatial.distance import cdist, pdist

from hmlib._checks import choice, count, finite_array, positive
from hmlib.ddc import Chain, spread_about
from hmlib.learning import Steps
from hmlib.learning.optimisers import Rate
from hmlib.rivals.dreams_as_data import ModelStep, climb, joint_gradient, layer_gradients

Array = NDArray[np.float64]

REGRESSED = ("natural", "gradient")

_LOOKED_AT = 500
"""Data between which the median distance is taken, at most."""


def kernel_wake_sleep(
    model: Chain | None,
    x: ArrayLike,
    rng: np.random.Generator | None = None,
    n_dreams: int = 500,
    steps: int = 1500,
    rate: Rate | None = None,
    width: float = 0.2,
    ridge: float = 0.1,
    regressed: str = "natural",
    minibatch: int | None = 200,
    every: int = 1,
    start: ModelStep | None = None,
) -> Steps[ModelStep]:
    """Climb L by its gradient as a function of x, which is learnt from dreams by kernel ridge.

    grad log p(x) = E[grad log p(x, z) | x], and a conditional expectation is a regression. Each
    night dreams (x_s, z_s) and predicts for each datum, with the Gram matrix K of the dreams,

    E[f(z)|x] = sum_s c_s(x) f(z_s),  c(x) = (K + rho I)^-1 k(x_., x).

    With f the whole gradient at (x_s, z_s) this is DDC's `score` with kernel features of x. With f
    the natural parameters and the log normaliser of the bottom layer, which then meet the
    statistics of the datum itself, it is the paper's algorithm 1. The weights c are of either
    sign, and no posterior is ever represented.

    Args:
        model, x, rng, n_dreams, steps, rate, minibatch, every, start: as in `prior_dreams`.
        width: of the kernel exp(-d^2 / (2 width^2)), in parts of the median distance within the
            data, in units of their spread.
        ridge: rho, above 0; the kernel is 1 at distance 0.
        regressed: "natural" or "gradient".

    Returns:
        Iterator of steps, as `prior_dreams`.

    Raises:
        ValueError: at the call, if an argument is not accepted, or is not what `start` has.
        Diverged: on the way, if a parameter is no longer finite; it keeps the last good step.

    Source: Wenliang, Moskovitz, Kanagawa & Sahani 2020, Amortised learning by wake-sleep. There
        width and ridge are learnt, too; here they stay as they are given.
    """
    n_dreams, ridge = count("n_dreams", n_dreams), positive("ridge", ridge)
    regressed, whole = choice("regressed", regressed, REGRESSED), finite_array("x", x, 2)
    unit = spread_about(whole)
    length = positive("width", width) * _median_distance(whole[:_LOOKED_AT] / unit)

    def gradient(model: Chain, x: Array, rng: np.random.Generator) -> tuple[Array, None]:
        dreams, *latents = model.sample(rng, n_dreams)
        c = kernel_weights(dreams / unit, x / unit, length, ridge)
        if regressed == "natural":
            return joint_gradient(model, x, latents, c), None
        return layer_gradients(model.layers, [dreams, *latents], c.mean(axis=0)), None

    return climb(gradient, model, x, rng, steps, rate, minibatch, every, start)


def kernel_weights(dreams: Array, x: Array, length: float, ridge: float) -> Array:
    """c_s(x) of each datum, shape (n, S): what is predicted for x is sum_s c_s(x) f(z_s).

    Args:
        dreams: x_s, shape (S, n_x).
        x: data, shape (n, n_x).
        length: of the kernel exp(-d^2 / (2 length^2)).
        ridge: rho.
    """

    def kernel(a: Array, b: Array) -> Array:
        return np.asarray(np.exp(-cdist(a, b, "sqeuclidean") / (2 * length**2)))

    K = kernel(dreams, dreams) + ridge * np.eye(len(dreams))
    return np.asarray(cho_solve(cho_factor(K), kernel(dreams, x)).T)


def _median_distance(x: Array) -> float:
    """Between different data; 1 if most of them are the same."""
    return (float(np.median(pdist(x))) if len(x) > 1 else 0.0) or 1.0
