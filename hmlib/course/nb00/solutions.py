"""Answers to the questions of notebook 00, "Start here"."""

from __future__ import annotations

from typing import Any

import numpy as np

from hmlib.binary import Array

F1 = 1 / (1 + np.exp(1.0))
"""f(-1), the probability of either cause at strength 1."""


def logistic(x: Array | float) -> Array | float:
    """f(x) = 1 / (1 + exp(-x))."""
    return 1 / (1 + np.exp(-x))


# neither, one of two, both: P[v] times f(-2), f(0), f(2)
P_WET = (1 - F1) ** 2 * logistic(-2.0) + 2 * F1 * (1 - F1) * 0.5 + F1**2 * logistic(2.0)

ANSWERS: dict[str, Any] = {"00.1": "D", "00.2": logistic, "00.3": "A", "00.4": float(P_WET)}
