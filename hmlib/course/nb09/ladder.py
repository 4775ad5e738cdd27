"""The ladder: one part of a DDC step at a time is put in place of what it stands for.

The best step is known where latents have two dimensions: a fine grid of them, weighed by the
likelihood of each datum, gives the posterior itself. From there down, one part is exchanged: the
optimiser's start and pace, the read-out of the code, the code. All rungs learn the same network
from the same start and the same random numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hmlib import datasets, ddc
from hmlib.ddc.instruments import widths
from hmlib.ddc.local import KAPPA
from hmlib.learning import Adam, anneal
from hmlib.learning.walking import NotFinite, workable

Array = NDArray[np.float64]

DATA: dict[str, Callable[[np.random.Generator, int], Array]] = {
    "ring": datasets.ring,
    "pinwheel": datasets.pinwheel,
}
N_DATA, BATCH, DREAMS, FUNCTIONS = 3000, 250, 784, 150
STEPS, FLOOR = 800, 0.02
RIDGE_CODE, RIDGE_READ = 1e-3, 1e-2

LOOKED_AFTER = 20
"""Steps from one look at the width of the dreams to the next: ten times the data's is the end."""

Weights = Callable[[ddc.Chain, tuple[Array, ...], Array], Array]
"""From a model, its dreams and data to the weights of the dreams for each datum, (n, M)."""


@dataclass(frozen=True)
class Rung:
    """One way to make a step.

    Attributes:
        name: in words.
        code: "exact", "regressed" on fixed functions of x, or "local".
        readout: "exact", or from a "fixed" set of random encodings.
        brisk: whether the rate starts at .03, or as for a slow machine at .004.
        wide: whether noise starts at the data's variance, or at a tenth of it.
    """

    name: str
    code: str
    readout: str
    brisk: bool = True
    wide: bool = False


RUNGS = (
    Rung("the exact gradient", "exact", "exact"),
    Rung("a slow optimiser", "exact", "exact", brisk=False, wide=True),
    Rung("an exact code, read from fixed encodings", "exact", "fixed"),
    Rung("a regressed code, read exactly", "regressed", "exact"),
    Rung("a local code, read exactly", "local", "exact"),
    Rung("both regressed", "regressed", "fixed"),
)

CONTROLS = (
    Rung("wide noise, brisk rate", "exact", "exact", wide=True),
    Rung("little noise, low rate", "exact", "exact", brisk=False),
)
"""What makes the slow optimiser slow: one of its two parts at a time."""


@dataclass(frozen=True)
class Parts:
    """What a rung is made of.

    Attributes:
        weights: of the dreams, for each datum.
        encoding: T, the fixed encodings of z.
        kappa: the part of the noise that dreams are without.
    """

    weights: Weights
    encoding: ddc.Encoding
    kappa: float


def posterior_weights(model: ddc.Chain, dreams: tuple[Array, ...], x: Array) -> Array:
    """p(x|z_s) over its sum: the exact posterior on a grid of latents with equal prior chances."""
    mean, noise = model.layers[0].mean(dreams[1])[..., 0], model.layers[0].noise
    assert noise is not None
    # The digits of single precision are enough for weights, and take half the time.
    a, b = ((values * np.exp(-noise / 2)).astype(np.float32) for values in (x, mean))
    log_p = a @ b.T - (b**2).sum(axis=1) / 2
    q = np.exp(log_p - log_p.max(axis=1, keepdims=True))
    weights: Array = (q / q.sum(axis=1, keepdims=True)).astype(np.float64)
    return weights


def regressed_weights(features: ddc.Encoding) -> Weights:
    """phi(x)^T (E[phi phi^T] + rho I)^-1 phi(x_s) / M: least squares for every function at once."""

    def weights(model: ddc.Chain, dreams: tuple[Array, ...], x: Array) -> Array:
        phi = features(dreams[0])
        square = phi.T @ phi / len(phi) + RIDGE_CODE * np.eye(phi.shape[1])
        found: Array = features(x) @ np.linalg.solve(square, phi.T) / len(phi)
        return found

    return weights


def read_from(encoding: ddc.Encoding, z: Array, w: Array) -> Array:
    """Weights that fixed encodings can tell from w: T (E[T T^T] + rho I)^-1 E_w[T] / M.

    Args:
        encoding: T.
        z: dreamt latents, shape (M, 2).
        w: weights of the dreams, a column each, shape (M, m).
    """
    T = encoding(z)
    square = T.T @ T / len(T) + RIDGE_READ * np.eye(T.shape[1])
    read: Array = T @ np.linalg.solve(square, T.T @ w) / len(T)
    return read


def direction(
    rung: Rung, parts: Parts, model: ddc.Chain, rng: np.random.Generator, x: Array
) -> Array:
    """The move of one night by this rung, for some data."""
    night = ddc.local_night(model, rng, DREAMS, parts.kappa)
    q = parts.weights(model, night.dreams, x)
    S = model.layers[0].suff_stats(x)
    seen = q.T @ np.column_stack([np.ones(len(x)), S.reshape(len(x), -1)]) / len(x)
    if rung.readout == "fixed":
        seen = read_from(parts.encoding, night.dreams[1], seen)
    return model.layers[0].pull(night.dreams[1], seen[:, 1:].reshape(-1, *S.shape[1:]), seen[:, 0])


def parts_of(rung: Rung, rng: np.random.Generator, x: Array) -> Parts:
    """The parts of a rung for these data, its random functions drawn."""
    features = ddc.Encoding.random(rng, x, FUNCTIONS, kind="tanh", gain=2.0)
    encoding = ddc.Encoding.random(rng, rng.standard_normal((1000, 2)), FUNCTIONS, gain=2.0)
    if rung.code == "local":
        return Parts(local_weights, encoding, KAPPA)
    weights = posterior_weights if rung.code == "exact" else regressed_weights(features)
    # Regressions see dreams with nearly all of their noise.
    return Parts(weights, encoding, 1e-9)


def local_weights(model: ddc.Chain, dreams: tuple[Array, ...], x: Array) -> Array:
    """The weights of a local code."""
    return ddc.LocalNight(model, dreams, KAPPA).weights(x).astype(np.float64)


def climb(rung: Rung, name: str, seed: int, steps: int = STEPS) -> Iterator[ddc.Chain]:
    """The machine before the first and after each step.

    Raises:
        NotFinite: where it runs away.
    """
    rng = np.random.default_rng(seed)
    x = DATA[name](rng, N_DATA)
    model = ddc.fresh(x, rng, variance=1.0 if rung.wide else 0.1)
    parts, spread = parts_of(rung, rng, x), x.std(axis=0)
    sizes, optimiser = model.layers[0].scales(spread), Adam()
    least = np.full(model.ravel().size, -np.inf)
    least[-x.shape[1] :] = 2 * np.log(FLOOR * spread)
    rate = anneal(0.03 if rung.brisk else 0.004, steps, start=0)
    for count in range(steps):
        yield model
        some = x[rng.integers(N_DATA, size=BATCH)]
        gradient = workable(direction(rung, parts, model, rng, some))
        move, optimiser = optimiser.move(gradient, rate(count) * sizes)
        model = model.like(workable(np.maximum(model.ravel() + move, least)))
        if count % LOOKED_AFTER == 0 and not 0.1 < widths(x, model.sample(rng, 500)[0])[0] < 10:
            raise NotFinite
    yield model
