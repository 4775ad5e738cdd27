"""Other numbers for the questions of notebook 09."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from hmlib.check.varying import Posed, draw, one_of


class Pictures(NamedTuple):
    """How often picture A comes: in the data, and in the dreams. The rest is B."""

    data: float
    dreams: float


PRINTED = Pictures(0.6, 0.75)


def weights(pictures: Pictures) -> Posed:
    """09.9: M c for a dream of A and for a dream of B."""
    data = pictures.data, round(1 - pictures.data, 4)
    dreams = pictures.dreams, round(1 - pictures.dreams, 4)
    gap = data[0] - dreams[0], data[1] - dreams[1]
    answer = gap[0] / dreams[0], gap[1] / dreams[1]
    a, b = (f"{p:g} - {q:g}" for p, q in zip(data, dreams, strict=True))
    return Posed(
        answer=answer,
        slips={
            "ratio": (data[0] / dreams[0], data[1] / dreams[1]),
            "gap": gap,
            "divided by the data": (gap[0] / data[0], gap[1] / data[1]),
            "of the other picture": answer[::-1],
            "turned round": (-answer[0], -answer[1]),
        },
        values={
            "data_a": f"{data[0]:g}",
            "data_b": f"{data[1]:g}",
            "dreams_a": f"{dreams[0]:g}",
            "dreams_b": f"{dreams[1]:g}",
            "gap_a": a,
            "gap_b": b,
        },
    )


def _pictures(rng: np.random.Generator) -> Pictures:
    """A is dreamt too often."""
    while True:
        found = Pictures(
            one_of(rng, (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)),
            one_of(rng, (0.4, 0.5, 0.6, 0.75, 0.8)),
        )
        if found.dreams > found.data:
            return found


def pictures_of(variant: int) -> Pictures:
    return draw(variant, _pictures, [weights], PRINTED)
