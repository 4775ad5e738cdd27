"""The way up on F and the way that sleep goes, in the recognition weights, on the stripes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from hmlib import datasets, exact
from hmlib.course import kept_runs

Array = NDArray[np.float64]

RUNS = ("beginning", "asleep")
"""Kept runs: wake-sleep from small random weights, and sleep alone from the top of F in W."""

_FLAT = 1e-5
"""A slope shorter than this is rounding."""


@dataclass(frozen=True, eq=False)
class Turning:
    """Along a run of m stages: both objectives (nats) and the cosine between their slopes in W.

    Attributes:
        free_energy, dream, cosine: F, the dreamt F-tilde and the cosine, each of shape (m,).
        steps: of learning before each stage, shape (m,).
    """

    free_energy: Array
    dream: Array
    cosine: Array
    steps: NDArray[np.int64]


def cosine(gen: exact.AnyGenerative, rec: exact.AnyRecognition) -> float:
    """Cosine of the angle between dF/dW and the expected sleep update, on the stripes.

    Where F has no slope it has no way up, and the cosine is set to 0.
    """
    world = datasets.stripes()
    up = exact.grad_free_energy(gen, rec, world.u, world.weights)[1].ravel()
    sleep = exact.grad_dream(gen, rec, world.u, world.weights)[1].ravel()
    if np.linalg.norm(up) < _FLAT:
        return 0.0
    return float(up @ sleep / (np.linalg.norm(up) * np.linalg.norm(sleep)))


@cache
def turning(run: str) -> Turning:
    """F, the dreamt F-tilde and the cosine at every stage of one of the `RUNS`."""
    costs, world = kept_runs.costs(), datasets.stripes()
    stages = {"beginning": costs.beginning, "asleep": costs.asleep}[run]
    pairs = list(zip(stages.gen, stages.rec, strict=True))
    return Turning(
        free_energy=np.array(
            [world.weights @ exact.free_energy(gen, rec, world.u) for gen, rec in pairs]
        ),
        dream=np.array(
            [exact.dream_free_energy(gen, rec, world.u, world.weights) for gen, rec in pairs]
        ),
        cosine=np.array([cosine(gen, rec) for gen, rec in pairs]),
        steps=np.array(stages.steps),
    )
