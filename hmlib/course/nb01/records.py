"""What passes from the labs of notebook 01 to their pictures.

Tables over two causes have shape (4,), in the order of `exact.states(2)`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

SHEET = (4, 5)
"""Rows and columns of pictures that the stripes lab shows."""


@dataclass(frozen=True, eq=False)
class Dreamt:
    """How often each pattern of causes is dreamt, and what a wet lawn says about them."""

    prior: Array
    """P[v], shape (4,)"""
    wet: Array
    """P[v, wet], shape (4,)"""
    dry: Array
    """P[v, dry], shape (4,)"""
    posterior: Array
    """P[v|wet], shape (4,)"""
    product: Array
    """P[rain|wet] P[sprinkler|wet] and so on: the causes as if they were independent, shape (4,)"""
    p_wet: float
    """probability of a wet lawn"""
    p_both: float
    """of both causes, given a wet lawn"""
    p_product: float
    """the same, as if they were independent"""


@dataclass(frozen=True, eq=False)
class Explained:
    """The sprinkler as more is known, and the dependence of both causes; k strengths."""

    s: float
    """strength of the wet lawn"""
    reach: float
    """1 if the sprinkler waters this lawn, 0 if it does not reach it, -1 if it dries it"""
    sprinkler: Array
    """P[sprinkler] given nothing, a wet lawn, a wet lawn without rain and with it, shape (4,)"""
    dependence: float
    """mutual information of the causes of a wet lawn, in nats"""
    path_s: Array
    """shape (k,)"""
    path_dependence: Array
    """nats, shape (k,)"""


@dataclass(frozen=True, eq=False)
class StripeDreams:
    """Data beside dreams, and what two causes draw; n pictures."""

    data: Array
    """stripes, 0 or 1, shape (n, 3, 3)"""
    dreams: Array
    """0 or 1, shape (n, 3, 3)"""
    drawn: Array
    """probabilities of the pixels when one cause alone is on, shape (2, 3, 3)"""
    p_stripes: float
    """probability that a dream is a picture of stripes"""
    kinds: int
    """kinds of stripes that are dreamt more than once in 100"""
    shown_stripes: int
    """how many of the dreams shown are stripes"""
