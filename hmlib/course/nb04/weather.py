"""A wet lawn beside a wet street, how often each is seen, and a recogniser of both."""

from __future__ import annotations

import numpy as np

from hmlib import exact
from hmlib.binary import Generative, Recognition
from hmlib.course.lawn import wet_lawn

SEEN = exact.states(2)
"""The four things to be seen, (lawn, street): both dry, street wet, lawn wet, both wet."""

SHARES = np.array([0.30, 0.05, 0.10, 0.55])
"""On how many of the days each row of `SEEN` occurs: a rainy place."""


def lawn_and_street() -> Generative:
    """The wet lawn of strength 2, and a street beside it that only rain makes wet."""
    lawn = wet_lawn(2.0)
    return Generative(lawn.g, np.vstack([lawn.G, [4.0, 0.0]]), np.array([lawn.h[0], -2.0]))


def recogniser(W_lawn: float) -> Recognition:
    """A recogniser of `lawn_and_street`: causes (rain, sprinkler), inputs (lawn, street).

    Args:
        W_lawn: weight from the lawn to rain; the guess about rain ignores the street.
    """
    return Recognition(np.array([-3.0, -3.0]), np.array([[W_lawn, 0.0], [2.0, -2.0]]))
