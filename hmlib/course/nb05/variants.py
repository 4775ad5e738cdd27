"""Other numbers for the questions of notebook 05."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from hmlib.check.slips import wrong_sign
from hmlib.check.varying import Posed, draw, one_of
from hmlib.course.nb05.solutions import RATE, SLEEP_UPDATE, SLOPE_OF_F

Pair = tuple[float, float]


class Step(NamedTuple):
    """One step of sleep."""

    slope: Pair
    update: Pair
    rate: float


PRINTED = Step(SLOPE_OF_F, SLEEP_UPDATE, RATE)


def changes(step: Step) -> Posed:
    """05.5: the change of F and that of the dreamt F-tilde."""
    (s, t), (a, b), rate = step
    terms = rate * s * a, rate * t * b
    of_F, of_dreamt = sum(terms), rate * (a**2 + b**2)
    return Posed(
        answer=(of_F, of_dreamt),
        slips={
            "swapped": (of_dreamt, of_F),
            "wrong sign": wrong_sign((of_F, of_dreamt)),
            "rate forgotten": (of_F / rate, of_dreamt / rate),
            "sign of F wrong": (-of_F, of_dreamt),
            "F climbed": (rate * (s**2 + t**2), of_dreamt),
            "one function for both": (of_F, of_F),
            "rate squared": (of_F * rate, of_dreamt * rate),
            "slopes added up": (rate * (s + t), rate * (a + b)),
        },
        values={
            "slope": f"({s:.2f}, {t:.2f})",
            "update": f"({a:.2f}, {b:.2f})",
            "rate": f"{rate:g}",
            "first": f"{s:.2f} times {rate * a:g}",
            "second": f"{t:.2f} times {rate * b:g}",
            "terms": f"{terms[0]:g} minus {-terms[1]:g}",
        },
    )


def _step(rng: np.random.Generator) -> Step:
    """One in which F goes down: the slopes disagree about the second weight, which moves most."""
    while True:
        s, t = one_of(rng, (0.1, 0.2, 0.3, 0.4)), -one_of(rng, (0.1, 0.2, 0.3, 0.4))
        a, b = one_of(rng, (0.05, 0.1, 0.15, 0.2)), one_of(rng, (0.3, 0.4, 0.5, 0.6))
        if -t * b > 1.2 * s * a:
            return Step((s, t), (a, b), one_of(rng, (0.1, 0.2, 0.4)))


def step_of(variant: int) -> Step:
    return draw(variant, _step, [changes], PRINTED, 6e-5)
