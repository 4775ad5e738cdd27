"""Other numbers for the questions of notebook 03."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

import numpy as np

from hmlib.binary import sigmoid
from hmlib.check.slips import in_bits, wrong_sign
from hmlib.check.varying import Posed, draw, fractions, logarithm, one_of, row
from hmlib.course.machines import TINY, Tiny, tiny_of
from hmlib.course.nb03.solutions import Q_OF_ONE_CAUSE

HALF = Fraction(1, 2)


class Slopes(NamedTuple):
    """The tiny machine, and f(y_1); f(y_2) is one half."""

    tiny: Tiny
    first: Fraction


PRINTED = Slopes(TINY, Fraction(3, 4))

_SIGNS = {
    (True, True): "Both are below 0: F rises when both causes are guessed a little less often.",
    (False, False): "Both are above 0: F rises when both causes are guessed a little more often.",
    (True, False): "The first is below 0 and the second above: F rises when the first cause is "
    "guessed a little less often, and when the second is guessed a little more often.",
    (False, True): "The first is above 0 and the second below: F rises when the first cause is "
    "guessed a little more often, and when the second is guessed a little less often.",
}


def two_slopes(numbers: Slopes) -> Posed:
    """03.4: dF/dy_1 and dF/dy_2 for u = 1."""
    on, rest = numbers.first, 1 - numbers.first
    p = [one / 4 for one in numbers.tiny.on]
    q = [rest / 2, rest / 2, on / 2, on / 2]
    ratios = [one / other for one, other in zip(p, q, strict=True)]
    v = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=float)
    f = np.array([float(on), 0.5])
    P, Q = np.array(p, dtype=float), np.array(q, dtype=float)

    def pair(values: object) -> tuple[float, float]:
        first, second = np.asarray(values, dtype=float)
        return float(first), float(second)

    weighted = Q * np.log(P / Q)
    answer = pair(weighted @ (v - f))
    below = (answer[0] < 0, answer[1] < 0)
    return Posed(
        answer=answer,
        slips={
            "swapped": answer[::-1],
            "wrong sign": wrong_sign(answer),
            "log2 for ln": in_bits(answer),
            "log Q left out": pair(Q * np.log(P) @ (v - f)),
            "f left out": pair(weighted @ v),
            "slope in the probability": pair(weighted @ (v - f) / (f * (1 - f))),
            "the reversed divergence": pair(P @ v / P.sum() - f),
        },
        values={
            "joint": row(p),
            "table": row(q),
            "first": str(on),
            "logs": ", ".join(map(logarithm, ratios)),
            "errors": f"{-on}, {-on}, {rest}, {rest}",
            "second_guess": str(q[1]),
            "second_error": str(-on),
            "second_log": logarithm(ratios[1]),
            "signs": _SIGNS[below],
        },
    )


def slopes_of(variant: int) -> Slopes:
    """The student's own machine of notebook 02, and another guess."""
    options = fractions("1/4", "1/3", "1/5", "2/3", "2/5", "3/5", "4/5")
    return draw(
        variant,
        lambda rng: Slopes(tiny_of(variant), one_of(rng, options)),
        [two_slopes],
        PRINTED,
        6e-4,
    )


Guesses = tuple[float, ...]

GUESSES: Guesses = Q_OF_ONE_CAUSE


def one_bias(guesses: Guesses) -> Posed:
    """03.5: the bias that the M-phase sets, from what is guessed of a cause."""
    q = np.array(guesses)
    mean = float(q.mean())
    bias = float(np.log(mean / (1 - mean)))
    return Posed(
        answer=bias,
        slips={
            "f not turned around": mean,
            "f applied once more": float(sigmoid(mean)),
            "sum for the mean": float(q.sum()),
            "wrong sign": -bias,
            "mean of the log odds": float(np.log(q / (1 - q)).mean()),
            "logarithm for log odds": float(np.log(mean)),
            "guesses rounded": float(np.log((q > 0.5).mean() / (q <= 0.5).mean())),
            "log2 for ln": in_bits(bias),
        },
        values={
            "guesses": ", ".join(f"{one:g}" for one in guesses),
            "mean": f"{mean:g}",
            "odds": f"{mean:g} / {1 - mean:g}",
        },
    )


def _guesses(rng: np.random.Generator) -> Guesses:
    """Four, below one half in the mean, which has two decimals at most; one or two above it."""
    while True:
        tenths = rng.choice(np.arange(1, 10), 4, replace=False)
        if tenths.sum() in (12, 14, 18) and 1 <= (tenths > 5).sum() <= 2:
            return tuple(float(k) / 10 for k in tenths)


def guesses_of(variant: int) -> Guesses:
    return draw(variant, _guesses, [one_bias], GUESSES)
