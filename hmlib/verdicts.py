"""What many comparisons say together: signs over seeds, and p-values that know their number."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import bdtr

from hmlib._checks import finite_array

__all__ = ["SignTest", "holm", "sign_test"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class SignTest:
    """How often one method was better than another, on the same data and seeds.

    Attributes:
        better, worse, ties: their numbers.
        p: chance of a split as uneven as this or more if both were equally good; 1 if all are
            ties.
    """

    better: int
    worse: int
    ties: int
    p: float

    def __repr__(self) -> str:
        n = self.better + self.worse + self.ties
        return f"SignTest: better in {self.better} of {n}, ties {self.ties}, p {self.p:.3g}"


def sign_test(a: ArrayLike, b: ArrayLike, higher: bool = True) -> SignTest:
    """Two-sided sign test of paired scores: is a better than b, or worse, more often than a coin?

    It asks nothing of how scores are distributed, and a single seed that went wrong counts once.
    With n pairs no p is below 2^(1 - n): six seeds cannot be surer than .03.

    Args:
        a, b: scores of the two methods, a pair a seed, shapes (n,).
        higher: whether a higher score is better.

    Raises:
        ValueError: for no pairs, values that are not finite, or different lengths.

    Source: Conover 1999, Practical nonparametric statistics, section 3.4 (ties are left out).
    """
    a, b = finite_array("a", a, 1), finite_array("b", b, 1)
    if not a.size or a.shape != b.shape:
        raise ValueError(f"b has length {b.size} and a {a.size}; accepted: the same, 1 or more")
    more, less = int((a > b).sum()), int((a < b).sum())
    better, worse = (more, less) if higher else (less, more)
    n = better + worse
    p = min(1.0, 2 * float(bdtr(min(better, worse), n, 0.5))) if n else 1.0
    return SignTest(better, worse, a.size - n, p)


def holm(p: ArrayLike) -> Array:
    """p-values corrected for their number: reject where the result is at most the level.

    The chance of one false rejection or more among all is then at most the level, however the
    tests depend on each other.

    Args:
        p: the p-values of all tests that were made, shape (m,).

    Returns:
        shape (m,), each at least as large as before and at most 1.

    Raises:
        ValueError: for no p-values, or numbers that are none.

    Source: Holm 1979, A simple sequentially rejective multiple test procedure.
    """
    p = finite_array("p", p, 1)
    if not p.size or p.min() < 0 or p.max() > 1:
        raise ValueError(f"p is {p}; accepted: one number or more from 0 to 1")
    order = np.argsort(p, kind="stable")
    steps = p[order] * np.arange(p.size, 0, -1)
    corrected = np.empty_like(p)
    corrected[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return corrected
