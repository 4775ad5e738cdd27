"""What passes from the labs of notebook 03 to their pictures; nats."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

MOST_PHASES = 40
"""Phases for which the staircase has room."""


@dataclass(frozen=True, eq=False)
class Stairs:
    """L and F after every phase of a word of k phases."""

    word: str
    """the phases, a letter each"""
    kind: str
    """what Q may be"""
    log_likelihood: Array
    """at the beginning and after each phase, shape (k + 1,)"""
    free_energy: Array
    """likewise, shape (k + 1,)"""
    gap: float
    """L - F after the last phase"""
    bound: float
    """minus the entropy of the data, which no L can pass"""
    e_phases: NDArray[np.int64]
    """which phases are E-phases, counted from 1"""
    m_phases: NDArray[np.int64]
    """which phases are M-phases, counted from 1"""
    fallen: NDArray[np.int64]
    """which of these lowered L by more than 0.0001"""
    drawn: Array
    """what each cause draws when it alone is on, shape (n_v, 3, 3)"""


@dataclass(frozen=True, eq=False)
class Slice:
    """F along a line on which weights move, and its tangent; k places."""

    weight: float
    """where the weight is now"""
    slope: float
    """of F there, in nats a unit of weight"""
    path: Array
    """weights, shape (k,)"""
    free_energy: Array
    """shape (k,)"""
    log_likelihood: Array
    """shape (k,)"""
    tangent: Array
    """its height, shape (k,)"""
    top: float
    """the weight at which F is highest"""
    tops: int
    """places inside the path that are higher than both neighbours"""


@dataclass(frozen=True, eq=False)
class Slices:
    """F along a generative weight and along a line through the recognition weights."""

    free_energy: float
    log_likelihood: float
    G: Slice
    """Q stays, the weight from rain to the lawn moves"""
    W: Slice
    """the machine stays, the weight from the lawn to rain moves"""


@dataclass(frozen=True, eq=False)
class Ending:
    """One climb among fifty, and the machine at its end; k phases."""

    seed: int
    causes: int
    curves: Array
    """L at the beginning and after each phase, of every seed, shape (50, k + 1)"""
    ends: Array
    """the last L of every seed, from best to worst, shape (50,)"""
    small_steps: Array
    """where small steps up L end from the same beginnings, in the same order, shape (50,)"""
    higher: int
    """seeds from which EM ends higher than small steps, by more than 0.01"""
    lower: int
    """seeds from which it ends lower, likewise"""
    log_likelihood: float
    """the last L of this seed"""
    rank: int
    """its place among the fifty, from 1"""
    small_step: float
    """where small steps end from this beginning"""
    bound: float
    """minus the entropy of the data"""
    missing: float
    """what this seed's last L lies below the bound"""
    drawn: Array
    """what each cause draws when it alone is on, shape (n_v, 3, 3)"""
    on: Array
    """how often each cause is on, shape (n_v,)"""
