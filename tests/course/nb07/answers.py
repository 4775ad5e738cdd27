"""Answers to the questions of notebook 07, right and wrong, as students type them."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
from labelled import Labelled
from lettered import letters
from scipy.optimize import approx_fprime
from scipy.special import logsumexp, softmax
from single import in_float32

from hmlib import ddc


def mismatch_by_loop(eta, T, base, code):
    heights = [m * math.exp(sum(a * t for a, t in zip(eta, row, strict=True)))
               for m, row in zip(base, T, strict=True)]  # fmt: skip
    total = sum(heights)
    return [
        sum(h * row[k] for h, row in zip(heights, T, strict=True)) / total - code[k]
        for k in range(len(code))
    ]


def mismatch_by_softmax(eta, T, base, code):
    return softmax(np.log(base) + T @ eta) @ T - code


def mismatch_by_slope(eta, T, base, code):
    """The slope of log Z, by small steps."""
    step = 1e-6

    def log_Z(weights):
        return logsumexp(np.log(base) + T @ weights)

    units = step * np.eye(len(eta))
    slope = [(log_Z(eta + e) - log_Z(eta - e)) / (2 * step) for e in units]
    return np.array(slope) - code


def mismatch_of_differences(eta, T, base, code):
    """The average of T - code under q, without its own division at the end."""
    q = base * np.exp((T - code) @ eta)
    return np.average(T - code, axis=0, weights=q)


def read_off_by_rows(T, f, code, rho):
    """Ridge regression as least squares with K more rows."""
    n, K = T.shape
    rows = np.vstack([T, np.sqrt(n * rho) * np.eye(K)])
    return code @ np.linalg.lstsq(rows, np.r_[f, np.zeros(K)], rcond=None)[0]


def read_off_by_places(T, f, code, rho):
    """The same weights through a matrix of the places."""
    n = len(T)
    return code @ T.T @ np.linalg.solve(T @ T.T + n * rho * np.eye(n), f)


def read_off_by_inverse(T, f, code, rho):
    n, K = T.shape
    return np.linalg.inv(T.T @ T / n + rho * np.eye(K)) @ (T.T @ f / n) @ code


def read_off_by_sums(T, f, code, rho):
    n, K = T.shape
    return np.linalg.solve(T.T @ T + n * rho * np.eye(K, dtype=T.dtype), T.T @ f) @ code


def read_off_by_descent(T, f, code, rho):
    n, K = T.shape
    square, cross = T.T @ T / n + rho * np.eye(K), T.T @ f / n
    alpha, rate = np.zeros(K), 1 / np.linalg.norm(square, 2)
    for _ in range(20_000):
        alpha = alpha + rate * (cross - square @ alpha)
    return alpha @ code


def read_off_by_library(T, f, code, rho):
    return (code @ ddc.readout(T, f[:, None], rho))[0]


def bound_by_loop(f, T, alpha):
    most = 0.0
    for value, row in zip(f, T, strict=True):
        built = sum(a * t for a, t in zip(alpha, row, strict=True))
        most = max(most, abs(value - built))
    return 2 * most


def bound_by_ends(f, T, alpha):
    rest = f - T @ alpha
    return 2 * max(rest.max(), -rest.min())


def bound_by_norm(f, T, alpha):
    return np.linalg.norm(2 * (f - np.einsum("gk,k->g", T, alpha)), np.inf)


def bound_as_an_array(f, T, alpha):
    return np.array([2 * np.abs(np.subtract(f, T.dot(alpha))).max()])


def _best(f, T):
    return np.linalg.lstsq(T, f, rcond=None)[0]


ANSWERS = [
    Labelled("07.1", "Fractions", (Fraction(3, 4), Fraction(5, 4), Fraction(1)), True),
    Labelled("07.1", "a list", [0.75, 1.25, 1], True),
    Labelled(
        "07.1",
        "an array",
        np.array([1 / 2, 1 / 4, 1 / 4]) @ np.array([[0, 0, 1], [1, 1, 1], [2, 4, 1]]),
        True,
    ),
    Labelled(
        "07.1", "by name", {"average of z": 0.75, "average of z^2": 1.25, "average of 1": 1.0}, True
    ),
    Labelled("07.1", "float32", np.float32([0.75, 1.25, 1.0]), True),
    Labelled("07.1", "turned round", (1.0, 1.25, 0.75), False),
    Labelled("07.1", "ones", (1, 1, 1), False),
    Labelled("07.1", "mean and its square", (0.75, 0.5625, 1), False),
    *letters("07.2", "D"),
    Labelled("07.3", "a loop, as a list", mismatch_by_loop, True),
    Labelled("07.3", "softmax", mismatch_by_softmax, True),
    Labelled("07.3", "slope by small steps", mismatch_by_slope, True),
    Labelled("07.3", "average of differences", mismatch_of_differences, True),
    Labelled("07.3", "a tuple", lambda *given: tuple(mismatch_by_softmax(*given)), True),
    Labelled("07.3", "float32", in_float32(mismatch_of_differences), True),
    Labelled("07.3", "zeros", lambda eta, T, base, code: np.zeros(len(eta)), False),
    Labelled("07.3", "the code", lambda eta, T, base, code: -code, False),
    Labelled(
        "07.3",
        "forward steps of size 0.1",
        lambda eta, T, base, code: (
            approx_fprime(eta, lambda w: logsumexp(np.log(base) + T @ w), 0.1) - code
        ),
        False,
    ),
    Labelled("07.3", "its size", lambda *given: np.abs(mismatch_by_softmax(*given)), False),
    *letters("07.4", "A"),
    Labelled("07.5", "products", ((0.35 + 0.15) * (0.45 + 0.15), (1 - 0.5) * (1 - 0.6)), True),
    Labelled("07.5", "Fractions", (Fraction(3, 10), Fraction(1, 5)), True),
    Labelled("07.5", "an array", np.array([0.3, 0.2]), True),
    Labelled("07.5", "Decimals in a list", [Decimal("0.3"), Decimal("0.2")], True),
    Labelled("07.5", "by name", {"decoded 00": 0.2, "decoded 11": 0.3}, True),
    Labelled("07.5", "the posterior", (0.15, 0.05), False),
    Labelled("07.5", "a quarter each", (0.25, 0.25), False),
    Labelled("07.5", "nothing on both", (0.3, 0.3), False),
    Labelled("07.6", "more rows", read_off_by_rows, True),
    Labelled("07.6", "a matrix of places", read_off_by_places, True),
    Labelled("07.6", "an inverse", read_off_by_inverse, True),
    Labelled("07.6", "float32", in_float32(read_off_by_sums), True),
    Labelled("07.6", "descent", read_off_by_descent, True),
    Labelled("07.6", "a 0-d array", lambda *given: np.array(read_off_by_inverse(*given)), True),
    Labelled("07.6", "the library's own", read_off_by_library, False),
    Labelled("07.6", "a constant", lambda T, f, code, rho: 1.0, False),
    Labelled(
        "07.6", "ridge twice", lambda T, f, code, rho: read_off_by_rows(T, f, code, 2 * rho), False
    ),
    Labelled("07.6", "code in place of f", lambda T, f, code, rho: f.mean() * code.sum(), False),
    Labelled("07.7", "Fractions", (Fraction(1, 2), Fraction(-1, 10)), True),
    Labelled("07.7", "an array", 0.25 * np.array([0.2, 0.8]) + 0.75 * np.array([0.6, -0.4]), True),
    Labelled("07.7", "a list of expressions", [0.2 / 4 + 0.6 * 3 / 4, 0.8 / 4 - 3 * 0.4 / 4], True),
    Labelled("07.7", "a column", np.array([[0.5], [-0.1]]), True),
    Labelled("07.7", "turned round", (-0.1, 0.5), False),
    Labelled("07.7", "minus lost", (0.5, 0.5), False),
    Labelled("07.7", "the first", (0.2, 0.8), False),
    Labelled("07.8", "a loop", bound_by_loop, True),
    Labelled("07.8", "both ends", bound_by_ends, True),
    Labelled("07.8", "a norm", bound_by_norm, True),
    Labelled("07.8", "one number in an array", bound_as_an_array, True),
    Labelled("07.8", "float32", in_float32(bound_by_ends), True),
    Labelled(
        "07.8", "alpha ignored", lambda f, T, alpha: 2 * np.abs(f - T @ _best(f, T)).max(), False
    ),
    Labelled("07.8", "range of f", lambda f, T, alpha: np.ptp(f), False),
    Labelled(
        "07.8",
        "twice the rest where f is largest",
        lambda f, T, alpha: 2 * abs((f - T @ alpha)[f.argmax()]),
        False,
    ),
    Labelled(
        "07.8", "cut off at 1", lambda f, T, alpha: min(1.0, bound_by_ends(f, T, alpha)), False
    ),
    *letters("07.9", "A"),
    Labelled("07.10", "Fractions", (Fraction(1, 3) - Fraction(1, 20), Fraction(2, 3)), True),
    Labelled("07.10", "three decimals", (0.283, 0.667), True),
    Labelled(
        "07.10", "polyfit", (np.polyval(np.polyfit([-1, 0, 1], [0, 0, 1], 1), -0.1), 2 / 3), True
    ),
    Labelled("07.10", "by name", {"read off": 17 / 60, "bound": 4 / 6}, True),
    Labelled("07.10", "turned round", (2 / 3, 17 / 60), False),
    Labelled("07.10", "the best bound of all", (17 / 60, 0.5), False),
    Labelled("07.10", "true average, difference from it", (0.2, 17 / 60 - 0.2), False),
]
