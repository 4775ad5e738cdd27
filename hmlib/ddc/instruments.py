"""Instruments: what is watched while learning, since a DDC fails in silence otherwise."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from hmlib.ddc.readouts import r_squared
from hmlib.ddc.step import Instruments, Step
from hmlib.ddc.wake import Seen, averages_of

Array = NDArray[np.float64]

_DIRECTIONS = 4
"""Random directions in which scores are predicted, in place of every parameter."""

_SUBSET = 500
"""Data points held against the dreams."""


def read(step: Step, x: Array, data: Seen, rng: np.random.Generator, n: int) -> Instruments:
    """Read all instruments of a step.

    Args:
        step: where learning stands.
        x: the data, shape (n_data, n_x).
        data: what is seen of them.
        rng: for the dreams that the instruments are read on.
        n: their number, and as many to learn from.
    """
    night, fresh = step.night(rng, n), step.night(rng, n)
    codes = night.recogniser.climb(fresh.phi)
    bottom = step.learnt.layers[0]
    dreamt = Seen(1.0, *averages_of(fresh.phi, bottom.suff_stats(fresh.dreams[0]), fresh.share))
    move = np.linalg.norm(step.direction(night, data))
    return Instruments(
        tuple(r_squared(r, T) for r, T in zip(codes, fresh.encoded, strict=True)),
        _score_r2(step, night, fresh, codes, rng),
        float(np.linalg.norm(step.direction(night, dreamt)) / max(move, 1e-300)),
        _outside(x[:: max(1, len(x) // _SUBSET)], fresh.dreams[0]),
        float(_rms(fresh.dreams[0] - x.mean(axis=0)) / _rms(x - x.mean(axis=0))),
        tuple(float(np.linalg.cond(night.square(l))) for l in range(step.learnt.depth + 1)),
    )


def _score_r2(step, night, fresh, codes, rng) -> tuple[float, ...]:
    """R^2 of scores along random directions, from features of x at the bottom and codes above."""
    found = []
    for l, layer in enumerate(step.learnt.layers):
        if not layer.ravel().size:
            found.append(float("nan"))
            continue
        directions = rng.standard_normal((_DIRECTIONS, layer.ravel().size))
        seen_at_night = _along(layer, night.dreams, l, directions)
        truth = _along(layer, fresh.dreams, l, directions)
        at = 0 if l == 0 and step.mode == "score" else max(l, 1)
        alpha = night.readout(at, seen_at_night)
        predictors = fresh.phi if at == 0 else codes[at - 1] if l == 0 else fresh.encoded[at - 1]
        found.append(r_squared(predictors @ alpha, truth))
    return tuple(found)


def _along(layer, dreams, l: int, directions: Array, step: float = 1e-4) -> Array:
    """Scores of each dream along directions in parameter space, by central differences."""
    y, z = dreams[l], dreams[min(l + 1, len(dreams) - 1)]
    theta = layer.ravel()
    columns = []
    for d in directions / np.linalg.norm(directions, axis=1, keepdims=True):
        up, down = layer.like(theta + step * d), layer.like(theta - step * d)
        columns.append((up.log_prob(y, z) - down.log_prob(y, z)) / (2 * step))
    return np.column_stack(columns)


def _outside(x: Array, dreams: Array) -> float:
    tree = cKDTree(dreams)
    own, _ = tree.query(dreams, k=2)
    nearest, _ = tree.query(x)
    return float((nearest > np.quantile(own[:, 1], 0.99)).mean())


def first_alarm(reading: Instruments, count: int) -> str | None:
    """The first instrument beyond its limit, in words, with its reading and the step."""
    r2, spread = min(reading.code_r2), reading.spread
    checks = (
        (r2 < -0.1, "held-out R^2 of the codes", r2),
        (reading.outside > 0.5, "share of data outside the dreams", reading.outside),
        (
            not 0.2 < reading.spread < 5,
            "spread of the dreams over that of the data",
            spread,
        ),
    )
    for beyond, name, value in checks:
        if beyond or not np.isfinite(value):
            return f"the {name}: {value:.3g} at step {count}"
    return None


def runaway(reading: Instruments) -> bool:
    """Whether the dreams have nothing to do with the data any longer."""
    return not 0.1 < reading.spread < 10


def spread_about(x: Array) -> Array:
    """Standard deviation of each coordinate; 1 where it never moves."""
    spread = x.std(axis=0)
    # Rounding may give one value, many times over, a spread of its own.
    return np.where((np.ptp(x, axis=0) > 0) & (spread > 0), spread, 1.0)


def _rms(x: Array) -> float:
    # A single value a coordinate has no spread.
    return max(float(np.sqrt((x**2).sum(axis=1).mean())), 1e-300)
