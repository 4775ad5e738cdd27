"""What the labs of notebook 06 hand to their pictures; all but angles and counts in nats."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Counts = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Direction:
    """One direction of the divergence, at its least over all factorised Q.

    Attributes:
        path: the least divergence for each number of causes, shape (m,).
        least: the one for n causes.
        counts: P[k causes are on] under the Q that has it, shape (n + 1,).
    """

    path: Array
    least: float
    counts: Array


@dataclass(frozen=True, eq=False)
class ManyCausesRecord:
    """What no factorised Q can do better.

    Attributes:
        n: causes of the one wet lawn.
        s: their strength.
        path_n: numbers of causes, rising, shape (m,).
        path_log_n: ln of these, shape (m,).
        log_n: ln n.
        exclusive: KL(Q || P), whose Q decides for one cause.
        inclusive: KL(P || Q), whose Q hedges.
        posterior: P[k causes are on], shape (n + 1,).
    """

    n: int
    s: float
    path_n: Counts
    path_log_n: Array
    log_n: float
    exclusive: Direction
    inclusive: Direction
    posterior: Array


@dataclass(frozen=True, eq=False)
class Along:
    """A number along a run of m stages.

    Attributes:
        path: at each stage, shape (m,).
        now: at the stage that is shown.
    """

    path: Array
    now: float


@dataclass(frozen=True, eq=False)
class WalkRecord:
    """A walk from the top of L.

    Attributes:
        steps: of the walk, so far.
        machine, rule: in the words of the controls.
        counts: steps before each stage, shape (m,).
        missing: from L to its bound.
        gap: from F to L.
        free_energy: F now.
        pictures: all of the data, shape (12, 3, 3).
        by_picture: KL(Q || P) of each now, shape (12,).
        worst: the picture with the largest of these, by its place.
    """

    steps: int
    machine: str
    rule: str
    counts: Counts
    missing: Along
    gap: Along
    free_energy: float
    pictures: Array
    by_picture: Array
    worst: int


@dataclass(frozen=True, eq=False)
class AngleRecord:
    """Sleep's direction beside the slope of F.

    Attributes:
        run: in the words of the control.
        counts: steps before each stage, shape (m,).
        steps: those before the stage that is shown.
        free_energy, dream: F and the dreamt F-tilde.
        cosine: of the angle between their slopes in the recognition weights.
        others: the same cosine along other runs, at the same stages, shape (n, m); n may be 0.
        downhill: how many of these are below 0 somewhere.
        cosine_range: the least and the largest of the run.
        angle: in degrees.
        direction: of sleep, (across, up), of length 1; the steepest way up on F is (0, 1).
    """

    run: str
    counts: Counts
    steps: int
    free_energy: Along
    dream: Along
    cosine: Along
    others: Array
    downhill: int
    cosine_range: tuple[float, float]
    angle: float
    direction: tuple[float, float]


@dataclass(frozen=True, eq=False)
class ManyGuessesRecord:
    """How far L_K is below L, and the weights of one set of guesses.

    Attributes:
        k: guesses a picture.
        machine: in the words of the control.
        path_k: 1, 2, ..., shape (60,).
        path_below: L - L_K for each, shape (60,).
        below: L - L_K for k guesses.
        log_likelihood: L.
        gap: L - F.
        omega: weights of the k guesses, heaviest first, shape (k,).
        effective: how many equal ones they count as.
        picture: of the data, whose causes are guessed, shape (3, 3).
    """

    k: int
    machine: str
    path_k: Counts
    path_below: Array
    below: float
    log_likelihood: float
    gap: float
    omega: Array
    effective: float
    picture: Array


@dataclass(frozen=True, eq=False)
class FactorAnalysisRecord:
    """Wake-sleep on linear factor analysis, k points up to now; nats a row.

    Attributes:
        machine, averages: in the words of the controls.
        causes: 1 or 2.
        counts: steps at each point, shape (k,).
        log_likelihood, free_energy: L and F, shape (k,).
        maximum: the highest L.
        below: maximum less L, shape (k,).
        gap: L less F, shape (k,).
        W: of Q, shape (causes, 6).
        posterior_W: the same weights in the true posterior, shape (causes, 6).
        apart: the largest difference between the two.
        correlation: of two causes in the posterior; None of one.
    """

    machine: str
    averages: str
    causes: int
    counts: Counts
    log_likelihood: Array
    free_energy: Array
    maximum: float
    below: Array
    gap: Array
    W: Array
    posterior_W: Array
    apart: float
    correlation: float | None
