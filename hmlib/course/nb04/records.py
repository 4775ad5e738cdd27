"""What passes from the labs of notebook 04 to their pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Both(Generic[T]):
    """One thing for each direction of the divergence."""

    exclusive: T
    """for KL(Q || P), which F has"""
    inclusive: T
    """for KL(P || Q), which F-tilde has"""

    def __iter__(self) -> Iterator[T]:
        yield self.exclusive
        yield self.inclusive


@dataclass(frozen=True, eq=False)
class BestGuess:
    """The factorised Q with the least divergence in one direction."""

    rain: Array
    """its probabilities of rain, shape (1,), or (2,) where two are equally good"""
    cost: Both[float]
    """bits"""


@dataclass(frozen=True, eq=False)
class Leaning:
    """A leaning Q about the wet lawn, and the best ones; k places on the path, bits."""

    s: float
    """strength of the wet lawn"""
    q_rain: float
    """Q's probability of rain; that of the sprinkler is 1 - q_rain"""
    cost: Both[float]
    """of this Q"""
    path_q: Array
    """probabilities of rain, shape (k,)"""
    path: Both[Array]
    """what each of them costs, shape (k,)"""
    best: Both[BestGuess]
    posterior: Array
    """P[v|wet], shape (4,), in the order of `exact.states(2)`"""
    q: Array
    """Q[v], shape (4,)"""


@dataclass(frozen=True, eq=False)
class Fit:
    """A Gaussian fitted in one direction."""

    centre: float
    width: float
    density: Array
    """shape (k,), at the places of the picture"""
    cost: Both[float]
    """bits"""


@dataclass(frozen=True, eq=False)
class Fitted:
    """Two peaks and a Gaussian for each direction; k places, m centres, bits."""

    separation: float
    """distance between the peaks, whose width is 1"""
    weight: float
    """of the left peak"""
    start: float
    """centre from which the fit in KL(Q || P) goes downhill"""
    x: Array
    """places, shape (k,)"""
    p: Array
    """density with two peaks, shape (k,)"""
    fit: Both[Fit]
    centres: Array
    """shape (m,)"""
    path: Both[Array]
    """what each centre costs, with its best width, shape (m,)"""


@dataclass(frozen=True, eq=False)
class Objective:
    """One objective along a weight; k places, nats."""

    here: float
    """where the weight is now"""
    path: Array
    """shape (k,)"""
    top_W: float
    """the weight at which the path is highest"""
    top: float
    """its height there"""


@dataclass(frozen=True, eq=False)
class Steps:
    """The three objectives along one recognition weight; k places, nats."""

    W_lawn: float
    """weight from the lawn to rain"""
    dreamt: float
    """how far the data have become dreams, 0 to 1"""
    data: Array
    """how often each input occurs, shape (4,)"""
    dreams: Array
    """how often it is dreamt, shape (4,)"""
    log_likelihood: float
    path_W: Array
    """shape (k,)"""
    free_energy: Objective
    reversed: Objective
    """F-tilde"""
    dream: Objective
    """dreamt F-tilde"""

    @property
    def objectives(self) -> tuple[Objective, Objective, Objective]:
        """In the order of the three steps."""
        return self.free_energy, self.reversed, self.dream


@dataclass(frozen=True, eq=False)
class Drawn:
    """Drawn sleep updates around the expected one; r repeats, k numbers of dreams."""

    n: int
    """number of dreams"""
    seed: int
    places: Array
    """different updates of the two weights to rain, shape (m, 2)"""
    piles: NDArray[np.int64]
    """how many of the r updates lie on each, shape (m,)"""
    exact: Array
    """the expected update of the same, shape (2,)"""
    error: float
    """root mean square distance from the expected update of all weights, for n dreams"""
    expected: float
    """what the variance of a single dream says, sqrt(variance / n)"""
    path_n: NDArray[np.int64]
    """shape (k,)"""
    path_error: Array
    """shape (k,)"""
    path_expected: Array
    """shape (k,)"""
