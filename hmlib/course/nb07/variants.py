"""Other numbers for the questions of notebook 07."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

import numpy as np

from hmlib.check.varying import Posed, draw, fractions, one_of, row

Counts = tuple[int, int, int, int]
"""Probabilities of z = 0, 1, 2 as counts, and what they are counted in."""

CODE: Counts = (2, 1, 1, 4)


def code(counts: Counts) -> Posed:
    """07.1: the averages of z, z^2 and 1."""
    *ways, of = counts
    p = [Fraction(way, of) for way in ways]
    mean, square = float(p[1] + 2 * p[2]), float(p[1] + 4 * p[2])
    _, one, two = ways
    return Posed(
        answer=(mean, square, 1.0),
        slips={
            "function of the average": (mean, mean**2, 1.0),
            "probabilities left out": (1.0, 5 / 3, 1.0),
            "not averaged": (3.0, 5.0, 3.0),
            "variance": (mean, square - mean**2, 1.0),
        },
        values={
            "chances": row(p),
            "first": f"{one}/{of} + {2 * two}/{of}",
            "second": f"{one}/{of} + {4 * two}/{of}",
        },
    )


def _counts(rng: np.random.Generator) -> Counts:
    of = one_of(rng, (4, 5, 8, 10))
    one, two = (int(k) for k in rng.integers(1, of - 1, 2))
    return (of - one - two, one, two, of) if one + two < of else _counts(rng)


def code_of(variant: int) -> Counts:
    return draw(variant, _counts, [code], CODE)


Posterior = tuple[float, float, float, float]
"""Of 00, 01, 10, 11."""

POSTERIOR: Posterior = (0.05, 0.45, 0.35, 0.15)


def pair(posterior: Posterior) -> Posed:
    """07.5: what the decode of a linear code gives to 11 and to 00."""
    none, second, first, both = posterior
    a, b = round(first + both, 4), round(second + both, 4)
    return Posed(
        answer=(a * b, (1 - a) * (1 - b)),
        slips={
            "the posterior itself": (both, none),
            "uniform": (0.25, 0.25),
            "the two means": (a, b),
            "swapped": ((1 - a) * (1 - b), a * b),
        },
        values={
            "none": f"{none:.2f}",
            "second": f"{second:.2f}",
            "first": f"{first:.2f}",
            "both": f"{both:.2f}",
            "means": f"{a:g} and {b:g}",
            "on": rf"{a:g} \times {b:g}",
            "off": rf"{1 - a:g} \times {1 - b:g}",
        },
    )


def _posterior(rng: np.random.Generator) -> Posterior:
    """In which one of the two is on more often than both; its second mean is not one half."""
    while True:
        none, second, first = (int(k) for k in rng.integers(1, 11, 3))
        both = 20 - none - second - first
        if 0 < both < min(second, first) and second + both != 10:
            return none / 20, second / 20, first / 20, both / 20


def posterior_of(variant: int) -> Posterior:
    return draw(variant, _posterior, [pair], POSTERIOR)


class Mixture(NamedTuple):
    """Two codes, and the share of the first."""

    first: tuple[float, float]
    second: tuple[float, float]
    share: Fraction


MIXTURE = Mixture((0.2, 0.8), (0.6, -0.4), Fraction(1, 4))


def mixed(mixture: Mixture) -> Posed:
    """07.7: the code of a mixture."""
    (a, b), (c, d), share = mixture
    s, t = float(share), float(1 - share)

    def code(s: float, t: float) -> tuple[float, float]:
        return s * a + t * c, s * b + t * d

    return Posed(
        answer=code(s, t),
        slips={
            "halves": code(0.5, 0.5),
            "shares swapped": code(t, s),
            "product": (a * c, b * d),
            "sum": (a + c, b + d),
        },
        values={
            "code": f"({a:g}, {b:g})",
            "other": f"({c:g}, {d:g})",
            "share": str(share),
            "rest": str(1 - share),
            "entry": rf"{share} \times {a:g} + {1 - share} \times {c:g}",
        },
    )


def _mixture(rng: np.random.Generator) -> Mixture:
    a, b, c, d = (int(k) / 10 for k in rng.integers(1, 10, 4))
    return Mixture((a, b), (c, -d), one_of(rng, fractions("1/4", "1/5", "2/5", "3/4", "3/5")))


def mixture_of(variant: int) -> Mixture:
    return draw(variant, _mixture, [mixed], MIXTURE)


class Jump(NamedTuple):
    """How high f is at 1, and the probabilities of -1, 0 and 1."""

    height: int
    left: float
    middle: float
    right: float


JUMP = Jump(1, 0.3, 0.5, 0.2)


def read_off(jump: Jump) -> Posed:
    """07.10: what is read off for E[f], and the bound."""
    height = jump.height
    mean = round(jump.right - jump.left, 4)
    slope, at_0 = height / 2, height / 3
    read, bound = slope * mean + at_0, 2 * height / 3

    def part(of: int) -> str:
        return str(Fraction(height, of))

    return Posed(
        answer=(read, bound),
        slips={
            "the true average": (height * jump.right, bound),
            "once for twice": (read, bound / 2),
            "mean over the places": (at_0, bound),
            "constant left out": (slope * mean, bound),
            "sign of the mean": (at_0 - slope * mean, bound),
            "best alpha": (read, height / 2),
            "chances in the least squares": (height * jump.right, _weighted_bound(jump)),
        },
        values={
            "height": str(height),
            "chances": f"{jump.left:g}, {jump.middle:g}, {jump.right:g}",
            "line": f"{_times_z(Fraction(height, 2))} + {part(3)}",
            "slope": part(2),
            "at_0": part(3),
            "mean": f"{mean:g}",
            "read": f"{part(3)} - {-slope * mean:g}",
            "rest": f"{part(6)}, -{part(3)}, {part(6)}",
            "bound": str(Fraction(2 * height, 3)),
            "other": part(4),
            "reached": part(2),
            "true": f"{height * jump.right:g}",
            "sides": f"{jump.right:g} - {jump.left:g}",
        },
    )


def _weighted_bound(jump: Jump) -> float:
    """The bound of the line that is found with the chances as weights."""
    z, f = np.array([-1.0, 0.0, 1.0]), np.array([0.0, 0.0, jump.height])
    slope, at_0 = np.polyfit(z, f, 1, w=np.sqrt([jump.left, jump.middle, jump.right]))
    return float(2 * np.abs(f - slope * z - at_0).max())


def _times_z(slope: Fraction) -> str:
    """A multiple of z as it is written."""
    over = f" / {slope.denominator}" if slope.denominator > 1 else ""
    return f"{slope.numerator} z{over}" if slope.numerator > 1 else f"z{over}"


def _jump(rng: np.random.Generator) -> Jump:
    """z is below 0 in the mean, as the text says."""
    while True:
        left, right = (int(k) for k in rng.integers(1, 7, 2))
        if right < left and left + right < 10:
            height = one_of(rng, (2, 3, 4, 6))
            return Jump(height, left / 10, (10 - left - right) / 10, right / 10)


def jump_of(variant: int) -> Jump:
    return draw(variant, _jump, [read_off], JUMP)
