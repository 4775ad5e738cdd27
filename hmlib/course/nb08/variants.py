"""Other numbers for the questions of notebook 08."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

import numpy as np

from hmlib.check.varying import Posed, draw, in_words, one_of, row, times


class Heard(NamedTuple):
    """Dreams in which the bird is near, at -1 and at 1, and far, at -2 and at 2."""

    near_left: int
    near_right: int
    far_left: int
    far_right: int


HEARD = Heard(2, 3, 1, 2)


def by_hand(heard: Heard) -> Posed:
    """08.2: the code for near and for far, and the mean square of the error."""
    a, b, c, d = heard
    n_near, n_far = a + b, c + d
    n = n_near + n_far
    near, far = Fraction(b - a, n_near), Fraction(2 * (d - c), n_far)
    squares = n_near * (1 - near**2), n_far * (4 - far**2)
    whole = Fraction(b - a + 2 * (d - c), n)
    in_all = Fraction(n_near + 4 * n_far, n)
    codes = float(near), float(far)
    error = float(sum(squares) / n)
    return Posed(
        answer=(*codes, error),
        slips={
            "most frequent place": (1.0, 2.0, (4 * a + 16 * c) / n),
            "middle of the two places": (0.0, 0.0, float(in_all)),
            "one average for all": (float(whole), float(whole), float(in_all - whole**2)),
            "sum of squares": (*codes, float(sum(squares))),
            "mean of the two groups": (*codes, float(squares[0] / n_near + squares[1] / n_far) / 2),
            "groups swapped": (codes[1], codes[0], error),
            "root of the mean square": (*codes, error**0.5),
            "error of zero": (*codes, 0.0),
        },
        values={
            "all_dreams": in_words(n).capitalize(),
            "in_words": in_words(n),
            "near": in_words(n_near),
            "far": in_words(n_far),
            "near_places": row([-1] * a + [1] * b),
            "far_places": row([-2] * c + [2] * d),
            "averages": f"{_short(near)} and {_short(far)}",
            "left_square": f"({1 + float(near):g})^2",
            "left_times": times(a),
            "right_square": f"({1 - float(near):g})^2",
            "right_times": times(b),
            "average": _short(near),
        },
    )


def _short(value: Fraction) -> str:
    """A decimal where it ends soon, else a fraction."""
    return f"{float(value):g}" if 100 % value.denominator == 0 else str(value)


def _heard(rng: np.random.Generator) -> Heard:
    """The right is dreamt more often than the left, near and far; more dreams are near."""
    near = one_of(rng, ((1, 3), (1, 4), (2, 3), (3, 5), (2, 6)))
    return Heard(*near, *one_of(rng, ((1, 2), (1, 3), (1, 4), (2, 3))))


def heard_of(variant: int) -> Heard:
    return draw(variant, _heard, [by_hand], HEARD, 2e-3)


class ReadOut(NamedTuple):
    """The average of |z| in the code, and the power of |z| that is read off."""

    average: float
    power: int


READ_OUT = ReadOut(1.4, 3)

_POWERS = {3: "cube", 5: "fifth power"}


def read_out(numbers: ReadOut) -> Posed:
    """08.8: slope, intercept, and what is read off."""
    r, power = numbers
    top = 2**power
    slope = float(top - 1)
    intercept = 1 - slope
    origin = (1 + 2 * top) / 5
    far = round(r - 1, 4)
    return Posed(
        answer=(slope, intercept, slope * r + intercept),
        slips={
            "function of the average": (slope, intercept, r**power),
            "intercept left out": (slope, intercept, slope * r),
            "average over the dreams": (slope, intercept, (1 + top) / 2),
            "the worked example again": (3.0, -2.0, 3 * r - 2),
            "through the origin": (origin, 0.0, origin * r),
            "sign lost": (0.0, 0.0, 0.0),
        },
        values={
            "average": f"{r:g}",
            "function": f"|z|^{power}",
            "signed": f"z^{power}",
            "top": str(top),
            "mixture": rf"{1 - far:g} \times 1 + {far:g} \times {top}",
            "power": _POWERS[power],
            "of_average": f"{r:g}^{power}",
            "intercept": f"{intercept:g}",
        },
    )


def _read_out(rng: np.random.Generator) -> ReadOut:
    return ReadOut(one_of(rng, (1.1, 1.2, 1.3, 1.6, 1.7, 1.8)), one_of(rng, (3, 5)))


def read_out_of(variant: int) -> ReadOut:
    return draw(variant, _read_out, [read_out], READ_OUT)
