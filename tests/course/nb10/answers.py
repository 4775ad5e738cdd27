"""Answers to the questions of notebook 10, right and wrong, as students type them."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
from labelled import Labelled
from lettered import letters
from scipy.spatial.distance import cdist, pdist
from scipy.stats import binom
from single import in_float32

from hmlib import metrics


def contract_by_loop(S, J):
    n, n_y, s, k = J.shape
    out = np.empty((n, n_y, k))
    for a, i, j in itertools.product(range(n), range(n_y), range(k)):
        out[a, i, j] = sum(S[a, i, b] * J[a, i, b, j] for b in range(s))
    return out.tolist()


def contract_by_rows(S, J):
    return np.array([[s @ j for s, j in zip(Si, Ji, strict=True)]
                     for Si, Ji in zip(S, J, strict=True)])  # fmt: skip


def mmd_by_loop(x, y, s):
    def k(a, b):
        return math.exp(-sum((p - q) ** 2 for p, q in zip(a, b, strict=True)) / (2 * s**2))

    def within(a):
        return sum(k(p, q) for p, q in itertools.permutations(a, 2)) / (len(a) * (len(a) - 1))

    return within(x) + within(y) - 2 * sum(k(p, q) for p in x for q in y) / (len(x) * len(y))


def mmd_by_distances(x, y, s):
    """Each pair once."""
    inside = [np.exp(-pdist(a, "sqeuclidean") / (2 * s**2)).mean() for a in (x, y)]
    return sum(inside) - 2 * np.exp(-cdist(x, y, "sqeuclidean") / (2 * s**2)).mean()


def mmd_by_products(x, y, s):
    """|a - b|^2 = |a|^2 + |b|^2 - 2 a b."""

    def k(a, b):
        squares = (a**2).sum(1)[:, None] + (b**2).sum(1) - 2 * a @ b.T
        return np.exp(-squares / (2 * s**2))

    n, m = len(x), len(y)
    within = (k(x, x).sum() - n) / (n * n - n) + (k(y, y).sum() - m) / (m * m - m)
    return np.array(within - 2 * k(x, y).mean())


def mmd_of_all(x, y, s):
    """One kernel of all points, and signed weights."""
    n, m = len(x), len(y)
    both = np.vstack([x, y]) / s
    K = np.exp(-(cdist(both, both) ** 2) / 2)
    np.fill_diagonal(K, 0)
    a, b = np.r_[np.ones(n), np.zeros(m)], np.r_[np.zeros(n), np.ones(m)]
    return a @ K @ a / (n * (n - 1)) + b @ K @ b / (m * (m - 1)) - 2 * (a @ K @ b) / (n * m)


SPEAKS = 1 - 0.99**25

ANSWERS = [
    Labelled("10.1", "Fractions", (0, Fraction(2, 5), 2), True),
    Labelled("10.1", "a list", [0.0, 0.4, 2.0], True),
    Labelled(
        "10.1",
        "least squares",
        np.linalg.lstsq([[1.0], [3.0]], [1.0, 1.0], rcond=None)[0] * np.array([0, 1, 5]),
        True,
    ),
    Labelled("10.1", "by name", {"r(0)": 0, "r(1)": 0.4, "r(5)": 2}, True),
    Labelled("10.1", "whole numbers and a float", (0, 4 / 10, 20 / 10), True),
    Labelled("10.1", "turned round", (2.0, 0.4, 0.0), False),
    Labelled("10.1", "ones", (1, 1, 1), False),
    Labelled("10.1", "a line with a constant", (0.2, 0.4, 1.0), False),
    *letters("10.2", "B"),
    Labelled("10.3", "a loop, as lists", contract_by_loop, True),
    Labelled("10.3", "row by row", contract_by_rows, True),
    Labelled("10.3", "sum over an axis", lambda S, J: (S[..., None] * J).sum(-2), True),
    Labelled(
        "10.3", "matrix products", lambda S, J: np.matmul(S[..., None, :], J)[..., 0, :], True
    ),
    Labelled("10.3", "other letters", lambda S, J: np.einsum("abc,abcd->abd", S, J), True),
    Labelled("10.3", "float32", in_float32(lambda S, J: np.einsum("nis,nisk->nik", S, J)), True),
    Labelled("10.3", "the last index", lambda S, J: (J @ S[..., None])[..., 0], False),
    Labelled("10.3", "S again", lambda S, J: S, False),
    Labelled("10.3", "J of the first row", lambda S, J: np.einsum("nis,isk->nik", S, J[0]), False),
    Labelled("10.4", "a loop", mmd_by_loop, True),
    Labelled("10.4", "distances of pairs", mmd_by_distances, True),
    Labelled("10.4", "products, a 0-d array", mmd_by_products, True),
    Labelled("10.4", "one kernel of all", mmd_of_all, True),
    Labelled("10.4", "float32", in_float32(mmd_by_products), True),
    Labelled("10.4", "the library's own", lambda x, y, s: metrics.mmd2(x, y, s), False),
    Labelled(
        "10.4",
        "the library's, at one width",
        lambda x, y, s: metrics.mmd2_at_widths(x, y, [s / metrics.median_bandwidth(x)])[0],
        False,
    ),
    Labelled("10.4", "zero", lambda x, y, s: 0.0, False),
    Labelled(
        "10.4",
        "cut off at 0, with the diagonal",
        lambda x, y, s: max(
            0.0,
            (
                np.exp(-cdist(x, x, "sqeuclidean") / (2 * s**2)).mean()
                + np.exp(-cdist(y, y, "sqeuclidean") / (2 * s**2)).mean()
                - 2 * np.exp(-cdist(x, y, "sqeuclidean") / (2 * s**2)).mean()
            ),
        ),
        False,
    ),
    Labelled(
        "10.4",
        "distance of the means",
        lambda x, y, s: ((x.mean(axis=0) - y.mean(axis=0)) ** 2).sum(),
        False,
    ),
    *letters("10.5", "D"),
    Labelled("10.6", "an expression", SPEAKS, True),
    Labelled("10.6", "two decimals", 0.22, True),
    Labelled("10.6", "a Fraction", 1 - Fraction(99, 100) ** 25, True),
    Labelled("10.6", "a tail", binom.sf(0, 25, 0.01), True),
    Labelled(
        "10.6",
        "a sum over how many speak",
        sum(math.comb(25, k) * 0.01**k * 0.99 ** (25 - k) for k in range(1, 26)),
        True,
    ),
    Labelled("10.6", "one decimal", 0.2, False),
    Labelled("10.6", "in per cent", 22.2, False),
    Labelled("10.6", "one in a hundred", 0.01, False),
    Labelled("10.7", "fractions", (Fraction(-3, 4), 16), True),
    Labelled("10.7", "a list", [-0.75, 16.0], True),
    Labelled("10.7", "by name", {"statistic": -0.75, "times as many points": 16}, True),
    Labelled("10.7", "worked out", ((0.001 - 0.0013) / 0.0004, (3 / 0.75) ** 2), True),
    Labelled("10.7", "turned round", (0.75, 16), False),
    Labelled("10.7", "only four times", (-0.75, 4), False),
    Labelled("10.7", "the difference", (-0.0003, 16), False),
    Labelled("10.7", "points, not times", (-0.75, 8000), False),
    Labelled("10.8", "small", "dbfac", True),
    Labelled("10.8", "a list", ["D", "B", "F", "A", "C"], True),
    Labelled("10.8", "arrows", "D -> B -> F -> A -> C", True),
    Labelled("10.8", "commas", "D, B, F, A, C.", True),
    Labelled("10.8", "slashes", "D/B/F/A/C", True),
    Labelled("10.8", "all lines", "DBFAGCE", False),
    Labelled("10.8", "as they stand", "ABCDF", False),
    Labelled("10.8", "unfinished", "DBF", False),
]
