"""Answers to the questions of notebook 00, right and wrong, as students type them."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
from labelled import Labelled
from lettered import letters


def by_loop(x):
    flat = [1 / (1 + math.exp(-t)) for t in np.ravel(x)]
    return np.reshape(flat, np.shape(x)).tolist()


def wet_by_hand() -> float:
    f1 = 1 / (1 + math.e)
    dry_causes, one, two = (1 - f1) ** 2, 2 * f1 * (1 - f1), f1**2
    return dry_causes / (1 + math.e**2) + one / 2 + two * math.e**2 / (1 + math.e**2)


WET = wet_by_hand()

ANSWERS = [
    *letters("00.1", "D"),
    *letters("00.3", "A"),
    Labelled("00.2", "tanh of half", lambda x: (1 + np.tanh(x / 2)) / 2, True),
    Labelled("00.2", "exp over sum", lambda x: np.exp(x) / (1 + np.exp(x)), True),
    Labelled("00.2", "a loop, as lists", by_loop, True),
    Labelled("00.2", "one minus", lambda x: 1 - 1 / (1 + np.exp(x)), True),
    Labelled("00.2", "two branches", lambda x: np.where(
        x > 0, 1 / (1 + np.exp(-x)), np.exp(x) / (1 + np.exp(x))), True),
    Labelled("00.2", "a constant", lambda x: 0.5 * np.ones_like(x), False),
    Labelled("00.2", "a copy", lambda x: x, False),
    Labelled("00.2", "a step", lambda x: (x > 0).astype(float), False),
    Labelled("00.2", "a ramp", lambda x: np.clip(0.5 + x / 4, 0, 1), False),
    Labelled("00.2", "arctan", lambda x: 0.5 + np.arctan(x) / np.pi, False),
    Labelled("00.2", "clipped", lambda x: np.clip(1 / (1 + np.exp(-x)), 0.1, 0.9), False),
    Labelled("00.2", "a loop of numpy's", np.vectorize(lambda t: 1 / (1 + math.exp(-t))), True),
    Labelled("00.2", "written over x", lambda x: np.divide(1, 1 + np.exp(-x), out=x), True),
    Labelled("00.2", "powers of 2", lambda x: 1 / (1 + 2.0**-x), False),
    Labelled("00.2", "three decimals", lambda x: np.round(1 / (1 + np.exp(-x)), 3), False),
    Labelled("00.4", "per cent", 100 * WET, False),
    Labelled("00.4", "10 to the power of L", 10 ** math.log(WET), False),
    Labelled("00.4", "a share of 1000 dreams", 0.33, False),
    Labelled("00.4", "a float", WET, True),
    Labelled("00.4", "three decimals", round(WET, 3), True),
    Labelled("00.4", "a Fraction", Fraction(round(WET, 6)), True),
    Labelled("00.4", "one number in an array", np.array([WET]), True),
    Labelled("00.4", "float32", np.float32(WET), True),
    Labelled("00.4", "a constant", 0.5, False),
    Labelled("00.4", "one decimal", round(WET, 1), False),
    Labelled("00.4", "the machine of strength 2", 0.1329, False),
    Labelled("00.4", "the logarithm", math.log(WET), False),
]  # fmt: skip
