"""The numbers of the tests before and after the course: given and expected, by question."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from hmlib.course.lessons.numbers_of_block_1 import interaction
from hmlib.course.lessons.saying import listing, pair
from hmlib.metrics import mmd2

Numbers = Mapping[str, float | str]


def disease() -> Numbers:
    """Bayes' rule for a rare thing."""
    one_in, found, wolf = 100, 0.9, 0.09
    ill = found / one_in
    return {
        "one_in": one_in,
        "found": found,
        "wolf": wolf,
        "p": ill / (ill + wolf * (1 - 1 / one_in)),
    }


def independence() -> Numbers:
    """A table that is a product."""
    table = np.array([[0.42, 0.18], [0.28, 0.12]])
    product = table[1].sum() * table[:, 1].sum()
    return {
        "table": listing(table, 2),
        "verdict": "Yes" if np.isclose(product, table[1, 1]) else "No",
        "product": product,
        "both": table[1, 1],
    }


def logarithms() -> Numbers:
    """Logarithms from logarithms."""
    return {"sum": np.log(2) + np.log(3), "difference": np.log(2) - np.log(3)}


def moments() -> Numbers:
    """Mean and variance of two values."""
    p_zero, value = 0.75, 4.0
    mean = (1 - p_zero) * value
    return {
        "p_zero": p_zero,
        "value": f"{value:g}",
        "mean": mean,
        "variance": (1 - p_zero) * value**2 - mean**2,
    }


def shapes() -> Numbers:
    """The shape of a product of matrices."""
    u, W = np.zeros((5, 3)), np.zeros((2, 3))
    return {"u": str(u.shape), "W": str(W.shape), "shape": str((u @ W.T).shape)}


def draws(n: int, error: float, wanted: float) -> Numbers:
    """How many draws have an error, which falls with the root of their number."""
    return {"n": n, "error": error, "wanted": wanted, "draws": n * (error / wanted) ** 2}


def call_for() -> Numbers:
    """The interaction of weights of opposite signs."""
    first, second = 3.0, -2.0
    J = interaction(0.0, first, second)
    return {
        "first": f"{first:g}",
        "second": f"{second:g}",
        "letter": "B" if J > 0 else "C",
        "J": J,
    }


def dropped() -> Numbers:
    """What KL(Q || P) says of a possibility that Q has dropped."""
    p = 0.2
    return {"p": p, "finite": -np.log(1 - p)}


def many_tests() -> Numbers:
    """How many of many tests say what is not so."""
    tests, level = 20, 0.05
    return {
        "tests": tests,
        "level": level,
        "expected": tests * level,
        "family": 1 - (1 - level) ** tests,
    }


def one_dream() -> Numbers:
    """The sleep update from one dream."""
    v, u, guess = 0.0, np.array([1.0, 0.0]), 0.7
    return {"u": pair(u, 0), "guess": guess, "dw": v - guess, "dW": pair((v - guess) * u, 1)}


def told_by_a_code() -> Numbers:
    """Mean, variance and another square, from the averages of z and of its square."""
    r = np.array([0.5, 1.25, 1.0])
    return {
        "code": pair(r, 2),
        "mean": r[0],
        "variance": r[1] - r[0] ** 2,
        "square": r @ [-4, 4, 1],  # (2 z - 1)^2 = 4 z^2 - 4 z + 1
    }


def below_zero() -> Numbers:
    """An MMD of two and two points."""
    x, y = np.array([0.0, 1.0]), np.array([0.0, 2.0])
    return {
        "x": listing(x, 0),
        "y": listing(y, 0),
        "mmd2": mmd2(x[:, None], y[:, None], bandwidth=1.0),
    }


QUESTIONS: Mapping[str, Callable[[], Numbers]] = {
    "0.1": disease,
    "0.2": independence,
    "0.3": logarithms,
    "0.4": moments,
    "0.5": shapes,
    "0.9": lambda: draws(100, 0.1, 0.02),
    "9.1": call_for,
    "9.2": lambda: {"rise": 0.3},
    "9.3": dropped,
    "9.4": lambda: draws(200, 0.05, 0.01),
    "9.5": many_tests,
    "9.7": one_dream,
    "9.8": told_by_a_code,
    "9.10": below_zero,
}
"""Question -> its numbers; those that ask for none are left out."""
