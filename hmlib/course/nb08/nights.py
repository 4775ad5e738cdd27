"""What is learnt from dreams of the bird: codes and read-outs, by two rules, and gradients."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from hmlib import ddc
from hmlib.course import bird
from hmlib.metrics import angle

Array = NDArray[np.float64]

DECODE_RIDGE = 1e-3
"""How nearly a decode meets a code that was learnt, and so carries an error."""


# A code, and what it stands for


@dataclass(frozen=True, eq=False)
class Asleep:
    """A recogniser, and what its read-outs are learnt from."""

    recogniser: ddc.Recogniser
    T: Array
    """encodings of the dreams, shape (n, K)"""
    wanted: Array
    """z, z > 0 and z^2 of the dreams, shape (n, 3)"""


@lru_cache(maxsize=256)
def asleep(n: int, seed: int, k: int = bird.K) -> Asleep:
    """A night of n dreams, for a code of k random functions."""
    dreams = bird.model().sample(np.random.default_rng(seed), n)
    z = dreams[1]
    night = ddc.sleep(dreams, bird.features(), [bird.encoding(k)], bird.RIDGE)
    return Asleep(night.recogniser, night.encoded[0], np.column_stack([z, z > 0, z**2]))


def read_off(r: Array, night: Asleep) -> Array:
    """E[z], P[z > 0] and E[z^2] as a code tells them, shape (3,)."""
    return r @ ddc.readout(night.T, night.wanted, bird.RIDGE)


@lru_cache(maxsize=4096)
def decoded(x: float, n: int, seed: int, k: int) -> tuple[Array, Array]:
    """r(x), and the probabilities on the grid that it stands for, base the prior."""
    r = asleep(n, seed, k).recogniser.codes(np.array([[x]]))[0][0]
    found = ddc.maximum_entropy(r, bird.encoding(k), bird.GRID, bird.prior(), DECODE_RIDGE)
    return r, found.density


# Delta rule and least squares

PATH_X: Array = np.linspace(0, 4, 81)[:, None]
PATH_N = np.round(10.0 ** np.linspace(1, 3, 41)).astype(int)

LEARNT_K = 8
"""Shadows that are learnt: the first few, to keep the delta rule quick."""

SHOWN = 4
"""The one that is shown: its kink lies near 0, so that it tells left from right."""


@dataclass(frozen=True, eq=False)
class BothRules:
    """The delta rule and least squares along `PATH_N`, in this order."""

    missed: Array
    """1 - R^2 of all shadows, shape (2, m)"""
    curves: Array
    """the shown shadow along `PATH_X`, shape (m, 2, k)"""
    exact: Array
    """as it is, shape (k,)"""
    x: Array
    """the dreams, shape (n,)"""
    T: Array
    """and the shown shadow's T(z_1), shape (n,)"""


@cache
def _exact_codes() -> tuple[Array, Array]:
    """The exact shadows along `PATH_X`, shape (k, LEARNT_K), and how often each x is dreamt."""
    p, log_p = bird.posterior(bird.model(), PATH_X)
    chance: Array = np.exp(log_p)
    total: float = chance.sum()
    return p @ bird.encoding(LEARNT_K)(bird.GRID)[:, :LEARNT_K], chance / total


@lru_cache(maxsize=128)
def both_rules(rate: float, seed: int) -> BothRules:
    """Both rules on the same dreams, each dream used once by the delta rule.

    Args:
        rate: part of the error that a dream takes away.
        seed: of the dreams.
    """
    x, z = bird.model().sample(np.random.default_rng(seed), int(PATH_N[-1]))
    phi, along = bird.features()(x), bird.features()(PATH_X)
    T = bird.encoding(LEARNT_K)(z)[:, :LEARNT_K]
    exact, chance = _exact_codes()
    rng = np.random.default_rng(seed)
    A, begin = np.zeros((phi.shape[1], T.shape[1])), 0
    square, cross = np.zeros((A.shape[0], A.shape[0])), np.zeros(A.shape)
    missed, curves = [], []
    for end in PATH_N:
        new = slice(begin, end)
        A = ddc.delta_rule(phi[new], T[new], rng, rate, start=A)
        square, cross = square + phi[new].T @ phi[new], cross + phi[new].T @ T[new]
        B = np.linalg.solve(square / end + bird.RIDGE * np.eye(len(square)), cross / end)
        both = [along @ A, along @ B]
        missed.append([1 - ddc.r_squared(r, exact, chance) for r in both])
        curves.append([r[:, SHOWN] for r in both])
        begin = end
    return BothRules(np.array(missed).T, np.array(curves), exact[:, SHOWN], x[:, 0], T[:, SHOWN])


# The gradient from the code

HEARD = 400
SEEDS = 9


@cache
def heard() -> Array:
    """Data, shape (HEARD, 1): distances from a world that the machine has yet to learn."""
    world = bird.model(A=1.25, b=0.2, noise=0.5)
    return world.sample(np.random.default_rng(12), HEARD)[0]


@cache
def exact_gradient() -> Array:
    """Of L of what was heard in A, b and log_var of the bird, shape (3,)."""
    return bird.exact_gradient(bird.model(), heard())


@cache
def _seen(constant: bool) -> ddc.Seen:
    return ddc.seen(heard(), bird.features(constant), bird.model().layers[0])


@lru_cache(maxsize=1024)
def gradients(n: int, ridge: float, constant: bool, seed: int) -> Array:
    """The gradient by split, and by split minus dreams, from one night, shape (2, 3).

    Args:
        n: dreams.
        ridge: of the regressions.
        constant: whether the features have a constant and biases.
        seed: of the dreams.
    """
    model, phi = bird.model(), bird.features(constant)
    dreams = model.sample(np.random.default_rng(100 + seed), n)
    night = ddc.sleep(dreams, phi, [bird.encoding()], ridge)
    what = _seen(constant)
    less = what - ddc.seen_in_dreams(night, model.layers[0])
    return np.array([ddc.wake(model, night, seen, "split") for seen in (what, less)])


@lru_cache(maxsize=64)
def angles(n: int, ridge: float, constant: bool) -> Array:
    """Angles of both to the exact gradient, medians over `SEEDS` seeds, degrees, shape (2,)."""
    every = [gradients(n, ridge, constant, seed) for seed in range(SEEDS)]
    return np.median([[angle(g, exact_gradient()) for g in both] for both in every], axis=0)
