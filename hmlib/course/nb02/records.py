"""What passes from the labs of notebook 02 to their pictures; nats."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class UnderCeiling:
    """L, F and the gap for one factorised Q about the wet lawn; k places on the path."""

    q_rain: float
    """Q's probability of rain"""
    q_sprinkler: float
    """Q's probability of sprinkler"""
    log_likelihood: float
    free_energy: float
    kl_q_p: float
    """the gap, L - F"""
    path_q: Array
    """probabilities of rain, shape (k,)"""
    path_free_energy: Array
    """F at each of them, shape (k,)"""
    posterior: Array
    """P[v|wet], shape (4,), in the order of `exact.states(2)`"""
    q: Array
    """Q[v], shape (4,)"""


@dataclass(frozen=True, eq=False)
class Parts:
    """F over every factorised Q, and the two parts of one F; k places a side."""

    q_rain: float
    """Q's probability of rain"""
    q_sprinkler: float
    """Q's probability of sprinkler"""
    grid: Array
    """probabilities of either cause, shape (k,)"""
    below: Array
    """F - L, shape (k, k), rows are probabilities of the sprinkler"""
    best: Array
    """(rain, sprinkler) wherever F is highest, shape (m, 2)"""
    log_likelihood: float
    free_energy: float
    expected_log_joint: float
    """average of log P[v, u] under Q"""
    entropy: float
    """of Q"""


@dataclass(frozen=True, eq=False)
class Estimates:
    """What n students say of F and of L from k draws each; m is the most draws of one student."""

    k: int
    """draws of each student, 1 to m"""
    gap: float
    """L - F"""
    of_f: Array
    """mean of the logarithms of k ratios, less F, shape (n,)"""
    of_l: Array
    """logarithm of the mean of k ratios, less L, shape (n,)"""
    path: Array
    """mean of `of_l` over all students after 1, 2, ... draws, shape (m,)"""


@dataclass(frozen=True, eq=False)
class Curves:
    """Means over all test digits at every stage of training; k stages."""

    log_likelihood: Array
    """shape (k,)"""
    free_energy: Array
    """shape (k,)"""
    gap: Array
    """L - F, shape (k,)"""


@dataclass(frozen=True, eq=False)
class DigitAtStage:
    """One test digit at one of k stages of training."""

    digit: Array
    """shape (8, 8)"""
    expected: Array
    """inputs expected from Q's guess about it, shape (8, 8)"""
    stage: int
    """from 0"""
    step: int
    """steps of training before this stage"""
    curves: Curves
    log_likelihood: float
    """of this digit"""
    free_energy: float
    """of this digit"""
    kl_q_p: float
    """of this digit"""
    posterior: Array
    """probability under the posterior that each cause is on, shape (n_v,)"""
    q: Array
    """the same under Q, shape (n_v,)"""
    worst_cause: int
    """where these two differ most"""
    worst_by: float
    """by how much they differ there"""
