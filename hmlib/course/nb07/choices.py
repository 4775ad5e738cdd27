"""What choosing encodings has chosen: a family, two ways to an average, and a need for functions.

Every number is made afresh from its seed, so that it can be counted over many of them.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from hmlib import ddc
from hmlib.course.nb07 import densities
from hmlib.course.nb07.densities import GRID, SPREAD
from hmlib.course.nb07.limits import best_weights
from hmlib.course.nb07.telling import FUNCTIONS, RIDGE, bump, same_code, targets

Array = NDArray[np.float64]

BASES: dict[str, Array] = {
    "wide": densities.base(),
    "narrow": densities.gaussian(0.0, 1.0),
}
"""Base measures, by name: Gaussians of width 2 and 1."""

NUMBERS = (10, 30, 100, 300)
"""Random functions that are tried in more than one dimension."""


def drawn(seed: int, K: int, gain: float = 2.0) -> ddc.Encoding:
    """K random tanh functions of a seed, with kinks where the wide base is; then z and 1."""
    rng = np.random.default_rng(seed)
    return ddc.Encoding.random(rng, rng.normal(0, SPREAD, (500, 1)), K, "tanh", gain)


def newton_arrives(p: Array, K: int, seed: int) -> bool:
    """Whether 40 plain Newton steps, none of them shortened, reach the decode from eta = 0.

    Args:
        p: probabilities, shape (g,).
        K: random functions beside z.
        seed: of the functions.
    """
    T, base = drawn(seed, K)(GRID)[:, :-1], densities.base()
    eta = np.zeros(T.shape[1])
    with np.errstate(all="ignore"):
        for _ in range(40):
            q = base * np.exp(T @ eta)
            q = q / q.sum()
            slope, away = (q - p) @ T, T - q @ T
            if not np.isfinite(slope).all() or np.abs(slope).max() < 1e-10:
                break
            try:
                eta = eta - np.linalg.solve((away * q[:, None]).T @ away, slope)
            except np.linalg.LinAlgError:
                break
    return bool(np.abs(slope).max() < 1e-10)


def misplaced(K: int, gain: float, base: Array, seeds: Iterable[int]) -> Array:
    """Probability that decodes have in the wrong place, shape (n,).

    Args:
        K: random functions beside z and the constant.
        gain: how sharp they are.
        base: base measure, shape (g,).
        seeds: of a random density and of its functions, each.
    """
    missed = []
    for seed in seeds:
        p, T = densities.mixture(np.random.default_rng([seed, 1])), drawn(seed, K, gain)
        q = ddc.maximum_entropy(p @ T(GRID), T, GRID, base).density
        missed.append(densities.misplaced(p, q))
    return np.array(missed)


def both_errors(p: Array, K: int, seed: int, draws: int = 0) -> Array:
    """Errors of all averages of `FUNCTIONS`: read off a code, and under its decode, (2, m).

    Args:
        p: probabilities, shape (g,).
        K: random functions beside z and the constant.
        seed: of the functions, and of the draws.
        draws: the code is an average over so many draws from p; 0 for the exact one.
    """
    T, base = drawn(seed, K), densities.base()
    f = np.column_stack([function(GRID[:, 0]) for function in FUNCTIONS.values()])
    share = np.random.default_rng([seed, 2]).multinomial(draws, p) / draws if draws else p
    r = share @ T(GRID)
    alpha = ddc.readout(T(GRID), f, RIDGE, base)
    q = ddc.maximum_entropy(r, T, GRID, base, RIDGE if draws else 0.0).density
    return np.array([r @ alpha, q @ f]) - p @ f


def kind_errors(kind: str, gain: float, seed: int, K: int = 100) -> Array:
    """Relative errors of all averages of `FUNCTIONS`, read off for 200 densities, shape (m,).

    Args:
        kind, gain: of the functions.
        seed: of the functions.
        K: random functions beside z and the constant.
    """
    rng = np.random.default_rng(seed)
    return _relative_errors(
        ddc.Encoding.random(rng, rng.normal(0, SPREAD, (500, 1)), K, kind, gain)(GRID)
    )


def mixed_errors(seed: int) -> Array:
    """The same for 96 functions: of each of four kinds, eight with gain 1, 3 and 10 each."""
    rng = np.random.default_rng(seed)
    places = rng.normal(0, SPREAD, (500, 1))
    drawn_so = [
        ddc.Encoding.random(rng, places, 8, kind, gain, linear=False)(GRID)[:, :-1]
        for kind in ("tanh", "sigmoid", "relu", "fourier")
        for gain in (1.0, 3.0, 10.0)
    ]
    return _relative_errors(np.column_stack([*drawn_so, GRID / SPREAD, np.ones(len(GRID))]))


def _relative_errors(T: Array) -> Array:
    """Relative errors of all averages, read off codes of T (g, K) for 200 densities, (m,)."""
    f, varies = targets()
    weighted = densities.base()[:, None] * T
    alpha = np.linalg.solve(T.T @ weighted + RIDGE * np.eye(T.shape[1]), weighted.T @ f)
    off = densities.many_densities() @ (T @ alpha - f)
    error: Array = np.sqrt((off**2).mean(axis=0)) / varies
    return error


def pair_differences(seed: int, K: int, widths: Iterable[float]) -> Array:
    """How far E[f] of the two densities of lab 3 lie apart, for bumps of some widths, (n,).

    Args:
        seed: of the functions.
        K: random functions beside z and the constant.
        widths: of the bump f, which stands at 1.
    """
    p = 0.4 / len(GRID) + 0.6 * densities.density("two bumps", 0.6)
    T = drawn(seed, K)(GRID)
    bumps = [bump(GRID[:, 0], width) for width in widths]
    return np.array([np.subtract(*(same_code(T, f, p)[0] @ f)) for f in bumps])


def best_bounds(seed: int, K: int, widths: Iterable[float]) -> Array:
    """The most by which E[f] can differ under one code, for the same bumps, (n,)."""
    T = drawn(seed, K)(GRID)
    bumps = [bump(GRID[:, 0], width) for width in widths]
    return np.array([2 * np.abs(f - T @ best_weights(T, f)).max() for f in bumps])


def coordinate_errors(d: int, seed: int, numbers: tuple[int, ...] = NUMBERS) -> Array:
    """Relative errors of the average of a round bump, read off codes of d coordinates, (k,).

    The bump has width 1 and its top at distance 1 from 0. It is read off for 60 random mixtures of
    one to three round Gaussians, each as 200 points, whose averages are exact; 1 is as bad as
    always giving the same answer.

    Args:
        d: coordinates of z.
        seed: of the mixtures, of the functions, and of the 2000 places where alpha is learnt.
        numbers: of random tanh functions, gain 2, each beside z and 1.
    """
    rng = np.random.default_rng(seed)
    points = np.array([_points(rng, d) for _ in range(60)])
    places = rng.normal(0, SPREAD, (2000, d))
    truth = _round_bump(points).mean(axis=1)
    errors = []
    for K in numbers:
        T = ddc.Encoding.random(rng, places, K, "tanh", 2.0)
        alpha = ddc.readout(T(places), _round_bump(places)[:, None], RIDGE)
        codes = T(points.reshape(-1, d)).reshape(*points.shape[:2], -1).mean(axis=1)
        errors.append(np.sqrt((((codes @ alpha)[:, 0] - truth) ** 2).mean()))
    relative: Array = np.array(errors) / truth.std()
    return relative


def _points(rng: np.random.Generator, d: int) -> Array:
    """200 points of a mixture of one to three round Gaussians, shape (200, d)."""
    n = rng.integers(1, 4)
    shares, centres = rng.dirichlet(np.ones(n)), rng.normal(0, 1.7, (n, d))
    widths, which = rng.uniform(0.2, 1, n), rng.choice(n, 200, p=shares)
    points: Array = centres[which] + widths[which, None] * rng.normal(size=(200, d))
    return points


def _round_bump(z: Array) -> Array:
    """exp(-|z - c|^2 / 2) with c = (1, 0, ...), along the last axis."""
    centre = np.eye(1, z.shape[-1])[0]
    height: Array = np.exp(-0.5 * ((z - centre) ** 2).sum(axis=-1))
    return height
