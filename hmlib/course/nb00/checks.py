"""Questions of notebook 00, "Start here"."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from hmlib.check.function import Function
from hmlib.check.kinds import Choice, Number
from hmlib.check.varying import varied
from hmlib.course.nb00 import variants
from hmlib.course.nb00.solutions import ANSWERS


def _numbers(rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    """Arrays of different shapes: {"x": ...}."""
    for shape in ((5,), (3, 4), (2, 1)):
        yield {"x": rng.normal(scale=2.0, size=shape)}


QUESTIONS = (
    Choice(id="00.1", answer=ANSWERS["00.1"]),
    Function(
        id="00.2",
        answer=ANSWERS["00.2"],
        cases=_numbers,
        slips={
            "sign of x": lambda x: 1 / (1 + np.exp(x)),
            "one added outside": lambda x: 1 / 1 + np.exp(-x),
            "not divided by the sum": lambda x: np.exp(x),
            "log of it": lambda x: -np.log1p(np.exp(-x)),
            "other curve": lambda x: np.tanh(x),
        },
    ),
    Choice(id="00.3", answer=ANSWERS["00.3"]),
    Number(
        id="00.4",
        answer=ANSWERS["00.4"],
        unit="",
        **varied(variants.read_off, variants.STRENGTH, variants.strength_of),
    ),
)
