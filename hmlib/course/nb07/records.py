"""What passes from the labs of notebook 07 to their pictures; g places z on the grid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

KINDS = ("tanh", "sigmoid", "relu", "fourier")
"""Kinds of encodings, in the order of the rows of a `Built`."""


@dataclass(frozen=True, eq=False)
class Coded:
    """A density, its code, and the density that the code stands for; all per unit of z."""

    shape: str
    amount: float
    """how far the shape goes, 0 to 1"""
    K: int
    """random functions beside z and the constant"""
    z: Array
    """shape (g,)"""
    p: Array
    """the density, shape (g,)"""
    mean: float
    """its mean of z"""
    base: Array
    """the base measure, shape (g,)"""
    decoded: Array
    """the density of largest entropy with the same code, shape (g,)"""
    peaks: int
    """of the decode"""
    missed: float
    """probability that the decode has in the wrong place, half the sum of |p - decode|"""
    feasible: bool
    """whether a density with this code was found"""
    code: Array
    """averages of the functions, z and the constant last, shape (K + 2,)"""


@dataclass(frozen=True, eq=False)
class Built:
    """One f, built out of encodings of every kind; a row a kind of `KINDS`.

    Errors are root mean squares over many densities, in units of how much E[f] varies among them:
    1 is as bad as always giving the same answer.
    """

    f: str
    K: int
    """random functions beside z and the constant"""
    gain: float
    """how sharp they are"""
    z: Array
    """shape (g,)"""
    target: Array
    """f, from 0 at its lowest to 1 at its highest, shape (g,)"""
    built: Array
    """f as each kind builds it, on the same scale, shape (4, g)"""
    errors: Array
    """of E[f], shape (4,)"""
    path_errors: Array
    """for every K from 0, shape (4, k)"""


@dataclass(frozen=True, eq=False)
class Pair:
    """Two densities with one code, made to differ in the average of a bump f."""

    K: int
    """random functions (tanh) beside z and the constant"""
    gain: float
    """how sharp they are"""
    width: float
    """of the bump"""
    z: Array
    """shape (g,)"""
    f: Array
    """the bump, shape (g,)"""
    built: Array
    """f as the encodings build it, shape (g,)"""
    densities: Array
    """per unit of z, shape (2, g)"""
    missed: float
    """probability in which they differ, half the sum of |p - q|"""
    codes: Array
    """shape (2, K + 2)"""
    codes_apart: float
    """largest difference of two entries"""
    averages: Array
    """E[f], shape (2,)"""
    difference: float
    """of the averages"""
    bound: float
    """2 max |f - alpha . T| with the best alpha: the most between any two with one code"""
