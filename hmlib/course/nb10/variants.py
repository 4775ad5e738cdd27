"""Other numbers for the questions of notebook 10."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from hmlib.check.varying import Posed, draw, in_words, one_of


class Places(NamedTuple):
    """Where the two dreams are."""

    near: int
    far: int


PLACES = Places(1, 3)


def constant(places: Places) -> Posed:
    """10.1: the code of the constant at 0, 1 and 5."""
    near, far = places
    a = Fraction(near + far, near**2 + far**2)

    def code(a: float | Fraction) -> tuple[float, float, float]:
        return 0.0, float(a), float(5 * a)

    mean = Fraction(near + far, 2)
    alone = Fraction(1, near), Fraction(1, far)
    return Posed(
        answer=code(a),
        slips={
            "as it should be": (1.0, 1.0, 1.0),
            "through the mean": code(1 / mean),
            "sum for mean": code(2 * a),
            "turned over": code(1 / a),
            "each dream alone": code(sum(alone, Fraction(0)) / 2),
        },
        values={
            "near": str(near),
            "far": str(far),
            "slope": f"{_side(near)} + {_side(far)}",
            "sums": f"{near + far} / {near**2 + far**2}",
            "weight": f"{a.numerator} / {a.denominator}",
            "at_5": f"{float(5 * a):.3g}",
            "alone_near": str(alone[0]),
            "alone_far": str(alone[1]),
        },
    )


def _side(x: int) -> str:
    """2 x (x a - 1), one dream's part of the slope."""
    return f"{2 * x} ({x if x > 1 else ''}{' ' if x > 1 else ''}a - 1)"


def _places(rng: np.random.Generator) -> Places:
    near = one_of(rng, (1, 2, 3))
    return Places(near, near + one_of(rng, (1, 2, 3, 4)))


def places_of(variant: int) -> Places:
    return draw(variant, _places, [constant], PLACES)


class Tries(NamedTuple):
    """How many data sets, and the level of the test on each."""

    many: int
    level: float


TRIES = Tries(25, 0.01)

_IN_WORDS = {
    10: "Ten",
    15: "Fifteen",
    20: "Twenty",
    25: "Twenty-five",
    30: "Thirty",
    40: "Forty",
    50: "Fifty",
}


def any_false(tries: Tries) -> Posed:
    """10.6: the probability that at least one test speaks."""
    many, level = tries
    silent = 1 - level
    answer = 1 - silent**many
    return Posed(
        answer=answer,
        slips={
            "added up": many * level,
            "a single test": level,
            "none of them": silent**many,
            "exactly one": many * level * silent ** (many - 1),
        },
        values={
            "title": _IN_WORDS[many],
            "many": str(many),
            "level": f"{level:g}",
            "silent": f"{silent:g}",
            "power": f"{silent:g}^{{{many}}}",
            "share": "more than one in five" if tries == TRIES else f"about {answer:.2f}",
        },
    )


def _tries(rng: np.random.Generator) -> Tries:
    return Tries(one_of(rng, tuple(_IN_WORDS)), one_of(rng, (0.01, 0.02, 0.05)))


def tries_of(variant: int) -> Tries:
    return draw(variant, _tries, [any_false], TRIES, 3e-3)


class Report(NamedTuple):
    """A's MMD^2, three parts of the difference, and by how much the statistic falls short of 3."""

    closer: float
    part: float
    short: int


REPORT = Report(0.0010, 0.0001, 4)


def difference(report: Report) -> Posed:
    """10.7: the statistic, and how many times as many points bring it to -3."""
    closer, part, short = report
    gap, error = 3 * part, short * part
    statistic, more = -3 / short, float(short**2)
    p = 0.5 * math.erfc(-statistic / math.sqrt(2))
    return Posed(
        answer=(statistic, more),
        slips={
            "turned round": (-statistic, more),
            "error like 1/n": (statistic, float(short)),
            "the p-value": (round(p, 4), more),
            "squared twice": (statistic, more**2),
        },
        values={
            "closer": f"{closer:.4f}",
            "farther": f"{closer + gap:.4f}",
            "error": f"{error:.4f}",
            "gap": f"-{gap:.4f}",
            "short": in_words(short),
            "p": f"{p:.2f}".removeprefix("0"),
            "more": "sixteen" if short == 4 else in_words(short**2),
        },
    )


def _report(rng: np.random.Generator) -> Report:
    return Report(
        one_of(rng, (0.0008, 0.0011, 0.0012, 0.0015, 0.0020)),
        one_of(rng, (0.0001, 0.0002)),
        one_of(rng, (2, 3, 5, 6)),
    )


def report_of(variant: int) -> Report:
    return draw(variant, _report, [difference], REPORT)
