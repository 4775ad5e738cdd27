"""Machines of two causes: a lawn that a sprinkler may miss, and one that draws stripes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hmlib.binary import Generative
from hmlib.course.lawn import wet_lawn

Array = NDArray[np.float64]

WIRINGS = {
    "two columns": ([1, 0, 0] * 3, [0, 1, 0] * 3),
    "a column and a row": ([1, 0, 0] * 3, [1, 1, 1] + [0] * 6),
}
"""Which of the 3 x 3 pixels each of two causes switches on."""


def lawn_within_reach(s: float, reach: float) -> Generative:
    """The wet lawn, with a sprinkler of weight 2 s reach: below 0 it dries, as the sun does."""
    gen = wet_lawn(s)
    return Generative(gen.g, gen.G * [1.0, reach], gen.h)


def stripe_machine(s: float, g: float, wiring: str) -> Generative:
    """Two causes that draw on 3 x 3 pixels.

    A pixel that is reached by a cause that is on has total input s, or more if both reach it;
    every other pixel has -s.

    Args:
        s: strength; 0 makes every pixel a fair coin.
        g: bias of both causes.
        wiring: one of `WIRINGS`.
    """
    pixels = np.array(WIRINGS[wiring], dtype=np.float64)
    return Generative(g=np.array([g, g]), G=2 * s * pixels.T, h=np.full(9, -s))
