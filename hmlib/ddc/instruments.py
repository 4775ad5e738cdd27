"""Instruments: what is watched while learning, since a DDC fails in silence otherwise."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from hmlib.ddc.chain import Values
from hmlib.ddc.families import Family
from hmlib.ddc.nightly import Instruments, RegressionStep
from hmlib.ddc.readouts import r_squared
from hmlib.ddc.sleep import Night
from hmlib.ddc.units import units_about, units_of
from hmlib.ddc.wake import Seen, averages_of

Array = NDArray[np.float64]

_DIRECTIONS = 4
"""Random directions in which scores are predicted, in place of every parameter."""

_SUBSET = 500
"""Data points held against the dreams."""


def read(
    step: RegressionStep, x: Array, data: Seen, rng: np.random.Generator, n: int
) -> Instruments:
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
    unit = units_about(x) if bottom.measured else np.ones(x.shape[1])
    units = units_of(step.learnt, unit)
    dreamt = Seen(1.0, *averages_of(fresh.phi, bottom.suff_stats(fresh.dreams[0]), fresh.share))
    move, alone = (_length(units * step.direction(night, what)) for what in (data, dreamt))
    x, dreams = x / unit, fresh.dreams[0] / unit
    return Instruments(
        tuple(r_squared(r, T) for r, T in zip(codes, fresh.encoded, strict=True)),
        _score_r2(step, night, fresh, codes, units, rng),
        alone / max(move, 1e-300),
        outside(x[:: max(1, len(x) // _SUBSET)], dreams),
        *widths(x, dreams),
    )


def _length(vector: Array) -> float:
    return float(np.linalg.norm(vector))


def _score_r2(
    step: RegressionStep,
    night: Night,
    fresh: Night,
    codes: tuple[Array, ...],
    units: Array,
    rng: np.random.Generator,
) -> tuple[float, ...]:
    """R^2 of scores along random directions, from features of x at the bottom and codes above."""
    found, start = [], 0
    for l, layer in enumerate(step.learnt.layers):
        k = layer.ravel().size
        unit, start = units[start : start + k], start + k
        if not k:
            found.append(float("nan"))
            continue
        directions = rng.standard_normal((_DIRECTIONS, k))
        directions = unit * (directions / np.linalg.norm(directions, axis=1, keepdims=True))
        seen_at_night = _along(layer, night.dreams, l, directions)
        truth = _along(layer, fresh.dreams, l, directions)
        at = 0 if l == 0 and step.mode == "score" else max(l, 1)
        alpha = night.readout(at, seen_at_night)
        predictors = fresh.phi if at == 0 else codes[at - 1] if l == 0 else fresh.encoded[at - 1]
        found.append(r_squared(predictors @ alpha, truth))
    return tuple(found)


def _along(layer: Family, dreams: Values, l: int, directions: Array, step: float = 1e-4) -> Array:
    """Scores of each dream along directions in parameter space, by central differences."""
    y, z = dreams[l], dreams[min(l + 1, len(dreams) - 1)]
    theta = layer.ravel()
    columns = []
    for d in directions:
        up, down = layer.like(theta + step * d), layer.like(theta - step * d)
        columns.append((up.log_prob(y, z) - down.log_prob(y, z)) / (2 * step))
    return np.column_stack(columns)


def outside(x: Array, dreams: Array) -> float:
    """Share of the data farther from their nearest dream than 99 in 100 dreams are from theirs."""
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
        (not 0.2 < spread < 5, "spread of the dreams over that of the data", spread),
        (not 1 / 3 < reading.bulk < 3, "middle of the dreams over that of the data", reading.bulk),
    )
    for beyond, name, value in checks:
        if beyond or not np.isfinite(value):
            return f"the {name}: {value:.3g} at step {count}"
    return None


def runaway(reading: Instruments) -> bool:
    """Whether the dreams have nothing to do with the data any longer."""
    return not 0.1 < reading.spread < 10


def widths(x: Array, dreams: Array) -> tuple[float, float]:
    """How wide the dreams are over how wide the data are: by their squares, and in their middle."""
    spread = _rms(dreams - x.mean(axis=0)) / _rms(x - x.mean(axis=0))
    middle = np.median(x, axis=0)
    far, own = (np.linalg.norm(values - middle, axis=1) for values in (dreams, x))
    # Half of the data in one place have no width in their middle.
    return spread, float(np.median(far) / np.median(own)) if np.median(own) > 0 else 1.0


def _rms(x: Array) -> float:
    # A single value a coordinate has no spread.
    return max(float(np.sqrt((x**2).sum(axis=1).mean())), 1e-300)
