"""What passes from the labs of notebook 08 to their pictures; g places on the grid, nats."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Averages:
    """What a posterior, or a code, says of the place."""

    place: float
    """E[z]"""
    right: float
    """P[z > 0]; a read-out need not be a probability"""
    square: float
    """E[z^2]"""


@dataclass(frozen=True, eq=False)
class Belief:
    """A distribution of the place, in the stead of the posterior."""

    density: Array
    """per unit of z, shape (g,)"""
    kl: float
    """KL(q || posterior)"""


@dataclass(frozen=True, eq=False)
class Observed:
    """One distance: the posterior, its code, the decode and the best Gaussian."""

    x: float
    """distance heard"""
    n: int
    """dreams M that the code was learnt from"""
    z: Array
    """places, shape (g,)"""
    posterior: Array
    """density per unit of z, shape (g,)"""
    decoded: Belief
    gaussian: Belief
    centre: float
    """of the Gaussian"""
    width: float
    """its standard deviation"""
    code: Array
    """r(x) without the constant, shape (K + 1,), z_1 last"""
    exact_code: Array
    """the averages that it stands for, shape (K + 1,)"""
    largest_error: float
    """of an entry of the code"""
    read: Averages
    """read off the code"""
    exact: Averages


@dataclass(frozen=True, eq=False)
class Learnt:
    """Two rules after the same dreams: row 0 is the delta rule, row 1 least squares."""

    n: int
    """dreams seen"""
    rate: float
    """of the delta rule"""
    missed: Array
    """part of the exact codes' variance that is missed, 1 - R^2, shape (2,)"""
    path_n: Array
    """numbers of dreams, shape (m,)"""
    path_missed: Array
    """shape (2, m)"""
    path_x: Array
    """distances, shape (k,)"""
    curves: Array
    """the shown shadow along them as each rule says it, shape (2, k)"""
    exact: Array
    """and as it is, shape (k,)"""
    dreams_x: Array
    """distances of the first dreams, shape (d,)"""
    dreams_T: Array
    """T(z_1) of the shown shadow for them, shape (d,)"""


@dataclass(frozen=True, eq=False)
class Turned:
    """Gradients in A, b and the log variance, and how far they point from the exact one."""

    n: int
    """dreams M"""
    ridge: str
    constant: str
    """"with" or "without" a constant and biases in the features"""
    gradients: Array
    """exact, split, split minus dreams, each of length 1, shape (3, 3)"""
    angles: Array
    """of split and of split minus dreams, medians over the seeds, degrees, shape (2,)"""
    path_n: Array
    """numbers of dreams, shape (m,)"""
    path_angles: Array
    """shape (2, m), degrees"""


@dataclass(frozen=True, eq=False)
class Bound:
    """F of a belief that is held still while the model moves."""

    density: Array
    """the belief, per unit of z, shape (g,)"""
    free_energy: float
    """F for the model that is asked"""
    gap: float
    """L - F there"""
    path: Array
    """F along the models, shape (m,)"""


@dataclass(frozen=True, eq=False)
class Ceiling:
    """L over the parameter A of the model, and F of two beliefs under it."""

    x: float
    """distance heard"""
    k: int
    """random functions in the code"""
    A: float
    """parameter of the model that is asked"""
    z: Array
    """places, shape (g,)"""
    posterior: Array
    """density per unit of z at A = 1, shape (g,)"""
    log_likelihood: float
    """L = log p(x) for the model that is asked"""
    path_A: Array
    """shape (m,)"""
    path_log_likelihood: Array
    """shape (m,)"""
    decoded: Bound
    gaussian: Bound
